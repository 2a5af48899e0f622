"""Source/MODEL and cards that `bridge.writer` writes.

Oracles: `bridge.generator.parameters` and `expressions.evaluate`, both Python; and our own reader.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import ufo_qcd
from written import DIALECTS, one

from bridge import generator, slha
from bridge.generator import expressions
from bridge.generator.model import CardParameter, Formula
from bridge.madevent.includes import read_model
from bridge.validate.oracle.param_card import fortran_assignments
from bridge.validate.oracle.written import MissingTool, WrittenFortran
from bridge.writer.formulas import fortran_formula
from bridge.writer.fortran import number, parameter_name, statement
from bridge.writer.matrix import Dialect
from bridge.writer.model import model_sources

_FORMULAS = (
    "a - (b - 3) + 2/7",
    "-a**2*b/(a/b/2)",
    "a**-3 + (a*b)**2.",
    "2**0.5 + (-8)**(1/3)",
    "sqrt(-a) + cmath.sqrt(b - 10)",
    "complex(1,2)*a - 3j*b + complex(a,-1)",
    "conjugate(1j*a) + re(2j + a) - im(1j*b)",
    "exp(-a) + log(-b) + sin(a) + cos(b) + tan(a) + asin(2*a) + acos(0.3) + atan(b)",
    "4*cmath.pi*a + pi",
    "1e-5*a + 12345678.9e3",
    "-(a + b)*-a",
)


def written(folder: Path, dialect: Dialect, *made: generator.Generated) -> Path:
    for name, text in model_sources(made, dialect).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_reader_understands_it(dialect: Dialect, tmp_path: Path) -> None:
    made = (one("g g > t t~ h"), one("u u~ > e+ e- g"))
    model = read_model(written(tmp_path, dialect, *made) / "Source" / "MODEL")
    assert set(model.running) == {"GC_10", "GC_11"}
    assert set(model.vector_couplings) == (set(model.running) if dialect == "vector" else set())
    used = {c.name for g in made for call in g.process.amplitudes for c in call.couplings}
    assert used <= set(model.couplings)
    assert set(model.masses) == {"MDL_MB", "MDL_MH", "MDL_MT", "MDL_MTA", "MDL_MW", "MDL_MZ"}
    assert set(model.widths) == {"MDL_WH", "MDL_WT", "MDL_WW", "MDL_WZ"}


def test_cards(tmp_path: Path) -> None:
    """What the card says is what the model has, and what MadEvent compiles in."""
    made = one("g g > t t~ h")
    cards = written(tmp_path, "scalar", made) / "Cards"
    assert generator.parameters(cards / "param_card.dat") == generator.parameters()
    assert (cards / "param_card.dat").read_text() == (cards / "param_card_default.dat").read_text()
    lines = fortran_assignments(cards).splitlines()
    assert "      MDL_MT = 1.730000d+02" in lines
    assert "      AS = 1.180000d-01" in lines
    assert len(lines) == len(made.model.card_parameters)


def test_a_card_keeps_all_digits(tmp_path: Path) -> None:
    made = one("g g > t t~")
    parameters = tuple(replace(c, default=c.default * (1 + 1e-11)) for c in made.model.card_parameters)
    precise = replace(made, model=replace(made.model, card_parameters=parameters))
    card = slha.read(written(tmp_path, "scalar", precise) / "Cards" / "param_card.dat")
    assert {(c.block, c.code): c.default for c in parameters} == card.values


def test_another_card() -> None:
    """Everything that follows from the card follows in the Fortran."""
    text = "Block sminputs\n 1 128.0\n 3 0.13\nBlock mass\n 6 150.0\n 23 92.0\n 25 110.0\n"
    text += "Block yukawa\n 6 140\nDECAY 6 1e-9\n"
    made = one("u u~ > w+ w- h")
    try:
        fortran = WrittenFortran(made, 1e-6, card=slha.read(text))
    except MissingTool as error:
        pytest.skip(str(error))
    expected = generator.parameters(text)
    for name, value in fortran.masses_and_widths().items():
        assert value == pytest.approx(expected[name], rel=1e-14), name
    couplings = fortran.couplings(np.array([0.13]))
    assert couplings
    for name, values in couplings.items():
        assert values[0] == pytest.approx(expected[name], rel=1e-14), name


@pytest.mark.skipif(shutil.which("gfortran") is None, reason="needs gfortran")
def test_formulas(tmp_path: Path) -> None:
    values = {"a": 0.3, "b": 1.7}
    lines = [
        statement("SUBROUTINE FORMULAS(X)"),
        statement("DOUBLE COMPLEX X(*)"),
        statement("DOUBLE PRECISION PI, MDL_A, MDL_B"),
        statement("PARAMETER (PI=3.141592653589793D0)"),
        *(statement(f"{parameter_name(name)} = {number(value)}") for name, value in values.items()),
        *(statement(f"X({k}) = {fortran_formula(text)}") for k, text in enumerate(_FORMULAS, 1)),
        statement("END"),
    ]
    (tmp_path / "formulas.f").write_text("".join(lines))
    command = ["gfortran", "-Wall", "-Werror", "-shared", "-fPIC", "-o", "lib.so", "formulas.f"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = np.zeros(len(_FORMULAS), dtype=np.complex128)
    ctypes.CDLL(str(tmp_path / "lib.so")).formulas_(ctypes.c_void_p(found.ctypes.data))
    expected = [expressions.evaluate(text, dict(values)) for text in _FORMULAS]
    np.testing.assert_allclose(found, expected, rtol=1e-14)


@pytest.mark.parametrize("text", ["__import__('os')", "a[0]", "a < b", "'a'"])
def test_what_is_no_formula(text: str) -> None:
    with pytest.raises(ValueError, match="formula"):
        fortran_formula(text)


def test_names_that_fortran_cannot_tell_apart() -> None:
    made = one("g g > t t~")
    twins = tuple(CardParameter(name, "twins", (k,), 1.0) for k, name in enumerate(("mass1", "MASS1")))
    model = replace(made.model, card_parameters=(*made.model.card_parameters, *twins))
    with pytest.raises(ValueError, match="mass1"):
        model_sources([replace(made, model=model)], "scalar")


def test_processes_of_two_models(tmp_path: Path) -> None:
    (other,) = generator.generate(f"import model {ufo_qcd.write(tmp_path)}; g g > t t~")
    with pytest.raises(ValueError, match="one model"):
        model_sources([one("g g > t t~"), other], "scalar")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_parameters_that_run(dialect: Dialect, tmp_path: Path) -> None:
    """Formulas that depend on alpha_s are computed again with it, all others once."""
    made = one("g g > t t~")
    model = replace(
        made.model,
        formulas=(*made.model.formulas, Formula("half", "G/2"), Formula("quarter", "half/2 + ee*0")),
        couplings=tuple(
            replace(c, formula=Formula("GC_11", "4j*quarter")) if c.name == "GC_11" else c for c in made.model.couplings
        ),
    )
    folder = written(tmp_path, dialect, replace(made, model=model)) / "Source" / "MODEL"
    assert "GC_11" in read_model(folder).running
    at_start, always = (folder / "intparam_definition.inc").read_text().split("ENDIF")
    assert "MDL_EE =" in at_start
    assert "MDL_HALF = G/2D0" in always
    assert always.index("MDL_HALF =") < always.index("MDL_QUARTER =")
