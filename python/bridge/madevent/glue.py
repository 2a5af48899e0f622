"""Which parts of MadEvent around the matrix element the library replaces in a P folder.

A unit is used where the Fortran procedures that it takes the place of are, statement for statement,
those it was made for; where MadEvent's text is another, or was edited, it stays out.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bridge.madevent.error import ReadError
from bridge.madevent.fixed_form import Statement, digest, read_source, statements

_HEADING = re.compile(r"(?:SUBROUTINE|[A-Z0-9*]*FUNCTION)([A-Z]\w*)(?:\(|$)")
_END = re.compile(r"END(?:(?:SUBROUTINE|FUNCTION)\w*)?$")
#: characters of a digest that are compared
_LENGTH = 16

#: what `inject` puts beside MadEvent's Python programs, and where
RUN_HOME = "bin/internal/mebridge"
RUN_MODULES = ("__init__", "channels", "gzip_stream", "merge", "native", "progress")


@dataclass(frozen=True, slots=True)
class Hook:
    """A line at the end of one of MadEvent's Python files that installs a module of ours."""

    file: str
    module: str
    arguments: str = ""
    #: only where the file is one that the module was compared with
    is_bound: bool = False
    #: only up to 3.5
    early_only: bool = False

    @property
    def text(self) -> bytes:
        name = f"_mebridge_{self.module}"
        return (
            f"\n# mebridge\ntry:\n    from internal.mebridge import {self.module} as {name}\n"
            f"    {name}.install({self.arguments})\nexcept (ImportError, SyntaxError):\n    pass\n"
        ).encode()


