"""The Fortran file that lets the batched event loop reach into a process directory.

One is written for each ``SubProcesses/P*`` folder: the template of
``fortran/seam/directory.f`` with the parts that depend on the number of matrix elements,
on the model's parameters and on the version of MadEvent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: what stands for i in ``SMATRIX<i>`` where there is only ``SMATRIX``
UNGROUPED = ""

_CLUSTER_NEEDS = ("genps.inc", "maxconfigs.inc", "nexternal.inc", "maxamps.inc")

_COMMON = re.compile(r"common\s*/\s*(masses|widths|couplings)\s*/(.*)", re.IGNORECASE)
_DENSITY = re.compile(
    r"^\s+double precision function pdg2pdf\s*\(\s*ih\s*,\s*ipdg\s*,\s*beamid\s*,\s*x\s*,\s*xmu\s*\)",
    re.IGNORECASE | re.MULTILINE,
)
_COLOR_CONFIG = re.compile(r"CCONFIG=(.*)")
_SMATRIX = re.compile(r"^\s+subroutine\s+smatrix(\d*)\s*\(([^)]*)\)", re.IGNORECASE | re.M)


@dataclass(frozen=True, slots=True)
class Folder:
    """What the accessor of one ``P*`` folder depends on."""

    name: str
    #: i of each SMATRIX<i>, as text; (UNGROUPED,) where there is only SMATRIX
    matrices: tuple[str, ...]
    #: the form of 3.6 and later, whose SMATRIX takes random numbers and an event index
    late: bool
    #: the names in COMMON MASSES, WIDTHS and COUPLINGS
    parameters: tuple[str, ...]
    #: what has to be included before ``cluster.inc``
    cluster_includes: tuple[str, ...]
    #: PDG2PDF takes (hadron, parton, beam, x, scale)
    wraps_density: bool
    #: widths that matrix elements use as FK_<width>, and the mass of each
    fake_widths: Mapping[str, str] = field(default_factory=dict)
    #: VEC_IGRAPH, the diagram that the clustering chose, is kept in ``cluster.inc``
    keeps_graph: bool = False
    #: SELECT_COLOR allows that diagram's flows, in the way the library knows
    colors_follow_graph: bool = False

    @property
    def is_grouped(self) -> bool:
        return self.matrices != (UNGROUPED,)


def statements(text: str) -> list[str]:
    """Statements of fixed-form Fortran: comments removed, continuation lines joined."""
    result: list[str] = []
    for line in text.splitlines():
        if not line.strip() or line[0] in "cC*!":
            continue
        code = line.split("!")[0].rstrip()
        if len(code) > 5 and code[:5].strip() == "" and code[5] not in " 0":
            if result:
                result[-1] += code[6:].strip()
        else:
            result.append(code.strip())
    return result


def model_parameters(coupl_inc: str) -> tuple[str, ...]:
    """Names in the COMMON blocks of masses, widths and couplings of ``coupl.inc``."""
    names: list[str] = []
    for statement in statements(coupl_inc):
        if match := _COMMON.match(statement):
            names += [name.strip().upper() for name in match[2].split(",") if name.strip()]
    return tuple(names)


def smatrix_forms(folder: Path) -> dict[str, int]:
    """i of each SMATRIX<i> that DSIG<i> calls, and its number of arguments."""
    forms: dict[str, int] = {}
    for path in sorted(folder.glob("matrix*.f")):
        if "_optim" in path.name:
            continue
        match = _SMATRIX.search(path.read_text(errors="replace"))
        if match:
            arguments = re.sub(r"\n\s{5}\S", "", match[2])
            forms[match[1]] = len(arguments.split(","))
    return forms


def _included(path: Path) -> set[str]:
    """Base names of the files that `path` includes itself."""
    names = re.findall(r"^\s+include\s*'([^']*)'", path.read_text(errors="replace"), re.I | re.M)
    return {Path(name).name for name in names}


def _colors_follow_graph(folder: Path) -> bool:
    """True if SELECT_COLOR takes IGRAPHS(1) or, where that is 0, VEC_IGRAPH, and changes neither."""
    taken = {
        match[1]
        for statement in statements((folder / "auto_dsig.f").read_text(errors="replace"))
        if (match := _COLOR_CONFIG.fullmatch(re.sub(r"\s", "", statement.upper())))
    }
    return taken == {"ICONFIG", "IGRAPHS(1)", "VEC_IGRAPH(IVEC)"}


def _has_known_density(pdf: Path) -> bool:
    """True if each PDG2PDF that can be linked takes the five arguments the seam knows."""
    paths = sorted(pdf.glob("pdg2pdf*.f"))
    return bool(paths) and all(_DENSITY.search(path.read_text(errors="replace")) for path in paths)


def _fill(template: str, parts: dict[str, str]) -> str:
    for name, text in parts.items():
        template = template.replace(f"@{name}@", text.rstrip("\n"))
    return template


def _parameter_lines(names: tuple[str, ...]) -> str:
    lines = []
    for name in names:
        lines.append(f"      call meb_directory_range('{name}',")
        lines.append(f"     $   loc({name}), sizeof({name}), 5)")
        # What the matrix element reads: the couplings change from event to event.
        if not name.startswith("MDL_"):
            lines.append(f"      call meb_directory_range('', loc({name}),")
            lines.append(f"     $   sizeof({name}), 2)")
    return "\n".join(lines)


def _matrix_wrap(index: str, number: int, late: bool) -> str:
    if late:
        arguments = "p, rhel, rcol, channel, ivec, ans, ihel, icol"
        declarations = (
            "      double precision p(0:3,*), rhel, rcol, ans\n"
            "      integer channel, ivec, ihel, icol\n"
        )
        target = "meb_seam_late_matrix"
    else:
        arguments = "p, ans"
        declarations = "      double precision p(0:3,*), ans\n"
        target = "meb_seam_matrix"
    return (
        f"      subroutine meb_wrap_smatrix{index}({arguments})\n"
        f"     $   bind(C, name='__wrap_smatrix{index}_')\n"
        "      implicit none\n"
        f"{declarations}"
        "      interface\n"
        f"        subroutine real_smatrix() bind(C, name='__real_smatrix{index}_')\n"
        "        end subroutine\n"
        "      end interface\n"
        f"      call {target}({number}, loc(real_smatrix),\n"
        f"     $   {arguments})\n"
        "      end\n"
    )


def _dsig_wrap(index: str) -> str:
    return (
        f"      double precision function meb_wrap_dsig{index}(p, wgt, imode)\n"
        f"     $   bind(C, name='__wrap_dsig{index}_')\n"
        "      implicit none\n"
        "      double precision p(*), wgt, meb_seam_dsig_of\n"
        "      integer imode\n"
        "      external meb_seam_dsig_of\n"
        "      interface\n"
        f"        subroutine real_dsig() bind(C, name='__real_dsig{index}_')\n"
        "        end subroutine\n"
        "      end interface\n"
        f"      meb_wrap_dsig{index} = meb_seam_dsig_of(loc(real_dsig), p,\n"
        "     $   wgt, imode)\n"
        "      end\n"
    )


def _fake_width_declarations(widths: Mapping[str, str]) -> str:
    """Variables for the widths that the matrix elements use in place of small ones."""
    return "\n".join(
        f"      double precision FK_{width}\n      save FK_{width}" for width in sorted(widths)
    )


def _fake_width_lines(widths: Mapping[str, str]) -> str:
    """The rule of the generated MATRIX<i>: at least small_width_treatment times the mass."""
    lines = []
    for width, mass in sorted(widths.items()):
        lines.append(f"      FK_{width} = 0d0")
        lines.append(f"      if ({width}.ne.0d0) FK_{width} = sign(max(abs({width}),")
        lines.append(f"     $   abs({mass}*small_width_treatment)), {width})")
        lines.append(f"      call meb_directory_range('FK_{width}',")
        lines.append(f"     $   loc(FK_{width}), sizeof(FK_{width}), 5)")
    return "\n".join(lines)


_PASSCUTS_INTERFACE = """\
        subroutine real_passcuts() bind(C, name='__real_passcuts_')
        end subroutine
