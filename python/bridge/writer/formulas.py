"""Formulas of a model (`bridge.generator.expressions`) as Fortran, with the same branches of functions.

What a name stands for is real or complex; functions and powers that leave the real axis are
computed as complex numbers.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from bridge.writer.fortran import number, parameter_name

_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_FUNCTIONS = {
    "sqrt": "SQRT",
    "exp": "EXP",
    "log": "LOG",
    "sin": "SIN",
    "cos": "COS",
    "tan": "TAN",
    "asin": "ASIN",
    "acos": "ACOS",
    "atan": "ATAN",
    "conjugate": "DCONJG",
    "complexconjugate": "DCONJG",
    "re": "DBLE",
    "im": "DIMAG",
}


def fortran_formula(text: str, name: Callable[[str], str] = parameter_name) -> str:
    """The expression `text`; PI is to be a constant of the unit. Raises ValueError for what is none."""
    return _Formula(name).sum(ast.parse(text, mode="eval").body)


class _Formula:
    def __init__(self, name: Callable[[str], str]) -> None:
        self._name = name

    def sum(self, node: ast.expr) -> str:
        match node:
            case ast.BinOp(left=left, op=(ast.Add() | ast.Sub()) as op, right=right):
                return f"{self.sum(left)}{_OPERATORS[type(op)]}{self._product(right)}"
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return f"-{self._product(operand)}"
            case _:
                return self._product(node)

    def _product(self, node: ast.expr) -> str:
        match node:
            case ast.BinOp(left=left, op=(ast.Mult() | ast.Div()) as op, right=right):
                return f"{self._product(left)}{_OPERATORS[type(op)]}{self._power(right)}"
            case _:
                return self._power(node)

    def _power(self, node: ast.expr) -> str:
        match node:
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                exponent = _integer(right)
                if exponent is None:
                    return f"DCMPLX({self.sum(left)})**({self.sum(right)})"
                return f"{self._atom(left)}**{exponent if exponent >= 0 else f'({exponent})'}"
            case _:
                return self._atom(node)

    def _atom(self, node: ast.expr) -> str:
        match node:
            case ast.Constant(value=int() | float() as value):
                return number(value)
            case ast.Constant(value=complex() as value):
                return f"({number(value.real)},{number(value.imag)})"
            case ast.Name(id="pi") | ast.Attribute(value=ast.Name(id="cmath" | "math"), attr="pi"):
                return "PI"
            case ast.Name(id=name):
                return self._name(name)
            case ast.Call(
                func=ast.Name(id="complex"),
                args=[ast.Constant(value=int() | float() as a), ast.Constant(value=int() | float() as b)],
            ):
                return f"({number(a)},{number(b)})"
            case ast.Call(func=ast.Name(id="complex"), args=[re, im]):
                return f"({self.sum(re)}+(0D0,1D0)*({self.sum(im)}))"
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name), args=[argument]) if name in _FUNCTIONS:
                return f"{_FUNCTIONS[name]}(DCMPLX({self.sum(argument)}))"
            case ast.BinOp() | ast.UnaryOp():
                return f"({self.sum(node)})"
            case _:
                raise ValueError(f"formula: cannot use {ast.unparse(node)!r}")


def _integer(node: ast.expr) -> int | None:
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            value = _integer(operand)
            return None if value is None else -value
        case ast.Constant(value=int() | float() as value) if value == int(value):
            return int(value)
        case _:
            return None
