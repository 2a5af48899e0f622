"""Les Houches event files: read, write, compare.

>>> from bridge import lhe
>>> with lhe.read("unweighted_events.lhe.gz") as events:      # plain or gzip, constant memory
...     print(events.init.cross_section, "pb")
...     for event in events:
...         event.particles["pdg_id"], event.momenta          # (E, px, py, pz), GeV
>>> lhe.compare("fortran.lhe.gz", "cuda.lhe.gz").share
"""

from __future__ import annotations

from bridge.lhe.compare import Comparison, Difference, compare
from bridge.lhe.error import LheError
from bridge.lhe.model import PARTICLE, Event, Init, Subprocess, make_particles
from bridge.lhe.reader import Reader, read
from bridge.lhe.style import EXACT, FORTRAN, MADGRAPH, STRIPPED, STYLES, Style
from bridge.lhe.writer import HEADER, Writer, write

__all__ = [
    "EXACT",
    "FORTRAN",
    "HEADER",
    "MADGRAPH",
    "PARTICLE",
    "STRIPPED",
    "STYLES",
    "Comparison",
    "Difference",
    "Event",
    "Init",
    "LheError",
    "Reader",
    "Style",
    "Subprocess",
    "Writer",
    "compare",
    "make_particles",
    "read",
    "write",
]
