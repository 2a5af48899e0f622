"""Flat phase space on every backend.

Oracles: the formulas of Kleiss, Stirling and Ellis (Comput. Phys. Commun. 40 (1986) 359) in NumPy, volumes known
analytically or by quadrature, and conservation laws.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bridge
from bridge import generator
from bridge.program import load

BEAMS = (0.0, 0.0)
TOP, W, B = 173.0, 80.4, 4.7
FINAL_STATES = (
    (0.0, 0.0),
    (TOP, TOP),
    (TOP, 0.0),
    (0.0, 0.0, 0.0, 0.0),
    (TOP, TOP, 0.0, 0.0),
    (0.0, 1e-3, B, W, TOP),
    (0.0,) * 14,
    (B,) * 14,
)
#: relative, of a momentum's components to its energy: rounding of boosts and of the backends' logarithms
TOLERANCE = 1e-11


def _numbers(n_event: int, n_outgoing: int) -> np.ndarray:
    return np.random.default_rng(7).random((n_event, n_outgoing, 4))


def _by_hand(u: np.ndarray, masses: tuple[float, ...], energy: float) -> tuple[np.ndarray, float]:
    """One point and its weight, as the paper has them."""
    n = len(masses)
    q = np.empty((n, 4))
    for i, (u1, u2, u3, u4) in enumerate(u):
        c, phi, e = 2 * u1 - 1, 2 * math.pi * u2, -math.log((1 - u3) * (1 - u4))
        s = math.sqrt(1 - c * c)
        q[i] = e, e * s * math.cos(phi), e * s * math.sin(phi), e * c
    total = q.sum(axis=0)
    mass = math.sqrt(total[0] ** 2 - (total[1:] ** 2).sum())
    b, x, gamma = -total[1:] / mass, energy / mass, total[0] / mass
    p = np.empty_like(q)
    for i in range(n):
        along = b @ q[i, 1:]
        p[i, 0] = x * (gamma * q[i, 0] + along)
        p[i, 1:] = x * (q[i, 1:] + b * q[i, 0] + along * b / (1 + gamma))
    weight = (math.pi / 2) ** (n - 1) * energy ** (2 * n - 4) / math.gamma(n) / math.gamma(n - 1)
    weight *= (2 * math.pi) ** (4 - 3 * n)
    if any(masses):
        low, high = 0.0, 1.0
        for _ in range(200):
            xi = (low + high) / 2
            too_large = sum(math.sqrt(m * m + xi * xi * e * e) for m, e in zip(masses, p[:, 0], strict=True)) > energy
            low, high = (low, xi) if too_large else (xi, high)
        k = xi * p[:, 0]
        p[:, 1:] *= xi
        p[:, 0] = np.sqrt(np.array(masses) ** 2 + k**2)
        weight *= (k.sum() / energy) ** (2 * n - 3) * np.prod(k / p[:, 0]) / (k**2 / p[:, 0]).sum() * energy
    return p, weight


def _two_body(mass: Any, first: float, second: Any) -> Any:
    """Volume of two particles' phase space."""
    a, b, c = mass**2, first**2, second**2
    return np.sqrt((a - b - c) ** 2 - 4 * b * c) / (8 * math.pi * a)


def _process(request: str) -> tuple[bridge.Program, dict[str, complex], list[float]]:
    """Program, the model's values, masses of the legs."""
    made = generator.generate(request)[0]
    values = {name: complex(value) for name, value in generator.parameters(model=made.model).items()}
    masses = [abs(values[leg.mass].real) if leg.mass else 0.0 for leg in made.process.legs]
    return load(made.process), values, masses


@pytest.mark.parametrize("masses", FINAL_STATES)
@pytest.mark.parametrize("backend", [*bridge.modes(), "cuda_host"])
def test_is_the_paper(backend: str, masses: tuple[float, ...]) -> None:
    n_event, energy = 37, 1000.0
    u = _numbers(n_event, len(masses))
    points = bridge.Rambo(BEAMS, masses, backend).generate(u, energy)
    for event in range(n_event):
        p, weight = _by_hand(u[event], masses, energy)
        np.testing.assert_allclose(points.momenta[event, 2:], p, rtol=0, atol=TOLERANCE * energy)
        assert points.weight[event] == pytest.approx(weight, rel=1e-10)


