"""What reading any generated file has in common: its units, constants, known forms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from bridge.madevent import declarations, forms
from bridge.madevent.declarations import Declarations
from bridge.madevent.error import ReadError
from bridge.madevent.fixed_form import Statement, Unit

#: DATA that bear no meaning here: counters, first-call flags, unused numbers.
_IDLE_DATA = frozenset(
    {
        "DUM0",
        "DUM1",
        "FIRST",
        "IDUM",
        "ISHEL",
        "NB_FAIL",
        "NB_SPIN_STATE",
        "NB_SPIN_STATE_IN",
        "NGOOD",
        "THIS_NTRY",
        "XREJ",
        "XTRY",
    }
)
_IDLE_GROUP = re.compile(r"DATA(?P<names>\w+(?:,\w+)+)/.*/$")
_LOGICAL = {".TRUE.": True, ".FALSE.": False}


class UnitReader:
    """Units of one file of subprocess `number` ("" when ungrouped)."""

    def __init__(self, file: Path, number: str, known: forms.Forms, found: Mapping[str, Unit]) -> None:
        self.file = file
        self.number = number
        self._known = known
        self._units = found

    def unit(self, name: str) -> Unit:
        """Unit `name` of this subprocess."""
        full = name + self.number
        if full not in self._units:
            raise ReadError(f"no {full} in this file", self.file)
        return self._units[full]

    def split(self, name: str, meaningful: frozenset[str]) -> tuple[Unit, Declarations, list[Statement]]:
        """Unit `name`, its declarations, in which DATA must be known, and what it executes."""
        unit = self.unit(name)
        declared, executable = declarations.split(unit, self.file)
        self._check_data(declared, meaningful)
        return unit, declared, executable

    def recognise(self, executable: Sequence[Statement], unit: Unit, kind: str) -> None:
        """Raises ReadError unless the unit has one of the known forms of `kind`."""
        found = forms.skeleton([forms.heading(unit), *executable], self.number)
        forms.recognise(found, kind, self._known, self.file, unit.heading.line)

    def integer(self, declared: Declarations, name: str) -> int:
        """PARAMETER `name`."""
        try:
            return declared.integer(name)
        except (KeyError, ValueError):
            raise ReadError(f"no PARAMETER {name}", self.file) from None

    def chosen_flags(self, declared: Declarations) -> list[bool]:
        """CHOSEN_SO_CONFIGS: for each squared order, whether it counts."""
        values = [v for data in declared.of("CHOSEN_SO_CONFIGS") for v in data.values]
        if len(values) != self.integer(declared, "NSQAMPSO") or not set(values) <= _LOGICAL.keys():
            raise ReadError("CHOSEN_SO_CONFIGS not understood", self.file)
        return [_LOGICAL[value] for value in values]

    def check_flow_count(self, executable: Sequence[Statement], n_flow: int) -> None:
        """JAMP2(0) must be the number of flows."""
        for statement in executable:
            if statement.text.startswith("JAMP2(0)=") and statement.text != f"JAMP2(0)={n_flow}":
                raise ReadError("not NCOLOR", self.file, statement.line, statement.text)

    def _check_data(self, declared: Declarations, meaningful: frozenset[str]) -> None:
        for data in declared.data:
            if data.name not in meaningful | _IDLE_DATA:
                place = data.statement
                raise ReadError("DATA not known", self.file, place.line, place.text)
        for place in declared.other_data:
            match = _IDLE_GROUP.match(place.text)
            if match is None or not set(match["names"].split(",")) <= _IDLE_DATA:
                raise ReadError("DATA not known", self.file, place.line, place.text)
