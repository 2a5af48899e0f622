"""How far two evaluations of the same events are apart, and whether that is near enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.validate.evaluators import Outcome

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What still counts as agreement. Deviations are relative, `same` is a fraction of events."""

    largest: float
    median: float
    total: float
    same: float


#: double: rounding, amplified by cancellations between diagrams. mixed: the colour sum in
#: single precision cancels too. single: no bound on the worst event, but on most of them and
#: on the sum of all, which stands for the cross-section.
TOLERANCES: Mapping[str, Tolerance] = {
    "double": Tolerance(largest=1e-10, median=1e-13, total=1e-10, same=0.9999),
    "mixed": Tolerance(largest=1e-2, median=1e-5, total=1e-5, same=0.999),
    "single": Tolerance(largest=np.inf, median=1e-3, total=1e-4, same=0.99),
}


@dataclass(frozen=True, slots=True)
class Deviation:
    """Comparison of one batch; relative deviations over events finite in the Fortran.

    `total` is that of the sum over events, relative to the sum of absolute values.
    `by_helicity`, `jamp2` and `amp2` are the largest ones, each relative to its sum over
    helicities, flows, diagrams.
    """

    n_event: int
    largest: float
    median: float
    total: float
    n_helicity: int
    n_color_flow: int
    n_non_finite: int
    by_helicity: float
    jamp2: float
    amp2: float

    def failures(self, tolerance: Tolerance) -> tuple[str, ...]:
        """What is not within `tolerance`, as words; empty if all is."""
        allowed = (1.0 - tolerance.same) * self.n_event
        checks = {
            "largest deviation": self.largest <= tolerance.largest,
            "median deviation": self.median <= tolerance.median,
            "sum over events": self.total <= tolerance.total,
            "helicity": self.n_helicity <= allowed,
            "colour flow": self.n_color_flow <= allowed,
            "non-finite values": self.n_non_finite == 0,
            "helicity by helicity": self.by_helicity <= tolerance.largest,
            "JAMP2": self.jamp2 <= tolerance.largest,
            "AMP2": self.amp2 <= tolerance.largest,
        }
        return tuple(name for name, passed in checks.items() if not passed)


def _relative(found: Floats, expected: Floats) -> Floats:
    """|found - expected| / |expected|; 0 where both are 0, infinite where only `expected` is."""
    difference = np.abs(found - expected)
    size = np.abs(expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(difference == 0.0, 0.0, difference / size)


def _share(found: Floats, expected: Floats) -> float:
    """Largest difference relative to the sum over the last axis; extents may differ."""
    n = min(found.shape[1], expected.shape[1])
    if n == 0 or len(found) == 0:
        return 0.0
    total = np.abs(expected).sum(axis=1, keepdims=True)
    difference = np.abs(found[:, :n] - expected[:, :n])
    rest = np.abs(found[:, n:]).sum() + np.abs(expected[:, n:]).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(difference == 0.0, 0.0, difference / total)
    return float(share.max()) if rest == 0.0 else np.inf


def compare(found: Outcome, expected: Outcome) -> Deviation:
    """`expected` is the Fortran's."""
    finite = np.isfinite(expected.matrix_element)
    # an event of no weight has no record: whatever flow somebody names for it is right
    weighty = finite & (expected.matrix_element != 0.0)
    difference = found.matrix_element[finite] - expected.matrix_element[finite]
    size = float(np.abs(expected.matrix_element[finite]).sum())
    deviation = _relative(found.matrix_element[finite], expected.matrix_element[finite])
    return Deviation(
        n_event=len(finite),
        largest=float(deviation.max(initial=0.0)),
        median=float(np.median(deviation)) if deviation.size else 0.0,
        total=abs(float(difference.sum())) / size if size else 0.0,
        n_helicity=int(np.count_nonzero(found.helicity[finite] != expected.helicity[finite])),
        n_color_flow=int(np.count_nonzero(found.color_flow[weighty] != expected.color_flow[weighty])),
        n_non_finite=abs(found.n_non_finite - expected.n_non_finite),
        by_helicity=_share(found.by_helicity[finite], expected.by_helicity[finite]),
        jamp2=_share(found.jamp2[finite], expected.jamp2[finite]),
        amp2=_share(found.amp2[finite], expected.amp2[finite]),
    )
