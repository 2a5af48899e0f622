"""Programs and the engine on g g > g g: reference matrix elements, and the NumPy reference."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from processes import gluon_gluon, strong_couplings

import bridge
from bridge.process import Process
from bridge.program import best_program
from bridge.program.build import candidates
from bridge.program.cost import cost
from bridge.program.file import Op
from bridge.program.merge import factorise
from bridge.reference import evaluate

DATA = Path(__file__).parent.parent / "data" / "reference"
#: largest relative deviation of a matrix element: rounding of (precision) arithmetic
TOLERANCE = {"double": 1e-12, "single": 2e-5, "mixed": 2e-6}


@pytest.fixture(scope="module")
def process() -> Process:
    return gluon_gluon()


@pytest.fixture(scope="module")
def reference() -> dict[str, NDArray[np.float64]]:
    """Points and matrix elements of MG5_aMC's Fortran."""
    content = json.loads((DATA / "gg_gg.json").read_text())
    result = content["results"][0]
    return {
        "momenta": np.array(result["momenta_GeV"]),
        "matrix_element": np.array(result["matrix_element"]),
        "by_helicity": np.array(result["matrix_element_by_helicity"]),
        "helicities": np.array(result["helicities"]),
    }


@pytest.fixture(scope="module")
def couplings() -> dict[str, complex]:
    return strong_couplings(0.118)


def _engine(process: Process, mode: str, precision: str = "double") -> tuple[bridge.Program, bridge.Engine]:
    program = bridge.Program.from_bytes(best_program(process).to_bytes())
    engine = bridge.Engine(program, backend=mode, precision=precision)
    engine.set_parameters({})
    return program, engine


def _running(program: bridge.Program, couplings: dict[str, complex]) -> NDArray[np.complex128]:
    return np.array([couplings[name] for name in program.running_couplings])


@pytest.mark.parametrize("precision", TOLERANCE)
def test_matrix_elements_are_the_reference(process, reference, couplings, mode, precision):
    program, engine = _engine(process, mode, precision)
    result = engine.evaluate(
        reference["momenta"],
        running_couplings=_running(program, couplings),
        outputs=("matrix_element", "flag"),
    )
    np.testing.assert_allclose(result.matrix_element, reference["matrix_element"], rtol=TOLERANCE[precision])
    assert not result.flag.any()


def test_each_helicity_is_the_reference(process, reference, couplings, mode):
    program, engine = _engine(process, mode)
    values = engine.evaluate(
        reference["momenta"],
        running_couplings=_running(program, couplings),
        outputs=("matrix_element_by_helicity",),
    ).matrix_element_by_helicity
    order = [next(i for i, h in enumerate(process.helicities) if (h == row).all()) for row in reference["helicities"]]
    scale = reference["matrix_element"][:, None]
    assert np.abs(values[:, order] - reference["by_helicity"]).max() < 1e-12 * scale.max()


def test_all_candidates_agree(process, reference, couplings):
    oracle = evaluate(process, reference["momenta"], couplings)
    programs = list(candidates(process))
    assert len(programs) > 1
    for written in programs:
        program = bridge.Program.from_bytes(written.to_bytes())
        engine = bridge.Engine(program)
        engine.set_parameters({})
        result = engine.evaluate(
            reference["momenta"],
            running_couplings=_running(program, couplings),
            outputs=("matrix_element", "jamp2", "amp2"),
        )
        np.testing.assert_allclose(result.matrix_element, reference["matrix_element"], rtol=1e-12)
        np.testing.assert_allclose(result.jamp2, oracle.jamp2.sum(axis=1), rtol=1e-11)
        np.testing.assert_allclose(result.amp2, oracle.amp2.sum(axis=1), rtol=1e-11)


def test_merging_multiplies_less_than_diagrams(process):
    programs = list(candidates(process))
    products = [sum(i.op in (Op.DOT, Op.DOT_JAMP) for i in p.instructions) for p in programs]
    assert min(products) <= len(process.amplitudes)
    assert cost(best_program(process)) == min(cost(p) for p in programs)


def test_batch_size_does_not_change_an_event(process, reference, couplings, mode):
    """A short page repeats its last event; results are bitwise those of the whole batch."""
    program, engine = _engine(process, mode)
    momenta = np.concatenate([reference["momenta"]] * 3)
    running = _running(program, couplings)
    whole = engine.evaluate(momenta, running_couplings=running).matrix_element
    for first, last in ((0, 1), (3, 12), (5, 6), (0, len(momenta) - 1)):
        part = engine.evaluate(momenta[first:last], running_couplings=running).matrix_element
        np.testing.assert_array_equal(part, whole[first:last])


def test_threads_do_not_change_an_event(process, reference, couplings, mode):
    program, engine = _engine(process, mode)
    momenta = np.concatenate([reference["momenta"]] * 7)
    running = _running(program, couplings)
    alone = engine.evaluate(momenta, running_couplings=running).matrix_element
    shared = bridge.Engine(program, backend=mode, threads=3)
    shared.set_parameters({})
    together = shared.evaluate(momenta, running_couplings=running).matrix_element
    np.testing.assert_array_equal(alone, together)


