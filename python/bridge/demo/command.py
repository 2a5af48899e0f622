"""The subcommand `mebridge demo`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.demo.plot import plot
from bridge.demo.run import PROCESS, run
from bridge.demo.table import table

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def add_demo(subparsers: Subparsers) -> None:
    """Adds the parser; its `run` returns 0 if the engine's events are the Fortran's, else 1."""
    parser = subparsers.add_parser(
        "demo",
        help="make a process, run it in Fortran and with the engine, compare",
        description=f"Makes {PROCESS} (proton-proton, 13 TeV) with mebridge's own generator, runs it in Fortran, "
        "injects the engine, runs it again, and compares event by event. Leaves both event files, a table and a plot.",
    )
    parser.add_argument(
        "--output", metavar="DIR", type=Path, default=Path("mebridge_demo"), help="default: %(default)s"
    )
    parser.add_argument("--process", default=PROCESS, help="default: %(default)s")
    parser.add_argument("--events", metavar="N", type=_positive, default=10_000, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=1, help="default: %(default)s")
    parser.set_defaults(run=_run)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("expected a number from 1")
    return value


def _run(given: argparse.Namespace) -> int:
    demo = run(given.output, given.process, given.events, given.seed, report=_progress)
    text = table(demo)
    (given.output / "table.txt").write_text(text + "\n")
    plot(demo, given.output / "demo.png")
    print(text)
    print(f"in {given.output}: fortran.lhe.gz, engine.lhe.gz, seam.lhe.gz, table.txt, demo.png, process/")
    return 0 if demo.comparison.passed() and demo.proof_comparison.passed() else 1


def _progress(text: str) -> None:
    print(f"{text} ...", file=sys.stderr, flush=True)
