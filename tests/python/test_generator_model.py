"""Models of `bridge.generator`: Lorentz structures, parameters, cards, UFO folders.

Oracles: the engine's structures, gamma matrices, and for UFO models the built-in Standard Model.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import structures_by_hand
from numpy.typing import NDArray

from bridge import generator, reference
from bridge.generator import Generated, GeneratorError, expressions, routines, slha
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


@pytest.mark.parametrize("text", ["Block mass\n 6 abc\n", "DECAY x 1.0\n", "Block\n 6 1\n"])
def test_bad_cards(text: str) -> None:
    with pytest.raises(GeneratorError, match="line"):
        slha.read(text)


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


_UFO = {
    "particles.py": """
raise SystemExit("this is data, not a program")
import parameters as Param
g = Particle(pdg_code=21, name='g', antiname='g', spin=3, color=8, mass=Param.ZERO, width=Param.ZERO, charge=0)
u = Particle(pdg_code=2, name='u', antiname='u~', spin=2, color=3, mass=Param.MU, width=Param.ZERO, charge=2/3)
t = Particle(pdg_code=6, name='t', antiname='t~', spin=2, color=3, mass=Param.MT, width=Param.WT, charge=2/3)
G0 = Particle(pdg_code=250, name='G0', antiname='G0', spin=1, color=1, mass=Param.MT, width=Param.ZERO, charge=0,
              goldstone=True)
u__tilde__ = u.anti()
t__tilde__ = t.anti()
""",
    "parameters.py": """
ZERO = Parameter(name='ZERO', nature='internal', type='real', value='0.0')
aS = Parameter(name='aS', nature='external', value=0.118, lhablock='SMINPUTS', lhacode=[3])
MU = Parameter(name='MU', nature='external', value=0.002, lhablock='MASS', lhacode=[2])
MT = Parameter(name='MT', nature='external', value=173.0, lhablock='MASS', lhacode=[6])
WT = Parameter(name='WT', nature='external', value=1.4915, lhablock='DECAY', lhacode=[6])
G = Parameter(name='G', nature='internal', value='2*cmath.sqrt(aS)*cmath.sqrt(cmath.pi)')
""",
    "couplings.py": """
GC_1 = Coupling(name='GC_1', value='-G', order={'QCD':1})
GC_2 = Coupling(name='GC_2', value='complex(0,1)*G', order={'QCD':1})
GC_3 = Coupling(name='GC_3', value='complex(0,1)*G**2', order={'QCD':2})
GC_4 = Coupling(name='GC_4', value='MU*G', order={'QCD':1})
""",
    "lorentz.py": """
FFV1 = Lorentz(name='FFV1', spins=[2, 2, 3], structure='Gamma(3,2,1)')
VVV1 = Lorentz(name='VVV1', spins=[3, 3, 3], structure='P(3,1)*Metric(1,2) - P(3,2)*Metric(1,2) - P(2,1)*Metric(1,3)'
    ' + P(2,3)*Metric(1,3) + P(1,2)*Metric(2,3) - P(1,3)*Metric(2,3)')
VVVV1 = Lorentz(name='VVVV1', spins=[3, 3, 3, 3], structure='Metric(1,4)*Metric(2,3) - Metric(1,3)*Metric(2,4)')
VVVV3 = Lorentz(name='VVVV3', spins=[3, 3, 3, 3], structure='Metric(1,4)*Metric(2,3) - Metric(1,2)*Metric(3,4)')
VVVV4 = Lorentz(name='VVVV4', spins=[3, 3, 3, 3], structure='Metric(1,3)*Metric(2,4) - Metric(1,2)*Metric(3,4)')
FFV9 = Lorentz(name='FFV9', spins=[2, 2, 3], structure='Strange(3,2,1)')
""",
    "vertices.py": """
V_1 = Vertex(name='V_1', particles=[P.u__tilde__, P.u, P.g], color=['T(3,2,1)'], lorentz=[L.FFV1],
             couplings={(0,0):C.GC_2})
V_2 = Vertex(name='V_2', particles=[P.t__tilde__, P.t, P.g], color=['T(3,2,1)'], lorentz=[L.FFV1, L.FFV9],
             couplings={(0,0):[C.GC_2], (0,1):C.GC_4})
V_3 = Vertex(name='V_3', particles=[P.g, P.g, P.g], color=['f(1,2,3)'], lorentz=[L.VVV1], couplings={(0,0):C.GC_1})
V_4 = Vertex(name='V_4', particles=[P.g, P.g, P.g, P.g],
             color=['f(-1,1,2)*f(3,4,-1)', 'f(-1,1,3)*f(2,4,-1)', 'f(-1,1,4)*f(2,3,-1)'],
             lorentz=[L.VVVV1, L.VVVV3, L.VVVV4], couplings={(1,1):C.GC_3, (0,0):C.GC_3, (2,2):C.GC_3})
""",
    "coupling_orders.py": "QCD = CouplingOrder(name='QCD', expansion_order=99, hierarchy=1)\n",
    "restrict_default.dat": "Block MASS\n 2 0.0\n 6 173.0\nBlock SMINPUTS\n 3 0.118\nDECAY 6 1.4915\n",
}


@pytest.fixture
def ufo(tmp_path: Path) -> Path:
    """QCD with two quarks, one of them massless by restriction."""
    for name, text in _UFO.items():
        (tmp_path / name).write_text(text)
    return tmp_path


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
