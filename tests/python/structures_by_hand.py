"""Lorentz routines and toy processes written from gamma matrices and metrics.

Amplitudes are formulas over waves; off-shell currents are propagator times the derivative, by
unit vectors. Nothing here comes from a generator of matrix elements.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.lorentz import (
    WAVE_SIZE,
    Assignment,
    Component,
    Constant,
    CouplingValue,
    Expression,
    ImaginaryPart,
    Local,
    MassValue,
    Negative,
    Power,
    Product,
    Quotient,
    RealPart,
    Routine,
    Spin,
    Sum,
    WidthValue,
    ZeroUnless,
)
from bridge.process import Amplitude, Coupling, Current, External, JampTerm, Leg, Process

#: arrays of `Term`
Terms = NDArray[Any]
#: waves (components) and the momenta that flow in with them, couplings -> amplitude
Structure = Callable[[Sequence[Terms], Sequence[Terms], Sequence["Term"]], "Term"]


@dataclass(frozen=True)
class Term:
    """An expression that can be computed with; arrays take it element by element."""

    value: Expression

    def __add__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else Term(Sum((self.value, term(other).value)))

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __mul__(self, other: Any) -> Any:
        return NotImplemented if isinstance(other, np.ndarray) else Term(Product((self.value, term(other).value)))

    def __truediv__(self, other: Any) -> Term:
        return Term(Quotient(self.value, term(other).value))

    def __neg__(self) -> Term:
        return Term(Negative(self.value))

    def __radd__(self, other: Any) -> Any:
        return term(other) + self

    def __rsub__(self, other: Any) -> Any:
        return term(other) - self

    def __rmul__(self, other: Any) -> Any:
        return term(other) * self

    def __rtruediv__(self, other: Any) -> Term:
        return term(other) / self


def term(value: Any) -> Term:
    return value if isinstance(value, Term) else Term(Constant(complex(value)))


METRIC = np.diag([1.0, -1.0, -1.0, -1.0])
_PAULI = np.array([[[1, 0], [0, 1]], [[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])
#: chiral basis, (4, 4, 4)
GAMMA = np.array(
    [np.block([[np.zeros((2, 2)), s], [s if mu == 0 else -s, np.zeros((2, 2))]]) for mu, s in enumerate(_PAULI)]
)
LEFT, RIGHT = np.diag([1, 1, 0, 0]), np.diag([0, 0, 1, 1])


def dot(a: Terms, b: Terms) -> Any:
    return sum(sign * x * y for sign, x, y in zip(np.diag(METRIC), a, b, strict=True))


def slash(v: Terms) -> Terms:
    return np.asarray(sum(GAMMA[mu] * (METRIC[mu, mu] * v[mu]) for mu in range(4)))


def ffv(w: Sequence[Terms], p: Sequence[Terms], c: Sequence[Term]) -> Term:
    """Two chiral couplings."""
    return w[1] @ slash(w[2]) @ (c[0] * LEFT + c[1] * RIGHT) @ w[0]  # type: ignore[no-any-return]


def ffs(w: Sequence[Terms], p: Sequence[Terms], c: Sequence[Term]) -> Term:
    return c[0] * w[2][0] * (w[1] @ w[0])


def vvs(w: Sequence[Terms], p: Sequence[Terms], c: Sequence[Term]) -> Term:
    return c[0] * dot(w[0], w[1]) * w[2][0]


def field_strengths(w: Sequence[Terms], p: Sequence[Terms], c: Sequence[Term]) -> Term:
    """F_mn F^mn S of two vectors: not among the engine's structures."""
    crossed = dot(p[0], w[1]) * dot(p[1], w[0])
    return 1j * c[0] * (crossed - dot(p[0], p[1]) * dot(w[0], w[1])) * w[2][0]


def ffvs(w: Sequence[Terms], p: Sequence[Terms], c: Sequence[Term]) -> Term:
    return c[0] * (w[1] @ slash(w[2]) @ w[0]) * w[3][0]


def vvvvs(w: Sequence[Terms], p: Sequence[Terms], c: Sequence[Term]) -> Term:
    pairs = dot(w[0], w[1]) * dot(w[2], w[3]) - 0.5 * dot(w[0], w[3]) * dot(w[1], w[2])
    return c[0] * pairs * w[4][0]


def vvvv(w: Sequence[Terms], p: Sequence[Terms], c: Sequence[Term]) -> Term:
    """With momenta: not among the engine's structures."""
    first = dot(w[0], w[1]) * dot(p[0] - p[1], w[2]) * dot(p[2], w[3])
    return c[0] * (first + 2 * dot(w[0], w[2]) * dot(p[3], w[1]) * dot(p[1], w[3]))


