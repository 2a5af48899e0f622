"""Diagrams of a Process as lines and contractions, free to be cut anywhere.

A `Contraction` is the derivative of a vertex with respect to its open leg; a `Line` is a wave:
external, or a contraction with a propagator. Every amplitude is
`line . contraction` for any line of its diagram; `Graph.cuts` lists them all. Equal objects
have equal numbers, across diagrams.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bridge.process import Amplitude, Coupling, Current, External, Process
from bridge.program.opaque import is_opaque, recognise
from bridge.program.structures import Match, PropagatorKind

#: linear form in the couplings: (name, constant), sorted by name
Form = tuple[tuple[str, complex], ...]
#: number of a line or contraction, and the sign before it: what differs by a sign alone is one object
Signed = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Propagator:
    """ABSENT: the contraction is a routine of its own, which has it inside."""

    kind: PropagatorKind
    mass: str | None
    width: str | None

    def reversed(self) -> Propagator:
        """For the wave that runs the other way: the transposed matrix."""
        match self.kind:
            case PropagatorKind.FERMION_IN:
                return Propagator(PropagatorKind.FERMION_OUT, self.mass, self.width)
            case PropagatorKind.FERMION_OUT:
                return Propagator(PropagatorKind.FERMION_IN, self.mass, self.width)
            case _:
                return self


@dataclass(frozen=True, slots=True)
class Contraction:
    """`family` with place `open_leg` left open; `inputs`: lines at the other places, in order.

    `forms`: coefficient of each structure of the family.
    """

    family: str
    open_leg: int
    inputs: tuple[int, ...]
    forms: tuple[Form, ...]
    legs: int
    n_component: int


@dataclass(frozen=True, slots=True)
class Line:
    """A wave: `external`, or contraction number `source` with its propagator."""

    legs: int
    n_component: int
    external: External | None = None
    source: int = -1
    propagator: Propagator | None = None


@dataclass(frozen=True, slots=True)
class Cut:
    """An amplitude as `sign * line . contraction`."""

    line: int
    contraction: int
    sign: int = 1


@dataclass(slots=True)
class _Vertex:
    """Vertex of one diagram. At each place: a line (leaf) with its sign, or (vertex, place, propagator)."""

    family: str
    forms: tuple[Form, ...]
    places: list[Signed | tuple[int, int, Propagator]]


class Graph:
    """Lines and contractions of a Process.

    Raises UnknownStructure for a routine that not even a plug-in can do.
    """

    def __init__(self, process: Process) -> None:
        self.process = process
        self.lines: list[Line] = []
        self.contractions: list[Contraction] = []
        self._line_numbers: dict[Line, int] = {}
        self._contraction_numbers: dict[Contraction, int] = {}
        self._matches: dict[str, Match] = {}
        self._fixed_lines: dict[int, Signed] = {}

    def cuts(self, amplitude: Amplitude) -> Iterator[Cut]:
        """Every way to write one amplitude as a line times a contraction.

        A current of an opaque routine has one direction: nothing is cut behind it.
        """
        vertices: list[_Vertex] = []
        self._collect(amplitude, vertices)
        memo: dict[tuple[int, int], Signed] = {}
        for number, vertex in enumerate(vertices):
            for place in range(len(vertex.places)):
                line, sign = self._into(vertices, number, place, memo)
                contraction, other = self._contraction(vertices, number, place, memo)
                yield Cut(line, contraction, sign * other)

    def _match(self, name: str) -> Match:
        if name not in self._matches:
            self._matches[name] = recognise(self.process.routines[name])
        return self._matches[name]

    def _collect(self, call: Amplitude | Current, vertices: list[_Vertex]) -> int:
        """Appends the vertex of `call` and all behind it; returns its number."""
        match = self._match(call.routine)
        number = len(vertices)
        vertex = _Vertex(match.family, _forms(match, call.couplings), [])
        vertices.append(vertex)
        inputs = iter(call.inputs)
        by_leg = {leg: next(inputs) for leg in sorted(match.legs) if leg != _open_leg(match)}
        for place, leg in enumerate(match.legs):
            if place == match.open_leg:
                vertex.places.append((-1, 1))  # filled in by the caller
            else:
                vertex.places.append(self._attach(by_leg[leg], vertices, number, place))
        return number

    def _attach(
        self, wave: int, vertices: list[_Vertex], number: int, place: int
    ) -> Signed | tuple[int, int, Propagator]:
        source = self.process.waves[wave]
        if isinstance(source, External) or is_opaque(self._match(source.routine).family):
            return self._fixed_line(wave)
        match = self._match(source.routine)
        assert match.open_leg is not None
        propagator = Propagator(match.propagator, source.mass, _width(self.process, source))
        other = self._collect(source, vertices)
        vertices[other].places[match.open_leg] = (number, place, propagator.reversed())
        return (other, match.open_leg, propagator)

    def _fixed_line(self, wave: int) -> Signed:
        """The line of a wave in the direction the Fortran has it."""
        if wave not in self._fixed_lines:
            line, sign = self._made_as_written(self.process.waves[wave])
            self._fixed_lines[wave] = self._line(line), sign
        return self._fixed_lines[wave]

    def _made_as_written(self, source: External | Current) -> tuple[Line, int]:
        if isinstance(source, External):
            size = 1 if source.kind == "S" else 4
            return Line(1 << source.leg, size, external=source), 1
        match = self._match(source.routine)
        assert match.open_leg is not None
        inputs = iter(source.inputs)
        by_leg = {leg: next(inputs) for leg in sorted(match.legs) if leg != _open_leg(match)}
        lines = tuple(self._fixed_line(by_leg[leg]) for leg in match.legs if leg in by_leg)
        number, sign = self._contract(match.family, match.open_leg, lines, _forms(match, source.couplings))
        made = self.contractions[number]
        propagator = Propagator(match.propagator, source.mass, _width(self.process, source))
        return Line(made.legs, made.n_component, source=number, propagator=propagator), sign

    def _into(self, vertices: list[_Vertex], number: int, place: int, memo: dict[tuple[int, int], Signed]) -> Signed:
        """The line that enters a vertex at a place."""
        attached = vertices[number].places[place]
        if len(attached) == 2:
            return attached
        other, other_place, propagator = attached
        key = (other, other_place)
        if key not in memo:
            source, sign = self._contraction(vertices, other, other_place, memo)
            made = self.contractions[source]
            line = Line(made.legs, made.n_component, source=source, propagator=propagator)
            memo[key] = self._line(line), sign
        return memo[key]

    def _contraction(
        self, vertices: list[_Vertex], number: int, place: int, memo: dict[tuple[int, int], Signed]
    ) -> Signed:
        vertex = vertices[number]
        inputs = tuple(
            self._into(vertices, number, other, memo) for other in range(len(vertex.places)) if other != place
        )
        return self._contract(vertex.family, place, inputs, vertex.forms)

    def _contract(self, family: str, place: int, inputs: tuple[Signed, ...], forms: tuple[Form, ...]) -> Signed:
        legs, sign = 0, 1
        for line, own in inputs:
            legs |= self.lines[line].legs
            sign *= own
        size = 1 if family[place] == "s" else 4
        made = Contraction(family, place, tuple(line for line, _ in inputs), forms, legs, size)
        made, turned = _positive(canonical(made, self.lines))
        if made not in self._contraction_numbers:
            self._contraction_numbers[made] = len(self.contractions)
            self.contractions.append(made)
        return self._contraction_numbers[made], sign * turned

    def _line(self, line: Line) -> int:
        if line not in self._line_numbers:
            self._line_numbers[line] = len(self.lines)
            self.lines.append(line)
        return self._line_numbers[line]


def _open_leg(match: Match) -> int | None:
    return None if match.open_leg is None else match.legs[match.open_leg]


def _width(process: Process, current: Current) -> str | None:
    """Parameter name of the width in force: FK_ names are effective widths."""
    if current.width in process.fake_widths:
        return f"FK_{current.width}"
    return current.width


def _forms(match: Match, couplings: tuple[Coupling, ...]) -> tuple[Form, ...]:
    return tuple(
        add_forms(
            [((coupling.name, constant * coupling.sign),) for coupling, constant in zip(couplings, row, strict=True)]
        )
        for row in match.coefficients
    )


def add_forms(forms: list[Form]) -> Form:
    """Sum of linear forms, without vanishing terms."""
    total: dict[str, complex] = {}
    for form in forms:
        for name, constant in form:
            total[name] = total.get(name, 0) + constant
    return tuple(sorted((name, c) for name, c in total.items() if abs(c) > 1e-14))


def scale_form(form: Form, factor: complex) -> Form:
    """`factor` times a linear form."""
    return tuple((name, clean(c * factor)) for name, c in form)


def clean(value: complex) -> complex:
    """Rounds away noise of the last digits and negative zeros."""
    return complex(round(value.real, 13) + 0.0, round(value.imag, 13) + 0.0)


#: VVVV: for structure k, the place whose wave is contracted with that of each open place
_VVVV_PARTNERS = ((1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))


def canonical(c: Contraction, lines: list[Line]) -> Contraction:
    """The same derivative with its symmetric inputs in a fixed order and at fixed places."""
    if c.family == "vvv":
        return _canonical_vvv(c, lines)
    if c.family == "vvvv":
        return _canonical_vvvv(c, lines)
    if c.family in ("sss", "ssss"):
        ordered = tuple(sorted(c.inputs, key=lambda n: (lines[n].legs, n)))
        return Contraction(c.family, 0, ordered, c.forms, c.legs, c.n_component)
    return c


def _positive(c: Contraction) -> tuple[Contraction, int]:
    """A vertex of vectors with the first constant of its couplings positive, and the sign taken out."""
    leading = next((form[0][1] for form in c.forms if form), 1)
    if c.family not in ("vvv", "vvvv") or (leading.real, leading.imag) > (0, 0):
        return c, 1
    forms = tuple(scale_form(form, -1) for form in c.forms)
    return Contraction(c.family, c.open_leg, c.inputs, forms, c.legs, c.n_component), -1


def _canonical_vvv(c: Contraction, lines: list[Line]) -> Contraction:
    """Antisymmetric: dS/dV1 of (V2, V3)."""
    first, second = c.inputs if c.open_leg != 1 else c.inputs[::-1]
    forms = c.forms
    if (lines[first].legs, first) > (lines[second].legs, second):
        first, second = second, first
        forms = tuple(scale_form(form, -1) for form in forms)
    return Contraction(c.family, 0, (first, second), forms, c.legs, c.n_component)


def _canonical_vvvv(c: Contraction, lines: list[Line]) -> Contraction:
    """dS/dV1 of (V2, V3, V4): structure k contracts V1 with the k-th of them."""
    places = [place for place in range(4) if place != c.open_leg]
    by_place = dict(zip(places, c.inputs, strict=True))
    partners = [by_place[_VVVV_PARTNERS[k][c.open_leg]] for k in range(3)]
    order = sorted(range(3), key=lambda k: (lines[partners[k]].legs, partners[k]))
    inputs = tuple(partners[k] for k in order)
    forms = tuple(c.forms[k] for k in order)
    return Contraction(c.family, 0, inputs, forms, c.legs, c.n_component)
