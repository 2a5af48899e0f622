"""Colour flows of a process: basis, matrix, JAMP coefficients, lines for LHE files."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from bridge.generator import color
from bridge.generator.color import Chain
from bridge.generator.waves import AmplitudeColor
from bridge.process import JampTerm, Leg

#: product of strings and traces
Flow = tuple[Chain, ...]
#: colour and anticolour tag of each leg, as LHE has them
Lines = tuple[tuple[int, int], ...]

_PHASES = (1, 1j, -1, -1j)
_FIRST_TAG = 501


@dataclass(frozen=True, slots=True)
class FlowBasis:
    """The flows that occur; the order is that of the sorted products."""

    flows: tuple[Flow, ...]

    @classmethod
    def of(cls, colors: Sequence[AmplitudeColor]) -> FlowBasis:
        """The basis of all amplitudes."""
        found = {chains for item in colors for chains, _ in item.color[1]}
        return cls(tuple(sorted(found, key=_order)))

    def jamp(self, colors: Sequence[AmplitudeColor], split_orders: Sequence[int]) -> tuple[JampTerm, ...]:
        """Coefficients at N = 3; `split_orders[amplitude]`."""
        number = {flow: k for k, flow in enumerate(self.flows)}
        terms = []
        for item in colors:
            phase, total = item.color
            values: dict[int, Fraction] = {}
            for (chains, power), value in total.items():
                flow = number[chains]
                values[flow] = values.get(flow, Fraction(0)) + color.at({power: value})
            for flow, value in sorted(values.items()):
                if value:
                    coefficient = _PHASES[phase] * float(item.sign * value)
                    split = split_orders[item.amplitude]
                    terms.append(JampTerm(flow, split, item.amplitude, complex(coefficient)))
        return tuple(terms)

    def leading(self, colors: Sequence[AmplitudeColor]) -> NDArray[np.bool_]:
        """(n_flow,): flows of a diagram's highest power of N."""
        number = {flow: k for k, flow in enumerate(self.flows)}
        powers: dict[int, int] = {}
        for item in colors:
            for chains, power in item.color[1]:
                powers[number[chains]] = max(power, powers.get(number[chains], power))
        highest = max(powers.values(), default=0)
        return np.array([powers.get(k) == highest for k in range(len(self.flows))], dtype=np.bool_)

    def matrix(self, n: int = color.N_COLOR) -> NDArray[np.float64]:
        """Colour sums of flow * conjugate flow, float64 (n_flow, n_flow), symmetric."""
        known: dict[tuple[Flow, Flow], float] = {}
        size = len(self.flows)
        result = np.zeros((size, size))
        for i, a in enumerate(self.flows):
            for j in range(i + 1):
                key = _renamed(a, self.flows[j])
                if key not in known:
                    known[key] = float(color.at(color.scalar_product(*key), n))
                result[i, j] = result[j, i] = known[key]
        return result


def _order(flow: Flow) -> tuple[object, ...]:
    return tuple((-1 if i is None else i, letters, -1 if j is None else j) for i, letters, j in flow)


def _renamed(a: Flow, b: Flow) -> tuple[Flow, Flow]:
    """Both with the indices numbered as they come in `a`: what depends on names is known then."""
    names: dict[int, int] = {}
    for i, letters, j in a:
        for index in (i, *letters, j):
            if index is not None:
                names.setdefault(index, len(names))

    def moved(flow: Flow) -> Flow:
        chains: list[Chain] = []
        for i, letters, j in flow:
            inner = tuple(names[x] for x in letters)
            if i is None or j is None:
                chains.append(color.trace(inner))
            else:
                chains.append((names[i], inner, names[j]))
        return tuple(sorted(chains, key=lambda c: (c[0] is None, c)))

    return moved(a), moved(b)


def color_lines(flow: Flow, legs: Sequence[Leg]) -> Lines:
    """(colour, anticolour) of each leg, tags from 501; 0 where there is none.

    An incoming quark and the outgoing one it turns into have the same tag as colour.
    """
    tags: dict[int, list[int]] = {leg: [0, 0] for leg in range(len(legs))}
    tag = _FIRST_TAG
    for i, letters, j in flow:
        if i is None:
            members = list(letters)
            pairs = list(zip(members, members[1:] + members[:1], strict=True))
        else:
            assert j is not None
            members = [i, *letters, j]
            pairs = list(itertools.pairwise(members))
        for first, second in pairs:
            # as outgoing particles: the colour of the first ends in the second
            tags[first][0] = tags[second][1] = tag
            tag += 1
    return tuple((tags[k][1], tags[k][0]) if leg.incoming else (tags[k][0], tags[k][1]) for k, leg in enumerate(legs))
