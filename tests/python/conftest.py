"""Fixtures shared by all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

import bridge

SEEDS = Path(__file__).parent.parent / "fuzz" / "seeds"


def pytest_report_header() -> str:
    try:
        return f"mebridge {bridge.__version__}, modes: {', '.join(bridge.modes())}"
    except ImportError:  # tests of the Python part alone run from the source folder
        return "mebridge: the engine is not built"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "mode" in metafunc.fixturenames:
        metafunc.parametrize("mode", bridge.modes(), indirect=True)


@pytest.fixture
def mode(request: pytest.FixtureRequest) -> str:
    """Each CPU mode usable here, one after the other."""
    print(f"mode: {request.param}")
    return str(request.param)


@pytest.fixture(scope="session")
def program_path() -> Path:
    """A small Program file."""
    paths = sorted(SEEDS.glob("*.meb"))
    assert paths, f"no Program in {SEEDS}"
    return paths[0]


@pytest.fixture(scope="session")
def program(program_path: Path) -> bridge.Program:
    """The Program of that file."""
    return bridge.Program.from_file(program_path)


@pytest.fixture
def engine(program: bridge.Program, mode: str) -> bridge.Engine:
    """An engine in each mode, its parameters set to arbitrary values."""
    engine = bridge.Engine(program, backend=mode)
    names = (*program.parameters, *program.couplings, *program.running_couplings)
    engine.set_parameters({name: 0.5 + 0.1 * i for i, name in enumerate(names)})
    return engine
