"""Phase-space points: RAMBO of R. Kleiss, W.J. Stirling and S.D. Ellis,
Comput. Phys. Commun. 40 (1986) 359, massive version, for whole batches at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

#: Newton steps for the mass rescaling; it converges quadratically from below
_NEWTON_STEPS = 40
#: batches drawn before the cuts are declared impossible
_MAX_ROUNDS = 10_000


@dataclass(frozen=True, slots=True)
class Cuts:
    """Keeps points away from soft and collinear corners, where doubles lose digits.

    `min_pt` is a fraction of sqrt(s), for each final leg; `min_angle` (radians) separates
    final legs from each other.
    """

    min_pt: float = 0.02
    min_angle: float = 0.2


def at_rest(momenta: Floats, masses: Sequence[float]) -> Floats:
    """Momenta (n_event, n_leg, 4), GeV, on their mass shells and in their rest frame."""
    m2 = np.asarray(masses) ** 2
    p: Floats = momenta.copy()
    # the second pass removes what rounding left of a strongly boosted total
    for _ in range(2):
        p[..., 0] = np.sqrt(m2 + (p[..., 1:] ** 2).sum(axis=-1))
        total = p.sum(axis=1)
        mass = np.sqrt(total[:, 0] ** 2 - (total[:, 1:] ** 2).sum(axis=1))
        boost = -total[:, 1:] / mass[:, None]
        gamma = total[:, 0] / mass
        along = np.einsum("ek,elk->el", boost, p[..., 1:])
        weight = p[..., 0] + along / (1.0 + gamma)[:, None]
        p[..., 1:] += boost[:, None, :] * weight[..., None]
    p[..., 0] = np.sqrt(m2 + (p[..., 1:] ** 2).sum(axis=-1))
    return p


def massless(rng: np.random.Generator, n_event: int, n_final: int, sqrt_s: Floats) -> Floats:
    """Flat massless momenta, (n_event, n_final, 4) in GeV, summing to (sqrt_s, 0, 0, 0)."""
    u = rng.random((4, n_event, n_final))
    cos_theta = 2.0 * u[0] - 1.0
    sin_theta = np.sqrt(1.0 - cos_theta**2)
    phi = 2.0 * np.pi * u[1]
    # 1 - u lies in (0, 1]: the logarithm stays finite
    energy = -np.log((1.0 - u[2]) * (1.0 - u[3]))
    q = np.stack(
        (
            energy,
            energy * sin_theta * np.cos(phi),
            energy * sin_theta * np.sin(phi),
            energy * cos_theta,
        ),
        axis=-1,
    )
    # RAMBO's conformal map: to the rest frame, then scaled to the energy
    p = at_rest(q, [0.0] * n_final)
    return np.asarray(p * (sqrt_s / p[..., 0].sum(axis=1))[:, None, None])


def _give_mass(p: Floats, masses: Floats, sqrt_s: Floats) -> Floats:
    """Rescales massless momenta so that each leg is on its mass shell."""
    squares = (p[..., 1:] ** 2).sum(axis=-1)
    m2 = masses**2
    xi = np.sqrt(1.0 - (masses.sum() / sqrt_s) ** 2)
    for _ in range(_NEWTON_STEPS):
        energy = np.sqrt(m2 + xi[:, None] ** 2 * squares)
        excess = energy.sum(axis=1) - sqrt_s
        xi = xi - excess / (xi[:, None] * squares / energy).sum(axis=1)
        if np.all(np.abs(excess) <= 4e-16 * sqrt_s):
            break
    out = p * xi[:, None, None]
    out[..., 0] = np.sqrt(m2 + (out[..., 1:] ** 2).sum(axis=-1))
    return np.asarray(out)


def final_state(rng: np.random.Generator, masses: Sequence[float], sqrt_s: Floats) -> Floats:
    """Final-state momenta (n_event, n_final, 4), GeV, in the rest frame of the total."""
    m = np.asarray(masses, dtype=np.float64)
    if m.size == 1:
        p = np.zeros((sqrt_s.size, 1, 4))
        p[:, 0, 0] = sqrt_s
        return p
    if np.any(sqrt_s <= m.sum()):
        raise ValueError("sqrt_s is below the sum of the final-state masses")
    p = massless(rng, sqrt_s.size, m.size, sqrt_s)
    return _give_mass(p, m, sqrt_s) if m.any() else p


def initial_state(masses: Sequence[float], sqrt_s: Floats) -> Floats:
    """Beams along +z and -z, or one particle at rest: (n_event, 1 or 2, 4), GeV."""
    p = np.zeros((sqrt_s.size, len(masses), 4))
    if len(masses) == 1:
        p[:, 0, 0] = sqrt_s
        return p
    s = sqrt_s**2
    m1, m2 = masses
    p[:, 0, 0] = (s + m1**2 - m2**2) / (2.0 * sqrt_s)
    p[:, 1, 0] = (s + m2**2 - m1**2) / (2.0 * sqrt_s)
    # one root serves both beams: the momenta cancel exactly
    p_z = np.sqrt(p[:, 0, 0] ** 2 - m1**2) if m1 else p[:, 0, 0]
    p[:, 0, 3] = p_z
    p[:, 1, 3] = -p_z
    return p


def _passes(p: Floats, sqrt_s: Floats, cuts: Cuts) -> NDArray[np.bool_]:
    """Which events of (n_event, n_final, 4) pass; one or no leg always does."""
    n_final = p.shape[1]
    keep = np.ones(p.shape[0], dtype=np.bool_)
    if n_final < 2:
        return keep
    pt = np.hypot(p[..., 1], p[..., 2])
    keep &= (pt > cuts.min_pt * sqrt_s[:, None]).all(axis=1)
    norm = np.sqrt((p[..., 1:] ** 2).sum(axis=-1))
    unit = p[..., 1:] / np.where(norm > 0.0, norm, 1.0)[..., None]
    cosines = np.einsum("eik,ejk->eij", unit, unit)
    i, j = np.triu_indices(n_final, 1)
    keep &= (cosines[:, i, j] < np.cos(cuts.min_angle)).all(axis=1)
    return keep


def _energies(
    rng: np.random.Generator,
    n_event: int,
    incoming: Sequence[float],
    outgoing: Sequence[float],
    sqrt_s: float | None,
) -> Floats:
    """sqrt(s) in GeV; if not given, well above threshold, and spread so that points differ."""
    if sqrt_s is not None:
        return np.full(n_event, float(sqrt_s))
    if len(incoming) == 1:
        return np.full(n_event, float(incoming[0]))
    if len(outgoing) == 1:
        return np.full(n_event, float(outgoing[0]))
    threshold = max(sum(incoming), sum(outgoing), 200.0)
    return threshold * rng.uniform(1.5, 4.0, n_event)


def generate(
    incoming: Sequence[float],
    outgoing: Sequence[float],
    n_event: int,
    seed: int,
    *,
    sqrt_s: float | None = None,
    cuts: Cuts | None = None,
) -> Floats:
    """Momenta (n_event, n_leg, 4), (E, px, py, pz) in GeV, incoming legs first.

    `incoming` and `outgoing` are the legs' masses. The same seed gives the same points.
    A decay (one incoming leg) is drawn at rest. Raises ValueError where no point can pass.
    """
    rng = np.random.default_rng(seed)
    # decays have no beam axis: transverse momentum means nothing there
    used = cuts or Cuts(min_pt=0.02 if len(incoming) == 2 else 0.0)
    kept: list[Floats] = []
    n_kept = 0
    for _ in range(_MAX_ROUNDS):
        n_draw = max(64, 2 * (n_event - n_kept))
        energy = _energies(rng, n_draw, incoming, outgoing, sqrt_s)
        final = final_state(rng, outgoing, energy)
        momenta = np.concatenate((initial_state(incoming, energy), final), axis=1)
        good = momenta[_passes(final, energy, used)]
        kept.append(good)
        n_kept += len(good)
        if n_kept >= n_event:
            return np.ascontiguousarray(np.concatenate(kept)[:n_event])
    raise ValueError("no phase-space point passes the cuts")
