"""Puts the batched event loop into a MadEvent directory, takes it out, tells what is there.

What `inject` changes (and `eject` undoes, to the byte):

- one line at the end of ``Source/make_opts``, which reads ``Source/mebridge.mk``;
- new files: ``Source/mebridge.mk``, ``Source/MEBRIDGE/``, ``lib/libmebridge.so`` and a
  Program ``matrix<i>.meb`` beside each matrix file the engine can do; for Lorentz structures
  that the library does not hold ``lib/mebridge_plugin.so``;
- in directories written for MadEvent's vector mode, the switches that bring them back to the
  scalar loop: ``Source/vector.inc`` and lines of ``Cards/run_card.dat``.

``Source/MEBRIDGE/manifest.json`` says all of it and is written first and removed last, so that an
interrupted `inject` or `eject` can be finished by `eject`.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bridge.madevent import MadEventDirectory, ReadError, Unsupported, read_directory
from bridge.madevent.accessor import Folder, accessor, read_folder, wrapped_symbols
from bridge.madevent.common_blocks import UnknownLayout, check_layout
from bridge.madevent.scalar_loop import card_as_before, scalar_card, scalar_vector_inc
from bridge.process import Process
from bridge.program import PluginError, UnknownStructure, best_program, prepare_plugin
from bridge.program.file import Program

LINE = "-include ../../Source/mebridge.mk"
_HOME = "Source/MEBRIDGE"
_MANIFEST = f"{_HOME}/manifest.json"
_LIBRARY = "lib/libmebridge.so"
_PLUGIN = "lib/mebridge_plugin.so"
_FORMAT = 1

#: files that are linked with the seam, and all files that are compiled
_LINKED = ("SubProcesses/P*/madevent", "SubProcesses/P*/madevent_fortran")
_COMPILED = (
    "SubProcesses/P*/*.o",
    "SubProcesses/P*/.libs",
    "SubProcesses/P*/gensym",
    "Source/**/*.o",
    "Source/**/*.mod",
    "Source/**/*.a",
    "lib/*.a",
)


class InjectError(Exception):
    """The directory is refused; nothing has been changed. The message says why."""


@dataclass(frozen=True, slots=True)
class Subprocess:
    """How one matrix element is computed. `reason` is empty if the engine does it."""

    file: str
    program: str
    reason: str

    @property
    def is_accelerated(self) -> bool:
        return bool(self.program)


@dataclass(frozen=True, slots=True)
class Status:
    """What is in a directory."""

    path: Path
    is_injected: bool
    version: str = ""
    subprocesses: tuple[Subprocess, ...] = ()
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.is_injected:
            return "\n".join([f"{self.path}: not injected", *self.notes])
        lines = [f"{self.path}: injected (mebridge {self.version})"]
        for item in self.subprocesses:
            how = f"engine ({item.program})" if item.is_accelerated else f"Fortran: {item.reason}"
            lines.append(f"  {item.file}: {how}")
        return "\n".join([*lines, *(f"  note: {note}" for note in self.notes)])


@dataclass(slots=True)
class _Plan:
    """Everything `inject` will write; made before anything is touched."""

    #: new files, by path inside the directory
    files: dict[str, bytes] = field(default_factory=dict)
    #: existing files that change
    edits: dict[str, bytes] = field(default_factory=dict)
    #: built files that are put aside because they have to be built again
    built: list[str] = field(default_factory=list)
    #: everything has to be built again, not only linked
    rebuild: bool = False
    subprocesses: list[Subprocess] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


# ---------------------------------------------------------------------------------- public


def inject(path: str | Path, report: Callable[[str], None] = lambda text: None) -> Status:
    """Prepares the directory `path`. An injected one is brought up to date.

    Raises
    ------
    InjectError
        if it is no MadEvent directory, of an unknown layout, half-edited or read-only.
    """
    root = _madevent_root(path)
    if _is_injected(root):
        eject(root)
    _refuse_leftovers(root)
    _refuse_unwritable(root)
    plan = _plan(root)
    _apply(root, plan)
    for note in plan.notes:
        report(note)
    return status(root)


def eject(path: str | Path) -> Status:
    """Restores the directory. Does nothing if it is not injected.

    Raises
    ------
    InjectError
        if the line or the files of an injection are there, but not its manifest.
    """
    root = _madevent_root(path)
    if not _is_injected(root):
        _refuse_leftovers(root)
        return Status(root, False)
    _refuse_unwritable(root)
    manifest = _read_manifest(root)
    _restore_make_opts(root)
    notes = [note for name in manifest["edits"] if (note := _restore(root, name))]
    for name in manifest["files"]:
        if not name.startswith(f"{_HOME}/"):
            (root / name).unlink(missing_ok=True)
    _restore_built(root, manifest)
    for name in manifest["folders"]:
        if (root / name).is_dir() and not any((root / name).iterdir()):
            (root / name).rmdir()
    shutil.rmtree(root / _HOME)
    return Status(root, False, notes=tuple(notes))


def status(path: str | Path) -> Status:
    """What is injected in the directory `path`, and how each subprocess is computed."""
    root = _madevent_root(path)
    if not _is_injected(root):
        _refuse_leftovers(root)
        return Status(root, False)
    manifest = _read_manifest(root)
    subprocesses = tuple(Subprocess(**item) for item in manifest["subprocesses"])
    notes = tuple(manifest["notes"]) + tuple(_complaints(root, manifest))
    return Status(root, True, manifest["mebridge"], subprocesses, notes)


# ---------------------------------------------------------------------------- looking at it


def _madevent_root(path: str | Path) -> Path:
    root = Path(path).resolve()
    if not root.is_dir():
        raise InjectError(f"{root}: no such directory")
    for part in ("Source/make_opts", "Source/dsample.f", "SubProcesses/makefile", "Cards/run_card.dat"):
        if not (root / part).is_file():
            raise InjectError(f"{root}: not a MadEvent directory: there is no {part}")
    if not _folders(root):
        raise InjectError(f"{root}: not a MadEvent directory: no SubProcesses/P*/auto_dsig.f")
    return root


def _folders(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.glob("SubProcesses/P*/auto_dsig.f"))


def _is_injected(root: Path) -> bool:
    return (root / _MANIFEST).is_file()


def _read_manifest(root: Path) -> dict[str, Any]:
    try:
        manifest = json.loads((root / _MANIFEST).read_text())
        if manifest["format"] == _FORMAT:
            return dict(manifest)
    except (ValueError, KeyError, TypeError) as error:
        raise InjectError(f"{root / _MANIFEST}: damaged: {error}") from error
    raise InjectError(f"{root / _MANIFEST}: written by a newer mebridge: use that one to eject")


def _refuse_leftovers(root: Path) -> None:
    make_opts = root / "Source" / "make_opts"
    for number, line in enumerate(make_opts.read_text(errors="replace").splitlines(), 1):
        if "mebridge.mk" in line:
            raise InjectError(
                f"{make_opts}:{number}: half-edited: reads mebridge.mk, but there is no {_MANIFEST}; "
                "delete this line and Source/mebridge.mk, then try again"
            )
    for name in ("Source/mebridge.mk", _HOME):
        if (root / name).exists():
            raise InjectError(f"{root / name}: half-edited: left from an injection; delete it and try again")


def _refuse_unwritable(root: Path) -> None:
    for path in [root / "Source", root / "Source" / "make_opts", root / "SubProcesses", *_folders(root)]:
        if not os.access(path, os.W_OK):
            raise InjectError(f"{path}: cannot be written")


# --------------------------------------------------------------------------------- planning


def _plan(root: Path) -> _Plan:
    plan = _Plan()
    template = _resource("directory.f").read_text()
    directory = _read(root)
    programs, widths = _programs(directory), _fake_widths(directory)
    _plan_plugin(programs, plan)
    for path in _folders(root):
        _plan_folder(root, path, template, programs, widths, plan)
    if not any(item.endswith(".f") for item in plan.files):
        reasons = "; ".join(sorted({item.reason for item in plan.subprocesses}))
        raise InjectError(f"{root}: nothing here can be batched: {reasons}")
    _plan_scalar_loop(root, plan)
    plan.files["Source/mebridge.mk"] = _resource("mebridge.mk").read_bytes()
    plan.files[_LIBRARY] = _library().read_bytes()
    make_opts = (root / "Source" / "make_opts").read_bytes()
    # A leading newline: the file may end without one, as MG5_aMC writes it.
    plan.edits["Source/make_opts"] = make_opts + f"\n{LINE}\n".encode()
    return plan


def _plan_folder(
    root: Path,
    path: Path,
    template: str,
    programs: dict[str, Program | str],
    widths: dict[str, str],
    plan: _Plan,
) -> None:
    folder_name = f"SubProcesses/{path.name}"
    try:
        folder = replace(read_folder(path), fake_widths=widths)
    except ValueError as error:
        raise InjectError(str(error)) from error
    objection = _objection(folder)
    if objection:
        plan.subprocesses += [
            Subprocess(f"{folder_name}/matrix{index}.f", "", objection) for index in folder.matrices
        ]
        return
    try:
        check_layout(root, path, folder.late, folder.is_grouped)
    except (UnknownLayout, OSError) as error:
        raise InjectError(str(error)) from error
    plan.files[f"{_HOME}/{path.name}.f"] = accessor(template, folder).encode()
    plan.files[f"{_HOME}/{path.name}.mk"] = (
        "MEBRIDGE_WRAP := " + " ".join(wrapped_symbols(folder)) + "\n"
    ).encode()
    for index in folder.matrices:
        _plan_program(f"{folder_name}/matrix{index}", programs, plan)
    plan.built += [name for name in _built(root, _LINKED) if name.startswith(f"{folder_name}/")]


def _built(root: Path, patterns: Iterable[str]) -> list[str]:
    """Built files there are now."""
    names = {path.relative_to(root).as_posix() for pattern in patterns for path in root.glob(pattern)}
    return sorted(name for name in names if not name.startswith(f"{_HOME}/"))


def _plan_plugin(programs: dict[str, Program | str], plan: _Plan) -> None:
    """Compiles what the library lacks; where that fails, those who need it stay with the Fortran."""
    with tempfile.TemporaryDirectory(prefix="mebridge-inject-") as folder:
        try:
            path = prepare_plugin((item for item in programs.values() if isinstance(item, Program)), folder)
        except PluginError as error:
            reason = str(error).splitlines()[0]
            programs.update({k: reason for k, item in programs.items() if isinstance(item, Program) and item.functions})
            return
        if path is not None:
            plan.files[_PLUGIN] = path.read_bytes()


def _plan_program(stem: str, programs: dict[str, Program | str], plan: _Plan) -> None:
    program = programs.get(stem, "the reader did not find it")
    if isinstance(program, Program):
        plan.files[f"{stem}.meb"] = program.to_bytes()
        plan.subprocesses.append(Subprocess(f"{stem}.f", f"{stem}.meb", ""))
    else:
        plan.subprocesses.append(Subprocess(f"{stem}.f", "", program))


def _objection(folder: Folder) -> str:
    """Why a folder is left alone."""
    if folder.late and not folder.is_grouped:
        return "written without subprocess groups by MG5_aMC 3.6 or later: a form that is not known"
    return ""


def _read(root: Path) -> MadEventDirectory:
    try:
        return read_directory(root)
    except ReadError as error:
        raise InjectError(str(error)) from error


def _fake_widths(directory: MadEventDirectory) -> dict[str, str]:
    """Widths that matrix elements use as FK_<width>, and the mass of each."""
    widths: dict[str, str] = {}
    for matrix in directory.matrices:
        if isinstance(matrix.content, Process):
            widths.update(matrix.content.fake_widths)
    return widths


def _programs(directory: MadEventDirectory) -> dict[str, Program | str]:
    """Program, or the reason why there is none, of each matrix element."""
    result: dict[str, Program | str] = {}
    for matrix in directory.matrices:
        number = "" if matrix.number is None else str(matrix.number)
        stem = f"SubProcesses/{matrix.path.parent.name}/matrix{number}"
        if isinstance(matrix.content, Unsupported):
            result[stem] = str(matrix.content)
            continue
        if matrix.number is None and set(matrix.content.amp2) != set(matrix.content.config_diagrams):
            result[stem] = "diagrams that are no channel take part in the channel weights"
            continue
        try:
            result[stem] = best_program(matrix.content)
        except UnknownStructure as error:
            result[stem] = str(error)
    return result


def _plan_scalar_loop(root: Path, plan: _Plan) -> None:
    """Brings a directory of the vector mode to the scalar loop."""
    path = root / "Source" / "vector.inc"
    if not path.is_file():
        return
    text = path.read_bytes().decode("latin-1")
    changed = scalar_vector_inc(text)
    card_path = root / "Cards" / "run_card.dat"
    card = card_path.read_bytes().decode("latin-1")
    new_card = scalar_card(card)
    if "cudacpp_backend" in card and not re.search(r"(?im)^[^#\n]*=\s*cudacpp_backend\b", card):
        raise InjectError(f"{card_path}: cudacpp_backend is named but not set: unknown layout")
    if changed != text:
        plan.edits["Source/vector.inc"] = changed.encode("latin-1")
    if new_card != card:
        plan.edits["Cards/run_card.dat"] = new_card.encode("latin-1")
    if changed != text or new_card != card:
        plan.notes.append(
            "the directory was set up for MadEvent's vector mode, which mixes up flavours and alpha_s "
            "between events: it now runs the scalar loop (Source/vector.inc, Cards/run_card.dat)"
        )
        # The size of the arrays over events is compiled into nearly every file.
        plan.rebuild = True
        plan.built = _built(root, _LINKED + _COMPILED)


def _resource(name: str) -> Path:
    """A file of ``fortran/seam``: installed as package data, or of the source tree."""
    here = Path(__file__).resolve().parent.parent
    for folder in (here / "seam", here.parent.parent / "fortran" / "seam"):
        if (folder / name).is_file():
            return folder / name
    raise InjectError(f"mebridge is not completely installed: no {name}")


def _library() -> Path:
    """libmebridge.so, from MEBRIDGE_LIBRARY if that is set."""
    if chosen := os.environ.get("MEBRIDGE_LIBRARY"):
        return Path(chosen)
    from bridge.config import get_library

    return Path(get_library())


# --------------------------------------------------------------------------------- writing


def _write(path: Path, data: bytes, mode: int | None = None) -> None:
    """Writes a whole file or none of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".mebridge-new")
    temporary.write_bytes(data)
    if mode is not None:
        temporary.chmod(mode)
    temporary.replace(path)


