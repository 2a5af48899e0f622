"""Joining of the event files that the jobs of one channel wrote (``combine_runs.py``, up to MG5_aMC 3.5).

Each job's file gets the channel's weight: only the line after ``<event>`` changes.
"""

from __future__ import annotations

from typing import Any

from . import is_wanted

_BEGIN = "\n<event>"
_N_WORD = 6


class _WrongLine(Exception):
    """The line after ``<event>`` is not one of an event."""


def _reweighted(block: str, weight: str, is_last: bool) -> tuple[str, int]:
    """What follows ``<event>`` with the positive `weight`, and the number of events in it: 0 or 1."""
    rest_of_line, newline, rest = block.partition("\n")
    if is_last and not rest:
        return block, 0
    line, _, following = rest.partition("\n")
    words = line.split()
    if not newline or len(words) != _N_WORD:
        raise _WrongLine
    sign = "" if float(words[2]) > 0 else "-"
    first = f" {'   '.join(words[:2])}  {sign}{weight}  {'  '.join(words[3:])}\n"
    return f"{rest_of_line}\n{first}{following}", 1


def install(names: dict[str, Any]) -> None:
    """Puts it into the module `combine_runs`, whose names are `names`."""
    if not is_wanted("merge"):
        return
    error = names["MadGraph5Error"]

    def copy_events(self: Any, fsock: Any, input: str, new_wgt: float) -> int:
        """Copies the events of the file `input` to `fsock` with the weight `new_wgt`; returns their number."""
        weight = self.get_fortran_str(new_wgt)
        with open(input) as file:
            before, *blocks = ("\n" + file.read()).split(_BEGIN)
        n_event = 0
        try:
            for i, block in enumerate(blocks):
                blocks[i], n = _reweighted(block, weight, i == len(blocks) - 1)
                n_event += n
        except _WrongLine:
            raise error("Line after <event> should have 6 entries") from None
        fsock.write(_BEGIN.join([before, *blocks])[1:])
        return n_event

    names["CombineRuns"].copy_events = copy_events
