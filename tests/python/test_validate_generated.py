"""`python -m bridge.validate "PROCESS"`: Fortran written from the Process against NumPy and the engine."""

from __future__ import annotations

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import bridge
from bridge.process import Process
from bridge.validate import command
from bridge.validate.directory import REFERENCE
from bridge.validate.oracle import written
from bridge.writer.matrix import Dialect, matrix_source

_PROCESS = "g g > t t~"


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary folders are made."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def _needs_tools() -> None:
    try:
        written.environment()
    except written.MissingTool as error:
        pytest.skip(str(error))


def _validate(*backends: str, target: Path) -> tuple[int, dict[str, Any]]:
    chosen = [word for name in backends for word in ("--backend", name)]
    status = command.main([_PROCESS, *chosen, "--events", "40", "--json", str(target)])
    (result,) = json.loads(target.read_text())["results"]
    return status, result


def test_all_modes_and_numpy_agree(scratch: Path, tmp_path: Path) -> None:
    _needs_tools()
    names = (*bridge.modes(), REFERENCE)
    status, result = _validate(*names, target=tmp_path / "out.json")
    assert status == 0
    assert result["oracle"] == "Fortran"
    assert [item["backend"] for item in result["comparisons"]] == list(names)
    assert [path.name for path in scratch.iterdir()] == ["out.json"], "the build was not removed"


def test_finds_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _needs_tools()

    def wrong(process: Process, number: int, dialect: Dialect) -> str:
        first, *rest = process.jamp
        return matrix_source(
            replace(process, jamp=(replace(first, coefficient=-first.coefficient), *rest)), number, dialect
        )

    monkeypatch.setattr(written, "matrix_source", wrong)
    status, result = _validate(REFERENCE, target=tmp_path / "out.json")
    assert status == 1
    assert result["oracle"] == "Fortran"


def test_fortran_that_does_not_compile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _needs_tools()
    monkeypatch.setattr(written, "matrix_source", lambda *_: "      SUBROUTINE SMATRIX1(P,ANS\n      END\n")
    assert command.main([_PROCESS, "--backend", REFERENCE, "--events", "5"]) == 1
    assert "Error" in capsys.readouterr().out


@pytest.mark.parametrize("tool", ["meson", "ninja", "gfortran"])
def test_without_a_tool_numpy_stands_in(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("FC", raising=False)
    monkeypatch.setattr(written.shutil, "which", lambda name, path=None: None if name == tool else f"/usr/bin/{name}")
    status, result = _validate(REFERENCE, target=tmp_path / "out.json")
    assert status == 0
    assert result["oracle"] == "NumPy"
    assert f"compared with NumPy: no {tool}: " in capsys.readouterr().out
