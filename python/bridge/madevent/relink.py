"""Links executables again, at once: a gridpack, and a job that is run by hand, never do."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from bridge.madevent.injection import COMPILED, LINKED, built

#: would change what make does, or leave the seam out
_NOT_INHERITED = ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "GNUMAKEFLAGS", "MAKEFILES", "MEBRIDGE")
_ERROR = re.compile(r"error|not found|no such|no rule|undefined reference|cannot", re.IGNORECASE)
#: what a link named madevent leads to
_FORTRAN = "madevent_fortran"


class RelinkError(Exception):
    """What could not be linked, and why."""


def linked(root: Path) -> dict[str, bool]:
    """Executables that the seam can be in, and whether each is a symbolic link."""
    return {name: (root / name).is_symlink() for name in built(root, LINKED)}


def relink(root: Path, executables: Mapping[str, bool], others: Iterable[str] = ()) -> None:
    """Makes `executables` (as `linked` tells them) and `others` from the objects that are there.

    Objects and libraries are taken as they are, however old, because the executables were too.
    """
    targets: dict[Path, dict[str, None]] = {}
    for name, is_link in executables.items():
        path = root / name
        targets.setdefault(path.parent, {})[_FORTRAN if is_link else path.name] = None
    for name in others:
        path = root / name
        targets.setdefault(path.parent, {})[path.name] = None
    for folder, names in targets.items():
        _make(root, folder, list(names))
    for name, is_link in executables.items():
        path = root / name
        if is_link and not path.is_symlink():
            path.unlink(missing_ok=True)
            path.symlink_to(_FORTRAN)


def _make(root: Path, folder: Path, targets: list[str]) -> None:
    old = [item for name in _old(root, folder) for item in ("-o", name)]
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
    try:
        done = subprocess.run(
            ["make", "-s", *old, *targets],
            cwd=folder,
            env=environment | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            close_fds=False,  # the lock goes with it
            check=False,
        )
    except OSError as error:
        raise RelinkError(f"{folder}: make cannot be run: {error.strerror}") from error
    missing = [name for name in targets if not (folder / name).is_file()]
    if done.returncode or missing:
        said = _essence(done.stdout.decode(errors="replace")) or "it was not made"
        raise RelinkError(f"{folder}: make {' '.join(missing or targets)}: {said}")


def _old(root: Path, folder: Path) -> list[str]:
    """Objects and libraries, by the names that makefiles use."""
    here = f"{folder.relative_to(root).as_posix()}/"
    names = []
    for name in built(root, COMPILED):
        if name.startswith(here):
            names.append(name.removeprefix(here))
        elif name.startswith("lib/"):
            names.append(f"../../{name}")
    return [name for name in names if name not in ("mebridge_seam.o", "gensym")]


def _essence(text: str) -> str:
    """The line that says what is wrong."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return next((line for line in lines if _ERROR.search(line)), lines[-1] if lines else "")