@pytest.mark.parametrize("masses", FINAL_STATES)
@pytest.mark.parametrize("backend", [*bridge.modes(), "cuda_host"])
def test_momenta_are_physical(backend: str, masses: tuple[float, ...]) -> None:
    rng = np.random.default_rng(1)
    n_event, beams = 2001, (0.0, TOP)
    least = max(sum(masses), TOP)
    energy = least * (1 + 10.0 ** rng.uniform(-6, 2, n_event))  # from the threshold up
    points = bridge.Rambo(beams, masses, backend, threads=3).generate(_numbers(n_event, len(masses)), energy)
    p = points.momenta
    assert p.shape == (n_event, 2 + len(masses), 4)
    assert (p[..., 0] > 0).all()
    scale = energy[:, None]
    np.testing.assert_allclose((p[:, 2:].sum(axis=1)) / scale, np.eye(4)[[0] * n_event], atol=4e-15)
    np.testing.assert_allclose((p[:, :2].sum(axis=1)) / scale, np.eye(4)[[0] * n_event], atol=4e-16)
    mass2 = p[..., 0] ** 2 - (p[..., 1:] ** 2).sum(axis=-1)
    expected = np.array([*beams, *masses]) ** 2
    np.testing.assert_allclose(mass2 / p[..., 0] ** 2, expected / p[..., 0] ** 2, atol=2e-15)
    assert (points.weight > 0).all()


@pytest.mark.parametrize(("first", "second"), [(0.0, 0.0), (TOP, TOP), (TOP, 0.0), (W, B)])
def test_volume_of_two(first: float, second: float) -> None:
    energy = np.linspace(400, 5000, 11)
    weight = bridge.Rambo(BEAMS, (first, second)).generate(_numbers(11, 2), energy).weight
    np.testing.assert_allclose(weight, _two_body(energy, first, second), rtol=1e-12)


def test_volume_of_three_massive_particles() -> None:
    """By quadrature over the mass of a pair; the mean of the weights within its error."""
    energy, n_event = 500.0, 200_000
    weight = bridge.Rambo(BEAMS, (TOP, TOP, W)).generate(_numbers(n_event, 3), energy).weight
    x, dx = np.polynomial.legendre.leggauss(200)
    low, high = 2 * TOP, energy - W
    pair = (low + high) / 2 + (high - low) / 2 * x
    integrand = 2 * pair / (2 * math.pi) * _two_body(energy, W, pair) * _two_body(pair, TOP, TOP)
    volume = (integrand * dx).sum() * (high - low) / 2
    error = weight.std() / math.sqrt(n_event)
    assert error < 2e-3 * volume
    assert abs(weight.mean() - volume) < 5 * error


def test_two_particles_are_isotropic() -> None:
    n_event = 100_000
    p = bridge.Rambo(BEAMS, (0.0, 0.0)).generate(_numbers(n_event, 2), 100.0).momenta[:, 2, 1:] / 50.0
    np.testing.assert_allclose(p.mean(axis=0), 0, atol=5 / math.sqrt(3 * n_event))
    np.testing.assert_allclose(p.T @ p / n_event, np.eye(3) / 3, atol=5 * 0.3 / math.sqrt(n_event))


def test_decay() -> None:
    points = bridge.Rambo((TOP,), (W, B)).generate(_numbers(5, 2), TOP)
    np.testing.assert_array_equal(points.momenta[:, 0], [[TOP, 0, 0, 0]] * 5)
    np.testing.assert_allclose(points.weight, _two_body(TOP, W, B))


