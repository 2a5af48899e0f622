"""The .inc files of a process directory, and the model's couplings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bridge.madevent.declarations import Data, Declarations, read
from bridge.madevent.error import ReadError
from bridge.madevent.fixed_form import Statement, read_source, statements, units

_MAPCONFIG = re.compile(r"DATAMAPCONFIG\((?P<config>\d+)\)/(?P<diagram>\d+)/$")
_COMMON = re.compile(r"COMMON/(?P<block>\w+)/(?P<names>[\w,]+)$")
_UPDATE_CALL = re.compile(r"CALL(?P<name>COUP\d+)\((?:VECID)?\)$")
_ASSIGNED = re.compile(r"(?P<name>[A-Z]\w*)(?:\(VECID\))?=")
_VECTOR_EXTENT = "VECSIZE_MEMMAX"


@dataclass(frozen=True, slots=True)
class Model:
    """Parameters of Source/MODEL by role, in the order of their COMMON blocks.

    `vector_couplings` are arrays over events (3.6 on); `running` change with alpha_s.
    """

    masses: tuple[str, ...]
    widths: tuple[str, ...]
    couplings: tuple[str, ...]
    vector_couplings: frozenset[str]
    running: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class Subprocesses:
    """The include files of one P directory; lists go over its subprocesses.

    `pdg_ids[iproc]` holds one tuple for each flavour (IPSEL) of a subprocess;
    `config_diagrams` (n_config,) each; `config_flows` bool (n_config, MAXFLOW) each.
    """

    n_external: int
    n_incoming: int
    pdg_ids: tuple[tuple[tuple[int, ...], ...], ...]
    mirror: tuple[bool, ...]
    config_diagrams: tuple[tuple[int, ...], ...]
    config_flows: tuple[NDArray[np.bool_], ...]


def read_include(path: Path) -> Declarations:
    """Declarations of an include file. Raises ReadError."""
    return read(statements(read_source(path), path), path)


def integer_parameter(path: Path, name: str) -> int:
    """PARAMETER `name` of an include file. Raises ReadError."""
    try:
        return read_include(path).integer(name)
    except (KeyError, ValueError):
        raise ReadError(f"no PARAMETER {name}", path) from None


def read_model(directory: Path) -> Model:
    """Reads coupl.inc and couplings*.f in Source/MODEL. Raises ReadError."""
    path = directory / "coupl.inc"
    source = statements(read_source(path), path)
    declared = read(source, path)
    blocks = _common_blocks(source)
    if "COUPLINGS" not in blocks:
        raise ReadError("no COMMON/COUPLINGS/", path)
    couplings = blocks["COUPLINGS"]
    vector = frozenset(name for name in couplings if declared.types.get(name, ("", ""))[1] == _VECTOR_EXTENT)
    running = _running_couplings(directory) & set(couplings)
    if vector and vector != running:
        raise ReadError(f"couplings of each event: {sorted(vector ^ running)} differ", path)
    return Model(
        masses=blocks.get("MASSES", ()),
        widths=blocks.get("WIDTHS", ()),
        couplings=couplings,
        vector_couplings=vector,
        running=frozenset(running),
    )


def _common_blocks(source: Iterable[Statement]) -> dict[str, tuple[str, ...]]:
    blocks: dict[str, tuple[str, ...]] = {}
    for statement in source:
        if match := _COMMON.match(statement.text):
            names = tuple(match["names"].split(","))
            blocks[match["block"]] = blocks.get(match["block"], ()) + names
    return blocks


def _running_couplings(directory: Path) -> set[str]:
    """Names assigned by the COUPn that UPDATE_AS_PARAM calls."""
    found = {
        unit.name: (path, unit)
        for path in sorted(directory.glob("couplings*.f"))
        for unit in units(statements(read_source(path), path), path)
    }
    if "UPDATE_AS_PARAM" not in found:
        raise ReadError("no UPDATE_AS_PARAM", directory / "couplings.f")
    names: set[str] = set()
    for statement in found["UPDATE_AS_PARAM"][1].statements:
        match = _UPDATE_CALL.match(statement.text)
        if match is None:
            continue
        if match["name"] not in found:
            raise ReadError(f"no {match['name']}", directory / "couplings.f")
        called = found[match["name"]][1].statements
        names |= {m["name"] for s in called if (m := _ASSIGNED.match(s.text))}
    return names


def read_subprocesses(directory: Path, n_subprocess: int, is_grouped: bool) -> Subprocesses:
    """Reads the include files of one P directory. Raises ReadError."""
    n_external = integer_parameter(directory / "nexternal.inc", "NEXTERNAL")
    diagrams = _grouped_configs(directory, n_subprocess) if is_grouped else _ungrouped_configs(directory)
    return Subprocesses(
        n_external=n_external,
        n_incoming=integer_parameter(directory / "nexternal.inc", "NINCOMING"),
        pdg_ids=_pdg_ids(directory / "leshouche.inc", n_external, n_subprocess),
        mirror=_mirror(directory / "mirrorprocs.inc", n_subprocess) if is_grouped else (False,),
        config_diagrams=diagrams,
        config_flows=_config_flows(directory / "coloramps.inc", diagrams, is_grouped),
    )


def _grouped_configs(directory: Path, n_subprocess: int) -> tuple[tuple[int, ...], ...]:
    """CONFSUB, transposed: for each subprocess the diagram of each config."""
    path = directory / "config_subproc_map.inc"
    table: dict[tuple[int, ...], int] = {}
    for data in _known(read_include(path), path, "CONFSUB"):
        table |= _integers(data, 2, path)
    n_config = max((index[1] for index in table), default=0)
    if any(not 1 <= index[0] <= n_subprocess for index in table):
        raise ReadError("CONFSUB has more subprocesses than there are matrix files", path)
    return tuple(
        tuple(table.get((number, config), 0) for config in range(1, n_config + 1))
        for number in range(1, n_subprocess + 1)
    )


def _ungrouped_configs(directory: Path) -> tuple[tuple[int, ...], ...]:
    """MAPCONFIG of configs.inc: the diagram of each config."""
    path = directory / "configs.inc"
    table: dict[int, int] = {}
    for statement in statements(read_source(path), path):
        if match := _MAPCONFIG.match(statement.text):
            table[int(match["config"])] = int(match["diagram"])
    n_config = table.pop(0, len(table))
    if sorted(table) != list(range(1, n_config + 1)):
        raise ReadError("MAPCONFIG is not complete", path)
    return (tuple(table[config] for config in range(1, n_config + 1)),)


def _pdg_ids(path: Path, n_external: int, n_subprocess: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """IDUP(leg, ipsel, iproc)."""
    table: dict[tuple[int, ...], int] = {}
    for data in read_include(path).of("IDUP"):
        table |= _integers(data, 3, path)
    found: list[tuple[tuple[int, ...], ...]] = []
    for number in range(1, n_subprocess + 1):
        n_flavor = max((index[1] for index in table if index[2] == number), default=0)
        try:
            ids = tuple(
                tuple(table[leg, flavor, number] for leg in range(1, n_external + 1))
                for flavor in range(1, n_flavor + 1)
            )
        except KeyError as error:
            raise ReadError(f"no IDUP{error.args[0]}", path) from None
        if not ids:
            raise ReadError(f"no IDUP of subprocess {number}", path)
        found.append(ids)
    return tuple(found)


def _mirror(path: Path, n_subprocess: int) -> tuple[bool, ...]:
    table: dict[tuple[int, ...], bool] = {}
    for data in _known(read_include(path), path, "MIRRORPROCS"):
        table |= _logicals(data, 1, path)
    return tuple(table.get((number,), False) for number in range(1, n_subprocess + 1))


def _config_flows(
    path: Path, diagrams: tuple[tuple[int, ...], ...], is_grouped: bool
) -> tuple[NDArray[np.bool_], ...]:
    """ICOLAMP(flow, config, iproc), bool (n_config, n_flow) for each subprocess.

    Ungrouped directories count diagrams where grouped ones count configs. What is not set is
    false.
    """
    declared = read_include(path)
    table: dict[tuple[int, ...], bool] = {}
    for data in _known(declared, path, "ICOLAMP"):
        table |= _logicals(data, 3, path)
    n_flow, n_column, n_subprocess = _extents(declared, path)
    flows = np.zeros((n_subprocess, n_column, n_flow), dtype=np.bool_)
    for (flow, column, number), value in table.items():
        if not (1 <= flow <= n_flow and 1 <= column <= n_column and 1 <= number <= n_subprocess):
            raise ReadError(f"ICOLAMP({flow},{column},{number}) out of bounds", path)
        flows[number - 1, column - 1, flow - 1] = value
    n_config = len(diagrams[0])
    columns = range(n_config) if is_grouped else [diagram - 1 for diagram in diagrams[0]]
    if len(diagrams) > n_subprocess or any(not 0 <= column < n_column for column in columns):
        raise ReadError("ICOLAMP has fewer configs than there are", path)
    return tuple(flows[number][list(columns)] for number in range(len(diagrams)))


def _extents(declared: Declarations, path: Path) -> tuple[int, int, int]:
    """Flows, configs and subprocesses that LOGICAL ICOLAMP declares."""
    text = declared.types.get("ICOLAMP", ("", ""))[1]
    match = re.fullmatch(r"(\d+),(\d+),(\d+)", text)
    if match is None:
        raise ReadError("no LOGICAL ICOLAMP", path)
    return int(match[1]), int(match[2]), int(match[3])


def _known(declared: Declarations, path: Path, name: str) -> Iterable[Data]:
    """DATA of `name`; every DATA statement of the file must be for it."""
    for place in [*declared.other_data, *(d.statement for d in declared.data if d.name != name)]:
        raise ReadError("DATA not understood", path, place.line, place.text)
    return declared.of(name)


def _integers(data: Data, rank: int, path: Path) -> Mapping[tuple[int, ...], int]:
    place = data.statement
    try:
        values = {index: int(value) for index, value in zip(data.indices, data.values, strict=True)}
    except ValueError:
        raise ReadError("not an integer", path, place.line, place.text) from None
    if any(len(index) != rank for index in values):
        raise ReadError("wrong number of indices", path, place.line, place.text)
    return values


def _logicals(data: Data, rank: int, path: Path) -> Mapping[tuple[int, ...], bool]:
    place = data.statement
    if not set(data.values) <= {".TRUE.", ".FALSE."} or any(len(i) != rank for i in data.indices):
        raise ReadError("not understood", path, place.line, place.text)
    return {index: value == ".TRUE." for index, value in zip(data.indices, data.values, strict=True)}
