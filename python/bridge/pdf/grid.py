"""Grid files of LHAPDF 6, "lhagrid1": docs/pdf.md."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.exceptions import Error

Floats = NDArray[np.float64]

_RULER = "---"
_LEAST_X = 4  # knots
_LEAST_Q = 2
_GLUON = 21


class GridError(Error, ValueError):
    """A grid of parton densities is missing or damaged; the message names the file and the line."""


@dataclass(frozen=True, slots=True, eq=False)
class Subgrid:
    """Values between two flavour thresholds.

    `x`: (n_x,), `q`: (n_q,), GeV, both rising. `pdg_ids`: (n_parton,). `xf`: (n_parton, n_x, n_q).
    """

    x: Floats
    q: Floats
    pdg_ids: tuple[int, ...]
    xf: Floats


def read(path: str | PathLike[str]) -> tuple[Subgrid, ...]:
    """The subgrids of a member's file, those of low Q first. Raises GridError."""
    return _Reader(Path(path)).subgrids()


class _Reader:
    """Lines of a file; what is wrong is reported with its number."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._lines = path.read_text(encoding="ascii", errors="replace").splitlines()
        except OSError as error:
            raise GridError(f"grid {path}: {error.strerror}") from error

    def subgrids(self) -> tuple[Subgrid, ...]:
        bounds = [number for number, line in enumerate(self._lines) if line.startswith(_RULER)]
        if not bounds:
            raise self._error(len(self._lines), f"no line '{_RULER}'; expected a grid in LHAPDF's format (lhagrid1)")
        self._check_format(bounds[0])
        if any(line.strip() for line in self._lines[bounds[-1] + 1 :]):
            raise self._error(len(self._lines), f"the last block does not end with '{_RULER}': the file is truncated")
        found = [self._subgrid(first + 1, last) for first, last in itertools.pairwise(bounds)]
        if not found:
            raise self._error(len(self._lines), "no values: the file is truncated")
        for number, (low, high) in enumerate(itertools.pairwise(found), 1):
            if low.pdg_ids != high.pdg_ids or low.q[-1] != high.q[0]:
                where = bounds[number] + 1
                raise self._error(where, "a block does not continue the one before (its partons, or its first Q)")
        return tuple(found)

    def _check_format(self, ruler: int) -> None:
        for number, line in enumerate(self._lines[:ruler]):
            key, _, value = line.partition(":")
            if key.strip() == "Format" and value.strip() != "lhagrid1":
                raise self._error(number, f"format {value.strip()!r}; expected lhagrid1")

    def _subgrid(self, first: int, last: int) -> Subgrid:
        if last - first < 3:
            raise self._error(last, "a block needs knots in x, knots in Q, partons and values")
        x, q = self._knots(first, _LEAST_X), self._knots(first + 1, _LEAST_Q)
        if x[0] <= 0.0 or x[-1] > 1.0:
            raise self._error(first, "knots in x are not in (0, 1]")
        if q[0] <= 0.0:
            raise self._error(first + 1, "knots in Q are not positive")
        pdg_ids = self._pdg_ids(first + 2)
        n_value = len(x) * len(q)
        if last - first - 3 != n_value:
            raise self._error(last, f"{last - first - 3} lines of values; expected {len(x)} x {len(q)} = {n_value}")
        values = self._values(first + 3, last, len(pdg_ids)).reshape(len(x), len(q), len(pdg_ids))
        keep_x, keep_q = (np.concatenate(([True], np.diff(knots) > 0.0)) for knots in (x, q))
        xf = np.ascontiguousarray(np.moveaxis(values[keep_x][:, keep_q], 2, 0))
        return Subgrid(x[keep_x], q[keep_q], pdg_ids, xf)

    def _knots(self, line: int, least: int) -> Floats:
        knots = self._numbers(line)
        if (np.diff(knots) < 0.0).any():
            raise self._error(line, "knots do not increase")
        if len(np.unique(knots)) < least:
            raise self._error(line, f"{len(knots)} knots; expected {least} or more")
        return knots

    def _pdg_ids(self, line: int) -> tuple[int, ...]:
        try:
            pdg_ids = tuple(int(word) or _GLUON for word in self._lines[line].split())
        except ValueError:
            raise self._error(line, f"{self._lines[line].strip()[:40]!r} are no partons") from None
        if len(set(pdg_ids)) != len(pdg_ids) or not pdg_ids:
            raise self._error(line, "expected each parton once")
        return pdg_ids

    def _values(self, first: int, last: int, n_parton: int) -> Floats:
        values = np.empty((last - first, n_parton))
        for line in range(first, last):
            numbers = self._numbers(line)
            if len(numbers) != n_parton:
                raise self._error(line, f"{len(numbers)} values; expected one for each of {n_parton} partons")
            values[line - first] = numbers
        return values

    def _numbers(self, line: int) -> Floats:
        try:
            numbers = np.array(self._lines[line].split(), dtype=np.float64)
        except ValueError:
            raise self._error(line, f"{self._lines[line].strip()[:40]!r} are no numbers") from None
        if not np.isfinite(numbers).all():
            raise self._error(line, "a number is not finite")
        return numbers

    def _error(self, line: int, text: str) -> GridError:
        return GridError(f"grid {self._path}, line {line + 1}: {text}")