class _Body:
    def __init__(self) -> None:
        self.steps: list[Assignment] = []

    def let(self, value: Term, is_real: bool = False) -> Term:
        name = f"T{len(self.steps)}"
        self.steps.append(Assignment(name, value.value, is_real))
        return Term(Local(name))

    def momentum(self, row0: Term, row1: Term, sign: int = 1) -> Terms:
        parts = (RealPart(row0.value), RealPart(row1.value), ImaginaryPart(row1.value), ImaginaryPart(row0.value))
        return np.array([self.let(sign * Term(part), True) for part in parts])


def _components(wave: int, spin: Spin) -> Terms:
    return np.array([Term(Component(wave, k)) for k in range(2, WAVE_SIZE[spin])])


def amplitude(name: str, spins: Sequence[Spin], structure: Structure, n_coupling: int = 1) -> Routine:
    body = _Body()
    waves = [_components(k, spin) for k, spin in enumerate(spins)]
    momenta = [body.momentum(Term(Component(k, 0)), Term(Component(k, 1))) for k in range(len(spins))]
    couplings = [Term(CouplingValue(k)) for k in range(n_coupling)]
    value = body.let(structure(waves, momenta, couplings))
    return Routine(name, tuple(spins), 0, None, n_coupling, False, tuple(body.steps), (value.value,))


def current(name: str, spins: Sequence[Spin], open_leg: int, structure: Structure, n_coupling: int = 1) -> Routine:
    """Propagator (unitary gauge) times the derivative for leg `open_leg`, from 0."""
    body = _Body()
    inputs = [spin for leg, spin in enumerate(spins) if leg != open_leg]
    numbers = iter(range(len(inputs)))
    place = {leg: next(numbers) for leg in range(len(spins)) if leg != open_leg}
    rows = [body.let(Term(Sum(tuple(Component(k, row) for k in range(len(inputs)))))) for row in (0, 1)]
    momenta = [
        body.momentum(*rows, sign=-1)
        if leg == open_leg
        else body.momentum(Term(Component(place[leg], 0)), Term(Component(place[leg], 1)))
        for leg in range(len(spins))
    ]
    couplings = [Term(CouplingValue(k)) for k in range(n_coupling)]
    n_component = WAVE_SIZE[spins[open_leg]] - 2
    derivative = []
    for unit in np.eye(n_component):
        waves = [
            np.array([term(x) for x in unit]) if leg == open_leg else _components(place[leg], spins[leg])
            for leg in range(len(spins))
        ]
        derivative.append(body.let(structure(waves, momenta, couplings)))
    wave = _propagate(body, spins, open_leg, np.array(derivative), momenta[open_leg])
    result = (*(row.value for row in rows), *(component.value for component in wave))
    return Routine(name, tuple(inputs), open_leg + 1, spins[open_leg], n_coupling, True, tuple(body.steps), result)


def _propagate(body: _Body, spins: Sequence[Spin], leg: int, d: Terms, p: Terms) -> Terms:
    """`p` flows in at the open leg."""
    mass, width = Term(MassValue()), Term(WidthValue())
    square = body.let(Term(Power(p[0].value, 2)) - sum(x * x for x in p[1:]), True)
    over = body.let(1 / (square - mass * (mass - 1j * width)))
    if spins[leg] == "S":
        return np.array([over * -1j * x for x in d])
    if spins[leg] == "V":
        inverse = body.let(Term(ZeroUnless(MassValue(), (1 / (mass * mass)).value)), True)
        along = body.let(sum(x * y for x, y in zip(p, d, strict=True)) * inverse)
        signs = np.diag(METRIC)
        return np.array([over * -1j * (s * x - along * y) for s, x, y in zip(signs, d, p, strict=True)])
    flows_in = spins[: leg + 1].count("F") % 2 == 0  # the wave that comes out
    matrix = slash(p if flows_in else -p) + np.eye(4) * mass
    return np.array([over * 1j * x for x in (matrix @ d if flows_in else d @ matrix)])


#: what each process below is made of
ROUTINES = {
    routine.name: routine
    for routine in (
        amplitude("FFV7_0", "FFV", ffv, 2),
        current("FFV7_1", "FFV", 0, ffv, 2),
        current("FFV7_2", "FFV", 1, ffv, 2),
        current("FFV7_3", "FFV", 2, ffv, 2),
        amplitude("FFS7_0", "FFS", ffs),
        current("FFS7_1", "FFS", 0, ffs),
        current("FFS7_2", "FFS", 1, ffs),
        amplitude("VVS7_0", "VVS", vvs),
        amplitude("VVS8_0", "VVS", field_strengths),
        current("VVS8_1", "VVS", 0, field_strengths),
        current("VVS8_3", "VVS", 2, field_strengths),
        amplitude("FFVS7_0", "FFVS", ffvs),
        amplitude("VVVVS7_0", "VVVVS", vvvvs),
        current("VVVV7_4", "VVVV", 3, vvvv),
    )
}

