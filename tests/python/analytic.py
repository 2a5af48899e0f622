"""Cross-sections known in closed form, pb."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bridge.events.integrand import GEV2_PB


def muon_pairs(sqrt_s: float, values: dict[str, Any]) -> float:
    """sigma(e+ e- > mu+ mu-), pb, massless: s / (48 pi) times the sum over both chiralities of

    |e^2 / s + g_i g_j / (s - M_Z^2 + i M_Z Gamma_Z)|^2, g_L = (g / cos) (-1/2 + sin^2), g_R = (g / cos) sin^2:
    PDG review "Cross-section formulae for specific processes"; with e^2 / s alone it is 4 pi alpha^2 / (3 s).
    """
    s, ee2, sw2 = sqrt_s**2, 4 * math.pi / values["aEWM1"], values["sw2"]
    strength = ee2 / (sw2 * (1 - sw2))
    z = strength / (s - values["MDL_MZ"] ** 2 + 1j * values["MDL_MZ"] * values["MDL_WZ"])
    charges = (sw2 - 0.5, sw2)
    return GEV2_PB * s / (48 * math.pi) * sum(abs(ee2 / s + a * b * z) ** 2 for a in charges for b in charges)


def top_pairs(sqrt_s: float, mass: float, alpha_s: float) -> float:
    """sigma(g g > t t~), pb, by quadrature: B.L. Combridge, Nucl. Phys. B 151 (1979) 429."""
    s, rho = sqrt_s**2, 4 * mass**2 / sqrt_s**2
    beta = math.sqrt(1 - rho)
    cosine, weight = np.polynomial.legendre.leggauss(60)
    product = (1 - beta**2 * cosine**2) / 4
    squares = 1 - 2 * product
    average = (1 / (6 * product) - 3 / 8) * (squares + rho - rho**2 / (4 * product))
    return float(GEV2_PB * (4 * math.pi * alpha_s) ** 2 * beta / (32 * math.pi * s) * (weight * average).sum())
