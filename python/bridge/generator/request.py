"""Process requests as users of MG5_aMC write them.

One request a line (or between semicolons): `[generate|add process] a b > c d [ORDERS] [@N]`, and
`define NAME = particles`, `import model sm`. In the process: `> x >` required s-channel (`|` between
alternatives), `/ x` no such particle, `$$ x` no such s-channel. Orders: `QED=0`, `QCD<=2`, `QED==2`,
`QCD>1`, `WEIGHTED<=4`, and of the squared amplitude `QED^2==2`. `=` is `<=`, as in MG5_aMC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bridge.generator.error import GeneratorError
from bridge.generator.model import Model

_ORDER = re.compile(r"(?P<name>[A-Za-z]\w*)(?P<squared>\^2)?\s*(?P<op>==|<=|>=|=|>|<)\s*(?P<value>-?\d+)")
_NUMBER = re.compile(r"@\s*(\d+)")
_COMMAND = re.compile(r"^\s*(generate|add\s+process)\s+")
_MODEL = re.compile(r"^\s*import\s+model\s+(\S+)\s*$", re.MULTILINE)
_DEFINE = re.compile(r"^\s*define\s+(\S+)\s*=?\s*(.*)$")


@dataclass(frozen=True, slots=True)
class OrderLimit:
    """`name` `op` `value`, for amplitudes or (`squared`) their products; op: <=, == or >."""

    name: str
    op: str
    value: int
    squared: bool

    def holds(self, value: int) -> bool:
        if self.op == "<=":
            return value <= self.value
        return value == self.value if self.op == "==" else value > self.value

    def __str__(self) -> str:
        return f"{self.name}{'^2' if self.squared else ''}{self.op}{self.value}"


@dataclass(frozen=True, slots=True)
class Request:
    """One process, multiparticle labels resolved: each leg has its possible particles."""

    text: str
    incoming: tuple[tuple[str, ...], ...]
    outgoing: tuple[tuple[str, ...], ...]
    #: alternatives, each a set of particles that must all be s-channels
    required: tuple[tuple[str, ...], ...]
    excluded: frozenset[str]
    forbidden: frozenset[str]
    limits: tuple[OrderLimit, ...]
    number: int


def model_name(text: str) -> str | None:
    """The last model a text imports."""
    found = _MODEL.findall(text.replace(";", "\n"))
    return str(found[-1]) if found else None


def parse(text: str, model: Model) -> tuple[Request, ...]:
    """All processes of a text; raises GeneratorError for what cannot be understood."""
    labels = {name.lower(): members for name, members in model.multiparticles.items()}
    requests = []
    for line in re.split(r"[\n;]", text):
        line = line.split("#", 1)[0].strip()
        if not line or _MODEL.match(line):
            continue
        if found := _DEFINE.match(line):
            labels[found[1].lower()] = _particles(found[2], labels, model)
        else:
            requests.append(_process(_COMMAND.sub("", line), labels, model))
    if not requests:
        raise GeneratorError("no process in the request")
    return tuple(requests)


def _particles(text: str, labels: Mapping[str, tuple[str, ...]], model: Model) -> tuple[str, ...]:
    """Names, with labels resolved and each named once."""
    found: dict[str, None] = {}
    for word in text.split():
        for name in labels.get(word.lower(), (word,)):
            found[model.particle(name).name] = None
    return tuple(found)


def _process(text: str, labels: Mapping[str, tuple[str, ...]], model: Model) -> Request:
    _refuse(text)
    rest, limits = _limits(text, model)
    rest, number = _number(rest)
    rest, excluded, forbidden = _restrictions(rest, labels, model)
    parts = rest.split(">")
    if len(parts) not in (2, 3) or not all(part.strip() for part in parts):
        raise GeneratorError(f"process {text.strip()!r}: expected 'particles > particles'")

    def legs(side: str) -> tuple[tuple[str, ...], ...]:
        return tuple(_particles(word, labels, model) for word in side.split())

    required: tuple[tuple[str, ...], ...] = ()
    if len(parts) == 3:
        required = tuple(_particles(item, labels, model) for item in parts[1].split("|"))
    request = Request(
        " ".join(text.split()),
        legs(parts[0]),
        legs(parts[-1]),
        required,
        frozenset(excluded),
        frozenset(forbidden),
        limits,
        number,
    )
    return _checked(request)


def _checked(request: Request) -> Request:
    if len(request.incoming) not in (1, 2):
        raise GeneratorError(f"process {request.text!r}: one or two incoming particles, not {len(request.incoming)}")
    if len(request.incoming) + len(request.outgoing) < 3:
        raise GeneratorError(f"process {request.text!r}: at least three particles are needed")
    return request


def _refuse(text: str) -> None:
    """What is MG5_aMC's but not ours."""
    unsupported = {
        r",": "decay chains",
        r"\[": "loop corrections ([...])",
        r"\{": "polarised particles ({...})",
        r"(?<!\$)\$(?!\$)": "'$' (it changes the integration; '$$' removes diagrams)",
    }
    for pattern, name in unsupported.items():
        if re.search(pattern, text):
            raise GeneratorError(f"process {text.strip()!r}: {name} cannot be generated here")


def _limits(text: str, model: Model) -> tuple[str, tuple[OrderLimit, ...]]:
    limits = []
    for found in _ORDER.finditer(text):
        limits.append(_limit(found, model))
    return _ORDER.sub(" ", text), tuple(limits)


def _limit(found: re.Match[str], model: Model) -> OrderLimit:
    name, op, value = found["name"], found["op"], int(found["value"])
    if name != "WEIGHTED" and name not in model.hierarchy:
        known = ", ".join((*model.hierarchy, "WEIGHTED"))
        raise GeneratorError(f"unknown coupling order {found[0].strip()!r}: expected one of {known}")
    if value < 0:
        raise GeneratorError(f"coupling order {found[0].strip()!r}: negative")
    # strict and inclusive bounds are one step apart
    if op == ">=":
        op, value = ">", value - 1
    elif op == "<":
        op, value = "<=", value - 1
    return OrderLimit(name, "<=" if op == "=" else op, value, found["squared"] is not None)


def _number(text: str) -> tuple[str, int]:
    found = _NUMBER.search(text)
    return (_NUMBER.sub(" ", text), int(found[1])) if found else (text, 1)


def _restrictions(text: str, labels: Mapping[str, tuple[str, ...]], model: Model) -> tuple[str, set[str], set[str]]:
    """Takes `/ ...` and `$$ ...` off the end."""
    head, *tail = re.split(r"(/|\$\$)", text)
    excluded: set[str] = set()
    forbidden: set[str] = set()
    for mark, names in zip(tail[::2], tail[1::2], strict=True):
        particles = _particles(names, labels, model)
        if mark == "/":
            excluded.update(model.by_name[n].anti().name for n in particles)
        (excluded if mark == "/" else forbidden).update(particles)
    return head, excluded, forbidden