"""

_PASSCUTS_WRAP = """
      logical function meb_wrap_passcuts(p, vecsize_used)
     $   bind(C, name='__wrap_passcuts_')
      implicit none
      double precision p(*)
      integer vecsize_used
      logical meb_seam_passcuts
      external meb_seam_passcuts
      call meb_directory_setup()
      meb_wrap_passcuts = meb_seam_passcuts(p, vecsize_used)
      end
"""

_DENSITY_WRAP = """
      double precision function meb_wrap_density(ih, ipdg, ibeam, x, q)
     $   bind(C, name='__wrap_pdg2pdf_')
      implicit none
      integer ih, ipdg, ibeam
      double precision x, q, meb_seam_density
      external meb_seam_density
      interface
#if MEBRIDGE_GLUE && MEBRIDGE_GLUE_PDF
        subroutine real_density() bind(C, name='meb_glue_pdg2pdf_')
#else
        subroutine real_density() bind(C, name='__real_pdg2pdf_')
#endif
        end subroutine
      end interface
      call meb_directory_setup()
      meb_wrap_density = meb_seam_density(loc(real_density), ih, ipdg,
     $   ibeam, x, q)
      end
"""

_XRAN1_INTERFACE = """\
        subroutine real_xran1() bind(C, name='__real_xran1_')
        end subroutine
"""

_XRAN1_RANGE = """\
      call meb_directory_range('XRAN1', loc(real_xran1), one, 0)
"""

_XRAN1_WRAP = """
      real function meb_wrap_xran1(idum)
     $   bind(C, name='__wrap_xran1_')
      implicit none
      integer idum
      real meb_seam_xran1
      external meb_seam_xran1
      call meb_directory_setup()
      meb_wrap_xran1 = meb_seam_xran1(idum)
      end
