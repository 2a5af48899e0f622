"""Common subexpressions of a routine: each computed once, in a local variable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from bridge.lorentz import (
    Assignment,
    Component,
    Constant,
    Expression,
    ImaginaryPart,
    Local,
    MassValue,
    Negative,
    Product,
    Quotient,
    RealPart,
    Sum,
    WidthValue,
    children,
)


def share(
    body: Sequence[Assignment], result: Sequence[Expression]
) -> tuple[tuple[Assignment, ...], tuple[Expression, ...]]:
    """The same values with every sum, product or quotient that occurs twice in a local."""
    sharing = _Sharing([*(step.value for step in body), *result])
    for step in body:
        value = sharing.rewrite_below(step.value)
        sharing.steps.append(Assignment(step.name, value, step.is_real))
        if step.is_real:
            sharing.real.add(step.name)
        sharing.known.setdefault(step.value, Local(step.name))
    values = tuple(sharing.rewrite(value) for value in result)
    return tuple(sharing.steps), values


class _Sharing:
    def __init__(self, values: Sequence[Expression]) -> None:
        self._count: Counter[Expression] = Counter()
        for value in values:
            self._visit(value)
        self.steps: list[Assignment] = []
        self.real: set[str] = set()
        self.known: dict[Expression, Local] = {}

    def _visit(self, value: Expression) -> None:
        self._count[value] += 1
        if self._count[value] == 1:  # what is below a repeated value is computed once
            for child in children(value):
                self._visit(child)

    def rewrite(self, value: Expression) -> Expression:
        if value in self.known:
            return self.known[value]
        new = self.rewrite_below(value)
        if self._count[value] < 2 or not isinstance(value, (Sum, Product, Quotient)):
            return new
        name = f"TMP{len(self.known)}"
        is_real = self._is_real(new)
        self.steps.append(Assignment(name, new, is_real))
        if is_real:
            self.real.add(name)
        self.known[value] = Local(name)
        return self.known[value]

    def rewrite_below(self, value: Expression) -> Expression:
        match value:
            case Sum(terms=terms):
                return Sum(tuple(self.rewrite(item) for item in terms))
            case Product(factors=factors):
                return Product(tuple(self.rewrite(item) for item in factors))
            case Negative(operand=operand):
                return Negative(self.rewrite(operand))
            case Quotient(numerator=numerator, denominator=denominator):
                return Quotient(self.rewrite(numerator), self.rewrite(denominator))
            case _:
                return value

    def _is_real(self, value: Expression) -> bool:
        match value:
            case RealPart() | ImaginaryPart() | MassValue() | WidthValue():
                return True
            case Local(name=name):
                return name in self.real
            case Constant(value=number):
                return number.imag == 0
            case Component():
                return False
            case _:
                below = children(value)
                return bool(below) and all(self._is_real(child) for child in below)
