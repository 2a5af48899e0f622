"""`bridge.validate`: its parts, and the command on a directory of our own.

Oracle: the directory's own Fortran, compiled here; for the points, conservation laws.
"""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from directories import small_directory

import bridge
from bridge.process import Process
from bridge.validate import command, rambo
from bridge.validate.compare import TOLERANCES, compare
from bridge.validate.evaluators import Outcome, Parameters, run_reference
from bridge.validate.lhe import momenta_of
from bridge.validate.oracle import Events
from bridge.validate.oracle.param_card import fortran_assignments
from bridge.validate.oracle.workspace import extract_routine, join_lines, read_symbols
from bridge.validate.selection import choose_flow, choose_helicity

needs_fortran = pytest.mark.skipif(shutil.which("gfortran") is None, reason="needs gfortran")

PROCESSES: list[tuple[tuple[float, ...], tuple[float, ...]]] = [
    ((0.0, 0.0), (0.0, 0.0)),
    ((0.0, 0.0), (173.0, 173.0, 0.0)),
    ((80.0, 0.1), (91.0, 0.0, 0.0)),
    ((0.0, 0.0), (0.0,) * 5),
    ((173.0,), (4.7, 0.0, 0.0)),
    ((0.0, 0.0), (125.0,)),
]


@pytest.mark.parametrize(("incoming", "outgoing"), PROCESSES)
def test_rambo_conserves_momentum_on_shell(incoming: Sequence[float], outgoing: Sequence[float]) -> None:
    p = rambo.generate(incoming, outgoing, 500, seed=3)
    assert p.shape == (500, len(incoming) + len(outgoing), 4)
    n = len(incoming)
    scale = p[:, :n, 0].sum()
    np.testing.assert_allclose(p[:, :n].sum(axis=1), p[:, n:].sum(axis=1), atol=1e-14 * scale)
    squares = p[..., 0] ** 2 - (p[..., 1:] ** 2).sum(axis=-1)
    masses = np.array([*incoming, *outgoing])
    np.testing.assert_allclose(squares - masses**2, 0.0, atol=1e-14 * p[..., 0].max() ** 2)


def test_rambo_is_flat() -> None:
    """Two massless bodies: cos(theta) of the first is uniform."""
    p = rambo.generate((0.0, 0.0), (0.0, 0.0), 20000, seed=1, cuts=rambo.Cuts(0.0, 0.0))
    cosine = p[:, 2, 3] / p[:, 2, 0]
    histogram, _ = np.histogram(cosine, bins=10, range=(-1, 1))
    assert abs(histogram - 2000).max() < 5 * np.sqrt(2000)


def test_rambo_seed_and_cuts() -> None:
    first = rambo.generate((0.0, 0.0), (0.0, 0.0, 0.0), 50, seed=5, sqrt_s=500.0)
    np.testing.assert_array_equal(first, rambo.generate((0.0, 0.0), (0.0, 0.0, 0.0), 50, seed=5, sqrt_s=500.0))
    assert np.hypot(first[:, 2:, 1], first[:, 2:, 2]).min() > 0.02 * 500
    with pytest.raises(ValueError, match="below"):
        rambo.generate((0.0, 0.0), (200.0, 200.0), 5, seed=1, sqrt_s=300.0)


def test_selection_of_helicity() -> None:
    terms = np.array([[1.0, -2.0, 1.0], [0.0, 0.0, 0.0]]).repeat(2, axis=0)[[0, 1, 2]]
    chosen = choose_helicity(terms, np.array([0.2, 0.5, 0.5]))
    np.testing.assert_array_equal(chosen, [1, 2, 0])


def test_selection_of_flow() -> None:
    jamp2 = np.array([[1.0, 3.0], [1.0, 3.0], [0.0, 3.0]])
    allowed = np.array([[True, True], [False, True], [True, False]])
    np.testing.assert_array_equal(choose_flow(jamp2, allowed, np.full(3, 0.25)), [1, 2, 2])
    np.testing.assert_array_equal(choose_flow(jamp2[:, :0], allowed[:, :0], np.zeros(3)), [0, 0, 0])


