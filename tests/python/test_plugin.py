"""Lorentz structures the library does not hold, compiled into a plug-in.

Oracles: the NumPy reference of the same Process, the engine's own structures where a known one
is forced through a plug-in, and MG5_aMC's Fortran for g g > g g.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from directories import small_directory
from numpy.typing import NDArray
from processes import gluon_gluon, strong_couplings
from structures_by_hand import (
    COUPLINGS,
    PARAMETERS,
    ROUTINES,
    amplitude,
    fermions_to_vector_scalar,
    field_strengths,
    vectors_to_vectors_scalar,
)

import bridge
from bridge import reference
from bridge.lorentz import WAVE_SIZE, Component, Constant, Power, Product, RealPart, Routine
from bridge.madevent import read_directory
from bridge.madevent.inject import eject, inject
from bridge.process import Process
from bridge.program import PluginError, UnknownStructure, best_program, build, prepare_plugin
from bridge.program.build import candidates
from bridge.program.file import ACCUMULATE, CUSTOM_SHIFT, NONE, Op, Program
from bridge.program.graph import Graph
from bridge.program.opaque import function, recognise
from bridge.program.plugin import FILE_NAME, compile_plugin, read_modes
from bridge.program.symbolic import derivative, simplify
from bridge.validate import rambo

DATA = Path(__file__).parent.parent / "data" / "reference"
DIRECTORIES = [Path(item) for item in os.environ.get("MEBRIDGE_REAL_DIRS", "").split(os.pathsep) if item]
#: largest relative deviation: rounding, and cancellations between the diagrams of the toys
TOLERANCE = {"double": 1e-11, "single": 2e-3, "mixed": 1e-5}
OUTPUTS = ("matrix_element", "jamp2", "amp2", "matrix_element_by_helicity")

pytestmark = pytest.mark.skipif(not any(map(shutil.which, ("g++", "c++", "clang++"))), reason="no C++ compiler")


def refuse(refused: Callable[[Routine], bool]) -> pytest.MonkeyPatch:
    """Makes `identify` refuse some routines, so that they take the way of a plug-in."""
    from bridge.program import opaque

    known = opaque.identify

    def identify(routine: Routine) -> object:
        if refused(routine):
            raise UnknownStructure(routine.name)
        return known(routine)

    patch = pytest.MonkeyPatch()
    patch.setattr(opaque, "identify", identify)
    return patch


#: which known structures are forced through the plug-in
FORCED: dict[str, Callable[[Routine], bool]] = {
    "all": lambda routine: True,
    "amplitudes": lambda routine: routine.output == 0,
    "currents": lambda routine: routine.output != 0,
    "none": lambda routine: False,
}


def forced_programs(process: Process, which: str) -> list[Program]:
    patch = refuse(FORCED[which])
    try:
        return list(candidates(process))
    finally:
        patch.undo()


@pytest.fixture(scope="module")
def programs() -> dict[str, tuple[Process, list[Program]]]:
    """Every process here, with all candidates."""
    known = fermions_to_vector_scalar(known=True)
    made = {f"known, {which}": (known, forced_programs(known, which)) for which in FORCED}
    for name, process in (
        ("unknown", fermions_to_vector_scalar(known=False)),
        ("five legs", vectors_to_vectors_scalar()),
    ):
        made[name] = (process, list(candidates(process)))
    gluons = gluon_gluon()
    made["gluons"] = (gluons, forced_programs(gluons, "all"))
    return made


@pytest.fixture(scope="module")
def plugin(programs: dict[str, tuple[Process, list[Program]]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One plug-in for all of them, as for a directory of many processes."""
    every = [program for _, several in programs.values() for program in several]
    path = prepare_plugin(every, tmp_path_factory.mktemp("plugin"))
    assert path is not None
    return path


def points(process: Process, n_event: int = 40) -> NDArray[np.float64]:
    masses = [PARAMETERS[leg.mass] if leg.mass else 0.0 for leg in process.legs]
    return rambo.generate(masses[:2], masses[2:], n_event, 3, sqrt_s=900.0)


def evaluate(
    written: Program, plugin: Path | None, momenta: NDArray[np.float64], mode: str, precision: str = "double"
) -> bridge.Result:
    program = bridge.Program.from_bytes(written.to_bytes(), plugin=plugin)
    engine = bridge.Engine(program, backend=mode, precision=precision)  # type: ignore[arg-type]
    engine.set_parameters({**PARAMETERS, **COUPLINGS, **strong_couplings(0.118)})
    return engine.evaluate(momenta, outputs=OUTPUTS)


