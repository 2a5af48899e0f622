"""From a Process to a Program: builds the candidates and keeps the cheapest."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from bridge.process import JampTerm, Process
from bridge.program.basis import Rows, reduce
from bridge.program.cost import cost
from bridge.program.cuts import Choice, CutTable, search
from bridge.program.emit import Amp2, Emitter
from bridge.program.file import Program
from bridge.program.graph import Cut, Graph
from bridge.program.merge import Currents, Product
from bridge.program.plugin import prepare_plugin

if TYPE_CHECKING:
    from bridge import engine

#: amplitudes from which on diagrams by themselves cannot win
_MANY = 1000
#: amplitudes that the search of cuts merges, over all its attempts
_SEARCH = 30000
#: balanced cuts are left for less than this, as far as the estimate can tell
_WORTH = 0.995


def build(process: Process) -> bytes:
    """The Program file of a process.

    It may need a plug-in (`best_program`, `prepare_plugin`). Raises UnknownStructure for a
    Lorentz structure that not even a plug-in can hold.
    """
    return best_program(process).to_bytes()


def load(process: Process) -> engine.Program:
    """The Program of a process, ready for `bridge.Engine`: its plug-in is compiled and loaded.

    Raises UnknownStructure or PluginError where there can be none.
    """
    # only here: Programs can be made where the compiled engine cannot be loaded
    from bridge.engine import Program as Loaded

    written = best_program(process)
    with tempfile.TemporaryDirectory(prefix="mebridge-plugin-") as folder:
        # once it is loaded, the plug-in's file is no longer needed
        return Loaded.from_bytes(written.to_bytes(), plugin=prepare_plugin([written], folder))


def best_program(process: Process) -> Program:
    """The candidate with the least estimated work."""
    return min(candidates(process), key=cost)


def candidates(process: Process) -> Iterator[Program]:
    """Programs of one process: by diagrams, by merged currents, and the better with the best cuts found."""
    table = CutTable(Graph(process))
    balanced = table.preferred()
    ways = (by_diagrams, by_currents) if len(process.amplitudes) <= _MANY else (by_currents,)
    simple = {way: way(table, balanced) for way in ways}
    yield from simple.values()
    way = min(ways, key=lambda way: cost(simple[way]))
    n_try = _SEARCH // max(1, len(process.amplitudes))
    currents = Currents(table.graph)
    best = search(table, lambda choice: cost(way(table, choice, currents)), n_try) if n_try > 1 else balanced
    if best == balanced:
        return
    found = way(table, best)
    if cost(found) < _WORTH * cost(simple[way]):
        yield found


def by_diagrams(table: CutTable, choice: Choice, currents: Currents | None = None) -> Program:
    """Each diagram of an AMP2 by itself, the others by merged currents; AMP2 from the squares.

    currents: those found for other choices, to be found again.
    """
    process = table.graph.process
    currents = currents or Currents(table.graph)
    cuts = table.cuts(choice)
    own = {a for amplitudes in process.amp2.values() for a in amplitudes}
    products = {a: _single(currents, cuts[a]) for a in own}
    uses: dict[Product, Rows] = {}
    for term in process.jamp:
        if term.amplitude in own:
            product, factor = products[term.amplitude]
            _add(uses, product, _row(process, term), term.coefficient * factor)
    merged = [term for term in process.jamp if term.amplitude not in own]
    for product, rows in reduce(currents, _merged(process, currents, cuts, merged)).items():
        for row, coefficient in rows.items():
            _add(uses, product, row, coefficient)
    amp2 = [Amp2(diagram, tuple(products[a] for a in amplitudes)) for diagram, amplitudes in process.amp2.items()]
    return Emitter(process, currents).emit(uses, amp2, shared=True)


def by_currents(table: CutTable, choice: Choice, currents: Currents | None = None) -> Program:
    """JAMPs from merged currents; AMP2 beside them. currents: as in `by_diagrams`."""
    process = table.graph.process
    currents = currents or Currents(table.graph)
    uses = reduce(currents, _merged(process, currents, table.cuts(choice), process.jamp))
    cuts = table.cuts(table.preferred())
    amp2 = [
        Amp2(diagram, tuple(_single(currents, cuts[a]) for a in amplitudes))
        for diagram, amplitudes in process.amp2.items()
    ]
    return Emitter(process, currents).emit(uses, amp2, shared=False)


def _merged(
    process: Process, currents: Currents, cuts: Sequence[Cut], terms: Iterable[JampTerm]
) -> dict[Product, Rows]:
    """JAMP terms as products of sums."""
    entries: dict[int, dict[tuple[int, int], complex]] = {}
    for term in terms:
        cut = cuts[term.amplitude]
        row = entries.setdefault(_row(process, term), {})
        key = (cut.line, cut.contraction)
        row[key] = row.get(key, 0) + cut.sign * term.coefficient
    uses: dict[Product, Rows] = {}
    for number, row in entries.items():
        for product, coefficient in currents.products(row):
            _add(uses, product, number, coefficient)
    return uses


def _add(uses: dict[Product, Rows], product: Product, row: int, coefficient: complex) -> None:
    rows = uses.setdefault(product, {})
    rows[row] = rows.get(row, 0) + coefficient


def _row(process: Process, term: JampTerm) -> int:
    return term.flow * process.n_split_order + term.split_order


def _single(currents: Currents, cut: Cut) -> tuple[Product, complex]:
    wave, left = currents.wave({cut.line: 1})
    derivative, right = currents.derivative({cut.contraction: 1})
    return Product(wave, derivative), cut.sign * left * right
