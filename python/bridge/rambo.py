"""Flat phase space on the CPU or a GPU.

RAMBO: R. Kleiss, W. J. Stirling and S. D. Ellis, Comput. Phys. Commun. 40 (1986) 359.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bridge import _core, device
from bridge.exceptions import ArgumentError


@dataclass(frozen=True, slots=True)
class Points:
    """Phase-space points.

    momenta: float64 `(n_event, n_leg, 4)`, incoming legs first, (E, px, py, pz) in GeV, in the rest frame; beams along
        +z and -z.
    weight: float64 `(n_event,)`; its mean is the volume of phase space, GeV^(2 n_outgoing - 4), the integral of
        (2 pi)^4 delta^4(P - sum p) times d^3p / ((2 pi)^3 2 E) of each particle. 0 where momenta are not finite.
    """

    momenta: NDArray[np.float64]
    weight: NDArray[np.float64]


class Rambo:
    """Makes phase-space points from random numbers; the same ones on every backend, to rounding.

    incoming, outgoing: masses, GeV, of 1 or 2 and of 2 to 14 particles.
    backend: as for `Engine`. threads: how many share a batch on the CPU; results do not depend on it.
    """

    __slots__ = ("_core", "_n_leg", "_n_outgoing")

    def __init__(
        self, incoming: Sequence[float], outgoing: Sequence[float], backend: str = "auto", threads: int = 1
    ) -> None:
        self._n_outgoing = len(outgoing)
        self._n_leg = len(incoming) + len(outgoing)
        self._core = _core.Rambo(backend, [float(m) for m in incoming], [float(m) for m in outgoing])
        self._core.set_threads(threads)

    @property
    def backend(self) -> str:
        """The backend in use, "avx2" for instance."""
        return self._core.backend

    def generate(
        self, random: NDArray[np.float64], sqrt_s: NDArray[np.float64] | float, stream: int | None = None
    ) -> Points:
        """One point of each row of random numbers.

        With the backend "cuda" the arrays may lie in the memory of the GPU (CuPy, or anything with the CUDA array
        interface or DLPack): results are CuPy arrays then, and the call does not wait for them.

        random: float64 `(n_event, n_outgoing, 4)` in [0, 1): cos theta, phi, and two for the energy of each particle.
        sqrt_s: GeV, float64 `(n_event,)` or one number, above the masses of either side; on a GPU this is not checked:
            below, momenta are NaN and weights 0.
        stream: CUDA stream, as a number, for arrays on the GPU; CuPy's current one if None.

        Raises `ArgumentError` naming the argument.
        """
        if device.is_on_device(random):
            cupy, in_use = device.stream_in_use(stream)
            with in_use:
                return self._generate(cupy, device.as_cupy, random, sqrt_s, int(in_use.ptr))
        return self._generate(np, _as_numpy, random, sqrt_s, None)

    def _generate(self, numpy: Any, convert: Any, random: Any, sqrt_s: Any, stream: int | None) -> Points:
        """`numpy`: NumPy, or CuPy with a stream."""
        u = _checked("random", convert("random", random), (None, self._n_outgoing, 4))
        n_event = len(u)
        if isinstance(sqrt_s, (int, float)):
            energy = numpy.full(1, float(sqrt_s))
        else:
            energy = _checked("sqrt_s", convert("sqrt_s", sqrt_s), (n_event,))
        momenta, weight = numpy.empty((n_event, self._n_leg, 4)), numpy.empty(n_event)
        addresses = [a.ctypes.data if stream is None else int(a.data.ptr) for a in (u, energy, momenta, weight)]
        self._core.generate(
            n_event,
            addresses[0],
            addresses[1],
            energy.size,
            addresses[2],
            addresses[3],
            stream is not None,
            stream or 0,
        )
        return Points(momenta, weight)

    def __repr__(self) -> str:
        return f"<bridge.Rambo of {self._n_outgoing} particles on {self.backend}>"


def _as_numpy(name: str, value: Any) -> Any:
    if not isinstance(value, np.ndarray):
        raise ArgumentError(f"{name}: expected a NumPy array, got {type(value).__name__}")
    return value


def _checked(name: str, array: Any, shape: tuple[int | None, ...]) -> Any:
    if array.dtype != np.float64:
        raise ArgumentError(f"{name}: expected an array of float64, got {array.dtype}")
    expected = ", ".join("n_event" if extent is None else str(extent) for extent in shape)
    if array.ndim != len(shape) or any(b not in (None, a) for a, b in zip(array.shape, shape, strict=True)):
        raise ArgumentError(f"{name}: expected shape ({expected}), got {array.shape}")
    if not array.flags.c_contiguous:
        raise ArgumentError(f"{name}: expected a C-contiguous array, got strides of another order")
    return array
