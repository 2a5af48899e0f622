"""Stacks counted by ``perf``."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from bridge.profile.stacks import ProfileError, Stack, read_stacks

_FREQUENCY = 997  # samples a second
_STACK_BYTES = 16384


class Perf:
    """Records with ``perf record`` in the job's folder."""

    def command(self) -> list[str]:
        record = ["perf", "record", "-q", "-F", str(_FREQUENCY), "--call-graph", f"dwarf,{_STACK_BYTES}"]
        return [*record, "-o", "perf.data", "../madevent"]

    def environment(self, work: Path) -> dict[str, str]:
        return {}

    def stacks(self, work: Path) -> Counter[Stack]:
        script = ["perf", "script", "-i", "perf.data", "--comm", "madevent", "--no-inline", "-F", "comm,ip,sym"]
        done = subprocess.run(script, cwd=work, check=False, capture_output=True, text=True, errors="replace")
        if done.returncode != 0:
            raise ProfileError(f"perf script failed: {done.stderr.strip()}")
        return read_stacks(done.stdout.splitlines())


def find_perf() -> Perf | None:
    """None where perf is not there or may not count."""
    if shutil.which("perf") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        command = ["perf", "record", "-q", "-o", f"{folder}/data", "true"]
        allowed = subprocess.run(command, check=False, capture_output=True).returncode == 0
    return Perf() if allowed else None
