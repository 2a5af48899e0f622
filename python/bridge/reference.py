"""Reference evaluation of a `Process` in NumPy: clear, double precision, not fast.

The oracle for everything faster. External wave functions follow the HELAS conventions
(KEK-91-11): helicity states in the HELAS phase convention, a massless fermion or vector
along -z and particles at rest included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.process import Amplitude, Current, External, Process

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Value = float | complex | Real | Complex
Parameters = Mapping[str, Value]

_SQRT_HALF = np.sqrt(0.5)


@dataclass(frozen=True, slots=True, eq=False)
class ReferenceResult:
    """What MATRIX gives, for each event and helicity combination.

    `matrix_element` float64 (n_event, n_helicity): colour-summed |M|^2, neither averaged nor
    multiplied by polarisation. `jamp2` (n_event, n_helicity, n_flow) and `amp2`
    (n_event, n_helicity, n_diagram): index d - 1 is diagram d; zero where there is no AMP2.
    """

    matrix_element: Real
    jamp2: Real
    amp2: Real

    @property
    def matrix_element_by_helicity(self) -> Real:
        """The same as `matrix_element`."""
        return self.matrix_element


def evaluate(
    process: Process,
    momenta: Real,
    parameters: Parameters,
    small_width_treatment: float = 1e-6,
) -> ReferenceResult:
    """Matrix elements of all helicities.

    `momenta`: float64 (n_event, n_leg, 4), (E, px, py, pz), GeV. `parameters`: value by name of
    each mass, width and coupling of the process; a running coupling may be an array
    (n_event,). Raises ValueError or KeyError when something is missing or misshapen.
    """
    momenta = np.asarray(momenta, dtype=np.float64)
    if momenta.ndim != 3 or momenta.shape[1:] != (len(process.legs), 4):
        raise ValueError(f"momenta: expected (n_event, {len(process.legs)}, 4), got {momenta.shape}")
    values = _effective(process, parameters, small_width_treatment)
    amplitudes = amplitude_values(process, momenta, values)
    jamps = _jamps(process, amplitudes)
    return ReferenceResult(
        matrix_element=np.moveaxis(_color_sum(process, jamps), 0, 1),
        jamp2=np.moveaxis(_jamp2(process, jamps), 0, -1).swapaxes(0, 1),
        amp2=np.moveaxis(_amp2(process, amplitudes), 0, -1).swapaxes(0, 1),
    )


def total(process: Process, result: ReferenceResult) -> Real:
    """Sum of |M|^2 over helicities divided by the averaging factor, (n_event,)."""
    absolute = np.abs(result.matrix_element).sum(axis=1)
    return np.asarray(absolute / process.averaging_factor, dtype=np.float64)


def _effective(process: Process, parameters: Parameters, small_width_treatment: float) -> dict[str, Value]:
    """Parameters with widths raised as the generated code does (FK_ names)."""
    values: dict[str, Value] = dict(parameters)
    for width, mass in process.fake_widths.items():
        value = _real(parameters, width)
        if value != 0:
            least = abs(_real(parameters, mass) * small_width_treatment)
            values[width] = float(np.copysign(max(abs(value), least), value))
    return values


def amplitude_values(process: Process, momenta: Real, values: Parameters) -> Complex:
    """AMP, complex128 (n_amplitude, n_helicity, n_event), with effective widths in `values`."""
    waves: list[Complex] = []
    for wave in process.waves:
        if isinstance(wave, External):
            waves.append(_external(process, wave, momenta, values))
        else:
            waves.append(_vertex(process, wave, waves, values))
    shape = (len(process.helicities), len(momenta))
    amplitudes = [_vertex(process, item, waves, values) for item in process.amplitudes]
    return np.array([np.broadcast_to(item, shape) for item in amplitudes])


def _external(
    process: Process,
    wave: External,
    momenta: Real,
    values: Parameters,
) -> Complex:
    """Wave of one leg, (size, n_helicity, n_event)."""
    mass = _real(values, wave.mass)
    p = momenta[:, wave.leg]
    column = process.helicities[:, wave.leg]
    made = {int(h): external_wave(wave.kind, p, mass, int(h), wave.sign) for h in set(column)}
    return np.stack([made[int(helicity)] for helicity in column], axis=1)


def _vertex(
    process: Process,
    vertex: Current | Amplitude,
    waves: list[Complex],
    values: Parameters,
) -> Complex:
    couplings = [coupling.sign * np.asarray(values[coupling.name]) for coupling in vertex.couplings]
    mass = width = 0.0
    if isinstance(vertex, Current):
        mass, width = _real(values, vertex.mass), _real(values, vertex.width)
    inputs = [waves[index] for index in vertex.inputs]
    return process.routines[vertex.routine].evaluate(inputs, couplings, mass, width)


def _real(values: Parameters, name: str | None) -> float:
    """Value of a mass or width; None is zero."""
    return 0.0 if name is None else complex(values[name]).real


def _jamps(process: Process, amplitudes: Complex) -> Complex:
    """JAMP, (n_flow, n_split_order, n_helicity, n_event)."""
    coefficients = np.zeros(
        (process.n_flow, process.n_split_order, len(process.amplitudes)), dtype=np.complex128
    )
    for term in process.jamp:
        coefficients[term.flow, term.split_order, term.amplitude] += term.coefficient
    jamps: Complex = np.tensordot(coefficients, amplitudes, axes=1)
    return jamps


def _color_sum(process: Process, jamps: Complex) -> Real:
    """Re sum over chosen (m, n) of JAMP(m) CF JAMP(n)*, (n_helicity, n_event)."""
    colored = np.tensordot(process.color_matrix, jamps, axes=(1, 0))
    chosen = process.chosen_orders.astype(np.float64)
    summed = np.einsum("mn,imhe,inhe->he", chosen, colored, jamps.conj())
    return np.asarray(summed.real, dtype=np.float64)


def _jamp2(process: Process, jamps: Complex) -> Real:
    """Sum over chosen (m, n) of |Re JAMP(m) JAMP(n)*|, (n_flow, n_helicity, n_event)."""
    found = np.zeros((process.n_flow, *jamps.shape[2:]))
    for m, n in np.argwhere(process.chosen_orders):
        found += np.abs((jamps[:, m] * jamps[:, n].conj()).real)
    return found


def _amp2(process: Process, amplitudes: Complex) -> Real:
    """|sum of a diagram's amplitudes|^2, (n_diagram, n_helicity, n_event)."""
    n_diagram = max([*process.amp2, *process.config_diagrams], default=0)
    found = np.zeros((n_diagram, *amplitudes.shape[1:]))
    for diagram, members in process.amp2.items():
        found[diagram - 1] = np.abs(amplitudes[list(members)].sum(axis=0)) ** 2
    return found


