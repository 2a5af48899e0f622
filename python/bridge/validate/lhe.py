"""Momenta of a directory's own events: points as its sampling really makes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge import lhe
from bridge.madevent import ReadError
from bridge.validate import rambo

_FILES = ("unweighted_events.lhe.gz", "unweighted_events.lhe")


@dataclass(frozen=True, slots=True, eq=False)
class ExternalLegs:
    """One event: PDG codes and momenta (n_leg, 4), (E, px, py, pz), GeV, laboratory frame."""

    pdg_ids: tuple[int, ...]
    momenta: NDArray[np.float64]


def newest_event_file(directory: Path) -> Path | None:
    """The last run's unweighted events, None if there are none."""
    found = [path for name in _FILES for path in directory.glob(f"Events/*/{name}")]
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def read_events(path: Path, limit: int) -> Iterator[ExternalLegs]:
    """The first `limit` events; intermediate particles are left out. ReadError: a damaged file."""
    try:
        with lhe.read(path) as events:
            for event in islice(events, limit):
                external = event.particles[np.abs(event.particles["status"]) == 1]
                yield ExternalLegs(tuple(external["pdg_id"].tolist()), external["momentum"])
    except lhe.LheError as error:
        raise ReadError(error.reason, error.file, error.line) from error


def momenta_of(
    directory: Path,
    flavours: Sequence[Sequence[int]],
    masses: Sequence[float],
    n_incoming: int,
    limit: int,
) -> NDArray[np.float64] | None:
    """Momenta of the events whose particles are one of `flavours`, in that order.

    float64 (n_event, n_leg, 4), GeV, in the rest frame of the total; None if there are
    none. The file's rounding (11 digits) is undone: legs are put on their mass shells and
    momentum is conserved, as in the running program.
    """
    path = newest_event_file(directory)
    if path is None:
        return None
    wanted = {tuple(flavour) for flavour in flavours}
    found = [event.momenta for event in read_events(path, 20 * limit) if event.pdg_ids in wanted]
    if not found:
        return None
    final = rambo.at_rest(np.array(found[:limit])[:, n_incoming:], masses[n_incoming:])
    incoming = rambo.initial_state(masses[:n_incoming], final[..., 0].sum(axis=1))
    return np.concatenate((incoming, final), axis=1)
