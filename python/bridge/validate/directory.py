"""Validation of a whole process directory against its own Fortran."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.exceptions import ProgramError
from bridge.madevent import MadEventDirectory, MatrixFile, ProcessDirectory, read_directory
from bridge.process import Process
from bridge.program import PluginError, UnknownStructure, load
from bridge.validate.compare import TOLERANCES, Deviation, compare
from bridge.validate.evaluators import (
    Outcome,
    Parameters,
    read_parameters,
    run_engine,
    run_fortran,
    run_reference,
)
from bridge.validate.oracle import Events, Library, OracleError, Workspace
from bridge.validate.sample import make_events

if TYPE_CHECKING:
    from bridge.engine import Program

#: the NumPy evaluation, as a backend: tests the reader without the engine
REFERENCE = "reference"


@dataclass(frozen=True, slots=True)
class Options:
    """What to compare. `backends`: names of the engine's, or "reference"."""

    backends: tuple[str, ...]
    precision: str = "double"
    n_event: int = 1000
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """One backend on one subprocess. `error` is set where it could not run."""

    backend: str
    precision: str
    deviation: Deviation | None
    me_per_s: float
    failures: tuple[str, ...]
    error: str = ""

    @property
    def agrees(self) -> bool:
        return self.deviation is not None and not self.failures


@dataclass(frozen=True, slots=True)
class SubprocessReport:
    """One matrix file. `reason` says why it was not compared, empty if it was."""

    subprocess: str
    process: str
    reason: str = ""
    #: whether the reason is a fault (the oracle failed) or only a limit of the reader
    is_fault: bool = False
    fortran_me_per_s: float = 0.0
    comparisons: tuple[Comparison, ...] = ()
    #: who computed what the others are compared with, and, if that is not the Fortran, why
    oracle: str = "Fortran"
    note: str = ""

    @property
    def agrees(self) -> bool:
        return not self.is_fault and all(item.agrees for item in self.comparisons)


def small_width_treatment(directory: Path) -> float:
    """The run card's value, MG5_aMC's default if it has none."""
    card = directory / "Cards" / "run_card.dat"
    text = card.read_text(errors="replace") if card.is_file() else ""
    match = re.search(r"^\s*(\S+)\s*=\s*small_width_treatment\b", text, re.MULTILINE)
    return float(match[1].lower().replace("d", "e")) if match else 1e-6


def validate_directory(path: str | Path, options: Options) -> Iterator[SubprocessReport]:
    """Compares each subprocess, one after the other.

    Raises `bridge.madevent.ReadError` if it is no MadEvent directory, `OracleError` if its
    Source does not compile. Writes nothing into the directory.
    """
    directory = read_directory(path)
    with tempfile.TemporaryDirectory(prefix="mebridge-validate-") as scratch:
        workspace: Workspace | None = None
        for folder in directory.processes:
            supported = [m for m in folder.matrices if isinstance(m.content, Process)]
            if supported and workspace is None:
                workspace = Workspace(directory.path, Path(scratch))
            yield from _validate_folder(directory, folder, workspace, options)


def _label(folder: ProcessDirectory, matrix: MatrixFile) -> str:
    return f"{folder.path.name}/{matrix.path.name}"


def _validate_folder(
    directory: MadEventDirectory,
    folder: ProcessDirectory,
    workspace: Workspace | None,
    options: Options,
) -> Iterator[SubprocessReport]:
    library: Library | None = None
    fault = ""
    small_width = small_width_treatment(directory.path)
    for matrix in folder.matrices:
        content = matrix.content
        if not isinstance(content, Process):
            yield SubprocessReport(_label(folder, matrix), "", str(content))
            continue
        if library is None and not fault and workspace is not None:
            try:
                library = Library(workspace.compile_subprocess(folder.path.name), small_width)
            except OracleError as error:
                fault = str(error)
        if library is None:
            yield SubprocessReport(_label(folder, matrix), content.name, fault, is_fault=True)
            continue
        yield _validate_matrix(directory, folder, matrix, content, library, small_width, options)


def _validate_matrix(
    directory: MadEventDirectory,
    folder: ProcessDirectory,
    matrix: MatrixFile,
    process: Process,
    library: Library,
    small_width: float,
    options: Options,
) -> SubprocessReport:
    try:
        program = _program(process, options.backends)
    except ProgramError as error:
        return SubprocessReport(_label(folder, matrix), process.name, str(error), is_fault=True)
    except (NotImplementedError, PluginError, UnknownStructure, ValueError) as error:
        return SubprocessReport(_label(folder, matrix), process.name, f"no Program: {error}")
    index = 0 if matrix.number is None else matrix.number - 1
    flavours = folder.includes.pdg_ids[index] if folder.includes else ()
    masses = library.leg_masses().tolist()
    events = make_events(directory.path, process, flavours, masses, options.n_event, options.seed)
    expected = run_fortran(process, library.matrix(matrix.path.name), events)
    parameters = read_parameters(process, library, events, small_width)
    return SubprocessReport(
        subprocess=_label(folder, matrix),
        process=process.name,
        fortran_me_per_s=expected.me_per_s,
        comparisons=tuple(_compare_all(process, program, parameters, events, expected, options)),
    )


def _compare_all(
    process: Process,
    program: Program | None,
    parameters: Parameters,
    events: Events,
    expected: Outcome,
    options: Options,
) -> Iterator[Comparison]:
    for backend in options.backends:
        try:
            if program is None or backend == REFERENCE:
                found = run_reference(process, parameters, events)
            else:
                found = run_engine(program, backend, options.precision, parameters, events)
        except Exception as error:
            yield Comparison(backend, options.precision, None, 0.0, ("error",), _describe(error))
            continue
        precision = "double" if backend == REFERENCE else options.precision
        deviation = compare(found, expected)
        failures = deviation.failures(TOLERANCES[precision])
        yield Comparison(backend, precision, deviation, found.me_per_s, failures)


def _describe(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _program(process: Process, backends: Sequence[str]) -> Program | None:
    if all(backend == REFERENCE for backend in backends):
        return None
    return load(process)
