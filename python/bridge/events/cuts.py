"""Cuts on the massless particles of a final state."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from bridge.exceptions import ArgumentError

Floats = NDArray[np.float64]
_NEUTRINOS = frozenset((12, 14, 16))


@dataclass(frozen=True, slots=True)
class Cuts:
    """What every massless final particle, or pair of them, must fulfil. Neutrinos are not cut.

    `pt`: least transverse momentum, GeV. `abs_eta`: largest |pseudorapidity| (the rapidity: they are
    massless). `delta_r`: least sqrt((delta eta)^2 + (delta phi)^2) of a pair. `mass`: least invariant
    mass of a pair, GeV.
    """

    pt: float = 0.0
    abs_eta: float = math.inf
    delta_r: float = 0.0
    mass: float = 0.0

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if not (isinstance(value, (int, float)) and value >= 0.0):
                raise ArgumentError(f"cuts: {item.name} must be 0 or more, got {value!r}")

    @property
    def is_trivial(self) -> bool:
        """Whether everything passes."""
        return self == Cuts()

    def mass_of(self, n_particle: int) -> float:
        """Least invariant mass of particles that are cut, GeV: s = 2 pt pt' (cosh(d eta) - cos(d phi)) for a pair."""
        collinear = 2.0 * self.pt**2 * (1.0 - math.cos(min(self.delta_r, math.pi)))
        return math.sqrt(n_particle * (n_particle - 1) / 2 * max(self.mass**2, collinear))


def legs_to_cut(pdg_ids: Sequence[int], masses: Sequence[float], n_incoming: int) -> tuple[int, ...]:
    """Legs, from 0: massless, outgoing, no neutrinos. `masses` in GeV."""
    legs = range(n_incoming, len(pdg_ids))
    return tuple(leg for leg in legs if masses[leg] == 0.0 and abs(pdg_ids[leg]) not in _NEUTRINOS)


def least_mass(cuts: Cuts, masses: Sequence[float], legs: Sequence[int]) -> float:
    """Invariant mass that a final state which passes has at least, GeV; two particles come in.

    `masses` of all legs, `legs` that are cut.
    """
    transverse = sum(math.hypot(mass, cuts.pt if leg in legs else 0.0) for leg, mass in enumerate(masses) if leg > 1)
    return max(transverse, cuts.mass_of(len(legs)))


def passes(cuts: Cuts, momenta: Floats, legs: Sequence[int]) -> NDArray[np.bool_]:
    """Which events of (n_event, n_leg, 4), GeV, pass: bool (n_event,)."""
    keep = np.ones(len(momenta), dtype=np.bool_)
    if cuts.is_trivial or not legs:
        return keep
    p = momenta[:, list(legs)]
    pt = np.hypot(p[..., 1], p[..., 2])
    with np.errstate(divide="ignore"):
        eta = np.arcsinh(p[..., 3] / np.maximum(pt, np.finfo(np.float64).tiny))
    keep &= (pt >= cuts.pt).all(axis=1) & (np.abs(eta) <= cuts.abs_eta).all(axis=1)
    phi = np.arctan2(p[..., 2], p[..., 1])
    for first, second in zip(*np.triu_indices(len(legs), 1), strict=True):
        d_eta = eta[:, first] - eta[:, second]
        d_phi = np.abs(phi[:, first] - phi[:, second])
        d_phi = np.minimum(d_phi, 2.0 * np.pi - d_phi)
        keep &= np.hypot(d_eta, d_phi) >= cuts.delta_r
        keep &= _mass_squared(p[:, first] + p[:, second]) >= cuts.mass**2 if cuts.mass else True
    return keep


def _mass_squared(p: Floats) -> Floats:
    return np.asarray(p[:, 0] ** 2 - (p[:, 1:] ** 2).sum(axis=1))