def test_param_card(tmp_path: Path) -> None:
    (tmp_path / "param_card.dat").write_text(
        "Block MASS Q= 1.0e2\n 6 -1.73e2 # t\nDECAY 6 1.5 # width\n   0.5 2 5 24\nBlock mix\n 1 2 0.25\n"
    )
    (tmp_path / "ident_card.dat").write_text("mass 6 mdl_MT\ndecay 6 mdl_WT\nmix 1 2 mdl_e1\n")
    text = fortran_assignments(tmp_path)
    assert "mdl_MT = -1.730000d+02" in text
    assert "mdl_WT = -1.500000d+00" in text  # the sign follows the mass
    assert "mdl_e1 = 2.500000d-01" in text
    (tmp_path / "ident_card.dat").write_text("mass 7 mdl_MX\n")
    with pytest.raises(ValueError, match="mass 7"):
        fortran_assignments(tmp_path)


def test_fixed_form() -> None:
    text = "C remark\n      COMMON/MASSES/ A,\n     $  B ! why\n      COMPLEX GC(VECSIZE_MEMMAX)\n"
    assert join_lines(text) == "COMMON/MASSES/A,B\nCOMPLEXGC(VECSIZE_MEMMAX)"
    assert read_symbols(text).reals == ("A", "B")
    first = "      SUBROUTINE A\n      END\n"
    source = f"{first}\n      SUBROUTINE B\n      IF (X) THEN\n      END IF\n      END\n"
    assert extract_routine(source, "a") == first
    assert extract_routine(source, "c") is None


def outcome(value: float) -> Outcome:
    one = np.full((4, 2), 1.0)
    ints = np.ones(4, dtype=np.int32)
    return Outcome(np.full(4, value), ints, ints, one, one, one, 0, 1.0)


def test_compare_finds_each_fault() -> None:
    good = outcome(2.0)
    double = TOLERANCES["double"]
    assert compare(good, good).failures(double) == ()
    spoilt = {
        "largest deviation": {"matrix_element": np.array([2.0, 2.0, 2.0, 2.0 + 6e-10])},
        "helicity": {"helicity": np.array([1, 1, 1, 2], dtype=np.int32)},
        "colour flow": {"color_flow": np.array([1, 1, 1, 2], dtype=np.int32)},
        "non-finite values": {"n_non_finite": 1},
        "helicity by helicity": {"by_helicity": np.full((4, 2), 1.1)},
        "JAMP2": {"jamp2": np.full((4, 2), 1.1)},
        "AMP2": {"amp2": np.full((4, 2), 1.1)},
    }
    for name, change in spoilt.items():
        assert compare(dataclasses.replace(good, **change), good).failures(double) == (name,)
    shifted = dataclasses.replace(good, matrix_element=np.full(4, 2.0 * (1 + 2e-4)))
    assert compare(shifted, good).failures(TOLERANCES["single"]) == ("sum over events",)
    nan = dataclasses.replace(good, matrix_element=np.array([2.0, 2.0, 2.0, np.nan]))
    assert "largest deviation" in compare(nan, good).failures(double)
    wrong_sign = dataclasses.replace(good, matrix_element=np.array([2.0, 2.0, 2.0, -2.0]))
    assert "largest deviation" in compare(wrong_sign, good).failures(double)


EVENT = """<LesHouchesEvents>
<event>
 5 1 1.0 91.0 0.0075 0.118
 2 -1 0 0 501 0 0. 0. 300. 300. 0. 0. 1.
 -2 -1 0 0 0 501 0. 0. -100. 100. 0. 0. -1.
 23 2 1 2 0 0 0. 0. 200. 400. 346. 0. 0.
 11 1 3 3 0 0 30. 0. 150. 152.97 0. 0. 1.
 -11 1 3 3 0 0 -30. 0. 50. 58.31 0. 0. -1.
</event>
</LesHouchesEvents>
"""


def test_own_events(tmp_path: Path) -> None:
    folder = tmp_path / "Events/run_01"
    folder.mkdir(parents=True)
    assert momenta_of(tmp_path, [(2, -2, 11, -11)], [0.0] * 4, 2, 10) is None
    (folder / "unweighted_events.lhe").write_text(EVENT)
    found = momenta_of(tmp_path, [(1, -1, 11, -11), (2, -2, 11, -11)], [0.0] * 4, 2, 10)
    assert found is not None
    assert found.shape == (1, 4, 4)
    # in the rest frame, on shell and conserved although the file is not
    np.testing.assert_allclose(found[0, :2].sum(axis=0), found[0, 2:].sum(axis=0), atol=1e-11)
    assert abs(found[0, :2, 3].sum()) < 1e-11
    assert momenta_of(tmp_path, [(2, -2, -11, 11)], [0.0] * 4, 2, 10) is None


