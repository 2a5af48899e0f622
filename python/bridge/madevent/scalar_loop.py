"""The switches between MadEvent's loops: over vectors of events, or one event at a time.

The vector loop keeps the flavour and alpha_s of one event of a vector for all of them; the seam
batches the scalar loop, which does not.
"""

from __future__ import annotations

import re

#: run_card switches of the vector mode and their values for the scalar loop
_CARD = {"vector_size": "1", "nb_warp": "1", "cudacpp_backend": "fortran"}
_PARAMETERS = ("WARP_SIZE", "NB_WARP", "VECSIZE_MEMMAX")


def scalar_vector_inc(text: str) -> str:
    """``Source/vector.inc`` for the scalar loop."""
    for name in _PARAMETERS:
        text = re.sub(rf"(?i)(\(\s*{name}\s*=\s*)\d+(\s*\))", r"\g<1>1\g<2>", text)
    return text


def scalar_card(card: str) -> str:
    """``run_card.dat`` for the scalar loop."""
    for name, value in _CARD.items():
        card = _set(card, name, value)
    return card


def card_as_before(card: str, before: str) -> str:
    """`card` with the vector-mode values of `before`, where they still are the scalar loop's."""
    for name, value in _CARD.items():
        was, now = _get(before, name), _get(card, name)
        if was is not None and now == value:
            card = _set(card, name, was)
    return card


def _line(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?m)^([ \t]*)([^#=\n]*?)([ \t]*=[ \t]*{name}\b)")


def _get(card: str, name: str) -> str | None:
    match = _line(name).search(card)
    return match[2] if match else None


def _set(card: str, name: str, value: str) -> str:
    return _line(name).sub(rf"\g<1>{value}\g<3>", card)
