"""Compares mebridge's matrix elements with the Fortran of a MadEvent directory.

`python -m bridge.validate DIR` compiles the directory's matrix elements in a temporary
folder and evaluates the same events with both.
"""

from bridge.validate.compare import TOLERANCES, Deviation, Tolerance
from bridge.validate.directory import Comparison, Options, SubprocessReport, validate_directory
from bridge.validate.oracle import OracleError

__all__ = [
    "TOLERANCES",
    "Comparison",
    "Deviation",
    "Options",
    "OracleError",
    "SubprocessReport",
    "Tolerance",
    "validate_directory",
]
