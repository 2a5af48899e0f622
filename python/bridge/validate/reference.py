"""Comparison with files of reference numbers: `python -m bridge.validate --reference FILE_OR_DIR`.

The process each file names is generated, and squared matrix elements are compared point by point
and helicity by helicity.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from numpy.typing import NDArray

from bridge import generator, reference
from bridge.exceptions import Error
from bridge.generator import Generated
from bridge.process import Process
from bridge.program import PluginError, UnknownStructure, load
from bridge.validate.compare import TOLERANCES
from bridge.validate.directory import REFERENCE, Options

if TYPE_CHECKING:
    from bridge.engine import Program

Floats = NDArray[np.float64]
Parameters = Mapping[str, float | complex]

#: waves of one chunk of the NumPy evaluation, numbers
_CHUNK = 2_000_000


class ReferenceFileError(Error, ValueError):
    """A file of reference numbers that cannot be used; the message names file and entry."""


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """Expected values: momenta (n_event, n_leg, 4) in GeV, sums (n_event,), terms (n_event, n_helicity).

    The helicities (n_helicity, n_leg) may be in any order.
    """

    momenta: Floats
    matrix_element: Floats
    helicities: NDArray[np.int_]
    by_helicity: Floats


@dataclass(frozen=True, slots=True)
class Agreement:
    """One subprocess on one backend.

    `largest`: relative deviation of the worst point; `by_helicity`: largest deviation of a
    helicity's term, relative to the sum. `error` is set where nothing was computed.
    """

    source: str
    process: str
    backend: str
    precision: str
    n_event: int
    largest: float
    by_helicity: float
    me_per_s: float
    agrees: bool
    error: str = ""


def validate_reference(path: str | Path, options: Options) -> Iterator[Agreement]:
    """Each subprocess of a file, or of every `*.json` of a folder, on each backend.

    Raises ReferenceFileError for a file that is not in the format.
    """
    path = Path(path)
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise ReferenceFileError(f"{path}: no *.json file")
    for file in files:
        yield from _file(file, options)


def numpy_terms(process: Process, values: Parameters, momenta: Floats) -> Floats:
    """Averaged terms (n_event, n_helicity) by the NumPy evaluation, in chunks that fit in memory."""
    size = 6 * len(process.helicities) * (len(process.waves) + len(process.amplitudes))
    step = max(1, _CHUNK // size)
    parts = [
        reference.evaluate(process, momenta[k : k + step], values).matrix_element for k in range(0, len(momenta), step)
    ]
    return np.asarray(np.concatenate(parts) / process.averaging_factor)


def _file(file: Path, options: Options) -> Iterator[Agreement]:
    try:
        content: dict[str, Any] = json.loads(file.read_text())
        request, card, results = content["request"], content["parameter_card"], content["results"]
        names = [str(entry["process"]) for entry in results]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ReferenceFileError(f"{file}: {type(error).__name__}: {error}") from error
    # standalone Fortran keeps the widths between the beams
    made = generator.generate(request, options=generator.Options(t_channel_widths=True))
    values = generator.parameters(card)
    by_flavour = {flavours: item for item in made for flavours in item.flavours}
    for name, entry in zip(names, results, strict=True):
        item = _find(name, by_flavour, file)
        yield from _subprocess(file.name, item.process, values, _numbers(entry, name, item.process, file), options)


def _find(name: str, made: Mapping[tuple[int, ...], Generated], file: Path) -> Generated:
    """The matrix element of the subprocess a file names."""
    model = generator.standard_model()
    particles = name.split("@")[0]
    sides = particles.split(">")
    n_leg = {len(flavours) for flavours in made}
    words = [*sides[0].split(), *sides[-1].split()]
    for size in n_leg:
        try:
            key = tuple(model.particle(word).pdg_id for word in words[:size])
        except generator.GeneratorError:
            continue
        if key in made:
            return made[key]
    raise ReferenceFileError(f"{file}: the request has no subprocess {name!r}")


def _numbers(entry: Mapping[str, Any], name: str, process: Process, file: Path) -> Numbers:
    try:
        numbers = Numbers(
            np.ascontiguousarray(entry["momenta_GeV"], dtype=np.float64),
            np.asarray(entry["matrix_element"], dtype=np.float64),
            np.asarray(entry["helicities"], dtype=np.int_),
            np.asarray(entry["matrix_element_by_helicity"], dtype=np.float64),
        )
        factor = int(entry.get("averaging_factor", process.averaging_factor))
    except (KeyError, ValueError, TypeError) as error:
        raise ReferenceFileError(f"{file}: {name}: {type(error).__name__}: {error}") from error
    n_event = len(numbers.matrix_element)
    expected = {
        "momenta_GeV": (numbers.momenta.shape, (n_event, len(process.legs), 4)),
        "helicities": (numbers.helicities.shape, process.helicities.shape),
        "matrix_element_by_helicity": (numbers.by_helicity.shape, (n_event, len(process.helicities))),
    }
    for key, (found, wanted) in expected.items():
        if found != wanted:
            raise ReferenceFileError(f"{file}: {name}: {key}: expected shape {wanted}, got {found}")
    if factor != process.averaging_factor:
        raise ReferenceFileError(f"{file}: {name}: averaging factor {factor}, ours is {process.averaging_factor}")
    return numbers


def _subprocess(
    source: str, process: Process, values: Parameters, numbers: Numbers, options: Options
) -> Iterator[Agreement]:
    order = _columns(process, numbers.helicities)
    if order is None:
        raise ReferenceFileError(f"{source}: {process.name}: the helicities are not those of the process")
    evaluator = _Evaluator(process, values, options.precision)
    for backend in options.backends:
        try:
            terms, speed = evaluator.terms(numbers.momenta, backend)
        except (Error, PluginError, UnknownStructure, NotImplementedError) as error:
            yield _failed(source, process, backend, options.precision, error)
            continue
        yield _compare(source, process.name, backend, options.precision, terms[:, order], numbers, speed)


def _failed(source: str, process: Process, backend: str, precision: str, error: Exception) -> Agreement:
    message = f"{type(error).__name__}: {error}"
    return Agreement(source, process.name, backend, precision, 0, np.inf, np.inf, 0.0, False, message)


def _columns(process: Process, helicities: NDArray[np.int_]) -> list[int] | None:
    """For each of the given combinations, its number in the process; None if they do not match."""
    known = {tuple(row): k for k, row in enumerate(process.helicities.tolist())}
    rows = [tuple(row) for row in helicities.tolist()]
    return [known[row] for row in rows] if set(rows) == set(known) and len(rows) == len(known) else None


class _Evaluator:
    """Terms of one process on any backend; its Program is built once."""

    def __init__(self, process: Process, values: Parameters, precision: str) -> None:
        self._process = process
        self._values = values
        self._precision = precision
        self._program: Program | None = None

    def terms(self, momenta: Floats, backend: str) -> tuple[Floats, float]:
        """Averaged terms (n_event, n_helicity), and matrix elements a second."""
        start = time.perf_counter()
        if backend == REFERENCE:
            found = numpy_terms(self._process, self._values, momenta)
            return found, len(momenta) / (time.perf_counter() - start)
        # only here: the NumPy evaluation works without the compiled engine
        from bridge.engine import Engine

        if self._program is None:
            self._program = load(self._process)
        engine = Engine(self._program, backend=backend, precision=self._precision)  # type: ignore[arg-type]
        engine.set_parameters(self._values)
        result = engine.evaluate(momenta, outputs=("matrix_element_by_helicity",))
        assert result.matrix_element_by_helicity is not None
        start = time.perf_counter()
        engine.evaluate(momenta)
        return result.matrix_element_by_helicity, len(momenta) / (time.perf_counter() - start)


def _compare(
    source: str, name: str, backend: str, precision: str, terms: Floats, numbers: Numbers, speed: float
) -> Agreement:
    size = np.abs(numbers.by_helicity).sum(axis=1)
    # interferences have both signs: relative to what is summed
    largest = np.abs(np.abs(terms).sum(axis=1) - size) / size
    signed = np.abs(terms.sum(axis=1) - numbers.matrix_element) / np.abs(numbers.matrix_element)
    if np.all(numbers.by_helicity >= 0.0):
        largest = np.maximum(largest, signed)
    by_helicity = np.abs(terms - numbers.by_helicity).max(axis=1) / size
    limit = TOLERANCES["double" if backend == REFERENCE else precision].largest
    worst, worst_term = float(largest.max(initial=0.0)), float(by_helicity.max(initial=0.0))
    # a NaN is no agreement
    agrees = len(terms) > 0 and worst <= limit and worst_term <= limit
    return Agreement(source, name, backend, precision, len(terms), worst, worst_term, speed, agrees)


_ROW = "  {:<10} {:>6} {:>9} {:>9} {:>10}  {}"


def print_agreements(agreements: Iterator[Agreement], out: TextIO) -> list[Agreement]:
    """A table, row by row as they come; returns them all."""
    done: list[Agreement] = []
    title = ""
    for item in agreements:
        if title != (title := f"{item.source}  {item.process}"):
            print(title, file=out)
            print(_ROW.format("backend", "points", "max dev", "helicity", "ME/s", ""), file=out)
        verdict = item.error or ("ok" if item.agrees else "FAILS")
        numbers = (f"{item.largest:.1e}", f"{item.by_helicity:.1e}", f"{item.me_per_s:.3g}")
        print(_ROW.format(item.backend, item.n_event, *numbers, verdict), file=out, flush=True)
        done.append(item)
    agreed = sum(item.agrees for item in done)
    print(f"{agreed} of {len(done)} comparisons agree", file=out)
    return done


def agree(items: Sequence[Agreement]) -> bool:
    """Whether there was something to compare and nothing disagreed."""
    return bool(items) and all(item.agrees for item in items)


def agreements_to_json(subject: str, options: Options, items: Sequence[Agreement]) -> str:
    """One object: `subject`, `options`, `agrees`, and `results`, one for each row of the table."""
    content = {
        "subject": subject,
        "options": asdict(options),
        "agrees": agree(items),
        "results": [asdict(item) for item in items],
    }
    return json.dumps(content, indent=2) + "\n"
