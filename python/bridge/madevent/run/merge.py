"""Merging of the channels' events (``lhe_parser.py``): the same events and text.

``combine_events`` chooses events in up to twenty attempts, each with another maximal weight. In each of
them it reads every event (up to MG5_aMC 3.5 all its numbers) and writes a file. Here the library finds
the events once and reads their weights; MadEvent's own code goes through them and chooses; the file is
written when it is known to be the last one, the text of events turned into the new one by the library.
The same random numbers are drawn. Events of unusual form go through MadEvent's parser; so does
everything, where the library cannot be loaded or a file is not one that jobs write.
"""

from __future__ import annotations

import contextlib
import gzip
import inspect
import os
import random
import shutil
import tempfile
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from . import is_wanted, native, progress
from .gzip_stream import write_compressed

_GZIP_LEVEL = 6  # level 9, Python's own, takes three times as long for 5 % less
#: what the output is called until it is whole
_TEMPORARY = ".mebridge-new"


def _lazy_class(base: Any, files: native.EventFiles, options: dict[str, bool]) -> Any:
    """A class of events of `files` that are parsed, with `options`, when more than their weight is asked for."""

    class LazyEvent(base):  # type: ignore[misc]
        def __init__(self, file: int, event: int) -> None:
            self.mebridge_place: tuple[int, int] | None = (file, event)
            self.wgt = files.weights[file][event]
            number = files.numbers[file][event]
            self.ievent = str(number) if options else number

        def mebridge_load(self) -> None:
            """Everything else, as it would have been read at once."""
            if self.mebridge_place is None:
                return
            place, self.mebridge_place = self.mebridge_place, None
            kept = {name: value for name, value in self.__dict__.items() if name in ("wgt", "sample_scale")}
            base.__init__(self, files.block(*place).split("\n"), **options)
            self.__dict__.update(kept)

        def __getattr__(self, name: str) -> Any:
            if self.__dict__.get("mebridge_place") is None:
                raise AttributeError(name)
            self.mebridge_load()
            return getattr(self, name)

        def __len__(self) -> int:
            self.mebridge_load()
            return int(base.__len__(self))

        def __iter__(self) -> Any:
            self.mebridge_load()
            return base.__iter__(self)

        def __getitem__(self, index: Any) -> Any:
            self.mebridge_load()
            return base.__getitem__(self, index)

        def __str__(self, event_id: str = "") -> str:
            if self.mebridge_place is not None and event_id in ("", None):
                return _Later.of(self)
            self.mebridge_load()
            return str(base.__str__(self, event_id))

    return LazyEvent


class _Later(str):
    """Stands for the text of an event until that is needed."""

    __slots__ = ("event", "file", "weight")
    file: int
    event: int
    weight: float

    @classmethod
    def of(cls, event: Any) -> _Later:
        later = cls()
        later.file, later.event = event.mebridge_place
        later.weight = event.wgt
        return later


class _Output:
    """What is written to a file of events: kept until `pieces` are asked for."""

    def __init__(self, files: native.EventFiles, event_class: Any, is_copied: bool) -> None:
        self._source = files
        self._event_class = event_class
        self._is_copied = is_copied
        self._files, self._events, self._weights = array("i"), array("q"), array("d")
        self._texts: list[tuple[int, str]] = []  # each with the number of events before it

    def write(self, text: str) -> None:
        if isinstance(text, _Later):
            self._files.append(text.file)
            self._events.append(text.event)
            self._weights.append(text.weight)
        else:
            self._texts.append((len(self._files), text))

    def close(self) -> None:
        pass

    def pieces(self) -> Iterator[bytes]:
        begin = 0
        for end, text in [*self._texts, (len(self._files), "")]:
            yield from self._event_pieces(begin, end)
            yield text.encode()
            begin = end

    def _event_pieces(self, begin: int, end: int) -> Iterator[bytes]:
        parts = (self._files[begin:end], self._events[begin:end], self._weights[begin:end])
        for n, text in self._source.texts(*parts, self._is_copied):
            progress.show(f"writing events: {begin + n} of {len(self._files)}")
            yield self._parsed(begin + n - 1) if text is None else text

    def _parsed(self, number: int) -> bytes:
        """The text of an event as MadEvent's parser reads and writes it."""
        event = self._event_class(self._files[number], self._events[number])
        event.wgt = self._weights[number]
        event.mebridge_load()
        return str(event).encode()


class _Outputs:
    """Stands in for `EventFile` while events are chosen: the last version of `path` alone is written."""

    def __init__(self, file_class: Any, path: str, new_output: Callable[[], _Output]) -> None:
        self._file_class = file_class
        self._path = path
        self._new_output = new_output
        self._output: _Output | None = None

    def __call__(self, path: str, mode: str = "r", *arguments: Any, **options: Any) -> Any:
        if path == self._path and mode == "w" and not arguments and not options:
            self._output = self._new_output()
            return self._output
        self.finish()
        return self._file_class(path, mode, *arguments, **options)

    def finish(self) -> None:
        output, self._output = self._output, None
        if output is not None:
            _write(Path(self._path), output.pieces())


