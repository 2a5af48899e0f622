"""From a Process to the Program the engine runs: recognises structures, merges, emits."""

from bridge.program.build import best_program, build, load
from bridge.program.plugin import PluginError, prepare_plugin
from bridge.program.structures import UnknownStructure

__all__ = ["PluginError", "UnknownStructure", "best_program", "build", "load", "prepare_plugin"]
