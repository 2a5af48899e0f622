"""From weighted points to events: a survey of each matrix element, then selection among all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bridge.events import phase_space
from bridge.events.integrand import Integrand
from bridge.exceptions import ArgumentError, InternalError

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]

_N_ITERATION = 8
_ADAPTATION = 0.25  # of the survey's points, in each iteration
_N_TRIAL = 4  # iterations for each chain of decays
_N_ORDERED = 3  # final particles: with more of them there are too many chains to try
_BATCH = 1 << 15
#: tries after which no event is expected any more
_MAX_TRY = 2_000_000_000


@dataclass(slots=True)
class Channel:
    """A matrix element, the sums of its weights on the frozen grid, and its maximum, pb."""

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
    """Accepted points. `channel`: which matrix element, from 0; `factor`: +-1, or w / maximum beyond."""

    channel: Integers
    momenta: Floats
    helicity: Integers
    color_flow: Integers
    factor: Floats
    n_try: int


def survey(integrand: Integrand, rng: np.random.Generator, n_point: int, max_overweight: float) -> Channel:
    """Chooses the chain of decays, adapts the grid, freezes it, and finds the maximum."""
    n_adapt = max(int(_ADAPTATION * n_point), 1)
    n_final = len(integrand.masses) - 2
    if n_final == _N_ORDERED:
        orders = phase_space.orders(n_final)
        integrand.set_order(min(orders, key=lambda order: _trial(integrand, rng, n_adapt, order)))
    _adapt(integrand, rng, n_adapt, _N_ITERATION)
    channel = Channel(integrand)
    weights = []
    for start in range(0, n_point, _BATCH):
        batch = integrand.draw(rng, min(_BATCH, n_point - start))
        channel.add(batch.weight, batch.n_non_finite)
        weights.append(np.abs(batch.weight))
    channel.max_weight = maximum(np.concatenate(weights), max_overweight)
    return channel


def _trial(integrand: Integrand, rng: np.random.Generator, n_point: int, order: tuple[int, ...]) -> float:
    """Mean square weight of a chain of decays after a short adaptation."""
    integrand.set_order(order)
    return _adapt(integrand, rng, n_point, _N_TRIAL)


def _adapt(integrand: Integrand, rng: np.random.Generator, n_point: int, n_iteration: int) -> float:
    """Refines the grid; returns the last mean square weight, or inf where no point passed."""
    square = 0.0
    for _ in range(n_iteration):
        batch = integrand.draw(rng, n_point)
        integrand.grid.refine(batch.bins, batch.weight)
        square = float((batch.weight**2).mean())
    return square or float("inf")


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
    n_leg = len(channels[0].integrand.masses)
    return _join(parts, np.arange(n_event)) if parts else _nothing(n_leg)


def _accept(number: int, channel: Channel, rng: np.random.Generator, n_try: int) -> Selected:
    batch = channel.integrand.draw(rng, n_try)
    channel.add(batch.weight, batch.n_non_finite)
    ratio = batch.weight[batch.index] / channel.max_weight
    chosen = np.flatnonzero(rng.random(len(ratio)) < np.abs(ratio))
    if (batch.helicity[chosen] < 1).any() or (batch.color_flow[chosen] < 1).any():
        raise InternalError("an event with a cross-section has no helicity or colour flow")
    return Selected(
        np.full(len(chosen), number, dtype=np.int32),
        batch.momenta[chosen],
        batch.helicity[chosen],
        batch.color_flow[chosen],
        np.sign(ratio[chosen]) * np.maximum(np.abs(ratio[chosen]), 1.0),
        n_try,
    )


def _join(parts: Sequence[Selected], order: NDArray[np.intp]) -> Selected:
    return Selected(
        np.concatenate([part.channel for part in parts])[order],
        np.concatenate([part.momenta for part in parts])[order],
        np.concatenate([part.helicity for part in parts])[order],
        np.concatenate([part.color_flow for part in parts])[order],
        np.concatenate([part.factor for part in parts])[order],
        sum(part.n_try for part in parts),
    )


def _nothing(n_leg: int) -> Selected:
    none = np.zeros(0, dtype=np.int32)
    return Selected(none, np.zeros((0, n_leg, 4)), none, none, np.zeros(0), 0)
