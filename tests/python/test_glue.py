"""Which parts of MadEvent are replaced, and what is written for them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.madevent import glue, plan
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
