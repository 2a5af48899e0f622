"""The public face of the package: names, exceptions, and what is said about wrong arguments."""

from __future__ import annotations

import inspect
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import bridge

N_EVENT = 3


@pytest.fixture
def momenta(program: bridge.Program) -> np.ndarray:
    """Arbitrary numbers: these tests look at no matrix element."""
    return np.random.default_rng(1).uniform(1, 100, (N_EVENT, program.n_leg, 4))


def test_public_names() -> None:
    assert bridge.__all__ == [
        "ArgumentError",
        "DeviceError",
        "Engine",
        "Error",
        "FileError",
        "InternalError",
        "OutOfMemoryError",
        "Points",
        "Program",
        "ProgramError",
        "Rambo",
        "Result",
        "StateError",
        "UnsupportedError",
        "__version__",
        "abi_version",
        "generate",
        "get_flags",
        "get_include",
        "get_library",
        "get_library_dir",
        "has_feature",
        "modes",
        "new",
    ]
    assert set(bridge.__all__) <= set(dir(bridge))
    for name in bridge.__all__:
        assert getattr(bridge, name) is not None


def test_unknown_name() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        bridge.no_such_name  # noqa: B018


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (bridge.Engine, ["program", "backend", "precision", "threads"]),
        (bridge.Engine.set_parameters, ["self", "values"]),
        (bridge.Engine.set_helicity_weights, ["self", "weights"]),
        (bridge.Engine.set_threads, ["self", "threads"]),
        (
            bridge.Engine.evaluate,
            [
                "self",
                "momenta",
                "running_couplings",
                "channel",
                "channel_cut",
                "random_helicity",
                "random_color",
                "color_config",
                "helicity",
                "outputs",
                "stream",
                "repeat",
            ],
        ),
        (bridge.Program.from_file, ["path", "plugin"]),
        (bridge.Program.from_bytes, ["data", "plugin"]),
        (
            bridge.generate,
            [
                "process",
                "sqrt_s",
                "n_event",
                "seed",
                "output",
                "backend",
                "threads",
                "pdf",
                "parameters",
                "card",
                "alpha_s",
                "model",
                "cuts",
                "scale",
                "factorization_scale",
                "n_survey",
                "max_overweight",
            ],
        ),
        (bridge.get_flags, ["kind"]),
        (bridge.new, ["process", "directory", "dialect", "fixed_energy", "pdf", "settings", "model"]),
    ],
)
def test_signatures(function: Any, parameters: list[str]) -> None:
    assert list(inspect.signature(function).parameters) == parameters


def test_exceptions_have_builtin_bases() -> None:
    assert issubclass(bridge.ArgumentError, ValueError)
    assert issubclass(bridge.FileError, OSError)
    assert issubclass(bridge.ProgramError, ValueError)
    assert issubclass(bridge.UnsupportedError, RuntimeError)
    assert issubclass(bridge.OutOfMemoryError, MemoryError)
    assert issubclass(bridge.StateError, RuntimeError)
    assert issubclass(bridge.InternalError, RuntimeError)


def test_one_exception_for_each_status() -> None:
    header = (Path(bridge.get_include()) / "mebridge" / "types.h").read_text()
    from bridge.exceptions import BY_STATUS

    assert header.count("MEB_ERROR_") == len(BY_STATUS)
    assert all(issubclass(kind, bridge.Error) for kind in BY_STATUS.values())


def test_modes() -> None:
    assert bridge.modes()[0] == "scalar"
    assert all(bridge.has_feature(name) for name in bridge.modes())
    assert not bridge.has_feature("no such feature")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(bridge.FileError, match="missing"):
        bridge.Program.from_file(tmp_path / "missing")


def test_directory_as_file(tmp_path: Path) -> None:
    with pytest.raises(bridge.FileError, match="directory"):
        bridge.Program.from_file(tmp_path)


@pytest.mark.parametrize("data", [b"", b"MEBRIDGE", b"x" * 1000])
def test_no_program(data: bytes) -> None:
    with pytest.raises(bridge.ProgramError):
        bridge.Program.from_bytes(data)


def test_corrupt_file_is_named(tmp_path: Path, program_path: Path) -> None:
    damaged = tmp_path / "damaged.meb"
    damaged.write_bytes(program_path.read_bytes()[:-1])
    with pytest.raises(bridge.ProgramError, match=r"damaged\.meb"):
        bridge.Program.from_file(damaged)


def test_program_properties(program: bridge.Program) -> None:
    assert program.n_leg >= 3
    assert program.helicities.shape == (program.n_helicity, program.n_leg)
    assert program.helicities.dtype == np.int32
    assert np.all(np.abs(program.helicities) <= 1)
    assert all(name == name.upper() for name in program.parameters)
    assert program.process
    assert program.digest
    assert min(program.n_flow, program.n_diagram) >= 1


