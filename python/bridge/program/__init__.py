"""From a Process to the Program the engine runs: recognises structures, merges, emits."""

from bridge.program.build import best_program, build
from bridge.program.structures import UnknownStructure

__all__ = ["UnknownStructure", "best_program", "build"]
