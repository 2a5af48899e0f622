"""Products that are sums of others: only a basis of them is computed.

The colour-ordered currents of n gluons span fewer dimensions than there are orders (Kleiss and
Kuijf, Nucl. Phys. B312 (1989) 616); so do products of currents of any model. What is left out
goes to the JAMPs as the sum that it is, if the additions cost less than the product.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from bridge.program.graph import clean
from bridge.program.merge import Currents, Product

_TOLERANCE = 1e-9
_MAX_PRODUCT = 500
#: numbers that may be changed to find one exchange
_MAX_EXCHANGE = 10_000_000
#: smaller factors would lose digits
_PIVOT = 0.1
#: cost of a product and of a vertex, in additions to a JAMP
_PRODUCT, _TERM = 4.5, 15.0
#: row -> coefficient
Rows = dict[int, complex]
Matrix = NDArray[np.complex128]


def reduce(currents: Currents, uses: dict[Product, Rows]) -> dict[Product, Rows]:
    """The same JAMPs from fewer products."""
    sharing = Counter(product.derivative for product in uses)
    classes: dict[Hashable, list[Product]] = {}
    for product in uses:
        classes.setdefault(currents.wave_class(product.wave), []).append(product)
    result: dict[Product, Rows] = {}
    for products in classes.values():
        key = tuple((p, len(uses[p]), sharing[p.derivative]) for p in products)
        if key not in currents.sums:
            n_use = np.array([len(uses[p]) for p in products], float)
            price = np.array([_price(currents, p, sharing[p.derivative]) for p in products])
            currents.sums[key] = _sums(_tensors(currents, products), n_use, price)
        for product, sums in zip(products, currents.sums[key], strict=True):
            for number, factor in sums:
                rows = result.setdefault(products[number], {})
                for row, coefficient in uses[product].items():
                    rows[row] = clean(rows.get(row, 0) + factor * coefficient)
    kept = {p: {row: c for row, c in rows.items() if abs(c) > _TOLERANCE} for p, rows in result.items()}
    return {p: rows for p, rows in kept.items() if rows}


def _price(currents: Currents, product: Product, n_product: int) -> float:
    """Additions to a JAMP that cost as much as a product with its share of its derivative."""
    wave, derivative = currents.waves[product.wave], currents.derivatives[product.derivative]
    # states of the derivative for each helicity combination
    share = 0.5 ** wave.legs.bit_count() / n_product
    return _PRODUCT + _TERM * len(derivative.terms) * share


def _tensors(currents: Currents, products: Sequence[Product]) -> Matrix:
    """Each product as a row of numbers: coefficients of pairs of a line and a contraction."""
    columns: dict[tuple[int, int], int] = {}
    entries: list[tuple[int, int, complex]] = []
    for number, product in enumerate(products):
        for line, left in currents.lines_of(product.wave).items():
            for contraction, right in currents.contractions_of(product.derivative).items():
                column = columns.setdefault((line, contraction), len(columns))
                entries.append((number, column, left * right))
    result = np.zeros((len(products), len(columns)), complex)
    for number, column, value in entries:
        result[number, column] += value
    return result


def _sums(tensors: Matrix, n_use: NDArray[np.float64], price: NDArray[np.float64]) -> list[list[tuple[int, complex]]]:
    """Each product as a sum of products, (number, factor); most are themselves."""
    n = len(tensors)
    itself: list[list[tuple[int, complex]]] = [[(number, 1)] for number in range(n)]
    if not 1 < n <= _MAX_PRODUCT:
        return itself
    basis = _independent(tensors, np.lexsort((np.arange(n), -n_use, price)))
    others = [number for number in range(n) if number not in basis]
    if not others:
        return itself
    solved = np.linalg.lstsq(tensors[basis].T, tensors[others].T, rcond=None)[0].T
    factors = np.where(abs(solved) > _TOLERANCE, solved, 0)
    _exchange(factors, basis, others, n_use)
    for row, number in enumerate(others):
        used = np.flatnonzero(factors[row])
        if n_use[number] * (len(used) - 1) < price[number]:
            itself[number] = [(basis[k], clean(complex(factors[row, k]))) for k in used]
    return itself


def _independent(tensors: Matrix, order: NDArray[np.intp]) -> list[int]:
    """Rows that no sum of earlier ones gives."""
    basis: list[int] = []
    unit: list[NDArray[np.complex128]] = []
    for number in order:
        rest = tensors[number].copy()
        for _ in range(2):  # twice is enough (Gram and Schmidt)
            for u in unit:
                rest -= np.vdot(u, rest) * u
        norm = np.linalg.norm(rest)
        if norm > _TOLERANCE * max(1.0, float(np.linalg.norm(tensors[number]))):
            basis.append(int(number))
            unit.append(rest / norm)
    return basis


def _exchange(factors: Matrix, basis: list[int], others: list[int], n_use: NDArray[np.float64]) -> None:
    """Exchanges members of the basis with others, in place, while that shortens the sums."""
    for _ in others:
        best, chosen = _additions(factors, others, n_use), None
        if np.count_nonzero(factors) * factors.size > _MAX_EXCHANGE:
            return
        for row, column in np.argwhere(abs(factors) > _PIVOT).tolist():
            swapped = [*others[:row], basis[column], *others[row + 1 :]]
            additions = _additions(_pivot(factors, row, column), swapped, n_use)
            if additions < best:
                best, chosen = additions, (row, column)
        if chosen is None:
            return
        row, column = chosen
        factors[:] = _pivot(factors, row, column)
        basis[column], others[row] = others[row], basis[column]


def _additions(factors: Matrix, others: list[int], n_use: NDArray[np.float64]) -> float:
    return float(np.sum(np.count_nonzero(factors, axis=1) * n_use[others]))


def _pivot(factors: Matrix, row: int, column: int) -> Matrix:
    """The sums when `row` takes the place of `column` in the basis."""
    pivot = factors[row, column]
    result: Matrix = factors - np.outer(factors[:, column], factors[row]) / pivot
    result[:, column] = factors[:, column] / pivot
    result[row] = -factors[row] / pivot
    result[row, column] = 1 / pivot
    result[abs(result) < _TOLERANCE] = 0
    return result
