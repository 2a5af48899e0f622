"""What is known about a set: its number and alpha_s(M_Z), from the `.info` file or the name."""

from __future__ import annotations

import re
from pathlib import Path

from bridge.pdf.find import DEFAULT_SET

_MEMBER = re.compile(r"(?P<set>.*)_(?P<member>\d{4})$")
_NAMED_ALPHA_S = re.compile(r"_as_0(\d{3})(?=_|$)")
#: of grids that come without `.info`
_LHAPDF_ID = {DEFAULT_SET: 247000}


def describe(path: Path) -> tuple[int, float | None]:
    """LHAPDF's number of a member (0: unknown) and alpha_s(M_Z) (None: unknown)."""
    found = _MEMBER.match(path.stem)
    name, member = (found["set"], int(found["member"])) if found else (path.stem, 0)
    entries = _entries(path.with_name(f"{name}.info"))
    first = _number(entries.get("SetIndex")) or _LHAPDF_ID.get(name)
    alpha_s = _number(entries.get("AlphaS_MZ"))
    if alpha_s is None and (named := _NAMED_ALPHA_S.search(name)):
        alpha_s = int(named[1]) / 1000.0
    return (int(first) + member if first else 0), alpha_s


def _entries(path: Path) -> dict[str, str]:
    """`key: value` lines; the file is YAML, of which only flat numbers are wanted."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # without it the grid is as good
        return {}
    return {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
