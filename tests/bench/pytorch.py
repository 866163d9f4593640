"""make bench-pytorch: this project and PyTorch, the same network, batch, training
step and threads, in turns, so that both see the same machine.

    python3 tests/bench/pytorch.py build/bench build/ddpm [--quick] [--rounds N] [--only NAME]

Each side is a process that waits asleep for an order on its standard input,
takes one step and answers with its seconds (worker.cpp, pytorch_worker.py).
PyTorch runs twice: as it comes, and tuned. First its U-Net is held against ours:
parameters, and the outputs of a small network with known weights.
Standard error shows each measurement; standard output is a table in Markdown,
which `make numbers` copies into kernels/README.md.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import NamedTuple

NETWORKS = {  # name: options of `bench worker`, rounds
    "tiny": (["--preset", "tiny", "--batch", "64"], 9),
    "tiny with 64 channels": (["--preset", "tiny", "--channels", "64", "--batch", "64"], 5),
    "cifar10": (["--preset", "cifar10", "--batch", "8"], 5),
}
HEAD = ("| network, batch | training, PyTorch as it comes | training, tuned | forward, tuned "
        "| memory of training, ours and tuned |", "|---|---|---|---|---|")
GOLDEN = "tests/golden/nested"
FEWEST, LONGEST = 3, 15  # rounds, and seconds after which there are no more of them
PAUSE = 0.05  # seconds: threads that have just finished spin a little before they sleep


class Kind(NamedTuple):
    """How a worker runs. PyTorch's memory format, updates of all parameters at once, variables."""
    name: str
    memory_format: str = ""
    foreach: bool = False
    variables: dict = {}
    without: tuple = ()


OURS = Kind("ours", variables={"GOMP_SPINCOUNT": "1000"})  # as build/ddpm sets it for itself
AS_IT_COMES = Kind("as it comes", "contiguous_format")
# Threads stay where they are, OpenBLAS chooses its kernels itself, and the C library keeps freed
# memory (glibc's malloc would return it, and the system clear it again). Tracing, with or without
# freezing and optimize_for_inference, and vectors of 512 bits made PyTorch 1.13 slower.
TUNED = Kind("tuned", "contiguous_format", True,
             {"OMP_PROC_BIND": "true", "MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": str(2**31 - 1)},
             ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"))
CHANNELS_LAST = {"memory_format": "channels_last"}
SHORT_SPIN = {"variables": {**TUNED.variables, **OURS.variables}}


def say(line):
    print(line, file=sys.stderr, flush=True)


def environment(kind):
    without = {"GOMP_SPINCOUNT", *kind.without}
    return {**{name: value for name, value in os.environ.items() if name not in without}, **kind.variables}


class Worker:
    def __init__(self, command, kind):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment(kind))
        self.about = json.loads(self.line())

    def line(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench-pytorch: a worker ended too early: " + " ".join(self.process.args))
        return line

    def ask(self, order):
        time.sleep(PAUSE)
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return float(self.line())

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def pytorch(kind, about):
    settings = json.dumps({"config": about, "memory_format": kind.memory_format, "foreach": kind.foreach})
    return Worker([sys.executable, "-B", __file__, "--worker", settings], kind)


def trial(kind, about, order):
    """Seconds of the second step."""
    worker = pytorch(kind, about)
    worker.ask(order)
    seconds = worker.ask(order)
    worker.end()
    return seconds


def tune(about, order):
    """TUNED with the memory format, then the way of waiting, that are faster."""
    best, seconds = TUNED, trial(TUNED, about, order)
    for change in (CHANNELS_LAST, SHORT_SPIN):
        kind = best._replace(**change)
        s = trial(kind, about, order)
        if s < seconds:
            best, seconds = kind, s
    return best


def alternate(workers, order, rounds):
    """Seconds of every worker in every round, after one round that is not counted."""
    for worker in workers.values():
        worker.ask(order)
    seconds = {kind: [] for kind in workers}
    begin = time.monotonic()
    for done in range(rounds):
        if done >= FEWEST and time.monotonic() - begin > LONGEST:
            break
        for kind, worker in workers.items():
            seconds[kind].append(worker.ask(order))
    return seconds


def say_results(order, batch, seconds, memory):
    for kind, times in seconds.items():
        line = f"  {order:<9}{kind:<12}{batch / statistics.median(times):8.1f} images/s, {memory[kind] / 1e6:5.0f} MB"
        if kind != OURS.name:
            line += f"; ours is {gain(seconds, kind)} times as fast"
        say(line)


def gain(seconds, kind):
    """How many times as fast as that worker ours is: the median, and the range of the rounds."""
    ratios = [t / ours for t, ours in zip(seconds[kind], seconds[OURS.name])]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.1f} to {max(ratios):.1f})"


