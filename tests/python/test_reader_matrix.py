"""Matrix parser and directory reader. Oracle: what the miniature below was written to say.

The sources are our own, in the dialect of generated code: four legs (vector, scalar, two
scalars), three amplitudes, two flows. Their boilerplate is not MG5_aMC's, so that the forms
are learnt from the miniature itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from bridge import reference
from bridge.madevent import ReadError, Unsupported, read_directory
from bridge.madevent.aloha import RoutineLibrary
from bridge.madevent.forms import Forms
from bridge.madevent.learn import learn, learn_wave_functions
from bridge.madevent.matrix import Surroundings, read_matrix
from bridge.process import Amplitude, Coupling, Current, External, JampTerm, Leg, Process

CI = "      COMPLEX*16 CI\n      PARAMETER (CI=(0D0,1D0))\n"
ROUTINES = (
    "      SUBROUTINE VSS1_0(V1, S2, S3, COUP,VERTEX)\n"
    + CI
    + """\
      COMPLEX*16 COUP
      COMPLEX*16 V1(*)
      COMPLEX*16 S2(*)
      COMPLEX*16 S3(*)
      COMPLEX*16 VERTEX
      VERTEX = COUP*CI*S2(3)*S3(3)*(V1(3)-2D0*V1(6))
      END
      SUBROUTINE VSS1_3(V1, S2, COUP, M3, W3,S3)
"""
    + CI
    + """\
      COMPLEX*16 COUP
      REAL*8 M3
      REAL*8 P3(0:3)
      COMPLEX*16 V1(*)
      COMPLEX*16 S2(*)
      COMPLEX*16 S3(3)
      REAL*8 W3
      COMPLEX*16 DENOM
      S3(1) = +V1(1)+S2(1)
      S3(2) = +V1(2)+S2(2)
      P3(0) = -DBLE(S3(1))
      P3(3) = -DIMAG(S3(1))
      DENOM = COUP/(P3(0)**2-P3(3)**2 - M3 * (M3 -CI* W3))
      S3(3)= DENOM*CI*S2(3)*(V1(3)+V1(6))
      END
      SUBROUTINE SSS1_0(S1, S2, S3, COUP,VERTEX)
"""
    + CI
    + """\
      COMPLEX*16 COUP
      COMPLEX*16 S1(*)
      COMPLEX*16 S2(*)
      COMPLEX*16 S3(*)
      COMPLEX*16 VERTEX
      VERTEX = COUP*CI*S1(3)*S2(3)*S3(3)
      END
"""
)
MATRIX = """\
      SUBROUTINE SMATRIX1(P, ANS)
