"""``mebridge profile DIR``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bridge.madevent.injection import is_injected, madevent_root
from bridge.profile.flamegraph import flamegraph
from bridge.profile.job import Run, find_job
from bridge.profile.parts import REST, shares
from bridge.profile.perf import find_perf
from bridge.profile.stacks import ProfileError, Recorder
from bridge.profile.timers import find_timers

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

_BEFORE = {"MEBRIDGE": "0"}
_RECORDERS: dict[str, tuple[Callable[[], Recorder | None], str]] = {
    "perf": (find_perf, "perf is not there or not allowed (sysctl kernel.perf_event_paranoid)"),
    "timers": (find_timers, "nm and c++filt (binutils) and the installed libmebridge_sampler.so are needed"),
}


def table(runs: dict[str, Run]) -> str:
    """Seconds of each part, one column for each run."""
    width = max(len(REST), 24)
    lines = [f"{'processor time, s':{width}}" + "".join(f"{name:>12}" for name in runs)]
    if all(run.stacks for run in runs.values()):
        parts = {name: shares(run.stacks) for name, run in runs.items()}
        for part in next(iter(parts.values())):
            values = "".join(f"{parts[name][part] * runs[name].seconds:12.3f}" for name in parts)
            lines.append(f"{part:{width}}{values}")
    lines.append(f"{'all':{width}}" + "".join(f"{run.seconds:12.3f}" for run in runs.values()))
    return "\n".join(lines)


def find_recorder(wanted: str) -> Recorder | None:
    """The one wanted ("perf", "timers"); for "auto" the first that works here, or None."""
    if wanted == "auto":
        return next((recorder for find, _ in _RECORDERS.values() if (recorder := find())), None)
    find, missing = _RECORDERS[wanted]
    if (recorder := find()) is None:
        raise ProfileError(missing)
    return recorder


def add_profile(subparsers: Subparsers) -> None:
    parser = subparsers.add_parser("profile", help="run one job of DIR and show where its time goes, before and after")
    parser.add_argument("directory", metavar="DIR", type=Path, help="a MadEvent process directory, built")
    parser.add_argument("--subprocess", metavar="P", help="subprocess folder, such as P1_gg_ttxg (default: the first)")
    parser.add_argument("--channel", type=int, metavar="N", help="channel (default: the first)")
    parser.add_argument("--points", type=int, default=2000, help="points of the first iteration (default: 2000)")
    parser.add_argument("--iterations", type=int, default=4, help="iterations, each with twice the points (default: 4)")
    parser.add_argument(
        "--with",
        dest="recorder",
        choices=("auto", *_RECORDERS),
        default="auto",
        help="see where the job is by perf, or by timers inside it (default: perf where it is allowed)",
    )
    parser.add_argument(
        "--output", metavar="STEM", type=Path, default=Path("profile"), help="of STEM_after.svg and others"
    )
    parser.set_defaults(run=_run)


def _run(parsed: argparse.Namespace) -> int:
    root = madevent_root(parsed.directory)
    job = find_job(root, parsed.subprocess, parsed.channel, parsed.points, parsed.iterations)
    recorder = find_recorder(parsed.recorder)
    kinds = {"before": _BEFORE, "after": dict[str, str]()} if is_injected(root) else {"now": dict[str, str]()}
    runs = {name: job.run(environment, recorder) for name, environment in kinds.items()}
    print(f"{job.folder.name}, channel {job.channel}, {job.points} points, {job.iterations} iterations")
    print(table(runs))
    for name, run in runs.items():
        for line in [run.log, *map(str, run.gpus)]:
            if line:
                print(f"{name}: {line}")
    if recorder is None:
        print("only whole times: " + "; ".join(missing for _, missing in _RECORDERS.values()))
        return 0
    for name, run in runs.items():
        if not run.stacks:
            print(f"{name}: this madevent cannot be sampled (linked statically?): no parts, no flamegraph")
            continue
        path = parsed.output.with_name(f"{parsed.output.name}_{name}.svg")
        title = f"{job.folder.name}, channel {job.channel}, {name}: {run.seconds:.2f} s"
        path.write_text(flamegraph(run.stacks, title))
        print(path)
    return 0
