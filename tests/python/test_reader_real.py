"""Real MadEvent directories: everything is read, and the numbers are the Fortran's.

Opt-in: MEBRIDGE_REAL_DIRS holds the directories, joined by the path separator. Oracle: MATRIX
of the directory itself, compiled here, with random couplings, masses and widths.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bridge import reference
from bridge.madevent import (
    MadEventDirectory,
    MatrixFile,
    ProcessDirectory,
    read_directory,
    unsupported,
)
from bridge.madevent.includes import Model
from bridge.process import Process

DIRECTORIES = [Path(item) for item in os.environ.get("MEBRIDGE_REAL_DIRS", "").split(os.pathsep) if item]
SMALL_WIDTH = 3e-3
TOLERANCE = 1e-10
N_POINT = 3
#: A larger number of helicities is sampled, to keep the test short.
MAX_HELICITY = 64
FLAGS = ("-O1", "-w", "-fPIC", "-ffixed-line-length-132", "-fno-automatic")
_FUNCTION = re.compile(r"^ *REAL\*8 FUNCTION MATRIX", re.MULTILINE)

pytestmark = [
    pytest.mark.skipif(not DIRECTORIES, reason="MEBRIDGE_REAL_DIRS is not set"),
    pytest.mark.parametrize("path", DIRECTORIES, ids=lambda path: path.name),
]


def test_every_matrix_file_is_read(path: Path) -> None:
    directory = read_directory(path)
    assert directory.matrices
    assert {str(objection) for objection in unsupported(directory).values()} == set()


@pytest.mark.skipif(shutil.which("gfortran") is None, reason="no gfortran")
def test_reference_agrees_with_the_fortran(path: Path, tmp_path: Path) -> None:
    directory = read_directory(path)
    largest = 0.0
    for folder in directory.processes:
        largest = max(largest, compare_folder(directory, folder, tmp_path / folder.path.name))
    print(f"{path.name}: largest relative deviation {largest:.1e}")
    assert largest < TOLERANCE


def compare_folder(directory: MadEventDirectory, folder: ProcessDirectory, scratch: Path) -> float:
    """Largest relative deviation of |M|^2, JAMP2 and AMP2 in one P directory."""
    scratch.mkdir()
    rng = np.random.default_rng(20)
    values = random_parameters(directory, rng)
    fortran = compile_folder(folder, directory.model, directory.vector_size > 1 or _is_37(directory), scratch)
    largest = 0.0
    for item in folder.matrices:
        process = item.content
        assert isinstance(process, Process)
        matrix = fortran[item.path]
        set_parameters(matrix, directory.model, values, SMALL_WIDTH)
        momenta = random_momenta(process, values, rng)
        chosen = np.sort(rng.permutation(len(process.helicities))[:MAX_HELICITY])
        found = reference.evaluate(process, momenta, values, SMALL_WIDTH)
        for event, p in enumerate(momenta):
            made = [matrix(p, process.helicities[row]) for row in chosen]
            for mine, theirs in (
                (found.matrix_element[event, chosen], [item[0] for item in made]),
                (found.jamp2[event, chosen], [item[1] for item in made]),
                (found.amp2[event, chosen], [item[2] for item in made]),
            ):
                largest = max(largest, deviation(mine, np.array(theirs)))
    return largest


def _is_37(directory: MadEventDirectory) -> bool:
    return bool(directory.model.vector_couplings) or (directory.path / "Source/vector.inc").exists()


def deviation(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> float:
    """Relative to the largest value among the helicities."""
    assert np.isfinite(mine).all()
    assert np.isfinite(theirs).all()
    scale = np.abs(theirs).max()
    return float(np.abs(mine - theirs).max() / scale) if scale else float(np.abs(mine).max())


def random_parameters(directory: MadEventDirectory, rng: np.random.Generator) -> dict[str, complex]:
    """Masses of 5 to 90 GeV, widths of up to 1 % of them, complex couplings of order one."""
    model = directory.model
    values: dict[str, complex] = {name: complex(rng.uniform(5, 90)) for name in model.masses}
    values |= {name: complex(rng.uniform(0.01, 1.0)) for name in model.widths}
    values |= {name: complex(rng.normal(), rng.normal()) for name in model.couplings}
    return values


def random_momenta(
    process: Process, values: dict[str, complex], rng: np.random.Generator
) -> NDArray[np.float64]:
    """On-shell momenta, not conserved: MATRIX does not ask.

    In the first point two legs fly along +z and -z; in the second one massive leg rests.
    """
    n_leg = len(process.legs)
    three = rng.normal(scale=300.0, size=(N_POINT, n_leg, 3))
    three[0, :2, :2] = 0.0
    three[0, :2, 2] = np.abs(three[0, :2, 2]) * (1, -1)
    mass = np.array([0.0 if leg.mass is None else values[leg.mass].real for leg in process.legs])
    if mass.any():
        three[1, np.flatnonzero(mass)[-1]] = 0.0
    energy = np.sqrt((three**2).sum(axis=2) + mass**2)
    return np.concatenate([energy[..., None], three], axis=2)


@dataclass(frozen=True)
class FortranMatrix:
    """MATRIX of one subprocess: call with momenta (n_leg, 4) and helicities (n_leg,)."""

    library: ctypes.CDLL
    symbol: str
    n_flow: int
    n_diagram: int

    def __call__(
        self, momenta: NDArray[np.float64], helicity: NDArray[np.int8]
    ) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """|M|^2, JAMP2 and AMP2."""
        p = np.ascontiguousarray(momenta, dtype=np.float64)
        h = np.ascontiguousarray(helicity, dtype=np.int32)
        jamp2, amp2 = np.zeros(self.n_flow + 1), np.zeros(self.n_diagram)
        value = ctypes.c_double()
        arrays = [item.ctypes.data_as(ctypes.c_void_p) for item in (p, h, amp2, jamp2)]
        getattr(self.library, self.symbol)(*arrays, ctypes.byref(value))
        return value.value, jamp2[1:], amp2


def compile_folder(
    folder: ProcessDirectory, model: Model, is_vector: bool, scratch: Path
) -> dict[Path, FortranMatrix]:
    """MATRIX functions of the understood subprocesses of one P directory."""
    understood = [item for item in folder.matrices if isinstance(item.content, Process)]
    n_leg = len(understood[0].content.legs)  # type: ignore[union-attr]
    sources = [_source(item, scratch) for item in understood]
    (scratch / "oracle.f").write_text(_wrappers(understood, model, is_vector, n_leg))
    lorentz = sorted((folder.path.parents[1] / "Source" / "DHELAS").glob("*.f"))
    library = scratch / "oracle.so"
    subprocess.run(
        ["gfortran", "-shared", *FLAGS, f"-I{folder.path}", f"-I{folder.path.parent}",
         f"-I{folder.path.parents[1] / 'Source'}", "-o", library, scratch / "oracle.f",
         *sources, *lorentz],
        check=True, cwd=scratch, capture_output=True,
    )  # fmt: skip
    loaded = ctypes.CDLL(str(library))
    return {item.path: _matrix(loaded, item) for item in understood}


def set_parameters(
    matrix: FortranMatrix, model: Model, values: dict[str, complex], small_width: float
) -> None:
    """Writes the COMMON blocks."""
    real = np.array([values[name].real for name in (*model.masses, *model.widths)])
    couplings = np.array([values[name] for name in model.couplings], dtype=np.complex128)
    matrix.library.oracle_set_(
        real.ctypes.data_as(ctypes.c_void_p),
        couplings.ctypes.data_as(ctypes.c_void_p),
        ctypes.byref(ctypes.c_double(small_width)),
    )


def _matrix(library: ctypes.CDLL, item: MatrixFile) -> FortranMatrix:
    process = item.content
    assert isinstance(process, Process)
    n_diagram = max([*process.amp2, *process.config_diagrams])
    return FortranMatrix(library, f"oracle{item.number or 0}_", process.n_flow, n_diagram)


def _source(item: MatrixFile, scratch: Path) -> Path:
    """MATRIX and what follows it: SMATRIX needs the event loop and is left out."""
    text = item.path.read_text(encoding="latin-1")
    start = _FUNCTION.search(text)
    assert start is not None
    path = scratch / item.path.name
    path.write_text(text[start.start() :], encoding="latin-1")
    return path


def _wrappers(items: list[MatrixFile], model: Model, is_vector: bool, n_leg: int) -> str:
    return _setter(model, is_vector) + "".join(_wrapper(item, is_vector, n_leg) for item in items)


def _lines(*lines: str) -> str:
    return "".join(f"      {line}\n" for line in lines)


def _setter(model: Model, is_vector: bool) -> str:
    names = [*model.masses, *model.widths]
    reals = [f"{name} = R({number})" for number, name in enumerate(names, start=1)]
    couplings = [
        f"{name}{'(1)' if name in model.vector_couplings else ''} = C({number})"
        for number, name in enumerate(model.couplings, start=1)
    ]
    return _lines(
        "SUBROUTINE ORACLE_SET(R,C,SMALL)",
        "IMPLICIT NONE",
        *(["INCLUDE 'vector.inc'"] if is_vector else []),
        "REAL*8 R(*),SMALL,WIDTHPART,TMIN",
        "COMPLEX*16 C(*)",
        "INTEGER STRATEGY",
        "LOGICAL STARTING",
        "COMMON/NARROW_WIDTH/WIDTHPART",
        "COMMON/TO_CHANNEL_STRAT/TMIN,STRATEGY",
        "COMMON/TO_DETERMINE_ZERO_HEL/STARTING",
        "INCLUDE 'coupl.inc'",
        "WIDTHPART = SMALL",
        "STRATEGY = 1",
        "STARTING = .FALSE.",
        *reals,
        *couplings,
        "END",
    )


def _wrapper(item: MatrixFile, is_vector: bool, n_leg: int) -> str:
    number = item.number or ""
    process = item.content
    assert isinstance(process, Process)
    n_diagram = max([*process.amp2, *process.config_diagrams])
    extra = ",1,A,J,1" if is_vector else ",1" if number else ""
    common = [] if is_vector else ["COMMON/TO_AMPS/A,J"]
    return _lines(
        f"SUBROUTINE ORACLE{item.number or 0}(P,NHEL,AOUT,JOUT,ANS)",
        "IMPLICIT NONE",
        "INCLUDE 'maxamps.inc'",
        f"REAL*8 P(0:3,{n_leg}),AOUT(*),JOUT(*),ANS,MATRIX{number}",
        f"INTEGER NHEL({n_leg}),IC({n_leg}),I",
        "REAL*8 A(MAXAMPS),J(0:MAXFLOW)",
        *common,
        f"EXTERNAL MATRIX{number}",
        "A = 0D0",
        "J = 0D0",
        "IC = 1",
        f"ANS = MATRIX{number}(P,NHEL,IC{extra})",
        f"DO I=1,{n_diagram}",
        "AOUT(I) = A(I)",
        "ENDDO",
        f"DO I=1,{process.n_flow + 1}",
        "JOUT(I) = J(I-1)",
        "ENDDO",
        "END",
    )
