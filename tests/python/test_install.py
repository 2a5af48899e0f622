"""Outside C, C++ and Fortran programs against the installed headers and library.

Oracle: the Python face of the same engine, which must print the same digits.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import bridge

ROOT = Path(__file__).parent.parent.parent
STRICT = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
COMPILERS = {"c11": ["gcc", "-std=c11"], "c++17": ["g++", "-std=c++17", "-x", "c++"]}


def run(*command: object, **options: object) -> str:
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


def needs(compiler: str) -> None:
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")


def build(tmp_path: Path, source: Path, language: str) -> Path:
    needs(COMPILERS[language][0])
    program = tmp_path / source.stem
    cflags, libs = bridge.get_flags("cflags").split(), bridge.get_flags("libs").split()
    run(*COMPILERS[language], *STRICT, *cflags, source, "-o", program, *libs)
    return program


def build_fortran(tmp_path: Path, source: Path) -> Path:
    needs("gfortran")
    program = tmp_path / (source.stem + "_fortran")
    fflags, libs = bridge.get_flags("fflags").split(), bridge.get_flags("flibs").split()
    run("gfortran", "-std=f2018", *STRICT, *fflags, source, "-o", program, *libs)
    return program


@pytest.mark.parametrize("language", COMPILERS)
@pytest.mark.parametrize("header", ["types.h", "program.h", "engine.h", "rambo.h", "mebridge.h"])
def test_header_stands_alone(tmp_path: Path, header: str, language: str) -> None:
    needs(COMPILERS[language][0])
    source = tmp_path / "header.c"
    source.write_text(f"#include <mebridge/{header}>\n#include <mebridge/{header}>\nint main(void) {{ return 0; }}\n")
    run(*COMPILERS[language], *STRICT, "-fsyntax-only", bridge.get_flags("cflags"), source)


@pytest.mark.parametrize("language", COMPILERS)
@pytest.mark.parametrize("name", ["test_numbers", "test_handles"])
def test_c_interface(tmp_path: Path, name: str, language: str) -> None:
    run(build(tmp_path, ROOT / "tests" / "c" / f"{name}.c", language))


@pytest.mark.parametrize("language", COMPILERS)
def test_c_evaluate(tmp_path: Path, program_path: Path, language: str) -> None:
    run(build(tmp_path, ROOT / "tests" / "c" / "test_evaluate.c", language), program_path)


def test_fortran_interface(tmp_path: Path) -> None:
    run(build_fortran(tmp_path, ROOT / "tests" / "c" / "test_fortran.f90"))


def test_sampler_is_beside_the_library() -> None:
    assert Path(bridge.get_library()).with_name("libmebridge_sampler.so").is_file()


def test_fortran_source_matches_headers() -> None:
    """Each function of the headers has an interface in Fortran, but those named here."""
    left_out = {"meb_has_feature", "meb_program_new_from_memory"}
    include = Path(bridge.get_include())
    headers = "".join(path.read_text() for path in (include / "mebridge").glob("*.h"))
    functions = set(re.findall(r"MEB_API[^;(]*?\b(meb_\w+)\(", headers))
    names = set(re.findall(r'name="(meb_\w+)"', (include / "mebridge_c.f90").read_text()))
    assert names == functions - left_out


def test_library_exports_its_interface_only() -> None:
    needs("nm")
    symbols = run("nm", "-D", "--defined-only", bridge.get_library())
    assert all(line.split()[-1].startswith("meb_") for line in symbols.splitlines())


def test_library_runs_on_bare_machines() -> None:
    """A gridpack carries the library to machines without compilers: no C++, Fortran or GCC run time."""
    needs("readelf")
    needed = re.findall(r"NEEDED.*\[(.*?)\]", run("readelf", "-d", bridge.get_library()))
    assert set(needed) <= {"libc.so.6", "libm.so.6", "libpthread.so.0", "libdl.so.2", "ld-linux-x86-64.so.2"}


@pytest.fixture
def example_arguments(tmp_path: Path, program: bridge.Program, program_path: Path) -> list[Path]:
    names = (*program.parameters, *program.couplings, *program.running_couplings)
    values = tmp_path / "values.txt"
    values.write_text("".join(f"{name} {0.5 + 0.1 * i} 0\n" for i, name in enumerate(names)))
    momenta = tmp_path / "momenta.txt"
    numbers = np.random.default_rng(1).uniform(1, 100, (5 * program.n_leg, 4))
    np.savetxt(momenta, numbers, fmt="%.17e")
    return [program_path, values, momenta]


def expected_output(arguments: list[Path]) -> list[float]:
    program, values, momenta = arguments
    engine = bridge.Engine(bridge.Program.from_file(program))
    pairs = (line.split() for line in values.read_text().splitlines())
    engine.set_parameters({name: float(value) for name, value, _ in pairs})
    result = engine.evaluate(np.loadtxt(momenta).reshape(-1, engine.program.n_leg, 4))
    assert result.matrix_element is not None
    return [float(value) for value in result.matrix_element]


def test_c_example(tmp_path: Path, example_arguments: list[Path]) -> None:
    program = build(tmp_path, ROOT / "examples" / "c" / "evaluate.c", "c11")
    assert [float(x) for x in run(program, *example_arguments).split()] == expected_output(example_arguments)


def test_fortran_example(tmp_path: Path, example_arguments: list[Path]) -> None:
    program = build_fortran(tmp_path, ROOT / "examples" / "fortran" / "evaluate.f90")
    assert [float(x) for x in run(program, *example_arguments).split()] == expected_output(example_arguments)
