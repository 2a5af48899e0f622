"""Puts the batched event loop into a MadEvent directory, takes it out, tells what is there.

What `inject` changes (and `eject` undoes, to the byte):

- one line at the end of ``Source/make_opts``, which reads ``Source/mebridge.mk``;
- new files: ``Source/mebridge.mk``, ``Source/MEBRIDGE/`` (with the program that compiles from a
  cache), ``lib/libmebridge.so`` and a
  Program ``matrix<i>.meb`` beside each matrix file the engine can do; for Lorentz structures
  that the library does not hold ``lib/mebridge_plugin.so``;
- ``bin/internal/mebridge/``, and lines at the end of up to three files of ``bin/internal`` that
  import it;
- executables that were built already are put aside and linked again at once;
- in directories written for MadEvent's vector mode, the switches that bring them back to the
  scalar loop: ``Source/vector.inc`` and lines of ``Cards/run_card.dat``. What was compiled is put
  aside too: a gridpack is built again at once, other directories with their next run.

``Source/MEBRIDGE/manifest.json`` says all of it and is written first and removed last, so that an
interrupted `inject` or `eject` can be finished by `eject`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bridge.madevent.injection import (
    COMPILE,
    COMPILED,
    FOLDERS,
    FORMAT,
    HOME,
    LIBRARY,
    LINE,
    LINKED,
    PLUGIN,
    SAVED,
    TEMPORARY,
    InjectError,
    Status,
    Subprocess,
    built,
    digest,
    has_leftovers,
    is_gridpack,
    is_injected,
    locked,
    madevent_root,
    read_manifest,
    refuse_half_edited,
    refuse_unwritable,
    remove_leftovers,
    replace_file,
    write,
    write_manifest,
)
from bridge.madevent.plan import Plan, digests, make_plan
from bridge.madevent.relink import RelinkError, linked, relink
from bridge.madevent.restore import linked_with_seam, restore

__all__ = ["LINE", "InjectError", "Status", "Subprocess", "eject", "inject", "status"]


def inject(path: str | Path, report: Callable[[str], None] = lambda text: None) -> Status:
    """Prepares the directory `path`, or the gridpack in it. An injected one is brought up to date.

    Raises
    ------
    InjectError
        if it is no MadEvent directory, of an unknown layout, half-edited or read-only, or if what
        was built cannot be linked again. It is left as it was, or as `eject` leaves it.
    """
    root = madevent_root(path)
    refuse_unwritable(root)
    with locked(root):
        executables = linked(root)
        was_injected = is_injected(root)
        if was_injected:
            restore(root)
        remove_leftovers(root)
        try:
            plan = make_plan(root)
            _apply(root, plan, executables)
        except InjectError as error:
            if not was_injected:
                raise
            raise InjectError(f"{error}; the directory, which was injected, has been ejected") from error
        for note in plan.notes:
            report(note)
        return status(root)


def eject(path: str | Path) -> Status:
    """Restores the directory. Does nothing if it is not injected.

    Raises
    ------
    InjectError
        if an injection is active or files from before it are there, but not its manifest.
    """
    root = madevent_root(path)
    if not is_injected(root):
        refuse_half_edited(root)
        if not has_leftovers(root):
            return Status(root, False)
    refuse_unwritable(root)
    with locked(root):
        if not is_injected(root):
            remove_leftovers(root)
            return Status(root, False)
        executables = {name: root.joinpath(name).is_symlink() for name in linked_with_seam(root)}
        notes = restore(root)
        notes += _relink_gridpack(root, executables)
        return Status(root, False, notes=tuple(notes))


def status(path: str | Path) -> Status:
    """What is injected in the directory `path`, and how each subprocess is computed."""
    root = madevent_root(path)
    if not is_injected(root):
        refuse_half_edited(root)
        return Status(root, False)
    manifest = read_manifest(root)
    subprocesses = tuple(Subprocess(**item) for item in manifest["subprocesses"])
    notes = tuple(manifest["notes"]) + tuple(_complaints(root, manifest))
    glue = tuple(manifest.get("glue", ()))
    return Status(root, True, manifest["mebridge"], subprocesses, notes, glue)


def _complaints(root: Path, manifest: Mapping[str, Any]) -> Iterable[str]:
    """What is no longer as inject left it."""
    if LINE not in (root / "Source" / "make_opts").read_text(errors="replace"):
        yield "Source/make_opts no longer reads mebridge.mk: run `mebridge inject` again"
    for name in manifest["files"]:
        if not (root / name).is_file():
            yield f"{name} is missing: run `mebridge inject` again"
    if before := manifest.get("digests"):
        try:
            now = digests(root)
        except InjectError as error:
            yield f"the directory was changed since inject: {error}"
            return
        for name, value in before.items():
            if now.get(name) != value:
                yield f"{name} was changed since inject: run `mebridge inject` again"


# --------------------------------------------------------------------------------- writing


def _apply(root: Path, plan: Plan, executables: Mapping[str, bool]) -> None:
    """Does what `plan` says, or nothing. `executables`: those to be linked again."""
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "mebridge": _version(),
        "files": sorted(plan.files),
        "edits": {name: digest(data) for name, data in plan.edits.items()},
        "built": plan.built,
        "rebuild": plan.rebuild,
        "folders": [name for name in FOLDERS if not (root / name).exists()],
        "subprocesses": [
            {"file": item.file, "program": item.program, "reason": item.reason} for item in plan.subprocesses
        ],
        "digests": plan.digests,
        "notes": plan.notes,
        "glue": plan.glue,
    }
    try:
        write_manifest(root, manifest)
        for name in plan.edits:
            _copy_aside(root, name)
        for name, data in plan.files.items():
            write(root / name, data, 0o755 if name in (COMPILE, LIBRARY, PLUGIN) else None)
        there = set(built(root, LINKED + COMPILED))
        for name in plan.built:
            _saved(root, name)
            (root / name).rename(root / SAVED / name)
        # make_opts last: until then nothing has any effect.
        for name in sorted(plan.edits, key=lambda name: name == "Source/make_opts"):
            replace_file(root / name, plan.edits[name])
        try:
            _relink(root, plan, executables)
        finally:
            manifest["made"] = sorted(set(built(root, LINKED + COMPILED)) - there)
            write_manifest(root, manifest)
    except BaseException as error:
        _undo(root, error)
        raise


def _undo(root: Path, error: BaseException) -> None:
    """Restores; raises an InjectError that says so for errors that users can do something about."""
    left = "nothing has been changed"
    try:
        if is_injected(root):
            restore(root)
        else:
            remove_leftovers(root)
    except OSError as second:
        left = f"undoing it failed too ({_text(second)}): when that is mended, run `mebridge eject`"
    if isinstance(error, RelinkError):
        raise InjectError(f"{error}; {_advice(root)}; {left}") from error
    if isinstance(error, OSError):
        raise InjectError(f"{_text(error)}; {left}") from error


def _text(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}" if error.filename else str(error)


def _advice(root: Path) -> str:
    if is_gridpack(root):
        return (
            "a gridpack is linked when it is injected: install make and the compiler it was built with, "
            "or inject the process directory and make the gridpack from that"
        )
    return "install make and the compiler it was built with, or delete the executable, then try again"


def _relink(root: Path, plan: Plan, executables: Mapping[str, bool]) -> None:
    """Links what was linked before."""
    if plan.rebuild and not is_gridpack(root):
        return
    wanted = {
        name: is_link
        for name, is_link in executables.items()
        if plan.rebuild or f"{HOME}/{name.split('/')[1]}.mk" in plan.files
    }
    others = [name for name in plan.built if name.endswith("/gensym")] if plan.rebuild else []
    relink(root, wanted, others)


def _relink_gridpack(root: Path, executables: Mapping[str, bool]) -> list[str]:
    """Links what a gridpack has only had with the seam: one made from an injected directory."""
    if not is_gridpack(root):
        return []
    missing = {name: is_link for name, is_link in executables.items() if not (root / name).exists()}
    try:
        relink(root, missing)
    except RelinkError as error:
        return [f"executables were linked with mebridge; without it they could not be: {error}"]
    return []


def _saved(root: Path, name: str) -> Path:
    """Where an original is kept."""
    saved = root / SAVED / name
    saved.parent.mkdir(parents=True, exist_ok=True)
    return saved


def _copy_aside(root: Path, name: str) -> None:
    """Keeps a whole copy or none."""
    saved = _saved(root, name)
    temporary = saved.with_name(saved.name + TEMPORARY)
    try:
        shutil.copy2(root / name, temporary)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise OSError(error.errno, os.strerror(error.errno or 0), str(saved)) from error
    temporary.replace(saved)


def _version() -> str:
    from bridge import __version__

    return __version__
