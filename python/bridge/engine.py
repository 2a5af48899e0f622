"""The user's face of the engine: load a Program, set its parameters by name, evaluate batches."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from bridge import _core, device
from bridge.exceptions import ArgumentError

Precision = Literal["double", "single", "mixed"]

_PRECISIONS = {"double": 0, "single": 1, "mixed": 2}  # meb_precision


class Program:
    """What is computed for one subprocess, and in which order. Immutable."""

    __slots__ = ("_core",)

    def __init__(self, core: _core.Program) -> None:
        self._core = core

    @classmethod
    def from_file(cls, path: str | os.PathLike[str], plugin: str | os.PathLike[str] | None = None) -> Program:
        """Reads and checks a Program file.

        plugin: shared library with the `custom_functions` it needs, whose code runs in this process; if None,
            `mebridge_plugin.so` is looked for beside the file, in `../../lib` and beside libmebridge.so.

        Raises `FileError` if a file cannot be read, `ProgramError` if it is no valid Program,
        `UnsupportedError` or `ArgumentError` if the plug-in is of another version or for another Program.
        """
        return cls(_core.Program.from_file(os.fspath(path)))._with(plugin)

    @classmethod
    def from_bytes(cls, data: bytes, plugin: str | os.PathLike[str] | None = None) -> Program:
        """The same from the content of a file; no plug-in is looked for."""
        return cls(_core.Program.from_bytes(data))._with(plugin)

    def _with(self, plugin: str | os.PathLike[str] | None) -> Program:
        if plugin is not None:
            self._core.set_plugin(os.fspath(plugin))
        return self

    @property
    def process(self) -> str:
        """The process, as text."""
        return self._core.process

    @property
    def digest(self) -> str:
        """Digest of the source the Program was made from."""
        return self._core.digest

    @property
    def n_leg(self) -> int:
        """Number of external legs."""
        return self._core.n_leg

    @property
    def n_helicity(self) -> int:
        """Number of helicity combinations, unfiltered."""
        return self._core.n_helicity

    @property
    def n_flow(self) -> int:
        """Number of colour flows."""
        return self._core.n_flow

    @property
    def n_diagram(self) -> int:
        """Extent of AMP2: the largest diagram number."""
        return self._core.n_diagram

    @property
    def n_config(self) -> int:
        """Number of integration channels."""
        return self._core.n_config

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the real parameters (masses and widths, GeV)."""
        return self._core.parameters

    @property
    def couplings(self) -> tuple[str, ...]:
        """Names of the complex couplings that are constant in a run."""
        return self._core.couplings

    @property
    def running_couplings(self) -> tuple[str, ...]:
        """Names of the complex couplings that change with alpha_s."""
        return self._core.running_couplings

    @property
    def custom_functions(self) -> tuple[str, ...]:
        """Lorentz functions it needs from a plug-in, "ROUTINE SPINS>SPIN N_COUPLING KIND DIGEST"."""
        return self._core.custom_functions

    @property
    def helicities(self) -> NDArray[np.int32]:
        """Helicities of each combination, int32 `(n_helicity, n_leg)`, in the Fortran's order."""
        return self._core.helicities()

    def compile_cuda(self, architecture: str, folder: str | os.PathLike[str], precision: Precision = "double") -> None:
        """Compiles the GPU kernels for an architecture such as "sm_90", which need not be here, into a folder.

        Where MEBRIDGE_CUDA_KERNELS names that folder the backend "cuda" needs no NVRTC. Needs NVRTC, not a GPU;
        raises `UnsupportedError` without it.
        """
        if precision not in _PRECISIONS:
            raise ArgumentError(f"precision: expected one of {', '.join(_PRECISIONS)}, got {precision!r}")
        self._core.compile_cuda(_PRECISIONS[precision], architecture, os.fspath(folder))

    def __repr__(self) -> str:
        return f"<bridge.Program {self.process!r}: {self.n_leg} legs, {self.n_helicity} helicities>"


