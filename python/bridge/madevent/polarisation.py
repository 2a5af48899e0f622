"""Beam-polarisation factors of SMATRIX: which legs have them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bridge.madevent.fixed_form import Statement

_LOOP = "DOJJ=1,NINCOMING"
_CALL = re.compile(r"T=MATRIX\d*\(")
_BEAM = re.compile(r"IF\(POL\((?P<beam>\d+|JJ)\)")


def take_out_polarisation(
    source: Sequence[Statement], n_incoming: int
) -> tuple[list[Statement], tuple[int, ...]]:
    """Statements without the factors, and the legs (from 0) that have them.

    The factors may follow each call of MATRIX, and must be the same after all of them. What
    is not exactly the known block stays in place, to be refused.
    """
    kept: list[Statement] = []
    found: list[tuple[int, ...]] = []
    position = 0
    while position < len(source):
        statement = source[position]
        kept.append(statement)
        position += 1
        if _CALL.match(statement.text):
            length, legs = _block(source, position, n_incoming)
            found.append(legs)
            position += length
    if len(set(found)) > 1:
        return list(source), ()
    return kept, found[0] if found else ()


def _block(source: Sequence[Statement], position: int, n_incoming: int) -> tuple[int, tuple[int, ...]]:
    """Length of the block at `position` (0 if none) and its legs."""
    texts = [statement.text for statement in source[position : position + 7]]
    if texts[:1] == [_LOOP] and texts == [_LOOP, *_factor("JJ"), "ENDDO"]:
        return 7, tuple(range(n_incoming))
    match = _BEAM.match(texts[0]) if texts else None
    if match and match["beam"] != "JJ" and texts[:5] == _factor(match["beam"]):
        return 5, (int(match["beam"]) - 1,)
    return 0, ()


def _factor(beam: str) -> list[str]:
    """The statements that multiply T by the weight of its helicity in a polarised beam."""
    ask = f"POL({beam}).NE.1D0"
    return [
        f"IF({ask}.AND.NHEL({beam},I).EQ.INT(SIGN(1D0,POL({beam}))))THEN",
        f"T=T*ABS(POL({beam}))",
        f"ELSEIF({ask})THEN",
        f"T=T*(2D0-ABS(POL({beam})))",
        "ENDIF",
    ]
