"""ALOHA routines (Source/DHELAS/*.f) to `bridge.lorentz.Routine`.

Routines with several couplings call others and add what they return; the calls are
inlined, so that a Routine stands alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from bridge.lorentz import (
    WAVE_SIZE,
    Assignment,
    Component,
    Constant,
    CouplingValue,
    Expression,
    ImaginaryPart,
    Local,
    MassValue,
    RealPart,
    Routine,
    Spin,
    Sum,
    WidthValue,
    ZeroUnless,
    children,
)
from bridge.madevent.error import ReadError
from bridge.madevent.expression import parse
from bridge.madevent.fixed_form import Statement, Unit, read_source, statements, units

_NAME = re.compile(r"[FVSTR]+\w*_(?P<output>\d+)$")
_ARGUMENTS = re.compile(
    r"(?P<waves>(?:[FVSTR]\d+,)+)(?P<couplings>(?:COUP\d*,)+)"
    r"(?:(?P<mass>M\d+),(?P<width>W\d+),)?(?P<output>VERTEX|[FVSTR]\d+)$"
)
_DECLARATION = re.compile(r"(?P<type>COMPLEX\*16|REAL\*8|INTEGER\*4)(?P<names>[A-Z].*)$")
_DECLARED = re.compile(r"(?P<name>[A-Z]\w*)(?:\((?P<extent>[\d:*]+)\))?(?:,|$)")
_ASSIGNMENT = re.compile(r"(?P<name>[A-Z]\w*)(?:\((?P<index>\d+)\))?=(?P<value>.+)$")
_GUARDED = re.compile(r"IF\((?P<condition>M\d+)\.NE\.0D0\)(?P<name>OM\d+)=(?P<value>.+)$")
_CALL = re.compile(r"CALL(?P<name>[A-Z]\w*_\d+)\((?P<arguments>[\w,]+)\)$")
_LOOP = re.compile(r"DOI=(?P<first>\d+),(?P<last>\d+)$")
_LOOP_BODY = re.compile(r"(?P<name>\w+)\(I\)=(?P=name)\(I\)\+(?P<other>\w+)\(I\)$")
_IMAGINARY_UNIT = "PARAMETER(CI=(0D0,1D0))"


class RoutineLibrary:
    """The routines of one DHELAS folder, parsed when asked for."""

    def __init__(self, units_by_name: Mapping[str, tuple[Path, Unit]]) -> None:
        self._units = units_by_name
        self._parsed: dict[str, Routine] = {}

    @classmethod
    def from_directory(cls, directory: Path) -> RoutineLibrary:
        """Library of all files in `directory` but `aloha_functions.f`."""
        found: dict[str, tuple[Path, Unit]] = {}
        for path in sorted(directory.glob("*.f")):
            if path.name == "aloha_functions.f":
                continue
            for unit in units(statements(read_source(path), path), path):
                if unit.name in found:
                    raise ReadError("second routine of this name", path, unit.heading.line)
                found[unit.name] = (path, unit)
        return cls(found)

    @classmethod
    def from_text(cls, text: str, file: str | Path = "") -> RoutineLibrary:
        """Library of the routines in `text`."""
        path = Path(file)
        return cls({unit.name: (path, unit) for unit in units(statements(text, path), path)})

    def __contains__(self, name: object) -> bool:
        return name in self._units

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all routines there are, parsed or not."""
        return tuple(self._units)

    def __getitem__(self, name: str) -> Routine:
        """Routine `name`. Raises ReadError when it is not understood, KeyError when absent."""
        if name not in self._parsed:
            self._parsed[name] = _routine(name, self._units)
        return self._parsed[name]


@dataclass(slots=True)
class _Signature:
    """Roles of a routine's dummy arguments."""

    waves: tuple[str, ...]
    couplings: tuple[str, ...]
    mass: str | None
    width: str | None
    output: str


@dataclass(slots=True)
class _Body:
    """Assignments made so far; a name assigned twice gets a number."""

    steps: list[Assignment] = field(default_factory=list)
    names: dict[str, int] = field(default_factory=dict)

    def assign(self, name: str, value: Expression, is_real: bool) -> Local:
        count = self.names[name] = self.names.get(name, 0) + 1
        unique = name if count == 1 else f"{name}__{count}"
        self.steps.append(Assignment(unique, value, is_real))
        return Local(unique)