@dataclass(frozen=True, slots=True)
class Result:
    """Outputs of `Engine.evaluate`; those not asked for are None.

    matrix_element: float64 `(n_event,)`, helicity and colour sum of |M|^2, averaged, times the channel weight,
        GeV^(8 - 2 n_leg), with the sign of the chosen helicity's term.
    helicity: int32 `(n_event,)`, chosen combination from 1; 0 where there is none.
    color_flow: int32 `(n_event,)`, chosen flow from 1; 0 where there is none.
    jamp2: float64 `(n_event, n_flow)`, summed over helicities.
    amp2: float64 `(n_event, n_diagram)`, summed over helicities.
    matrix_element_by_helicity: float64 `(n_event, n_helicity)`, averaged, without channel weight.
    flag: int32 `(n_event,)`, 0 fine, 1 not finite (the matrix element is then 0).
    """

    matrix_element: NDArray[np.float64] | None = None
    helicity: NDArray[np.int32] | None = None
    color_flow: NDArray[np.int32] | None = None
    jamp2: NDArray[np.float64] | None = None
    amp2: NDArray[np.float64] | None = None
    matrix_element_by_helicity: NDArray[np.float64] | None = None
    flag: NDArray[np.int32] | None = None


class Engine:
    """Evaluates a Program over batches of events on one backend.

    backend: "auto" (the best of the CPU) or one of `bridge.modes()`, or "cuda"; or "adaptive": the CPU, and after 4 s
        of evaluations a GPU, where there is one, for the batches for which it is measured to be faster. Raises
        `UnsupportedError` if it cannot run here.
    precision: "double", "single", or "mixed" (double amplitudes, single colour sum).
    threads: how many share a batch; results do not depend on it.
    """

    __slots__ = ("_core", "_program", "_ready", "_running", "_running_on_device")

    def __init__(
        self, program: Program, backend: str = "auto", precision: Precision = "double", threads: int = 1
    ) -> None:
        if not isinstance(program, Program):
            raise ArgumentError(f"program: expected a bridge.Program, got {type(program).__name__}")
        if precision not in _PRECISIONS:
            raise ArgumentError(f"precision: expected one of {', '.join(_PRECISIONS)}, got {precision!r}")
        self._program = program
        self._ready = False
        self._running: NDArray[np.complex128] | None = None
        self._running_on_device: Any = None
        self._core = _core.Engine(program._core, backend, _PRECISIONS[precision])
        self.set_threads(threads)

    @property
    def program(self) -> Program:
        """The Program it runs."""
        return self._program

    @property
    def backend(self) -> str:
        """The backend in use, "avx2" for instance."""
        return self._core.backend

    @property
    def description(self) -> str:
        """What runs, for people: the GPU and how it is used, or the SIMD mode."""
        return self._core.description

    @property
    def n_event(self) -> int:
        """Events evaluated so far."""
        return self._core.counts()[0]

    @property
    def n_non_finite(self) -> int:
        """Events whose result was not finite, so far."""
        return self._core.counts()[1]

    def operations(self, with_amp2: bool = True) -> float:
        """Floating-point operations of one event (0: not known); functions of a plug-in are not counted."""
        return self._core.operations(with_amp2)

    def set_threads(self, threads: int) -> None:
        """Sets how many threads share a batch."""
        if not isinstance(threads, int) or threads < 1:
            raise ArgumentError(f"threads: expected an integer of 1 or more, got {threads!r}")
        self._core.set_threads(threads)

    def set_parameters(self, values: Mapping[str, float | complex]) -> None:
        """Sets masses, widths (GeV) and couplings by name; upper and lower case are the same.

        Every name of `program.parameters` and `program.couplings` is needed; others may be there, so that a
        whole model's values can be given. Values of all running couplings, if there, serve every event
        for which `evaluate` is given none.
        """
        known = _by_upper_name(values)
        program = self._program
        missing = [name for name in (*program.parameters, *program.couplings) if name.upper() not in known]
        if missing:
            raise ArgumentError(f"values: no value for {', '.join(missing)}")
        real = np.array([_real(name, known[name.upper()]) for name in program.parameters], dtype=np.float64)
        self._core.set_parameters(real, _complexes(program.couplings, known))
        running = program.running_couplings
        complete = all(name.upper() in known for name in running)
        self._running = _complexes(running, known) if complete else None
        self._running_on_device = None
        self._ready = True

    def set_helicity_weights(self, weights: NDArray[np.float64]) -> None:
        """Sets the weight of each helicity combination, float64 `(n_helicity,)`, 0 or more; 0 drops it."""
        self._core.set_helicity_weights(_array("weights", weights))

    def find_helicities(
        self,
        momenta: NDArray[np.float64],
        running_couplings: NDArray[np.complex128] | Mapping[str, complex] | None = None,
        limit: float = 1e-20,
        stream: int | None = None,
    ) -> NDArray[np.bool_]:
        """Which helicity combinations contribute, `(n_helicity,)`: `set_helicity_weights` can drop the others.

        One does if in some event it is more than `limit` of the sum; rounding leaves about the square of the precision
        of what is zero. Momenta, GPU arrays among them, and the rest as for `evaluate`; the call waits for the result.
        """
        shares = self.evaluate(
            momenta, running_couplings, outputs=("matrix_element_by_helicity",), stream=stream
        ).matrix_element_by_helicity
        assert shares is not None
        sizes = abs(shares)
        found = (sizes > limit * sizes.sum(axis=1, keepdims=True)).any(axis=0)
        return np.asarray(found.get() if hasattr(found, "get") else found)

    def evaluate(
        self,
        momenta: NDArray[np.float64],
        running_couplings: NDArray[np.complex128] | Mapping[str, complex] | None = None,
        channel: NDArray[np.int32] | int | None = None,
        channel_cut: NDArray[np.float64] | None = None,
        random_helicity: NDArray[np.float64] | None = None,
        random_color: NDArray[np.float64] | None = None,
        color_config: NDArray[np.int32] | int | None = None,
        helicity: NDArray[np.int32] | int | None = None,
        outputs: Sequence[str] = ("matrix_element",),
        stream: int | None = None,
        repeat: int = 1,
    ) -> Result:
        """Evaluates a batch. Arrays are C-contiguous and never converted; the GIL is released.

        With the backend "cuda" the arrays may lie in the memory of the GPU (CuPy, or anything with the CUDA
        array interface or DLPack): if `momenta` does, results are CuPy arrays, and the call does not wait for them.

        momenta: float64 `(n_event, n_leg, 4)`, (E, px, py, pz) in GeV.
        running_couplings: complex128 `(n_event, n_running_coupling)`; or `(n_running_coupling,)` or names
            to values, the same for every event.
        channel: int32 `(n_event,)` or one integer, diagram (from 1) whose multichannel weight is applied; 0: none.
        channel_cut: float64 `(n_event, n_config)`, cut of each config; 1 if None.
        random_helicity, random_color: float64 `(n_event,)` in [0, 1), choose helicity and colour flow.
        color_config: int32 `(n_event,)` or one integer, config (from 1) whose colour flows are allowed; 0: all.
        helicity: int32 `(n_event,)` or one integer, compute this combination (from 1) only; 0: the sum.
        outputs: names of the fields of `Result` to compute.
        stream: CUDA stream, as a number, for arrays on the GPU; CuPy's current one if None.
        repeat: evaluates arrays of the host so many times, for timing without what Python takes.

        Raises `ArgumentError` naming the argument, `StateError` before `set_parameters`.
        """
        if isinstance(outputs, str):
            raise ArgumentError(f"outputs: expected a sequence of names, got the text {outputs!r}")
        if not isinstance(momenta, np.ndarray) and device.is_on_device(momenta):
            on_device = {
                "momenta": momenta,
                "running_couplings": self._couplings_on_device(running_couplings),
                "channel": channel,
                "channel_cut": channel_cut,
                "random_helicity": random_helicity,
                "random_color": random_color,
                "color_config": color_config,
                "helicity": helicity,
            }
            return Result(**device.evaluate(self._core, on_device, outputs, stream))
        checked = _array("momenta", momenta)
        n_event = len(checked) if checked.ndim else 0
        given: dict[str, Any] = {
            "momenta": checked,
            "running_couplings": self._running_couplings(running_couplings),
            "channel": _numbers("channel", channel, n_event),
            "channel_cut": _optional("channel_cut", channel_cut),
            "random_helicity": _optional("random_helicity", random_helicity),
            "random_color": _optional("random_color", random_color),
            "color_config": _numbers("color_config", color_config, n_event),
            "helicity": _numbers("helicity", helicity, n_event),
        }
        inputs = {name: array for name, array in given.items() if array is not None}
        return Result(**self._core.evaluate(inputs, list(outputs), repeat))

    def _couplings_on_device(self, values: Any) -> Any:
        if device.is_on_device(values):
            return values
        given = self._running_couplings(values)
        if values is not None or given is None:
            return given
        if self._running_on_device is None:
            self._running_on_device = device.kept_on_device(given)
        return self._running_on_device

    def _running_couplings(self, values: Any) -> NDArray[Any] | None:
        names = self._program.running_couplings
        if values is None:
            if names and self._ready and self._running is None:
                raise ArgumentError(f"running_couplings: required, values of {', '.join(names)}")
            return self._running
        if not isinstance(values, Mapping):
            return _array("running_couplings", values)
        known = _by_upper_name(values)
        missing = [name for name in names if name.upper() not in known]
        if missing:
            raise ArgumentError(f"running_couplings: no value for {', '.join(missing)}")
        return _complexes(names, known)

    def __repr__(self) -> str:
        return f"<bridge.Engine {self._program.process!r} on {self.backend}>"


