"""The header of an event file: version and cards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from internal.jobs import Channel, Result

_ISEED = re.compile(r"^(\s*)\S+(\s*=\s*iseed\b)", re.MULTILINE | re.IGNORECASE)


def header(root: Path, seed: int, n_event: int, results: Mapping[Channel, Result]) -> str:
    """The cards as they were, with the seed that was used."""
    run_card, process_card, param_card = (
        (root / "Cards" / name).read_text(encoding="utf-8", errors="replace")
        for name in ("run_card.dat", "proc_card_mg5.dat", "param_card.dat")
    )
    used = _ISEED.sub(rf"\g<1>{seed}\g<2>", run_card)
    total = sum(result.value for result in results.values())
    return (
        f"<MGVersion>\n{(root / 'MGMEVersion.txt').read_text()}</MGVersion>\n"
        f"<MG5ProcCard>\n{_data(process_card)}</MG5ProcCard>\n"
        f"<MGRunCard>\n{_data(used)}</MGRunCard>\n"
        f"<slha>\n{_escaped(param_card)}</slha>\n"
        "<MGGenerationInfo>\n"
        f"#  Number of Events        :  {n_event}\n"
        f"#  Integrated weight (pb)  :  {total:.6e}\n"
        "</MGGenerationInfo>\n"
    )


def _data(text: str) -> str:
    return f"<![CDATA[\n{text.replace(']]>', ']] >')}]]>\n"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;")
