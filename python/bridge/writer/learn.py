"""Makes our own entries of `bridge.madevent`'s forms.json anew: a maintainer's tool.

`python -m bridge.writer.learn python/bridge/madevent/forms.json`, after a change of SMATRIX, MATRIX, the
tables of orders or the external wave functions in fortran/writer. Earlier texts of the first three are forgotten;
digests of earlier wave functions have to be taken out by hand.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bridge import generator
from bridge.madevent import forms, learn
from bridge.writer.fortran import template
from bridge.writer.matrix import Dialect, matrix_source

_VERSION = "mebridge"
#: without and with widths, without and with split orders
_REQUESTS = ("g g > t t~", "e+ e- > mu+ mu-", "u u > u u QED^2==2", "u u~ > u u~ QED^2==2")
_DIALECTS: tuple[Dialect, ...] = ("scalar", "vector")


def main(arguments: Sequence[str]) -> int:
    """Command line."""
    (target,) = map(Path, arguments)
    table = json.loads(target.read_text(encoding="utf-8"))
    for kind in table.keys() - {"wave_functions"}:
        table[kind] = {name: entry for name, entry in table[kind].items() if name.split()[0] != _VERSION}
    target.write_text(json.dumps(table, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        learn.main([str(target), _VERSION, *map(str, _write(Path(folder)))])
    forms.known_forms.cache_clear()
    return 0


def _write(folder: Path) -> list[Path]:
    files = []
    for dialect in _DIALECTS:
        for number, text in enumerate(_REQUESTS, 1):
            (made,) = generator.generate(text)
            path = folder / f"{dialect}{number}" / "matrix1.f"
            path.parent.mkdir()
            path.write_text(matrix_source(made.process, 1, dialect))
            files.append(path)
    functions = folder / "aloha_functions.f"
    functions.write_text(template(functions.name))
    return [*files, functions]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
