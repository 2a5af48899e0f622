"""The CUDA engine: its code on the host in every run; its compilation where NVRTC is; a GPU where there is one.

On a machine with a GPU: `python -m pytest -m gpu`. The oracle is the CPU engine, itself compared with
Fortran and NumPy.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bridge
from bridge import generator
from bridge.program import load
from bridge.validate import rambo

N_EVENT = 40
OUTPUTS = ("matrix_element", "helicity", "color_flow", "jamp2", "amp2", "matrix_element_by_helicity", "flag")
#: vector, scalar and massive structures; several rows, several colour flows, squares and density matrices
REQUESTS = (
    "e+ e- > mu+ mu-",
    "g g > t t~",
    "g g > t t~ g",
    "u u~ > u u~",
    "e+ e- > w+ w-",
    "w+ w- > h h",
    "u u~ > z z",
    "e+ e- > t t~ h",
    "g g > g g g",
)
LARGE = "g g > t t~ g g"
TOLERANCE = {"double": 1e-10, "mixed": 1e-10, "single": 1e-3}


def _made(request: str) -> tuple[bridge.Program, dict[str, Any], dict[str, complex]]:
    """Program, a batch with everything that may be asked for, and the model's values."""
    made = generator.generate(request)[0]
    process = made.process
    program = load(process)
    values = {name: complex(value) for name, value in generator.parameters(model=made.model).items()}
    masses = [abs(values[leg.mass].real) if leg.mass else 0.0 for leg in process.legs]
    n_incoming = sum(leg.incoming for leg in process.legs)
    rng = np.random.default_rng(3)
    config = rng.integers(1, program.n_config + 1, N_EVENT).astype(np.int32)
    diagram = np.array(process.config_diagrams, dtype=np.int32)[config - 1]
    diagram[::5] = 0
    scale = rng.uniform(0.9, 1.1, N_EVENT)
    running = np.array([values[name] for name in program.running_couplings], dtype=np.complex128)
    batch = {
        "momenta": rambo.generate(masses[:n_incoming], masses[n_incoming:], N_EVENT, 5),
        "running_couplings": np.ascontiguousarray(scale[:, None] * running) if running.size else None,
        "channel": diagram,
        "channel_cut": rng.uniform(0.5, 1.5, (N_EVENT, program.n_config)),
        "random_helicity": rng.random(N_EVENT),
        "random_color": rng.random(N_EVENT),
        "color_config": config,
    }
    return program, batch, values


def _evaluate(
    program: bridge.Program,
    values: dict[str, complex],
    batch: dict[str, Any],
    backend: str,
    precision: Any = "double",
    weights: Any = None,
) -> bridge.Result:
    engine = bridge.Engine(program, backend, precision)
    engine.set_parameters(values)
    if weights is not None:
        engine.set_helicity_weights(weights)
    return engine.evaluate(**batch, outputs=OUTPUTS)


def _compare(found: bridge.Result, expected: bridge.Result, tolerance: float) -> None:
    for name in ("matrix_element", "jamp2", "amp2", "matrix_element_by_helicity"):
        a, b = (np.asarray(getattr(r, name)).reshape(N_EVENT, -1) for r in (found, expected))
        assert np.abs(a - b).max() <= tolerance * np.abs(b).max(), name
        assert (np.abs(a - b) <= tolerance * np.abs(b).max(axis=1, keepdims=True) + 1e-14 * np.abs(b).max()).all(), name
    if tolerance < 1e-6:
        np.testing.assert_array_equal(found.helicity, expected.helicity)
        np.testing.assert_array_equal(found.color_flow, expected.color_flow)
    np.testing.assert_array_equal(found.flag, expected.flag)


def _check_all(request: str, backend: str, precision: str) -> None:
    program, batch, values = _made(request)
    tolerance = TOLERANCE[precision]
    _compare(
        _evaluate(program, values, batch, backend, precision), _evaluate(program, values, batch, "auto"), tolerance
    )
    weights = np.where(np.arange(program.n_helicity) % 3 != 0, 1.5, 0.0)
    some = [_evaluate(program, values, batch, b, p, weights) for b, p in ((backend, precision), ("auto", "double"))]
    if np.abs(np.asarray(some[1].jamp2)).max() > 1e-12 * np.abs(np.asarray(some[1].amp2)).max() > 0:
        single = {**batch, "channel": None, "channel_cut": None}
        results = [
            _evaluate(program, values, single, b, p, weights) for b, p in ((backend, precision), ("auto", "double"))
        ]
        _compare(results[0], results[1], tolerance)
    one = {**batch, "helicity": (np.arange(N_EVENT) % (program.n_helicity + 1)).astype(np.int32), "channel": None}
    found, expected = (_evaluate(program, values, one, b, p) for b, p in ((backend, precision), ("auto", "double")))
    # Where this one helicity's matrix element vanishes but for rounding (gg -> tt~: below 1e-29 of the mean), JAMP2 and
    # the colour chosen from it are rounding, too, and differ between the CPU's own modes: they are not compared.
    largest = np.abs(np.asarray(expected.matrix_element)).max()
    assert np.abs(np.asarray(found.matrix_element) - expected.matrix_element).max() <= tolerance * largest


