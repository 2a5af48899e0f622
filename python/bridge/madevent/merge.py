"""Merging of the channels' events, in fewer steps: runs inside a MadEvent directory.

`inject` copies this file to ``bin/internal/mebridge_merge.py`` of directories whose ``lhe_parser.py``
is one it was compared with, and adds lines to that which call `install`. ``combine_events`` then reads
each event's weight alone when it looks for the ones to keep. It looks up to twenty times, each time
with another maximal weight, and wrote all it found each time: here a file is written when it is known
to be the last one, the text of its events turned into the new one without making objects of it.
The same random numbers are drawn, and the same text written; compressed files are 5 % longer.

``MEBRIDGE=0`` or a ``MEBRIDGE_GLUE`` without ``merge`` and ``all``: as without it.
"""

from __future__ import annotations

import mmap
import os
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any

#: appended to lhe_parser.py
HOOK = b"""
# mebridge
try:
    from internal import mebridge_merge as _mebridge_merge
    _mebridge_merge.install(globals())
except ImportError:
    pass
"""

_N_COLUMN = 13  # of a particle
_N_EVENT_PIECE = 64  # written at once
_GZIP_LEVEL = 6  # level 9, Python's own, takes three times as long for 5 % less
_PARTICLE = " %8d %2d %4d %4d %4d %4d %+13.10e %+13.10e %+13.10e %14.10e %14.10e %10.4e %10.4e"
_HEADER = "%2d %6d %+13.7e %14.8e %14.8e %14.8e"


def is_wanted() -> bool:
    """What the environment says."""
    units = (os.environ.get("MEBRIDGE_GLUE") or "all").split(",")
    return os.environ.get("MEBRIDGE", "1") != "0" and ("all" in units or "merge" in units)


def particle_lines(lines: list[str]) -> list[str] | None:
    """Particles as ``lhe_parser`` writes them; None if it would change more than the format."""
    written = []
    has_beam = False
    for i, line in enumerate(lines):
        values = [float(word) for word in line.split()[:_N_COLUMN]]
        if len(values) < _N_COLUMN:
            return None
        status, mother1, mother2, energy = values[1], values[2], values[3], values[9]
        if (energy == 0 and status != -1) or i < mother1 or i < mother2 or mother1 < 0 or mother2 < 0:
            return None
        has_beam = has_beam or status == -1
        written.append(_PARTICLE % tuple(values))
    return written if has_beam else None


def event_text(block: str, header: tuple[int, int, float, float, float, float]) -> str | None:
    """The new text of an event, from the old one and the new first line; None for unusual events."""
    lines = [stripped for line in block.split("\n") if (stripped := line.strip())]
    if len(lines) < 3 or lines[0] != "<event>" or lines[-1] != "</event>" or "#" in block or "\r" in block:
        return None
    body = lines[2:-1]
    n = next((i for i, line in enumerate(body) if "<" in line), len(body))
    particles = particle_lines(body[:n])
    if particles is None or "</event>" in "".join(body[n:]):
        return None
    return "\n".join(["<event>", _HEADER % header, *particles, *body[n:], "</event>", ""])


class _Reader:
    """The events of one file, found once."""

    def __init__(self, path: str, event_class: Any) -> None:
        self._event_class = event_class
        self._next = 0
        self._blocks: list[tuple[int, int]] = []
        with open(path, "rb") as file:
            self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        begin = self._data.find(b"<event")
        while begin >= 0:
            end = self._data.find(b"</event>", begin)
            if end < 0:
                break
            line_end = self._data.find(b"\n", end)
            end = len(self._data) if line_end < 0 else line_end + 1
            self._blocks.append((self._data.rfind(b"\n", 0, begin) + 1, end))
            begin = self._data.find(b"<event", end)

    @staticmethod
    def can_read(path: str) -> bool:
        if path.endswith(".gz") or not os.path.isfile(path) or os.path.getsize(path) == 0:
            return False
        with open(path, "rb") as file:
            return b"<eventgroup" not in file.read(1 << 16)

    def event(self, index: int) -> Any:
        begin, end = self._blocks[index]
        event = self._event_class(self._data[begin:end].decode("utf-8", "ignore"))
        event.mebridge_place = (self, index)
        return event

    def next_event(self) -> Any:
        if self._next == len(self._blocks):
            raise StopIteration
        self._next += 1
        return self.event(self._next - 1)

    def seek(self, position: int) -> None:
        if position != 0:
            raise ValueError(f"seek to {position}")
        self._next = 0


class _Later(str):
    """Stands for the text of an event until that is needed."""

    __slots__ = ("number", "reader", "weight")
    reader: _Reader
    number: int
    weight: float

    @classmethod
    def of(cls, event: Any) -> _Later:
        later = cls()
        later.reader, later.number = event.mebridge_place
        later.weight = event.wgt
        return later


