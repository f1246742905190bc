from __future__ import annotations

from evsyn.text import comparisons_table
from evsyn.text.comparison_tables import effect, effect_interval, effect_p
from evsyn.text.markup import plain_text

BARE = {"estimate": None, "ci_lb": None, "ci_ub": None, "p_value": None}
RANGE = {"ci_lb": None, "ci_ub": None, "p_value": None, "ci_lb_min": 0.52, "ci_ub_max": 11.0}
RANGE |= {"p_value_min": 0.0163, "p_value_max": 0.0649, "pairings": 10}


def test_row_has_counts_effect_interval_and_p(comparison_row, comparisons_of, assert_sound):
    block = comparisons_table(comparisons_of(comparison_row()))
    assert_sound(block)
    assert "18/20 Treatment one | 10/20 Treatment two | 1.80 1.13 to 2.86 | 0.014" in block.plain
    assert "Fisher’s exact test" in block.plain


def test_range_over_pairings_is_given_as_such(comparison_row, comparisons_of, assert_sound):
    row = comparison_row(**RANGE, design="within-person")
    block = comparisons_table(comparisons_of(row))
    assert_sound(block)
    assert "within 0.52 to 11.0" in block.plain
    assert "0.016 to 0.065 over 10 pairings" in block.plain
    assert "same people on both sides" in block.plain
    assert "never those of an independent test" in block.plain


def test_comparison_without_effect_stays_and_says_why(comparison_row, comparisons_of, assert_sound):
    row = comparison_row(**BARE, status="not found", reason="12 of what?", printed="p = 0.03")
    block = comparisons_table(comparisons_of(row))
    assert_sound(block)
    assert "“p = 0.03” | not found\n12 of what?" in block.plain
    assert "kept, with the reason" in block.plain


def test_infinite_ratio_keeps_its_p(comparison_row, comparisons_of, assert_sound):
    row = comparison_row(estimate=None, ci_lb=None, ci_ub=None, reason="no finite estimate")
    block = comparisons_table(comparisons_of(row))
    assert_sound(block)
    assert "0.014" in block.plain
    assert "No finite estimate" in block.plain


def test_means_have_spread_and_size(comparison_row, comparisons_of, assert_sound):
    row = comparison_row(
        events_e=None, events_c=None, mean_e=3.4, sd_e=1.25, mean_c=2.1, measure="MD"
    )
    block = comparisons_table(comparisons_of(row, measure="MD"))
    assert_sound(block)
    assert "3.40 (SD 1.25), n 20" in block.plain
    assert "2.10, n 20" in block.plain


def test_comparisons_without_outcome_share_a_row(comparison_row, comparisons_of, assert_sound):
    rows = [
        comparison_row(**BARE, outcome="", outcome_id="", label_e=label, reason="no count")
        for label in ("One", "Two")
    ]
    block = comparisons_table(comparisons_of(*rows))
    assert_sound(block)
    assert "One; Two" in block.plain


def test_no_comparison_is_an_empty_table(comparisons_of, assert_sound):
    assert_sound(comparisons_table(comparisons_of()))


def test_differences_in_proportions_are_percentages(comparison_row):
    row = comparison_row(measure="RD", estimate=-0.125, ci_lb=-0.3, ci_ub=0.05)
    assert plain_text(effect(row)) == "−12.5%"
    assert plain_text(effect_interval(row)) == "−30.0% to 5.0%"


def test_p_alone_and_as_a_range(comparison_row):
    assert plain_text(effect_p(comparison_row())) == "0.014"
    assert plain_text(effect_p(comparison_row(**RANGE))) == "0.016 to 0.065 over 10 pairings"
    one = comparison_row(**{**RANGE, "pairings": 1})
    assert plain_text(effect_p(one)).endswith("over 1 pairing")
    assert plain_text(effect_p(comparison_row(**{**RANGE, "pairings": None}))) == "0.016 to 0.065"
    assert plain_text(effect_p(comparison_row(**BARE))) == "–"


def test_comparison_with_a_result_on_another_scale_only_says_so(
    comparison_row, comparisons_of, assert_sound
):
    bare = dict.fromkeys(("estimate", "ci_lb", "ci_ub", "p_value", "events_e", "events_c"))
    row = comparison_row(**bare, outcome_id="", outcome="", reason="no count by arm")
    scale = comparison_row(**bare, outcome_id="score", printed="p 0.2")
    block = comparisons_table(comparisons_of(row), scales=[comparisons_of(scale)])
    assert_sound(block)
    assert "a result on another scale stands with those as printed" in block.plain
    assert "another scale" not in comparisons_table(comparisons_of(row)).plain
