"""`mebridge new`."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.exceptions import ArgumentError
from bridge.generator import read_ufo
from bridge.writer.directory import new

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_EPILOG = """\
PROCESS is as for MG5_aMC: 'g g > t t~ g', 'p p > e+ e- j QCD<=1', 'define l = e+ e-; p p > l l',
or a file with such lines. DIR/bin/generate_events then compiles it and writes events.
"""


def add_new(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser(
        "new",
        help="make a process directory that generates events",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("process", metavar="PROCESS")
    parser.add_argument("directory", metavar="DIR", type=Path, help="must not be there, or be empty")
    parser.add_argument(
        "--fixed-energy", metavar="SQRT_S", type=float, help="no protons: the particles of PROCESS collide (GeV)"
    )
    parser.add_argument("--pdf", metavar="SET|FILE", help="parton densities: an LHAPDF set, or a grid file")
    parser.add_argument("--model", metavar="FOLDER", type=Path, help="UFO model in place of the Standard Model")
    parser.add_argument(
        "--dialect",
        choices=("scalar", "vector"),
        default="scalar",
        help="calls as in MG5_aMC up to 3.5 (scalar) or since 3.6 (vector)",
    )
    parser.add_argument(
        "--set", metavar="NAME=VALUE", action="append", default=[], dest="settings", help="a setting of the run card"
    )

    def run(parsed: argparse.Namespace) -> int:
        path = Path(parsed.process)
        made = new(
            path.read_text() if path.is_file() else parsed.process,
            parsed.directory,
            dialect=parsed.dialect,
            fixed_energy=parsed.fixed_energy,
            pdf=parsed.pdf,
            settings=_settings(parsed.settings),
            model=read_ufo(parsed.model) if parsed.model else None,
        )
        print(f"{made}: edit Cards/run_card.dat, then run bin/generate_events there")
        return 0

    parser.set_defaults(run=run)


def _settings(given: list[str]) -> dict[str, str]:
    settings = {}
    for item in given:
        name, equals, value = item.partition("=")
        if not equals:
            raise ArgumentError(f"--set {item}: expected NAME=VALUE")
        settings[name.strip()] = value.strip()
    return settings
