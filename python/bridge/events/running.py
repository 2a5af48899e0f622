"""Couplings of each event from its alpha_s."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.exceptions import UnsupportedError
from bridge.generator import Model
from bridge.generator.expressions import evaluate

Values = Mapping[str, float | complex]


class RunningCouplings:
    """Powers of alpha_s, as they are in every model whose strong coupling is one number.

    `names`: those wanted, in any case. Raises UnsupportedError for a coupling that is no such power.
    """

    def __init__(self, names: Sequence[str], model: Model, values: Values) -> None:
        self._reference = complex(values[model.alpha_s]).real
        known = {name.upper(): complex(value) for name, value in values.items()}
        self._values = np.array([known[name.upper()] for name in names], dtype=np.complex128)
        once, twice, thrice = (_at(model, values, factor * self._reference) for factor in (1.0, 2.0, 3.0))
        powers = [_power(name, once[name.upper()], twice[name.upper()], thrice[name.upper()]) for name in names]
        self._powers = np.array(powers, dtype=np.float64)

    def __call__(self, alpha_s: NDArray[np.float64]) -> NDArray[np.complex128]:
        """complex128 (n_event, n_coupling) for alpha_s (n_event,)."""
        return np.asarray(self._values * (alpha_s / self._reference)[:, None] ** self._powers)


def _at(model: Model, values: Values, alpha_s: float) -> dict[str, complex]:
    """All values, upper case, where alpha_s is another."""
    found = {name: complex(value) for name, value in values.items()}
    found[model.alpha_s] = complex(alpha_s)
    for formula in (*model.formulas, *(coupling.formula for coupling in model.couplings)):
        found[formula.name] = evaluate(formula.text, found)
    return {name.upper(): value for name, value in found.items()}


def _power(name: str, once: complex, twice: complex, thrice: complex) -> float:
    """Half-integer n with c = once * factor^n."""
    if once == 0.0:
        return 0.0
    power = round(2.0 * math.log2(abs(twice / once))) / 2.0 if twice else 0.0
    for factor, value in ((2.0, twice), (3.0, thrice)):
        if abs(value - once * factor**power) > 1e-9 * abs(value):
            raise UnsupportedError(f"coupling {name} is no power of alpha_s: it cannot run from event to event here")
    return power
