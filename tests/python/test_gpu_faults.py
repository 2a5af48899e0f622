"""A GPU that fails: with a driver that has none (tests/c/fake_cuda.cpp), whose kernels are the host's and whose calls
fail when they are told to.

Oracle: the CPU engine. Each test runs in a process of its own, which finds the fake driver in place of another.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from directories import events_of, generate, small_directory

import bridge
from bridge.madevent.inject import inject

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="no g++")

OUT_OF_MEMORY, ECC, ILLEGAL_ADDRESS, LAUNCH_FAILED, LOST = 2, 214, 700, 719, 999
#: call, and its error
IN_A_BATCH = [
    ("cuLaunchKernel", ILLEGAL_ADDRESS),
    ("cuLaunchKernel", LAUNCH_FAILED),
    ("cuStreamSynchronize", ECC),
    ("cuMemcpyHtoDAsync_v2", LAUNCH_FAILED),
    ("cuMemcpyDtoHAsync_v2", LOST),
    ("cuMemsetD8Async", LOST),
    ("cuMemAlloc_v2", OUT_OF_MEMORY),
    ("cuMemAllocHost_v2", OUT_OF_MEMORY),
    ("cuModuleLoadData", 209),
    ("cuModuleGetFunction", 500),
    ("cuOccupancyMaxActiveBlocksPerMultiprocessor", LOST),
    ("cuStreamCreate", OUT_OF_MEMORY),
    ("cuCtxPushCurrent_v2", LOST),
]
AT_THE_START = [
    ("cuInit", 803, "does not start"),  # the driver is of another version than its kernel module
    ("cuInit", 100, "does not start"),  # no device
    ("cuDeviceGetCount", LOST, "counting devices"),
    ("cuDeviceGet", 101, "choosing a device"),
    ("cuDevicePrimaryCtxRetain", OUT_OF_MEMORY, "opening the device"),
]


@pytest.fixture(scope="session")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fake driver, which is NVRTC as well."""
    path = tmp_path_factory.mktemp("fake") / "libcuda.so.1"
    source = ROOT / "tests" / "c" / "fake_cuda.cpp"
    flags = ["-std=c++20", "-O1", "-fPIC", "-shared", "-Wno-psabi", f"-I{ROOT / 'cpp'}", "-Wl,-soname,libcuda.so.1"]
    subprocess.run(["g++", *flags, source, "-o", path], check=True)
    return path


