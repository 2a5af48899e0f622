"""Helicity combinations for which every diagram vanishes: conserved chirality.

A massless fermion's spinor fills one half of its four components; vertices and propagators
carry halves to halves. What follows from that alone holds for all momenta and parameters.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.lorentz import Routine
from bridge.process import Amplitude, Current, External, Process
from bridge.program.structures import Match, UnknownStructure, identify

#: bit 1: upper half of a spinor, or a boson; bit 2: lower half
Halves = NDArray[np.uint8]


@functools.lru_cache(maxsize=1)
def zero_helicities(process: Process) -> NDArray[np.bool_]:
    """bool (n_helicity,)"""
    matches: dict[str, Match | None] = {n: _match(r) for n, r in process.routines.items()}
    waves: list[Halves] = []
    for wave in process.waves:
        if isinstance(wave, External):
            waves.append(_external(process, wave))
        else:
            waves.append(_current(matches[wave.routine], [waves[n] for n in wave.inputs], wave))
    filled = np.zeros(len(process.helicities), bool)
    for amplitude in process.amplitudes:
        filled |= _amplitude(matches[amplitude.routine], [waves[n] for n in amplitude.inputs], amplitude)
    return ~filled


def _match(routine: Routine) -> Match | None:
    try:
        return identify(routine)
    except UnknownStructure:
        return None


def _external(process: Process, wave: External) -> Halves:
    n = len(process.helicities)
    if wave.kind in "VS":
        return np.ones(n, np.uint8)
    if wave.mass is not None:
        return np.full(n, 3, np.uint8)
    positive = process.helicities[:, wave.leg] * wave.sign > 0
    lower = positive if wave.kind == "I" else ~positive
    return np.where(lower, 2, 1).astype(np.uint8)


def _couples(match: Match, structure: int) -> bool:
    return any(abs(c) > 0 for c in match.coefficients[structure])


def _flow(family: str) -> Callable[[Halves], Halves]:
    """From the halves of one spinor to those of the other it couples to: L, then R."""
    return _same if family == "ffs" else _swapped


def _same(halves: Halves) -> Halves:
    return halves


def _swapped(halves: Halves) -> Halves:
    return np.asarray((halves >> 1) | ((halves & 1) << 1), np.uint8)


def _allowed(match: Match, place: int) -> int:
    """Halves of the spinor at a place that the vertex couples at all."""
    left, right = _couples(match, 0), _couples(match, 1)
    if match.family == "ffv" and place == 1:
        left, right = right, left
    return int(left) + 2 * int(right)


def _only(halves: Halves, allowed: int) -> Halves:
    return np.asarray(halves & allowed, np.uint8)


def _current(match: Match | None, inputs: Sequence[Halves], call: Current) -> Halves:
    alive = np.logical_and.reduce([h > 0 for h in inputs])
    if match is None:
        return np.where(alive, 3, 0).astype(np.uint8)
    if match.family not in ("ffv", "ffs"):
        return np.asarray(alive, np.uint8)
    by_place = _by_place(match, inputs)
    assert match.open_leg is not None
    if match.open_leg == 2:
        return np.asarray(_closed(match, by_place[0], by_place[1]) & alive, np.uint8)
    other = 1 - match.open_leg
    derivative = _flow(match.family)(_only(by_place[other], _allowed(match, other)))
    full = np.where(derivative > 0, 3, 0).astype(np.uint8)
    wave = _swapped(derivative) if call.mass is None else full
    return np.where(alive, wave, 0).astype(np.uint8)


def _amplitude(match: Match | None, inputs: Sequence[Halves], call: Amplitude) -> NDArray[np.bool_]:
    alive = np.logical_and.reduce([h > 0 for h in inputs])
    if match is None or match.family not in ("ffv", "ffs"):
        return np.asarray(alive)
    by_place = _by_place(match, inputs)
    return np.asarray(_closed(match, by_place[0], by_place[1]) & alive)


def _closed(match: Match, first: Halves, second: Halves) -> NDArray[np.bool_]:
    carried = _flow(match.family)(_only(first, _allowed(match, 0)))
    return np.asarray((carried & second) > 0)


def _by_place(match: Match, inputs: Sequence[Halves]) -> dict[int, Halves]:
    rest = iter(inputs)
    open_leg = None if match.open_leg is None else match.legs[match.open_leg]
    by_leg = {leg: next(rest) for leg in sorted(match.legs) if leg != open_leg}
    return {place: by_leg[leg] for place, leg in enumerate(match.legs) if leg in by_leg}
