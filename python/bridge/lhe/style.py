"""How numbers are printed. Each style reproduces the bytes of the program it is named after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from bridge.lhe.model import Event, Init
from bridge.lhe.numbers import integral, scientific

_PARSER_HEADER = "%2d %6d %+13.7e %14.8e %14.8e %14.8e\n"
_PARSER_ROW = " %8d %2d %4d %4d %4d %4d %+13.10e %+13.10e %+13.10e %14.10e %14.10e %10.4e %10.4e\n"
_EXACT_HEADER = "%2d %6d %+.16e %.16e %.16e %.16e\n"
_EXACT_ROW = " %8d %2d %4d %4d %4d %4d %+.16e %+.16e %+.16e %.16e %.16e %.16e %.9g\n"


@dataclass(frozen=True, slots=True)
class Style:
    """`header` prints the line after `<event>`, `particles` one line for each particle."""

    name: str
    header: Callable[[Event], str]
    particles: Callable[[Event], str]

    def text(self, event: Event) -> str:
        """The event from `before` to `</event>` and the line's end."""
        return (
            f"{event.before}<event{event.attributes}>\n{self.header(event)}{self.particles(event)}"
            f"{event.extra}</event>\n"
        )


def _header_numbers(event: Event) -> tuple[Any, ...]:
    return (
        len(event.particles),
        event.process_id,
        event.weight,
        event.scale,
        event.alpha_em,
        event.alpha_s,
    )


def _rows(event: Event) -> Iterable[tuple[Any, ...]]:
    """The numbers of each particle in the file's order."""
    for pdg_id, status, mother, color, momentum, *rest in event.particles.tolist():
        energy, *spatial = momentum
        yield (pdg_id, status, *mother, *color, *spatial, energy, *rest)


def _c_header(template: str) -> Callable[[Event], str]:
    return lambda event: template % _header_numbers(event)


def _c_particles(template: str) -> Callable[[Event], str]:
    def particles(event: Event) -> str:
        return "".join([template % row for row in _rows(event)])

    return particles


def _fortran_header(event: Event) -> str:
    n_particle, process_id, weight, *others = _header_numbers(event)
    reals = "".join([f"{scientific(value, 7):>15}" for value in others])
    return f"{n_particle:2d}{process_id:5d}{scientific(weight, 7, 3):>16}{reals}\n"


def _fortran_row(row: tuple[Any, ...]) -> str:
    integers = f"{row[0]:11d}" + "".join([f"{number:5d}" for number in row[1:6]])
    reals = "".join([f"{scientific(value, 11):>19}" for value in row[6:11]])
    return f"{integers}{reals}{integral(row[11], 3)}{integral(row[12], 4)}\n"


def _fortran_particles(event: Event) -> str:
    return "".join([_fortran_row(row) for row in _rows(event)])


def _stripped_header(event: Event) -> str:
    n_particle, process_id, weight, *others = _header_numbers(event)
    reals = " ".join([scientific(value, 7) for value in others])
    return f"{n_particle} {process_id} {weight:+13.7e} {reals}\n"


def _stripped_particles(event: Event) -> str:
    return "".join([_fortran_row(row).lstrip(" ") for row in _rows(event)])


MADGRAPH = Style("madgraph", _c_header(_PARSER_HEADER), _c_particles(_PARSER_ROW))
"""lhe_parser.py up to MG5_aMC 3.6: the unweighted events of a run and of a gridpack."""

STRIPPED = Style("stripped", _stripped_header, _stripped_particles)
"""Unweighted events of MG5_aMC 3.7: Fortran's lines without the leading blanks, a new weight."""

FORTRAN = Style("fortran", _fortran_header, _fortran_particles)
"""rw_events.f of all versions: events.lhe of a single job. Whole lifetimes and helicities only."""

EXACT = Style("exact", _c_header(_EXACT_HEADER), _c_particles(_EXACT_ROW))
"""17 significant digits: reading gives back the same doubles."""

STYLES = {style.name: style for style in (MADGRAPH, STRIPPED, FORTRAN, EXACT)}


def detect(event: Event, text: str) -> Style | None:
    """The style in which `event` prints as `text`, None if there is none."""
    for style in STYLES.values():
        try:
            if style.text(event) == text:
                return style
        except ValueError:  # a number this style cannot hold
            continue
    return None


def init_text(init: Init) -> str:
    """The block `<init>` as MG5_aMC writes it."""
    integers = (*init.pdf_group, *init.pdf_set, init.weight_strategy, len(init.subprocesses))
    beams = f"{init.beam_pdg_id[0]} {init.beam_pdg_id[1]} {init.beam_energy[0]:e} {init.beam_energy[1]:e}"
    lines = [
        f"{item.cross_section:e} {item.error:e} {item.max_weight:e} {item.process_id}\n"
        for item in init.subprocesses
    ]
    return f"<init>\n{beams} {' '.join(map(str, integers))}\n{''.join(lines)}{init.extra}</init>\n"
