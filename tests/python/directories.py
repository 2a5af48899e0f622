"""Process directories of our own that several tests use: g g > t t~ and e+ e- > mu+ mu- at 500 GeV."""

from __future__ import annotations

import gzip
import os
import subprocess
from pathlib import Path

import bridge
from bridge.writer.matrix import Dialect

DIALECTS: tuple[Dialect, ...] = ("scalar", "vector")
SQRT_S = 500.0
N_EVENT = 200
#: fixed alpha_s and no cuts, so that cross-sections are those of formulas
SETTINGS = {"nevents": N_EVENT, "iseed": 7, "fixed_ren_scale": True, "ptl": 0.0, "etal": -1.0, "drll": 0.0}
FOLDERS = ("P1_gg_ttx", "P2_epem_mupmum")


def small_directory(root: Path, dialect: Dialect = "scalar") -> Path:
    """A directory in which nothing has been compiled."""
    text = "g g > t t~ @1; add process e+ e- > mu+ mu- @2"
    return bridge.new(text, root, dialect=dialect, fixed_energy=SQRT_S, settings=SETTINGS)


def generate(root: Path, run: str = "run_01", **environment: str) -> str:
    """Runs generate_events; returns the text of the event file."""
    done = subprocess.run(
        [root / "bin/generate_events", run],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return events_of(root, run)


def events_of(root: Path, run: str = "run_01") -> str:
    """The text of the event file."""
    with gzip.open(root / "Events" / run / "unweighted_events.lhe.gz", "rt") as events:
        return events.read()
