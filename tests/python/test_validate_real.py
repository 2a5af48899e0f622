"""Real MadEvent directories against their own Fortran, in every mode.

Opt-in: MEBRIDGE_REAL_DIRS holds the directories, joined by the path separator.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bridge.validate import Options, validate_directory

DIRECTORIES = [Path(item) for item in os.environ.get("MEBRIDGE_REAL_DIRS", "").split(os.pathsep) if item]

pytestmark = pytest.mark.skipif(not DIRECTORIES, reason="MEBRIDGE_REAL_DIRS is not set")


@pytest.mark.parametrize("directory", DIRECTORIES, ids=lambda path: path.name)
def test_agrees(directory: Path, mode: str) -> None:
    reports = list(validate_directory(directory, Options(backends=(mode,), n_event=200)))
    assert any(report.comparisons for report in reports)
    wrong = [report for report in reports if not report.agrees]
    assert not wrong, wrong
