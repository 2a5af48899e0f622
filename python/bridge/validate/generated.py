"""Comparison of the engine with our own Fortran: `python -m bridge.validate "g g > t t~ g"`.

Everything the engine gives is compared: matrix elements with channel weights, each helicity,
chosen helicities and colour flows, JAMP2 and AMP2. The Fortran is that of `bridge.writer`; where
it cannot be compiled, `bridge.reference` (NumPy) takes its place, and the report says so.
"""

from __future__ import annotations

import dataclasses
import zlib
from collections.abc import Iterable, Iterator
from typing import TextIO

import numpy as np

from bridge import generator
from bridge.exceptions import Error
from bridge.generator.values import SMALL_WIDTH_TREATMENT
from bridge.process import Process
from bridge.program import PluginError, UnknownStructure, load
from bridge.validate import rambo
from bridge.validate.compare import TOLERANCES, compare
from bridge.validate.directory import REFERENCE, Comparison, Options, SubprocessReport
from bridge.validate.evaluators import Outcome, Parameters, read_parameters, run_engine, run_fortran, run_reference
from bridge.validate.oracle import Events, OracleError
from bridge.validate.oracle.written import MissingTool, WrittenFortran

#: values of alpha_s, taken in turn: what hadron colliders see
_ALPHA_S = np.linspace(0.09, 0.14, 11)
#: part of the events without multichannel weight
_PLAIN = 0.1
#: numbers in the waves and JAMPs of one chunk of the NumPy evaluation
_CHUNK = 4_000_000


def validate_process(text: str, options: Options) -> Iterator[SubprocessReport]:
    """Each matrix element of a request, with the model's default parameters.

    Raises GeneratorError for a request that cannot be generated.
    """
    for number, made in enumerate(generator.generate(text), 1):
        yield _report(str(number), made, options)


def _report(label: str, made: generator.Generated, options: Options) -> SubprocessReport:
    process = made.process
    events = make_events(made, options.n_event, options.seed)
    oracle, note = "Fortran", ""
    try:
        fortran = WrittenFortran(made, SMALL_WIDTH_TREATMENT)
        parameters = read_parameters(process, fortran, events, SMALL_WIDTH_TREATMENT)
        expected = run_fortran(process, fortran, events)
    except MissingTool as error:
        oracle, note = "NumPy", str(error)
        parameters = make_parameters(made, events)
        expected = run_numpy(process, parameters, events)
    except OracleError as error:
        return SubprocessReport(label, process.name, str(error), is_fault=True)
    comparisons = tuple(_compare(process, parameters, events, expected, options))
    return SubprocessReport(
        label,
        process.name,
        fortran_me_per_s=expected.me_per_s,
        comparisons=comparisons,
        oracle=oracle,
        note=note,
    )


def _compare(
    process: Process, parameters: Parameters, events: Events, expected: Outcome, options: Options
) -> Iterator[Comparison]:
    program = None
    for backend in options.backends:
        precision = "double" if backend == REFERENCE else options.precision
        try:
            if backend == REFERENCE:
                found = run_numpy(process, parameters, events)
            else:
                program = load(process) if program is None else program
                found = run_engine(program, backend, precision, parameters, events)
        except (Error, PluginError, UnknownStructure, NotImplementedError) as error:
            message = f"{type(error).__name__}: {error}"
            yield Comparison(backend, precision, None, 0.0, ("error",), message)
            continue
        deviation = compare(found, expected)
        failures = deviation.failures(TOLERANCES[precision])
        yield Comparison(backend, precision, deviation, found.me_per_s, failures)


