"""Sums of currents: what is multiplied by the same thing is added first.

JAMP = sum over diagrams of coefficient * line . contraction. For each cut (legs and
particle of the line) and each JAMP the coefficients form a matrix between lines and
contractions; a factorisation of its rank turns the double sum into products of sums.
Summed lines are currents of their own, found by the same step one vertex further
down. For QCD this ends at the colour-ordered currents of Berends and Giele (Nucl. Phys.
B306 (1988) 759), without being told about colour order.

Nothing here depends on the model: only linearity of every vertex in every leg is used.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from bridge.process import External
from bridge.program.graph import Contraction, Form, Graph, Propagator, add_forms, clean, scale_form

_T = TypeVar("_T")
Vector = dict[int, complex]
#: family, open leg, classes of the inputs, couplings: what the entries of one tensor share
Kind = tuple[str, int, tuple[Hashable, ...], tuple[Form, ...]]
_TOLERANCE = 1e-10
#: number of a wave or derivative whose terms cancel
VANISHES = -1


@dataclass(frozen=True, slots=True)
class Term:
    """One vertex of a derivative: `inputs` are waves, places as in `Contraction`."""

    family: str
    open_leg: int
    inputs: tuple[int, ...]
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class Derivative:
    """Sum of vertices with the same open leg."""

    legs: int
    n_component: int
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Wave:
    """External wave, or a derivative with its propagator."""

    legs: int
    n_component: int
    external: External | None = None
    source: int = -1
    propagator: Propagator | None = None


@dataclass(frozen=True, slots=True)
class Product:
    """wave . derivative."""

    wave: int
    derivative: int


class Currents:
    """Waves and derivatives made of sums of a graph's lines and contractions."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.waves: list[Wave] = []
        self.derivatives: list[Derivative] = []
        #: helicity states by legs, of all Programs made of these currents
        self.n_state: dict[int, int] = {}
        #: those found by `basis.reduce`
        self.sums: dict[Hashable, list[list[tuple[int, complex]]]] = {}
        self._wave_numbers: dict[Wave, int] = {}
        self._derivative_numbers: dict[Derivative, int] = {}
        self._wave_memo: dict[tuple[tuple[int, complex], ...], tuple[int, complex]] = {}
        self._derivative_memo: dict[tuple[tuple[int, complex], ...], int] = {}
        self._product_memo: dict[tuple[tuple[tuple[int, ...], complex], ...], tuple[tuple[Product, complex], ...]] = {}
        self._lines: dict[int, tuple[tuple[int, complex], ...]] = {}
        self._classes: dict[int, int] = {}
        self._class_numbers: dict[Hashable, int] = {}
        self._contractions: dict[int, tuple[tuple[int, complex], ...]] = {}

    def wave_class(self, wave: int) -> int:
        """What waves must have in common to be summed."""
        return self._line_class(self._lines[wave][0][0])

    def lines_of(self, wave: int) -> Vector:
        """A wave as a sum of lines."""
        return dict(self._lines[wave])

    def contractions_of(self, derivative: int) -> Vector:
        """A derivative as a sum of contractions."""
        return dict(self._contractions[derivative])

    def products(self, entries: Mapping[tuple[int, int], complex]) -> list[tuple[Product, complex]]:
        """sum of coefficient * line . contraction as few products of sums."""
        result: list[tuple[Product, complex]] = []
        for group in _grouped(entries, lambda cut: self._line_class(cut[0])).values():
            key = tuple(group.items())
            if key not in self._product_memo:
                self._product_memo[key] = tuple(self._products(group))
            result += self._product_memo[key]
        return result

    def _products(self, group: Mapping[tuple[int, ...], complex]) -> Iterator[tuple[Product, complex]]:
        for lines, contractions in factorise(group):
            wave, left = self.wave({line: c for (line,), c in lines.items()})
            derivative, right = self.derivative({d: c for (d,), c in contractions.items()})
            if wave != VANISHES and derivative != VANISHES:
                yield Product(wave, derivative), clean(left * right)

    def wave(self, vector: Vector) -> tuple[int, complex]:
        """The wave proportional to a sum of lines of one class (or VANISHES), and the factor."""
        key, scale = _normalised(vector)
        if key not in self._wave_memo:
            wave, factor = self._wave_memo[key] = self._make_wave(key)
            self._lines.setdefault(wave, tuple((line, c / factor) for line, c in key))
        wave, factor = self._wave_memo[key]
        return wave, scale * factor

    def derivative(self, vector: Vector) -> tuple[int, complex]:
        """The derivative proportional to a sum of contractions (or VANISHES), and the factor."""
        key, scale = _normalised(vector)
        if key not in self._derivative_memo:
            self._derivative_memo[key] = self._make_derivative(key)
            self._contractions.setdefault(self._derivative_memo[key], key)
        return self._derivative_memo[key], scale

    def _line_class(self, number: int) -> int:
        if number not in self._classes:
            line = self.graph.lines[number]
            kind = (line.legs, line.n_component, line.external, line.propagator)
            self._classes[number] = self._class_numbers.setdefault(kind, len(self._class_numbers))
        return self._classes[number]

    def _make_wave(self, key: tuple[tuple[int, complex], ...]) -> tuple[int, complex]:
        scale = 1 + 0j
        first = self.graph.lines[key[0][0]]
        if first.external is not None:
            made = Wave(first.legs, first.n_component, external=first.external)
        else:
            source, scale = self.derivative({self.graph.lines[n].source: c for n, c in key})
            if source == VANISHES:
                return VANISHES, 1
            made = Wave(first.legs, first.n_component, source=source, propagator=first.propagator)
        return _intern(made, self.waves, self._wave_numbers), scale

    def _make_derivative(self, key: tuple[tuple[int, complex], ...]) -> int:
        contractions = [(self.graph.contractions[n], c) for n, c in key]
        groups: dict[Kind, dict[tuple[int, ...], complex]] = {}
        for contraction, coefficient in contractions:
            for kind, entry, value in self._entries(contraction):
                group = groups.setdefault(kind, {})
                group[entry] = group.get(entry, 0) + coefficient * value
        terms: dict[tuple[str, int, tuple[int, ...]], list[tuple[Form, ...]]] = {}
        for kind, group in groups.items():
            family, open_leg, classes, pattern = kind
            for inputs, forms in self._terms(pattern, group, len(classes)):
                terms.setdefault((family, open_leg, inputs), []).append(forms)
        summed = tuple(
            Term(*where, tuple(add_forms(list(forms)) for forms in zip(*parts, strict=True)))
            for where, parts in terms.items()
        )
        summed = tuple(term for term in summed if any(term.forms))
        if not summed:
            return VANISHES
        first = contractions[0][0]
        made = Derivative(first.legs, first.n_component, summed)
        return _intern(made, self.derivatives, self._derivative_numbers)

    def _entries(self, contraction: Contraction) -> Iterator[tuple[Kind, tuple[int, ...], complex]]:
        """(kind, inputs [and structure], value): entries of one kind form a tensor."""
        classes = tuple(self._line_class(line) for line in contraction.inputs)
        where = (contraction.family, contraction.open_leg, classes)
        if contraction.family == "vvvv":
            for structure, form in enumerate(contraction.forms):
                for name, constant in form:
                    yield (*where, (((name, 1),),)), (*contraction.inputs, structure), constant
            return
        leading = next(form[0][1] for form in contraction.forms if form)
        pattern = tuple(scale_form(form, 1 / leading) for form in contraction.forms)
        yield (*where, pattern), contraction.inputs, leading

    def _terms(
        self, pattern: tuple[Form, ...], group: dict[tuple[int, ...], complex], n_input: int
    ) -> Iterator[tuple[tuple[int, ...], tuple[Form, ...]]]:
        for factors in factorise_all(group):
            scale = 1 + 0j
            inputs = []
            for vector in factors[:n_input]:
                wave, factor = self.wave(vector)
                inputs.append(wave)
                scale *= factor
            if VANISHES in inputs:
                continue
            if len(factors) > n_input:  # the structures of vvvv
                weights = factors[n_input]
                forms = tuple(scale_form(pattern[0], scale * weights[k]) if k in weights else () for k in range(3))
            else:
                forms = tuple(scale_form(form, scale) for form in pattern)
            yield tuple(inputs), forms