HOOKS = (
    Hook("bin/internal/lhe_parser.py", "merge", "globals()", is_bound=True),
    Hook("bin/internal/combine_runs.py", "channels", "globals()", is_bound=True, early_only=True),
    Hook("bin/internal/coloring_logging.py", "progress"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """One replacement: its name, as in MEBRIDGE_GLUE, and what it needs."""

    name: str
    #: (file, procedure) of each procedure whose text must be known; "" for all of a file
    procedures: tuple[tuple[str, str], ...]
    #: symbols the linker redirects
    wraps: tuple[str, ...]
    #: what stands in for a wrapped symbol, where it is not written with the name ``__wrap_<symbol>``
    stand_ins: tuple[tuple[str, str], ...] = ()
    #: only up to 3.5, where the cuts are part of DSIG
    early_only: bool = False
    #: only from 3.6 on, where scales are set apart from the cuts
    late_only: bool = False

    def is_for(self, late: bool) -> bool:
        return not (self.early_only if late else self.late_only)


_DISCRETE = tuple(
    (f"__discretesampler_MOD_ds_{symbol}", f"meb_ds_{stand_in}_")
    for symbol, stand_in in (
        ("add_entry_with_binintid", "add_entry"),
        ("dim_index_with_force", "dim_index"),
        ("get_dim_status", "status"),
        ("get_point_with_integerbinid", "get_point"),
    )
)

_FLAVOR_TESTS = ("ISJET", "ISJETVX", "ISQCD", "IS_OCTET")

UNITS = (
    Unit(
        "io",
        (
            ("Source/rw_events.f", "READ_EVENT"),
            ("Source/rw_events.f", "WRITE_EVENT"),
            ("{P}/unwgt.f", "CLEAR_EVENTS"),
            ("{P}/unwgt.f", "STORE_EVENTS"),
            ("{P}/unwgt.f", "UNWGT"),
            ("{P}/unwgt.f", "WRITE_LESHOUCHE"),
        ),
        ("write_event_", "read_event_", "unwgt_"),
    ),
    Unit(
        "text",
        (),
        tuple(
            f"_gfortran_{name}"
            for name in (
                "st_write",
                "st_write_done",
                "st_read",
                "st_read_done",
                "transfer_integer",
                "transfer_integer_write",
                "transfer_array",
                "transfer_array_write",
            )
        ),
    ),
    Unit(
        "sampling",
        (
            ("Source/dsample.f", "SAMPLE_GET_X"),
            ("Source/dsample.f", "XBIN"),
            ("Source/transpole.f", "TRANSPOLE"),
            ("Source/transpole.f", "UNTRANSPOLE"),
            ("Source/ranmar.f", "NTUPLE"),
            ("Source/ranmar.f", "RANMAR"),
        ),
        ("sample_get_x_",),
    ),
    Unit(
        "discrete",
        (("Source/DiscreteSampler.f", ""),),
        tuple(symbol for symbol, _ in _DISCRETE),
        _DISCRETE,
    ),
    Unit(
        "pdf",
        (
            ("Source/PDF/NNPDFDriver.f", ""),
            ("Source/PDF/opendata.f", ""),
            ("Source/PDF/pdf.f", ""),
            ("Source/PDF/pdg2pdf.f", "PDG2PDF"),
            ("Source/PDF/PhotonFlux.f", "GET_ION_PDF"),
        ),
        ("nnpdfdriver_", "nnevolvepdf_", "pdg2pdf_"),
        (("nnpdfdriver_", "meb_nnpdf_driver_"),),
    ),
    Unit(
        "cuts",
        (
            ("{P}/cuts.f", "PASSCUTS"),
            ("{P}/reweight.f", "SETCLSCALES"),
            ("{P}/cluster.f", "CLUSTER"),
            ("{P}/setscales.f", "SET_REN_SCALE"),
            ("{P}/setscales.f", "SET_FAC_SCALE"),
            ("{P}/dummy_fct.f", "DUMMY_CUTS"),
            ("{P}/myamp.f", "CUT_BW"),
        ),
        ("passcuts_",),
        early_only=True,
    ),
    Unit(
        "scales",
        (
            ("{P}/cluster.f", "CLUSTER"),
            ("{P}/reweight.f", "SETCLSCALES"),
            ("{P}/reweight.f", "UPDATE_SCALE_COUPLING"),
            ("{P}/reweight.f", "UPDATE_SCALE_COUPLING_VEC"),
            ("{P}/setscales.f", "SET_REN_SCALE"),
            ("{P}/setscales.f", "SET_FAC_SCALE"),
        ),
        ("update_scale_coupling_",),
        late_only=True,
    ),
    Unit(
        "clustering",
        (
            ("{P}/cluster.f", "CLUSTER"),
            ("{P}/cluster.f", "FINDMT"),
            ("{P}/cluster.f", "CHECKBW"),
            ("{P}/cluster.f", "COMBID"),
            ("{P}/cluster.f", "CONSTR"),
            ("{P}/cluster.f", "CROSSP"),
            ("{P}/cluster.f", "ROTATE"),
            ("{P}/message.inc", ""),
            *(("{P}/reweight.f", name) for name in ("SETCLSCALES", "IPARTUPDATE", "IFSNO", *_FLAVOR_TESTS)),
            ("Source/kin_functions.f", "DJ"),
            ("Source/kin_functions.f", "DJB"),
            ("Source/kin_functions.f", "DOT"),
            ("Source/kin_functions.f", "SUMDOT"),
            ("Source/kin_functions.f", "ZCLUS"),
            ("Source/DHELAS/aloha_functions.f", "BOOSTX"),
        ),
        ("cluster_", "setclscales_"),
    ),
)


def _known() -> dict[str, list[str]]:
    text = (Path(__file__).parent / "glue_known.json").read_text()
    return dict(json.loads(text))


def procedure_digest(source: Sequence[Statement], procedure: str) -> str:
    """Digest of one procedure of a file, "" if it is not there; of the whole file for ""."""
    if not procedure:
        return digest(source)[:_LENGTH]
    body: list[Statement] = []
    inside = False
    for statement in source:
        heading = _HEADING.match(statement.text)
        inside = inside or (heading is not None and heading[1] == procedure)
        if inside:
            body.append(statement)
            if _END.match(statement.text):
                return digest(body)[:_LENGTH]
    return ""


def digests(root: Path, folder: Path, unit: Unit) -> dict[str, str]:
    """Digest of each procedure that `unit` replaces, by ``file:procedure``."""
    found: dict[str, str] = {}
    for name, procedure in unit.procedures:
        path = (folder if name.startswith("{P}") else root) / name.removeprefix("{P}/")
        try:
            value = procedure_digest(statements(read_source(path), path), procedure)
        except ReadError:
            value = ""
        found[f"{Path(name).name}:{procedure}"] = value
    return found


def objection(root: Path, folder: Path, unit: Unit) -> str:
    """Why `unit` stays out of `folder`; empty if it does not."""
    known = _known()
    for name, value in digests(root, folder, unit).items():
        if value not in known.get(name, ()):
            return f"{name.rstrip(':')} is not one that is known"
    return ""


def file_digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:_LENGTH]


def hooks(root: Path) -> dict[str, bytes]:
    """MadEvent's Python files with what is added to them, by path in the directory `root`."""
    known = _known()
    edited = {}
    for hook in HOOKS:
        path = root / hook.file
        if not path.is_file():
            continue
        data = path.read_bytes()
        if not hook.is_bound or file_digest(data) in known.get(path.name, ()):
            edited[hook.file] = data + hook.text
    return edited


def usable(root: Path, folder: Path, late: bool) -> tuple[list[Unit], dict[str, str]]:
    """Units for `folder`, and why the others stay out, by name."""
    offered = [unit for unit in UNITS if unit.is_for(late)]
    objections = {unit.name: objection(root, folder, unit) for unit in offered}
    return [unit for unit in offered if not objections[unit.name]], {k: v for k, v in objections.items() if v}


_DENSITY_WRAP = """
      double precision function meb_wrap_density(ih, ipdg, ibeam, x, q)
     $   bind(C, name='__wrap_pdg2pdf_')
      implicit none
      integer ih, ipdg, ibeam
      double precision x, q, meb_glue_pdg2pdf
      external meb_glue_pdg2pdf
      call meb_glue_setup()
      meb_wrap_density = meb_glue_pdg2pdf(ih, ipdg, ibeam, x, q)
      end
"""


def _parts(late: bool, with_density: bool) -> dict[str, str]:
    arguments = "px, wgt, numproc" + (", ihel, icol, ivec" if late else "")
    return {
        # part of cluster.inc from 3.6 on
        "configs_include": "" if late else "      include 'maxconfigs.inc'",
        "cluster_arguments": "p, ivec" if late else "p",
        "scales_arguments": "p, keepq2bck, ivec" if late else "p, keepq2bck",
        "cluster_event": "" if late else "      ivec = 1",
        "vector_include": "      include 'vector.inc'" if late else "",
        "unwgt_arguments": arguments,
        "unwgt_integers": arguments.removeprefix("px, wgt, "),
        "unwgt_target": "meb_glue_late_unwgt" if late else "meb_glue_unwgt",
        "density_wrap": "" if with_density else _DENSITY_WRAP,
    }


def _guarded(unit: Unit, text: str) -> str:
    """Text of a unit, for directories whose makefile does not leave it out when it is compiled."""
    return f"#if MEBRIDGE_GLUE_{unit.name.upper()}\n{text}#endif\n"


def glue_text(templates: dict[str, str], chosen: Sequence[Unit], late: bool, with_density: bool = True) -> str:
    """The Fortran that tells the library of what it replaces.

    templates: by unit, "" for the frame; with_density: the seam wraps PDG2PDF already.
    """
    inner = _parts(late, with_density)
    parts = inner | {
        "setups": "\n".join(_guarded(unit, f"      call meb_glue_{unit.name}()\n") for unit in chosen),
        "units": "".join(_guarded(unit, templates[unit.name]) for unit in chosen),
    }
    text = templates[""]
    for name in ("setups", "units", *inner):
        text = text.replace(f"@{name}@", parts[name].rstrip("\n"))
    return text


def glue_switches(chosen: Sequence[Unit]) -> str:
    """Lines for the folder's makefile: which units, which symbols the linker redirects, and to what."""
    wraps = [symbol for unit in chosen for symbol in unit.wraps]
    names = [f"__wrap_{symbol}={name}" for unit in chosen for symbol, name in unit.stand_ins]
    return (
        f"MEBRIDGE_GLUE_UNITS := {' '.join(unit.name.upper() for unit in chosen)}\n"
        f"MEBRIDGE_GLUE_WRAP := {' '.join(wraps)}\n"
        f"MEBRIDGE_GLUE_NAMES := {' '.join(names)}\n"
    )
