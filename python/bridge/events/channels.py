"""Integration channels: phase space along each diagram of a matrix element.

Single-diagram enhancement: F. Maltoni and T. Stelzer, hep-ph/0208156.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence

from bridge.events import phase_space
from bridge.events.cuts import Cuts
from bridge.events.phase_space import Cluster, Line
from bridge.generator import Generated, propagators

Values = Mapping[str, float | complex]
Lines = Mapping[frozenset[int], Line]

_LEAST_FINAL = 3  # with fewer the grid alone finds the peaks


def mappings(
    made: Generated, masses: Sequence[float], values: Values, cuts: Cuts, legs: Sequence[int]
) -> dict[int, phase_space.Mapping]:
    """One for each channel's diagram; of diagram 0, which means all, for two final particles.

    `masses` of all legs, GeV; `legs` that are cut.
    """
    if len(masses) - 2 < _LEAST_FINAL:
        return {0: phase_space.chain(masses[2:])}
    builder = _Builder(masses, cuts, legs)
    return {number: builder.mapping(made, number, values) for number in made.process.config_diagrams if number}


class _Builder:
    def __init__(self, masses: Sequence[float], cuts: Cuts, legs: Sequence[int]) -> None:
        self._masses = masses
        self._cuts = cuts
        self._legs = legs

    def mapping(self, made: Generated, diagram: int, values: Values) -> phase_space.Mapping:
        lines: dict[frozenset[int], Line] = {}
        exchanged: list[tuple[frozenset[int], float]] = []
        for item in propagators(made, diagram):
            mass, width = (abs(complex(values[name]).real) if name else 0.0 for name in (item.mass, item.width))
            legs = frozenset(leg - 2 for leg in item.legs if leg > 1)
            if item.is_t_channel:
                exchanged.append((legs, mass))
            else:
                lines[legs] = Line(mass, width)
        clusters = []
        before: frozenset[int] = frozenset()
        for legs, _ in exchanged:  # those with fewer legs are first: they are nearer to beam 1
            clusters.append(self._cluster(legs - before, lines))
            before = legs
        clusters.append(self._cluster(frozenset(range(len(self._masses) - 2)) - before, lines))
        regulator = max(self._cuts.pt, 1.0)
        return phase_space.Mapping(
            tuple(self._masses[2:]), tuple(clusters), tuple(mass for _, mass in exchanged), regulator
        )

    def _cluster(self, legs: frozenset[int], lines: Lines) -> Cluster:
        least = self._least(legs)
        if len(legs) == 1:
            return Cluster(tuple(legs), least)
        parts = self._parts(legs, lines)
        # a vertex of four lines: the first of its three ends against both others
        first, second = parts[0], frozenset().union(*parts[1:])
        made = (self._cluster(first, lines), self._cluster(second, lines))
        return Cluster(tuple(sorted(legs)), max(least, made[0].least + made[1].least), made, lines.get(legs))

    def _parts(self, legs: frozenset[int], lines: Lines) -> list[frozenset[int]]:
        """What the line of these legs splits into."""
        inner = sorted((item for item in lines if item < legs), key=lambda item: (-len(item), sorted(item)))
        parts: list[frozenset[int]] = []
        for item in (*inner, *(frozenset((leg,)) for leg in sorted(legs))):
            if not any(item & part for part in parts):
                parts.append(item)
        return parts

    def _least(self, legs: Iterable[int]) -> float:
        n_cut = sum(leg + 2 in self._legs for leg in legs)
        return math.fsum(self._masses[leg + 2] for leg in legs) + self._cuts.mass_of(n_cut)