class _Output:
    """What is written to a file of events: kept until `finish`."""

    def __init__(self) -> None:
        self._parts: list[Any] = []

    def write(self, text: str) -> None:
        # a place takes a tenth of the memory of the event's text
        self._parts.append((text.reader, text.number, text.weight) if isinstance(text, _Later) else text)

    def close(self) -> None:
        pass

    def _texts(self) -> Iterator[str]:
        for part in self._parts:
            if isinstance(part, str):
                yield part
                continue
            reader, index, weight = part
            event = reader.event(index)
            event.wgt = weight
            yield event.mebridge_text()

    def finish(self, file: Any) -> None:
        """Writes all to `file`, in long pieces, and closes it."""
        texts = self._texts()
        while piece := "".join(islice(texts, _N_EVENT_PIECE)):
            file.write(piece)
        file.close()


class _Files:
    """Stands in for `EventFile` while events are chosen: the last version of `path` alone is written."""

    def __init__(self, file_class: Any, path: str) -> None:
        self._file_class = file_class
        self._path = path
        self._output: _Output | None = None

    def __call__(self, path: str, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if path == self._path and mode == "w" and not arguments and not options:
            self._output = _Output()
            return self._output
        self.finish()
        return self._file_class(path, mode, *arguments, **options)

    def finish(self) -> None:
        output, self._output = self._output, None
        if output is not None:
            level = (_GZIP_LEVEL,) if self._path.endswith(".gz") else ()
            output.finish(self._file_class(self._path, "w", *level))


def _lazy_class(base: Any) -> Any:
    """A class of events that are read as far as they are asked for."""

    class LazyEvent(base):  # type: ignore[misc]
        def __init__(self, block: str) -> None:
            list.__init__(self)
            self._block: str | None = block
            lines = block.split("\n", 2)
            words = lines[1].split() if len(lines) == 3 else []
            if len(words) != 6 or lines[0].strip() != "<event>":
                self._load(None)
                return
            self.assign_scale_line(lines[1])

        def _load(self, weight: float | None) -> None:
            """Everything else, as it would have been read at once."""
            block, self._block = self._block, None
            scale = self.__dict__.get("sample_scale")
            base.__init__(self, block.split("\n") if block else None)
            if weight is not None:
                self.wgt = weight
            if scale is not None:
                self.sample_scale = scale

        def __getattr__(self, name: str) -> Any:
            if self.__dict__.get("_block") is None or name == "_block":
                raise AttributeError(name)
            self._load(self.wgt)
            return getattr(self, name)

        def _all(self) -> None:
            if self._block is not None:
                self._load(self.wgt)

        def __len__(self) -> int:
            self._all()
            return int(base.__len__(self))

        def __iter__(self) -> Any:
            self._all()
            return base.__iter__(self)

        def __getitem__(self, index: Any) -> Any:
            self._all()
            return base.__getitem__(self, index)

        def __str__(self, event_id: str = "") -> str:
            if self._block is not None and event_id in ("", None):
                return _Later.of(self)
            return self.mebridge_text(event_id)

        def mebridge_text(self, event_id: str = "") -> str:
            if self._block is not None and event_id in ("", None):
                header = (self.nexternal, self.ievent, self.wgt, self.scale, self.aqed, self.aqcd)
                text = event_text(self._block, header)
                if text is not None:
                    return text
            self._all()
            return str(base.__str__(self, event_id))

    return LazyEvent


def install(names: dict[str, Any]) -> None:
    """Puts it into the module `lhe_parser`, whose names are `names`."""
    if sys.version_info < (3, 8) or not is_wanted():
        return
    multi = names["MultiEventFile"]
    original = multi.unweight
    event_file = names["EventFile"]
    lazy = _lazy_class(names["Event"])

    def unweight(self: Any, outputpath: Any, get_wgt: Any, **options: Any) -> Any:
        usable = [file for file in self.files if not file.eventgroup and _Reader.can_read(file.path)]
        if self.eventgroup or not isinstance(outputpath, str) or len(usable) != len(self.files):
            return original(self, outputpath, get_wgt, **options)
        for file in self.files:
            reader = _Reader(file.path, lazy)
            file.next_event, file.seek = reader.next_event, reader.seek
        files = names["EventFile"] = _Files(event_file, outputpath)
        try:
            n_event = original(self, outputpath, get_wgt, **options)
            files.finish()
            return n_event
        finally:
            names["EventFile"] = event_file
            for file in self.files:
                del file.next_event, file.seek

    multi.unweight = unweight
