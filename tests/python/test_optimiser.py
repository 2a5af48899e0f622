"""Passes of the optimiser: same values as the NumPy reference, fewer operations."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import bridge
from bridge import generator
from bridge.process import Process
from bridge.program import best_program
from bridge.program.basis import _sums, reduce
from bridge.program.build import _merged, by_currents, by_diagrams
from bridge.program.cost import WEIGHTS, cost, count
from bridge.program.cuts import CutTable, search
from bridge.program.file import CHIRALITY_SHIFT, PROPAGATOR_SHIFT, VERTEX_SHIFT, Chirality, Op, Program
from bridge.program.graph import Graph
from bridge.program.merge import Currents
from bridge.reference import evaluate
from bridge.validate import generated
from bridge.validate.evaluators import Parameters, engine_arguments, set_parameters
from bridge.validate.oracle import Events

PROCESSES = ("g g > t t~", "g g > t t~ g", "u u~ > e+ e- g g", "u u~ > u u~ g", "e+ e- > mu+ mu-", "u d~ > t t~ w+")


@pytest.fixture(scope="module", params=PROCESSES)
def made(request: pytest.FixtureRequest) -> generator.Generated:
    return generator.generate(request.param)[0]


@pytest.fixture(scope="module")
def gluons() -> Process:
    return generator.generate("g g > t t~ g g")[0].process


def _sample(made: generator.Generated) -> tuple[Parameters, Events]:
    events = generated.make_events(made, 8, 3)
    return generated.make_parameters(made, events), events


def _compare(made: generator.Generated, written: Program, backend: str) -> None:
    """Matrix elements, JAMP2 and AMP2 of the engine against NumPy's."""
    parameters, events = _sample(made)
    program = bridge.Program.from_bytes(written.to_bytes())
    engine = bridge.Engine(program, backend=backend)
    set_parameters(engine, parameters)
    given = engine_arguments(program, parameters, events)
    result = engine.evaluate(
        events.momenta,
        running_couplings=given["running_couplings"],
        outputs=("matrix_element", "jamp2", "amp2"),
    )
    couplings = {n: v if n in made.process.running_couplings else v[0] for n, v in parameters.couplings.items()}
    oracle = evaluate(made.process, events.momenta, {**parameters.reals, **couplings})
    expected = np.abs(oracle.matrix_element).sum(axis=1) / made.process.averaging_factor
    np.testing.assert_allclose(result.matrix_element, expected, rtol=1e-11)
    np.testing.assert_allclose(result.jamp2, oracle.jamp2.sum(axis=1), rtol=1e-10)
    np.testing.assert_allclose(result.amp2, oracle.amp2.sum(axis=1), rtol=1e-10)


def test_programs_with_every_kind_of_cut(made, mode):
    """All amplitudes cut at one kind wherever they can be, in both forms."""
    table = CutTable(Graph(made.process))
    choices = dict.fromkeys(table.preferred(kind) for kind in table.kinds)
    for choice in choices:
        for way in (by_diagrams, by_currents):
            _compare(made, way(table, choice), mode)


def test_the_best_program(made, mode):
    _compare(made, best_program(made.process), mode)


def _kinds(program: Program) -> set[tuple[Op, Chirality, int]]:
    """Vertices, chiralities and propagators of the density matrices made of others."""
    return {
        (Op(i.flags >> VERTEX_SHIFT), Chirality(i.flags >> CHIRALITY_SHIFT & 3), i.flags >> PROPAGATOR_SHIFT & 7)
        for i in program.instructions
        if i.op is Op.DENSITY_VERTEX
    }


def test_densities_of_all_vertices(monkeypatch, mode):
    """Never from the states of a wave but of an external one."""
    monkeypatch.setattr("bridge.program.emit.density_work", lambda program, legs: 1e9 * (legs.bit_count() > 1))
    kinds = set()
    for text in (*PROCESSES, "u d~ > e+ ve g g", "e+ ve > u d~ g", "u u~ > e+ e- mu+ mu-"):
        made = generator.generate(text)[0]
        table = CutTable(Graph(made.process))
        for choice in dict.fromkeys((table.preferred(), *(table.preferred(kind) for kind in table.kinds))):
            program = by_currents(table, choice)
            new = _kinds(program) - kinds
            if new:
                _compare(made, program, mode)
                kinds |= new
    fermions = {(op, chirality, kind) for op, chirality, kind in kinds if op in (Op.FFV_1, Op.FFV_2)}
    assert {(chirality, kind > 0) for _, chirality, kind in fermions} >= set(
        itertools.product((Chirality.VECTOR, Chirality.GENERAL, Chirality.LEFT), (False, True))
    )
    vectors = {(chirality, kind) for op, chirality, kind in kinds if op is Op.FFV_3}
    assert {chirality for chirality, _ in vectors} >= {Chirality.VECTOR, Chirality.GENERAL, Chirality.LEFT}
    assert {kind for _, kind in vectors} >= {0, 1, 2}
    assert {kind for op, _, kind in kinds if op is Op.VVV_1} >= {0, 1}