def _routine(name: str, library: Mapping[str, tuple[Path, Unit]]) -> Routine:
    path, unit = library[name]
    signature = _signature(path, unit)
    match = _NAME.match(name)
    if match is None:
        raise ReadError("not an ALOHA name", path, unit.heading.line, name)
    bindings: list[Expression | int] = list(range(len(signature.waves)))
    bindings += [CouplingValue(index) for index in range(len(signature.couplings))]
    if signature.mass is not None:
        bindings += [MassValue(), WidthValue()]
    translation = _Translation(path, unit, library, _Body())
    returned = translation.run(bindings)
    output = int(match["output"])
    return Routine(
        name=name,
        inputs=tuple(_spin(wave) for wave in signature.waves),
        output=output,
        output_spin=_spin(signature.output) if output else None,
        n_coupling=len(signature.couplings),
        has_propagator=signature.mass is not None,
        body=tuple(translation.body.steps),
        result=_result(path, unit, output, signature, returned),
    )


def _result(
    path: Path,
    unit: Unit,
    output: int,
    signature: _Signature,
    returned: Mapping[int | None, Expression],
) -> tuple[Expression, ...]:
    """Amplitude or components; routines without propagator (P1N) leave the momentum out."""
    if output == 0:
        wanted: list[int | None] = [None]
    else:
        wanted = list(range(1, WAVE_SIZE[_spin(signature.output)] + 1))
    optional = () if signature.mass is not None else (1, 2)
    missing = [index for index in wanted if index not in returned and index not in optional]
    if missing or any(index not in wanted for index in returned):
        raise ReadError("not all of the result is set", path, unit.heading.line, unit.name)
    return tuple(returned.get(index, Constant(0j)) for index in wanted)


def _spin(name: str) -> Spin:
    return cast(Spin, name[0])


def _signature(path: Path, unit: Unit) -> _Signature:
    match = _ARGUMENTS.match(",".join(unit.arguments))
    if match is None:
        raise ReadError("arguments not understood", path, unit.heading.line, unit.heading.text)
    waves = tuple(match["waves"].rstrip(",").split(","))
    couplings = tuple(match["couplings"].rstrip(",").split(","))
    return _Signature(waves, couplings, match["mass"], match["width"], match["output"])


