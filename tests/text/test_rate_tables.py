from __future__ import annotations

from types import SimpleNamespace

import pytest

from evsyn.text import rates_table
from evsyn.text.markup import plain_text
from evsyn.text.rate_tables import counts_of

NONE = {"rate": None, "ci_lb": None, "ci_ub": None, "events": None}


def test_row_has_counts_rate_interval_plot_and_status(rate_row, rates_of, assert_sound):
    block = rates_table(rates_of(rate_row()))
    assert_sound(block)
    assert block.slot == "wide"
    line = "Synthetic 2001 [synthetic2001] | Treatment one at 3 months | 10/15 | 67% (42 to 85)"
    assert line.replace(" [", "\N{NO-BREAK SPACE}[") in block.plain
    assert "<rect" in block.html
    assert '<data value="0.666666666667"' in block.html


def test_row_without_rate_stays_with_what_is_printed_and_why(rate_row, rates_of, assert_sound):
    row = rate_row(**NONE, n=None, status="not found", printed="90 %", reason="of how many? 20")
    block = rates_table(rates_of(row))
    assert_sound(block)
    assert "– | “90 %” | not found\nOf how many? 20" in block.plain


def test_range_shows_both_ends(rate_row, rates_of, assert_sound):
    row = rate_row(**NONE, events_min=3, events_max=5, status="ambiguous", reason="2 fit")
    block = rates_table(rates_of(row))
    assert_sound(block)
    assert "3 to 5/15 | 20% to 33%" in block.plain
    assert block.plain.split("ambiguous\n")[1].startswith("2 fit")
    assert "Dashed bars" in block.plain


def test_reason_of_a_derived_rate_stays_behind_the_number(rate_row, rates_of):
    assert "66.7% of 15" not in rates_table(rates_of(rate_row())).plain


def test_outcomes_group_the_rows_and_say_what_they_are(rate_row, rates_of):
    rows = rate_row(), rate_row(outcome="Harmed", outcome_id="harm"), rate_row(outcome="")
    block = rates_table(rates_of(*rows[:2]))
    assert block.html.count('scope="rowgroup"') == 2
    assert "Harmed" in block.plain


def test_arms_without_outcome_share_a_row(rate_row, rates_of, assert_sound):
    bare = {**NONE, "outcome": "", "outcome_id": "", "n": None, "status": "not found"}
    rows = rate_row(**bare), rate_row(**bare, arm_id="b", arm="Treatment two")
    block = rates_table(rates_of(*rows))
    assert_sound(block)
    assert "Treatment one; Treatment two" in block.plain


def test_percentages_of_one_table_have_one_precision(rate_row, rates_of):
    large = rate_row(events=100, n=150, rate=100 / 150)
    assert "66.7%" in rates_table(rates_of(large)).plain
    assert "66.7%" not in rates_table(rates_of(large, rate_row())).plain


def test_comparators_are_told_apart_only_where_known(rate_row, rates_of):
    comparison = SimpleNamespace(study_id="synthetic2001", arm_e="x", arm_c="a")
    ledger = SimpleNamespace(comparisons=(comparison,), outcome={})
    assert "open squares" in rates_table(rates_of(rate_row()), ledger=ledger).plain
    assert "open squares" not in rates_table(rates_of(rate_row())).plain


def test_markup_in_the_evidence_is_text(rate_row, rates_of, assert_sound):
    row = rate_row(study="<b>x</b>", arm="a & b", outcome='"o"', **NONE, printed="<script>")
    block = rates_table(rates_of(row))
    assert_sound(block)
    assert "<script>" not in block.html
    assert "<b>" not in block.html


def test_no_row_is_an_empty_table(rates_of, assert_sound):
    assert_sound(rates_table(rates_of()))


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "10/15"),
        ({"events": None, "events_min": 3, "events_max": 5}, "3 to 5/15"),
        ({"events": None, "events_min": 3, "events_max": 5, "n": None}, "3 to 5"),
        ({"events": None}, "–/15"),
        ({"events": None, "n": None, "status": "not reported"}, "–"),
    ],
)
def test_counts(rate_row, changes, text):
    assert plain_text(counts_of(rate_row(**changes))) == text


def test_a_study_of_several_conditions_says_so(rate_row, rates_of, assert_sound):
    block = rates_table(rates_of(rate_row(condition="one;two")))
    assert_sound(block)
    assert "mixed: one and two" in block.plain
    assert "mixed" not in rates_table(rates_of(rate_row(condition="one"))).plain
