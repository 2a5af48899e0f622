"""Fixed-form Fortran as text: numbers, names, lines, templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

#: last column that is used, of the 72 that every compiler reads
_WIDTH = 72
_START, _NEXT = " " * 6, " " * 5 + "&  "
_TOKEN = re.compile(r"'[^']*'|\.[A-Z]+\.|(?:\d+\.?\d*|\.\d+)(?:[DE][+-]?\d+)?|\w+|\*\*|//|.", re.IGNORECASE)
_FIELD = re.compile(r"@(\w+)@")
#: names that stand for themselves, the rest of a model's has a prefix that keeps it apart
_OWN_NAMES = {"as": "AS", "g": "G"}


def parameter_name(name: str) -> str:
    """Fortran name of a model's parameter: MDL_x, but for G and the strong coupling aS."""
    upper = name.upper()
    return _OWN_NAMES.get(name.lower(), upper if upper.startswith("MDL_") else f"MDL_{upper}")


def number(value: float) -> str:
    """Double-precision constant that reads back as the same number; a sign comes first."""
    text = repr(float(value)).upper()
    mantissa, _, exponent = text.partition("E")
    return f"{mantissa.removesuffix('.0')}D{int(exponent or 0)}"


def statement(text: str, indent: int = 0) -> str:
    """One statement, broken into lines of at most 72 columns between its tokens."""
    lines: list[str] = []
    line, start = "", _START + " " * indent
    for token in _groups(text):
        if line.strip() and len(start) + len(line) + len(token.rstrip()) > _WIDTH:
            lines.append(start + line.rstrip())
            line, start = "", _NEXT + " " * indent
            token = token.lstrip()
        line += token
    return "\n".join([*lines, start + line.rstrip()]) + "\n"


def _groups(text: str) -> Iterable[str]:
    """Tokens, each with its sign and the comma, bracket or blank behind it."""
    group = ""
    for token in _TOKEN.findall(text):
        is_argument = token == "(" and group[-1:].isalnum()
        if group and not (is_argument or token in ",) " or group[-1] == "(" or group in "+-"):
            yield group
            group = ""
        group += token
    yield group


def data(target: str, values: Iterable[object]) -> str:
    """DATA statement."""
    return statement(f"DATA {target} /{','.join(map(str, values))}/")


def template(name: str) -> str:
    """Text of one of the templates in fortran/writer: installed with the package, or in the checkout."""
    installed = Path(str(resources.files("bridge"))) / "writer_sources"
    checkout = Path(__file__).resolve().parents[3] / "fortran" / "writer"
    for folder in (installed, checkout):
        if (folder / name).is_file():
            return (folder / name).read_text()
    raise FileNotFoundError(f"the writer's template {name} is not installed")


def fill(text: str, fields: Mapping[str, str]) -> str:
    """`text` with its @fields@; one that is alone in its line takes it, or removes it if empty."""
    lines = []
    for line in text.splitlines(keepends=True):
        alone = _FIELD.fullmatch(line.strip())
        lines.append(fields[alone[1]] if alone else _FIELD.sub(lambda match: fields[match[1]], line))
    return "".join(lines)