"""

_OUTPUT_EARLY = """\
c     What the matrix element leaves for the event's record.
      subroutine meb_directory_output()
      implicit none
      include 'maxamps.inc'
      double precision amp2(maxamps), jamp2(0:maxflow)
      common /to_amps/ amp2, jamp2
      character*101 hel_buff
      common /to_helicity/ hel_buff
      call meb_directory_range('AMP2', loc(amp2), sizeof(amp2), 3)
      call meb_directory_range('JAMP2', loc(jamp2), sizeof(jamp2), 3)
      call meb_directory_range('HEL_BUFF', loc(hel_buff),
     $   sizeof(hel_buff), 3)
      end
"""

_OUTPUT_LATE = """\
      subroutine meb_directory_output()
      end
"""

_EVENT_LATE = """\
      call meb_directory_range('', loc(all_g), sizeof(all_g), 2)
      call meb_directory_range('', loc(all_mu_r), sizeof(all_mu_r), 2)
"""

_KEPT_GRAPH = """\
      call meb_directory_range('VEC_IGRAPH', loc(vec_igraph),
     $   sizeof(vec_igraph), 2)
"""

_COLOR_GRAPH = """\
      call meb_directory_range('GRAPH', loc(igraphs(1)),
     $   sizeof(igraphs(1)), 0)
"""


def _clustering_late(folder: Folder) -> str:
    kept = _KEPT_GRAPH if folder.keeps_graph else ""
    # The library takes colours from the clustering only where it is told of GRAPH.
    return kept + (_COLOR_GRAPH if folder.keeps_graph and folder.colors_follow_graph else "")


def accessor(template: str, folder: Folder) -> str:
    """The accessor's text for one folder."""
    late = folder.late
    numbers = [int(index) if index else 1 for index in folder.matrices]
    matrices = [
        _matrix_wrap(index, number, late)
        for index, number in zip(folder.matrices, numbers, strict=True)
    ]
    dsigs = [_dsig_wrap(index) for index in folder.matrices if index != UNGROUPED]
    return _fill(
        template,
        {
            "passcuts_interface": _PASSCUTS_INTERFACE if late else "",
            "loop_cuts": "PASSCUTS" if late else "PASS_POINT",
            "loop_cuts_procedure": "real_passcuts" if late else "pass_point",
            "n_matrix": str(max(numbers)),
            "fake_width_declarations": _fake_width_declarations(folder.fake_widths),
            "fake_widths": _fake_width_lines(folder.fake_widths),
            "late": "1" if late else "0",
            "vector_include": "      include 'vector.inc'" if late else "",
            "cluster_includes": "\n".join(
                f"      include '{name}'" for name in folder.cluster_includes
            ),
            "event_late": _EVENT_LATE if late else "",
            "output": _OUTPUT_LATE if late else _OUTPUT_EARLY,
            "clustering_late": _clustering_late(folder) if late else "",
            "parameters": _parameter_lines(folder.parameters),
            "passcuts_wrap": _PASSCUTS_WRAP if late else "",
            "density_wrap": _DENSITY_WRAP if folder.wraps_density else "",
            "is_grouped": ".true." if folder.is_grouped else ".false.",
            "xran1_interface": "" if folder.is_grouped else _XRAN1_INTERFACE,
            "xran1_range": "" if folder.is_grouped else _XRAN1_RANGE,
            "xran1_wrap": "" if folder.is_grouped else _XRAN1_WRAP,
            "matrices": "\n".join(matrices + dsigs),
        },
    )


def wrapped_symbols(folder: Folder) -> tuple[str, ...]:
    """Symbols the linker redirects in this folder's madevent."""
    symbols = ["x_to_f_arg_", "dsig_"]
    if folder.late:
        symbols.append("passcuts_")
    if folder.wraps_density:
        symbols.append("pdg2pdf_")
    if not folder.is_grouped:
        symbols.append("xran1_")
    symbols += [f"smatrix{index}_" for index in folder.matrices]
    symbols += [f"dsig{index}_" for index in folder.matrices if index != UNGROUPED]
    return tuple(symbols)


def read_folder(folder: Path) -> Folder:
    """What the accessor of `folder` depends on.

    Raises
    ------
    ValueError
        if SMATRIX is in none of the known forms.
    """
    forms = smatrix_forms(folder)
    counts = set(forms.values())
    if not forms or counts - {2, 8} or len(counts) != 1:
        raise ValueError(f"{folder}: SMATRIX has {sorted(counts)} arguments: unknown form")
    present = _included(folder / "cluster.inc")
    matrices = tuple(sorted(forms, key=lambda index: int(index or 0)))
    return Folder(
        name=folder.name,
        matrices=matrices,
        late=counts == {8},
        parameters=model_parameters((folder / "coupl.inc").read_text(errors="replace")),
        cluster_includes=tuple(name for name in _CLUSTER_NEEDS if name not in present),
        wraps_density=_has_known_density(folder.parent.parent / "Source" / "PDF"),
        keeps_graph="vec_igraph" in (folder / "cluster.inc").read_text(errors="replace").lower(),
        colors_follow_graph=_colors_follow_graph(folder),
    )
