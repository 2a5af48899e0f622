"""Phase space of n particles along a diagram: 3 n - 4 numbers of [0, 1).

    dPhi_n = product over inner masses of ds / (2 pi), over splittings of dPhi_2
    dPhi_2(M; m, m') = k / (4 pi M) dcos(theta) / 2 dphi / (2 pi) = dt / (16 pi M k_in) dphi / (2 pi)

(PDG review "Kinematics", eqs. 49.12-49.13), with the factors (2 pi)^4 and 1 / (2 pi)^3 of each particle.
Beam 1 emits clusters of particles one after the other, along the t-channels of a diagram; clusters decay in
pairs, along its s-channels. Momenta are in the rest frame of the beams.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: instead of 0 where only a number that is 0 itself, which has no volume, leads to it
_TINY = 1e-150


@dataclass(frozen=True, slots=True)
class Line:
    """Mass and width of a propagator, GeV."""

    mass: float
    width: float


@dataclass(frozen=True, slots=True)
class Cluster:
    """Final particles, from 0, that come from one line: `least` is their smallest invariant mass, GeV.

    `parts`: two, or none for a particle. `line`: None if no propagator has this mass.
    """

    legs: tuple[int, ...]
    least: float
    parts: tuple[Cluster, ...] = ()
    line: Line | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """How numbers become momenta.

    `masses`: of the final particles. `clusters`: in the order in which they leave beam 1; `exchanged`: masses of
    the t-channels between them. `regulator`: scale below which no pole is followed, GeV.
    """

    masses: tuple[float, ...]
    clusters: tuple[Cluster, ...]
    exchanged: tuple[float, ...] = ()
    regulator: float = 1.0


def n_dimension(n_final: int) -> int:
    """How many random numbers a point takes."""
    return 3 * n_final - 4


def chain(masses: Sequence[float]) -> Mapping:
    """Particles split off one by one; without cuts and for massless ones only factors k / M are in the weight."""
    cluster = Cluster((len(masses) - 1,), masses[-1])
    for leg in reversed(range(len(masses) - 1)):
        own = Cluster((leg,), masses[leg])
        cluster = Cluster((leg, *cluster.legs), masses[leg] + cluster.least, (own, cluster))
    return Mapping(tuple(masses), (cluster,))


def kallen(a: Floats | float, b: Floats | float, c: Floats | float) -> Floats:
    """a^2 + b^2 + c^2 - 2 a b - 2 b c - 2 c a, of squared masses, not below 0."""
    return np.maximum(np.asarray((a - b - c) ** 2 - 4.0 * b * c, dtype=np.float64), 0.0)


def beams(masses: Sequence[float], sqrt_s: Floats | float) -> Floats:
    """Momenta along +z and -z in their rest frame, GeV: (2, 4), or (n_event, 2, 4) for `sqrt_s` (n_event,)."""
    first, second = (mass**2 for mass in masses)
    energy_sum = np.asarray(sqrt_s, dtype=np.float64)
    momenta = np.zeros((*energy_sum.shape, 2, 4))
    k = np.sqrt(kallen(energy_sum**2, first, second)) / (2.0 * energy_sum)
    momenta[..., 0, 0] = (energy_sum**2 + first - second) / (2.0 * energy_sum)
    momenta[..., 1, 0] = energy_sum - momenta[..., 0, 0]
    momenta[..., 0, 3], momenta[..., 1, 3] = k, -k
    return np.asarray(momenta)


def fill(momenta: Floats, x: Floats, mapping: Mapping, sqrt_s: Floats | float) -> Floats:
    """Writes the final momenta into `momenta` (n_event, 2 + n_final, 4), GeV; returns the weights.

    The beams are there. `x`: (n_event, 3 n_final - 4). `sqrt_s`: one, or of each event (n_event,), above the
    least mass. The mean weight is the volume of phase space, GeV^(2 n_final - 4).
    """
    return _Filling(momenta, x, mapping).run(np.full(len(momenta), sqrt_s, dtype=np.float64))


class _Filling:
    def __init__(self, momenta: Floats, x: Floats, mapping: Mapping) -> None:
        self._momenta = momenta
        self._mapping = mapping
        self._numbers: Iterator[Floats] = iter(x.T)
        self._weight = np.ones(len(momenta))

    def run(self, mass: Floats) -> Floats:
        clusters = self._mapping.clusters
        rest = np.zeros((len(mass), 4))
        rest[:, 0] = mass
        emitter = self._momenta[:, 1]
        for number, exchanged in enumerate(self._mapping.exchanged):
            others = _together(clusters[number + 1 :])
            own = self._mass(clusters[number], mass - others.least)
            left = self._mass(others, mass - own)
            emitted = self._emit(emitter, rest, mass, own, left, exchanged)
            self._decay(clusters[number], emitted, own)
            emitter = emitter - emitted
            rest, mass = _on_shell(rest - emitted, left), left
        self._decay(clusters[-1], rest, mass)
        return self._weight

    def _mass(self, cluster: Cluster, most: Floats) -> Floats:
        """Invariant mass of a cluster, GeV; ds / (2 pi) goes into the weight."""
        if not cluster.parts:
            return np.full(len(most), cluster.least)
        u, line = next(self._numbers), cluster.line
        low, high = cluster.least**2, np.maximum(most, cluster.least) ** 2
        if line is None:
            mass, factor = _power(u, cluster.least, most, 1.0 / (2.0 * (len(cluster.legs) - 1)))
            self._weight *= factor
            return np.maximum(mass, _TINY)
        if line.width > 0.0 and line.mass > cluster.least:
            s, derivative = _resonance(u, low, high, line)
        else:
            offset = max(low - line.mass**2, self._mapping.regulator**2)
            above, derivative = _logarithmic(u, np.full(len(u), offset), high - low + offset)
            s = low + (above - offset)
        self._weight *= derivative / (2.0 * math.pi)
        return np.maximum(np.sqrt(s), _TINY)

    def _decay(self, cluster: Cluster, p: Floats, mass: Floats) -> None:
        if not cluster.parts:
            self._momenta[:, 2 + cluster.legs[0]] = p
            return
        first, second = cluster.parts
        m1 = self._mass(first, mass - second.least)
        m2 = self._mass(second, mass - m1)
        k = np.sqrt(kallen(mass**2, m1**2, m2**2)) / (2.0 * mass)
        self._weight *= k / (4.0 * math.pi * mass)
        cosine = 2.0 * next(self._numbers) - 1.0
        made = _boost(_along_z(k, m1, cosine, next(self._numbers)), p, mass)
        self._decay(first, made, m1)
        self._decay(second, _on_shell(p - made, m2), m2)

    def _emit(self, emitter: Floats, p: Floats, mass: Floats, own: Floats, left: Floats, exchanged: float) -> Floats:
        """p -> own + left, where m^2 - t is that of `emitter` minus own."""
        q = _boost(emitter, p * [1.0, -1.0, -1.0, -1.0], mass)
        k_in = np.maximum(np.sqrt((q[:, 1:] ** 2).sum(axis=1)), _TINY)
        k = np.sqrt(kallen(mass**2, own**2, left**2)) / (2.0 * mass)
        range_ = 4.0 * k_in * k
        virtuality = exchanged**2 - (q[:, 0] ** 2 - k_in**2) - own**2 + 2.0 * q[:, 0] * np.sqrt(own**2 + k**2)
        low = np.maximum(virtuality - range_ / 2.0, 0.0) + self._mapping.regulator**2
        above, derivative = _logarithmic(next(self._numbers), low, low + range_)
        self._weight *= derivative / (16.0 * math.pi * mass * k_in)
        cosine = np.clip(1.0 - 2.0 * (above - low) / np.maximum(range_, _TINY), -1.0, 1.0)
        made = _rotate(_along_z(k, own, cosine, next(self._numbers)), q[:, 1:] / k_in[:, None])
        return _boost(made, p, mass)


def _together(clusters: Sequence[Cluster]) -> Cluster:
    """Clusters that are still to be emitted, as one."""
    if len(clusters) == 1:
        return clusters[0]
    legs = tuple(leg for cluster in clusters for leg in cluster.legs)
    return Cluster(legs, math.fsum(cluster.least for cluster in clusters), tuple(clusters), Line(0.0, 0.0))


def _power(u: Floats, least: float, most: Floats, power: float) -> tuple[Floats, Floats]:
    """Mass, and ds / (2 pi) / du, GeV^2."""
    room = most - least
    fraction = u**power
    mass = least + room * fraction
    derivative = power * fraction / np.maximum(u, _TINY)
    return mass, np.asarray(2.0 * mass * room * derivative / (2.0 * math.pi))


def _resonance(u: Floats, low: float, high: Floats, line: Line) -> tuple[Floats, Floats]:
    """s distributed as a Breit-Wigner, and ds / du."""
    size = line.mass * line.width
    first, last = np.arctan((low - line.mass**2) / size), np.arctan((high - line.mass**2) / size)
    s = line.mass**2 + size * np.tan(first + u * (last - first))
    derivative = ((s - line.mass**2) ** 2 + size**2) / size * (last - first)
    return np.clip(s, low, high), derivative


def _logarithmic(u: Floats, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Number distributed as its inverse, and its derivative."""
    ratio = np.log(high / low)
    value = low * np.exp(u * ratio)
    return value, np.asarray(value * ratio)


