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
        "○ rejected", "would give 18/20",
    ):  # fmt: skip
        assert words in block.plain, words


def test_state_is_told_by_shape_and_word_and_the_default_where_it_differs(assert_sound):
    block = assumptions_table(offered(assumption(accepted=True)))
    assert_sound(block)
    assert "● accepted by default: reject" in block.plain
    kept = assumptions_table(offered(assumption(accepted=True, default="accept")))
    assert "by default" not in kept.plain


def test_no_effect_is_said():
    assert "changes nothing" in assumptions_table(offered(assumption(effect="", changes=()))).plain


def test_aside_names_one_a_study_that_changes_most(assert_sound):
    more = (("rates", "a", "no rate", "18/20"), ("rates", "b", "no rate", "10/20"))
    rows = [
        assumption("synthetic-less"),
        assumption("synthetic-more", statement="Each group had 25 people.", changes=more),
        assumption("synthetic-in", accepted=True, study_id="s2"),
        assumption("synthetic-none", changes=(), study_id="s3"),
    ]
    block = if_accepted(offered(*rows))
    assert_sound(block)
    assert block.slot == "aside"
    assert block.plain == ("Synthetic 2001: Each group had 25 people. would give 18/20; 10/20.")


def test_aside_without_anything_to_change():
    block = if_accepted(offered(assumption(accepted=True)))
    assert "No assumption that is rejected here" in block.plain
    assert block.traces == ()
