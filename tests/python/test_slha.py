"""SLHA cards."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge import slha

_TEXT = """\
BLOCK SPINFO
  1 SomeCode # not a number, and nobody asks
Block MASS Q= 1.0e2
 6 -1.73d2 # t
DECAY 6 1.5 # width
   0.5 2 5 24
DECAY 23 Auto
Block mix
 1 2 0.25
 1 1 inf
"""


def test_content(tmp_path: Path) -> None:
    path = tmp_path / "card.dat"
    path.write_text(_TEXT)
    for card in (slha.read(_TEXT), slha.read(path)):
        assert card.scales == {"mass": 100.0}
        assert card.values == {("mass", (6,)): -173.0, ("decay", (6,)): 1.5, ("mix", (1, 2)): 0.25}
        assert card.get("MASS", (6,)) == -173.0
        assert card.get("mass", (7,)) is None


@pytest.mark.parametrize(
    ("block", "codes", "line"), [("spinfo", (1,), "line 2"), ("decay", (23,), "line 7"), ("mix", (1, 1), "line 10")]
)
def test_an_entry_that_is_no_number(block: str, codes: tuple[int, ...], line: str) -> None:
    with pytest.raises(slha.SlhaError, match=line):
        slha.read(_TEXT).get(block, codes)


@pytest.mark.parametrize("text", ["DECAY x 1.0\n", "DECAY 6\n", "Block\n 6 1\n"])
def test_lines_that_say_nothing(text: str) -> None:
    with pytest.raises(slha.SlhaError, match="line 1"):
        slha.read(text)


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(slha.SlhaError, match="none"):
        slha.read(tmp_path / "none")
