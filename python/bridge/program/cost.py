"""Estimate of the work of a Program: vector operations for a page."""

from __future__ import annotations

import numpy as np

from bridge.program.file import CHIRALITY_SHIFT, FOR_AMPLITUDES, Chirality, Instruction, Op, Program

#: operations for one helicity state of the result (loads and stores count a half)
_VERTEX = {
    Op.EXTERNAL: 40.0,
    Op.FFV_1: 52.0,
    Op.FFV_2: 52.0,
    Op.FFV_3: 52.0,
    Op.VVV_1: 88.0,
    Op.VVVV_1: 100.0,
    Op.DENSITY: 36.0,
    Op.CUSTOM: 150.0,
}
_OTHER_VERTEX = 30.0
_PROPAGATOR = 24.0
_DOT, _JAMP, _SQUARE, _TRACE, _DENSITY_END = 21.0, 4.0, 3.0, 24.0, 16.0


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
        result[legs] = len({tuple(row) for row in table[:, columns].tolist()})
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
        case Op.DOT | Op.DOT_JAMP:
            return _DOT * n_helicity
        case Op.JAMP:
            return _JAMP * n_helicity
        case Op.SQUARE:
            return _SQUARE * n_helicity
        case Op.TRACE:
            return _TRACE
        case Op.DENSITY:
            legs = program.slots[instruction.inputs[0]].legs
            return _VERTEX[Op.DENSITY] * n_state[legs] + _DENSITY_END
    n = n_state[program.slots[instruction.out].legs]
    work = _VERTEX.get(instruction.op, _OTHER_VERTEX)
    if instruction.op in (Op.FFV_1, Op.FFV_2, Op.FFV_3):
        chirality = Chirality(instruction.flags >> CHIRALITY_SHIFT & 3)
        if chirality in (Chirality.LEFT, Chirality.RIGHT):
            work /= 2
    if instruction.flags >> 1 & 7:
        work += _PROPAGATOR
    return work * n
