"""Arithmetic of ALOHA routines: Fortran text in normal form to `bridge.lorentz` expressions."""

from __future__ import annotations

import re
from collections.abc import Callable

from bridge.lorentz import (
    Constant,
    Expression,
    ImaginaryPart,
    Negative,
    Power,
    Product,
    Quotient,
    RealPart,
    Sum,
)

_TOKEN = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[DE][+-]?\d+)?)|(?P<name>[A-Z]\w*)|(?P<op>\*\*|[-+*/(),])"
)
_FUNCTIONS: dict[str, Callable[[Expression], Expression]] = {
    "DBLE": RealPart,
    "DIMAG": ImaginaryPart,
}

#: How a name, with an index when it has one, becomes an expression; KeyError if unknown.
Lookup = Callable[[str, int | None], Expression]


def number(text: str) -> float:
    """Value of a Fortran real or integer constant."""
    return float(text.replace("D", "E"))


def parse(text: str, lookup: Lookup) -> Expression:
    """Expression of `text`. Raises ValueError with the reason when it is not understood."""
    parser = _Parser(_tokens(text), lookup)
    expression = parser.sum()
    if parser.next:
        raise ValueError(f"unexpected {parser.next!r}")
    return expression


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ValueError(f"unexpected {text[position]!r}")
        tokens.append(match.group())
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent with Fortran's precedence: a sign binds less than `*`."""

    def __init__(self, tokens: list[str], lookup: Lookup) -> None:
        self._tokens = tokens
        self._position = 0
        self._lookup = lookup

    @property
    def next(self) -> str:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _take(self) -> str:
        token = self.next
        if not token:
            raise ValueError("ends too early")
        self._position += 1
        return token

    def _expect(self, token: str) -> None:
        if self.next != token:
            raise ValueError(f"expected {token!r}, got {self.next!r}")
        self._position += 1

    def sum(self) -> Expression:
        terms: list[Expression] = []
        sign = self._take() if self.next in ("+", "-") else "+"
        while True:
            term = self._product()
            terms.append(Negative(term) if sign == "-" else term)
            if self.next not in ("+", "-"):
                return terms[0] if len(terms) == 1 else Sum(tuple(terms))
            sign = self._take()

    def _product(self) -> Expression:
        factors = [self._power()]
        while self.next in ("*", "/"):
            if self._take() == "*":
                factors.append(self._signed_power())
            else:
                factors = [Quotient(_joined(factors), self._signed_power())]
        return _joined(factors)

    def _signed_power(self) -> Expression:
        """ALOHA writes `a*-1D0/2D0`; the extension binds the sign to the next operand."""
        if self.next != "-":
            return self._power()
        self._take()
        return Negative(self._power())

    def _power(self) -> Expression:
        base = self._operand()
        if self.next != "**":
            return base
        self._take()
        exponent = self._take()
        if not exponent.isdigit():
            raise ValueError(f"exponent {exponent!r} is not an integer")
        return Power(base, int(exponent))

    def _operand(self) -> Expression:
        token = self._take()
        if token == "(":
            inner = self.sum()
            self._expect(")")
            return inner
        if token[0].isdigit() or token[0] == ".":
            return Constant(complex(number(token)))
        if token in _FUNCTIONS:
            self._expect("(")
            inner = self.sum()
            self._expect(")")
            return _FUNCTIONS[token](inner)
        if token[0].isalpha():
            return self._variable(token)
        raise ValueError(f"unexpected {token!r}")

    def _variable(self, name: str) -> Expression:
        index: int | None = None
        if self.next == "(":
            self._take()
            text = self._take()
            if not text.isdigit():
                raise ValueError(f"index {text!r} is not an integer")
            index = int(text)
            self._expect(")")
        try:
            return self._lookup(name, index)
        except KeyError:
            shown = name if index is None else f"{name}({index})"
            raise ValueError(f"{shown} has no value here") from None


def _joined(factors: list[Expression]) -> Expression:
    return factors[0] if len(factors) == 1 else Product(tuple(factors))
