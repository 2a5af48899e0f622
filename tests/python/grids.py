"""A small grid of parton densities, two subgrids."""

from __future__ import annotations

import math

X = (1e-5, 1e-4, 1e-3, 1e-2, 0.1, 0.3, 0.6, 1.0)
Q = ((1.5, 2.0, 3.0, 4.0, 4.9), (4.9, 10.0, 100.0, 1e3))
PARTONS = (-2, -1, 21, 1, 2)


def value(column: int, x: float, q: float) -> float:
    return (1 + 0.1 * column) * x**-0.2 * (1 - x) ** 3 * (1 + 0.05 * math.log(q) * (1 + column * x))


def grid_text(scales: tuple[tuple[float, ...], ...] = Q) -> str:
    """Two subgrids; below the threshold everything is half as large."""
    lines = ["PdfType: central", "Format: lhagrid1", "---"]
    for number, qs in enumerate(scales):
        factor = 0.5 if number == 0 and len(scales) > 1 else 1.0
        lines += [" ".join(map(repr, X)), " ".join(map(repr, qs)), " ".join(map(str, PARTONS))]
        lines += [" ".join(f"{factor * value(c, x, q):.8e}" for c in range(len(PARTONS))) for x in X for q in qs]
        lines.append("---")
    return "\n".join(lines) + "\n"
