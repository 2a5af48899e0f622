"""Injection into a directory of a few files of our own: what is written, refused, restored."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from bridge.madevent import accessor, inject

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
        "Source/make_opts": "FC=gfortran\n#end_of_make_opts_variables\nendef",
        "Source/dsample.f": DSAMPLE,
        "Source/ranmar.f": RANMAR,
        "Source/PDF/pdg2pdf.f": PDG2PDF,
        "Cards/run_card.dat": CARD.replace("32", "1").replace("16", "1").replace("cppauto", "fortran"),
        "SubProcesses/makefile": "include ../../Source/make_opts\n",
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
            f"SubProcesses/{name}/madevent": "linked before",
        }
    _write(root, files)
    library = tmp_path / "libmebridge.so"
    library.write_bytes(b"library")
    monkeypatch.setenv("MEBRIDGE_LIBRARY", str(library))
    monkeypatch.setattr(inject, "_read", lambda root: SimpleNamespace(matrices=()))
    return root


def _contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_eject_restores_every_byte(directory: Path) -> None:
    before = _contents(directory)
    assert inject.inject(directory).is_injected
    assert _contents(directory) != before
    assert not inject.eject(directory).is_injected
    assert _contents(directory) == before
    assert sorted(path.name for path in directory.iterdir()) == ["Cards", "Source", "SubProcesses"]


def test_one_line_is_added_to_make_opts(directory: Path) -> None:
    inject.inject(directory)
    lines = (directory / "Source" / "make_opts").read_text().splitlines()
    assert lines[-2:] == ["endef", inject.LINE]


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
    assert path.read_text() == "FC=gfortran-12\nlhapdf=x\n#end_of_make_opts_variables\nendef"


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
    template = inject._resource("directory.f").read_text()
    assert "'XRAN1'" in accessor.accessor(template, UNGROUPED)
    assert "'XRAN1'" not in accessor.accessor(template, replace(UNGROUPED, matrices=("1",)))


def test_every_placeholder_is_filled() -> None:
    template = inject._resource("directory.f").read_text()
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
    template = inject._resource("directory.f").read_text()
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
