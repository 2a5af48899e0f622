"""ALOHA parser and `Routine.evaluate`. Oracle: the same formulas in NumPy.

The routines are our own, in ALOHA's dialect.
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge.lorentz import Local, walk
from bridge.madevent import ReadError
from bridge.madevent.aloha import RoutineLibrary

HEAD = """\
      IMPLICIT NONE
      COMPLEX*16 CI
      PARAMETER (CI=(0D0,1D0))
"""
SCALARS = (
    "      SUBROUTINE SSS1_0(S1, S2, S3, COUP,VERTEX)\n"
    + HEAD
    + """\
      COMPLEX*16 COUP
      COMPLEX*16 S1(*)
      COMPLEX*16 S2(*)
      COMPLEX*16 S3(*)
      COMPLEX*16 VERTEX
      VERTEX = COUP*(-CI*S1(3)*S2(3)*S3(3))
      END
"""
)
VECTOR = (
    "      SUBROUTINE FFV9_3(F1, F2, COUP, M3, W3,V3)\n"
    + HEAD
    + """\
      COMPLEX*16 COUP
      COMPLEX*16 F1(*)
      COMPLEX*16 F2(*)
      REAL*8 M3
      REAL*8 OM3
      REAL*8 P3(0:3)
      COMPLEX*16 TMP1
      COMPLEX*16 V3(6)
      REAL*8 W3
      COMPLEX*16 DENOM
      OM3 = 0D0
      IF (M3.NE.0D0) OM3=1D0/M3**2
      V3(1) = +F1(1)+F2(1)
      V3(2) = +F1(2)+F2(2)
      P3(0) = -DBLE(V3(1))
      P3(1) = -DBLE(V3(2))
      P3(2) = -DIMAG(V3(2))
      P3(3) = -DIMAG(V3(1))
      TMP1 = (F1(3)*F2(5)-2D0*F1(4)
     $ *F2(6))
      DENOM = COUP/(P3(0)**2-P3(1)**2-P3(2)**2-P3(3)**2 - M3 * (M3 -CI
     $ * W3))
      V3(3)= DENOM*(-CI)*(F1(3)*-1D0/2D0*F2(5)-P3(0)*OM3*TMP1)
      V3(4)= DENOM*P3(1)*TMP1
      V3(5)= DENOM*P3(2)*OM3
      V3(6)= DENOM*(+CI*(F1(4)))
      END
"""
)
COMBINED = (
    "      SUBROUTINE FFV9_8_3(F1, F2, COUP1, COUP2, M3, W3,V3)\n"
    + HEAD
    + """\
      COMPLEX*16 COUP1
      COMPLEX*16 COUP2
      COMPLEX*16 F1(*)
      COMPLEX*16 F2(*)
      REAL*8 M3
      COMPLEX*16 V3(6)
      COMPLEX*16 VTMP(6)
      REAL*8 W3
      INTEGER*4 I
      CALL FFV9_3(F1,F2,COUP1,M3,W3,V3)
      CALL FFV9_3(F2,F1,COUP2,M3,W3,VTMP)
      DO I = 3, 6
        V3(I) = V3(I) + VTMP(I)
      ENDDO
      END
"""
)
SUMMED = (
    "      SUBROUTINE SSS1_2_0(S1, S2, S3, COUP1, COUP2,VERTEX)\n"
    + HEAD
    + """\
      COMPLEX*16 COUP1
      COMPLEX*16 COUP2
      COMPLEX*16 S1(*)
      COMPLEX*16 S2(*)
      COMPLEX*16 S3(*)
      COMPLEX*16 TMP
      COMPLEX*16 VERTEX
      CALL SSS1_0(S1,S2,S3,COUP1,VERTEX)
      CALL SSS1_0(S3,S2,S1,COUP2,TMP)
      VERTEX = VERTEX + TMP
      END
