"""Declarations of a program unit: constants, DATA values, types, included files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bridge.madevent.error import ReadError
from bridge.madevent.fixed_form import Statement, Unit

_TYPE = re.compile(
    r"(?P<type>INTEGER|LOGICAL|REAL\*8|REAL|DOUBLEPRECISION|COMPLEX\*16|DOUBLECOMPLEX"
    r"|CHARACTER\*\d+|TYPE\(\w+\))(?P<names>[A-Z][^=]*)$"
)
_NAME = re.compile(r"(?P<name>[A-Z]\w*)(?:\((?P<extent>[^()]*(?:\([^()]*\)[^()]*)*)\))?(?:,|$)")
_INERT = re.compile(r"(?:IMPLICITNONE|USE\w+|COMMON/\w+/[\w,():*]+|(?:SAVE|EXTERNAL)[\w,]+)$")
_INCLUDE = re.compile(r"INCLUDE'(?P<path>[^']+)'$")
_PARAMETER = re.compile(r"PARAMETER\((?P<items>.+)\)$")
_DATA = re.compile(r"DATA(?=[A-Z(])")
_DATA_LOOP = re.compile(
    r"DATA\((?P<name>[A-Z]\w*)\((?P<index>[\dI,]+)\),I=(?P<first>\d+),(?P<last>\d+)\)"
    r"/(?P<values>[^/]*)/$"
)
_DATA_PLAIN = re.compile(r"DATA(?P<name>[A-Z]\w*)(?:\((?P<index>[\d,]+)\))?/(?P<values>[^/]*)/$")
_REPEATED = re.compile(r"(?P<count>\d+)\*(?P<value>.+)$")

#: What generated units include; anything else might hold statements.
INCLUDED = frozenset(
    {
        "cluster.inc",
        "config_subproc_map.inc",
        "coupl.inc",
        "genps.inc",
        "maxamps.inc",
        "maxconfigs.inc",
        "maxparticles.inc",
        "nexternal.inc",
        "ngraphs.inc",
        "run.inc",
        "vector.inc",
    }
)


@dataclass(frozen=True, slots=True)
class Data:
    """One DATA statement: `values[k]` belongs to the element `indices[k]` of `name`."""

    name: str
    indices: tuple[tuple[int, ...], ...]
    values: tuple[str, ...]
    statement: Statement


@dataclass(slots=True)
class Declarations:
    """What a unit declares. `types` maps a name to its type and extent (as text)."""

    parameters: dict[str, str] = field(default_factory=dict)
    types: dict[str, tuple[str, str]] = field(default_factory=dict)
    data: list[Data] = field(default_factory=list)
    other_data: list[Statement] = field(default_factory=list)

    def integer(self, name: str) -> int:
        """Value of the integer constant `name`. Raises KeyError or ValueError."""
        return int(self.parameters[name])

    def of(self, name: str) -> Iterator[Data]:
        """DATA statements for `name`, in order."""
        return (data for data in self.data if data.name == name)


def split(unit: Unit, file: str | Path = "") -> tuple[Declarations, list[Statement]]:
    """Declarations and executable statements of `unit`.

    Raises ReadError for an INCLUDE that might hold statements.
    """
    declared = Declarations()
    executable: list[Statement] = []
    for statement in unit.statements:
        if not _declare(statement, declared, file):
            executable.append(statement)
    return declared, executable


def read(source: list[Statement], file: str | Path = "") -> Declarations:
    """Declarations of a file that holds nothing else. Raises ReadError."""
    declared = Declarations()
    for statement in source:
        if not _declare(statement, declared, file):
            raise ReadError("not a declaration", file, statement.line, statement.text)
    return declared


def _declare(statement: Statement, declared: Declarations, file: str | Path) -> bool:
    text = statement.text
    if statement.label:
        return False
    if _DATA.match(text):
        _add_data(statement, declared)
    elif match := _PARAMETER.match(text):
        _add_parameters(match["items"], declared)
    elif match := _INCLUDE.match(text):
        if match["path"].rpartition("/")[2].lower() not in INCLUDED:
            raise ReadError("included file not known", file, statement.line, text)
    elif match := _TYPE.match(text):
        _add_types(match, declared)
    else:
        return _INERT.match(text) is not None
    return True


def _add_types(match: re.Match[str], declared: Declarations) -> None:
    for item in _NAME.finditer(match["names"]):
        declared.types[item["name"]] = (match["type"], item["extent"] or "")


def _add_parameters(items: str, declared: Declarations) -> None:
    for item in re.split(r",(?=[A-Z]\w*=)", items):
        name, _, value = item.partition("=")
        declared.parameters[name] = value


def _add_data(statement: Statement, declared: Declarations) -> None:
    data = _loop_data(statement) or _plain_data(statement)
    if data is None:
        declared.other_data.append(statement)
    else:
        declared.data.append(data)


def _loop_data(statement: Statement) -> Data | None:
    match = _DATA_LOOP.match(statement.text)
    if match is None:
        return None
    subscripts = match["index"].split(",")
    indices = tuple(
        tuple(number if text == "I" else int(text) for text in subscripts)
        for number in range(int(match["first"]), int(match["last"]) + 1)
    )
    values = _values(match["values"])
    return Data(match["name"], indices, values, statement) if len(values) == len(indices) else None


def _plain_data(statement: Statement) -> Data | None:
    match = _DATA_PLAIN.match(statement.text)
    if match is None:
        return None
    values = _values(match["values"])
    if match["index"] is None:
        indices: tuple[tuple[int, ...], ...] = tuple((n,) for n in range(1, len(values) + 1))
    else:
        indices = (tuple(int(text) for text in match["index"].split(",")),)
    return Data(match["name"], indices, values, statement) if len(values) == len(indices) else None


def _values(text: str) -> tuple[str, ...]:
    values: list[str] = []
    for item in text.split(","):
        repeated = _REPEATED.match(item)
        values += [repeated["value"]] * int(repeated["count"]) if repeated else [item]
    return tuple(values)
