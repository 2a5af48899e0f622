"""Integration channels: diagrams as MadEvent's sequences of branchings (IFOREST)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bridge.generator import Generated, Propagator, propagators

#: pdg id of the lines that stand for a contact vertex of more than three legs, as MG5_aMC's
CONTACT = 7

_Legs = frozenset[int]


@dataclass(frozen=True, slots=True)
class Branching:
    """One step; steps are numbered -1, -2, ...

    `daughters`: external legs, from 1, and earlier steps. An s-channel step is the propagator that
    decays into them. A t-channel one starts at beam 1, or the t-channel step before it, and
    emits the second daughter; what goes on is the propagator, in the last step beam 2.
    `power`: of the propagator in the amplitude, as POW: 2 boson, 1 fermion, 0 contact.
    """

    daughters: tuple[int, int]
    pdg_id: int
    mass: str | None
    width: str | None
    power: int
    is_t_channel: bool


#: n_final - 1 steps if all are s-channels, else one more
Channel = tuple[Branching, ...]


def channel(generated: Generated, diagram: int) -> Channel:
    """The branchings of a diagram (from 1)."""
    return _Builder(generated, diagram).build()


class _Builder:
    def __init__(self, generated: Generated, diagram: int) -> None:
        self._ids = generated.flavours[0]
        self._legs = generated.process.legs
        self._n_incoming = sum(leg.incoming for leg in self._legs)
        self._model = {p.pdg_id: p for p in generated.model.by_name.values()}
        inner = propagators(generated, diagram)
        self._decays = {frozenset(line.legs): line for line in inner if not line.is_t_channel}
        self._exchanges = [line for line in reversed(inner) if line.is_t_channel]
        self._steps: list[Branching] = []

    def build(self) -> Channel:
        final = frozenset(range(self._n_incoming, len(self._legs)))
        if self._exchanges:
            self._exchange(final)
        elif self._n_incoming == 1:
            self._decay(final, self._line(self._ids[0]))
        else:
            self._cluster(final)
        return tuple(self._steps)

    def _exchange(self, final: _Legs) -> None:
        """From beam 1 to beam 2."""
        before = final
        emitted = []
        for line in self._exchanges:
            after = frozenset(line.legs) - {1}
            emitted.append(self._cluster(before - after))
            before = after
        emitted.append(self._cluster(before))
        lines = [*self._exchanges, self._line(self._ids[1])]
        start = 1
        for line, item in zip(lines, emitted, strict=True):
            start = self._step((start, item), line, True)

    def _cluster(self, legs: _Legs) -> int:
        """The step, or the leg, that stands for these final legs."""
        if len(legs) == 1:
            (leg,) = legs
            return leg + 1
        return self._decay(legs, self._decays.get(legs))

    def _decay(self, legs: _Legs, line: Propagator | None) -> int:
        """A line (None: a contact vertex joins its legs) into two or more."""
        inside = sorted((s for s in self._decays if s < legs), key=lambda s: (-len(s), sorted(s)))
        parts: list[_Legs] = []
        for part in (*inside, *(frozenset((leg,)) for leg in sorted(legs))):
            if not any(part <= other for other in parts):
                parts.append(part)
        items = [self._cluster(part) for part in sorted(parts, key=min)]
        while len(items) > 2:
            items[:2] = [self._step((items[0], items[1]), None, False)]
        return self._step((items[0], items[1]), line, False)

    def _line(self, pdg_id: int) -> Propagator:
        particle = self._model[pdg_id]
        return Propagator((), pdg_id, particle.mass, particle.width, False)

    def _step(self, daughters: tuple[int, int], line: Propagator | None, is_t_channel: bool) -> int:
        if line is None:
            made = Branching(daughters, CONTACT, None, None, 0, is_t_channel)
        else:
            power = 1 if self._model[line.pdg_id].spin == "F" else 2
            pdg_id = abs(line.pdg_id) if is_t_channel else line.pdg_id
            made = Branching(daughters, pdg_id, line.mass, line.width, power, is_t_channel)
        self._steps.append(made)
        return -len(self._steps)


def copies(channels: Sequence[Channel], kinds: Sequence[object], marks: Sequence[object]) -> tuple[int, ...]:
    """For each channel the first (from 1) that is equal to it when legs of one kind are exchanged.

    `kinds[leg]`, from 0; `marks[k]`: what else has to be equal of channel k.
    """
    first: dict[object, int] = {}
    shapes = ((_shape(item, kinds), mark) for item, mark in zip(channels, marks, strict=True))
    return tuple(first.setdefault(shape, number) for number, shape in enumerate(shapes, 1))


def _shape(item: Channel, kinds: Sequence[object]) -> object:
    """The tree with kinds in place of legs, and the daughters of decays in a fixed order."""
    trees: dict[int, object] = {leg + 1: ("leg", kind) for leg, kind in enumerate(kinds)}
    for number, step in enumerate(item, 1):
        below = [trees[daughter] for daughter in step.daughters]
        if not step.is_t_channel:
            below.sort(key=repr)
        trees[-number] = (step.pdg_id, step.is_t_channel, *below)
    return trees[-len(item)]
