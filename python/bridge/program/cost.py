"""Estimate of the work of a Program: so many operations of each kind, each with its weight.

The unit is a multiplication, or one with an addition, of a page. The weights hold what else an operation
takes (additions, loads and stores, the loop); `benchmarks/operation_costs.py` measures them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence, Set

from bridge.program.file import (
    ACCUMULATE,
    CHIRALITY_SHIFT,
    CUSTOM_SHIFT,
    FOR_AMPLITUDES,
    KIND_SHIFT,
    NONE,
    PROPAGATOR_SHIFT,
    VERTEX_SHIFT,
    Chirality,
    Instruction,
    Op,
    Program,
)

#: kind of operation -> weight
WEIGHTS = {
    # one helicity state of the result; vertices of spinors count half where one half vanishes
    "external wave": 30.0,
    "ffv": 30.0,
    "ffv_3": 46.0,
    "vvv": 50.0,
    "vvvv": 50.0,
    "custom": 150.0,
    "other vertex": 15.0,
    "added": 6.0,
    "vector propagator": 6.0,
    "massive vector propagator": 28.0,
    "fermion propagator": 20.0,
    "scalar propagator": 4.0,
    # two states of the inputs of VVVV
    "pair": 21.0,
    # an instruction
    "start": 60.0,
    # one helicity combination
    "product": 6.0,
    "half product": 5.0,
    "product of scalars": 4.0,
    "jamp": 5.0,
    "square": 1.0,
    "color": 1.0,
    # densities: of one state, of all states, and made of other densities
    "trace": 55.0,
    "density": 55.0,
    "density end": 20.0,
    "density ffv": 400.0,
    "density chirality": 50.0,
    "density vvv": 560.0,
    "density vector propagator": 1.0,
    "density massive vector propagator": 130.0,
    "density fermion propagator": 150.0,
}
#: by PropagatorKind
_PROPAGATOR = (
    "",
    "vector propagator",
    "massive vector propagator",
    "fermion propagator",
    "fermion propagator",
    "scalar propagator",
)
_VERTEX = {
    Op.FFV_1: "ffv",
    Op.FFV_2: "ffv",
    Op.FFV_3: "ffv_3",
    Op.VVV_1: "vvv",
    Op.VVVV_1: "vvvv",
    Op.CUSTOM: "custom",
}
#: vertices whose density matrices can be made of those of their inputs
DENSITY_VERTICES = (Op.FFV_1, Op.FFV_2, Op.FFV_3, Op.VVV_1)
Counts = Iterator[tuple[str, float]]


def cost(program: Program) -> float:
    """Estimated operations, AMP2 from densities where the Program offers both."""
    return _weigh(count(program).items())


def count(program: Program) -> dict[str, float]:
    """Operations of each kind, AMP2 from densities where the Program offers both."""
    half = _half_filled(program)
    sums: defaultdict[str, float] = defaultdict(float)
    for instruction in _needed(program):
        for kind, n in _operations(program, instruction, half):
            sums[kind] += n
    n_row = program.n_flow * program.n_split_order
    sums["color"] = _n_active(program) * (n_row * (n_row + 1) + 4 * n_row)
    return dict(sums)


def density_work(program: Program, legs: int) -> float:
    """A density matrix from the states of its slot."""
    return _weigh(_density(program, legs))


def density_vertex_work(op: Op, flags: int) -> float:
    """A density matrix from those of the vertex's inputs, propagator included."""
    return _weigh(_density_vertex(op, flags))


def vertex_work(program: Program, instruction: Instruction) -> float:
    """A vertex for all states of its result, propagator included."""
    return _weigh(_vertex(program, instruction, frozenset()))


def _weigh(counts: Iterable[tuple[str, float]]) -> float:
    return sum(WEIGHTS[kind] * n for kind, n in counts)


def _half_filled(program: Program) -> set[int]:
    """Slots of spinors of which one half vanishes: massless fermions."""
    result: set[int] = set()
    for instruction in program.instructions:
        match instruction.op:
            case Op.EXTERNAL:
                is_half = instruction.flags >> KIND_SHIFT & 3 < 2 and instruction.mass == NONE
            case Op.FFV_1 | Op.FFV_2:
                is_half = instruction.inputs[0] in result and instruction.mass == NONE
            case _:
                is_half = False
        if is_half:
            result.add(instruction.out)
    return result


