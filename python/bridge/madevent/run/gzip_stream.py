"""Compressed files, written by several threads.

The result is one gzip member (RFC 1952): pieces are compressed on their own, each with the 32 kB before it
as dictionary, and end at a byte, as pigz does it (M. Adler).
"""

from __future__ import annotations

import os
import struct
import time
import zlib
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import BinaryIO

_N_THREAD = 4
_PIECE = 1 << 20
_WINDOW = 1 << 15


def _header(name: str) -> bytes:
    return (
        b"\x1f\x8b\x08\x08"
        + struct.pack("<L", int(time.time()))
        + b"\x00\xff"
        + name.encode("latin-1", "replace")
        + b"\0"
    )


def _compressed(piece: bytes, before: bytes, level: int) -> bytes:
    stream = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=before)
    return stream.compress(piece) + stream.flush(zlib.Z_SYNC_FLUSH)


def _pieces(texts: Iterable[bytes]) -> Iterator[bytes]:
    """The same text in pieces of at least `_PIECE` characters, but for the last one."""
    waiting: list[bytes] = []
    size = 0
    for text in texts:
        waiting.append(text)
        size += len(text)
        if size >= _PIECE:
            yield b"".join(waiting)
            waiting.clear()
            size = 0
    if waiting:
        yield b"".join(waiting)


def _n_thread() -> int:
    n_core = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(_N_THREAD, n_core))


def write_compressed(file: BinaryIO, name: str, texts: Iterable[bytes], level: int) -> None:
    """Writes `texts`, one after the other, to `file` as the gzip file of `name`."""
    file.write(_header(name))
    checksum, size, before = 0, 0, b""
    running: deque[Future[bytes]] = deque()
    n_thread = _n_thread()
    with ThreadPoolExecutor(n_thread) as pool:
        for piece in _pieces(texts):
            running.append(pool.submit(_compressed, piece, before, level))
            checksum, size, before = zlib.crc32(piece, checksum), size + len(piece), piece[-_WINDOW:]
            while len(running) > 2 * n_thread:
                file.write(running.popleft().result())
        while running:
            file.write(running.popleft().result())
    file.write(zlib.compressobj(wbits=-zlib.MAX_WBITS).flush())
    file.write(struct.pack("<LL", checksum, size & 0xFFFFFFFF))
