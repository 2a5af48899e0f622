"""Calls the compiled Fortran through ctypes."""

from __future__ import annotations

import ctypes
import os
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.validate.oracle.workspace import Compiled, OracleError, join_lines

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Results of SMATRIX for a batch: averaged, signed, with the channel weight.

    `helicity` and `color_flow` count from 1, 0: none; `color_flow` is all 0 for
    matrix files that leave that choice to the writer of events.
    """

    #: float64 (n_event), GeV^(8 - 2 n_leg)
    matrix_element: Floats
    helicity: Ints
    color_flow: Ints
    #: wall-clock time of the calls
    seconds: float


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Results of MATRIX, helicity by helicity, without any weight."""

    #: float64 (n_event, n_helicity), signed, divided by the averaging factor
    by_helicity: Floats
    #: float64 (n_event, n_diagram), summed over helicities
    amp2: Floats
    #: float64 (n_event, n_flow), summed over helicities
    jamp2: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Events:
    """A batch's inputs; one entry (first axis) for each event."""

    #: float64 (n_event, n_leg, 4): (E, px, py, pz), GeV
    momenta: Floats
    alpha_s: Floats
    #: int32: diagram whose channel weight multiplies, 0: none
    diagram: Ints
    #: int32: config (from 1) for the colour flow
    config: Ints
    #: float64 in [0, 1), exact in single precision: some dialects draw REALs
    random_helicity: Floats
    random_color: Floats


def read_helicities(text: str) -> NDArray[np.int32]:
    """int32 (n_helicity, n_leg): the table NHEL of a matrix file's text."""
    rows = re.findall(r"DATA\(NHEL\(I,(\d+)\),I=1,\d+\)/([-+\d,]+)/", join_lines(text))
    table = {int(number): values.split(",") for number, values in rows}
    if not table or sorted(table) != list(range(1, len(table) + 1)):
        raise OracleError("no table of helicities NHEL")
    return np.array([table[k] for k in sorted(table)], dtype=np.int32)


def _averaging_factor(text: str) -> int:
    match = re.search(r"DATAIDEN/(\d+)/", join_lines(text))
    if match is None:
        raise OracleError("no averaging factor IDEN")
    return int(match[1])


#: an address, or a reference that keeps its object alive
_Argument = Any


def _pointer(array: NDArray[np.generic]) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


class Library:
    """One subprocess directory's Fortran, set up with its parameters.

    Fortran keeps its state in COMMON: not for use from several threads at once.
    """

    def __init__(self, compiled: Compiled, small_width: float) -> None:
        self._compiled = compiled
        # RTLD_LOCAL: other directories define the same symbols
        self._dll = ctypes.CDLL(str(compiled.library), mode=os.RTLD_LOCAL | os.RTLD_NOW)
        self.n_leg, self.n_amp, self.n_flow, n_proc = self._sizes()
        n_try = n_proc if compiled.dialect == "vector" else 2 if compiled.grouped else 1
        self._dll.meb_oracle_setup_(
            ctypes.byref(ctypes.c_int(n_try)),
            ctypes.byref(ctypes.c_double(small_width)),
        )

    def _sizes(self) -> tuple[int, int, int, int]:
        sizes = [ctypes.c_int() for _ in range(4)]
        self._dll.meb_oracle_sizes_(*map(ctypes.byref, sizes))
        n_leg, n_amp, n_flow, n_proc = (size.value for size in sizes)
        return n_leg, n_amp, n_flow, n_proc

    def function(self, name: str) -> ctypes.c_void_p:
        """Address of a Fortran procedure, to be passed as an EXTERNAL argument."""
        try:
            return ctypes.cast(getattr(self._dll, f"{name}_"), ctypes.c_void_p)
        except AttributeError as error:
            raise OracleError(f"{self._compiled.library}: no {name}") from error

    def call(self, name: str, *arguments: _Argument) -> None:
        getattr(self._dll, f"{name}_")(*arguments)

    def masses_and_widths(self) -> dict[str, float]:
        """/MASSES/ and /WIDTHS/ after setpara, GeV, by upper-case name."""
        reals, _ = self._parameters()
        return dict(zip(self._compiled.symbols.reals, reals.tolist(), strict=True))

    def leg_masses(self) -> Floats:
        """Masses of the external legs, GeV, as `pmass.inc` has them."""
        masses = np.zeros(self.n_leg)
        self.call("meb_oracle_masses", _pointer(masses))
        return masses

    def couplings(self, alpha_s: Floats) -> dict[str, NDArray[np.complex128]]:
        """/COUPLINGS/ for each alpha_s, complex128 (n_event), by upper-case name."""
        names = self._compiled.symbols.couplings
        values = np.empty((alpha_s.size, len(names)), dtype=np.complex128)
        for i, value in enumerate(alpha_s.tolist()):
            self._dll.meb_oracle_alpha_s_(ctypes.byref(ctypes.c_double(value)))
            values[i] = self._parameters()[1]
        return {name: values[:, k] for k, name in enumerate(names)}

    def _parameters(self) -> tuple[Floats, NDArray[np.complex128]]:
        symbols = self._compiled.symbols
        reals = np.zeros(max(1, len(symbols.reals)))
        couplings = np.zeros(max(1, len(symbols.couplings)), dtype=np.complex128)
        self.call("meb_oracle_parameters", _pointer(reals), _pointer(couplings))
        return reals[: len(symbols.reals)], couplings[: len(symbols.couplings)]

    def matrix(self, file_name: str) -> Matrix:
        """The matrix file of that name (`matrix1_orig.f`, `matrix1.f`, `matrix.f`)."""
        for path in self._compiled.matrix_files:
            if path.name == file_name:
                return Matrix(self, path)
        raise OracleError(f"{self._compiled.library.parent.name}: no {file_name}")


