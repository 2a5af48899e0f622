"""Who computes a batch: the Fortran, the engine, or the NumPy reference."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from bridge import reference
from bridge.process import Process
from bridge.validate.oracle import Events, Sums, Terms
from bridge.validate.selection import choose_flow, choose_helicity

if TYPE_CHECKING:
    from bridge.engine import Engine, Program

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Couplings = Mapping[str, NDArray[np.complex128]]

_OUTPUTS = ("matrix_element", "helicity", "color_flow", "jamp2", "amp2", "matrix_element_by_helicity", "flag")
#: repeated until this long, to measure speed, seconds
_TIMING = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What somebody computed for a batch; first axis n_event. As `bridge.Result`."""

    matrix_element: Floats
    helicity: Ints
    color_flow: Ints
    jamp2: Floats
    amp2: Floats
    by_helicity: Floats
    n_non_finite: int
    me_per_s: float


@dataclass(frozen=True, slots=True, eq=False)
class Parameters:
    """Parameters as the running Fortran has them.

    `reals`: masses and widths, GeV; FK_x is the width x as MATRIX raises it to a fraction
    of the mass; `couplings`: complex128 (n_event,) each.
    """

    reals: Mapping[str, float]
    couplings: Couplings


class FortranParameters(Protocol):
    """Parameters of compiled Fortran: `oracle.Library`, `oracle.written.WrittenFortran`."""

    def masses_and_widths(self) -> dict[str, float]: ...

    def couplings(self, alpha_s: Floats) -> dict[str, NDArray[np.complex128]]: ...


class FortranMatrix(Protocol):
    """A compiled matrix file: `oracle.Matrix`, `oracle.written.WrittenFortran`."""

    def sums(self, events: Events) -> Sums: ...

    def terms(self, events: Events) -> Terms: ...


def read_parameters(process: Process, library: FortranParameters, events: Events, small_width: float) -> Parameters:
    """Reads them from the Fortran's COMMON blocks, after its own setpara."""
    reals = library.masses_and_widths()
    for width, mass in process.fake_widths.items():
        value = reals[width]
        least = abs(reals[mass] * small_width)
        reals[f"FK_{width}"] = float(np.copysign(max(abs(value), least), value)) if value else 0.0
    return Parameters(reals, library.couplings(events.alpha_s))


def run_fortran(process: Process, matrix: FortranMatrix, events: Events) -> Outcome:
    """The SMATRIX and MATRIX of a directory, or of our own.

    Files that choose no colour flow (up to 3.5) leave it to the writer of events; its rule
    is applied to their JAMP2.
    """
    terms = matrix.terms(events)
    sums = matrix.sums(events)
    seconds, n_call = sums.seconds, 1
    while seconds < _TIMING:
        seconds += matrix.sums(events).seconds
        n_call += 1
    jamp2 = np.ascontiguousarray(terms.jamp2[:, : process.n_flow])
    flow = sums.color_flow
    if not flow.any():
        flow = choose_flow(jamp2, _allowed(process, events), events.random_color)
    finite = np.isfinite(sums.matrix_element)
    return Outcome(
        matrix_element=sums.matrix_element,
        helicity=sums.helicity,
        color_flow=flow,
        jamp2=jamp2,
        amp2=terms.amp2,
        by_helicity=terms.by_helicity,
        n_non_finite=int(np.count_nonzero(~finite)),
        me_per_s=n_call * len(finite) / seconds,
    )


def _allowed(process: Process, events: Events) -> NDArray[np.bool_]:
    if not len(process.config_flows):
        return np.ones((len(events.config), process.n_flow), dtype=np.bool_)
    return process.config_flows[events.config - 1]


