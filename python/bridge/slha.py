"""SLHA cards (JHEP 07 (2004) 036): blocks, their scales and widths, the part that fixes a model's parameters.

A reader of our own: of the libraries for it, pyslha is under the GPL and neither xslha nor pylha has been
kept since 2019; decay tables are not wanted here.
"""

from __future__ import annotations

import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from bridge.exceptions import Error

#: block's name in lower case and the entry's numbers; a width is ("decay", (pdg_id,))
Key = tuple[str, tuple[int, ...]]

_INTEGER = re.compile(r"[-+]?\d+")
_SCALE = re.compile(r"\bq\s*=\s*(\S+)", re.IGNORECASE)


class SlhaError(Error, ValueError):
    """A card, or an entry of it, that cannot be used; the message names the line."""


@dataclass(slots=True)
class Card:
    """Content of a card. `scales`: Q of the blocks that have one, GeV."""

    values: dict[Key, float] = field(default_factory=dict)
    scales: dict[str, float] = field(default_factory=dict)
    #: entries that are no numbers, such as those of SPINFO, and what is wrong with them
    faults: dict[Key, str] = field(default_factory=dict)

    def get(self, block: str, codes: tuple[int, ...]) -> float | None:
        """Value of an entry, None if there is none; raises SlhaError if it is no number."""
        key = (block.lower(), codes)
        if key in self.faults:
            raise SlhaError(self.faults[key])
        return self.values.get(key)


def read(card: str | os.PathLike[str]) -> Card:
    """The content of a card, given as text (of several lines) or as its path. Raises SlhaError."""
    text = card if isinstance(card, str) and "\n" in card else _file(Path(card))
    found = Card()
    block = ""
    for number, raw in enumerate(text.splitlines(), 1):
        words = raw.split("#", 1)[0].split()
        if not words:
            continue
        head = words[0].lower()
        if head == "block":
            block = _block(found, raw, words, number)
        elif head == "decay":
            block = ""  # the table below it is not read
            _width(found, words, number)
        elif block and all(_INTEGER.fullmatch(word) for word in words[:-1]):
            _add(found, (block, tuple(int(word) for word in words[:-1])), words[-1], number)
    return found


def _file(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        raise SlhaError(f"card {path}: {error.strerror}") from error


def _block(found: Card, raw: str, words: list[str], number: int) -> str:
    if len(words) < 2:
        raise SlhaError(f"card, line {number}: a block without a name")
    name = words[1].lower()
    scale = _SCALE.search(raw.split("#", 1)[0])
    value = _number(scale[1]) if scale else None
    if value is not None:
        found.scales[name] = value
    return name


def _width(found: Card, words: list[str], number: int) -> None:
    if len(words) < 3 or not _INTEGER.fullmatch(words[1]):
        raise SlhaError(f"card, line {number}: expected DECAY, a particle and its width")
    _add(found, ("decay", (int(words[1]),)), words[2], number)


def _add(found: Card, key: Key, word: str, number: int) -> None:
    value = _number(word)
    if value is None:
        found.faults[key] = f"card, line {number}: {word!r} is no number"
    else:
        found.values[key] = value
        found.faults.pop(key, None)


def _number(word: str) -> float | None:
    """Fortran's exponents too; NaN and infinity are no numbers."""
    try:
        value = float(word.lower().replace("d", "e"))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
