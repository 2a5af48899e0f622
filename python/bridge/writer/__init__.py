"""Process directories of our own, and Fortran from a `Process` in the dialect that `bridge.madevent` reads."""

from __future__ import annotations

from bridge.writer.directory import new

__all__ = ["new"]
