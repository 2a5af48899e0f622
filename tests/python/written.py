"""Fortran that `bridge.writer` made, read back: what several tests need."""

from __future__ import annotations

from pathlib import Path

from bridge import generator
from bridge.madevent.aloha import RoutineLibrary
from bridge.madevent.matrix import Surroundings, read_matrix
from bridge.process import Process
from bridge.validate.oracle.written import sources
from bridge.writer.matrix import Dialect, matrix_source
from bridge.writer.routines import routine_sources

DIALECTS: tuple[Dialect, ...] = ("scalar", "vector")

#: massless and massive legs of each spin, vertices of three and four, several flows, split orders
REQUESTS = (
    "e+ e- > mu+ mu-",
    "g g > t t~",
    "g g > t t~ g",
    "g g > t t~ g g",
    "g g > g g g",
    "u u > u u g",
    "u d~ > e+ ve g",
    "e+ e- > w+ w-",
    "g g > t t~ h",
    "u b > d t QCD=0",
    "u u~ > u u~ QED^2==2",
    "u u > u u QED^2==2",
    "b b~ > z h",
)


def one(text: str) -> generator.Generated:
    """The only matrix element of a request."""
    (made,) = generator.generate(text)
    return made


def read_back(process: Process, dialect: Dialect, number: int = 1) -> Process:
    """What the reader makes of the writer's text."""
    library = RoutineLibrary.from_text(
        "".join(
            text for name, text in routine_sources([process]).items() if name not in ("aloha_functions.f", "makefile")
        )
    )
    calls = (*process.waves, *process.amplitudes)
    around = Surroundings(
        n_incoming=sum(leg.incoming for leg in process.legs),
        n_external=len(process.legs),
        pdg_ids=tuple(leg.pdg_id for leg in process.legs),
        config_diagrams=process.config_diagrams,
        config_flows=process.config_flows,
        masses=frozenset(w.mass for w in process.waves if w.mass is not None),
        couplings=frozenset(c.name for call in calls for c in getattr(call, "couplings", ())),
        running_couplings=process.running_couplings,
    )
    path = Path(f"matrix{number}.f")
    return read_matrix(matrix_source(process, number, dialect), path, number, around, library)


def text_of_all(made: generator.Generated, dialect: Dialect) -> dict[str, str]:
    """File name -> text of what is compiled for one matrix element, in one folder."""
    texts = {name: text for name, text in sources(made, dialect).items() if name.endswith((".f", ".inc"))}
    return {**texts, "param_read.inc": ""}
