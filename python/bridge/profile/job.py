"""One MadEvent job, as the survey runs it, in a folder of its own that is removed afterwards."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bridge.profile.gpu import GpuUse, watch_gpus
from bridge.profile.stacks import ProfileError, Recorder, Stack

_LOG = "mebridge.log"


@dataclass(frozen=True, slots=True)
class Run:
    """What one job took."""

    #: processor time in s
    seconds: float
    #: empty if they were not, or could not be, recorded
    stacks: Counter[Stack] = field(default_factory=Counter)
    #: last line of the seam's log
    log: str = ""
    #: of a job whose matrix elements are computed there
    gpus: tuple[GpuUse, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A channel of a built subprocess folder."""

    folder: Path
    channel: int
    points: int
    iterations: int

    def run(self, environment: dict[str, str], recorder: Recorder | None) -> Run:
        """Runs it once for its time, and once more for the stacks."""
        with self._workspace() as work, watch_gpus(_uses_gpu(environment)) as gpus:
            seconds = self._time(work, environment)
            log = work / _LOG
            lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
        stacks = self._record(environment, recorder) if recorder else Counter[Stack]()
        return Run(seconds, stacks, lines[-1] if lines else "", tuple(gpus))

    @contextmanager
    def _workspace(self) -> Iterator[Path]:
        # MadEvent reads ../symfact.dat and ../iproc.dat.
        work = Path(tempfile.mkdtemp(prefix="mebridge_profile_", dir=self.folder))
        try:
            (work / "randinit").write_text("r=21\n")
            (work / "input").write_text(
                f"{self.points} {self.iterations} {self.iterations}\n1e-9\n2\n1\n0\n{self.channel}\n"
            )
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _start(self, work: Path, command: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
        with (work / "input").open("rb") as stdin, (work / "log").open("wb") as log:
            return subprocess.Popen(
                command, cwd=work, stdin=stdin, stdout=log, stderr=log, env=_environment(environment)
            )

    def _check(self, work: Path, status: int) -> None:
        if status != 0:
            lines = (work / "log").read_text(errors="replace").strip().splitlines()
            raise ProfileError(f"{self.folder}/madevent failed: {lines[-1] if lines else f'status {status}'}")

    def _time(self, work: Path, environment: dict[str, str]) -> float:
        process = self._start(work, ["../madevent"], environment)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self._check(work, process.returncode)
        return usage.ru_utime + usage.ru_stime

    def _record(self, environment: dict[str, str], recorder: Recorder) -> Counter[Stack]:
        with self._workspace() as work:
            process = self._start(work, recorder.command(), environment | recorder.environment(work))
            self._check(work, process.wait())
            return recorder.stacks(work)


def _environment(ours: dict[str, str]) -> dict[str, str]:
    return os.environ | {"MEBRIDGE_LOG": _LOG} | ours


def _uses_gpu(ours: dict[str, str]) -> bool:
    environment = _environment(ours)
    return environment.get("MEBRIDGE_BACKEND") == "cuda" and environment.get("MEBRIDGE") != "0"


def find_job(root: Path, folder: str | None, channel: int | None, points: int, iterations: int) -> Job:
    """The channel asked for, or the first of the first built subprocess folder."""
    paths = sorted(path.parent for path in root.glob("SubProcesses/P*/symfact.dat"))
    built = [path for path in paths if (path / "madevent").is_file() and folder in (None, path.name)]
    if not built:
        wanted = folder or "P*"
        raise ProfileError(
            f"{root}/SubProcesses/{wanted}: no built madevent with its symfact.dat: run bin/generate_events once"
        )
    channels = _channels(built[0])
    if channel is None and channels:
        channel = channels[0]
    if channel is None or channel not in channels:
        raise ProfileError(f"{built[0]}: channel {channel} is not one of {', '.join(map(str, channels))}")
    return Job(built[0], channel, points, iterations)


def _channels(folder: Path) -> list[int]:
    rows = [line.split() for line in (folder / "symfact.dat").read_text().splitlines() if line.strip()]
    return [int(float(row[0])) for row in rows if int(row[1]) > 0]
