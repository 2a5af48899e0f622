"""Source/DHELAS that `bridge.writer` writes: Lorentz structures and external wave functions, compiled.

Oracles: `Routine.evaluate` and `bridge.reference.external_wave`, both NumPy; and our own reader.
"""

from __future__ import annotations

import ctypes
import itertools
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from written import one

from bridge import reference
from bridge.generator.routines import routine
from bridge.generator.structures import STRUCTURES
from bridge.generator.tensors import structure
from bridge.lorentz import WAVE_SIZE, Assignment, Constant, Local, Power, Product, Routine
from bridge.madevent.aloha import RoutineLibrary
from bridge.writer.fortran import template
from bridge.writer.routines import routine_name, routine_source, routine_sources

needs_gfortran = pytest.mark.skipif(shutil.which("gfortran") is None, reason="needs gfortran")

#: as UFO models have them: complex numbers, epsilon tensors, chiral projectors, momenta
_TEXTS = {
    "FFV71": ("FFV", "Gamma(3,2,-1)*ProjM(-1,1) - complex(0,2)*Gamma(3,2,-1)*ProjP(-1,1)/3"),
    "FFV72": ("FFV", "P(-1,3)*Gamma(-1,2,-2)*Gamma(3,-2,1) - 0.5*Gamma(3,2,-2)*Gamma(-1,-2,1)*P(-1,3)"),
    "VVS71": ("VVS", "-(Epsilon(1,2,-1,-2)*P(-1,1)*P(-2,2)) + 3*P(1,2)*P(2,1)"),
    "VVVV71": ("VVVV", "Epsilon(1,2,3,4) + Metric(1,4)*Metric(2,3)"),
    "SSS71": ("SSS", "P(-1,1)*P(-1,2)"),
}


def _routines() -> list[Routine]:
    """Amplitude and every off-shell leg of each structure, and of two at once."""
    made = [(item,) for item in STRUCTURES.values()]
    made += [(structure(name, tuple(spins), text),) for name, (spins, text) in _TEXTS.items()]  # type: ignore[arg-type]
    made.append((STRUCTURES["FFV2"], STRUCTURES["FFV3"]))
    made.append((STRUCTURES["VVVV1"], STRUCTURES["VVVV3"], STRUCTURES["VVVV4"]))
    found = []
    for items in made:
        for output in range(len(items[0].spins) + 1):
            found.append(routine(items, output))
            if output and items[0].spins[output - 1] == "V":
                found.append(routine(items, output, massless_vector=True))
    return found


ROUTINES = _routines()


@pytest.mark.parametrize("item", ROUTINES, ids=[item.name for item in ROUTINES])
def test_the_reader_understands_it(item: Routine) -> None:
    found = RoutineLibrary.from_text(routine_source(item))[item.name]
    assert found.computes_the_same_as(item, 1e-13)


