"""Pieces of a file between markers, in constant memory, with line numbers; plain or gzip."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import BinaryIO, cast

from bridge.lhe.error import LheError

_CHUNK = 1 << 18
_LARGEST_PIECE = 1 << 26  # no event or line is that long: the marker is missing
_GZIP = b"\x1f\x8b"


class Scanner:
    """Reads `path` from its beginning; `line` is the number of the next line, from 1."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 1
        self._buffer = b""
        self._position = 0
        self._raw = path.open("rb")
        self._stream: BinaryIO = self._raw
        try:
            if self._raw.peek(2)[:2] == _GZIP:
                self._stream = cast(BinaryIO, gzip.GzipFile(fileobj=self._raw))
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._stream.close()
        self._raw.close()

    def error(self, reason: str, line: int = 0) -> LheError:
        """An error at `line`, by default the next."""
        return LheError(reason, self.path, line or self.line)

    def through(self, marker: bytes) -> bytes | None:
        """The text up to and with `marker`; None if the file has no more of it."""
        start = self._position
        while (found := self._buffer.find(marker, start)) < 0:
            searched = max(len(self._buffer) - self._position - len(marker) + 1, 0)
            if searched > _LARGEST_PIECE:
                raise self.error(f"no {marker.decode().strip() or 'end of line'} within {searched >> 20} MiB")
            if not self._more():
                return None
            start = searched
        return self._take(found + len(marker))

    def line_end(self) -> bytes:
        """The rest of a line that is empty from here on; nothing if it is not."""
        while len(self._buffer) - self._position < 2 and self._more():
            pass
        for end in (b"\n", b"\r\n"):
            if self._buffer.startswith(end, self._position):
                return self._take(self._position + len(end))
        return b""

    def rest(self) -> bytes:
        """All that is left."""
        while self._more():
            if len(self._buffer) > _LARGEST_PIECE:
                raise self.error("no event in what follows")
        return self._take(len(self._buffer))

    def unread(self, text: bytes) -> None:
        """Puts back what was taken last."""
        self._position -= len(text)
        self.line -= text.count(b"\n")

    def _take(self, end: int) -> bytes:
        text = self._buffer[self._position : end]
        self._position = end
        self.line += text.count(b"\n")
        return text

    def _more(self) -> bool:
        try:
            chunk = self._stream.read(_CHUNK)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise self.error(f"the gzip file is cut off or damaged ({error})") from error
        self._buffer = self._buffer[self._position :] + chunk
        self._position = 0
        return bool(chunk)
