"""Routines as C++ over the kernels' type bundle (cpp/plugin/function.hpp).

A function is a class: its constructor computes, once a page, what depends on momenta,
couplings, mass and width alone; its call operator the rest, for each helicity state.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bridge.lorentz import (
    WAVE_SIZE,
    Assignment,
    Component,
    Constant,
    CouplingValue,
    Expression,
    ImaginaryPart,
    Local,
    MassValue,
    Negative,
    Power,
    Product,
    Quotient,
    RealPart,
    Sum,
    WidthValue,
    ZeroUnless,
    children,
    walk,
)
from bridge.program.opaque import Function

_TEMPLATE = """\
// {name}
template <class B>
struct {symbol} {{
  using R = typename B::real;
  using C = Complex<R>;
  static constexpr int n_in = {n_in}, n_out = {n_out}, n_coupling = {n_coupling};
  static constexpr int size_in[] = {{{size_in}}};

  MEB_INLINE {symbol}(const Momentum<R>* momenta, const C* couplings, R mass_, R width_)
      : mass(mass_), width(width_) {{
    for (int k = 0; k < n_in; ++k) p[k] = momenta[k];
    for (int k = 0; k < n_coupling; ++k) c[k] = couplings[k];
{constructor}
  }}

  MEB_INLINE void operator()(const C* const* w, C* out) const {{
{operator}
  }}

private:
  MEB_INLINE static R number(double x) {{ return B::broadcast(static_cast<typename B::scalar>(x)); }}

