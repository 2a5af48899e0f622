"""Writes the seed Programs again, after a change of the file format: python tests/fuzz/make_seeds.py"""

from __future__ import annotations

import sys
from pathlib import Path

from bridge import generator
from bridge.program import build

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "python"))


def main() -> None:
    from processes import gluon_gluon

    (HERE / "seeds" / "gg_gg.meb").write_bytes(build(gluon_gluon()))
    for name, text in (("gg_ttx", "g g > t t~"), ("ll_ll", "e+ e- > mu+ mu-")):
        (made,) = generator.generate(text)
        (HERE / "seeds" / f"{name}.meb").write_bytes(build(made.process))


if __name__ == "__main__":
    main()
