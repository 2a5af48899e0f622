"""Lorentz structures: what an ALOHA routine computes, as data.

A `Routine` is a straight-line program of complex arithmetic. Waves have the HELAS layout:
components 0 and 1 hold the momentum flowing with the wave, `E + i pz` and `px + i py`,
the rest its spin components: 4 for a fermion or vector, 1 for a scalar.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

#: Spin of a wave as ALOHA's argument names tell it: scalar, fermion, vector, spin 3/2, spin 2.
Spin = Literal["S", "F", "V", "R", "T"]

#: Number of complex components of a wave, momentum rows included.
WAVE_SIZE: Mapping[str, int] = {"S": 3, "F": 6, "V": 6, "R": 18, "T": 18}

Array = NDArray[np.complex128]


@dataclass(frozen=True, slots=True)
class Constant:
    """A number; `i` is Constant(1j)."""

    value: complex


@dataclass(frozen=True, slots=True)
class Component:
    """Component `index` (from 0, momentum rows included) of input wave `wave` (from 0)."""

    wave: int
    index: int


@dataclass(frozen=True, slots=True)
class CouplingValue:
    """Coupling number `index`, from 0."""

    index: int


@dataclass(frozen=True, slots=True)
class MassValue:
    """Mass of the off-shell leg, real."""


@dataclass(frozen=True, slots=True)
class WidthValue:
    """Width of the off-shell leg, real."""


@dataclass(frozen=True, slots=True)
class Local:
    """Value of the assignment with this name."""

    name: str


@dataclass(frozen=True, slots=True)
class Negative:
    """Minus `operand`."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class Sum:
    """Sum from left to right; a subtracted term is a `Negative`."""

    terms: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """Product from left to right."""

    factors: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Quotient:
    """`numerator / denominator`."""

    numerator: Expression
    denominator: Expression


@dataclass(frozen=True, slots=True)
class Power:
    """Integer power."""

    base: Expression
    exponent: int


