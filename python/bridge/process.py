"""What a subprocess computes, independent of how: the reader's and generator's output.

A `Process` is the content of one MadEvent matrix file in single-assignment form:
external wave functions, off-shell currents, amplitudes, colour. It holds no
parameter values; those come from the running program or from a card.

Conventions: legs, waves, amplitudes, flows, split orders and helicity combinations count
from 0 in Python; diagrams and configs keep the Fortran's numbers, from 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from bridge.lorentz import Routine

WaveKind = Literal["I", "O", "V", "S"]


@dataclass(frozen=True, slots=True)
class Leg:
    """External leg. `mass` is the parameter's Fortran name, None when massless."""

    pdg_id: int
    incoming: bool
    mass: str | None


@dataclass(frozen=True, slots=True)
class Coupling:
    """A coupling as a routine receives it: `sign` times the parameter `name`."""

    name: str
    sign: int = 1


@dataclass(frozen=True, slots=True)
class External:
    """External wave function (HELAS IXXXXX, OXXXXX, VXXXXX, SXXXXX).

    `sign` is NSF, NSV or NSS: +1 for an outgoing particle, -1 for its antiparticle
    or an incoming boson.
    """

    kind: WaveKind
    leg: int
    mass: str | None
    sign: int


@dataclass(frozen=True, slots=True)
class Current:
    """Off-shell wave function: `routine` (a key of `Process.routines`) of other waves."""

    routine: str
    inputs: tuple[int, ...]
    couplings: tuple[Coupling, ...]
    mass: str | None
    width: str | None


@dataclass(frozen=True, slots=True)
class Amplitude:
    """Amplitude: `routine` of three or more waves."""

    routine: str
    inputs: tuple[int, ...]
    couplings: tuple[Coupling, ...]


@dataclass(frozen=True, slots=True)
class JampTerm:
    """`coefficient * amplitude` in JAMP(flow, split_order)."""

    flow: int
    split_order: int
    amplitude: int
    coefficient: complex


@dataclass(frozen=True, slots=True, eq=False)
class Process:
    """One subprocess.

    Widths named here are those of the parameters. Where `fake_widths` has one (an `FK_x` of the
    Fortran), the effective width with SMALL_WIDTH_TREATMENT is meant; Programs call it `FK_x`.
    """

    name: str
    legs: tuple[Leg, ...]
    #: int8 (n_helicity, n_leg), in the file's order
    helicities: NDArray[np.int8]
    waves: tuple[External | Current, ...]
    amplitudes: tuple[Amplitude, ...]
    routines: Mapping[str, Routine]
    #: names of couplings that change with alpha_s, event by event
    running_couplings: frozenset[str]
    n_flow: int
    n_split_order: int
    jamp: tuple[JampTerm, ...]
    #: float64 (n_flow, n_flow), symmetric, denominators divided out
    color_matrix: NDArray[np.float64]
    #: bool (n_split_order, n_split_order): squared orders that count
    chosen_orders: NDArray[np.bool_]
    #: diagram -> amplitudes whose sum, squared, is its AMP2
    amp2: Mapping[int, tuple[int, ...]]
    #: CONFSUB: config number - 1 -> diagram, 0 where the config is not of this subprocess
    config_diagrams: tuple[int, ...]
    #: bool (n_config, n_flow): ICOLAMP, flows allowed for each config
    config_flows: NDArray[np.bool_]
    #: IDEN: initial-state average times identical-particle factor
    averaging_factor: int
    #: width name -> (mass name) for widths that go through SMALL_WIDTH_TREATMENT (FK_*)
    fake_widths: Mapping[str, str]
    #: legs (of the beams) whose helicity terms carry a beam polarisation factor POL
    polarised_legs: tuple[int, ...]
    #: sha256 of the source text (comments and blanks removed) it was read from
    digest: str
