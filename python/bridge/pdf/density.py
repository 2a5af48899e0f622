"""x f(x, Q^2) between the knots of a grid: A. Buckley et al., arXiv:1412.7420, section 3; docs/pdf.md."""

from __future__ import annotations

from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bridge.exceptions import ArgumentError
from bridge.pdf import grid
from bridge.pdf.info import describe

Floats = NDArray[np.float64]

_LEAST_CUBIC = 4  # knots in Q
_SELF_CONJUGATE = frozenset((21, 22))


class PartonDensity:
    """Parton densities of a proton, or of whatever hadron the grid is for.

    `path`: the grid's file. `pdg_ids`: its partons. `x_range`, `q_range`: first and last knots, q in GeV.
    `lhapdf_id`: number in LHAPDF's list, 0 if unknown. `alpha_s`: alpha_s(M_Z) of the fit, None if unknown.
    """

    def __init__(self, path: Path, subgrids: tuple[grid.Subgrid, ...]) -> None:
        self.path = path
        self.lhapdf_id, self.alpha_s = describe(path)
        self.pdg_ids = subgrids[0].pdg_ids
        self.x_range = (max(float(item.x[0]) for item in subgrids), min(float(item.x[-1]) for item in subgrids))
        self.q_range = (float(subgrids[0].q[0]), float(subgrids[-1].q[-1]))
        self._first_q = np.array([item.q[0] for item in subgrids])
        self._tables = tuple(_Table(item) for item in subgrids)

    @classmethod
    def from_file(cls, path: str | PathLike[str]) -> PartonDensity:
        """Reads one member of a set, a `.dat` file. Raises GridError naming the line."""
        return cls(Path(path), grid.read(path))

    def xf(self, pdg_id: int, x: ArrayLike, q: ArrayLike, *, is_antiparticle: bool = False) -> Floats:
        """x f(x, Q^2) of a parton, float64 in the common shape of `x` and `q` (GeV).

        `is_antiparticle`: of the antihadron. Beyond the knots at the edge the value is that at the edge.
        Raises ArgumentError for a parton the grid does not have, x outside (0, 1], q not positive and finite.
        """
        column = self._column(-pdg_id if is_antiparticle and pdg_id not in _SELF_CONJUGATE else pdg_id)
        x_, q_ = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(q, dtype=np.float64))
        if not ((x_ > 0.0) & (x_ <= 1.0)).all():
            raise ArgumentError("x: expected numbers in (0, 1]")
        if not (np.isfinite(q_) & (q_ > 0.0)).all():
            raise ArgumentError("q: expected positive, finite numbers of GeV")
        flat_x, flat_q = x_.ravel(), q_.ravel()
        number = np.maximum(np.searchsorted(self._first_q, flat_q, side="right") - 1, 0)
        values = np.empty(flat_x.shape)
        for k, table in enumerate(self._tables):
            mine = number == k
            values[mine] = table.interpolate(column, flat_x[mine], flat_q[mine])
        return values.reshape(x_.shape)

    def _column(self, pdg_id: int) -> int:
        if pdg_id not in self.pdg_ids:
            raise ArgumentError(f"pdg_id: {self.path.name} has no density of {pdg_id}, but of {self.pdg_ids}")
        return self.pdg_ids.index(pdg_id)

    def __repr__(self) -> str:
        return f"<bridge.pdf.PartonDensity {self.path.name!r}>"


class _Table:
    """A subgrid with the slopes in ln x at its knots."""

    def __init__(self, subgrid: grid.Subgrid) -> None:
        self._x_range = (subgrid.x[0], subgrid.x[-1])
        self._q_range = (subgrid.q[0], subgrid.q[-1])
        self._u, self._v = np.log(subgrid.x), 2.0 * np.log(subgrid.q)
        self._f = subgrid.xf
        quotients = np.diff(self._f, axis=1) / np.diff(self._u)[:, None]
        ends = (quotients[:, :1], (quotients[:, 1:] + quotients[:, :-1]) / 2.0, quotients[:, -1:])
        self._slope = np.concatenate(ends, axis=1)
        steps = np.diff(self._v)
        self._steps = np.concatenate((steps[:1], steps, steps[-1:]))  # of cell j: at j + 1
        self._is_cubic = len(self._v) >= _LEAST_CUBIC

    def interpolate(self, column: int, x: Floats, q: Floats) -> Floats:
        u = np.log(np.clip(x, *self._x_range))
        v = 2.0 * np.log(np.clip(q, *self._q_range))
        i, j = _cell(self._u, u), _cell(self._v, v)
        step = self._u[i + 1] - self._u[i]
        t = np.clip((u - self._u[i]) / step, 0.0, 1.0)
        w = np.clip((v - self._v[j]) / self._steps[j + 1], 0.0, 1.0)
        f, slope = self._f[column], self._slope[column]

        def row(k: NDArray[np.intp]) -> Floats:
            if not self._is_cubic:
                return np.asarray((1.0 - t) * f[i, k] + t * f[i + 1, k])
            return _hermite(t, f[i, k], slope[i, k] * step, f[i + 1, k], slope[i + 1, k] * step)

        low, high = row(j), row(j + 1)
        if not self._is_cubic:
            return np.asarray((1.0 - w) * low + w * high)
        return self._in_q(w, j, low, high, row(np.maximum(j - 1, 0)), row(np.minimum(j + 2, len(self._v) - 1)))

    def _in_q(self, w: Floats, j: NDArray[np.intp], low: Floats, high: Floats, below: Floats, above: Floats) -> Floats:
        """Between rows j and j + 1, from those below and above them (themselves at the edge)."""
        inner, step = high - low, self._steps[j + 1]  # slopes are times the step
        left = np.where(j > 0, (low - below) * step / self._steps[j], inner)
        right = np.where(j < len(self._v) - 2, (above - high) * step / self._steps[j + 2], inner)
        return _hermite(w, low, (inner + left) / 2.0, high, (inner + right) / 2.0)


def _cell(knots: Floats, at: Floats) -> NDArray[np.intp]:
    """The interval that a value is in; at the last knot the last one."""
    return np.clip(np.searchsorted(knots, at, side="right") - 1, 0, len(knots) - 2)


def _hermite(t: Floats, a: Floats, da: Floats, b: Floats, db: Floats) -> Floats:
    """Cubic with values a, b and slopes da, db at t = 0, 1."""
    t2 = t * t
    t3 = t2 * t
    bend = 3.0 * t2 - 2.0 * t3
    return np.asarray((1.0 - bend) * a + (t3 - 2.0 * t2 + t) * da + bend * b + (t3 - t2) * db)
