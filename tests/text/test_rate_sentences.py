from __future__ import annotations

from types import SimpleNamespace

import pytest

from evsyn.text import rates_answer, rates_facts

NONE = {"rate": None, "ci_lb": None, "ci_ub": None, "events": None}


def test_answer_gives_counts_rate_interval_and_source(rate_row, rates_of, assert_sound):
    block = rates_answer(rates_of(rate_row()))
    assert_sound(block)
    assert block.slot == "lede"
    assert block.plain == (
        "For “much better”, Synthetic 2001 counts 10 of 15 (67%, 95% CI 42 to 85) with treatment "
        "one[synthetic2001]."
    )


def test_arms_of_one_study_share_its_name(rate_row, rates_of, assert_sound):
    rows = rate_row(), rate_row(study_id="s2", study="Other 2002", rate=0.6), rate_row(rate=0.5)
    block = rates_answer(rates_of(*rows))
    assert_sound(block)
    assert block.plain.count("Synthetic 2001 counts") == 1
    assert block.plain.index("Synthetic 2001") < block.plain.index("Other 2002")


def test_times_tell_rows_of_one_arm_apart(rate_row, rates_of, assert_sound):
    later = rate_row(time_printed="at 6 months", rate=0.6)
    block = rates_answer(rates_of(rate_row(), later))
    assert_sound(block)
    assert "(at 3 months)" in block.plain
    assert "(at 6 months)" in block.plain


def test_range_and_what_cannot_be_counted_follow(rate_row, rates_of, assert_sound):
    block = rates_answer(
        rates_of(
            rate_row(),
            rate_row(
                **NONE, arm="PRP alone", arm_id="prp", events_min=3, events_max=5,
                status="ambiguous",
            ),
            rate_row(
                **NONE, n=None, study_id="s2", study="Synthetic 2002", printed="90 %",
                status="not found", reason="90 % is printed, but not of what",
            ),
        )
    )  # fmt: skip
    assert_sound(block)
    assert "and leaves open between 3 and 5 of 15 with PRP alone[synthetic2001]" in block.plain
    assert (
        "No rate can be given for “much better” in Synthetic 2002: 90 % is printed, but not of what"
        in block.plain
    )


def compared(*pairs):
    """A ledger (synthetic) of comparisons between arms of one study."""
    rows = tuple(SimpleNamespace(study_id=s, arm_e=e, arm_c=c) for s, e, c in pairs)
    return SimpleNamespace(outcome={}, comparisons=rows)


def test_what_a_study_tests_comes_before_its_comparator(rate_row, rates_of, assert_sound):
    ledger = compared(("synthetic2001", "e", "c"), ("s2", "e", "c"))
    rows = (
        rate_row(arm="Against it", arm_id="c", rate=0.9),
        rate_row(arm="Tested", arm_id="e", rate=0.1),
        rate_row(study_id="s2", study="Other 2002", arm_id="c", rate=1.0),
    )
    block = rates_answer(rates_of(*rows), ledger=ledger)
    assert_sound(block)
    assert block.plain.index("tested") < block.plain.index("against it")
    assert "Other 2002" not in block.plain
    assert "1 more is in the table" in block.plain


def test_arms_of_one_study_are_not_torn_apart(rate_row, rates_of, assert_sound):
    rows = [
        rate_row(study_id=f"s{index}", arm=f"{arm} of it", arm_id=arm)
        for index in range(3)
        for arm in ("e", "c", "d")
    ]
    block = rates_answer(rates_of(*rows))
    assert_sound(block)
    assert block.plain.count(" counts ") == 1
    assert "6 more are in the table" in block.plain


def test_studies_without_any_rate_are_told_before_others(rate_row, rates_of):
    open_ = {**NONE, "n": None, "printed": "90 %", "reason": "90 % is printed, but not of what"}
    other = {"outcome_id": "o", "outcome": "Other"}
    rows = [rate_row(), rate_row(study_id="s1", study="Partly 2003", **other)]
    rows += [rate_row(study_id=f"s{index}", study=f"Study {index}", **open_) for index in (1, 2)]
    said = rates_answer(rates_of(*rows)).plain
    assert said.index("in Study 2: 90 %") < said.index("in Study 1: 90 %")


