"""Effects from two measurements of the same people."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats import effect_sizes, paired_mean_difference

DATA = {"mean_pre": 20, "mean_post": 26, "sd_pre": 5, "sd_post": 8, "n": 30, "r": 0.6}


def test_change_is_after_less_before():
    for measure in ("MC", "SMCC", "SMCR", "ROMC"):
        assert effect_sizes(measure, **DATA).yi > 0
        lower = effect_sizes(measure, **{**DATA, "mean_post": 14})
        assert lower.yi < 0


def test_turned_in_time_the_sign_flips():
    turned = {**DATA, "mean_pre": 26, "mean_post": 20, "sd_pre": 8, "sd_post": 5}
    for measure in ("MC", "SMCC", "ROMC"):
        found, other = effect_sizes(measure, **DATA), effect_sizes(measure, **turned)
        assert other.yi == pytest.approx(-found.yi, rel=1e-14)
        assert other.vi == pytest.approx(found.vi, rel=1e-14)


def test_mean_change_has_the_standard_error_of_the_paired_t_test():
    found = effect_sizes("MC", **DATA)
    paired = paired_mean_difference(mean_e=26, sd_e=8, mean_c=20, sd_c=5, n=30, r=0.6)
    assert found.yi == paired.estimate
    assert found.vi == pytest.approx(float(paired.se) ** 2, rel=1e-14)


def test_standardised_changes_agree_where_their_spreads_do():
    # sd of the change = sd_pre sqrt(2 (1 - r)) for equal spreads: at r = 1/2 it is sd_pre
    data = {**DATA, "sd_post": 5, "r": 0.5}
    change, raw = effect_sizes("SMCC", **data), effect_sizes("SMCR", **data)
    assert change.yi == pytest.approx(raw.yi, rel=1e-14)
    assert change.vi == pytest.approx(raw.vi, rel=1e-14)


def test_perfect_correlation():
    data = {**DATA, "r": 1}
    assert effect_sizes("MC", **data).vi == pytest.approx(9 / 30, rel=1e-15)
    same = effect_sizes("MC", **{**data, "sd_post": 5})
    assert same.reason == "the sampling variance is 0"
    np.testing.assert_equal(np.isnan(same.yi), True)