C     Process: q q > s s WEIGHTED<=2 @1
      IMPLICIT NONE
      INCLUDE 'nexternal.inc'
      INTEGER NCOMB
      PARAMETER (NCOMB=3)
      REAL*8 P(0:3,NEXTERNAL), ANS, T, MATRIX1
      INTEGER NHEL(NEXTERNAL,NCOMB), IDEN, I, JC(4)
      DATA (NHEL(I, 1),I=1,4) /-1, 0, 0, 0/
      DATA (NHEL(I, 2),I=1,4) / 0, 0, 0, 0/
      DATA (NHEL(I, 3),I=1,4) / 1, 0, 0, 0/
      DATA IDEN/12/
      JAMP2(0)=2
      ANS = 0D0
      DO I=1,NCOMB
        T=MATRIX1(P ,NHEL(1,I),JC(1),I)
        IF(POL(1).NE.1D0.AND.NHEL(1,I).EQ.INT(SIGN(1D0,POL(1)))) THEN
          T=T*ABS(POL(1))
        ELSE IF(POL(1).NE.1D0)THEN
          T=T*(2D0-ABS(POL(1)))
        ENDIF
        ANS=ANS+T
      ENDDO
      WRITE(*,*) 'any words'
      ANS=ANS*CONFSUB(1,2)/IDEN
      END
      REAL*8 FUNCTION MATRIX1(P,NHEL,IC,IHEL)
      INTEGER NGRAPHS, NWAVEFUNCS, NCOLOR, NAMPSO, NSQAMPSO
      PARAMETER (NGRAPHS=4)
      PARAMETER (NWAVEFUNCS=4, NCOLOR=2)
      PARAMETER (NAMPSO=2, NSQAMPSO=3)
      LOGICAL CHOSEN_SO_CONFIGS(NSQAMPSO)
      DATA CHOSEN_SO_CONFIGS/.FALSE.,.TRUE.,.FALSE./
      COMPLEX*16 ZTEMP, TMP_JAMP(2)
      COMPLEX*16 AMP(NGRAPHS), JAMP(NCOLOR,NAMPSO)
      COMPLEX*16 W(18,NWAVEFUNCS)
      REAL*8 CF(NCOLOR,NCOLOR)
      DATA (CF(I,  1),I=  1,  2) /4.0D+0
     $ 0,-2.5D-01/
      DATA (CF(I,  2),I=  1,  2) /-2.5D-01,3.0D+00/
      IF (FIRST) THEN
        FIRST=.FALSE.
        IF(ZERO.NE.0D0) FK_ZERO = SIGN(MAX(ABS(ZERO), ABS(ZERO
     $   *SMALL_WIDTH_TREATMENT)), ZERO)
        IF(MDL_WH.NE.0D0) FK_MDL_WH = SIGN(MAX(ABS(MDL_WH), ABS(MDL_MH
     $   *SMALL_WIDTH_TREATMENT)), MDL_WH)
      ENDIF
      CALL VXXXXX(P(0,1),MDL_MZ,NHEL(1),-1*IC(1),W(1,1))
      CALL SXXXXX(P(0,2),-1*IC(2),W(1,2))
      CALL SXXXXX(P(0,3),+1*IC(3),W(1,3))
      CALL VSS1_3(W(1,1),W(1,2),-GC_1,MDL_MH, FK_MDL_WH,W(1,4))
      CALL SXXXXX(P(0,4),+1*IC(4),W(1,2))
      CALL SSS1_0(W(1,4),W(1,3),W(1,2),GC_2,AMP(1))
      CALL VSS1_3(W(1,1),W(1,3),GC_1,ZERO, ZERO,W(1,4))
      CALL SXXXXX(P(0,2),-1*IC(2),W(1,3))
      CALL SSS1_0(W(1,4),W(1,3),W(1,2),GC_2,AMP(2))
      CALL SSS1_0(W(1,4),W(1,2),W(1,3),GC_3,AMP(4))
      CALL VSS1_0(W(1,1),W(1,3),W(1,2),GC_1,AMP(3))
      JAMP(:,:) = (0D0,0D0)
      TMP_JAMP(1) = AMP(1) -  AMP(2)  ! used 2 times
      TMP_JAMP(2) = TMP_JAMP(1) + ((0.0D+00,-1.0D
     $ +00)) * AMP(3)
      JAMP(1,1) = (-1.0D+00)*TMP_JAMP(2)+(5.0D-01)*AMP(2)
      JAMP(1,2) = ((0.0D+00,2.0D+00))*AMP(4)
      JAMP(2,1) = TMP_JAMP(1)
      JAMP(2,2) = 0D0
      DO M = 1, NAMPSO
        DO N = 1, NAMPSO
          IF (CHOSEN_SO_CONFIGS(SQSOINDEX1(M,N))) THEN
            MATRIX1 = MATRIX1 + ZTEMP*DCONJG(JAMP(I,N))
          ENDIF
        ENDDO
      ENDDO
      AMP2(1)=AMP2(1)+AMP(1)*DCONJG(AMP(1))
      AMP2(3)=AMP2(3)+(AMP(2)+AMP(4))*DCONJG(AMP(2)+AMP(4))
      END
      INTEGER FUNCTION SQSOINDEX1(A, B)
      INTEGER NSO, NAMPSO
      PARAMETER (NSO=2, NAMPSO=2)
      INTEGER AMPSPLITORDERS(NAMPSO,NSO)
      DATA (AMPSPLITORDERS(  1,I),I=  1,  2) / 2, 0/
      DATA (AMPSPLITORDERS(  2,I),I=  1,  2) / 0, 2/
      SQSOINDEX1=A+B
      END
      INTEGER FUNCTION SOINDEX_FOR_SQUARED_ORDERS1(ORDERS)
      INTEGER NSO, NSQSO
      PARAMETER (NSO=2, NSQSO=3)
      INTEGER SQSPLITORDERS(NSQSO,NSO)
      DATA (SQSPLITORDERS(  1,I),I=  1,  2) / 4, 0/
      DATA (SQSPLITORDERS(  2,I),I=  1,  2) / 2, 2/
      DATA (SQSPLITORDERS(  3,I),I=  1,  2) / 0, 4/
      SOINDEX_FOR_SQUARED_ORDERS1=1
      END