@pytest.fixture(scope="module", params=["scalar", "vector"])
def directory(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_directory(tmp_path_factory.mktemp("validate") / "dir", request.param)


def validate(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bridge.validate", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@needs_fortran
def test_reference_agrees(directory: Path) -> None:
    done = validate(directory, "--backend", "reference", "--events", 100, "--json", "-")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert result["agrees"]
    assert [entry["process"] for entry in result["results"]] == ["g g > t t~", "e+ e- > mu+ mu-"]


@needs_fortran
@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_engine_agrees_in_each_mode(directory: Path, precision: str) -> None:
    done = validate(directory, "--precision", precision, "--events", 1000, "--json", "-")
    print(done.stderr)
    assert done.returncode == 0, done.stderr
    for entry in json.loads(done.stdout)["results"]:
        assert [item["backend"] for item in entry["comparisons"]] == list(bridge.modes())


@needs_fortran
def test_writes_nothing_into_the_directory(directory: Path, tmp_path: Path) -> None:
    root = tmp_path / "dir"
    shutil.copytree(directory, root, symlinks=True)
    before = sorted((str(path), path.lstat().st_mtime_ns) for path in root.rglob("*"))
    for path in [root, *root.rglob("*")]:
        if path.is_dir():
            path.chmod(path.stat().st_mode & ~stat.S_IWUSR)
    done = validate(root, "--backend", "reference", "--events", 10)
    for path in [root, *root.rglob("*")]:
        if path.is_dir():
            path.chmod(path.stat().st_mode | stat.S_IWUSR)
    assert done.returncode == 0, done.stderr
    assert sorted((str(path), path.lstat().st_mtime_ns) for path in root.rglob("*")) == before


@needs_fortran
@pytest.mark.parametrize("field", ["matrix_element", "helicity", "color_flow"])
def test_finds_an_error(
    directory: Path, field: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One event in a hundred that is slightly wrong is found and told of."""

    def spoilt(process: Process, parameters: Parameters, events: Events) -> Outcome:
        good = run_reference(process, parameters, events)
        values = getattr(good, field).copy()
        values[50] = values[50] * (1 + 1e-9) if field == "matrix_element" else values[50] + 1
        return dataclasses.replace(good, **{field: values})

    monkeypatch.setattr("bridge.validate.directory.run_reference", spoilt)
    assert command.main([str(directory), "--backend", "reference", "--events", "100"]) == 1
    out = capsys.readouterr().out
    assert "FAILS" in out
    assert "0 of 2 subprocesses agree" in out


@needs_fortran
def test_does_not_compile(directory: Path, tmp_path: Path) -> None:
    root = tmp_path / "dir"
    shutil.copytree(directory, root, symlinks=True)
    (root / "SubProcesses/P2_epem_mupmum/pmass.inc").write_text("      NONSENSE\n")
    done = validate(root, "--backend", "reference", "--events", 10)
    assert done.returncode == 1
    assert "failed" in done.stdout


def test_refuses_what_is_no_directory(tmp_path: Path) -> None:
    done = validate(tmp_path, "--backend", "reference")
    assert done.returncode == 2
    assert str(tmp_path) in done.stderr
    assert os.listdir(tmp_path) == []


@needs_fortran
def test_lists_what_is_left_to_the_fortran(directory: Path, tmp_path: Path) -> None:
    root = tmp_path / "dir"
    shutil.copytree(directory, root, symlinks=True)
    path = root / "SubProcesses/P2_epem_mupmum/matrix1.f"
    path.write_text(path.read_text().replace("      MATRIX1 = 0D0\n", "      MATRIX1 = 1D0\n"))
    done = validate(root, "--backend", "reference", "--events", 10)
    assert done.returncode == 0
    assert "left to the Fortran" in done.stdout
    assert "matrix1.f:" in done.stdout
