"""Colour of `bridge.generator`: algebra, flows, lines of events. Oracle: the Gell-Mann matrices."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from processes import gell_mann

from bridge import generator
from bridge.generator import Generated, GeneratorError, color, flows

Complex = NDArray[np.complex128]


def one(text: str) -> Generated:
    (made,) = generator.generate(text)
    return made


@pytest.mark.parametrize("text", ["T6(1,2,3)", "Epsilon(1,2,3)", "f(1,2,3)*K6(1,2,3)", "", "T(a,b,c)"])
def test_unknown_color_structures(text: str) -> None:
    with pytest.raises(GeneratorError, match="colour structure"):
        color.check(text)


def tensor(flow: flows.Flow, legs: dict[int, int]) -> Complex:
    """The flow's tensor from Gell-Mann matrices; `legs`: leg -> axis of the result."""
    matrices = gell_mann()
    factors: list[object] = []
    fresh = 100
    for i, letters, j in flow:
        start = fresh = fresh + 1
        first = legs[i] if i is not None else start
        here = first
        for letter in letters:
            fresh += 1
            factors += [matrices, [legs[letter], here, fresh]]
            here = fresh
        factors += [np.eye(3), [here, legs[j] if j is not None else first]]
    axes = sorted(set(legs.values()))
    small = {axis: k for k, axis in enumerate(sorted({a for axis in factors[1::2] for a in axis}))}  # type: ignore[attr-defined]
    factors[1::2] = [[small[a] for a in axis] for axis in factors[1::2]]  # type: ignore[attr-defined]
    return np.einsum(*factors, [small[a] for a in axes], optimize=True)  # type: ignore[call-overload,no-any-return]


@pytest.mark.parametrize("text", ["g g > g g", "g g > t t~ g", "g u > t t~ u", "u u~ > t t~", "g g > u u~ d d~"])
def test_color_matrix_from_gell_mann_matrices(text: str) -> None:
    made = one(text)
    colored = [k for k, leg in enumerate(made.process.legs) if abs(leg.pdg_id) < 7 or leg.pdg_id == 21]
    legs = {leg: axis for axis, leg in enumerate(colored)}
    tensors = [tensor(flow, legs) for flow in made.basis.flows]
    expected = np.array([[np.vdot(b, a).real for b in tensors] for a in tensors])
    np.testing.assert_allclose(made.process.color_matrix, expected, atol=1e-10)


def test_flows_are_orthogonal_for_many_colors() -> None:
    for text in ("g g > g g g", "g g > t t~ b b~"):
        matrix = one(text).basis.matrix(10**6)
        size = np.sqrt(np.outer(np.diag(matrix), np.diag(matrix)))
        assert np.abs(matrix / size - np.eye(len(matrix))).max() < 1e-5


def test_jacobi_identity() -> None:
    """f12e f34e + f23e f14e + f31e f24e = 0."""
    total: color.Sum = {}
    for text in ("f(1,2,-1)*f(3,4,-1)", "f(2,3,-1)*f(1,4,-1)", "f(3,1,-1)*f(2,4,-1)"):
        indices = {k: k - 1 for k in range(1, 5)} | {-1: -1}
        phase, found = color.parse(text, indices, frozenset(range(1, 5)), frozenset())
        assert phase == 2
        for key, value in found.items():
            total[key] = total.get(key, 0) + value  # type: ignore[assignment]
    assert not any(total.values())


@pytest.mark.parametrize("text", ["g g > t t~ g", "g u > t t~ u", "u u~ > e+ e- g", "g g > g g g", "e+ e- > mu+ mu-"])
def test_color_lines_are_those_of_an_event(text: str) -> None:
    """Every line has two ends; quarks have a colour, antiquarks an anticolour, gluons both."""
    made = one(text)
    assert len(made.color_lines) == made.process.n_flow
    for lines in made.color_lines:
        ends: list[int] = []
        for leg, (tag, anti_tag) in zip(made.process.legs, lines, strict=True):
            is_quark, is_gluon = 0 < abs(leg.pdg_id) < 7, leg.pdg_id == 21
            assert bool(tag) == (is_gluon or (is_quark and leg.pdg_id > 0))
            assert bool(anti_tag) == (is_gluon or (is_quark and leg.pdg_id < 0))
            ends += [-tag, anti_tag] if leg.incoming else [tag, -anti_tag]
        ends = [end for end in ends if end]
        assert sorted(ends) == sorted(-end for end in ends)
        assert len({abs(end) for end in ends}) * 2 == len(ends)
