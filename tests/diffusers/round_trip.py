"""make diffusers: a run of ours opens in the library diffusers; a network that was trained there opens here,
is trained further and goes back. Prints what was found as a table in Markdown.

    python3 -B tests/diffusers/round_trip.py BUILD FOLDER

FOLDER keeps what was made: interrupted, the same command goes on from there. Exit status: 1 if a result of
one side is not the other's, or if training does not reach its score.
"""
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import diffusers
import numpy as np
import torch

import library

COUNT = 512  # samples for a score
ROUND, LONGEST = 1000, 12_000  # steps between two scores, and of all rounds
THERE, HERE = 50, 80  # per cent of the samples that the classifier must name surely
# Sums of some hundred products in other orders: 80 times float's precision, of the largest number.
TOLERANCE = 1e-5
# A chain multiplies what its steps differ by: its images may differ by a tenth of one of 256 levels.
CHAIN_TOLERANCE = 4e-4
CHAIN = "--T", str(library.T), "--beta-1", "5e-4", "--beta-T", "0.1"


def say(line):
    print("diffusers: " + line, file=sys.stderr, flush=True)


class Exchange:
    def __init__(self, build, folder):
        self.build, self.folder, self.rows, self.wrong = Path(build), Path(folder), [], []

    def ours(self, *command):
        """Runs a command of ours and returns what it printed; its progress is shown."""
        name, *arguments = map(str, command)
        run = subprocess.run([self.build / name, *arguments], stdout=subprocess.PIPE, text=True)
        if run.returncode:
            sys.exit(f"diffusers: {name} {' '.join(arguments)} failed")
        return run.stdout

    def note(self, what, found, right=True):
        self.rows.append(f"| {what} | {found} |")
        say(f"{what}: {found}")
        if not right:
            self.wrong.append(what)

    def compare(self, what, theirs, our, tolerance=TOLERANCE):
        worst = np.abs(theirs - our).max() / np.abs(our).max()
        self.note(what, f"{worst:.1e}", worst < tolerance)

    def agree(self, name, run):
        """Opens the run there, and compares the predicted noise and a whole chain from the same noise."""
        pipeline = library.open_pipeline(run)
        steps = pipeline.scheduler.config.num_train_timesteps
        with tempfile.TemporaryDirectory() as scratch:
            self.ours("ours", "chain", run, scratch)
            x_T, z, x_prev, x_0 = (np.load(f"{scratch}/{file}.npy") for file in ("x_T", "z", "x_prev", "x_0"))
            for t in 1, steps // 2, steps:
                self.ours("ddpm", "predict", "--run", run, "--input", f"{scratch}/x_T.npy", "--t", t,
                          "--output", f"{scratch}/eps.npy")
                self.compare(f"{name}: ε, t = {t}", library.predict(pipeline, x_T, t),
                             np.load(f"{scratch}/eps.npy"))
        after, images = library.run_chain(pipeline, x_T, z[1:])
        self.compare(f"{name}: one step of the pipeline, t = {steps}", after, x_prev)
        self.compare(f"{name}: the pipeline's images, {steps} steps later", images,
                     (x_0 / 2 + 0.5).clip(0, 1), CHAIN_TOLERANCE)

    def score(self, run):
        """Returns what share of the samples, and of real images, the classifier names surely, per cent."""
        printed = self.ours("ddpm", "score", "--run", run, "--data", self.folder / "digits", "--count", COUNT,
                            "--seeds", 1)
        return tuple(map(float, re.search(r"confidence > 0\.9\s+([\d.]+) %\s+([\d.]+) %", printed).groups()))

    def rounds(self, name, wanted, train, run):
        """Trains in rounds until the score is reached. `train(steps)` trains up to so many steps."""
        for steps in range(ROUND, LONGEST + 1, ROUND):
            train(steps)
            surely, real = self.score(run)
            say(f"{name}, {steps} steps: {surely} % of {COUNT} samples named surely, real images {real} %")
            if surely >= wanted:
                break
        self.note(f"{name}: {steps} steps; {COUNT} samples named surely (real images {real} %)",
                  f"{surely} %", surely >= wanted)

    def train_there(self):
        digits = self.folder / "digits"
        if not (digits / "t10k-labels-idx1-ubyte").exists():
            digits.mkdir(parents=True, exist_ok=True)
            self.ours("ours", "digits", digits)
        images = library.read_images(digits / "train-images-idx3-ubyte", 16)
        training = library.Training(images, self.folder / "library.pt")

        def train(steps):
            if training.step < steps:
                training.run(steps - training.step, say)
                training.save(self.folder / "library")

        self.rounds("trained there", THERE, train, self.folder / "library")

    def train_here(self):
        run = self.folder / "again"

        def train(steps):
            begun = (run / "training" / "state.safetensors").exists()
            how = ["--resume"] if begun else ["--from", self.folder / "library", "--data",
                                              self.folder / "digits", *CHAIN, "--batch", library.BATCH,
                                              "--lr", library.RATE, "--ema", library.AVERAGE,
                                              "--steps", LONGEST]
            self.ours("ddpm", "train", "--out", run, "--sample-every", 0, "--stop-after", steps, *how)

        self.rounds("then trained here", HERE, train, run)

    def paper_run(self):
        run = self.folder / "paper"
        if not (run / "unet").exists():
            self.ours("ddpm", "train", "--data", "digits", "--preset", "tiny", *CHAIN, "--steps", 10,
                      "--batch", 16, "--sample-every", 0, "--out", run)
        return run


def main(build, folder):
    versions = f"diffusers {diffusers.__version__}, PyTorch {torch.__version__}"
    say(versions)
    exchange = Exchange(build, folder)
    exchange.agree("the paper's network", exchange.paper_run())
    exchange.train_there()
    exchange.agree("trained there", exchange.folder / "library")
    exchange.train_here()
    exchange.agree("back there", exchange.folder / "again")
    print(f"| {versions} | |\n|---|---|", *exchange.rows, sep="\n")
    if exchange.wrong:
        sys.exit("diffusers: wrong: " + "; ".join(exchange.wrong))


if __name__ == "__main__":
    main(*sys.argv[1:])
