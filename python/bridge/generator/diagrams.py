"""Tree diagrams, by recursion over the vertices of a model; each comes out once.

All legs count as incoming. A `Line` is a subtree that ends in an open line: an external leg,
or a vertex with lines at all but one of its slots. A diagram is the vertex from which no branch
holds more than half of the legs (on a tie: the one whose half does not hold leg 0), with
a line at each slot. So branches are short, and shared by many diagrams.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bridge.generator.model import Model

Orders = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One colour structure of a vertex with the Lorentz structures and couplings it has."""

    color: str
    structures: tuple[str, ...]
    couplings: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Interaction:
    """A vertex, or those of its couplings that have the same `orders`."""

    particles: tuple[str, ...]
    orders: Orders
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """`particle` as it comes into the vertex that takes the line; `legs`: bits.

    An external leg has no interaction. `children[slot]` is None at `open_slot`.
    """

    legs: int
    particle: str
    orders: Orders
    interaction: Interaction | None = None
    open_slot: int = -1
    children: tuple[Line | None, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Diagram:
    """`children[slot]` at every slot of the central vertex."""

    interaction: Interaction
    children: tuple[Line, ...]
    orders: Orders

    def lines(self) -> Iterator[Line]:
        """Inner lines."""
        todo = list(self.children)
        while todo:
            line = todo.pop()
            if line.interaction is not None:
                yield line
                todo += [child for child in line.children if child is not None]

    def largest_vertex(self) -> int:
        """Number of legs of its largest vertex."""
        return max(len(self.children), *(len(line.children) for line in self.lines()), 0)

    def fermion_sign(self, is_fermion: Callable[[int], int]) -> int:
        """Sign of the order of external fermions; `is_fermion(leg)`: +1 psi, -1 psi bar, 0."""
        chains: list[int] = []
        end = _walk(self.interaction, self.children, is_fermion, chains)
        assert end is None
        inversions = sum(a > b for a, b in itertools.combinations(chains, 2))
        return -1 if inversions % 2 else 1


def _walk(
    interaction: Interaction,
    children: Sequence[Line | None],
    is_fermion: Callable[[int], int],
    chains: list[int],
) -> int | None:
    """Appends pairs (psi bar leg, psi leg) of closed fermion lines; returns the open one's leg."""
    ends: list[int] = []
    for child in children:
        if child is None:
            continue
        if child.interaction is None:
            leg = child.legs.bit_length() - 1
            ends += [leg] if is_fermion(leg) else []
        else:
            end = _walk(child.interaction, child.children, is_fermion, chains)
            ends += [] if end is None else [end]
    if len(ends) == 2:
        chains += sorted(ends, key=is_fermion)
        return None
    return ends[0] if ends else None


def interactions(model: Model, order_names: Sequence[str]) -> tuple[Interaction, ...]:
    """Vertices of a model, split by orders."""
    result = []
    for vertex in model.vertices:
        by_orders: dict[Orders, dict[int, list[tuple[str, str]]]] = {}
        for (color, structure), name in vertex.couplings.items():
            own = model.coupling[name].orders
            key = tuple(own.get(order, 0) for order in order_names)
            entry = (vertex.structures[structure], name)
            by_orders.setdefault(key, {}).setdefault(color, []).append(entry)
        for orders, colors in by_orders.items():
            choices = tuple(
                Choice(vertex.colors[color], tuple(s for s, _ in entries), tuple(c for _, c in entries))
                for color, entries in sorted(colors.items())
            )
            result.append(Interaction(vertex.particles, orders, choices))
    return tuple(result)


@dataclass(frozen=True, slots=True)
class _Rule:
    """How incoming particles, sorted by name, fit into an interaction.

    `slots[k]`: the slot of the k-th of them. `made`: the line that comes out at `open_slot`.
    """

    interaction: Interaction
    slots: tuple[int, ...]
    open_slot: int
    made: str


class Rules:
    """Interactions by the particles that come in."""

    def __init__(self, model: Model, order_names: Sequence[str], excluded: frozenset[str]) -> None:
        self.open: dict[tuple[str, ...], list[_Rule]] = {}
        self.closed: dict[tuple[str, ...], list[_Rule]] = {}
        self.arities: set[int] = set()
        for item in interactions(model, order_names):
            if excluded & set(item.particles):
                continue
            self.arities.add(len(item.particles))
            self._add(model, item)

    def _add(self, model: Model, item: Interaction) -> None:
        slots = range(len(item.particles))
        order = tuple(sorted(slots, key=lambda slot: (item.particles[slot], slot)))
        names = tuple(item.particles[slot] for slot in order)
        self.closed.setdefault(names, []).append(_Rule(item, order, -1, ""))
        for name in sorted(set(item.particles)):
            slot = item.particles.index(name)
            rest = tuple(s for s in order if s != slot)
            key = tuple(item.particles[s] for s in rest)
            made = model.by_name[name].anti().name
            self.open.setdefault(key, []).append(_Rule(item, rest, slot, made))


def partitions(members: tuple[int, ...], n_block: int, largest: int) -> Iterator[list[tuple[int, ...]]]:
    """Partitions of a set into `n_block` blocks of at most `largest` members."""
    if n_block == 1:
        if 0 < len(members) <= largest:
            yield [members]
        return
    first, rest = members[0], members[1:]
    for size in range(min(largest, len(members) - n_block + 1)):
        for others in itertools.combinations(rest, size):
            left = tuple(m for m in rest if m not in others)
            for tail in partitions(left, n_block - 1, largest):
                yield [(first, *others), *tail]


class Generator:
    """Diagrams of external particles, all incoming, with bounded orders.

    `weights` and `limit`: diagrams whose sum of weights times orders is above it are left out.
    """

    def __init__(
        self,
        rules: Rules,
        particles: Sequence[str],
        most: Orders,
        weights: Orders,
        limit: int | None,
    ) -> None:
        self._rules = rules
        self._most = most
        self._weights = weights
        self._limit = limit
        self._n_leg = len(particles)
        none = tuple(0 for _ in most)
        self._lines: dict[int, list[Line]] = {
            1 << leg: [Line(1 << leg, name, none)] for leg, name in enumerate(particles)
        }

    def diagrams(self) -> Iterator[Diagram]:
        """All diagrams, each once, in an order that does not change."""
        n = self._n_leg
        for size in range(2, n // 2 + 1):
            for members in itertools.combinations(range(n), size):
                if not (2 * size == n and 0 in members):
                    self._lines[_mask(members)] = list(self._make(members))
        for arity in sorted(self._rules.arities):
            for blocks in partitions(tuple(range(n)), arity, n // 2):
                if not any(2 * len(block) == n and 0 in block for block in blocks):
                    yield from self._close(blocks)

    def _make(self, members: tuple[int, ...]) -> Iterator[Line]:
        for arity in sorted(self._rules.arities):
            for blocks in partitions(members, arity - 1, len(members) - 1):
                for rule, lines, orders in self._fits(blocks, self._rules.open):
                    children: list[Line | None] = [None] * (len(lines) + 1)
                    for slot, line in zip(rule.slots, lines, strict=True):
                        children[slot] = line
                    yield Line(_mask(members), rule.made, orders, rule.interaction, rule.open_slot, tuple(children))

    def _close(self, blocks: Sequence[tuple[int, ...]]) -> Iterator[Diagram]:
        for rule, lines, orders in self._fits(blocks, self._rules.closed):
            by_slot = dict(zip(rule.slots, lines, strict=True))
            yield Diagram(rule.interaction, tuple(by_slot[slot] for slot in sorted(by_slot)), orders)

    def _fits(
        self, blocks: Sequence[tuple[int, ...]], rules: Mapping[tuple[str, ...], list[_Rule]]
    ) -> Iterator[tuple[_Rule, tuple[Line, ...], Orders]]:
        """Rules for each choice of lines out of the blocks, with the lines in the rule's order."""
        candidates = [self._lines[_mask(block)] for block in blocks]
        for chosen in itertools.product(*candidates):
            lines = tuple(sorted(chosen, key=lambda line: line.particle))
            for rule in rules.get(tuple(line.particle for line in lines), ()):
                orders = tuple(map(sum, zip(rule.interaction.orders, *(x.orders for x in lines), strict=True)))
                if self._allowed(orders):
                    yield rule, lines, orders

    def _allowed(self, orders: Orders) -> bool:
        if any(have > most for have, most in zip(orders, self._most, strict=True)):
            return False
        return self._limit is None or weight(orders, self._weights) <= self._limit


def weight(orders: Orders, weights: Orders) -> int:
    """WEIGHTED of a diagram."""
    return sum(a * b for a, b in zip(orders, weights, strict=True))


def _mask(members: Sequence[int]) -> int:
    return sum(1 << member for member in members)
