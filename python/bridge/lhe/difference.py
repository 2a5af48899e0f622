"""Whether two events are the same, and if not, why not.

Events are compared as they are printed, so that a last digit that rounding has moved can be told
from a difference. Styles (see `style.py`) may differ.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

from bridge.lhe.model import Init
from bridge.lhe.numbers import plain, real
from bridge.lhe.parse import Block, Parts, row_numbers, split

# A number with fewer printed digits than this must agree by its value.
_FEWEST_DIGITS = 4
# Components that nearly cancel carry the rounding of the particle's energy.
_CANCELLATION = 1e-3

_INTEGER_COLUMNS = ("pdg_id", "status", "mother", "mother", "color", "color")
_REAL_COLUMNS = ("px", "py", "pz", "E", "mass")
_HEADER_REALS = ("weight", "scale", "alpha_em", "alpha_s")
_TOKEN = re.compile(r"[^\s<>=\"']+|[<>=\"']")


def agree(a: str, b: str, tolerance: float, scale: float = 0.0) -> bool:
    """Whether two printed numbers agree.

    They do if they differ by no more than `tolerance`, relative; or one unit of the last printed
    digit (numbers of four digits or more); or a thousandth of `tolerance` times `scale`.
    """
    x, y = real(a), real(b)
    distance = abs(x - y)
    if x == y or distance <= max(tolerance * max(abs(x), abs(y)), _CANCELLATION * tolerance * scale):
        return True
    return distance <= 1.001 * max(_last_digit(a), _last_digit(b))


def _last_digit(text: str) -> float:
    """One unit of the last printed digit; 0 if there are few digits."""
    number = Decimal(plain(text)).as_tuple()
    if not isinstance(number.exponent, int) or len(number.digits) < _FEWEST_DIGITS:
        return 0.0
    return float(Decimal((0, (1,), number.exponent)))


def difference(a: Block, b: Block, tolerance: float, files: tuple[Path, Path]) -> str | None:
    """The first reason why two events are not the same; None if they are.

    LheError if one of them is malformed; `files` are for its message.
    """
    first, second = (split(block, file) for block, file in zip((a, b), files, strict=True))
    if reason := _header(first, second, tolerance):
        return reason
    for i, (row_a, row_b) in enumerate(zip(first.rows, second.rows, strict=True)):
        row_numbers(row_a, files[0], first.line + 1 + i)
        row_numbers(row_b, files[1], second.line + 1 + i)
        if reason := _particle(row_a.split(), row_b.split(), tolerance):
            return f"particle {i + 1}: {reason}"
    if reason := _words(first.attributes, second.attributes, tolerance):
        return f"<event ...>: {reason}"
    if reason := _words(first.extra, second.extra, tolerance):
        return f"after the particles: {reason}"
    return None


def _header(a: Parts, b: Parts, tolerance: float) -> str | None:
    if len(a.rows) != len(b.rows):
        return f"{len(a.rows)} particles against {len(b.rows)}"
    if a.header[1] != b.header[1]:
        return f"process {a.header[1]} against {b.header[1]}"
    return _first_unequal(_HEADER_REALS, a.header[2:], b.header[2:], tolerance)


def _particle(a: Sequence[str], b: Sequence[str], tolerance: float) -> str | None:
    for name, x, y in zip(_INTEGER_COLUMNS, a, b, strict=False):
        if int(x) != int(y):
            return f"{name} {x} against {y}"
    if real(a[12]) != real(b[12]):
        return f"helicity {a[12]} against {b[12]}"
    energy = abs(real(a[9]))
    reason = _first_unequal(_REAL_COLUMNS, a[6:11], b[6:11], tolerance, energy)
    return reason or _first_unequal(("lifetime",), a[11:12], b[11:12], tolerance)


def _first_unequal(
    names: Sequence[str], a: Sequence[str], b: Sequence[str], tolerance: float, scale: float = 0.0
) -> str | None:
    for name, x, y in zip(names, a, b, strict=True):
        if not agree(x, y, tolerance, scale):
            largest = max(abs(real(x)), abs(real(y)))
            return f"{name} {x} against {y}, relative {abs(real(x) - real(y)) / largest:.1e}"
    return None


def _words(a: str, b: str, tolerance: float) -> str | None:
    """Text with numbers in it: equal words, numbers that agree."""
    words_a, words_b = _TOKEN.findall(a), _TOKEN.findall(b)
    for x, y in zip(words_a, words_b, strict=False):
        if x != y and not _same_number(x, y, tolerance):
            return f"{x!r} against {y!r}"
    if len(words_a) != len(words_b):
        return f"{len(words_a)} words against {len(words_b)}"
    return None


def _same_number(a: str, b: str, tolerance: float) -> bool:
    """Integers (counts, identities) must be equal as they stand."""
    if a.lstrip("+-").isdigit() or b.lstrip("+-").isdigit():
        return False
    try:
        return agree(a, b, tolerance)
    except (ValueError, InvalidOperation):
        return False


def init_difference(a: Init | None, b: Init | None, tolerance: float) -> str | None:
    """The first reason why two `<init>` disagree: beams, PDF sets, cross-sections.

    Cross-sections are compared as MG5_aMC prints them, with 7 digits.
    """
    if a is None or b is None:
        return None if a is b else f"<init> only in {'the first' if a else 'the second'}"
    for name in ("beam_pdg_id", "beam_energy", "pdf_group", "pdf_set", "weight_strategy"):
        if getattr(a, name) != getattr(b, name):
            return f"{name} {getattr(a, name)} against {getattr(b, name)}"
    if len(a.subprocesses) != len(b.subprocesses):
        return f"{len(a.subprocesses)} subprocesses against {len(b.subprocesses)}"
    for first, second in zip(a.subprocesses, b.subprocesses, strict=True):
        if first.process_id != second.process_id:
            return f"process {first.process_id} against {second.process_id}"
        for name in ("cross_section", "error", "max_weight"):
            x, y = (f"{getattr(item, name):e}" for item in (first, second))
            if not agree(x, y, tolerance):
                return f"process {first.process_id}: {name} {x} pb against {y} pb"
    return None
