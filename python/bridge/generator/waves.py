"""From diagrams to calls: waves in single-assignment form, each computed once, and colour."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from bridge.generator import color
from bridge.generator.diagrams import Choice, Diagram, Interaction, Line
from bridge.generator.model import Model, Particle
from bridge.generator.routines import routine
from bridge.lorentz import Routine
from bridge.process import Amplitude, Coupling, Current, External, Leg, WaveKind

#: phase (power of i) and sum of colour products
Color = tuple[int, color.Sum]
_UNIT: Color = (0, {((), 0): Fraction(1)})
#: indices summed within one vertex are below all others
_INNERMOST = 1 << 40


@dataclass(frozen=True, slots=True)
class Options:
    """How diagrams become amplitudes.

    t_channel_widths: whether propagators between the beams have a width. MG5_aMC's MadEvent
    directories leave it out there (zerowidth_tchannel), its standalone ones do not.
    """

    t_channel_widths: bool = False


@dataclass(frozen=True, slots=True)
class _Variant:
    """A line with one colour structure chosen at each of its vertices."""

    wave: int
    color: Color


@dataclass(frozen=True, slots=True)
class AmplitudeColor:
    """Amplitude number, and its colour times its Fermi sign."""

    amplitude: int
    sign: int
    color: Color


class Waves:
    """Waves and amplitudes of a process; `incoming`: the particles, all incoming."""

    def __init__(self, model: Model, legs: Sequence[Leg], incoming: Sequence[Particle], options: Options) -> None:
        self._options = options
        self._model = model
        self._legs = legs
        self._incoming = incoming
        self._variants: dict[Line, list[_Variant]] = {}
        self._numbers: dict[Current, int] = {}
        self.waves: list[External | Current] = [
            _external(number, leg, particle) for number, (leg, particle) in enumerate(zip(legs, incoming, strict=True))
        ]
        self.amplitudes: list[Amplitude] = []
        self.routines: dict[str, Routine] = {}
        self._beams = sum(1 << number for number, leg in enumerate(legs) if leg.incoming)

    def add(self, diagram: Diagram) -> list[AmplitudeColor]:
        """Amplitudes of one diagram: one for each choice of colour structures that survives."""
        sign = diagram.fermion_sign(lambda leg: self._incoming[leg].line)
        result = []
        for choice in diagram.interaction.choices:
            for parts in itertools.product(*(self._of(child) for child in diagram.children)):
                found = self._color(diagram.interaction, choice, diagram.children, parts, 0)
                if not found[1]:
                    continue
                made = self._routine(choice, 0, False)
                couplings = tuple(Coupling(name) for name in choice.couplings)
                self.amplitudes.append(Amplitude(made, tuple(p.wave for p in parts), couplings))
                result.append(AmplitudeColor(len(self.amplitudes) - 1, sign, found))
        return result

    def _of(self, line: Line) -> list[_Variant]:
        if line not in self._variants:
            self._variants[line] = self._expand(line)
        return self._variants[line]

    def _expand(self, line: Line) -> list[_Variant]:
        if line.interaction is None:
            return [_Variant(line.legs.bit_length() - 1, _UNIT)]
        children = [child for child in line.children if child is not None]
        result = []
        for choice in line.interaction.choices:
            for parts in itertools.product(*(self._of(child) for child in children)):
                found = self._color(line.interaction, choice, line.children, parts, line.legs)
                if found[1]:
                    result.append(_Variant(self._current(line, choice, parts), found))
        return result

    def _current(self, line: Line, choice: Choice, parts: Sequence[_Variant]) -> int:
        particle = self._model.by_name[line.particle]
        is_massless = particle.spin == "V" and particle.mass is None
        current = Current(
            self._routine(choice, line.open_slot + 1, is_massless),
            tuple(part.wave for part in parts),
            tuple(Coupling(name) for name in choice.couplings),
            particle.mass,
            self._width(line, particle),
        )
        if current not in self._numbers:
            self._numbers[current] = len(self.waves)
            self.waves.append(current)
        return self._numbers[current]

    def _width(self, line: Line, particle: Particle) -> str | None:
        between_beams = (line.legs & self._beams).bit_count() == 1 and self._beams.bit_count() == 2
        if particle.mass is None or (between_beams and not self._options.t_channel_widths):
            return None
        return particle.width

    def _routine(self, choice: Choice, output: int, massless: bool) -> str:
        made = routine(tuple(self._model.structures[name] for name in choice.structures), output, massless)
        return self.routines.setdefault(made.name, made).name

    def _color(
        self,
        interaction: Interaction,
        choice: Choice,
        children: Sequence[Line | None],
        parts: Sequence[_Variant],
        legs: int,
    ) -> Color:
        """Colour of a vertex with all behind it. Inner lines are named by minus their legs."""
        indices = {n: n - _INNERMOST for n in range(-9, 0)}
        for slot, child in enumerate(children):
            indices[slot + 1] = -legs if child is None else _index(child)
        particles = [self._model.by_name[name] for name in interaction.particles]
        octets = frozenset(k + 1 for k, p in enumerate(particles) if p.color == 8)
        antitriplets = frozenset(k + 1 for k, p in enumerate(particles) if p.color == -3)
        phase, total = color.parse(choice.color, indices, octets, antitriplets)
        for part in parts:
            phase += part.color[0]
            total = color.multiply(total, part.color[1])
        return phase % 4, total


def _index(line: Line) -> int:
    return line.legs.bit_length() - 1 if line.interaction is None else -line.legs


def _external(number: int, leg: Leg, particle: Particle) -> External:
    """`particle`: as it comes in; HELAS's sign is that of the particle as it is."""
    kind: WaveKind
    if particle.spin == "F":
        kind = "I" if particle.line > 0 else "O"
        sign = 1 if leg.incoming == (particle.line > 0) else -1
    else:
        kind = particle.spin
        sign = -1 if leg.incoming else 1
    return External(kind, number, particle.mass, sign)
