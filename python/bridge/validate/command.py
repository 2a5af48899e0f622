"""The command line: `python -m bridge.validate DIR | "PROCESS" | --reference FILE_OR_DIR`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from bridge.madevent import ReadError
from bridge.validate.compare import TOLERANCES
from bridge.validate.directory import REFERENCE, Options, SubprocessReport, validate_directory
from bridge.validate.oracle import OracleError
from bridge.validate.report import all_agree, print_subprocess, print_summary, to_json


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m bridge.validate",
        description="Compares matrix elements: with a MadEvent directory's own Fortran, with files of "
        "reference numbers, or, for a process generated here, with Fortran written from it.",
        epilog="Exit status: 0 all agree, 1 something disagrees, 2 nothing could be compared.",
    )
    parser.add_argument(
        "subject", nargs="?", metavar="DIR|PROCESS", help='a MadEvent process directory, or "g g > t t~ g"'
    )
    parser.add_argument("--reference", metavar="FILE_OR_DIR", help="a file, or a folder of files, of reference numbers")
    parser.add_argument(
        "--backend",
        action="append",
        help=f"engine backend, or {REFERENCE} (NumPy, slow); may be repeated; default: each mode usable here",
    )
    parser.add_argument("--precision", choices=sorted(TOLERANCES), default="double")
    parser.add_argument("--events", type=_positive, default=1000, help="for each subprocess")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", metavar="FILE", help="write the result there; - is standard output")
    return parser


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return value


def _backends(names: Sequence[str] | None) -> tuple[str, ...]:
    if names:
        return tuple(names)
    from bridge import modes

    return tuple(modes())


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    parser = _parser()
    given = parser.parse_args(arguments)
    if (given.subject is None) == (given.reference is None):
        parser.error("expected one of DIR, PROCESS and --reference")
    options = Options(_backends(given.backend), given.precision, given.events, given.seed)
    # a table on standard output would spoil the JSON there
    out = sys.stderr if given.json == "-" else sys.stdout
    if given.reference is not None or (">" in given.subject and not Path(given.subject).exists()):
        return _validate_generated(given, options, out)
    reports: list[SubprocessReport] = []
    try:
        for report in validate_directory(given.subject, options):
            print_subprocess(report, out)
            reports.append(report)
    except (ReadError, OracleError) as error:
        print(f"bridge.validate: {error}", file=sys.stderr)
        return 2
    print_summary(reports, out)
    _write_json(given.json, to_json(given.subject, options, reports))
    if not any(report.comparisons for report in reports):
        return 2
    return 0 if all_agree(reports) else 1


def _validate_generated(given: argparse.Namespace, options: Options, out: TextIO) -> int:
    """Processes of our own: against a file's numbers, or Fortran written from them."""
    # only here: a directory is validated without the generator
    from bridge.generator import GeneratorError
    from bridge.validate import generated, reference

    subject = given.subject if given.reference is None else given.reference
    try:
        if given.reference is not None:
            numbers = reference.print_agreements(reference.validate_reference(subject, options), out)
            text, agrees = reference.agreements_to_json(subject, options, numbers), reference.agree(numbers)
        else:
            # NumPy stands beside the Fortran, unless somebody chose
            every = options if given.backend else replace(options, backends=(*options.backends, REFERENCE))
            reports = generated.print_reports(generated.validate_process(subject, every), out)
            text, agrees = to_json(subject, every, reports), all_agree(reports)
    except (GeneratorError, reference.ReferenceFileError) as error:
        print(f"bridge.validate: {error}", file=sys.stderr)
        return 2
    _write_json(given.json, text)
    return 0 if agrees else 1


def _write_json(target: str | None, text: str) -> None:
    if target == "-":
        sys.stdout.write(text)
    elif target is not None:
        Path(target).write_text(text)
