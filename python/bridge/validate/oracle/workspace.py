"""Compiles a directory's own matrix elements, in a temporary copy, into shared libraries.

Nothing is ever written into the directory itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Literal

from bridge.validate.oracle.param_card import fortran_assignments

Dialect = Literal["scalar", "vector"]

#: what MG5_aMC's own makefiles use, with its default optimisation
_FLAGS = ("-c", "-O", "-fPIC", "-w", "-std=legacy", "-ffixed-line-length-132")


class OracleError(Exception):
    """The directory's Fortran could not be compiled or does not look as expected."""


@dataclass(frozen=True, slots=True)
class Symbols:
    """Parameters in the COMMONs of `coupl.inc`; running ones are arrays over slots."""

    reals: tuple[str, ...]
    couplings: tuple[str, ...]
    arrays: frozenset[str]


def _run(command: Sequence[str], folder: Path) -> None:
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        tail = "\n".join(result.stderr.splitlines()[-20:])
        raise OracleError(f"{' '.join(command[:2])} … failed in {folder}:\n{tail}")


def _copy_sources(source: Path, target: Path) -> None:
    """Copies *.f and *.inc (links followed) of one folder."""
    target.mkdir(parents=True, exist_ok=True)
    for path in source.iterdir():
        if path.suffix in (".f", ".inc") and path.is_file():
            shutil.copyfile(path, target / path.name)


def join_lines(text: str) -> str:
    """Statements of fixed-form Fortran, one a line, comments and blanks removed."""
    out: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line[0] in "cC*!":
            continue
        body = line.split("!", 1)[0].rstrip()
        if len(body) > 5 and body[5] not in " 0" and not body[:5].strip() and out:
            out[-1] += body[6:]
        else:
            out.append(body)
    return "\n".join(re.sub(r"\s+", "", line) for line in out).upper()


def read_symbols(coupl_inc: str) -> Symbols:
    """Names in /MASSES/, /WIDTHS/ and /COUPLINGS/, upper case."""
    text = join_lines(coupl_inc)
    names: dict[str, list[str]] = {}
    for common, members in re.findall(r"^COMMON/(\w+)/(.*)$", text, re.MULTILINE):
        names.setdefault(common, []).extend(members.split(","))
    declared = re.findall(r"(?:DOUBLECOMPLEX)?(\w+)\(VECSIZE_MEMMAX\)", text)
    arrays = frozenset(declared)
    return Symbols(
        reals=tuple(names.get("MASSES", []) + names.get("WIDTHS", [])),
        couplings=tuple(names.get("COUPLINGS", [])),
        arrays=arrays,
    )


def parameter_source(symbols: Symbols, *, vector: bool) -> str:
    """Fortran that copies the parameters to two arrays, in the order of `symbols`."""
    lines = [
        "      SUBROUTINE MEB_ORACLE_PARAMETERS(REALS, COUPLINGS)",
        "      IMPLICIT NONE",
        "      DOUBLE PRECISION REALS(*)",
        "      DOUBLE COMPLEX COUPLINGS(*)",
    ]
    if vector:
        lines.append("      INCLUDE '../../Source/vector.inc'")
    lines.append("      INCLUDE 'coupl.inc'")
    lines += [f"      REALS({k}) = {name}" for k, name in enumerate(symbols.reals, 1)]
    for k, name in enumerate(symbols.couplings, 1):
        slot = "(1)" if name in symbols.arrays else ""
        lines.append(f"      COUPLINGS({k}) = {name}{slot}")
    lines += ["      END", *_mass_lines(vector)]
    return "\n".join([*lines, ""])


def _mass_lines(vector: bool) -> list[str]:
    return [
        "      SUBROUTINE MEB_ORACLE_MASSES(PMASS)",
        "      IMPLICIT NONE",
        "      INCLUDE 'nexternal.inc'",
        "      DOUBLE PRECISION PMASS(NEXTERNAL), ZERO",
        "      PARAMETER (ZERO=0D0)",
        *(["      INCLUDE '../../Source/vector.inc'"] if vector else []),
        "      INCLUDE 'coupl.inc'",
        "      INCLUDE 'pmass.inc'",
        "      END",
    ]


