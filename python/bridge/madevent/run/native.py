"""The functions of the directory's ``lib/libmebridge.so`` that merge events (``bridge/glue/merging.cpp``)."""

from __future__ import annotations

import ctypes
import random
from array import array
from collections.abc import Iterator, Sequence
from ctypes import POINTER, c_bool, c_double, c_int32, c_int64, c_uint32, c_void_p
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).resolve().parents[3] / "lib" / "libmebridge.so"

_PIECE = 1 << 20  # characters written at once
_TYPES: dict[str, Any] = {"i": c_int32, "q": c_int64, "d": c_double}
_STATE_VERSION = 3  # of random.getstate()

_RESULTS = {
    "meb_merge_new": (c_void_p, ()),
    "meb_merge_delete": (None, (POINTER(c_void_p),)),
    "meb_merge_add_file": (c_int64, (c_void_p, c_int32)),
    "meb_merge_get_events": (None, (c_void_p, c_int32, c_void_p, c_void_p)),
    "meb_merge_draw": (c_bool, (c_int32, POINTER(c_int64), POINTER(c_uint32), POINTER(c_int32), POINTER(c_double))),
    "meb_merge_get_block": (c_void_p, (c_void_p, c_int32, c_int64, POINTER(c_int64))),
    "meb_merge_write": (
        c_int64,
        (c_void_p, c_int32, c_int64, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), POINTER(c_int64)),
    ),
}


def load() -> ctypes.CDLL | None:
    """The library; None if it cannot be used here."""
    try:
        library = ctypes.CDLL(str(LIBRARY))
        for name, (result, arguments) in _RESULTS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except (OSError, AttributeError):
        return None
    return library if _draws_agree(library) else None


def _numbers(code: str, n: int) -> tuple[array[Any], Any]:
    """An array of n zeros, and itself for the library."""
    numbers = array(code, bytes(n * array(code).itemsize))
    return numbers, (_TYPES[code] * n).from_buffer(numbers)


def draw(library: ctypes.CDLL, n_event: Sequence[int]) -> tuple[array[int], array[float]]:
    """Files and decisive numbers of all events in the order of drawing; advances Python's generator."""
    version, state, gauss = random.getstate()
    total = sum(n_event)
    if version != _STATE_VERSION or total >= 1 << 32:
        raise ValueError("another generator of random numbers, or too many events")
    words = (c_uint32 * len(state))(*state)
    files, file_buffer = _numbers("i", total)
    decisive, decisive_buffer = _numbers("d", total)
    counts = (c_int64 * len(n_event))(*n_event)
    if not library.meb_merge_draw(len(n_event), counts, words, file_buffer, decisive_buffer):
        raise MemoryError
    random.setstate((version, tuple(words), gauss))
    return files, decisive


def _draws_agree(library: ctypes.CDLL) -> bool:
    """Whether this Python draws its random numbers as the library does."""
    state = random.getstate()
    n_event = [3, 0, 5]
    try:
        _, decisive = draw(library, n_event)
        after = random.getstate()
        random.setstate(state)
        expected = [(random.randint(1, left), random.random())[1] for left in range(sum(n_event), 0, -1)]
        return list(decisive) == expected and random.getstate() == after
    except ValueError:
        return False
    finally:
        random.setstate(state)


class EventFiles:
    """The events of several files."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        self._handle = c_void_p(library.meb_merge_new())
        #: for each file: XWGTUP and IDPRUP of its events
        self.weights: list[array[float]] = []
        self.numbers: list[array[int]] = []
        if not self._handle:
            raise MemoryError

    def add(self, descriptor: int) -> bool:
        """Adds an open file; False if MadEvent's own parser has to read it."""
        n_event = self._library.meb_merge_add_file(self._handle, descriptor)
        if n_event < 0:
            return False
        weights, weight_buffer = _numbers("d", n_event)
        numbers, number_buffer = _numbers("q", n_event)
        self._library.meb_merge_get_events(self._handle, len(self.weights), weight_buffer, number_buffer)
        self.weights.append(weights)
        self.numbers.append(numbers)
        return True

    def draw(self) -> tuple[array[int], array[float]]:
        return draw(self._library, [len(weights) for weights in self.weights])

    def block(self, file: int, event: int) -> str:
        """The text of an event as it is in its file."""
        size = c_int64()
        text = self._library.meb_merge_get_block(self._handle, file, event, ctypes.byref(size))
        return ctypes.string_at(text, size.value).decode(errors="ignore")

    def texts(
        self, files: array[int], events: array[int], weights: array[float], is_copied: bool
    ) -> Iterator[tuple[int, bytes | None]]:
        """The new text of events (arrays "i", "q", "d"), in pieces, each with the index of the event behind it.

        is_copied: all but the weight is copied; numbers are formatted anew otherwise.
        None in the place of the text of one event that MadEvent's own parser has to do.
        """
        begin, end = 0, len(files)
        while begin < end:
            text, size = c_void_p(), c_int64(_PIECE)
            addresses = [a.buffer_info()[0] + begin * a.itemsize for a in (files, events, weights)]
            n = self._library.meb_merge_write(
                self._handle, is_copied, end - begin, *addresses, ctypes.byref(text), ctypes.byref(size)
            )
            if n < 0:
                raise MemoryError
            begin += n
            if n:
                yield begin, ctypes.string_at(text.value or 0, size.value)
            if begin < end and size.value < _PIECE:
                begin += 1
                yield begin, None

    def close(self) -> None:
        self._library.meb_merge_delete(ctypes.byref(self._handle))