def _replace(path: Path, data: bytes) -> None:
    mode = path.stat().st_mode & 0o7777
    _write(path, data, mode)


def _apply(root: Path, plan: _Plan) -> None:
    folders = [name for name in ("lib",) if not (root / name).exists()]
    manifest = {
        "format": _FORMAT,
        "mebridge": _version(),
        "files": sorted(plan.files),
        "edits": {name: _digest(data) for name, data in plan.edits.items()},
        "built": plan.built,
        "rebuild": plan.rebuild,
        "folders": folders,
        "subprocesses": [
            {"file": item.file, "program": item.program, "reason": item.reason}
            for item in plan.subprocesses
        ],
        "notes": plan.notes,
    }
    _write(root / _MANIFEST, json.dumps(manifest, indent=1).encode() + b"\n")
    try:
        for name in plan.edits:
            _put_aside(root, name, shutil.copy2)
        for name, data in plan.files.items():
            _write(root / name, data, 0o755 if name in (_LIBRARY, _PLUGIN) else None)
        for name in plan.built:
            _put_aside(root, name, os.rename)
        # make_opts last: until then nothing has any effect.
        for name in sorted(plan.edits, key=lambda name: name == "Source/make_opts"):
            _replace(root / name, plan.edits[name])
    except OSError as error:
        eject(root)
        raise InjectError(f"{error}; nothing has been changed") from error


