"""Injection into a directory of a few files of our own: what is written, refused, restored."""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from directories import small_directory

from bridge.madevent import accessor, inject, plan

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="needs make")

DSAMPLE = """\
      subroutine sample_full()
      common /sample_common/
     .     tmean, trmean, tsigma, dim, events, itm, kn, cur_it, invar, configs
      common/to_grid2/grid2,inon_zero,non_zero
      common /to_lastbin/lastbin
      COMMON/TO_CUTSDONE/CUTSDONE,CUTSPASSED
      common /to_random/ituple
      common /to_zoomchoice/zooming
      end
"""
RANMAR = """\
      common/ raset1 / ranu(97),ranc,rancd,rancm
      common/ raset2 / iranmr,jranmr
"""
AUTO_DSIG = """\
      COMMON/TO_CM_RAP/SET_CM_RAP,CM_RAP
      COMMON/TO_MCONFIGS/MAPCONFIG, ICONFIG
      COMMON/TO_MIRROR/IMIRROR, IPROC
      COMMON/TO_SUB_DIAG/SUBDIAG,IB
      COMMON/TO_LAST_ICONF/LAST_ICONF
"""
COUPL = """\
      DOUBLE PRECISION MDL_MT, MDL_WT
      COMMON/MASSES/ MDL_MT
      COMMON/WIDTHS/ MDL_WT
      DOUBLE COMPLEX GC_10, GC_11
      COMMON/COUPLINGS/ GC_10,
     $ GC_11
"""
CARD = "  32 = vector_size ! size\n 16 = nb_warp\n cppauto = cudacpp_backend\n 7 = nevents\n"
MAKEFILE = """\
include ../../Source/make_opts
madevent: driver.o ../../lib/libgeneric.a
\t$(FC) -o madevent driver.o $(LDFLAGS)
madevent_fortran: driver.o
\t$(FC) -o madevent_fortran driver.o $(LDFLAGS)
gensym:
\t$(FC) -o gensym
%.o: %.f
\t$(FC) -c $< -o $@
../../lib/libgeneric.a: ../../Cards/run_card.dat
\texit 3
"""
#: stands for the compiler: writes its arguments
COMPILER = """\
#!/bin/sh
arguments="$*"
while [ "$1" != -o ]; do shift; done
echo "$arguments" > "$2"
"""
PDG2PDF = "      double precision function pdg2pdf(ih,ipdg,beamid,x,xmu)\n"


