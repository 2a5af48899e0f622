"""From a request to Processes: subprocesses, orders, helicities, averages."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bridge.generator.diagrams import Diagram, Generator, Orders, Rules, weight
from bridge.generator.error import GeneratorError
from bridge.generator.flows import FlowBasis, Lines, color_lines
from bridge.generator.model import Model, Particle
from bridge.generator.request import OrderLimit, Request
from bridge.generator.values import running_couplings
from bridge.generator.waves import AmplitudeColor, Options, Waves
from bridge.process import Amplitude, Current, Leg, Process

_HELICITIES = {"S": (0,), "F": (-1, 1), "V": (-1, 1)}
_UNLIMITED = 99


@dataclass(frozen=True, slots=True, eq=False)
class Generated:
    """A Process and what event generation needs beside it."""

    process: Process
    #: particles of every subprocess with this matrix element, the process's own first: pdg ids
    flavours: tuple[tuple[int, ...], ...]
    #: for each flow, (colour, anticolour) of each leg, as ICOLUP
    color_lines: tuple[Lines, ...]
    #: number of the request, after @
    number: int
    diagrams: tuple[Diagram, ...]
    basis: FlowBasis
    model: Model


@dataclass(frozen=True, slots=True)
class Subprocess:
    """Particles of one subprocess, as they come in and go out."""

    incoming: tuple[Particle, ...]
    outgoing: tuple[Particle, ...]

    @property
    def all_incoming(self) -> tuple[Particle, ...]:
        return (*self.incoming, *(p.anti() for p in self.outgoing))

    @property
    def pdg_ids(self) -> tuple[int, ...]:
        return tuple(p.pdg_id for p in (*self.incoming, *self.outgoing))

    def name(self, between: str = "") -> str:
        """As MG5_aMC writes it; `between`: required s-channels."""
        first, last = (" ".join(p.name for p in side) for side in (self.incoming, self.outgoing))
        return f"{first} > {between} > {last}" if between else f"{first} > {last}"


def subprocesses(request: Request, model: Model) -> Iterator[Subprocess]:
    """All that conserve charge and may conserve colour; final states that differ by order once."""
    seen = set()
    for incoming in itertools.product(*request.incoming):
        for outgoing in itertools.product(*request.outgoing):
            key = (incoming, tuple(sorted(outgoing)))
            made = Subprocess(
                tuple(model.by_name[name] for name in incoming), tuple(model.by_name[name] for name in outgoing)
            )
            if key not in seen and _conserves(made):
                seen.add(key)
                yield made


def _conserves(made: Subprocess) -> bool:
    legs = made.all_incoming
    triality = sum({3: 1, -3: -1}.get(p.color, 0) for p in legs)
    return sum(p.charge3 for p in legs) == 0 and triality % 3 == 0 and sum(p.line for p in legs) == 0


class Assembler:
    """Generates the subprocesses of one request."""

    def __init__(self, request: Request, model: Model, options: Options) -> None:
        self._options = options
        self._request = request
        self._model = model
        self._names = tuple(model.hierarchy)
        self._weights = tuple(model.hierarchy.values())
        self._rules = Rules(model, self._names, request.excluded)
        self._running = running_couplings(model)

    def generate(self) -> list[Generated]:
        """One for each different matrix element; raises GeneratorError if there is none."""
        candidates = list(subprocesses(self._request, self._model))
        if not candidates:
            raise GeneratorError(f"process {self._request.text!r}: charge, colour or fermion number is not conserved")
        found = self._with_diagrams(candidates)
        if not found:
            raise GeneratorError(f"process {self._request.text!r}: no diagrams")
        groups: dict[str, Generated] = {}
        flavours: dict[str, list[tuple[int, ...]]] = {}
        for subprocess, diagrams, text in found:
            made = self._assemble(subprocess, diagrams, text)
            key = _content(made.process)
            groups.setdefault(key, made)
            flavours.setdefault(key, []).append(subprocess.pdg_ids)
        return [_with_flavours(made, flavours[key]) for key, made in groups.items()]

    def _with_diagrams(self, candidates: Sequence[Subprocess]) -> list[tuple[Subprocess, list[Diagram], str]]:
        limits = self._request.limits
        if limits:
            text = " ".join(map(str, limits))
            pairs = [(s, self._diagrams(s, None)) for s in candidates]
            return [(s, diagrams, text) for s, diagrams in pairs if diagrams]
        # without orders: the least WEIGHTED any subprocess has, as in MG5_aMC
        n_leg = len(self._request.incoming) + len(self._request.outgoing)
        lightest, heaviest = min(self._weights), max(self._weights)
        for limit in range(lightest * (n_leg - 2), heaviest * (n_leg - 2) + 1):
            pairs = [(s, self._diagrams(s, limit)) for s in candidates]
            if any(diagrams for _, diagrams in pairs):
                return [(s, diagrams, f"WEIGHTED<={limit}") for s, diagrams in pairs if diagrams]
        return []

    def _diagrams(self, subprocess: Subprocess, weighted: int | None) -> list[Diagram]:
        most = tuple(self._most(name) for name in self._names)
        own = self._most("WEIGHTED")
        limit = weighted if weighted is not None else (own if own < _UNLIMITED else None)
        names = [p.name for p in subprocess.all_incoming]
        made = Generator(self._rules, names, most, self._weights, limit).diagrams()
        kept = [d for d in made if self._wanted(d, subprocess)]
        return kept if self._squared_pairs(sorted({d.orders for d in kept})).any() else []

    def _most(self, name: str) -> int:
        bounds = [x.value for x in self._request.limits if x.name == name and not x.squared and x.op != ">"]
        return min(bounds, default=self._model.order_limits.get(name, _UNLIMITED))

    def _wanted(self, diagram: Diagram, subprocess: Subprocess) -> bool:
        single = [x for x in self._request.limits if not x.squared]
        if not all(x.holds(self._order(x, diagram.orders)) for x in single):
            return False
        request = self._request
        if not (request.required or request.forbidden):
            return True
        channels = _s_channels(diagram, len(subprocess.incoming), self._model)
        if channels & request.forbidden:
            return False
        return not request.required or any(channels >= set(names) for names in request.required)

    def _order(self, limit: OrderLimit, orders: Orders) -> int:
        if limit.name == "WEIGHTED":
            return weight(orders, self._weights)
        return orders[self._names.index(limit.name)]

    def _squared_pairs(self, orders: Sequence[Orders]) -> NDArray[np.bool_]:
        """Which products of amplitudes of these orders are asked for, (n, n)."""
        squared = [x for x in self._request.limits if x.squared]
        return np.array(
            [[all(x.holds(self._order(x, a) + self._order(x, b)) for x in squared) for b in orders] for a in orders],
            dtype=np.bool_,
        ).reshape(len(orders), len(orders))

    def _assemble(self, subprocess: Subprocess, diagrams: list[Diagram], text: str) -> Generated:
        legs = _legs(subprocess)
        has_split = any(x.squared for x in self._request.limits)
        splits = sorted({d.orders for d in diagrams}) if has_split else []
        chosen = self._squared_pairs(splits) if has_split else np.ones((1, 1), dtype=np.bool_)
        waves = Waves(self._model, legs, subprocess.all_incoming, self._options)
        colors = [waves.add(diagram) for diagram in diagrams]
        flat = [item for items in colors for item in items]
        basis = FlowBasis.of(flat)
        split_of = [
            splits.index(d.orders) if has_split else 0 for d, items in zip(diagrams, colors, strict=True) for _ in items
        ]
        required = " | ".join(" ".join(names) for names in self._request.required)
        name = " ".join((subprocess.name(required), text, *self._restrictions(), f"@{self._request.number}"))
        configs = _configs(diagrams, colors)
        process = Process(
            name=name,
            legs=legs,
            helicities=_helicities(subprocess),
            waves=tuple(waves.waves),
            amplitudes=tuple(waves.amplitudes),
            routines=dict(sorted(waves.routines.items())),
            running_couplings=_used(waves) & self._running,
            n_flow=len(basis.flows),
            n_split_order=max(1, len(splits)),
            jamp=basis.jamp(flat, split_of),
            color_matrix=basis.matrix(),
            chosen_orders=chosen,
            amp2={d: tuple(item.amplitude for item in colors[d - 1]) for d in configs},
            config_diagrams=configs,
            config_flows=_config_flows(basis, configs, colors),
            averaging_factor=averaging_factor(subprocess),
            fake_widths=_fake_widths(waves),
            polarised_legs=(),
            digest=hashlib.sha256(f"{self._model.name}: {name}".encode()).hexdigest(),
        )
        lines = tuple(color_lines(flow, legs) for flow in basis.flows)
        return Generated(
            process, (subprocess.pdg_ids,), lines, self._request.number, tuple(diagrams), basis, self._model
        )

    def _restrictions(self) -> Iterator[str]:
        request = self._request
        if request.excluded:
            yield "/ " + " ".join(sorted(request.excluded))
        if request.forbidden:
            yield "$$ " + " ".join(sorted(request.forbidden))


def _s_channels(diagram: Diagram, n_incoming: int, model: Model) -> set[str]:
    """Particles that decay into final legs on an inner line, all beams being on its other side."""
    beams = (1 << n_incoming) - 1
    found = set()
    for line in diagram.lines():
        ahead = line.legs & beams
        if ahead == 0:
            found.add(model.by_name[line.particle].anti().name)
        elif ahead == beams:
            found.add(line.particle)
    return found


def _legs(subprocess: Subprocess) -> tuple[Leg, ...]:
    sides = ((subprocess.incoming, True), (subprocess.outgoing, False))
    return tuple(Leg(p.pdg_id, incoming, p.mass) for side, incoming in sides for p in side)


def _states(particle: Particle) -> tuple[int, ...]:
    is_massive_vector = particle.spin == "V" and particle.mass is not None
    return (-1, 0, 1) if is_massive_vector else _HELICITIES[particle.spin]


def _helicities(subprocess: Subprocess) -> NDArray[np.int8]:
    """All combinations; the last leg changes fastest."""
    states = [_states(p) for p in (*subprocess.incoming, *subprocess.outgoing)]
    return np.array(list(itertools.product(*states)), dtype=np.int8)


def averaging_factor(subprocess: Subprocess) -> int:
    """Spins and colours of the incoming particles, times k! for k identical outgoing ones."""
    factor = 1
    for particle in subprocess.incoming:
        factor *= len(_states(particle)) * abs(particle.color)
    for count in Counter(p.pdg_id for p in subprocess.outgoing).values():
        factor *= math.factorial(count)
    return factor


def _configs(diagrams: Sequence[Diagram], colors: Sequence[Sequence[AmplitudeColor]]) -> tuple[int, ...]:
    """Diagrams (from 1) with the smallest largest vertex: integration channels."""
    sizes = [d.largest_vertex() for d in diagrams]
    least = min(size for size, items in zip(sizes, colors, strict=True) if items)
    return tuple(k + 1 for k, items in enumerate(colors) if items and sizes[k] == least)


def _config_flows(
    basis: FlowBasis, configs: Sequence[int], colors: Sequence[Sequence[AmplitudeColor]]
) -> NDArray[np.bool_]:
    rows = [basis.leading(colors[d - 1]) for d in configs]
    return np.array(rows, dtype=np.bool_).reshape(len(configs), len(basis.flows))


def _used(waves: Waves) -> frozenset[str]:
    calls: list[Current | Amplitude] = [w for w in waves.waves if isinstance(w, Current)]
    calls += waves.amplitudes
    return frozenset(c.name for call in calls for c in call.couplings)


def _fake_widths(waves: Waves) -> dict[str, str]:
    return {
        wave.width: wave.mass
        for wave in waves.waves
        if isinstance(wave, Current) and wave.width is not None and wave.mass is not None
    }


def _content(process: Process) -> str:
    """Equal for processes that differ by names of particles only."""
    parts = (
        process.helicities.tobytes(),
        tuple((leg.incoming, leg.mass) for leg in process.legs),
        process.waves,
        process.amplitudes,
        process.jamp,
        process.chosen_orders.tobytes(),
        process.averaging_factor,
        process.config_diagrams,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _with_flavours(made: Generated, flavours: list[tuple[int, ...]]) -> Generated:
    return replace(made, flavours=tuple(flavours))