def compare(order, rounds, start_ours):
    """Measures one order on fresh workers, so that each one's peak memory is the order's.
    Returns seconds and memory of every worker."""
    ours = start_ours()
    tuned = tune(ours.about, order)
    say(f"  {order}: tuned is {tuned.memory_format.replace('_', ' ')}, "
        f"{'short' if 'GOMP_SPINCOUNT' in tuned.variables else 'usual'} spinning")
    workers = {kind.name: pytorch(kind, ours.about) for kind in (AS_IT_COMES, tuned)}
    if any(worker.about["parameters"] != ours.about["parameters"] for worker in workers.values()):
        sys.exit("bench-pytorch: the numbers of parameters differ: these are not the same network")
    workers = {OURS.name: ours, **workers}
    seconds = alternate(workers, order, rounds)
    memory = {kind: worker.ask("memory") for kind, worker in workers.items()}
    say_results(order, ours.about["batch"], seconds, memory)
    for worker in workers.values():
        worker.end()
    return seconds, memory


def table_row(name, batch, train, memory, forward):
    return (f"| {name}, {batch} | {gain(train, AS_IT_COMES.name)} | {gain(train, TUNED.name)} "
            f"| {gain(forward, TUNED.name)} "
            f"| {memory[OURS.name] / 1e6:,.0f} and {memory[TUNED.name] / 1e6:,.0f} MB |")


def check_outputs(ddpm):
    """Runs in a process of its own, which may load PyTorch."""
    import torch
    from pytorch_unet import Unet, read_config, read_npy, read_weights
    network = Unet(read_config(GOLDEN)).eval()
    network.load_state_dict(read_weights(GOLDEN))
    x = read_npy(GOLDEN + "/input.npy")
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        for t in (1, 500, 1000):
            path = folder + "/epsilon.npy"
            subprocess.run([ddpm, "predict", "--run", GOLDEN, "--input", GOLDEN + "/input.npy", "--t", str(t),
                            "--output", path], check=True, stdout=subprocess.DEVNULL, env=environment(OURS))
            with torch.no_grad():
                theirs = network(x, torch.full((len(x),), t - 1.0))
            worst = max(worst, (theirs - read_npy(path)).abs().max().item())
    say(f"outputs for {GOLDEN}, t = 1, 500, 1000: greatest difference {worst:.1e}")
    if not worst < 1e-5:
        sys.exit("bench-pytorch: the outputs differ: these are not the same network")


def introduce(bench):
    """Returns PyTorch's version and the library of its matrix products."""
    if os.getloadavg()[0] > 0.5:
        say(f"load {os.getloadavg()[0]:.1f}: the machine is busy, from which threads that spin suffer most, "
            "PyTorch's; wait for a quiet one")
    ours = Worker([bench, "worker"], OURS)
    theirs = pytorch(AS_IT_COMES, ours.about)
    version = f"PyTorch {theirs.about['version']}, its matrix products by {theirs.about['blas']}"
    say(f"{version}; {theirs.about['imported'] / 1e6:.0f} MB after import alone")
    if "Netlib" in theirs.about["blas"]:
        say("  (a slow one: with libopenblas0 its dense layers and attention would be faster)")
    say(f"parameters of tiny: ours {ours.about['parameters']:,}, PyTorch's {theirs.about['parameters']:,}")
    ours.end()
    theirs.end()
    return version


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench")
    parser.add_argument("ddpm")
    parser.add_argument("--quick", action="store_true", help="tiny alone, fewest rounds")
    parser.add_argument("--rounds", type=int, help="of every network")
    parser.add_argument("--only", choices=NETWORKS, help="one network")
    options = parser.parse_args()
    version = introduce(options.bench)
    subprocess.run([sys.executable, "-B", __file__, "--check", options.ddpm], check=True)
    only = options.only or ("tiny" if options.quick else None)
    table = list(HEAD)
    for name, (network, rounds) in NETWORKS.items():
        if only not in (None, name):
            continue
        def start_ours(): return Worker([options.bench, "worker"] + network, OURS)
        rounds = options.rounds or (FEWEST if options.quick else rounds)
        say(f"\n{name}, {' '.join(network)}, {rounds} rounds")
        train, memory = compare("train", rounds, start_ours)
        forward, _ = compare("forward", rounds, start_ours)
        table.append(table_row(name, network[-1], train, memory, forward))
    print("\n".join(table) + f"\n\n{version}.")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--worker"]:
        from pytorch_worker import work
        work(**json.loads(sys.argv[2]))
    elif sys.argv[1:2] == ["--check"]:
        check_outputs(sys.argv[2])
    else:
        main()