def make_events(made: generator.Generated, n_event: int, seed: int) -> Events:
    """RAMBO points; the same seed and process give the same events."""
    process = made.process
    seed += zlib.crc32(process.name.encode())
    rng = np.random.default_rng(seed)
    values = generator.parameters(model=made.model)
    masses = [abs(complex(values[leg.mass]).real) if leg.mass else 0.0 for leg in process.legs]
    n_incoming = sum(leg.incoming for leg in process.legs)
    config = rng.integers(1, len(process.config_diagrams) + 1, n_event).astype(np.int32)
    diagram = np.array(process.config_diagrams, dtype=np.int32)[config - 1]
    diagram[rng.random(n_event) < _PLAIN] = 0
    return Events(
        momenta=rambo.generate(masses[:n_incoming], masses[n_incoming:], n_event, seed),
        alpha_s=np.resize(_ALPHA_S, n_event),
        diagram=diagram,
        config=config,
        random_helicity=rng.random(n_event),
        random_color=rng.random(n_event),
    )


def make_parameters(made: generator.Generated, events: Events) -> Parameters:
    """Couplings of each event; the rest is the same for all."""
    by_alpha_s = [generator.parameters(model=made.model, alpha_s=float(a)) for a in _ALPHA_S]
    names = {c.name for c in made.model.couplings}
    couplings = {}
    for name in names:
        values = np.array([item[name] for item in by_alpha_s], dtype=np.complex128)
        couplings[name] = np.resize(values, len(events.alpha_s))
    first = by_alpha_s[0]
    reals = {name: complex(value).real for name, value in first.items() if name not in names}
    return Parameters(reals, couplings)


def run_numpy(process: Process, parameters: Parameters, events: Events) -> Outcome:
    """`run_reference`, in chunks that fit in memory."""
    size = len(process.helicities) * (6 * len(process.waves) + len(process.amplitudes) + 3 * process.n_flow)
    step = max(1, _CHUNK // size)
    n_event = len(events.alpha_s)
    parts = []
    for start in range(0, n_event, step):
        chosen = slice(start, start + step)
        cut = Events(**{f.name: getattr(events, f.name)[chosen] for f in dataclasses.fields(Events)})
        own = Parameters(parameters.reals, {k: v[chosen] for k, v in parameters.couplings.items()})
        parts.append(run_reference(process, own, cut))
    return _joined(parts)


def _joined(parts: list[Outcome]) -> Outcome:
    arrays = [f.name for f in dataclasses.fields(Outcome) if f.name not in ("n_non_finite", "me_per_s")]
    joined = {name: np.concatenate([getattr(part, name) for part in parts]) for name in arrays}
    return Outcome(
        **joined,
        n_non_finite=sum(part.n_non_finite for part in parts),
        me_per_s=float(np.mean([part.me_per_s for part in parts])),
    )


_ROW = "  {:<10} {:>8} {:>8} {:>5} {:>5} {:>4} {:>9} {:>9}  {}"


def print_reports(reports: Iterable[SubprocessReport], out: TextIO) -> list[SubprocessReport]:
    """A table, as the reports come; returns them all."""
    done = []
    for report in reports:
        print(report.process, file=out)
        if report.is_fault:
            print(f"  failed: {report.reason}", file=out)
        else:
            print(_ROW.format("backend", "max dev", "median", "hel", "col", "nan", "ME/s", report.oracle, ""), file=out)
        if report.note:
            print(f"  compared with {report.oracle}: {report.note}", file=out)
        for item in report.comparisons:
            print(_row(item, report.fortran_me_per_s), file=out, flush=True)
        done.append(report)
    agreed = sum(report.agrees for report in done)
    print(f"{agreed} of {len(done)} processes agree", file=out)
    return done


def _row(item: Comparison, speed: float) -> str:
    d = item.deviation
    if d is None:
        return f"  {item.backend:<10} {item.error}"
    numbers = (f"{d.largest:.1e}", f"{d.median:.1e}", d.n_helicity, d.n_color_flow, d.n_non_finite)
    verdict = "ok" if item.agrees else "FAILS: " + ", ".join(item.failures)
    return _ROW.format(item.backend, *numbers, f"{item.me_per_s:.3g}", f"{speed:.3g}", verdict)
