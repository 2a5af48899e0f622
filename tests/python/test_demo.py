"""`mebridge demo` on a small process; its own comparison with the Fortran is the oracle."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge import lhe
from bridge.cli import main
from bridge.demo.run import _SUMMARY, DemoError, _command

N_EVENT = 200


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("demo") / "out"
    arguments = ["demo", "--output", str(path), "--process", "e+ e- > mu+ mu-", "--events", str(N_EVENT)]
    assert main(arguments) == 0
    return path


def test_leaves_the_same_events_of_three_runs(folder: Path) -> None:
    for name in ("seam", "engine"):
        result = lhe.compare(folder / "fortran.lhe.gz", folder / f"{name}.lhe.gz")
        assert result.identical + result.same == N_EVENT
        assert result.passed()


def test_engine_computed_matrix_elements(folder: Path) -> None:
    logs = [path.read_text() for path in folder.glob("process/SubProcesses/P*/G*/mebridge.log")]
    found = [match["backend"] for text in logs for match in _SUMMARY.finditer(text)]
    assert found
    assert "fortran" not in found


def test_leaves_table_and_plot(folder: Path) -> None:
    text = (folder / "table.txt").read_text()
    assert f"{N_EVENT} of {N_EVENT}" in text
    assert "e- e+ at 0.5 TeV" in text or "e+ e- at 0.5 TeV" in text
    assert (folder / "demo.png").read_bytes().startswith(b"\x89PNG")


def test_folder_in_use_is_refused(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(folder.iterdir())
    assert main(["demo", "--output", str(folder)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


def test_failing_run_is_reported(tmp_path: Path) -> None:
    with pytest.raises(DemoError, match="status 3"):
        _command(["sh", "-c", "echo no luck; exit 3"], tmp_path, {})
