"""`mebridge profile`: stacks, parts, pictures, GPUs; a job of a directory whose madevent is a script.

The timers of our own: test_profile_timers.py.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from bridge.profile import Job, ProfileError, part_of, shares
from bridge.profile.flamegraph import flamegraph
from bridge.profile.gpu import GpuUse, summarise
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
        (("sample_full", "write_results", "__event_store_MOD_write_events", "[libgfortran.so.5]"), "output of events"),
        (("MAIN__", "open_pdf", "__lhagrid_MOD_read_grid", "__lhagrid_MOD_numbers"), "start-up"),
        (("sample_full", "dsig1", "__lhagrid_MOD_momentum_density", "__lhagrid_MOD_cubic"), "densities"),
        (("sample_full", "dsig"), "the rest"),
        (("sample_full", "meb::seam::Loop::fill", "meb::seam::Loop::keep_event", "[libc.so.6]"), "batches"),
        # a suspended call, on a stack of its own
        (("meb::seam::Coroutine::enter", "meb::seam::Loop::run_dsig", "dsig", "dsigproc", "dot"), "the rest"),
        (("meb::seam::Loop::run_dsig", "dsig", "passcuts"), "cuts and scales"),
        (("meb::seam::Loop::density", "meb::glue::Densities::density"), "densities"),
        (("meb::seam::(anonymous namespace)::EngineEvaluator::evaluate", "memcpy"), "matrix elements"),
        (("meb::avx512z::Kernel::run",), "matrix elements"),
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
    assert job.run({"MEBRIDGE": "0"}, recorder=None).seconds >= 0
    lines = (folder / "seen").read_text().split()
    assert lines[:3] == ["100", "2", "2"]
    assert lines[-1] == "0"
    assert sorted(path for path in folder.iterdir() if path.name != "seen") == before


def test_failures_are_told(tmp_path: Path) -> None:
    folder = _directory(tmp_path, "echo this is why; exit 3")
    with pytest.raises(ProfileError, match="this is why"):
        find_job(tmp_path, "P1_a", 3, 100, 2).run({}, recorder=None)
    with pytest.raises(ProfileError, match="channel 2 is not one of 1, 3"):
        find_job(tmp_path, None, 2, 100, 2)
    (folder / "madevent").unlink()
    with pytest.raises(ProfileError, match="run bin/generate_events once"):
        find_job(tmp_path, None, None, 100, 2)


def test_use_of_gpus_is_summarised() -> None:
    rows = [
        "0, NVIDIA H200, 40, 1000",
        "1, NVIDIA H200, 0, 3",
        "0, NVIDIA H200, 80, 1200",
        "0, NVIDIA H200, [N/A], 1",
        "",
    ]
    assert summarise(rows) == [
        GpuUse("GPU 0, NVIDIA H200", 60, 80, 1200, 2),
        GpuUse("GPU 1, NVIDIA H200", 0, 0, 3, 1),
    ]


@pytest.mark.parametrize(("backend", "n_gpu"), [("cuda", 1), ("auto", 0)])
def test_gpus_are_watched_where_they_compute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str, n_gpu: int
) -> None:
    """The job ends when a stand-in for nvidia-smi has told of the GPU."""
    fifo = tmp_path / "told"
    os.mkfifo(fifo)
    program = tmp_path / "bin" / "nvidia-smi"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '0, some GPU, 30, 512'\n: > {fifo}\nexec tail -f /dev/null\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    _directory(tmp_path, f"[ $MEBRIDGE_BACKEND != cuda ] || cat {fifo}; echo 'mebridge: all' > $MEBRIDGE_LOG")
    run = find_job(tmp_path, None, None, 100, 2).run({"MEBRIDGE_BACKEND": backend}, recorder=None)
    assert run.gpus == (GpuUse("GPU 0, some GPU", 30, 30, 512, 1),) * n_gpu
    assert run.log == "mebridge: all"
