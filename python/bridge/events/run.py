"""`bridge.generate`: from a process to unweighted events."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path

import numpy as np

from bridge import generator
from bridge.engine import Engine
from bridge.events import hadrons, infrared
from bridge.events import scale as scales
from bridge.events.channels import mappings
from bridge.events.collect import collect
from bridge.events.cuts import Cuts, least_mass, legs_to_cut
from bridge.events.hadrons import HadronBeams
from bridge.events.integrand import Integrand, Setting, leg_masses
from bridge.events.sample import GeneratedSample
from bridge.events.unweight import select, survey
from bridge.exceptions import ArgumentError, UnsupportedError
from bridge.pdf import AlphaS, PartonDensity, find_grid
from bridge.program import load

Values = Mapping[str, float | complex]

_PROTONS = (2212, 2212)
#: of a matrix element's survey goes at least this part to each of its integration channels
_LEAST_SHARE = 10


def generate(
    process: str,
    *,
    sqrt_s: float,
    n_event: int,
    seed: int,
    output: str | PathLike[str] | None = None,
    backend: str = "auto",
    threads: int = 1,
    pdf: PartonDensity | str | PathLike[str] | None = None,
    parameters: Values | None = None,
    card: str | Path | None = None,
    alpha_s: AlphaS | float | None = None,
    model: generator.Model | None = None,
    cuts: Cuts | None = None,
    scale: scales.Scale | None = None,
    factorization_scale: scales.Scale | None = None,
    n_survey: int = 40_000,
    max_overweight: float = 1e-3,
) -> GeneratedSample:
    """Cross-section and unweighted events of a process: of protons, or of partons or leptons at a fixed energy.

    process: as for `bridge.generator.generate`; two particles come in. With `p` or `p~` on both sides of the beam
        line these are the beams. The cross-section is the sum over all flavours that it means, incoming ones too.
    sqrt_s: energy of the beams in their centre-of-mass frame, GeV.
    n_event: how many events; 0 gives the cross-section only.
    seed: 0 or more; the same one gives the same events on the same backend, whatever `threads` is.
    output: Les Houches event file to write, gzip if its name ends in `.gz`.
    backend, threads: as for `bridge.Engine`.
    pdf: densities of the proton, a grid file or a set (`bridge.pdf.find_grid`); if None, the default set where `p`
        comes in. Given for a process of partons, these come out of two protons.
    parameters: all values by name, as from `bridge.generator.parameters`; or else `card` (SLHA, path or text).
    alpha_s: at M_Z for protons, from where it runs (two loops; `AlphaS` for something else), if None that of the
        densities, else of the card or the parameters; at fixed energy it does not run.
    cuts: on massless particles, in the laboratory; needed where the cross-section diverges.
    scale: for protons the renormalisation and factorisation scale, GeV or one of `bridge.events.SCALES`,
        "half_sum_mt" if None; at fixed energy SCALUP, `sqrt_s` if None.
    factorization_scale: the same for the densities and SCALUP alone; `scale` if None.
    n_survey: points for the maxima of each matrix element's integration channels, which share them (a tenth of
        them at least is for each), after eight times a quarter of it for their grids.
    max_overweight: share of the cross-section that may lie above that maximum in the survey.

    Raises `ArgumentError` naming the argument, `GeneratorError` for a process that cannot be generated,
    `GridError` for densities that cannot be read, `UnsupportedError` for decays and other beams. Nothing is
    written unless all went well.
    """
    _check(sqrt_s, {"n_event": (n_event, 0), "seed": (seed, 0), "n_survey": (n_survey, 100)})
    if not 0.0 <= max_overweight < 1.0:
        raise ArgumentError(f"max_overweight: expected a number in [0, 1), got {max_overweight!r}")
    if output is not None:
        _check_output(Path(output))
    partonic, hadron_ids = hadrons.split(process)
    beams = _beams(hadron_ids, pdf, sqrt_s)
    used = _scales(scale, factorization_scale, beams, sqrt_s)
    made = _matrix_elements(partonic, model)
    values, running = _values(parameters, card, alpha_s, made[0].model, beams)
    setting = Setting(sqrt_s, Cuts() if cuts is None else cuts, *used, running, beams)
    rng = np.random.default_rng(seed)
    integrands = _integrands(made, values, setting, backend, threads)
    n_channel = Counter(integrand.made for integrand in integrands)
    shares = [max(n_survey // n_channel[item.made], n_survey // _LEAST_SHARE) for item in integrands]
    channels = [survey(item, rng, n, max_overweight) for item, n in zip(integrands, shares, strict=True)]
    selected = select(channels, rng, n_event)
    sample = collect(channels, selected, (process, sqrt_s, seed), _alpha_em(values), beams)
    if output is not None:
        sample.write(output)
    return sample


def _check(sqrt_s: float, integers: Mapping[str, tuple[int, int]]) -> None:
    """`integers`: values by name, and the least they can be."""
    if not (math.isfinite(sqrt_s) and sqrt_s > 0.0):
        raise ArgumentError(f"sqrt_s: expected a positive number of GeV, got {sqrt_s!r}")
    for name, (value, least) in integers.items():
        if not isinstance(value, int) or value < least:
            raise ArgumentError(f"{name}: expected an integer of {least} or more, got {value!r}")


def _beams(
    pdg_ids: tuple[int, int] | None, pdf: PartonDensity | str | PathLike[str] | None, sqrt_s: float
) -> HadronBeams | None:
    if pdg_ids is None and pdf is None:
        return None
    density = pdf if isinstance(pdf, PartonDensity) else PartonDensity.from_file(find_grid(pdf))
    return HadronBeams(pdg_ids or _PROTONS, sqrt_s, density)


def _scales(
    scale: scales.Scale | None, factorization_scale: scales.Scale | None, beams: HadronBeams | None, sqrt_s: float
) -> tuple[scales.Scale, scales.Scale]:
    if scale is None:
        scale = sqrt_s if beams is None else "half_sum_mt"
    if factorization_scale is None:
        factorization_scale = scale
    scales.check("scale", scale)
    name = "scale" if factorization_scale is scale else "factorization_scale"
    scales.check(name, factorization_scale)
    if beams is not None and not isinstance(factorization_scale, str):
        low, high = beams.density.q_range
        if not low <= factorization_scale <= high:
            raise ArgumentError(f"{name}: {factorization_scale} GeV; {beams.density.path.name} has {low} to {high} GeV")
    return scale, factorization_scale


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
    parameters: Values | None,
    card: str | Path | None,
    alpha_s: AlphaS | float | None,
    model: generator.Model,
    beams: HadronBeams | None,
) -> tuple[Values, AlphaS]:
    """All values, and alpha_s(Q): constant at fixed energy."""
    if parameters is not None:
        if card is not None or alpha_s is not None:
            raise ArgumentError("parameters: they hold all values; give them, or card and alpha_s")
        _check_parameters(parameters, model)
        values = parameters
    else:
        if alpha_s is None and beams is not None:
            alpha_s = beams.density.alpha_s
        number = alpha_s.value if isinstance(alpha_s, AlphaS) else alpha_s
        values = generator.parameters(card, model=model, alpha_s=number)
    if isinstance(alpha_s, AlphaS):
        return values, alpha_s
    return values, AlphaS(complex(values[model.alpha_s]).real, n_loop=0 if beams is None else 2)


def _check_parameters(parameters: Values, model: generator.Model) -> None:
    names = [item.name for item in model.card_parameters] + [item.name for item in model.formulas]
    if missing := [name for name in names if name not in parameters]:
        raise ArgumentError(f"parameters: no value for {', '.join(missing)}")


def _alpha_em(values: Values) -> float:
    """0 where the model has no aEWM1."""
    inverse = complex(values.get("aEWM1", 0.0)).real
    return 1.0 / inverse if inverse else 0.0


def _integrands(
    made: Sequence[generator.Generated], values: Values, setting: Setting, backend: str, threads: int
) -> list[Integrand]:
    """Those above threshold, their engines ready."""
    masses = {id(item): leg_masses(item, values) for item in made}
    thresholds = {id(item): max(sum(masses[id(item)][:2]), sum(masses[id(item)][2:])) for item in made}
    open_ = [item for item in made if setting.sqrt_s > thresholds[id(item)]]
    if not open_:
        raise ArgumentError(f"sqrt_s: {setting.sqrt_s} GeV is below the threshold, {min(thresholds.values())} GeV")
    for item in open_:
        _check_process(item, masses[id(item)], values, setting)
    integrands = []
    for item in open_:
        engine = Engine(load(item.process), backend, threads=threads)
        engine.set_parameters(values)
        own = masses[id(item)]
        legs = legs_to_cut(item.flavours[0], own, 2)
        for diagram, mapping in mappings(item, own, values, setting.cuts, legs).items():
            integrands.append(Integrand(item, engine, values, setting, diagram, mapping))
    return integrands


def _check_process(made: generator.Generated, masses: Sequence[float], values: Values, setting: Setting) -> None:
    if setting.beams is not None:
        setting.beams.check(made.flavours, masses)
        least = least_mass(setting.cuts, masses, legs_to_cut(made.flavours[0], masses, 2))
        if least >= setting.sqrt_s:
            raise ArgumentError(f"cuts: what passes has {least} GeV or more, above sqrt_s, {setting.sqrt_s}")
    infrared.check(made, masses, values, setting.cuts, is_energy_fixed=setting.beams is None)
