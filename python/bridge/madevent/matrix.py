"""A matrix file (matrix<i>_orig.f, matrix<i>.f or matrix.f) to a `Process`.

Every statement of SMATRIX and MATRIX is either understood or refused with its place: data
are parsed here, boilerplate is recognised by `bridge.madevent.forms`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.lorentz import Routine
from bridge.madevent import declarations, forms
from bridge.madevent.aloha import RoutineLibrary
from bridge.madevent.calls import Calls, Names
from bridge.madevent.color import read_amp2, read_color_matrix, read_integers, read_jamps
from bridge.madevent.declarations import Declarations
from bridge.madevent.error import ReadError
from bridge.madevent.fixed_form import Statement, Unit, digest, statements, units
from bridge.madevent.polarisation import take_out_polarisation
from bridge.madevent.unit_reader import UnitReader
from bridge.madevent.widths import take_out_fake_widths
from bridge.process import Leg, Process

_PROCESS = re.compile(r"^[cC*!]\s+Process:\s*(?P<name>.+?)\s*$", re.MULTILINE)
_PROCESS_TAIL = re.compile(r"\s+(?:[A-Z]\w*(?:\^2)?\s*(?:<=|==|=|>).*|@\d+.*)$")
_CHOSEN = "CHOSEN_SO_CONFIGS("
_JAMP_LINE = re.compile(r"(?:TMP_)?JAMP\(\d")

_SMATRIX_DATA = frozenset({"NHEL", "IDEN"})
_MATRIX_DATA = frozenset({"CF", "DENOM", "CHOSEN_SO_CONFIGS"})
_TYPES = {
    "AMP": "COMPLEX*16",
    "JAMP": "COMPLEX*16",
    "W": "COMPLEX*16",
    "ZTEMP": "COMPLEX*16",
    "TMP_JAMP": "COMPLEX*16",
}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a matrix file needs from the other files of its directory.

    `pdg_ids`, `config_diagrams` and `config_flows` are those of this subprocess;
    `config_flows` is bool (n_config, n_flow).
    """

    n_incoming: int
    n_external: int
    pdg_ids: tuple[int, ...]
    config_diagrams: tuple[int, ...]
    config_flows: NDArray[np.bool_]
    masses: frozenset[str]
    couplings: frozenset[str]
    running_couplings: frozenset[str]


def read_matrix(
    text: str,
    file: Path,
    number: int | None,
    surroundings: Surroundings,
    library: RoutineLibrary,
    known: forms.Forms | None = None,
) -> Process:
    """Process of the matrix file `text`; `number` is None for an ungrouped matrix.f.

    Raises ReadError, with file, line and text, at the first thing not understood.
    """
    suffix = "" if number is None else str(number)
    known = forms.known_forms() if known is None else known
    source = statements(text, file)
    found = {unit.name: unit for unit in units(source, file)}
    reader = _Reader(file, suffix, surroundings, library, known, found)
    return reader.process(_name(text), digest(source))


def _name(text: str) -> str:
    """The process as MG5_aMC's heading writes it, without orders and number."""
    match = _PROCESS.search(text)
    return _PROCESS_TAIL.sub("", match["name"]) if match else ""


@dataclass(frozen=True, slots=True)
class _Matrix:
    """What MATRIX holds, not yet put together."""

    calls: Calls
    fake_widths: Mapping[str, str]
    jamp_lines: Sequence[Statement]
    amp2_lines: Sequence[Statement]
    declared: Declarations
    has_chosen_orders: bool


