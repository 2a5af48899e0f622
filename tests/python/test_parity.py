"""Opposite helicities that give the same are computed once: where, and with what result.

Oracle: the same engine with helicity weights that differ by a few units in the last place, so that all are computed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import bridge
from bridge.bench.subjects import Subject, subjects
from bridge.engine import Precision
from bridge.validate.evaluators import engine_arguments, set_parameters

N_EVENT = 64
OUTPUTS = ("matrix_element", "helicity", "color_flow", "jamp2", "amp2", "matrix_element_by_helicity", "flag")
TOLERANCE: dict[Precision, float] = {"double": 1e-11, "mixed": 3e-4, "single": 3e-3}

#: which of a process's helicities are computed: with its own widths and without, for beams along z
HALVED = {
    "g g > t t~": (True, True),
    "g g > g g": (True, True),
    "g g > g g g": (True, True),
    "u u~ > g g g": (True, True),
    "u u~ > u u~ g": (True, True),
    "g g > t t~ g": (False, True),
    "e+ e- > mu+ mu-": (False, False),
    "u d~ > w+ g": (False, False),
}


def _subject(process: str) -> Subject:
    (only,) = subjects(process, N_EVENT)
    return only


def _without_widths(subject: Subject) -> Subject:
    reals = {
        name: 0.0 if "WIDTH" in name.upper() or "_W" in name.upper() else value
        for name, value in subject.parameters.reals.items()
    }
    return replace(subject, parameters=replace(subject.parameters, reals=reals))


def _engine(subject: Subject, mode: str, precision: Precision = "double", threads: int = 1) -> bridge.Engine:
    engine = bridge.Engine(subject.program, mode, precision, threads)
    set_parameters(engine, subject.parameters)
    return engine


def _arguments(subject: Subject) -> dict[str, Any]:
    given = engine_arguments(subject.program, subject.parameters, subject.events)
    return {"momenta": subject.events.momenta, **given}


def _whole(engine: bridge.Engine, arguments: dict[str, Any]) -> bridge.Result:
    n = engine.program.n_helicity
    engine.set_helicity_weights(1 + np.arange(n) * 2.0**-50)
    result = engine.evaluate(**arguments, outputs=OUTPUTS)
    engine.set_helicity_weights(np.ones(n))
    return result


def _check(engine: bridge.Engine, arguments: dict[str, Any], tolerance: float) -> None:
    expected = _whole(engine, arguments)
    result = engine.evaluate(**arguments, outputs=OUTPUTS)
    again = engine.evaluate(**arguments, outputs=OUTPUTS)
    for name in OUTPUTS:
        found, known = getattr(result, name), getattr(expected, name)
        np.testing.assert_array_equal(getattr(again, name), found)
        if found.dtype.kind == "i":
            assert np.count_nonzero(found != known) <= (0 if tolerance < 1e-8 else 2)
        else:
            rows = known.reshape(N_EVENT, -1)
            most = tolerance * np.abs(rows).sum(axis=1, keepdims=True)
            assert np.all(np.abs(found.reshape(N_EVENT, -1) - rows) <= most)


def _turned(momenta: np.ndarray) -> np.ndarray:
    """Rotated and boosted, so that the beams are not along z and no plane has all momenta."""
    turned = momenta.copy()
    turned[..., 1], turned[..., 3] = (
        0.8 * momenta[..., 1] - 0.6 * momenta[..., 3],
        0.6 * momenta[..., 1] + 0.8 * momenta[..., 3],
    )
    energy, py = turned[..., 0].copy(), turned[..., 2].copy()
    turned[..., 0], turned[..., 2] = 1.25 * energy + 0.75 * py, 1.25 * py + 0.75 * energy
    return turned


@pytest.mark.parametrize("process", HALVED)
@pytest.mark.parametrize("with_widths", [True, False])
def test_where_helicities_are_paired(process: str, with_widths: bool) -> None:
    subject = _subject(process) if with_widths else _without_widths(_subject(process))
    engine = _engine(subject, "auto")
    before = engine.operations()
    _check(engine, _arguments(subject), TOLERANCE["double"])
    assert (engine.operations() < 0.8 * before) == HALVED[process][0 if with_widths else 1]


@pytest.mark.parametrize("process", ["g g > t t~", "g g > g g", "u u~ > g g g"])
@pytest.mark.parametrize("precision", ["double", "mixed", "single"])
def test_same_results_in_each_mode(mode: str, process: str, precision: Precision) -> None:
    subject = _subject(process)
    for threads in (1, 3):
        _check(_engine(subject, mode, precision, threads), _arguments(subject), TOLERANCE[precision])


def test_events_out_of_the_plane(mode: str) -> None:
    """Top quarks have a width: only events in a plane with the z axis may be halved, though most are."""
    subject = _subject("g g > t t~")
    arguments = _arguments(subject)
    for every in (1, 5):
        mixed = {**arguments, "momenta": arguments["momenta"].copy()}
        mixed["momenta"][1::every] = _turned(arguments["momenta"][1::every])
        engine = _engine(subject, mode)
        engine.evaluate(**arguments)
        _check(engine, mixed, TOLERANCE["double"])


def test_parameters_and_weights_set_anew(mode: str) -> None:
    """What was found with other parameters, or other helicities, does not hold any more."""
    subject = _subject("g g > t t~ g")
    engine = _engine(_without_widths(subject), mode)
    arguments = _arguments(subject)
    engine.evaluate(**arguments)
    halved = engine.operations()
    set_parameters(engine, subject.parameters)
    _check(engine, arguments, TOLERANCE["double"])
    assert engine.operations() > 1.2 * halved
    set_parameters(engine, _without_widths(subject).parameters)
    terms = engine.evaluate(**arguments, outputs=OUTPUTS).matrix_element_by_helicity
    assert engine.operations() == halved
    weights = np.ones(subject.program.n_helicity)
    weights[3] = 0.5
    engine.set_helicity_weights(weights)
    weighted = engine.evaluate(**arguments, outputs=OUTPUTS).matrix_element_by_helicity
    assert engine.operations() > 1.2 * halved
    np.testing.assert_allclose(weighted, weights * terms, rtol=1e-9, atol=1e-11 * terms.max())


def test_single_helicities(mode: str) -> None:
    """Of an event with a helicity of its own, that one is computed."""
    subject = _subject("g g > g g")
    arguments = _arguments(subject)
    engine = _engine(subject, mode)
    expected = engine.evaluate(**arguments, outputs=OUTPUTS).matrix_element_by_helicity
    arguments["helicity"] = np.arange(N_EVENT, dtype=np.int32) % (subject.program.n_helicity + 1)
    arguments["channel"] = None
    found = engine.evaluate(**arguments).matrix_element
    own = [row.sum() if h == 0 else row[h - 1] for row, h in zip(expected, arguments["helicity"], strict=True)]
    np.testing.assert_allclose(found, own, rtol=1e-11, atol=1e-11 * expected.sum(axis=1).max())