def assert_is_the_reference(
    process: Process, found: bridge.Result, momenta: NDArray[np.float64], tolerance: float
) -> None:
    values = {**PARAMETERS, **COUPLINGS, **strong_couplings(0.118)}
    expected = reference.evaluate(process, momenta, values)
    total = reference.total(process, expected)
    assert (total > 0).all()
    np.testing.assert_allclose(found.matrix_element, total, rtol=tolerance)
    for name in ("jamp2", "amp2"):
        oracle = getattr(expected, name).sum(axis=1)
        np.testing.assert_allclose(getattr(found, name), oracle, rtol=tolerance)
    assert found.matrix_element_by_helicity is not None
    shares = found.matrix_element_by_helicity - expected.matrix_element / process.averaging_factor
    assert np.abs(shares / total[:, None]).max() < tolerance


# ------------------------------------------------------------------------- numbers


@pytest.mark.parametrize("precision", TOLERANCE)
@pytest.mark.parametrize("name", ["known, all", "known, amplitudes", "known, currents", "unknown", "five legs"])
def test_engine_with_plugin_is_the_reference(programs, plugin, mode, precision, name):
    process, several = programs[name]
    momenta = points(process)
    assert any(program.functions for program in several)
    for written in several:
        found = evaluate(written, plugin, momenta, mode, precision)
        assert_is_the_reference(process, found, momenta, TOLERANCE[precision])


def test_forced_structures_are_the_native_ones(programs, plugin, mode):
    process, native = programs["known, none"]
    momenta = points(process)
    assert not any(program.functions for program in native)
    expected = evaluate(native[0], None, momenta, mode)
    for which in ("all", "amplitudes", "currents"):
        for written in programs[f"known, {which}"][1]:
            found = evaluate(written, plugin, momenta, mode)
            for output in OUTPUTS:
                scale = np.abs(getattr(expected, output)).max()
                difference = getattr(found, output) - getattr(expected, output)
                assert np.abs(difference).max() < 1e-12 * scale


@pytest.mark.parametrize(("precision", "tolerance"), [("double", 1e-12), ("single", 2e-5), ("mixed", 2e-6)])
def test_gluons_through_the_plugin_are_the_fortran(programs, plugin, mode, precision, tolerance):
    content = json.loads((DATA / "gg_gg.json").read_text())["results"][0]
    momenta, expected = np.array(content["momenta_GeV"]), np.array(content["matrix_element"])
    for written in programs["gluons"][1]:
        assert {f.name.split()[0] for f in written.functions} >= {"VVV1_0", "VVV1P0_1"}
        found = evaluate(written, plugin, momenta, mode, precision)
        np.testing.assert_allclose(found.matrix_element, expected, rtol=tolerance)


def test_functions_of_a_plugin_are_merged(programs):
    """What is multiplied by the same wave is added first, as for the engine's own structures."""
    by_currents = programs["gluons"][1][1]
    assert any(i.op is Op.CUSTOM and i.flags & ACCUMULATE for i in by_currents.instructions)


def test_nothing_is_cut_behind_an_opaque_current():
    process = vectors_to_vectors_scalar()
    graph = Graph(process)
    lines = [graph.lines[cut.line].legs for cut in graph.cuts(process.amplitudes[1])]
    assert sorted(lines) == [0b00111, 0b01000, 0b10000]  # the legs of its last vertex


def test_threads_and_batches_do_not_change_an_event(programs, plugin, mode):
    process, several = programs["unknown"]
    momenta = points(process, 37)
    alone = evaluate(several[0], plugin, momenta, mode)
    program = bridge.Program.from_bytes(several[0].to_bytes(), plugin=plugin)
    engine = bridge.Engine(program, backend=mode, threads=3)
    engine.set_parameters({**PARAMETERS, **COUPLINGS})
    np.testing.assert_array_equal(engine.evaluate(momenta).matrix_element, alone.matrix_element)
    part = engine.evaluate(momenta[5:12]).matrix_element
    np.testing.assert_array_equal(part, alone.matrix_element[5:12])


# ----------------------------------------------------------------------- routines


def random_waves(routine: Routine) -> list[NDArray[np.complex128]]:
    rng = np.random.default_rng(5)
    shapes = [(WAVE_SIZE[spin], 6) for spin in routine.inputs]
    waves = [rng.normal(size=shape) + 1j * rng.normal(size=shape) for shape in shapes]
    waves[-1][:2] = -sum(wave[:2] for wave in waves[:-1])
    return waves


