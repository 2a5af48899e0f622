"""bridge.pdf. Oracles: LHAPDF's interpolator, Pythia 8's reader of the same files, sum rules, Runge-Kutta."""

from __future__ import annotations

import importlib.util
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from grids import Q, X, grid_text, value

import bridge
from bridge.pdf import DEFAULT_SET, AlphaS, GridError, PartonDensity, find_grid


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "set_as_0119_0002.dat"
    path.write_text(grid_text())
    return path


@pytest.fixture
def density(path: Path) -> PartonDensity:
    return PartonDensity.from_file(path)


@pytest.fixture(scope="module")
def proton() -> PartonDensity:
    try:
        return PartonDensity.from_file(find_grid())
    except GridError as error:
        pytest.skip(str(error))


# --- interpolation

#: parton, x, Q, and x f from LogBicubicInterpolator of LHAPDF 6.2.3 on the grid of `grid_text`
LHAPDF = (
    (21, 2e-05, 1.6, 5.4319823738208246),
    (21, 0.05, 4.5, 1.0080201716283703),
    (2, 0.8, 4.0, 0.018564758979266384),
    (-1, 0.003, 2.5, 1.8240298344639294),
    (21, 2e-05, 5.5, 11.519300564282645),
    (1, 0.45, 50.0, 0.37186318393684742),
    (-2, 0.99, 900.0, 0.0018184979193147804),
    (21, 0.1, 4.9, 1.51866966),
    (2, 1e-05, 1000.0, 18.835056999999999),
    (2, 0.2, 7.0, 1.1444764444997773),
)


@pytest.mark.parametrize(("pdg_id", "x", "q", "expected"), LHAPDF)
def test_same_as_lhapdf(density: PartonDensity, pdg_id: int, x: float, q: float, expected: float) -> None:
    assert float(density.xf(pdg_id, x, q)) == pytest.approx(expected, rel=1e-13)


def test_knots_are_met(density: PartonDensity) -> None:
    x, q = np.array(X)[:, None], np.array(Q[1])
    expected = [[value(3, a, b) for b in Q[1]] for a in X]
    np.testing.assert_allclose(density.xf(1, x, q), expected, rtol=1e-8, atol=1e-12)


def test_threshold_belongs_to_the_range_above(density: PartonDensity) -> None:
    assert float(density.xf(21, 0.1, 4.9)) == pytest.approx(2 * float(density.xf(21, 0.1, np.nextafter(4.9, 0))))


def test_few_scales_are_linear(tmp_path: Path) -> None:
    (tmp_path / "a.dat").write_text(grid_text(((2.0, 4.0),)))
    density = PartonDensity.from_file(tmp_path / "a.dat")
    corners = [value(2, x, q) for x in (0.1, 0.3) for q in (2.0, 4.0)]
    middle = density.xf(21, math.sqrt(0.03), math.sqrt(8.0))
    assert float(middle) == pytest.approx(sum(corners) / 4, rel=1e-8)


def test_shapes(density: PartonDensity) -> None:
    assert density.xf(21, np.full((3, 1), 0.1), np.full(4, 10.0)).shape == (3, 4)
    assert density.xf(21, [], 10.0).shape == (0,)


def test_frozen_at_the_edges(density: PartonDensity) -> None:
    assert density.x_range == (1e-5, 1.0)
    assert density.q_range == (1.5, 1000.0)
    assert density.xf(21, 1e-8, 10.0) == density.xf(21, 1e-5, 10.0)
    assert density.xf(21, 0.1, 0.3) == density.xf(21, 0.1, 1.5)
    assert density.xf(21, 0.1, 1e7) == density.xf(21, 0.1, 1000.0)
    assert density.xf(21, 1.0, 10.0) == 0.0


def test_antiproton(density: PartonDensity) -> None:
    assert density.xf(2, 0.1, 10.0, is_antiparticle=True) == density.xf(-2, 0.1, 10.0)
    assert density.xf(21, 0.1, 10.0, is_antiparticle=True) == density.xf(21, 0.1, 10.0)


@pytest.mark.parametrize(
    ("pdg_id", "x", "q", "name"),
    [
        (21, 0.0, 10.0, "^x:"),
        (21, 1.1, 10.0, "^x:"),
        (21, math.nan, 10.0, "^x:"),
        (21, 0.1, 0.0, "^q:"),
        (21, 0.1, math.inf, "^q:"),
        (11, 0.1, 10.0, "^pdg_id: set_as_0119_0002.dat has no density of 11"),
    ],
)
def test_wrong_arguments(density: PartonDensity, pdg_id: int, x: float, q: float, name: str) -> None:
    with pytest.raises(bridge.ArgumentError, match=name):
        density.xf(pdg_id, [0.1, x], q)


# --- a real set


