"""A model of particle physics, as data: what a UFO folder holds, without its Python.

Every particle counts as incoming at a vertex, and vertices list their legs in the order of
their Lorentz structures: an annihilated fermion first (HELAS I), the created one next (O),
then vectors, then scalars. The value of a vertex is i times the Lagrangian,
`coupling * structure * colour`, where momenta flow out of the vertex, as in the momentum
rows of HELAS waves. For a UFO model, whose momenta flow in, structures odd in the momenta
change their sign, as ALOHA does.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field

from bridge.generator.error import GeneratorError
from bridge.generator.structures import STRUCTURES, ParticleSpin, Structure


@dataclass(frozen=True, slots=True)
class Particle:
    """`color`: 1, 3, -3 or 8. `charge3`: three times the electric charge. `line`: +1 if it is a
    fermion, -1 an antifermion, else 0."""

    name: str
    anti_name: str
    pdg_id: int
    spin: ParticleSpin
    color: int
    mass: str | None
    width: str | None
    charge3: int
    line: int

    @property
    def is_self_conjugate(self) -> bool:
        return self.name == self.anti_name

    def anti(self) -> Particle:
        """The antiparticle; a self-conjugate particle is its own."""
        if self.is_self_conjugate:
            return self
        color = -self.color if abs(self.color) == 3 else self.color
        return Particle(
            self.anti_name,
            self.name,
            -self.pdg_id,
            self.spin,
            color,
            self.mass,
            self.width,
            -self.charge3,
            -self.line,
        )


@dataclass(frozen=True, slots=True)
class CardParameter:
    """An external parameter: entry of an SLHA card, and its value where the card has none."""

    name: str
    block: str
    code: tuple[int, ...]
    default: float


@dataclass(frozen=True, slots=True)
class Formula:
    """An internal parameter or coupling: `text` is an expression in earlier names."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Coupling:
    """`orders`: powers of the coupling constants, such as {"QCD": 1}."""

    formula: Formula
    orders: Mapping[str, int]

    @property
    def name(self) -> str:
        return self.formula.name


@dataclass(frozen=True, slots=True)
class Vertex:
    """`colors[i]` (text: T, f, d, Identity over legs from 1) times `structures[j]` (a key of
    `Model.structures`) has coupling `couplings[i, j]`."""

    particles: tuple[str, ...]
    colors: tuple[str, ...]
    structures: tuple[str, ...]
    couplings: Mapping[tuple[int, int], str]


@dataclass(frozen=True)
class Model:
    """Particles (antiparticles are implied), parameters, couplings, vertices.

    `hierarchy`: weight of each order in WEIGHTED. `multiparticles`: labels for users.
    `alpha_s`: name of the parameter whose value changes event by event.
    """

    name: str
    particles: tuple[Particle, ...]
    card_parameters: tuple[CardParameter, ...]
    formulas: tuple[Formula, ...]
    couplings: tuple[Coupling, ...]
    vertices: tuple[Vertex, ...]
    hierarchy: Mapping[str, int]
    multiparticles: Mapping[str, tuple[str, ...]]
    alpha_s: str
    #: largest power of an order in an amplitude, where a model has one (effective theories)
    order_limits: Mapping[str, int] = field(default_factory=dict)
    structures: Mapping[str, Structure] = field(default_factory=lambda: STRUCTURES)

    @functools.cached_property
    def by_name(self) -> Mapping[str, Particle]:
        """Particles and antiparticles."""
        found = {p.name: p for p in self.particles}
        found.update({p.anti_name: p.anti() for p in self.particles if not p.is_self_conjugate})
        return found

    @functools.cached_property
    def coupling(self) -> Mapping[str, Coupling]:
        """Couplings by name."""
        return {c.name: c for c in self.couplings}

    def particle(self, name: str) -> Particle:
        """By name, in any case where that is unique; raises GeneratorError."""
        if name in self.by_name:
            return self.by_name[name]
        alike = [p for own, p in self.by_name.items() if own.lower() == name.lower()]
        if len(alike) == 1:
            return alike[0]
        raise GeneratorError(f"unknown particle {name!r} in model {self.name}")
