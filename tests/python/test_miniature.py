"""The miniature MadEvent directory: it builds, runs, and gives known values.

Oracle: matrix elements of MG5_aMC 3.5.7's standalone Fortran (tests/data, provenance inside).
"""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from bridge import miniature
from bridge.madevent import read_directory
from bridge.process import Process
from bridge.validate.oracle import Events, Library, Workspace

pytestmark = pytest.mark.skipif(
    shutil.which("gfortran") is None or shutil.which("make") is None,
    reason="needs gfortran and make",
)

DATA = Path(__file__).parent.parent / "data" / "reference"
DIALECTS = ("scalar", "vector")
KNOWN = {"P1_gg_ttx": "gg_ttx", "P1_ll_ll": "ee_mumu"}
N_EVENT = 200


@pytest.fixture(scope="module", params=DIALECTS)
def directory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory in which nothing has been run."""
    return miniature.create(tmp_path_factory.mktemp("new") / "mini", request.param)


@pytest.fixture(scope="module")
def finished(directory: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same after generate_events."""
    root = tmp_path_factory.mktemp("finished") / "mini"
    shutil.copytree(directory, root, symlinks=True)
    generate(root, "run_01")
    return root


def generate(root: Path, run: str) -> str:
    """Runs generate_events; returns the text of the event file."""
    done = subprocess.run([root / "bin/generate_events", run], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return events_of(root, run)


def events_of(root: Path, run: str = "run_01") -> str:
    with gzip.open(root / "Events" / run / "unweighted_events.lhe.gz", "rt") as events:
        return events.read()


def files(root: Path) -> dict[str, bytes]:
    paths = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in paths}


def test_create_refuses_a_folder_in_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        miniature.create(tmp_path)


@pytest.mark.parametrize("folder", sorted(KNOWN))
def test_known_values(directory: Path, folder: str, tmp_path: Path) -> None:
    known = json.loads((DATA / f"{KNOWN[folder]}.json").read_text())["results"][0]
    compiled = Workspace(directory, tmp_path).compile_subprocess(folder)
    matrix = Library(compiled, 1e-6).matrix("matrix1.f")
    momenta = np.array(known["momenta_GeV"])
    n = len(momenta)
    events = Events(
        momenta=momenta,
        alpha_s=np.full(n, 0.118),
        diagram=np.zeros(n, dtype=np.int32),
        config=np.ones(n, dtype=np.int32),
        random_helicity=np.full(n, 0.5),
        random_color=np.full(n, 0.5),
    )
    np.testing.assert_array_equal(matrix.helicities, known["helicities"])
    total = np.array(known["matrix_element"])
    np.testing.assert_allclose(matrix.sums(events).matrix_element, total, rtol=1e-13)
    by_helicity = matrix.terms(events).by_helicity / total[:, None]
    expected = np.array(known["matrix_element_by_helicity"]) / total[:, None]
    np.testing.assert_allclose(by_helicity, expected, rtol=0, atol=1e-14)


def test_reader_understands_it(directory: Path) -> None:
    found = read_directory(directory)
    contents = [matrix.content for matrix in found.matrices]
    assert all(isinstance(content, Process) for content in contents), contents
    assert found.layout == "scalar"
    assert found.model.running == {"GC_10", "GC_11"}


def test_events(finished: Path) -> None:
    events = events_of(finished).split("<event>\n")[1:]
    assert len(events) == N_EVENT * len(KNOWN)
    for event in events[:: N_EVENT // 10]:
        rows = [line.split() for line in event.splitlines()[1:5]]
        momenta = np.array([[float(word) for word in row[6:10]] for row in rows])
        np.testing.assert_allclose(momenta[:2].sum(axis=0), momenta[2:].sum(axis=0), atol=1e-7)
        assert all(row[12] in ("1.", "-1.") for row in rows)
        # colour lines that come in go out
        coming = sorted(row[4] for row in rows[:2]) + sorted(row[5] for row in rows[2:])
        going = sorted(row[5] for row in rows[:2]) + sorted(row[4] for row in rows[2:])
        assert sorted(coming) == sorted(going)


def test_cross_section(finished: Path) -> None:
    """e+ e- > mu+ mu- far above the Z: the photon and Z formula of any textbook."""
    means = []
    for config in (1, 2):
        words = (finished / f"SubProcesses/P1_ll_ll/G{config}/results.dat").read_text().split()
        means.append((float(words[0]), float(words[1])))
    value = sum(mean for mean, _ in means)
    error = np.hypot(means[0][1], means[1][1])
    assert abs(value - muon_pair_cross_section()) < 5 * error


def muon_pair_cross_section() -> float:
    """pb, at tree level, for the miniature's beams, cut and parameters; see tests/data."""
    s, mz, wz, alpha, gf = 4 * 500.0 * 300.0, 91.188, 2.441404, 1 / 132.507, 1.16639e-5
    cut = np.sqrt(1 - 4 * 10.0**2 / s)
    mw2 = mz**2 / 2 + np.sqrt(mz**4 / 4 - np.pi * alpha * mz**2 / (gf * np.sqrt(2)))
    sw2 = 1 - mw2 / mz**2
    left, right = -0.5 + sw2, sw2
    z = s / (s - mz**2 + 1j * mz * wz) / (sw2 * (1 - sw2))
    total = 0.0
    for g_in in (left, right):
        for g_out in (left, right):
            amplitude = abs(1 + g_in * g_out * z) ** 2
            # integral of (1 +- c)^2 over |c| < cut; the sign's term is odd and drops out
            total += amplitude * 2 * (cut + cut**3 / 3)
    return float(389379.66e3 * np.pi * alpha**2 / (8 * s) * total)


def test_same_again(finished: Path) -> None:
    assert generate(finished, "run_02") == events_of(finished)


@pytest.mark.parametrize("batch", ["1", "7", "64"])
def test_batched_fortran_is_identical(
    finished: Path, batch: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rung 0 of the exactness ladder: the original SMATRIX behind the seam."""
    root = injected(finished, tmp_path)
    monkeypatch.setenv("MEBRIDGE_BACKEND", "fortran")
    monkeypatch.setenv("MEBRIDGE_BATCH", batch)
    assert generate(root, "batched") == events_of(finished)


def test_engine_makes_the_same_events(
    finished: Path, mode: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = injected(finished, tmp_path)
    log = tmp_path / "log"
    monkeypatch.setenv("MEBRIDGE_BACKEND", mode)
    monkeypatch.setenv("MEBRIDGE_LOG", str(log))
    text = generate(root, mode)
    assert f"mebridge: {mode}" in log.read_text(), "the engine did not run"
    expected = events_of(finished).split("<event>\n")
    found = text.split("<event>\n")
    assert len(found) == len(expected)
    same = sum(a == b for a, b in zip(found, expected, strict=True))
    # rounding may move a last printed digit
    assert same >= 0.999 * len(expected)


def test_eject_restores_every_byte(finished: Path, tmp_path: Path) -> None:
    inject = pytest.importorskip("bridge.madevent.inject")
    root = tmp_path / "mini"
    shutil.copytree(finished, root, symlinks=True)
    before = files(root)
    inject.inject(root)
    assert files(root) != before
    inject.eject(root)
    assert files(root) == before


def injected(finished: Path, tmp_path: Path) -> Path:
    inject = pytest.importorskip("bridge.madevent.inject")
    root = tmp_path / "mini"
    shutil.copytree(finished, root, symlinks=True)
    status = inject.inject(root)
    assert all(item.is_accelerated for item in status.subprocesses), str(status)
    return root
