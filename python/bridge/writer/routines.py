"""Source/DHELAS: routines of Lorentz structures and external wave functions.

A routine has ALOHA's name and arguments: waves, couplings, mass and width of the off-shell
leg, result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

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
    Routine,
    Sum,
    WidthValue,
    ZeroUnless,
    children,
    walk,
)
from bridge.process import Process
from bridge.program.symbolic import simplify
from bridge.writer.fortran import number, statement, template

_NAME = re.compile(r"[FVSTR]+\w*_\d+")
_VARIABLE = re.compile(r"[A-Z]\w*")


def routine_sources(processes: Iterable[Process]) -> dict[str, str]:
    """File name -> text of all in Source/DHELAS that `processes` need.

    Raises ValueError for two different routines of one name.
    """
    found: dict[str, Routine] = {}
    for process in processes:
        for routine in process.routines.values():
            name = routine_name(routine)
            known = found.setdefault(name, routine)
            if known.digest != routine.digest and not known.computes_the_same_as(routine):
                raise ValueError(f"two Lorentz structures are called {name}")
    sources = {f"{name}.f": routine_source(routine) for name, routine in sorted(found.items())}
    sources["aloha_functions.f"] = template("aloha_functions.f")
    sources["makefile"] = template("dhelas.mk")
    return sources


def routine_name(routine: Routine) -> str:
    """The subroutine's name: the routine's own if it starts with the spins of some legs, as ALOHA's do."""
    name = routine.name.upper()
    return name if _NAME.fullmatch(name) else f"{''.join(routine.inputs)}_{name}"


def routine_source(routine: Routine) -> str:
    """Text of one subroutine. Raises ValueError for what ALOHA's dialect cannot say."""
    return _Writer(routine).text()


