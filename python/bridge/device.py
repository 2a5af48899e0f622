"""Arrays in the memory of a GPU: in and out of `bridge.Engine` without a copy through the host.

Anything with the CUDA array interface (CuPy, PyTorch, Numba) or DLPack is taken; results are CuPy arrays.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

from numpy.typing import NDArray

from bridge import _core
from bridge.exceptions import ArgumentError, UnsupportedError

_CUDA_DEVICES = (2, 3, 13)  # DLDeviceType: kDLCUDA, kDLCUDAHost, kDLCUDAManaged


def is_on_device(value: Any) -> bool:
    """Whether an array lies in the memory of a GPU."""
    cupy = sys.modules.get("cupy")
    # CuPy's own interface is made anew each time it is looked at
    if cupy is not None and isinstance(value, cupy.ndarray):
        return True
    if hasattr(value, "__cuda_array_interface__"):
        return True
    device = getattr(value, "__dlpack_device__", None)
    return device is not None and device()[0] in _CUDA_DEVICES


def evaluate(
    core: _core.Engine, given: Mapping[str, Any], outputs: Sequence[str], stream: int | None
) -> dict[str, Any]:
    """As `bridge.Engine.evaluate` with all of `given` on the GPU; integers and host values are spread there.

    stream: address of a CUDA stream; CuPy's current one if None. The call does not wait for the result.
    """
    cupy, in_use = stream_in_use(stream)
    with nullcontext() if stream is None else in_use:
        momenta = as_cupy("momenta", given["momenta"])
        n_event = len(momenta) if momenta.ndim else 0
        couplings = given.get("running_couplings")
        common = couplings is not None and couplings.ndim == 1
        arrays = {
            name: _checked(cupy, core, name, value, n_event, common)
            for name, value in given.items()
            if value is not None
        }
        result = {}
        for name in outputs:
            dtype, shape = core.layout(name, n_event, False)
            result[name] = cupy.empty(shape, dtype)
        core.evaluate_device(
            n_event,
            {name: int(array.data.ptr) for name, array in arrays.items() if array.size},
            {name: int(array.data.ptr) for name, array in result.items()},
            common,
            int(in_use.ptr),
        )
    return result


def stream_in_use(stream: int | None) -> tuple[Any, Any]:
    """CuPy, and its stream at that address, its current one if None."""
    cupy = import_cupy()
    return cupy, cupy.cuda.get_current_stream() if stream is None else _stream_at(cupy, stream)


def kept_on_device(value: NDArray[Any]) -> Any:
    """A copy that any stream may read from now on."""
    cupy = import_cupy()
    copy = cupy.asarray(value)
    cupy.cuda.get_current_stream().synchronize()
    return copy


class _Address:
    """A CUDA stream in the CUDA stream protocol."""

    def __init__(self, stream: int) -> None:
        self._stream = stream

    def __cuda_stream__(self) -> tuple[int, int]:
        return 0, self._stream


def _stream_at(cupy: Any, stream: int) -> Any:
    if hasattr(cupy.cuda.Stream, "from_external"):
        return cupy.cuda.Stream.from_external(_Address(stream))
    return cupy.cuda.ExternalStream(stream)  # CuPy before 14


def import_cupy() -> Any:
    """CuPy; raises UnsupportedError where it is not installed."""
    try:
        import cupy  # type: ignore[import-not-found,unused-ignore]
    except ImportError as error:
        raise UnsupportedError("arrays on a GPU need CuPy: pip install cupy-cuda12x or cupy-cuda13x") from error
    return cupy


def as_cupy(name: str, value: Any) -> Any:
    """A CuPy array over the same memory; host arrays are copied."""
    cupy = import_cupy()
    if isinstance(value, cupy.ndarray):
        return value
    if hasattr(value, "__cuda_array_interface__"):
        return cupy.asarray(value)
    if is_on_device(value):
        return cupy.from_dlpack(value)
    if hasattr(value, "__array__"):
        return cupy.asarray(value)
    raise ArgumentError(f"{name}: expected an array on the GPU, got {type(value).__name__}")


def _checked(cupy: Any, core: _core.Engine, name: str, value: Any, n_event: int, common: bool) -> Any:
    dtype, shape = core.layout(name, n_event, common)
    if isinstance(value, int) and not isinstance(value, bool):
        return cupy.full(shape, value, dtype)
    array = as_cupy(name, value)
    if array.dtype != dtype:
        raise ArgumentError(f"{name}: expected an array of {dtype}, got {array.dtype}")
    if array.shape != shape:
        raise ArgumentError(f"{name}: expected shape {shape}, got {array.shape}")
    if not array.flags.c_contiguous:
        raise ArgumentError(f"{name}: expected a C-contiguous array, got strides of another order")
    return array
