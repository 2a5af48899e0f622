"""Decides everything that `inject` will write, before anything is touched."""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from bridge.madevent import MadEventDirectory, MatrixFile, ReadError, Unsupported, read_directory
from bridge.madevent.accessor import Folder, accessor, read_folder, wrapped_symbols
from bridge.madevent.common_blocks import UnknownLayout, check_layout
from bridge.madevent.glue import RUN_HOME, RUN_MODULES, UNITS, glue_switches, glue_text, hooks, usable
from bridge.madevent.injection import (
    COMPILE,
    COMPILED,
    HOME,
    LIBRARY,
    LINE,
    LINKED,
    PLUGIN,
    SWITCHES,
    InjectError,
    Subprocess,
    built,
    folders,
)
from bridge.madevent.scalar_loop import scalar_card, scalar_vector_inc
from bridge.process import Process
from bridge.program import PluginError, UnknownStructure, best_program, prepare_plugin
from bridge.program.file import Program


@dataclass(slots=True)
class Plan:
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
    #: digest of the matrix source behind each Program, by the name of the Subprocess
    digests: dict[str, str] = field(default_factory=dict)
    #: for each folder, what is replaced besides the matrix elements
    glue: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def make_plan(root: Path) -> Plan:
    """Reads the directory; refuses it where it is not understood."""
    plan = Plan()
    template = resource("directory.f").read_text()
    directory = read(root)
    programs, widths = programs_of(directory), _fake_widths(directory)
    _plan_plugin(programs, plan)
    for path in folders(root):
        _plan_folder(root, path, template, programs, widths, plan)
    if not any(item.endswith(".f") for item in plan.files):
        reasons = "; ".join(sorted({item.reason for item in plan.subprocesses}))
        raise InjectError(f"{root}: nothing here can be batched: {reasons}")
    _plan_scalar_loop(root, plan)
    _plan_run(root, plan)
    plan.files[SWITCHES] = resource("mebridge.mk").read_bytes()
    library = _library()
    plan.files[LIBRARY] = library.read_bytes()
    _plan_compiling(library, plan)
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
    plan: Plan,
) -> None:
    folder_name = f"SubProcesses/{path.name}"
    try:
        folder = replace(read_folder(path), fake_widths=widths)
    except ValueError as error:
        unread = _unread(folder_name, (), programs)
        raise InjectError("; ".join(unread) or str(error)) from error
    if unread := _unread(folder_name, folder.matrices, programs):
        raise InjectError("; ".join(unread))
    objection = _objection(folder)
    if objection:
        plan.subprocesses += [Subprocess(f"{folder_name}/matrix{index}.f", "", objection) for index in folder.matrices]
        _write_accessor(root, path, folder, "", plan)
        return
    try:
        check_layout(root, path, folder.late, folder.is_grouped)
    except (UnknownLayout, OSError) as error:
        raise InjectError(str(error)) from error
    _write_accessor(root, path, folder, accessor(template, folder), plan)
    for index in folder.matrices:
        _plan_program(f"{folder_name}/matrix{index}", programs, plan)


def _write_accessor(root: Path, path: Path, folder: Folder, seam: str, plan: Plan) -> None:
    """The accessor: of the seam, unless `seam` is empty, and of what else can be replaced."""
    units, objections = usable(root, path, folder.late)
    names = ", ".join(unit.name for unit in units) or "nothing"
    left = "; ".join(f"{name} is not: {reason}" for name, reason in objections.items())
    plan.glue.append(f"{path.name}: replaced besides: {names}" + (f"; {left}" if left else ""))
    if not seam and not any(unit.procedures for unit in units):
        return
    with_density = bool(seam) and folder.wraps_density
    plan.files[f"{HOME}/{path.name}.f"] = (
        seam + glue_text(_glue_templates(), units, folder.late, with_density)
    ).encode()
    wraps = wrapped_symbols(folder) if seam else ()
    plan.files[f"{HOME}/{path.name}.mk"] = (f"MEBRIDGE_WRAP := {' '.join(wraps)}\n{glue_switches(units)}").encode()
    folder_name = f"SubProcesses/{path.name}"
    plan.built += [name for name in built(root, LINKED) if name.startswith(f"{folder_name}/")]