def run_reference(process: Process, parameters: Parameters, events: Events) -> Outcome:
    """The NumPy evaluation of the same Process; slow, for tests of the reader alone."""
    start = time.perf_counter()
    effective = {width: parameters.reals[f"FK_{width}"] for width in process.fake_widths}
    values: dict[str, reference.Value] = {**parameters.reals, **effective, **parameters.couplings}
    result = reference.evaluate(process, events.momenta, values, small_width_treatment=0.0)
    by_helicity = result.matrix_element / process.averaging_factor
    amp2 = result.amp2.sum(axis=1)
    jamp2 = result.jamp2.sum(axis=1)
    helicity = choose_helicity(by_helicity, events.random_helicity)
    term = np.take_along_axis(by_helicity, np.maximum(helicity - 1, 0)[:, None], axis=1)[:, 0]
    value = np.copysign(np.abs(by_helicity).sum(axis=1), term)
    value *= _channel_weight(process, amp2, events.diagram)
    seconds = time.perf_counter() - start
    return Outcome(
        matrix_element=value,
        helicity=helicity,
        color_flow=choose_flow(jamp2, _allowed(process, events), events.random_color),
        jamp2=jamp2,
        amp2=amp2,
        by_helicity=by_helicity,
        n_non_finite=int(np.count_nonzero(~np.isfinite(value))),
        me_per_s=len(value) / seconds,
    )


def _channel_weight(process: Process, amp2: Floats, diagram: Ints) -> Floats:
    used = sorted({d for d in process.config_diagrams if d})
    if not used:
        return np.ones(len(amp2))
    total = amp2[:, np.array(used) - 1].sum(axis=1)
    own = np.take_along_axis(amp2, np.maximum(diagram - 1, 0)[:, None], axis=1)[:, 0]
    return np.where((diagram > 0) & (total > 0.0), own / np.where(total > 0.0, total, 1.0), 1.0)


def run_engine(program: Program, backend: str, precision: str, parameters: Parameters, events: Events) -> Outcome:
    """mebridge's engine on one backend. Raises `bridge.Error`."""
    # only here: the NumPy reference works without the compiled engine
    from bridge.engine import Engine

    engine = Engine(program, backend=backend, precision=precision)  # type: ignore[arg-type]
    set_parameters(engine, parameters)
    arguments = engine_arguments(program, parameters, events)
    result = engine.evaluate(events.momenta, **arguments, outputs=_OUTPUTS)
    speed = _engine_speed(engine, events.momenta, arguments)
    fields = {name: getattr(result, name) for name in _OUTPUTS}
    fields["by_helicity"] = fields.pop("matrix_element_by_helicity")
    n_non_finite = int(np.count_nonzero(fields.pop("flag")))
    return Outcome(**fields, n_non_finite=n_non_finite, me_per_s=speed)


def set_parameters(engine: Engine, parameters: Parameters) -> None:
    """Sets what is the same for all events."""
    constant = {name: complex(values[0]) for name, values in parameters.couplings.items()}
    engine.set_parameters({**parameters.reals, **constant})


def engine_arguments(program: Program, parameters: Parameters, events: Events) -> dict[str, Any]:
    """Arguments of `bridge.Engine.evaluate` but the momenta, as a production run gives them."""
    running = np.empty((len(events.momenta), len(program.running_couplings)), dtype=np.complex128)
    for k, name in enumerate(program.running_couplings):
        running[:, k] = parameters.couplings[name.upper()]
    return {
        "running_couplings": running if running.shape[1] else None,
        "channel": events.diagram,
        "random_helicity": events.random_helicity,
        "random_color": events.random_color,
        "color_config": events.config,
    }


def _engine_speed(engine: object, momenta: Floats, arguments: Mapping[str, object]) -> float:
    """Matrix elements a second, with the outputs that event generation asks for."""
    outputs = ("matrix_element", "helicity", "color_flow")
    n_call, start = 0, time.perf_counter()
    while (seconds := time.perf_counter() - start) < _TIMING or n_call == 0:
        engine.evaluate(momenta, **arguments, outputs=outputs)  # type: ignore[attr-defined]
        n_call += 1
    return n_call * len(momenta) / seconds
