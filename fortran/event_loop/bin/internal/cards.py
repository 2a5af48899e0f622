"""The cards: read, checked, and written as Fortran."""

from __future__ import annotations

import difflib
import math
import os
import re
from pathlib import Path
from typing import TextIO

from internal.error import RunError

_LINE = re.compile(r"^\s*(?P<value>[^=!#]*?)\s*=\s*(?P<name>\w+)\s*(?:[!#].*)?$")
_NAMES = {"lpp1": "LPP(1)", "lpp2": "LPP(2)", "ebeam1": "EBEAM(1)", "ebeam2": "EBEAM(2)"}
_SQUARED = {"dsqrt_q2fact1": "Q2FACT(1)", "dsqrt_q2fact2": "Q2FACT(2)"}
_LOGICAL = {"true": True, ".true.": True, "t": True, "false": False, ".false.": False, "f": False}
_LONGEST_PATH = 256
#: in Source/run_card.inc under another name, or not at all
_NOT_ASSIGNED = ("pdlabel", "lhaid")


def read_run_card(root: Path) -> dict[str, bool | int | float | str]:
    """Settings of Cards/run_card.dat; those that it leaves out as in Cards/run_card_default.dat."""
    defaults = {name: _typed(text) for name, (text, _) in _entries(root / "Cards/run_card_default.dat").items()}
    path = root / "Cards/run_card.dat"
    settings = dict(defaults)
    for name, (text, line) in _entries(path).items():
        if name not in defaults:
            near = difflib.get_close_matches(name, defaults, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise RunError(f"{path}, line {line}: unknown setting {name!r}{hint}")
        try:
            settings[name] = _as_type(text, type(defaults[name]))
        except ValueError:
            kind = {bool: "True or False", int: "an integer", float: "a number"}[type(defaults[name])]
            raise RunError(f"{path}, line {line}: {name} has to be {kind}, not {text!r}") from None
    if int(settings["nevents"]) < 1:
        raise RunError(f"{path}: nevents has to be at least 1")
    if int(settings["iseed"]) < 0:
        raise RunError(f"{path}: iseed has to be 0 or more")
    return settings


def _entries(path: Path) -> dict[str, tuple[str, int]]:
    """Name to text and number of the line."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(_lines(path), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.match(line)
        if match is None:
            raise RunError(f"{path}, line {number}: expected 'value = name ! comment', got {line.strip()!r}")
        name = match["name"].lower()
        if name in found:
            raise RunError(f"{path}, line {number}: {name} is set in line {found[name][1]} already")
        found[name] = (match["value"], number)
    return found


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}") from error


def _typed(text: str) -> bool | int | float | str:
    for kind in (bool, int, float):
        try:
            return _as_type(text, kind)
        except ValueError:
            pass
    return text


def _as_type(text: str, kind: type) -> bool | int | float | str:
    """Raises ValueError."""
    if kind is str:
        return text
    if kind is bool:
        if text.lower() not in _LOGICAL:
            raise ValueError(text)
        return _LOGICAL[text.lower()]
    if kind is int:
        return int(text)
    value = float(re.sub("[dD]", "e", text))
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def grid_file(root: Path, settings: dict[str, bool | int | float | str]) -> str:
    """The grid that pdlabel names, as the Fortran finds it: a file of lib/Pdfdata or an absolute path."""
    label = str(settings["pdlabel"])
    if not settings["lpp1"] and not settings["lpp2"]:
        return " "
    card = root / "Cards/run_card.dat"
    if label.lower() == "none":
        raise RunError(f"{card}: protons (lpp1, lpp2) need parton densities: pdlabel = none has to name a grid")
    found = next((path for path in _grids(root, label) if path.is_file()), None)
    if found is None:
        raise RunError(
            f"{card}: no grid {label!r} in {root / 'lib/Pdfdata'} or LHAPDF_DATA_PATH; "
            "put the file there, or give its path, or 'none' with lpp1 = lpp2 = 0"
        )
    with _opened(found) as stream:
        if not any(line.strip().lower().endswith("lhagrid1") for line in stream.read(2000).splitlines()):
            raise RunError(f"{found}: not a grid in LHAPDF's format (lhagrid1)")
    text = found.name if found.parent == root / "lib/Pdfdata" else str(found.resolve())
    if len(text) > _LONGEST_PATH:
        raise RunError(f"{found}: the path is longer than {_LONGEST_PATH} characters")
    return text


def _opened(path: Path) -> TextIO:
    try:
        return path.open(encoding="ascii", errors="replace")
    except OSError as error:
        raise RunError(f"{path}: {error.strerror}") from error


def _grids(root: Path, label: str) -> list[Path]:
    """Where the grid of a set, or a file, may lie."""
    local = root / "lib/Pdfdata"
    found = [local / label, local / f"{label}.dat", local / f"{label}_0000.dat", root / label]
    for folder in os.environ.get("LHAPDF_DATA_PATH", "").split(":"):
        if folder:
            found.append(Path(folder) / label / f"{label}_0000.dat")
    return found


def treat_run_card(root: Path) -> None:
    """Writes Source/run_card.inc."""
    settings = read_run_card(root)
    lines = [f"      PDF_FILE = {_text(grid_file(root, settings))}"]
    for name, value in settings.items():
        if name in _SQUARED:
            lines.append(f"      {_SQUARED[name]} = {_fortran(float(value) ** 2)}")
        elif name not in _NOT_ASSIGNED:
            lines.append(f"      {_NAMES.get(name, name.upper())} = {_fortran(value)}")
    _write_changed(root / "Source/run_card.inc", lines, root / "Cards/run_card.dat")


def _fortran(value: bool | int | float | str) -> str:
    if isinstance(value, bool):
        return ".TRUE." if value else ".FALSE."
    return f"{value:.15e}".replace("e", "D") if isinstance(value, float) else str(value)


def _text(value: str) -> str:
    """A character constant, in lines of fixed form."""
    parts = [value[k : k + 25].replace("'", "''") for k in range(0, len(value), 25)]
    return "//\n     &  ".join(f"'{part}'" for part in parts)


def treat_param_card(root: Path) -> None:
    """Writes Source/param_card.inc: each parameter of Cards/ident_card.dat with its value."""
    path = root / "Cards/param_card.dat"
    values = read_param_card(path)
    lines = []
    for line in _lines(root / "Cards/ident_card.dat"):
        words = line.split("#")[0].split()
        if words:
            *key, name = words
            if tuple(word.lower() for word in key) not in values:
                raise RunError(f"{path}: no entry {' '.join(key[1:])} in block {key[0]} ({name})")
            value = values[tuple(word.lower() for word in key)]
            lines.append(f"      {name.upper()} = {_fortran(value)}")
    _write_changed(root / "Source/param_card.inc", lines, path)


def read_param_card(path: Path) -> dict[tuple[str, ...], float]:
    """Values of an SLHA card: block and codes to value; `decay` and the particle for widths."""
    values: dict[tuple[str, ...], float] = {}
    block = ""
    for number, line in enumerate(_lines(path), 1):
        words = line.split("#")[0].lower().split()
        if not words:
            continue
        if words[0] == "block" and len(words) > 1:
            block = words[1]
        elif words[0] == "decay" and len(words) > 2:
            block = ""
            values["decay", words[1]] = _number(words[2], path, number)
        elif block and len(words) > 1:
            *key, text = words
            entry = (block, *key)
            values[entry] = _number(text, path, number)
    return values


def _number(text: str, path: Path, line: int) -> float:
    try:
        return float(_as_type(text, float))
    except ValueError:
        hint = "; widths have to be numbers here" if text.startswith("auto") else ""
        raise RunError(f"{path}, line {line}: expected a number, got {text!r}{hint}") from None


def _write_changed(path: Path, lines: list[str], card: Path) -> None:
    """Writes the file if it does not have this text already; it is newer than its card then: make looks at times."""
    text = "\n".join(lines) + "\n"
    if path.is_file() and path.read_text() == text:
        if path.stat().st_mtime < card.stat().st_mtime:
            os.utime(path)
        return
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(text)
        new.replace(path)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise RunError(f"{path}: {error.strerror}") from error