def test_nothing_countable_is_said(rate_row, rates_of, assert_sound):
    one = rates_answer(rates_of(rate_row(**NONE, n=None)))
    two = rates_answer(rates_of(rate_row(**NONE, n=None), rate_row(**NONE, study_id="s2")))
    for block in (one, two):
        assert_sound(block)
    assert "The 1 study on synthetic does not print a response" in one.plain
    assert "The 2 studies on synthetic print no response" in two.plain


def test_no_row_is_said(rates_of, assert_sound):
    block = rates_answer(rates_of())
    assert_sound(block)
    assert block.plain == "The evidence holds no arm of a study on synthetic."


@pytest.mark.parametrize(("arms", "said"), [(4, ""), (6, "2 more are in the table")])
def test_long_lists_are_cut_and_the_rest_counted(rate_row, rates_of, assert_sound, arms, said):
    rows = [rate_row(study_id=f"s{index}", arm=f"Arm {index}x") for index in range(arms)]
    block = rates_answer(rates_of(*rows))
    assert_sound(block)
    assert block.plain.count(" counts ") == 4
    assert said in block.plain
    assert ("more are in" in block.plain) == bool(said)


@pytest.mark.parametrize(
    ("more", "said"), [(1, "1 other outcome has"), (2, "2 other outcomes have")]
)
def test_other_outcomes_are_counted(rate_row, rates_of, more, said):
    rows = [rate_row(outcome=f"Outcome {index}", outcome_id=f"o{index}") for index in range(more)]
    assert said in rates_answer(rates_of(rate_row(), rate_row(study_id="s2"), *rows)).plain


def test_benefit_comes_before_harm(rate_row, rates_of):
    outcome = {
        "better": SimpleNamespace(name="b", kind="", better="", parts=(), event_is="benefit"),
        "worse": SimpleNamespace(name="h", kind="", better="", parts=(), event_is="harm"),
    }
    ledger = SimpleNamespace(outcome=outcome, comparisons=())
    harms = [rate_row(outcome_id="worse", outcome="Worse", study_id=f"s{i}") for i in range(3)]
    assert rates_answer(rates_of(*harms, rate_row()), ledger=ledger).plain.startswith(
        "For “much better”"
    )


def test_facts_count_studies_rates_and_assumptions(rate_row, rates_of, assert_sound):
    rows = rate_row(), rate_row(arm="Other"), rate_row(study_id="s2", **NONE, status="ambiguous")
    block = rates_facts(rates_of(*rows))
    assert_sound(block)
    assert block.slot == "facts"
    assert block.plain.split("\n") == [
        "2 studies", "1 with a rate", "2 rates", "1 ambiguous",
    ]  # fmt: skip


def test_reviews_are_counted_apart(rate_row, rates_of, assert_sound):
    studies = {"synthetic2001": SimpleNamespace(kind="trial"), "r": SimpleNamespace(kind="review")}
    rows = rates_of(rate_row(), rate_row(study_id="r", **NONE))
    block = rates_facts(rows, ledger=SimpleNamespace(study=studies))
    assert_sound(block)
    assert block.plain.split("\n") == [
        "1 study of patients", "1 with a rate", "1 rate", "1 review, counted apart",
    ]  # fmt: skip


def test_one_of_each_is_singular(rate_row, rates_of):
    assert rates_facts(rates_of(rate_row())).plain == "1 study\n1 with a rate\n1 rate"


def test_outcomes_that_are_asked_for_are_told_first(rate_row, rates_of, assert_sound):
    other = rate_row(outcome_id="asked", outcome="Asked for", study_id="s9")
    rows = [rate_row(study_id=f"s{index}") for index in range(3)]
    block = rates_answer(rates_of(*rows, other), first=("asked",))
    assert_sound(block)
    assert block.plain.startswith("For “asked for”")
    assert "1 other outcome has rates of its own." in block.plain


def test_an_arm_without_a_name_is_the_whole_study(rate_row, rates_of, assert_sound):
    block = rates_answer(rates_of(rate_row(arm="", arm_id="")))
    assert_sound(block)
    assert "over all its arms" in block.plain
