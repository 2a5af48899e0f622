"""Routines rewritten: constants folded, and the derivative with respect to one wave.

An amplitude S is linear in each wave, so that its derivative is S itself with unit vectors in
the place of that wave: D_k = S(W = e_k).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from bridge.lorentz import (
    WAVE_SIZE,
    Assignment,
    Component,
    Constant,
    Expression,
    ImaginaryPart,
    Local,
    Negative,
    Power,
    Product,
    Quotient,
    RealPart,
    Routine,
    Sum,
    ZeroUnless,
    walk,
)

_ZERO, _ONE = Constant(0), Constant(1)


def simplify(routine: Routine) -> Routine:
    """The same routine with its constants folded and without what is not used."""
    body, values = _rewritten(routine.body, {}, "")
    result = tuple(_rewrite(item, values) for item in routine.result)
    return replace(routine, body=_used(body, result), result=result)


def derivative(routine: Routine, leg: int) -> Routine:
    """dS/dW of an amplitude with respect to its wave `leg` (from 0), as a routine of the others.

    The momenta that flow in add up to zero. The momentum rows of the result are not set.
    """
    others = [wave for wave in range(len(routine.inputs)) if wave != leg]
    leaves = _without(leg, others)
    varying = _depending(routine, leg)
    fixed = [step for step in routine.body if step.name not in varying]
    moving = [step for step in routine.body if step.name in varying]
    body, shared = _rewritten(fixed, leaves, "")
    n_component = WAVE_SIZE[routine.inputs[leg]] - 2
    result: list[Expression] = [_ZERO, _ZERO]
    for k in range(n_component):
        unit: dict[Expression, Expression] = {
            Component(leg, 2 + j): _ONE if j == k else _ZERO for j in range(n_component)
        }
        steps, values = _rewritten(moving, {**shared, **unit}, f"/{k}")
        body += steps
        result.append(_rewrite(routine.result[0], values))
    return Routine(
        name=routine.name,
        inputs=tuple(routine.inputs[wave] for wave in others),
        output=leg + 1,
        output_spin=routine.inputs[leg],
        n_coupling=routine.n_coupling,
        has_propagator=False,
        body=_used(body, result),
        result=tuple(result),
    )


def _without(leg: int, others: Sequence[int]) -> dict[Expression, Expression]:
    """Leaves of the other waves with their new numbers, and the momentum of the one left out."""
    leaves: dict[Expression, Expression] = {}
    for number, wave in enumerate(others):
        leaves.update({Component(wave, k): Component(number, k) for k in range(max(WAVE_SIZE.values()))})
    for row in (0, 1):
        leaves[Component(leg, row)] = Negative(Sum(tuple(Component(n, row) for n in range(len(others)))))
    return leaves


def _depending(routine: Routine, leg: int) -> set[str]:
    """Names of the steps that depend on the spin components of a wave."""
    found: set[str] = set()
    for step in routine.body:
        for node in walk(step.value):
            match node:
                case Component(wave=wave, index=index) if wave == leg and index > 1:
                    found.add(step.name)
                case Local(name=name) if name in found:
                    found.add(step.name)
    return found


def _rewritten(
    steps: Iterable[Assignment], leaves: Mapping[Expression, Expression], suffix: str
) -> tuple[list[Assignment], dict[Expression, Expression]]:
    """Steps with leaves replaced, and the leaves with those that the steps define."""
    known = dict(leaves)
    body = []
    for step in steps:
        value = _rewrite(step.value, known)
        local = Local(step.name + suffix)
        if isinstance(value, Constant):
            known[Local(step.name)] = value
        else:
            known[Local(step.name)] = local
            body.append(Assignment(local.name, value, step.is_real))
    return body, known


def _used(body: Sequence[Assignment], result: Iterable[Expression]) -> tuple[Assignment, ...]:
    wanted = {node.name for item in result for node in walk(item) if isinstance(node, Local)}
    kept = []
    for step in reversed(body):
        if step.name in wanted:
            wanted |= {node.name for node in walk(step.value) if isinstance(node, Local)}
            kept.append(step)
    return tuple(reversed(kept))


def _rewrite(expression: Expression, leaves: Mapping[Expression, Expression]) -> Expression:
    """`expression` with some leaves replaced, constants folded."""
    match expression:
        case Component() | Local():
            return leaves.get(expression, expression)
        case Sum(terms=terms):
            return _sum([_rewrite(term, leaves) for term in terms])
        case Product(factors=factors):
            return _product([_rewrite(factor, leaves) for factor in factors])
        case Negative(operand=operand):
            return _product([Constant(-1), _rewrite(operand, leaves)])
        case Quotient(numerator=numerator, denominator=denominator):
            return _quotient(_rewrite(numerator, leaves), _rewrite(denominator, leaves))
        case _:
            return _rewrite_rare(expression, leaves)


def _rewrite_rare(expression: Expression, leaves: Mapping[Expression, Expression]) -> Expression:
    match expression:
        case Power(base=base, exponent=exponent):
            base = _rewrite(base, leaves)
            if exponent == 0:
                return _ONE
            return Constant(base.value**exponent) if isinstance(base, Constant) else Power(base, exponent)
        case RealPart(operand=operand):
            operand = _rewrite(operand, leaves)
            return Constant(operand.value.real) if isinstance(operand, Constant) else RealPart(operand)
        case ImaginaryPart(operand=operand):
            operand = _rewrite(operand, leaves)
            return Constant(operand.value.imag) if isinstance(operand, Constant) else ImaginaryPart(operand)
        case ZeroUnless(condition=condition, value=value):
            value = _rewrite(value, leaves)
            return value if value == _ZERO else ZeroUnless(_rewrite(condition, leaves), value)
        case _:
            return expression


def _sum(terms: Sequence[Expression]) -> Expression:
    kept = [term for term in terms if not (isinstance(term, Constant) and term.value == 0)]
    if not kept:
        return _ZERO
    if all(isinstance(term, Constant) for term in kept):
        return Constant(sum(term.value for term in kept if isinstance(term, Constant)))
    return kept[0] if len(kept) == 1 else Sum(tuple(kept))


def _product(factors: Sequence[Expression]) -> Expression:
    """One constant in front, signs as `Negative`."""
    constant, rest = 1 + 0j, list[Expression]()
    for factor in _factors(factors):
        if isinstance(factor, Constant):
            constant *= factor.value
        else:
            rest.append(factor)
    if constant == 0 or not rest:
        return Constant(constant) if constant != 0 else _ZERO
    sign = constant.real < 0 or (constant.real == 0 and constant.imag < 0)
    constant = -constant if sign else constant
    if constant != 1:
        rest.insert(0, Constant(constant))
    product = rest[0] if len(rest) == 1 else Product(tuple(rest))
    return Negative(product) if sign else product


def _factors(factors: Iterable[Expression]) -> Iterable[Expression]:
    """Nested products and signs taken apart."""
    for factor in factors:
        match factor:
            case Product(factors=inner):
                yield from _factors(inner)
            case Negative(operand=operand):
                yield Constant(-1)
                yield from _factors((operand,))
            case _:
                yield factor


def _quotient(numerator: Expression, denominator: Expression) -> Expression:
    if isinstance(numerator, Constant) and numerator.value == 0:
        return _ZERO
    if isinstance(denominator, Constant):
        return _product([Constant(1 / denominator.value), numerator])
    if isinstance(numerator, Negative):
        return Negative(Quotient(numerator.operand, denominator))
    return Quotient(numerator, denominator)
