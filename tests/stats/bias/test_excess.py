"""Excess significance against R, its laws, and its edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._special import chdtrc
from evsyn.stats.bias.excess import excess_significance_test

REFERENCE = Path(__file__).parents[2] / "reference"
ANALYSES = json.loads((REFERENCE / "r_bias.json").read_text(encoding="utf-8"))["analyses"]
ITERATED = {"rtol": 1e-7, "atol": 1e-10}


def number(value):
    return np.nan if value is None else value


@pytest.mark.parametrize("name", ANALYSES)
def test_agrees_with_r(name):
    data = ANALYSES[name]
    for wanted in data["excess"]:
        alternative = wanted["alternative"].replace(".", "-")
        result = excess_significance_test(
            data["yi"],
            data["vi"],
            test=wanted["test"].replace("binom", "binomial"),
            alternative=alternative,
            method=wanted["method"],
            force=True,
        )
        assert result.observed == wanted["observed"]
        for field in ("expected", "p_value", "estimate", "tau2", "power", "limit"):
            np.testing.assert_allclose(
                getattr(result, field), number(wanted[field]), err_msg=field, **ITERATED
            )


def synthetic(k=16):
    """Effects and variances made up for the laws."""
    rng = np.random.default_rng(4)
    v = rng.uniform(0.02, 0.3, k)
    return rng.normal(0.4, np.sqrt(v)), v


def test_chi_square_is_pearsons():
    y, v = synthetic()
    result = excess_significance_test(y, v, test="chi2", alternative="two-sided")
    o, e, k = result.observed, result.expected, 16
    square = (o - e) ** 2 / e + (o - e) ** 2 / (k - e)
    np.testing.assert_allclose(result.statistic, square, rtol=1e-12)
    np.testing.assert_allclose(result.p_value, chdtrc(1, square), rtol=1e-12)


@pytest.mark.parametrize("test", ["exact", "binomial"])
def test_sides_share_the_outcome_observed(test):
    y, v = synthetic()
    many, few = (
        excess_significance_test(y, v, test=test, alternative=side).p_value
        for side in ("greater", "less")
    )
    assert 1 < many + few < 2


def test_sign_and_unit_do_not_matter():
    y, v = synthetic()
    one = excess_significance_test(y, v, method="DL")
    for scale in (-1.0, 1e-15, 1e15):
        other = excess_significance_test(y * scale, v * scale**2, method="DL")
        np.testing.assert_allclose(other.p_value, one.p_value, rtol=1e-9)
        np.testing.assert_allclose(other.limit, one.limit * scale, rtol=1e-7)


def test_power_is_the_share_of_simulated_significant_studies():
    v, mean, tau2 = np.full(10, 0.1), 0.5, 0.04
    result = excess_significance_test(np.full(10, 0.5), v, estimate=mean, tau2=tau2)
    rng = np.random.default_rng(11)
    drawn = rng.normal(mean, np.sqrt(0.1 + tau2), 400_000)
    share = np.mean(np.abs(drawn) >= 1.959964 * np.sqrt(0.1))
    np.testing.assert_allclose(result.power, share, atol=4 * 0.5 / np.sqrt(400_000))


def test_limit_is_where_p_is_ten_percent():
    v = np.linspace(0.04, 0.2, 12)
    y = np.r_[2.1 * np.sqrt(v[:9]), 0.1, 0.1, 0.1]  # synthetic
    for test in ("exact", "chi2", "binomial"):
        result = excess_significance_test(y, v, test=test)
        again = excess_significance_test(y, v, test=test, estimate=result.limit)
        np.testing.assert_allclose(again.p_value, 0.10, rtol=1e-9)


def test_absent_study_keeps_its_row():
    y, v = synthetic()
    whole = excess_significance_test(y, v)
    holed = excess_significance_test(np.insert(y, 2, np.nan), np.insert(v, 2, 1))
    assert holed.k == 16 and np.isnan(holed.power[2]) and not holed.significant[2]
    np.testing.assert_allclose(holed.p_value, whole.p_value, rtol=1e-12)


def test_all_significant_with_certain_power():
    result = excess_significance_test(np.full(12, 9.0), np.full(12, 0.01), test="chi2")
    assert result.observed == 12 and result.p_value == pytest.approx(0.5)


def test_edges():
    nothing = excess_significance_test([np.nan], [1.0], force=True)
    assert np.isnan(nothing.p_value) and "no study" in nothing.reason
    exact = excess_significance_test([1.0, 2.0], [0.0, 1.0], force=True)
    assert np.isnan(exact.p_value) and exact.reason == "a sampling variance is 0"
    assert excess_significance_test([1.0], [1.0], force=True).p_value == 1


def test_refusals():
    y, v = synthetic()
    with pytest.raises(StatsError, match="excess_significance_test has 9 studies"):
        excess_significance_test(y[:9], v[:9])
    for option, message in (
        ({"test": "binom"}, "test='binom' is unknown"),
        ({"alternative": "more"}, "alternative='more' is unknown"),
        ({"tau2": -1.0}, "tau2=-1.0 is not allowed"),
        ({"estimate": np.inf}, "estimate=inf is not allowed"),
    ):
        with pytest.raises(StatsError, match=message):
            excess_significance_test(y, v, **option)
    with pytest.raises(StatsError, match="one analysis"):
        excess_significance_test(np.ones((12, 2)), np.ones((12, 2)))
