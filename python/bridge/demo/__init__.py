"""`mebridge demo`: a process made here, run in Fortran and with the engine, compared event by event."""

from __future__ import annotations

from bridge.demo.run import Demo, run

__all__ = ["Demo", "run"]
