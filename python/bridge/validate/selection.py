"""How MadEvent chooses a helicity and a colour flow, for whole batches."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


def choose_helicity(by_helicity: Floats, random: Floats) -> Ints:
    """Combination (from 1) where the running share of |term| first exceeds `random`.

    by_helicity: (n_event, n_helicity); random: (n_event,) in [0, 1). 0 where all terms are
    zero or the sum stays below by rounding.
    """
    weight = np.abs(by_helicity)
    total = weight.sum(axis=1)
    share = np.cumsum(weight / np.where(total > 0.0, total, 1.0)[:, None], axis=1)
    above = random[:, None] < share
    chosen = np.where(above.any(axis=1), above.argmax(axis=1) + 1, 0)
    return np.asarray(np.where(total > 0.0, chosen, 0), dtype=np.int32)


def choose_flow(jamp2: Floats, allowed: NDArray[np.bool_], random: Floats) -> Ints:
    """Colour flow (from 1), in proportion to JAMP2 among the allowed ones.

    jamp2: (n_event, n_flow); allowed: bool (n_event, n_flow); random: (n_event,). Where no
    allowed flow contributes, all are allowed. 0 where there is no flow at all.
    """
    n_flow = jamp2.shape[1]
    if n_flow == 0:
        return np.zeros(len(jamp2), dtype=np.int32)
    weight = np.where(allowed, jamp2, 0.0)
    nothing = weight.sum(axis=1) == 0.0
    weight[nothing] = jamp2[nothing]
    sums = np.cumsum(weight, axis=1)
    below = sums < (random * sums[:, -1])[:, None]
    return np.asarray(np.minimum(below.sum(axis=1), n_flow - 1) + 1, dtype=np.int32)
