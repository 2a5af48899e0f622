"""A P folder: what a subprocess's matrix element and the event loop need beside each other."""

from __future__ import annotations

from pathlib import Path

from bridge.process import Process
from bridge.writer.fortran import fill
from bridge.writer.includes import folder_includes
from bridge.writer.matrix import Dialect, matrix_source
from bridge.writer.subprocesses import Subprocess

#: there is one matrix element in a folder
_NUMBER = 1
_TEMPLATES = ("auto_dsig.f", "auto_dsig_i.f")


def is_template(path: Path) -> bool:
    """Whether a file of the event loop is filled for each folder, not copied."""
    return path.name in _TEMPLATES


def folder_files(made: Subprocess, dialect: Dialect, event_loop: Path) -> dict[str, str]:
    """File name -> text of a P folder; `event_loop`: the folder with the templates."""
    process = made.generated.process
    every = (event_loop / "SubProcesses" / "auto_dsig.f").read_text()
    one = (event_loop / dialect / "SubProcesses" / "auto_dsig_i.f").read_text()
    fields = {
        "functions": f"dsig{_NUMBER}",
        "cases": f"        case ({_NUMBER})\n          dsig_of = dsig{_NUMBER}(p, wgt, imode)\n",
        "number": str(_NUMBER),
        "process": str(made.generated.number),
        "n_flavor": str(len(made.flavours)),
        "n_comb": str(len(process.helicities)),
        "helicities": _helicities(process),
    }
    return {
        **folder_includes(made),
        f"matrix{_NUMBER}.f": matrix_source(process, _NUMBER, dialect),
        "auto_dsig.f": fill(every, fields),
        f"auto_dsig{_NUMBER}.f": fill(one, fields),
    }


def _helicities(process: Process) -> str:
    n_leg = len(process.legs)
    rows = (",".join(f"{value:2d}" for value in row) for row in process.helicities)
    return "".join(f"      DATA (NHEL(I,{number:4d}),I=1,{n_leg}) /{row}/\n" for number, row in enumerate(rows, 1))
