"""Estimate of the work of a Program: what a page takes of a core's multipliers.

A multiplication, or one with an addition, counts 1; what else an instruction takes (additions,
loads and stores, the loop) was measured and is in the numbers below.
"""

from __future__ import annotations

from collections.abc import Sequence, Set

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

#: for one helicity state of the result
_VERTEX = {
    Op.EXTERNAL: 30.0,
    Op.FFV_1: 36.0,
    Op.FFV_2: 36.0,
    Op.FFV_3: 44.0,
    Op.VVV_1: 62.0,
    Op.VVVV_1: 54.0,
    Op.CUSTOM: 150.0,
}
_OTHER_VERTEX = 24.0
#: by PropagatorKind
_PROPAGATOR = (0.0, 18.0, 32.0, 50.0, 50.0, 6.0)
#: once for each two states of the inputs (VVVV)
_PAIR = 20.0
#: for each instruction
_START = 20.0
_ADDED = 4.0
_DOT_HALF = 10.0
_DOT, _JAMP, _SQUARE, _TRACE, _DENSITY, _DENSITY_END = 18.0, 4.0, 2.0, 24.0, 36.0, 16.0
#: density matrices from those of the vertex's inputs
DENSITY_VERTICES = {Op.FFV_1: 200.0, Op.FFV_2: 200.0, Op.FFV_3: 200.0, Op.VVV_1: 440.0}
_DENSITY_CHIRAL = 130.0
_DENSITY_PROPAGATOR = (0.0, 0.0, 150.0, 250.0, 250.0, 0.0)


def cost(program: Program) -> float:
    """Estimated operations, AMP2 from densities where the Program offers both."""
    half = _half_filled(program)
    total = sum(_work(program, instruction, half) for instruction in _needed(program))
    n_row = program.n_flow * program.n_split_order
    return total + _n_active(program) * (n_row * (n_row + 1) + 4 * n_row)


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


def _work(program: Program, instruction: Instruction, half: Set[int]) -> float:
    n_helicity = _n_active(program)
    match instruction.op:
        case Op.DOT | Op.DOT_JAMP:
            dot = _DOT_HALF if instruction.inputs[0] in half else _DOT
            return (dot + (_JAMP if instruction.op is Op.DOT_JAMP else 0)) * n_helicity + _START
        case Op.JAMP:
            return _JAMP * n_helicity
        case Op.SQUARE:
            return _SQUARE * n_helicity
        case Op.TRACE:
            return _TRACE
        case Op.DENSITY:
            return density_work(program, program.slots[instruction.inputs[0]].legs)
        case Op.DENSITY_VERTEX:
            return density_vertex_work(Op(instruction.flags >> VERTEX_SHIFT), instruction.flags)
    return vertex_work(program, instruction, half)


def density_work(program: Program, legs: int) -> float:
    """A density matrix from the states of its slot."""
    return _DENSITY * program.n_state(legs) + _DENSITY_END


def density_vertex_work(op: Op, flags: int) -> float:
    """A density matrix from those of the vertex's inputs, propagator included."""
    work = DENSITY_VERTICES[op]
    if op is not Op.VVV_1 and _chirality(flags) is not Chirality.VECTOR:
        work += _DENSITY_CHIRAL
    return work + _DENSITY_PROPAGATOR[flags >> PROPAGATOR_SHIFT & 7]


def vertex_work(program: Program, instruction: Instruction, half: Set[int] = frozenset()) -> float:
    """A vertex for all states of its result, propagator included; half: slots of half-filled spinors."""
    n = program.n_state(program.slots[instruction.out].legs)
    work = _VERTEX.get(instruction.op, _OTHER_VERTEX)
    if instruction.op in (Op.FFV_1, Op.FFV_2, Op.FFV_3):
        is_half = instruction.inputs[0] in half or (instruction.op is Op.FFV_3 and instruction.inputs[1] in half)
        if is_half or _chirality(instruction.flags) in (Chirality.LEFT, Chirality.RIGHT):
            work /= 2
    if instruction.op is not Op.EXTERNAL:
        propagator = _PROPAGATOR[instruction.flags >> PROPAGATOR_SHIFT & 7]
        work += propagator / 2 if instruction.out in half else propagator
    if instruction.flags & ACCUMULATE:
        work += _ADDED
    pairs = 0
    if instruction.op is Op.VVVV_1:
        a, b, c = (program.n_state(program.slots[slot].legs) for slot in instruction.inputs)
        pairs = a * b + a * c + b * c
    return work * n + _PAIR * pairs + _START


def _chirality(flags: int) -> Chirality:
    return Chirality(flags >> CHIRALITY_SHIFT & 3)
