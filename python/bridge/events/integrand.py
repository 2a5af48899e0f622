"""Points of one matrix element: momenta, weights in pb, chosen flavours, helicities and colour flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.engine import Engine
from bridge.events import hadrons, phase_space
from bridge.events import scale as scales
from bridge.events.cuts import Cuts, least_mass, legs_to_cut, passes
from bridge.events.grid import Grid
from bridge.events.hadrons import HadronBeams
from bridge.events.running import RunningCouplings
from bridge.exceptions import InternalError
from bridge.generator import Generated
from bridge.pdf import AlphaS

Floats = NDArray[np.float64]
Integers = NDArray[np.int32]
Values = Mapping[str, float | complex]

#: (hbar c)^2 in pb GeV^2: 0.3893793721... GeV^2 mbarn, exact in the SI of 2019 (PDG, "Physical constants")
GEV2_PB = 0.3893793721e9


@dataclass(frozen=True, slots=True)
class Setting:
    """What all matrix elements of a run share.

    `sqrt_s`: GeV. `beams`: None at fixed partonic energy. `scale`: of alpha_s; `factorization_scale`: of the
    densities and SCALUP.
    """

    sqrt_s: float
    cuts: Cuts
    scale: scales.Scale
    factorization_scale: scales.Scale
    alpha_s: AlphaS
    beams: HadronBeams | None = None


@dataclass(frozen=True, slots=True)
class Points:
    """Points with a cross-section: arrays over n_point.

    `momenta`: (n_point, n_leg, 4), GeV, laboratory frame. `flavour`: index in `Generated.flavours`.
    `helicity` and `color_flow`: from 1. `scale`: factorisation scale, GeV. `alpha_s`: used.
    """

    momenta: Floats
    flavour: Integers
    helicity: Integers
    color_flow: Integers
    scale: Floats
    alpha_s: Floats

    def __len__(self) -> int:
        return len(self.scale)

    def __getitem__(self, index: NDArray[np.intp]) -> Points:
        return Points(*(getattr(self, name)[index] for name in self.__slots__))

    @classmethod
    def join(cls, parts: Sequence[Points]) -> Points:
        """All of them, one after the other; at least one."""
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in cls.__slots__))


@dataclass(frozen=True, slots=True)
class Batch:
    """Points that pass the cuts, and the weights of all that were drawn.

    `weight`: float64 (n_point,), pb, 0 outside the cuts; `bins`: (n_point, n_dimension) of the grid.
    `index` of `points` in these.
    """

    weight: Floats
    bins: NDArray[np.intp]
    index: NDArray[np.intp]
    points: Points
    n_non_finite: int


class Integrand:
    """d(sigma) = |M|^2 dPhi / (2 sqrt(lambda(s, m_a^2, m_b^2))), for all flavours with this |M|^2.

    `diagram`: the channel whose share of it is meant, 0 for all; `mapping`: its phase space.
    """

    def __init__(
        self,
        made: Generated,
        engine: Engine,
        values: Values,
        setting: Setting,
        diagram: int = 0,
        mapping: phase_space.Mapping | None = None,
    ) -> None:
        self.made = made
        self._diagram = diagram
        self.masses = leg_masses(made, values)
        self._engine = engine
        self._setting = setting
        self._beams = setting.beams
        self._legs = legs_to_cut(made.flavours[0], self.masses, 2)
        self._least = least_mass(setting.cuts, self.masses, self._legs)
        colors = {abs(particle.pdg_id): abs(particle.color) for particle in made.model.particles}
        final = [abs(pdg_id) for pdg_id in made.flavours[0][2:]]
        self._colorless = tuple(leg for leg, pdg_id in enumerate(final, 2) if colors[pdg_id] == 1)
        self._couplings = RunningCouplings(engine.program.running_couplings, made.model, values)
        self._mapping = phase_space.chain(self.masses[2:]) if mapping is None else mapping
        n_beam = hadrons.N_DIMENSION if self._beams else 0
        self.grid = Grid(n_beam + phase_space.n_dimension(len(self.masses) - 2))

    def draw(self, rng: np.random.Generator, n_point: int) -> Batch:
        """Points of the present grid."""
        x, inverse_density, bins = self.grid.draw(rng, n_point)
        momenta, laboratory, fraction, volume = self._kinematics(x)
        index = np.flatnonzero(passes(self._setting.cuts, laboratory, self._legs))
        setting, laboratory = self._setting, laboratory[index]
        scale = scales.evaluate(setting.factorization_scale, laboratory, self._colorless)
        alpha_s = setting.alpha_s(scales.evaluate(setting.scale, laboratory, self._colorless))
        flavour, density = self._flavours(rng, None if fraction is None else fraction[index], scale)
        result = self._engine.evaluate(
            np.ascontiguousarray(momenta[index]),
            running_couplings=self._couplings(alpha_s),
            channel=self._diagram,
            random_helicity=rng.random(len(index)),
            random_color=rng.random(len(index)),
            outputs=("matrix_element", "helicity", "color_flow", "flag"),
        )
        matrix_element, flag = result.matrix_element, result.flag
        if matrix_element is None or flag is None or result.helicity is None or result.color_flow is None:
            raise InternalError("the engine left out what was asked for")
        weight = np.zeros(n_point)
        weight[index] = GEV2_PB * density * matrix_element * (volume * inverse_density)[index]
        points = Points(laboratory, flavour, result.helicity, result.color_flow, scale, alpha_s)
        return Batch(weight, bins, index, points, int((flag != 0).sum()))

    def _kinematics(self, x: Floats) -> tuple[Floats, Floats, Floats | None, Floats]:
        """Momenta in the rest frame and in the laboratory, momentum fractions, dPhi / flux / dx."""
        sqrt_s: Floats = np.full(len(x), self._setting.sqrt_s)
        volume: Floats = np.ones(len(x))
        fraction = None
        if self._beams:
            n_beam = hadrons.N_DIMENSION
            fraction, volume = self._beams.fractions(x[:, :n_beam], self._least or self._beams.density.q_range[0])
            sqrt_s, x = sqrt_s * np.sqrt(fraction.prod(axis=1)), x[:, n_beam:]
        momenta = np.empty((len(x), len(self.masses), 4))
        momenta[:, :2] = phase_space.beams(self.masses[:2], sqrt_s)
        volume = volume * phase_space.fill(momenta, x, self._mapping, sqrt_s)
        volume /= 2.0 * np.sqrt(phase_space.kallen(sqrt_s**2, self.masses[0] ** 2, self.masses[1] ** 2))
        if fraction is None:
            return momenta, momenta, None, volume
        laboratory = phase_space.to_laboratory(momenta, fraction, self._setting.sqrt_s / 2.0)
        return momenta, laboratory, fraction, volume

    def _flavours(self, rng: np.random.Generator, fraction: Floats | None, scale: Floats) -> tuple[Integers, Floats]:
        """One flavour for each point, and what its weight is to be multiplied with for their sum."""
        n_flavour = len(self.made.flavours)
        if self._beams is None or fraction is None:
            return rng.integers(n_flavour, size=len(scale), dtype=np.int32), np.full(len(scale), float(n_flavour))
        density = self._beams.luminosities(self.made.flavours, fraction, scale)
        # densities may be negative: chosen by size, the sign stays
        cumulative = np.cumsum(np.abs(density), axis=0)
        chosen = (cumulative < rng.random(len(scale)) * cumulative[-1]).sum(axis=0).astype(np.int32)
        return chosen, cumulative[-1] * np.sign(density[chosen, np.arange(len(scale))])


def leg_masses(made: Generated, values: Values) -> tuple[float, ...]:
    """Mass of each leg, GeV."""
    return tuple(abs(complex(values[leg.mass]).real) if leg.mass else 0.0 for leg in made.process.legs)