@pytest.mark.parametrize("name", sorted(ROUTINES))
def test_derivatives_and_simplified_routines_compute_the_same(name):
    routine = ROUTINES[name]
    waves = random_waves(routine)
    couplings = [0.3 - 0.2j, 1.1 + 0.4j][: routine.n_coupling]
    if routine.output:
        expected = routine.evaluate(waves, couplings, 1.3, 0.1)
        np.testing.assert_allclose(simplify(routine).evaluate(waves, couplings, 1.3, 0.1), expected, rtol=1e-12)
        return
    expected = routine.evaluate(waves, couplings)
    for leg in range(len(waves)):
        others = waves[:leg] + waves[leg + 1 :]
        d = derivative(routine, leg).evaluate(others, couplings)
        np.testing.assert_allclose(np.sum(waves[leg][2:] * d[2:], axis=0), expected, rtol=1e-12)


def routine_of(value, inputs=("V", "V", "S")):
    return Routine("VVS9_0", inputs, 0, None, 1, False, (), (value,))


@pytest.mark.parametrize(
    "routine",
    [
        routine_of(Power(Component(0, 2), 2)),
        routine_of(Product((Component(0, 2), Component(1, 3)))),
        routine_of(Product((RealPart(Component(0, 2)), Component(1, 3), Component(2, 2)))),
        routine_of(Constant(1.0)),
        replace(amplitude("VVT9_0", "VVT", field_strengths), name="VVT9_0"),
        replace(ROUTINES["VVS8_0"], name="VVS8 0"),
        replace(ROUTINES["VVS8_3"], result=(Constant(0j), Constant(0j), ROUTINES["VVS8_3"].result[2])),
    ],
    ids=["square", "misses a wave", "real part", "constant", "spin 2", "name", "no momentum"],
)
def test_what_is_no_lorentz_structure_is_refused(routine):
    with pytest.raises(UnknownStructure):
        recognise(routine)


def test_names_tell_signature_and_digest():
    names = [function(ROUTINES["VVS8_0"], leg).name for leg in range(3)]
    digest = ROUTINES["VVS8_0"].digest
    assert names == [
        f"VVS8_0 VS>V 1 d1 {digest}",
        f"VVS8_0 VS>V 1 d2 {digest}",
        f"VVS8_0 VV>S 1 d3 {digest}",
    ]
    assert function(ROUTINES["FFV7_3"], 2).name == f"FFV7_3 FF>V 2 wave {ROUTINES['FFV7_3'].digest}"


# ------------------------------------------------------------------ Program, file


@pytest.fixture
def unknown() -> Program:
    return best_program(fermions_to_vector_scalar(known=False))


def test_build_lists_what_is_needed(unknown):
    program = bridge.Program.from_bytes(build(fermions_to_vector_scalar(known=False)))
    assert program.custom_functions == tuple(f.name for f in unknown.functions)
    assert len(program.custom_functions) >= 3


def test_prepare_plugin_has_nothing_to_do(tmp_path):
    assert prepare_plugin([best_program(gluon_gluon())], tmp_path) is None
    assert not any(tmp_path.iterdir())


def damage(program: Program, **changes: object) -> Program:
    """The first custom instruction with other fields."""
    place = next(n for n, i in enumerate(program.instructions) if i.op is Op.CUSTOM)
    program.instructions[place] = program.instructions[place]._replace(**changes)  # type: ignore[arg-type]
    return program


def rename(program: Program, name: str) -> Program:
    program.functions[0] = replace(program.functions[0], name=name)
    return program


