"""Calls a compiled plug-in and compares it with the routines it was made from.

Only the mode with one number a page is called: all are compiled from the same text.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge.lorentz import WAVE_SIZE
from bridge.program.opaque import Function

Array = NDArray[np.complex128]
_N_STATE = 8
_MASS, _WIDTH = 1.3, 0.2


class _Call(ctypes.Structure):
    """meb_plugin_call of cpp/plugin/interface.h."""

    _fields_ = (
        ("wave", ctypes.POINTER(ctypes.c_void_p)),
        ("momentum", ctypes.POINTER(ctypes.c_void_p)),
        ("coupling", ctypes.POINTER(ctypes.c_void_p)),
        ("mass", ctypes.c_double),
        ("width", ctypes.c_double),
        ("index", ctypes.c_void_p),
        ("n_state", ctypes.c_size_t),
        ("out", ctypes.c_void_p),
        ("accumulate", ctypes.c_int32),
    )


_Run = ctypes.CFUNCTYPE(None, ctypes.POINTER(_Call))


class _Mode(ctypes.Structure):
    """meb_plugin_mode."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("lanes_double", ctypes.c_uint32),
        ("lanes_single", ctypes.c_uint32),
        ("function_double", ctypes.POINTER(_Run)),
        ("function_single", ctypes.POINTER(_Run)),
    )


class _Table(ctypes.Structure):
    """meb_plugin_table."""

    _fields_ = (
        ("magic", ctypes.c_char * 8),
        ("version", ctypes.c_uint32),
        ("size_of_call", ctypes.c_uint32),
        ("n_function", ctypes.c_uint32),
        ("n_mode", ctypes.c_uint32),
        ("name", ctypes.POINTER(ctypes.c_char_p)),
        ("mode", ctypes.POINTER(ctypes.POINTER(_Mode))),
    )


def deviation(path: Path, number: int, function: Function) -> float:
    """Largest difference of function `number` from its routine at random waves, relative."""
    library = ctypes.CDLL(str(path), mode=ctypes.RTLD_LOCAL)
    table = _Table.in_dll(library, "meb_plugin")
    mode = next(m for m in (table.mode[k].contents for k in range(table.n_mode)) if m.name == b"scalar")
    rng = np.random.default_rng(9)
    source = function.source
    waves = _waves(function, rng)
    couplings = (rng.normal(size=(source.n_coupling, 2)) @ np.array([1, 1j])).tolist()
    expected = source.evaluate(waves, couplings, _MASS, _WIDTH)
    if source.output:
        expected, inputs = expected[2:], waves
    else:
        leg = function.routine.output - 1
        inputs = waves[:leg] + waves[leg + 1 :]
    found = _run(mode.function_double[number], inputs, couplings, function)
    if not source.output:
        found = np.sum(waves[leg][2:] * found, axis=0)
    return float(np.abs(found - expected).max() / np.abs(expected).max())


def _waves(function: Function, rng: np.random.Generator) -> list[Array]:
    """Waves of the source, (size, n_state) each; the momenta of an amplitude add up to zero."""
    source = function.source
    shapes = [(WAVE_SIZE[spin], _N_STATE) for spin in source.inputs]
    waves = [rng.normal(size=shape) + 1j * rng.normal(size=shape) for shape in shapes]
    for wave in waves:
        wave[:2] = wave[:2, :1]  # one momentum for all states
    if not source.output:
        leg = function.routine.output - 1
        waves[leg][:2] -= np.sum([wave[:2] for wave in waves], axis=0)
    return waves


def _run(run: Any, waves: Sequence[Array], couplings: Sequence[complex], function: Function) -> Array:
    """The function's values, (component, n_state)."""
    states = [np.ascontiguousarray(wave[2:].T) for wave in waves]
    momenta = [np.array([w[0, 0].real, w[1, 0].real, w[1, 0].imag, w[0, 0].imag]) for w in waves]
    values = [np.array([coupling], dtype=np.complex128) for coupling in couplings]
    index = np.repeat(np.arange(_N_STATE, dtype=np.uint32)[:, None], len(waves), axis=1)
    index = np.ascontiguousarray(index)
    out = np.ones((_N_STATE, len(function.routine.result) - 2), dtype=np.complex128)
    # Twice: the second call adds to what the first one wrote.
    for accumulate in (0, 1):
        call = _Call(
            _pointers(states),
            _pointers(momenta),
            _pointers(values),
            _MASS,
            _WIDTH,
            index.ctypes.data,
            _N_STATE,
            out.ctypes.data,
            accumulate,
        )
        run(ctypes.byref(call))
    return np.asarray(out.T / 2)


def _pointers(arrays: Sequence[NDArray[Any]]) -> Any:
    addresses = (ctypes.c_void_p * max(len(arrays), 1))(*(array.ctypes.data for array in arrays))
    return ctypes.cast(addresses, ctypes.POINTER(ctypes.c_void_p))
