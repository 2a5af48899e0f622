"""Timers of our own: where a job is, sampled from inside by ``libmebridge_sampler.so`` (bridge/profile/sampler.c)."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from bridge.config import get_library
from bridge.profile.stacks import Stack, plain_name

_SAMPLES = "samples"
_WORD = struct.Struct("=Q")


@dataclass(frozen=True, slots=True)
class Timers:
    """Needs nothing but ``nm`` and ``c++filt``; stacks are weighted by processor time in ns."""

    library: Path

    def command(self) -> list[str]:
        return ["../madevent"]

    def environment(self, work: Path) -> dict[str, str]:
        others = os.environ.get("LD_PRELOAD")
        preload = f"{self.library}:{others}" if others else str(self.library)
        return {"LD_PRELOAD": preload, "MEBRIDGE_SAMPLES": str(work / _SAMPLES)}

    def stacks(self, work: Path) -> Counter[Stack]:
        """Empty if the job cannot be sampled: linked statically, say."""
        samples, modules = work / _SAMPLES, work / f"{_SAMPLES}.modules"
        if not samples.is_file() or not modules.is_file():
            return Counter()
        counts = read_samples(samples.read_bytes())
        names = Modules.read(modules.read_text(errors="replace")).names({pc for stack in counts for pc in stack})
        found: Counter[Stack] = Counter()
        for stack, weight in counts.items():
            found[tuple(names[pc] for pc in reversed(stack))] += weight
        return found


def find_timers() -> Timers | None:
    """None where the sampler or the programs that read its samples are not installed."""
    if shutil.which("nm") is None or shutil.which("c++filt") is None:
        return None
    try:
        main = os.environ.get("MEBRIDGE_LIBRARY") or get_library()
    except FileNotFoundError:
        return None
    library = Path(main).resolve().with_name("libmebridge_sampler.so")
    return Timers(library) if library.is_file() else None


def read_samples(data: bytes) -> Counter[tuple[int, ...]]:
    """Weights in ns of the stacks of addresses in a file of samples, innermost first; () is what no sample saw."""
    words = [word for (word,) in _WORD.iter_unpack(data[: len(data) // _WORD.size * _WORD.size])]
    found: Counter[tuple[int, ...]] = Counter()
    begin = 0
    while begin + 2 <= len(words):
        weight, n = words[begin : begin + 2]
        addresses = words[begin + 2 : begin + 2 + n]
        if len(addresses) < n:  # the file system was full
            break
        # A return address may be the first of the next function.
        found[tuple(address - (i > 0) for i, address in enumerate(addresses))] += weight
        begin += 2 + n
    return found


@dataclass(frozen=True, slots=True)
class _Module:
    bias: int
    begin: int
    end: int
    path: str


@dataclass(frozen=True, slots=True)
class Modules:
    """Executable segments of a process and the functions in them."""

    segments: tuple[_Module, ...] = field(default=())

    @classmethod
    def read(cls, text: str) -> Modules:
        """Lines of bias, begin, end (hexadecimal) and path."""
        rows = (line.split(None, 3) for line in text.splitlines())
        return cls(tuple(_Module(int(row[0], 16), int(row[1], 16), int(row[2], 16), row[3]) for row in rows))

    def names(self, addresses: Iterable[int]) -> dict[int, str]:
        """Name of the function at each address, or of the file in brackets where it has none."""
        symbols = {address: self._symbol(address) for address in addresses}
        plain = _demangle(set(symbols.values()))
        return {address: plain_name(plain[symbol]) for address, symbol in symbols.items()}

    def _symbol(self, address: int) -> str:
        for module in self.segments:
            if module.begin <= address < module.end:
                return _symbol_at(module.path, address - module.bias) or f"[{Path(module.path).name}]"
        return "[unknown]"


def _symbol_at(path: str, address: int) -> str:
    begins, rows = _functions(path)
    i = bisect_right(begins, address) - 1
    if i < 0:
        return ""
    end, name = rows[i]
    return name if address < end else ""


@cache
def _functions(path: str) -> tuple[list[int], list[tuple[int, str]]]:
    """Addresses at which functions begin, in order, and where each ends, with its name."""
    found: dict[int, tuple[int, str]] = {}
    for option in ("--defined-only", "-D"):  # libraries of the system have only dynamic symbols
        command = ["nm", "-S", option, path]
        done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
        for line in done.stdout.splitlines():
            *numbers, kind, name = line.split()
            if len(numbers) in (1, 2) and kind in "tTwWi":
                begin = int(numbers[0], 16)
                size = int(numbers[1], 16) if len(numbers) == 2 else 0
                found.setdefault(begin, (begin + size, name.split("@")[0]))
    begins = sorted(found)
    rows = []
    for begin, following in zip(begins, [*begins[1:], 1 << 64], strict=False):
        end, name = found[begin]
        rows.append((end if end > begin else following, name))  # assembler has no sizes
    return begins, rows


def _demangle(symbols: set[str]) -> dict[str, str]:
    """C++ names without arguments; others as they are."""
    names = {name: name for name in symbols}
    mangled = sorted(name for name in symbols if name.startswith("_Z"))
    if mangled:
        done = subprocess.run(["c++filt", "-p"], input="\n".join(mangled), check=True, capture_output=True, text=True)
        names |= zip(mangled, done.stdout.splitlines(), strict=True)
    return names
