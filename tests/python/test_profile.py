"""`mebridge profile`: stacks, parts, pictures; a job of a directory whose madevent is a script."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bridge.profile import Job, ProfileError, part_of, shares
from bridge.profile.flamegraph import flamegraph
from bridge.profile.job import find_job
from bridge.profile.stacks import read_stacks

SCRIPT = """\
madevent
\t    55d0 pow@@GLIBC_2.29
\t    55d1 transpole_
\t    55d2 sample_get_x_
\t    55d3 sample_full_

madevent
\t    55d4 ffv1_1_
\t    55d5 matrix1_ (inlined)
\t    55d3 sample_full_

madevent
\t    55d4 ffv1_1_
\t    55d5 matrix1_ (inlined)
\t    55d3 sample_full_

"""


def test_stacks_are_counted_from_the_outside_in() -> None:
    assert read_stacks(SCRIPT.splitlines()) == Counter(
        {
            ("sample_full", "matrix1", "ffv1_1"): 2,
            ("sample_full", "sample_get_x", "transpole", "pow@@GLIBC_2.29"): 1,
        }
    )


@pytest.mark.parametrize(
    ("stack", "part"),
    [
        (("sample_full", "dsig", "smatrix1", "matrix1", "vvv1_0"), "matrix elements"),
        (("sample_full", "dsig1", "pdg2pdf", "log"), "densities"),
        (("sample_full", "dsig1", "__wrap_pdg2pdf"), "densities"),
        (("sample_full", "passcuts", "setclscales", "cluster"), "cuts and scales"),
        (("sample_full", "x_to_f_arg", "gen_mom"), "phase space"),
        (("sample_full", "unwgt", "write_leshouche"), "output of events"),
        (("sample_full", "dsig"), "the rest"),
        (("MAIN__", "something"), "start-up"),
    ],
)
def test_innermost_known_procedure_decides(stack: tuple[str, ...], part: str) -> None:
    assert part_of(stack) == part


def test_shares_sum_to_one() -> None:
    found = shares(read_stacks(SCRIPT.splitlines()))
    assert found["matrix elements"] == pytest.approx(2 / 3)
    assert sum(found.values()) == pytest.approx(1)


def test_flamegraph_is_a_document_with_all_names() -> None:
    text = flamegraph(read_stacks(SCRIPT.splitlines()), "a < b")
    root = ElementTree.fromstring(text)
    titles = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert "matrix1: 66.7 %" in titles
    assert "a &lt; b" in text


def _directory(root: Path, script: str) -> Path:
    folder = root / "SubProcesses" / "P1_a"
    folder.mkdir(parents=True)
    (folder / "symfact.dat").write_text("  1.000  1\n  2.000  -1\n  3.000  1\n")
    (folder / "madevent").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "madevent").chmod(0o755)
    return folder


def test_a_job_runs_in_a_folder_of_its_own(tmp_path: Path) -> None:
    folder = _directory(tmp_path, 'cat > ../seen; echo "$MEBRIDGE" >> ../seen; test -f ../symfact.dat')
    before = sorted(folder.iterdir())
    job = find_job(tmp_path, None, None, 100, 2)
    assert job == Job(folder, 1, 100, 2)
    assert job.run({"MEBRIDGE": "0"}, with_stacks=False).seconds >= 0
    lines = (folder / "seen").read_text().split()
    assert lines[:3] == ["100", "2", "2"]
    assert lines[-1] == "0"
    assert sorted(path for path in folder.iterdir() if path.name != "seen") == before


def test_failures_are_told(tmp_path: Path) -> None:
    folder = _directory(tmp_path, "echo this is why; exit 3")
    with pytest.raises(ProfileError, match="this is why"):
        find_job(tmp_path, "P1_a", 3, 100, 2).run({}, with_stacks=False)
    with pytest.raises(ProfileError, match="channel 2 is not one of 1, 3"):
        find_job(tmp_path, None, 2, 100, 2)
    (folder / "madevent").unlink()
    with pytest.raises(ProfileError, match="run bin/generate_events once"):
        find_job(tmp_path, None, None, 100, 2)
