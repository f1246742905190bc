"""The error tree: codes, order of faults, hints."""

from __future__ import annotations

import pytest

from evsyn import errors
from evsyn.errors import EvsynError, Fault, LedgerError, ReportError, StatsError, did_you_mean


def test_every_error_of_the_tree_is_an_evsyn_error() -> None:
    kinds = [getattr(errors, name) for name in errors.__all__ if name.endswith("Error")]
    assert len(kinds) == 8
    assert all(issubclass(kind, EvsynError) for kind in kinds)


def test_exit_codes_are_two_but_for_reports() -> None:
    assert EvsynError.exit_code == 2
    assert LedgerError.exit_code == 2
    assert ReportError.exit_code == 1


def test_a_statistics_error_is_a_value_error_too() -> None:
    with pytest.raises(ValueError, match="level=2"):
        raise StatsError("level=2 lies outside 0..1")


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault("data/a.csv", 3, "year", "not a number"), "data/a.csv:3: year: not a number"),
        (Fault("data/a.csv", 3, "", "no cells"), "data/a.csv:3: no cells"),
        (Fault("data/a.csv", 0, "", "file is missing"), "data/a.csv: file is missing"),
    ],
)
def test_a_fault_says_where(fault: Fault, text: str) -> None:
    assert str(fault) == text


def test_a_ledger_error_holds_all_faults_sorted_by_file_and_line() -> None:
    late = Fault("b.csv", 2, "x", "second")
    early = Fault("a.csv", 9, "x", "first")
    error = LedgerError([late, early])
    assert error.faults == (early, late)
    assert str(error).splitlines() == ["a.csv:9: x: first", "b.csv:2: x: second"]


def test_no_hint_where_nothing_is_near() -> None:
    assert did_you_mean("zzz", ["park2012"]) == ""
