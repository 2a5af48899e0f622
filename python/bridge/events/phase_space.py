"""Phase space as a chain of two-body decays: 3 n - 4 numbers of [0, 1) for n particles.

    dPhi_n(M; m_1 ... m_n) = dM'^2 / (2 pi) dPhi_2(M; m_1, M') dPhi_(n-1)(M'; m_2 ... m_n)
    dPhi_2(M; m, M') = k / (4 pi M) dcos(theta) / 2 dphi / (2 pi)

(PDG review "Kinematics", eqs. 49.12-49.13), with the factors (2 pi)^4 and 1 / (2 pi)^3 of each particle.
For n = 2 this is flat in cos(theta) and phi. The masses M' are drawn such that for massless particles
only the factor k / M is left in the weight.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def n_dimension(n_final: int) -> int:
    """How many random numbers a point takes."""
    return 3 * n_final - 4


def kallen(a: Floats | float, b: Floats | float, c: Floats | float) -> Floats:
    """a^2 + b^2 + c^2 - 2 a b - 2 b c - 2 c a, of squared masses, not below 0."""
    return np.maximum(np.asarray((a - b - c) ** 2 - 4.0 * b * c, dtype=np.float64), 0.0)


def beams(masses: Sequence[float], sqrt_s: float) -> Floats:
    """Momenta (2, 4) along +z and -z in their rest frame, GeV."""
    first, second = (mass**2 for mass in masses)
    s = sqrt_s**2
    k = math.sqrt(float(kallen(s, first, second))) / (2.0 * sqrt_s)
    energy = (s + first - second) / (2.0 * sqrt_s)
    return np.array([[energy, 0.0, 0.0, k], [sqrt_s - energy, 0.0, 0.0, -k]])


def orders(n_final: int) -> tuple[tuple[int, ...], ...]:
    """Chains that differ: in which order particles, from 0, split off. The last two do so together."""
    return tuple(order for order in itertools.permutations(range(n_final)) if order[-2] < order[-1])


def fill(
    momenta: Floats, x: Floats, masses: Sequence[float], sqrt_s: float, order: Sequence[int] | None = None
) -> Floats:
    """Writes final momenta into `momenta` (n_event, n_final, 4), GeV; returns the weights.

    `x`: (n_event, 3 n_final - 4). `order`: in which the particles split off, as they are if
    None. The mean weight is the volume of phase space, GeV^(2 n_final - 4).
    """
    n_event, n_final = momenta.shape[:2]
    chain = range(n_final) if order is None else order
    masses = [masses[leg] for leg in chain]
    weight = np.ones(n_event)
    mass = np.full(n_event, float(sqrt_s))
    cluster = np.zeros((n_event, 4))
    cluster[:, 0] = sqrt_s
    for leg in range(n_final - 1):
        left = n_final - 1 - leg  # particles in what remains
        angles = x[:, 2 * leg : 2 * leg + 2]
        if left > 1:
            rest, factor = _rest_mass(x[:, 2 * (n_final - 1) + leg], mass, masses[leg:])
            weight *= factor
        else:
            rest = np.full(n_event, float(masses[-1]))
        k = np.sqrt(kallen(mass**2, masses[leg] ** 2, rest**2)) / (2.0 * mass)
        weight *= k / (4.0 * math.pi * mass)
        made = _boost(_two_body(k, masses[leg], angles), cluster, mass)
        momenta[:, chain[leg]] = made
        cluster = cluster - made
        mass = rest
        # exactly on shell, whatever was cancelled
        cluster[:, 0] = np.sqrt(mass**2 + (cluster[:, 1:] ** 2).sum(axis=1))
    momenta[:, chain[-1]] = cluster
    return weight


def _rest_mass(x: Floats, mass: Floats, masses: Sequence[float]) -> tuple[Floats, Floats]:
    """Invariant mass of all particles but the first, and dM'^2 / (2 pi) / dx, GeV^2."""
    least = sum(masses[1:])
    room = mass - masses[0] - least
    power = 1.0 / (2.0 * (len(masses) - 2))
    fraction = x**power
    rest = least + room * fraction
    # x = 0 has no volume: its derivative is taken at the smallest number instead
    derivative = power * fraction / np.maximum(x, np.finfo(np.float64).tiny)
    return rest, np.asarray(2.0 * rest * room * derivative / (2.0 * math.pi))


def _two_body(k: Floats, mass: float, angles: Floats) -> Floats:
    cosine = 2.0 * angles[:, 0] - 1.0
    sine = np.sqrt(1.0 - cosine**2)
    phi = 2.0 * math.pi * angles[:, 1]
    energy = np.sqrt(k**2 + mass**2)
    return np.stack((energy, k * sine * np.cos(phi), k * sine * np.sin(phi), k * cosine), axis=1)


def _boost(p: Floats, frame: Floats, mass: Floats) -> Floats:
    """Momenta of the rest frame of `frame` (of that mass) in the frame where it is given."""
    along = (p[:, 1:] * frame[:, 1:]).sum(axis=1)
    out = np.empty_like(p)
    out[:, 0] = (p[:, 0] * frame[:, 0] + along) / mass
    out[:, 1:] = p[:, 1:] + frame[:, 1:] * ((p[:, 0] + out[:, 0]) / (frame[:, 0] + mass))[:, None]
    return out
