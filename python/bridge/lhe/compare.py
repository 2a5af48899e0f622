"""Two files, event by event: the n-th of one against the n-th of the other."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from itertools import zip_longest
from os import PathLike

from bridge.lhe.difference import difference, init_difference
from bridge.lhe.model import Init
from bridge.lhe.reader import Reader, read

TOLERANCE = 1e-9
SHARE = 0.999


@dataclass(frozen=True, slots=True)
class Difference:
    """Event number (from 1), the lines where it begins in both files, and why they differ."""

    event: int
    line_a: int
    line_b: int
    reason: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What came out.

    `identical` events have the same text, `same` events are equal within `tolerance` though their
    text differs, `different` ones are not; `only_in_a` and `only_in_b` count what one file has
    more. `init_reason` says why the `<init>` blocks disagree, None if they agree.
    Cross-sections in pb, None where a file has no `<init>`.
    """

    a: str
    b: str
    tolerance: float
    identical: int
    same: int
    different: int
    only_in_a: int
    only_in_b: int
    first_different: Difference | None
    cross_section_a: float | None
    cross_section_b: float | None
    init_reason: str | None

    @property
    def share(self) -> float:
        """Part of the longer file's events that are identical or the same; 0 without events."""
        agreeing = self.identical + self.same
        total = agreeing + self.different + self.only_in_a + self.only_in_b
        return agreeing / total if total else 0.0

    def passed(self, share: float = SHARE) -> bool:
        """Enough events are the same and the cross-sections agree."""
        return self.share >= share and self.init_reason is None

    def to_json(self, share: float = SHARE) -> str:
        fields = {**asdict(self), "share": self.share, "required_share": share}
        return json.dumps({**fields, "passed": self.passed(share)}, indent=2) + "\n"


class _Counter:
    """Running totals while the files are read."""

    def __init__(self) -> None:
        self.identical = self.same = self.different = self.only_in_a = self.only_in_b = 0
        self.first: Difference | None = None

    def add(self, a: Reader, b: Reader, tolerance: float) -> None:
        pairs = zip_longest(a.checked_blocks(), b.blocks())
        for number, (block_a, block_b) in enumerate(pairs, 1):
            if block_b is None:
                self.only_in_a += 1
            elif block_a is None:
                self.only_in_b += 1
            elif block_a.text == block_b.text:
                self.identical += 1
            elif reason := difference(block_a, block_b, tolerance, (a.path, b.path)):
                self.different += 1
                self.first = self.first or Difference(number, block_a.line, block_b.line, reason)
            else:
                self.same += 1


def compare(a: str | PathLike[str], b: str | PathLike[str], tolerance: float = TOLERANCE) -> Comparison:
    """Compares two event files, plain or gzip, in constant memory.

    The same event: particles, status, mothers, colours and helicities equal, numbers equal within
    `tolerance` (relative) or one unit of their last printed digit, the lines after the particles
    likewise. LheError if a file is damaged.
    """
    counter = _Counter()
    with read(a) as first, read(b) as second:
        counter.add(first, second, tolerance)
    return Comparison(
        a=str(first.path),
        b=str(second.path),
        tolerance=tolerance,
        identical=counter.identical,
        same=counter.same,
        different=counter.different,
        only_in_a=counter.only_in_a,
        only_in_b=counter.only_in_b,
        first_different=counter.first,
        cross_section_a=_cross_section(first.init),
        cross_section_b=_cross_section(second.init),
        init_reason=init_difference(first.init, second.init, tolerance),
    )


def _cross_section(init: Init | None) -> float | None:
    return None if init is None else init.cross_section