def _compiled(folder: Path, sources: dict[str, str]) -> ctypes.CDLL:
    for name, text in sources.items():
        (folder / name).write_text(text)
    command = ["gfortran", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-o", "lib.so", *sources]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(folder / "lib.so"))


def _pointer(array: NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


@needs_gfortran
def test_compiled_values(tmp_path: Path) -> None:
    library = _compiled(tmp_path, {f"{item.name}.f": routine_source(item) for item in ROUTINES})
    rng = np.random.default_rng(7)
    for item in ROUTINES:
        waves = [rng.normal(size=WAVE_SIZE[s]) + 1j * rng.normal(size=WAVE_SIZE[s]) for s in item.inputs]
        couplings = rng.normal(size=item.n_coupling) + 1j * rng.normal(size=item.n_coupling)
        sizes = np.array([1.5, 0.2])
        found = np.zeros(WAVE_SIZE[item.output_spin] if item.output_spin else 1, dtype=np.complex128)
        arguments = [*map(_pointer, waves), *(_pointer(couplings[k : k + 1]) for k in range(item.n_coupling))]
        if item.has_propagator:
            arguments += [_pointer(sizes[:1]), _pointer(sizes[1:])]
        getattr(library, f"{item.name.lower()}_")(*arguments, _pointer(found))
        expected = np.atleast_1d(item.evaluate(waves, list(couplings), *sizes))
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13 * np.abs(expected).max(), err_msg=item.name)


def _momenta(mass: float) -> NDArray[np.float64]:
    """In general directions, transverse, along and against z, and at rest if there is a mass."""
    p = [(3.0, -4.0, 12.0), (-0.1, 50.0, -3.0), (1.0, 2.0, 0.0), (0.0, 0.0, 7.0), (0.0, 0.0, -7.0)]
    p += [(0.0, 0.0, 0.0)] if mass else []
    return np.array([(np.sqrt(np.dot(k, k) + mass**2), *k) for k in p])


@needs_gfortran
def test_wave_functions(tmp_path: Path) -> None:
    library = _compiled(tmp_path, {"aloha_functions.f": template("aloha_functions.f")})
    states = {"I": (-1, 1), "O": (-1, 1), "V": (-1, 0, 1)}
    for kind, mass, sign in itertools.product("IOV", (0.0, 4.7, 173.0, -30.0), (-1, 1)):
        if kind == "V" and mass < 0:
            continue
        for helicity in states[kind]:
            if kind == "V" and mass == 0 and helicity == 0:
                continue
            expected = reference.external_wave(kind, _momenta(mass), mass, helicity, sign).T
            for p, wave in zip(_momenta(mass), expected, strict=True):
                found = np.zeros(6, dtype=np.complex128)
                numbers = [np.array([x], dtype=np.int32) for x in (helicity, sign)]
                arguments = [p, np.array([mass]), *numbers, found]
                getattr(library, f"{kind.lower()}xxxxx_")(*map(_pointer, arguments))
                np.testing.assert_allclose(
                    found, wave, rtol=1e-14, atol=1e-14, err_msg=f"{kind} {mass} {helicity} {sign} {p}"
                )
    for sign in (-1, 1):
        for p, wave in zip(_momenta(125.0), reference.external_wave("S", _momenta(125.0), 0.0, 0, sign).T, strict=True):
            found = np.zeros(3, dtype=np.complex128)
            library.sxxxxx_(*map(_pointer, [p, np.array([sign], dtype=np.int32), found]))
            np.testing.assert_array_equal(found, wave)


def test_files_of_several_processes() -> None:
    processes = [one("g g > t t~").process, one("u u~ > t t~").process]
    files = routine_sources(processes)
    assert set(files) == {
        "FFV1_0.f", "FFV1_1.f", "FFV1_2.f", "FFV1P0_3.f", "VVV1_0.f", "aloha_functions.f", "makefile",
    }  # fmt: skip
    other = replace(STRUCTURES["FFV2"], name="FFV1")
    clash = replace(processes[1], routines={"FFV1_0": routine((other,), 0)})
    with pytest.raises(ValueError, match="FFV1_0"):
        routine_sources([processes[0], clash])


def test_names_that_are_not_alohas() -> None:
    item = replace(routine((STRUCTURES["FFS1"],), 0), name="L_1_0")
    assert routine_name(item) == "FFS_L_1_0"
    found = RoutineLibrary.from_text(routine_source(item))["FFS_L_1_0"]
    assert found.computes_the_same_as(item)


def test_variables_that_fortran_could_not_tell_apart() -> None:
    """Steps named like an argument, or like nothing that is a name, and a negative power."""
    item = routine((STRUCTURES["SSS1"],), 0)
    steps = (
        Assignment("COUP", Constant(2 - 1j), False),
        Assignment("x/1", Product((Local("COUP"), item.result[0])), False),
    )
    item = replace(item, body=(*item.body, *steps), result=(Power(Local("x/1"), -2),))
    found = RoutineLibrary.from_text(routine_source(item))[item.name]
    assert found.computes_the_same_as(item)
