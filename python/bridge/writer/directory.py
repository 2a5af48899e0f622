"""`bridge.new`: a MadEvent process directory of our own."""

from __future__ import annotations

import difflib
import math
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path

from bridge import __version__, generator
from bridge.exceptions import ArgumentError, UnsupportedError
from bridge.pdf import find_grid
from bridge.pdf.info import describe
from bridge.writer import cards
from bridge.writer.folder import folder_files, is_template
from bridge.writer.includes import max_particles
from bridge.writer.matrix import Dialect
from bridge.writer.model import model_sources
from bridge.writer.routines import routine_sources
from bridge.writer.settings import SECTIONS, Value
from bridge.writer.subprocesses import Subprocess, subprocesses

_DIALECTS = ("scalar", "vector")
_LINKED = (".f", ".f90", ".inc")
_SETTINGS = {item.name: item for section in SECTIONS for item in section.settings}


def new(
    process: str,
    directory: str | os.PathLike[str],
    *,
    dialect: Dialect = "scalar",
    fixed_energy: float | None = None,
    pdf: str | os.PathLike[str] | None = None,
    settings: Mapping[str, Value] | None = None,
    model: generator.Model | None = None,
) -> Path:
    """Makes a process directory that writes unweighted events with `bin/generate_events`; returns its path.

    process: as for `bridge.generator.generate`; two particles come in, two or more go out.
    directory: must not be there, or be empty. It appears whole or not at all.
    dialect: "scalar" for matrix elements as MG5_aMC 3.5 calls them, "vector" as 3.6 and later do.
    fixed_energy: sqrt(s) of the colliding particles, GeV; if None, quarks and gluons come from protons of 6.5 TeV
        each, and other particles have 250 GeV each.
    pdf: grid of parton densities for protons, as for `bridge.pdf.find_grid`; it is copied into `lib/Pdfdata`.
    settings: of the run card, such as {"nevents": 1000, "iseed": 7}.
    model: as for `bridge.generator.generate`.

    Raises FileExistsError for a folder in use, `GeneratorError` for a process that cannot be generated,
    `UnsupportedError` for decays and single-particle final states, `bridge.pdf.GridError` if there is no grid,
    `ArgumentError` for anything else that is wrong with the arguments.
    """
    root = Path(directory)
    _check(root, dialect, fixed_energy)
    made = subprocesses(generator.generate(process, model))
    _check_supported(made)
    values = {**cards.defaults(made, fixed_energy), **_settings(settings or {})}
    grid = find_grid(pdf) if values["lpp1"] or values["lpp2"] else None
    if grid is not None:
        values = {"pdlabel": grid.stem, "lhaid": describe(grid)[0], **values}
    temporary = Path(tempfile.mkdtemp(prefix=f".{root.name}.", dir=root.absolute().parent))
    try:
        _write(temporary, made, dialect, values, process)
        if grid is not None:
            shutil.copyfile(grid, temporary / "lib" / "Pdfdata" / grid.name)
            _set_alpha_s(temporary, grid, made)
        temporary.chmod(0o755)
        temporary.rename(root)
    except BaseException as error:
        shutil.rmtree(temporary, ignore_errors=True)
        if isinstance(error, OSError) and error.filename is None:  # writing does not tell where
            raise OSError(error.errno, error.strerror, str(root)) from error
        raise
    return root


def _check(root: Path, dialect: str, fixed_energy: float | None) -> None:
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        raise FileExistsError(f"{root} is there and not empty")
    if not root.absolute().parent.is_dir():
        raise FileNotFoundError(f"no folder {root.absolute().parent}")
    if dialect not in _DIALECTS:
        raise ArgumentError(f"dialect: expected one of {', '.join(_DIALECTS)}, got {dialect!r}")
    if fixed_energy is not None and not (math.isfinite(fixed_energy) and fixed_energy > 0.0):
        raise ArgumentError(f"fixed_energy: expected a positive number of GeV, got {fixed_energy!r}")


def _check_supported(made: Sequence[Subprocess]) -> None:
    for item in made:
        if item.n_incoming != 2 or len(item.flavours[0]) < 4:
            text = item.text(item.flavours[0])
            raise UnsupportedError(f"process {text!r}: the event loop has two particles in, two or more out")


