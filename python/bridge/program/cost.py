"""Estimate of the work of a Program: what a page takes of a core's multipliers.

A multiplication, or one with an addition, counts 1; what else an instruction takes (additions,
loads and stores, the loop) was measured and is in the numbers below.
"""

from __future__ import annotations

import numpy as np

from bridge.program.file import ACCUMULATE, CHIRALITY_SHIFT, FOR_AMPLITUDES, Chirality, Instruction, Op, Program

#: for one helicity state of the result
_VERTEX = {
    Op.EXTERNAL: 30.0,
    Op.FFV_1: 36.0,
    Op.FFV_2: 36.0,
    Op.FFV_3: 44.0,
    Op.VVV_1: 62.0,
    Op.VVVV_1: 54.0,
    Op.DENSITY: 36.0,
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
_DOT, _JAMP, _SQUARE, _TRACE, _DENSITY_END = 18.0, 4.0, 2.0, 24.0, 16.0


def cost(program: Program) -> float:
    """Estimated operations, AMP2 from densities where the Program offers both."""
    n_state = _states(program)
    total = 0.0
    skipped = _amplitude_only(program)
    for number, instruction in enumerate(program.instructions):
        if number not in skipped:
            total += _work(program, instruction, n_state)
    n_helicity = _n_active(program)
    n_row = program.n_flow * program.n_split_order
    return total + n_helicity * (n_row * (n_row + 1) + 4 * n_row)


def _n_active(program: Program) -> int:
    return int(np.count_nonzero(~program.zero_helicities))


def _states(program: Program) -> dict[int, int]:
    """Legs -> number of helicity states."""
    table = program.helicities[~program.zero_helicities]
    result = {}
    for legs in {slot.legs for slot in program.slots}:
        columns = [leg for leg in range(table.shape[1]) if legs >> leg & 1]
        result[legs] = len(np.unique(table[:, columns] @ 4 ** np.arange(len(columns))))
    return result


def _amplitude_only(program: Program) -> set[int]:
    """Numbers of instructions that only run without densities: a square and its products."""
    skipped: set[int] = set()
    for number, instruction in enumerate(program.instructions):
        if instruction.op is Op.SQUARE and instruction.flags & FOR_AMPLITUDES:
            skipped.update((number, number - 1))
    return skipped


def _work(program: Program, instruction: Instruction, n_state: dict[int, int]) -> float:
    n_helicity = _n_active(program)
    match instruction.op:
        case Op.DOT:
            return _DOT * n_helicity + _START
        case Op.DOT_JAMP:
            return (_DOT + _JAMP) * n_helicity + _START
        case Op.JAMP:
            return _JAMP * n_helicity
        case Op.SQUARE:
            return _SQUARE * n_helicity
        case Op.TRACE:
            return _TRACE
        case Op.DENSITY:
            legs = program.slots[instruction.inputs[0]].legs
            return _VERTEX[Op.DENSITY] * n_state[legs] + _DENSITY_END
    return _vertex(program, instruction, n_state)


def _vertex(program: Program, instruction: Instruction, n_state: dict[int, int]) -> float:
    n = n_state[program.slots[instruction.out].legs]
    work = _VERTEX.get(instruction.op, _OTHER_VERTEX)
    if instruction.op in (Op.FFV_1, Op.FFV_2, Op.FFV_3):
        chirality = Chirality(instruction.flags >> CHIRALITY_SHIFT & 3)
        if chirality in (Chirality.LEFT, Chirality.RIGHT):
            work /= 2
    work += _PROPAGATOR[instruction.flags >> 1 & 7]
    if instruction.flags & ACCUMULATE:
        work += _ADDED
    pairs = 0
    if instruction.op is Op.VVVV_1:
        a, b, c = (n_state[program.slots[slot].legs] for slot in instruction.inputs)
        pairs = a * b + a * c + b * c
    return work * n + _PAIR * pairs + _START
