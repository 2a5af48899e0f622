"""From products of currents to the instructions of a Program."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bridge.process import External, Process
from bridge.program.cost import DENSITY_VERTICES, density_vertex_work, density_work, vertex_work
from bridge.program.file import (
    ACCUMULATE,
    CHIRALITY_SHIFT,
    CUSTOM_SHIFT,
    FOR_AMPLITUDES,
    KIND_SHIFT,
    MINUS,
    NONE,
    PROPAGATOR_SHIFT,
    VERTEX_SHIFT,
    Chirality,
    Instruction,
    Momentum,
    Op,
    Program,
    Slot,
)
from bridge.program.graph import Form, Propagator
from bridge.program.merge import Currents, Product, Term
from bridge.program.opaque import function, is_opaque, routine_name
from bridge.program.structures import PropagatorKind
from bridge.program.zeros import zero_helicities

#: (family, open place) -> instruction, order of the inputs, factor
_OPS: dict[tuple[str, int], tuple[Op, tuple[int, ...], int]] = {
    ("ffv", 0): (Op.FFV_1, (0, 1), 1),
    ("ffv", 1): (Op.FFV_2, (0, 1), 1),
    ("ffv", 2): (Op.FFV_3, (0, 1), 1),
    ("ffs", 0): (Op.FFS_1, (0, 1), 1),
    ("ffs", 1): (Op.FFS_1, (0, 1), 1),
    ("ffs", 2): (Op.FFS_3, (0, 1), 1),
    ("vvv", 0): (Op.VVV_1, (0, 1), 1),
    ("vvvv", 0): (Op.VVVV_1, (0, 1, 2), 1),
    ("vvs", 0): (Op.VVS_1, (0, 1), 1),
    ("vvs", 1): (Op.VVS_1, (0, 1), 1),
    ("vvs", 2): (Op.VVS_3, (0, 1), 1),
    ("vvss", 0): (Op.VVSS_1, (0, 1, 2), 1),
    ("vvss", 1): (Op.VVSS_1, (0, 1, 2), 1),
    ("vvss", 2): (Op.VVSS_3, (0, 1, 2), 1),
    ("vvss", 3): (Op.VVSS_3, (0, 1, 2), 1),
    ("vss", 0): (Op.VSS_1, (0, 1), 1),
    ("vss", 1): (Op.VSS_2, (0, 1), 1),
    ("vss", 2): (Op.VSS_2, (0, 1), -1),
    ("sss", 0): (Op.SSS_1, (0, 1), 1),
    ("ssss", 0): (Op.SSSS_1, (0, 1, 2), 1),
}
#: of the work of a density that goes to the first one made of it; the rest is for those still to come
_SHARE = 0.5
_T = TypeVar("_T")
_KINDS = "IOVS"
#: amplitude buffers: one for JAMPs, one for AMP2
_JAMP_BUFFER, _AMP2_BUFFER = 0, 1


@dataclass(frozen=True, slots=True)
class Amp2:
    """AMP2 of a diagram: |sum of coefficient * product|^2."""

    diagram: int
    products: tuple[tuple[Product, complex], ...]


class Emitter:
    """Writes the instructions of one Program."""

    def __init__(self, process: Process, currents: Currents) -> None:
        self._process = process
        self._currents = currents
        self._wave_slots: dict[int, int] = {}
        self._derivative_slots: dict[int, int] = {}
        self._density_slots: dict[int, int] = {}
        #: slots that are one vertex of two waves, and how many slots JAMPs take
        self._vertices: dict[int, Instruction] = {}
        self._n_jamp_slot = 0
        #: (leg, sign) of what is added up -> entry, and the other way round
        self._momenta: dict[tuple[tuple[int, int], ...], int] = {}
        self._signed_legs: list[tuple[tuple[int, int], ...]] = []
        self._diagrams: dict[int, int] = {}
        self._coefficients: dict[Form, int] = {}
        self._constants: dict[complex, int] = {}
        self._functions: dict[tuple[str, int], int] = {}
        self._rows_written: set[int] = set()
        self.program = Program(
            process=process.name,
            digest=process.digest,
            helicities=process.helicities,
            n_flow=process.n_flow,
            n_split_order=process.n_split_order,
            averaging_factor=float(process.averaging_factor),
            color_matrix=process.color_matrix,
            chosen_orders=process.chosen_orders,
            config_diagrams=process.config_diagrams,
            config_flows=process.config_flows,
            zero_helicities=zero_helicities(process),
            known_n_state=currents.n_state,
        )
        self._running = sorted(process.running_couplings)
        for leg in range(len(process.legs)):
            self._add_momentum(((leg, 1),), Momentum(leg))

    def emit(
        self, by_product: Mapping[Product, Mapping[int, complex]], amp2: Sequence[Amp2], *, shared: bool
    ) -> Program:
        """All instructions.

        by_product: JAMP row -> coefficient. shared: the products are single diagrams, whose
        squares are taken in passing.
        """
        squares = self._take_shared(by_product, amp2) if shared else {}
        for product in sorted(by_product, key=lambda p: (p.derivative, p.wave)):
            self._product(product, by_product[product], squares.get(product))
        self._n_jamp_slot = len(self.program.slots)
        taken = set(squares.values())
        for item in amp2:
            if item.diagram not in taken:
                self._amp2(item, density=not shared)
        self._name_parameters()
        return self.program

    def _take_shared(self, by_product: Mapping[Product, object], amp2: Sequence[Amp2]) -> dict[Product, int]:
        """Products that are an AMP2 by themselves."""
        single = {a.products[0][0]: a.diagram for a in amp2 if len(a.products) == 1}
        unit = {a.products[0][0] for a in amp2 if abs(abs(a.products[0][1]) - 1) < 1e-12}
        return {p: d for p, d in single.items() if p in by_product and p in unit}

    def _product(self, product: Product, rows: Mapping[int, complex], diagram: int | None) -> None:
        inputs = (self._wave(product.wave), self._derivative(product.derivative))
        if len(rows) == 1 and diagram is None:
            ((row, coefficient),) = rows.items()
            flags = self._row_flags(row)
            self._add(Instruction(Op.DOT_JAMP, row, inputs, (self._constant(coefficient),), flags))
            return
        self._add(Instruction(Op.DOT, _JAMP_BUFFER, inputs, (self._constant(1),)))
        for row, coefficient in sorted(rows.items()):
            flags = self._row_flags(row)
            self._add(Instruction(Op.JAMP, row, (_JAMP_BUFFER,), (self._constant(coefficient),), flags))
        if diagram is not None:
            self._add(Instruction(Op.SQUARE, self._diagram(diagram), (_JAMP_BUFFER,)))

    def _row_flags(self, row: int) -> int:
        flags = ACCUMULATE if row in self._rows_written else 0
        self._rows_written.add(row)
        return flags

    def _amp2(self, item: Amp2, *, density: bool) -> None:
        """By amplitudes; for a single product by density matrices too: the engine chooses."""
        out = self._diagram(item.diagram)
        wave = self._currents.waves[item.products[0][0].wave]
        by_density = density and len(item.products) == 1 and wave.n_component == 4
        for number, (product, coefficient) in enumerate(item.products):
            inputs = (self._wave(product.wave), self._derivative(product.derivative))
            constant = self._constant(coefficient)
            flags = ACCUMULATE if number else 0
            self._add(Instruction(Op.DOT, _AMP2_BUFFER, inputs, (constant,), flags))
        flags = FOR_AMPLITUDES if by_density else 0
        self._add(Instruction(Op.SQUARE, out, (_AMP2_BUFFER,), flags=flags))
        if by_density:
            product = item.products[0][0]
            inputs = (
                self._density(self._wave(product.wave)),
                self._density(self._derivative(product.derivative)),
            )
            self._add(Instruction(Op.TRACE, out, inputs))

    def _density(self, slot: int) -> int:
        """Summed over the states of the slot, or from the densities of the waves it is made of."""
        if slot not in self._density_slots:
            self._density_slots[slot] = self._make_density(slot)
        return self._density_slots[slot]

    def _make_density(self, slot: int) -> int:
        source = self.program.slots[slot]
        made = Slot(16, source.legs, source.momentum)
        vertex = self._vertices.get(slot)
        if vertex is None or self._work_by_parts(vertex) >= self._work_by_states(slot):
            out = self._append(self.program.slots, made)
            self._add(Instruction(Op.DENSITY, out, (slot,)))
            return out
        first, second = (self._density(wave) for wave in vertex.inputs)
        out = self._append(self.program.slots, made)
        flags = vertex.flags | vertex.op << VERTEX_SHIFT
        inputs = (first, second, slot)
        self._add(Instruction(Op.DENSITY_VERTEX, out, inputs, vertex.coefficients, flags, vertex.mass, vertex.width))
        return out

    def _density_work(self, slot: int) -> float:
        if slot in self._density_slots:
            return 0
        work = self._work_by_states(slot)
        return min(work, self._work_by_parts(self._vertices[slot])) if slot in self._vertices else work

    def _work_by_states(self, slot: int) -> float:
        """What JAMPs do not need is made for AMP2 alone."""
        source = self.program.slots[slot]
        own = self._vertices.get(slot) if slot >= self._n_jamp_slot else None
        return density_work(self.program, source.legs) + (vertex_work(self.program, own) if own else 0)

    def _work_by_parts(self, vertex: Instruction) -> float:
        parts = sum(self._density_work(k) for k in vertex.inputs)
        return density_vertex_work(vertex.op, vertex.flags) + _SHARE * parts

    def _diagram(self, diagram: int) -> int:
        if diagram not in self._diagrams:
            self._diagrams[diagram] = self._append(self.program.amp2_diagrams, diagram)
        return self._diagrams[diagram]

    def _wave(self, number: int) -> int:
        if number not in self._wave_slots:
            wave = self._currents.waves[number]
            if wave.external is not None:
                self._wave_slots[number] = self._external(wave.external)
            else:
                assert wave.propagator is not None
                self._wave_slots[number] = self._sum(wave.source, wave.propagator)
        return self._wave_slots[number]

    def _derivative(self, number: int) -> int:
        if number not in self._derivative_slots:
            self._derivative_slots[number] = self._sum(number, None)
        return self._derivative_slots[number]

    def _external(self, external: External) -> int:
        sign = _momentum_sign(external)
        n_component = 1 if external.kind == "S" else 4
        momentum = self._momentum(((external.leg, sign),))
        slot = self._append(self.program.slots, Slot(n_component, 1 << external.leg, momentum))
        flags = _KINDS.index(external.kind) << KIND_SHIFT
        if external.sign < 0:
            flags |= MINUS
        mass = self._parameter(external.mass)
        self._add(Instruction(Op.EXTERNAL, slot, (external.leg,), flags=flags, mass=mass))
        return slot

    def _sum(self, number: int, propagator: Propagator | None) -> int:
        """Slot of a derivative, with its propagator if one is given."""
        source = self._currents.derivatives[number]
        inputs = [[self._wave(w) for w in term.inputs] for term in source.terms]
        momentum = NONE
        if propagator is not None:
            momentum = self._sum_of_momenta(inputs[0])
        out = self._append(self.program.slots, Slot(source.n_component, source.legs, momentum))
        for position, (term, slots) in enumerate(zip(source.terms, inputs, strict=True)):
            last = position == len(source.terms) - 1
            flags = ACCUMULATE if position else 0
            # The propagator is applied to the sum; an opaque current has its own inside.
            every = propagator is not None and propagator.kind is PropagatorKind.ABSENT
            self._vertex(term, slots, out, flags, propagator if last or every else None)
        if len(source.terms) == 1 and self.program.instructions[-1].op in DENSITY_VERTICES:
            self._vertices[out] = self.program.instructions[-1]
        return out

    def _vertex(self, term: Term, slots: list[int], out: int, flags: int, propagator: Propagator | None) -> None:
        if is_opaque(term.family):
            self._opaque(term, slots, out, flags, propagator)
            return
        op, order, factor = _OPS[term.family, term.open_leg]
        forms = tuple(tuple((n, c * factor) for n, c in form) for form in term.forms)
        if term.family == "ffv":
            chirality = _chirality(*forms)
            flags |= chirality << CHIRALITY_SHIFT
            if chirality is Chirality.LEFT:
                forms = (forms[0], forms[0])
            if chirality is Chirality.RIGHT:
                forms = (forms[1], forms[1])
        more, mass, width = self._propagator(propagator)
        self._add(
            Instruction(
                op,
                out,
                tuple(slots[k] for k in order),
                tuple(self._coefficient(form) for form in forms),
                flags | more,
                mass,
                width,
            )
        )

    def _propagator(self, propagator: Propagator | None) -> tuple[int, int, int]:
        """Flags, mass and width of a vertex that ends with it."""
        if propagator is None:
            return 0, NONE, NONE
        mass, width = self._parameter(propagator.mass), self._parameter(propagator.width)
        return propagator.kind << PROPAGATOR_SHIFT, mass, width

    def _opaque(self, term: Term, slots: list[int], out: int, flags: int, propagator: Propagator | None) -> None:
        key = (term.family, term.open_leg)
        if key not in self._functions:
            made = function(self._process.routines[routine_name(term.family)], term.open_leg)
            self._functions[key] = self._append(self.program.functions, made)
        more, mass, width = self._propagator(propagator)
        operands = self.program.operands
        inputs = (len(operands),)
        operands += [*slots, *(self._coefficient(form) for form in term.forms)]
        flags |= more | self._functions[key] << CUSTOM_SHIFT
        self._add(Instruction(Op.CUSTOM, out, inputs, (), flags, mass, width))

    def _momentum(self, key: tuple[tuple[int, int], ...]) -> int:
        """Entry for signed legs, made from its halves when missing."""
        if key not in self._momenta:
            assert len(key) == 1
            self._add_momentum(key, Momentum(*key[0]))
        return self._momenta[key]

    def _sum_of_momenta(self, slots: Iterable[int]) -> int:
        entries = tuple(self.program.slots[slot].momentum for slot in slots)
        key = tuple(sorted(item for entry in entries for item in self._signed_legs[entry]))
        return self._momenta[key] if key in self._momenta else self._add_momentum(key, Momentum(inputs=entries))

    def _add_momentum(self, key: tuple[tuple[int, int], ...], made: Momentum) -> int:
        self._signed_legs.append(key)
        self._momenta[key] = self._append(self.program.momenta, made)
        return self._momenta[key]

    def _coefficient(self, form: Form) -> int:
        """Index of a linear form; names become numbers at the end."""
        if form not in self._coefficients:
            self._coefficients[form] = len(self._coefficients)
        return self._coefficients[form]

    def _constant(self, value: complex) -> int:
        value = complex(value)
        if value not in self._constants:
            self._constants[value] = self._append(self.program.constants, value)
        return self._constants[value]

    def _parameter(self, name: str | None) -> int:
        if name is None:
            return NONE
        names = self.program.parameters
        if name not in names:
            names.append(name)
        return names.index(name)

    def _name_parameters(self) -> None:
        program = self.program
        used = {name for form in self._coefficients for name, _ in form}
        program.running_couplings = [n for n in self._running if n in used]
        program.couplings = sorted(used - set(self._running))
        number = {n: i for i, n in enumerate([*program.couplings, *program.running_couplings])}
        program.coefficients = [tuple((number[name], c) for name, c in form) for form in self._coefficients]

    def _add(self, instruction: Instruction) -> None:
        self.program.instructions.append(instruction)

    @staticmethod
    def _append(items: list[_T], item: _T) -> int:
        items.append(item)
        return len(items) - 1


def _momentum_sign(external: External) -> int:
    """Sign with which a wave carries its leg's momentum (HELAS)."""
    return -external.sign if external.kind == "I" else external.sign


def _chirality(left: Form, right: Form) -> Chirality:
    if not right:
        return Chirality.LEFT
    if not left:
        return Chirality.RIGHT
    return Chirality.VECTOR if left == right else Chirality.GENERAL
