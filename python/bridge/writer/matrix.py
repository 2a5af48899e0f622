"""matrix<i>.f of a `Process`: SMATRIX<i>, MATRIX<i> and, with split orders, their table."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Literal

import numpy as np

from bridge.lorentz import WAVE_SIZE
from bridge.process import Amplitude, Coupling, Current, External, JampTerm, Process
from bridge.writer.fortran import data, fill, number, parameter_name, statement, template
from bridge.writer.routines import routine_name

#: "scalar": SMATRIX1(P,ANS), MG5_aMC up to 3.5; "vector": with random numbers and an event index, 3.6 on
Dialect = Literal["scalar", "vector"]

#: terms of one statement, far below what compilers allow
_MOST_TERMS = 64
_LARGEST_INTEGER = 2**31 - 1
_INDENT = 4


def matrix_source(process: Process, number: int, dialect: Dialect) -> str:
    """Text of matrix<number>.f, fixed form.

    It includes MadEvent's genps.inc, maxconfigs.inc, nexternal.inc, maxamps.inc, run.inc,
    config_subproc_map.inc and coupl.inc, and calls RANMAR ("scalar") or SELECT_COLOR ("vector").
    Raises ValueError for a colour matrix that integers cannot hold ("vector").
    """
    jamps, n_temporary = _jamps(process.jamp)
    fields = {
        "i": str(number),
        "name": process.name,
        "iden": str(process.averaging_factor),
        "helicities": _helicities(process),
        "polarisation": _polarisation(process),
        "jj": "JJ, " if len(process.polarised_legs) > 1 else "",
        "n_helicity": str(len(process.helicities)),
        "n_flow": str(process.n_flow),
        "n_order": str(process.n_split_order),
        "n_amplitude": str(len(process.amplitudes)),
        "n_wave": str(len(process.waves)),
        "wave_size": str(_wave_size(process)),
        "temporaries": statement(f"COMPLEX*16 TMP_JAMP({n_temporary})") if n_temporary else "",
        "color_matrix": _packed_colors(process) if dialect == "vector" else _full_colors(process),
        "width_declarations": _width_declarations(process),
        "widths": _widths(process),
        "calls": "".join(_calls(process, dialect)),
        "jamps": jamps,
        "amp2": "".join(_amp2(process)),
        **_order_fields(process, number),
    }
    text = fill(template(f"{dialect}/matrix.f"), fields)
    return text + fill(template("orders.f"), fields) if process.n_split_order > 1 else text


def _helicities(process: Process) -> str:
    n = len(process.legs)
    rows = enumerate(process.helicities.tolist(), 1)
    return "".join(data(f"(NHEL(I,{k:3d}),I=1,{n})", (f"{h:2d}" for h in row)) for k, row in rows)


def _polarisation(process: Process) -> str:
    """Weight of a helicity in polarised beams."""
    legs = process.polarised_legs
    if not legs:
        return ""
    beam = "JJ" if len(legs) > 1 else str(legs[0] + 1)
    factor = [
        f"IF (POL({beam}).NE.1D0.AND.NHEL({beam},I).EQ.INT(SIGN(1D0,POL({beam})))) THEN",
        f"  T = T*ABS(POL({beam}))",
        f"ELSE IF (POL({beam}).NE.1D0) THEN",
        f"  T = T*(2D0-ABS(POL({beam})))",
        "ENDIF",
    ]
    if len(legs) > 1:
        factor = ["DO JJ = 1, NINCOMING", *(f"  {line}" for line in factor), "ENDDO"]
    return "".join(statement(line.lstrip(), _INDENT + len(line) - len(line.lstrip())) for line in factor)


def _wave_size(process: Process) -> int:
    spins = {spin for routine in process.routines.values() for spin in (*routine.inputs, routine.output_spin) if spin}
    return max(WAVE_SIZE["V"], *(WAVE_SIZE[spin] for spin in spins))


def _width_declarations(process: Process) -> str:
    names = [f"FK_{parameter_name(width)}" for width in sorted(process.fake_widths)]
    if not names:
        return ""
    listed = ", ".join(names)
    lines = [f"DOUBLE PRECISION {listed}", f"SAVE {listed}", "LOGICAL FIRST", "SAVE FIRST", "DATA FIRST/.TRUE./"]
    return "".join(map(statement, lines))


def _widths(process: Process) -> str:
    """Effective widths: at least SMALL_WIDTH_TREATMENT times the mass, set by the first call."""
    if not process.fake_widths:
        return ""
    lines = [statement("IF (FIRST) THEN"), statement("FIRST = .FALSE.", 2)]
    for name, mass in sorted(process.fake_widths.items()):
        width = parameter_name(name)
        least = f"ABS({parameter_name(mass)}*SMALL_WIDTH_TREATMENT)"
        lines.append(statement(f"IF ({width}.NE.0D0) THEN", 2))
        lines.append(statement(f"FK_{width} = SIGN(MAX(ABS({width}), {least}), {width})", 4))
        lines.append(statement("ELSE", 2))
        lines.append(statement(f"FK_{width} = 0D0", 4))
        lines.append(statement("ENDIF", 2))
    return "".join([*lines, statement("ENDIF")])


def _calls(process: Process, dialect: Dialect) -> Iterator[str]:
    running = process.running_couplings if dialect == "vector" else frozenset()
    for slot, wave in enumerate(process.waves, 1):
        if isinstance(wave, External):
            yield statement(_external_call(wave, slot))
            continue
        size = f"{_mass(wave.mass)}, {_width(process, wave.width)}"
        yield statement(f"{_vertex_call(process, wave, running)}, {size}, W(1,{slot}))")
    for position, amplitude in enumerate(process.amplitudes, 1):
        yield statement(f"{_vertex_call(process, amplitude, running)}, AMP({position}))")


def _external_call(wave: External, slot: int) -> str:
    leg = wave.leg + 1
    spin = "" if wave.kind == "S" else f"{_mass(wave.mass)}, NHEL({leg}), "
    return f"CALL {wave.kind}XXXXX(P(0,{leg}), {spin}{'+' if wave.sign > 0 else '-'}1*IC({leg}), W(1,{slot}))"


def _vertex_call(process: Process, vertex: Current | Amplitude, running: frozenset[str]) -> str:
    """The call up to its couplings."""
    waves = (f"W(1,{wave + 1})" for wave in vertex.inputs)
    couplings = (_coupling(item, running) for item in vertex.couplings)
    return f"CALL {routine_name(process.routines[vertex.routine])}({', '.join((*waves, *couplings))}"


def _coupling(item: Coupling, running: frozenset[str]) -> str:
    slot = "(IVEC)" if item.name in running else ""
    return f"{'-' if item.sign < 0 else ''}{item.name.upper()}{slot}"


def _mass(name: str | None) -> str:
    return "ZERO" if name is None else parameter_name(name)


def _width(process: Process, name: str | None) -> str:
    if name is None:
        return "ZERO"
    if name not in process.fake_widths:
        raise ValueError(f"{process.name}: width {name} belongs to no mass")
    return f"FK_{parameter_name(name)}"


def _jamps(terms: Iterable[JampTerm]) -> tuple[str, int]:
    """JAMP lines, and how many TMP_JAMP they need: parts of sums that are too long for one statement."""
    sums: dict[tuple[int, int], list[JampTerm]] = {}
    for term in sorted(terms, key=lambda t: (t.flow, t.split_order, t.amplitude)):
        sums.setdefault((term.flow, term.split_order), []).append(term)
    lines: list[str] = []
    n_temporary = 0
    for (flow, order), items in sums.items():
        target = f"JAMP({flow + 1},{order + 1})"
        parts = [items[k : k + _MOST_TERMS] for k in range(0, len(items), _MOST_TERMS)]
        if len(parts) == 1:
            lines.append(statement(f"{target} = {_linear(items)}"))
            continue
        names = [f"TMP_JAMP({n_temporary + k})" for k in range(1, len(parts) + 1)]
        lines += [statement(f"{name} = {_linear(part)}") for name, part in zip(names, parts, strict=True)]
        lines.append(statement(f"{target} = {'+'.join(names)}"))
        n_temporary += len(parts)
    return "".join(lines), n_temporary


def _linear(terms: Sequence[JampTerm]) -> str:
    return "".join(f"{_coefficient(t.coefficient)}AMP({t.amplitude + 1})" for t in terms).removeprefix("+")


def _coefficient(value: complex) -> str:
    if value.imag:
        return f"+({number(value.real)},{number(value.imag)})*"
    sign = "-" if value.real < 0 else "+"
    return sign if abs(value.real) == 1 else f"{sign}{number(abs(value.real))}*"


def _amp2(process: Process) -> Iterator[str]:
    for diagram, amplitudes in process.amp2.items():
        whole = "+".join(f"AMP({k + 1})" for k in amplitudes)
        whole = f"({whole})" if len(amplitudes) > 1 else whole
        target = f"AMP2({diagram})"
        yield statement(f"{target} = {target}+DBLE({whole}*DCONJG({whole}))")


def _full_colors(process: Process) -> str:
    n = process.n_flow
    rows = enumerate(process.color_matrix.tolist(), 1)
    return "".join(data(f"(CF(I,{k:3d}),I={1:3d},{n:3d})", map(number, row)) for k, row in rows)


def _packed_colors(process: Process) -> str:
    """Upper triangle over a common denominator; elements off the diagonal count twice."""
    n = process.n_flow
    rows = [[Fraction(x).limit_denominator(10**6) for x in row] for row in process.color_matrix.tolist()]
    denominator = math.lcm(*(x.denominator for row in rows for x in row))
    packed = [[int(x * denominator) * (1 if k == i else 2) for k, x in enumerate(rows[i]) if k >= i] for i in range(n)]
    values = np.array([float(x) for row in rows for x in row]).reshape(n, n)
    largest = max(denominator, *(abs(x) for row in packed for x in row))
    if largest > _LARGEST_INTEGER or not np.allclose(values, process.color_matrix, rtol=1e-15, atol=0):
        raise ValueError(f"{process.name}: no integers for the colour matrix")
    lines = [data("DENOM", [denominator])]
    first = 1
    for row in packed:
        last = first + len(row) - 1
        lines.append(data(f"(CF(I),I={first:3d},{last:3d})", row))
        first = last + 1
    return "".join(lines)


def _order_fields(process: Process, matrix: int) -> Mapping[str, str]:
    """Split orders.

    A Process knows which products of two JAMPs count, not the powers of couplings. Unit vectors
    stand for the orders of the amplitudes: their sums tell all products apart.
    """
    names = ("order_declarations", "wanted_orders", "if_wanted", "amplitude_orders", "squared_orders", "n_squared")
    n = process.n_split_order
    if n == 1:
        return dict.fromkeys(names, "")
    pairs = list(itertools.combinations_with_replacement(range(n), 2))
    squared = [[(a == k) + (b == k) for k in range(n)] for a, b in pairs]
    chosen = (".TRUE." if process.chosen_orders[pair] else ".FALSE." for pair in pairs)
    declarations = (
        statement("INTEGER NSQAMPSO")
        + statement(f"PARAMETER (NSQAMPSO={len(pairs)})")
        + statement("LOGICAL CHOSEN_SO_CONFIGS(NSQAMPSO), WANTED(NAMPSO,NAMPSO)")
        + statement(f"INTEGER SQSOINDEX{matrix}")
        + statement(f"EXTERNAL SQSOINDEX{matrix}")
        + data("CHOSEN_SO_CONFIGS", chosen)
    )
    wanted = (
        statement("DO M = 1, NAMPSO")
        + statement("DO N = 1, NAMPSO", 2)
        + statement(f"WANTED(M,N) = CHOSEN_SO_CONFIGS(SQSOINDEX{matrix}(M,N))", 4)
        + statement("ENDDO", 2)
        + statement("ENDDO")
    )
    values = (
        declarations,
        wanted,
        statement("IF (.NOT.WANTED(M,N)) CYCLE", 6),
        "".join(data(f"(AMPSPLITORDERS({k + 1},I),I=1,{n})", [int(k == j) for j in range(n)]) for k in range(n)),
        "".join(data(f"(SQSPLITORDERS({k},I),I=1,{n})", row) for k, row in enumerate(squared, 1)),
        str(len(pairs)),
    )
    return dict(zip(names, values, strict=True))
