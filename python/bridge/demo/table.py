"""The result of the demonstration as a table."""

from __future__ import annotations

import math

from bridge.demo.run import Demo, Run
from bridge.lhe import Comparison, Init, read


def table(demo: Demo) -> str:
    """Cross-sections, events, times."""
    engine = demo.engine.matrix_elements
    rows = [
        ("", "Fortran", engine.backend if engine else "engine"),
        ("cross-section (pb)", _cross_section(demo.fortran), _cross_section(demo.engine)),
        *(
            (label, f"{fortran:.2f}", f"{other:.2f}")
            for label, fortran, other in (
                ("whole run (s)", demo.fortran.seconds, demo.engine.seconds),
                ("  matrix elements (s)", demo.fortran_seconds, demo.engine_seconds),
                ("  the rest (s)", demo.fortran_rest, demo.engine_rest),
            )
        ),
    ]
    lines = [f"{demo.process}, {_beams(demo.fortran)}, one run of bin/generate_events, user and system time"]
    lines += [f"{label:24s}{fortran:>26s}{other:>26s}" for label, fortran, other in rows]
    ratio = demo.fortran_seconds / demo.engine_seconds if demo.engine_seconds else math.nan
    lines += [
        f"speed-up: {demo.speed_up:.2f} for the run, {ratio:.1f} for its matrix elements",
        f"the same events as the Fortran: {_same(demo.comparison)}",
        f"with the Fortran's matrix elements behind the seam: {_same(demo.proof_comparison)}",
    ]
    return "\n".join(lines)


def _same(comparison: Comparison) -> str:
    agreeing = comparison.identical + comparison.same
    total = agreeing + comparison.different + max(comparison.only_in_a, comparison.only_in_b)
    return f"{agreeing} of {total}, {comparison.identical} of them to the last digit"


def _init(run: Run) -> Init:
    with read(run.events) as events:
        if events.init is None:
            raise ValueError(f"{run.events} has no <init>")
        return events.init


def _cross_section(run: Run) -> str:
    init = _init(run)
    error = math.hypot(*(item.error for item in init.subprocesses))
    return f"{init.cross_section:.7g} +- {error:.2g}"


def _beams(run: Run) -> str:
    init = _init(run)
    names = {2212: "p", -2212: "p~", 11: "e-", -11: "e+"}
    energy = sum(init.beam_energy)
    return f"{' '.join(names.get(pdg, 'partons') for pdg in init.beam_pdg_id)} at {energy / 1000:g} TeV"
