"""What each kind of operation costs on this machine, beside the weights of bridge.program.cost.

    python benchmarks/operation_costs.py ["g g > t t~ g" ...] [--backend avx2] [--rounds 5]

Programs of the same process that cut its diagrams differently are timed in turn. Their times are fitted by
t = t0(process) + unit * sum over kinds of (weight * number of operations): a number that is the same in all Programs
of a process goes into t0. Where the times say little about a weight, it stays near that of the table. Printed are the
weights, and for each process the time of an event with the Program that the table chooses, beside the fastest.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import bridge
from bridge import generator
from bridge.generator import Generated
from bridge.program.build import by_currents, by_diagrams
from bridge.program.cost import WEIGHTS, count
from bridge.program.cuts import CutTable
from bridge.program.graph import Graph
from bridge.validate import generated
from bridge.validate.evaluators import engine_arguments, set_parameters

PROCESSES = (
    "e+ e- > mu+ mu-",
    "g g > t t~",
    "g g > t t~ g",
    "g g > t t~ g g",
    "g u > t t~ u",
    "g u > t t~ g u",
    "u d~ > t t~ w+ g",
    "u u~ > e+ e- g g",
    "u d~ > w+ g g g",
    "u u~ > z h g",
    "e+ e- > w+ w- a",
)
#: numbers of a batch, and seconds of one Program in one round
_BATCH, _SLICE = 512, 0.02
#: choices of cuts drawn at random, for each process
_N_RANDOM = 8
#: error of a time over error of a weight, both relative; and the least part of a weight
_PRIOR, _LEAST = 0.1, 0.1


@dataclass(frozen=True, slots=True)
class Sample:
    """A Program; time: of one event, in nanoseconds."""

    process: int
    counts: dict[str, float]
    time: float

    @property
    def estimate(self) -> float:
        return sum(WEIGHTS[kind] * n for kind, n in self.counts.items())


def programs(made: Generated) -> dict[bytes, dict[str, float]]:
    """Programs of one process, each with its operations."""
    table = CutTable(Graph(made.process))
    rng = random.Random(1)
    choices = [table.preferred(), *(table.preferred(kind) for kind in table.kinds)]
    choices += [tuple(rng.choice(group) for group in table.groups) for _ in range(_N_RANDOM)]
    written = [way(table, choice) for choice in dict.fromkeys(choices) for way in (by_diagrams, by_currents)]
    return {program.to_bytes(): count(program) for program in written}


def timer(made: Generated, written: bytes, backend: str) -> Callable[[], float]:
    """A function that returns nanoseconds of an event."""
    events = generated.make_events(made, _BATCH, 1)
    parameters = generated.make_parameters(made, events)
    program = bridge.Program.from_bytes(written)
    engine = bridge.Engine(program, backend=backend)
    set_parameters(engine, parameters)
    arguments = engine_arguments(program, parameters, events)

    def run() -> float:
        n_call, start = 0, time.thread_time()
        while (seconds := time.thread_time() - start) < _SLICE:
            engine.evaluate(events.momenta, **arguments, outputs=("matrix_element", "helicity", "color_flow"))
            n_call += 1
        return 1e9 * seconds / (n_call * _BATCH)

    run()  # plans are made at the first call
    return run


def measure(number: int, text: str, backend: str, n_round: int) -> list[Sample]:
    """All Programs of a process, in turn."""
    made = generator.generate(text)[0]
    found = programs(made)
    timers = [timer(made, written, backend) for written in found]
    rounds = [[run() for run in timers] for _ in range(n_round)]
    times = [statistics.median(own) for own in zip(*rounds, strict=True)]
    return [Sample(number, counts, t) for counts, t in zip(found.values(), times, strict=True)]


def fit(samples: Sequence[Sample]) -> dict[str, float]:
    """Weights, in units such that the table's explain the times best."""
    kinds = [kind for kind in WEIGHTS if any(s.counts.get(kind) for s in samples)]
    rows, times = _without_means(samples, kinds)
    estimates = rows.sum(axis=1)
    rows *= float(estimates @ times / (estimates @ estimates))
    ratios = np.full(len(kinds), _LEAST)
    free = np.full(len(kinds), True)
    while True:  # what would be less than the least is left there
        rest = times - rows[:, ~free] @ ratios[~free]
        prior = np.eye(int(free.sum()))
        solved = np.linalg.lstsq(
            np.vstack([rows[:, free], _PRIOR * prior]), np.concatenate([rest, _PRIOR * prior.sum(axis=0)]), rcond=None
        )[0]
        if (solved >= _LEAST).all():
            ratios[free] = solved
            return {kind: float(WEIGHTS[kind] * ratio) for kind, ratio in zip(kinds, ratios, strict=True)}
        free[np.flatnonzero(free)[solved < _LEAST]] = False


def _without_means(samples: Sequence[Sample], kinds: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Estimates by kind, and times: differences from the process's means, over the process's shortest time."""
    rows = np.array([[WEIGHTS[kind] * s.counts.get(kind, 0) for kind in kinds] for s in samples])
    times = np.array([s.time for s in samples])
    process = np.array([s.process for s in samples])
    for number in set(process.tolist()):
        own = process == number
        shortest = times[own].min()
        rows[own] = (rows[own] - rows[own].mean(axis=0)) / shortest
        times[own] = (times[own] - times[own].mean()) / shortest
    return rows, times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("processes", nargs="*", default=PROCESSES)
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    samples: list[Sample] = []
    for number, text in enumerate(options.processes):
        own = measure(number, text, options.backend, options.rounds)
        chosen, fastest = min(own, key=lambda s: s.estimate), min(own, key=lambda s: s.time)
        ratios = [s.time / fastest.time for s in own]
        print(f"{text:24} {chosen.time:8.0f} ns, {chosen.time / fastest.time:.2f} x the fastest of", end=" ")
        print(f"{len(own)}; slowest {max(ratios):.2f} x", flush=True)
        samples += own
    print(f"{'':24} {'table':>8} {'measured':>8}")
    for kind, weight in fit(samples).items():
        print(f"{kind:24} {WEIGHTS[kind]:8.0f} {weight:8.1f}")


if __name__ == "__main__":
    main()
