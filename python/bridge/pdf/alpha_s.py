"""alpha_s(Q) with one or two loops, continuous at flavour thresholds: docs/pdf.md."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.exceptions import ArgumentError

Floats = NDArray[np.float64]

_ACCURACY = 1e-14
_MAX_STEP = 50


@dataclass(frozen=True, slots=True)
class AlphaS:
    """alpha_s(Q), from its `value` at the scale `reference` (GeV; M_Z).

    `n_loop`: 0 (constant), 1 or 2. `charm`, `bottom`: scales above which there are 4 and 5 flavours, GeV;
    `reference` is above them.
    """

    value: float
    reference: float = 91.188
    n_loop: int = 2
    charm: float = 1.42
    bottom: float = 4.7

    def __post_init__(self) -> None:
        if not (math.isfinite(self.value) and self.value > 0.0):
            raise ArgumentError(f"value: alpha_s must be positive, got {self.value!r}")
        if self.n_loop not in (0, 1, 2):
            raise ArgumentError(f"n_loop: expected 0, 1 or 2, got {self.n_loop!r}")
        if not 0.0 < self.charm <= self.bottom <= self.reference < math.inf:
            raise ArgumentError("charm, bottom, reference: expected 0 < charm <= bottom <= reference, in GeV")

    def __call__(self, q: ArrayLike) -> Floats:
        """alpha_s, float64 of the shape of `q` (GeV). Raises ArgumentError at and below the Landau pole."""
        scale = np.asarray(q, dtype=np.float64)
        if not (np.isfinite(scale) & (scale > 0.0)).all():
            raise ArgumentError("q: expected positive, finite numbers of GeV")
        if self.n_loop == 0:
            return np.full(scale.shape, self.value)
        at_bottom = self._run(self.value, self.reference, np.float64(self.bottom), 5)
        at_charm = self._run(at_bottom, self.bottom, np.float64(self.charm), 4)
        result = np.empty(scale.shape)
        regions = (
            (scale >= self.bottom, 5, self.value, self.reference),
            ((scale < self.bottom) & (scale >= self.charm), 4, at_bottom, self.bottom),
            (scale < self.charm, 3, at_charm, self.charm),
        )
        for mine, n_flavor, start, start_scale in regions:
            result[mine] = self._run(start, start_scale, scale[mine], n_flavor)
        return result

    def _run(self, start: Floats | float, start_scale: float, q: Floats | np.float64, n_flavor: int) -> Floats:
        b0 = (33 - 2 * n_flavor) / (12 * math.pi)
        c = (153 - 19 * n_flavor) / (24 * math.pi**2) / b0 if self.n_loop == 2 else 0.0
        y = 1.0 / np.asarray(start, dtype=np.float64)
        target = _invariant(y, c) + 2.0 * b0 * np.log(q / start_scale)
        if not (target > 0.0).all():
            raise ArgumentError(f"scale: alpha_s has no value at {float(np.min(q))} GeV, at or below its Landau pole")
        return np.asarray(1.0 / (_solve(np.broadcast_to(y, target.shape), target, c) if c else target))


def _invariant(y: Floats, c: float) -> Floats:
    """G of 1 / alpha_s, which is linear in ln Q^2."""
    return np.asarray(y - c * np.log1p(y / c) if c else y)


def _solve(y: Floats, target: Floats, c: float) -> Floats:
    """Newton's method; G is convex and rises."""
    for _ in range(_MAX_STEP):
        step = (_invariant(y, c) - target) * (y + c) / y
        y = np.asarray(y - step)
        if (np.abs(step) <= _ACCURACY * y).all():
            break
    return y
