"""Where the installed library is, and the flags that compile and link against it."""

from __future__ import annotations

import argparse
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_KINDS = {
    "cflags": "to compile C and C++",
    "fflags": "to compile Fortran",
    "libs": "to link C and C++",
    "flibs": "to link Fortran",
}


def _folder(name: str) -> str:
    # Beside the extension module, wherever the package was put.
    core = find_spec("bridge._core")
    if core is None or core.origin is None:
        raise FileNotFoundError("bridge._core is not built: install the package with `pip install .`")
    path = Path(core.origin).resolve().parent / name
    if not path.is_dir():
        raise FileNotFoundError(f"{path}: not there; editable installs have no headers, use `pip install .`")
    return str(path)


def get_include() -> str:
    """Folder of the C headers (`mebridge/mebridge.h`) and of the Fortran module (`mebridge.mod`, `mebridge.f90`)."""
    return _folder("include")


def get_library_dir() -> str:
    """Folder of `libmebridge.so` and `libmebridge_fortran.a`."""
    return _folder("lib")


def get_library() -> str:
    """Path of `libmebridge.so`."""
    return str(Path(get_library_dir()) / "libmebridge.so")


def get_flags(kind: str) -> str:
    """Compiler or linker flags.

    `kind` is "cflags" (C, C++), "fflags" (Fortran), "libs" (linking C, C++) or "flibs" (linking Fortran).
    Raises `ValueError` for another kind.
    """
    if kind not in _KINDS:
        raise ValueError(f"kind: expected one of {', '.join(_KINDS)}, got {kind!r}")
    if kind in ("cflags", "fflags"):
        return f"-I{get_include()}"
    library = get_library_dir()
    fortran = "-lmebridge_fortran " if kind == "flibs" else ""
    return f"-L{library} {fortran}-lmebridge -Wl,-rpath,{library}"


def add_config(subparsers: Subparsers) -> None:
    """Adds `mebridge config` to the command."""
    parser = subparsers.add_parser("config", help="print compiler and linker flags of the installed library")
    for kind, purpose in _KINDS.items():
        parser.add_argument(f"--{kind}", dest="kinds", action="append_const", const=kind, help=f"flags {purpose}")

    def run(parsed: argparse.Namespace) -> int:
        if not parsed.kinds:
            parser.error(f"expected one of --{', --'.join(_KINDS)}")
        print(" ".join(get_flags(kind) for kind in parsed.kinds))
        return 0

    parser.set_defaults(run=run)
