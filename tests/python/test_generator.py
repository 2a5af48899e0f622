"""`bridge.generator`: processes from diagrams.

Oracles: matrix elements of MG5_aMC 3.5.7 standalone Fortran (tests/data/reference, made from
`../shared/reference`), textbook formulas, gauge and Lorentz invariance, Gell-Mann matrices,
gamma matrices, published numbers of diagrams.
"""

from __future__ import annotations

import dataclasses
import json
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge import generator, reference
from bridge.generator import Generated, GeneratorError
from bridge.process import Current, External, Process
from bridge.validate import command, rambo

REFERENCE = sorted((Path(__file__).parent.parent / "data" / "reference").glob("*.json"))
Complex = NDArray[np.complex128]


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


# --- numbers


@pytest.mark.parametrize("path", REFERENCE, ids=lambda path: path.stem)
def test_reference_by_numpy(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each point and each helicity to 1e-10."""
    assert command.main(["--reference", str(path), "--backend", "reference"]) == 0


def test_there_are_twelve_references() -> None:
    assert len(REFERENCE) == 12


@pytest.mark.parametrize("name", ["gg_ttxg", "udx_epve", "uux_zz", "gg_gg", "gu_ttxu"])
def test_reference_by_engine(name: str, mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    path = next(path for path in REFERENCE if path.stem == name)
    assert command.main(["--reference", str(path), "--backend", mode]) == 0


@pytest.mark.parametrize(
    "text", ["e+ e- > z h h", "e+ e- > w+ w- z", "u u > u u QED^2==2 QCD^2==2", "g g > g g g", "t t~ > h h"]
)
def test_engine_agrees_with_numpy(text: str, mode: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Structures and split orders that the reference files do not have."""
    assert command.main([text, "--backend", mode, "--events", "20"]) == 0


def mandelstam(p: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    def square(q: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(q[:, 0] ** 2 - (q[:, 1:] ** 2).sum(axis=1))

    return [square(p[:, 0] + p[:, 1]), square(p[:, 0] - p[:, 2]), square(p[:, 0] - p[:, 3])]


def quarks_and_gluons(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sum of |M|^2 / g^4 of two quarks (invariant mass squared a) and two gluons:
    B.L. Combridge, J. Kripfganz, J. Ranft, Phys. Lett. B 70 (1977) 234."""
    return np.asarray(36 * (32 / 27 * (b**2 + c**2) / (b * c) - 8 / 3 * (b**2 + c**2) / a**2))


@pytest.mark.parametrize(
    ("text", "order", "sign"),
    [
        ("u u~ > g g", (0, 1, 2), 1),
        ("g g > u u~", (0, 1, 2), 1),
        ("u g > u g", (1, 0, 2), -1),
        ("g u~ > g u~", (1, 0, 2), -1),
    ],
)
def test_crossings_are_one_function(text: str, order: tuple[int, int, int], sign: int) -> None:
    process = one(text).process
    p = points(process)
    invariants = mandelstam(p)
    alpha_s = 0.118
    expected = sign * (4 * np.pi * alpha_s) ** 2 * quarks_and_gluons(*(invariants[k] for k in order))
    found = total(process, p) * process.averaging_factor
    np.testing.assert_allclose(found, expected, rtol=1e-12)


# --- symmetries


def without_widths() -> dict[str, float | complex]:
    """Widths break gauge invariance, a little."""
    return {**generator.parameters(), **dict.fromkeys(("MDL_WT", "MDL_WW", "MDL_WZ", "MDL_WH"), 0.0)}


def with_gauge_vector(process: Process, leg: int, p: NDArray[np.float64], values: reference.Parameters) -> Complex:
    """JAMPs with the momentum of a leg in the place of its polarisation, (n_term,)."""
    waves: list[Complex] = []
    # the combination that contributes most: others may vanish by themselves
    terms = reference.evaluate(process, p, values).matrix_element
    helicity = process.helicities[terms.sum(axis=0).argmax()].tolist()
    for wave in process.waves:
        if isinstance(wave, External):
            mass = complex(values[wave.mass]).real if wave.mass else 0.0
            made = reference.external_wave(wave.kind, p[:, wave.leg], mass, helicity[wave.leg], wave.sign)
            if wave.leg == leg:
                made[2:] = p[:, leg].T / p[:, leg, :1].T
            waves.append(made)
        else:
            waves.append(vertex(process, wave, waves, values))
    return np.array([vertex(process, amplitude, waves, values) for amplitude in process.amplitudes])


def vertex(process: Process, call, waves: list[Complex], values: reference.Parameters) -> Complex:  # type: ignore[no-untyped-def]
    mass = width = 0.0
    if isinstance(call, Current):
        mass = complex(values[call.mass]).real if call.mass else 0.0
        width = complex(values[call.width]).real if call.width else 0.0
    couplings = [c.sign * values[c.name] for c in call.couplings]
    return process.routines[call.routine].evaluate([waves[k] for k in call.inputs], couplings, mass, width)


@pytest.mark.parametrize(
    ("text", "boson"),
    [
        ("g g > g g g", 21),
        ("g g > t t~ g", 21),
        ("u u~ > t t~ g", 21),
        ("u d~ > w+ a g", 22),
        ("u d~ > w+ a g", 21),
        ("w+ w- > z a", 22),
        ("w+ w- > a a h", 22),
        ("e+ e- > w+ w- a", 22),
        ("u d~ > e+ ve a", 22),
        ("b b~ > h a", 22),
    ],
)
def test_gauge_invariance(text: str, boson: int) -> None:
    """Each JAMP vanishes, for each gluon or photon, if nothing has a width."""
    process = one(text).process
    values = without_widths()
    p = points(process)
    for leg, item in enumerate(process.legs):
        if item.pdg_id != boson:
            continue
        amplitudes = with_gauge_vector(process, leg, p, values)
        jamps = np.zeros((process.n_flow, len(p)), complex)
        for term in process.jamp:
            jamps[term.flow] += term.coefficient * amplitudes[term.amplitude]
        assert np.abs(jamps).max() < 1e-11 * np.abs(amplitudes).max()


@pytest.mark.parametrize("text", ["g g > t t~ g", "u d~ > e+ ve g", "e+ e- > w+ w- z"])
def test_lorentz_invariance(text: str) -> None:
    process = one(text).process
    p = points(process)
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    turn *= np.linalg.det(turn)
    moved = p.copy()
    moved[..., 1:] = p[..., 1:] @ turn.T
    gamma, beta = 1.25, 0.6
    energy, along = moved[..., 0].copy(), moved[..., 3].copy()
    moved[..., 0], moved[..., 3] = gamma * (energy + beta * along), gamma * (along + beta * energy)
    found, expected = (reference.total(process, reference.evaluate(process, q, without_widths())) for q in (moved, p))
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize(
    ("text", "swap"),
    [("g g > t t~ g g", (4, 5)), ("u u > u u g", (2, 3)), ("g g > g g g", (2, 4)), ("u u~ > z z", (2, 3))],
)
def test_identical_particles(text: str, swap: tuple[int, int]) -> None:
    process = one(text).process
    p = points(process)
    swapped = p.copy()
    swapped[:, swap] = p[:, swap[::-1]]
    np.testing.assert_allclose(total(process, swapped), total(process, p), rtol=1e-11)


def test_fermion_sign_of_identical_quarks() -> None:
    """u u > u u vanishes at no point that u d > u d does not: the interference of t and u is negative."""
    same, other = one("u u > u u QED=0").process, one("u d > u d QED=0").process
    p = points(same)
    s, t, u = mandelstam(p)
    ratio = total(same, p) * 2 / total(other, p)
    expected = (4 / 9 * ((s**2 + u**2) / t**2 + (s**2 + t**2) / u**2) - 8 / 27 * s**2 / (t * u)) / (
        4 / 9 * (s**2 + u**2) / t**2
    )
    np.testing.assert_allclose(ratio, expected, rtol=1e-12)


# --- diagrams


@pytest.mark.parametrize(
    ("text", "n_diagram", "n_flow"),
    [
        ("g g > t t~", 3, 2),
        ("g g > t t~ g", 16, 6),
        ("g g > t t~ g g", 123, 24),
        ("g g > g g", 4, 6),
        ("g g > g g g", 25, 24),
        ("u u > u u g", 10, 4),
        ("g g > t t~ b b~", 36, 12),
        ("e+ e- > w+ w-", 3, 1),
        ("u u~ > e+ e- g g", 16, 2),
    ],
)
def test_number_of_diagrams_and_flows(text: str, n_diagram: int, n_flow: int) -> None:
    made = one(text)
    assert (len(made.diagrams), made.process.n_flow) == (n_diagram, n_flow)


def test_a_large_process_is_quick() -> None:
    start = time.perf_counter()
    made = one("g g > t t~ g g g")
    assert time.perf_counter() - start < 60
    assert (len(made.diagrams), made.process.n_flow) == (1240, 120)


def test_configs_have_no_large_vertex() -> None:
    made = one("g g > t t~ g g")
    assert len(made.process.config_diagrams) == 105
    assert all(made.diagrams[d - 1].largest_vertex() == 3 for d in made.process.config_diagrams)
    assert set(made.process.amp2) == set(made.process.config_diagrams)


def test_config_flows_are_leading() -> None:
    """q q~ > Q Q~: of the two flows, only the one without 1/N."""
    process = one("u u~ > t t~").process
    assert process.config_flows.tolist() in ([[True, False]], [[False, True]])
    (allowed,) = np.flatnonzero(process.config_flows[0])
    sizes = {term.flow: abs(term.coefficient) for term in process.jamp}
    assert sizes[int(allowed)] == pytest.approx(0.5)


def test_widths_between_the_beams() -> None:
    for wanted in (False, True):
        (made,) = generator.generate("g g > t t~", options=generator.Options(t_channel_widths=wanted))
        tops = [w for w in made.process.waves if isinstance(w, Current) and w.mass == "MDL_MT"]
        assert tops
        assert all((w.width == "MDL_WT") == wanted for w in tops)
        assert made.process.fake_widths == ({"MDL_WT": "MDL_MT"} if wanted else {})


# --- requests


def names(text: str) -> list[str]:
    return [made.process.name for made in generator.generate(text)]


def test_multiparticles() -> None:
    made = generator.generate("p p > t t~")
    assert [(m.process.name, len(m.flavours)) for m in made] == [
        ("g g > t t~ WEIGHTED<=2 @1", 1),
        ("u u~ > t t~ WEIGHTED<=2 @1", 4),
        ("u~ u > t t~ WEIGHTED<=2 @1", 4),
    ]
    assert made[1].flavours == ((2, -2, 6, -6), (4, -4, 6, -6), (1, -1, 6, -6), (3, -3, 6, -6))


def test_final_states_in_another_order_are_the_same() -> None:
    flavours = [f for made in generator.generate("u u~ > j j") for f in made.flavours]
    assert len(flavours) == len({(*f[:2], *sorted(f[2:])) for f in flavours})


def test_several_requests() -> None:
    made = generator.generate("define q = u d\ngenerate q g > q g @2\nadd process e+ e- > mu+ mu- / z @3")
    assert [m.number for m in made] == [2, 3]
    assert made[0].flavours == ((2, 21, 2, 21), (1, 21, 1, 21))
    assert made[1].process.name == "e+ e- > mu+ mu- WEIGHTED<=4 / z @3"


@pytest.mark.parametrize(
    ("text", "n_diagram"),
    [
        ("u u~ > u u~", 2),
        ("u u~ > u u~ QCD=0", 4),
        ("u u~ > u u~ QCD<=2 QED<=2", 6),
        ("u u~ > u u~ QED==2", 4),
        ("u u~ > u u~ QED>0 QCD<=99", 4),
        ("u u~ > u u~ WEIGHTED<=2", 2),
        ("u u~ > u u~ QED^2==2", 6),
        ("e+ e- > mu+ mu-", 2),
        ("e+ e- > z > mu+ mu-", 1),
        ("e+ e- > z | a > mu+ mu-", 2),
        ("e+ e- > mu+ mu- / a", 1),
        ("e+ e- > mu+ mu- $$ z", 1),
        ("e+ e- > e+ e- $$ z", 3),
        ("u d~ > w+ > e+ ve", 1),
        ("t > b e+ ve", 1),
    ],
)
def test_orders_and_restrictions(text: str, n_diagram: int) -> None:
    assert len(one(text).diagrams) == n_diagram


def test_interference_has_two_split_orders() -> None:
    process = one("u u~ > u u~ QED^2==2").process
    assert process.n_split_order == 2
    assert process.chosen_orders.tolist() == [[False, True], [True, False]]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("g g > t x~", "x~"),
        ("g g > t t", "not conserved"),
        ("u u > d d", "not conserved"),
        ("g g > e+ e-", "no diagrams"),
        ("u d~ > mu+ ve", "no diagrams"),
        ("e+ e- > t t~ QED=0", "no diagrams"),
        ("g g > t t~ QQQ=0", "QQQ"),
        ("g g > t t~ QED=-1", "QED=-1"),
        ("g g > t t~, t > w+ b", "decay chains"),
        ("g g > t t~ [QCD]", "loop"),
        ("u u~ > w+{0} w-", "polarised"),
        ("p p > e+ e- $ z", r"'\$'"),
        ("g g t t~", "expected"),
        ("g g >", "expected"),
        ("g > g", "at least three"),
        ("g g g > t t~", "one or two"),
        ("", "no process"),
        ("e+ e- > h > mu+ mu-", "no diagrams"),
    ],
)
def test_errors_name_what_is_wrong(text: str, named: str) -> None:
    with pytest.raises(GeneratorError, match=named):
        generator.generate(text)


def test_propagators_of_channels() -> None:
    made = one("u d~ > w+ > e+ ve g")
    found = [generator.propagators(made, d) for d in made.process.config_diagrams]
    for channel in found:
        decay = next(item for item in channel if item.legs == (2, 3))
        assert (decay.pdg_id, decay.mass, decay.width, decay.is_t_channel) == (24, "MDL_MW", "MDL_WW", False)
        quark = next(item for item in channel if item.legs != (2, 3))
        assert quark.is_t_channel
        assert abs(quark.pdg_id) in (1, 2)
    assert len(found) == 2


def test_t_channel_of_top_pairs() -> None:
    made = one("g g > t t~")
    channels = {generator.propagators(made, d) for d in made.process.config_diagrams}
    assert channels == {
        (generator.Propagator((2, 3), 21, None, None, False),),
        (generator.Propagator((1, 2), 6, "MDL_MT", "MDL_WT", True),),
        (generator.Propagator((1, 3), -6, "MDL_MT", "MDL_WT", True),),
    }


# --- the command


def test_reference_command_reports(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = next(path for path in REFERENCE if path.stem == "gg_ttx")
    out = tmp_path / "out.json"
    assert command.main(["--reference", str(path), "--backend", "reference", "--json", str(out)]) == 0
    content = json.loads(out.read_text())
    assert content["agrees"]
    assert content["results"][0]["largest"] < 1e-12
    assert "1 of 1 comparisons agree" in capsys.readouterr().out


@pytest.mark.parametrize(("key", "factor"), [("matrix_element", 1 + 1e-9), ("matrix_element_by_helicity", 1 + 1e-8)])
def test_reference_command_sees_a_deviation(
    key: str, factor: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    content = json.loads(next(path for path in REFERENCE if path.stem == "gg_ttx").read_text())
    entry = content["results"][0]
    entry[key] = (np.array(entry[key]) * factor).tolist()
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(content))
    assert command.main(["--reference", str(path), "--backend", "reference"]) == 1
    assert "FAILS" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "{}", '{"request": "g g > t t~", "parameter_card": "", "results": [{}]}'])
def test_reference_command_refuses_other_files(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    assert command.main(["--reference", str(path), "--backend", "reference"]) == 2
    assert "bad.json" in capsys.readouterr().err
    assert command.main(["--reference", str(tmp_path / "none.json"), "--backend", "reference"]) == 2


def test_process_command_refuses(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["g g > t x", "--backend", "reference"]) == 2
    assert "unknown particle 'x'" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        command.main([])


def test_generated_is_immutable() -> None:
    made = one("u u~ > t t~")
    with pytest.raises(dataclasses.FrozenInstanceError):
        made.number = 2  # type: ignore[misc]
