"""What the reader says when it does not understand."""

from __future__ import annotations

from pathlib import Path

from bridge.exceptions import Error


class ReadError(Error):
    """Text the reader does not know: refused with its place, never guessed.

    Attributes: `file`, `line` (from 1; 0 for the whole file), `text` of the statement and
    `reason`.
    """

    def __init__(self, reason: str, file: str | Path = "", line: int = 0, text: str = "") -> None:
        self.reason = reason
        self.file = Path(file)
        self.line = line
        self.text = text
        super().__init__(self._message())

    def _message(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else str(self.file)
        shown = self.text if len(self.text) <= 120 else f"{self.text[:117]}..."
        return f"{place}: {self.reason}" + (f": {shown}" if shown else "")

    def __reduce__(self) -> tuple[type[ReadError], tuple[str, Path, int, str]]:
        return type(self), (self.reason, self.file, self.line, self.text)
