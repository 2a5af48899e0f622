"""Which Lorentz structure a routine computes, found by evaluating it.

A routine of any model is compared, at random waves, with the structures the engine
knows (cpp/kernels/vertex.hpp holds their definitions): names say nothing, since
each model numbers its structures anew. A routine that is a combination of them, with
whatever constant factors for each of its couplings, is recognised; any other is not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.lorentz import Routine

Array = NDArray[np.complex128]
#: waves as complex128 (6 or 3, n_sample): two rows of momentum, then the components
Basis = Callable[[Sequence[Array], Sequence[NDArray[np.float64]]], Array]

METRIC = np.array([1.0, -1.0, -1.0, -1.0])


class PropagatorKind(IntEnum):
    """Values of the Program file."""

    ABSENT = 0
    VECTOR_MASSLESS = 1
    VECTOR_MASSIVE = 2
    FERMION_OUT = 3
    FERMION_IN = 4
    SCALAR = 5


def _product(v: Any, w: Any) -> Array:
    return np.asarray(v[0] * w[0] - v[1] * w[1] - v[2] * w[2] - v[3] * w[3])


def _ffv_left(w: Sequence[Array], p: Any) -> Array:
    a, b, v = w
    return np.asarray(
        a[0] * (b[2] * (v[0] + v[3]) + b[3] * (v[1] + 1j * v[2]))
        + a[1] * (b[2] * (v[1] - 1j * v[2]) + b[3] * (v[0] - v[3]))
    )


def _ffv_right(w: Sequence[Array], p: Any) -> Array:
    a, b, v = w
    return np.asarray(
        a[2] * (b[0] * (v[0] - v[3]) - b[1] * (v[1] + 1j * v[2]))
        + a[3] * (b[1] * (v[0] + v[3]) - b[0] * (v[1] - 1j * v[2]))
    )


def _vvv(w: Sequence[Array], p: Sequence[Any]) -> Array:
    return np.asarray(
        _product(w[0], w[1]) * _product(p[0] - p[1], w[2])
        + _product(w[1], w[2]) * _product(p[1] - p[2], w[0])
        + _product(w[2], w[0]) * _product(p[2] - p[0], w[1])
    )


#: spins of the legs -> (family, structures whose coefficients the engine takes)
FAMILIES: dict[str, tuple[str, tuple[Basis, ...]]] = {
    "FFV": ("ffv", (_ffv_left, _ffv_right)),
    "FFS": (
        "ffs",
        (
            lambda w, p: (w[0][0] * w[1][0] + w[0][1] * w[1][1]) * w[2][0],
            lambda w, p: (w[0][2] * w[1][2] + w[0][3] * w[1][3]) * w[2][0],
        ),
    ),
    "VVV": ("vvv", (_vvv,)),
    "VVVV": (
        "vvvv",
        (
            lambda w, p: _product(w[0], w[1]) * _product(w[2], w[3]),
            lambda w, p: _product(w[0], w[2]) * _product(w[1], w[3]),
            lambda w, p: _product(w[0], w[3]) * _product(w[1], w[2]),
        ),
    ),
    "VVS": ("vvs", (lambda w, p: _product(w[0], w[1]) * w[2][0],)),
    "VVSS": ("vvss", (lambda w, p: _product(w[0], w[1]) * w[2][0] * w[3][0],)),
    "VSS": ("vss", (lambda w, p: _product(p[1] - p[2], w[0]) * w[1][0] * w[2][0],)),
    "SSS": ("sss", (lambda w, p: w[0][0] * w[1][0] * w[2][0],)),
    "SSSS": ("ssss", (lambda w, p: w[0][0] * w[1][0] * w[2][0] * w[3][0],)),
}
_ORDER = "FVS"


@dataclass(frozen=True, slots=True)
class Match:
    """A routine as a combination of structures.

    `legs[i]` is the routine's leg that stands at place i of the family's spins; `open_leg` is
    the place left open, None for an amplitude. `coefficients[i][j]` multiplies coupling j
    in the coefficient of structure i.
    """

    family: str
    legs: tuple[int, ...]
    open_leg: int | None
    coefficients: tuple[tuple[complex, ...], ...]
    propagator: PropagatorKind


class UnknownStructure(Exception):
    """A routine is no combination of the engine's structures; `args[0]` says which."""


def identify(routine: Routine) -> Match:
    """The structure of `routine`; raises UnknownStructure if it is none of the engine's."""
    spins = _spins(routine)
    legs = tuple(sorted(range(len(spins)), key=lambda leg: (_ORDER.find(spins[leg]), leg)))
    family = FAMILIES.get("".join(spins[leg] for leg in legs))
    if family is None:
        raise UnknownStructure(f"{routine.name}: no structure for spins {''.join(spins)}")
    name, bases = family
    open_leg = None if routine.output == 0 else legs.index(routine.output - 1)
    for kind in _propagators(spins, routine):
        found = _fit(routine, bases, legs, open_leg, kind)
        if found is not None:
            return Match(name, legs, open_leg, found, kind)
    raise UnknownStructure(f"{routine.name}: its Lorentz structure is not one the engine has")


def _spins(routine: Routine) -> list[str]:
    spins = [str(spin) for spin in routine.inputs]
    if routine.output:
        spins.insert(routine.output - 1, str(routine.output_spin))
    return spins


