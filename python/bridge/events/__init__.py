"""Unweighted events in Python, of protons or at a fixed partonic or leptonic energy.

>>> import bridge
>>> sample = bridge.generate("e+ e- > mu+ mu-", sqrt_s=500.0, n_event=1000, seed=1, output="events.lhe.gz")
>>> sample.cross_section, sample.error                          # pb
>>> sample.momenta                                              # (n_event, n_leg, 4), (E, px, py, pz), GeV
"""

from __future__ import annotations

from bridge.events.cuts import Cuts
from bridge.events.run import generate
from bridge.events.sample import GeneratedSample, SubprocessResult
from bridge.events.scale import CHOICES as SCALES

__all__ = ["SCALES", "Cuts", "GeneratedSample", "SubprocessResult", "generate"]