"""
NEW_WIDTHS = MATRIX.replace(
    """        IF(MDL_WH.NE.0D0) FK_MDL_WH = SIGN(MAX(ABS(MDL_WH), ABS(MDL_MH
     $   *SMALL_WIDTH_TREATMENT)), MDL_WH)
""",
    """        FK_ZERO = 0D0
        IF(MDL_WH.NE.0D0) THEN
          FK_MDL_WH = SIGN(MAX(ABS(MDL_WH), ABS(MDL_MH
     $     *SMALL_WIDTH_TREATMENT)), MDL_WH)
        ELSE
          FK_MDL_WH = 0D0
        ENDIF
""",
)
COLOR = MATRIX[MATRIX.index("      REAL*8 CF") : MATRIX.index("      IF (FIRST)")]
PACKED = """\
      INTEGER CF(NCOLOR*(NCOLOR+1)/2), DENOM
      DATA DENOM/4/
      DATA (CF(I),I=  1,  2) /16,-2/
      DATA (CF(I),I=  3,  3) /12/
"""
BY_ROW = """\
      INTEGER CF(NCOLOR,NCOLOR), DENOM(NCOLOR)
      DATA DENOM/4,4/
      DATA (CF(I,  1),I=  1,  2) /16,-1/
      DATA (CF(I,  2),I=  1,  2) /-1,12/
