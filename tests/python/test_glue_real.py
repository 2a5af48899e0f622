"""Replaced parts of MadEvent in real, built directories: not one byte of a job may change.

MEBRIDGE_REAL_DIRS as in test_seam_real.py. Oracle: the same executable with MEBRIDGE_GLUE=none,
which test_seam_real.py compares with the one that was there.
"""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bridge.madevent import glue
from bridge.madevent.inject import eject, inject

DIRECTORIES = [Path(name) for name in os.environ.get("MEBRIDGE_REAL_DIRS", "").split(":") if name]
pytestmark = pytest.mark.skipif(not DIRECTORIES, reason="MEBRIDGE_REAL_DIRS is not set")

ROOT = Path(__file__).parent.parent.parent
GRID = "NNPDF23_lo_as_0130_qed_mem0.grid"
#: lines with times in them
TIMES = re.compile(rb"(?i)time|counters")


def _channel(folder: Path) -> int:
    for line in (folder / "symfact.dat").read_text().splitlines():
        config, factor = line.split()
        if int(factor) > 0:
            return int(float(config))
    raise AssertionError("no channel")


def _without_times(text: bytes) -> bytes:
    return b"\n".join(line for line in text.splitlines() if not TIMES.search(line))


def _job(folder: Path, name: str, helicities: int = 0, **environment: str) -> dict[str, bytes]:
    """Files and log of one job in which the grid adapts twice."""
    work = folder / f"job_{name}"
    work.mkdir()
    (work / "randinit").write_text("r=21\n")
    text = f"1000 3 3\n0.000000001\n2\n1\n{helicities}\n{_channel(folder)}\n"
    done = subprocess.run(
        ["../madevent"],
        cwd=work,
        input=text.encode(),
        check=True,
        capture_output=True,
        env={**os.environ, "MEBRIDGE_BACKEND": "fortran", "MEBRIDGE_LOG": str(work / "mebridge.log"), **environment},
    )
    found = {item: (work / item).read_bytes() for item in ("events.lhe", "ftn26") if (work / item).exists()}
    found["results.dat"] = _without_times((work / "results.dat").read_bytes())
    found["log"] = _without_times(done.stdout)
    shutil.rmtree(work)
    return found


@pytest.fixture(scope="module", params=DIRECTORIES, ids=lambda path: path.name)
def folders(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    root = tmp_path_factory.mktemp("real") / request.param.name
    shutil.copytree(request.param, root, symlinks=True)
    inject(root)
    return sorted(path.parent for path in root.glob("SubProcesses/P*/symfact.dat"))


@pytest.mark.parametrize("units", [*(unit.name for unit in glue.UNITS), "all"])
def test_each_unit_changes_nothing(folders: list[Path], units: str) -> None:
    for folder in folders:
        assert _job(folder, units, MEBRIDGE_GLUE=units) == _job(folder, "none", MEBRIDGE_GLUE="none")


def test_with_batches_behind_the_seam(folders: list[Path]) -> None:
    for folder in folders:
        expected = _job(folder, "none", MEBRIDGE_GLUE="none")
        assert _job(folder, "batched", MEBRIDGE_BATCH="32") == expected


def test_monte_carlo_over_helicities(folders: list[Path]) -> None:
    for folder in folders:
        expected = _job(folder, "none", 1, MEBRIDGE_GLUE="none")
        assert _job(folder, "all", 1) == expected


def test_densities_bit_by_bit(folders: list[Path], tmp_path: Path) -> None:
    root = folders[0].parent.parent
    library = root / "lib" / "libpdf.a"
    grid = root / "lib" / "Pdfdata" / GRID
    if not library.exists() or not grid.exists():
        pytest.skip("no built-in densities here")
    program = tmp_path / "compare_pdf"
    sources = [ROOT / "tests" / "glue" / "compare_pdf.cpp", ROOT / "cpp" / "pdf" / "nnpdf_grid.cpp"]
    subprocess.run(
        ["g++", "-std=c++17", "-O2", f"-I{ROOT / 'cpp'}", *sources, library, "-lgfortran", "-o", program],
        check=True,
    )
    (tmp_path / GRID).symlink_to(grid)
    done = subprocess.run([program, GRID, grid], cwd=tmp_path, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-1000:]


def _clean_copy(source: Path, root: Path, seed: int) -> Path:
    """A compiled directory without what its runs have left."""
    shutil.copytree(source, root, symlinks=True)
    for pattern in ("SubProcesses/P*/G*", "Events/run_*", "HTML/run_*"):
        for path in root.glob(pattern):
            path.unlink() if path.is_symlink() else shutil.rmtree(path)
    (root / "HTML" / "results.pkl").unlink(missing_ok=True)
    card = root / "Cards" / "run_card.dat"
    card.write_text(re.sub(r"(?m)^\s*\d+(\s*=\s*iseed)", rf" {seed}\1", card.read_text()))
    inject(root)
    return root


@pytest.mark.parametrize("seed", [21, 33])
def test_whole_runs(folders: list[Path], tmp_path: Path, seed: int) -> None:
    """bin/generate_events writes the same from <init> on."""
    source = next(path for path in DIRECTORIES if path.name == folders[0].parent.parent.name)
    events = []
    for units in ("none", "all"):
        root = _clean_copy(source, tmp_path / units, seed)
        environment = {**os.environ, "MEBRIDGE_BACKEND": "fortran", "MEBRIDGE_GLUE": units}
        subprocess.run(
            [root / "bin/generate_events", "-f"],
            stdin=subprocess.DEVNULL,
            check=True,
            capture_output=True,
            env=environment,
        )
        text = gzip.decompress((root / "Events/run_01/unweighted_events.lhe.gz").read_bytes())
        events.append(text[text.index(b"<init>") :])
    assert events[0] == events[1]


def test_pole_maps_bit_by_bit(folders: list[Path], tmp_path: Path) -> None:
    library = folders[0].parent.parent / "lib" / "libgeneric.a"
    if not library.exists():
        pytest.skip("not built here")
    program = tmp_path / "compare_poles"
    sources = [ROOT / "tests" / "glue" / "compare_poles.cpp", ROOT / "bridge" / "glue" / "pole_map.cpp"]
    subprocess.run(["g++", "-std=c++17", "-O2", *sources, library, "-lgfortran", "-o", program], check=True)
    done = subprocess.run([program], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_eject_brings_the_executables_back(folders: list[Path], tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(folders[0].parent.parent, root, symlinks=True)
    original = next(path for path in DIRECTORIES if path.name == folders[0].parent.parent.name)
    eject(root)
    for path in original.glob("SubProcesses/P*/madevent"):
        assert (root / path.relative_to(original)).read_bytes() == path.read_bytes()
