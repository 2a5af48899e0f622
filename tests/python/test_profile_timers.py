"""The timers of `mebridge profile`: programs that are known, and jobs of an event loop of our own."""

from __future__ import annotations

import os
import resource
import shutil
import struct
import subprocess
from collections import Counter
from pathlib import Path

import pytest
from directories import generate, small_directory

from bridge.cli import main
from bridge.madevent.inject import inject
from bridge.profile import ProfileError, Run, command
from bridge.profile.parts import PARTS, REST
from bridge.profile.timers import Modules, Timers, find_timers, read_samples

TIMERS = find_timers()
pytestmark = pytest.mark.skipif(
    TIMERS is None or shutil.which("gfortran") is None or shutil.which("make") is None,
    reason="needs the built library, binutils, gfortran and make",
)

#: most of its time in one function, called by another; then a child, which must not be sampled
PROGRAM = """\
#include <stdio.h>
#include <stdlib.h>
__attribute__((noinline)) double hot_(double x) {
  for (long i = 0; i < 150000000; ++i) x = x * 0.999999 + 1e-3;
  return x;
}
__attribute__((noinline)) double caller(double x) { return hot_(x) + 1; }
int main(int argc, char **argv) {
  (void)argv;
  printf("%g\\n", caller(argc));
  return system("test -z \\"$LD_PRELOAD$MEBRIDGE_SAMPLES\\"");
}
"""


def _words(*words: int) -> bytes:
    return struct.pack(f"={len(words)}Q", *words)


def test_samples_are_read_up_to_where_the_disk_was_full() -> None:
    data = _words(1000, 2, 70, 50) + _words(500, 2, 70, 50) + _words(7, 1, 70) + _words(3, 0) + _words(9, 3, 1) + b"abc"
    assert read_samples(data) == Counter({(70, 49): 1500, (70,): 7, (): 3})


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("program")
    (folder / "program.c").write_text(PROGRAM)
    (folder / "job").mkdir()
    subprocess.run(["gcc", "-O1", "program.c", "-o", "madevent"], cwd=folder, check=True)
    return folder


def test_stacks_of_a_known_program(program: Path) -> None:
    """Oracles: what the program does; the kernel's account of its time."""
    assert TIMERS is not None
    work = program / "job"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = os.environ | TIMERS.environment(work)
    done = subprocess.run(TIMERS.command(), cwd=work, check=True, capture_output=True, text=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stderr == ""
    stacks = TIMERS.stacks(work)
    hot = sum(weight for stack, weight in stacks.items() if stack[-3:] == ("main", "caller", "hot"))
    total = sum(stacks.values())
    assert hot > 0.5 * total
    # the kernel's account has the child and the sampling besides
    assert 0 < 1e-9 * total <= 1.05 * (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)


def test_addresses_outside_of_functions_have_the_name_of_the_file(program: Path) -> None:
    modules = Modules.read(f"0 0 10 {program / 'madevent'}\n1000 1000 2000 a file\n")
    assert modules.names([1, 0x1500, 0x3000]) == {1: "[madevent]", 0x1500: "[a file]", 0x3000: "[unknown]"}


def test_a_program_that_cannot_be_sampled_has_no_stacks(tmp_path: Path) -> None:
    assert TIMERS is not None
    assert TIMERS.stacks(tmp_path) == Counter()
    table = command.table({"now": Run(1.5), "then": Run(1.0, Counter({("sample_full",): 1}))}).splitlines()
    assert [row.split() for row in table[1:]] == [["all", "1.500", "1.000"]]


@pytest.fixture(scope="module")
def injected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = small_directory(tmp_path_factory.mktemp("profiled") / "dir")
    generate(root)
    inject(root)
    return root


@pytest.mark.parametrize("backend", ["0", "fortran", "auto"])
def test_sampling_changes_no_event(injected: Path, tmp_path: Path, backend: str) -> None:
    assert TIMERS is not None
    environment = {"MEBRIDGE": "0"} if backend == "0" else {"MEBRIDGE_BACKEND": backend, "MEBRIDGE_BATCH": "16"}
    found = []
    for name, sampler in (("plain", {}), ("sampled", TIMERS.environment(tmp_path))):
        work = injected / "SubProcesses" / "P1_gg_ttx" / f"{name}_{backend}"
        work.mkdir()
        (work / "randinit").write_text("r=21\n")
        subprocess.run(
            ["../madevent"],
            cwd=work,
            input="1000 3 3\n1e-9\n2\n1\n0\n1\n",
            text=True,
            check=True,
            capture_output=True,
            env=os.environ | environment | sampler,
        )
        found.append((work / "events.lhe").read_bytes())
    assert found[0].count(b"<event>") > 10
    assert found[0] == found[1]
    assert any("sample_full" in stack for stack in TIMERS.stacks(tmp_path))


def _columns(text: str) -> dict[str, list[float]]:
    rows = [line.rsplit(None, 2) for line in text.splitlines()]
    return {row[0]: [float(row[1]), float(row[2])] for row in rows if row[0] in (*PARTS, REST, "all")}


def test_table_before_and_after(
    injected: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without perf: all parts, which sum to the time of the job, and pictures."""
    monkeypatch.setitem(command._RECORDERS, "perf", (lambda: None, "no perf"))
    arguments = ["profile", str(injected), "--subprocess", "P1_gg_ttx", "--points", "3000"]
    assert main([*arguments, "--output", str(tmp_path / "picture")]) == 0
    text = capsys.readouterr().out
    print(text)
    columns = _columns(text)
    assert list(columns) == [*PARTS, REST, "all"]
    for column in range(2):
        parts = sum(values[column] for name, values in columns.items() if name != "all")
        assert parts == pytest.approx(columns["all"][column], abs=0.001 * len(columns))
        assert columns["matrix elements"][column] > 0
        assert columns["phase space"][column] > 0
    assert "by the engine" in text
    for name in ("before", "after"):
        assert "sample_full" in (tmp_path / f"picture_{name}.svg").read_text()


def test_whole_times_where_nothing_else_works(
    injected: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in command._RECORDERS:
        monkeypatch.setitem(command._RECORDERS, name, (lambda: None, f"no {name}"))
    assert main(["profile", str(injected), "--subprocess", "P1_gg_ttx", "--points", "100", "--iterations", "2"]) == 0
    text = capsys.readouterr().out
    assert list(_columns(text)) == ["all"]
    assert text.endswith("only whole times: no perf; no timers\n")


def test_what_is_missing_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert command.find_recorder("auto") is None
    with pytest.raises(ProfileError, match="perf is not there"):
        command.find_recorder("perf")
    with pytest.raises(ProfileError, match="nm and"):
        command.find_recorder("timers")
    monkeypatch.undo()
    monkeypatch.setenv("MEBRIDGE_LIBRARY", str(tmp_path / "libmebridge.so"))
    with pytest.raises(ProfileError, match=r"libmebridge_sampler\.so"):
        command.find_recorder("timers")


def test_a_recorder_can_be_chosen() -> None:
    assert isinstance(command.find_recorder("timers"), Timers)
