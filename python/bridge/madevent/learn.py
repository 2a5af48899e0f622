"""Makes entries for `forms.json` from matrix files: a maintainer's tool.

`python -m bridge.madevent.learn FORMS.json VERSION FILE...` adds the skeletons of the
files' SMATRIX, MATRIX and order functions, and digests of wave functions (for an
aloha_functions.f). Only for files that MG5_aMC wrote and nobody edited.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bridge.madevent import declarations, forms
from bridge.madevent.fixed_form import Statement, Unit, digest, read_source, statements, units
from bridge.madevent.polarisation import take_out_polarisation
from bridge.madevent.widths import take_out_fake_widths

_KINDS = ("SMATRIX", "MATRIX", "SQSOINDEX", "SOINDEX_FOR_SQUARED_ORDERS")
_NUMBER = re.compile(r"(?P<template>template_)?matrix(?P<number>\d*)")


def executable_part(unit: Unit, kind: str, file: Path, n_incoming: int = 2) -> list[Statement]:
    """What `bridge.madevent.matrix` compares with the known forms."""
    executable = declarations.split(unit, file)[1]
    if kind == "SMATRIX":
        executable = take_out_polarisation(executable, n_incoming)[0]
    elif kind == "MATRIX":
        executable = take_out_fake_widths(executable, file)[0]
    return [forms.heading(unit), *executable]


def learn(
    text: str, file: Path, number: str, is_template: bool = False
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Kind and skeleton of each unit of a matrix file, or template, that is compared."""
    found = {unit.name: unit for unit in units(statements(text, file), file)}
    for kind in _KINDS[:2] if is_template else _KINDS:
        if unit := found.get(kind + number):
            executable = executable_part(unit, kind, file)
            yield ("template_" * is_template) + kind.lower(), forms.skeleton(executable, number).digests


def learn_wave_functions(text: str, file: Path) -> Mapping[str, str]:
    """Digest of each external wave function in an aloha_functions.f."""
    return {
        unit.name: digest(unit.statements)[: forms.DIGEST_LENGTH]
        for unit in units(statements(text, file), file)
        if unit.name in forms.WAVE_FUNCTIONS
    }


def _add(table: dict[str, list[str]], version: str, digests: Sequence[str]) -> None:
    if list(digests) in table.values():
        return
    number = sum(name.startswith(f"{version} ") for name in table) + 1
    table[f"{version} {number}"] = list(digests)


def main(arguments: Sequence[str]) -> int:
    """Command line."""
    target, version, *files = arguments
    table = json.loads(Path(target).read_text(encoding="utf-8"))
    for file in map(Path, files):
        text = read_source(file)
        if file.name == "aloha_functions.f":
            known = table.setdefault("wave_functions", {})
            for name, value in learn_wave_functions(text, file).items():
                known[name] = sorted({*known.get(name, ()), value})
            continue
        match = _NUMBER.match(file.name)
        if match is None:
            raise SystemExit(f"{file}: not a matrix file")
        for kind, digests in learn(text, file, match["number"], bool(match["template"])):
            _add(table.setdefault(kind, {}), version, digests)
    Path(target).write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
