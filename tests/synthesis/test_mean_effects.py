"""Effects from means on synthetic values."""

from __future__ import annotations

import math

import pytest

from evsyn.synthesis.effects import options
from evsyn.synthesis.mean_effects import (
    Mean,
    estimate_only,
    mean_effect,
    paired_mean_effect,
)


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


def test_estimate_alone():
    bare = Mean(3.0, None, None), Mean(2.0, None, 9)
    assert estimate_only(*bare, options("MD")).estimate == 1
    assert estimate_only(*bare, options("ROM")).estimate == 1.5
    smd = estimate_only(*bare, options("SMD"))
    assert smd.estimate is None
    assert smd.reason == "no interval: no standard deviation and n that can be used"


@pytest.mark.parametrize("measure", ["MD", "SMD", "ROM"])
def test_one_person_and_no_spread_give_no_interval(measure: str):
    for n, sd, told in ((1, 1.0, "fewer than two"), (10, 0.0, "the standard error is 0")):
        effect = mean_effect(Mean(3.0, sd, n), Mean(4.0, sd, n), options(measure))
        assert effect.yi is effect.vi is effect.ci_lb is effect.p_value is None
        assert told in effect.reason


def test_a_ratio_of_means_needs_one_sign():
    effect = mean_effect(Mean(-3.0, 1.0, 10), Mean(4.0, 1.0, 10), options("ROM"))
    assert effect.estimate is effect.yi is None
    assert "one sign" in effect.reason