def _propagators(spins: list[str], routine: Routine) -> tuple[PropagatorKind, ...]:
    if routine.output == 0:
        return (PropagatorKind.ABSENT,)
    match spins[routine.output - 1]:
        case "V":
            return (PropagatorKind.VECTOR_MASSLESS, PropagatorKind.VECTOR_MASSIVE)
        case "F":
            first = spins.index("F") == routine.output - 1
            return (PropagatorKind.FERMION_OUT if first else PropagatorKind.FERMION_IN,)
        case _:
            return (PropagatorKind.SCALAR,)


_N_SAMPLE = 24
_MASS, _WIDTH = 1.7, 0.3


def _fit(
    routine: Routine,
    bases: tuple[Basis, ...],
    legs: tuple[int, ...],
    open_leg: int | None,
    kind: PropagatorKind,
) -> tuple[tuple[complex, ...], ...] | None:
    waves, momenta = _samples(routine, legs, open_leg)
    columns = np.stack([_model(b, waves, momenta, open_leg, kind).ravel() for b in bases], axis=1)
    inputs = [waves[legs.index(leg)] for leg in range(len(legs)) if legs.index(leg) != open_leg]
    result = []
    for coupling in range(routine.n_coupling):
        couplings = [complex(k == coupling) for k in range(routine.n_coupling)]
        value = routine.evaluate(inputs, couplings, _MASS, _WIDTH)
        value = (value if open_leg is None else value[2:]).ravel()
        solution = np.linalg.lstsq(columns, value, rcond=None)[0]
        if np.abs(columns @ solution - value).max() > 1e-10 * max(1.0, np.abs(value).max()):
            return None
        result.append([_snap(x) for x in solution])
    return tuple(zip(*result, strict=True))


def _samples(
    routine: Routine, legs: tuple[int, ...], open_leg: int | None
) -> tuple[list[Array], list[NDArray[np.float64]]]:
    """Random waves (6, n) or (3, n) by place in the family; momenta add up to zero."""
    rng = np.random.default_rng(20240611)
    n_leg = len(legs)
    momenta = [rng.normal(size=(4, _N_SAMPLE)) for _ in range(n_leg)]
    closing = n_leg - 1 if open_leg is None else open_leg
    momenta[closing] = -sum((momenta[k] for k in range(n_leg) if k != closing), start=np.zeros((4, _N_SAMPLE)))
    spins = _spins(routine)
    waves = []
    for place, leg in enumerate(legs):
        size = 1 if spins[leg] == "S" else 4
        p = momenta[place]
        rows = np.stack([p[0] + 1j * p[3], p[1] + 1j * p[2]])
        parts = rng.normal(size=(2, size, _N_SAMPLE))
        waves.append(np.concatenate([rows, parts[0] + 1j * parts[1]]))
    return waves, momenta


def _model(
    basis: Basis,
    waves: list[Array],
    momenta: list[NDArray[np.float64]],
    open_leg: int | None,
    kind: PropagatorKind,
) -> Array:
    """What the engine computes for one structure: (n,) or (size, n)."""
    components = [wave[2:] for wave in waves]
    if open_leg is None:
        return basis(components, momenta)
    size = len(components[open_leg])
    d = np.empty((size, _N_SAMPLE), complex)
    for k in range(size):
        unit = np.zeros((size, _N_SAMPLE), complex)
        unit[k] = 1
        components[open_leg] = unit
        d[k] = basis(components, momenta)
    return propagate(kind, d, -momenta[open_leg], _MASS, _WIDTH)


def propagate(kind: PropagatorKind, d: Array, q: NDArray[np.float64], mass: float, width: float) -> Array:
    """Off-shell wave from D = dS/dW (size, n), as cpp/kernels/propagator.hpp; q (4, n)."""
    den = q[0] ** 2 - q[1] ** 2 - q[2] ** 2 - q[3] ** 2 - mass * (mass - 1j * width)
    plus, minus, right, left = q[0] + q[3], q[0] - q[3], q[1] + 1j * q[2], q[1] - 1j * q[2]
    match kind:
        case PropagatorKind.VECTOR_MASSLESS:
            w = METRIC[:, None] * d
        case PropagatorKind.VECTOR_MASSIVE:
            w = METRIC[:, None] * d - q * np.sum(q * d, axis=0) / mass**2
        case PropagatorKind.FERMION_OUT:
            slash = (
                plus * d[2] + right * d[3],
                left * d[2] + minus * d[3],
                minus * d[0] - right * d[1],
                plus * d[1] - left * d[0],
            )
            w = -(np.stack(slash) + mass * d)
        case PropagatorKind.FERMION_IN:
            slash = (
                minus * d[2] - left * d[3],
                plus * d[3] - right * d[2],
                plus * d[0] + left * d[1],
                right * d[0] + minus * d[1],
            )
            w = np.stack(slash) - mass * d
        case _:
            w = -d
    return np.asarray(w / den)


def _snap(value: complex) -> complex:
    """The simple number a fitted one stands for."""

    def part(x: float) -> float:
        for denominator in (1, 24, 5, 7):
            nearest = round(x * denominator) / denominator
            if abs(x - nearest) < 1e-11:
                return nearest + 0.0
        return x

    return complex(part(value.real), part(value.imag))
