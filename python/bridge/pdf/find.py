"""Where grids lie: LHAPDF's folders, and what the package `pythia8mc` brings."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

from bridge.pdf.grid import GridError

#: NNPDF 2.3 LO, alpha_s(M_Z) = 0.130: the default of Pythia 8, MG5_aMC's nn23lo1
DEFAULT_SET = "NNPDF23_lo_as_0130_qed"
_PREFIXES = ("/usr", "/usr/local", "/opt/local")


def find_grid(name: str | os.PathLike[str] | None = None) -> Path:
    """The file of one member of a set of densities.

    `name`: a `.dat` file; `SET` or `SET/MEMBER` in a folder of LHAPDF (`LHAPDF_DATA_PATH`, `share/LHAPDF`) or
    of the package `pythia8mc`; None: DEFAULT_SET. Raises GridError naming what was looked for, and where.
    """
    text = os.fspath(name) if name is not None else DEFAULT_SET
    if text.endswith(".dat"):
        if not Path(text).is_file():
            raise GridError(f"grid {text}: no such file")
        return Path(text)
    stem, _, number = text.rpartition("/") if text.rpartition("/")[2].isdigit() else (text, "", "0")
    file = f"{Path(stem).name}_{int(number):04d}.dat"
    candidates = [Path(stem) / file] if "/" in stem else list(_candidates(stem, file))
    for path in candidates:
        if path.is_file():
            return path
    raise GridError(_not_found(text, file, candidates, is_default=name is None))


def _candidates(stem: str, file: str) -> Iterator[Path]:
    folders = [Path(item) for item in os.environ.get("LHAPDF_DATA_PATH", "").split(":") if item]
    folders += [Path(prefix) / "share" / "LHAPDF" for prefix in dict.fromkeys((sys.prefix, *_PREFIXES))]
    for folder in folders:
        yield folder / stem / file
    if data := os.environ.get("PYTHIA8DATA"):  # .../share/Pythia8/xmldoc
        yield Path(data).parent / "pdfdata" / file
    yield from (root / "share" / "Pythia8" / "pdfdata" / file for root in _package_roots())


def _package_roots() -> Iterator[Path]:
    """Prefixes below which `pip` puts the data of packages that this Python sees."""
    yield Path(sys.prefix)
    for entry in sys.path:
        path = Path(entry)
        if path.name in ("site-packages", "dist-packages"):
            # PREFIX/lib/pythonX.Y/site-packages
            yield path.parent.parent.parent
            yield path  # pip install --target


def _not_found(text: str, file: str, candidates: list[Path], *, is_default: bool) -> str:
    folders = ", ".join(dict.fromkeys(str(path.parent) for path in candidates))
    help_ = (
        "give the path of a .dat file in LHAPDF's format, or put the set's folder into one of them or into "
        "LHAPDF_DATA_PATH, or 'pip install --only-binary pythia8mc pythia8mc', which brings the default"
    )
    what = f"the default grid {text}" if is_default else f"grid {text!r}"
    return f"{what}: no file {file} in {folders}; {help_}"
