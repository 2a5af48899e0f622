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

from bridge.profile.stacks import Stack, read_stacks

_FREQUENCY = 997  # samples a second
_STACK_BYTES = 16384


class ProfileError(OSError):
    """The job cannot be run. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one job took: processor time in s, and stacks if perf is allowed."""

    seconds: float
    stacks: Counter[Stack] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class Job:
    """A channel of a built subprocess folder."""

    folder: Path
    channel: int
    points: int
    iterations: int

    def run(self, environment: dict[str, str], with_stacks: bool) -> Run:
        """Runs it once for its time, and once more for the stacks."""
        with self._workspace() as work:
            seconds = self._time(work, environment)
        if not with_stacks:
            return Run(seconds)
        with self._workspace() as work:
            return Run(seconds, self._record(work, environment))

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
                command, cwd=work, stdin=stdin, stdout=log, stderr=log, env=os.environ | environment
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

    def _record(self, work: Path, environment: dict[str, str]) -> Counter[Stack]:
        record = ["perf", "record", "-q", "-F", str(_FREQUENCY), "--call-graph", f"dwarf,{_STACK_BYTES}"]
        process = self._start(work, [*record, "-o", "perf.data", "../madevent"], environment)
        self._check(work, process.wait())
        script = ["perf", "script", "-i", "perf.data", "--comm", "madevent", "--no-inline", "-F", "comm,ip,sym"]
        done = subprocess.run(script, cwd=work, check=False, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            raise ProfileError(f"perf script failed: {done.stderr.strip()}")
        return read_stacks(done.stdout.splitlines())


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


def perf_is_allowed() -> bool:
    """Whether perf is there and may count."""
    if shutil.which("perf") is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        command = ["perf", "record", "-q", "-o", f"{folder}/data", "true"]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0