"""
)
LIBRARY = RoutineLibrary.from_text(SCALARS + VECTOR + COMBINED + SUMMED, "own.f")


def random_wave(size: int, seed: int) -> NDArray[np.complex128]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(size, 5)) + 1j * rng.normal(size=(size, 5))


def expected_vector(
    f1: NDArray[np.complex128],
    f2: NDArray[np.complex128],
    coupling: complex,
    mass: float,
    width: float,
) -> NDArray[np.complex128]:
    """FFV9_3 written by hand."""
    top = f1[:2] + f2[:2]
    p = -np.array([top[0].real, top[1].real, top[1].imag, top[0].imag])
    om = 1 / mass**2 if mass else 0.0
    tmp = f1[2] * f2[4] - 2 * f1[3] * f2[5]
    denom = coupling / (p[0] ** 2 - p[1] ** 2 - p[2] ** 2 - p[3] ** 2 - mass * (mass - 1j * width))
    return np.array(
        [
            *top,
            denom * -1j * (-0.5 * f1[2] * f2[4] - p[0] * om * tmp),
            denom * p[1] * tmp,
            denom * p[2] * om,
            denom * 1j * f1[3],
        ]
    )


def test_signature() -> None:
    routine = LIBRARY["FFV9_3"]
    assert (routine.inputs, routine.output, routine.output_spin) == (("F", "F"), 3, "V")
    assert (routine.n_coupling, routine.has_propagator) == (1, True)


@pytest.mark.parametrize(("mass", "width"), [(0.0, 0.0), (80.0, 2.0)])
def test_off_shell_vector(mass: float, width: float) -> None:
    f1, f2 = random_wave(6, 1), random_wave(6, 2)
    found = LIBRARY["FFV9_3"].evaluate([f1, f2], [0.3 + 2j], mass, width)
    np.testing.assert_allclose(found, expected_vector(f1, f2, 0.3 + 2j, mass, width), rtol=1e-13)


def test_amplitude_takes_couplings_of_each_event() -> None:
    s = [random_wave(3, seed) for seed in (3, 4, 5)]
    coupling = random_wave(1, 6)[0]
    found = LIBRARY["SSS1_0"].evaluate(s, [coupling])
    expected = -1j * coupling * s[0][2] * s[1][2] * s[2][2]
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() < 1e-13


def test_calls_are_inlined() -> None:
    f1, f2 = random_wave(6, 1), random_wave(6, 2)
    found = LIBRARY["FFV9_8_3"].evaluate([f1, f2], [1j, 2.0], 5.0, 1.0)
    expected = expected_vector(f1, f2, 1j, 5.0, 1.0)
    expected[2:] += expected_vector(f2, f1, 2.0, 5.0, 1.0)[2:]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_amplitudes_are_added() -> None:
    s = [random_wave(3, seed) for seed in (3, 4, 5)]
    found = LIBRARY["SSS1_2_0"].evaluate(s, [2.0, 3.0])
    np.testing.assert_allclose(found, LIBRARY["SSS1_0"].evaluate(s, [5.0]), rtol=1e-14)


def test_names_are_assigned_once_and_before_use() -> None:
    for name in LIBRARY.names:
        known: set[str] = set()
        for step in LIBRARY[name].body:
            used = {item.name for item in walk(step.value) if isinstance(item, Local)}
            assert used <= known
            assert step.name not in known
            known.add(step.name)


def test_digest_sees_arithmetic_but_not_names() -> None:
    renamed = VECTOR.replace("FFV9", "FFV7").replace("TMP1", "TMP3")
    other = VECTOR.replace("2D0*F1(4)", "3D0*F1(4)")
    digest = LIBRARY["FFV9_3"].digest
    assert RoutineLibrary.from_text(renamed)["FFV7_3"].digest == digest
    assert RoutineLibrary.from_text(other)["FFV9_3"].digest != digest


def test_same_function_knows_reordered_sums() -> None:
    turned = VECTOR.replace("V3(1) = +F1(1)+F2(1)", "V3(1) = +F2(1)+F1(1)")
    wrong = VECTOR.replace("V3(1) = +F1(1)+F2(1)", "V3(1) = +F2(1)-F1(1)")
    routine = LIBRARY["FFV9_3"]
    assert routine.computes_the_same_as(RoutineLibrary.from_text(turned)["FFV9_3"])
    assert not routine.computes_the_same_as(RoutineLibrary.from_text(wrong)["FFV9_3"])
    assert not routine.computes_the_same_as(LIBRARY["SSS1_0"])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("V3(4)= DENOM", "V3(4)= FACTOR(DENOM)*DENOM"),
        ("V3(6)= DENOM*(+CI*(F1(4)))", "V3(6)= DENOM*(+CI*(F1(4))"),
        ("V3(6)= DENOM*(+CI*(F1(4)))", "V3(6)= SQRT(DENOM)"),
        ("V3(6)= DENOM*(+CI*(F1(4)))", "F1(3)= DENOM"),
        ("V3(6)= DENOM*(+CI*(F1(4)))", "IF (M3.GT.0D0) V3(6)= DENOM"),
        ("      V3(5)= DENOM*P3(2)*OM3\n", ""),
        ("P3(0) = -DBLE(V3(1))", "P3(0) = -V3(1)"),
        ("TMP1 = (F1", "TMP2 = (F1"),
        ("      REAL*8 W3\n", "      REAL*8 W3\n      WRITE(*,*) 'x'\n"),
        ("FFV9_3(F1, F2, COUP, M3, W3,V3)", "FFV9_3(F1, F2, M3, W3,V3)"),
    ],
)
def test_what_is_not_understood_is_refused(old: str, new: str) -> None:
    assert old in VECTOR
    library = RoutineLibrary.from_text(VECTOR.replace(old, new), "edited.f")
    with pytest.raises(ReadError) as caught:
        library["FFV9_3"]
    assert str(caught.value.file) == "edited.f"
    assert caught.value.line > 0


def test_wrong_numbers_of_waves_and_couplings() -> None:
    routine = LIBRARY["SSS1_0"]
    with pytest.raises(ValueError, match="waves"):
        routine.evaluate([random_wave(3, 1)], [1.0])
    with pytest.raises(ValueError, match="couplings"):
        routine.evaluate([random_wave(3, 1)] * 3, [])
