"""Beams of protons and antiprotons: which they are, momentum fractions, luminosities.

sigma = sum_ab int dln(tau) dy x1 f_a(x1, Q^2) x2 f_b(x2, Q^2) sigma_ab(tau s),  x1,2 = sqrt(tau) e^(+-y)
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bridge.exceptions import ArgumentError, UnsupportedError
from bridge.pdf import PartonDensity

Floats = NDArray[np.float64]

N_DIMENSION = 2
_PROTON = 2212
_BEAMS = {"p": _PROTON, "p~": -_PROTON}
_NO_PROCESS = re.compile(r"^\s*(define|import)\s")
_COMMAND = re.compile(r"^\s*((generate|add\s+process)\s+)?")


def split(process: str) -> tuple[str, tuple[int, int] | None]:
    """The request with `p` where `p~` came in, and the beams' pdg ids: None if no `p` comes in."""
    lines = []
    found: set[tuple[int, int] | None] = set()
    for line in re.split(r"[\n;]", process):
        head, arrow, tail = line.partition(">")
        particles = _COMMAND.sub("", head)
        words = particles.lower().split()
        if _NO_PROCESS.match(line) or line.lstrip().startswith("#") or not arrow:
            lines.append(line)
            continue
        if any(word in _BEAMS for word in words):
            found.add(_beams(line, words))
            head = head.removesuffix(particles) + "p p "
        else:
            found.add(None)
        lines.append(head + arrow + tail)
    if len(found) > 1:
        raise UnsupportedError(f"process {process!r}: all processes must have the same beams")
    return "\n".join(lines), found.pop() if found else None


def _beams(line: str, words: Sequence[str]) -> tuple[int, int]:
    if len(words) != 2:
        raise UnsupportedError(f"process {line.strip()!r}: expected two beams")
    for word in words:
        if word not in _BEAMS:
            raise UnsupportedError(
                f"process {line.strip()!r}: beam {word} has no parton density; beams are p and p~, "
                "or two partons with pdf=..., or without densities two particles"
            )
    return _BEAMS[words[0]], _BEAMS[words[1]]


@dataclass(frozen=True, slots=True)
class HadronBeams:
    """Two beams of equal energy. `pdg_ids`: 2212 or -2212 each; `sqrt_s`: GeV."""

    pdg_ids: tuple[int, int]
    sqrt_s: float
    density: PartonDensity

    def fractions(self, x: Floats, least: float) -> tuple[Floats, Floats]:
        """Momentum fractions (n_point, 2) and dln(tau) dy / dx, for x (n_point, 2) of [0, 1).

        `least`: mass of the final state, GeV, from which on ln(tau) is sampled; below `sqrt_s`.
        """
        most = 2.0 * math.log(self.sqrt_s / least)
        depth = most * (1.0 - x[:, 0])  # -ln(tau)
        # x1 = tau^(1-u), x2 = tau^u
        made = np.exp(-depth[:, None] * np.stack((1.0 - x[:, 1], x[:, 1]), axis=1))
        return made, np.asarray(most * depth)

    def luminosities(self, flavours: Sequence[Sequence[int]], x: Floats, q: Floats) -> Floats:
        """x1 f_a x2 f_b, (n_flavour, n_point), for fractions (n_point, 2) and factorisation scales q, GeV."""
        parts: list[dict[int, Floats]] = []
        for beam, own in enumerate(self.pdg_ids):
            wanted = sorted({flavour[beam] for flavour in flavours})
            parts.append({i: self.density.xf(i, x[:, beam], q, is_antiparticle=own < 0) for i in wanted})
        made = np.empty((len(flavours), len(q)))
        for row, flavour in enumerate(flavours):
            made[row] = parts[0][flavour[0]] * parts[1][flavour[1]]
        return made

    def check(self, flavours: Sequence[Sequence[int]], masses: Sequence[float]) -> None:
        """Raises ArgumentError for partons without density, UnsupportedError for massive ones."""
        for parton in sorted({i for flavour in flavours for i in flavour[:2]}):
            if parton not in self.density.pdg_ids:
                raise ArgumentError(f"pdf: {self.density.path.name} has no density of particle {parton}")
        if any(masses[:2]):
            ids = " ".join(str(i) for i in flavours[0][:2])
            raise UnsupportedError(f"partons {ids} have a mass; take a model where they have none, as sm-no_b_mass")
