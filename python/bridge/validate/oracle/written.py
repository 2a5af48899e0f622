"""Our own Fortran of a generated process (`bridge.writer`), compiled with f2py's meson backend.

It shares nothing with the engine but the `Process`: formulas of parameters, Lorentz structures,
wave functions, colour and the choice of helicities are all computed by the written text.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from bridge import slha
from bridge.generator import Generated
from bridge.process import Process
from bridge.validate.oracle.library import Events, Sums, Terms
from bridge.validate.oracle.workspace import OracleError, parameter_source, read_symbols
from bridge.writer.fortran import fill, number, parameter_name, statement
from bridge.writer.matrix import Dialect, matrix_source
from bridge.writer.model import model_sources
from bridge.writer.routines import routine_sources

_MODULE = "mebridge_written"
_TOOLS = {"meson": "pip install meson", "ninja": "pip install ninja", "gfortran": "install gfortran"}
_OLDEST_NUMPY = (1, 26)
#: extent of NTRY in BLOCK_GOODHEL
_N_TRY: Mapping[Dialect, int] = {"scalar": 2, "vector": 1}


class MissingTool(OracleError):
    """What is not installed, and how to install it."""


class WrittenFortran:
    """One process. Fortran keeps its state in COMMON: not for several threads at once.

    The build happens in a temporary folder, which is gone when the constructor returns. Raises
    MissingTool where there is no compiler, meson or ninja, OracleError where f2py fails. `card`:
    SLHA, for parameters other than the model's defaults.
    """

    def __init__(
        self,
        generated: Generated,
        small_width: float,
        dialect: Dialect = "scalar",
        card: slha.Card | None = None,
    ) -> None:
        self._process = generated.process
        files = sources(generated, dialect)
        files["param_read.inc"] = _card_values(generated, slha.Card() if card is None else card)
        symbols = read_symbols(files["coupl.inc"])
        self._reals = [_own_names(generated)[name] for name in symbols.reals]
        self._couplings = symbols.couplings
        with tempfile.TemporaryDirectory(prefix="mebridge-") as scratch:
            self._module = _built(Path(scratch), files)
        self._module.meb_oracle_setup(_N_TRY[dialect], small_width)
        self._helicities = np.asfortranarray(self._process.helicities.T, dtype=np.int32)

    def masses_and_widths(self) -> dict[str, float]:
        """GeV, by the model's names."""
        return dict(zip(self._reals, self._parameters()[0].tolist(), strict=True))

    def couplings(self, alpha_s: NDArray[np.float64]) -> dict[str, NDArray[np.complex128]]:
        """complex128 (n_event,) each, by upper-case name."""
        values = np.empty((alpha_s.size, len(self._couplings)), dtype=np.complex128)
        for i, value in enumerate(alpha_s.tolist()):
            self._module.meb_oracle_alpha_s(value)
            values[i] = self._parameters()[1]
        return {name: values[:, k] for k, name in enumerate(self._couplings)}

    def sums(self, events: Events) -> Sums:
        """SMATRIX for each event."""
        start = time.perf_counter()
        value, helicity, flow = self._module.meb_written_sum(
            events.momenta.transpose(),
            events.alpha_s,
            events.diagram,
            events.config,
            events.random_helicity,
            events.random_color,
            self._helicities,
        )
        return Sums(value, helicity, flow, time.perf_counter() - start)

    def terms(self, events: Events) -> Terms:
        """MATRIX for each helicity combination of each event."""
        found = self._module.meb_written_terms(events.momenta.transpose(), events.alpha_s, self._helicities)
        term, amp2, jamp2 = (np.ascontiguousarray(array.T) for array in found)
        return Terms(term / self._process.averaging_factor, amp2, jamp2)

    def _parameters(self) -> tuple[NDArray[np.float64], NDArray[np.complex128]]:
        reals, couplings = self._module.meb_oracle_parameters()
        return reals, couplings


def _own_names(generated: Generated) -> dict[str, str]:
    """The model's name of each mass and width, by the Fortran's."""
    names = {name for p in generated.model.particles for name in (p.mass, p.width) if name is not None}
    return {parameter_name(name): name for name in names}