def _environment(driver: Path, cache: Path, **more: str) -> dict[str, str]:
    """In which the GPU is the fake one, with the design of blocks that it computes."""
    path = os.pathsep.join([str(driver.parent), os.environ.get("LD_LIBRARY_PATH", "")])
    own = {
        "LD_LIBRARY_PATH": path.rstrip(os.pathsep),
        "MEBRIDGE_CUDA_CACHE": str(cache),
        "MEBRIDGE_NVRTC": str(driver),
        "MEBRIDGE_CUDA_DESIGN": "2",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    return {**os.environ, **own, **more}


def _child(name: str, driver: Path, cache: Path, *arguments: object, **more: str) -> str:
    """Runs a function of this file in a process that has the fake GPU; what it prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", __file__, name, *map(str, arguments)],
        env=_environment(driver, cache, **more),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


# --- in the child


def _made() -> tuple[bridge.Program, dict[str, Any], dict[str, complex]]:
    import test_cuda

    return test_cuda._made("g g > t t~")


def _evaluate(engine: bridge.Engine, values: dict[str, complex], batch: dict[str, Any]) -> bridge.Result:
    import test_cuda

    engine.set_parameters(values)
    return engine.evaluate(**batch, outputs=test_cuda.OUTPUTS)


def child_values() -> None:
    import test_cuda

    for request in ("e+ e- > mu+ mu-", "g g > t t~ g"):
        for precision in ("double", "single"):
            test_cuda._check_all(request, "cuda", precision)
    u = np.random.default_rng(1).random((20, 3, 4))
    here, there = (bridge.Rambo((0, 0), (173, 173, 0), b).generate(u, 900.0) for b in ("scalar", "cuda"))
    np.testing.assert_allclose(there.momenta, here.momenta, rtol=0, atol=1e-9)
    np.testing.assert_allclose(there.weight, here.weight, rtol=1e-12)


def child_faults(driver: str) -> None:
    """Each fault in the first batch and in later ones: an error of its kind, and all memory is given back."""
    import test_cuda

    fake = ctypes.CDLL(driver)
    fake.fake_cuda_allocated.restype = ctypes.c_long
    program, batch, values = _made()
    expected = _evaluate(bridge.Engine(program, "scalar"), values, batch)
    for call, code in IN_A_BATCH:
        for healthy in (0, 2):
            before = fake.fake_cuda_allocated()
            engine = bridge.Engine(program, "cuda")
            for _ in range(healthy):
                test_cuda._compare(_evaluate(engine, values, batch), expected, 1e-10)
            fake.fake_cuda_fail(f"{call} 1 {code}".encode())
            error = None
            try:
                result = _evaluate(engine, values, batch)
            except bridge.Error as raised:
                error = raised.with_traceback(None)  # which would keep the engine
            if error is None:
                assert healthy > 0, call
                test_cuda._compare(result, expected, 1e-10)  # what the call makes was there already
            else:
                assert type(error) is (bridge.OutOfMemoryError if code == OUT_OF_MEMORY else bridge.DeviceError), call
                assert str(error).startswith("GPU: ")
                assert str(error).endswith(f"fake error {code}")
            del engine
            if code == OUT_OF_MEMORY:  # else the driver gives nothing back
                assert fake.fake_cuda_allocated() == before, call
            fake.fake_cuda_fail(b"")
    engine = bridge.Engine(program, "cuda")
    test_cuda._compare(_evaluate(engine, values, batch), expected, 1e-10)
    fake.cuDevicePrimaryCtxReset_v2(0)
    with pytest.raises(bridge.DeviceError, match="context was destroyed"):
        _evaluate(engine, values, batch)
    del engine


def child_adaptive(reason: str) -> None:
    """Until the GPU has come and gone: the fake one is slow, or fails."""
    import test_cuda

    program, batch, values = _made()
    large = {
        name: None if x is None else np.ascontiguousarray(np.resize(x, (4000, *x.shape[1:])))
        for name, x in batch.items()
    }
    engine = bridge.Engine(program, "adaptive")
    engine.set_parameters(values)
    n_call = 0
    while reason not in engine.description:
        result = engine.evaluate(**large, outputs=test_cuda.OUTPUTS)
        n_call += 1
        if n_call == 1:
            expected = result
    assert engine.backend == bridge.modes()[-1]
    assert engine.n_event == 4000 * n_call
    for name in test_cuda.OUTPUTS:
        a, b = getattr(result, name), getattr(expected, name)
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12 * np.abs(b).max())


def child_at_the_start(message: str) -> None:
    seed = bridge.Program.from_file(sorted((ROOT / "tests" / "fuzz" / "seeds").glob("*.meb"))[0])
    with pytest.raises((bridge.UnsupportedError, bridge.DeviceError, bridge.OutOfMemoryError), match=message):
        bridge.Engine(seed, "cuda")
    for backend in ("auto", "adaptive"):
        assert bridge.Engine(seed, backend).backend == bridge.modes()[-1]


def child_compile(folder: str) -> None:
    program, _, _ = _made()
    program.compile_cuda("sm_90", folder)


def child_carried(expected: str) -> None:
    """Without NVRTC, with kernels that were made ahead or without."""
    import test_cuda

    program, batch, values = _made()
    batch["helicity"] = None
    engine = bridge.Engine(program, "cuda")
    if expected == "none":
        with pytest.raises(bridge.UnsupportedError, match="NVRTC"):
            _evaluate(engine, values, batch)
        return
    for given in (batch, {**batch, "channel": None, "channel_cut": None}):
        outputs = [name for name in test_cuda.OUTPUTS if name != "amp2" or given["channel"] is not None]
        engine.set_parameters(values)
        found = engine.evaluate(**given, outputs=outputs).matrix_element
        reference = _evaluate(bridge.Engine(program, "scalar"), values, given).matrix_element
        np.testing.assert_allclose(found, reference, rtol=1e-10)
    bridge.Rambo((0, 0), (173, 173), "cuda")


def child_bench() -> None:
    from bridge.bench.measure import Setting, measure
    from bridge.bench.subjects import subjects

    (subject,) = subjects("g g > t t~", 64)
    found, on_cpu = measure(subject, [Setting(name, "double", 1, 64) for name in ("cuda", "scalar")], 1)
    assert found.backend == "cuda"
    assert found.operations >= on_cpu.operations  # of all helicities
    # the fake has one multiprocessor of sm_90 and a clock of 1 kHz
    assert bridge._core.measure_peak("cuda", 0) == 2 * 64 * 1e3
    assert bridge._core.measure_peak("cuda", 1) == 2 * 128 * 1e3


def _fill_memory(cupy: Any) -> Any:
    held = []
    size = 1 << 36
    while size >= 1 << 16:
        try:
            held.append(cupy.cuda.memory.Memory(size))
        except cupy.cuda.memory.OutOfMemoryError:
            size //= 2
        except cupy.cuda.runtime.CUDARuntimeError:
            size //= 2
    return held


def _illegal_address(cupy: Any) -> Any:
    kernel = cupy.RawKernel('extern "C" __global__ void wrong(double* p) { p[threadIdx.x] = 1; }', "wrong")
    kernel((1,), (32,), (np.uintp(64),))


def _reset(cupy: Any) -> Any:
    ctypes.CDLL("libcuda.so.1").cuDevicePrimaryCtxReset_v2(cupy.cuda.Device().id)


_REAL_FAULTS = {"memory": _fill_memory, "address": _illegal_address, "reset": _reset}


def child_real(fault: str) -> None:
    """A fault in a process with an engine on the GPU, and with one that has chosen it."""
    import cupy  # type: ignore[import-not-found,unused-ignore]
    import test_cuda

    program, batch, values = _made()
    expected = _evaluate(bridge.Engine(program, "auto"), values, batch)
    named, chosen = bridge.Engine(program, "cuda"), bridge.Engine(program, "adaptive")
    test_cuda._compare(_evaluate(named, values, batch), expected, 1e-10)
    large = {
        name: None if x is None else np.ascontiguousarray(np.resize(x, (1 << 17, *x.shape[1:])))
        for name, x in batch.items()
    }
    before = _evaluate(chosen, values, large)
    while chosen.backend != "cuda":
        chosen.evaluate(large["momenta"], large["running_couplings"])
    cupy.cuda.Device().synchronize()
    held = _REAL_FAULTS[fault](cupy)
    for engine in (named, chosen):
        n_event = engine.n_event
        try:
            # more than before: new memory is needed
            after = engine.evaluate(**large, outputs=test_cuda.OUTPUTS)
        except bridge.Error as raised:
            print(fault, type(raised).__name__, raised)
            continue
        assert engine is chosen, "no error"
        print(fault, engine.description)
        for name in test_cuda.OUTPUTS:
            a, b = getattr(after, name), getattr(before, name)
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12 * np.abs(b).max())
        assert engine.n_event == n_event + len(large["momenta"])
    assert chosen.backend == bridge.modes()[-1]
    del held


# --- in the parent


def test_fake_gpu_computes(driver: Path, tmp_path: Path) -> None:
    _child("values", driver, tmp_path)


def test_bench(driver: Path, tmp_path: Path) -> None:
    _child("bench", driver, tmp_path)


def test_faults_in_a_batch_are_errors(driver: Path, tmp_path: Path) -> None:
    _child("faults", driver, tmp_path, driver)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("", "it is faster than the GPU"), ("cuLaunchKernel 2 719", "fake error 719"), ("cuInit 1 803", "does not start")],
)
def test_adaptive_engine(driver: Path, tmp_path: Path, fault: str, reason: str) -> None:
    _child("adaptive", driver, tmp_path, reason, FAKE_CUDA_FAIL=fault)


@pytest.mark.parametrize(("call", "code", "message"), AT_THE_START)
def test_faults_at_the_start(driver: Path, tmp_path: Path, call: str, code: int, message: str) -> None:
    _child("at_the_start", driver, tmp_path, message, FAKE_CUDA_FAIL=f"{call} 1 {code}")


def test_kernels_made_ahead_need_no_compiler(driver: Path, tmp_path: Path) -> None:
    kernels = tmp_path / "kernels"
    _child("compile", driver, tmp_path / "cache", kernels)
    assert len(list(kernels.glob("*-sm_90.cubin"))) >= 3
    # a compiler that fails is none
    broken = {"FAKE_CUDA_FAIL": "nvrtcCompileProgram 1 6"}
    _child("carried", driver, tmp_path / "empty", "all", MEBRIDGE_CUDA_KERNELS=str(kernels), **broken)


@pytest.mark.gpu
class TestRealGpu:
    @pytest.fixture(autouse=True)
    def _gpu(self) -> None:
        # not when this file is loaded: a child's first call must be its own
        if not bridge.has_feature("cuda"):
            pytest.skip("no GPU")

    @pytest.mark.parametrize("fault", _REAL_FAULTS)
    def test_real_faults(self, fault: str) -> None:
        pytest.importorskip("cupy")
        done = subprocess.run([sys.executable, __file__, "real", fault], capture_output=True, text=True)
        print(done.stdout)
        assert done.returncode == 0, done.stdout + done.stderr
        assert f"{fault} {'OutOfMemoryError' if fault == 'memory' else 'DeviceError'} GPU: " in done.stdout

    def test_kernels_made_ahead(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        import test_cuda

        program, batch, values = _made()
        (architecture,) = re.findall(r"\((sm_\d+)\)", bridge.Engine(program, "cuda").description)
        program.compile_cuda(architecture, tmp_path / "kernels")
        monkeypatch.setenv("MEBRIDGE_CUDA_KERNELS", str(tmp_path / "kernels"))
        monkeypatch.setenv("MEBRIDGE_CUDA_CACHE", str(tmp_path / "cache"))
        expected = _evaluate(bridge.Engine(program, "auto"), values, batch)
        test_cuda._compare(_evaluate(bridge.Engine(program, "cuda"), values, batch), expected, 1e-10)
        bridge.Rambo((0, 0), (173, 173), "cuda")
        assert not (tmp_path / "cache").exists()


# --- MadEvent's event loop


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An injected process directory that has run on the CPU."""
    if shutil.which("gfortran") is None or shutil.which("make") is None:
        pytest.skip("needs gfortran and make")
    root = small_directory(tmp_path_factory.mktemp("madevent") / "dir")
    inject(root)
    generate(root, "cpu", MEBRIDGE_BACKEND="scalar", MEBRIDGE_LOG=str(root / "cpu.log"))
    return root


@pytest.mark.parametrize(
    "fault",
    [
        "",
        f"cuLaunchKernel 1 {LAUNCH_FAILED}",
        f"cuLaunchKernel 3 {ECC}",
        f"cuStreamSynchronize 9 {ILLEGAL_ADDRESS}",
        f"cuMemAlloc_v2 1 {OUT_OF_MEMORY}",
        "cuModuleLoadData 1 209",
        "nvrtcCompileProgram 1 6",
        "cuInit 1 803",
    ],
)
def test_no_event_is_lost(driver: Path, directory: Path, tmp_path: Path, fault: str) -> None:
    log = tmp_path / "log"
    name = "gpu_" + fault.replace(" ", "_")
    own = {"MEBRIDGE_BACKEND": "cuda", "MEBRIDGE_BATCH": "128", "MEBRIDGE_LOG": str(log), "FAKE_CUDA_FAIL": fault}
    environment = {**_environment(driver, tmp_path / "cache", **own), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    found = generate(directory, name, **environment).split("<event>\n")
    expected = events_of(directory, "cpu").split("<event>\n")
    assert len(found) == len(expected)
    assert sum(a == b for a, b in zip(found, expected, strict=True)) >= 0.99 * len(expected)
    lines = log.read_text().splitlines()
    failed = [line for line in lines if "from now on: " in line or "instead: " in line]
    if not fault:
        assert not failed
        assert any(line.startswith("mebridge: cuda") for line in lines)
    else:
        assert failed, lines
        assert all(line.endswith(bridge.modes()[-1]) for line in failed), lines
    assert not any(": Fortran" in line for line in lines), lines


def test_choice_between_cpu_and_gpu(tmp_path: Path) -> None:
    """tests/c/test_adaptive.cpp, with engines that say how long they take."""
    program = tmp_path / "test_adaptive"
    sources = [ROOT / "tests/c/test_adaptive.cpp", ROOT / "cpp/engine/adaptive_engine.cpp"]
    flags = ["-std=c++20", "-Wall", "-Wextra", "-Werror", f"-I{ROOT / 'cpp'}"]
    subprocess.run(["g++", *flags, *sources, "-o", program], check=True)
    subprocess.run([program], check=True)


if __name__ == "__main__":
    globals()[f"child_{sys.argv[1]}"](*sys.argv[2:])