def external_wave(kind: str, p: Real, mass: float, helicity: int, sign: int) -> Complex:
    """External wave function, complex128 (size, n_event).

    `kind`: I (fermion line in), O (fermion line out), V or S. `p`: (n_event, 4), GeV. `sign`:
    NSF, NSV or NSS.
    """
    flow = -sign if kind == "I" else sign
    momentum = flow * np.array([p[:, 0] + 1j * p[:, 3], p[:, 1] + 1j * p[:, 2]])
    if kind == "S":
        spin: Complex = np.ones((1, len(p)), dtype=np.complex128)
    elif kind == "V":
        spin = _vector_spin(p, mass, helicity, sign)
    else:
        spin = _fermion_spin(kind, p, mass, helicity, sign)
    return np.concatenate([momentum, spin])


def _fermion_spin(kind: str, p: Real, mass: float, helicity: int, sign: int) -> Complex:
    """The four spinor components in the chiral basis."""
    # The out-flowing spinor is the Dirac conjugate: py flips, chiralities swap.
    transverse = p[:, 2] if kind == "I" else -p[:, 2]
    if mass == 0:
        return _massless_spinor(kind, p, transverse, helicity, sign)
    size = np.minimum(p[:, 0], np.sqrt(p[:, 1] ** 2 + p[:, 2] ** 2 + p[:, 3] ** 2))
    at_rest = _spinor_at_rest(kind, mass, helicity, sign)[:, None]
    safe = np.where(size == 0, 1.0, size)
    moving = _moving_spinor(kind, p, transverse, safe, mass, helicity, sign)
    return np.where(size == 0, at_rest, moving)


