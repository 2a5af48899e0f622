"""What is said about a file that is no Les Houches event file, or a damaged one."""

from __future__ import annotations

from pathlib import Path

from bridge.exceptions import Error


class LheError(Error, ValueError):
    """A Les Houches event file cannot be understood or is cut off.

    Attributes: `reason`, `file`, `line` (from 1; 0 for the whole file).
    """

    def __init__(self, reason: str, file: str | Path = "", line: int = 0) -> None:
        self.reason = reason
        self.file = Path(file)
        self.line = line
        place = f"{self.file}:{line}" if line else str(self.file)
        super().__init__(f"{place}: {reason}")

    def __reduce__(self) -> tuple[type[LheError], tuple[str, Path, int]]:
        return type(self), (self.reason, self.file, self.line)
