"""Routines (`bridge.lorentz`) of Lorentz structures: amplitudes and off-shell waves.

An amplitude is -i * sum of coupling * structure; an off-shell wave is the propagator times the
derivative of the amplitude for that leg, in unitary gauge, as ALOHA has them.
Names are ALOHA's too: FFV2_3_0 (two structures, amplitude), FFV1P0_3 (massless vector).
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

from bridge.generator.sharing import share
from bridge.generator.structures import Components, Structure
from bridge.generator.terms import Term, term, total
from bridge.lorentz import (
    Assignment,
    Component,
    CouplingValue,
    Expression,
    ImaginaryPart,
    Local,
    MassValue,
    RealPart,
    Routine,
    Spin,
    WidthValue,
    ZeroUnless,
)

_SIGNS = (1, -1, -1, -1)


class _Body:
    """Assignments of a routine, each value written once."""

    def __init__(self) -> None:
        self.steps: list[Assignment] = []
        self._known: dict[tuple[Expression, bool], Term] = {}

    def let(self, name: str, value: Term, is_real: bool = False) -> Term:
        """A local variable; numbers and single names stay as they are."""
        if value.number() is not None or isinstance(value.value, (Local, Component)):
            return value
        key = (value.value, is_real)
        if key not in self._known:
            self.steps.append(Assignment(name, value.value, is_real))
            self._known[key] = Term(Local(name))
        return self._known[key]

    def momentum(self, name: str, rows: tuple[Term, Term], sign: int) -> tuple[Term, ...]:
        first, second = rows[0].value, rows[1].value
        parts: tuple[Expression, ...] = (RealPart(first), RealPart(second), ImaginaryPart(second), ImaginaryPart(first))
        return tuple(self.let(f"{name}_{k}", sign * Term(part), True) for k, part in enumerate(parts))


def routine_name(structures: Sequence[str], output: int, massless_vector: bool = False) -> str:
    """FFV2_3_0 for ("FFV2", "FFV3") and output 0; output is the off-shell leg, from 1."""
    spins = structures[0].rstrip("0123456789")
    alike = all(name.startswith(spins) for name in structures)
    numbers = "_".join(name[len(spins) :] if alike else name for name in structures)
    return f"{spins if alike else ''}{numbers}{'P0' if massless_vector else ''}_{output}"


@functools.cache
def routine(structures: tuple[Structure, ...], output: int, massless_vector: bool = False) -> Routine:
    """One coupling for each of `structures`. `massless_vector`: the off-shell leg has no mass."""
    name = routine_name([item.name for item in structures], output, massless_vector)
    return _current(name, structures, output - 1, massless_vector) if output else _amplitude(name, structures)


def _inputs(spins: Sequence[str], waves: dict[int, int]) -> dict[int, Components]:
    """Spin components of the legs that are given; `waves`: leg to argument."""
    return {leg: tuple(Term(Component(wave, k + 2)) for k in range(_size(spins[leg]))) for leg, wave in waves.items()}


def _size(spin: str) -> int:
    return 1 if spin == "S" else 4


def _rows(wave: int) -> tuple[Term, Term]:
    return Term(Component(wave, 0)), Term(Component(wave, 1))


def _sum_of(structures: Sequence[Structure], waves: Sequence[Components], momenta: Sequence[Components]) -> Term:
    """-i * sum of coupling * structure."""
    parts = (Term(CouplingValue(k)) * s.value(waves, momenta) for k, s in enumerate(structures))
    return term(-1j) * total(*parts)


def _amplitude(name: str, structures: tuple[Structure, ...]) -> Routine:
    spins = structures[0].spins
    body = _Body()
    momenta: list[Components] = []
    if any(item.uses_momenta for item in structures):
        momenta = [body.momentum(f"P{k + 1}", _rows(k), 1) for k in range(len(spins))]
    waves = _inputs(spins, {k: k for k in range(len(spins))})
    value = body.let("VERTEX", _sum_of(structures, [waves[k] for k in range(len(spins))], momenta))
    steps, result = share(body.steps, (value.value,))
    return Routine(name, spins, 0, None, len(structures), False, steps, result)


def _current(name: str, structures: tuple[Structure, ...], leg: int, massless: bool) -> Routine:
    spins = structures[0].spins
    inputs: tuple[Spin, ...] = tuple(s for k, s in enumerate(spins) if k != leg)
    places = {k: k - (k > leg) for k in range(len(spins)) if k != leg}
    body = _Body()
    rows = (
        body.let("ROW1", total(*(_rows(k)[0] for k in range(len(inputs))))),
        body.let("ROW2", total(*(_rows(k)[1] for k in range(len(inputs))))),
    )
    own = body.momentum(f"P{leg + 1}", rows, 1)
    momenta: list[Components] = []
    if any(item.uses_momenta for item in structures):
        momenta = [
            tuple(-x for x in own) if k == leg else body.momentum(f"P{k + 1}", _rows(places[k]), 1)
            for k in range(len(spins))
        ]
    derivative = _derivative(body, structures, leg, places, momenta)
    # the massless vector's too: its routine is called with mass zero, as ALOHA's P0 ones
    mass = Term(MassValue())
    over = body.let("DENOM", 1 / (_square(own) - mass * (mass - 1j * Term(WidthValue()))))
    wave = _numerator(spins, leg, derivative, own, massless, body)
    values = (rows[0].value, rows[1].value, *((over * x).value for x in wave))
    steps, result = share(body.steps, values)
    return Routine(name, inputs, leg + 1, spins[leg], len(structures), True, steps, result)


def _square(p: Components) -> Term:
    """p^2."""
    return total(*(sign * (x * x) for sign, x in zip(_SIGNS, p, strict=True)))


def _derivative(
    body: _Body,
    structures: tuple[Structure, ...],
    leg: int,
    places: dict[int, int],
    momenta: Sequence[Components],
) -> list[Term]:
    """Derivative of the amplitude for each component of leg `leg`."""
    spins = structures[0].spins
    given = _inputs(spins, places)
    size = _size(spins[leg])
    result = []
    for k in range(size):
        unit = tuple(term(int(j == k)) for j in range(size))
        waves = [unit if i == leg else given[i] for i in range(len(spins))]
        result.append(body.let(f"D_{k}", _sum_of(structures, waves, momenta)))
    return result


def _numerator(spins: Sequence[str], leg: int, d: list[Term], q: Components, massless: bool, body: _Body) -> list[Term]:
    """Propagator's numerator times the derivative; `q`: momentum of the new wave, outgoing."""
    if spins[leg] == "S":
        return [-x for x in d]
    if spins[leg] == "F":
        return _fermion(d, q, is_out_wave=leg == 0)
    raised = [sign * x for sign, x in zip(_SIGNS, d, strict=True)]
    if massless:
        return raised
    mass = Term(MassValue())
    # as ALOHA: a card may set the mass to zero
    over = body.let("OM", Term(ZeroUnless(mass.value, (1 / (mass * mass)).value)), True)
    along = body.let("ALONG", over * total(*(a * x for a, x in zip(q, d, strict=True))))
    return [x - a * along for a, x in zip(q, raised, strict=True)]


def _fermion(d: list[Term], q: Components, is_out_wave: bool) -> list[Term]:
    plus, minus = q[0] + q[3], q[0] - q[3]
    right, left = q[1] + 1j * q[2], q[1] - 1j * q[2]
    mass = Term(MassValue())
    if is_out_wave:
        slash = (
            plus * d[2] + right * d[3],
            left * d[2] + minus * d[3],
            minus * d[0] - right * d[1],
            plus * d[1] - left * d[0],
        )
        return [-(x + mass * y) for x, y in zip(slash, d, strict=True)]
    slash = (
        minus * d[2] - left * d[3],
        plus * d[3] - right * d[2],
        plus * d[0] + left * d[1],
        right * d[0] + minus * d[1],
    )
    return [x - mass * y for x, y in zip(slash, d, strict=True)]