def test_results_do_not_depend_on_neighbours_or_threads(mode: str) -> None:
    u, masses = _numbers(101, 4), (TOP, TOP, 0.0, B)
    rambo = bridge.Rambo(BEAMS, masses, mode)
    whole = rambo.generate(u, 900.0)
    alone = [rambo.generate(u[i : i + 1], 900.0) for i in range(101)]
    shared = bridge.Rambo(BEAMS, masses, mode, threads=4).generate(u, 900.0)
    np.testing.assert_array_equal(whole.momenta, np.concatenate([point.momenta for point in alone]))
    np.testing.assert_array_equal(whole.weight, np.concatenate([point.weight for point in alone]))
    np.testing.assert_array_equal(whole.momenta, shared.momenta)


def test_no_events() -> None:
    points = bridge.Rambo(BEAMS, (0.0, 0.0)).generate(np.empty((0, 2, 4)), 10.0)
    assert points.momenta.shape == (0, 4, 4)
    assert points.weight.shape == (0,)


def test_coinciding_directions_have_no_weight() -> None:
    """The sum of two parallel massless momenta has no rest frame."""
    points = bridge.Rambo(BEAMS, (0.0, 0.0)).generate(np.full((1, 2, 4), 0.5), 10.0)
    assert points.weight[0] == 0 or np.isfinite(points.momenta).all()


@pytest.mark.parametrize(
    ("random", "sqrt_s", "message"),
    [
        (np.zeros((3, 2, 3)), 500.0, "random: expected shape"),
        (np.zeros((3, 2, 4), np.float32), 500.0, "random: expected an array of float64"),
        (np.zeros((3, 2, 8))[..., ::2], 500.0, "random: expected a C-contiguous"),
        ([[[0.5] * 4] * 2], 500.0, "random: expected a NumPy array"),
        (np.ones((3, 2, 4)), 500.0, "random: expected 0 <= r < 1"),
        (np.full((3, 2, 4), np.nan), 500.0, "random: expected 0 <= r < 1"),
        (np.full((3, 2, 4), 0.5), 346.0, "sqrt_s: expected more than the masses"),
        (np.full((3, 2, 4), 0.5), np.nan, "sqrt_s: expected more than the masses"),
        (np.full((3, 2, 4), 0.5), np.full(2, 500.0), "sqrt_s: expected shape"),
    ],
)
def test_wrong_arguments(random: Any, sqrt_s: Any, message: str) -> None:
    with pytest.raises(bridge.ArgumentError, match=message):
        bridge.Rambo(BEAMS, (TOP, TOP)).generate(random, sqrt_s)


@pytest.mark.parametrize(
    ("incoming", "outgoing", "message"),
    [
        ((), (1.0, 1.0), "incoming: expected masses of 1 to 2"),
        ((0.0, 0.0), (1.0,), "outgoing: expected masses of 2 to 14"),
        ((0.0, 0.0), (1.0,) * 15, "outgoing: expected masses of 2 to 14"),
        ((0.0, 0.0), (-1.0, 1.0), "outgoing: expected finite masses"),
        ((np.inf, 0.0), (1.0, 1.0), "incoming: expected finite masses"),
    ],
)
def test_wrong_particles(incoming: Any, outgoing: Any, message: str) -> None:
    with pytest.raises(bridge.ArgumentError, match=message):
        bridge.Rambo(incoming, outgoing)


