"""Run and process cards."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bridge.exceptions import UnsupportedError
from bridge.writer.settings import SECTIONS, Setting, Value
from bridge.writer.subprocesses import Subprocess

_STRONG = frozenset((1, 2, 3, 4, 5, 21))
_PHOTON = 22
_CHARGED_LEPTONS = frozenset((11, 13, 15))
_LEPTON_BEAM = 250.0
_RULE = "#" + 78 * "*" + "\n"


@dataclass(frozen=True, slots=True)
class ParticleKinds:
    """Kinds of final particles as the cuts see them: letters of `Setting.needs`, with how many there are."""

    most: Mapping[str, int]

    @classmethod
    def of(cls, made: Sequence[Subprocess], max_jet_flavor: int) -> ParticleKinds:
        """The largest number of each kind in one final state."""
        most: dict[str, int] = {}
        for item in made:
            for flavour in item.flavours:
                kinds = "".join(_kind(pdg_id, max_jet_flavor) for pdg_id in flavour[item.n_incoming :])
                for kind in set(kinds):
                    most[kind] = max(most.get(kind, 0), kinds.count(kind))
        return cls(most)

    def have(self, needed: str) -> bool:
        """Whether a setting with these needs does something."""
        return all(self.most.get(kind, 0) >= needed.count(kind) for kind in set(needed))


def _kind(pdg_id: int, max_jet_flavor: int) -> str:
    size = abs(pdg_id)
    if size == 21 or size <= max_jet_flavor:
        return "j"
    if size in _CHARGED_LEPTONS:
        return "l"
    return {5: "b", 22: "a"}.get(size, "")


def max_jet_flavor(made: Sequence[Subprocess]) -> int:
    """5 where the model's b quark is massless, else 4."""
    particles = made[0].generated.model.by_name.values()
    is_light = any(p.pdg_id == 5 and p.mass is None for p in particles)
    return 5 if is_light else 4


def beams(made: Sequence[Subprocess]) -> tuple[int, int]:
    """LPP of both beams: 1 for quarks, gluons and photons among them, else 0.

    Raises UnsupportedError where a process has partons and others, in one beam or in both.
    """
    both = {abs(flavour[beam]) for item in made for flavour in item.flavours for beam in (0, 1)}
    if not both & _STRONG:
        return (0, 0)
    if both - _STRONG - {_PHOTON}:
        raise UnsupportedError(
            "quarks or gluons and other particles come in: not of one kind of beams; give fixed_energy (--fixed-energy)"
        )
    return (1, 1)


def defaults(made: Sequence[Subprocess], fixed_energy: float | None) -> dict[str, Value]:
    """What a card has for this process in place of the general defaults.

    `fixed_energy`: sqrt(s) of the colliding particles themselves, GeV; None: protons for partons.
    """
    lpp = (0, 0) if fixed_energy is not None else beams(made)
    values: dict[str, Value] = {"lpp1": lpp[0], "lpp2": lpp[1], "maxjetflavor": max_jet_flavor(made)}
    if lpp == (0, 0):
        energy = _LEPTON_BEAM if fixed_energy is None else fixed_energy / 2.0
        values |= {"ebeam1": energy, "ebeam2": energy}
    return values


def run_card(values: Mapping[str, Value], kinds: ParticleKinds | None = None) -> str:
    """Text of a run card; with `kinds` only what matters for them, else all settings."""
    parts = [_heading()]
    for section in SECTIONS:
        shown = [item for item in section.settings if kinds is None or kinds.have(item.needs)]
        if shown:
            parts += [_RULE, f"# {section.title}\n", _RULE]
            parts += [_line(item, values.get(item.name, item.default)) for item in shown]
    return "".join(parts)


def _heading() -> str:
    return (
        f"{_RULE}# Settings of a run: value = name ! comment\n"
        "# Cards/run_card_default.dat has all that there are, and what they are if left out.\n"
    )


def _line(item: Setting, value: Value) -> str:
    return f"  {value!s:<12} = {item.name} ! {item.comment}\n"


def process_card(text: str) -> str:
    """The request, as MG5_aMC's proc_card_mg5.dat."""
    return "\n".join(["# made by mebridge new", *_commands(text)]) + "\n"


def _commands(text: str) -> Iterator[str]:
    """One command a line; the processes get their `generate` or `add process`."""
    first = True
    for line in text.replace(";", "\n").splitlines():
        line = line.strip()
        if line and not line.startswith(("#", "define", "import")):
            bare = line.removeprefix("generate ").removeprefix("add process ").strip()
            line = f"{'generate' if first else 'add process'} {bare}"
            first = False
        if line:
            yield line


def configuration() -> str:
    """Cards/me5_configuration.txt."""
    return "# Jobs and compilations at a time; None: one for each processor.\n# nb_core = None\n"


def with_parameter(card: str, block: str, code: int, value: float) -> str:
    """An SLHA card with one entry changed."""
    pattern = rf"(^block\s+{block}\b(?:(?!^(?:block|decay)\b).)*?^[ \t]*{code}[ \t]+)\S+"
    return re.sub(pattern, rf"\g<1>{value:.6e}", card, count=1, flags=re.MULTILINE | re.DOTALL | re.IGNORECASE)
