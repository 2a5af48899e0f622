"""Call stacks that ``perf`` has counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

#: names of functions from the outermost to the innermost
Stack = tuple[str, ...]

_UNKNOWN = "[unknown]"


def read_stacks(lines: Iterable[str]) -> Counter[Stack]:
    """Counts stacks in what ``perf script -F comm,ip,sym`` prints: a block of lines for each sample.

    Each block begins with a line without indentation; then come the functions, innermost first.
    """
    found: Counter[Stack] = Counter()
    frames: list[str] | None = None
    for line in [*lines, ""]:
        if line.strip() and line[0].isspace():
            if frames is not None:
                frames.append(_name(line))
            continue
        if frames:
            found[tuple(reversed(frames))] += 1
        frames = [] if line.strip() else None
    return found


def _name(line: str) -> str:
    """The function in a line of address and symbol, as Fortran programmers write it."""
    parts = line.split(None, 1)
    name = parts[1].strip() if len(parts) > 1 else _UNKNOWN
    name = name.removesuffix("(inlined)").strip()
    return name.removesuffix("_") or _UNKNOWN
