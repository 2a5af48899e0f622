"""``mebridge profile DIR``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.madevent.injection import is_injected, madevent_root
from bridge.profile.flamegraph import flamegraph
from bridge.profile.job import Run, find_job, perf_is_allowed
from bridge.profile.parts import REST, shares

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_BEFORE = {"MEBRIDGE": "0"}


def table(runs: dict[str, Run]) -> str:
    """Seconds of each part, one column for each run."""
    width = max(len(REST), 24)
    lines = [f"{'processor time, s':{width}}" + "".join(f"{name:>12}" for name in runs)]
    parts = {name: shares(run.stacks) for name, run in runs.items() if run.stacks}
    if parts:
        for part in next(iter(parts.values())):
            values = "".join(f"{parts[name][part] * runs[name].seconds:12.3f}" for name in parts)
            lines.append(f"{part:{width}}{values}")
    lines.append(f"{'all':{width}}" + "".join(f"{run.seconds:12.3f}" for run in runs.values()))
    return "\n".join(lines)


def add_profile(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("profile", help="run one job of DIR and show where its time goes, before and after")
    parser.add_argument("directory", metavar="DIR", type=Path, help="a MadEvent process directory, built")
    parser.add_argument("--subprocess", metavar="P", help="subprocess folder, such as P1_gg_ttxg (default: the first)")
    parser.add_argument("--channel", type=int, metavar="N", help="channel (default: the first)")
    parser.add_argument("--points", type=int, default=2000, help="points of the first iteration (default: 2000)")
    parser.add_argument("--iterations", type=int, default=4, help="iterations, each with twice the points (default: 4)")
    parser.add_argument(
        "--output", metavar="STEM", type=Path, default=Path("profile"), help="of STEM_after.svg and others"
    )
    parser.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> int:
    root = madevent_root(parsed.directory)
    job = find_job(root, parsed.subprocess, parsed.channel, parsed.points, parsed.iterations)
    kinds = {"before": _BEFORE, "after": dict[str, str]()} if is_injected(root) else {"now": dict[str, str]()}
    with_stacks = perf_is_allowed()
    runs = {name: job.run(environment, with_stacks) for name, environment in kinds.items()}
    print(f"{job.folder.name}, channel {job.channel}, {job.points} points, {job.iterations} iterations")
    print(table(runs))
    if not with_stacks:
        print("perf is not there or not allowed (sysctl kernel.perf_event_paranoid): no parts, no flamegraph")
        return 0
    for name, run in runs.items():
        path = parsed.output.with_name(f"{parsed.output.name}_{name}.svg")
        path.write_text(
            flamegraph(run.stacks, f"{job.folder.name}, channel {job.channel}, {name}: {run.seconds:.2f} s")
        )
        print(path)
    return 0