def _by_upper_name(values: Mapping[str, float | complex]) -> dict[str, float | complex]:
    known: dict[str, float | complex] = {}
    for name, value in values.items():
        if known.setdefault(name.upper(), value) != value:
            raise ArgumentError(f"{name}: given twice with different values")
    return known


def _real(name: str, value: float | complex) -> float:
    number = complex(value)
    if number.imag != 0:
        raise ArgumentError(f"{name}: expected a real value, got {value!r}")
    return number.real


def _complexes(names: Sequence[str], known: Mapping[str, float | complex]) -> NDArray[np.complex128]:
    return np.array([complex(known[name.upper()]) for name in names], dtype=np.complex128)


def _array(name: str, value: Any) -> NDArray[Any]:
    """A NumPy array over the same memory; any array of the host that speaks DLPack is taken."""
    if isinstance(value, np.ndarray):
        return value
    if not hasattr(value, "__dlpack__"):
        raise ArgumentError(f"{name}: expected a NumPy or DLPack array, got {type(value).__name__}")
    try:
        return np.from_dlpack(value)
    except (BufferError, RuntimeError, TypeError, ValueError) as error:
        raise ArgumentError(f"{name}: expected an array in host memory, got {type(value).__name__}: {error}") from error


def _optional(name: str, value: Any) -> NDArray[Any] | None:
    return None if value is None else _array(name, value)


def _numbers(name: str, value: Any, n_event: int) -> NDArray[Any] | None:
    """One integer stands for all events."""
    if isinstance(value, int) and not isinstance(value, bool):
        if not 0 <= value < 2**31:
            raise ArgumentError(f"{name}: expected 0 or a number from 1, got {value}")
        return np.full(n_event, value, dtype=np.int32)
    return _optional(name, value)
