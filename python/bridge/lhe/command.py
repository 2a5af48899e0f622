"""The subcommand `mebridge compare A B`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.lhe.compare import SHARE, TOLERANCE, Comparison, compare
from bridge.lhe.error import LheError

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_DIFFERENT = 1
_UNREADABLE = 2


def add_compare(subparsers: Subparsers) -> None:
    """Adds the parser; its `run` returns 0 same, 1 different, 2 a file cannot be read."""
    parser = subparsers.add_parser(
        "compare",
        help="compare two event files, event by event",
        description="Compares two Les Houches event files, plain or gzip, event by event.",
        epilog="Exit status: 0 enough events are the same and the cross-sections agree, 1 not, 2 unreadable.",
    )
    parser.add_argument("a", metavar="A.lhe[.gz]", type=Path)
    parser.add_argument("b", metavar="B.lhe[.gz]", type=Path)
    parser.add_argument(
        "--tolerance",
        type=_not_negative,
        default=TOLERANCE,
        help="relative, for numbers (default: %(default)s)",
    )
    parser.add_argument(
        "--share",
        type=_fraction,
        default=SHARE,
        help="of the events that must be the same (default: %(default)s)",
    )
    parser.add_argument("--json", metavar="FILE", help="write the result there; - is standard output")
    parser.set_defaults(run=run)


def _not_negative(text: str) -> float:
    value = float(text)
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError("expected a number from 0")
    return value


def _fraction(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise argparse.ArgumentTypeError("expected a number from 0 to 1")
    return value


def run(given: argparse.Namespace) -> int:
    """Compares, reports, and returns the exit status."""
    try:
        result = compare(given.a, given.b, given.tolerance)
        # the table on standard output would spoil the JSON there
        print(report(result, given.share), file=sys.stderr if given.json == "-" else sys.stdout)
        _write_json(given.json, result.to_json(given.share))
    except (LheError, OSError) as error:
        print(f"mebridge: {error}", file=sys.stderr)
        return _UNREADABLE
    return 0 if result.passed(given.share) else _DIFFERENT


def _write_json(target: str | None, text: str) -> None:
    if target == "-":
        sys.stdout.write(text)
    elif target is not None:
        Path(target).write_text(text)


def report(result: Comparison, share: float = SHARE) -> str:
    """A table for people."""
    lines = [
        f"A  {result.a}",
        f"B  {result.b}",
        f"identical  {result.identical:10d}",
        f"same       {result.same:10d}   to {result.tolerance:g} or a last printed digit",
        f"different  {result.different:10d}",
        f"only in A  {result.only_in_a:10d}",
        f"only in B  {result.only_in_b:10d}",
        f"share      {result.share:10.6f}   required {share:g}",
        f"sigma      {_pb(result.cross_section_a)} against {_pb(result.cross_section_b)}: "
        + (result.init_reason or "agree"),
    ]
    if first := result.first_different:
        lines.append(f"first different: event {first.event} (line {first.line_a} of A, {first.line_b} of B):")
        lines.append(f"  {first.reason}")
    return "\n".join([*lines, "the same" if result.passed(share) else "NOT the same"])


def _pb(value: float | None) -> str:
    return "none" if value is None else f"{value:g} pb"
