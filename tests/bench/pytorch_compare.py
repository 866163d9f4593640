"""The measurement of make bench-pytorch: workers that take steps in turns, and what comes of their seconds.

A worker is a process that waits asleep for an order and answers with its seconds: worker.cpp for ours,
pytorch_worker.py for an engine. So all see the same machine, and no one's threads disturb another's.
"""
import json
import os
import statistics
import subprocess
import sys
import time
from typing import NamedTuple

OURS = "ours"
PAUSE = 0.05  # seconds: threads that have just finished spin a little before they sleep
WORKER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch_worker.py")


def say(line):
    print(line, file=sys.stderr, flush=True)


def environment(variables):
    """Returns this process's variables without OpenMP's settings, so that all sides choose their own, with
    these. Ours sets its own when it starts (ddpm/machine/environment.h)."""
    settings = "OMP_", "GOMP_", "KMP_"
    others = {name: value for name, value in os.environ.items() if not name.startswith(settings)}
    return {**others, **variables}


class Worker:
    def __init__(self, command, variables):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                        env=environment(variables))

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench-pytorch: a worker ended too early: " + " ".join(self.process.args))
        return json.loads(line)

    def ask(self, order):
        time.sleep(PAUSE)
        self.process.stdin.write(order + "\n")
        self.process.stdin.flush()
        return self.answer()

    def end(self):
        self.process.stdin.close()
        self.process.wait()


class Case(NamedTuple):
    """A network and a batch; an order takes so many steps that it is not too short to measure."""
    network: str
    batch: int
    options: tuple
    steps: int = 1


class Result(NamedTuple):
    """Seconds of every round and peak memory, by the name of the worker."""
    batch: int
    seconds: dict
    memory: dict

    def speed(self, name):
        """Images per second, the median of the rounds."""
        return self.batch / statistics.median(self.seconds[name])

    def gain(self, name):
        """How many times as fast as that worker ours is: the median, and the range of the rounds."""
        ratios = [theirs / ours for theirs, ours in zip(self.seconds[name], self.seconds[OURS])]
        return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"

    def best(self, names):
        return max((name for name in names if name in self.seconds), key=self.speed)


def start(case, bench, engines, variables):
    """Starts our worker and one for every engine. Returns them by name."""
    ours = Worker([bench, "worker", *case.options, "--batch", str(case.batch)], {})
    about = ours.answer()
    workers = {OURS: ours}
    for engine in engines:
        settings = json.dumps({"engine": engine, "config": about})
        workers[engine] = Worker([sys.executable, "-B", WORKER, settings], variables)
    for engine in engines:
        if workers[engine].answer()["parameters"] != about["parameters"]:
            sys.exit("bench-pytorch: the numbers of parameters differ: these are not the same network")
    return workers


def warm_up(workers, order):
    """Lets each take an order twice: engines compile or export at the first."""
    for name, worker in workers.items():
        begin = time.monotonic()
        for _ in range(2):
            worker.ask(order)
        say(f"  {name} is warm after {time.monotonic() - begin:.0f} s")


def alternate(workers, order, fewest, most, longest):
    """Returns every worker's seconds in rounds: `fewest`, and more up to `most` for `longest` seconds."""
    seconds = {name: [] for name in workers}
    begin = time.monotonic()
    for done in range(most):
        if done >= fewest and time.monotonic() - begin > longest:
            break
        for name, worker in workers.items():
            seconds[name].append(worker.ask(order))
    return seconds


def compare(case, order, bench, engines, rounds, variables={}):
    """Measures one order on fresh workers, so that each one's peak memory is the order's."""
    workers = start(case, bench, engines, variables)
    order = f"{order} {case.steps}"
    warm_up(workers, order)
    seconds = alternate(workers, order, *rounds)
    result = Result(case.batch, seconds, {name: worker.ask("memory") for name, worker in workers.items()})
    for worker in workers.values():
        worker.end()
    for name in workers:
        say(f"  {order:<11}{name:<15}{result.speed(name):7.1f} images/s, {result.memory[name] / 1e6:5.0f} MB"
            + (f"; ours is {result.gain(name)} times as fast" if name != OURS else ""))
    return result