def test_couplings_are_taken_for_each_event(process, reference, mode):
    momenta = reference["momenta"]
    program, engine = _engine(process, mode)
    alpha_s = np.linspace(0.1, 0.2, len(momenta))
    each = np.array([_running(program, strong_couplings(a)) for a in alpha_s])
    values = engine.evaluate(momenta, running_couplings=each).matrix_element
    expected = reference["matrix_element"] * (alpha_s / 0.118) ** 2
    np.testing.assert_allclose(values, expected, rtol=1e-12)


def test_rotated_and_boosted_points_have_the_same_matrix_element(process, reference, couplings, mode):
    program, engine = _engine(process, mode)
    running = _running(program, couplings)
    rotation, _ = np.linalg.qr(np.random.default_rng(7).normal(size=(3, 3)))
    rotation *= np.linalg.det(rotation)
    gamma, beta_gamma = np.cosh(0.8), np.sinh(0.8)
    boost = np.eye(4)
    boost[0, 0] = boost[3, 3] = gamma
    boost[0, 3] = boost[3, 0] = beta_gamma
    turn = np.eye(4)
    turn[1:, 1:] = rotation
    moved = reference["momenta"] @ (boost @ turn).T
    values = engine.evaluate(np.ascontiguousarray(moved), running_couplings=running).matrix_element
    np.testing.assert_allclose(values, reference["matrix_element"], rtol=1e-10)


def test_helicity_and_flow_are_chosen_as_the_cumulative_sums_say(process, reference, couplings, mode):
    program, engine = _engine(process, mode)
    n = 2000
    rng = np.random.default_rng(11)
    momenta = np.ascontiguousarray(reference["momenta"][rng.integers(8, size=n) % 8])
    random = rng.random((2, n))
    result = engine.evaluate(
        momenta,
        running_couplings=_running(program, couplings),
        random_helicity=random[0],
        random_color=random[1],
        outputs=("matrix_element_by_helicity", "jamp2", "helicity", "color_flow"),
    )
    for values, numbers, chosen in (
        (np.abs(result.matrix_element_by_helicity), random[0], result.helicity),
        (result.jamp2, random[1], result.color_flow),
    ):
        sums = np.cumsum(values, axis=1) / np.sum(values, axis=1, keepdims=True)
        expected = 1 + np.sum(sums < numbers[:, None], axis=1)
        assert np.mean(chosen == expected) == 1


def test_channel_weight_is_the_share_of_amp2(process, reference, couplings, mode):
    program, engine = _engine(process, mode)
    running = _running(program, couplings)
    momenta = reference["momenta"]
    n = len(momenta)
    amp2 = engine.evaluate(momenta, running_couplings=running, outputs=("amp2",)).amp2
    total = 0.0
    for channel in (1, 2, 3):
        value = engine.evaluate(
            momenta, running_couplings=running, channel=np.full(n, channel, np.int32)
        ).matrix_element
        share = amp2[:, channel - 1] / amp2.sum(axis=1)
        np.testing.assert_allclose(value, reference["matrix_element"] * share, rtol=1e-12)
        total = total + value
    np.testing.assert_allclose(total, reference["matrix_element"], rtol=1e-12)


def test_single_helicities_add_up(process, reference, couplings, mode):
    """Each combination alone, AMP2 and JAMP2 included: sums are those of all together."""
    program, engine = _engine(process, mode)
    running = _running(program, couplings)
    outputs = ("matrix_element", "jamp2", "amp2")
    momenta = reference["momenta"]
    whole = engine.evaluate(momenta, running_couplings=running, outputs=outputs)
    parts = [
        engine.evaluate(
            momenta,
            running_couplings=running,
            helicity=np.full(len(momenta), h, np.int32),
            outputs=outputs,
        )
        for h in range(1, program.n_helicity + 1)
    ]
    for name in outputs:
        total = sum(getattr(part, name) for part in parts)
        np.testing.assert_allclose(total, getattr(whole, name), rtol=1e-11)


def test_a_nan_is_reported_and_not_passed_on(process, reference, couplings, mode):
    program, engine = _engine(process, mode)
    momenta = reference["momenta"].copy()
    momenta[2, 3, 1] = np.nan
    result = engine.evaluate(
        momenta,
        running_couplings=_running(program, couplings),
        outputs=("matrix_element", "flag"),
    )
    assert result.flag.tolist() == [int(i == 2) for i in range(len(momenta))]
    assert np.isfinite(result.matrix_element).all()
    good = np.arange(len(momenta)) != 2
    np.testing.assert_allclose(result.matrix_element[good], reference["matrix_element"][good], rtol=1e-12)


def test_factorise_has_as_many_terms_as_the_rank():
    rng = np.random.default_rng(3)
    for rank in (1, 2, 4):
        matrix = rng.integers(-2, 3, (6, rank)) @ rng.integers(-2, 3, (rank, 9))
        entries = {(i, j): complex(x) for (i, j), x in np.ndenumerate(matrix) if x}
        terms = list(factorise(entries))
        total = np.zeros(matrix.shape, complex)
        for left, right in terms:
            for (i,), x in left.items():
                for (j,), y in right.items():
                    total[i, j] += x * y
        np.testing.assert_allclose(total, matrix, atol=1e-12)
        assert len(terms) == np.linalg.matrix_rank(matrix)
