"""Events that are not finite, and those beside them in the same page.

Oracles: the same batch without its bad events (the others are the same to the last bit); the rules of MadEvent in NumPy
(`bridge.validate.selection`) over the terms that the engine itself gives.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bridge
from bridge.engine import Precision
from bridge.validate import rambo
from bridge.validate.selection import choose_flow, choose_helicity

SEEDS = Path(__file__).parent.parent / "fuzz" / "seeds"
#: no multiple of any page, so that the last one is short
N_EVENT = 37
#: first and last of a page, neighbours, the last of all
BAD = [0, 7, 8, 15, 16, 21, 36]
OUTPUTS = ("matrix_element", "helicity", "color_flow", "jamp2", "amp2", "matrix_element_by_helicity", "flag")
MASS = 173.0


def _engine(name: str, mode: str, precision: Precision, threads: int = 1) -> bridge.Engine:
    engine = bridge.Engine(bridge.Program.from_file(SEEDS / f"{name}.meb"), mode, precision, threads)
    program = engine.program
    constants = {n: 0.3 - 0.2j * (i + 1) for i, n in enumerate(program.couplings)}
    engine.set_parameters(
        {**{n: MASS for n in program.parameters if n.startswith("MDL_M")}, "FK_MDL_WZ": 2.5, **constants}
    )
    return engine


def _batch(program: bridge.Program, name: str) -> dict[str, Any]:
    rng = np.random.default_rng(3)
    outgoing = (MASS, MASS) if name == "gg_ttx" else (0.0, 0.0)
    config = rng.integers(0, program.n_config + 1, N_EVENT).astype(np.int32)
    batch = {
        "momenta": rambo.generate((0.0, 0.0), outgoing, N_EVENT, 5),
        "channel": rng.integers(0, program.n_diagram + 1, N_EVENT).astype(np.int32),
        "random_helicity": rng.random(N_EVENT),
        "random_color": rng.random(N_EVENT),
        "color_config": config,
    }
    n_running = len(program.running_couplings)
    if n_running:
        batch["running_couplings"] = rng.uniform(0.5, 1.5, (N_EVENT, n_running)) * (0.6 + 0.8j)
    return batch


def _spoil(batch: dict[str, Any], what: str, value: float) -> dict[str, Any]:
    """`value` in one component of one leg, or in one coupling, another one in each bad event."""
    spoilt = {**batch, what: batch[what].copy()}
    for k, event in enumerate(BAD):
        numbers = spoilt[what][event].reshape(-1).view(np.float64)
        numbers[(3 * k) % len(numbers)] = value
    return spoilt


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("gg_ttx", "momenta"),
        ("gg_gg", "momenta"),
        ("ll_ll", "momenta"),
        ("gg_ttx", "running_couplings"),
        ("gg_gg", "running_couplings"),
    ],
)
@pytest.mark.parametrize("precision", ["double", "single", "mixed"])
def test_neighbours_are_left_alone(mode: str, precision: Precision, name: str, what: str, value: float) -> None:
    engine = _engine(name, mode, precision)
    batch = _batch(engine.program, name)
    expected = engine.evaluate(**batch, outputs=OUTPUTS)
    assert engine.n_non_finite == 0
    result = engine.evaluate(**_spoil(batch, what, value), outputs=OUTPUTS)
    assert result.flag is not None
    assert np.flatnonzero(result.flag).tolist() == BAD
    assert engine.n_non_finite == len(BAD)
    good = np.setdiff1d(np.arange(N_EVENT), BAD)
    for output in OUTPUTS:
        found = getattr(result, output)
        np.testing.assert_array_equal(found[good], getattr(expected, output)[good], err_msg=output)
    for output in ("matrix_element", "helicity", "color_flow"):
        assert not getattr(result, output)[BAD].any(), output


@pytest.mark.parametrize("name", ["gg_ttx", "gg_gg", "ll_ll"])
def test_choice_beside_bad_events(mode: str, name: str) -> None:
    engine = _engine(name, mode, "double")
    batch = _spoil(_batch(engine.program, name), "momenta", np.nan)
    batch["color_config"][:] = 0  # all flows
    result = engine.evaluate(**batch, outputs=OUTPUTS)
    good = np.setdiff1d(np.arange(N_EVENT), BAD)
    assert result.matrix_element_by_helicity is not None
    assert result.jamp2 is not None
    terms, jamp2 = result.matrix_element_by_helicity[good], result.jamp2[good]
    helicity = choose_helicity(terms, batch["random_helicity"][good])
    flow = choose_flow(jamp2, np.ones(jamp2.shape, dtype=np.bool_), batch["random_color"][good])
    np.testing.assert_array_equal(result.helicity[good], helicity)
    np.testing.assert_array_equal(result.color_flow[good], flow)


def test_threads_count_them_all(mode: str) -> None:
    engine = _engine("gg_ttx", mode, "double", threads=2)
    batch = _spoil(_batch(engine.program, "gg_ttx"), "momenta", np.nan)
    many = {key: np.concatenate([array] * 50) for key, array in batch.items()}
    result = engine.evaluate(**many, outputs=("flag",))
    assert result.flag is not None
    assert engine.n_non_finite == np.count_nonzero(result.flag) == 50 * len(BAD)
