"""Fixed-form Fortran into statements and program units.

A statement is written in one normal form: continuation lines joined, comments dropped,
blanks removed and letters raised outside character constants. Blanks mean nothing in fixed
form, and MG5_aMC's line breaks do fall inside numbers and names.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bridge.madevent.error import ReadError

#: Last column the compiler reads: MadEvent's make_opts sets -ffixed-line-length-132.
LINE_LENGTH = 132

_COMMENT_FLAGS = frozenset("cC*!")
_UNIT = re.compile(
    r"(?:(?P<type>REAL\*8|DOUBLEPRECISION|INTEGER|LOGICAL|COMPLEX\*16|DOUBLECOMPLEX)?"
    r"FUNCTION|SUBROUTINE)(?P<name>[A-Z]\w*)(?:\((?P<arguments>[\w,]*)\))?$"
)
_END = re.compile(r"END(?:(?:SUBROUTINE|FUNCTION)\w*)?$")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement in normal form, with the number of its first line."""

    line: int
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A subroutine or function: its heading and the statements up to, not with, END."""

    name: str
    arguments: tuple[str, ...]
    heading: Statement
    statements: tuple[Statement, ...]


def read_source(path: Path) -> str:
    """Text of a Fortran file. Latin-1, because comments may hold any byte."""
    try:
        return path.read_text(encoding="latin-1")
    except OSError as error:
        raise ReadError(error.strerror or str(error), path) from error


def statements(text: str, file: str | Path = "") -> list[Statement]:
    """Statements of fixed-form `text`, in order. Raises ReadError on a stray continuation."""
    found: list[Statement] = []
    parts: list[str] = []
    first, label = 0, ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line or line[0] in _COMMENT_FLAGS:
            continue
        prefix, body = _columns(line)
        if prefix is None:
            if not parts:
                raise ReadError("continuation of nothing", file, number, line.strip())
            parts.append(body)
            continue
        if not body.strip() or body.lstrip().startswith("!"):
            continue
        if parts:
            found.append(_statement(first, label, parts))
        first, label, parts = number, prefix, [body]
    if parts:
        found.append(_statement(first, label, parts))
    return found


def _columns(line: str) -> tuple[str | None, str]:
    """Label (None on a continuation line) and text from column 7 of one line."""
    if "\t" in line[:6]:
        # gfortran's tab form: a tab among the first columns jumps to column 7.
        before, _, after = line.partition("\t")
        line = before.ljust(6) + after
    head, body = line[:6], line[6:LINE_LENGTH]
    if head.strip().startswith("!") and not (len(head) == 6 and head.index("!") == 5):
        return "", ""
    if len(head) == 6 and head[5] not in " 0":
        return None, body
    return head[:5].replace(" ", ""), body


def _statement(line: int, label: str, parts: list[str]) -> Statement:
    if not any("'" in part or '"' in part for part in parts):
        joined = "".join(part.partition("!")[0] for part in parts)
        return Statement(line, label, "".join(joined.split()).upper())
    return Statement(line, label, _normal_with_constants(parts))


def _normal_with_constants(parts: list[str]) -> str:
    """Normal form when there are character constants, which keep blanks and case."""
    out: list[str] = []
    quote = ""
    for part in parts:
        for character in part:
            if quote:
                out.append(character)
                quote = "" if character == quote else quote
            elif character == "!":
                break
            elif character in "'\"":
                out.append(character)
                quote = character
            elif not character.isspace():
                out.append(character.upper())
    return "".join(out)


def units(source: Iterable[Statement], file: str | Path = "") -> Iterator[Unit]:
    """Splits statements into subroutines and functions. Raises ReadError outside of them."""
    heading: Statement | None = None
    match: re.Match[str] | None = None
    body: list[Statement] = []
    for statement in source:
        if match is None or heading is None:
            match = _UNIT.match(statement.text)
            if match is None:
                raise ReadError("not a subroutine or function", file, statement.line, statement.text)
            heading, body = statement, []
        elif _END.match(statement.text):
            arguments = match["arguments"] or ""
            names = tuple(arguments.split(",")) if arguments else ()
            yield Unit(match["name"], names, heading, tuple(body))
            match = None
        else:
            body.append(statement)
    if match is not None and heading is not None:
        raise ReadError("no END of this", file, heading.line, heading.text)


def digest(source: Iterable[Statement]) -> str:
    """sha256 of statements in normal form: comments, blanks and line breaks do not count."""
    whole = hashlib.sha256()
    for statement in source:
        whole.update(f"{statement.label} {statement.text}\n".encode())
    return whole.hexdigest()
