"""A miniature of a MadEvent process directory, for demonstrations and tests.

It has MadEvent's layout, its makefiles' variables and the symbols and COMMONs at the seam,
and computes e+ e- > mu+ mu- and g g > t t~ at a fixed energy. All of it is written for
mebridge; nothing is needed but gfortran, make and Python.
"""

from __future__ import annotations

import os
import shutil
from importlib import resources
from pathlib import Path
from typing import Literal

Dialect = Literal["scalar", "vector"]

FOLDERS = ("P1_gg_ttx", "P1_ll_ll")


def sources() -> Path:
    """Folder with the miniature's sources: installed with the package, or in the checkout."""
    installed = Path(str(resources.files("bridge"))) / "miniature_sources"
    checkout = Path(__file__).resolve().parents[2] / "fortran" / "miniature"
    for path in (installed, checkout):
        if (path / "common").is_dir():
            return path
    raise FileNotFoundError("the miniature's sources are not installed")


def create(directory: str | os.PathLike[str], dialect: Dialect = "scalar") -> Path:
    """Makes a miniature process directory; returns its path.

    dialect: "scalar" for matrix elements as MG5_aMC 3.5 calls them, "vector" as 3.6 and
    later do. Raises FileExistsError if `directory` is there and not empty.
    """
    root = Path(directory)
    if root.exists() and any(root.iterdir()):
        raise FileExistsError(f"{root} is not empty")
    for part in ("common", dialect):
        shutil.copytree(sources() / part, root, dirs_exist_ok=True)
    for name in ("lib", "Events"):
        (root / name).mkdir()
    for script in (root / "bin").iterdir():
        script.chmod(0o755)
    _link_includes(root)
    return root


def _link(target: str, path: Path) -> None:
    if not path.exists():
        path.symlink_to(target)


def _link_includes(root: Path) -> None:
    """The links of MadEvent: one copy of each shared file, seen from where it is used."""
    source = root / "Source"
    shared = root / "SubProcesses"
    _link("MODEL/coupl.inc", source / "coupl.inc")
    for name in ("genps.inc", "maxparticles.inc", "run.inc"):
        _link(f"../Source/{name}", shared / name)
    _link("../Source/MODEL/coupl.inc", shared / "coupl.inc")
    common = [path.name for path in shared.iterdir() if path.suffix in (".f", ".inc")]
    for folder in FOLDERS:
        for name in [*common, "makefile"]:
            _link(f"../{name}", shared / folder / name)
        shutil.copyfile(shared / folder / "symfact_orig.dat", shared / folder / "symfact.dat")
