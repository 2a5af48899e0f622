"""Points of one matrix element: momenta, weights in pb, chosen helicities and colour flows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Engine
from bridge.events import phase_space
from bridge.events.cuts import Cuts, legs_to_cut, passes
from bridge.events.grid import Grid
from bridge.exceptions import InternalError
from bridge.generator import Generated

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
Values = Mapping[str, float | complex]

#: (hbar c)^2 in pb GeV^2: 0.3893793721... GeV^2 mbarn, exact in the SI of 2019 (PDG, "Physical constants")
GEV2_PB = 0.3893793721e9


@dataclass(frozen=True, slots=True)
class Batch:
    """Points that pass the cuts, and the weights of all that were drawn.

    `weight`: float64 (n_point,), pb, 0 outside the cuts; `bins`: (n_point, n_dimension) of the grid.
    For the n_kept points inside: `index` into the others, `momenta` (n_kept, n_leg, 4) in GeV,
    `helicity` and `color_flow` (n_kept,), from 1.
    """

    weight: Floats
    bins: NDArray[np.intp]
    index: NDArray[np.intp]
    momenta: Floats
    helicity: Integers
    color_flow: Integers
    n_non_finite: int


class Integrand:
    """d(sigma) = |M|^2 dPhi / (2 sqrt(lambda(s, m_a^2, m_b^2))), for all flavours with this |M|^2."""

    def __init__(self, made: Generated, engine: Engine, values: Values, sqrt_s: float, cuts: Cuts) -> None:
        self.made = made
        self.masses = leg_masses(made, values)
        self.set_order(tuple(range(len(self.masses) - 2)))
        self._engine = engine
        self._sqrt_s = sqrt_s
        self._cuts = cuts
        self._legs = legs_to_cut(made.flavours[0], self.masses, 2)
        self._beams = phase_space.beams(self.masses[:2], sqrt_s)
        flux = 2.0 * np.sqrt(float(phase_space.kallen(sqrt_s**2, self.masses[0] ** 2, self.masses[1] ** 2)))
        self._factor = GEV2_PB / flux * len(made.flavours)

    def set_order(self, order: tuple[int, ...]) -> None:
        """Chain of decays, final particles from 0, and a flat grid for it."""
        self._order = order
        self.grid = Grid(phase_space.n_dimension(len(order)))

    def draw(self, rng: np.random.Generator, n_point: int) -> Batch:
        """Points of the present grid."""
        x, inverse_density, bins = self.grid.draw(rng, n_point)
        momenta = np.empty((n_point, len(self.masses), 4))
        momenta[:, :2] = self._beams
        volume = phase_space.fill(momenta[:, 2:], x, self.masses[2:], self._sqrt_s, self._order)
        index = np.flatnonzero(passes(self._cuts, momenta, self._legs))
        kept = momenta if len(index) == n_point else momenta[index]
        result = self._engine.evaluate(
            kept,
            channel=0,
            random_helicity=rng.random(len(kept)),
            random_color=rng.random(len(kept)),
            outputs=("matrix_element", "helicity", "color_flow", "flag"),
        )
        matrix_element, flag = result.matrix_element, result.flag
        if matrix_element is None or flag is None or result.helicity is None or result.color_flow is None:
            raise InternalError("the engine left out what was asked for")
        weight = np.zeros(n_point)
        weight[index] = self._factor * matrix_element * (volume * inverse_density)[index]
        return Batch(weight, bins, index, kept, result.helicity, result.color_flow, int((flag != 0).sum()))


def leg_masses(made: Generated, values: Values) -> tuple[float, ...]:
    """Mass of each leg, GeV."""
    return tuple(abs(complex(values[leg.mass]).real) if leg.mass else 0.0 for leg in made.process.legs)
