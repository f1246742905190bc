"""Comparisons of means on synthetic values."""

from __future__ import annotations

import pytest

from evsyn.synthesis.compare import compare


def only(result):
    """The single row."""
    assert len(result) == 1
    return result.rows[0]


def test_rows_from_printed_means(synthetic):
    synthetic.study().outcome("score", "continuous")
    synthetic.means("score", e=("6.87", "0.8", "15"), c=("9.60", "1.7", "15"))
    synthetic.value("p", "0.01", "e_v_c", "score")
    row = only(compare(synthetic.evidence(), measure="MD"))
    assert row.estimate == pytest.approx(-2.73)
    assert (row.mean_e, row.sd_e, row.n_e) == (6.87, 0.8, 15)
    assert (row.value_type, row.printed, row.status) == ("final", "p 0.01", "reported")
    assert row.ci_ub < 0


def test_means_without_spread_give_the_estimate_alone(synthetic):
    synthetic.study().outcome("score", "continuous")
    for arm, mean in (("e", "1.8"), ("c", "2.2")):
        synthetic.value("mean", mean, arm, "score", value_type="final")
    row = only(compare(synthetic.evidence(), measure="MD"))
    assert row.estimate == pytest.approx(-0.4)
    assert row.ci_lb is row.yi is None
    assert row.reason == "no interval: no standard deviation and n that can be used"


def test_within_person_means(synthetic):
    synthetic.study(design="within-person").outcome("score", "continuous")
    synthetic.means("score", e=("4", "2", "16"), c=("5", "2.5", "16"))
    row = only(compare(synthetic.evidence(), measure="MD"))
    assert row.p_value is None
    assert row.p_value_max > row.p_value_min
    assumed = only(compare(synthetic.evidence(), measure="MD", phi=0.5))
    assert assumed.p_value is not None
    assert assumed.status == "assumed"
    synthetic.value("r", "0.5", "e_v_c", "score")
    printed = only(compare(synthetic.evidence(), measure="MD"))
    assert printed.p_value == pytest.approx(assumed.p_value)
    assert printed.status == "reported"


def test_unequal_sizes_of_the_same_people(synthetic):
    synthetic.study(design="within-person").outcome("score", "continuous")
    synthetic.means("score", e=("4", "2", "16"), c=("5", "2.5", "15"))
    row = only(compare(synthetic.evidence(), measure="MD"))
    assert row.ci_lb_min is None
    assert "16 and 15 were analysed" in row.reason


def test_printed_difference(synthetic):
    synthetic.study().outcome("score", "continuous")
    synthetic.value("mean_diff", "-1.5", "e_v_c", "score", measure="MD")
    synthetic.value("ci_lb", "-2.5", "e_v_c", "score", measure="MD", ci_level="95")
    synthetic.value("ci_ub", "-0.5", "e_v_c", "score", measure="MD", ci_level="95")
    row = only(compare(synthetic.evidence(), measure="MD"))
    assert (row.estimate, row.ci_lb, row.ci_ub, row.ci_method) == (-1.5, -2.5, -0.5, "as printed")
    assert row.vi == pytest.approx((2 / (2 * 1.959963984540054)) ** 2)


def test_one_arm_alone_and_other_kinds_of_value(synthetic):
    synthetic.study().outcome("score", "continuous").outcome("other", "continuous")
    synthetic.value("mean", "4", "e", "score")
    synthetic.value("median", "4", "e", "other")
    synthetic.value("median", "5", "c", "other")
    rows = {row.outcome_id: row for row in compare(synthetic.evidence(), measure="MD")}
    assert rows["score"].reason == "a mean is printed for Experimental only"
    assert rows["other"].reason == "no mean: median only"
    assert rows["other"].printed == "median 4 v median 5"
