"""Models of `bridge.generator`: Lorentz structures, parameters, cards, UFO folders.

Oracles: the engine's structures, gamma matrices, and for UFO models the built-in Standard Model.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import structures_by_hand
import ufo_qcd
from numpy.typing import NDArray

from bridge import generator, reference
from bridge.generator import Generated, GeneratorError, expressions, routines
from bridge.generator.routines import routine_name
from bridge.generator.structures import STRUCTURES
from bridge.lorentz import Local, Routine, walk
from bridge.process import Process
from bridge.program.structures import identify
from bridge.validate import rambo


def routine(names: tuple[str, ...], output: int, massless_vector: bool = False) -> Routine:
    return routines.routine(tuple(STRUCTURES[name] for name in names), output, massless_vector)


def one(text: str) -> Generated:
    (made,) = generator.generate(text)
    return made


def points(process: Process, n_event: int = 5, seed: int = 1) -> NDArray[np.float64]:
    values = generator.parameters()
    masses = [abs(complex(values[leg.mass])) if leg.mass else 0.0 for leg in process.legs]
    n = sum(leg.incoming for leg in process.legs)
    return rambo.generate(masses[:n], masses[n:], n_event, seed)


def total(process: Process, momenta: NDArray[np.float64]) -> NDArray[np.float64]:
    return reference.total(process, reference.evaluate(process, momenta, generator.parameters()))


@pytest.mark.parametrize("name", sorted(STRUCTURES))
def test_the_engine_knows_every_routine(name: str) -> None:
    spins = STRUCTURES[name].spins
    for output in range(len(spins) + 1):
        for massless in {False, output > 0 and spins[output - 1] == "V"}:
            match = identify(routine((name,), output, massless))
            assert match.open_leg == (output - 1 if output else None)


def test_structures_agree_with_gamma_matrices() -> None:
    spins = ("F", "F", "V")

    def chiral(w, p, c):  # type: ignore[no-untyped-def]
        return -1j * structures_by_hand.ffv(w, p, c)

    ours = routine(("FFV2", "FFV3"), 0)
    assert ours.computes_the_same_as(structures_by_hand.amplitude("X", spins, chiral, 2))
    for leg in range(3):
        theirs = structures_by_hand.current("X", spins, leg, chiral, 2)
        assert routine(("FFV2", "FFV3"), leg + 1).output_spin == theirs.output_spin


def test_routine_names_are_those_of_aloha() -> None:
    assert routine_name(("FFV2", "FFV3"), 0) == "FFV2_3_0"
    assert routine_name(("FFV1",), 3, massless_vector=True) == "FFV1P0_3"
    assert routine_name(("VVVV4",), 1) == "VVVV4_1"


def test_parameters() -> None:
    values = generator.parameters()
    assert values["MDL_MW"] == pytest.approx(80.419, abs=1e-3)
    assert values["FK_MDL_WT"] == values["MDL_WT"] == 1.4915
    other = generator.parameters(alpha_s=0.2)
    changed = {name for name in values if values[name] != other[name]}
    model = generator.standard_model()
    assert changed == {"aS", "G"} | generator.running_couplings(model)
    assert generator.running_couplings(model) == {"GC_10", "GC_11", "GC_12"}


def test_parameters_from_a_card(tmp_path: Path) -> None:
    text = "Block MASS  # x\n 6 1.6d2 # MT\nBLOCK sminputs\n 3 0.2\nDECAY 6 1.0e-9\n  1.0 2 24 5\n"
    path = tmp_path / "card.dat"
    path.write_text(text)
    for card in (text, path, str(path)):
        values = generator.parameters(card)
        assert (values["MDL_MT"], values["aS"], values["MDL_WT"]) == (160.0, 0.2, 1e-9)
        assert values["FK_MDL_WT"] == pytest.approx(160.0 * 1e-6)
    assert values["MDL_MZ"] == 91.188


@pytest.mark.parametrize("text", ["Block mass\n 6 abc\n", "Block mass\n 6 nan\n", "DECAY x 1.0\n", "Block\n 6 1\n"])
def test_bad_cards(text: str) -> None:
    with pytest.raises(GeneratorError, match="line"):
        generator.parameters(text)


def test_a_missing_card(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match=re.escape(str(tmp_path / "none"))):
        generator.parameters(tmp_path / "none")


@pytest.mark.parametrize("text", ["__import__('os')", "a.b", "x", "1/0", "sqrt(", "[1]", "'a'"])
def test_formulas_run_no_code(text: str) -> None:
    with pytest.raises(GeneratorError):
        expressions.evaluate(text, {"a": 1})


def test_models_by_name() -> None:
    five = generator.generate("import model sm-no_b_mass\ngenerate p p > t t~")
    assert (5, -5, 6, -6) in five[1].flavours
    assert not generator.generate("import model sm-no_b_mass; b b~ > b b~")[0].process.legs[0].mass
    with pytest.raises(GeneratorError, match="unknown model 'mssm'"):
        generator.generate("import model mssm; g g > t t~")


@pytest.mark.parametrize("structures", [("VVV1",), ("FFV2", "FFV3"), ("VVVV2",)])
def test_shared_subexpressions_change_nothing(structures: tuple[str, ...]) -> None:
    """A routine uses each local after it is assigned, and assigns none twice."""
    for output in range(len(STRUCTURES[structures[0]].spins) + 1):
        made = routine(structures, output)
        known: set[str] = set()
        for step in made.body:
            assert {e.name for e in walk(step.value) if isinstance(e, Local)} <= known
            assert step.name not in known
            known.add(step.name)


@pytest.fixture
def ufo(tmp_path: Path) -> Path:
    """QCD with two quarks, one of them massless by restriction."""
    return ufo_qcd.write(tmp_path)


@pytest.mark.parametrize("text", ["g g > t t~ g", "u u~ > t t~", "g g > g g g", "g u > g u g"])
def test_ufo_model(text: str, ufo: Path) -> None:
    """The same numbers as the built-in model, from structures and vertices given as text."""
    (made,) = generator.generate(f"import model {ufo}; {text}")
    values = generator.parameters(model=made.model)
    p = points(one(text).process)
    found = reference.total(made.process, reference.evaluate(made.process, p, values))
    np.testing.assert_allclose(found, total(one(text).process, p), rtol=1e-12)
    for item in made.process.routines.values():
        identify(item)


def test_ufo_restriction_and_names(ufo: Path) -> None:
    model = generator.read_ufo(ufo)
    assert {p.name: p.mass for p in model.particles} == {"g": None, "u": None, "t": "MT"}
    assert "GC_4" not in model.coupling
    assert set(model.multiparticles["p"]) == {"g", "u", "u~"}
    assert generator.running_couplings(model) == {"GC_1", "GC_2", "GC_3"}


def test_ufo_models_that_cannot_be_done(ufo: Path, tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="no such restriction"):
        generator.read_ufo(ufo, "other")
    (ufo / "restrict_default.dat").unlink()
    with pytest.raises(GeneratorError, match=r"V_2.*FFV9.*Strange"):
        generator.read_ufo(ufo)
    (ufo / "lorentz.py").write_text("")
    with pytest.raises(GeneratorError, match=r"lorentz\.py"):
        generator.read_ufo(ufo)
    with pytest.raises(GeneratorError, match=r"parameters\.py"):
        generator.read_ufo(tmp_path / "none")