def _write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two subprocess folders and a make_opts without a newline at its end."""
    root = tmp_path / "dir"
    files = {
        "Source/make_opts": "FC=gfortran\n#end_of_make_opts_variables\nlibext=a",
        "Source/dsample.f": DSAMPLE,
        "Source/ranmar.f": RANMAR,
        "Source/PDF/pdg2pdf.f": PDG2PDF,
        "Cards/run_card.dat": CARD.replace("32", "1").replace("16", "1").replace("cppauto", "fortran"),
        "SubProcesses/makefile": MAKEFILE,
        "lib/libgeneric.a": "archive",
    }
    for name in ("P1_a", "P2_b"):
        files |= {
            f"SubProcesses/{name}/auto_dsig.f": AUTO_DSIG,
            f"SubProcesses/{name}/auto_dsig1.f": "      COMMON /SUBPROC/ IPSEL\n",
            f"SubProcesses/{name}/matrix1_orig.f": "      SUBROUTINE SMATRIX1(P,ANS)\n",
            f"SubProcesses/{name}/matrix2_orig.f": "      SUBROUTINE SMATRIX2(P,ANS)\n",
            f"SubProcesses/{name}/reweight.f": (
                "      common /to_rw/jlast,njetstore,iqjetstore,njets,iqjets,q2bck\n"
            ),
            f"SubProcesses/{name}/addmothers.f": (
                "      common/to_bwevents/ onbw\n      common/to_amps/  amp2,       jamp2\n"
            ),
            f"SubProcesses/{name}/unwgt.f": "      common/to_helicity/hel_buf\n",
            f"SubProcesses/{name}/cluster.inc": "      include 'ncombs.inc'\n",
            f"SubProcesses/{name}/coupl.inc": COUPL,
            f"SubProcesses/{name}/maxamps.inc": "",
            f"SubProcesses/{name}/makefile": MAKEFILE,
            f"SubProcesses/{name}/driver.f": "      end\n",
            f"SubProcesses/{name}/driver.o": "object",
            f"SubProcesses/{name}/madevent": "linked before",
        }
    _write(root, files)
    library = tmp_path / "libmebridge.so"
    library.write_bytes(b"library")
    monkeypatch.setenv("MEBRIDGE_LIBRARY", str(library))
    compiler = tmp_path / "bin" / "gfortran"
    _write(compiler.parent, {compiler.name: COMPILER})
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", f"{compiler.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(plan, "read", lambda root: SimpleNamespace(matrices=()))
    os.utime(root / "lib" / "libgeneric.a", (0, 0))
    return root


@pytest.fixture
def gridpack(directory: Path) -> Path:
    """The same as a gridpack: the folder with run.sh."""
    folder = directory.parent / "gridpack"
    folder.mkdir()
    directory.rename(folder / "madevent")
    (folder / "run.sh").write_text("#!/bin/sh\n")
    return folder


def _contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_eject_restores_every_byte(directory: Path) -> None:
    before = _contents(directory)
    assert inject.inject(directory).is_injected
    assert _contents(directory) != before
    assert not inject.eject(directory).is_injected
    assert _contents(directory) == before
    assert sorted(path.name for path in directory.iterdir()) == ["Cards", "Source", "SubProcesses", "lib"]


def test_one_line_is_added_to_make_opts(directory: Path) -> None:
    inject.inject(directory)
    lines = (directory / "Source" / "make_opts").read_text().splitlines()
    assert lines[-2:] == ["libext=a", inject.LINE]


def test_inject_twice_is_inject_once(directory: Path) -> None:
    inject.inject(directory)
    once = _contents(directory)
    inject.inject(directory)
    assert _contents(directory) == once


def test_eject_twice_is_harmless(directory: Path) -> None:
    inject.inject(directory)
    inject.eject(directory)
    before = _contents(directory)
    inject.eject(directory)
    assert _contents(directory) == before


def test_make_opts_rewritten_by_generate_events_keeps_its_changes(directory: Path) -> None:
    inject.inject(directory)
    path = directory / "Source" / "make_opts"
    path.write_text(path.read_text().replace("FC=gfortran", "FC=gfortran-12\nlhapdf=x"))
    inject.eject(directory)
    assert path.read_text() == "FC=gfortran-12\nlhapdf=x\n#end_of_make_opts_variables\nlibext=a"


def test_executables_linked_with_the_seam_do_not_survive_eject(directory: Path) -> None:
    (directory / "SubProcesses" / "P2_b" / "madevent").unlink()
    inject.inject(directory)
    for name in ("P1_a", "P2_b"):
        folder = directory / "SubProcesses" / name
        (folder / "mebridge_seam.o").write_text("object")
        (folder / "madevent").write_text("linked with the seam")
    inject.eject(directory)
    assert (directory / "SubProcesses" / "P1_a" / "madevent").read_text() == "linked before"
    assert not (directory / "SubProcesses" / "P2_b" / "madevent").exists()


def test_vector_mode_becomes_the_scalar_loop_and_back(directory: Path) -> None:
    _write(
        directory,
        {
            "Cards/run_card.dat": CARD,
            "Source/vector.inc": "      PARAMETER (WARP_SIZE=32)\n      PARAMETER (VECSIZE_MEMMAX=16384)\n",
            "SubProcesses/P1_a/genps.o": "compiled for vectors",
        },
    )
    before = _contents(directory)
    notes: list[str] = []
    inject.inject(directory, notes.append)
    assert "scalar loop" in notes[0]
    card = (directory / "Cards" / "run_card.dat").read_text()
    assert card == "  1 = vector_size ! size\n 1 = nb_warp\n fortran = cudacpp_backend\n 7 = nevents\n"
    assert "16384" not in (directory / "Source" / "vector.inc").read_text()
    assert not (directory / "SubProcesses" / "P1_a" / "genps.o").exists()
    inject.eject(directory)
    assert _contents(directory) == before


def test_run_card_edited_meanwhile_keeps_the_users_lines(directory: Path) -> None:
    _write(directory, {"Cards/run_card.dat": CARD, "Source/vector.inc": "      PARAMETER (NB_WARP=16)\n"})
    inject.inject(directory)
    path = directory / "Cards" / "run_card.dat"
    path.write_text(path.read_text().replace("7 = nevents", "9 = nevents"))
    inject.eject(directory)
    assert path.read_text() == CARD.replace("7 = nevents", "9 = nevents")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Source/make_opts", "not a MadEvent directory"),
        ("SubProcesses/P1_a/auto_dsig1.f", "auto_dsig1.f"),
    ],
)
def test_incomplete_directories_are_refused_unchanged(directory: Path, name: str, message: str) -> None:
    (directory / name).unlink()
    before = _contents(directory)
    with pytest.raises(inject.InjectError, match=message):
        inject.inject(directory)
    assert _contents(directory) == before


def test_unknown_layout_is_refused_unchanged(directory: Path) -> None:
    path = directory / "Source" / "ranmar.f"
    path.write_text(RANMAR.replace("iranmr,jranmr", "jranmr,iranmr"))
    before = _contents(directory)
    with pytest.raises(inject.InjectError, match="unknown layout: COMMON/RASET2/"):
        inject.inject(directory)
    assert _contents(directory) == before


def test_half_edited_directory_is_refused_with_its_line(directory: Path) -> None:
    path = directory / "Source" / "make_opts"
    path.write_text(path.read_text() + f"\n{inject.LINE}\n")
    for action in (inject.inject, inject.eject, inject.status):
        with pytest.raises(inject.InjectError, match=r"make_opts:4: half-edited"):
            action(directory)


def test_status_says_what_is_missing(directory: Path) -> None:
    inject.inject(directory)
    (directory / "lib" / "libmebridge.so").unlink()
    assert any("libmebridge.so is missing" in note for note in inject.status(directory).notes)


def test_continued_and_commented_statements_are_joined() -> None:
    text = "      a = 1 ! one\nc comment\n     $ + 2\n\n      b = 3\n"
    assert accessor.statements(text) == ["a = 1+ 2", "b = 3"]


def test_parameters_come_from_the_common_blocks() -> None:
    assert accessor.model_parameters(COUPL) == ("MDL_MT", "MDL_WT", "GC_10", "GC_11")


def test_symbols_of_the_two_forms() -> None:
    folder = accessor.Folder("P1", ("1", "2"), False, (), (), True)
    assert accessor.wrapped_symbols(folder) == (
        "x_to_f_arg_",
        "dsig_",
        "pdg2pdf_",
        "smatrix1_",
        "smatrix2_",
        "dsig1_",
        "dsig2_",
    )
    late = accessor.Folder("P1", ("1",), True, (), (), False)
    assert accessor.wrapped_symbols(late) == ("x_to_f_arg_", "dsig_", "passcuts_", "smatrix1_", "dsig1_")


UNGROUPED = accessor.Folder("P1", (accessor.UNGROUPED,), False, (), (), True)


def test_helicity_generator_is_wrapped_where_smatrix_draws_from_it() -> None:
    assert accessor.wrapped_symbols(UNGROUPED) == ("x_to_f_arg_", "dsig_", "pdg2pdf_", "xran1_", "smatrix_")
    template = plan.resource("directory.f").read_text()
    assert "'XRAN1'" in accessor.accessor(template, UNGROUPED)
    assert "'XRAN1'" not in accessor.accessor(template, replace(UNGROUPED, matrices=("1",)))


def test_every_placeholder_is_filled() -> None:
    template = plan.resource("directory.f").read_text()
    grouped = accessor.Folder("P1", ("1", "2"), False, ("MDL_MT", "GC_1"), ("genps.inc",), True, {"MDL_WT": "MDL_MT"})
    late = replace(grouped, late=True, keeps_graph=True, colors_follow_graph=True)
    for folder in (UNGROUPED, grouped, late):
        assert "@" not in accessor.accessor(template, folder)


SELECT_COLOR = """\
      CCONFIG = ICONFIG
      IF (ICKKW.GT.0) THEN
        CCONFIG = IGRAPHS(1)
        CCONFIG = VEC_IGRAPH(IVEC)
      ENDIF
