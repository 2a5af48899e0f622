"""Vectorised matrix elements for existing MadEvent directories.

>>> import bridge
>>> program = bridge.Program.from_file("gg_ttx.meb")
>>> engine = bridge.Engine(program, backend="auto")
>>> engine.set_parameters(values)                       # names to values
>>> engine.evaluate(momenta).matrix_element             # momenta: (n_event, n_leg, 4), (E, px, py, pz), GeV
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from bridge.exceptions import (
    ArgumentError,
    DeviceError,
    Error,
    FileError,
    InternalError,
    OutOfMemoryError,
    ProgramError,
    StateError,
    UnsupportedError,
)

if TYPE_CHECKING:
    from bridge._core import abi_version, has_feature, modes
    from bridge.config import get_flags, get_include, get_library, get_library_dir
    from bridge.engine import Engine, Program, Result
    from bridge.events import generate
    from bridge.rambo import Points, Rambo
    from bridge.writer import new

try:
    __version__ = version("mebridge")
except PackageNotFoundError:  # run from a source folder
    __version__ = "0+unknown"

__all__ = [
    "ArgumentError",
    "DeviceError",
    "Engine",
    "Error",
    "FileError",
    "InternalError",
    "OutOfMemoryError",
    "Points",
    "Program",
    "ProgramError",
    "Rambo",
    "Result",
    "StateError",
    "UnsupportedError",
    "__version__",
    "abi_version",
    "generate",
    "get_flags",
    "get_include",
    "get_library",
    "get_library_dir",
    "has_feature",
    "modes",
    "new",
]

# Where names live that need the compiled engine. They are loaded when first used, so that
# directories can be read, restored and reported on where the engine cannot be loaded.
_LAZY = {
    "Engine": "bridge.engine",
    "Points": "bridge.rambo",
    "Program": "bridge.engine",
    "Rambo": "bridge.rambo",
    "Result": "bridge.engine",
    "abi_version": "bridge._core",
    "generate": "bridge.events",
    "get_flags": "bridge.config",
    "get_include": "bridge.config",
    "get_library": "bridge.config",
    "get_library_dir": "bridge.config",
    "has_feature": "bridge._core",
    "modes": "bridge._core",
    "new": "bridge.writer",
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module 'bridge' has no attribute {name!r}")
    value = getattr(import_module(_LAZY[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
