"""From selected points to the sample that `bridge.generate` returns."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.events.hadrons import HadronBeams
from bridge.events.integrand import Integrand
from bridge.events.sample import GeneratedSample, SubprocessResult
from bridge.events.unweight import Channel, Selected


def collect(
    channels: Sequence[Channel],
    selected: Selected,
    request: tuple[str, float, int],
    alpha_em: float,
    beams: HadronBeams | None,
) -> GeneratedSample:
    """`request`: process, sqrt_s in GeV, seed. `beams`: None at fixed energy."""
    pdg_id, color, helicity, mass = _legs(channels, selected)
    results, process_id = _subprocesses(channels, selected)
    size = np.abs(selected.factor)
    # numbers are summed over channels: their points are independent
    absolute = sum(channel.absolute for channel in channels)
    points = selected.points
    beam_pdg_id, beam_energy = _beam_particles(channels[0].integrand, pdg_id, points.momenta, request[1], beams)
    return GeneratedSample(
        *request,
        cross_section=sum(channel.cross_section for channel in channels),
        error=math.hypot(*(channel.error for channel in channels)),
        subprocesses=results,
        momenta=points.momenta,
        pdg_id=pdg_id,
        color=color,
        helicity=helicity,
        mass=mass,
        process_id=process_id,
        weight=selected.factor * (absolute / size.mean()) if len(size) else selected.factor,
        n_overweight=int((size > 1.0).sum()),
        overweight_fraction=float((size - 1.0).sum() / size.sum()) if len(size) else 0.0,
        efficiency=len(size) / selected.n_try if selected.n_try else 0.0,
        scale=points.scale,
        alpha_em=alpha_em,
        alpha_s=points.alpha_s,
        beam_pdg_id=beam_pdg_id,
        beam_energy=beam_energy,
        lhapdf_id=beams.density.lhapdf_id if beams is not None else 0,
    )


def _beam_particles(
    integrand: Integrand,
    pdg_id: NDArray[np.int64],
    momenta: NDArray[np.float64],
    sqrt_s: float,
    beams: HadronBeams | None,
) -> tuple[tuple[int, int], tuple[float, float]]:
    """Pdg ids and energies; at fixed energy those of the first event, where flavours differ."""
    if beams is not None:
        return beams.pdg_ids, (sqrt_s / 2.0, sqrt_s / 2.0)
    if not len(pdg_id):
        first, second = integrand.made.flavours[0][:2]
        return (first, second), (sqrt_s / 2.0, sqrt_s / 2.0)
    energies = momenta[0, :2, 0].tolist()
    return (int(pdg_id[0, 0]), int(pdg_id[0, 1])), (energies[0], energies[1])


def _legs(
    channels: Sequence[Channel], selected: Selected
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Particles, colour lines, helicities and masses of the events' legs."""
    points = selected.points
    shape = points.momenta.shape[:2]
    pdg_id, color = np.zeros(shape, np.int64), np.zeros((*shape, 2), np.int32)
    helicity, mass = np.zeros(shape, np.int32), np.zeros(shape)
    for number, channel in enumerate(channels):
        made = channel.integrand.made
        mine = selected.channel == number
        pdg_id[mine] = np.array(made.flavours)[points.flavour[mine]]
        color[mine] = np.array(made.color_lines, dtype=np.int32)[points.color_flow[mine] - 1]
        helicity[mine] = made.process.helicities[points.helicity[mine] - 1]
        mass[mine] = channel.integrand.masses
    return pdg_id, color, helicity, mass


def _subprocesses(
    channels: Sequence[Channel], selected: Selected
) -> tuple[tuple[SubprocessResult, ...], NDArray[np.int32]]:
    """Results of the matrix elements, all channels of each together, and which one each event is of, from 1."""
    all_made = list(dict.fromkeys(channel.integrand.made for channel in channels))
    numbers = np.array([all_made.index(channel.integrand.made) for channel in channels], dtype=np.int32)
    results = tuple(_result([c for c in channels if c.integrand.made is made]) for made in all_made)
    return results, numbers[selected.channel] + np.int32(1)


def _result(channels: Sequence[Channel]) -> SubprocessResult:
    made = channels[0].integrand.made
    return SubprocessResult(
        made.process.name,
        made.flavours,
        math.fsum(channel.cross_section for channel in channels),
        math.hypot(*(channel.error for channel in channels)),
        max(channel.max_weight for channel in channels),
        sum(channel.n_point for channel in channels),
        sum(channel.n_non_finite for channel in channels),
    )
