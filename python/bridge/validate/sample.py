"""The inputs of a comparison: points, couplings, channels, random numbers."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.process import Process
from bridge.validate import lhe, rambo
from bridge.validate.oracle import Events

#: range of alpha_s, event by event: what hadron colliders see
_ALPHA_S = (0.09, 0.14)
#: part of the events without multichannel weight
_PLAIN = 0.1


def _channels(process: Process, n_event: int, rng: np.random.Generator) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Config (from 1) and diagram of each event; diagram 0: no multichannel weight."""
    diagrams = np.array(process.config_diagrams, dtype=np.int32)
    configs = np.flatnonzero(diagrams) + 1
    if configs.size == 0:
        return np.ones(n_event, dtype=np.int32), np.zeros(n_event, dtype=np.int32)
    config = rng.choice(configs, n_event).astype(np.int32)
    diagram = diagrams[config - 1]
    diagram[rng.random(n_event) < _PLAIN] = 0
    return config, diagram


def _points(
    directory: Path,
    process: Process,
    flavours: Sequence[Sequence[int]],
    masses: Sequence[float],
    n_event: int,
    seed: int,
) -> NDArray[np.float64]:
    n_incoming = sum(leg.incoming for leg in process.legs)
    own = lhe.momenta_of(directory, flavours, masses, n_incoming, n_event // 4)
    n_own = 0 if own is None else len(own)
    points = rambo.generate(masses[:n_incoming], masses[n_incoming:], n_event - n_own, seed)
    return points if own is None else np.ascontiguousarray(np.concatenate((points, own)))


def _random(n_event: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """In [0, 1), exact in single precision: some of the Fortran draws REALs."""
    return rng.random(n_event, dtype=np.float32).astype(np.float64)


def make_events(
    directory: Path,
    process: Process,
    flavours: Sequence[Sequence[int]],
    masses: Sequence[float],
    n_event: int,
    seed: int,
) -> Events:
    """`n_event` events for one subprocess; a quarter from the directory's own, if it has any.

    The same seed and subprocess give the same events.
    """
    # subprocesses get different points, whatever the order they come in
    own_seed = seed + zlib.crc32(process.name.encode())
    rng = np.random.default_rng(own_seed)
    config, diagram = _channels(process, n_event, rng)
    return Events(
        momenta=_points(directory, process, flavours, masses, n_event, own_seed),
        alpha_s=rng.uniform(*_ALPHA_S, n_event),
        diagram=diagram,
        config=config,
        random_helicity=_random(n_event, rng),
        random_color=_random(n_event, rng),
    )
