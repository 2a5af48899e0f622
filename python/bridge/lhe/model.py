"""What a Les Houches event file holds (hep-ph/0609017), in the project's order and units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.exceptions import ArgumentError

PARTICLE = np.dtype(
    [
        ("pdg_id", np.int64),
        ("status", np.int32),  # -1 incoming, 1 outgoing, 2 intermediate
        ("mother", np.int32, (2,)),  # first and last, from 1; 0: none
        ("color", np.int32, (2,)),  # colour line and anticolour line, 0: none
        ("momentum", np.float64, (4,)),  # (E, px, py, pz), GeV
        ("mass", np.float64),  # GeV, negative for spacelike
        ("lifetime", np.float64),  # invariant, mm
        ("helicity", np.float64),  # SPINUP; 9: unknown or summed over
    ]
)
"""One particle. The file has (px, py, pz, E); here the energy is first, as everywhere in mebridge."""


@dataclass(frozen=True, slots=True)
class Subprocess:
    """One line of `<init>`: cross-section, its error and the largest weight in pb, LPRUP."""

    cross_section: float
    error: float
    max_weight: float
    process_id: int


@dataclass(frozen=True, slots=True)
class Init:
    """The block `<init>`.

    `beam_pdg_id`, `beam_energy` (GeV), `pdf_group` and `pdf_set` are one for each beam;
    `weight_strategy` is IDWTUP; `extra` are the lines after the subprocesses, verbatim.
    """

    beam_pdg_id: tuple[int, int]
    beam_energy: tuple[float, float]
    pdf_group: tuple[int, int]
    pdf_set: tuple[int, int]
    weight_strategy: int
    subprocesses: tuple[Subprocess, ...]
    extra: str = ""

    @property
    def cross_section(self) -> float:
        """Sum over the subprocesses, pb."""
        return sum(subprocess.cross_section for subprocess in self.subprocesses)


@dataclass(frozen=True, slots=True, eq=False)
class Event:
    """One event.

    `process_id` is IDPRUP, `weight` XWGTUP (pb, or as `weight_strategy` says), `scale` SCALUP (GeV).
    `particles` has dtype PARTICLE, shape (n_particle,), and is read-only when it comes from a file.
    Verbatim text: `extra`, all between the last particle and `</event>` (`<mgrwt>`, `<rwgt>`,
    `<clustering>`, comments); `attributes` of the tag `<event ...>` with the space before them;
    `before`, what precedes the tag (indentation, comments, `<eventgroup>`).
    """

    process_id: int
    weight: float
    scale: float
    alpha_em: float
    alpha_s: float
    particles: NDArray[np.void]
    extra: str = ""
    attributes: str = ""
    before: str = ""

    @property
    def momenta(self) -> NDArray[np.float64]:
        """float64 (n_particle, 4), (E, px, py, pz), GeV, laboratory frame."""
        momenta: NDArray[np.float64] = self.particles["momentum"]
        return momenta


def make_particles(
    pdg_id: ArrayLike,
    status: ArrayLike,
    mother: ArrayLike,
    color: ArrayLike,
    momentum: ArrayLike,
    mass: ArrayLike,
    helicity: ArrayLike = 9.0,
    lifetime: ArrayLike = 0.0,
) -> NDArray[np.void]:
    """Particles of one event, or of many.

    `momentum` is (..., n_particle, 4), (E, px, py, pz), GeV; `mother` and `color` are
    (..., n_particle, 2), the others (..., n_particle); all are broadcast to `momentum`.
    Returns dtype PARTICLE, shape (..., n_particle).
    """
    momenta = np.asarray(momentum, dtype=np.float64)
    if momenta.ndim < 2 or momenta.shape[-1] != 4:
        raise ArgumentError(f"momentum: expected shape (..., n_particle, 4), got {momenta.shape}")
    particles = np.empty(momenta.shape[:-1], dtype=PARTICLE)
    particles["momentum"] = momenta
    given = {"pdg_id": pdg_id, "status": status, "mother": mother, "color": color}
    for name, values in {**given, "mass": mass, "helicity": helicity, "lifetime": lifetime}.items():
        try:
            particles[name] = values
        except ValueError as error:
            raise ArgumentError(f"{name}: {error}") from None
    return particles