@pytest.mark.parametrize("precision", ["double", "single", "mixed"])
@pytest.mark.parametrize("request_", REQUESTS)
def test_device_code_on_the_host(request_: str, precision: str) -> None:
    _check_all(request_, "cuda_host", precision)


def test_large_process_on_the_host() -> None:
    _check_all(LARGE, "cuda_host", "double")


#: massless and massive fermions in both initial and final states, vectors, scalars
NOT_FINITE = ("e+ e- > mu+ mu-", "e+ e- > w+ w-", "g g > t t~", "u u~ > u u~", "u u~ > z z", "g g > g g g")


def _check_not_finite(request: str, backend: str, precision: Any) -> None:
    """Every component of every leg in turn is not finite; the events between those are as without them."""
    program, batch, values = _made(request)
    n_bad = program.n_leg * 4
    n_event = 2 * n_bad + 1
    batch = {name: None if x is None else np.resize(x, (n_event, *x.shape[1:])) for name, x in batch.items()}
    expected = _evaluate(program, values, batch, backend, precision)
    for value in (np.nan, np.inf, -np.inf):
        spoilt = batch["momenta"].copy()
        for k in range(n_bad):
            spoilt[2 * k + 1].reshape(-1)[k] = value
        engine = bridge.Engine(program, backend, precision)
        engine.set_parameters(values)
        result = engine.evaluate(**{**batch, "momenta": spoilt}, outputs=OUTPUTS)
        assert engine.n_non_finite == n_bad
        np.testing.assert_array_equal(result.flag, np.arange(n_event) % 2)
        for name in OUTPUTS:
            np.testing.assert_array_equal(getattr(result, name)[::2], getattr(expected, name)[::2], err_msg=name)
        for name in ("matrix_element", "helicity", "color_flow"):
            assert not getattr(result, name)[1::2].any(), name


@pytest.mark.parametrize("precision", ["double", "single", "mixed"])
@pytest.mark.parametrize("request_", NOT_FINITE)
def test_not_finite_on_the_host(request_: str, precision: str) -> None:
    _check_not_finite(request_, "cuda_host", precision)


@pytest.mark.skipif(bridge.has_feature("cuda"), reason="there is a GPU")
def test_without_a_gpu_the_error_says_so(program: bridge.Program) -> None:
    with pytest.raises(bridge.UnsupportedError, match="backend 'cuda' is not usable here"):
        bridge.Engine(program, "cuda")


def _nvrtc() -> str | None:
    """NVRTC as the engine finds it, or from the wheel nvidia-cuda-nvrtc."""
    names = [os.environ.get("MEBRIDGE_NVRTC", ""), "libnvrtc.so.13", "libnvrtc.so.12"]
    try:
        import nvidia  # type: ignore[import-not-found,import-untyped,unused-ignore]

        names += [str(p) for root in nvidia.__path__ for p in sorted(Path(root).glob("*/lib/libnvrtc.so.1[23]"))]
    except ImportError:
        pass
    for name in filter(None, names):
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return name
    return None