def test_program_from_bytes(program: bridge.Program, program_path: Path) -> None:
    again = bridge.Program.from_bytes(program_path.read_bytes())
    assert (again.process, again.digest) == (program.process, program.digest)


def test_unknown_backend_lists_the_known(program: bridge.Program) -> None:
    with pytest.raises(bridge.UnsupportedError, match="scalar"):
        bridge.Engine(program, backend="no such backend")


def test_wrong_engine_arguments(program: bridge.Program) -> None:
    with pytest.raises(bridge.ArgumentError, match="program"):
        bridge.Engine("file.meb")  # type: ignore[arg-type]
    with pytest.raises(bridge.ArgumentError, match="precision"):
        bridge.Engine(program, precision="half")  # type: ignore[arg-type]
    with pytest.raises(bridge.ArgumentError, match="threads"):
        bridge.Engine(program, threads=0)


def test_engine_outlives_program(program_path: Path, mode: str) -> None:
    engine = bridge.Engine(bridge.Program.from_file(program_path), backend=mode)
    assert engine.backend == mode
    assert engine.program.n_leg >= 3


def test_missing_parameters_are_named(program: bridge.Program) -> None:
    names = (*program.parameters, *program.couplings)
    if not names:
        pytest.skip("the Program has no parameters")
    with pytest.raises(bridge.ArgumentError, match=names[-1]):
        bridge.Engine(program).set_parameters(dict.fromkeys(names[:-1], 1.0))


def test_wrong_parameters(program: bridge.Program) -> None:
    names = (*program.parameters, *program.couplings)
    good = dict.fromkeys(names, 1.0)
    engine = bridge.Engine(program)
    for name in program.parameters[:1]:
        with pytest.raises(bridge.ArgumentError, match=name):
            engine.set_parameters(good | {name: 1j})
    for name in names[:1]:
        with pytest.raises(bridge.ArgumentError, match=name):
            engine.set_parameters(good | {name: float("nan")})
        with pytest.raises(bridge.ArgumentError, match="twice"):
            engine.set_parameters(good | {name.lower(): 2.0})


def test_evaluate_before_set_parameters(program: bridge.Program, momenta: np.ndarray) -> None:
    with pytest.raises(bridge.StateError, match="set_parameters"):
        bridge.Engine(program).evaluate(momenta)


def test_all_outputs(engine: bridge.Engine, momenta: np.ndarray) -> None:
    program = engine.program
    half = np.full(N_EVENT, 0.5)
    names = list(inspect.signature(bridge.Result).parameters)
    result = engine.evaluate(momenta, random_helicity=half, random_color=half, outputs=names)
    shapes = {
        "jamp2": (N_EVENT, program.n_flow),
        "amp2": (N_EVENT, program.n_diagram),
        "matrix_element_by_helicity": (N_EVENT, program.n_helicity),
    }
    for name in names:
        array = getattr(result, name)
        assert array.shape == shapes.get(name, (N_EVENT,))
        assert array.dtype == (np.int32 if name in ("helicity", "color_flow", "flag") else np.float64)


def test_only_wanted_outputs(engine: bridge.Engine, momenta: np.ndarray) -> None:
    result = engine.evaluate(momenta, outputs=["flag"])
    assert result.matrix_element is None
    assert result.flag is not None


def test_no_events(engine: bridge.Engine, momenta: np.ndarray) -> None:
    assert engine.evaluate(momenta[:0]).matrix_element.shape == (0,)
    assert engine.n_event == 0


def test_counts(engine: bridge.Engine, momenta: np.ndarray) -> None:
    engine.evaluate(momenta)
    engine.evaluate(momenta)
    assert engine.n_event == 2 * N_EVENT
    assert engine.n_non_finite <= engine.n_event


WRONG = {
    "momenta": [
        (lambda p: p.astype(np.float32), "float32"),
        (lambda p: p.tolist(), "list"),
        (lambda p: p[:, ::2], "contiguous"),
        (lambda p: np.asfortranarray(p), "contiguous"),
        (lambda p: np.ascontiguousarray(p[:, 1:]), r"n_event, \d+, 4\), got"),
        (lambda p: p[0], "shape"),
    ],
    "running_couplings": [
        (lambda p: np.ones((N_EVENT, 99), complex), "shape"),
        (lambda p: np.ones(99, complex), "shape"),
        (lambda p: np.ones((N_EVENT, 1)), "complex128"),
    ],
    "channel": [
        (lambda p: np.zeros(N_EVENT), "int32"),
        (lambda p: np.zeros(N_EVENT, np.int64), "int32"),
        (lambda p: np.zeros(N_EVENT + 1, np.int32), "shape"),
        (lambda p: 1 << 20, "expected 0 to"),
        (lambda p: -1, "expected 0"),
        (lambda p: 1.0, "float"),
    ],
    "color_config": [(lambda p: 1 << 20, "expected 0 to")],
    "helicity": [(lambda p: 1 << 20, "expected 0 to")],
    "channel_cut": [(lambda p: np.ones((N_EVENT, 9999)), "shape")],
    "random_helicity": [(lambda p: np.ones(N_EVENT), "r < 1"), (lambda p: np.full(N_EVENT, np.nan), "r < 1")],
    "random_color": [(lambda p: np.full(N_EVENT, -0.1), "r < 1")],
    "outputs": [(lambda p: "flag", "sequence"), (lambda p: ["no such output"], "matrix_element")],
}


