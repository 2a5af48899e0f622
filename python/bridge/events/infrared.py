"""Where a tree-level cross-section diverges, read off the propagators.

Three lines meet where a propagator splits off: a beam (mass a), the propagator (m) and the final
particles between them (at least mass c, their sum), or for an s-channel the propagator and its final
particles. The denominator can vanish inside phase space when m = c for an s-channel (a soft or collinear
splitting), unless these are all final particles, at a fixed energy; and for a t-channel when m = 0 and a = c
(forward scattering), or c = 0 and a = m (a soft particle, or one along the beam). Matrix elements may tame such
a pole by themselves: that is not looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from bridge.events.cuts import Cuts, least_mass, legs_to_cut
from bridge.exceptions import ArgumentError
from bridge.generator import Generated, Propagator, propagators

Values = Mapping[str, float | complex]
#: final legs (from 0), and whether a separation is what keeps away from the pole
Pole = tuple[tuple[int, ...], bool]


def check(
    made: Generated, masses: Sequence[float], values: Values, cuts: Cuts, *, is_energy_fixed: bool = True
) -> None:
    """Raises ArgumentError naming the cut that a finite cross-section needs.

    `is_energy_fixed`: of the two particles that collide.
    """
    n_incoming = sum(leg.incoming for leg in made.process.legs)
    cut = set(legs_to_cut(made.flavours[0], masses, n_incoming))
    for legs, is_separation in _poles(made, masses, values, is_energy_fixed):
        is_everything = len(legs) == len(masses) - n_incoming
        if is_everything and least_mass(cuts, masses, tuple(cut)) > 0.0:
            continue
        names = " ".join(str(made.flavours[0][leg]) for leg in legs)
        where = f"{made.process.name}: diverges where particles ({names})"
        if not cut.intersection(legs):
            raise ArgumentError(f"process {where} go forward; no cut on massless particles prevents it")
        if is_everything and is_separation:
            raise ArgumentError(f"cuts: mass > 0, or pt > 0, is required; {where} have no invariant mass")
        if not is_separation:
            if cuts.pt <= 0.0:
                raise ArgumentError(f"cuts: pt > 0 is required; {where} are soft or along a beam")
        elif cuts.mass <= 0.0 and not (cuts.delta_r > 0.0 and cuts.pt > 0.0):
            raise ArgumentError(f"cuts: mass > 0, or delta_r and pt > 0, is required; {where} are collinear")


def _poles(made: Generated, masses: Sequence[float], values: Values, is_energy_fixed: bool) -> Iterator[Pole]:
    n_most = len(masses) - 3 if is_energy_fixed else len(masses) - 2
    for diagram in range(1, len(made.diagrams) + 1):
        for line in propagators(made, diagram):
            mass = complex(values[line.mass]).real if line.mass else 0.0
            if line.is_t_channel:
                yield from _t_channel(line, mass, masses)
            else:
                legs = tuple(leg for leg in line.legs if leg > 1)  # the side without a beam
                if len(legs) <= n_most and mass == sum(masses[leg] for leg in legs):
                    yield legs, mass == 0.0


def _t_channel(line: Propagator, mass: float, masses: Sequence[float]) -> Iterator[Pole]:
    """The line's legs are beam 1 and its final particles; the others are with beam 0."""
    ours = tuple(leg for leg in line.legs if leg > 1)
    others = tuple(leg for leg in range(2, len(masses)) if leg not in ours)
    for beam, legs in ((1, ours), (0, others)):
        final = sum(masses[leg] for leg in legs)
        if (mass == 0.0 and masses[beam] == final) or (final == 0.0 and masses[beam] == mass):
            yield legs, False