class Matrix:
    """One matrix file of a Library."""

    def __init__(self, library: Library, path: Path) -> None:
        text = path.read_text()
        self.library = library
        self.number = path.stem.removesuffix("_orig").removeprefix("matrix")
        #: int32 (n_helicity, n_leg)
        self.helicities = read_helicities(text)
        self.averaging_factor = _averaging_factor(text)

    def sums(self, events: Events) -> Sums:
        """SMATRIX for each event."""
        n = len(events.momenta)
        self._check(events)
        ans = np.empty(n)
        helicity = np.empty(n, dtype=np.int32)
        color_flow = np.empty(n, dtype=np.int32)
        start = time.perf_counter()
        self.library.call(
            "meb_oracle_sum",
            self.library.function(f"smatrix{self.number}"),
            ctypes.byref(ctypes.c_int(n)),
            _pointer(events.momenta),
            _pointer(events.alpha_s),
            _pointer(events.diagram),
            _pointer(events.config),
            _pointer(events.random_helicity),
            _pointer(events.random_color),
            *self._helicity_arguments(),
            _pointer(ans),
            _pointer(helicity),
            _pointer(color_flow),
        )
        return Sums(ans, helicity, color_flow, time.perf_counter() - start)

    def terms(self, events: Events) -> Terms:
        """MATRIX for each helicity combination of each event."""
        n = len(events.momenta)
        self._check(events)
        term = np.empty((n, len(self.helicities)))
        amp2 = np.empty((n, self.library.n_amp))
        jamp2 = np.empty((n, self.library.n_flow))
        self.library.call(
            "meb_oracle_terms",
            self.library.function(f"matrix{self.number}"),
            ctypes.byref(ctypes.c_int(n)),
            _pointer(events.momenta),
            _pointer(events.alpha_s),
            *self._helicity_arguments(),
            _pointer(term),
            _pointer(amp2),
            _pointer(jamp2),
        )
        return Terms(term / self.averaging_factor, amp2, jamp2)

    def _helicity_arguments(self) -> tuple[_Argument, _Argument]:
        n_helicity = ctypes.c_int(len(self.helicities))
        return _pointer(self.helicities), ctypes.byref(n_helicity)

    def _check(self, events: Events) -> None:
        """The Fortran trusts its arguments; nothing wrong may reach it."""
        n = len(events.momenta)
        if events.momenta.shape != (n, self.library.n_leg, 4):
            raise ValueError(f"momenta: expected (n, {self.library.n_leg}, 4)")
        expected = {
            "momenta": np.float64,
            "alpha_s": np.float64,
            "diagram": np.int32,
            "config": np.int32,
            "random_helicity": np.float64,
            "random_color": np.float64,
        }
        for name, dtype in expected.items():
            array = getattr(events, name)
            if array.dtype != dtype or not array.flags.c_contiguous or len(array) != n:
                raise ValueError(f"{name}: expected {n} contiguous {dtype.__name__}")
        if events.diagram.max(initial=0) > self.library.n_amp:
            raise ValueError("diagram: beyond the directory's MAXAMPS")
