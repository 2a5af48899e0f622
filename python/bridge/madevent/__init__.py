"""Reads MadEvent process directories."""

from bridge.madevent.directory import (
    MadEventDirectory,
    MatrixFile,
    ProcessDirectory,
    Unsupported,
    read_directory,
    unsupported,
)
from bridge.madevent.error import ReadError

__all__ = [
    "MadEventDirectory",
    "MatrixFile",
    "ProcessDirectory",
    "ReadError",
    "Unsupported",
    "read_directory",
    "unsupported",
]