PARAMETERS = {"MF": 20.0, "WF": 0.7, "MV": 90.0, "WV": 2.5, "MS": 125.0, "WS": 0.4}
COUPLINGS = {
    "GL": 0.3 + 0.1j,
    "GR": -0.2 + 0.4j,
    "GY": 0.6j,
    "GS": 70.0 - 10j,
    "G5": 0.004 + 0.001j,
    "G4": 0.002 - 0.003j,
}


def _process(
    name: str,
    legs: Sequence[Leg],
    waves: Sequence[External | Current],
    amplitudes: Sequence[Amplitude],
    spin_states: Sequence[Sequence[int]],
) -> Process:
    """One colour flow; each amplitude is a diagram."""
    used = {call.routine for call in (*waves, *amplitudes) if not isinstance(call, External)}
    n = len(amplitudes)
    return Process(
        name=name,
        legs=tuple(legs),
        helicities=np.array(list(itertools.product(*spin_states)), np.int8),
        waves=tuple(waves),
        amplitudes=tuple(amplitudes),
        routines={key: ROUTINES[key] for key in sorted(used)},
        running_couplings=frozenset({"GL", "G5"}),
        n_flow=1,
        n_split_order=1,
        jamp=tuple(JampTerm(0, 0, k, complex(1 - 2 * (k % 2))) for k in range(n)),
        color_matrix=np.full((1, 1), 3.0),
        chosen_orders=np.ones((1, 1), bool),
        amp2={k + 1: (k,) for k in range(n)},
        config_diagrams=tuple(range(1, n + 1)),
        config_flows=np.ones((n, 1), bool),
        averaging_factor=4,
        fake_widths={},
        polarised_legs=(),
        digest=f"by hand: {name}",
    )


def fermions_to_vector_scalar(*, known: bool) -> Process:
    """f f~ > v s. known: only structures that the engine has."""
    gauge = (Coupling("GL"), Coupling("GR", -1))
    vector, opposite = Coupling("GS"), Coupling("G5", -1)
    waves: list[External | Current] = [
        External("I", 0, "MF", 1),
        External("O", 1, "MF", -1),
        External("V", 2, "MV", 1),
        External("S", 3, "MS", 1),
        Current("FFV7_3", (0, 1), gauge, "MV", "WV"),
        Current("FFV7_2", (0, 2), gauge, "MF", "WF"),
        Current("FFS7_2", (0, 3), (Coupling("GY"),), "MF", "WF"),
        Current("FFV7_1", (1, 2), gauge, "MF", "WF"),
    ]
    amplitudes = [
        Amplitude("VVS7_0", (4, 2, 3), (vector,)),
        Amplitude("FFS7_0", (5, 1, 3), (Coupling("GY"),)),
        Amplitude("FFV7_0", (6, 1, 2), gauge),
        Amplitude("FFS7_0", (0, 7, 3), (Coupling("GY"),)),
    ]
    if not known:
        amplitudes += [Amplitude("VVS8_0", (4, 2, 3), (opposite,)), Amplitude("FFVS7_0", (0, 1, 2, 3), (opposite,))]
        waves.append(Current("VVS8_1", (2, 3), (opposite,), "MV", "WV"))
        amplitudes.append(Amplitude("FFV7_0", (0, 1, len(waves) - 1), gauge))
    legs = [Leg(1, True, "MF"), Leg(-1, True, "MF"), Leg(23, False, "MV"), Leg(25, False, "MS")]
    states = [(-1, 1), (-1, 1), (-1, 0, 1), (0,)]
    return _process("f f~ > v s", legs, waves, amplitudes, states)


def vectors_to_vectors_scalar() -> Process:
    """v v > v v s: vertices of four and five legs, and a scalar made of two vectors."""
    five, four = (Coupling("G5"),), (Coupling("G4"),)
    waves: list[External | Current] = [External("V", leg, "MV", -1) for leg in (0, 1)]
    waves += [External("V", leg, "MV", 1) for leg in (2, 3)]
    waves += [
        External("S", 4, "MS", 1),
        Current("VVVV7_4", (0, 1, 2), four, "MV", "WV"),
        Current("VVS8_3", (0, 1), five, "MS", "WS"),
        Current("VVS8_1", (2, 4), five, "MV", "WV"),
    ]
    amplitudes = [
        Amplitude("VVVVS7_0", (0, 1, 2, 3, 4), five),
        Amplitude("VVS7_0", (5, 3, 4), (Coupling("GS"),)),
        Amplitude("VVS8_0", (5, 3, 4), five),
        Amplitude("VVS7_0", (7, 3, 6), (Coupling("GS"),)),
    ]
    legs = [Leg(23, leg < 2, "MV") for leg in range(4)] + [Leg(25, False, "MS")]
    states = [(-1, 1), (-1, 0, 1), (-1, 0), (0, 1), (0,)]
    return _process("v v > v v s", legs, waves, amplitudes, states)