def _glue_templates() -> dict[str, str]:
    names = {"": "glue.f"} | {unit.name: f"glue_{unit.name}.f" for unit in UNITS}
    return {key: resource(name).read_text() for key, name in names.items()}


def _unread(folder: str, matrices: tuple[str, ...], programs: dict[str, Program | str]) -> list[str]:
    """Why the matrix files in which there is no SMATRIX were not understood either."""
    stems = {f"{folder}/matrix{index}" for index in matrices}
    return [
        reason
        for stem, reason in programs.items()
        if isinstance(reason, str) and stem.startswith(f"{folder}/") and stem not in stems
    ]


def _plan_plugin(programs: dict[str, Program | str], plan: Plan) -> None:
    """Compiles what the library lacks; where that fails, those who need it stay with the Fortran."""
    with tempfile.TemporaryDirectory(prefix="mebridge-inject-") as folder:
        try:
            path = prepare_plugin((item for item in programs.values() if isinstance(item, Program)), folder)
        except PluginError as error:
            reason = str(error).splitlines()[0]
            lacking = [k for k, item in programs.items() if isinstance(item, Program) and item.functions]
            programs.update(dict.fromkeys(lacking, reason))
            return
        if path is not None:
            plan.files[PLUGIN] = path.read_bytes()


def _plan_program(stem: str, programs: dict[str, Program | str], plan: Plan) -> None:
    program = programs.get(stem, "the reader did not find it")
    if isinstance(program, Program):
        plan.files[f"{stem}.meb"] = program.to_bytes()
        plan.digests[f"{stem}.f"] = program.digest
        plan.subprocesses.append(Subprocess(f"{stem}.f", f"{stem}.meb", ""))
    else:
        plan.subprocesses.append(Subprocess(f"{stem}.f", "", program))


def _objection(folder: Folder) -> str:
    """Why a folder is left alone."""
    if folder.late and not folder.is_grouped:
        return "written without subprocess groups by MG5_aMC 3.6 or later: a form that is not known"
    return ""


def digests(root: Path) -> dict[str, str]:
    """Digest of each matrix source as it is now, by the name of the Subprocess; "" if not understood."""
    return {
        f"{_stem(matrix)}.f": matrix.content.digest if isinstance(matrix.content, Process) else ""
        for matrix in read(root).matrices
    }


def _stem(matrix: MatrixFile) -> str:
    number = "" if matrix.number is None else str(matrix.number)
    return f"SubProcesses/{matrix.path.parent.name}/matrix{number}"


def read(root: Path) -> MadEventDirectory:
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


def programs_of(directory: MadEventDirectory) -> dict[str, Program | str]:
    """Program, or the reason why there is none, of each matrix element."""
    result: dict[str, Program | str] = {}
    for matrix in directory.matrices:
        stem = _stem(matrix)
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


def _plan_run(root: Path, plan: Plan) -> None:
    """Lets MadEvent's Python programs import ours, where theirs are known."""
    edits = hooks(root)
    plan.edits.update(edits)
    if edits:
        folder = Path(__file__).parent / "run"
        plan.files.update({f"{RUN_HOME}/{name}.py": (folder / f"{name}.py").read_bytes() for name in RUN_MODULES})


def _plan_compiling(library: Path, plan: Plan) -> None:
    """The program that compiles from a cache is installed beside the library."""
    path = library.with_name(Path(COMPILE).name)
    if path.is_file():
        plan.files[COMPILE] = path.read_bytes()


def _plan_scalar_loop(root: Path, plan: Plan) -> None:
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
        plan.built = built(root, LINKED + COMPILED)


def resource(name: str) -> Path:
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
