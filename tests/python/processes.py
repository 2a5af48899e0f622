"""Processes written by hand, small enough to be checked on paper.

Colour is computed here from the Gell-Mann matrices, so that it is an oracle of its own.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from bridge.madevent.aloha import RoutineLibrary
from bridge.process import Amplitude, Coupling, Current, External, JampTerm, Leg, Process

_HEAD = """
      SUBROUTINE {name}({waves}, COUP,{result})
      IMPLICIT NONE
      COMPLEX*16 CI
      PARAMETER (CI=(0D0,1D0))
      COMPLEX*16 COUP
{declarations}
"""


def _dot(a: str, b: str) -> str:
    return f"({a}(3)*{b}(3)-{a}(4)*{b}(4)-{a}(5)*{b}(5)-{a}(6)*{b}(6))"


def _momentum(wave: str, number: int) -> str:
    return f"""
      P{number}(0) = DBLE({wave}(1))
      P{number}(1) = DBLE({wave}(2))
      P{number}(2) = DIMAG({wave}(2))
      P{number}(3) = DIMAG({wave}(1))
"""


def _along(p: str, q: str, v: str) -> str:
    terms = (f"({p}({k})-{q}({k}))*{v}({k + 3})" for k in range(4))
    return "(" + "-".join(terms) + ")"


def _declare(waves: str, scalars: str, n_momentum: int) -> str:
    lines = [f"      COMPLEX*16 {w}(*)" for w in waves.split()]
    lines += [f"      COMPLEX*16 {s}" for s in scalars.split()]
    lines += [f"      REAL*8 P{k}(0:3)" for k in range(1, n_momentum + 1)]
    return "\n".join(lines)


def _three_gluons() -> str:
    """Amplitude and off-shell current of the Yang-Mills vertex."""
    amplitude = _HEAD.format(
        name="VVV1_0",
        waves="V1, V2, V3",
        result="VERTEX",
        declarations=_declare("V1 V2 V3", "TMP1 TMP2 TMP3 VERTEX", 3),
    )
    amplitude += "".join(_momentum(f"V{k}", k) for k in (1, 2, 3))
    amplitude += f"""
      TMP1 = {_dot("V1", "V2")}
      TMP2 = {_dot("V2", "V3")}
      TMP3 = {_dot("V3", "V1")}
      VERTEX = COUP*(-CI*(TMP1*{_along("P1", "P2", "V3")}
     $ +TMP2*{_along("P2", "P3", "V1")}
     $ +TMP3*{_along("P3", "P1", "V2")}))
      END
"""
    return amplitude + _three_gluon_current()


def _three_gluon_current() -> str:
    text = """
      SUBROUTINE VVV1P0_1(V2, V3, COUP, M1, W1, V1)
      IMPLICIT NONE
      COMPLEX*16 CI
      PARAMETER (CI=(0D0,1D0))
      COMPLEX*16 COUP
      COMPLEX*16 V1(6)
      COMPLEX*16 DENOM
      REAL*8 M1
      REAL*8 W1
"""
    text += _declare("V2 V3", "TMP1 TMP2 TMP3", 3)
    text += _momentum("V2", 2) + _momentum("V3", 3)
    text += """
      V1(1) = +V2(1)+V3(1)
      V1(2) = +V2(2)+V3(2)
      P1(0) = -DBLE(V1(1))
      P1(1) = -DBLE(V1(2))
      P1(2) = -DIMAG(V1(2))
      P1(3) = -DIMAG(V1(1))
"""
    text += f"""
      TMP1 = {_along("P1", "P2", "V3")}
      TMP2 = {_dot("V2", "V3")}
      TMP3 = {_along("P3", "P1", "V2")}
      DENOM = COUP/(P1(0)**2-P1(1)**2-P1(2)**2-P1(3)**2 - M1 * (M1 -CI
     $ * W1))
"""
    for k in range(4):
        text += f"""
      V1({k + 3})= DENOM*(-CI)*(TMP1*V2({k + 3})+TMP3*V3({k + 3})
     $ +TMP2*(P2({k})-P3({k})))
"""
    return text + "      END\n"


def _four_gluons(name: str, first: str, second: str) -> str:
    """(first pairing) - (second pairing) of metrics."""
    text = _HEAD.format(
        name=name,
        waves="V1, V2, V3, V4",
        result="VERTEX",
        declarations=_declare("V1 V2 V3 V4", "VERTEX", 0),
    )

    def pairing(pairs: str) -> str:
        a, b, c, d = pairs
        return f"{_dot(f'V{a}', f'V{b}')}*{_dot(f'V{c}', f'V{d}')}"

    return (
        text
        + f"""
      VERTEX = COUP*(-CI)*({pairing(first)}
     $ -{pairing(second)})
      END
