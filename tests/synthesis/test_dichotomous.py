"""Rows of counts: complete, ambiguous, printed, missing."""

from __future__ import annotations

import pytest

from evsyn.synthesis.compare import compare


def only(result):
    """The single row."""
    assert len(result) == 1
    return result.rows[0]


def test_complete_counts(synthetic):
    synthetic.study().outcome("o").counts("o", e=(18, 20), c=(10, 20))
    row = only(compare(synthetic.evidence(), measure="RD"))
    assert (row.events_e, row.n_e, row.events_c, row.n_c) == (18, 20, 10, 20)
    assert row.estimate == pytest.approx(0.4)
    assert (row.status, row.design, row.allocation) == ("reported", "parallel", "randomised")
    labels = [step.label for step in row.trace.steps]
    assert "Experimental: Events" in labels
    assert "Comparator: n" in labels
    assert [quote.printed for quote in row.trace.quotes] == ["18", "20", "10", "20"]


def test_printed_pairs_beat_margins(synthetic):
    synthetic.study(design="within-person").outcome("o")
    for field, printed in (("both", "1"), ("only_e", "1"), ("only_c", "7"), ("neither", "12")):
        synthetic.value(field, printed, "e_v_c", "o")
    row = only(compare(synthetic.evidence(), measure="RD"))
    assert (row.pairings, row.ci_method, row.p_method) == (1, "tango", "mcnemar")
    assert (row.events_e, row.n_e, row.events_c, row.n_c) == (2, 21, 8, 21)
    assert len(row.trace.quotes) == 4


def test_margins_of_unequal_size_give_no_number(synthetic):
    synthetic.study(design="within-person").outcome("o").counts("o", e=(3, 9), c=(1, 8))
    row = only(compare(synthetic.evidence()))
    assert row.estimate is None
    assert "9 and 8 were analysed" in row.reason


def test_phi_is_an_assumption(synthetic):
    synthetic.study(design="within-person").outcome("o").counts("o", e=(18, 20), c=(10, 20))
    row = only(compare(synthetic.evidence(), measure="RD", phi=0.3))
    assert (row.status, row.pairings) == ("assumed", 1)
    assert ("phi", "0.3") in row.trace.parameters


def test_ambiguous_counts_give_a_range_of_the_estimate(synthetic):
    synthetic.study()
    synthetic.outcome("low").outcome("high").outcome("rest")
    synthetic.outcome("any", "dichotomous", "low", "high")
    synthetic.outcome("scale", "ordinal", "low", "high", "rest")
    synthetic.counts("any", e=(8, 10))
    for outcome, events in (("low", 2), ("rest", 5)):
        synthetic.counts(outcome, c=(events, 10))
    rows = {row.outcome_id: row for row in compare(synthetic.evidence())}
    row = rows["any"]
    assert (row.status, row.estimate) == ("ambiguous", None)
    assert row.estimate_min == pytest.approx(0.8 / 0.5)
    assert row.estimate_max == pytest.approx(0.8 / 0.2)
    assert "between 1.60 and 4.00" in row.trace.title


def test_one_arm_alone(synthetic):
    synthetic.study().outcome("o").counts("o", e=(3, 9))
    row = only(compare(synthetic.evidence()))
    assert row.reason == '"O" is printed for Experimental only'
    assert (row.events_e, row.n_e, row.events_c) == (3, 9, None)


def test_printed_estimate_of_a_trial_is_taken_as_printed(synthetic):
    synthetic.study().outcome("o")
    for field, printed in (("estimate", "2.0"), ("ci_lb", "1.0"), ("ci_ub", "4.0")):
        synthetic.value(field, printed, "e_v_c", "o", measure="OR", ci_level="95")
    row = only(compare(synthetic.evidence(), measure="OR"))
    assert (row.estimate, row.ci_lb, row.ci_ub, row.ci_method) == (2, 1, 4, "as printed")
    assert row.yi == pytest.approx(0.693147, abs=1e-6)
    assert row.vi == pytest.approx((1.386294 / (2 * 1.959964)) ** 2, abs=1e-6)
    narrow = only(compare(synthetic.evidence(), measure="OR", level=0.8))
    assert narrow.vi == row.vi  # the limits are those of the level they were printed for
    other = only(compare(synthetic.evidence(), measure="RR"))
    assert (other.estimate, other.printed) == (None, "OR 2.0 (1.0 to 4.0)")


def test_reasons_common_to_both_arms_are_said_once(synthetic):
    synthetic.study().outcome("o")
    synthetic.value("percent", "50", "e", "o")
    synthetic.value("percent", "50", "c", "o")
    row = only(compare(synthetic.evidence()))
    assert row.estimate is None
    assert row.reason.count("not of how many") == 1
