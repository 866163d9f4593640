"""make bench-pytorch PART=chains: 64 samples by `ddpm sample` and by diffusers' pipeline, from one run.

Each side draws them once: a chain of 1,000 steps is long enough to be its own mean. Ours is the whole
command, with its start and the picture; diffusers' is the call of the pipeline alone.
"""
import json
import subprocess
import sys
import tempfile
import time
from importlib import util

from pytorch_compare import environment, say
from pytorch_machine import threads

COUNT = 64
HEAD = "whole chains", "ours, seconds", "diffusers' pipeline", "ours is times as fast"


def ddpm_command(*command):
    """Runs a command of ours, which tells its progress on standard error."""
    subprocess.run([*command, "--threads", str(threads())], check=True, stdout=sys.stderr,
                   env=environment({}))


def make_run(ddpm, folder, T):
    """Trains `tiny` for one step: a chain takes as long whatever the weights."""
    ddpm_command(ddpm, "train", "--data", "digits", "--preset", "tiny", "--steps", "1", "--T", str(T),
                 "--sample-every", "0", "--out", folder)


def ours(ddpm, run, folder):
    begin = time.perf_counter()
    ddpm_command(ddpm, "sample", "--run", run, "--count", str(COUNT), "--batch", str(COUNT),
                 "--out", folder + "/samples.png")
    return time.perf_counter() - begin


def theirs(run, T):
    """Runs this file as a process of its own, which loads diffusers."""
    printed = subprocess.run([sys.executable, "-B", __file__, run, str(T)], check=True, text=True,
                             stdout=subprocess.PIPE, env=environment({})).stdout
    return json.loads(printed.splitlines()[-1])


def measure(ddpm, T):
    """Returns the rows of the table."""
    if not util.find_spec("diffusers"):
        sys.exit("bench-pytorch: whole chains are compared with diffusers, which is missing: install it")
    with tempfile.TemporaryDirectory() as folder:
        run = folder + "/run"
        make_run(ddpm, run, T)
        say(f"{COUNT} samples, T = {T}: ours")
        our_seconds = ours(ddpm, run, folder)
        say(f"{our_seconds:.0f} s; diffusers")
        their_seconds = theirs(run, T)
        say(f"{their_seconds:.0f} s")
    return [f"| tiny, {COUNT} samples, T = {T:,} | {our_seconds:.0f} s | {their_seconds:.0f} s "
            f"| {their_seconds / our_seconds:.2f} |"]


def sample(run, T):
    """Prints the seconds of the pipeline's call, after a short one that is not counted."""
    import torch
    from diffusers import DDPMPipeline
    torch.set_num_threads(threads())
    pipeline = DDPMPipeline.from_pretrained(run)
    pipeline.set_progress_bar_config(disable=True)
    pipeline(batch_size=COUNT, num_inference_steps=2)
    begin = time.perf_counter()
    pipeline(batch_size=COUNT, num_inference_steps=T)
    print(time.perf_counter() - begin)


if __name__ == "__main__":
    sample(sys.argv[1], int(sys.argv[2]))
