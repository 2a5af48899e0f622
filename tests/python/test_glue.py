"""Which parts of MadEvent are replaced, and what is written for them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import ClassVar

import pytest

from bridge.madevent import glue, merge, plan
from bridge.madevent.fixed_form import statements

PROCEDURE = """\
      subroutine first(a)
      a = 1
      end

c     a comment
      double precision function second(b)
      integer b
      second = b + 1
      end
"""


def _digest(text: str, name: str) -> str:
    return glue.procedure_digest(statements(text), name)


def test_comments_blanks_and_other_procedures_do_not_count() -> None:
    other = PROCEDURE.replace("c     a comment\n", "").replace("a = 1", "a = 2").replace("b + 1", "b+\n     $   1")
    assert _digest(PROCEDURE, "SECOND") == _digest(other, "SECOND") != ""
    assert _digest(PROCEDURE, "FIRST") != _digest(other, "FIRST")


def test_a_changed_statement_counts() -> None:
    assert _digest(PROCEDURE, "SECOND") != _digest(PROCEDURE.replace("b + 1", "b + 2"), "SECOND")


def test_a_missing_procedure_has_no_digest() -> None:
    assert _digest(PROCEDURE, "THIRD") == ""


def _known_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path, glue.Unit]:
    """A directory whose only procedures are known."""
    unit = glue.Unit("io", (("Source/a.f", "FIRST"), ("{P}/b.f", "")), ("first_",))
    folder = tmp_path / "SubProcesses" / "P1_a"
    folder.mkdir(parents=True)
    (tmp_path / "Source").mkdir()
    for path in (tmp_path / "Source" / "a.f", folder / "b.f"):
        path.write_text(PROCEDURE)
    known = {name: [value] for name, value in glue.digests(tmp_path, folder, unit).items()}
    monkeypatch.setattr(glue, "_known", lambda: known)
    return tmp_path, folder, unit


def test_known_procedures_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert glue.objection(*_known_directory(tmp_path, monkeypatch)) == ""


def test_edited_procedures_are_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, folder, unit = _known_directory(tmp_path, monkeypatch)
    (root / "Source" / "a.f").write_text(PROCEDURE.replace("a = 1", "a = 3"))
    assert "a.f:FIRST" in glue.objection(root, folder, unit)
    (root / "Source" / "a.f").write_text(PROCEDURE)
    (folder / "b.f").unlink()
    assert "b.f" in glue.objection(root, folder, unit)


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("with_density", [False, True])
def test_every_wrapped_symbol_has_its_stand_in(late: bool, with_density: bool) -> None:
    units = [unit for unit in glue.UNITS if unit.is_for(late)]
    text = glue.glue_text(plan._glue_templates(), units, late, with_density)
    assert "@" not in text
    defined = set(re.findall(r"name='__wrap_(\w+)'", text))
    defined |= {name for name in re.findall(r"(?m)^ +(?:subroutine|[a-z ]+ function) (meb_\w+)\(", text)}
    for unit in units:
        stand_ins = dict(unit.stand_ins)
        for symbol in unit.wraps:
            is_seams = symbol == "pdg2pdf_" and with_density
            assert is_seams or symbol in defined or stand_ins[symbol].rstrip("_") in defined, symbol
    assert text.count("pdg2pdf_'") == (1 if with_density else 2)


def test_lines_fit_into_fixed_form() -> None:
    for text in plan._glue_templates().values():
        assert all(len(line) <= 72 for line in text.splitlines() if not line.startswith("#"))


def test_units_left_out_are_left_out_of_the_makefile() -> None:
    lines = glue.glue_switches([unit for unit in glue.UNITS if unit.name == "sampling"])
    assert lines == ("MEBRIDGE_GLUE_UNITS := SAMPLING\nMEBRIDGE_GLUE_WRAP := sample_get_x_\nMEBRIDGE_GLUE_NAMES := \n")


EVENT = """\
<event>
 4      1 +1.2345678e-02 9.11880000e+01 7.54677100e-03 1.30000000e-01
       21 -1    0    0  501  502 +0.0000000000e+00 +0.0000000000e+00 +1.0e+02  1.0e+02 0.0 0. 1.
       -1 -1    0    0    0  501 -0.0000000000e+00 -0.0000000000e+00 -2.5e+01  2.5e+01 0.0 0. -1.
       23  2    1    2    0    0 +0.0000000000e+00 +0.0000000000e+00 +7.5e+01  1.25e+02 100. 0. 0.
       11  1    3    3    0    0 +1.0e+00 +2.0e+00 +3.0e+00  4.0e+00 0.0 0. -1.