  Momentum<R> p[n_in];
  C c[n_coupling > 0 ? n_coupling : 1];
  R mass, width;
{members}
}};
"""
#: momentum component of (row, imaginary part)
_MOMENTUM = {(0, False): "e", (0, True): "z", (1, False): "x", (1, True): "y"}


def translate(function: Function, symbol: str) -> str:
    """The C++ class `symbol`; raises ValueError for what cannot be translated."""
    return _Translation(function).text(symbol)


class _Translation:
    def __init__(self, function: Function) -> None:
        self._function = function
        self._names: dict[str, str] = {}
        self._real: set[str] = set()
        self._varying: set[str] = set()
        for number, step in enumerate(function.routine.body):
            self._names[step.name] = f"t{number}"
            if self._is_real(step.value):
                self._real.add(step.name)
            if self._varies(step.value):
                self._varying.add(step.name)

    def text(self, symbol: str) -> str:
        routine = self._function.routine
        fixed = [step for step in routine.body if step.name not in self._varying]
        moving = [step for step in routine.body if step.name in self._varying]
        results = [f"out[{k}] = {self._render_complex(item)};" for k, item in enumerate(routine.result[2:])]
        return _TEMPLATE.format(
            name=self._function.name,
            symbol=symbol,
            n_in=len(routine.inputs),
            n_out=len(routine.result) - 2,
            n_coupling=routine.n_coupling,
            size_in=", ".join(str(WAVE_SIZE[spin] - 2) for spin in routine.inputs),
            constructor=_lines(4, [self._assignment(step) for step in fixed]),
            operator=_lines(4, [*(self._declaration(step) for step in moving), *results]),
            members=_lines(2, [f"{self._type(step)} {self._names[step.name]};" for step in fixed]),
        )

    def _type(self, step: Assignment) -> str:
        return "R" if step.name in self._real else "C"

    def _assignment(self, step: Assignment) -> str:
        return f"{self._names[step.name]} = {self._render(step.value)};"

    def _declaration(self, step: Assignment) -> str:
        return f"const {self._type(step)} {self._assignment(step)}"

    def _varies(self, expression: Expression) -> bool:
        """Whether it depends on helicities: on the components of a wave."""
        return any(
            (isinstance(node, Component) and node.index > 1) or (isinstance(node, Local) and node.name in self._varying)
            for node in walk(expression)
        )

    def _is_real(self, expression: Expression) -> bool:
        match expression:
            case RealPart() | ImaginaryPart() | MassValue() | WidthValue():
                return True
            case Constant(value=value):
                return complex(value).imag == 0
            case Local(name=name):
                return name in self._real
            case Component() | CouplingValue():
                return False
            case _:
                return all(self._is_real(child) for child in children(expression))

    def _render_complex(self, expression: Expression) -> str:
        text = self._render(expression)
        return f"C{{{text}, R{{}}}}" if self._is_real(expression) else text

    def _render(self, expression: Expression) -> str:
        """C++ of type R for a real value, of type C for a complex one."""
        match expression:
            case Local(name=name):
                return self._names[name]
            case Component(wave=wave, index=index) if index > 1:
                return f"w[{wave}][{index - 2}]"
            case Component(wave=wave, index=row):
                return f"C{{p[{wave}].{_MOMENTUM[row, False]}, p[{wave}].{_MOMENTUM[row, True]}}}"
            case CouplingValue(index=index):
                return f"c[{index}]"
            case MassValue():
                return "mass"
            case WidthValue():
                return "width"
            case Constant(value=value):
                return _constant(complex(value))
            case _:
                return self._render_operation(expression)

    def _render_operation(self, expression: Expression) -> str:
        match expression:
            case Negative(operand=operand):
                return f"-({self._render(operand)})"
            case Sum(terms=terms):
                return self._render_sum(terms)
            case Product(factors=factors):
                return self._render_product(factors)
            case Quotient(numerator=numerator, denominator=denominator):
                return f"({self._render(numerator)}) / ({self._render(denominator)})"
            case Power(base=base, exponent=exponent):
                power = f"power<{abs(exponent)}>({self._render(base)})"
                return power if exponent > 0 else f"number(1) / {power}"
            case RealPart(operand=operand):
                return self._render_part(operand, imaginary=False)
            case ImaginaryPart(operand=operand):
                return self._render_part(operand, imaginary=True)
            case ZeroUnless(condition=condition, value=value) if self._is_real(condition):
                return f"unless_zero({self._render(condition)}, {self._render(value)})"
            case _:
                raise ValueError(f"{self._function.name}: cannot be translated: {expression!r}")

    def _render_sum(self, terms: Sequence[Expression]) -> str:
        text = self._render_term(terms[0])
        for term in terms[1:]:
            match term:
                case Negative(operand=operand):
                    text += f" - {self._render_term(operand)}"
                case _:
                    text += f" + {self._render_term(term)}"
        return text

    def _render_term(self, term: Expression) -> str:
        text = self._render(term)
        return f"({text})" if isinstance(term, (Sum, Negative)) else text

    def _render_product(self, factors: Sequence[Expression]) -> str:
        """Real factors first: they are cheap. i turns a number instead of multiplying it."""
        first = factors[0].value if isinstance(factors[0], Constant) else 1
        rest = factors[1:] if isinstance(factors[0], Constant) else factors
        constant = complex(first)
        turned = constant.real == 0
        if turned:
            constant = complex(constant.imag)
        real = [item for item in rest if self._is_real(item)]
        others = [item for item in rest if not self._is_real(item)]
        texts = [self._render_factor(item) for item in (*real, *others)]
        if constant.imag:
            texts.insert(len(real), _constant(constant))
        elif constant != 1:
            texts.insert(0, _constant(constant))
        text = " * ".join(texts)
        if turned:
            return f"times_i({text})" if others else f"imaginary({text})"
        return text

    def _render_factor(self, factor: Expression) -> str:
        text = self._render(factor)
        return f"({text})" if isinstance(factor, (Sum, Negative, Quotient, Power)) else text

    def _render_part(self, operand: Expression, *, imaginary: bool) -> str:
        match operand:
            case Component(wave=wave, index=row) if row < 2:
                return f"p[{wave}].{_MOMENTUM[row, imaginary]}"
            case _ if self._is_real(operand):
                return "number(0)" if imaginary else self._render(operand)
            case _:
                return f"({self._render(operand)}).{'im' if imaginary else 're'}"


def _constant(value: complex) -> str:
    if value.imag:
        return f"C{{number({value.real!r}), number({value.imag!r})}}"
    return f"number({value.real!r})"


def _lines(indent: int, statements: Iterable[str]) -> str:
    return "\n".join(" " * indent + statement for statement in statements)