def test_densities_made_of_others_ask_for_fewer_operations(gluons, monkeypatch):
    table = CutTable(Graph(gluons))
    programs = [by_currents(table, table.preferred())]
    monkeypatch.setattr("bridge.program.emit.density_vertex_work", lambda op, flags: 1e9)
    programs.append(by_currents(table, table.preferred()))
    assert [bool(_kinds(p)) for p in programs] == [True, False]
    by_parts, by_states = (
        bridge.Engine(bridge.Program.from_bytes(p.to_bytes())).operations(with_amp2=True) for p in programs
    )
    assert by_parts < 0.9 * by_states


def test_densities_that_will_be_shared_are_made(gluons, monkeypatch):
    """Oracle: each density pays for its parts alone."""
    table = CutTable(Graph(gluons))
    shared = cost(by_currents(table, table.preferred()))
    monkeypatch.setattr("bridge.program.emit._SHARE", 1.0)
    assert shared < 0.99 * cost(by_currents(table, table.preferred()))


def test_search_ends_where_no_change_of_one_group_helps(made):
    table = CutTable(Graph(made.process))
    best = search(table, lambda choice: cost(by_diagrams(table, choice)), 10000)
    least = cost(by_diagrams(table, best))
    assert least <= cost(by_diagrams(table, table.preferred()))
    for number, group in enumerate(table.groups):
        for kind in group:
            changed = (*best[:number], kind, *best[number + 1 :])
            assert cost(by_diagrams(table, changed)) >= least


def test_search_tries_no_more_than_it_may(gluons):
    table = CutTable(Graph(gluons))
    tried = []
    search(table, lambda choice: tried.append(choice) or float(len(tried)), 5)
    assert len(tried) == 5


@pytest.mark.parametrize("way", [by_diagrams, by_currents])
def test_currents_found_again_change_nothing(made, way):
    """Oracle: each choice of cuts by itself. Slots may be numbered in another order."""
    table = CutTable(Graph(made.process))
    known = Currents(table.graph)
    for kind in table.kinds:
        choice = table.preferred(kind)
        assert count(way(table, choice, known)) == count(way(table, choice))


def test_scalar_lines_are_cut():
    """Oracle: the operations where products of scalars are too dear to be taken."""
    made = generator.generate("b b~ > h h h")[0]
    operations = []
    for weight in (WEIGHTS["product of scalars"], 1e3):
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(WEIGHTS, "product of scalars", weight)
            program = best_program(made.process)
        operations.append(bridge.Engine(bridge.Program.from_bytes(program.to_bytes())).operations())
        _compare(made, program, "auto")
    cut, uncut = operations
    assert cut < uncut


def test_products_that_are_sums_of_others_are_left_out(gluons):
    table = CutTable(Graph(gluons))
    currents = Currents(table.graph)
    merged = _merged(gluons, currents, table.cuts(table.preferred()), gluons.jamp)
    reduced = reduce(currents, merged)
    assert len(reduced) < 0.9 * len(merged)
    assert set(reduced) <= set(merged)


def test_merging_multiplies_less_than_a_tenth_more_than_colour_ordering_needs(gluons):
    """Oracle: 24 products of two fermion currents, 16 of a gluon current of three gluons, 12 of one of two,
    6 of t t~ alone: Kleiss-Kuijf bases of each."""
    program = best_program(gluons)
    n_product = sum(
        program.instructions[k + 1].op is Op.JAMP if i.op is Op.DOT else i.op is Op.DOT_JAMP
        for k, i in enumerate(program.instructions)
    )
    assert n_product <= 1.11 * (24 + 16 + 12 + 6)


def test_sums_are_the_products():
    rng = np.random.default_rng(5)
    tensors = (rng.integers(-1, 2, (12, 4)) @ rng.integers(-1, 2, (4, 20))).astype(complex)
    uses, price = rng.integers(1, 4, 12).astype(float), np.full(12, 100.0)
    sums = _sums(tensors, uses, price)
    used = {number for terms in sums for number, _ in terms}
    assert len(used) == np.linalg.matrix_rank(tensors)
    for row, terms in zip(tensors, sums, strict=True):
        np.testing.assert_allclose(sum(factor * tensors[number] for number, factor in terms), row, atol=1e-12)


def test_dear_sums_are_not_taken():
    tensors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]], complex)
    sums = _sums(tensors, np.ones(4), np.full(4, 1.5))
    assert sums == [[(number, 1)] for number in range(4)]
