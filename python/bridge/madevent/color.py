"""Colour part of MATRIX: JAMP lines, colour matrix, split orders, AMP2 lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.madevent.declarations import Data, Declarations
from bridge.madevent.error import ReadError
from bridge.madevent.expression import number
from bridge.madevent.fixed_form import Statement
from bridge.process import JampTerm

_TARGET = re.compile(r"(?P<name>TMP_JAMP|JAMP)\((?P<first>\d+)(?:,(?P<second>\d+))?\)=")
_REAL = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[DE][+-]?\d+)?"
_TERM = re.compile(
    rf"(?P<sign>[+-]?)(?:(?:\(?\((?P<re>{_REAL}),(?P<im>{_REAL})\)\)?|\((?P<real>{_REAL})\)"
    rf"|(?P<bare>(?:\d+\.?\d*|\.\d+)(?:[DE][+-]?\d+)?))\*)?(?P<name>TMP_JAMP|AMP)\((?P<index>\d+)\)"
)
_ZERO = frozenset({"0D0", "0.D0", "(0D0,0D0)", "(0.D0,0.D0)"})
_AMP2 = re.compile(
    r"AMP2\((?P<diagram>\d+)\)=AMP2\((?P=diagram)\)\+"
    r"(?P<real>DBLE\()?"
    r"(?P<sum>AMP\(\d+\)|\(AMP\(\d+\)(?:\+AMP\(\d+\))+\))\*DCONJG\((?P<conjugate>.+)\)(?(real)\))$"
)
_INDEX = re.compile(r"\d+")

#: amplitude number (from 1) -> coefficient
Linear = dict[int, complex]


def read_jamps(
    source: Iterable[Statement], n_flow: int, n_order: int, n_amplitude: int, file: Path
) -> tuple[JampTerm, ...]:
    """JAMP lines with TMP_JAMP expanded. Raises ReadError; flows not set are zero."""
    temporaries: dict[tuple[int, ...], Linear] = {}
    jamps: dict[tuple[int, ...], Linear] = {}
    for statement in source:
        try:
            target, value = _jamp_line(statement.text, temporaries, n_amplitude)
            if len(target) == 1:
                _set_once(temporaries, target, value)
            elif 1 <= target[0] <= n_flow and 1 <= target[1] <= n_order:
                _set_once(jamps, target, value)
            else:
                raise ValueError("no such flow")
        except ValueError as error:
            raise ReadError(str(error), file, statement.line, statement.text) from error
    return tuple(_terms(jamps))


def _set_once(table: dict[tuple[int, ...], Linear], key: tuple[int, ...], value: Linear) -> None:
    if key in table:
        raise ValueError("set twice")
    table[key] = value


def _terms(jamps: Mapping[tuple[int, ...], Linear]) -> Iterator[JampTerm]:
    for flow, order in sorted(jamps):
        linear = jamps[flow, order]
        for amplitude in sorted(linear):
            if linear[amplitude] != 0:
                yield JampTerm(flow - 1, order - 1, amplitude - 1, linear[amplitude])


def _jamp_line(
    text: str, temporaries: Mapping[tuple[int, ...], Linear], n_amplitude: int
) -> tuple[tuple[int, ...], Linear]:
    target = _TARGET.match(text)
    if target is None or (target["name"] == "TMP_JAMP") != (target["second"] is None):
        raise ValueError("JAMP line not understood")
    indices = tuple(int(item) for item in (target["first"], target["second"]) if item)
    total: Linear = {}
    position = target.end()
    if text[position:] in _ZERO:
        return indices, total
    while position < len(text):
        term = _TERM.match(text, position)
        if term is None or (position > target.end() and not term["sign"]):
            raise ValueError(f"term not understood at {text[position : position + 30]!r}")
        _add(total, _coefficient(term), _operand(term, temporaries, n_amplitude))
        position = term.end()
    return indices, total


def _operand(term: re.Match[str], temporaries: Mapping[tuple[int, ...], Linear], n_amplitude: int) -> Linear:
    index = int(term["index"])
    if term["name"] == "AMP":
        if not 1 <= index <= n_amplitude:
            raise ValueError(f"no AMP({index})")
        return {index: 1.0 + 0j}
    if (index,) not in temporaries:
        raise ValueError(f"TMP_JAMP({index}) has no value here")
    return temporaries[index,]


def _coefficient(term: re.Match[str]) -> complex:
    sign = -1.0 if term["sign"] == "-" else 1.0
    if term["re"] is not None:
        return complex(sign * number(term["re"]), sign * number(term["im"]))
    real = term["real"] or term["bare"]
    return complex(sign * number(real)) if real else complex(sign)


def _add(total: Linear, factor: complex, linear: Linear) -> None:
    for amplitude, coefficient in linear.items():
        total[amplitude] = total.get(amplitude, 0j) + factor * coefficient


def read_color_matrix(declared: Declarations, n_flow: int, file: Path) -> NDArray[np.float64]:
    """CF as a full symmetric matrix with its denominators divided out.

    Three layouts are known: the full REAL matrix, the packed upper triangle of integers
    whose off-diagonal elements count twice, and the full matrix with one denominator for
    each row.
    """
    extent = declared.types.get("CF", ("", ""))[1]
    if extent == "NCOLOR*(NCOLOR+1)/2":
        matrix = _packed_matrix(declared, n_flow, file)
    elif extent == "NCOLOR,NCOLOR":
        matrix = _full_matrix(declared, n_flow, file)
    else:
        raise ReadError("layout of the colour matrix not known", file, 0, f"CF({extent})")
    if not np.allclose(matrix, matrix.T, rtol=1e-14, atol=0):
        raise ReadError("colour matrix is not symmetric", file)
    return np.asarray(0.5 * (matrix + matrix.T), dtype=np.float64)


def _packed_matrix(declared: Declarations, n_flow: int, file: Path) -> NDArray[np.float64]:
    packed = _table(declared.of("CF"), (n_flow * (n_flow + 1) // 2,), file)
    denominator = _table(declared.of("DENOM"), (1,), file)[0]
    matrix = np.zeros((n_flow, n_flow))
    matrix[np.triu_indices(n_flow)] = packed / denominator
    # Off-diagonal elements are doubled in the file: half belongs to each triangle.
    return np.asarray(0.5 * (matrix + matrix.T), dtype=np.float64)


def _full_matrix(declared: Declarations, n_flow: int, file: Path) -> NDArray[np.float64]:
    matrix = _table(declared.of("CF"), (n_flow, n_flow), file)
    if "DENOM" in declared.types:
        matrix = matrix / _table(declared.of("DENOM"), (n_flow,), file)
    return matrix


def _table(source: Iterable[Data], shape: tuple[int, ...], file: Path) -> NDArray[np.float64]:
    """Array that DATA statements fill entirely. Raises ReadError."""
    table = np.full(shape, np.nan)
    for data in source:
        place = data.statement
        for index, value in zip(data.indices, data.values, strict=True):
            if len(index) != len(shape) or not all(
                1 <= item <= size for item, size in zip(index, shape, strict=True)
            ):
                raise ReadError("index out of bounds", file, place.line, place.text)
            try:
                table[tuple(item - 1 for item in index)] = number(value)
            except ValueError:
                raise ReadError("not a number", file, place.line, place.text) from None
    if np.isnan(table).any():
        raise ReadError("table is not complete", file)
    return table


def read_integers(declared: Declarations, name: str, shape: tuple[int, ...], file: Path) -> NDArray[np.int64]:
    """Integer table `name`, filled entirely by DATA statements. Raises ReadError."""
    table = _table(declared.of(name), shape, file)
    if not (table == np.rint(table)).all():
        raise ReadError(f"{name} is not all integers", file)
    return table.astype(np.int64)


def read_amp2(source: Iterable[Statement], n_amplitude: int, file: Path) -> dict[int, tuple[int, ...]]:
    """Diagram -> amplitudes (from 0) whose sum, squared, is AMP2. Raises ReadError."""
    groups: dict[int, tuple[int, ...]] = {}
    for statement in source:
        match = _AMP2.match(statement.text)
        known = match is not None and match["sum"].strip("()") == match["conjugate"].strip("()")
        if match is None or not known or int(match["diagram"]) in groups:
            raise ReadError("AMP2 line not understood", file, statement.line, statement.text)
        numbers = [int(text) for text in _INDEX.findall(match["conjugate"])]
        if not all(1 <= item <= n_amplitude for item in numbers):
            raise ReadError("no such amplitude", file, statement.line, statement.text)
        groups[int(match["diagram"])] = tuple(item - 1 for item in numbers)
    return groups
