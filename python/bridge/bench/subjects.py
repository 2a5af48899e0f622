"""What is measured: the matrix elements of a directory or of a process string, with inputs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.madevent import MadEventDirectory, MatrixFile, ProcessDirectory, read_directory
from bridge.process import Process
from bridge.program import load
from bridge.validate.directory import small_width_treatment
from bridge.validate.evaluators import Parameters, read_parameters
from bridge.validate.oracle import Events, Library, Matrix, Workspace
from bridge.validate.sample import make_events

if TYPE_CHECKING:
    from bridge.engine import Program

#: least time of one measurement of the Fortran, seconds
_FORTRAN_SLICE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """One matrix element. `fortran`: matrix elements a second of the directory's own, measured at the call."""

    process: str
    subprocess: str
    program: Program
    parameters: Parameters
    events: Events
    fortran: Callable[[], float] | None = None


def subjects(text: str, n_event: int, seed: int = 1, *, fortran: bool = False) -> Iterator[Subject]:
    """Those of a directory, or of a request such as "g g > t t~ g"; subprocesses without a Program are left out.

    n_event: events of a batch. Raises ReadError, OracleError or GeneratorError.
    """
    if ">" in text and not Path(text).exists():
        yield from _generated(text, n_event, seed)
    else:
        yield from _of_directory(read_directory(text), n_event, seed, fortran=fortran)


def _generated(text: str, n_event: int, seed: int) -> Iterator[Subject]:
    # only here: a directory is measured without the generator
    from bridge import generator
    from bridge.validate import generated

    for number, made in enumerate(generator.generate(text), 1):
        events = generated.make_events(made, n_event, seed)
        program = load(made.process)
        yield Subject(made.process.name, str(number), program, generated.make_parameters(made, events), events)


def _of_directory(directory: MadEventDirectory, n_event: int, seed: int, *, fortran: bool) -> Iterator[Subject]:
    with tempfile.TemporaryDirectory(prefix="mebridge-bench-") as scratch:
        workspace = Workspace(directory.path, Path(scratch))
        for folder in directory.processes:
            matrices = [m for m in folder.matrices if isinstance(m.content, Process)]
            if not matrices:
                continue
            small_width = small_width_treatment(directory.path)
            library = Library(workspace.compile_subprocess(folder.path.name), small_width)
            for matrix in matrices:
                yield _of_matrix(directory, folder, matrix, library, n_event, seed, fortran=fortran)


def _of_matrix(
    directory: MadEventDirectory,
    folder: ProcessDirectory,
    matrix: MatrixFile,
    library: Library,
    n_event: int,
    seed: int,
    *,
    fortran: bool,
) -> Subject:
    process = matrix.content
    assert isinstance(process, Process)
    index = 0 if matrix.number is None else matrix.number - 1
    flavours = folder.includes.pdg_ids[index] if folder.includes else ()
    events = make_events(directory.path, process, flavours, library.leg_masses().tolist(), n_event, seed)
    parameters = read_parameters(process, library, events, small_width_treatment(directory.path))
    own = library.matrix(matrix.path.name)
    return Subject(
        process=process.name,
        subprocess=f"{folder.path.name}/{matrix.path.name}",
        program=load(process),
        parameters=parameters,
        events=events,
        fortran=(lambda: _fortran_rate(own, events)) if fortran else None,
    )


def _fortran_rate(matrix: Matrix, events: Events) -> float:
    n_call, start = 0, time.thread_time()
    while (seconds := time.thread_time() - start) < _FORTRAN_SLICE:
        matrix.sums(events)
        n_call += 1
    return n_call * len(events.momenta) / seconds
