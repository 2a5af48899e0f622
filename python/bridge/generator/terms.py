"""Expressions that can be computed with: `Term` is a `lorentz.Expression` with operators.

Numbers fold while an expression is built, so that unit vectors and projectors leave no
trace in what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from bridge.lorentz import Constant, Expression, Negative, Product, Quotient, Sum

TermLike = Union["Term", int, float, complex]


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a routine."""

    value: Expression

    def number(self) -> complex | None:
        """Its value, if it is a number."""
        return self.value.value if isinstance(self.value, Constant) else None

    def __add__(self, other: TermLike) -> Term:
        return total(self, other)

    def __radd__(self, other: TermLike) -> Term:
        return total(other, self)

    def __sub__(self, other: TermLike) -> Term:
        return total(self, -term(other))

    def __rsub__(self, other: TermLike) -> Term:
        return total(other, -self)

    def __mul__(self, other: TermLike) -> Term:
        return _product(self, term(other))

    def __rmul__(self, other: TermLike) -> Term:
        return _product(term(other), self)

    def __truediv__(self, other: TermLike) -> Term:
        return Term(Quotient(self.value, term(other).value))

    def __rtruediv__(self, other: TermLike) -> Term:
        return Term(Quotient(term(other).value, self.value))

    def __neg__(self) -> Term:
        number = self.number()
        if number is not None:
            return term(0 - number)
        if isinstance(self.value, Negative):
            return Term(self.value.operand)
        return Term(Negative(self.value))


ZERO = Term(Constant(0j))


def term(value: TermLike) -> Term:
    """A number as a Term."""
    return value if isinstance(value, Term) else Term(Constant(complex(value)))


def total(*values: TermLike) -> Term:
    """Sum from left to right, zeros left out."""
    terms: list[Expression] = []
    for item in values:
        value = term(item).value
        if isinstance(value, Constant) and value.value == 0:
            continue
        terms += value.terms if isinstance(value, Sum) else (value,)
    if not terms:
        return ZERO
    return Term(terms[0] if len(terms) == 1 else Sum(tuple(terms)))


def _product(a: Term, b: Term) -> Term:
    x, y = a.number(), b.number()
    if x is not None and y is not None:
        return term(x * y)
    if x is None and y is not None:
        a, b, x = b, a, y
    if x == 0:
        return ZERO
    if x == 1:
        return b
    if x == -1:
        return -b
    return Term(Product((a.value, b.value)))