def extract_routine(text: str, name: str) -> str | None:
    """The text of one subroutine of a fixed-form file, None if it is not there."""
    start = re.search(rf"^ {{6,}}subroutine +{name}\b", text, re.IGNORECASE | re.MULTILINE)
    if start is None:
        return None
    end = re.compile(r"^ {6,}end[ \t]*(subroutine.*)?$", re.IGNORECASE | re.MULTILINE)
    stop = end.search(text, start.end())
    return text[start.start() : stop.end()] + "\n" if stop else None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A subprocess directory's shared library and what is needed to call it."""

    library: Path
    dialect: Dialect
    grouped: bool
    symbols: Symbols
    matrix_files: tuple[Path, ...]


def matrix_files(subprocess_dir: Path) -> tuple[Path, ...]:
    """The full matrix files: `matrix<i>_orig.f` where there is one, else `matrix<i>.f`."""
    found: dict[int, Path] = {}
    for path in subprocess_dir.iterdir():
        match = re.fullmatch(r"matrix(\d*)(_orig)?\.f", path.name)
        if match is None or not path.is_file():
            continue
        number = int(match[1] or 0)
        if match[2] or number not in found:
            found[number] = path
    return tuple(found[number] for number in sorted(found))


def _select_color(folder: Path) -> str:
    """MadEvent has it in auto_dsig.f, the event loop of our own directories in colors.f."""
    for path in (folder / "auto_dsig.f", folder / "colors.f"):
        found = extract_routine(path.read_text(), "select_color") if path.is_file() else None
        if found is not None:
            return found
    raise OracleError(f"{folder.name}/auto_dsig.f: no SELECT_COLOR")


