"""Comparisons of means on synthetic values."""

from __future__ import annotations

import math

import pytest

from evsyn.synthesis.compare import compare
from evsyn.synthesis.effects import options
from evsyn.synthesis.means import Mean, mean_effect, paired_mean_effect


def only(result):
    """The single row."""
    assert len(result) == 1
    return result.rows[0]


def test_welch_by_default_and_pooled_by_choice():
    first, second = Mean(10.0, 2.0, 20), Mean(8.0, 3.0, 25)
    welch = mean_effect(first, second, options("MD"))
    pooled = mean_effect(first, second, options("MD", "pooled"))
    assert welch.estimate == pooled.estimate == 2
    assert (welch.ci_method, welch.p_method) == ("welch", "welch")
    assert welch.vi == pytest.approx(4 / 20 + 9 / 25)
    assert welch.ci_lb != pooled.ci_lb


def test_standardised_difference_and_ratio():
    first, second = Mean(10.0, 2.0, 20), Mean(8.0, 2.0, 20)
    smd = mean_effect(first, second, options("SMD"))
    assert smd.estimate == pytest.approx(0.98015, abs=1e-4)  # J(38) = 0.98015 times 2/2
    rom = mean_effect(first, second, options("ROM"))
    assert rom.estimate == pytest.approx(1.25)
    assert rom.yi == pytest.approx(math.log(1.25))
    assert rom.ci_lb == pytest.approx(math.exp(rom.yi - 1.959963984540054 * rom.vi**0.5))


def test_paired_means_are_a_range_or_rest_on_r():
    first, second = Mean(4.0, 2.0, 16), Mean(5.0, 2.5, 16)
    span = paired_mean_effect(first, second, options("MD"))
    assert span.estimate == -1
    assert span.p_value is span.ci_lb is None
    assert span.p_value_min < span.p_value_max
    point = paired_mean_effect(first, second, options("MD"), 0.5)
    assert span.ci_lb_min < point.ci_lb < point.ci_ub < span.ci_ub_max
    assert point.vi == pytest.approx((4 + 6.25 - 2 * 0.5 * 5) / 16)


def test_paired_ratio_of_means():
    first, second = Mean(4.0, 2.0, 16), Mean(5.0, 2.5, 16)
    span = paired_mean_effect(first, second, options("ROM"))
    assert span.estimate == pytest.approx(0.8)
    assert (span.vi_min, span.vi_max) == pytest.approx((0.0, 0.0625))
    point = paired_mean_effect(first, second, options("ROM"), 0.5)
    assert point.vi == pytest.approx(0.015625)
    assert paired_mean_effect(Mean(-1.0, 1.0, 9), second, options("ROM")).estimate is None


def test_standardised_paired_difference_is_refused():
    effect = paired_mean_effect(Mean(4.0, 2.0, 16), Mean(5.0, 2.5, 16), options("SMD"))
    assert effect.estimate is None
    assert "which SD" in effect.reason


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
