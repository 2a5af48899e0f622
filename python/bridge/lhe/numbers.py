"""Numbers as Fortran prints them, in both directions."""

from __future__ import annotations

import math
import re

from bridge.exceptions import ArgumentError

# 0.1D+01, and 0.1-100: gfortran leaves the letter out where an exponent needs three digits
_FORTRAN = re.compile(r"([-+]?(?:\d+\.?\d*|\.\d+))[dDeE]?([-+]?\d+)")


def plain(text: str) -> str:
    """A Fortran number as Python and Decimal read it."""
    match = _FORTRAN.fullmatch(text)
    return f"{match[1]}e{match[2]}" if match and not text.isdigit() else text


def real(text: str) -> float:
    """The value of a real number in Fortran's or C's notation. ValueError if it is none."""
    try:
        return float(text)
    except ValueError:
        return float(plain(text))


def scientific(value: float, digits: int, exponent_digits: int = 2) -> str:
    """`value` as E<width>.<digits>, or .<digits>E3 with `exponent_digits` = 3; without padding."""
    if not math.isfinite(value):
        return str(value)
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    sign = "-" if mantissa[0] == "-" else ""
    power = int(exponent) + 1 if value else 0
    letter = "E" if abs(power) < 100 or exponent_digits > 2 else ""
    width = 1 + (exponent_digits if letter else 3)
    return f"{sign}0.{mantissa[len(sign)]}{mantissa[len(sign) + 2 :]}{letter}{power:+0{width}d}"


def integral(value: float, width: int) -> str:
    """`value` as F<width>.0, which holds whole numbers alone. ArgumentError if it does not fit."""
    if math.isfinite(value) and value != round(value):
        raise ArgumentError(f"{value} needs decimals: this style of writing has none for it")
    text = f"{value:.0f}."
    if len(text) > width:
        raise ArgumentError(f"{value} needs more than the {width} places this style of writing has")
    return text.rjust(width)