"""
FORMS: Forms = {kind: {"own": digests} for kind, digests in learn(MATRIX, Path("own.f"), "1")}
LIBRARY = RoutineLibrary.from_text(ROUTINES)
AROUND = Surroundings(
    n_incoming=2,
    n_external=4,
    pdg_ids=(23, 9000001, 25, 25),
    config_diagrams=(1, 3),
    config_flows=np.array([[True, False, False], [True, True, False]]),
    masses=frozenset({"MDL_MH", "MDL_MZ"}),
    couplings=frozenset({"GC_1", "GC_2", "GC_3", "GC_9"}),
    running_couplings=frozenset({"GC_2", "GC_9"}),
)


def read(text: str = MATRIX) -> Process:
    return read_matrix(text, Path("matrix1.f"), 1, AROUND, LIBRARY, FORMS)


def test_waves_are_in_single_assignment_form() -> None:
    process = read()
    s2, s3, s4 = External("S", 1, None, -1), External("S", 2, None, 1), External("S", 3, None, 1)
    assert process.waves == (
        External("V", 0, "MDL_MZ", -1),
        s2,
        s3,
        Current("VSS1_3", (0, 1), (Coupling("GC_1", -1),), "MDL_MH", "MDL_WH"),
        s4,
        Current("VSS1_3", (0, 2), (Coupling("GC_1"),), None, None),
    )
    assert process.amplitudes == (
        Amplitude("SSS1_0", (3, 2, 4), (Coupling("GC_2"),)),
        Amplitude("SSS1_0", (5, 1, 4), (Coupling("GC_2"),)),
        Amplitude("VSS1_0", (0, 1, 4), (Coupling("GC_1"),)),
        Amplitude("SSS1_0", (5, 4, 1), (Coupling("GC_3"),)),
    )


def test_everything_else() -> None:
    process = read()
    assert process.name == "q q > s s"
    assert process.legs[0] == Leg(23, True, "MDL_MZ")
    assert [leg.incoming for leg in process.legs] == [True, True, False, False]
    assert process.helicities.tolist() == [[-1, 0, 0, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert process.helicities.dtype == np.int8
    assert process.running_couplings == {"GC_2"}
    assert process.color_matrix.tolist() == [[4, -0.25], [-0.25, 3]]
    assert process.chosen_orders.tolist() == [[False, True], [True, False]]
    assert process.amp2 == {1: (0,), 3: (1, 3)}
    assert process.config_diagrams == (1, 3)
    assert process.config_flows.tolist() == [[True, False], [True, True]]
    assert process.averaging_factor == 12
    assert process.fake_widths == {"MDL_WH": "MDL_MH"}
    assert process.polarised_legs == (0,)


def test_jamps_have_their_temporaries_expanded() -> None:
    assert read().jamp == (
        JampTerm(0, 0, 0, -1),
        JampTerm(0, 0, 1, 1.5),
        JampTerm(0, 0, 2, 1j),
        JampTerm(0, 1, 3, 2j),
        JampTerm(1, 0, 0, 1),
        JampTerm(1, 0, 1, -1),
    )


def test_both_ways_to_set_widths() -> None:
    process = read(NEW_WIDTHS)
    assert process.fake_widths == {"MDL_WH": "MDL_MH"}


@pytest.mark.parametrize("color", [PACKED, BY_ROW])
def test_layouts_of_the_color_matrix(color: str) -> None:
    process = read(MATRIX.replace(COLOR, color))
    assert process.color_matrix.tolist() == [[4, -0.25], [-0.25, 3]]


def test_reference_evaluates_it() -> None:
    """By hand, for a vector at rest with helicity 0: only its z component is there."""
    process = read()
    p = np.array([[[5.0, 0, 0, 0], [7.0, 3, 0, 1], [6.0, 0, 2, 2], [6.0, 1, 1, 1]]])
    values = {"MDL_MZ": 5.0, "MDL_MH": 2.0, "MDL_WH": 0.01, "GC_1": 2j, "GC_2": 0.5, "GC_3": 1.5}
    found = reference.evaluate(process, p, values, small_width_treatment=0.1)
    width = 0.2  # raised from 0.01 to a tenth of the mass
    s_wave = -2j * 1j / (12.0**2 - 1.0 - 2.0 * (2.0 - 1j * width))
    t_wave = 2j * 1j / (1.0**2 - 2.0**2)
    a1, a2, a3, a4 = 0.5j * s_wave, 0.5j * t_wave, 2j * 1j * -2.0, 1.5j * t_wave
    j11, j12, j21 = -a1 + 1.5 * a2 + 1j * a3, 2j * a4, a1 - a2
    interference = 2 * ((4 * j11 - 0.25 * j21) * np.conj(j12)).real
    assert found.matrix_element.shape == (1, 3)
    np.testing.assert_allclose(found.matrix_element[0, 1], interference, rtol=1e-12)
    np.testing.assert_allclose(found.amp2[0, 1], [abs(a1) ** 2, 0, abs(a2 + a4) ** 2], rtol=1e-12)
    jamp2 = [2 * abs((j11 * np.conj(j12)).real), 0.0]
    np.testing.assert_allclose(found.jamp2[0, 1], jamp2, rtol=1e-12)


def test_digest_sees_the_text_but_not_its_layout() -> None:
    digest = read().digest
    assert read("C a comment\n" + MATRIX).digest == digest
    assert read(MATRIX.replace("IDEN/12/", "IDEN/24/")).digest != digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("ANS=ANS+T\n", "ANS=ANS+2*T\n"),
        ("      ANS=ANS*CONFSUB(1,2)/IDEN\n", "      ANS=ANS*CONFSUB(1,2)/IDEN*2D0\n"),
        ("CONFSUB(1,2)", "CONFSUB(3,2)"),
        ("JAMP2(0)=2", "JAMP2(0)=3"),
        ("      ANS = 0D0\n", "      ANS = 0D0\n      CALL MINE(P)\n"),
        ("T=T*ABS(POL(1))", "T=T*ABS(POL(1))*2"),
        ("      AMP2(1)=AMP2(1)+AMP(1)*DCONJG(AMP(1))\n", "      AMP2(1)=AMP2(1)+2*AMP(1)*DCONJG(AMP(1))\n"),
        ("AMP2(1)=AMP2(1)+AMP(1)*DCONJG(AMP(1))", "AMP2(1)=AMP2(2)+AMP(1)*DCONJG(AMP(1))"),
        ("(AMP(2)+AMP(4))*DCONJG(AMP(2)+AMP(4))", "(AMP(2)-AMP(4))*DCONJG(AMP(2)-AMP(4))"),
        ("      JAMP(2,1) = TMP_JAMP(1)\n", "      JAMP(2,1) = TMP_JAMP(1)*2\n"),
        ("      JAMP(2,1) = TMP_JAMP(1)\n", "      JAMP(2,1) = TMP_JAMP(7)\n"),
        ("      JAMP(2,1) = TMP_JAMP(1)\n", "      JAMP(1,1) = TMP_JAMP(1)\n"),
        ("      JAMP(2,1) = TMP_JAMP(1)\n", "      JAMP(3,1) = TMP_JAMP(1)\n"),
        ("GC_2,AMP(2)", "2*GC_2,AMP(2)"),
        ("GC_2,AMP(2)", "GC_7,AMP(2)"),
        ("GC_2,AMP(2)", "GC_2,AMP(1)"),
        ("GC_2,AMP(2)", "GC_2,GC_2,AMP(2)"),
        ("CALL VSS1_0(W(1,1),W(1,3)", "CALL VSS1_0(W(1,2),W(1,3)"),
        ("CALL VSS1_0(", "CALL VSS7_0("),
        ("W(1,3),W(1,2),GC_2,AMP(1)", "W(1,5),W(1,2),GC_2,AMP(1)"),
        ("SXXXXX(P(0,4),+1*IC(4)", "SXXXXX(P(0,4),+1*IC(3)"),
        ("NHEL(1),-1*IC(1)", "NHEL(2),-1*IC(1)"),
        ("      CALL SXXXXX(P(0,3),+1*IC(3),W(1,3))\n", "      CALL SXXXXX(P(0,4),-1*IC(4),W(1,3))\n"),
        ("GC_1,ZERO, ZERO,W(1,4)", "GC_1,ZERO, MDL_WH,W(1,4)"),
        ("ABS(MDL_MH\n", "ABS(2*MDL_MH\n"),
        ("FK_MDL_WH = SIGN", "FK_MDL_WZ = SIGN"),
        ("/-2.5D-01,3.0D+00/", "/-3.5D-01,3.0D+00/"),
        ("      DATA (CF(I,  2),I=  1,  2) /-2.5D-01,3.0D+00/\n", ""),
        ("/ 0, 0, 0, 0/", "/ 0, 0, 0, 4/"),
        ("      DATA IDEN/12/\n", "      DATA IDEN/12/\n      DATA ANS/1D0/\n"),
        ("      COMPLEX*16 W(18", "      REAL*8 W(18"),
        ("PARAMETER (NGRAPHS=4)", "PARAMETER (NGRAPHS=5)"),
        ("INCLUDE 'nexternal.inc'", "INCLUDE 'extra.inc'"),
        ("      SQSOINDEX1=A+B\n", "      SQSOINDEX1=A+B+1\n"),
        ("/ 2, 2/", "/ 2, 3/"),
        ("      END\n      REAL*8", "      END\n      X = 1\n      REAL*8"),
    ],
)
def test_an_edited_file_is_refused(old: str, new: str) -> None:
    assert old in MATRIX
    with pytest.raises(ReadError) as caught:
        read(MATRIX.replace(old, new, 1))
    assert str(caught.value.file) == "matrix1.f"


def test_refusal_names_line_and_text() -> None:
    edited = MATRIX.replace("ANS=ANS+T\n", "ANS=ANS+2*T\n")
    with pytest.raises(ReadError) as caught:
        read(edited)
    assert edited.splitlines()[caught.value.line - 1].strip() == caught.value.text == "ANS=ANS+2*T"


WAVE_FUNCTIONS = "".join(
    f"      subroutine {name}(p, w)\n      w = {number}\n      end\n"
    for number, name in enumerate(("ixxxxx", "oxxxxx", "vxxxxx", "sxxxxx"))
)
FILES = {
    "Source/make_opts": "FC = gfortran\n",
    "Source/dsample.f": "",
    "Source/MODEL/coupl.inc": """\
      DOUBLE PRECISION G
      COMMON/STRONG/ G
      DOUBLE PRECISION MDL_MH,MDL_MZ
      COMMON/MASSES/ MDL_MH,MDL_MZ
      DOUBLE PRECISION MDL_WH
      COMMON/WIDTHS/ MDL_WH
      DOUBLE COMPLEX GC_1, GC_2, GC_3
      COMMON/COUPLINGS/ GC_1, GC_2, GC_3