def _n_active(program: Program) -> int:
    return program.n_state((1 << program.helicities.shape[1]) - 1)


def _needed(program: Program) -> list[Instruction]:
    """What runs for JAMPs and for AMP2 from densities."""
    slots: set[int] = set()
    buffers: set[int] = set()
    result = []
    for instruction in reversed(program.instructions):
        match instruction.op:
            case Op.SQUARE | Op.JAMP:
                needed = not (instruction.op is Op.SQUARE and instruction.flags & FOR_AMPLITUDES)
                if needed:
                    buffers.update(instruction.inputs)
            case Op.DOT:
                needed = instruction.out in buffers
                if not instruction.flags & ACCUMULATE:
                    buffers.discard(instruction.out)
            case Op.DOT_JAMP | Op.TRACE:
                needed = True
            case _:
                needed = instruction.out in slots
        if needed:
            result.append(instruction)
            slots.update(_slots(program, instruction))
    return result


def _slots(program: Program, instruction: Instruction) -> Sequence[int]:
    """Slots that an instruction reads."""
    match instruction.op:
        case Op.EXTERNAL | Op.JAMP | Op.SQUARE:
            return ()
        case Op.DENSITY_VERTEX:
            return instruction.inputs[:2]
        case Op.CUSTOM:
            first, function = instruction.inputs[0], program.functions[instruction.flags >> CUSTOM_SHIFT]
            return program.operands[first : first + function.n_input]
    return instruction.inputs


def _operations(program: Program, instruction: Instruction, half: Set[int]) -> Counts:
    match instruction.op:
        case Op.DOT | Op.DOT_JAMP:
            yield from _product(program, instruction, half)
        case Op.JAMP:
            yield "jamp", _n_active(program)
        case Op.SQUARE:
            yield "square", _n_active(program)
        case Op.TRACE:
            yield "trace", 1
        case Op.DENSITY:
            yield from _density(program, program.slots[instruction.inputs[0]].legs)
        case Op.DENSITY_VERTEX:
            yield from _density_vertex(Op(instruction.flags >> VERTEX_SHIFT), instruction.flags)
        case _:
            yield from _vertex(program, instruction, half)


def _product(program: Program, instruction: Instruction, half: Set[int]) -> Counts:
    wave = instruction.inputs[0]
    n = _n_active(program)
    yield "start", 1
    if program.slots[wave].n_component == 1:
        yield "product of scalars", n
    else:
        yield ("half product" if wave in half else "product"), n
    if instruction.op is Op.DOT_JAMP:
        yield "jamp", n


def _density(program: Program, legs: int) -> Counts:
    yield "density", program.n_state(legs)
    yield "density end", 1


def _density_vertex(op: Op, flags: int) -> Counts:
    yield ("density vvv" if op is Op.VVV_1 else "density ffv"), 1
    if op is not Op.VVV_1 and _chirality(flags) is not Chirality.VECTOR:
        yield "density chirality", 1
    propagator = flags >> PROPAGATOR_SHIFT & 7
    if propagator:
        yield f"density {_PROPAGATOR[propagator]}", 1


def _vertex(program: Program, instruction: Instruction, half: Set[int]) -> Counts:
    """All states of the result, propagator included; half: slots of half-filled spinors."""
    n = program.n_state(program.slots[instruction.out].legs)
    yield "start", 1
    if instruction.op is Op.EXTERNAL:
        yield "external wave", n
        return
    is_half = False
    if instruction.op in (Op.FFV_1, Op.FFV_2, Op.FFV_3):
        is_half = instruction.inputs[0] in half or (instruction.op is Op.FFV_3 and instruction.inputs[1] in half)
        is_half |= _chirality(instruction.flags) in (Chirality.LEFT, Chirality.RIGHT)
    yield _VERTEX.get(instruction.op, "other vertex"), n / 2 if is_half else n
    propagator = instruction.flags >> PROPAGATOR_SHIFT & 7
    if propagator:
        yield _PROPAGATOR[propagator], n / 2 if instruction.out in half else n
    if instruction.flags & ACCUMULATE:
        yield "added", n
    if instruction.op is Op.VVVV_1:
        a, b, c = (program.n_state(program.slots[slot].legs) for slot in instruction.inputs)
        yield "pair", a * b + a * c + b * c


def _chirality(flags: int) -> Chirality:
    return Chirality(flags >> CHIRALITY_SHIFT & 3)