def sources(generated: Generated, dialect: Dialect) -> dict[str, str]:
    """File name -> text of everything that is compiled but param_read.inc, and of the signature file."""
    process = generated.process
    model = model_sources([generated], dialect)
    files = {Path(name).name: text for name, text in model.items() if name.startswith("Source/MODEL/")}
    files |= routine_sources([process])
    del files["makefile"]
    symbols = read_symbols(files["coupl.inc"])
    here = resources.files("bridge.validate.oracle")
    files |= _includes(process)
    files |= {name: here.joinpath(name).read_text() for name in ("driver.f", f"{dialect}.f", "standins.f", "f2py.f")}
    files["matrix1.f"] = matrix_source(process, 1, dialect)
    files["parameters.f"] = parameter_source(symbols, vector=dialect == "vector")
    signature = {
        "module": _MODULE,
        "n_real": len(symbols.reals),
        "n_coupling": len(symbols.couplings),
        "n_leg": len(process.legs),
        "n_flow": process.n_flow,
        "n_diagram": _n_diagram(process),
    }
    files["f2py.pyf"] = fill(here.joinpath("f2py.pyf").read_text(), {k: str(v) for k, v in signature.items()})
    return files


def _n_diagram(process: Process) -> int:
    return max([1, *process.amp2, *process.config_diagrams])


def _card_values(generated: Generated, card: slha.Card) -> str:
    """Assignments of the card's values, else the model's, with all digits."""
    lines = []
    for item in generated.model.card_parameters:
        value = card.get(item.block, item.code)
        lines.append(statement(f"{parameter_name(item.name)} = {number(item.default if value is None else value)}"))
    return "".join(lines)


def _includes(process: Process) -> dict[str, str]:
    """MadEvent's include files, as far as matrix files read them."""
    configs = list(process.config_diagrams)
    n_incoming = sum(leg.incoming for leg in process.legs)
    return {
        "genps.inc": _parameters(MAXTRIES=0),
        "maxconfigs.inc": _parameters(LMAXCONFIGS=max(1, len(configs))),
        "nexternal.inc": _parameters(NEXTERNAL=len(process.legs), NINCOMING=n_incoming),
        "maxamps.inc": _parameters(MAXAMPS=_n_diagram(process), MAXFLOW=process.n_flow, MAXPROC=1, MAXSPROC=1),
        "run.inc": "      DOUBLE PRECISION LIMHEL\n      PARAMETER (LIMHEL=0D0)\n",
        "config_subproc_map.inc": "".join(
            f"      DATA CONFSUB(1,{k}) /{d}/\n" for k, d in enumerate(configs or [0], 1)
        ),
        "pmass.inc": "".join(
            f"      PMASS({k}) = {'ZERO' if leg.mass is None else f'ABS({parameter_name(leg.mass)})'}\n"
            for k, leg in enumerate(process.legs, 1)
        ),
    }


def _parameters(**values: int) -> str:
    return "".join(f"      INTEGER {name}\n      PARAMETER ({name}={value})\n" for name, value in values.items())


def _built(folder: Path, files: Mapping[str, str]) -> ModuleType:
    # where matrix files and the model look for vector.inc: ../../Source and ..
    sources = folder / "Source" / "MODEL"
    sources.mkdir(parents=True)
    (sources.parent / "vector.inc").write_text(_parameters(VECSIZE_MEMMAX=1))
    for name, text in files.items():
        (sources / name).write_text(text)
    compiled = [str(sources / name) for name in sorted(files) if name.endswith((".f", ".pyf"))]
    command = [sys.executable, "-m", "numpy.f2py", "-c", "--backend", "meson", "--build-dir", str(folder / "build")]
    command += ["-m", _MODULE, f"-I{sources}", *compiled]
    done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)
    found = list(folder.glob(f"{_MODULE}*.so"))
    if done.returncode != 0 or not found:
        tail = "\n".join((done.stdout + done.stderr).splitlines()[-20:])
        raise OracleError(f"numpy.f2py {np.__version__} failed:\n{tail}")
    spec = importlib.util.spec_from_file_location(_MODULE, found[0])
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def environment() -> dict[str, str]:
    """With the folder of this Python's commands in PATH: a virtual environment need not be active."""
    if tuple(map(int, np.__version__.split(".")[:2])) < _OLDEST_NUMPY:
        raise MissingTool(f"NumPy {np.__version__} has no meson backend for f2py: pip install 'numpy>=1.26'")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    for tool, remedy in _TOOLS.items():
        if shutil.which(os.environ.get("FC", tool) if tool == "gfortran" else tool, path=path) is None:
            raise MissingTool(f"no {tool}: {remedy}")
    return {**os.environ, "PATH": path}
