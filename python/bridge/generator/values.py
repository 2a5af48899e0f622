"""Values of a model's parameters and couplings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bridge import slha
from bridge.generator import expressions
from bridge.generator.error import GeneratorError
from bridge.generator.model import Model
from bridge.generator.standard_model import standard_model

#: of MG5_aMC's run card
SMALL_WIDTH_TREATMENT = 1e-6


def parameters(
    card: str | Path | None = None,
    *,
    model: Model | None = None,
    alpha_s: float | None = None,
    small_width_treatment: float = SMALL_WIDTH_TREATMENT,
) -> dict[str, float | complex]:
    """Every parameter and coupling by name, from an SLHA card (text or path) or by default.

    Masses, widths and other real values are floats, in GeV; couplings are complex. FK_x is the
    effective width x: at least that fraction of the mass. `alpha_s` replaces the
    card's. Raises GeneratorError where the card or a formula cannot be used.
    """
    model = standard_model() if model is None else model
    try:
        values = _card_values(model, slha.read(card) if card is not None else slha.Card())
    except slha.SlhaError as error:
        raise GeneratorError(str(error)) from error
    if alpha_s is not None:
        values[model.alpha_s] = alpha_s
    for formula in (*model.formulas, *(c.formula for c in model.couplings)):
        values[formula.name] = expressions.evaluate(formula.text, values)
    couplings = {c.name for c in model.couplings}
    result: dict[str, float | complex] = {
        name: value if name in couplings else _real(value) for name, value in values.items()
    }
    result.update(_effective_widths(model, values, small_width_treatment))
    return result


def running_couplings(model: Model) -> frozenset[str]:
    """Couplings that change with alpha_s."""
    running = {model.alpha_s}
    for formula in (*model.formulas, *(c.formula for c in model.couplings)):
        if expressions.names(formula.text) & running:
            running.add(formula.name)
    return frozenset(c.name for c in model.couplings) & running


def _card_values(model: Model, card: slha.Card) -> dict[str, complex]:
    values: dict[str, complex] = {}
    for item in model.card_parameters:
        value = card.get(item.block, item.code)
        # MG5_aMC's cards say 0 by leaving a massless particle's entry out: here it stays as it is
        values[item.name] = complex(item.default if value is None else value)
    return values


def _real(value: complex) -> float | complex:
    """Real where it is, but for rounding."""
    return value if abs(value.imag) > 1e-12 * abs(value) else value.real


def _effective_widths(model: Model, values: Mapping[str, complex], small: float) -> dict[str, float]:
    result: dict[str, float] = {}
    for particle in model.particles:
        if particle.width is not None and particle.mass is not None:
            width, least = values[particle.width].real, abs(values[particle.mass].real * small)
            size = max(abs(width), least) if width else 0.0
            result[f"FK_{particle.width}"] = -size if width < 0 else size
    return result