"""


@pytest.mark.parametrize(
    ("text", "is_known"),
    [(SELECT_COLOR, True), (SELECT_COLOR.replace("CCONFIG = IGRAPHS(1)", "ICONFIG = IGRAPHS(1)"), False), ("", False)],
)
def test_colors_follow_the_clustering_only_in_the_known_way(directory: Path, text: str, is_known: bool) -> None:
    folder = directory / "SubProcesses" / "P1_a"
    _write(
        folder,
        {
            "auto_dsig.f": AUTO_DSIG + text,
            "matrix1_orig.f": "      SUBROUTINE SMATRIX1(P,RHEL,RCOL,CHANNEL,IVEC,ANS,IHEL,ICOL)\n",
            "matrix2_orig.f": "      SUBROUTINE SMATRIX2(P,RHEL,RCOL,CHANNEL,IVEC,ANS,IHEL,ICOL)\n",
            "cluster.inc": "      common/vec_igraph/vec_igraph\n",
        },
    )
    template = plan.resource("directory.f").read_text()
    found = accessor.accessor(template, accessor.read_folder(folder))
    assert ("'GRAPH'" in found) is is_known
    assert "'VEC_IGRAPH'" in found


def _ungroup(directory: Path) -> Path:
    shutil.rmtree(directory / "SubProcesses" / "P2_b")
    folder = directory / "SubProcesses" / "P1_a"
    for name in ("auto_dsig1.f", "matrix1_orig.f", "matrix2_orig.f"):
        (folder / name).unlink()
    _write(
        folder,
        {
            "auto_dsig.f": "      COMMON/TO_MCONFIGS/MAPCONFIG, ICONFIG\n      COMMON /SUBPROC/ IPSEL\n",
            "genps.f": "      common/to_cm_rap/set_cm_rap,cm_rap\n",
            "matrix.f": "      SUBROUTINE SMATRIX(P,ANS)\n",
            "reweight.f": (
                "      common /to_rw/jlast,njetstore,iqjetstore,njets,iqjets,q2bck\n"
                "      COMMON/TO_MIRROR/IMIRROR, IPROC\n      COMMON/TO_SUB_DIAG/SUBDIAG,IB\n"
            ),
        },
    )
    return folder


def test_ungrouped_directory_is_injected_and_restored(directory: Path) -> None:
    _ungroup(directory)
    before = _contents(directory)
    assert inject.inject(directory).subprocesses[0].file == "SubProcesses/P1_a/matrix.f"
    assert b"__wrap_xran1_" in (directory / "Source" / "MEBRIDGE" / "P1_a.f").read_bytes()
    inject.eject(directory)
    assert _contents(directory) == before


def test_ungrouped_directory_of_the_late_form_is_refused(directory: Path) -> None:
    folder = _ungroup(directory)
    arguments = "P,RHEL,RCOL,CHANNEL,IVEC,ANS,IHEL,ICOL"
    (folder / "matrix.f").write_text(f"      SUBROUTINE SMATRIX({arguments})\n")
    with pytest.raises(inject.InjectError, match="without subprocess groups"):
        inject.inject(directory)


# ------------------------------------------------------------------ executables that were built


def _linked(root: Path) -> list[str]:
    """What the compiler was told for each executable."""
    return [path.read_text() for path in sorted(root.glob("SubProcesses/P*/madevent"))]


def test_executables_are_linked_again_at_once(directory: Path) -> None:
    before = _contents(directory)
    inject.inject(directory)
    assert all("-lmebridge" in text for text in _linked(directory))
    # Only linked: the objects are as old as they were, and so is a library older than the run card.
    assert (directory / "SubProcesses" / "P1_a" / "driver.o").read_text() == "object"
    inject.eject(directory)
    assert _contents(directory) == before


def test_objects_made_to_link_do_not_survive_eject(directory: Path) -> None:
    (directory / "SubProcesses" / "P1_a" / "driver.o").unlink()
    before = _contents(directory)
    inject.inject(directory)
    assert (directory / "SubProcesses" / "P1_a" / "driver.o").is_file()
    inject.eject(directory)
    assert _contents(directory) == before


@pytest.mark.parametrize("script", ["#!/bin/sh\necho 'cannot find -lx' >&2\nexit 1\n", "", None])
def test_without_a_working_compiler_nothing_is_changed(
    directory: Path, script: str | None, tmp_path: Path
) -> None:
    compiler = tmp_path / "bin" / "gfortran"
    if script is None:  # no such program
        make_opts = directory / "Source" / "make_opts"
        make_opts.write_text(make_opts.read_text().replace("gfortran", "nofortran"))
    else:
        compiler.write_text(script)
    before = _contents(directory)
    message = r"P1_a: make madevent: .*install make.*nothing has been changed"
    with pytest.raises(inject.InjectError, match=message):
        inject.inject(directory)
    assert _contents(directory) == before


def test_without_make_nothing_is_changed(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    before = _contents(directory)
    with pytest.raises(inject.InjectError, match="make cannot be run"):
        inject.inject(directory)
    assert _contents(directory) == before


def test_gridpack_folder_is_accepted(gridpack: Path) -> None:
    before = _contents(gridpack)
    status = inject.inject(gridpack)
    assert status.path == gridpack / "madevent"
    assert all("-lmebridge" in text for text in _linked(status.path))
    inject.eject(gridpack)
    assert _contents(gridpack) == before


def test_gridpack_is_never_left_without_its_executables(gridpack: Path) -> None:
    """One made from an injected directory: what is linked with the seam is all there is."""
    root = gridpack / "madevent"
    for path in root.glob("SubProcesses/P*/madevent"):
        path.unlink()
    inject.inject(gridpack)
    for folder in (root / "SubProcesses").glob("P*"):  # what generate_events does
        subprocess.run(["make", "-s", "-o", "../../lib/libgeneric.a", "madevent"], cwd=folder, check=True)
    inject.inject(gridpack)
    assert len(_linked(root)) == 2
    assert all("-lmebridge" in text for text in _linked(root))
    inject.eject(gridpack)
    assert len(_linked(root)) == 2
    assert not any("-lmebridge" in text for text in _linked(root))


def _set_to_vector_mode(root: Path) -> None:
    _write(root, {"Cards/run_card.dat": CARD, "Source/vector.inc": "      PARAMETER (NB_WARP=16)\n"})
    for folder in (root / "SubProcesses").glob("P*"):
        (folder / "madevent").rename(folder / "madevent_fortran")
        (folder / "madevent").symlink_to("madevent_fortran")


def test_gridpack_of_the_vector_mode_is_built_again(gridpack: Path) -> None:
    root = gridpack / "madevent"
    _set_to_vector_mode(root)
    (root / "SubProcesses" / "makefile").write_text(MAKEFILE)
    for folder in (root / "SubProcesses").glob("P*"):
        makefile = folder / "makefile"
        makefile.write_text(MAKEFILE.replace("exit 3", "touch ../../lib/libgeneric.a"))
    before = _contents(gridpack)
    inject.inject(gridpack)
    for folder in (root / "SubProcesses").glob("P*"):
        assert "-lmebridge" in (folder / "madevent").read_text()
        assert (folder / "madevent").readlink() == Path("madevent_fortran")
        assert (folder / "driver.o").read_text() != "object"
    inject.eject(gridpack)
    assert _contents(gridpack) == before


def test_gridpack_of_the_vector_mode_that_cannot_be_built_is_refused(gridpack: Path) -> None:
    _set_to_vector_mode(gridpack / "madevent")
    before = _contents(gridpack)
    with pytest.raises(inject.InjectError, match="a gridpack is linked when it is injected"):
        inject.inject(gridpack)
    assert _contents(gridpack) == before


# ---------------------------------------------------------------------------------- interruptions


def test_all_occurrences_of_the_line_are_removed(directory: Path) -> None:
    path = directory / "Source" / "make_opts"
    before = path.read_text()
    inject.inject(directory)
    path.write_text(path.read_text() + f"\n{inject.LINE}\n")
    inject.eject(directory)
    assert path.read_text() == before


def test_lines_after_ours_stay_lines(directory: Path) -> None:
    path = directory / "Source" / "make_opts"
    inject.inject(directory)
    path.write_text(path.read_text() + "a=1\n")
    inject.eject(directory)
    assert path.read_text().splitlines()[-2:] == ["libext=a", "a=1"]


def test_only_one_inject_at_a_time(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _contents(directory)
    active: list[int] = []
    original = inject.make_plan

    def slow(root: Path) -> plan.Plan:
        active.append(1)
        assert len(active) == 1
        time.sleep(0.05)
        made = original(root)
        active.pop()
        return made

    monkeypatch.setattr(inject, "make_plan", slow)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            inject.inject(directory)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert (directory / "Source" / "make_opts").read_text().count(inject.LINE) == 1
    assert not (directory / "Source" / "mebridge.lock").exists()
    inject.eject(directory)
    assert _contents(directory) == before


def test_inject_waits_for_another_process(directory: Path) -> None:
    lock = directory / "Source" / "mebridge.lock"
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        thread = threading.Thread(target=inject.inject, args=(directory,))
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        assert inject.LINE not in (directory / "Source" / "make_opts").read_text()
    thread.join()
    assert inject.status(directory).is_injected


def _kill_at(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Ends this process, like SIGKILL, at its `count`-th change of the file system."""
    seen = 0

    def wrap(owner: object, name: str) -> None:
        original = getattr(owner, name)

        def wrapped(*arguments: object, **keywords: object) -> object:
            nonlocal seen
            seen += 1
            if seen == count:
                os._exit(9)
            return original(*arguments, **keywords)

        monkeypatch.setattr(owner, name, wrapped)

    for name in ("write_bytes", "replace", "rename", "unlink", "mkdir", "rmdir", "chmod"):
        wrap(Path, name)
    wrap(shutil, "copy2")
    wrap(shutil, "rmtree")
    wrap(subprocess, "run")