DAMAGES: dict[str, Callable[[Program], Program]] = {
    "function": lambda p: damage(p, flags=len(p.functions) << CUSTOM_SHIFT),
    "operands": lambda p: damage(p, inputs=(len(p.operands),)),
    "operands, far": lambda p: damage(p, inputs=(NONE,)),
    "slot": lambda p: replace(p, operands=[9999, *p.operands[1:]]),
    "coefficient": lambda p: replace(p, operands=[*p.operands[:-1], 9999]),
    "operands missing": lambda p: replace(p, operands=[]),
    "spin": lambda p: rename(p, "VVS8_0 VT>V 1 d1 00"),
    "components": lambda p: rename(p, "VVS8_0 SS>V 1 d1 00"),
    "fields": lambda p: rename(p, "VVS8_0"),
    "too many": lambda p: rename(p, f"VVS8_0 {'V' * 17}>V 1 d1 00"),
    "couplings": lambda p: rename(p, "VVS8_0 VS>V 99 d1 00"),
    "arrow": lambda p: rename(p, "VVS8_0 VSV 1 d1 00"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_programs_are_refused(unknown, name):
    with pytest.raises(bridge.ProgramError, match="corrupt"):
        bridge.Program.from_bytes(DAMAGES[name](unknown).to_bytes())


# ------------------------------------------------------------- finding and loading


def test_without_plugin_there_is_no_engine(unknown, tmp_path):
    path = tmp_path / "matrix1.meb"
    path.write_bytes(unknown.to_bytes())
    program = bridge.Program.from_file(path)
    with pytest.raises(bridge.StateError, match=r"VVS8_0.*mebridge_plugin\.so beside it"):
        bridge.Engine(program)


@pytest.mark.parametrize("place", ["SubProcesses/P1_ff_vs", "lib"])
def test_plugin_is_found_in_a_moved_directory(unknown, plugin, tmp_path, place):
    made = tmp_path / "made"
    (made / place).mkdir(parents=True)
    shutil.copy(plugin, made / place / FILE_NAME)
    (made / "SubProcesses/P1_ff_vs").mkdir(parents=True, exist_ok=True)
    (made / "SubProcesses/P1_ff_vs/matrix1.meb").write_bytes(unknown.to_bytes())
    made.rename(tmp_path / "moved")
    bridge.Engine(bridge.Program.from_file(tmp_path / "moved/SubProcesses/P1_ff_vs/matrix1.meb"))
    code = "import bridge; bridge.Engine(bridge.Program.from_file('matrix1.meb'))"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    here = tmp_path / "moved/SubProcesses/P1_ff_vs"
    subprocess.run([sys.executable, "-c", code], cwd=here, env=environment, check=True)


def test_wrong_plugins_are_refused(unknown, plugin, tmp_path):
    data = unknown.to_bytes()
    with pytest.raises(bridge.FileError, match="absent"):
        bridge.Program.from_bytes(data, plugin=tmp_path / "absent.so")
    with pytest.raises(bridge.UnsupportedError, match="not one of mebridge"):
        bridge.Program.from_bytes(data, plugin=bridge.get_library())
    newer = tmp_path / "newer.so"
    content = bytearray(plugin.read_bytes())
    version = content.index(b"MEBPLUG\0") + 8
    content[version] += 1
    newer.write_bytes(content)
    with pytest.raises(bridge.UnsupportedError, match="another version"):
        bridge.Program.from_bytes(data, plugin=newer)
    other = tmp_path / FILE_NAME
    compile_plugin([function(ROUTINES["VVS8_0"], 2)], other)
    with pytest.raises(bridge.ArgumentError, match="another Program"):
        bridge.Program.from_bytes(data, plugin=other)
    (tmp_path / "matrix1.meb").write_bytes(data)
    with pytest.raises(bridge.StateError, match="another Program"):
        bridge.Engine(bridge.Program.from_file(tmp_path / "matrix1.meb"))


# ---------------------------------------------------------------------- compiling


def test_plugin_needs_and_exports_nothing_else(plugin):
    def output(*command: str) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert [line.split()[-1] for line in output("nm", "-D", "--defined-only", str(plugin)).splitlines()] == [
        "meb_plugin"
    ]
    assert "NEEDED" not in output("readelf", "-d", str(plugin))
    # a helper outside the namespace of its mode would be shared by modes
    assert not [line for line in output("nm", "-C", str(plugin)).splitlines() if " std::" in line]


def test_compiler_is_missing(unknown, tmp_path, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    with pytest.raises(PluginError, match=r"no-such-compiler.*set CXX"):
        prepare_plugin([unknown], tmp_path)
    assert not any(tmp_path.iterdir())


def compiler(folder: Path, condition: str) -> str:
    """A compiler that fails where the shell condition holds for its arguments."""
    path = folder / "compiler"
    real = next(c for c in ("g++", "c++", "clang++") if shutil.which(c))
    path.write_text(f'#!/bin/sh\ncase "$*" in {condition}) echo "no such thing" >&2; exit 1;; esac\nexec {real} "$@"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_compiler_fails(unknown, tmp_path, monkeypatch):
    old = tmp_path / FILE_NAME
    old.write_text("what was there")
    monkeypatch.setenv("CXX", compiler(tmp_path, "*table.cpp*"))
    with pytest.raises(PluginError, match="no such thing"):
        prepare_plugin([unknown], tmp_path)
    assert old.read_text() == "what was there"


def test_modes_that_the_compiler_lacks_are_left_out(unknown, tmp_path, monkeypatch):
    """The engine takes the best of the others, and says what there is."""
    best = bridge.modes()[-1]
    if best == "scalar":
        pytest.skip("one mode only")
    (lacking,) = (mode for mode in read_modes()[1] if mode.name == best)
    monkeypatch.setenv("CXX", compiler(tmp_path, f"*{lacking.flags[-1]}*"))
    path = prepare_plugin([unknown], tmp_path)
    program = bridge.Program.from_bytes(unknown.to_bytes(), plugin=path)
    assert bridge.Engine(program).backend == bridge.modes()[-2]
    with pytest.raises(bridge.UnsupportedError, match="scalar"):
        bridge.Engine(program, backend=best)


def test_code_that_computes_something_else_is_noticed(unknown, tmp_path, monkeypatch):
    from bridge.program import plugin as module

    def wrong(made, symbol):
        text = translate(made, symbol)
        return text.replace("out[0] = ", "out[0] = number(2) * ", 1)

    translate = module.translate
    monkeypatch.setattr(module, "translate", wrong)
    with pytest.raises(PluginError, match="differs"):
        prepare_plugin([unknown], tmp_path)


# --------------------------------------------------------------------- directories


@pytest.fixture
def opaque_directory(tmp_path: Path) -> Iterator[Path]:
    """A directory none of whose structures are known."""
    patch = refuse(FORCED["all"])
    yield small_directory(tmp_path / "dir")
    patch.undo()


def test_inject_compiles_one_plugin_and_eject_removes_it(opaque_directory):
    status = inject(opaque_directory)
    accelerated = [item.program for item in status.subprocesses if item.is_accelerated]
    assert accelerated
    assert (opaque_directory / "lib" / FILE_NAME).is_file()
    for name in accelerated:
        program = bridge.Program.from_file(opaque_directory / name)
        assert program.custom_functions
        bridge.Engine(program)
    eject(opaque_directory)
    assert not list(opaque_directory.rglob(FILE_NAME))


def test_inject_leaves_to_the_fortran_what_cannot_be_compiled(opaque_directory, monkeypatch):
    monkeypatch.setenv("CXX", "no-such-compiler")
    status = inject(opaque_directory)
    assert {item.is_accelerated for item in status.subprocesses} == {False}
    assert all("no C++ compiler" in item.reason for item in status.subprocesses)
    assert not list(opaque_directory.rglob("*.meb"))


# -------------------------------------------------------------------- real models


@pytest.mark.skipif(not DIRECTORIES, reason="MEBRIDGE_REAL_DIRS is not set")
@pytest.mark.parametrize("path", DIRECTORIES, ids=lambda path: path.name)
@pytest.mark.parametrize("which", ["none", "all"])
def test_real_directories(path, which, tmp_path):
    """Random parameters; a plug-in for the whole directory, for each process one event in each mode."""
    rng = np.random.default_rng(4)
    made = [item.content for item in read_directory(path).matrices if isinstance(item.content, Process)]
    patch = refuse(FORCED[which])
    try:
        written = [best_program(process) for process in made]
    finally:
        patch.undo()
    plugin = prepare_plugin(written, tmp_path)
    for process, program in zip(made, written, strict=True):
        compare_random(process, program, plugin, rng)


def compare_random(process: Process, written: Program, plugin: Path | None, rng: np.random.Generator) -> None:
    program = bridge.Program.from_bytes(written.to_bytes(), plugin=plugin)
    values: dict[str, complex] = {name: 50 + 100 * rng.random() for name in program.parameters}
    values |= {name: complex(*rng.normal(size=2)) for name in (*program.couplings, *program.running_couplings)}
    values |= {name.removeprefix("FK_"): value for name, value in values.items()}
    for leg in process.legs:
        if leg.mass:
            values.setdefault(leg.mass, 50.0)
    masses = [complex(values[leg.mass]).real if leg.mass else 0.0 for leg in process.legs]
    n_incoming = sum(leg.incoming for leg in process.legs)
    momenta = rambo.generate(masses[:n_incoming], masses[n_incoming:], 1, 5)
    expected = reference.evaluate(process, momenta, _for_reference(process, values), small_width_treatment=0.0)
    total = reference.total(process, expected)
    for mode in bridge.modes():
        engine = bridge.Engine(program, backend=mode)
        engine.set_parameters(values)
        np.testing.assert_allclose(engine.evaluate(momenta).matrix_element, total, rtol=1e-9)


def _for_reference(process: Process, values: dict[str, complex]) -> dict[str, complex]:
    """What a Program does not use may still be read."""
    names = {c.name for call in (*process.waves, *process.amplitudes) for c in getattr(call, "couplings", ())}
    for call in process.waves:
        names |= {name for name in (call.mass, getattr(call, "width", None)) if name}
    names |= {*process.fake_widths, *process.fake_widths.values()}
    return {**dict.fromkeys(names, 1.0), **values}
