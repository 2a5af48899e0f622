"""The Program file: what the engine executes, as bytes (docs/program.md).

The tables here mirror cpp/engine/program.hpp; values are part of the format, append only.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sized
from dataclasses import dataclass, field
from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bridge.program.opaque import Function

NONE = 0xFFFFFFFF
VERSION = 1
_MAGIC = b"MEBRIDGE"


class Op(IntEnum):
    """Instructions; see cpp/engine/program.hpp."""

    EXTERNAL = 0
    FFV_1 = 1
    FFV_2 = 2
    FFV_3 = 3
    FFS_1 = 4
    FFS_3 = 5
    VVV_1 = 6
    VVVV_1 = 7
    VVS_1 = 8
    VVS_3 = 9
    VVSS_1 = 10
    VVSS_3 = 11
    VSS_1 = 12
    VSS_2 = 13
    SSS_1 = 14
    SSSS_1 = 15
    DOT = 16
    JAMP = 17
    SQUARE = 18
    DOT_JAMP = 19
    DENSITY = 20
    TRACE = 21
    #: inputs: position in Program.operands of the slots, followed by the coefficients
    CUSTOM = 22
    #: inputs: densities of the vertex's inputs, and the slot it is the density of
    DENSITY_VERTEX = 23


class Chirality(IntEnum):
    VECTOR = 0
    GENERAL = 1
    LEFT = 2
    RIGHT = 3


ACCUMULATE = 1
PROPAGATOR_SHIFT = 1
CHIRALITY_SHIFT = 4
KIND_SHIFT = 4
MINUS = 64
CUSTOM_SHIFT = 8
#: DENSITY_VERTEX: Op of the vertex
VERTEX_SHIFT = 8
#: SQUARE that only runs where AMP2 is taken from amplitudes, not from densities
FOR_AMPLITUDES = 128


class Instruction(NamedTuple):
    """One instruction; unused fields are NONE."""

    op: Op
    out: int
    inputs: tuple[int, ...] = ()
    coefficients: tuple[int, ...] = ()
    flags: int = 0
    mass: int = NONE
    width: int = NONE

    def pack(self) -> bytes:
        inputs = (*self.inputs, NONE, NONE, NONE)[:3]
        coefficients = (*self.coefficients, NONE, NONE, NONE)[:3]
        return struct.pack("<11I", self.op, self.flags, self.out, *inputs, *coefficients, self.mass, self.width)


class Slot(NamedTuple):
    """A wave or a derivative: components (4, 1; 16 for a density), legs as a bit mask."""

    n_component: int
    legs: int
    momentum: int = NONE


@dataclass(frozen=True, slots=True)
class Momentum:
    """`sign` times the momentum of `leg`, or the sum of two or three earlier ones."""

    leg: int = NONE
    sign: int = 1
    inputs: tuple[int, ...] = ()


@dataclass(slots=True)
class Program:
    """Contents of a Program file."""

    process: str
    digest: str
    helicities: NDArray[np.int8]
    n_flow: int
    n_split_order: int
    averaging_factor: float
    color_matrix: NDArray[np.float64]
    chosen_orders: NDArray[np.bool_]
    config_diagrams: tuple[int, ...]
    config_flows: NDArray[np.bool_]
    #: bool (n_helicity,): every diagram vanishes, whatever the momenta
    zero_helicities: NDArray[np.bool_]
    n_amplitude_buffer: int = 2
    parameters: list[str] = field(default_factory=list)
    couplings: list[str] = field(default_factory=list)
    running_couplings: list[str] = field(default_factory=list)
    #: each a list of (coupling number or NONE, complex constant)
    coefficients: list[tuple[tuple[int, complex], ...]] = field(default_factory=list)
    constants: list[complex] = field(default_factory=list)
    momenta: list[Momentum] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    instructions: list[Instruction] = field(default_factory=list)
    amp2_diagrams: list[int] = field(default_factory=list)
    #: of the plug-in, and the operands of CUSTOM
    functions: list[Function] = field(default_factory=list)
    operands: list[int] = field(default_factory=list)
    #: what n_state found, by legs; Programs of one process may share it
    known_n_state: dict[int, int] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n_diagram(self) -> int:
        """Extent of AMP2."""
        return max((*self.amp2_diagrams, *self.config_diagrams, 0))

    def n_state(self, legs: int) -> int:
        """Helicity states of a set of legs, without those that vanish."""
        if legs not in self.known_n_state:
            table = self.helicities[~self.zero_helicities]
            columns = [leg for leg in range(table.shape[1]) if legs >> leg & 1]
            self.known_n_state[legs] = len(np.unique(table[:, columns] @ 4 ** np.arange(len(columns))))
        return self.known_n_state[legs]

    def to_bytes(self) -> bytes:
        """The file's content."""
        payload = b"".join(self._sections())
        return _MAGIC + struct.pack("<II", VERSION, zlib.crc32(payload)) + payload

    def _sections(self) -> list[bytes]:
        n_helicity, n_leg = self.helicities.shape
        upper = np.triu_indices(self.n_flow)
        return [
            _text(self.process),
            _text(self.digest),
            struct.pack(
                "<7I",
                n_leg,
                n_helicity,
                self.n_flow,
                self.n_split_order,
                self.n_diagram,
                len(self.config_diagrams),
                self.n_amplitude_buffer,
            ),
            struct.pack("<d", self.averaging_factor),
            _texts(self.parameters),
            _texts(self.couplings),
            _texts(self.running_couplings),
            _array(self.helicities, "<i1"),
            _count(self.coefficients),
            *(_coefficient(terms) for terms in self.coefficients),
            _array(np.array(self.constants, complex).view(float), "<f8"),
            _count(self.momenta),
            *(_momentum(m) for m in self.momenta),
            _count(self.slots),
            *(struct.pack("<3I", s.n_component, s.legs, s.momentum) for s in self.slots),
            _count(self.instructions),
            *(i.pack() for i in self.instructions),
            _array(self.color_matrix[upper], "<f8"),
            _array(self.chosen_orders, "<u1"),
            _array(np.array(self.amp2_diagrams), "<u4"),
            _array(np.array(self.config_diagrams), "<u4"),
            _array(self.config_flows, "<u1"),
            _array(self.zero_helicities, "<u1"),
            _texts([function.name for function in self.functions]),
            _array(np.array(self.operands), "<u4") if self.functions else b"",
        ]


def _text(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack("<I", len(encoded)) + encoded


def _texts(texts: list[str]) -> bytes:
    return struct.pack("<I", len(texts)) + b"".join(map(_text, texts))


def _count(items: Sized) -> bytes:
    return struct.pack("<I", len(items))


def _array(values: NDArray[np.generic], dtype: str) -> bytes:
    flat = np.ascontiguousarray(values).ravel().astype(dtype)
    return struct.pack("<I", flat.size) + flat.tobytes()


def _coefficient(terms: tuple[tuple[int, complex], ...]) -> bytes:
    packed = (struct.pack("<Idd", number, c.real, c.imag) for number, c in terms)
    return struct.pack("<I", len(terms)) + b"".join(packed)


def _momentum(m: Momentum) -> bytes:
    inputs = (*m.inputs, NONE, NONE, NONE)[:3]
    return struct.pack("<Ii3I", m.leg, m.sign, *inputs)
