"""bridge.generate. Oracles: analytic cross-sections, flat RAMBO, phase-space volumes, pylhe."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from analytic import muon_pairs, top_pairs

import bridge
from bridge import generator, lhe
from bridge.events import Cuts, GeneratedSample, phase_space
from bridge.events.channels import mappings
from bridge.events.cuts import legs_to_cut, passes
from bridge.events.integrand import GEV2_PB, leg_masses
from bridge.events.unweight import maximum
from bridge.program import load
from bridge.validate import rambo

N_SIGMA = 3.0


def make(process: str, sqrt_s: float, n_event: int = 500, seed: int = 1, **options: Any) -> GeneratedSample:
    return bridge.generate(process, sqrt_s=sqrt_s, n_event=n_event, seed=seed, **{"n_survey": 20_000, **options})


def assert_agrees(sample: GeneratedSample, expected: float, largest_error: float = 0.003) -> None:
    assert 0.0 < sample.error <= largest_error * sample.cross_section
    assert abs(sample.cross_section - expected) <= N_SIGMA * sample.error


# --- cross-sections


@pytest.mark.parametrize("sqrt_s", [60.0, 91.188, 500.0])
def test_muon_pairs(sqrt_s: float) -> None:
    assert_agrees(make("e+ e- > mu+ mu-", sqrt_s), muon_pairs(sqrt_s, generator.parameters()))


def test_top_pairs(mode: str) -> None:
    values = {**generator.parameters(alpha_s=0.1), "MDL_WT": 0.0, "FK_MDL_WT": 0.0}
    sample = make("g g > t t~", 1000.0, parameters=values, backend=mode)
    assert_agrees(sample, top_pairs(1000.0, 173.0, 0.1))
    assert (sample.alpha_s == 0.1).all()


def test_three_particles_against_rambo() -> None:
    """Massless RAMBO has the same weight everywhere: Comput. Phys. Commun. 40 (1986) 359."""
    cuts, sqrt_s, n_point = Cuts(pt=40.0, abs_eta=2.0, delta_r=0.7, mass=50.0), 500.0, 200_000
    (made,) = generator.generate("e+ e- > u u~ g")
    engine = bridge.Engine(load(made.process))
    engine.set_parameters(generator.parameters())
    energy = np.full(n_point, sqrt_s)
    final = rambo.final_state(np.random.default_rng(5), [0.0] * 3, energy)
    points = np.concatenate((rambo.initial_state([0.0] * 2, energy), final), axis=1)
    values = engine.evaluate(np.ascontiguousarray(points)).matrix_element
    assert values is not None
    weights = np.where(passes(cuts, points, (2, 3, 4)), values, 0.0) * volume(3, sqrt_s) * GEV2_PB / (2 * sqrt_s**2)
    sample = make("e+ e- > u u~ g", sqrt_s, cuts=cuts, n_survey=100_000)
    error = math.hypot(sample.error, weights.std() / math.sqrt(n_point))
    assert error < 0.01 * sample.cross_section
    assert abs(sample.cross_section - weights.mean()) < N_SIGMA * error
    assert passes(cuts, sample.momenta, (2, 3, 4)).all()


def test_sum_over_flavours() -> None:
    together = make("define q = u d s; define q~ = u~ d~ s~; q q~ > z a QED=2", 500.0, cuts=Cuts(pt=20.0, abs_eta=3))
    cuts = Cuts(pt=20.0, abs_eta=3)
    alone = {f: make(f"{f} {f}~ > z a QED=2", 500.0, seed=2, cuts=cuts) for f in ("u", "d")}
    expected = alone["u"].cross_section + 2 * alone["d"].cross_section
    error = math.hypot(together.error, alone["u"].error, 2 * alone["d"].error)
    assert abs(together.cross_section - expected) < N_SIGMA * error
    assert together.cross_section == pytest.approx(sum(x.cross_section for x in together.subprocesses))
    assert {tuple(ids) for ids in together.pdg_id[:, :2].tolist()} == {(1, -1), (2, -2), (3, -3)}


def test_flavours_appear_as_often_as_they_should() -> None:
    sample = make("define l- = e- mu-; define l+ = e+ mu+; u u~ > l- l+", 91.188, n_event=4000)
    counts = Counter(sample.pdg_id[:, 2].tolist())
    assert set(counts) == {11, 13}
    assert abs(counts[11] - 2000) < N_SIGMA * math.sqrt(1000)


def test_channels_appear_as_often_as_they_should() -> None:
    sample = make("e+ e- > mu+ mu-; add process e+ e- > u u~", 200.0, n_event=4000)
    share = sample.subprocesses[0].cross_section / sample.cross_section
    found = int((sample.process_id == 1).sum())
    assert abs(found - 4000 * share) < N_SIGMA * math.sqrt(4000 * share * (1 - share))


def test_events_follow_the_matrix_element() -> None:
    """d sigma / d cos(theta) of QED alone is 1 + cos^2(theta), whose mean square is 2/5."""
    cosine = make("e+ e- > mu+ mu- / z h", 20.0, n_event=4000, seed=3).momenta[:, 2, 3] / 10.0
    squares = cosine**2
    assert abs(squares.mean() - 0.4) < N_SIGMA * squares.std() / math.sqrt(len(squares))
    assert abs(cosine.mean()) < N_SIGMA * cosine.std() / math.sqrt(len(cosine))


def test_interference() -> None:
    """Weights of both signs; the sum over helicities has none that is chosen."""
    text, sqrt_s, cuts = "u u~ > u u~ QED^2==2", 300.0, Cuts(pt=30.0)
    sample = make(text, sqrt_s, n_event=2000, cuts=cuts)
    (made,) = generator.generate(text)
    engine = bridge.Engine(load(made.process))
    engine.set_parameters(generator.parameters())
    n_point = 50_000
    points = np.empty((n_point, 4, 4))
    points[:, :2] = phase_space.beams((0.0, 0.0), sqrt_s)
    flat = phase_space.chain((0.0, 0.0))
    weights = phase_space.fill(points, np.random.default_rng(9).random((n_point, 2)), flat, sqrt_s)
    values = engine.evaluate(points).matrix_element
    assert values is not None
    weights *= np.where(passes(cuts, points, (2, 3)), values, 0.0) * GEV2_PB / (2 * sqrt_s**2)
    error = math.hypot(sample.error, weights.std() / math.sqrt(n_point))
    assert abs(sample.cross_section - weights.mean()) < N_SIGMA * error
    spread = sample.weight.std() / math.sqrt(sample.n_event)
    assert abs(sample.weight.mean() - sample.cross_section) < N_SIGMA * math.hypot(spread, sample.error)


# --- phase space


def volume(n_final: int, sqrt_s: float) -> float:
    """Massless phase space: (2 pi)^(4 - 3 n) (pi/2)^(n - 1) s^(n - 2) / ((n - 1)! (n - 2)!)."""
    pi, n = math.pi, n_final
    factorials = math.factorial(n - 1) * math.factorial(n - 2)
    return (2 * pi) ** (4 - 3 * n) * (pi / 2) ** (n - 1) * sqrt_s ** (2 * n - 4) / factorials


def points(mapping: phase_space.Mapping, beams: Sequence[float], sqrt_s: float, n_point: int) -> tuple[Any, Any]:
    """Momenta, weights."""
    n_final = len(mapping.masses)
    momenta = np.empty((n_point, 2 + n_final, 4))
    momenta[:, :2] = phase_space.beams(beams, sqrt_s)
    x = np.random.default_rng(n_final).random((n_point, phase_space.n_dimension(n_final)))
    x[0] = 0.0
    return momenta, phase_space.fill(momenta, x, mapping, sqrt_s)


def diagrams(process: str, cuts: Cuts) -> list[tuple[tuple[float, ...], phase_space.Mapping]]:
    """Masses of the legs, and phase space, for each channel."""
    (made,) = generator.generate(process)
    values = generator.parameters()
    masses = leg_masses(made, values)
    made_mappings = mappings(made, masses, values, cuts, legs_to_cut(made.flavours[0], masses, 2))
    return [(masses, mapping) for mapping in made_mappings.values()]


def assert_volume(weights: Any, expected: float, largest_error: float) -> None:
    error = weights.std() / math.sqrt(len(weights))
    assert error < largest_error * expected
    assert abs(weights.mean() - expected) <= N_SIGMA * error + 1e-12 * expected


@pytest.mark.parametrize("n_final", [2, 3, 4, 6])
def test_volume(n_final: int) -> None:
    _, weights = points(phase_space.chain([0.0] * n_final), (0.0, 0.0), 700.0, 40_000)
    assert_volume(weights, volume(n_final, 700.0), 0.02)


@pytest.mark.parametrize("process", ["g g > g g g", "u u~ > g g a", "u u~ > g g g g"])
def test_volume_along_diagrams(process: str) -> None:
    """s- and t-channels of massless lines, each over the whole of phase space."""
    n_final = len(process.split(">")[1].split())
    channels = diagrams(process, Cuts(pt=30.0))
    assert len(channels) > 5
    for _, mapping in channels[::3]:
        _, weights = points(mapping, (0.0, 0.0), 700.0, 40_000)
        assert_volume(weights, volume(n_final, 700.0), 0.1)


@pytest.mark.parametrize("process", ["u u~ > e+ e- g", "g g > t t~ g", "u d~ > w+ z h", "t t~ > t t~ g"])
def test_momenta(process: str) -> None:
    for masses, mapping in diagrams(process, Cuts(pt=30.0)):
        momenta, weights = points(mapping, masses[:2], 900.0, 5000)
        assert (weights >= 0).all()
        assert np.isfinite(momenta).all()
        np.testing.assert_allclose(momenta[:, 2:].sum(axis=1) - [900, 0, 0, 0], 0.0, atol=1e-8)
        squares = momenta[..., 0] ** 2 - (momenta[..., 1:] ** 2).sum(axis=-1)
        np.testing.assert_allclose(squares - np.square(masses), 0.0, atol=1e-7)


def test_channels_follow_propagators() -> None:
    """Poles become flat: the product of weight and squared propagator varies little."""
    sqrt_s = 500.0
    found = []
    for _, mapping in diagrams("u u~ > e+ e- g / a h", Cuts(pt=10.0)):
        momenta, weights = points(mapping, (0.0, 0.0), sqrt_s, 20_000)
        pair = momenta[:, 2] + momenta[:, 3]
        s = pair[:, 0] ** 2 - (pair[:, 1:] ** 2).sum(axis=1)
        pole = (s - 91.188**2) ** 2 + (91.188 * 2.441404) ** 2
        p = momenta[:, 4, 0]
        z = momenta[:, 4, 3]
        for t in (p - z, p + z):
            product = weights / pole / (2 * sqrt_s * t + 100.0)
            found.append(product.std() / product.mean())
    assert len(found) == 4
    # each of both channels follows one of both t-channels
    assert sorted(found)[1] < 1.0


def test_maximum() -> None:
    weights = np.array([1.0, 5.0, 2.0, 2.0])
    assert maximum(weights, 0.0) == 5.0
    assert maximum(weights, 0.3) == 2.0
    assert maximum(weights, 0.29) == 5.0


def test_overweight_events_keep_their_excess() -> None:
    sample = make("e+ e- > mu+ mu-", 500.0, n_event=5000, max_overweight=0.05)
    assert sample.n_overweight > 0
    assert 0.02 < sample.overweight_fraction < 0.08
    assert sample.weight.mean() == pytest.approx(sample.cross_section, rel=1e-12)
    assert (sample.weight > 1.001 * sample.weight.min()).sum() <= sample.n_overweight


# --- events and files


@pytest.fixture(scope="module")
def jets() -> GeneratedSample:
    return make("g g > t t~ g", 1000.0, n_event=300, cuts=Cuts(pt=30.0))


def test_events_are_physical(jets: GeneratedSample) -> None:
    p = jets.momenta
    np.testing.assert_allclose(p[:, :2].sum(axis=1), p[:, 2:].sum(axis=1), atol=1e-8)
    squares = p[..., 0] ** 2 - (p[..., 1:] ** 2).sum(axis=-1)
    np.testing.assert_allclose(squares, jets.mass**2, atol=1e-7)
    assert (np.hypot(p[:, 4, 1], p[:, 4, 2]) >= 30.0).all()
    assert (np.abs(jets.helicity) == 1).all()
    assert jets.efficiency > 0.0


def test_color_lines_are_conserved(jets: GeneratedSample) -> None:
    """Each line begins once and ends once, crossing symmetric."""
    expected = {21: (True, True), 6: (True, False), -6: (False, True)}
    for ids, colors in zip(jets.pdg_id.tolist(), jets.color.tolist(), strict=True):
        for pdg_id, pair in zip(ids, colors, strict=True):
            assert tuple(tag > 0 for tag in pair) == expected[pdg_id]
        begins = [c for c, _ in colors[2:]] + [a for _, a in colors[:2]]
        ends = [a for _, a in colors[2:]] + [c for c, _ in colors[:2]]
        assert Counter(filter(None, begins)) == Counter(filter(None, ends))
        assert max(Counter(filter(None, begins)).values()) == 1


@pytest.mark.parametrize("name", ["events.lhe", "events.lhe.gz"])
def test_file(tmp_path: Path, name: str) -> None:
    sample = make("e+ e- > mu+ mu-", 500.0, n_event=50, output=tmp_path / name)
    with lhe.read(tmp_path / name) as events:
        assert events.init.beam_pdg_id == (-11, 11)
        assert events.init.beam_energy == (250.0, 250.0)
        assert events.init.cross_section == pytest.approx(sample.cross_section, rel=1e-6)
        assert "e+ e- &gt; mu+ mu-" in events.header
        found = list(events)
    assert len(found) == sample.n_event
    for number, event in enumerate(found):
        np.testing.assert_allclose(event.momenta, sample.momenta[number], rtol=1e-8, atol=1e-7)
        assert event.particles["mother"].tolist() == [[0, 0], [0, 0], [1, 2], [1, 2]]
        assert event.particles["status"].tolist() == [-1, -1, 1, 1]
        assert event.particles["helicity"].tolist() == sample.helicity[number].tolist()
        assert event.scale == 500.0
        assert event.alpha_em == pytest.approx(1 / 132.507, rel=1e-6)
        assert event.weight == pytest.approx(sample.weight[number], rel=1e-6)


def test_pylhe_reads_it(tmp_path: Path, jets: GeneratedSample) -> None:
    pylhe = pytest.importorskip("pylhe")
    jets.write(tmp_path / "events.lhe.gz")
    found = list(pylhe.LHEFile.fromfile(str(tmp_path / "events.lhe.gz")).events)
    assert len(found) == jets.n_event
    assert [int(x.id) for x in found[0].particles] == jets.pdg_id[0].tolist()
    assert [int(x.color1) for x in found[0].particles] == jets.color[0, :, 0].tolist()


def test_same_seed_same_file(tmp_path: Path) -> None:
    for name, seed, threads in (("a", 7, 1), ("b", 7, 2), ("c", 8, 1)):
        make("g g > t t~", 800.0, 40, seed, threads=threads, output=tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert (tmp_path / "a").read_bytes() != (tmp_path / "c").read_bytes()


def test_no_half_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: lhe.Writer, event: lhe.Event) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(lhe.Writer, "write", fail)
    with pytest.raises(OSError, match="no space"):
        make("e+ e- > mu+ mu-", 500.0, n_event=5, output=tmp_path / "events.lhe")
    assert list(tmp_path.iterdir()) == []


def test_no_events() -> None:
    sample = make("e+ e- > mu+ mu-", 500.0, n_event=0)
    assert sample.n_event == 0
    assert sample.cross_section > 0.0
    assert list(sample.events()) == []


# --- what is refused


@pytest.mark.parametrize(
    ("process", "missing"),
    [
        ("g g > g g", "pt > 0"),
        ("u u~ > z g", "pt > 0"),
        ("e+ e- > e+ e-", "pt > 0"),
        ("e+ e- > w+ w- a", "pt > 0"),
        ("e+ e- > u u~ g", "mass > 0, or delta_r"),
        ("t t > t t", "no cut"),
    ],
)
def test_divergences_are_named(process: str, missing: str) -> None:
    with pytest.raises(bridge.ArgumentError, match=missing):
        make(process, 1000.0)


@pytest.mark.parametrize("process", ["e+ e- > w+ w-", "g g > t t~ h", "e+ e- > ve ve~", "e+ e- > z h"])
def test_finite_without_cuts(process: str) -> None:
    assert make(process, 1000.0, n_event=0, n_survey=2000).cross_section > 0.0


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"sqrt_s": 0.0}, "sqrt_s"),
        ({"sqrt_s": math.nan}, "sqrt_s"),
        ({"n_event": -1}, "n_event"),
        ({"seed": -1}, "seed"),
        ({"n_survey": 1}, "n_survey"),
        ({"max_overweight": 1.0}, "max_overweight"),
        ({"scale": -1.0}, "scale"),
        ({"parameters": generator.parameters(), "alpha_s": 0.1}, "parameters"),
        ({"parameters": {"MDL_MZ": 91.0}}, "parameters: no value for aEWM1"),
        ({"output": "/no/such/folder/events.lhe"}, "output"),
        ({"output": "/"}, "output"),
        ({"process": "g g > t t~", "sqrt_s": 300.0}, "sqrt_s: .*threshold"),
        ({"process": "u u~ > g g", "cuts": Cuts(pt=400.0)}, "cuts: no phase-space point"),
    ],
)
def test_wrong_arguments_are_named(options: dict[str, Any], name: str) -> None:
    given = {"process": "e+ e- > mu+ mu-", "sqrt_s": 500.0, "n_event": 5, "seed": 1, **options}
    with pytest.raises(bridge.ArgumentError, match=f"^{name}"):
        bridge.generate(**given)


@pytest.mark.parametrize("process", ["t > b w+", "u u~ > z", "u u~ > z h; add process u u~ > z h h"])
def test_unsupported_processes(process: str) -> None:
    with pytest.raises(bridge.UnsupportedError, match="process"):
        make(process, 1000.0)


@pytest.mark.parametrize("options", [{"pt": -1.0}, {"delta_r": math.nan}, {"mass": "10"}])
def test_wrong_cuts(options: dict[str, Any]) -> None:
    with pytest.raises(bridge.ArgumentError, match=f"cuts: {next(iter(options))}"):
        Cuts(**options)
