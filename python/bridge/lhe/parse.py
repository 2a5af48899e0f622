"""From text to `Init` and `Event`. Many events are converted at once: NumPy's start costs 30 µs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.lhe.error import LheError
from bridge.lhe.model import PARTICLE, Event, Init, Subprocess
from bridge.lhe.numbers import real

# as PARTICLE, momenta in the file's order
_IN_FILE = np.dtype([(name, PARTICLE[name]) for name in PARTICLE.names or ()])
_N_COLUMN = 13
_ENERGY_FIRST = [3, 0, 1, 2]

_TAG = re.compile(r"<event(\s[^>]*)?>[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class Block:
    """The text of one event as it is in the file; `line`: number of its first line."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Parts:
    """One event's text in pieces; `line`: number of the header's line."""

    before: str
    attributes: str
    header: list[str]
    rows: list[str]
    extra: str
    line: int


def split(block: Block, path: Path) -> Parts:
    """The pieces of one event; its structure is checked, its numbers are not."""
    tag = _TAG.search(block.text)
    if tag is None:
        raise LheError("expected <event> alone on a line before </event>", path, block.line)
    before = block.text[: tag.start()]
    line = block.line + before.count("\n") + 1
    body = block.text[tag.end() : block.text.rindex("</event>")]
    if "<event" in body and (next_tag := _TAG.search(body)):
        found = line + body.count("\n", 0, next_tag.start())
        raise LheError("a new <event> begins before </event> of the last one", path, found)
    first, _, rest = body.partition("\n")
    header = first.split()
    n_particle = _n_particle(header, path, line)
    *rows, extra = rest.split("\n", n_particle)
    if len(rows) < n_particle:
        raise LheError(f"{n_particle} particles announced, {len(rows)} found", path, line)
    _refuse_more_particles(extra, n_particle, path, line)
    return Parts(before, tag[1] or "", header, rows, extra, line)


def _n_particle(header: Sequence[str], path: Path, line: int) -> int:
    if len(header) != 6:
        raise LheError(f"expected 6 numbers after <event>, got {len(header)}", path, line)
    if not header[0].isdecimal() or int(header[0]) < 1:
        raise LheError(f"expected a number of particles, got {header[0]!r}", path, line)
    return int(header[0])


def _refuse_more_particles(extra: str, n_particle: int, path: Path, line: int) -> None:
    if extra.lstrip()[:1] in ("", "<", "#"):
        return
    if len(extra.partition("\n")[0].split()) == _N_COLUMN:
        reason = f"{n_particle} particles announced, but there are more"
        raise LheError(reason, path, line + n_particle + 1)


def parse(blocks: Sequence[Block], path: Path) -> list[Event]:
    """The events of `blocks`; the file's name is for messages."""
    parts = [split(block, path) for block in blocks]
    particles = _particles(parts, path)
    events = []
    start = 0
    for part in parts:
        end = start + len(part.rows)
        # a copy: an event that is kept does not keep the others
        own = particles[start:end].copy()
        own.flags.writeable = False
        events.append(_event(part, own, path))
        start = end
    return events


def _event(part: Parts, particles: NDArray[np.void], path: Path) -> Event:
    try:
        _, process_id, *numbers = part.header
        weight, scale, alpha_em, alpha_s = map(real, numbers)
        return Event(
            process_id=int(process_id),
            weight=weight,
            scale=scale,
            alpha_em=alpha_em,
            alpha_s=alpha_s,
            particles=particles,
            extra=part.extra,
            attributes=part.attributes,
            before=part.before,
        )
    except ValueError as error:
        raise LheError(str(error), path, part.line) from None


def _particles(parts: Sequence[Parts], path: Path) -> NDArray[np.void]:
    """All particles of all events, dtype PARTICLE."""
    rows = [row for part in parts for row in part.rows]
    try:
        table = np.loadtxt(rows, dtype=_IN_FILE, ndmin=1)
    except ValueError:
        table = None
    if table is None or len(table) != len(rows):  # Fortran's exponents, or an error: find it
        table = np.array([row for part in parts for row in _rows(part, path)], dtype=_IN_FILE)
    particles = table.astype(PARTICLE, copy=False)
    particles["momentum"] = particles["momentum"][:, _ENERGY_FIRST]
    return particles


def _rows(part: Parts, path: Path) -> list[tuple[object, ...]]:
    return [row_numbers(row, path, part.line + 1 + i) for i, row in enumerate(part.rows)]


def row_numbers(row: str, path: Path, line: int) -> tuple[object, ...]:
    """One particle's numbers, nested as in `_IN_FILE`."""
    tokens = row.partition("#")[0].split()
    if len(tokens) != _N_COLUMN:
        raise LheError(f"expected 13 numbers of a particle, got {len(tokens)}", path, line)
    try:
        integers = [np.int64(int(tokens[0])), *[np.int32(int(token)) for token in tokens[1:6]]]
        reals = [real(token) for token in tokens[6:]]
    except (ValueError, OverflowError) as error:
        raise LheError(str(error), path, line) from None
    pdg_id, status, *lines = integers
    return (pdg_id, status, tuple(lines[:2]), tuple(lines[2:]), tuple(reals[:4]), *reals[4:])


def parse_init(text: str, path: Path, line: int) -> Init:
    """The block from after `<init>` to before `</init>`; `line`: number of its first line."""
    first, _, rest = text.partition("\n")
    tokens = first.split()
    if len(tokens) != 10:
        raise LheError(f"expected 10 numbers after <init>, got {len(tokens)}", path, line)
    try:
        beams = int(tokens[0]), int(tokens[1])
        energies = real(tokens[2]), real(tokens[3])
        group_1, group_2, set_1, set_2, strategy, n_subprocess = map(int, tokens[4:])
    except ValueError as error:
        raise LheError(str(error), path, line) from None
    if n_subprocess < 0:
        raise LheError(f"expected a number of subprocesses, got {n_subprocess}", path, line)
    *lines, extra = rest.split("\n", n_subprocess)
    if len(lines) < n_subprocess:
        raise LheError(f"{n_subprocess} subprocesses announced, {len(lines)} found", path, line)
    subprocesses = tuple(_subprocess(item, path, line + 1 + i) for i, item in enumerate(lines))
    return Init(beams, energies, (group_1, group_2), (set_1, set_2), strategy, subprocesses, extra)


def _subprocess(text: str, path: Path, line: int) -> Subprocess:
    tokens = text.split()
    if len(tokens) < 4:
        raise LheError(f"expected 4 numbers of a subprocess, got {len(tokens)}", path, line)
    try:
        cross_section, error, max_weight = map(real, tokens[:3])
        return Subprocess(cross_section, error, max_weight, int(tokens[3]))
    except ValueError as reason:
        raise LheError(str(reason), path, line) from None