class _Translation:
    """One unit's statements, with its dummy arguments bound to the caller's values.

    A binding is the number of an input wave, or an expression.
    """

    def __init__(
        self,
        path: Path,
        unit: Unit,
        library: Mapping[str, tuple[Path, Unit]],
        body: _Body,
    ) -> None:
        self.body = body
        self._path = path
        self._unit = unit
        self._library = library
        self._signature = _signature(path, unit)
        self._waves: dict[str, int] = {}
        self._values: dict[tuple[str, int | None], Expression] = {}
        self._is_real: dict[str, bool] = {}
        self._handlers: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], None]], ...] = (
            (_DECLARATION, self._declare),
            (_GUARDED, self._guarded),
            (_CALL, self._call),
            (_ASSIGNMENT, self._assign),
        )

    def run(self, bindings: list[Expression | int]) -> dict[int | None, Expression]:
        """Translates the unit. Returns the output's components, or {None: amplitude}."""
        self._bind(bindings)
        pending = list(self._unit.statements)
        while pending:
            statement = pending.pop(0)
            try:
                if loop := _LOOP.match(statement.text):
                    self._loop(loop, pending)
                else:
                    self._statement(statement)
            except ValueError as error:
                raise ReadError(str(error), self._path, statement.line, statement.text) from error
        output = self._signature.output
        return {index: value for (name, index), value in self._values.items() if name == output}

    def _bind(self, bindings: list[Expression | int]) -> None:
        names = [*self._signature.waves, *self._signature.couplings]
        if self._signature.mass is not None and self._signature.width is not None:
            names += [self._signature.mass, self._signature.width]
        if len(names) != len(bindings):
            raise ReadError("wrong number of arguments", self._path, self._unit.heading.line)
        for name, binding in zip(names, bindings, strict=True):
            if isinstance(binding, int) != (name in self._signature.waves):
                raise ReadError("wave where none is expected", self._path, self._unit.heading.line)
            if isinstance(binding, int):
                self._waves[name] = binding
            else:
                self._values[name, None] = binding

    def _lookup(self, name: str, index: int | None) -> Expression:
        if name == "CI" and index is None:
            return Constant(1j)
        if name in self._waves and index is not None and index > 0:
            return Component(self._waves[name], index - 1)
        return self._values[name, index]

    def _statement(self, statement: Statement) -> None:
        if statement.text in ("IMPLICITNONE", _IMAGINARY_UNIT) and not statement.label:
            return
        for pattern, handler in self._handlers:
            if not statement.label and (match := pattern.match(statement.text)):
                handler(match)
                return
        raise ValueError("not a statement of ALOHA")

    def _declare(self, match: re.Match[str]) -> None:
        names = match["names"]
        position = 0
        while position < len(names):
            declared = _DECLARED.match(names, position)
            if declared is None:
                raise ValueError("declaration not understood")
            self._is_real[declared["name"]] = match["type"] == "REAL*8"
            position = declared.end()

    def _assign(self, match: re.Match[str]) -> None:
        index = int(match["index"]) if match["index"] is not None else None
        self._store(match["name"], index, parse(match["value"], self._lookup))

    def _guarded(self, match: re.Match[str]) -> None:
        if self._values.get((match["name"], None)) is None:
            raise ValueError(f"{match['name']} has no value before")
        condition = self._lookup(match["condition"], None)
        value = parse(match["value"], self._lookup)
        self._store(match["name"], None, ZeroUnless(condition, value))

    def _store(self, name: str, index: int | None, value: Expression) -> None:
        if name not in self._is_real:
            raise ValueError(f"{name} is not declared")
        if name in self._waves or ((name, None) in self._values and self._is_argument(name)):
            raise ValueError(f"{name} is an input")
        is_real = self._is_real[name]
        if is_real and not self._has_real_value(value):
            raise ValueError(f"{name} is REAL and its value is not")
        key = name if index is None else f"{name}_{index}"
        self._values[name, index] = self.body.assign(key, value, is_real)

    def _is_argument(self, name: str) -> bool:
        return name in self._unit.arguments and name != self._signature.output

    def _has_real_value(self, value: Expression) -> bool:
        match value:
            case RealPart() | ImaginaryPart() | MassValue() | WidthValue():
                return True
            case Constant(value=number):
                return number.imag == 0
            case Local(name=name):
                return any(step.name == name and step.is_real for step in self.body.steps)
            case Component() | CouplingValue():
                return False
            case _:
                return all(self._has_real_value(child) for child in children(value))

    def _call(self, match: re.Match[str]) -> None:
        if match["name"] not in self._library:
            raise ValueError(f"{match['name']} is not in this library")
        path, unit = self._library[match["name"]]
        *inputs, output = match["arguments"].split(",")
        if output not in self._is_real or output in self._waves:
            raise ValueError(f"{output} is not declared")
        bindings = [
            self._waves[name] if name in self._waves else self._lookup_scalar(name) for name in inputs
        ]
        returned = _Translation(path, unit, self._library, self.body).run(bindings)
        for index, value in returned.items():
            self._values[output, index] = value

    def _lookup_scalar(self, name: str) -> Expression:
        if (name, None) not in self._values:
            raise ValueError(f"{name} has no value here")
        return self._values[name, None]

    def _loop(self, loop: re.Match[str], pending: list[Statement]) -> None:
        """`DO I` over one statement that adds components, unrolled."""
        if len(pending) < 2 or pending[1].text != "ENDDO":
            raise ValueError("loop not understood")
        inner = _LOOP_BODY.match(pending[0].text)
        if inner is None:
            raise ValueError("loop not understood")
        del pending[:2]
        for index in range(int(loop["first"]), int(loop["last"]) + 1):
            try:
                terms = tuple(self._lookup(inner[key], index) for key in ("name", "other"))
            except KeyError:
                raise ValueError(f"component {index} has no value here") from None
            self._store(inner["name"], index, Sum(terms))
