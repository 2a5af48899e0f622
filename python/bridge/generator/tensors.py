"""Lorentz structures from the text of a UFO model: Gamma(3,2,-1)*ProjM(-1,1) and the like.

Tensors are sparse: index values -> Term. Every Lorentz index is an upper one, so that a sum over
two equal ones takes the metric; spinor indices are summed as they are.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from bridge.generator.error import GeneratorError
from bridge.generator.structures import Components, ParticleSpin, Structure
from bridge.generator.terms import Term, term, total

#: index: ("v" or "s", number); spin indices are rows and columns of gamma matrices
Index = tuple[str, int]
#: sum of products: (coefficient, ((name, arguments), ...))
Products = list[tuple[complex, tuple[tuple[str, tuple[int, ...]], ...]]]

_METRIC = (1, -1, -1, -1)
_SIGMA = (
    ((0, 0, 1), (1, 1, 1)),
    ((0, 1, 1), (1, 0, 1)),
    ((0, 1, -1j), (1, 0, 1j)),
    ((0, 0, 1), (1, 1, -1)),
)
_DIAGONALS: dict[str, tuple[int, ...]] = {
    "Identity": (1, 1, 1, 1),
    "ProjM": (1, 1, 0, 0),
    "ProjP": (0, 0, 1, 1),
    "Gamma5": (-1, -1, 1, 1),
}


@dataclass(frozen=True, slots=True)
class _Tensor:
    indices: tuple[Index, ...]
    values: dict[tuple[int, ...], Term]


def structure(name: str, spins: tuple[ParticleSpin, ...], text: str) -> Structure:
    """The structure of a UFO Lorentz object. Raises GeneratorError for a tensor not known here."""
    try:
        products = _products(_parsed(text))
    except ValueError as error:
        raise GeneratorError(f"Lorentz structure {text[:60]!r}: {error}") from error
    for _, factors in products:
        for factor, numbers in factors:
            _tensor(factor, numbers, [(term(0),) * 4] * len(spins))

    def value(waves: Sequence[Components], momenta: Sequence[Components]) -> Term:
        return total(*(c * _contracted(factors, spins, waves, momenta) for c, factors in products))

    uses_momenta = any(factor == "P" for _, factors in products for factor, _ in factors)
    return Structure(spins, value, name, uses_momenta)


def _parsed(text: str) -> ast.expr:
    try:
        return ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except SyntaxError as error:
        raise GeneratorError(f"Lorentz structure {text!r}: {error.msg}") from error


def _products(node: ast.expr) -> Products:
    """Multiplied out."""
    match node:
        case ast.Constant(value=int() | float() | complex() as number):
            return [(number, ())]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return [(-c, f) for c, f in _products(operand)]
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _products(left) + _products(right)
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return _products(left) + [(-c, f) for c, f in _products(right)]
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            pairs = itertools.product(_products(left), _products(right))
            return [(a * b, f + g) for (a, f), (b, g) in pairs]
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            ((divisor, factors),) = _products(right)
            if not factors:
                return [(c / divisor, f) for c, f in _products(left)]
        case ast.Call(func=ast.Name(id="complex"), args=[re, im]):
            return [(complex(ast.literal_eval(re), ast.literal_eval(im)), ())]
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return [(1, ((name, tuple(int(ast.literal_eval(a)) for a in arguments)),))]
    raise GeneratorError(f"Lorentz structure: cannot use {ast.unparse(node)!r}")


def _contracted(
    factors: Sequence[tuple[str, tuple[int, ...]]],
    spins: Sequence[ParticleSpin],
    waves: Sequence[Components],
    momenta: Sequence[Components],
) -> Term:
    tensors = [_tensor(name, numbers, momenta) for name, numbers in factors]
    for leg, (spin, wave) in enumerate(zip(spins, waves, strict=True), 1):
        indices: tuple[Index, ...] = () if spin == "S" else (("s" if spin == "F" else "v", leg),)
        values: dict[tuple[int, ...], Term] = {
            (k,) if indices else (): x for k, x in enumerate(wave) if x.number() != 0
        }
        tensors.append(_Tensor(indices, values))
    # legs that are joined first leave the smallest intermediate tensors
    while len(tensors) > 1:
        i, j = min(itertools.combinations(range(len(tensors)), 2), key=lambda p: _cost(tensors[p[0]], tensors[p[1]]))
        joined = _joined(tensors[i], tensors[j])
        tensors = [t for k, t in enumerate(tensors) if k not in (i, j)] + [joined]
    return tensors[0].values.get((), term(0))


def _cost(a: _Tensor, b: _Tensor) -> tuple[bool, int]:
    shared = set(a.indices) & set(b.indices)
    return (not shared, len(set(a.indices) ^ set(b.indices)))


def _joined(a: _Tensor, b: _Tensor) -> _Tensor:
    """Product, summed over what both have."""
    shared = [index for index in a.indices if index in b.indices]
    left = [k for k, index in enumerate(a.indices) if index not in shared]
    right = [k for k, index in enumerate(b.indices) if index not in shared]
    sums: dict[tuple[int, ...], list[Term]] = {}
    for x, first in a.values.items():
        for y, second in b.values.items():
            sign = 1
            for index in shared:
                if x[a.indices.index(index)] != y[b.indices.index(index)]:
                    break
                sign *= _METRIC[x[a.indices.index(index)]] if index[0] == "v" else 1
            else:
                key = (*(x[k] for k in left), *(y[k] for k in right))
                sums.setdefault(key, []).append(sign * (first * second))
    indices = (*(a.indices[k] for k in left), *(b.indices[k] for k in right))
    return _Tensor(indices, {key: total(*terms) for key, terms in sums.items()})


def _tensor(name: str, numbers: tuple[int, ...], momenta: Sequence[Components]) -> _Tensor:
    match name, numbers:
        case "P", (mu, leg) if 0 < leg <= max(len(momenta), leg):
            own = momenta[leg - 1] if momenta else (term(0),) * 4
            return _Tensor((("v", mu),), {(k,): x for k, x in enumerate(own)})
        case "Metric", (mu, nu):
            return _Tensor((("v", mu), ("v", nu)), {(k, k): term(_METRIC[k]) for k in range(4)})
        case "Epsilon", (mu, nu, rho, sigma):
            return _Tensor((("v", mu), ("v", nu), ("v", rho), ("v", sigma)), _epsilon())
        case "Gamma", (mu, i, j):
            return _Tensor((("v", mu), ("s", i), ("s", j)), _gamma())
        case (("Identity" | "ProjM" | "ProjP" | "Gamma5"), (i, j)):
            diagonal = _DIAGONALS[name]
            values: dict[tuple[int, ...], Term] = {(k, k): term(x) for k, x in enumerate(diagonal) if x}
            return _Tensor((("s", i), ("s", j)), values)
        case _:
            raise GeneratorError(f"Lorentz structure: {name}{numbers} is not known here")


def _epsilon() -> dict[tuple[int, ...], Term]:
    """epsilon^{0123} = -1, as ALOHA has it."""
    values: dict[tuple[int, ...], Term] = {}
    for order in itertools.permutations(range(4)):
        inversions = sum(a > b for a, b in itertools.combinations(order, 2))
        values[order] = term(1 if inversions % 2 else -1)
    return values


def _gamma() -> dict[tuple[int, ...], Term]:
    """gamma^mu in the chiral basis: sigma above, sigma-bar below."""
    values: dict[tuple[int, ...], Term] = {}
    for mu, entries in enumerate(_SIGMA):
        for row, column, x in entries:
            values[mu, row, column + 2] = term(x)
            values[mu, row + 2, column] = term(x if mu == 0 else -x)
    return values
