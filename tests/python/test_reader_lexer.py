"""Fixed-form lexer. Oracle: the Fortran 77 standard's source form, on texts of our own."""

from __future__ import annotations

import pytest

from bridge.madevent import ReadError
from bridge.madevent.declarations import split
from bridge.madevent.fixed_form import digest, statements, units


def texts(source: str) -> list[str]:
    return [statement.text for statement in statements(source)]


def test_continuation_joins_numbers_and_names_split_in_the_middle() -> None:
    source = "      X = 1.25\n     $ 00D +0\n     & 1*AL\n     1PHA\n"
    assert texts(source) == ["X=1.2500D+01*ALPHA"]


def test_comments_of_all_kinds_are_dropped() -> None:
    source = "C one\nc two\n* three\n! four\n\n  ! five\n      A = 1 ! six\n     $ + 2  ! seven\n"
    assert texts(source) == ["A=1+2"]


def test_character_constants_keep_blanks_case_and_exclamation_marks() -> None:
    source = "      call show('Is it ! so', \"a 'b'\") ! no\n"
    assert texts(source) == ["CALLSHOW('Is it ! so',\"a 'b'\")"]


def test_constant_over_two_lines() -> None:
    assert texts("      X = 'left\n     $ right'\n") == ["X='left right'"]


def test_labels_and_line_numbers() -> None:
    found = statements("C\n 10   CONTINUE\n      GOTO 10\n")
    assert [(item.line, item.label, item.text) for item in found] == [
        (2, "10", "CONTINUE"),
        (3, "", "GOTO10"),
    ]


def test_tab_form_and_zero_in_column_six() -> None:
    assert texts("\tA = 1\n     0B = 2\n") == ["A=1", "B=2"]


def test_columns_after_132_are_not_read() -> None:
    assert texts("      A = 1" + " " * 121 + "+ 1\n") == ["A=1"]


def test_stray_continuation_is_refused() -> None:
    with pytest.raises(ReadError) as caught:
        statements("\n     $ + 1\n", "some.f")
    assert (caught.value.line, str(caught.value.file)) == (2, "some.f")


def test_units() -> None:
    source = (
        "      SUBROUTINE ONE(A, B)\n      A = B\n      END\n"
        "      REAL*8 FUNCTION TWO()\n      TWO = 2\n      END FUNCTION TWO\n"
    )
    one, two = units(statements(source))
    assert (one.name, one.arguments, len(one.statements)) == ("ONE", ("A", "B"), 1)
    assert (two.name, two.arguments) == ("TWO", ())


@pytest.mark.parametrize("source", ["      A = 1\n", "      SUBROUTINE A()\n      B = 1\n"])
def test_statements_outside_of_units_and_missing_end_are_refused(source: str) -> None:
    with pytest.raises(ReadError):
        list(units(statements(source)))


def test_digest_sees_neither_layout_nor_comments() -> None:
    first = statements("      a = b\n     $ + c\n")
    second = statements("C\n      A=B+C ! sum\n")
    assert digest(first) == digest(second) != digest(statements("      A=B-C\n"))


def test_declarations_and_data() -> None:
    source = (
        "      SUBROUTINE S()\n      IMPLICIT NONE\n      INTEGER N, T(3, 2), K\n"
        "      PARAMETER (N=7, K=2)\n      DATA (T(I, 2), I=1, 3) /1, 2*-4/\n      DATA L/5/\n"
        "      T(1,1) = N\n      END\n"
    )
    declared, executable = split(next(units(statements(source))))
    assert declared.integer("N") == 7
    assert declared.types["T"] == ("INTEGER", "3,2")
    table, single = declared.data
    assert table.indices == ((1, 2), (2, 2), (3, 2))
    assert table.values == ("1", "-4", "-4")
    assert (single.name, single.indices, single.values) == ("L", ((1,),), ("5",))
    assert [statement.text for statement in executable] == ["T(1,1)=N"]


def test_unknown_include_is_refused() -> None:
    source = "      SUBROUTINE S()\n      INCLUDE 'mine.inc'\n      END\n"
    with pytest.raises(ReadError, match=r"mine\.inc"):
        split(next(units(statements(source))))
