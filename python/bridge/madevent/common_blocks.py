"""The COMMON blocks that the seam's accessor declares itself, checked in a directory's own sources.

Sizes come from the directory's include files when the accessor is compiled; the order of the names
does not. A directory in which they differ is refused, never guessed.
"""

from __future__ import annotations

import re
from pathlib import Path


class UnknownLayout(Exception):
    """A COMMON block holds something else than expected."""


#: COMMON blocks the accessor declares itself: where they are and what must be in them
_LAYOUT: tuple[tuple[str, str, str], ...] = (
    ("Source/dsample.f", "sample_common", "tmean,trmean,tsigma,dim,events,itm,kn,cur_it,invar,configs"),
    ("Source/dsample.f", "to_grid2", "grid2,inon_zero,non_zero"),
    ("Source/dsample.f", "to_lastbin", "lastbin"),
    ("Source/dsample.f", "to_cutsdone", "cutsdone,cutspassed"),
    ("Source/dsample.f", "to_random", "ituple"),
    ("Source/dsample.f", "to_zoomchoice", "zooming"),
    ("Source/ranmar.f", "raset1", "ranu(97),ranc,rancd,rancm"),
    ("Source/ranmar.f", "raset2", "iranmr,jranmr"),
    ("{P}/auto_dsig.f", "to_mconfigs", "mapconfig,iconfig"),
    ("{P}/reweight.f", "to_rw", "jlast,njetstore,iqjetstore,njets,iqjets,q2bck"),
    ("{P}/addmothers.f", "to_bwevents", "onbw"),
)
_LAYOUT_GROUPED: tuple[tuple[str, str, str], ...] = (
    ("{P}/auto_dsig.f", "to_cm_rap", "set_cm_rap,cm_rap"),
    ("{P}/auto_dsig.f", "to_mirror", "imirror,iproc"),
    ("{P}/auto_dsig.f", "to_sub_diag", "subdiag,ib"),
    ("{P}/auto_dsig.f", "to_last_iconf", "last_iconf"),
    ("{P}/auto_dsig1.f", "subproc", "ipsel"),
)
_LAYOUT_UNGROUPED: tuple[tuple[str, str, str], ...] = (
    ("{P}/genps.f", "to_cm_rap", "set_cm_rap,cm_rap"),
    ("{P}/reweight.f", "to_mirror", "imirror,iproc"),
    ("{P}/reweight.f", "to_sub_diag", "subdiag,ib"),
    ("{P}/auto_dsig.f", "subproc", "ipsel"),
)
_LAYOUT_EARLY: tuple[tuple[str, str, str], ...] = (
    ("{P}/addmothers.f", "to_amps", "amp2,jamp2"),
    ("{P}/unwgt.f", "to_helicity", "hel_buf"),
)


def check_layout(root: Path, folder: Path, late: bool, is_grouped: bool) -> None:
    """Raises UnknownLayout for the P folder `folder` of the directory `root`."""
    layout = _LAYOUT + (_LAYOUT_GROUPED if is_grouped else _LAYOUT_UNGROUPED)
    for where, block, names in layout if late else layout + _LAYOUT_EARLY:
        path = (folder if where.startswith("{P}") else root) / where.removeprefix("{P}/")
        found = _common_blocks(path, block)
        if names not in found:
            raise UnknownLayout(
                f"{path}: unknown layout: COMMON/{block.upper()}/ holds "
                f"'{' or '.join(found) or 'nothing'}', not '{names}'"
            )


def _common_blocks(path: Path, block: str) -> list[str]:
    """Names in each COMMON /block/ of a fixed-form file, lower case, without blanks."""
    found: list[str] = []
    pattern = re.compile(rf"common/{block}/(.*)", re.IGNORECASE)
    lines = path.read_text(errors="replace").splitlines()
    for i, line in enumerate(lines):
        if line[:1] in "cC*!" or "common" not in line.lower():
            continue
        text = _code(line)
        for more in lines[i + 1 :]:
            if more[:5].strip() or len(more) < 6 or more[5] in " 0":
                break
            text += _code(more[6:])
        if match := pattern.match(text):
            found.append(match[1].lower())
    return found


def _code(line: str) -> str:
    return re.sub(r"\s", "", line.split("!")[0])
