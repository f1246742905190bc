"""Pooling: declared groups, the choice of interval, and what stays out."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from evsyn.errors import StatsError
from evsyn.synthesis.compare import compare
from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.meta import pool_comparisons
from evsyn.synthesis.plain import plain_compare
from evsyn.tables.derive import evidence as derive


def three(synthetic, *counts, **study):
    """Synthetic studies s1, s2, … with one dichotomous outcome each."""
    synthetic.outcome("o")
    for number, (events_e, n_e, events_c, n_c) in enumerate(counts, 1):
        synthetic.study(f"s{number}", **study)
        for arm, events, n in (("e", events_e, n_e), ("c", events_c, n_c)):
            synthetic.value("events", str(events), arm, "o", study_id=f"s{number}")
            synthetic.value("n", str(n), arm, "o", study_id=f"s{number}")
    return synthetic.evidence()


DECLARED = Analysis(
    name="a", question="?", outcomes=("o",), designs=("parallel",), measure="RR", why="synthetic"
)


def only(result):
    """The single row."""
    assert len(result) == 1
    return result.rows[0]


def test_inverse_variance_where_tau2_is_zero(tmp_path):
    # Trials 1 to 4 of the BCG vaccine data (Colditz et al. 1994), log risk ratios as rounded here
    yi, vi = [-0.8893, -1.5854, -1.3481, -1.4416], [0.3256, 0.1946, 0.4154, 0.02]
    path = tmp_path / "bcg.csv"
    lines = [f"{number},{y},{v}" for number, (y, v) in enumerate(zip(yi, vi, strict=True), 1)]
    path.write_text("\n".join(["study,yi,vi", *lines]) + "\n")
    row = only(pool_comparisons(plain_compare(path, measure="RR"), method="DL"))
    weights = [1 / v for v in vi]
    mean = sum(w * y for w, y in zip(weights, yi, strict=True)) / sum(weights)
    half = 1.959963984540054 / sum(weights) ** 0.5
    assert row.tau2 == 0
    assert (row.estimate, row.ci_lb, row.ci_ub) == pytest.approx((mean, mean - half, mean + half))
    assert row.natural["estimate"] == pytest.approx(math.exp(mean))
    assert row.reason == "Wald interval, because tau² = 0"
    assert row.weights == pytest.approx([w / sum(weights) for w in weights])
    assert row.transform == "exp"


def test_hartung_knapp_where_k_above_two_and_tau2_above_zero(synthetic):
    found = three(synthetic, (2, 40, 20, 40), (15, 40, 14, 40), (30, 60, 10, 60))
    row = only(pool_comparisons(compare(found), analysis=DECLARED))
    assert (row.k, row.test) == (3, "knha")
    assert row.tau2 > 0
    assert row.tau2_ci_lb <= row.tau2 <= row.tau2_ci_ub
    assert row.pi_lb < row.ci_lb
    assert row.q_df == 2
    wald = only(pool_comparisons(compare(found), analysis=DECLARED, test="z"))
    assert wald.estimate == pytest.approx(row.estimate)
    assert "as chosen" in wald.reason


def test_hartung_knapp_narrower_than_wald_is_said(synthetic):
    # Effects that agree more than their variances let expect, yet tau² > 0 with DL's start
    found = three(synthetic, (10, 40, 20, 40), (11, 40, 21, 40), (9, 40, 19, 40))
    result = pool_comparisons(compare(found), analysis=DECLARED, test="knha")
    assert any("narrower than Wald's" in note for note in result.notes)


def test_two_studies(synthetic):
    found = three(synthetic, (2, 40, 20, 40), (15, 40, 14, 40))
    result = pool_comparisons(compare(found), analysis=DECLARED)
    row = only(result)
    assert row.reason == "Wald interval, because k = 2"
    assert row.pi_lb is row.pi_ub is None
    assert any("two studies" in note for note in result.notes)


def test_one_study_is_not_pooled(synthetic):
    row = only(pool_comparisons(compare(three(synthetic, (2, 9, 3, 9))), analysis=DECLARED))
    assert (row.k, row.estimate, row.members) == (1, None, ("s1",))
    assert "one study" in row.reason
    assert row.trace.quotes


def test_studies_without_events_stay_out_of_ratios_and_in_differences(synthetic):
    found = three(synthetic, (2, 9, 3, 9), (0, 9, 0, 9), (4, 9, 5, 9))
    row = only(pool_comparisons(compare(found), analysis=DECLARED))
    assert row.k == 2
    assert "no events in either arm" in row.left_out[0]
    differences = replace(DECLARED, measure="RD")
    assert only(pool_comparisons(compare(found, measure="RD"), analysis=differences)).k == 3


def test_designs_and_allocations_that_are_not_declared_stay_out(synthetic):
    found = three(synthetic, (2, 9, 3, 9), (3, 9, 3, 9))
    synthetic.study("s3", allocation="non-randomised")
    for arm, events in (("e", "4"), ("c", "5")):
        synthetic.value("events", events, arm, "o", study_id="s3")
        synthetic.value("n", "9", arm, "o", study_id="s3")
    found = synthetic.evidence()
    declared = replace(DECLARED, allocations=("randomised",))
    row = only(pool_comparisons(compare(found), analysis=declared))
    assert row.k == 2
    assert row.left_out == ("s3: allocation non-randomised, not admitted",)
    mixed = replace(DECLARED, allocations=("randomised", "non-randomised"))
    result = pool_comparisons(compare(found), analysis=mixed)
    assert only(result).k == 3
    assert any("Different allocations stand together, as declared" in n for n in result.notes)
    none = only(pool_comparisons(compare(found), analysis=replace(DECLARED, designs=("cluster",))))
    assert none.k == 0
    assert "parallel design, not admitted" in none.left_out[0]


def test_undeclared_groups_never_cross_design_or_allocation(synthetic):
    found = three(synthetic, (2, 9, 3, 9), (3, 9, 3, 9))
    synthetic.study("s3", allocation="non-randomised")
    for arm, events in (("e", "4"), ("c", "5")):
        synthetic.value("events", events, arm, "o", study_id="s3")
        synthetic.value("n", "9", arm, "o", study_id="s3")
    groups = {row.group: row.k for row in pool_comparisons(compare(synthetic.evidence()))}
    assert groups == {"o, parallel, randomised": 2, "o, parallel, non-randomised": 1}
    assert len(compare(found)) == 2


def test_pairs_known_by_margins_enter_with_their_largest_variance(synthetic):
    found = three(synthetic, (20, 50, 5, 50), (10, 40, 5, 40), design="within-person")
    declared = replace(DECLARED, designs=("within-person",))
    compared = compare(found)
    result = pool_comparisons(compared, analysis=declared)
    row = only(result)
    assert row.k == 2
    assert any("the largest is used" in note for note in result.notes)
    weights = [1 / item.vi_max for item in compared]
    if row.tau2 == 0:
        assert row.weights[0] == pytest.approx(weights[0] / sum(weights))


def test_several_rows_of_one_study_are_refused(synthetic):
    synthetic.outcome("o").study("s1").study("s2").study("s3")
    for study in ("s1", "s2", "s3"):
        for months in (3.0, 6.0) if study == "s1" else (3.0,):
            for arm, events in (("e", "4"), ("c", "5")):
                for field, printed in (("events", events), ("n", "9")):
                    synthetic.value(field, printed, arm, "o", study_id=study, months=months)
    row = only(pool_comparisons(compare(synthetic.evidence()), analysis=DECLARED))
    assert row.members == ("s2", "s3")
    assert "several rows of the same people" in row.left_out[-1]


def test_value_types_are_pooled_apart(synthetic):
    synthetic.outcome("score", "continuous")
    for number, kind in ((1, "change"), (2, "change"), (3, "final"), (4, "")):
        synthetic.study(f"s{number}")
        for arm, mean in (("e", "5"), ("c", "4")):
            for field, printed in (("mean", mean), ("sd", "1")):
                synthetic.value(
                    field, printed, arm, "score", study_id=f"s{number}", value_type=kind
                )
            synthetic.value("n", "20", arm, "score", study_id=f"s{number}")
    declared = replace(DECLARED, outcomes=("score",), measure="MD")
    result = pool_comparisons(compare(synthetic.evidence(), measure="MD"), analysis=declared)
    groups = {"a (change)": 2, "a (final)": 1, "a (type of value not stated)": 1}
    assert {row.group: row.k for row in result} == groups


def test_different_times_are_said(synthetic):
    synthetic.outcome("o")
    for number, months in ((1, 3.0), (2, 6.0)):
        synthetic.study(f"s{number}")
        for arm, events in (("e", "9"), ("c", "4")):
            place = {"study_id": f"s{number}", "months": months}
            synthetic.value("events", events, arm, "o", **place)
            synthetic.value("n", "20", arm, "o", **place)
    result = pool_comparisons(compare(synthetic.evidence()), analysis=DECLARED)
    assert only(result).k == 2
    assert "a: Different times stand together: 3 mo, 6 mo." in result.notes


def test_options_are_refused():
    from evsyn.synthesis.results import Result

    empty = Result("compare", (), {"measure": "RR"})
    with pytest.raises(StatsError, match='method="REMLL"'):
        pool_comparisons(empty, method="REMLL")
    with pytest.raises(StatsError, match='test="t"'):
        pool_comparisons(empty, test="t")
    with pytest.raises(StatsError, match="level"):
        pool_comparisons(empty, level=2)
    assert len(pool_comparisons(empty)) == 0


def test_the_trace_lists_members_and_ends_in_their_quotes(synthetic):
    found = three(synthetic, (2, 40, 20, 40), (15, 40, 14, 40))
    row = only(pool_comparisons(compare(found), analysis=DECLARED))
    assert len(row.trace.quotes) == 8
    assert [step.label for step in row.trace.steps][:3] == ["Pooled", "s1", "s2"]
    assert dict(row.trace.values)["natural_estimate"] == row.natural["estimate"]


def test_status_is_the_weakest(trials):
    accept = "nassar2016-20-20,nassar2016-patients,mohamedali2017-excellent-0"
    analysis = Analysis(
        name="striae",
        outcomes=("improvement_marked_or_excellent", "histology_increase"),
        designs=("parallel",),
        comparisons=("nassar2016", "mohamedali2017/microneedling_v_microdermabrasion"),
    )
    result = pool_comparisons(compare(derive(trials.ledger, accept)), analysis=analysis)
    row = only(result)
    assert (row.k, row.status) == (2, "assumed")
    assert len(row.assumptions) == 3
    assert any("Different outcome definitions" in note for note in result.notes)
