"""Plug-ins: functions of the Lorentz structures that the library does not hold, compiled once.

A plug-in is one shared library for a whole process directory. It holds each function for every
SIMD mode that the compiler knows, in double and single precision, so that it serves wherever
the directory or its gridpack goes; it needs no other library. The engine finds it beside the
Program file, in `lib` of a MadEvent directory, or beside libmebridge.so.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bridge.program.file import Program
from bridge.program.opaque import Function
from bridge.program.plugin_check import deviation
from bridge.program.translate import translate

#: as cpp/engine/plugin.hpp
FILE_NAME = "mebridge_plugin.so"
_FLAGS = ("-std=c++17", "-fPIC", "-fvisibility=hidden")
# Without any library: the C library's few symbols (memcpy) are there in any process.
_LINK_FLAGS = ("-shared", "-nostdlib", "-Wl,-z,noexecstack")

#: of a compiled function from its routine, relative; rounding
_TOLERANCE = 1e-9


class PluginError(Exception):
    """A plug-in cannot be made here; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A SIMD mode: `width` in bytes, 0 for one number a page."""

    name: str
    width: int
    flags: tuple[str, ...]


def prepare_plugin(programs: Iterable[Program], folder: str | os.PathLike[str]) -> Path | None:
    """Compiles what the Programs of a directory need into `folder`; None if that is nothing.

    Raises PluginError; the Programs that need functions cannot run then.
    """
    needed = {function.name: function for program in programs for function in program.functions}
    if not needed:
        return None
    path = Path(folder) / FILE_NAME
    compile_plugin(list(needed.values()), path)
    return path


def compile_plugin(functions: Sequence[Function], path: str | os.PathLike[str]) -> None:
    """Writes a plug-in with these functions, all of it or nothing.

    The compiler is that of the environment variable CXX, else g++, c++ or clang++. Raises
    PluginError if there is none or it fails.
    """
    compiler = _compiler()
    with tempfile.TemporaryDirectory(prefix="mebridge-plugin-") as scratch:
        build = _Build(compiler, Path(scratch))
        modes = build.usable_modes()
        build.write_sources(functions, modes)
        made = build.library(modes)
        for number, function in enumerate(functions):
            if not deviation(made, number, function) < _TOLERANCE:
                raise PluginError(f"{function.source.name}: compiled code differs from the routine: please report it")
        target = Path(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        # A new file in the place of the old: a running program keeps what it has loaded.
        beside = target.with_name(target.name + ".mebridge-new")
        shutil.copy2(made, beside)
        beside.replace(target)


def sources() -> Path:
    """Folder with the headers and templates of plug-ins: installed, or of the source tree."""
    here = Path(__file__).resolve()
    for folder in (here.parents[1] / "cpp", here.parents[3] / "cpp"):
        if (folder / "modes.txt").is_file():
            return folder
    raise PluginError("mebridge is not completely installed: no cpp/modes.txt")


def read_modes(machine: str | None = None) -> tuple[tuple[str, ...], tuple[Mode, ...]]:
    """Flags of every mode, and the modes of a CPU family (this machine's by default)."""
    family = platform.machine() if machine is None else machine
    common: tuple[str, ...] = ()
    modes = []
    for line in (sources() / "modes.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        head, _, flags = line.partition(":")
        words = head.split()
        if words[0] == "every":
            common = tuple(flags.split())
        elif words[0] in ("*", family):
            modes.append(Mode(words[1], int(words[2]), tuple(flags.split())))
    return common, tuple(modes)


def _compiler() -> list[str]:
    given = shlex.split(os.environ.get("CXX", ""))
    for command in [given] if given else [["g++"], ["c++"], ["clang++"]]:
        if shutil.which(command[0]):
            return command
    tried = given[0] if given else "g++, c++, clang++"
    raise PluginError(
        f"no C++ compiler ({tried}): a Lorentz structure of this model has to be compiled; "
        "install one, or set CXX to it, and run `mebridge inject` again"
    )


class _Build:
    """Compiles in a scratch folder."""

    def __init__(self, compiler: Sequence[str], folder: Path) -> None:
        self._compiler = compiler
        self._folder = folder
        self._sources = sources()
        self._common, self._modes = read_modes()

    def usable_modes(self) -> list[Mode]:
        """Those whose flags the compiler knows; one number a page is always among them."""
        probe = self._folder / "probe.cpp"
        probe.write_text("int probe;\n")
        return [mode for mode in self._modes if not mode.flags or self._knows(mode, probe)]

    def _knows(self, mode: Mode, probe: Path) -> bool:
        command = [*self._compiler, *mode.flags, "-fsyntax-only", str(probe)]
        return subprocess.run(command, capture_output=True).returncode == 0

    def write_sources(self, functions: Sequence[Function], modes: Sequence[Mode]) -> None:
        """functions.hpp, and the lists of functions and modes."""
        symbols = [f"Function{number}" for number in range(len(functions))]
        try:
            classes = [translate(f, symbol) for f, symbol in zip(functions, symbols, strict=True)]
        except ValueError as error:
            raise PluginError(str(error)) from error
        text = ["#pragma once\n", "namespace meb::MEB_TARGET {\n", *classes, "}  // namespace meb::MEB_TARGET\n"]
        (self._folder / "functions.hpp").write_text("\n".join(text))
        names = (f'MEB_FUNCTION({symbol}, "{f.name}")\n' for symbol, f in zip(symbols, functions, strict=True))
        (self._folder / "names.inc").write_text("".join(names))
        (self._folder / "modes.inc").write_text("".join(f"MEB_MODE({mode.name})\n" for mode in modes))

    def library(self, modes: Sequence[Mode]) -> Path:
        """Compiles one object for each mode and links them."""
        jobs = [(mode.name, "mode.cpp", self._mode_flags(mode)) for mode in modes]
        jobs.append(("table", "table.cpp", ()))
        with ThreadPoolExecutor(max_workers=min(len(jobs), os.cpu_count() or 1)) as pool:
            objects = list(pool.map(lambda job: self._object(*job), jobs))
        path = self._folder / FILE_NAME
        self._run([*_LINK_FLAGS, *map(str, objects), "-o", str(path)])
        return path

    def _mode_flags(self, mode: Mode) -> tuple[str, ...]:
        target = (f"-DMEB_TARGET={mode.name}", f"-DMEB_WIDTH={mode.width}")
        return (*self._common, *mode.flags, *target)

    def _object(self, name: str, source: str, flags: Sequence[str]) -> Path:
        path = self._folder / f"{name}.o"
        include = (f"-I{self._sources}", f"-I{self._folder}")
        text = self._sources / "plugin" / source
        self._run([*_FLAGS, *flags, *include, "-c", str(text), "-o", str(path)])
        return path

    def _run(self, arguments: Sequence[str]) -> None:
        command = [*self._compiler, *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise PluginError(f"{shlex.join(command)} failed:\n{done.stderr.strip()[-2000:]}")