def _put_aside(root: Path, name: str, move: Callable[[Path, Path], Any]) -> None:
    saved = root / _HOME / "saved" / name
    saved.parent.mkdir(parents=True, exist_ok=True)
    move(root / name, saved)


def _restore_make_opts(root: Path) -> None:
    """Takes our line out; generate_events may have rewritten the rest meanwhile."""
    path = root / "Source" / "make_opts"
    data = path.read_bytes()
    line = LINE.encode()
    for text in (b"\n" + line + b"\n", b"\n" + line, line + b"\n"):
        if text in data:
            _replace(path, data.replace(text, b"", 1))
            return


def _restore(root: Path, name: str) -> str:
    """Restores an edited file; a note if it was changed by others since."""
    if name == "Source/make_opts":
        return ""
    manifest = _read_manifest(root)
    path, saved = root / name, root / _HOME / "saved" / name
    if not saved.exists():
        return ""
    if path.is_file() and _digest(path.read_bytes()) == manifest["edits"][name]:
        _copy_back(saved, path)
        return ""
    if name == "Cards/run_card.dat" and path.is_file():
        card, before = (item.read_bytes().decode("latin-1") for item in (path, saved))
        _replace(path, card_as_before(card, before).encode("latin-1"))
        return f"{name} was changed since inject: only mebridge's own lines were restored"
    _copy_back(saved, path)
    return f"{name} was changed since inject: the version from before inject was restored"


