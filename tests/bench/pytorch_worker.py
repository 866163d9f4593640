"""PyTorch's side of make bench-pytorch: the same training step and forward pass
as tests/bench/network.cpp, answered to the same orders as worker.cpp.

    train    seconds of one training step
    forward  seconds of one forward pass
    memory   bytes, the most that this process has had in RAM
"""
import json
import resource
import sys
import time

import torch
from torch.nn import functional as F

from pytorch_unet import Unet, parameter_count

T = 1000


def peak_resident_bytes():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def blas_name():
    """Which library computes PyTorch's matrix products in float, as far as it can be seen."""
    if torch.backends.mkl.is_available():
        return "MKL"
    try:
        with open("/proc/self/maps") as maps:
            files = {line.split()[-1].lower() for line in maps}
    except OSError:
        return "an unknown BLAS"
    for name in ("openblas", "blis", "atlas", "libblas"):
        if any(name in file for file in files):
            return "Netlib's reference BLAS" if name == "libblas" else name
    return "an unknown BLAS"


class Run:
    """A network in one memory format, with what its training needs from the first step on."""

    def __init__(self, config, memory_format=torch.contiguous_format, foreach=False):
        self.batch, self.memory_format, self.foreach = config["batch"], memory_format, foreach
        self.image = (config["image_channels"], config["image_size"], config["image_size"])
        self.network = Unet(config).to(memory_format=memory_format)
        self.optimiser = None

    def prepare_training(self):
        beta = torch.linspace(1e-4, 0.02, T, dtype=torch.float64)
        alpha_bar = torch.cumprod(1 - beta, 0)
        self.signal, self.noise = alpha_bar.sqrt().float(), (1 - alpha_bar).sqrt().float()
        self.images = torch.randint(0, 256, (2048, *self.image), dtype=torch.uint8)
        self.parameters = list(self.network.parameters())
        self.average = [p.detach().clone() for p in self.parameters]
        options = {"foreach": True} if self.foreach else {}
        self.optimiser = torch.optim.Adam(self.parameters, lr=2e-4, **options)

    def loss(self):
        chosen = torch.randperm(len(self.images))[:self.batch]
        x_0 = (self.images[chosen].float() / 127.5 - 1).contiguous(memory_format=self.memory_format)
        t = torch.randint(0, T, (self.batch,))
        eps = torch.randn_like(x_0)
        x_t = self.signal[t][:, None, None, None] * x_0 + self.noise[t][:, None, None, None] * eps
        return F.mse_loss(self.network(x_t, t.float()), eps)

    def train(self):
        if not self.optimiser:
            self.prepare_training()
        self.network.train()
        loss = self.loss()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        with torch.no_grad():
            self.update_average(0.9999)
        return loss.item()

    def update_average(self, decay):
        if self.foreach:
            torch._foreach_mul_(self.average, decay)
            torch._foreach_add_(self.average, self.parameters, alpha=1 - decay)
            return
        for average, p in zip(self.average, self.parameters):
            average.mul_(decay).add_(p, alpha=1 - decay)

    def forward(self):
        self.network.eval()
        x = torch.zeros(self.batch, *self.image).contiguous(memory_format=self.memory_format)
        with torch.no_grad():
            return self.network(x, torch.full((self.batch,), 499.0))


def seconds_of(step):
    begin = time.perf_counter()
    step()
    return time.perf_counter() - begin


def work(config, memory_format, foreach):
    imported = peak_resident_bytes()
    torch.set_num_threads(config["threads"])
    run = Run(config, getattr(torch, memory_format), foreach)
    print(json.dumps({"parameters": parameter_count(run.network), "imported": imported,
                      "version": torch.__version__, "blas": blas_name()}), flush=True)
    steps = {"train": run.train, "forward": run.forward}
    for order in sys.stdin:
        order = order.strip()
        print(peak_resident_bytes() if order == "memory" else seconds_of(steps[order]), flush=True)
