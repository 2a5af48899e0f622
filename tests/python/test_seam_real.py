"""The seam in real, built MadEvent directories: the events must not change.

MEBRIDGE_REAL_DIRS lists them, separated by colons: directories in which `bin/generate_events`
has run once. They are copied, never touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from bridge.madevent.inject import eject, inject

DIRECTORIES = [Path(name) for name in os.environ.get("MEBRIDGE_REAL_DIRS", "").split(":") if name]
pytestmark = pytest.mark.skipif(not DIRECTORIES, reason="MEBRIDGE_REAL_DIRS is not set")

INPUT = """\
{points} {iterations} 1
0.000000001
{grid}
1
0
{channel}
"""
COMPARED = ("events.lhe", "ftn26")


def _build(folder: Path) -> None:
    is_plugin = "cudacpp" in (folder.parent / "makefile").read_text()
    target = "madevent_fortran_link" if is_plugin else "madevent"
    subprocess.run(["make", target], cwd=folder, check=True, capture_output=True)


def _channel(folder: Path) -> int:
    for line in (folder / "symfact.dat").read_text().splitlines():
        config, factor = line.split()
        if int(factor) > 0:
            return int(float(config))
    raise AssertionError("no channel")


def _run(folder: Path, name: str, grid_from: Path | None = None, **environment: str) -> dict[str, bytes]:
    """One job of madevent; its output files."""
    work = folder / f"job_{name}"
    work.mkdir()
    (work / "randinit").write_text("r=21\n")
    if grid_from:
        shutil.copy(grid_from, work / "ftn25")
    text = INPUT.format(
        points=2000,
        iterations=1 if grid_from else 3,
        grid=0 if grid_from else 2,
        channel=_channel(folder),
    )
    subprocess.run(
        ["../madevent"],
        cwd=work,
        input=text.encode(),
        check=True,
        capture_output=True,
        env={**os.environ, "MEBRIDGE_LOG": str(folder / f"{name}.log"), **environment},
    )
    return {item: (work / item).read_bytes() for item in COMPARED if (work / item).exists()}


@pytest.fixture(scope="module", params=DIRECTORIES, ids=lambda path: path.name)
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("real") / request.param.name
    shutil.copytree(request.param, root, symlinks=True)
    paths = sorted(path.parent for path in root.glob("SubProcesses/P*/symfact.dat"))
    assert paths, f"{request.param} is not built: run bin/generate_events in it"
    for folder in paths:
        (folder / "reference.grid").write_bytes(_run(folder, "reference")["ftn26"])
    inject(root)
    for folder in paths:
        _build(folder)
    return paths


@pytest.mark.parametrize("batch", [1, 8, 32, 512])
def test_fortran_behind_the_seam_gives_the_same_bytes(folders: list[Path], batch: int) -> None:
    for folder in folders:
        found = _run(folder, f"fortran{batch}", MEBRIDGE_BACKEND="fortran", MEBRIDGE_BATCH=str(batch))
        reference = folder / "job_reference"
        for name, content in found.items():
            assert content == (reference / name).read_bytes(), f"{folder}: {name}"


def test_engine_gives_the_same_events_on_a_fixed_grid(folders: list[Path]) -> None:
    # With an adapting grid MadEvent itself turns one unit in the last place into 1e-5.
    for folder in folders:
        grid = folder / "reference.grid"
        reference = _run(folder, "fixed", grid, MEBRIDGE_BACKEND="fortran")
        found = _run(folder, "engine", grid, MEBRIDGE_CHECK="0.5")
        old = reference["events.lhe"].split(b"<event>")[1:]
        new = found["events.lhe"].split(b"<event>")[1:]
        assert len(new) == len(old)
        assert sum(a == b for a, b in zip(old, new, strict=True)) >= 0.999 * len(old)


def test_eject_restores_the_sources(folders: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(folders[0].parent.parent, root, symlinks=True)
    original = next(path for path in DIRECTORIES if path.name == folders[0].parent.parent.name)
    eject(root)
    assert (root / "Source" / "make_opts").read_bytes() == (original / "Source" / "make_opts").read_bytes()
    assert not (root / "Source" / "MEBRIDGE").exists()
