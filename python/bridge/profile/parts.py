"""Which part of a job a call stack belongs to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from bridge.profile.stacks import Stack

_MODES = "scalar|sse4|avx2|avx512y|avx512z|neon|cuda"


def _procedures(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


#: parts in the order of the table, and the procedures (and all they call) that make them up: those of MG5_aMC, of
#: our own event loop (fortran/event_loop) and of the library
PARTS: dict[str, re.Pattern[str]] = {
    "matrix elements": _procedures(
        r"smatrix\w*|matrix\d+|meb_engine\w*",
        r"meb::seam::.*Evaluator::evaluate|meb::seam::ProgramEngine::.*",
        rf"meb::(\(anonymous namespace\)::)?(Cpu|Cuda)Engine::.*|meb::({_MODES})::.*",
    ),
    "densities": _procedures(
        r"pdg2pdf|nnevolvepdf|pftopdg|ctq6pdf|evolvepdf\w*|getonepdf",
        r"get_densities|__lhagrid_MOD_momentum_density",
        r"meb_glue_pdg2pdf|meb::pdf::.*|meb::glue::Densities::.*",
    ),
    "cuts and scales": _procedures(
        r"passcuts|setclscales|rewgt|update_scale_coupling\w*|update_as_param|cut_bw",
        r"pass_cuts|update_scales|set_scales",
    ),
    "phase space": _procedures(
        r"x_to_f_arg|gen_mom|one_tree|sample_get_x|ntuple|ranmar",
        r"__phase_space_MOD_\w+",
    ),
    "choice of subprocesses": _procedures(r"__discretesampler_MOD_\w+|meb_ds_\w+"),
    "grids": _procedures(
        r"sample_put_point|sample_result|update_discrete_dimensions|write_grid",
        r"close_iteration|__adaptive_grid_MOD_\w+",
    ),
    "output of events": _procedures(
        r"unwgt|write_leshouche|store_events|clear_events|write_event|read_event",
        r"store_event|write_results|__event_store_MOD_\w+|__text_output_MOD_\w+",
    ),
    "start-up": _procedures(
        r"setrun|pdfwrap|nnpdfdriver|readpdfset|meb_nnpdf_driver|setpara|initcluster|sample_init",
        r"open_pdf|read_grid|make_channel|__lhagrid_MOD_read_grid",
    ),
    "batches": _procedures(r"meb::seam::.*|meb_seam_switch"),
}
REST = "the rest"
_LOOP = re.compile(r"sample_full|dsig\w*")


def part_of(stack: Stack) -> str:
    """The part that the innermost known procedure of a stack belongs to.

    A suspended call has a stack of its own, which begins in the seam: DSIG on it is not the seam's work.
    """
    for name in reversed(stack):
        plain = name.removeprefix("__wrap_").removeprefix("__real_")
        for part, pattern in PARTS.items():
            if pattern.fullmatch(plain):
                return part
        if _LOOP.fullmatch(plain):
            return REST
    return "start-up"


def shares(stacks: Mapping[Stack, int]) -> dict[str, float]:
    """Fraction of each part, 0 to 1, in the order of PARTS; the rest comes last."""
    counts: Counter[str] = Counter()
    for stack, count in stacks.items():
        counts[part_of(stack)] += count
    total = sum(counts.values()) or 1
    return {part: counts[part] / total for part in (*PARTS, REST)}
