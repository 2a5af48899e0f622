"""Formulas of a model: arithmetic as text, evaluated without running Python code.

Models come from files; only numbers, names, arithmetic and the functions below are taken.
"""

from __future__ import annotations

import ast
import cmath
import operator
from collections.abc import Callable, Mapping
from typing import Any

from bridge.generator.error import GeneratorError

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
_FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    "sqrt": cmath.sqrt,
    "exp": cmath.exp,
    "log": cmath.log,
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
    "conjugate": lambda z: complex(z).conjugate(),
    "complexconjugate": lambda z: complex(z).conjugate(),
    "re": lambda z: complex(z).real,
    "im": lambda z: complex(z).imag,
    "asin": cmath.asin,
    "acos": cmath.acos,
    "atan": cmath.atan,
}


def evaluate(text: str, values: Mapping[str, complex]) -> complex:
    """Value of a formula; raises GeneratorError where it is none or has no value."""
    try:
        return complex(_value(ast.parse(text, mode="eval").body, values))
    except (SyntaxError, ArithmeticError) as error:
        raise GeneratorError(f"formula {text!r}: {error}") from error


def names(text: str) -> frozenset[str]:
    """Names a formula depends on."""
    found = {node.id for node in ast.walk(ast.parse(text, mode="eval")) if isinstance(node, ast.Name)}
    return frozenset(found - set(_FUNCTIONS) - {"pi", "cmath", "math", "complex"})


def _value(node: ast.expr, values: Mapping[str, complex]) -> complex:
    match node:
        case ast.Attribute(value=ast.Name(id="cmath" | "math"), attr=name):
            return _value(ast.Name(name), values)
        case ast.Call(func=ast.Attribute(value=ast.Name(id="cmath" | "math"), attr=name), args=arguments):
            return _value(ast.Call(ast.Name(name), arguments, []), values)
        case ast.Call(func=ast.Name(id="complex"), args=[re, im]):
            return _value(re, values) + 1j * _value(im, values)
        case ast.Constant(value=int() | float() | complex() as number):
            return number
        case ast.Name(id="pi"):
            return cmath.pi
        case ast.Name(id=name) if name in values:
            return values[name]
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            return complex(_BINARY[type(op)](_value(left, values), _value(right, values)))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, values)
        case ast.Call(func=ast.Name(id=name), args=[argument]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](complex(_value(argument, values)))
        case _:
            raise GeneratorError(f"formula: cannot use {ast.unparse(node)!r}")
