"""What each P folder computes: flavours, beams exchanged or not, channels."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.generator import Generated, GeneratorError
from bridge.writer.channels import Channel, channel

Flavour = tuple[int, ...]

_BOTTOM = 5
_IN_FILE_NAMES = str.maketrans({"~": "x", "+": "p", "-": "m"})


@dataclass(frozen=True, slots=True, eq=False)
class Subprocess:
    """One matrix element and its folder.

    `flavours`: pdg ids of all that have it. `has_mirror`: each of them comes with the beams
    exchanged too. `channels[k]` belongs to `process.config_diagrams[k]`.
    """

    name: str
    generated: Generated
    flavours: tuple[Flavour, ...]
    has_mirror: bool
    channels: tuple[Channel, ...]

    @property
    def n_incoming(self) -> int:
        return sum(leg.incoming for leg in self.generated.process.legs)

    def particle_names(self, flavour: Flavour) -> tuple[str, ...]:
        """As the model has them."""
        names = {p.pdg_id: name for name, p in self.generated.model.by_name.items()}
        return tuple(names[pdg_id] for pdg_id in flavour)

    def text(self, flavour: Flavour) -> str:
        """`g u > t t~ u`."""
        names, n = self.particle_names(flavour), self.n_incoming
        return f"{' '.join(names[:n])} > {' '.join(names[n:])}"


def subprocesses(made: Sequence[Generated]) -> tuple[Subprocess, ...]:
    """A folder for each matrix element; of two that differ by exchanged beams only the first.

    Raises GeneratorError where decays and collisions are mixed.
    """
    if len({_n_outgoing(item) - len(item.process.legs) for item in made}) != 1:
        raise GeneratorError("decays and collisions cannot be in one directory")
    found: list[Subprocess] = []
    taken: set[tuple[object, ...]] = set()
    for item in made:
        channels = tuple(channel(item, diagram) for diagram in item.process.config_diagrams)
        for flavours, has_mirror in _without_mirrors(item, made, taken):
            new = Subprocess("", item, flavours, has_mirror, channels)
            found.append(replace(new, name=_folder_name(new, {other.name for other in found})))
    return tuple(found)


def _without_mirrors(
    item: Generated, made: Sequence[Generated], taken: set[tuple[object, ...]]
) -> list[tuple[tuple[Flavour, ...], bool]]:
    """Flavours not there yet; apart are those with a mirror, and those with b quarks in different places:
    cuts may see these in another way than other quarks, and are the same for a folder."""
    known = {_key(other, flavour) for other in made for flavour in other.flavours}
    groups: dict[tuple[bool, tuple[bool, ...]], list[Flavour]] = {}
    for flavour in item.flavours:
        key, mirror = _key(item, flavour), _key(item, (flavour[1], flavour[0], *flavour[2:]))
        if key in taken:
            continue
        is_collision = item.process.legs[1].incoming
        has_mirror = is_collision and mirror != key and mirror in known
        taken.update((key, mirror) if has_mirror else (key,))
        is_bottom = tuple(abs(pdg_id) == _BOTTOM for pdg_id in flavour[-_n_outgoing(item) :])
        groups.setdefault((has_mirror, is_bottom), []).append(flavour)
    return [(tuple(flavours), has_mirror) for (has_mirror, _), flavours in groups.items()]


def _n_outgoing(item: Generated) -> int:
    return sum(not leg.incoming for leg in item.process.legs)


def _key(item: Generated, flavour: Flavour) -> tuple[object, ...]:
    """Equal for a subprocess of a request and itself with final particles in another order."""
    n_outgoing = _n_outgoing(item)
    # of the name: required s-channels, orders, restrictions and number
    *_, last = parts = item.process.name.split(" > ")
    request = (*parts[1:-1], *last.split()[n_outgoing:])
    n = len(flavour) - n_outgoing
    return (request, flavour[:n], tuple(sorted(flavour[n:])))


def _folder_name(made: Subprocess, taken: set[str]) -> str:
    """As MG5_aMC's, with names of particles: `P1_gu_ttxu`."""
    names, n = made.particle_names(made.flavours[0]), made.n_incoming
    sides = "".join(names[:n]), "".join(names[n:])
    stem = f"P{made.generated.number}_{'_'.join(sides)}".translate(_IN_FILE_NAMES)
    numbered = (f"{stem}_{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain((stem,), numbered) if name not in taken)
