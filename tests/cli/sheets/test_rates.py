"""Rates as a table for people; the rows are synthetic."""

from __future__ import annotations

from typing import Any

from evsyn.cli.sheets.rates import rates_sheet
from evsyn.synthesis.results import RateRow, Result


def result(make: Any) -> Result[RateRow]:
    rows = (
        make(
            RateRow,
            study="Synthetic 1",
            arm="arm",
            outcome="healed",
            months=3.0,
            anchor="last session",
            events=2,
            n=3,
            rate=2 / 3,
            ci_lb=0.2,
            ci_ub=0.94,
            status="derived",
            reason="2 of 3 is 67%",
            citekeys=("synthetic1",),
        ),
        make(
            RateRow,
            study="Synthetic 2",
            arm="arm",
            events_min=3,
            events_max=5,
            n=15,
            status="ambiguous",
            reason="two counts fit",
        ),
        make(
            RateRow,
            study="Synthetic 3",
            arm="arm",
            printed="90%",
            status="not found",
            reason="no denominator",
        ),
    )
    return Result("rates", rows, {"interval": "wilson", "level": 0.9}, ("a note",))


def test_in_a_project(make: Any) -> None:
    sheet = rates_sheet(
        result(make),
        symbols=True,
        verbose=False,
        project=True,
        assumptions=True,
        aside="of today",
    )
    assert sheet.aside == "of today"
    assert sheet.title == "Response rates, Wilson 90% CI"
    assert [column.heading for column in sheet.columns][2:] == [
        "rate",
        "90% CI",
        "events/n",
        "status",
    ]
    assert sheet.groups == ("Synthetic 1 · arm", "Synthetic 2 · arm", "Synthetic 3 · arm")
    assert [row[1:] for row in sheet.rows] == [
        ("healed, 3 mo after last session", "67%", "20 to 94", "2/3", "◐ derived"),
        ("–", "–", "–", "3–5/15", "◌ ambiguous [1]"),
        ("–", "–", "–", "90%", "– not found [2]"),
    ]
    assert sheet.reasons == ("two counts fit", "no denominator")
    assert sheet.closing == (
        "1 rate · 1 ambiguous · 1 not found in what was read · `evsyn assumptions` shows what"
        " would change",
    )
    assert sheet.notes == ("a note",)


def test_of_a_plain_file_and_in_full(make: Any) -> None:
    sheet = rates_sheet(result(make), symbols=False, verbose=True, project=False)
    assert sheet.groups == ()
    assert sheet.rows[0][:2] == ("Synthetic 1", "")
    assert sheet.rows[0][-2:] == ("synthetic1", result(make).rows[0].trace.trace_id)