class _Reader(UnitReader):
    """One matrix file."""

    def __init__(
        self,
        file: Path,
        number: str,
        surroundings: Surroundings,
        library: RoutineLibrary,
        known: forms.Forms,
        found: Mapping[str, Unit],
    ) -> None:
        super().__init__(file, number, known, found)
        self._around = surroundings
        self._library = library

    def process(self, name: str, source_digest: str) -> Process:
        """Everything, put together."""
        smatrix, polarised = self._smatrix()
        matrix = self._matrix()
        n_amplitude = self.integer(matrix.declared, "NGRAPHS")
        n_flow = self.integer(matrix.declared, "NCOLOR")
        n_order = self.integer(matrix.declared, "NAMPSO")
        self._check_amplitudes(matrix.calls, n_amplitude)
        running = self._around.running_couplings & self._used_couplings(matrix.calls)
        return Process(
            name=name,
            legs=self._legs(matrix.calls),
            helicities=self._helicities(smatrix),
            waves=tuple(matrix.calls.waves),
            amplitudes=tuple(matrix.calls.amplitudes[n] for n in range(1, n_amplitude + 1)),
            routines=dict(matrix.calls.routines),
            running_couplings=frozenset(running),
            n_flow=n_flow,
            n_split_order=n_order,
            jamp=read_jamps(matrix.jamp_lines, n_flow, n_order, n_amplitude, self.file),
            color_matrix=read_color_matrix(matrix.declared, n_flow, self.file),
            chosen_orders=self._chosen_orders(matrix, n_order),
            amp2=read_amp2(matrix.amp2_lines, n_amplitude, self.file),
            config_diagrams=self._around.config_diagrams,
            config_flows=self._config_flows(n_flow),
            averaging_factor=int(read_integers(smatrix, "IDEN", (1,), self.file)[0]),
            fake_widths=matrix.fake_widths,
            polarised_legs=polarised,
            digest=self._digest(source_digest, matrix.calls.routines),
        )

    def _smatrix(self) -> tuple[Declarations, tuple[int, ...]]:
        """Declarations of SMATRIX, checked, and its polarised legs."""
        unit, declared, executable = self.split("SMATRIX", _SMATRIX_DATA)
        executable, polarised = take_out_polarisation(executable, self._around.n_incoming)
        self.recognise(executable, unit, "smatrix")
        matrix = declarations.split(self.unit("MATRIX"), self.file)[0]
        self.check_flow_count(executable, self.integer(matrix, "NCOLOR"))
        return declared, polarised

    def _matrix(self) -> _Matrix:
        unit, declared, executable = self.split("MATRIX", _MATRIX_DATA)
        self._check_types(declared, unit)
        executable, fake_widths = take_out_fake_widths(executable, self.file)
        self.recognise(executable, unit, "matrix")
        names = Names(self._around.masses, self._around.couplings, _widths(fake_widths))
        calls = Calls(self.file, names, self._library.__getitem__)
        for statement in executable:
            if statement.text.startswith("CALL"):
                calls.add(statement)
        return _Matrix(
            calls=calls,
            fake_widths={width: mass for width, mass in fake_widths.values() if width and mass},
            jamp_lines=[line for line in executable if _JAMP_LINE.match(line.text)],
            amp2_lines=[line for line in executable if line.text.startswith("AMP2(")],
            declared=declared,
            has_chosen_orders=any(_CHOSEN in statement.text for statement in executable),
        )

    def _check_types(self, declared: Declarations, unit: Unit) -> None:
        for name, wanted in _TYPES.items():
            found = declared.types.get(name, (wanted, ""))[0]
            if found != wanted:
                raise ReadError(f"{name} is {found}", self.file, unit.heading.line)

    def _check_amplitudes(self, calls: Calls, n_amplitude: int) -> None:
        if sorted(calls.amplitudes) != list(range(1, n_amplitude + 1)):
            raise ReadError("calls do not set every AMP once", self.file)

    def _used_couplings(self, calls: Calls) -> set[str]:
        vertices = [*calls.waves, *calls.amplitudes.values()]
        return {item.name for vertex in vertices for item in getattr(vertex, "couplings", ())}

    def _legs(self, calls: Calls) -> tuple[Leg, ...]:
        n_external = self._around.n_external
        if sorted(calls.externals) != list(range(1, n_external + 1)):
            raise ReadError("calls do not make every external leg", self.file)
        if len(self._around.pdg_ids) != n_external:
            raise ReadError("leshouche.inc has another number of legs", self.file)
        return tuple(
            Leg(pdg_id, leg < self._around.n_incoming, self._leg_mass(calls, leg))
            for leg, pdg_id in enumerate(self._around.pdg_ids)
        )

    def _leg_mass(self, calls: Calls, leg: int) -> str | None:
        return calls.waves[calls.externals[leg + 1]].mass

    def _helicities(self, smatrix: Declarations) -> NDArray[np.int8]:
        shape = (self._around.n_external, self.integer(smatrix, "NCOMB"))
        table = read_integers(smatrix, "NHEL", shape, self.file).T
        if not np.isin(table, (-1, 0, 1)).all():
            raise ReadError("helicity other than -1, 0, 1", self.file)
        return np.ascontiguousarray(table, dtype=np.int8)

    def _config_flows(self, n_flow: int) -> NDArray[np.bool_]:
        flows = self._around.config_flows
        if flows.shape[1] < n_flow:
            raise ReadError("coloramps.inc has too few flows", self.file)
        return np.ascontiguousarray(flows[:, :n_flow])

    def _chosen_orders(self, matrix: _Matrix, n_order: int) -> NDArray[np.bool_]:
        """(M, N) pairs whose squared order is chosen; all where MATRIX does not ask."""
        if not matrix.has_chosen_orders:
            if n_order > 1 and not all(self.chosen_flags(matrix.declared)):
                raise ReadError("squared orders chosen but not asked for", self.file)
            return np.ones((n_order, n_order), dtype=np.bool_)
        amplitude_orders, squared_orders = self._order_tables(n_order)
        chosen = self.chosen_flags(matrix.declared)
        index = {tuple(row): bool(chosen[n]) for n, row in enumerate(squared_orders.tolist())}
        pairs = amplitude_orders[:, None] + amplitude_orders[None, :]
        try:
            flags = [[index[tuple(pair)] for pair in row] for row in pairs.tolist()]
        except KeyError:
            raise ReadError("squared order without number", self.file) from None
        return np.array(flags, dtype=np.bool_)

    def _order_tables(self, n_order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        tables: list[NDArray[np.int64]] = []
        for name, table, extent in (
            ("SQSOINDEX", "AMPSPLITORDERS", "NAMPSO"),
            ("SOINDEX_FOR_SQUARED_ORDERS", "SQSPLITORDERS", "NSQSO"),
        ):
            unit, declared, executable = self.split(name, frozenset({table}))
            self.recognise(executable, unit, name.lower())
            shape = (self.integer(declared, extent), self.integer(declared, "NSO"))
            tables.append(read_integers(declared, table, shape, self.file))
        if tables[0].shape[0] != n_order:
            raise ReadError("AMPSPLITORDERS has another number of orders", self.file)
        return tables[0], tables[1]

    def _digest(self, source: str, routines: Mapping[str, Routine]) -> str:
        """Everything the Process depends on: sources, routines, maps."""
        whole = hashlib.sha256(source.encode())
        for name in sorted(routines):
            whole.update(f"{name} {routines[name].digest}\n".encode())
        around = self._around
        maps = (around.pdg_ids, around.config_diagrams, around.config_flows.tolist())
        whole.update(repr((maps, sorted(around.running_couplings))).encode())
        return whole.hexdigest()


def _widths(fake_widths: Mapping[str, tuple[str | None, str | None]]) -> dict[str, str | None]:
    return {name: width for name, (width, _) in fake_widths.items()}