def factorise_all(entries: Mapping[tuple[int, ...], complex]) -> Iterator[tuple[Vector, ...]]:
    """A tensor as a sum of products of vectors, one for each axis."""
    if len(next(iter(entries))) == 1:
        yield ({key[0]: value for key, value in entries.items()},)
        return
    for rows, rest in factorise(entries):
        for vectors in factorise_all(rest):
            yield ({key[0]: value for key, value in rows.items()}, *vectors)


def factorise(
    entries: Mapping[tuple[int, ...], complex],
) -> Iterator[tuple[dict[tuple[int, ...], complex], dict[tuple[int, ...], complex]]]:
    """First axis against the others: sum of outer products, as many as the rank.

    Cross approximation with full pivoting, exact for the small simple numbers met here.
    """
    rows: dict[int, dict[tuple[int, ...], complex]] = {}
    for key, value in entries.items():
        if abs(value) > _TOLERANCE:
            rows.setdefault(key[0], {})[key[1:]] = value
    while rows:
        pivot_row = min(rows, key=lambda r: (len(rows[r]), r))
        pivot = max(rows[pivot_row], key=lambda c: abs(rows[pivot_row][c]))
        right = dict(rows[pivot_row])
        left = {r: row[pivot] / right[pivot] for r, row in rows.items() if pivot in row}
        yield {(r,): clean(c) for r, c in left.items()}, right
        _subtract(rows, left, right)


def _subtract(
    rows: dict[int, dict[tuple[int, ...], complex]],
    left: Mapping[int, complex],
    right: Mapping[tuple[int, ...], complex],
) -> None:
    for r, factor in left.items():
        row = rows[r]
        for c, value in right.items():
            rest = row.get(c, 0) - factor * value
            if abs(rest) > _TOLERANCE:
                row[c] = rest
            else:
                row.pop(c, None)
        if not row:
            del rows[r]


def _grouped(
    entries: Mapping[tuple[int, int], complex], kind: object
) -> dict[Hashable, dict[tuple[int, ...], complex]]:
    groups: dict[Hashable, dict[tuple[int, ...], complex]] = {}
    for key, value in entries.items():
        groups.setdefault(kind(key), {})[key] = value  # type: ignore[operator]
    return groups


def _normalised(vector: Vector) -> tuple[tuple[tuple[int, complex], ...], complex]:
    """Entries in order with the first equal to 1, and the factor taken out."""
    items = sorted(vector.items())
    scale = items[0][1]
    return tuple((n, clean(c / scale)) for n, c in items), scale


def _intern(item: _T, items: list[_T], numbers: dict[_T, int]) -> int:
    if item not in numbers:
        numbers[item] = len(items)
        items.append(item)
    return numbers[item]
