"""An adaptive grid: VEGAS of G.P. Lepage, J. Comput. Phys. 27 (1978) 192."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_N_BIN = 64
#: how fast the grid follows: 0 stays, 1.5 is Lepage's
_DAMPING = 1.0


class Grid:
    """Bins of equal probability in each dimension of [0, 1)^n_dimension."""

    def __init__(self, n_dimension: int) -> None:
        self._edges = np.tile(np.linspace(0.0, 1.0, _N_BIN + 1), (n_dimension, 1))

    def draw(self, rng: np.random.Generator, n_point: int) -> tuple[Floats, Floats, NDArray[np.intp]]:
        """Points and bins (n_point, n_dimension), and inverse densities (n_point,)."""
        scaled = rng.random((n_point, len(self._edges))) * _N_BIN
        bins = scaled.astype(np.intp)
        rows = np.arange(len(self._edges))
        low, high = self._edges[rows, bins], self._edges[rows, bins + 1]
        points = low + (scaled - bins) * (high - low)
        return points, np.prod((high - low) * _N_BIN, axis=1), bins

    def refine(self, bins: NDArray[np.intp], weights: Floats) -> None:
        """Moves the edges to where the squares of the weights are."""
        squares = weights**2
        if not squares.any():
            return
        for row in range(len(self._edges)):
            found = np.asarray(np.bincount(bins[:, row], squares, _N_BIN), dtype=np.float64)
            self._edges[row] = _refined(self._edges[row], found)


def _refined(edges: Floats, squares: Floats) -> Floats:
    padded = np.pad(squares, 1, mode="edge")
    share = padded[:-2] + 6.0 * padded[1:-1] + padded[2:]
    share = np.clip(share / share.sum(), 1e-12, 1.0 - 1e-12)
    importance = ((share - 1.0) / np.log(share)) ** _DAMPING
    cumulative = np.concatenate(([0.0], np.cumsum(importance)))
    moved = np.interp(np.linspace(0.0, cumulative[-1], len(edges)), cumulative, edges)
    moved[0], moved[-1] = 0.0, 1.0
    return np.asarray(moved)