@pytest.mark.parametrize("action", ["inject", "eject"])
def test_killed_anywhere_can_be_ejected(
    directory: Path, action: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(directory, {"Cards/run_card.dat": CARD, "Source/vector.inc": "      PARAMETER (NB_WARP=16)\n"})
    before = _contents(directory)
    for count in range(1, 200):
        if action == "eject":
            inject.inject(directory)
        child = os.fork()
        if child == 0:
            try:
                _kill_at(monkeypatch, count)
                getattr(inject, action)(directory)
                os._exit(0)
            except BaseException:
                os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert code in (0, 9)
        inject.eject(directory)
        assert _contents(directory) == before, count
        if code == 0:
            assert count > 10
            return
    pytest.fail("never came to its end")


def test_eject_waits_for_the_linker_of_a_killed_inject(directory: Path, tmp_path: Path) -> None:
    started = tmp_path / "started"
    compiler = tmp_path / "bin" / "gfortran"
    compiler.write_text(COMPILER.replace("echo", f"touch {started}; sleep 0.5; echo"))
    before = _contents(directory)
    child = os.fork()
    if child == 0:
        inject.inject(directory)
        os._exit(0)
    while not started.exists():
        time.sleep(0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    inject.eject(directory)
    assert _contents(directory) == before
    time.sleep(0.7)
    assert _contents(directory) == before


def test_full_disk_names_the_file_and_restores(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _contents(directory)
    original = Path.write_bytes

    def full(path: Path, data: bytes) -> int:
        if path.name.startswith("libmebridge.so"):
            original(path, data[:3])
            raise OSError(28, "No space left on device")
        return original(path, data)

    monkeypatch.setattr(Path, "write_bytes", full)
    message = r"lib/libmebridge.so: No space left on device; nothing has been changed"
    with pytest.raises(inject.InjectError, match=message):
        inject.inject(directory)
    assert _contents(directory) == before


def test_failure_to_undo_is_admitted(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _contents(directory)

    def fail(root: Path) -> list[str]:
        raise OSError(28, "No space left on device", "x")

    monkeypatch.setattr(inject, "_relink", lambda *arguments: fail(directory))
    with monkeypatch.context() as context:
        context.setattr(inject, "restore", fail)
        with pytest.raises(inject.InjectError, match=r"undoing it failed too.*run `mebridge eject`"):
            inject.inject(directory)
    inject.eject(directory)
    assert _contents(directory) == before


def test_leftovers_without_effect_are_removed(directory: Path) -> None:
    before = _contents(directory)
    leftovers = {"Source/MEBRIDGE/manifest.json.mebridge-new": "{", "Source/mebridge.mk": "# ours\n"}
    _write(directory, leftovers)
    assert not inject.status(directory).is_injected
    inject.eject(directory)
    assert _contents(directory) == before
    _write(directory, leftovers)
    assert inject.inject(directory).is_injected
    inject.eject(directory)
    assert _contents(directory) == before


def test_originals_without_manifest_are_kept(directory: Path) -> None:
    inject.inject(directory)
    (directory / "Source" / "MEBRIDGE" / "manifest.json").unlink()
    path = directory / "Source" / "make_opts"
    path.write_text(path.read_text().replace(inject.LINE, ""))
    with pytest.raises(inject.InjectError, match="holds files from before inject"):
        inject.inject(directory)
    assert (directory / "Source/MEBRIDGE/saved/SubProcesses/P1_a/madevent").read_text() == "linked before"


# ----------------------------------------------------------------------------------- staleness


@pytest.fixture
def readable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that is read completely, in which nothing was built."""
    library = tmp_path / "libmebridge.so"
    library.write_bytes(b"library")
    monkeypatch.setenv("MEBRIDGE_LIBRARY", str(library))
    return small_directory(tmp_path / "dir")


def _matrix_file(root: Path) -> Path:
    folder = root / "SubProcesses" / "P1_gg_ttx"
    found = [folder / name for name in ("matrix1_orig.f", "matrix1.f") if (folder / name).is_file()]
    return found[0]


def test_status_notices_a_changed_matrix_element(readable: Path) -> None:
    inject.inject(readable)
    assert inject.status(readable).notes == ()
    path = _matrix_file(readable)
    text = path.read_text()
    path.write_text(text.replace("CALL VXXXXX(P(0,1)", "CALL VXXXXX(P(0,2)", 1))
    assert path.read_text() != text
    expected = "SubProcesses/P1_gg_ttx/matrix1.f was changed since inject: run `mebridge inject` again"
    assert inject.status(readable).notes == (expected,)
    path.write_text("C     a comment\n" + text)
    assert inject.status(readable).notes == ()


def test_status_notices_what_is_no_longer_understood(readable: Path) -> None:
    inject.inject(readable)
    _matrix_file(readable).write_text("")
    assert any("was changed since inject" in note for note in inject.status(readable).notes)
    (readable / "Source" / "MODEL" / "coupl.inc").write_text("      nonsense\n")
    assert any("the directory was changed since inject: /" in note for note in inject.status(readable).notes)


@pytest.mark.parametrize("text", ["", "garbage\n", "      SUBROUTINE SMATRIX1(P,ANS)\n"])
def test_unreadable_matrix_file_is_named(readable: Path, text: str) -> None:
    path = _matrix_file(readable)
    path.write_text(text)
    try:
        reasons = [item.reason for item in inject.inject(readable).subprocesses]
    except inject.InjectError as error:
        reasons = [str(error)]
    assert any(str(path) in reason for reason in reasons), reasons