""",
    "Source/MODEL/couplings.f": """\
      SUBROUTINE UPDATE_AS_PARAM()
      INCLUDE 'coupl.inc'
      CALL COUP2()
      END
""",
    "Source/MODEL/couplings2.f": """\
      SUBROUTINE COUP2()
      GC_2 = 2*G
      END
""",
    "Source/DHELAS/ALL.f": ROUTINES,
    "Source/DHELAS/aloha_functions.f": WAVE_FUNCTIONS,
    "SubProcesses/P1_qq_ss/matrix1.f": MATRIX,
    "SubProcesses/P1_qq_ss/nexternal.inc": """\
      INTEGER NEXTERNAL, NINCOMING
      PARAMETER (NEXTERNAL=4, NINCOMING=2)
""",
    "SubProcesses/P1_qq_ss/leshouche.inc": """\
      DATA (IDUP(I,1,1),I=1,4)/23,9,25,25/
      DATA (IDUP(I,2,1),I=1,4)/23,8,25,25/
      DATA (MOTHUP(1,I),I=1, 4)/  0,  0,  1,  1/
      DATA (ICOLUP(1,I,1,1),I=1, 4)/501,  0,501,  0/
""",
    "SubProcesses/P1_qq_ss/mirrorprocs.inc": "      DATA (MIRRORPROCS(I),I=1,1)/.TRUE./\n",
    "SubProcesses/P1_qq_ss/config_subproc_map.inc": """\
      DATA (CONFSUB(I,1),I=1,1)/1/
      DATA (CONFSUB(I,2),I=1,1)/3/
