"""Runs of one generated directory: Fortran alone, Fortran behind the seam, the engine."""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bridge.exceptions import Error
from bridge.lhe import Comparison, compare
from bridge.madevent.inject import inject
from bridge.writer import new

PROCESS = "g g > t t~ g"
_SUMMARY = re.compile(
    r"mebridge: (?P<backend>\w+)[^;]*; \d+ points, (?P<elements>\d+) matrix elements: "
    r".* in \d+ batches \((?P<seconds>[\d.]+) s\), (?P<alone>\d+) by Fortran one by one"
)


class DemoError(Error):
    """A run of the demonstration did not finish."""


@dataclass(frozen=True, slots=True)
class MatrixElements:
    """What the seam's logs of all jobs of a run tell. Seconds of user and system time in batches."""

    backend: str
    n_batched: int
    #: left to the Fortran, one by one, while its helicity filter is being made
    n_alone: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Run:
    """One `bin/generate_events`. `seconds`: user and system time over all of its jobs."""

    events: Path
    seconds: float
    #: None without the seam
    matrix_elements: MatrixElements | None


@dataclass(frozen=True, slots=True)
class Demo:
    """What came out."""

    process: str
    directory: Path
    fortran: Run
    #: the Fortran's own matrix elements behind the seam
    proof: Run
    engine: Run
    proof_comparison: Comparison
    comparison: Comparison

    @property
    def speed_up(self) -> float:
        return self.fortran.seconds / self.engine.seconds

    @property
    def fortran_seconds(self) -> float:
        """In matrix elements, without the seam: their number at the cost measured behind it."""
        counts = self.proof.matrix_elements
        return self._fortran_cost() * (counts.n_batched + counts.n_alone) if counts else 0.0

    @property
    def engine_seconds(self) -> float:
        """In matrix elements, those included that the Fortran computes before the first batch."""
        counts = self.engine.matrix_elements
        return counts.seconds + self._fortran_cost() * counts.n_alone if counts else 0.0

    @property
    def fortran_rest(self) -> float:
        return max(self.fortran.seconds - self.fortran_seconds, 0.0)

    @property
    def engine_rest(self) -> float:
        return max(self.engine.seconds - self.engine_seconds, 0.0)

    def _fortran_cost(self) -> float:
        counts = self.proof.matrix_elements
        return counts.seconds / counts.n_batched if counts and counts.n_batched else 0.0


def run(
    folder: Path, process: str = PROCESS, n_event: int = 10_000, seed: int = 1, report: Callable[[str], None] = print
) -> Demo:
    """Makes the directory `folder`/process, and the three runs in it.

    n_event: unweighted events of each run. Raises DemoError if a run fails, FileExistsError if
    `folder` is there and not empty.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty: give another folder with --output")
    folder.mkdir(parents=True, exist_ok=True)
    directory = folder.absolute() / "process"
    report(f"making {process} in {directory}")
    new(process, directory, settings={"nevents": n_event, "iseed": seed})
    report("compiling")
    _compile(directory)
    report("running the Fortran")
    fortran = _keep(_generate(directory, "fortran", {}), folder)
    inject(directory)
    report("running the Fortran's matrix elements behind the seam")
    proof = _keep(_generate(directory, "seam", {"MEBRIDGE_BACKEND": "fortran", "MEBRIDGE_BATCH": "64"}), folder)
    report("running the engine")
    engine = _keep(_generate(directory, "engine", {"MEBRIDGE_BACKEND": "auto"}), folder)
    proof_comparison = compare(fortran.events, proof.events)
    comparison = compare(fortran.events, engine.events)
    return Demo(process, directory, fortran, proof, engine, proof_comparison, comparison)


def _compile(directory: Path) -> None:
    _command([directory / "bin" / "madevent", "compile"], directory, {})


def _generate(directory: Path, name: str, environment: Mapping[str, str]) -> Run:
    for log in directory.glob("SubProcesses/P*/G*/mebridge.log"):
        log.unlink()
    before = _children()
    _command([directory / "bin" / "generate_events", "-f", name], directory, environment)
    total = _children() - before
    events = directory / "Events" / name / "unweighted_events.lhe.gz"
    return Run(events, total, _logs(directory))


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _command(arguments: list[Path | str], directory: Path, environment: Mapping[str, str]) -> None:
    done = subprocess.run(
        arguments,
        cwd=directory,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        last = "\n".join(done.stdout.splitlines()[-12:])
        raise DemoError(f"{' '.join(map(str, arguments))} ended with status {done.returncode}:\n{last}")


def _logs(directory: Path) -> MatrixElements | None:
    backend, n_batched, n_alone, seconds = "", 0, 0, 0.0
    for path in directory.glob("SubProcesses/P*/G*/mebridge.log"):
        for match in _SUMMARY.finditer(path.read_text()):
            backend = match["backend"]
            n_alone += int(match["alone"])
            n_batched += int(match["elements"]) - int(match["alone"])
            seconds += float(match["seconds"])
    return MatrixElements(backend, n_batched, n_alone, seconds) if backend else None


def _keep(item: Run, folder: Path) -> Run:
    """Copies the events to folder/<name of the run>.lhe.gz."""
    path = folder / f"{item.events.parent.name}.lhe.gz"
    shutil.copyfile(item.events, path)
    return replace(item, events=path)
