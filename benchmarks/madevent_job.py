"""Time of whole `madevent` jobs, by the directory's own Fortran and by the engine, in turn.

    python benchmarks/madevent_job.py DIR P1_gg_ttxgg [--config 1] [--points 2000] [--pairs 7]

DIR is an injected directory that is built (by `bin/generate_events`, say). Each job is like those that
MadEvent starts itself: a fresh folder in the P directory, four iterations that are never stopped
early, the same seed. Prints user times and their ratios, pair by pair; `--json FILE` keeps them.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
from pathlib import Path

_INPUT = "{points} 4 4\n1e-9\n2\n1\n0\n{config}\n"


def run_job(folder: Path, points: int, config: int, environment: dict[str, str]) -> float:
    """User time of one job in seconds."""
    work = Path(tempfile.mkdtemp(prefix="job_", dir=folder))
    try:
        (work / "randinit").write_text("r=21\n")
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        with (work / "log.txt").open("w") as log:
            subprocess.run(
                ["../madevent"],
                cwd=work,
                input=_INPUT.format(points=points, config=config),
                text=True,
                stdout=log,
                stderr=log,
                env={**os.environ, **environment},
                check=True,
            )
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    finally:
        shutil.rmtree(work)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=Path)
    parser.add_argument("process", help="name of the P directory")
    parser.add_argument("--config", type=int, default=1)
    parser.add_argument("--points", type=int, default=2000, help="points of the first iteration")
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--backend", default="auto")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    folder = options.directory.resolve() / "SubProcesses" / options.process
    if not (folder / "madevent").exists():
        parser.error(f"{folder}/madevent is not built: run bin/generate_events or make madevent")
    if not (folder / "mebridge_seam.o").exists():
        parser.error(f"{folder}/madevent is built without mebridge: run mebridge inject, then make madevent")

    sides = {"fortran": {"MEBRIDGE": "0"}, "engine": {"MEBRIDGE_BACKEND": options.backend}}
    seconds: dict[str, list[float]] = {name: [] for name in sides}
    for pair in range(options.pairs + 1):
        for name, environment in sides.items():
            user = run_job(folder, options.points, options.config, environment)
            if pair > 0:  # the first pair warms the caches
                seconds[name].append(user)
    ratios = [a / b for a, b in zip(seconds["fortran"], seconds["engine"], strict=True)]
    for name, values in seconds.items():
        print(f"{name:8s} user {min(values):.2f} / {statistics.median(values):.2f} / {max(values):.2f} s")
    print(f"ratio    {min(ratios):.2f} / {statistics.median(ratios):.2f} / {max(ratios):.2f}  (min / median / max)")
    if options.json:
        options.json.write_text(json.dumps({"seconds": seconds, "ratio": ratios}))


if __name__ == "__main__":
    main()