def _along_z(k: Floats, mass: Floats, cosine: Floats, turn: Floats) -> Floats:
    sine = np.sqrt(1.0 - cosine**2)
    phi = 2.0 * math.pi * turn
    energy = np.sqrt(k**2 + mass**2)
    return np.stack((energy, k * sine * np.cos(phi), k * sine * np.sin(phi), k * cosine), axis=1)


def _rotate(p: Floats, axis: Floats) -> Floats:
    """Turns the z axis into unit vectors `axis` (n_event, 3): T. Duff et al., JCGT 6 (2017) 1."""
    nx, ny, nz = axis.T
    sign = np.copysign(1.0, nz)
    a = -1.0 / (sign + nz)
    b = nx * ny * a
    first = np.stack((1.0 + sign * nx**2 * a, sign * b, -sign * nx), axis=1)
    second = np.stack((b, sign + ny**2 * a, -ny), axis=1)
    turned = p[:, 1:2] * first + p[:, 2:3] * second + p[:, 3:4] * axis
    return np.concatenate((p[:, :1], turned), axis=1)


def _boost(p: Floats, frame: Floats, mass: Floats) -> Floats:
    """Momenta of the rest frame of `frame` (of that mass) in the frame where it is given."""
    along = (p[:, 1:] * frame[:, 1:]).sum(axis=1)
    out = np.empty_like(p)
    out[:, 0] = (p[:, 0] * frame[:, 0] + along) / mass
    out[:, 1:] = p[:, 1:] + frame[:, 1:] * ((p[:, 0] + out[:, 0]) / (frame[:, 0] + mass))[:, None]
    return out


def _on_shell(p: Floats, mass: Floats) -> Floats:
    """Its energy set by its mass, whatever was cancelled."""
    out = p.copy()
    out[:, 0] = np.sqrt(mass**2 + (p[:, 1:] ** 2).sum(axis=1))
    return np.asarray(out)


def to_laboratory(momenta: Floats, x: Floats, beam_energy: float) -> Floats:
    """Momenta (n_event, n_leg, 4) of the partons' rest frame in that of the hadrons, GeV.

    `x`: (n_event, 2), momentum fractions of the massless legs 0 and 1.
    """
    shift = np.sqrt(x[:, 0] / x[:, 1])[:, None]  # e^y
    plus, minus = (momenta[..., 0] + momenta[..., 3]) * shift, (momenta[..., 0] - momenta[..., 3]) / shift
    boosted = momenta.copy()
    boosted[..., 0], boosted[..., 3] = (plus + minus) / 2.0, (plus - minus) / 2.0
    boosted[:, :2, 0] = x * beam_energy
    boosted[:, :2, 3] = boosted[:, :2, 0] * [1.0, -1.0]
    return np.asarray(boosted)
