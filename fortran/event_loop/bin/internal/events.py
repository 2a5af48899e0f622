"""Events of all channels, each channel with its share, into one Les Houches event file."""

from __future__ import annotations

import gzip
import os
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from internal.error import RunError
from internal.jobs import Channel, Result

_EVENT = re.compile(rb"<event>\n(.*?)</event>", re.DOTALL)
_PROCESS = re.compile(r"P(\d+)_")


@dataclass(frozen=True)
class Event:
    """`weight`: with sign, in units of the common weight. `record`: the lines after the first one's weight."""

    weight: float
    process: str
    scales: str
    rows: tuple[bytes, ...]


def select(results: Mapping[Channel, Result], n_event: int, rng: random.Random) -> list[Event]:
    """`n_event` events; fewer if there are not as many."""
    alive = {channel: result for channel, result in results.items() if result.absolute > 0.0}
    unit = 1.0 / min(result.luminosity for result in alive.values())
    chosen = [event for channel in alive for event in _thinned(channel, unit, rng)]
    rng.shuffle(chosen)
    return chosen[:n_event]


def _thinned(channel: Channel, unit: float, rng: random.Random) -> Iterator[Event]:
    """Keeps an event of weight v with probability v/unit; above it the event keeps its weight."""
    path = channel.job / "events.lhe"
    try:
        text = path.read_bytes()
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}") from error
    for match in _EVENT.finditer(text):
        head, *rows = match[1].splitlines()
        n_particle, process, weight, *scales = head.decode().split()
        size = abs(float(weight)) / unit
        if size >= 1.0 or rng.random() < size:
            sign = -1.0 if float(weight) < 0.0 else 1.0
            kept = _shuffled_identical(rows[: int(n_particle)], rng)
            yield Event(sign * max(1.0, size), process, " ".join(scales), kept)


def _shuffled_identical(rows: list[bytes], rng: random.Random) -> tuple[bytes, ...]:
    """Identical final particles in any order: of equal channels only one was run."""
    places: dict[bytes, list[int]] = {}
    for place, row in enumerate(rows):
        pdg_id, status, *_ = row.split(maxsplit=2)
        if status == b"1":
            places.setdefault(pdg_id, []).append(place)
    result = list(rows)
    for group in places.values():
        if len(group) > 1:
            mixed = rng.sample(group, len(group))
            for k, place in enumerate(group):
                result[place] = rows[mixed[k]]
    return tuple(result)


@dataclass(frozen=True)
class Run:
    """What goes into <init>: beams (pdg ids; 0: of several kinds), energies (GeV), LHAPDF's number."""

    beams: tuple[int, int]
    energies: tuple[float, float]
    lhaid: int


def write(path: Path, header: str, run: Run, results: Mapping[Channel, Result], events: Sequence[Event]) -> None:
    """Writes the file at once or not at all. Weights are pb; their mean is the cross-section."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    try:
        with new.open("wb") as raw:
            with gzip.GzipFile("", "wb", 6, raw, mtime=0) as out:
                for part in _parts(header, run, results, events):
                    out.write(part)
            raw.flush()
            os.fsync(raw.fileno())
        new.replace(path)
    except BaseException as error:
        new.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise RunError(f"{path}: {error.strerror}; no events were written") from error
        raise


def _parts(header: str, run: Run, results: Mapping[Channel, Result], events: Sequence[Event]) -> Iterator[bytes]:
    yield f'<LesHouchesEvents version="3.0">\n<header>\n{header}</header>\n'.encode()
    total = sum(result.absolute for result in results.values())
    unit = total * len(events) / sum(abs(event.weight) for event in events) if events else 0.0
    yield _init(run, results, unit).encode()
    for event in events:
        weight = event.weight * unit
        head = f"{len(event.rows):2d} {int(event.process):6d} {weight:+.7e} {event.scales}\n"
        yield b"<event>\n" + head.encode() + b"\n".join(event.rows) + b"\n</event>\n"
    yield b"</LesHouchesEvents>\n"


def _init(run: Run, results: Mapping[Channel, Result], unit: float) -> str:
    """A line for each process number."""
    groups: dict[int, list[Result]] = {}
    for channel, result in results.items():
        groups.setdefault(process_number(channel.folder), []).append(result)
    beams = f"{run.beams[0]} {run.beams[1]} {run.energies[0]:.6e} {run.energies[1]:.6e}"
    lines = [f"<init>\n{beams} 0 0 {run.lhaid} {run.lhaid} -4 {len(groups)}\n"]
    for number, some in sorted(groups.items()):
        value, error = sum(r.value for r in some), sum(r.error**2 for r in some) ** 0.5
        lines.append(f"{value:.6e} {error:.6e} {unit:.6e} {number}\n")
    return "".join(lines) + "</init>\n"


def process_number(folder: Path) -> int:
    """The number after @ in the request."""
    found = _PROCESS.match(folder.name)
    return int(found[1]) if found else 1
