"""What `bridge.generate` returns, and how it becomes a Les Houches event file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from os import PathLike
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from bridge import lhe

#: IDWTUP: events carry a weight in pb, perhaps negative, whose mean is the cross-section (hep-ph/0109068)
_WEIGHT_STRATEGY = -4


@dataclass(frozen=True, slots=True)
class SubprocessResult:
    """One matrix element: `cross_section`, `error` and `max_weight` in pb, for all its flavours together.

    `max_weight` is the largest maximum of its integration channels. `n_point` phase-space points were used, of
    which the matrix element was not finite for `n_non_finite` (they count as 0).
    """

    name: str
    flavours: tuple[tuple[int, ...], ...]
    cross_section: float
    error: float
    max_weight: float
    n_point: int
    n_non_finite: int


@dataclass(frozen=True, slots=True, eq=False)
class GeneratedSample:
    """Unweighted events and their cross-section.

    `cross_section`, `error`: pb, the sum over all subprocesses, its statistical error.
    `momenta`: float64 (n_event, n_leg, 4), (E, px, py, pz), GeV, laboratory frame (the centre of mass of the
    beams), incoming first.
    `pdg_id`: int64 (n_event, n_leg). `color`: int32 (n_event, n_leg, 2), ICOLUP. `helicity`: int32
    (n_event, n_leg). `mass`: float64 (n_event, n_leg), GeV. `process_id`: int32 (n_event,), from 1, an entry
    of `subprocesses`. `weight`: float64 (n_event,), pb; the same for all events, but for the sign of
    interferences and events above the recorded maximum, which keep their excess. Its mean is `cross_section`.
    `n_overweight`: events above the maximum; `overweight_fraction`: share of the sum of weights that is
    their excess. `efficiency`: events for each point tried. `scale`: SCALUP, GeV, and `alpha_s`: float64
    (n_event,). `beam_pdg_id`, `beam_energy` (GeV), `lhapdf_id` (0: none): of both beams.
    """

    process: str
    sqrt_s: float
    seed: int
    cross_section: float
    error: float
    subprocesses: tuple[SubprocessResult, ...]
    momenta: NDArray[np.float64]
    pdg_id: NDArray[np.int64]
    color: NDArray[np.int32]
    helicity: NDArray[np.int32]
    mass: NDArray[np.float64]
    process_id: NDArray[np.int32]
    weight: NDArray[np.float64]
    n_overweight: int
    overweight_fraction: float
    efficiency: float
    scale: NDArray[np.float64]
    alpha_em: float
    alpha_s: NDArray[np.float64]
    beam_pdg_id: tuple[int, int]
    beam_energy: tuple[float, float]
    lhapdf_id: int

    @property
    def n_event(self) -> int:
        """Number of events."""
        return len(self.weight)

    @property
    def init(self) -> lhe.Init:
        """The block `<init>`."""
        largest = float(np.abs(self.weight).max(initial=0.0))
        lines = tuple(
            lhe.Subprocess(item.cross_section, item.error, largest, number)
            for number, item in enumerate(self.subprocesses, 1)
        )
        pdf_set = (self.lhapdf_id, self.lhapdf_id)
        return lhe.Init(self.beam_pdg_id, self.beam_energy, (0, 0), pdf_set, _WEIGHT_STRATEGY, lines)

    def events(self) -> Iterator[lhe.Event]:
        """The events, for `bridge.lhe`: outgoing particles have both incoming ones as mothers."""
        n_leg = self.pdg_id.shape[1]
        status = np.where(np.arange(n_leg) < 2, -1, 1)
        mother = np.where(status[:, None] < 0, 0, [[1, 2]])
        legs = (self.pdg_id, status, mother, self.color, self.momenta, self.mass, self.helicity)
        particles = lhe.make_particles(*legs)
        for number in range(self.n_event):
            yield lhe.Event(
                int(self.process_id[number]),
                float(self.weight[number]),
                float(self.scale[number]),
                self.alpha_em,
                float(self.alpha_s[number]),
                particles[number],
            )

    def write(self, path: str | PathLike[str]) -> None:
        """Writes a Les Houches event file, gzip if the name ends in `.gz`: a whole one or none."""
        with lhe.write(path, self.init, self._header()) as out:
            for event in self.events():
                out.write(event)

    def _header(self) -> str:
        text = escape(f"process {self.process}\nsqrt_s {self.sqrt_s!r}\nseed {self.seed}\n")
        block = f"<mebridge>\n{text}</mebridge>\n</header>"
        return lhe.HEADER.replace("</header>", block)
