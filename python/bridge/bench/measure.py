"""Timing: rounds in which every candidate runs in turn, so that load of the machine meets all alike."""

from __future__ import annotations

import re
import resource
import shlex
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bridge import _core
from bridge.bench.subjects import Subject
from bridge.engine import Engine, Precision
from bridge.exceptions import UnsupportedError
from bridge.validate.evaluators import engine_arguments, set_parameters

#: seconds of one candidate in one round
_SLICE = 0.05
_OUTPUTS = ("matrix_element", "helicity", "color_flow")
_PRECISIONS: dict[str, int] = {"double": 0, "single": 1, "mixed": 0}


@dataclass(frozen=True, slots=True)
class Setting:
    """How the engine runs; batch: events of one call; on_device: they lie in the memory of a GPU (needs CuPy)."""

    backend: str
    precision: Precision
    threads: int
    batch: int
    on_device: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """One line: matrix elements a second, median, smallest and largest over the rounds.

    With one thread in seconds of processor time of this thread; with more, or on a GPU, in seconds of the clock.
    fraction_of_peak: of the rate at which all threads, or a GPU outside of its tensor cores, could multiply and add;
    None where it is not known. events: where they lie, "host" or "device".
    """

    process: str
    subprocess: str
    backend: str
    precision: str
    threads: int
    batch: int
    me_per_s: float
    me_per_s_largest: float
    me_per_s_smallest: float
    n_round: int
    operations: float | None = None
    fraction_of_peak: float | None = None
    events: str = "host"


def measure(subject: Subject, settings: Sequence[Setting], n_round: int, peer: str | None = None) -> list[Result]:
    """All settings, the Fortran and the peer, in turn.

    peer: command that prints its matrix elements a second: as cudacpp's check executables do, or the number alone.
    It runs as it stands, without a shell.
    """
    engines = [_engine(subject, setting) for setting in settings]
    candidates: list[Callable[[], float]] = [
        _rate(subject, engine, setting) for engine, setting in zip(engines, settings, strict=True)
    ]
    others = []
    if subject.fortran is not None:
        others.append("fortran")
        candidates.append(subject.fortran)
    if peer is not None:
        others.append("peer")
        candidates.append(lambda: run_peer(peer))
    rates: list[list[float]] = [[] for _ in candidates]
    for _ in range(n_round):
        for own, candidate in zip(rates, candidates, strict=True):
            own.append(candidate())
    peaks = {(e.backend, s.precision): _peak(e, s.precision) for s, e in zip(settings, engines, strict=True)}
    results = [
        _result(subject, engine, setting, own, peaks[engine.backend, setting.precision])
        for engine, setting, own in zip(engines, settings, rates, strict=False)
    ]
    for name, own in zip(others, rates[len(settings) :], strict=True):
        results.append(Result(subject.process, subject.subprocess, name, "", 1, 0, *_statistics(own)))
    return results


def _peak(engine: Engine, precision: Precision) -> float | None:
    """Operations a second of one thread, or of a GPU outside of its tensor cores; None where it is not known."""
    return _core.measure_peak(engine.backend, _PRECISIONS[precision]) or None


def _is_cuda(backend: str) -> bool:
    return backend.startswith("cuda")


def _statistics(rates: Sequence[float]) -> tuple[float, float, float, int]:
    return statistics.median(rates), max(rates), min(rates), len(rates)


def _engine(subject: Subject, setting: Setting) -> Engine:
    engine = Engine(subject.program, setting.backend, setting.precision, setting.threads)
    set_parameters(engine, subject.parameters)
    return engine


def _rate(subject: Subject, engine: Engine, setting: Setting) -> Callable[[], float]:
    """A function that runs for a slice and returns matrix elements a second, all of a production run switched on."""
    chosen = slice(0, setting.batch)
    momenta = subject.events.momenta[chosen]
    given = engine_arguments(subject.program, subject.parameters, subject.events)
    arguments = {name: None if array is None else array[chosen] for name, array in given.items()}
    if setting.on_device:
        return _rate_on_device(engine, momenta, arguments)
    on_cpu = setting.threads == 1 and not _is_cuda(engine.backend)
    clock = time.thread_time if on_cpu else time.perf_counter

    def seconds(n_call: int) -> float:
        start = clock()
        engine.evaluate(momenta, **arguments, outputs=_OUTPUTS, repeat=n_call)
        return clock() - start

    seconds(1)  # plans are made at the first call
    n_call = 1 + int(_SLICE / max(seconds(1), 1e-6))
    return lambda: n_call * len(momenta) / seconds(n_call)


def _rate_on_device(engine: Engine, momenta: Any, arguments: dict[str, Any]) -> Callable[[], float]:
    """As `_rate`; calls do not wait for each other, so that a slice is so many of them and the wait at its end."""
    try:
        import cupy  # type: ignore[import-not-found,import-untyped,unused-ignore]
    except ImportError as error:
        raise UnsupportedError("events on a GPU need CuPy: pip install cupy-cuda12x or cupy-cuda13x") from error
    momenta = cupy.asarray(momenta)
    arguments = {name: None if array is None else cupy.asarray(array) for name, array in arguments.items()}

    def seconds(n_call: int) -> float:
        start = time.perf_counter()
        for _ in range(n_call):
            engine.evaluate(momenta, **arguments, outputs=_OUTPUTS)
        cupy.cuda.Device().synchronize()
        return time.perf_counter() - start

    seconds(1)  # kernels are compiled at the first call
    n_call = 1 + int(_SLICE / seconds(1))
    return lambda: n_call * len(momenta) / seconds(n_call)


def _result(subject: Subject, engine: Engine, setting: Setting, rates: Sequence[float], peak: float | None) -> Result:
    operations = engine.operations() or None
    rate, largest, smallest, n_round = _statistics(rates)
    n_unit = 1 if _is_cuda(engine.backend) else setting.threads
    return Result(
        process=subject.process,
        subprocess=subject.subprocess,
        backend=engine.backend,
        precision=setting.precision,
        threads=setting.threads,
        batch=setting.batch,
        me_per_s=rate,
        me_per_s_largest=largest,
        me_per_s_smallest=smallest,
        n_round=n_round,
        operations=operations,
        fraction_of_peak=rate * operations / (peak * n_unit) if operations and peak else None,
        events="device" if setting.on_device else "host",
    )


def run_peer(command: str) -> float:
    """Matrix elements a second of processor time of a program of one thread, from what it prints.

    Raises ValueError if there is no number.
    """
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(shlex.split(command), capture_output=True, text=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    share = min(1.0, used / (time.perf_counter() - start))
    found = re.search(r"EvtsPerSec\[MECalcOnly\][^=]*=\s*\(\s*([-+.\deE]+)", done.stdout)
    if found is None:
        found = re.fullmatch(r"\s*([-+.\deE]+)\s*", done.stdout)
    if found is None:
        raise ValueError(f"{command}: prints no matrix elements a second")
    return float(found[1]) / share
