"""From weighted points to events: a survey of each matrix element, then selection among all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge.events.integrand import Integrand, Points
from bridge.exceptions import ArgumentError, InternalError

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]

_N_ITERATION = 8
_ADAPTATION = 0.25  # of the survey's points, in each iteration
_BATCH = 1 << 15
#: tries after which no event is expected any more
_MAX_TRY = 2_000_000_000


@dataclass(slots=True)
class Channel:
    """An integration channel, the sums of its weights on the frozen grid, and its maximum, pb."""

    integrand: Integrand
    max_weight: float = 0.0
    n_point: int = 0
    n_non_finite: int = 0
    _sums: Floats = field(default_factory=lambda: np.zeros(3))

    def add(self, weight: Floats, n_non_finite: int) -> None:
        """Counts points."""
        self._sums += weight.sum(), np.abs(weight).sum(), (weight**2).sum()
        self.n_point += len(weight)
        self.n_non_finite += n_non_finite

    @property
    def cross_section(self) -> float:
        """Mean weight, pb."""
        return float(self._sums[0]) / self.n_point

    @property
    def absolute(self) -> float:
        """Mean absolute weight, pb."""
        return float(self._sums[1]) / self.n_point

    @property
    def error(self) -> float:
        """Statistical error of the mean, pb."""
        variance = max(float(self._sums[2]) / self.n_point - self.cross_section**2, 0.0)
        return float(np.sqrt(variance / max(self.n_point - 1, 1)))


@dataclass(frozen=True, slots=True)
class Selected:
    """Accepted points. `channel`: which one, from 0; `factor`: +-1, or w / maximum beyond."""

    channel: Integers
    points: Points
    factor: Floats
    n_try: int


def survey(integrand: Integrand, rng: np.random.Generator, n_point: int, max_overweight: float) -> Channel:
    """Adapts the grid, freezes it, and finds the maximum."""
    _adapt(integrand, rng, max(int(_ADAPTATION * n_point), 1))
    channel = Channel(integrand)
    weights = []
    for start in range(0, n_point, _BATCH):
        batch = integrand.draw(rng, min(_BATCH, n_point - start))
        channel.add(batch.weight, batch.n_non_finite)
        weights.append(np.abs(batch.weight))
    channel.max_weight = maximum(np.concatenate(weights), max_overweight)
    return channel


def _adapt(integrand: Integrand, rng: np.random.Generator, n_point: int) -> None:
    for _ in range(_N_ITERATION):
        batch = integrand.draw(rng, n_point)
        integrand.grid.refine(batch.bins, batch.weight)


def maximum(weights: Floats, max_overweight: float) -> float:
    """The least weight W with sum of (w - W) over all w > W at most `max_overweight` of the sum of w."""
    if not len(weights):
        return 0.0
    falling = np.sort(weights)[::-1]
    above = np.arange(len(falling))
    excess = np.cumsum(falling) - falling - above * falling
    allowed = np.flatnonzero(excess <= max_overweight * falling.sum())
    return float(falling[allowed[-1]])


def select(channels: Sequence[Channel], rng: np.random.Generator, n_event: int) -> Selected:
    """`n_event` events of all channels: one is tried as often as its maximum is large."""
    largest = np.array([channel.max_weight for channel in channels])
    if not largest.sum() > 0.0:
        raise ArgumentError("cuts: no phase-space point with a cross-section passes")
    efficiency = min(sum(channel.absolute for channel in channels) / largest.sum(), 1.0)
    parts: list[Selected] = []
    n_found = n_try = 0
    while n_found < n_event:
        n_round = int(np.clip(1.05 * (n_event - n_found) / efficiency + 100, 1, _BATCH))
        counts = rng.multinomial(n_round, largest / largest.sum())
        made = [_accept(k, channels[k], rng, int(n)) for k, n in enumerate(counts) if n]
        parts.append(_join(made, rng.permutation(sum(len(part.factor) for part in made))))
        n_found += len(parts[-1].factor)
        n_try += n_round
        if n_try > _MAX_TRY:
            raise ArgumentError(f"cuts: {n_found} events in {n_try} tries: too few points pass")
    return _join(parts, np.arange(n_event)) if parts else _accept(0, channels[0], rng, 0)


def _accept(number: int, channel: Channel, rng: np.random.Generator, n_try: int) -> Selected:
    batch = channel.integrand.draw(rng, n_try)
    channel.add(batch.weight, batch.n_non_finite)
    ratio = batch.weight[batch.index] / channel.max_weight
    chosen = np.flatnonzero(rng.random(len(ratio)) < np.abs(ratio))
    points = batch.points[chosen]
    if (points.helicity < 1).any() or (points.color_flow < 1).any():
        raise InternalError("an event with a cross-section has no helicity or colour flow")
    factor = np.sign(ratio[chosen]) * np.maximum(np.abs(ratio[chosen]), 1.0)
    return Selected(np.full(len(chosen), number, dtype=np.int32), points, factor, n_try)


def _join(parts: Sequence[Selected], order: NDArray[np.intp]) -> Selected:
    return Selected(
        np.concatenate([part.channel for part in parts])[order],
        Points.join([part.points for part in parts])[order],
        np.concatenate([part.factor for part in parts])[order],
        sum(part.n_try for part in parts),
    )
