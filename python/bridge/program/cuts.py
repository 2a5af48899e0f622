"""Where each amplitude is cut: all ways, sorted into kinds, and the search for the best ones.

Diagrams merge only where they are cut alike. A `Kind` of cut is what does not depend on which of
several equal particles is meant: the propagator, and the particles on the line's side. Diagrams
with the same kinds to choose from form a group; a `Choice` names the kind for each group.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator

from bridge.process import Leg
from bridge.program.graph import Cut, Graph

Kind = Hashable
#: kind for each group, by the group's number
Choice = tuple[Kind, ...]


class CutTable:
    """All cuts of all amplitudes of a graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._species = [_species(leg) for leg in graph.process.legs]
        self._by_kind = [self._sorted(list(graph.cuts(a))) for a in graph.process.amplitudes]
        groups = dict.fromkeys(frozenset(by_kind) for by_kind in self._by_kind)
        self.groups: list[list[Kind]] = [sorted(group, key=repr) for group in groups]
        numbers = {group: number for number, group in enumerate(groups)}
        self._group = [numbers[frozenset(by_kind)] for by_kind in self._by_kind]
        #: highest legs of the lines of each kind, for each group
        self._highest: list[dict[Kind, int]] = [dict.fromkeys(group, 0) for group in self.groups]
        for by_kind, number in zip(self._by_kind, self._group, strict=True):
            highest = self._highest[number]
            for kind, cut in by_kind.items():
                highest[kind] = max(highest[kind], self._legs(cut))

    def cuts(self, choice: Choice) -> list[Cut]:
        """The cut of each amplitude."""
        return [by_kind[choice[group]] for by_kind, group in zip(self._by_kind, self._group, strict=True)]

    def preferred(self, first: Kind | None = None) -> Choice:
        """The kind `first` wherever there is one, else both sides as large as possible."""
        return tuple(
            first if first in highest else max(highest, key=lambda kind: (*self._balance(kind), highest[kind]))
            for highest in self._highest
        )

    @property
    def kinds(self) -> list[Kind]:
        """All of them, in a fixed order."""
        return sorted({kind for group in self.groups for kind in group}, key=repr)

    def _sorted(self, cuts: list[Cut]) -> dict[Kind, Cut]:
        """One cut for each kind: among equals that whose line has the highest legs."""
        result: dict[Kind, Cut] = {}
        for cut in cuts:
            kind = self._kind(cut)
            if kind not in result or self._legs(cut) > self._legs(result[kind]):
                result[kind] = cut
        return result

    def _legs(self, cut: Cut) -> int:
        return self.graph.lines[cut.line].legs

    def _kind(self, cut: Cut) -> Kind:
        line = self.graph.lines[cut.line]
        particles = sorted(s for leg, s in enumerate(self._species) if line.legs >> leg & 1)
        propagator = line.propagator
        if propagator is None:
            return (tuple(particles), line.n_component)
        return (tuple(particles), line.n_component, int(propagator.kind), propagator.mass or "")

    def _balance(self, kind: Kind) -> tuple[int, int]:
        assert isinstance(kind, tuple)
        size, n_leg = len(kind[0]), len(self._species)
        return (min(size, n_leg - size), int(2 * size <= n_leg))


def search(table: CutTable, work: Callable[[Choice], float], n_try: int) -> Choice:
    """The choice of least work: the best of simple ones, improved group by group.

    Ends where no single change helps, or after `n_try` choices.
    """
    best = table.preferred()
    known = {best: work(best)}

    def better(choice: Choice) -> bool:
        if choice not in known and len(known) < n_try:
            known[choice] = work(choice)
        return known.get(choice, known[best]) < known[best]

    for kind in table.kinds:
        choice = table.preferred(kind)
        best = choice if better(choice) else best
    group, last = 0, 0
    while group <= last + len(table.groups):
        for choice in _changed(table, best, group % len(table.groups)):
            if better(choice):
                best, last = choice, group
        group += 1
    return best


def _changed(table: CutTable, choice: Choice, group: int) -> Iterator[Choice]:
    for kind in table.groups[group]:
        if kind != choice[group]:
            yield (*choice[:group], kind, *choice[group + 1 :])


def _species(leg: Leg) -> tuple[int, str]:
    """What goes out, whether it is a particle or an antiparticle; equal for equal legs."""
    outgoing = -leg.pdg_id if leg.incoming else leg.pdg_id
    return (abs(leg.pdg_id) if abs(leg.pdg_id) in (21, 22, 23, 25) else outgoing, leg.mass or "")
