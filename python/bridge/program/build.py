"""From a Process to a Program: builds the candidates and keeps the cheapest."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from bridge.process import Process
from bridge.program.cost import cost
from bridge.program.emit import Amp2, Emitter, JampUse
from bridge.program.file import Program
from bridge.program.graph import Cut, Graph
from bridge.program.merge import Currents, Product
from bridge.program.plugin import prepare_plugin

if TYPE_CHECKING:
    from bridge import engine

#: amplitudes from which on only the candidate is built that wins there
_MANY = 5000
Preference = Callable[[Graph, Cut], tuple[int, ...]]


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
    """Programs of one process: by diagrams, and by merged currents for several cuts."""
    if len(process.amplitudes) > _MANY:
        yield by_currents(process, _balanced_high)
        return
    for prefer in (_balanced_high, _balanced_low):
        yield by_diagrams(process, prefer)
        yield by_currents(process, prefer)


def by_diagrams(process: Process, prefer: Preference) -> Program:
    """Each diagram by itself; currents are shared, not summed."""
    graph = Graph(process)
    cuts = _cuts(graph, process, prefer)
    currents = Currents(graph)
    products = [_single(currents, cut) for cut in cuts]
    coefficients: dict[tuple[int, Product], complex] = {}
    for term in process.jamp:
        product, factor = products[term.amplitude]
        key = (_row(process, term.flow, term.split_order), product)
        coefficients[key] = coefficients.get(key, 0) + term.coefficient * factor
    uses = [JampUse(row, product, c) for (row, product), c in coefficients.items()]
    amp2 = [Amp2(diagram, tuple(products[a] for a in amplitudes)) for diagram, amplitudes in process.amp2.items()]
    return Emitter(process, currents).emit(uses, amp2, shared=True)


def by_currents(process: Process, prefer: Preference) -> Program:
    """JAMPs from merged currents; AMP2 beside them."""
    graph = Graph(process)
    cuts = _cuts(graph, process, prefer)
    currents = Currents(graph)
    rows: dict[int, dict[tuple[int, int], complex]] = {}
    for term in process.jamp:
        cut = cuts[term.amplitude]
        row = rows.setdefault(_row(process, term.flow, term.split_order), {})
        key = (cut.line, cut.contraction)
        row[key] = row.get(key, 0) + term.coefficient
    uses = [JampUse(row, product, c) for row, entries in rows.items() for product, c in currents.products(entries)]
    amp2 = [
        Amp2(diagram, tuple(_single(currents, cuts[a]) for a in amplitudes))
        for diagram, amplitudes in process.amp2.items()
    ]
    return Emitter(process, currents).emit(uses, amp2, shared=False)


def _row(process: Process, flow: int, split_order: int) -> int:
    return flow * process.n_split_order + split_order


def _cuts(graph: Graph, process: Process, prefer: Preference) -> list[Cut]:
    return [max(graph.cuts(amplitude), key=lambda cut: prefer(graph, cut)) for amplitude in process.amplitudes]


def _single(currents: Currents, cut: Cut) -> tuple[Product, complex]:
    wave, left = currents.wave({cut.line: 1})
    derivative, right = currents.derivative({cut.contraction: 1})
    return Product(wave, derivative), left * right


def _balance(graph: Graph, cut: Cut) -> tuple[int, ...]:
    """Both sides as large as possible; the smaller one as the line."""
    n_leg = len(graph.process.legs)
    size = graph.lines[cut.line].legs.bit_count()
    return (min(size, n_leg - size), int(2 * size <= n_leg))


def _balanced_high(graph: Graph, cut: Cut) -> tuple[int, ...]:
    return (*_balance(graph, cut), graph.lines[cut.line].legs)


def _balanced_low(graph: Graph, cut: Cut) -> tuple[int, ...]:
    return (*_balance(graph, cut), -graph.lines[cut.line].legs)
