"""Holds every engine of make bench-pytorch against our network: the outputs for the same weights and inputs.

    python3 tests/bench/pytorch_check.py build/ddpm ENGINE...

Exit status: 1 if a difference is greater than TOLERANCE times the largest output.
"""
import contextlib
import subprocess
import sys
import tempfile

import torch

from pytorch_engines import ENGINES
from pytorch_unet import Unet, read_config, read_npy, read_weights

GOLDEN = "tests/golden/nested"
TIMES = 1, 500, 1000
TOLERANCE = 1e-5  # some 80 times float's precision: sums of some hundred products in other orders


def ours(ddpm):
    """Returns what build/ddpm predicts, for every t."""
    outputs = {}
    with tempfile.TemporaryDirectory() as folder:
        for t in TIMES:
            path = f"{folder}/{t}.npy"
            subprocess.run([ddpm, "predict", "--run", GOLDEN, "--input", GOLDEN + "/input.npy", "--t", str(t),
                            "--output", path], check=True, stdout=subprocess.DEVNULL)
            outputs[t] = read_npy(path)
    return outputs


def difference(engine, right):
    """Returns the greatest difference, over the largest output."""
    network = Unet(read_config(GOLDEN)).eval()
    network.load_state_dict(read_weights(GOLDEN))
    x = read_npy(GOLDEN + "/input.npy")
    with contextlib.redirect_stdout(sys.stderr):
        made = ENGINES[engine](network, x, torch.zeros(len(x)))
    worst = 0
    for t, eps in right.items():
        theirs = made.predict(x, torch.full((len(x),), t - 1.0))
        worst = max(worst, ((theirs - eps).abs().max() / eps.abs().max()).item())
    return worst


def main(ddpm, *engines):
    right = ours(ddpm)
    worst = {engine: difference(engine, right) for engine in engines}
    print(f"outputs for {GOLDEN}, greatest difference from ours over the largest: " +
          ", ".join(f"{engine} {d:.1e}" for engine, d in worst.items()), file=sys.stderr)
    wrong = [engine for engine, d in worst.items() if not d < TOLERANCE]
    if wrong:
        sys.exit(f"bench-pytorch: the outputs of {', '.join(wrong)} differ: these are not the same network")


if __name__ == "__main__":
    main(*sys.argv[1:])
