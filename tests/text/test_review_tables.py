from __future__ import annotations

from evsyn.text import reviews_table


def test_result_stands_as_printed_and_leads_to_its_words(
    comparison_row, comparisons_of, assert_sound
):
    row = comparison_row(kind="review", printed="OR 2.97 (1.96 to 4.51)")
    block = reviews_table(comparisons_of(comparison_row(), row))
    assert_sound(block)
    assert block.plain.count("Synthetic 2001") == 1
    assert (
        "Treatment one against treatment two | Much better | OR 2.97 (1.96 to 4.51)" in block.plain
    )


def test_reviews_without_a_result_are_named_below(comparison_row, comparisons_of, assert_sound):
    rows = (
        comparison_row(kind="review", printed="OR 2"),
        comparison_row(kind="review", study="Mute"),
    )
    block = reviews_table(comparisons_of(*rows))
    assert_sound(block)
    assert "Mute prints no RR" in block.plain


def test_no_review_is_said(comparison_row, comparisons_of):
    assert "No review" in reviews_table(comparisons_of(comparison_row())).plain


def test_results_in_other_measures_stand_beside(comparison_row, comparisons_of, assert_sound):
    ratio = comparison_row(kind="review", printed="OR 2")
    mean = comparison_row(kind="review", printed="SMD 0.5, p 0.03", outcome_id="s", outcome="Scale")
    again = comparison_row(kind="review", printed="OR 2")
    block = reviews_table(comparisons_of(ratio), scales=[comparisons_of(mean, again)])
    assert_sound(block)
    assert block.plain.count("OR 2") == 1
    assert "Scale | SMD 0.5, p 0.03" in block.plain
