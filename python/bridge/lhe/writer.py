"""Writing: under the final name there is a whole file or none."""

from __future__ import annotations

import gzip
import os
import secrets
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, cast

from bridge.exceptions import ArgumentError
from bridge.lhe.model import PARTICLE, Event, Init
from bridge.lhe.style import MADGRAPH, Style, init_text

HEADER = '<LesHouchesEvents version="3.0">\n<header>\n</header>\n'
_FOOTER = "</LesHouchesEvents>\n"
_COMPRESSION = 6  # of zlib; 9 takes three times as long for 5 % less
_BUFFER = 1 << 16


class Writer:
    """A file of events, gzip if its name ends in `.gz`; to be used in a `with` statement.

    What is written goes to a hidden file beside it, which gets the final name when the `with`
    block ends well and is removed when an exception leaves it (full disk, interrupt).
    `header` is all before `<init>`, verbatim, as `Reader.header`. The same events give the same
    bytes, gzip too.

    >>> with lhe.read("a.lhe.gz") as events, lhe.write("b.lhe.gz", events.init, events.header) as out:
    ...     for event in events:
    ...         out.write(event)

    ArgumentError: a number is not finite, or `style` cannot hold it. OSError: disk full, and the like.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        init: Init,
        header: str = HEADER,
        style: Style = MADGRAPH,
    ) -> None:
        self.path = Path(os.path.realpath(fspath(path)))
        self.style = style
        self.n_event = 0
        if self.path.exists() and not self.path.is_file():
            raise ArgumentError(f"path: {self.path} is not a regular file")
        self._part = self.path.with_name(f".{self.path.name}.{secrets.token_hex(4)}.part")
        self._raw: BinaryIO = _create(self._part)
        self._stream: BinaryIO = self._raw
        self._pending: list[str] = []
        self._size = 0
        try:
            if self.path.suffix == ".gz":
                self._stream = _compressed(self._raw)
            self._put(header + init_text(init))
        except BaseException:
            self.discard()
            raise

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.discard()

    def write(self, event: Event) -> None:
        """Appends one event."""
        if event.particles.dtype != PARTICLE or event.particles.ndim != 1:
            raise ArgumentError("event.particles: expected dtype bridge.lhe.PARTICLE, shape (n_particle,)")
        numbers = self.style.header(event) + self.style.particles(event)
        if "n" in numbers.lower():  # nan, inf
            raise ArgumentError(f"event {self.n_event + 1}: a number is not finite:\n{numbers}")
        self._put(f"{event.before}<event{event.attributes}>\n{numbers}{event.extra}</event>\n")
        self.n_event += 1

    def close(self) -> None:
        """Ends the file and gives it its name. Done already: nothing."""
        if self._raw.closed:
            return
        try:
            self._put(_FOOTER)
            self._flush()
            if self._stream is not self._raw:
                self._stream.close()
            self._raw.flush()
            os.fsync(self._raw.fileno())
            self._raw.close()
            self._part.replace(self.path)
        except BaseException:
            self.discard()
            raise

    def discard(self) -> None:
        """Removes what was written; a file of this name from before stays as it was."""
        self._pending.clear()
        for stream in (self._stream, self._raw):
            try:
                stream.close()
            except OSError:  # the disk is full: there is nothing to save
                continue
        self._part.unlink(missing_ok=True)

    def _put(self, text: str) -> None:
        self._pending.append(text)
        self._size += len(text)
        if self._size > _BUFFER:
            self._flush()

    def _flush(self) -> None:
        self._stream.write("".join(self._pending).encode("utf-8", "surrogateescape"))
        self._pending.clear()
        self._size = 0


def _create(path: Path) -> BinaryIO:
    """A new file with the permissions the user's umask gives."""
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666), "wb")


def _compressed(raw: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, gzip.GzipFile("", "wb", _COMPRESSION, raw, mtime=0))


def write(
    path: str | PathLike[str],
    init: Init,
    header: str = HEADER,
    style: Style = MADGRAPH,
) -> Writer:
    """Opens a file for writing; see `Writer`."""
    return Writer(path, init, header, style)