""",
    "SubProcesses/P1_qq_ss/coloramps.inc": """\
      LOGICAL ICOLAMP(2,2,1)
      DATA(ICOLAMP(I,1,1),I=1,2)/.TRUE.,.FALSE./
      DATA(ICOLAMP(I,2,1),I=1,2)/.TRUE.,.TRUE./
""",
}
ALL_FORMS: Forms = {
    **FORMS,
    "wave_functions": {
        name: [digest] for name, digest in learn_wave_functions(WAVE_FUNCTIONS, Path("")).items()
    },
}


def write(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_directory(tmp_path: Path) -> None:
    directory = read_directory(write(tmp_path, FILES), ALL_FORMS)
    assert (directory.layout, directory.is_grouped) == ("scalar", True)
    assert directory.model.running == {"GC_2"}
    (folder,) = directory.processes
    assert folder.includes is not None
    assert folder.includes.pdg_ids == (((23, 9, 25, 25), (23, 8, 25, 25)),)
    assert folder.includes.mirror == (True,)
    process = folder.matrices[0].content
    assert isinstance(process, Process)
    assert [leg.pdg_id for leg in process.legs] == [23, 9, 25, 25]
    assert process.config_flows.tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("SubProcesses/P1_qq_ss/matrix1.f", "ANS=ANS+T", "ANS=ANS-T", "not known"),
        ("SubProcesses/P1_qq_ss/coloramps.inc", ".FALSE.", "MAYBE", "not understood"),
        ("SubProcesses/P1_qq_ss/config_subproc_map.inc", "/3/", "/X/", "not an integer"),
        ("Source/DHELAS/ALL.f", "COUP*CI*S1(3)", "MINE*CI*S1(3)", "no value"),
        ("Source/DHELAS/aloha_functions.f", "w = 2", "w = 5", "wave function"),
    ],
)
def test_what_is_not_understood_is_left_to_the_fortran(
    tmp_path: Path, name: str, old: str, new: str, reason: str
) -> None:
    assert old in FILES[name]
    files = {**FILES, name: FILES[name].replace(old, new)}
    content = read_directory(write(tmp_path, files), ALL_FORMS).matrices[0].content
    assert isinstance(content, Unsupported)
    assert reason in content.reason
    assert content.file == tmp_path / name


def test_loop_induced_process_is_left_to_the_fortran(tmp_path: Path) -> None:
    files = {**FILES, "SubProcesses/proc_characteristics": " loop_induced = True \n"}
    content = read_directory(write(tmp_path, files), ALL_FORMS).matrices[0].content
    assert isinstance(content, Unsupported)
    assert content.reason == "loop-induced process"


@pytest.mark.parametrize(
    "missing", ["Source/MODEL/coupl.inc", "Source/dsample.f", "SubProcesses/P1_qq_ss/matrix1.f"]
)
def test_other_directories_are_refused(tmp_path: Path, missing: str) -> None:
    root = write(tmp_path, {name: text for name, text in FILES.items() if name != missing})
    with pytest.raises(ReadError):
        read_directory(root, ALL_FORMS)