"""
    )


def gluon_routines() -> RoutineLibrary:
    """Lorentz structures of pure Yang-Mills theory in the ALOHA dialect."""
    return RoutineLibrary.from_text(
        _three_gluons()
        + _four_gluons("VVVVA_0", "1324", "1423")  # goes with f12x f34x
        + _four_gluons("VVVVB_0", "1234", "1423")  # f13x f24x
        + _four_gluons("VVVVC_0", "1234", "1324")  # f14x f23x
    )


def gell_mann() -> NDArray[np.complex128]:
    """Generators T^a of SU(3), (8, 3, 3), Tr T^a T^b = 1/2."""
    t = np.zeros((8, 3, 3), complex)
    for a, (i, j) in {0: (0, 1), 3: (0, 2), 5: (1, 2)}.items():
        t[a, i, j] = t[a, j, i] = 0.5
        t[a + 1, i, j], t[a + 1, j, i] = -0.5j, 0.5j
    t[2] = np.diag([0.5, -0.5, 0])
    t[7] = np.diag([1, 1, -2]) / np.sqrt(12)
    return t


#: flows of g g > g g: Tr(T^1 T^i T^j T^k)
TRACES = [(0, *rest) for rest in itertools.permutations((1, 2, 3))]


def trace_matrix() -> NDArray[np.float64]:
    """sum over colours of Tr_i Tr_j^*, (6, 6)."""
    t = gell_mann()
    flows = []
    for order in TRACES:
        letters = "abcd"
        trace = np.einsum("aij,bjk,ckl,dli->abcd", t, t, t, t)
        moved = "".join(letters[leg] for leg in order)
        flows.append(np.einsum(f"{moved}->abcd", trace))
    return np.array([[np.vdot(y, x).real for y in flows] for x in flows])


def _structure_constants(pairs: tuple[int, int, int, int]) -> dict[int, int]:
    """Flow -> sign in f^{abx} f^{cdx} = -2 Tr([T^a, T^b] [T^c, T^d])."""
    a, b, c, d = pairs
    signs: dict[int, int] = {}
    terms = {(a, b, c, d): 1, (a, b, d, c): -1, (b, a, c, d): -1, (b, a, d, c): 1}
    for order, sign in terms.items():
        start = order.index(0)
        flow = TRACES.index(order[start:] + order[:start])
        signs[flow] = signs.get(flow, 0) + sign
    return signs


def gluon_gluon() -> Process:
    """g g > g g: three diagrams of cubic vertices and the quartic one."""
    n_leg = 4
    waves: list[External | Current] = [External("V", leg, None, -1) for leg in (0, 1)]
    waves += [External("V", leg, None, 1) for leg in (2, 3)]
    cubic, quartic = (Coupling("GC_10"),), (Coupling("GC_12"),)
    amplitudes, jamp = [], []
    channels = {(0, 1, 2, 3): "VVVVA_0", (0, 2, 1, 3): "VVVVB_0", (0, 3, 1, 2): "VVVVC_0"}
    for (a, b, c, d), contact in channels.items():
        waves.append(Current("VVV1P0_1", (a, b), cubic, None, None))
        exchange = Amplitude("VVV1_0", (len(waves) - 1, c, d), cubic)
        colors = _structure_constants((a, b, c, d))
        for amplitude, factor in ((exchange, 1), (Amplitude(contact, (0, 1, 2, 3), quartic), -1)):
            for flow, color in colors.items():
                coefficient = complex(2 * factor * color)
                jamp.append(JampTerm(flow, 0, len(amplitudes), coefficient))
            amplitudes.append(amplitude)
    library = gluon_routines()
    return Process(
        name="g g > g g",
        legs=tuple(Leg(21, leg < 2, None) for leg in range(n_leg)),
        helicities=np.array(list(itertools.product((-1, 1), repeat=n_leg)), np.int8),
        waves=tuple(waves),
        amplitudes=tuple(amplitudes),
        routines={name: library[name] for name in library.names},
        running_couplings=frozenset({"GC_10", "GC_12"}),
        n_flow=len(TRACES),
        n_split_order=1,
        jamp=tuple(jamp),
        color_matrix=trace_matrix(),
        chosen_orders=np.ones((1, 1), bool),
        amp2={1: (0,), 2: (2,), 3: (4,)},
        config_diagrams=(1, 2, 3),
        config_flows=np.ones((3, len(TRACES)), bool),
        averaging_factor=512,
        fake_widths={},
        polarised_legs=(),
        digest="by hand",
    )


def strong_couplings(alpha_s: float) -> dict[str, complex]:
    """GC_10 and GC_12 as MG5_aMC's Standard Model has them."""
    g = np.sqrt(4 * np.pi * alpha_s)
    return {"GC_10": complex(-g), "GC_12": 1j * g**2}
