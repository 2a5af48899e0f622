"""Joining of the event files that the jobs of one channel wrote (``combine_runs.py``, up to MG5_aMC 3.5).

Each job's file gets the channel's weight: only the line after ``<event>`` changes.
"""

from __future__ import annotations

import re
from typing import Any

from . import is_wanted

_FIRST_LINE = re.compile(r"^(<event>.*\n)(.*\n|.+\Z)", re.MULTILINE)
_N_WORD = 6


def install(names: dict[str, Any]) -> None:
    """Puts it into the module `combine_runs`, whose names are `names`."""
    if not is_wanted("merge"):
        return
    error = names["MadGraph5Error"]

    def copy_events(self: Any, fsock: Any, input: str, new_wgt: float) -> int:
        """Copies the events of the file `input` to `fsock` with the weight `new_wgt`; returns their number."""
        weight = self.get_fortran_str(new_wgt)

        def line(match: re.Match[str]) -> str:
            words = match[2].split()
            if len(words) != _N_WORD:
                raise error("Line after <event> should have 6 entries")
            sign = "" if float(words[2]) > 0 else "-"
            return f"{match[1]} {'   '.join(words[:2])}  {sign}{weight}  {'  '.join(words[3:])}\n"

        with open(input) as file:
            text, n_event = _FIRST_LINE.subn(line, file.read())
        fsock.write(text)
        return n_event

    names["CombineRuns"].copy_events = copy_events