<mgrwt>
<rscale>  1 0.91188000E+02</rscale>
</mgrwt>
</event>
"""
HEADER = (4, 1, 0.5, 91.188, 0.0075, 0.13)


def test_merged_event_keeps_all_but_the_first_line() -> None:
    text = merge.event_text(EVENT, HEADER)
    assert text is not None
    lines = text.splitlines()
    assert lines[1] == " 4      1 +5.0000000e-01 9.11880000e+01 7.50000000e-03 1.30000000e-01"
    assert lines[5].split() == [
        *("11", "1", "3", "3", "0", "0", "+1.0000000000e+00", "+2.0000000000e+00", "+3.0000000000e+00"),
        *("4.0000000000e+00", "0.0000000000e+00", "0.0000e+00", "-1.0000e+00"),
    ]
    assert lines[6:] == ["<mgrwt>", "<rscale>  1 0.91188000E+02</rscale>", "</mgrwt>", "</event>"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<event>", "<event id='1'>"),
        ("<mgrwt>", "# comment\n<mgrwt>"),
        ("    3    3    0    0 +1.0", "    5    3    0    0 +1.0"),
        ("4.0e+00 0.0 0. -1.", "0.0e+00 0.0 0. -1."),
        ("4.0e+00 0.0 0. -1.", "4.0e+00 0.0 0."),
    ],
)
def test_unusual_events_are_left_to_the_parser(old: str, new: str) -> None:
    assert old in EVENT
    assert merge.event_text(EVENT.replace(old, new, 1), HEADER) is None


def test_merging_is_switched_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value, expected in (
        ("MEBRIDGE", "0", False),
        ("MEBRIDGE_GLUE", "none", False),
        ("MEBRIDGE_GLUE", "io,merge", True),
        ("MEBRIDGE_GLUE", "all", True),
    ):
        with monkeypatch.context() as context:
            context.setenv(name, value)
            assert merge.is_wanted() is expected


class _File:
    """What `EventFile` is to `_Files`: remembers which text went where."""

    written: ClassVar[dict[str, str]] = {}

    def __init__(self, path: str, mode: str = "r", *_: object) -> None:
        self.path = path
        self.mode = mode
        if mode == "w":
            self.written[path] = ""

    def write(self, text: str) -> None:
        self.written[self.path] += text

    def close(self) -> None:
        pass


def test_only_the_last_version_of_the_output_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_File, "written", {})
    files = merge._Files(_File, "out.lhe")
    for version in ("first", "last"):
        file = files("out.lhe", "w")
        file.write(version)
        file.write("\n")
        file.close()
    assert _File.written == {}
    files("out.lhe")  # reading it: it must be there
    assert _File.written == {"out.lhe": "last\n"}
    files("other.lhe", "w").write("at once")
    files.finish()
    assert _File.written == {"out.lhe": "last\n", "other.lhe": "at once"}


def test_events_wait_for_the_last_version_as_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Oracle: `event_text` of the event with the weight it had when it was written."""

    class Base(list):  # type: ignore[type-arg]
        def assign_scale_line(self, line: str) -> None:
            words = line.split()
            self.nexternal, self.ievent = int(words[0]), int(words[1])
            self.wgt, self.scale, self.aqed, self.aqcd = map(float, words[2:])

    monkeypatch.setattr(_File, "written", {})
    path = tmp_path / "events.lhe"
    path.write_text(EVENT * 3)
    reader = merge._Reader(str(path), merge._lazy_class(Base))
    files = merge._Files(_File, "out.lhe")
    file = files("out.lhe", "w")
    for weight in (0.5, -0.5, 0.25):
        event = reader.next_event()
        event.wgt = weight
        file.write(str(event))
        event.wgt = 9.0
    files.finish()
    aqed, aqcd = 7.54677100e-03, 0.13
    expected = [merge.event_text(EVENT, (4, 1, weight, 91.188, aqed, aqcd)) for weight in (0.5, -0.5, 0.25)]
    assert _File.written["out.lhe"] == "".join(text or "" for text in expected)
