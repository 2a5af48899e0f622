"""The result of a validation, for people and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from typing import TextIO

from bridge.validate.directory import Comparison, Options, SubprocessReport

_HEADINGS = ("backend", "max dev", "median", "sum", "hel", "col", "nan", "ME/s", "Fortran", "")
_ROW = "  {:<10} {:>8} {:>8} {:>8} {:>5} {:>5} {:>4} {:>9} {:>9}  {}"


def print_subprocess(report: SubprocessReport, out: TextIO) -> None:
    """Rows of one subprocess: a line for each backend, or why there is none."""
    print(f"{report.subprocess}  {report.process}", file=out)
    if report.reason:
        kind = "failed" if report.is_fault else "left to the Fortran"
        print(f"  {kind}: {report.reason}", file=out)
    elif report.comparisons:
        print(_ROW.format(*_HEADINGS), file=out)
    for item in report.comparisons:
        print(_row(item, report.fortran_me_per_s), file=out)
    out.flush()


def _row(item: Comparison, fortran: float) -> str:
    if item.deviation is None:
        return f"  {item.backend:<10} {item.error}"
    d = item.deviation
    verdict = "ok" if item.agrees else "FAILS: " + ", ".join(item.failures)
    return _ROW.format(
        item.backend,
        f"{d.largest:.1e}",
        f"{d.median:.1e}",
        f"{d.total:.1e}",
        d.n_helicity,
        d.n_color_flow,
        d.n_non_finite,
        f"{item.me_per_s:.3g}",
        f"{fortran:.3g}",
        verdict,
    )


def all_agree(reports: Iterable[SubprocessReport]) -> bool:
    """Whether there was something to compare and nothing disagreed."""
    reports = list(reports)
    return any(report.comparisons for report in reports) and all(r.agrees for r in reports)


def print_summary(reports: list[SubprocessReport], out: TextIO) -> None:
    compared = [report for report in reports if report.comparisons]
    agreed = sum(report.agrees for report in compared)
    left = sum(bool(r.reason) and not r.is_fault for r in reports)
    failed = sum(r.is_fault for r in reports)
    print(f"{agreed} of {len(compared)} subprocesses agree", end="", file=out)
    print(f", {left} left to the Fortran" if left else "", end="", file=out)
    print(f", {failed} failed" if failed else "", file=out)
    if compared:
        # MadEvent itself is faster: it leaves out helicities and shares work between them
        print("ME/s of the Fortran: all helicities, without MadEvent's filter and recycling", file=out)


def to_json(subject: str, options: Options, reports: list[SubprocessReport]) -> str:
    """One object: `subject`, `options`, `agrees`, and `results`, one for each subprocess."""
    results = []
    for report in reports:
        entry = dataclasses.asdict(report)
        entry["agrees"] = report.agrees
        for item, comparison in zip(entry["comparisons"], report.comparisons, strict=True):
            item["agrees"] = comparison.agrees
        results.append(entry)
    content = {
        "subject": subject,
        "options": dataclasses.asdict(options),
        "agrees": all_agree(reports),
        "results": results,
    }
    return json.dumps(content, indent=2) + "\n"
