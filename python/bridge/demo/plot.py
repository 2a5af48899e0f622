"""The plot of the demonstration: where the time goes, and both samples with their ratio."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from bridge.demo.run import Demo
from bridge.lhe import read

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_N_BIN = 25
_ME, _REST = "#c0504d", "#9aa5b1"


def plot(demo: Demo, path: Path) -> None:
    """Writes a figure; its format follows the suffix of `path`."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 4.2), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.add_gridspec(2, 2, width_ratios=(1, 1.5), height_ratios=(3, 1))
    _times(figure.add_subplot(grid[:, 0]), demo)
    upper = figure.add_subplot(grid[0, 1])
    _samples(upper, figure.add_subplot(grid[1, 1], sharex=upper), demo)
    figure.savefig(path, dpi=150)


def _times(axes: Axes, demo: Demo) -> None:
    engine = demo.engine.matrix_elements
    names = ["Fortran", engine.backend if engine else "engine"]
    elements = [demo.fortran_seconds, demo.engine_seconds]
    rest = [demo.fortran_rest, demo.engine_rest]
    axes.bar(names, elements, color=_ME, label="matrix elements", width=0.6)
    axes.bar(names, rest, bottom=elements, color=_REST, label="everything else", width=0.6)
    for x, (below, above) in enumerate(zip(elements, rest, strict=True)):
        axes.text(x, below + above, f"{below + above:.2f} s", ha="center", va="bottom")
    axes.margins(y=0.12)
    axes.set_ylabel("CPU time of bin/generate_events (s)")
    axes.set_title(f"{demo.process}: {demo.speed_up:.2f} times faster", fontsize="medium")
    axes.legend(frameon=False)


def _samples(upper: Axes, lower: Axes, demo: Demo) -> None:
    samples = [_transverse_momentum(run.events) for run in (demo.fortran, demo.engine)]
    # the last per cent is a tail of empty bins
    edges = np.linspace(0, float(np.quantile(samples[0], 0.99)), _N_BIN + 1)
    counts = [np.histogram(sample, edges)[0] for sample in samples]
    upper.stairs(counts[0], edges, color=_REST, fill=True, label="Fortran")
    upper.stairs(counts[1], edges, color=_ME, label="engine", linewidth=1.5)
    upper.set_ylabel("events")
    upper.legend(frameon=False)
    upper.tick_params(labelbottom=False)
    same = demo.comparison.identical + demo.comparison.same
    upper.set_title(f"{same} of {len(samples[0])} events are the same", fontsize="medium")
    ratio = np.divide(counts[1], counts[0], out=np.full(_N_BIN, np.nan), where=counts[0] > 0)
    centres, error = (edges[1:] + edges[:-1]) / 2, 1 / np.sqrt(np.maximum(counts[0], 1))
    lower.fill_between(centres, 1 - error, 1 + error, step="mid", color=_REST, alpha=0.5, linewidth=0)
    lower.plot(centres, ratio, ".", color=_ME)
    lower.axhline(1, color="black", linewidth=0.8)
    lower.set_ylabel("ratio")
    lower.set_xlabel("$p_T$ of the first final particle (GeV)")


def _transverse_momentum(path: Path) -> NDArray[np.float64]:
    """float64 (n_event,), GeV: of the first particle with status 1."""
    with read(path) as events:
        momenta = np.array([event.momenta[np.argmax(event.particles["status"] == 1)] for event in events])
    p_t: NDArray[np.float64] = np.hypot(momenta[:, 1], momenta[:, 2])
    return p_t
