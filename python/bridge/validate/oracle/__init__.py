"""A process directory's own Fortran matrix elements, to compare the engine with."""

from bridge.validate.oracle.library import Events, Library, Matrix, Sums, Terms
from bridge.validate.oracle.workspace import OracleError, Workspace

__all__ = ["Events", "Library", "Matrix", "OracleError", "Sums", "Terms", "Workspace"]
