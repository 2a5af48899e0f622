"""Takes an injection out again, from any state that an interruption can leave."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path
from typing import Any

from bridge.madevent.injection import (
    COMPILED,
    HOME,
    LINKED,
    MANIFEST,
    SAVED,
    TEMPORARY,
    built,
    digest,
    read_manifest,
    replace_file,
)
from bridge.madevent.scalar_loop import card_as_before

_CARD = "Cards/run_card.dat"
_MAKE_OPTS = "Source/make_opts"
#: what a compilation through the cache leaves if it is killed
_UNFINISHED = ("Source/**/*.mebridge-[0-9]*", "SubProcesses/P*/*.mebridge-[0-9]*")
#: whichever way it names the folder
_LINE = rb"-include [^\n]*mebridge\.mk"


def restore(root: Path) -> list[str]:
    """Restores an injected directory; returns notes on what others have changed meanwhile.

    The manifest goes after everything it names, so that this can be done again if it is interrupted.
    """
    manifest = read_manifest(root)
    for name in (*manifest["files"], *manifest["edits"]):
        (root / (name + TEMPORARY)).unlink(missing_ok=True)
    _restore_make_opts(root)
    notes = [note for name, after in manifest["edits"].items() if (note := _restore(root, name, after))]
    for name in manifest["files"]:
        if not name.startswith(f"{HOME}/"):
            (root / name).unlink(missing_ok=True)
            _remove_bytecode(root / name)
    _restore_built(root, manifest)
    for name in manifest["folders"]:
        with contextlib.suppress(OSError):  # not empty, or gone
            (root / name).rmdir()
    _remove_home(root)
    return notes


def _remove_bytecode(path: Path) -> None:
    """Removes what Python has kept of a module of ours."""
    if path.suffix == ".py":
        for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
            compiled.unlink()


def _remove_home(root: Path) -> None:
    for path in (root / HOME).iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path != root / MANIFEST:
            path.unlink()
    (root / MANIFEST).unlink()
    (root / HOME).rmdir()


def _restore_make_opts(root: Path) -> None:
    """Takes our line out, as often as it is there; generate_events may have rewritten the rest."""
    path = root / _MAKE_OPTS
    data = path.read_bytes()
    rest = re.sub(rb"(\n%b\n?)+\Z" % _LINE, b"", data)
    rest = re.sub(rb"%b\n?" % _LINE, b"", rest)
    if rest != data:
        replace_file(path, rest)


def _restore(root: Path, name: str, after: str) -> str:
    """Restores an edited file whose digest was `after`; a note if it was changed by others since."""
    path, saved = root / name, root / SAVED / name
    if name == _MAKE_OPTS or not saved.exists():
        return ""
    now = path.read_bytes() if path.is_file() else b""
    if now == saved.read_bytes():
        return ""
    if digest(now) == after:
        saved.replace(path)  # a move needs no room
        return ""
    if name == _CARD and now:
        before = saved.read_bytes().decode("latin-1")
        replace_file(path, card_as_before(now.decode("latin-1"), before).encode("latin-1"))
        return f"{name} was changed since inject: only mebridge's own lines were restored"
    saved.replace(path)
    return f"{name} was changed since inject: the version from before inject was restored"


def _restore_built(root: Path, manifest: dict[str, Any]) -> None:
    """Puts back what was built before; what was built with the seam goes."""
    stale = set(built(root, LINKED + COMPILED)) if manifest["rebuild"] else linked_with_seam(root)
    stale |= set(manifest.get("made", ()))
    for name in stale - set(manifest["built"]):
        (root / name).unlink(missing_ok=True)
    for pattern in ("SubProcesses/P*/mebridge_seam.o", *_UNFINISHED):
        for path in root.glob(pattern):
            path.unlink()
    for name in manifest["built"]:
        saved = root / SAVED / name
        if saved.is_symlink() or saved.exists():
            saved.replace(root / name)


def linked_with_seam(root: Path) -> set[str]:
    """Executables that need libmebridge.so."""
    return {name for name in built(root, LINKED) if (root / name).parent.joinpath("mebridge_seam.o").exists()}
