"""Colour algebra of SU(N): products of T, f, d, delta as sums of traces and strings.

A string (i, (a, b, ...), j) is (T^a T^b ...)_ij with i an outgoing quark's index (a triplet) and
j an antitriplet's; a trace is (None, (a, b, ...), None) in a fixed rotation. Indices are
integers: external legs from 0, internal ones negative. Tr(T^a T^b) = 1/2 delta_ab.

Coefficients are exact: i^phase times polynomials in N with rational coefficients.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import reduce

from bridge.generator.error import GeneratorError

#: string or trace
Chain = tuple["int | None", tuple[int, ...], "int | None"]
#: product of chains, sorted, and a power of N
Key = tuple[tuple[Chain, ...], int]
#: sum of products
Sum = dict[Key, Fraction]

N_COLOR = 3
_HALF = Fraction(1, 2)


def trace(letters: tuple[int, ...]) -> Chain:
    """The trace, rotated so that its smallest index comes first."""
    if not letters:
        return (None, (), None)
    start = letters.index(min(letters))
    return (None, letters[start:] + letters[:start], None)


def _add(total: Sum, key: Key, value: Fraction) -> None:
    new = total.get(key, 0) + value
    if new:
        total[key] = Fraction(new)
    else:
        total.pop(key, None)


def _order(chain: Chain) -> tuple[int, int, tuple[int, ...]]:
    i, letters, j = chain
    return (-(10**6) if i is None else i, -(10**6) if j is None else j, letters)


def _normal(chains: list[Chain], power: int) -> Key | None:
    """The sorted product; None if it vanishes, as Tr T^a does."""
    kept: list[Chain] = []
    for i, letters, j in chains:
        if i is not None:
            kept.append((i, letters, j))
        elif not letters:
            power += 1
        elif len(letters) == 1:
            return None
        else:
            kept.append(trace(letters))
    return (tuple(sorted(kept, key=_order)), power)


def multiply(a: Sum, b: Sum) -> Sum:
    """Product; indices that occur twice are summed."""
    result: Sum = {}
    for (left, power), x in a.items():
        for (right, more), y in b.items():
            for key, value in _contract(left + right, power + more):
                _add(result, key, value * x * y)
    return result


def _contract(chains: tuple[Chain, ...], power: int) -> Iterator[tuple[Key, Fraction]]:
    """Sums over every repeated index of one product."""
    todo: list[tuple[list[Chain], int, Fraction]] = [(_join(list(chains)), power, Fraction(1))]
    while todo:
        current, n, value = todo.pop()
        repeated = _repeated(current)
        if repeated is not None:
            todo += [(_join(c), n + extra, value * v) for c, extra, v in _fierz(current, *repeated)]
            continue
        key = _normal(current, n)
        if key is not None:
            yield key, value


def _join(chains: list[Chain]) -> list[Chain]:
    """Sums over repeated fundamental indices: strings end to end, closed ones become traces."""
    heads = {c[0]: k for k, c in enumerate(chains) if c[0] is not None}
    for k, (i, letters, j) in enumerate(chains):
        if j is None or j not in heads:
            continue
        other = heads[j]
        if other == k:
            rest = chains[:k] + chains[k + 1 :]
            return _join([*rest, (None, letters, None)])
        rest = [c for m, c in enumerate(chains) if m not in (k, other)]
        return _join([*rest, (i, letters + chains[other][1], chains[other][2])])
    return chains


def _repeated(chains: list[Chain]) -> tuple[int, int, int, int] | None:
    """(chain, place, chain, place) of an adjoint index that occurs twice."""
    seen: dict[int, tuple[int, int]] = {}
    for k, (_, letters, _) in enumerate(chains):
        for place, letter in enumerate(letters):
            if letter in seen:
                return (*seen[letter], k, place)
            seen[letter] = (k, place)
    return None


def _fierz(chains: list[Chain], k: int, p: int, m: int, q: int) -> tuple[tuple[list[Chain], int, Fraction], ...]:
    """T^a_ij T^a_kl = (delta_il delta_kj - delta_ij delta_kl / N) / 2, on chains k and m."""
    rest = [c for n, c in enumerate(chains) if n not in (k, m)]
    i, letters, j = chains[k]
    if k == m:
        inner = letters[p + 1 : q]
        outer = letters[:p] + letters[q + 1 :]
        swapped: list[Chain] = [(None, inner, None), (i, outer, j)]
        kept: list[Chain] = [(i, letters[:p] + inner + letters[q + 1 :], j)]
        return ((rest + swapped, 0, _HALF), (rest + kept, -1, -_HALF))
    first, second = (chains[k], p), (chains[m], q)
    if chains[k][0] is not None and chains[m][0] is None:
        first, second = second, first
    (i, a, j), p = first
    (h, b, e), q = second
    if i is None:  # a trace: opened at p, put in the place of the index
        opened = a[p + 1 :] + a[:p]
        joined: list[Chain] = [(h, b[:q] + opened + b[q + 1 :], e)]
        apart: list[Chain] = [(None, opened, None), (h, b[:q] + b[q + 1 :], e)]
    else:
        joined = [(i, a[:p] + b[q + 1 :], e), (h, b[:q] + a[p + 1 :], j)]
        apart = [(i, a[:p] + a[p + 1 :], j), (h, b[:q] + b[q + 1 :], e)]
    return ((rest + joined, 0, _HALF), (rest + apart, -1, -_HALF))


_FACTOR = re.compile(r"(T|f|d|Identity)\(([-\d, ]+)\)")
_STRUCTURE = re.compile(rf"\s*(1|{_FACTOR.pattern}(\s*\*\s*{_FACTOR.pattern})*)\s*")


def check(text: str) -> None:
    """Raises GeneratorError for a colour structure that `parse` cannot take."""
    if not _STRUCTURE.fullmatch(text):
        raise GeneratorError(f"colour structure {text!r}: only T, f, d and Identity can be done")


def parse(
    text: str, indices: Mapping[int, int], adjoint: frozenset[int], antitriplets: frozenset[int]
) -> tuple[int, Sum]:
    """(phase, sum): a vertex's colour structure. `indices`: number in the text -> index here.

    `adjoint`, `antitriplets`: numbers in the text of octet and of antitriplet legs. T(a,i,j) has
    i as the created quark's index: in the text, that of the antitriplet that comes in.
    """
    check(text)
    factors: list[Sum] = [{((), 0): Fraction(1)}]
    phase = 0
    if text.strip() != "1":
        for name, arguments in _FACTOR.findall(text):
            numbers = [int(x) for x in arguments.split(",")]
            more, factor = _factor(name, numbers, indices, adjoint, antitriplets)
            phase += more
            factors.append(factor)
    return phase % 4, reduce(multiply, factors)


def _factor(
    name: str,
    numbers: list[int],
    indices: Mapping[int, int],
    adjoint: frozenset[int],
    antitriplets: frozenset[int],
) -> tuple[int, Sum]:
    index = [indices[n] for n in numbers]
    if name == "T":
        return 0, {(((index[1], (index[0],), index[2]),), 0): Fraction(1)}
    if name == "Identity" and numbers[0] in adjoint:
        return 0, {((trace((index[0], index[1])),), 0): Fraction(2)}
    if name == "Identity":
        i, j = index if numbers[0] in antitriplets else index[::-1]
        return 0, {(((i, (), j),), 0): Fraction(1)}
    a, b, c = index
    other = Fraction(-2 if name == "f" else 2)
    # f = -2i (Tr abc - Tr acb), d = 2 (Tr abc + Tr acb)
    return (3 if name == "f" else 0), {
        ((trace((a, b, c)),), 0): Fraction(2),
        ((trace((a, c, b)),), 0): other,
    }


def conjugate(chains: tuple[Chain, ...]) -> tuple[Chain, ...]:
    """Complex conjugate of a product: strings run backwards."""
    return tuple((j, letters[::-1], i) for i, letters, j in chains)


def scalar_product(a: tuple[Chain, ...], b: tuple[Chain, ...]) -> dict[int, Fraction]:
    """Sum over colours of a b*, a polynomial in N: power -> coefficient.

    Open indices of both are summed: a's triplet index with b's, and so on.
    """
    result: dict[int, Fraction] = {}
    for (rest, power), value in multiply({(a, 0): Fraction(1)}, {(conjugate(b), 0): Fraction(1)}).items():
        assert not rest, "products with different colour indices"
        result[power] = result.get(power, Fraction(0)) + value
    return {power: value for power, value in result.items() if value}


def at(polynomial: Mapping[int, Fraction], n: int = N_COLOR) -> Fraction:
    """Value of a polynomial in N."""
    return sum((value * Fraction(n) ** power for power, value in polynomial.items()), Fraction(0))
