"""Lorentz structures of a model's vertices, in the chiral basis of HELAS.

A structure maps the spin components of its legs, in order, and the momenta that flow with
them (rows of the waves: outgoing) to its value. Fermion legs: first the annihilated one
(psi), then the created one (psi bar).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from bridge.generator.terms import Term, total

#: S scalar, F fermion, V vector
ParticleSpin = Literal["S", "F", "V"]
Components = Sequence[Term]
Value = Callable[[Sequence[Components], Sequence[Components]], Term]


@dataclass(frozen=True, slots=True)
class Structure:
    """`value(components, momenta)`; a momentum is (E, px, py, pz), () where not used."""

    spins: tuple[ParticleSpin, ...]
    value: Value
    name: str = ""
    uses_momenta: bool = False


def dot(a: Components, b: Components) -> Term:
    """Minkowski product."""
    return total(a[0] * b[0], -(a[1] * b[1]), -(a[2] * b[2]), -(a[3] * b[3]))


def _left(w: Sequence[Components], _: Sequence[Components]) -> Term:
    """psi-bar gamma.V P_L psi."""
    f, fbar, v = w
    plus, minus = v[0] + v[3], v[0] - v[3]
    up, down = v[1] + 1j * v[2], v[1] - 1j * v[2]
    return f[0] * (fbar[2] * plus + fbar[3] * up) + f[1] * (fbar[2] * down + fbar[3] * minus)


def _right(w: Sequence[Components], _: Sequence[Components]) -> Term:
    """psi-bar gamma.V P_R psi."""
    f, fbar, v = w
    plus, minus = v[0] + v[3], v[0] - v[3]
    up, down = v[1] + 1j * v[2], v[1] - 1j * v[2]
    return f[2] * (fbar[0] * minus - fbar[1] * up) + f[3] * (fbar[1] * plus - fbar[0] * down)


def _vector(w: Sequence[Components], p: Sequence[Components]) -> Term:
    return _left(w, p) + _right(w, p)


def _scalar(w: Sequence[Components], _: Sequence[Components]) -> Term:
    return total(*(w[0][k] * w[1][k] for k in range(4))) * w[2][0]


def _scalar_left(w: Sequence[Components], _: Sequence[Components]) -> Term:
    return (w[0][0] * w[1][0] + w[0][1] * w[1][1]) * w[2][0]


def _scalar_right(w: Sequence[Components], _: Sequence[Components]) -> Term:
    return (w[0][2] * w[1][2] + w[0][3] * w[1][3]) * w[2][0]


def _three_vectors(w: Sequence[Components], p: Sequence[Components]) -> Term:
    def cyclic(i: int, j: int, k: int) -> Term:
        along = [a - b for a, b in zip(p[i], p[j], strict=True)]
        return dot(w[i], w[j]) * dot(along, w[k])

    return total(cyclic(0, 1, 2), cyclic(1, 2, 0), cyclic(2, 0, 1))


def _four_vectors(first: int, second: int, third: int) -> Value:
    """Coefficients of g12 g34, g13 g24, g14 g23."""

    def value(w: Sequence[Components], _: Sequence[Components]) -> Term:
        pairs = ((first, (0, 1, 2, 3)), (second, (0, 2, 1, 3)), (third, (0, 3, 1, 2)))
        return total(*(c * (dot(w[i], w[j]) * dot(w[k], w[m])) for c, (i, j, k, m) in pairs))

    return value


def _scalars(w: Sequence[Components], _: Sequence[Components]) -> Term:
    result = w[0][0]
    for wave in w[1:]:
        result = result * wave[0]
    return result


def _two_vectors(w: Sequence[Components], p: Sequence[Components]) -> Term:
    return dot(w[0], w[1]) * _scalars(w[2:], p)


def _derivative(w: Sequence[Components], p: Sequence[Components]) -> Term:
    along = [a - b for a, b in zip(p[1], p[2], strict=True)]
    return dot(along, w[0]) * _scalars(w[1:], p)


_ALL: Mapping[str, Structure] = {
    "FFV1": Structure(("F", "F", "V"), _vector),
    "FFV2": Structure(("F", "F", "V"), _left),
    "FFV3": Structure(("F", "F", "V"), _right),
    "FFS1": Structure(("F", "F", "S"), _scalar),
    "FFS2": Structure(("F", "F", "S"), _scalar_left),
    "FFS3": Structure(("F", "F", "S"), _scalar_right),
    "VVV1": Structure(("V", "V", "V"), _three_vectors, uses_momenta=True),
    "VVVV1": Structure(("V", "V", "V", "V"), _four_vectors(0, -1, 1)),
    "VVVV2": Structure(("V", "V", "V", "V"), _four_vectors(2, -1, -1)),
    "VVVV3": Structure(("V", "V", "V", "V"), _four_vectors(-1, 0, 1)),
    "VVVV4": Structure(("V", "V", "V", "V"), _four_vectors(-1, 1, 0)),
    "VVS1": Structure(("V", "V", "S"), _two_vectors),
    "VVSS1": Structure(("V", "V", "S", "S"), _two_vectors),
    "VSS1": Structure(("V", "S", "S"), _derivative, uses_momenta=True),
    "SSS1": Structure(("S", "S", "S"), _scalars),
    "SSSS1": Structure(("S", "S", "S", "S"), _scalars),
}

STRUCTURES: Mapping[str, Structure] = {name: replace(item, name=name) for name, item in _ALL.items()}