def _copy_back(saved: Path, path: Path) -> None:
    temporary = path.with_name(path.name + ".mebridge-new")
    shutil.copy2(saved, temporary, follow_symlinks=False)
    temporary.replace(path)


def _restore_built(root: Path, manifest: dict[str, Any]) -> None:
    """Puts back what was built before; what was built with the seam goes."""
    stale = set(_built(root, _LINKED + _COMPILED)) if manifest["rebuild"] else _linked_since(root)
    for name in stale - set(manifest["built"]):
        (root / name).unlink()
    for path in root.glob("SubProcesses/P*/mebridge_seam.o"):
        path.unlink()
    for name in manifest["built"]:
        saved = root / _HOME / "saved" / name
        if saved.is_symlink() or saved.exists():
            saved.replace(root / name)


def _linked_since(root: Path) -> set[str]:
    """Executables that need libmebridge.so."""
    return {name for name in _built(root, _LINKED) if (root / name).parent.joinpath("mebridge_seam.o").exists()}


def _complaints(root: Path, manifest: dict[str, Any]) -> Iterable[str]:
    """What is no longer as inject left it."""
    if LINE not in (root / "Source" / "make_opts").read_text(errors="replace"):
        yield "Source/make_opts no longer reads mebridge.mk: run `mebridge inject` again"
    for name in manifest["files"]:
        if not (root / name).is_file():
            yield f"{name} is missing: run `mebridge inject` again"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _version() -> str:
    from bridge import __version__

    return __version__
