from __future__ import annotations

from evsyn.synthesis.results import AssumptionRow, Result
from evsyn.tables.provenance import Trace
from evsyn.text import assumptions_table, if_accepted


def assumption(name="synthetic-20", **changes):
    """An assumption (synthetic)."""
    content = {
        "assumption_id": name, "group": "synthetic_n", "requires": (), "study_id": "synthetic2001",
        "statement": "Each group had 20 people.", "rationale": "40 in two groups.",
        "default": "reject", "accepted": False,
        "effect": "would give 18/20 (Treatment one, Much better)",
        "changes": (("rates", "Treatment one, Much better", "no rate", "18/20"),),
        "study": "Synthetic 2001",
    }  # fmt: skip
    trace = Trace(name, parameters=(("assumption", name),))
    return AssumptionRow(**(content | changes), trace=trace)


def offered(*rows):
    return Result("assumptions", rows, {})


def test_row_says_what_why_whether_and_what_changes(assert_sound):
    block = assumptions_table(offered(assumption(requires=("synthetic-other-2",))))
    assert_sound(block)
    for words in (
        "Each group had 20 people. synthetic-20 requires synthetic-other-2", "40 in two groups.",
        "○ rejected", "with synthetic-other-2: 18/20 Treatment one, Much better",
    ):  # fmt: skip
        assert words in block.plain, words


def test_what_it_gives_only_beside_another_is_told_with_the_other(assert_sound):
    effect = "alone changes no result; with synthetic-unit it would give 18/20 (Treatment one)"
    block = assumptions_table(offered(assumption(effect=effect)))
    assert_sound(block)
    assert "with synthetic-unit: 18/20 Treatment one, Much better" in block.plain
    taken = assumptions_table(offered(assumption(requires=("synthetic-unit",), accepted=True)))
    assert "with synthetic-unit:" not in taken.plain


def test_state_is_told_by_shape_and_word_and_the_default_where_it_differs(assert_sound):
    block = assumptions_table(offered(assumption(accepted=True)))
    assert_sound(block)
    assert "● accepted by default: reject" in block.plain
    kept = assumptions_table(offered(assumption(accepted=True, default="accept")))
    assert "by default" not in kept.plain


def test_no_effect_is_said():
    assert "changes nothing" in assumptions_table(offered(assumption(effect="", changes=()))).plain


def test_what_would_change_stands_with_its_assumption(assert_sound, rate_row, rates_of):
    rows = [
        assumption("synthetic-20", requires=("synthetic-unit",)),
        assumption("synthetic-in", accepted=True),
        assumption("synthetic-none", changes=()),
        assumption("synthetic-other", study_id="s9"),
    ]
    block = if_accepted(offered(*rows), rates_of(rate_row()))
    assert_sound(block)
    assert block.slot == "main"
    assert block.plain.split("\n")[-1] == (
        "Each group had 20 people. synthetic-20 + synthetic-unit | 18/20 treatment one, much better"
    )


def test_effect_of_a_comparison_comes_with_its_counts(assert_sound, comparison_row, comparisons_of):
    changes = (
        ("rates", "Treatment one, Much better, 3 mo", "–", "18/20"),
        ("rates", "Treatment two, Much better, 3 mo", "–", "10/20"),
        (
            "compare", "RR, Treatment one v Treatment two, Much better, 3 mo", "–",
            "RR 1.80 (95% CI 1.19 to 3.07), p 0.006",
        ),
    )  # fmt: skip
    row = comparison_row(estimate=None, events_e=None, events_c=None, n_e=None, n_c=None)
    block = if_accepted(offered(assumption(changes=changes)), comparisons_of(row))
    assert_sound(block)
    assert "18/20 v 10/20, RR 1.80 (1.19 to 3.07), p\N{NO-BREAK SPACE}0.006" in block.plain


def test_nothing_to_change_is_said(rate_row, rates_of):
    block = if_accepted(offered(assumption(accepted=True)), rates_of(rate_row()))
    assert "No assumption that is rejected here" in block.plain
    assert block.traces == ()
