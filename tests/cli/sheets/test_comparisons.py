"""Comparisons as tables for people; the rows are synthetic."""

from __future__ import annotations

from typing import Any

import pytest

from evsyn.cli.sheets.comparisons import MEASURES, compare_sheet
from evsyn.literals import ComparisonMeasure, choices
from evsyn.synthesis.results import ComparisonRow, Result


def compared(make: Any, **values: Any) -> tuple[str, ...]:
    row = make(ComparisonRow, study="Synthetic", label_e="A", label_c="B", **values)
    sheet = compare_sheet(
        Result("compare", (row,), {"level": 0.95}), symbols=False, verbose=False, project=True
    )
    assert sheet.groups == ("Synthetic · A v B",)
    return sheet.rows[0]


def test_counts(make: Any) -> None:
    row = compared(
        make,
        measure="RR",
        events_e=18,
        n_e=20,
        events_c=10,
        n_c=20,
        estimate=1.8,
        ci_lb=1.134,
        ci_ub=2.857,
        p_value=0.0138,
        status="assumed",
        reason="as accepted",
    )
    assert row[2:] == ("18/20", "10/20", "", "1.80", "1.13 to 2.86", "0.014", "assumed")


def test_a_range_over_pairings(make: Any) -> None:
    row = compared(
        make,
        measure="RD",
        estimate=-0.2333,
        ci_lb_min=-0.41,
        ci_ub_max=-0.02,
        p_value_min=0.016,
        p_value_max=0.065,
        status="derived",
        reason="margins only",
    )
    assert row[5:] == ("−0.233", "within −0.410 to −0.020", "0.016 to 0.065", "derived [1]")


def test_means(make: Any) -> None:
    row = compared(make, measure="MD", mean_e=6.867, sd_e=0.834, n_e=15, mean_c=9.6, n_c=15)
    assert row[2:4] == ("6.87 ± 0.834 (15)", "9.60 (15)")


def test_events_over_time_have_no_denominator(make: Any) -> None:
    assert compared(make, measure="IRR", events_e=5, events_c=10)[2:4] == ("5", "10")
    assert compared(make, measure="RR", events_e=5)[2] == "5/?"


def test_no_number(make: Any) -> None:
    row = compared(make, measure="RR", status="not found", reason="no denominator")
    assert row[5:] == ("–", "–", "–", "not found [1]")


def test_the_title_names_measure_and_methods(make: Any) -> None:
    row = make(ComparisonRow, measure="RR", ci_method="katz", p_method="fisher", estimate=1.0)
    result = Result("compare", (row,), {"level": 0.95})
    sheet = compare_sheet(result, symbols=False, verbose=False, project=False)
    assert sheet.title == "Risk ratio, 95% CI (Katz), p (Fisher)"
    assert "RR" in [column.heading for column in sheet.columns]
    two = Result("compare", (row, make(ComparisonRow, measure="OR")), {"level": 0.95})
    several = compare_sheet(two, symbols=False, verbose=False, project=False)
    assert several.title.startswith("Effect, ")
    assert [line[4] for line in several.rows] == ["RR", "OR"]


@pytest.mark.parametrize("measure", choices(ComparisonMeasure))
def test_every_measure_has_a_name(measure: str) -> None:
    assert MEASURES[measure]
