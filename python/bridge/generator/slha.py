"""SLHA cards: blocks and widths, the part that fixes a model's parameters.

A reader of our own: `pylha` needs PyYAML and reads decay tables and matrices that nobody here
wants, while forty lines of text processing do what is needed.
"""

from __future__ import annotations

import re
from pathlib import Path

from bridge.generator.error import GeneratorError

#: block name in lower case, codes -> value; widths are block "decay"
Card = dict[tuple[str, tuple[int, ...]], float]
_INTEGER = re.compile(r"[-+]?\d+")


def read(card: str | Path) -> Card:
    """The content of a card, given as text or as its path. Raises GeneratorError."""
    text = card if isinstance(card, str) and "\n" in card else _file(Path(card))
    found: Card = {}
    block = ""
    for number, raw in enumerate(text.splitlines(), 1):
        words = raw.split("#", 1)[0].split()
        if not words:
            continue
        head = words[0].lower()
        if head in ("block", "decay") and len(words) < 2:
            raise GeneratorError(f"card, line {number}: {raw.strip()!r} has no name")
        if head == "block":
            block = words[1].lower()
        elif head == "decay":
            block = ""  # the table below it is not read
            found["decay", _codes(words[1:2], number)] = _number(words[-1], number)
        elif block and all(_INTEGER.fullmatch(word) for word in words[:-1]):
            found[block, _codes(words[:-1], number)] = _number(words[-1], number)
    return found


def _file(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError as error:
        raise GeneratorError(f"card {path}: {error.strerror}") from error


def _codes(words: list[str], number: int) -> tuple[int, ...]:
    try:
        return tuple(int(word) for word in words)
    except ValueError:
        raise GeneratorError(f"card, line {number}: {words[0]!r} is no particle") from None


def _number(word: str, number: int) -> float:
    try:
        return float(word.lower().replace("d", "e"))
    except ValueError:
        raise GeneratorError(f"card, line {number}: {word!r} is no number") from None
