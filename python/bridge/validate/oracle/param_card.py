"""`Source/param_card.inc` of a process directory that has not been run yet.

MadEvent writes it from `Cards/param_card.dat` before it compiles the model; the oracle
does the same in its temporary copy.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

Key = tuple[int, ...]


@dataclass(slots=True)
class Card:
    """Blocks of an SLHA card, names in lower case; widths are block `decay`."""

    blocks: dict[str, dict[Key, float]] = field(default_factory=dict)
    scales: dict[str, float] = field(default_factory=dict)

    def get(self, block: str, key: Key) -> float | None:
        if key == (0,) and block in self.scales:
            return self.scales[block]
        return self.blocks.get(block, {}).get(key)


def _number(text: str) -> float | None:
    try:
        return float(text.lower().replace("d", "e"))
    except ValueError:
        return None


def read_card(text: str) -> Card:
    """Parses an SLHA card; lines it does not understand (decay tables) are skipped."""
    card = Card()
    block: str | None = None
    for raw in text.splitlines():
        words = raw.split("#", 1)[0].split()
        if not words:
            continue
        head = words[0].lower()
        if head == "block":
            block = words[1].lower()
            scale = re.search(r"q\s*=\s*(\S+)", raw, re.IGNORECASE)
            value = _number(scale[1]) if scale else None
            if value is not None:
                card.scales[block] = value
        elif head == "decay" and len(words) >= 3:
            block = None
            value = _number(words[2])
            if value is not None:
                card.blocks.setdefault("decay", {})[(int(words[1]),)] = value
        elif block is not None:
            value = _number(words[-1])
            if value is not None and all(re.fullmatch(r"[-+]?\d+", w) for w in words[:-1]):
                key = tuple(int(word) for word in words[:-1])
                card.blocks.setdefault(block, {})[key] = value
    return card


def _value(card: Card, default: Card, block: str, key: Key) -> float:
    for source in (card, default):
        value = source.get(block, key)
        if value is not None:
            return value
    # MadLoop's block is optional: its renormalisation scale is fixed at the Z mass
    if block == "loop":
        return 91.118
    raise ValueError(f"param_card.dat: no value for {block} {' '.join(map(str, key))}")


def _assignment(name: str, value: float) -> str:
    return f"      {name} = " + f"{value:e}".replace("e", "d")


def fortran_assignments(cards: Path, model_inputs: str = "") -> str:
    """Text of param_card.inc, seven digits a value, as MadEvent's own.

    `cards` is the directory's `Cards` folder, `model_inputs` the text of
    `Source/MODEL/input.inc`. Raises ValueError for a missing parameter
    and OSError for missing files.
    """
    card = read_card((cards / "param_card.dat").read_text())
    fallback = cards / "param_card_default.dat"
    default = read_card(fallback.read_text()) if fallback.is_file() else Card()
    lines = []
    for line in (cards / "ident_card.dat").read_text().splitlines():
        words = line.split()
        if len(words) < 3 or not all(re.fullmatch(r"-?\d+", w) for w in words[1:-1]):
            continue
        block, name = words[0].lower(), words[-1]
        key = tuple(int(word) for word in words[1:-1])
        value = _value(card, default, block, key)
        # a negative mass (a Majorana phase) turns the sign of its width
        if block == "decay" and (card.get("mass", key) or 0.0) < 0.0:
            value = -value
        lines.append(_assignment(name, value))
    # blocks whose renormalisation scale the model uses (MG5_aMC 3.6 and later)
    for block in sorted(set(re.findall(r"mdl__(\w*)__scale", model_inputs, re.IGNORECASE))):
        if block.lower() not in card.scales:
            raise ValueError(f"param_card.dat: block {block} has no scale (Q=)")
        lines.append(_assignment(f"mdl__{block}__scale", card.scales[block.lower()]))
    return "\n".join(lines) + "\n"
