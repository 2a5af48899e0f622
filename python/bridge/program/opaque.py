"""Lorentz structures the engine does not hold: taken over as they are, into a plug-in.

An off-shell current is used as a whole, propagator included, in the direction the Fortran has
it. An amplitude is used through its derivatives, so that it can be cut at each of its legs. A
`Match` of such a routine has a family of the form "vvs:VVS3_3": the spins of the routine's
legs in its own order, and its name.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.lorentz import WAVE_SIZE, Routine
from bridge.program.structures import Match, PropagatorKind, UnknownStructure, identify
from bridge.program.symbolic import derivative, simplify

Array = NDArray[np.complex128]

#: what cpp/engine/program.hpp allows
_MAX_INPUT, _MAX_COUPLING = 16, 16
_TOLERANCE = 1e-9
_NAME = re.compile(r"[A-Za-z]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of a plug-in.

    `name` is "ROUTINE SPINS>SPIN N_COUPLING KIND DIGEST" and identifies it in Programs and
    plug-ins. `routine` is what it computes; the momentum rows of its result do not count. `source`
    is the routine it was made from.
    """

    name: str
    routine: Routine
    source: Routine

    @property
    def n_input(self) -> int:
        """Waves that it takes."""
        return self.name.split()[1].index(">")


def recognise(routine: Routine) -> Match:
    """The structure of a routine, the engine's or its own.

    Raises UnknownStructure if it is neither known nor fit for a plug-in.
    """
    try:
        return identify(routine)
    except UnknownStructure:
        return _opaque(routine)


def is_opaque(family: str) -> bool:
    """Whether a family is a routine of its own."""
    return ":" in family


def routine_name(family: str) -> str:
    """Name of the routine that is a family of its own."""
    return family.partition(":")[2]


def function(routine: Routine, open_leg: int) -> Function:
    """The routine as it is, if it is a current; else its derivative for a leg (from 0)."""
    if routine.output:
        made, kind = simplify(routine), "wave"
    else:
        made, kind = derivative(routine, open_leg), f"d{open_leg + 1}"
    spins = f"{''.join(made.inputs)}>{made.output_spin}"
    return Function(f"{routine.name} {spins} {made.n_coupling} {kind} {routine.digest}", made, routine)


def _opaque(routine: Routine) -> Match:
    spins: list[str] = list(routine.inputs)
    if routine.output:
        spins.insert(routine.output - 1, str(routine.output_spin))
    if not _NAME.fullmatch(routine.name):
        raise UnknownStructure(f"{routine.name!r}: not the name of a routine")
    if not set(spins) <= set("FSV"):
        raise UnknownStructure(f"{routine.name}: spins {''.join(spins)} are not supported")
    if len(spins) > _MAX_INPUT or routine.n_coupling > _MAX_COUPLING:
        raise UnknownStructure(f"{routine.name}: too many waves or couplings")
    if not _is_linear(routine):
        raise UnknownStructure(f"{routine.name}: not linear in each wave and in the couplings")
    if routine.output and not _passes_momentum_on(routine):
        raise UnknownStructure(f"{routine.name}: does not set the momentum of its wave")
    n = routine.n_coupling
    return Match(
        family=f"{''.join(spins).lower()}:{routine.name}",
        legs=tuple(range(len(spins))),
        open_leg=routine.output - 1 if routine.output else None,
        coefficients=tuple(tuple(complex(i == j) for j in range(n)) for i in range(n)),
        propagator=PropagatorKind.ABSENT,
    )


def _passes_momentum_on(routine: Routine) -> bool:
    """Whether the momentum of the result is the sum of the inputs' momenta."""
    waves = _random_waves(routine, np.random.default_rng(7))
    value = routine.evaluate(waves, [1.0] * routine.n_coupling, 1.3, 0.2)
    return _agree(value[:2], np.sum([wave[:2] for wave in waves], axis=0))


def _is_linear(routine: Routine) -> bool:
    """In the components of each wave, and in the couplings taken together."""
    rng = np.random.default_rng(8)
    waves, others = _random_waves(routine, rng), _random_waves(routine, rng)
    couplings, more = (rng.normal(size=(2, routine.n_coupling, 2)) @ np.array([1, 1j])).tolist()
    a, b = 0.7 - 0.4j, -0.2 + 1.1j

    def value(given: Sequence[Array], factors: Sequence[complex]) -> Array:
        result = routine.evaluate(given, factors, 1.3, 0.2)
        return result[2:] if routine.output else result

    def mixed(number: int, x: complex, y: complex) -> list[Array]:
        changed = list(waves)
        components = x * waves[number][2:] + y * others[number][2:]
        changed[number] = np.concatenate([waves[number][:2], components])
        return changed

    both = [a * x + b * y for x, y in zip(couplings, more, strict=True)]
    checks = [(value(waves, both), a * value(waves, couplings) + b * value(waves, more))]
    for n in range(len(waves)):
        parts = a * value(mixed(n, 1, 0), couplings) + b * value(mixed(n, 0, 1), couplings)
        checks.append((value(mixed(n, a, b), couplings), parts))
    return all(_agree(found, expected) for found, expected in checks)


def _random_waves(routine: Routine, rng: np.random.Generator) -> list[Array]:
    shapes = [(WAVE_SIZE[spin], 3) for spin in routine.inputs]
    return [rng.normal(size=shape) + 1j * rng.normal(size=shape) for shape in shapes]


def _agree(found: Array, expected: Array) -> bool:
    return bool(np.abs(found - expected).max() <= _TOLERANCE * max(1.0, np.abs(expected).max()))