def _massless_spinor(kind: str, p: Real, transverse: Real, helicity: int, sign: int) -> Complex:
    nh = helicity * sign
    backward = (p[:, 1] == 0) & (p[:, 2] == 0) & (p[:, 3] < 0)
    root = np.where(backward, 0.0, np.sqrt(np.maximum(p[:, 0] + p[:, 3], 0.0))) * sign
    safe = np.where(root == 0, 1.0, root)
    second = np.where(
        root == 0, -helicity * np.sqrt(2 * p[:, 0]) + 0j, (nh * p[:, 1] + 1j * transverse) / safe
    )
    zero = np.zeros_like(second)
    right = [root + 0j, second]
    left = [second, root + 0j]
    if kind == "I":
        return np.array([zero, zero, *right] if nh == 1 else [*left, zero, zero])
    return np.array([*right, zero, zero] if nh == 1 else [zero, zero, *left])


def _moving_spinor(
    kind: str, p: Real, transverse: Real, size: Real, mass: float, helicity: int, sign: int
) -> Complex:
    nh = helicity * sign
    plus = (1 + sign + (1 - sign) * nh) / 2
    minus = (1 + sign - (1 - sign) * nh) / 2
    large = np.sqrt(p[:, 0] + size)
    omega = (large, mass / large)
    along = np.maximum(size + p[:, 3], 0.0)
    safe = np.where(along == 0, 1.0, along)
    up = np.sqrt(along * 0.5 / size) + 0j
    down = np.where(along == 0, -nh + 0j, (nh * p[:, 1] + 1j * transverse) / np.sqrt(2 * size * safe))
    chi = (up, down) if nh == 1 else (down, up)
    first = plus * (omega[1] if nh == 1 else omega[0])
    second = minus * (omega[0] if nh == 1 else omega[1])
    if kind == "O":
        first, second = second, first
    return np.array([first * chi[0], first * chi[1], second * chi[0], second * chi[1]])


def _spinor_at_rest(kind: str, mass: float, helicity: int, sign: int) -> Complex:
    """Spin along +z; a negative mass flips the sign of one chirality."""
    nh = helicity * sign
    root = np.sqrt(abs(mass))
    roots = (root, np.copysign(root, mass))
    if kind == "I":
        up, down = (1 + nh) // 2, (1 - nh) // 2
        spin = [up * roots[up], down * sign * roots[up], up * sign * roots[down], down * roots[down]]
    else:
        up = helicity * (1 + nh) // 2
        down = -helicity * ((1 - nh) // 2)
        first, second = roots[abs(down)], roots[abs(up)]
        spin = [up * first, down * sign * first, up * sign * second, down * second]
    return np.array(spin, dtype=np.complex128)


def _vector_spin(p: Real, mass: float, helicity: int, sign: int) -> Complex:
    """Polarisation vector, conjugate for an outgoing boson (`sign` +1)."""
    transverse = np.sqrt(p[:, 1] ** 2 + p[:, 2] ** 2)
    if mass == 0:
        return _transverse_spin(p, p[:, 0], transverse, helicity, sign)
    size = np.minimum(p[:, 0], np.sqrt(p[:, 1] ** 2 + p[:, 2] ** 2 + p[:, 3] ** 2))
    transverse = np.minimum(size, transverse)
    safe = np.where(size == 0, 1.0, size)
    moving = _transverse_spin(p, safe, transverse, helicity, sign * abs(helicity))
    if helicity == 0:
        stretch = p[:, 0] / (mass * safe)
        moving = np.array([size / mass, *(p[:, 1:] * stretch[:, None]).T]) + 0j
    rest = [0, -helicity * _SQRT_HALF, 1j * sign * abs(helicity) * _SQRT_HALF, 1 - abs(helicity)]
    return np.where(size == 0, np.array(rest, dtype=np.complex128)[:, None], moving)


def _transverse_spin(p: Real, size: Real, transverse: Real, helicity: int, sign: int) -> Complex:
    safe = np.where(transverse == 0, 1.0, transverse)
    tilt = p[:, 3] / (size * safe) * _SQRT_HALF * helicity
    turn = sign / safe * _SQRT_HALF
    along_z = transverse == 0
    x = np.where(along_z, -helicity * _SQRT_HALF + 0j, -p[:, 1] * tilt - 1j * p[:, 2] * turn)
    y = np.where(
        along_z,
        1j * sign * np.copysign(_SQRT_HALF, p[:, 3]),
        -p[:, 2] * tilt + 1j * p[:, 1] * turn,
    )
    z = helicity * transverse / size * _SQRT_HALF + 0j
    return np.array([np.zeros_like(z), x, y, z])
