"""Matrix files that `bridge.writer` writes.

Oracles: our own reader gives the Process back; compiled, they give the values of `bridge.reference`.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import ufo_qcd
from written import DIALECTS, REQUESTS, one, read_back, text_of_all

from bridge import generator
from bridge.madevent import ReadError
from bridge.process import Leg, Process
from bridge.program import build
from bridge.validate.compare import TOLERANCES, compare
from bridge.validate.evaluators import read_parameters, run_fortran
from bridge.validate.generated import make_events, run_numpy
from bridge.validate.oracle.written import MissingTool, WrittenFortran
from bridge.writer import matrix
from bridge.writer.matrix import Dialect, matrix_source

needs_gfortran = pytest.mark.skipif(shutil.which("gfortran") is None, reason="needs gfortran")

_WIDTHS = 1e-6


def as_read(process: Process) -> Process:
    """Without what a file does not hold: orders in the name, masses of scalars, the order of JAMP's terms."""
    waves = tuple(replace(wave, mass=None) if getattr(wave, "kind", "") == "S" else wave for wave in process.waves)
    masses = [waves[k].mass for k in range(len(process.legs))]
    legs = tuple(Leg(leg.pdg_id, leg.incoming, mass) for leg, mass in zip(process.legs, masses, strict=True))
    jamp = tuple(sorted(process.jamp, key=lambda term: (term.flow, term.split_order, term.amplitude)))
    return replace(process, name="", legs=legs, waves=waves, jamp=jamp, digest="")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", REQUESTS)
def test_the_reader_gives_the_process_back(text: str, dialect: Dialect) -> None:
    made = as_read(one(text).process)
    found = as_read(read_back(one(text).process, dialect))
    np.testing.assert_array_equal(found.color_matrix, made.color_matrix)
    assert (found.waves, found.amplitudes, found.legs) == (made.waves, made.amplitudes, made.legs)
    assert found.fake_widths == made.fake_widths
    assert build(found) == build(made)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_numbers_beyond_nine_and_long_sums(dialect: Dialect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "_MOST_TERMS", 2)
    made = as_read(one("g g > t t~ g").process)
    source = matrix_source(made, 12, dialect)
    assert "TMP_JAMP(" in source
    assert "SMATRIX12(" in source
    assert build(as_read(read_back(made, dialect, number=12))) == build(made)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("legs", [(0,), (1,), (0, 1)])
def test_polarised_beams(legs: tuple[int, ...], dialect: Dialect) -> None:
    process = replace(one("e+ e- > mu+ mu-").process, polarised_legs=legs)
    assert read_back(process, dialect).polarised_legs == legs


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_edited_file_is_refused(dialect: Dialect, monkeypatch: pytest.MonkeyPatch) -> None:
    import written

    def edited(process: Process, number: int, dialect: Dialect) -> str:
        return matrix_source(process, number, dialect).replace("ANS = ANS/IDEN", "ANS = 2*ANS/IDEN")

    monkeypatch.setattr(written, "matrix_source", edited)
    with pytest.raises(ReadError, match="2\\*ANS"):
        read_back(one("g g > t t~").process, dialect)


def test_a_color_matrix_that_integers_cannot_hold() -> None:
    process = one("g g > t t~").process
    process = replace(process, color_matrix=process.color_matrix * np.pi)
    with pytest.raises(ValueError, match="colour matrix"):
        matrix_source(process, 1, "vector")


@needs_gfortran
@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", ["g g > t t~ g", "u u~ > u u~ QED^2==2", "b b~ > z h"])
def test_compiles_without_warnings(text: str, dialect: Dialect, tmp_path: Path) -> None:
    folder = tmp_path / "Source" / "MODEL"
    folder.mkdir(parents=True)
    for name, source in text_of_all(one(text), dialect).items():
        (folder / name).write_text(source)
    (folder.parent / "vector.inc").write_text("      INTEGER VECSIZE_MEMMAX\n      PARAMETER (VECSIZE_MEMMAX=2)\n")
    # the interfaces are MadEvent's: not every argument is used
    flags = ["-Wall", "-Werror", "-Wno-unused-dummy-argument", "-O1", "-c", "-I."]
    files = sorted(path.name for path in folder.glob("*.f"))
    done = subprocess.run(["gfortran", *flags, *files], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    lines = [line for name in files for line in (folder / name).read_text().splitlines() if line[0:1] != "C"]
    assert max(map(len, lines)) <= 72


@pytest.mark.parametrize(
    ("text", "dialect"),
    [*((text, "scalar") for text in REQUESTS), ("g g > t t~ g", "vector"), ("u u~ > u u~ QED^2==2", "vector")],
)
def test_values(text: str, dialect: Dialect) -> None:
    assert_values(one(text), dialect)


def test_values_of_a_ufo_model(tmp_path: Path) -> None:
    (made,) = generator.generate(f"import model {ufo_qcd.write(tmp_path)}; g g > t t~ g")
    assert_values(made, "scalar")


def assert_values(made: generator.Generated, dialect: Dialect) -> None:
    """Matrix elements, helicities, JAMP2, AMP2 and parameters of the compiled text."""
    try:
        fortran = WrittenFortran(made, _WIDTHS, dialect)
    except MissingTool as error:
        pytest.skip(str(error))
    process, events = made.process, make_events(made, 30, 1)
    parameters = read_parameters(process, fortran, events, _WIDTHS)
    expected = generator.parameters(model=made.model, alpha_s=float(events.alpha_s[3]))
    for name, value in parameters.reals.items():
        assert value == pytest.approx(expected[name], rel=1e-14), name
    for name, values in parameters.couplings.items():
        assert values[3] == pytest.approx(expected[name], rel=1e-14), name
    deviation = compare(run_fortran(process, fortran, events), run_numpy(process, parameters, events))
    assert not deviation.failures(replace(TOLERANCES["double"], largest=1e-12)), deviation