def _write(path: Path, pieces: Iterator[bytes]) -> None:
    """A whole file or none."""
    temporary = path.with_name(path.name + _TEMPORARY)
    try:
        with open(temporary, "wb") as file:
            if path.suffix == ".gz":
                write_compressed(file, path.stem, pieces, _GZIP_LEVEL)
            else:
                file.writelines(pieces)
        temporary.replace(path)
        progress.erase()
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


class _Draws:
    """Stands in for the module `random` during one attempt, whose numbers have been drawn already."""

    def __init__(self, numbers: array[float]) -> None:
        self.random = iter(numbers).__next__

    def __getattr__(self, name: str) -> Any:
        return getattr(random, name)


class _Merge:
    """One merging of all files of `multi`."""

    def __init__(self, names: dict[str, Any], multi: Any, files: native.EventFiles) -> None:
        self._names = names
        self._multi = multi
        self._source = files
        # from 3.6 on particles' lines are not parsed
        self._is_copied = "parse_momenta" in inspect.signature(names["Event"].__init__).parameters
        options = {"parse_momenta": False} if self._is_copied else {}
        self._event_class = _lazy_class(names["Event"], files, options)
        self._file_class = names["EventFile"]

    def new_output(self) -> _Output:
        return _Output(self._source, self._event_class, self._is_copied)

    def attempt(self) -> Iterator[Any]:
        """All events, in the order in which `MultiEventFile` draws them."""
        files, numbers = self._source.draw()
        scales = self._multi.scales
        following = [iter(range(len(weights))) for weights in self._source.weights]
        self._names["random"] = _Draws(numbers)
        try:
            for file in files:
                event = self._event_class(file, next(following[file]))
                event.sample_scale = scales[file]
                yield event
        finally:
            self._names["random"] = random

    def _read(self, number: int, file: Any) -> None:
        """Lets `file` give its events one after the other."""

        def seek(position: int) -> None:
            if position != 0:
                raise ValueError(f"seek to {position}")
            events = range(len(self._source.weights[number]))
            file.next_event = (self._event_class(number, event) for event in events).__next__

        file.seek = seek
        seek(0)

    @contextlib.contextmanager
    def in_place(self, path: str) -> Iterator[None]:
        """Everything that is replaced, as long as it is."""
        outputs = _Outputs(self._file_class, path, self.new_output)
        self._names["EventFile"] = outputs
        self._multi.mebridge_attempt = self.attempt
        for number, file in enumerate(self._multi.files):
            self._read(number, file)
        try:
            yield
            outputs.finish()
        finally:
            self._names["EventFile"] = self._file_class
            del self._multi.mebridge_attempt
            for file in self._multi.files:
                del file.next_event, file.seek


def _add(files: native.EventFiles, path: str, folder: str) -> bool:
    """Adds the file `path`; `folder`: where there is room for what is compressed."""
    with open(path, "rb") as file:
        if not path.endswith(".gz"):
            return files.add(file.fileno())
        with tempfile.TemporaryFile(dir=folder) as text:
            shutil.copyfileobj(gzip.GzipFile(fileobj=file), text, 1 << 20)
            text.flush()
            return files.add(text.fileno())


def _read(multi: Any, path: Any) -> native.EventFiles | None:
    """The events of all files of `multi`; None if they cannot be read here."""
    if multi.eventgroup or not isinstance(path, str) or not multi.files:
        return None
    library = native.load()
    if library is None:
        return None
    files = native.EventFiles(library)
    try:
        folder = os.path.dirname(path) or "."
        if all(not file.eventgroup and _add(files, file.path, folder) for file in multi.files):
            return files
    except (OSError, EOFError):  # MadEvent's own parser tells of it
        pass
    except BaseException:
        files.close()
        raise
    files.close()
    return None


def _hasten_gzip(misc: Any) -> None:
    """From 3.6 on the merged file is compressed when it is whole, by `misc.gzip`."""
    as_before = misc.gzip

    def compress(path: str, *arguments: Any, **options: Any) -> Any:
        if os.path.basename(path) != "unweighted_events.lhe" or arguments or options:
            return as_before(path, *arguments, **options)
        with open(path, "rb") as file:
            _write(Path(path + ".gz"), iter(lambda: file.read(1 << 20), b""))
        os.remove(path)
        return None

    misc.gzip = compress


def install(names: dict[str, Any]) -> None:
    """Puts it into the module `lhe_parser`, whose names are `names`."""
    if not is_wanted("merge"):
        return
    multi_file = names["MultiEventFile"]
    unweight_as_before, iterate_as_before = multi_file.unweight, multi_file.__iter__

    def iterate(self: Any) -> Any:
        attempt = self.__dict__.get("mebridge_attempt")
        return iterate_as_before(self) if attempt is None else attempt()

    def unweight(self: Any, outputpath: Any, get_wgt: Any, **options: Any) -> Any:
        files = _read(self, outputpath)
        if files is None:
            return unweight_as_before(self, outputpath, get_wgt, **options)
        try:
            with _Merge(names, self, files).in_place(outputpath):
                return unweight_as_before(self, outputpath, get_wgt, **options)
        finally:
            files.close()

    multi_file.__iter__, multi_file.unweight = iterate, unweight
    _hasten_gzip(names["misc"])