@pytest.mark.skipif(_nvrtc() is None, reason="no NVRTC: pip install nvidia-cuda-nvrtc")
@pytest.mark.parametrize(
    ("architecture", "precision", "design"),
    [
        *((architecture, "double", design) for architecture in ("sm_80", "sm_90", "sm_100") for design in "02"),
        ("sm_90", "single", "0"),
    ],
)
def test_compiles(
    architecture: str,
    precision: Any,
    design: str,
    tmp_path: Path,
    program: bridge.Program,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The engine's own choice of designs, and the tensor cores' one: together all sources."""
    monkeypatch.setenv("MEBRIDGE_NVRTC", _nvrtc() or "")
    monkeypatch.setenv("MEBRIDGE_CUDA_DESIGN", design)
    program.compile_cuda(architecture, tmp_path, precision)
    kernels = list(tmp_path.glob(f"*-{architecture}.cubin"))
    assert len(kernels) >= 3  # matrix elements, with AMP2, and phase space
    assert all(kernel.read_bytes().startswith(b"\x7fELF") for kernel in kernels)


def test_unknown_architecture_is_refused(program: bridge.Program, tmp_path: Path) -> None:
    with pytest.raises(bridge.ArgumentError, match="sm_90"):
        program.compile_cuda("sm_1", tmp_path)


gpu = [
    pytest.mark.gpu,
    pytest.mark.skipif(not bridge.has_feature("cuda"), reason="no GPU"),
]


class TestGpu:
    """Needs a GPU and NVRTC; the tests of arrays on the device need CuPy."""

    pytestmark = gpu

    @pytest.mark.parametrize("precision", ["double", "single", "mixed"])
    @pytest.mark.parametrize("request_", [*REQUESTS, LARGE, "u u~ > t t~ g g"])
    def test_values(self, request_: str, precision: str) -> None:
        _check_all(request_, "cuda", precision)

    @pytest.mark.parametrize("design", ["0", "2", "3"])
    @pytest.mark.parametrize("request_", NOT_FINITE)
    def test_not_finite(self, request_: str, design: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MEBRIDGE_CUDA_DESIGN", design)
        for precision in ("double", "single"):
            _check_not_finite(request_, "cuda", precision)

    @pytest.mark.parametrize("design", ["1", "2", "3"])
    def test_all_designs(self, design: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MEBRIDGE_CUDA_DESIGN", design)
        _check_all("g g > t t~", "cuda", "double")

    @pytest.mark.parametrize("apart", ["0", "1"])
    @pytest.mark.parametrize("pairs", ["0", "1"])
    def test_dots_in_registers(self, pairs: str, apart: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("MEBRIDGE_CUDA_PAIRS", pairs)
        monkeypatch.setenv("MEBRIDGE_CUDA_APART", apart)
        _check_all("g g > t t~ g g", "cuda", "double")

    def test_batches_larger_than_a_piece(self) -> None:
        program, batch, values = _made("e+ e- > mu+ mu-")
        n = 200_001
        large = {
            name: None if x is None else np.ascontiguousarray(np.resize(x, (n, *x.shape[1:])))
            for name, x in batch.items()
        }
        found, expected = (_evaluate(program, values, large, b).matrix_element for b in ("cuda", "auto"))
        assert found is not None
        assert expected is not None
        assert (np.abs(found - expected) <= 1e-10 * np.abs(expected)).all()

    def test_arrays_on_the_device(self) -> None:
        cupy = pytest.importorskip("cupy")
        program, batch, values = _made("g g > t t~ g")
        expected = _evaluate(program, values, batch, "cuda")
        engine = bridge.Engine(program, "cuda")
        engine.set_parameters(values)
        stream = cupy.cuda.Stream(non_blocking=True)
        with stream:
            on_device = {name: cupy.asarray(x) for name, x in batch.items() if x is not None}
            result = engine.evaluate(**on_device, outputs=OUTPUTS)
        stream.synchronize()
        for name in OUTPUTS:
            np.testing.assert_array_equal(cupy.asnumpy(getattr(result, name)), getattr(expected, name))

    def test_arrays_of_others(self) -> None:
        cupy = pytest.importorskip("cupy")
        torch = pytest.importorskip("torch")
        program, batch, values = _made("e+ e- > mu+ mu-")
        expected = _evaluate(program, values, batch, "cuda").matrix_element
        engine = bridge.Engine(program, "cuda")
        engine.set_parameters(values)
        momenta = torch.from_numpy(batch["momenta"]).cuda()
        result = engine.evaluate(
            momenta, channel=torch.from_numpy(batch["channel"]).cuda(), channel_cut=batch["channel_cut"]
        )
        assert result.matrix_element is not None
        got = cupy.asnumpy(result.matrix_element)
        assert (np.abs(got - np.abs(expected)) <= 1e-12 * np.abs(expected)).all()

    def test_wrong_arrays_are_refused(self) -> None:
        cupy = pytest.importorskip("cupy")
        program, batch, values = _made("e+ e- > mu+ mu-")
        engine = bridge.Engine(program, "cuda")
        engine.set_parameters(values)
        with pytest.raises(bridge.ArgumentError, match="momenta: expected an array of float64"):
            engine.evaluate(cupy.asarray(batch["momenta"].astype(np.float32)))
        with pytest.raises(bridge.ArgumentError, match="channel: expected shape"):
            engine.evaluate(cupy.asarray(batch["momenta"]), channel=cupy.zeros(3, np.int32))
