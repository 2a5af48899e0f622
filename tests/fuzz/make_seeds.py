"""Writes the seed Programs again, after a change of the file format: python tests/fuzz/make_seeds.py"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bridge import miniature
from bridge.madevent import read_directory
from bridge.process import Process
from bridge.program import build

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "python"))


def main() -> None:
    from processes import gluon_gluon

    (HERE / "seeds" / "gg_gg.meb").write_bytes(build(gluon_gluon()))
    with tempfile.TemporaryDirectory() as scratch:
        directory = read_directory(miniature.create(Path(scratch) / "miniature"))
        for folder in directory.processes:
            process = folder.matrices[0].content
            assert isinstance(process, Process)
            name = folder.path.name.removeprefix("P1_")
            (HERE / "seeds" / f"{name}.meb").write_bytes(build(process))


if __name__ == "__main__":
    main()
