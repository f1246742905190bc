"""Comparisons of the evidence: what must come out, and what must never be computed."""

from __future__ import annotations

import pytest

from evsyn.errors import StatsError
from evsyn.literals import TwoArmTest, choices
from evsyn.synthesis.compare import PAIRED_DESIGNS, compare
from evsyn.tables.derive import evidence as derive
from evsyn.tables.evidence import Evidence


def one(result, **wanted):
    """The single row with these values."""
    rows = [row for row in result if all(getattr(row, k) == v for k, v in wanted.items())]
    assert len(rows) == 1, (wanted, len(rows))
    return rows[0]


def test_nassar_under_its_assumptions(trials: Evidence):
    assumed = derive(trials.ledger, "nassar2016-20-20,nassar2016-patients")
    result = compare(assumed, measure="RR", interval="katz", test="fisher", study="nassar2016")
    row = one(result, outcome_id="histology_increase")
    assert row.estimate == pytest.approx(1.8)
    assert row.ci_lb == pytest.approx(1.134, abs=5e-4)
    assert row.ci_ub == pytest.approx(2.857, abs=5e-4)
    assert row.p_value == pytest.approx(0.0138, abs=5e-5)
    assert (row.ci_method, row.p_method, row.status) == ("katz", "fisher", "assumed")
    assert set(row.assumptions) == {"nassar2016-20-20", "nassar2016-patients"}
    assert row.trace.title == "RR 1.80 (95% CI 1.13 to 2.86), p 0.014"
    default = one(compare(trials, study="nassar2016"), outcome_id="histology_increase")
    assert (default.estimate, default.printed) == (None, "90 % v 50 %")


@pytest.mark.parametrize(
    ("study", "outcome", "pairings", "p_min", "p_max"),
    [
        ("idoj2024_co2_mn", "pih", 3, 0.015625, 0.0654296875),
        ("asif2016", "response_excellent", 6, 6.103515625e-05, 0.004077315330505371),
        ("krithika2025", "response_good_or_excellent", 1, 2 * 0.5**25, 2 * 0.5**25),
    ],
)
def test_within_person_studies_give_ranges(
    trials: Evidence, study: str, outcome: str, pairings: int, p_min: float, p_max: float
):
    row = one(compare(trials, study=study), outcome_id=outcome)
    assert row.design == "within-person"
    assert row.pairings == pairings
    assert row.p_value_min == pytest.approx(p_min)
    assert row.p_value_max == pytest.approx(p_max)
    if pairings == 1:
        assert row.p_value == row.p_value_min == row.p_value_max
    else:
        assert row.p_value is row.ci_lb is row.ci_ub is row.vi is None
        assert row.ci_lb_min is not None
        assert row.vi_min < row.vi_max


def test_no_within_person_study_ever_gets_an_independent_test(trials: Evidence):
    for measure in ("RR", "OR", "RD"):
        result = compare(trials, measure=measure, test="fisher")
        paired = [row for row in result if row.design in PAIRED_DESIGNS]
        assert paired
        assert not {row.p_method for row in paired} & set(choices(TwoArmTest))
        assert any("every possible pairing" in note for note in result.notes)


def test_different_categories_are_said(trials: Evidence):
    result = compare(trials, study="kaur2024")
    row = one(result, outcome_id="satisfaction_very")
    assert row.estimate is None
    assert "different categories" in row.reason
    assert "Participant satisfied" in row.reason


def test_a_result_without_counts_stays_with_its_p_value(trials: Evidence):
    row = one(compare(trials, study="sobhi2019"), outcome_id="pih")
    assert (row.estimate, row.printed) == (None, "p 0.001")
    assert "only a result of the comparison" in row.reason


def test_every_comparison_has_a_row_and_a_trace(trials: Evidence):
    for measure in ("RR", "MD"):
        result = compare(trials, measure=measure)
        listed = {(row.study_id, row.comparison_id) for row in result}
        assert listed == set(trials.ledger.comparison)
        ids = [row.trace.trace_id for row in result]
        assert len(set(ids)) == len(ids)
        for row in result:
            assert row.trace.ends
            assert row.reason or row.estimate is not None


def test_reviews_are_printed_not_recomputed(trials: Evidence):
    row = one(compare(trials, measure="OR", study="aktoz2024"), outcome_id="pih")
    assert (row.estimate, row.ci_lb, row.ci_ub, row.ci_method) == (0.24, 0.08, 0.70, "as printed")
    assert (row.yi, row.vi, row.status, row.kind) == (None, None, "reported", "review")
    assert row.printed == "OR 0.24 (0.08 to 0.70)"
    other = one(compare(trials, measure="RR", study="aktoz2024"), outcome_id="pih")
    assert (other.estimate, other.status, other.printed) == (None, "reported", row.printed)
    assert other.reason.endswith("no RR: OR printed")


def test_no_review_has_a_number_to_pool(trials: Evidence):
    for measure in ("RR", "OR", "RD", "MD", "SMD", "ROM"):
        rows = [row for row in compare(trials, measure=measure) if row.kind == "review"]
        assert rows
        assert all(row.yi is row.vi is row.vi_max is None and row.reason for row in rows)


def test_change_and_final_are_never_set_against_each_other(synthetic):
    synthetic.study().outcome("score", "continuous")
    synthetic.means("score", "final", e=("5", "1", "10"))
    synthetic.means("score", "change", c=("2", "1", "10"))
    row = one(compare(synthetic.evidence(), measure="MD"))
    assert row.estimate is None
    assert row.reason == "different values: final against change"


def test_times_must_match(synthetic):
    synthetic.study().outcome("o")
    for arm, months in (("e", 3.0), ("c", 6.0)):
        synthetic.value("events", "2", arm, "o", months=months)
        synthetic.value("n", "9", arm, "o", months=months)
    reasons = [row.reason for row in compare(synthetic.evidence())]
    assert len(reasons) == 2
    assert all("at another place only" in reason for reason in reasons)
    assert "6 mo" in reasons[0]


def test_a_ratio_of_changes_is_warned_of(synthetic):
    synthetic.study().outcome("score", "continuous")
    synthetic.means("score", "change", e=("5", "1", "10"), c=("2", "1", "10"))
    assert any("ratio of changes" in n for n in compare(synthetic.evidence(), measure="ROM").notes)
    assert not compare(synthetic.evidence(), measure="MD").notes


@pytest.mark.parametrize("design", ["incomplete-block", "cluster"])
def test_designs_that_allow_no_simple_test(synthetic, design: str):
    synthetic.study(design=design).outcome("o").counts("o", e=(3, 9), c=(1, 9))
    row = one(compare(synthetic.evidence()))
    assert row.estimate is row.p_value is None
    assert row.reason


def test_options_are_checked(synthetic):
    found = synthetic.evidence()
    with pytest.raises(StatsError, match='interval of RR="woolf"'):
        compare(found, interval="woolf")
    with pytest.raises(StatsError, match="measure"):
        compare(found, measure="RRR")
    with pytest.raises(StatsError, match="phi"):
        compare(found, phi=2)


def test_outcome_filter(synthetic):
    synthetic.study().outcome("o").outcome("other").counts("o", e=(3, 9), c=(1, 9))
    assert len(compare(synthetic.evidence(), outcome="o")) == 1
    assert len(compare(synthetic.evidence(), outcome="other")) == 0
