"""Effective widths of MATRIX (FK_ names): raised to a least fraction of the mass."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bridge.madevent.error import ReadError
from bridge.madevent.fixed_form import Statement

_ONE_LINE = re.compile(r"IF\((?P<width>\w+)\.NE\.0D0\)(?P<value>FK_\w+=SIGN\(.+)$")
_BLOCK_START = re.compile(r"IF\((?P<width>\w+)\.NE\.0D0\)THEN$")
_VALUE = re.compile(
    r"FK_(?P<name>\w+)=SIGN\(MAX\(ABS\((?P<width>\w+)\),"
    r"ABS\((?P<mass>\w+)\*SMALL_WIDTH_TREATMENT\)\),(?P=width)\)$"
)
_ZERO = "FK_ZERO=0D0"

#: FK_ name -> (width, mass); None where the Fortran has ZERO
FakeWidths = Mapping[str, tuple[str | None, str | None]]


def take_out_fake_widths(source: Sequence[Statement], file: Path) -> tuple[list[Statement], FakeWidths]:
    """Statements without those that set effective widths, and what these say.

    Each width is set in one line (up to 3.5) or in a block with its else branch (3.6 on).
    Raises ReadError when a width is set from something else than itself.
    """
    kept: list[Statement] = []
    found: dict[str, tuple[str | None, str | None]] = {"FK_ZERO": (None, None)}
    position = 0
    while position < len(source):
        length, value, width = _at(source, position)
        if length == 0:
            kept.append(source[position])
            position += 1
            continue
        if value:
            _set(found, value, width, source[position], file)
        position += length
    return kept, found


def _at(source: Sequence[Statement], position: int) -> tuple[int, str, str]:
    """Number of statements that set a width at `position`, the one that does, its width."""
    text = source[position].text
    if text == _ZERO:
        return 1, "", ""
    if match := _ONE_LINE.match(text):
        return 1, match["value"], match["width"]
    match = _BLOCK_START.match(text)
    if match is None or position + 4 >= len(source):
        return 0, "", ""
    value, *rest = (statement.text for statement in source[position + 1 : position + 5])
    if rest != ["ELSE", f"FK_{match['width']}=0D0", "ENDIF"]:
        return 0, "", ""
    return 5, value, match["width"]


def _set(
    found: dict[str, tuple[str | None, str | None]],
    value: str,
    width: str,
    place: Statement,
    file: Path,
) -> None:
    match = _VALUE.match(value)
    if match is None or not match["name"] == match["width"] == width:
        raise ReadError("effective width not understood", file, place.line, place.text)
    if width == "ZERO":
        return
    if match["mass"] == "ZERO":
        raise ReadError("width of a massless particle", file, place.line, place.text)
    found[f"FK_{width}"] = (width, match["mass"])
