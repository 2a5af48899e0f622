"""Parton densities of grids in LHAPDF's format, and alpha_s(Q).

>>> from bridge.pdf import AlphaS, PartonDensity, find_grid
>>> density = PartonDensity.from_file(find_grid())       # or find_grid("NNPDF31_nnlo_as_0118")
>>> density.xf(21, x, q)                                 # x f(x, Q^2) of the gluon; q in GeV
>>> AlphaS(0.118)(q)
"""

from __future__ import annotations

from bridge.pdf.alpha_s import AlphaS
from bridge.pdf.density import PartonDensity
from bridge.pdf.find import DEFAULT_SET, find_grid
from bridge.pdf.grid import GridError

__all__ = ["DEFAULT_SET", "AlphaS", "GridError", "PartonDensity", "find_grid"]
