"""Compilation and the number of jobs at a time."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from internal.error import RunError

_CORES = re.compile(r"^\s*nb_core\s*=\s*(\S+)", re.MULTILINE)
_LINES_OF_LOG = 12


def number_of_cores(root: Path) -> int:
    """nb_core of Cards/me5_configuration.txt, or the processors this process may use."""
    path = root / "Cards/me5_configuration.txt"
    found = _CORES.search(path.read_text()) if path.is_file() else None
    if found is None or found[1] == "None":
        return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    if not found[1].isdigit() or found[1] == "0":
        raise RunError(f"{path}: nb_core has to be a number of processors, not {found[1]!r}")
    return int(found[1])


def folders(root: Path) -> list[Path]:
    """The P folders of subproc.mg."""
    names = (root / "SubProcesses/subproc.mg").read_text().split()
    return [root / "SubProcesses" / name for name in names]


def compile_all(root: Path, folders: Sequence[Path], n_core: int, report: Callable[[str], None]) -> None:
    """Libraries, then the programs of all folders; what is up to date stays."""
    report("compiling: libraries")
    _make(root / "Source", ["all", f"-j{n_core}"])
    done = 0

    def program(folder: Path) -> None:
        nonlocal done
        _make(folder, ["madevent", f"-j{max(1, n_core // len(folders))}"])
        done += 1
        report(f"compiling: {done} of {len(folders)} subprocesses")

    with ThreadPoolExecutor(n_core) as pool:
        for _ in pool.map(program, folders):
            pass


def _make(folder: Path, arguments: Sequence[str]) -> None:
    log = folder / "make.log"
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS")}
    try:
        with log.open("wb") as stream:
            done = subprocess.run(
                ["make", *arguments], cwd=folder, env=environment, stdout=stream, stderr=stream, check=False
            )
    except FileNotFoundError:
        raise RunError("make is not installed: it is needed, and so is gfortran") from None
    if done.returncode:
        raise RunError(f"compilation failed in {folder}: see {log}\n{end_of(log)}")


def end_of(log: Path) -> str:
    """Its last lines."""
    return "\n".join(log.read_text(errors="replace").splitlines()[-_LINES_OF_LOG:])