@pytest.mark.parametrize(("name", "case"), [(name, i) for name, cases in WRONG.items() for i in range(len(cases))])
def test_wrong_argument_is_named(engine: bridge.Engine, momenta: np.ndarray, name: str, case: int) -> None:
    make, message = WRONG[name][case]
    with pytest.raises(bridge.ArgumentError, match=rf"^{name}: .*{message}"):
        engine.evaluate(**{"momenta": momenta} | {name: make(momenta)})


def test_needed_random_numbers(engine: bridge.Engine, momenta: np.ndarray) -> None:
    with pytest.raises(bridge.ArgumentError, match="random_helicity"):
        engine.evaluate(momenta, outputs=["helicity"])
    with pytest.raises(bridge.ArgumentError, match="random_color"):
        engine.evaluate(momenta, outputs=["color_flow"])


def test_running_couplings_in_three_ways(engine: bridge.Engine, momenta: np.ndarray) -> None:
    names = engine.program.running_couplings
    if not names:
        pytest.skip("the Program has no running couplings")
    values = {name: 0.3 + 0.2j * i for i, name in enumerate(names)}
    common = np.array(list(values.values()))
    each = np.tile(common, (N_EVENT, 1))
    results = [engine.evaluate(momenta, given).matrix_element for given in (values, common, each)]
    assert np.array_equal(results[0], results[1])
    assert np.array_equal(results[0], results[2])


def test_parameters_may_be_set_anew(mode: str, program_path: Path) -> None:
    """Oracle: an engine that never had others."""
    program = bridge.Program.from_file(program_path.with_name("ll_ll.meb"))
    names = (*program.parameters, *program.couplings)
    momenta = np.random.default_rng(1).uniform(1, 100, (N_EVENT, program.n_leg, 4))
    first, second = ({name: scale + i for i, name in enumerate(names)} for scale in (1.5, 2.5))
    engine, other = bridge.Engine(program, mode), bridge.Engine(program, mode)
    engine.set_parameters(first)
    before = engine.evaluate(momenta).matrix_element
    engine.set_parameters(second)
    other.set_parameters(second)
    after = engine.evaluate(momenta).matrix_element
    assert np.array_equal(after, other.evaluate(momenta).matrix_element)
    assert not np.array_equal(after, before)


def test_helicity_weights(engine: bridge.Engine, momenta: np.ndarray) -> None:
    n_helicity = engine.program.n_helicity
    with pytest.raises(bridge.ArgumentError, match="weight"):
        engine.set_helicity_weights(np.full(n_helicity, -1.0))
    with pytest.raises(bridge.ArgumentError, match="weight"):
        engine.set_helicity_weights(np.ones(n_helicity + 1))
    engine.set_helicity_weights(np.zeros(n_helicity))
    assert np.all(engine.evaluate(momenta).matrix_element == 0)


def test_dlpack(engine: bridge.Engine, momenta: np.ndarray) -> None:
    class Other:
        """An array of another library."""

        def __dlpack__(self, **options: Any) -> Any:
            return momenta.__dlpack__(**options)

        def __dlpack_device__(self) -> Any:
            return momenta.__dlpack_device__()

    expected = engine.evaluate(momenta).matrix_element
    assert np.array_equal(engine.evaluate(Other()).matrix_element, expected)  # type: ignore[arg-type]


def test_threads_of_python_share_an_engine(engine: bridge.Engine, momenta: np.ndarray) -> None:
    expected = engine.evaluate(momenta).matrix_element
    wrong: list[object] = []

    def work() -> None:
        for _ in range(20):
            if not np.array_equal(engine.evaluate(momenta).matrix_element, expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_flags() -> None:
    assert (Path(bridge.get_include()) / "mebridge" / "mebridge.h").is_file()
    assert Path(bridge.get_library()).is_file()
    assert bridge.get_include() in bridge.get_flags("cflags")
    assert bridge.get_library_dir() in bridge.get_flags("libs")
    with pytest.raises(ValueError, match="cflags"):
        bridge.get_flags("no such kind")
