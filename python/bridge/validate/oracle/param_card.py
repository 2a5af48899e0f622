"""`Source/param_card.inc` of a process directory that has not been run yet.

MadEvent writes it from `Cards/param_card.dat` before it compiles the model; the oracle
does the same in its temporary copy.
"""

from __future__ import annotations

import re
from pathlib import Path

from bridge import slha
from bridge.slha import Card

Codes = tuple[int, ...]


def _value(card: Card, default: Card, block: str, key: Codes) -> float:
    for source in (card, default):
        value = source.scales.get(block) if key == (0,) else None
        value = source.get(block, key) if value is None else value
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
    card = slha.read(cards / "param_card.dat")
    fallback = cards / "param_card_default.dat"
    default = slha.read(fallback) if fallback.is_file() else Card()
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