#: Input: grid, then rows of pdg id, x, Q; output: x f. Run elsewhere: when it is imported, pythia8mc executes
#: all files of a folder "python".
PYTHIA = """
import json, sys
import pythia8mc
grid, points = json.load(sys.stdin)
pythia = pythia8mc.Pythia("", False)
for setting in ("Print:quiet = on", "HardQCD:all = on", "PhaseSpace:pTHatMin = 20", "PartonLevel:all = off"):
    pythia.readString(setting)
pythia.readString("PDF:pSet = LHAGrid1:" + grid)
assert pythia.init()
density = pythia.getPDFPtr(2212)
print(json.dumps([density.xf(int(pdg_id), x, q * q) for pdg_id, x, q in points]))
"""


def test_same_as_pythia(proton: PartonDensity, tmp_path: Path) -> None:
    """At knots the same numbers; between them Pythia interpolates by another rule."""
    if importlib.util.find_spec("pythia8mc") is None:
        pytest.skip("the package pythia8mc is not installed")
    table = proton._tables[0]
    x, q = (array.ravel() for array in np.meshgrid(np.exp(table._u[5:-1:9]), np.exp(table._v[1:-1:7] / 2)))
    n_knot = len(x)
    rng = np.random.default_rng(1)
    x = np.concatenate((x, np.exp(rng.uniform(math.log(1e-5), math.log(0.6), 400))))
    q = np.concatenate((q, np.exp(rng.uniform(1.0, 8.0, 400))))
    pdg_ids = (21, 1, -1, 2, -2, 4)
    points = [[pdg_id, a, b] for pdg_id in pdg_ids for a, b in zip(x.tolist(), q.tolist(), strict=True)]
    done = subprocess.run(
        [sys.executable, "-c", PYTHIA],
        input=json.dumps([proton.path.name, points]),
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    expected = np.array(json.loads(done.stdout.splitlines()[-1])).reshape(len(pdg_ids), len(x))
    found = np.maximum([proton.xf(pdg_id, x, q) for pdg_id in pdg_ids], 0.0)  # Pythia has no negative densities
    np.testing.assert_allclose(found[:, :n_knot], expected[:, :n_knot], rtol=1e-12, atol=1e-12)
    between = found[:, n_knot:], expected[:, n_knot:]
    np.testing.assert_allclose(*between, rtol=0.01, atol=1e-6)
    assert np.median(np.abs(between[0] - between[1]) / (between[1] + 1e-6)) < 2e-4


def test_sum_rules(proton: PartonDensity) -> None:
    """Momentum 1, two valence u and one valence d: the grid's knots allow 1 %."""
    t = np.linspace(math.log(1e-9), 0.0, 20_001)
    x = np.minimum(np.exp(t), 1.0)
    for q in (10.0, 91.0, 1000.0):
        density = {i: proton.xf(i, x, q) for i in proton.pdg_ids}
        assert np.trapezoid(sum(density.values()) * x, t) == pytest.approx(1.0, abs=0.01)
        for flavour, number in ((2, 2), (1, 1), (3, 0)):
            assert np.trapezoid(density[flavour] - density[-flavour], t) == pytest.approx(number, abs=0.02)


def test_default_set(proton: PartonDensity) -> None:
    assert proton.path.name == f"{DEFAULT_SET}_0000.dat"
    assert proton.lhapdf_id == 247000
    assert proton.alpha_s == 0.130


# --- finding


def test_info(path: Path) -> None:
    assert PartonDensity.from_file(path).alpha_s == 0.119
    path.with_name("set_as_0119.info").write_text("SetDesc: 'a set'\nSetIndex: 12300\nAlphaS_MZ: 0.1185\n")
    density = PartonDensity.from_file(path)
    assert density.lhapdf_id == 12302
    assert density.alpha_s == 0.1185


def test_find_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "b" / "mine").mkdir(parents=True)
    for member in (0, 7):
        (tmp_path / "b" / "mine" / f"mine_{member:04d}.dat").write_text(grid_text())
    monkeypatch.setenv("LHAPDF_DATA_PATH", f"{tmp_path / 'a'}:{tmp_path / 'b'}")
    assert find_grid("mine").name == "mine_0000.dat"
    assert find_grid("mine/7").name == "mine_0007.dat"
    assert find_grid(tmp_path / "b" / "mine" / "mine_0007.dat").name == "mine_0007.dat"
    assert find_grid(str(tmp_path / "b" / "mine")).name == "mine_0000.dat"


def test_not_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LHAPDF_DATA_PATH", str(tmp_path))
    with pytest.raises(GridError, match=rf"'nothing/3': no file nothing_0003.dat in {tmp_path}.*LHAPDF_DATA_PATH"):
        find_grid("nothing/3")
    with pytest.raises(GridError, match=r"no\.dat: no such file"):
        find_grid("no.dat")
    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.delenv("PYTHIA8DATA", raising=False)
    with pytest.raises(GridError, match=f"default grid {DEFAULT_SET}.*pip install"):
        find_grid()


# --- damaged files