class _Writer:
    def __init__(self, routine: Routine) -> None:
        self._name = routine_name(routine)
        self._routine = _with_result_in_place(simplify(routine))
        own = routine.output
        # legs are counted with the off-shell one among them
        self._waves = [f"{spin}{k + (0 < own <= k)}" for k, spin in enumerate(routine.inputs, 1)]
        many = routine.n_coupling > 1
        self._couplings = [f"COUP{k}" if many else "COUP" for k in range(1, routine.n_coupling + 1)]
        self._size = [f"M{own}", f"W{own}"] if routine.has_propagator else []
        self._output = f"{routine.output_spin}{own}" if own else "VERTEX"
        self._locals = self._local_names()
        self._real = {step.name for step in self._routine.body if step.is_real}

    def text(self) -> str:
        arguments = [*self._waves, *self._couplings, *self._size, self._output]
        parts = [
            statement(f"SUBROUTINE {self._name}({', '.join(arguments)})"),
            statement("IMPLICIT NONE"),
            *map(statement, self._declarations()),
            "\n",
            *(line for step in self._routine.body for line in self._assignment(step)),
            *self._results(),
            statement("END"),
        ]
        return "".join(parts)

    def _declarations(self) -> Iterator[str]:
        routine = self._routine
        values = [*(step.value for step in routine.body), *routine.result]
        if any(isinstance(node, Constant) and complex(node.value).imag for value in values for node in walk(value)):
            yield "COMPLEX*16 CI"
            yield "PARAMETER (CI=(0D0,1D0))"
        yield f"COMPLEX*16 {', '.join(f'{name}(*)' for name in self._waves)}"
        if self._couplings:
            yield f"COMPLEX*16 {', '.join(self._couplings)}"
        if self._size:
            yield f"REAL*8 {', '.join(self._size)}"
        spin = routine.output_spin
        yield f"COMPLEX*16 {self._output}{f'({WAVE_SIZE[spin]})' if spin else ''}"
        for kind, is_real in (("REAL*8", True), ("COMPLEX*16", False)):
            names = [self._locals[step.name] for step in routine.body if step.is_real == is_real]
            if names:
                yield f"{kind} {', '.join(names)}"

    def _local_names(self) -> dict[str, str]:
        """A variable for each step; names that Fortran or ALOHA has for something else are numbered."""
        taken = {*self._waves, *self._couplings, *self._size, self._output, "CI"}
        names: dict[str, str] = {}
        for position, step in enumerate(self._routine.body):
            name = step.name.upper()
            if isinstance(step.value, ZeroUnless):
                name = f"OM{position}"
            elif not _VARIABLE.fullmatch(name) or name in taken:
                name = f"T{position}"
            names[step.name] = name
            taken.add(name)
        return names

    def _assignment(self, step: Assignment) -> Iterator[str]:
        target = self._locals[step.name]
        match step.value:
            case ZeroUnless(condition=MassValue(), value=value):
                yield statement(f"{target} = 0D0")
                yield statement(f"IF ({self._size[0]}.NE.0D0) {target} = {self._sum(value)}")
            case value:
                yield statement(f"{target} = {self._sum(value)}")

    def _results(self) -> Iterator[str]:
        routine = self._routine
        if not routine.output:
            yield statement(f"VERTEX = {self._sum(routine.result[0])}")
            return
        first = 1 if routine.has_propagator else 3
        for k, value in enumerate(routine.result[first - 1 :], first):
            yield statement(f"{self._output}({k}) = {self._sum(value)}")

    def _sum(self, value: Expression) -> str:
        """Anything, as it may stand to the right of `=`."""
        if not isinstance(value, Sum):
            return self._term(value)
        return "".join(self._signed(term) for term in value.terms).removeprefix("+")

    def _signed(self, term: Expression) -> str:
        text = self._term(term)
        return text if text.startswith("-") else f"+{text}"

    def _term(self, value: Expression) -> str:
        """Without `+` and `-` outside of brackets, but for a sign in front."""
        match value:
            case Negative(operand=operand):
                return f"-{self._factor(operand)}" if isinstance(operand, Negative) else f"-{self._unsigned(operand)}"
            case Constant(value=constant) if not complex(constant).imag:
                return number(complex(constant).real)
            case _:
                return self._unsigned(value)

    def _unsigned(self, value: Expression) -> str:
        match value:
            case Product(factors=factors):
                return "*".join(self._factor(item) for item in self._real_first(factors))
            case Quotient(numerator=numerator, denominator=denominator):
                return f"{self._factor(numerator)}/{self._factor(denominator)}"
            case _:
                return self._factor(value)

    def _factor(self, value: Expression) -> str:
        match value:
            case Local(name=name):
                return self._locals[name]
            case Component(wave=wave, index=index):
                return f"{self._waves[wave]}({index + 1})"
            case CouplingValue(index=index):
                return self._couplings[index]
            case MassValue():
                return self._size[0]
            case WidthValue():
                return self._size[1]
            case Constant(value=constant):
                return _constant(complex(constant))
            case Power(base=base, exponent=exponent) if exponent >= 0:
                return f"{self._factor(base)}**{exponent}"
            case Power(base=base, exponent=exponent):
                return f"(1D0/{self._factor(base)}**{-exponent})"
            case RealPart(operand=operand):
                return f"DBLE({self._sum(operand)})"
            case ImaginaryPart(operand=operand):
                return "0D0" if self._is_real(operand) else f"DIMAG({self._sum(operand)})"
            case ZeroUnless():
                raise ValueError(f"{self._name}: a condition inside an expression")
            case _:
                return f"({self._sum(value)})"

    def _real_first(self, factors: Sequence[Expression]) -> list[Expression]:
        """Products of real numbers cost a quarter."""
        return sorted(factors, key=lambda item: not self._is_real(item))

    def _is_real(self, value: Expression) -> bool:
        match value:
            case RealPart() | ImaginaryPart() | MassValue() | WidthValue():
                return True
            case Constant(value=constant):
                return complex(constant).imag == 0
            case Local(name=name):
                return name in self._real
            case Component() | CouplingValue():
                return False
            case _:
                return all(self._is_real(child) for child in children(value))


def _with_result_in_place(routine: Routine) -> Routine:
    """An amplitude's last step is its result."""
    if routine.output or not routine.body or routine.result[0] != Local(routine.body[-1].name):
        return routine
    return replace(routine, body=routine.body[:-1], result=(routine.body[-1].value,))


def _constant(value: complex) -> str:
    if not value.imag:
        return number(value.real) if value.real >= 0 else f"({number(value.real)})"
    imaginary = "CI" if abs(value.imag) == 1 else f"{number(abs(value.imag))}*CI"
    sign = "-" if value.imag < 0 else "+"
    if not value.real:
        return f"(-{imaginary})" if value.imag < 0 else imaginary
    return f"({number(value.real)}{sign}{imaginary})"
