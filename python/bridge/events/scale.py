"""Renormalisation and factorisation scales."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.exceptions import ArgumentError

Floats = NDArray[np.float64]

#: a number of GeV, or one of CHOICES
Scale = float | str
CHOICES = ("half_sum_mt", "sum_mt", "mean_mt", "sqrt_s_hat")


def check(name: str, scale: Scale) -> Scale:
    """The scale; raises ArgumentError naming the argument."""
    if isinstance(scale, str):
        if scale not in CHOICES:
            raise ArgumentError(f"{name}: expected GeV or one of {', '.join(CHOICES)}, got {scale!r}")
    elif not (math.isfinite(scale) and scale > 0.0):
        raise ArgumentError(f"{name}: expected a positive number of GeV, got {scale!r}")
    return scale


def evaluate(scale: Scale, momenta: Floats, colorless: Sequence[int]) -> Floats:
    """Scale of each event, (n_event,), GeV, from momenta (n_event, n_leg, 4), incoming ones first.

    The final legs `colorless` count as one object, so that leptons of small p_T have the scale of their mother.
    "sum_mt": sum of the objects' m_T = sqrt(E^2 - p_z^2); "half_sum_mt": half of it, all of it for one object;
    "mean_mt": geometric mean; "sqrt_s_hat": mass of the final state.
    """
    if not isinstance(scale, str):
        return np.full(len(momenta), float(scale))
    if scale == "sqrt_s_hat":
        total = momenta[:, 2:].sum(axis=1)
        return np.asarray(np.sqrt(total[:, 0] ** 2 - (total[:, 1:] ** 2).sum(axis=1)))
    objects = [momenta[:, leg] for leg in range(2, momenta.shape[1]) if leg not in colorless]
    if colorless:
        objects.append(momenta[:, list(colorless)].sum(axis=1))
    mt = np.array([np.sqrt((p[:, 0] - p[:, 3]) * (p[:, 0] + p[:, 3])) for p in objects])
    if scale == "mean_mt":
        return np.asarray(np.exp(np.log(mt).mean(axis=0)))
    return np.asarray(mt.sum(axis=0) / (min(len(mt), 2) if scale == "half_sum_mt" else 1.0))
