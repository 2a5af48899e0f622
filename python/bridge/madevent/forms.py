"""Recognises the boilerplate of generated units by digests of their statements.

A *skeleton* is a unit's executable part in which what differs between processes is taken
out (the subprocess number, calls, JAMP and AMP2 lines, polarisation factors). It is
compared, statement by statement, with the skeletons in `forms.json`, which holds digests
only. A unit whose skeleton is not there was written by a version not known here, or
edited; neither is guessed at.

`bridge.madevent.learn` makes entries for the table.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from bridge.madevent.error import ReadError
from bridge.madevent.fixed_form import Statement, Unit

#: Skeletons known for each kind of unit: kind -> form's name -> digests of its statements.
Forms = Mapping[str, Mapping[str, Sequence[str]]]

DIGEST_LENGTH = 12

#: External wave functions whose text is compared.
WAVE_FUNCTIONS = ("IXXXXX", "OXXXXX", "VXXXXX", "SXXXXX")
_OUTPUT = re.compile(r"(?:PRINT\*|WRITE\(\*,\*\))")
_MARKS = (
    ("<call>", re.compile(r"CALL(?:\w+_\d+|[A-Z]XXXXX)\((?:W|P)\(")),
    ("<jamp>", re.compile(r"(?:TMP_)?JAMP\(\d+(?:,\d+)?\)=")),
    ("<amp2>", re.compile(r"AMP2\(\d+\)=AMP2\(\d+\)\+")),
)
_JAMP2 = re.compile(r"JAMP2\(0\)=\d+$")
_NUMBERED = ("SMATRIX", "MATRIX", "ZEROAMP_", "SQSOINDEX", "SOINDEX_FOR_SQUARED_ORDERS")
_INDEXED = (r"NTRY\(", r"GOODHEL\(I,", r"CONFSUB\(", r"SUBDIAG\(", r"ICONFIG,")


@dataclass(frozen=True, slots=True)
class Skeleton:
    """Digest and first statement of each step of a unit's executable part."""

    digests: tuple[str, ...]
    statements: tuple[Statement, ...]


@functools.cache
def known_forms() -> Forms:
    """The table that comes with the package."""
    text = resources.files(__package__).joinpath("forms.json").read_text(encoding="utf-8")
    forms: Forms = json.loads(text)
    return forms


def heading(unit: Unit) -> Statement:
    """Name and arguments of `unit`, to be compared like a statement."""
    return Statement(unit.heading.line, "", f"{unit.name}({','.join(unit.arguments)})")


def skeleton(executable: Iterable[Statement], number: str) -> Skeleton:
    """Skeleton of executable statements of subprocess `number` ("" when ungrouped)."""
    digests: list[str] = []
    places: list[Statement] = []
    mark = ""
    replace = _replacer(number)
    for statement in executable:
        text = statement.text
        if _OUTPUT.match(text):
            continue
        last, mark = mark, _mark(text)
        if mark and mark == last:
            continue
        normal = mark or replace(text)
        digests.append(_digest(f"{statement.label} {normal}"))
        places.append(statement)
    return Skeleton(tuple(digests), tuple(places))


def recognise(found: Skeleton, kind: str, forms: Forms, file: Path, line: int) -> str:
    """Name of the form that `found` has. Raises ReadError at the first foreign statement."""
    known = forms.get(kind, {})
    best = 0
    for name, digests in known.items():
        common = _common_length(found.digests, digests)
        if common == len(digests) == len(found.digests):
            return name
        best = max(best, common)
    if best < len(found.statements):
        place = found.statements[best]
        raise ReadError(f"statement of {kind} not known here", file, place.line, place.text)
    raise ReadError(f"{kind} ends too early", file, line)


def _common_length(first: Sequence[str], second: Sequence[str]) -> int:
    length = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        length += 1
    return length


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def _mark(text: str) -> str:
    for mark, pattern in _MARKS:
        if pattern.match(text):
            return mark
    return ""


class _replacer:
    """Writes `#` for the subprocess number where generated code puts it."""

    def __init__(self, number: str) -> None:
        names = "|".join(_NUMBERED)
        indexed = "|".join(_INDEXED)
        self._pattern = (
            re.compile(rf"(?P<name>\b(?:CALL)?(?:{names})|\b(?:{indexed})){number}(?!\d)") if number else None
        )

    def __call__(self, text: str) -> str:
        if _JAMP2.match(text):
            return "JAMP2(0)=#"
        return self._pattern.sub(r"\g<name>#", text) if self._pattern else text