def _replace(line: int, text: str) -> Callable[[list[str]], None]:
    def change(lines: list[str]) -> None:
        lines[line - 1] = text

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines.clear(), "line 1: no line '---'"),
        (_replace(2, "Format: other"), "line 2: format 'other'"),
        (lambda lines: lines.pop(20), "line 46: 39 lines of values; expected 8 x 5 = 40"),
        (lambda lines: lines.__delitem__(slice(30, None)), "line 31: the last block does not end"),
        (lambda lines: lines.__delitem__(slice(3, None)), "line 4: no values"),
        (_replace(4, "0.1 0.2 0.3"), "line 4: 3 knots"),
        (_replace(4, "0.1 0.2 0.1 0.3 0.4"), "line 4: knots do not increase"),
        (_replace(4, "0 0.2 0.3 0.4 1.0"), "line 4: knots in x"),
        (_replace(5, "-1 2 3"), "line 5: knots in Q"),
        (_replace(6, "21 u 3"), "line 6: '21 u 3' are no partons"),
        (_replace(6, "21 1 1 2 3"), "line 6: expected each parton once"),
        (_replace(12, "1 2 3 4"), "line 12: 4 values; expected one for each of 5"),
        (_replace(12, "1 2 3 4 1.0+2.0"), r"line 12: '1 2 3 4 1.0\+2.0' are no numbers"),
        (_replace(12, "1 2 3 4 nan"), "line 12: a number is not finite"),
        (_replace(49, "5.0 10.0 100.0 1000.0"), "line 48: a block does not continue"),
    ],
)
def test_damage_is_located(path: Path, change: Callable[[list[str]], None], message: str) -> None:
    lines = path.read_text().splitlines()
    change(lines)
    path.write_text("\n".join(lines))
    with pytest.raises(GridError, match=rf"^grid .*{path.name}, {message}"):
        PartonDensity.from_file(path)


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(GridError, match="No such file"):
        PartonDensity.from_file(tmp_path / "none.dat")
    with pytest.raises(GridError, match="Is a directory"):
        PartonDensity.from_file(tmp_path)


def test_repeated_knots_are_dropped(tmp_path: Path, density: PartonDensity) -> None:
    lines = grid_text().splitlines()
    lines[3] = "1e-05 1e-05 " + lines[3].split(maxsplit=1)[1]
    lines[6:6] = lines[6:11]
    (tmp_path / "a.dat").write_text("\n".join(lines))
    found = PartonDensity.from_file(tmp_path / "a.dat")
    assert found.xf(21, 3e-5, 2.2) == density.xf(21, 3e-5, 2.2)


# --- alpha_s


def runge_kutta(q: float, start: float, reference: float, n_flavor: int) -> float:
    """d alpha / d ln Q^2 = -b0 alpha^2 - b1 alpha^3, 4th order."""
    b0, b1 = (33 - 2 * n_flavor) / (12 * math.pi), (153 - 19 * n_flavor) / (24 * math.pi**2)
    n_step = 2000
    h = 2 * math.log(q / reference) / n_step

    def slope(a: float) -> float:
        return -b0 * a**2 - b1 * a**3

    for _ in range(n_step):
        k1 = slope(start)
        k2 = slope(start + h * k1 / 2)
        k3 = slope(start + h * k2 / 2)
        start += h * (k1 + 2 * k2 + 2 * k3 + slope(start + h * k3)) / 6
    return start


def test_alpha_s_runs() -> None:
    alpha_s = AlphaS(0.118)
    at_bottom = runge_kutta(4.7, 0.118, 91.188, 5)
    at_charm = runge_kutta(1.42, at_bottom, 4.7, 4)
    scales = [1.0, 1.42, 3.0, 4.7, 20.0, 91.188, 173.0, 5000.0]
    expected = [
        runge_kutta(1.0, at_charm, 1.42, 3),
        at_charm,
        runge_kutta(3.0, at_bottom, 4.7, 4),
        at_bottom,
        *(runge_kutta(q, 0.118, 91.188, 5) for q in scales[4:]),
    ]
    np.testing.assert_allclose(alpha_s(scales), expected, rtol=1e-10)
    assert float(alpha_s(91.188)) == pytest.approx(0.118, rel=1e-15)


def test_alpha_s_orders() -> None:
    b0 = 23 / (12 * math.pi)
    assert float(AlphaS(0.13, n_loop=1)(10.0)) == pytest.approx(1 / (1 / 0.13 + b0 * 2 * math.log(10 / 91.188)))
    np.testing.assert_array_equal(AlphaS(0.13, n_loop=0)([0.1, 1e4]), 0.13)


@pytest.mark.parametrize("n_loop", [1, 2])
def test_landau_pole(n_loop: int) -> None:
    with pytest.raises(bridge.ArgumentError, match="Landau"):
        AlphaS(0.13, n_loop=n_loop)([10.0, 0.05])


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"value": 0.0}, "value"),
        ({"value": math.nan}, "value"),
        ({"value": 0.1, "n_loop": 3}, "n_loop"),
        ({"value": 0.1, "reference": 3.0}, "charm, bottom, reference"),
    ],
)
def test_wrong_alpha_s(options: dict[str, float], name: str) -> None:
    with pytest.raises(bridge.ArgumentError, match=name):
        AlphaS(**options)  # type: ignore[arg-type]


def test_wrong_scale() -> None:
    with pytest.raises(bridge.ArgumentError, match=r"^q:"):
        AlphaS(0.118)(-1.0)
