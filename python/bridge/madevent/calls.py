"""Wave-function and amplitude calls of MATRIX, in single-assignment form.

The generated code reuses slots of W; here every call makes a wave of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from bridge.lorentz import Routine, Spin
from bridge.madevent.error import ReadError
from bridge.madevent.fixed_form import Statement
from bridge.process import Amplitude, Coupling, Current, External, WaveKind

_EXTERNAL = re.compile(
    r"CALL(?P<kind>[IOV])XXXXX\(P\(0,(?P<leg>\d+)\),(?P<mass>[A-Z]\w*),NHEL\((?P<helicity>\d+)\),"
    r"(?P<sign>[+-])1\*IC\((?P<charge>\d+)\),W\(1,(?P<slot>\d+)\)\)$"
)
_SCALAR = re.compile(
    r"CALL(?P<kind>S)XXXXX\(P\(0,(?P<leg>\d+)\),"
    r"(?P<sign>[+-])1\*IC\((?P<charge>\d+)\),W\(1,(?P<slot>\d+)\)\)$"
)
_VERTEX = re.compile(
    r"CALL(?P<name>[A-Z]\w*_\d+)\((?P<waves>(?:W\(1,\d+\),)+)"
    r"(?P<names>(?:-?[A-Z]\w*(?:\(IVEC\))?,)+)(?:W\(1,(?P<slot>\d+)\)|AMP\((?P<amplitude>\d+)\))\)$"
)
_SLOT = re.compile(r"\d+(?=\),)")
_COUPLING = re.compile(r"(?P<sign>-?)(?P<name>[A-Z]\w*?)(?P<running>\(IVEC\))?$")
_SPIN: Mapping[str, Spin] = {"I": "F", "O": "F", "V": "V", "S": "S"}


@dataclass(frozen=True, slots=True)
class Names:
    """Parameters a call may name, and the widths that FK_ names stand for."""

    masses: frozenset[str]
    couplings: frozenset[str]
    #: FK_ name -> width, None for FK_ZERO
    fake_widths: Mapping[str, str | None]


@dataclass(slots=True)
class Calls:
    """What the calls amount to; `slots` says which wave a slot of W holds now."""

    file: Path
    names: Names
    routine: Callable[[str], Routine]
    waves: list[External | Current] = field(default_factory=list)
    spins: list[Spin] = field(default_factory=list)
    amplitudes: dict[int, Amplitude] = field(default_factory=dict)
    routines: dict[str, Routine] = field(default_factory=dict)
    slots: dict[str, int] = field(default_factory=dict)
    externals: dict[int, int] = field(default_factory=dict)

    def add(self, statement: Statement) -> None:
        """Adds one call. Raises ReadError when it is not understood."""
        text = statement.text
        try:
            if match := _EXTERNAL.match(text) or _SCALAR.match(text):
                self._external(match)
            elif match := _VERTEX.match(text):
                self._vertex(match)
            else:
                raise ValueError("call not understood")
        except ValueError as error:
            raise ReadError(str(error), self.file, statement.line, text) from error

    def _external(self, match: re.Match[str]) -> None:
        leg = int(match["leg"])
        numbers = {match["leg"], match["charge"], match.groupdict().get("helicity", match["leg"])}
        if len(numbers) > 1:
            raise ValueError("one call for several legs")
        kind = match["kind"]
        mass = None if kind == "S" else self._mass(match["mass"])
        wave = External(cast(WaveKind, kind), leg - 1, mass, 1 if match["sign"] == "+" else -1)
        if leg in self.externals:
            # Decay chains compute a leg again after its slot was reused.
            if self.waves[self.externals[leg]] != wave:
                raise ValueError(f"leg {leg} computed in two ways")
            self.slots[match["slot"]] = self.externals[leg]
            return
        self.externals[leg] = len(self.waves)
        self._store(match["slot"], wave, _SPIN[kind])

    def _store(self, slot: str, wave: External | Current, spin: Spin) -> None:
        self.slots[slot] = len(self.waves)
        self.waves.append(wave)
        self.spins.append(spin)

    def _vertex(self, match: re.Match[str]) -> None:
        routine = self._routine(match["name"])
        inputs = self._inputs(match["waves"], routine)
        names = match["names"].rstrip(",").split(",")
        if len(names) != routine.n_coupling + 2 * routine.has_propagator:
            raise ValueError(f"number of arguments is not that of {routine.name}")
        couplings = tuple(self._coupling(name) for name in names[: routine.n_coupling])
        if match["amplitude"] is not None:
            self._amplitude(int(match["amplitude"]), Amplitude(routine.name, inputs, couplings))
            return
        if routine.output_spin is None or not routine.has_propagator:
            raise ValueError(f"{routine.name} makes no wave")
        mass, width = self._mass(names[-2]), self._width(names[-1])
        current = Current(routine.name, inputs, couplings, mass, width)
        self._store(match["slot"], current, routine.output_spin)

    def _amplitude(self, number: int, amplitude: Amplitude) -> None:
        if number in self.amplitudes:
            raise ValueError(f"AMP({number}) computed twice")
        if self.routines[amplitude.routine].output_spin is not None:
            raise ValueError(f"{amplitude.routine} makes no amplitude")
        self.amplitudes[number] = amplitude

    def _routine(self, name: str) -> Routine:
        if name not in self.routines:
            try:
                self.routines[name] = self.routine(name)
            except KeyError:
                raise ValueError(f"no routine {name} in Source/DHELAS") from None
        return self.routines[name]

    def _inputs(self, text: str, routine: Routine) -> tuple[int, ...]:
        slots: Sequence[str] = _SLOT.findall(text)
        if len(slots) != len(routine.inputs):
            raise ValueError(f"number of waves is not that of {routine.name}")
        try:
            inputs = tuple(self.slots[slot] for slot in slots)
        except KeyError as error:
            raise ValueError(f"W(1,{error.args[0]}) has no value here") from None
        if tuple(self.spins[wave] for wave in inputs) != routine.inputs:
            raise ValueError(f"spins of the waves are not those of {routine.name}")
        return inputs

    def _coupling(self, text: str) -> Coupling:
        match = _COUPLING.match(text)
        if match is None or match["name"] not in self.names.couplings:
            raise ValueError(f"{text} is not a coupling")
        return Coupling(match["name"], -1 if match["sign"] else 1)

    def _mass(self, name: str) -> str | None:
        if name == "ZERO":
            return None
        if name not in self.names.masses:
            raise ValueError(f"{name} is not a mass")
        return name

    def _width(self, name: str) -> str | None:
        if name == "ZERO":
            return None
        try:
            return self.names.fake_widths[name]
        except KeyError:
            raise ValueError(f"{name} is not a width") from None
