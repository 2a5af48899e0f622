"""Reading, one event after the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from os import PathLike, fspath
from pathlib import Path
from types import TracebackType

from bridge.lhe.model import Event, Init
from bridge.lhe.parse import Block, parse, parse_init
from bridge.lhe.scanner import Scanner
from bridge.lhe.style import Style, detect

_BATCH = 256
_ROOT = re.compile(rb"\s*<LesHouchesEvents\b")
_INIT = re.compile(rb"\s*<init\s*>")
_EVENT = re.compile(rb"<event(\s[^>]*)?>")


class Reader:
    """The events of a file, plain or gzip (told by its content), in constant memory.

    `header` is all before `<init>`, verbatim; `init` is None for a file that begins with its
    events, as those of MadEvent's single jobs do. A reader is used once:

    >>> with lhe.read("unweighted_events.lhe.gz") as events:
    ...     for event in events:
    ...         event.particles["pdg_id"], event.momenta

    LheError (file, line): damaged, cut off, wrong counts, no number where one should be.
    OSError: no such file, and the like.
    """

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = Path(fspath(path))
        self.header = ""
        self.init: Init | None = None
        self._has_root = False
        self._first: Block | None = None
        self._style: Style | None = None
        self._scanner = Scanner(self.path)
        try:
            self._read_preamble()
            self._first = self._next_block()
            if self._first is not None:
                self._style = detect(parse([self._first], self.path)[0], self._first.text)
        except BaseException:
            self.close()
            raise

    @property
    def style(self) -> Style | None:
        """The style that reproduces the first event's bytes; None if it is another one."""
        return self._style

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._scanner.close()

    def __iter__(self) -> Iterator[Event]:
        blocks = self.blocks()
        while batch := list(islice(blocks, _BATCH)):
            yield from parse(batch, self.path)

    def checked_blocks(self) -> Iterator[Block]:
        """The events' text, each known to be well-formed."""
        blocks = self.blocks()
        while batch := list(islice(blocks, _BATCH)):
            parse(batch, self.path)
            yield from batch

    def blocks(self) -> Iterator[Block]:
        """The events' text, not yet looked into."""
        block, self._first = self._first, None
        while block is not None:
            yield block
            block = self._next_block()

    def _read_preamble(self) -> None:
        """Up to `</init>`, or to the first event where there is no `<init>`."""
        lines: list[bytes] = []
        in_header = False
        while (line := self._scanner.through(b"\n")) is not None:
            self._has_root = self._has_root or bool(_ROOT.match(line))
            if not in_header and _INIT.match(line):
                self._read_init()
                break
            if not in_header and _EVENT.match(line.lstrip()):
                self._scanner.unread(line)
                break
            in_header = (in_header or b"<header" in line) and b"</header>" not in line
            lines.append(line)
        else:
            self._refuse_without_events(lines, in_header)
        self.header = _text(b"".join(lines))

    def _read_init(self) -> None:
        start = self._scanner.line
        text = self._scanner.through(b"</init>")
        if text is None:
            raise self._scanner.error("cut off: no </init>", start - 1)
        self.init = parse_init(_text(text.removesuffix(b"</init>")), self.path, start)
        self._scanner.line_end()

    def _refuse_without_events(self, lines: list[bytes], in_header: bool) -> None:
        if in_header:
            raise self._scanner.error("cut off: no </header>")
        if self._has_root:
            raise self._scanner.error("neither <init> nor <event>")
        if b"".join(lines).strip() or self._scanner.rest().strip():
            raise self._scanner.error("not a Les Houches event file", 1)

    def _next_block(self) -> Block | None:
        line = self._scanner.line
        text = self._scanner.through(b"</event>")
        if text is None:
            self._check_end(self._scanner.rest(), line)
            return None
        return Block(_text(text + self._scanner.line_end()), line)

    def _check_end(self, rest: bytes, line: int) -> None:
        if tag := _EVENT.search(rest):
            begin = line + rest.count(b"\n", 0, tag.start())
            raise self._scanner.error("cut off: <event> without </event>", begin)
        if self._has_root and b"</LesHouchesEvents>" not in rest:
            raise self._scanner.error("cut off: no </LesHouchesEvents>")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def read(path: str | PathLike[str]) -> Reader:
    """Opens `path` and reads up to its first event."""
    return Reader(path)
