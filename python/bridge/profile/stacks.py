"""Call stacks of a job, counted or weighted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

#: names of functions from the outermost to the innermost
Stack = tuple[str, ...]

_UNKNOWN = "[unknown]"


class ProfileError(OSError):
    """The job cannot be run. The message says what to do."""


class Recorder(Protocol):
    """A way to see where a job is."""

    def command(self) -> list[str]:
        """What runs ``../madevent`` in the job's folder."""

    def environment(self, work: Path) -> dict[str, str]:
        """What the job needs besides, `work` being its folder."""

    def stacks(self, work: Path) -> Counter[Stack]:
        """What has been seen, after the job; weights in any unit. Empty if nothing could be."""


def read_stacks(lines: Iterable[str]) -> Counter[Stack]:
    """Counts stacks in what ``perf script -F comm,ip,sym`` prints: a block of lines for each sample.

    Each block begins with a line without indentation; then come the functions, innermost first.
    """
    found: Counter[Stack] = Counter()
    frames: list[str] | None = None
    for line in [*lines, ""]:
        if line.strip() and line[0].isspace():
            if frames is not None:
                parts = line.split(None, 1)
                frames.append(plain_name(parts[1] if len(parts) > 1 else ""))
            continue
        if frames:
            found[tuple(reversed(frames))] += 1
        frames = [] if line.strip() else None
    return found


def plain_name(symbol: str) -> str:
    """A function's name as Fortran programmers write it."""
    return symbol.strip().removesuffix("(inlined)").strip().removesuffix("_") or _UNKNOWN