@pytest.mark.gpu
@pytest.mark.skipif(not bridge.has_feature("cuda"), reason="no GPU")
class TestGpu:
    @pytest.mark.parametrize("masses", FINAL_STATES)
    def test_same_as_the_cpu(self, masses: tuple[float, ...]) -> None:
        u = _numbers(20_001, len(masses))
        energy = np.random.default_rng(2).uniform(1.01, 5, len(u)) * max(sum(masses), 100.0)
        here, there = (bridge.Rambo(BEAMS, masses, b).generate(u, energy) for b in ("auto", "cuda"))
        deviation = np.abs(here.momenta - there.momenta).max(axis=(1, 2)) / energy
        assert np.median(deviation) < 1e-15
        assert deviation.max() < TOLERANCE
        np.testing.assert_allclose(there.weight, here.weight, rtol=1e-9)

    @pytest.mark.parametrize("request_", ["e+ e- > mu+ mu-", "g g > t t~ g"])
    def test_whole_workflow_on_the_device(self, request_: str) -> None:
        """Random numbers, momenta and matrix elements never leave the GPU; the same on the CPU."""
        cupy = pytest.importorskip("cupy")
        program, values, masses = _process(request_)
        engines = {backend: bridge.Engine(program, backend) for backend in ("cuda", "auto")}
        for engine in engines.values():
            engine.set_parameters(values)
        stream = cupy.cuda.Stream(non_blocking=True)
        with stream:
            random = cupy.random.default_rng(3).random((5000, len(masses) - 2, 4))
            points = bridge.Rambo(masses[:2], masses[2:], "cuda").generate(random, 1000.0)
            result = engines["cuda"].evaluate(points.momenta)
            mean = (points.weight * result.matrix_element).mean()
        stream.synchronize()
        here = bridge.Rambo(masses[:2], masses[2:]).generate(cupy.asnumpy(random), 1000.0)
        expected = engines["auto"].evaluate(here.momenta).matrix_element
        assert expected is not None
        found = cupy.asnumpy(result.matrix_element)
        # a momentum's rounding grows in soft and collinear corners
        deviation = np.abs(found - expected) / np.abs(expected)
        assert np.median(deviation) < 1e-13
        assert deviation.max() < 1e-8
        assert float(mean) == pytest.approx((here.weight * expected).mean(), rel=1e-9)

    def test_below_the_threshold(self) -> None:
        cupy = pytest.importorskip("cupy")
        points = bridge.Rambo(BEAMS, (TOP, TOP), "cuda").generate(cupy.full((3, 2, 4), 0.3), cupy.full(3, 300.0))
        assert not cupy.asnumpy(points.weight).any()
        assert np.isnan(cupy.asnumpy(points.momenta)[:, 2:]).all()

    def test_helicities_found_on_the_device(self) -> None:
        cupy = pytest.importorskip("cupy")
        program, values, masses = _process("g g > t t~ g")
        points = bridge.Rambo(masses[:2], masses[2:], "cuda").generate(cupy.random.random((100, 3, 4)), 1000.0)
        found = []
        for backend, momenta in (("cuda", points.momenta), ("auto", cupy.asnumpy(points.momenta))):
            engine = bridge.Engine(program, backend)
            engine.set_parameters(values)
            found.append(engine.find_helicities(momenta))
        np.testing.assert_array_equal(*found)
        assert isinstance(found[0], np.ndarray)


def test_helicities_that_contribute() -> None:
    """A vector exchange between massless fermions conserves chirality: four of sixteen combinations."""
    program, values, masses = _process("e+ e- > mu+ mu-")
    assert not any(masses)
    engine = bridge.Engine(program)
    engine.set_parameters(values)
    momenta = bridge.Rambo(masses[:2], masses[2:]).generate(_numbers(10, 2), 500.0).momenta
    found = engine.find_helicities(momenta)
    h = program.helicities
    np.testing.assert_array_equal(found, (h[:, 0] == -h[:, 1]) & (h[:, 2] == -h[:, 3]))
    whole = engine.evaluate(momenta).matrix_element
    engine.set_helicity_weights(found.astype(np.float64))
    np.testing.assert_allclose(engine.evaluate(momenta).matrix_element, whole, rtol=1e-14)


def test_arrays_on_a_device_need_cupy_or_the_backend(tmp_path: Path) -> None:
    class OnDevice:
        __cuda_array_interface__: dict[str, Any] = {}  # noqa: RUF012

    with pytest.raises((bridge.UnsupportedError, bridge.ArgumentError)):
        bridge.Rambo(BEAMS, (0.0, 0.0)).generate(OnDevice(), 10.0)  # type: ignore[arg-type]