@dataclass(frozen=True, slots=True)
class RealPart:
    """Real part."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class ImaginaryPart:
    """Imaginary part, as a real number."""

    operand: Expression


@dataclass(frozen=True, slots=True)
class ZeroUnless:
    """`value` where `condition` differs from zero, else 0."""

    condition: Expression
    value: Expression


Expression = (
    Constant
    | Component
    | CouplingValue
    | MassValue
    | WidthValue
    | Local
    | Negative
    | Sum
    | Product
    | Quotient
    | Power
    | RealPart
    | ImaginaryPart
    | ZeroUnless
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """One step: `name` is assigned once. `is_real` when the Fortran variable is REAL."""

    name: str
    value: Expression
    is_real: bool


@dataclass(frozen=True)
class Routine:
    """A Lorentz structure with its propagator, or an amplitude.

    `inputs` are the spins of the input waves in argument order. `output` is 0 for an
    amplitude, else the number of the off-shell leg, whose spin is `output_spin`. `body` is
    in order of execution, and `result` holds the amplitude or the components of the wave.
    """

    name: str
    inputs: tuple[Spin, ...]
    output: int
    output_spin: Spin | None
    n_coupling: int
    has_propagator: bool
    body: tuple[Assignment, ...]
    result: tuple[Expression, ...]

    @functools.cached_property
    def digest(self) -> str:
        """sha256 of what is computed; names of the routine and of its variables do not count."""
        order = {step.name: str(number) for number, step in enumerate(self.body)}
        lines = [repr(_heading(self))]
        lines += [f"{step.is_real} {_canonical(step.value, order)}" for step in self.body]
        lines += [_canonical(value, order) for value in self.result]
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()

    def evaluate(
        self,
        waves: Sequence[Array],
        couplings: Sequence[complex | Array],
        mass: float = 0.0,
        width: float = 0.0,
    ) -> Array:
        """The routine's value in double precision.

        `waves`: complex128 (size, ...) each, with a common or broadcastable shape after the
        first axis. `couplings`: numbers or arrays of that shape. `mass` and `width` in GeV.
        Returns complex128 (...) for an amplitude, (size, ...) for a wave.
        Raises ValueError when the number of waves or couplings is not the routine's.
        """
        self._check(waves, couplings)
        scope = _Scope(waves, couplings, mass, width, {})
        for step in self.body:
            value = _value(step.value, scope)
            scope.locals[step.name] = np.real(value) if step.is_real else value
        shape = np.broadcast_shapes(*(wave.shape[1:] for wave in waves))
        values = [np.broadcast_to(_value(item, scope), shape) for item in self.result]
        if self.output == 0:
            return np.array(values[0], dtype=np.complex128)
        return np.array(values, dtype=np.complex128)

    def computes_the_same_as(self, other: Routine, tolerance: float = 1e-10) -> bool:
        """Whether both give the same values at random points, with and without a mass.

        ALOHA writes the terms of a sum in any order, so that one structure has many digests.
        """
        if _heading(self) != _heading(other):
            return False
        rng = np.random.default_rng(1)
        shapes = [(WAVE_SIZE[spin], 4) for spin in self.inputs]
        waves = [rng.normal(size=s) + 1j * rng.normal(size=s) for s in shapes]
        couplings = [complex(*rng.normal(size=2)) for _ in range(self.n_coupling)]
        for mass, width in ((0.0, 0.0), (1.5, 0.2)):
            mine = self.evaluate(waves, couplings, mass, width)
            theirs = other.evaluate(waves, couplings, mass, width)
            if not np.allclose(mine, theirs, rtol=tolerance, atol=tolerance * np.abs(mine).max()):
                return False
        return True

    def _check(self, waves: Sequence[Array], couplings: Sequence[complex | Array]) -> None:
        if len(waves) != len(self.inputs):
            raise ValueError(f"waves: {self.name} takes {len(self.inputs)}, got {len(waves)}")
        if len(couplings) != self.n_coupling:
            raise ValueError(f"couplings: {self.name} takes {self.n_coupling}, got {len(couplings)}")
        for spin, wave in zip(self.inputs, waves, strict=True):
            if wave.shape[0] < WAVE_SIZE[spin]:
                raise ValueError(
                    f"waves: {spin} of {self.name} has {WAVE_SIZE[spin]} components, got {wave.shape[0]}"
                )


def _heading(routine: Routine) -> tuple[tuple[Spin, ...], Spin | None, int, bool]:
    return routine.inputs, routine.output_spin, routine.n_coupling, routine.has_propagator


def walk(expression: Expression) -> Iterator[Expression]:
    """`expression` and all below it, depth first."""
    yield expression
    for child in children(expression):
        yield from walk(child)


def children(expression: Expression) -> tuple[Expression, ...]:
    """Operands of one node, in order."""
    match expression:
        case Sum(terms=items) | Product(factors=items):
            return items
        case Negative(operand=item) | RealPart(operand=item) | ImaginaryPart(operand=item):
            return (item,)
        case Quotient(numerator=first, denominator=second):
            return (first, second)
        case ZeroUnless(condition=first, value=second):
            return (first, second)
        case Power(base=item):
            return (item,)
        case _:
            return ()


def _canonical(expression: Expression, order: Mapping[str, str]) -> str:
    """Text of an expression in which locals are numbers."""
    if isinstance(expression, Local):
        return f"Local({order[expression.name]})"
    below = [_canonical(child, order) for child in children(expression)]
    own = [
        repr(value)
        for field in fields(expression)
        if isinstance(value := getattr(expression, field.name), (int, complex))
    ]
    return f"{type(expression).__name__}({','.join(own + below)})"


@dataclass(slots=True)
class _Scope:
    """Values an expression may refer to while a routine runs."""

    waves: Sequence[Array]
    couplings: Sequence[complex | Array]
    mass: float
    width: float
    locals: dict[str, Any]


def _value(expression: Expression, scope: _Scope) -> Any:
    """Number or array an expression stands for."""
    match expression:
        case Local(name=name):
            return scope.locals[name]
        case Component(wave=wave, index=index):
            return scope.waves[wave][index]
        case Constant(value=value):
            return value if value.imag else value.real
        case Sum(terms=terms):
            return functools.reduce(lambda a, b: a + b, (_value(t, scope) for t in terms))
        case Product(factors=factors):
            return functools.reduce(lambda a, b: a * b, (_value(f, scope) for f in factors))
        case Negative(operand=operand):
            return -_value(operand, scope)
        case _:
            return _rare_value(expression, scope)


def _rare_value(expression: Expression, scope: _Scope) -> Any:
    match expression:
        case CouplingValue(index=index):
            return scope.couplings[index]
        case MassValue():
            return scope.mass
        case WidthValue():
            return scope.width
        case Quotient(numerator=numerator, denominator=denominator):
            return _value(numerator, scope) / _value(denominator, scope)
        case Power(base=base, exponent=exponent):
            return _value(base, scope) ** exponent
        case RealPart(operand=operand):
            return np.real(_value(operand, scope))
        case ImaginaryPart(operand=operand):
            return np.imag(_value(operand, scope))
        case ZeroUnless(condition=condition, value=value):
            return _value(value, scope) if _value(condition, scope) != 0 else 0.0
        case _:
            raise TypeError(f"not an expression: {expression!r}")
