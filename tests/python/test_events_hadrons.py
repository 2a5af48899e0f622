"""bridge.generate with protons. Oracles: quadrature of densities and analytic cross-sections, Pythia 8."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from analytic import top_pairs
from grids import grid_text

import bridge
from bridge import generator, lhe
from bridge.events import Cuts, GeneratedSample
from bridge.events.integrand import GEV2_PB
from bridge.pdf import AlphaS, GridError, PartonDensity, find_grid

N_SIGMA = 3.0
QUARKS = "define q = u d; define q~ = u~ d~; "
#: all partons of the grid
PROTON = "define p = g u d u~ d~; "


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("pdf") / "set_0000.dat"
    path.write_text(grid_text())
    return path


@pytest.fixture
def default_grid() -> Path:
    try:
        return find_grid()
    except GridError as error:
        pytest.skip(str(error))


def make(process: str, n_event: int = 500, seed: int = 1, sqrt_s: float = 8000.0, **options: Any) -> GeneratedSample:
    return bridge.generate(process, sqrt_s=sqrt_s, n_event=n_event, seed=seed, **{"n_survey": 20_000, **options})


def assert_agrees(sample: GeneratedSample, expected: float, error: float = 0.0, largest_error: float = 0.003) -> None:
    assert 0.0 < sample.error <= largest_error * sample.cross_section
    assert abs(sample.cross_section - expected) <= N_SIGMA * math.hypot(sample.error, error)


# --- cross-sections


def hadronic(
    density: PartonDensity,
    pairs: list[tuple[int, int]],
    partonic: Callable[[float], float],
    masses: tuple[float, float],
    scale: float,
    sqrt_s: float = 8000.0,
    antiproton: bool = False,
) -> float:
    """Sum over pairs of partons, int dln(tau) dy x1 f_a x2 f_b sigma(tau s), by quadrature, pb.

    `masses`: range of the final state's mass, GeV.
    """
    nodes, weights = np.polynomial.legendre.leggauss(200)
    low, high = (2 * math.log(mass / sqrt_s) for mass in masses)
    total = 0.0
    for node, weight in zip(nodes, weights, strict=True):
        log_tau = (low + high + node * (high - low)) / 2
        y = nodes * log_tau / 2
        x1, x2 = (np.minimum(np.exp(log_tau / 2 + sign * y), 1.0) for sign in (1, -1))
        luminosity = sum(
            density.xf(a, x1, scale) * density.xf(b, x2, scale, is_antiparticle=antiproton) for a, b in pairs
        )
        integral = (weights * luminosity).sum() * -log_tau / 2
        total += weight * integral * partonic(sqrt_s * math.exp(log_tau / 2)) * (high - low) / 2
    return float(total)


def test_gluon_fusion(mode: str, grid: Path) -> None:
    values = {**generator.parameters(alpha_s=0.12), "MDL_WT": 0.0, "FK_MDL_WT": 0.0}
    sample = make("g g > t t~", pdf=grid, parameters=values, scale=91.188, backend=mode, n_survey=40_000)
    density = PartonDensity.from_file(grid)
    masses = (346.0 * (1 + 1e-9), 8000.0)
    assert_agrees(sample, hadronic(density, [(21, 21)], lambda m: top_pairs(m, 173.0, 0.12), masses, 91.188))
    np.testing.assert_allclose(sample.alpha_s, 0.12, rtol=1e-14)


def quark_annihilation(mass: float) -> float:
    """sigma(u u~ > gamma > mu+ mu-), pb: 4 pi alpha^2 e_q^2 / (9 s); PDG review "Cross-section formulae"."""
    alpha = 1 / generator.parameters()["aEWM1"].real
    return GEV2_PB * 4 * math.pi * alpha**2 * (4 / 9) / (9 * mass**2)


@pytest.mark.parametrize("beams", ["p p", "p p~", "p~ p"])
def test_quark_annihilation(grid: Path, beams: str) -> None:
    """The mass is not cut from above; u in a proton and u~ in an antiproton come out equally often."""
    process = f"define p = u u~; {beams} > mu+ mu- / z h"
    sample = make(process, 2000, pdf=grid, cuts=Cuts(mass=50.0), scale=100.0, sqrt_s=1960.0)
    density = PartonDensity.from_file(grid)
    orders = [(2, -2), (-2, 2)]
    if beams == "p~ p":
        orders.reverse()
    each = [
        hadronic(density, [pair], quark_annihilation, (50.0, 1960.0), 100.0, 1960.0, antiproton=beams != "p p")
        for pair in orders
    ]
    assert_agrees(sample, sum(each))
    share = each[0] / sum(each)
    found = int((sample.pdg_id[:, 0] == 2).sum())
    assert abs(found - 2000 * share) < N_SIGMA * math.sqrt(2000 * share * (1 - share))
    expected_beams = {"p p": (2212, 2212), "p p~": (2212, -2212), "p~ p": (-2212, 2212)}
    assert sample.init.beam_pdg_id == expected_beams[beams]


def test_flavours_follow_the_densities(grid: Path) -> None:
    sample = make(QUARKS + "q g > z q", 4000, pdf=grid, cuts=Cuts(pt=30.0), scale=91.188)
    alone = {f: make(f"{f} g > z {f}", 0, 2, pdf=grid, cuts=Cuts(pt=30.0), scale=91.188) for f in ("u", "d")}
    error = math.hypot(sample.error, *(x.error for x in alone.values()))
    assert abs(sample.cross_section - sum(x.cross_section for x in alone.values())) < N_SIGMA * error
    share = alone["u"].cross_section / sum(x.cross_section for x in alone.values())
    found = int((sample.pdg_id[:, 0] == 2).sum())
    assert (
        abs(found - 4000 * share)
        < N_SIGMA * math.sqrt(4000 * share * (1 - share)) + 4000 * error / sample.cross_section
    )


def test_flavours_of_one_matrix_element(tmp_path: Path) -> None:
    """q q~ > g > t t~ is the same for u and d: what differs is the density, here of one sign or the other."""
    density = _scaled(tmp_path, {1: 0.5, -1: 0.5})
    sample = make(QUARKS + "q q~ > t t~", 4000, pdf=density, scale=173.0)
    assert len(sample.subprocesses) == 1
    u, d = (density.xf(i, 0.1, 173.0) * density.xf(-i, 0.1, 173.0) for i in (2, 1))
    counts = Counter(sample.pdg_id[:, 0].tolist())
    # columns of the grid differ by little in shape
    assert counts[1] / counts[2] == pytest.approx(float(d / u), rel=0.1)


def test_negative_densities(tmp_path: Path) -> None:
    """Negative weights, whose sum is the cross-section."""
    density = _scaled(tmp_path, {1: -0.5})
    sample = make(QUARKS + "q q~ > t t~", 4000, pdf=density, scale=173.0)
    negative = sample.weight < 0
    assert ((sample.pdg_id[:, 0] == 1) == negative).all()
    assert negative.any()
    parts = [make(f"{f} {f}~ > t t~", 0, 2, pdf=density, scale=173.0) for f in ("u", "d")]
    assert parts[1].cross_section < 0.0
    error = math.hypot(sample.error, *(x.error for x in parts))
    assert abs(sample.cross_section - sum(x.cross_section for x in parts)) < N_SIGMA * error
    spread = sample.weight.std() / math.sqrt(sample.n_event)
    assert abs(sample.weight.mean() - sample.cross_section) < N_SIGMA * math.hypot(spread, sample.error)


def _scaled(tmp_path: Path, factors: dict[int, float]) -> PartonDensity:
    path = tmp_path / "scaled_0000.dat"
    lines = grid_text().splitlines()
    for number, line in enumerate(lines):
        values = line.split()
        if len(values) == 5 and "e" in line and "." in values[0] and len(values[0]) > 8:
            scaled = [float(v) * factors.get(i, 1.0) for v, i in zip(values, (-2, -1, 21, 1, 2), strict=True)]
            lines[number] = " ".join(map(repr, scaled))
    path.write_text("\n".join(lines))
    return PartonDensity.from_file(path)


#: 13 TeV, everything fixed at 91.188 GeV; run elsewhere: pythia8mc executes all files of a folder "python".
#: Input: grid and number of events; output: cross-section and error in pb
PYTHIA = """
import json, sys
import pythia8mc
grid, n_event = json.load(sys.stdin)
pythia = pythia8mc.Pythia("", False)
square = str(91.188**2)
for setting in (
    "Top:gg2ttbar = on", "Top:qqbar2ttbar = on", "Beams:eCM = 13000", "6:m0 = 173",
    "PhaseSpace:useBreitWigners = off", "ProcessLevel:resonanceDecays = off", "PartonLevel:all = off",
    "HadronLevel:all = off", "Check:event = off", "Print:quiet = on", "Random:setSeed = on", "Random:seed = 7",
    "SigmaProcess:renormScale2 = 5", "SigmaProcess:factorScale2 = 5", "SigmaProcess:alphaSorder = 0",
    "SigmaProcess:alphaSvalue = 0.13", "SigmaProcess:renormFixScale = " + square,
    "SigmaProcess:factorFixScale = " + square, "PDF:pSet = LHAGrid1:" + grid,
):
    assert pythia.readString(setting), setting
