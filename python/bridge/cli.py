"""The ``mebridge`` command.

Each subcommand is a function ``add_<name>(subparsers)`` that adds its parser and sets ``run``,
a function of the parsed arguments that returns the exit status.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bridge import __version__
from bridge.bench.command import add_bench
from bridge.config import add_config
from bridge.demo.command import add_demo
from bridge.exceptions import Error
from bridge.lhe.command import add_compare
from bridge.madevent.inject import InjectError, eject, inject, status
from bridge.profile.command import add_profile
from bridge.writer.command import add_new

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_REFUSED = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one subcommand. Exit status: 0 done, 1 something is not as it should be, 2 refused."""
    parser = argparse.ArgumentParser(
        prog="mebridge",
        description="Makes an existing MadEvent process directory faster without changing its physics.",
    )
    parser.add_argument("--version", action="version", version=f"mebridge {__version__}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in _COMMANDS:
        add(subparsers)
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except (InjectError, Error, OSError) as error:
        print(f"mebridge: {error}", file=sys.stderr)
        return _REFUSED


def _directory(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", metavar="DIR", type=Path, help="a MadEvent process directory or gridpack")


def _print(text: object) -> None:
    print(text)


def add_inject(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("inject", help="put the batched event loop and the engine into DIR")
    _directory(parser)

    def run(parsed: argparse.Namespace) -> int:
        _print(inject(parsed.directory))
        return 0

    parser.set_defaults(run=run)


def add_eject(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("eject", help="restore DIR to what it was before inject")
    _directory(parser)

    def run(parsed: argparse.Namespace) -> int:
        _print(eject(parsed.directory))
        return 0

    parser.set_defaults(run=run)


def add_status(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("status", help="what is injected in DIR and how each subprocess is computed")
    _directory(parser)

    def run(parsed: argparse.Namespace) -> int:
        _print(status(parsed.directory))
        return 0

    parser.set_defaults(run=run)


_COMMANDS: tuple[Callable[[Subparsers], None], ...] = (
    add_new,
    add_inject,
    add_eject,
    add_status,
    add_bench,
    add_profile,
    add_config,
    add_compare,
    add_demo,
)


if __name__ == "__main__":
    sys.exit(main())