def _settings(given: Mapping[str, Value]) -> dict[str, Value]:
    """With names and types checked; numbers may come as text."""
    found = {}
    for name, value in given.items():
        if name not in _SETTINGS:
            near = difflib.get_close_matches(name, _SETTINGS, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ArgumentError(f"settings: the run card has no {name!r}{hint}")
        found[name] = _typed(name, value, type(_SETTINGS[name].default))
    return found


def _typed(name: str, value: Value, wanted: type) -> Value:
    try:
        if wanted is bool:
            return {"true": True, "false": False}[str(value).lower()]
        made: Value = wanted(value)
    except (KeyError, ValueError):
        raise ArgumentError(f"settings: {name} is {wanted.__name__}, got {value!r}") from None
    return made


def event_loop_sources() -> Path:
    """Folder of the event loop: installed with the package, or in the checkout."""
    installed = Path(str(resources.files("bridge"))) / "event_loop_sources"
    checkout = Path(__file__).resolve().parents[3] / "fortran" / "event_loop"
    for path in (installed, checkout):
        if path.is_dir():
            return path
    raise FileNotFoundError("the sources of the event loop are not installed")


def _write(root: Path, made: Sequence[Subprocess], dialect: Dialect, values: Mapping[str, Value], process: str) -> None:
    event_loop = event_loop_sources()
    for part in (event_loop, event_loop / dialect):
        _copy(part, root)
    for name in ("lib/Pdfdata", "Events", "Cards"):
        (root / name).mkdir(parents=True)
    files = _common_files(made, dialect, values, process)
    for item in made:
        for name, text in folder_files(item, dialect, event_loop).items():
            files[f"SubProcesses/{item.name}/{name}"] = text
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _link(root, made)


def _copy(part: Path, root: Path) -> None:
    """Source, SubProcesses and bin, without the templates."""
    for folder in ("Source", "SubProcesses", "bin"):
        if (part / folder).is_dir():
            shutil.copytree(part / folder, root / folder, dirs_exist_ok=True, ignore=_not_copied)
    for script in (root / "bin").glob("*"):
        if script.is_file():
            script.chmod(0o755)


def _not_copied(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if is_template(Path(folder, name)) or name == "__pycache__"]


def _common_files(
    made: Sequence[Subprocess], dialect: Dialect, values: Mapping[str, Value], process: str
) -> dict[str, str]:
    generated = list({id(item.generated): item.generated for item in made}.values())
    processes = [item.process for item in generated]
    routines = {f"Source/DHELAS/{name}": text for name, text in routine_sources(processes).items()}
    kinds = cards.ParticleKinds.of(made, int(values["maxjetflavor"]))
    return {
        **routines,
        **model_sources(generated, dialect),
        "Source/maxparticles.inc": max_particles(made),
        "Cards/run_card.dat": cards.run_card(values, kinds),
        "Cards/run_card_default.dat": cards.run_card(values),
        "Cards/proc_card_mg5.dat": cards.process_card(process),
        "Cards/me5_configuration.txt": cards.configuration(),
        "SubProcesses/proc_characteristics": _characteristics(made),
        "SubProcesses/subproc.mg": "".join(f"{item.name}\n" for item in made),
        "MGMEVersion.txt": f"mebridge {__version__}\n",
    }


def _link(root: Path, made: Sequence[Subprocess]) -> None:
    """The links of MadEvent: one copy of each shared file, seen from where it is used."""
    source, shared = root / "Source", root / "SubProcesses"
    (source / "coupl.inc").symlink_to("MODEL/coupl.inc")
    for name in ("genps.inc", "maxparticles.inc", "run.inc", "coupl.inc", "vector.inc"):
        if (source / name).exists():
            (shared / name).symlink_to(f"../Source/{name}")
    common = sorted(path.name for path in shared.iterdir() if path.suffix in _LINKED or path.name == "makefile")
    for item in made:
        for name in common:
            (shared / item.name / name).symlink_to(f"../{name}")


def _characteristics(made: Sequence[Subprocess]) -> str:
    """SubProcesses/proc_characteristics."""
    beams = [sorted({flavour[beam] for item in made for flavour in item.flavours}) for beam in (0, 1)]
    if any(item.has_mirror for item in made):
        beams = [sorted({*beams[0], *beams[1]})] * 2
    return (
        "# Information about the process\n"
        " loop_induced = False\n"
        " has_loops = False\n"
        " grouped_matrix = True\n"
        " complex_mass_scheme = False\n"
        " hel_recycling = False\n"
        f" nexternal = {max(len(item.flavours[0]) for item in made)}\n"
        " ninitial = 2\n"
        f" pdg_initial1 = {beams[0]}\n"
        f" pdg_initial2 = {beams[1]}\n"
    )


def _set_alpha_s(root: Path, grid: Path, made: Sequence[Subprocess]) -> None:
    """alpha_s(M_Z) of the parameter card is that of the densities, if they say it."""
    _, value = describe(grid)
    model = made[0].generated.model
    parameter = next((item for item in model.card_parameters if item.name == model.alpha_s), None)
    if value is None or parameter is None:
        return
    for name in ("param_card.dat", "param_card_default.dat"):
        path = root / "Cards" / name
        path.write_text(cards.with_parameter(path.read_text(), parameter.block, parameter.code[0], value))
