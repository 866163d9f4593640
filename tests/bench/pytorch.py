"""make bench-pytorch: this project and what people have today for the same network, batch, step and threads.

    python3 tests/bench/pytorch.py BUILD [--part chains] [--quick] [--rounds N] [--only TEXT]

BUILD is the folder of our programs: bench, ddpm, and avx2/bench for a machine with AVX-512.
First every engine's outputs are held against ours (pytorch_check.py). Then training and the forward pass are
measured in turns (pytorch_compare.py), or whole chains (pytorch_chains.py).
Standard error shows each measurement; standard output is tables in Markdown, which `make numbers` copies
into kernels/README.md.
"""
import argparse
import os
import subprocess
import sys
import time
from importlib import metadata, util

import pytorch_chains
import pytorch_machine as machine
from pytorch_compare import OURS, Case, compare, say

CHECK = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch_check.py")
TINY_64 = Case("tiny", 64, ("--preset", "tiny"))
CASES = (Case("tiny", 1, ("--preset", "tiny"), 16), Case("tiny", 8, ("--preset", "tiny"), 4), TINY_64,
         Case("tiny with 64 channels", 64, ("--preset", "tiny", "--channels", "64")),
         Case("cifar10", 8, ("--preset", "cifar10")))
FORMS = "as it comes", "channels last", "compiled"  # of PyTorch
PACKAGES = {"onnxruntime": "onnxruntime", "OpenVINO": "openvino"}  # of the forward pass's other engines
EXPORT = "onnx", "onnxscript"  # packages that torch.onnx.export needs
SPEEDS = "ours, images/s", "best of PyTorch", "ours is times as fast"
MEMORY = "peak memory, ours and PyTorch's"
BFLOAT = "bf16 autocast"
AVX2 = {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2"}
ROUNDS = 5, 15, 20  # fewest, most, seconds after which there are no more than the fewest
FEW_ROUNDS = 3, 3, 0


class Disturbance:
    """Whether other work ran between the measurements."""
    seen = False

    def look(self):
        share = machine.other_work()
        if share > machine.BUSY:
            self.seen = True
            say(f"THE MACHINE IS BUSY: others take {100 * share:.0f} % of it; wait until it is quiet")


def other_engines():
    """Returns the engines beside PyTorch whose packages are here; says which are not."""
    missing = [name for name in EXPORT if not util.find_spec(name)]
    engines = [name for name, package in PACKAGES.items() if util.find_spec(package) and not missing]
    for name in PACKAGES.keys() - set(engines):
        say(f"{name} is left out: install the Python packages {PACKAGES[name]}, {' and '.join(EXPORT)}")
    return engines


def memory(result, engine):
    """Returns the peaks of our process and of the engine's, Python and its compiler included."""
    return f"{result.memory[OURS] / 1e6:,.0f} and {result.memory[engine] / 1e6:,.0f} MB"


def training_row(name, result):
    best = result.best(FORMS)
    return (f"| {name} | {result.speed(OURS):.1f} | {result.speed(best):.1f}, {best} | {result.gain(best)} "
            f"| {memory(result, best)} |")


def forward_row(name, result, engines):
    best = result.best(FORMS)
    cells = [f"{result.speed(OURS):.1f}", f"{result.speed(best):.1f}, {best}", result.gain(best)]
    for engine in engines:
        known = engine in result.seconds
        cells += [f"{result.speed(engine):.1f}", result.gain(engine)] if known else ["", ""]
    return f"| {name} | {' | '.join(cells)} | {memory(result, best)} |"


def table(head, rows):
    return [f"| {' | '.join(head)} |", "|---|" + "---|" * (len(head) - 1), *rows, ""]


def measure(build, cases, engines, rounds, disturbance):
    """Returns the rows of training and those of the forward pass."""
    training, forward = [], []

    def add(name, case, bench, engines, variables={}):
        say(f"\n{name}")
        disturbance.look()
        training.append(training_row(name, compare(case, "train", bench, FORMS, rounds, variables)))
        disturbance.look()
        result = compare(case, "forward", bench, (*FORMS, *engines), rounds, variables)
        forward.append(forward_row(name, result, engines))

    for case in cases:
        add(f"{case.network}, {case.batch}", case, build + "/bench", engines)
    if machine.has_avx512() and TINY_64 in cases:
        add("tiny, 64, all with AVX2", TINY_64, build + "/avx2/bench", (), AVX2)
    return training, forward


def bfloat_line(build, rounds):
    speeds = [compare(TINY_64, order, build + "/bench", (BFLOAT,), rounds).speed(BFLOAT)
              for order in ("train", "forward")]
    return (f"PyTorch with {BFLOAT} rounds otherwise, so it is not compared: on tiny, 64 "
            "it trains {:.1f} images/s and predicts {:.1f}.".format(*speeds))


def describe(packages):
    """Returns the versions of the packages, by their names here, and the processor."""
    versions = ", ".join(f"{name} {metadata.version(package)}" for name, package in packages.items())
    return f"{versions}. Processor: {machine.describe()}."


def choose(options):
    """Returns the cases and the rounds."""
    rounds = FEW_ROUNDS if options.quick else ROUNDS
    if options.rounds:
        rounds = options.rounds, options.rounds, 0
    cases = [case for case in CASES if options.only in f"{case.network}, {case.batch}"]
    return [TINY_64] if options.quick else cases, rounds


def steps(options, disturbance):
    """Compares training and the forward pass. Returns the lines to print."""
    engines = other_engines()
    cases, rounds = choose(options)
    checked = (*FORMS[:1 if options.quick else None], *engines)
    subprocess.run([sys.executable, "-B", CHECK, options.build + "/ddpm", *checked], check=True)
    training, forward = measure(options.build, cases, engines, rounds, disturbance)
    bfloat = [] if options.quick else [bfloat_line(options.build, min(rounds, FEW_ROUNDS)), ""]
    others = [head for name in engines for head in (name, "times as fast")]
    return [*table(("training: network, batch", *SPEEDS, MEMORY), training),
            *table(("forward: network, batch", *SPEEDS, *others, MEMORY), forward),
            *bfloat, describe({"PyTorch": "torch", **{name: PACKAGES[name] for name in engines}})
            + ("" if machine.has_avx512() else " It has no AVX-512: AVX2 needs no row of its own.")]


def chains(options, disturbance):
    """Compares whole chains. Returns the lines to print."""
    rows = pytorch_chains.measure(options.build + "/ddpm", options.T)
    disturbance.look()
    return [*table(pytorch_chains.HEAD, rows), describe({"diffusers": "diffusers", "PyTorch": "torch"})]


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--part", choices=("steps", "chains"), default="steps")
    parser.add_argument("--quick", action="store_true", help="tiny at batch 64 alone, fewest rounds")
    parser.add_argument("--rounds", type=int, help="of every comparison")
    parser.add_argument("--only", default="", help="the networks with this text: 'tiny, 8'")
    parser.add_argument("--T", type=int, default=1000, help="steps of a chain")
    options = parser.parse_args()
    begin, disturbance = time.monotonic(), Disturbance()
    say(f"{machine.describe()}, {os.cpu_count()} cores")
    disturbance.look()
    lines = (chains if options.part == "chains" else steps)(options, disturbance)
    if disturbance.seen:
        lines += ["", "**Measured beside other work: the figures are too low, PyTorch's most of all.**"]
    print("\n".join(lines))
    say(f"\n{(time.monotonic() - begin) / 60:.1f} minutes")


if __name__ == "__main__":
    main()
