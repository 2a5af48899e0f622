"""Propagators of a diagram: what a phase-space generator needs of an integration channel."""

from __future__ import annotations

from dataclasses import dataclass

from bridge.generator.assemble import Generated


@dataclass(frozen=True, slots=True)
class Propagator:
    """An inner line of a diagram.

    `legs`: those on the side without leg 0, from 0; `pdg_id`: what turns into them
    (incoming ones crossed).
    `is_t_channel`: whether a beam is on either side. `mass` and `width`: parameter names.
    """

    legs: tuple[int, ...]
    pdg_id: int
    mass: str | None
    width: str | None
    is_t_channel: bool


def propagators(generated: Generated, diagram: int) -> tuple[Propagator, ...]:
    """Inner lines of a diagram (from 1), those with fewer legs first."""
    n_leg = len(generated.process.legs)
    everything = (1 << n_leg) - 1
    beams = sum(1 << number for number, leg in enumerate(generated.process.legs) if leg.incoming)
    found = []
    for line in generated.diagrams[diagram - 1].lines():
        particle = generated.model.by_name[line.particle]
        # a line's particle goes from its legs to the vertex that takes it
        outward = particle if line.legs & 1 else particle.anti()
        legs = everything ^ line.legs if line.legs & 1 else line.legs
        members = tuple(leg for leg in range(n_leg) if legs >> leg & 1)
        is_t_channel = beams.bit_count() == 2 and (legs & beams).bit_count() == 1
        found.append(Propagator(members, outward.pdg_id, particle.mass, particle.width, is_t_channel))
    return tuple(sorted(found, key=lambda item: (len(item.legs), item.legs)))
