"""The other side of make bench-pytorch: a process with one engine (pytorch_engines.py), which waits asleep
for an order on its standard input and answers with a number, as worker.cpp does for ours:

    train N    seconds of a training step, the mean of N
    forward N  seconds of a forward pass, the mean of N
    memory     bytes, the most that this process has had in RAM

Started with {"engine": name, "config": what `bench worker` says of itself} as its argument.
"""
import contextlib
import json
import resource
import sys
import time

import torch
from torch.nn import functional as F

from pytorch_engines import ENGINES
from pytorch_unet import Unet, parameter_count

T = 1000


def peak_resident_bytes():
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


class Training:
    """The training step of tests/bench/network.cpp: draw, forward, backward, clip, Adam, average."""

    def __init__(self, network, engine, batch, image):
        self.engine, self.batch = engine, batch
        network.train()
        alpha_bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, T, dtype=torch.float64), 0)
        self.signal, self.noise = alpha_bar.sqrt().float(), (1 - alpha_bar).sqrt().float()
        self.images = torch.randint(0, 256, (2048, *image), dtype=torch.uint8)
        self.parameters = list(network.parameters())
        self.average = [p.detach().clone() for p in self.parameters]
        self.optimiser = torch.optim.Adam(self.parameters, lr=2e-4, fused=engine.tuned or None)

    def loss(self):
        chosen = torch.randperm(len(self.images))[:self.batch]
        x_0 = self.images[chosen].float() / 127.5 - 1
        t = torch.randint(0, T, (self.batch,))
        eps = torch.randn_like(x_0)
        x_t = self.signal[t][:, None, None, None] * x_0 + self.noise[t][:, None, None, None] * eps
        return F.mse_loss(self.engine.apply(x_t, t.float()), eps)

    def step(self):
        loss = self.loss()
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 1.0, foreach=self.engine.tuned or None)
        self.optimiser.step()
        with torch.no_grad():
            self.update_average(0.9999)
        return loss.item()

    def update_average(self, decay):
        if self.engine.tuned:
            torch._foreach_lerp_(self.average, self.parameters, 1 - decay)
            return
        for average, p in zip(self.average, self.parameters):
            average.mul_(decay).add_(p, alpha=1 - decay)


class Run:
    """A network in one engine, with what an order needs from the first time on."""

    def __init__(self, engine, config):
        self.name, self.batch = engine, config["batch"]
        self.image = (config["image_channels"], config["image_size"], config["image_size"])
        self.network = Unet(config)
        self.engine = self.training = None

    def make_engine(self):
        return ENGINES[self.name](self.network, torch.zeros(self.batch, *self.image), torch.zeros(self.batch))

    def train(self):
        if not self.training:
            self.training = Training(self.network, self.make_engine(), self.batch, self.image)
        self.training.step()

    def forward(self):
        if not self.engine:
            self.network.eval()
            self.engine = self.make_engine()
        self.engine.predict(torch.zeros(self.batch, *self.image), torch.full((self.batch,), 499.0))


def mean_seconds(step, count):
    begin = time.perf_counter()
    for _ in range(count):
        step()
    return (time.perf_counter() - begin) / count


def answer(run, order, count="1"):
    return peak_resident_bytes() if order == "memory" else mean_seconds(getattr(run, order), int(count))


def work(engine, config):
    answers = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):  # exporters print
        torch.set_num_threads(config["threads"])
        run = Run(engine, config)
        print(json.dumps({"parameters": parameter_count(run.network)}), file=answers, flush=True)
        for order in sys.stdin:
            print(answer(run, *order.split()), file=answers, flush=True)


if __name__ == "__main__":
    work(**json.loads(sys.argv[1]))
