"""`bridge.generate`: from a process to unweighted events."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge import generator
from bridge.engine import Engine
from bridge.events import infrared
from bridge.events.cuts import Cuts
from bridge.events.integrand import Integrand, leg_masses
from bridge.events.sample import GeneratedSample, SubprocessResult
from bridge.events.unweight import Channel, Selected, select, survey
from bridge.exceptions import ArgumentError, UnsupportedError
from bridge.program import load

Values = Mapping[str, float | complex]

_SKIPPED = re.compile(r"^\s*(define|import)\s")
_PROTONS = frozenset(("p", "p~"))


def generate(
    process: str,
    *,
    sqrt_s: float,
    n_event: int,
    seed: int,
    output: str | PathLike[str] | None = None,
    backend: str = "auto",
    threads: int = 1,
    parameters: Values | None = None,
    card: str | Path | None = None,
    alpha_s: float | None = None,
    model: generator.Model | None = None,
    cuts: Cuts | None = None,
    scale: float | None = None,
    n_survey: int = 40_000,
    max_overweight: float = 1e-3,
) -> GeneratedSample:
    """Cross-section and unweighted events of a process at a fixed energy, without parton densities.

    process: as for `bridge.generator.generate`; two particles come in. The cross-section is the sum over
        all flavours that it means, incoming ones too.
    sqrt_s: energy in the centre-of-mass frame, GeV.
    n_event: how many events; 0 gives the cross-section only.
    seed: 0 or more; the same one gives the same events on the same backend, whatever `threads` is.
    output: Les Houches event file to write, gzip if its name ends in `.gz`.
    backend, threads: as for `bridge.Engine`.
    parameters: all values by name, as from `bridge.generator.parameters`; or else `card` (SLHA, path or text)
        and `alpha_s`, which does not run.
    cuts: on massless particles; needed where the cross-section diverges.
    scale: SCALUP, GeV; `sqrt_s` if None.
    n_survey: points for the maximum of each matrix element, after eight times a quarter of it for
        the grid, and for three final particles four times that for each chain of decays.
    max_overweight: share of the cross-section that may lie above that maximum in the survey.

    Raises `ArgumentError` naming the argument, `GeneratorError` for a process that cannot be generated,
    `UnsupportedError` for protons and decays. Nothing is written unless all went well.
    """
    _check(process, sqrt_s, {"n_event": (n_event, 0), "seed": (seed, 0), "n_survey": (n_survey, 100)})
    if not 0.0 <= max_overweight < 1.0:
        raise ArgumentError(f"max_overweight: expected a number in [0, 1), got {max_overweight!r}")
    if scale is not None and not (math.isfinite(scale) and scale > 0.0):
        raise ArgumentError(f"scale: expected a positive number of GeV, got {scale!r}")
    if output is not None:
        _check_output(Path(output))
    made = _matrix_elements(process, model)
    values = _values(parameters, card, alpha_s, made[0].model)
    used = Cuts() if cuts is None else cuts
    rng = np.random.default_rng(seed)
    integrands = _integrands(made, values, sqrt_s, used, backend, threads)
    channels = [survey(integrand, rng, n_survey, max_overweight) for integrand in integrands]
    selected = select(channels, rng, n_event)
    strong, electric = _couplings(values, made[0].model)
    sample = _sample(channels, selected, rng, (process, sqrt_s, seed), (scale or sqrt_s, electric, strong))
    if output is not None:
        sample.write(output)
    return sample


def _check(process: str, sqrt_s: float, integers: Mapping[str, tuple[int, int]]) -> None:
    """`integers`: values by name, and the least they can be."""
    if not (math.isfinite(sqrt_s) and sqrt_s > 0.0):
        raise ArgumentError(f"sqrt_s: expected a positive number of GeV, got {sqrt_s!r}")
    for name, (value, least) in integers.items():
        if not isinstance(value, int) or value < least:
            raise ArgumentError(f"{name}: expected an integer of {least} or more, got {value!r}")
    for line in re.split(r"[\n;]", process):
        if not _SKIPPED.match(line) and _PROTONS.intersection(line.partition(">")[0].lower().split()):
            raise UnsupportedError(
                f"process {line.strip()!r}: bridge.generate has no parton densities, so p cannot come in; "
                "name partons, as in 'g g > t t~', at a fixed partonic energy"
            )


def _check_output(path: Path) -> None:
    """Before the work, not after it."""
    if not path.absolute().parent.is_dir():
        raise ArgumentError(f"output: no folder {path.absolute().parent}")
    if path.exists() and not path.is_file():
        raise ArgumentError(f"output: {path} is not a regular file")


def _matrix_elements(process: str, model: generator.Model | None) -> tuple[generator.Generated, ...]:
    made = generator.generate(process, model)
    sizes = {tuple(leg.incoming for leg in item.process.legs) for item in made}
    if len(sizes) != 1:
        raise UnsupportedError(f"process {process!r}: all processes must have equally many particles")
    (incoming,) = sizes
    if sum(incoming) != 2 or len(incoming) < 4:
        raise UnsupportedError(f"process {process!r}: expected two particles in, two or more out")
    return made


def _values(
    parameters: Values | None, card: str | Path | None, alpha_s: float | None, model: generator.Model
) -> Values:
    if parameters is None:
        return generator.parameters(card, model=model, alpha_s=alpha_s)
    if card is not None or alpha_s is not None:
        raise ArgumentError("parameters: they hold all values; give them, or card and alpha_s")
    names = [item.name for item in model.card_parameters] + [item.name for item in model.formulas]
    if missing := [name for name in names if name not in parameters]:
        raise ArgumentError(f"parameters: no value for {', '.join(missing)}")
    return parameters


def _couplings(values: Values, model: generator.Model) -> tuple[float, float]:
    """alpha_s and alpha_em; 0 where the model has no aEWM1."""
    inverse = complex(values.get("aEWM1", 0.0)).real
    return complex(values[model.alpha_s]).real, 1.0 / inverse if inverse else 0.0


def _integrands(
    made: Sequence[generator.Generated], values: Values, sqrt_s: float, cuts: Cuts, backend: str, threads: int
) -> list[Integrand]:
    """Those above threshold, their engines ready."""
    masses = {id(item): leg_masses(item, values) for item in made}
    thresholds = {id(item): max(sum(masses[id(item)][:2]), sum(masses[id(item)][2:])) for item in made}
    open_ = [item for item in made if sqrt_s > thresholds[id(item)]]
    if not open_:
        raise ArgumentError(f"sqrt_s: {sqrt_s} GeV is below the threshold, {min(thresholds.values())} GeV")
    for item in open_:
        infrared.check(item, masses[id(item)], values, cuts)
    integrands = []
    for item in open_:
        engine = Engine(load(item.process), backend, threads=threads)
        engine.set_parameters(values)
        integrands.append(Integrand(item, engine, values, sqrt_s, cuts))
    return integrands


def _sample(
    channels: Sequence[Channel],
    selected: Selected,
    rng: np.random.Generator,
    request: tuple[str, float, int],
    run: tuple[float, float, float],
) -> GeneratedSample:
    pdg_id, color, helicity, mass = _legs(channels, selected, rng)
    size = np.abs(selected.factor)
    # numbers are summed over channels: their points are independent
    absolute = sum(channel.absolute for channel in channels)
    scale, alpha_em, alpha_s = run
    return GeneratedSample(
        *request,
        cross_section=sum(channel.cross_section for channel in channels),
        error=math.hypot(*(channel.error for channel in channels)),
        subprocesses=tuple(_result(channel) for channel in channels),
        momenta=selected.momenta,
        pdg_id=pdg_id,
        color=color,
        helicity=helicity,
        mass=mass,
        process_id=selected.channel + np.int32(1),
        weight=selected.factor * (absolute / size.mean()) if len(size) else selected.factor,
        n_overweight=int((size > 1.0).sum()),
        overweight_fraction=float((size - 1.0).sum() / size.sum()) if len(size) else 0.0,
        efficiency=len(size) / selected.n_try if selected.n_try else 0.0,
        scale=scale,
        alpha_em=alpha_em,
        alpha_s=alpha_s,
    )


def _legs(
    channels: Sequence[Channel], selected: Selected, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int32], NDArray[np.float64]]:
    """Particles, colour lines, helicities and masses of the events' legs."""
    shape = selected.momenta.shape[:2]
    pdg_id, color = np.zeros(shape, np.int64), np.zeros((*shape, 2), np.int32)
    helicity, mass = np.zeros(shape, np.int32), np.zeros(shape)
    for number, channel in enumerate(channels):
        made = channel.integrand.made
        mine = selected.channel == number
        flavour = rng.integers(len(made.flavours), size=int(mine.sum()))
        pdg_id[mine] = np.array(made.flavours)[flavour]
        color[mine] = np.array(made.color_lines, dtype=np.int32)[selected.color_flow[mine] - 1]
        helicity[mine] = made.process.helicities[selected.helicity[mine] - 1]
        mass[mine] = channel.integrand.masses
    return pdg_id, color, helicity, mass


def _result(channel: Channel) -> SubprocessResult:
    made = channel.integrand.made
    return SubprocessResult(
        made.process.name,
        made.flavours,
        channel.cross_section,
        channel.error,
        channel.max_weight,
        channel.n_point,
        channel.n_non_finite,
    )
