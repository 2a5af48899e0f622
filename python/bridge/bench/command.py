"""`mebridge bench DIR | "PROCESS"`."""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from bridge.bench.measure import Result, Setting

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_ROW = "  {:<10} {:<7} {:>7} {:>7} {:>10} {:>9} {:>6}{}"


def add_bench(subparsers: Subparsers) -> None:
    """Adds the subcommand."""
    parser = subparsers.add_parser("bench", help="matrix elements a second of DIR or of a process")
    parser.add_argument("subject", metavar="DIR|PROCESS", help='a MadEvent process directory, or "g g > t t~ g"')
    parser.add_argument("--backend", action="append", help="may be repeated; default: auto")
    parser.add_argument("--precision", action="append", choices=("double", "single", "mixed"), help="may be repeated")
    parser.add_argument("--threads", action="append", type=_positive, help="may be repeated; default: 1")
    parser.add_argument("--batch", action="append", type=_positive, help="events of a call; may be repeated")
    parser.add_argument("--rounds", type=_positive, default=7, help="medians are over so many")
    parser.add_argument("--fortran", action="store_true", help="also the directory's own")
    parser.add_argument("--peer", metavar="COMMAND", help="also a program that prints matrix elements a second")
    parser.add_argument("--on-device", action="store_true", help="events in the memory of the GPU; needs CuPy")
    parser.add_argument("--json", metavar="FILE", help="write the result there; - is standard output")
    parser.add_argument("--hep-benchmarks", metavar="FILE", help="write a summary as HEP-Benchmarks' workloads do")
    parser.set_defaults(run=_run)


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("expected 1 or more")
    return value


def _settings(given: argparse.Namespace) -> list[Setting]:
    from bridge.bench.measure import Setting

    return [
        Setting(backend, precision, threads, batch, given.on_device and backend == "cuda")
        for backend in given.backend or ["cuda" if given.on_device else "auto"]
        for precision in given.precision or ["double"]
        for threads in given.threads or [1]
        for batch in given.batch or [4096]
    ]


def _run(given: argparse.Namespace) -> int:
    # only here: the other subcommands work without the compiled engine
    from bridge.bench.measure import measure
    from bridge.bench.subjects import subjects
    from bridge.exceptions import Error
    from bridge.generator import GeneratorError
    from bridge.madevent import ReadError
    from bridge.program import PluginError, UnknownStructure
    from bridge.validate.oracle import OracleError

    settings = _settings(given)
    out = sys.stderr if given.json == "-" else sys.stdout
    results: list[Result] = []
    try:
        n_event = max(setting.batch for setting in settings)
        for subject in subjects(given.subject, n_event, fortran=given.fortran):
            found = measure(subject, settings, given.rounds, given.peer)
            print_results(found, out)
            results += found
    except (
        Error,
        GeneratorError,
        OracleError,
        PluginError,
        ReadError,
        UnknownStructure,
        ValueError,
        subprocess.SubprocessError,
    ) as error:
        print(f"mebridge bench: {error}", file=sys.stderr)
        return 2
    if given.json is not None:
        text = to_json(given.subject, results)
        if given.json == "-":
            sys.stdout.write(text)
        else:
            Path(given.json).write_text(text)
    if given.hep_benchmarks is not None:
        Path(given.hep_benchmarks).write_text(to_hep_benchmarks(given.subject, results))
    return 0 if results else 2


def print_results(results: Sequence[Result], out: TextIO) -> None:
    """A table of one subprocess."""
    print(f"{results[0].process}  ({results[0].subprocess})", file=out)
    print(_ROW.format("backend", "numbers", "threads", "batch", "ME/s", "flop/ME", "peak", ""), file=out)
    for r in results:
        flop = f"{r.operations:.3g}" if r.operations else ""
        peak = f"{100 * r.fraction_of_peak:.0f} %" if r.fraction_of_peak else ""
        batch = r.batch or ""
        where = " events on the device" if r.events == "device" else ""
        print(_ROW.format(r.backend, r.precision, r.threads, batch, f"{r.me_per_s:.3g}", flop, peak, where), file=out)
    out.flush()


def to_json(subject: str, results: Sequence[Result]) -> str:
    """`results`: one object for each line; docs/bench.md."""
    from bridge import __version__

    content = {
        "subject": subject,
        "mebridge": __version__,
        "machine": _processor(),
        "results": [asdict(result) for result in results],
    }
    return json.dumps(content, indent=1) + "\n"


def to_hep_benchmarks(subject: str, results: Sequence[Result]) -> str:
    """The report of a workload of HEP-Benchmarks: a score, in matrix elements a second, for each line."""
    from bridge import __version__

    by_name = {_score_name(r): r for r in results}
    content = {
        "run_info": {"copy_count": 1, "threads_per_copy": max((r.threads for r in results), default=1)},
        "report": {
            "wl-scores": {name: r.me_per_s for name, r in by_name.items()},
            "wl-stats": {
                name: {
                    "median": r.me_per_s,
                    "min": r.me_per_s_smallest,
                    "max": r.me_per_s_largest,
                    "count": r.n_round,
                }
                for name, r in by_name.items()
            },
            "log": "ok" if results else "ERROR",
        },
        "app": {"version": __version__, "description": f"mebridge: matrix elements of {subject}"},
    }
    return json.dumps(content, indent=1) + "\n"


def _score_name(r: Result) -> str:
    parts = (r.subprocess.split("/")[0], r.backend, r.precision, f"t{r.threads}", f"b{r.batch}" if r.batch else "")
    return "-".join(part for part in (*parts, "device" if r.events == "device" else "") if part)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