class Workspace:
    """A temporary copy of one process directory's `Source`, compiled once.

    `scratch` is an existing empty folder; the caller removes it. Raises OracleError if
    the directory lacks what is needed or does not compile, or there is no gfortran.
    """

    def __init__(self, directory: Path, scratch: Path) -> None:
        self.directory = directory
        self.scratch = scratch
        self._fortran = os.environ.get("FC") or "gfortran"
        if shutil.which(self._fortran) is None:
            raise OracleError(f"the oracle needs a Fortran compiler: {self._fortran} not found")
        if not (directory / "Source").is_dir():
            raise OracleError(f"{directory}: no Source folder")
        self._copy()
        self._compile_source()

    def _copy(self) -> None:
        for name in ("Source", "Source/DHELAS", "Source/MODEL", "SubProcesses"):
            if not (self.directory / name).is_dir():
                raise OracleError(f"{self.directory}: no {name} folder")
            _copy_sources(self.directory / name, self.scratch / name)
        target = self.scratch / "Source/param_card.inc"
        card = self.directory / "Cards/param_card.dat"
        # MadEvent compiles the card in; a card edited since is compiled in at the next run
        if target.is_file():
            written = (self.directory / "Source/param_card.inc").stat().st_mtime
            if not card.is_file() or card.stat().st_mtime <= written:
                return
        inputs = self.scratch / "Source/MODEL/input.inc"
        text = inputs.read_text() if inputs.is_file() else ""
        try:
            target.write_text(fortran_assignments(self.directory / "Cards", text))
        except (OSError, ValueError) as error:
            raise OracleError(f"{self.directory}: {error}") from error

    def _compile(self, folder: Path, files: Sequence[Path], *flags: str) -> list[Path]:
        names = [str(path.relative_to(folder)) for path in files]
        modules = self.scratch / "modules"
        modules.mkdir(exist_ok=True)
        _run([self._fortran, *_FLAGS, *flags, "-J", str(modules), *names], folder)
        return [folder / f"{path.stem}.o" for path in files]

    def _compile_source(self) -> None:
        source = self.scratch / "Source"
        modules = [source / name for name in ("StringCast.f", "DiscreteSampler.f")]
        objects = self._compile_if(source, [p for p in modules if p.is_file()], "-O0")
        helas = sorted((source / "DHELAS").glob("*.f"))
        objects += self._compile_if(source / "DHELAS", helas)
        model = [p for p in sorted((source / "MODEL").glob("*.f")) if p.stem != "testprog"]
        objects += self._compile_if(source / "MODEL", model)
        here = resources.files("bridge.validate.oracle")
        own = self.scratch / "oracle"
        own.mkdir()
        (own / "standins.f").write_text(here.joinpath("standins.f").read_text())
        objects += self._compile(own, [own / "standins.f"])
        archive = self.scratch / "libcommon.a"
        _run(["ar", "rcs", str(archive), *map(str, objects)], self.scratch)

    def _compile_if(self, folder: Path, files: list[Path], *flags: str) -> list[Path]:
        return self._compile(folder, files, *flags) if files else []

    def compile_subprocess(self, name: str) -> Compiled:
        """Compiles `SubProcesses/<name>`: all its matrix files, and our driver."""
        original = self.directory / "SubProcesses" / name
        folder = self.scratch / "SubProcesses" / name
        _copy_sources(original, folder)
        files = matrix_files(folder)
        if not files:
            raise OracleError(f"{original}: no matrix<i>.f")
        head = join_lines(files[0].read_text())
        vector = re.search(r"^SUBROUTINESMATRIX\d*\(P,RHEL", head, re.MULTILINE) is not None
        dialect: Dialect = "vector" if vector else "scalar"
        symbols = read_symbols((folder / "coupl.inc").read_text())
        sources = [*files, *self._driver(folder, dialect, symbols)]
        include = ["-I", str(self.scratch / "Source"), "-I", "."]
        objects = self._compile(folder, sources, *include)
        library = folder / "liboracle.so"
        self._link(folder, objects, library)
        return Compiled(library, dialect, files[0].stem != "matrix", symbols, files)

    def _driver(self, folder: Path, dialect: Dialect, symbols: Symbols) -> list[Path]:
        here = resources.files("bridge.validate.oracle")
        texts = {
            "meb_driver.f": here.joinpath("driver.f").read_text(),
            "meb_call.f": here.joinpath(f"{dialect}.f").read_text(),
            "meb_parameters.f": parameter_source(symbols, vector=(self.scratch / "Source/vector.inc").is_file()),
        }
        if dialect == "vector":
            texts["meb_select_color.f"] = _select_color(folder)
        for file_name, text in texts.items():
            (folder / file_name).write_text(text)
        return [folder / file_name for file_name in texts]

    def _link(self, folder: Path, objects: list[Path], library: Path) -> None:
        command = [self._fortran, "-shared", "-o", str(library), *map(str, objects)]
        # each library keeps to its own COMMONs and symbols, whatever else is loaded
        command += ["-Wl,-Bsymbolic", "-Wl,-z,defs", str(self.scratch / "libcommon.a")]
        result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        if result.returncode == 0:
            return
        missing = sorted(set(re.findall(r"undefined reference to `(\w+)_'", result.stderr)))
        if not missing:
            raise OracleError(f"linking {folder.name}: {result.stderr[-2000:]}")
        _run([*command[:-1], *map(str, self._stubs(folder, missing)), command[-1]], folder)

    def _stubs(self, folder: Path, names: Sequence[str]) -> list[Path]:
        """Routines that parts of the model refer to and no matrix element calls."""
        text = "".join(
            f"      SUBROUTINE {name}()\n      STOP 'oracle: {name} is not available'\n      END\n" for name in names
        )
        path = folder / "meb_stubs.f"
        path.write_text(text)
        return self._compile(folder, [path])