assert pythia.init()
for _ in range(n_event):
    pythia.next()
info = pythia.infoPython()
print(json.dumps([info.sigmaGen() * 1e9, info.sigmaErr() * 1e9]))
"""


def test_top_pairs_against_pythia(default_grid: Path, tmp_path: Path) -> None:
    """gg2ttbar + qqbar2ttbar, five flavours."""
    if importlib.util.find_spec("pythia8mc") is None:
        pytest.skip("the package pythia8mc is not installed")
    done = subprocess.run(
        [sys.executable, "-c", PYTHIA],
        input=json.dumps([default_grid.name, 200_000]),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    expected, error = json.loads(done.stdout.splitlines()[-1])
    assert error < 0.003 * expected
    process = "import model sm-no_b_mass; p p > t t~"
    sample = make(process, 0, sqrt_s=13000.0, pdf=default_grid, alpha_s=0.13, scale=91.188, n_survey=60_000)
    assert_agrees(sample, expected, error)


# --- events and files


@pytest.fixture(scope="module")
def jets(grid: Path) -> GeneratedSample:
    cuts = Cuts(pt=30.0, abs_eta=2.5)
    return make(PROTON + "p p > t t~ j", 300, pdf=grid, cuts=cuts, alpha_s=0.118, n_survey=4000)


def test_events_are_physical(jets: GeneratedSample) -> None:
    p = jets.momenta
    np.testing.assert_allclose(p[:, :2].sum(axis=1), p[:, 2:].sum(axis=1), rtol=1e-10, atol=1e-8)
    squares = p[..., 0] ** 2 - (p[..., 1:] ** 2).sum(axis=-1)
    np.testing.assert_allclose(squares, jets.mass**2, atol=1e-4)
    np.testing.assert_array_equal(np.abs(p[:, :2, 3]), p[:, :2, 0])
    assert (p[:, 0, 3] > 0).all()
    assert (p[:, 1, 3] < 0).all()
    assert (p[:, :2, 0] <= 4000.0).all()


def test_cuts_are_in_the_laboratory(jets: GeneratedSample) -> None:
    p = jets.momenta[:, 4]
    pt = np.hypot(p[:, 1], p[:, 2])
    assert (pt >= 30.0).all()
    eta = np.arcsinh(p[:, 3] / pt)
    assert (np.abs(eta) <= 2.5).all()
    assert np.abs(eta).max() > 2.0


def test_scale_and_coupling(jets: GeneratedSample) -> None:
    p = jets.momenta[:, 2:]
    mt = np.sqrt(p[..., 0] ** 2 - p[..., 3] ** 2)
    np.testing.assert_allclose(jets.scale, mt.sum(axis=1) / 2, rtol=1e-8)
    np.testing.assert_allclose(jets.alpha_s, AlphaS(0.118)(jets.scale), rtol=1e-8)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("sum_mt", lambda mt, m: mt.sum(axis=1)),
        ("half_sum_mt", lambda mt, m: mt.sum(axis=1) / 2),
        ("mean_mt", lambda mt, m: np.sqrt(mt.prod(axis=1))),
        ("sqrt_s_hat", lambda mt, m: m),
        (200.0, lambda mt, m: np.full(len(m), 200.0)),
    ],
)
def test_scales(grid: Path, scale: Any, expected: Callable[..., Any]) -> None:
    sample = make("g g > t t~", 20, pdf=grid, scale=scale, n_survey=1000)
    p = sample.momenta
    mt = np.sqrt(p[:, 2:, 0] ** 2 - p[:, 2:, 3] ** 2)
    mass = np.sqrt(4 * p[:, 0, 0] * p[:, 1, 0])
    np.testing.assert_allclose(sample.scale, expected(mt, mass), rtol=1e-8)


def test_leptons_have_the_scale_of_their_mother(grid: Path) -> None:
    sample = make("u u~ > mu+ mu-", 50, pdf=grid, cuts=Cuts(mass=60.0), n_survey=1000)
    np.testing.assert_allclose(sample.scale, np.sqrt(4 * sample.momenta[:, 0, 0] * sample.momenta[:, 1, 0]), rtol=1e-8)


def test_two_scales(grid: Path) -> None:
    sample = make("g g > t t~", 20, pdf=grid, scale=91.188, factorization_scale="sum_mt", alpha_s=0.118, n_survey=1000)
    np.testing.assert_allclose(sample.alpha_s, 0.118, rtol=1e-14)
    assert (sample.scale > 346.0).all()


def test_alpha_s_of_the_densities(tmp_path: Path) -> None:
    (tmp_path / "set_as_0126_0000.dat").write_text(grid_text())
    sample = make("g g > t t~", 5, pdf=tmp_path / "set_as_0126_0000.dat", scale=91.188, n_survey=1000)
    np.testing.assert_allclose(sample.alpha_s, 0.126, rtol=1e-14)
    fixed = AlphaS(0.2, n_loop=0)
    sample = make("g g > t t~", 5, pdf=tmp_path / "set_as_0126_0000.dat", alpha_s=fixed, n_survey=1000)
    assert (sample.alpha_s == 0.2).all()


def test_file(grid: Path, tmp_path: Path) -> None:
    grid.with_name("set.info").write_text("SetIndex: 4200\nAlphaS_MZ: 0.118\n")
    sample = make("p p~ > t t~ QED=0".replace("p p~", PROTON + "p p~"), 60, pdf=grid, output=tmp_path / "a.lhe.gz")
    grid.with_name("set.info").unlink()
    with lhe.read(tmp_path / "a.lhe.gz") as events:
        assert events.init.beam_pdg_id == (2212, -2212)
        assert events.init.beam_energy == (4000.0, 4000.0)
        assert events.init.pdf_set == (4200, 4200)
        assert events.init.cross_section == pytest.approx(sample.cross_section, rel=1e-6)
        for number, event in enumerate(events):
            assert event.scale == pytest.approx(sample.scale[number], rel=1e-7)
            assert event.alpha_s == pytest.approx(sample.alpha_s[number], rel=1e-7)
            np.testing.assert_allclose(event.momenta, sample.momenta[number], rtol=1e-8, atol=1e-6)


def test_same_seed_same_file(grid: Path, tmp_path: Path) -> None:
    for name, threads in (("a", 1), ("b", 2)):
        make("g g > t t~", 40, 7, pdf=grid, threads=threads, n_survey=2000, output=tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


# --- what is refused


@pytest.mark.parametrize(
    ("process", "options", "kind", "message"),
    [
        ("e- p > e- j", {}, bridge.UnsupportedError, "beam e- has no parton density"),
        ("p > t t~", {}, bridge.UnsupportedError, "two beams"),
        ("p p > t t~; add process p p~ > t t~", {}, bridge.UnsupportedError, "same beams"),
        ("p p > t t~; add process g g > t t~", {}, bridge.UnsupportedError, "same beams"),
        ("p p > t t~", {}, bridge.ArgumentError, "pdf: set_0000.dat has no density of particle -4"),
        ("e+ e- > mu+ mu-", {}, bridge.ArgumentError, "pdf: set_0000.dat has no density of particle -11"),
        ("b b~ > t t~", {}, bridge.ArgumentError, "no density of particle -5"),
        ("g g > t t~", {"pdf": "no_such_set"}, GridError, "no_such_set"),
        ("g g > t t~", {"scale": 0.5}, bridge.ArgumentError, "scale: 0.5 GeV; set_0000.dat has 1.5 to 1000.0 GeV"),
        ("g g > t t~", {"scale": "ht"}, bridge.ArgumentError, "scale: expected GeV or one of"),
        ("g g > t t~", {"scale": 90.0, "factorization_scale": 1e9}, bridge.ArgumentError, "factorization_scale"),
        ("g g > t t~", {"sqrt_s": 340.0}, bridge.ArgumentError, "sqrt_s: .*threshold"),
        ("g g > u u~", {"cuts": Cuts(pt=4001.0)}, bridge.ArgumentError, "cuts: .*8002"),
        ("g g > u u~", {}, bridge.ArgumentError, "cuts: mass > 0, or pt > 0, is"),
        ("u u~ > mu+ mu-", {}, bridge.ArgumentError, "cuts: mass > 0"),
        ("u u~ > z", {}, bridge.UnsupportedError, "two or more out"),
    ],
)
def test_refused(grid: Path, process: str, options: dict[str, Any], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        make(process, 5, **{"pdf": grid, **options})


def test_massive_partons(tmp_path: Path) -> None:
    path = tmp_path / "b_0000.dat"
    path.write_text(grid_text().replace("-2 -1 21 1 2", "-5 -1 21 1 5"))
    with pytest.raises(bridge.UnsupportedError, match="sm-no_b_mass"):
        make("b b~ > t t~", 5, pdf=path)
    assert make("import model sm-no_b_mass; b b~ > t t~ QED=0", 5, pdf=path).cross_section > 0.0


def test_no_half_file(grid: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: lhe.Writer, event: lhe.Event) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(lhe.Writer, "write", fail)
    with pytest.raises(OSError, match="no space"):
        make("g g > t t~", 5, pdf=grid, n_survey=1000, output=tmp_path / "events.lhe")
    assert list(tmp_path.iterdir()) == []
