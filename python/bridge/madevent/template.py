"""template_matrix<i>.f: what helicity recycling compiles in place of matrix<i>_orig.f.

It holds a second copy of the colour matrix, the widths and the event loop around them,
which must say the same.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bridge.madevent import forms
from bridge.madevent.color import read_color_matrix, read_integers
from bridge.madevent.error import ReadError
from bridge.madevent.fixed_form import statements, units
from bridge.madevent.unit_reader import UnitReader
from bridge.madevent.widths import take_out_fake_widths
from bridge.process import Process

_SMATRIX_DATA = frozenset({"IDEN"})
_MATRIX_DATA = frozenset({"CF", "DENOM", "CHOSEN_SO_CONFIGS"})


def check_template(text: str, file: Path, number: int, process: Process, known: forms.Forms) -> None:
    """Raises ReadError unless the template computes `process`."""
    found = {unit.name: unit for unit in units(statements(text, file), file)}
    reader = UnitReader(file, str(number), known, found)
    unit, declared, executable = reader.split("SMATRIX", _SMATRIX_DATA)
    reader.recognise(executable, unit, "template_smatrix")
    reader.check_flow_count(executable, process.n_flow)
    if int(read_integers(declared, "IDEN", (1,), file)[0]) != process.averaging_factor:
        raise ReadError("IDEN is not that of the matrix file", file, unit.heading.line)
    _check_matrix(reader, process)


def _check_matrix(reader: UnitReader, process: Process) -> None:
    unit, declared, executable = reader.split("MATRIX", _MATRIX_DATA)
    executable, fake_widths = take_out_fake_widths(executable, reader.file)
    reader.recognise(executable, unit, "template_matrix")
    pairs = {width: mass for width, mass in fake_widths.values() if width and mass}
    sizes = {
        "NGRAPHS": len(process.amplitudes),
        "NCOLOR": process.n_flow,
        "NAMPSO": process.n_split_order,
    }
    matrix = read_color_matrix(declared, process.n_flow, reader.file)
    same = (
        all(reader.integer(declared, name) == size for name, size in sizes.items())
        and np.array_equal(matrix, process.color_matrix)
        and pairs == dict(process.fake_widths)
    )
    if not same:
        raise ReadError("not the data of the matrix file", reader.file, unit.heading.line)
