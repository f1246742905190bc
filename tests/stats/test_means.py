"""Differences of means against scipy, definitions and edges."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.stats

from evsyn.errors import StatsError
from evsyn.stats import (
    mean_difference,
    paired_mean_difference,
    paired_mean_range,
    sd_from_interval,
    sd_from_se,
)

RELATIVE = 1e-12
ARMS = (10.0, 2.0, 20, 8.0, 3.0, 25)  # synthetic


@pytest.mark.parametrize(("method", "equal"), [("welch", False), ("pooled", True)])
def test_against_scipy(method, equal):
    found = mean_difference(*ARMS, method=method)
    expected = scipy.stats.ttest_ind_from_stats(*ARMS, equal_var=equal)
    assert found.statistic == pytest.approx(expected.statistic, rel=RELATIVE)
    assert found.p_value == pytest.approx(expected.pvalue, rel=RELATIVE)
    assert found.estimate == 2
    half = scipy.stats.t.ppf(0.975, found.df) * found.se
    assert found.ci_lb == pytest.approx(2 - half, rel=RELATIVE)
    assert found.ci_ub == pytest.approx(2 + half, rel=RELATIVE)
    assert (found.method, found.level, found.reason) == (method, 0.95, "")


def test_degrees_of_freedom():
    assert mean_difference(*ARMS, method="pooled").df == 43
    v1, v2 = 4 / 20, 9 / 25
    welch = (v1 + v2) ** 2 / (v1**2 / 19 + v2**2 / 24)
    assert mean_difference(*ARMS).df == pytest.approx(welch, rel=RELATIVE)


def test_paired_is_the_one_sample_t_of_the_differences():
    rng = np.random.default_rng(5)
    e = rng.normal(3, 2, 14)
    c = 0.5 * e + rng.normal(1, 1, 14)
    found = paired_mean_difference(
        e.mean(), e.std(ddof=1), c.mean(), c.std(ddof=1), 14, r=np.corrcoef(e, c)[0, 1]
    )
    expected = scipy.stats.ttest_rel(e, c)
    interval = expected.confidence_interval(0.95)
    assert found.statistic == pytest.approx(expected.statistic, rel=1e-10)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-10)
    assert found.ci_lb == pytest.approx(interval.low, rel=1e-10)
    assert found.ci_ub == pytest.approx(interval.high, rel=1e-10)
    assert found.df == 13


def test_no_correlation_is_the_root_of_summed_squares():
    found = paired_mean_difference(4, 3, 5, 4, 25, r=0)
    assert found.se == pytest.approx(1, rel=RELATIVE)


def test_range_is_reached_at_the_ends():
    span = paired_mean_range(4, 2, 5, 2.5, 16)
    assert span.se_min == pytest.approx(0.5 / 4)
    assert span.se_max == pytest.approx(4.5 / 4)
    fits = [paired_mean_difference(4, 2, 5, 2.5, 16, r=r) for r in np.linspace(-1, 1, 21)]
    for name in ("ci_lb", "ci_ub", "p_value", "se"):
        values = [getattr(fit, name) for fit in fits]
        assert getattr(span, f"{name}_min") == pytest.approx(min(values), rel=RELATIVE)
        assert getattr(span, f"{name}_max") == pytest.approx(max(values), rel=RELATIVE)
    assert (span.estimate, span.df, span.r_min, span.r_max) == (-1, 15, -1, 1)


def test_range_between_chosen_correlations():
    span = paired_mean_range(4, 2, 5, 2.5, 16, r_min=0.3, r_max=0.7, level=0.9)
    assert span.se_max == paired_mean_difference(4, 2, 5, 2.5, 16, r=0.3).se
    assert span.se_min == paired_mean_difference(4, 2, 5, 2.5, 16, r=0.7).se
    assert (span.r_min, span.r_max, span.level) == (0.3, 0.7, 0.9)


def test_range_where_equal_spreads_let_the_error_vanish():
    span = paired_mean_range([4, 4], 2, [5, 4], 2, 16)
    np.testing.assert_array_equal(span.se_min, [0, 0])
    np.testing.assert_array_equal(span.p_value_min, [0, 1])
    np.testing.assert_array_equal(span.ci_lb_max, [-1, 0])
    np.testing.assert_array_equal(span.ci_ub_min, [-1, 0])
    assert (span.p_value_max > 0.3).all()


def test_no_standard_error_no_interval():
    found = paired_mean_difference(4, 2, 5, 2, 16, r=1)
    assert found.se == 0
    for name in ("ci_lb", "ci_ub", "statistic", "p_value"):
        assert np.isnan(getattr(found, name)), name
    assert found.reason == "the standard error is 0"
    assert mean_difference(1, 0, 5, 2, 0, 5).reason == "the standard error is 0"


@pytest.mark.parametrize("method", ["welch", "pooled"])
def test_missing_and_too_few(method):
    found = mean_difference(
        [1, np.nan, 1, 1, 1], [1, 1, np.nan, 1, 1], [1, 9, 9, 9, np.nan], 0, 1, [9, 9, 9, 1, 9],
        method=method,
    )  # fmt: skip
    assert np.isnan(found.p_value).all()
    assert np.isnan(found.ci_ub).all()
    few, missing = "fewer than two participants", "a spread, an n or a correlation is missing"
    assert list(found.reason) == [few, "a mean is missing", missing, few, missing]
    np.testing.assert_array_equal(found.estimate, [1, np.nan, 1, 1, 1])


def test_paired_missing_and_too_few():
    found = paired_mean_difference(1, 1, 0, 1, [1, 9], r=[0.5, np.nan])
    assert np.isnan(found.se).all()
    assert found.reason[0] == "fewer than two participants"
    assert found.reason[1] == "a spread, an n or a correlation is missing"


def test_sd_from_se():
    np.testing.assert_allclose(sd_from_se([0.5, np.nan, 1], [16, 4, 0]), [2, np.nan, np.nan])


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_sd_from_interval_undoes_the_interval(level):
    half = scipy.stats.t.ppf((1 + level) / 2, 24) * 3.7 / 5
    found = sd_from_interval(12 - half, 12 + half, 25, mean=12, level=level)
    assert found == pytest.approx(3.7, rel=1e-12)


def test_sd_from_interval_within_rounding():
    # As printed to one decimal: 4.2 (3.1 to 5.2); the midpoint is 4.15.
    assert sd_from_interval(3.1, 5.2, 30, mean=4.2, rounding=0.1) > 0
    with pytest.raises(StatsError, match=r"mean=4\.2 is not the midpoint 4\.15.*rounding=0\.01"):
        sd_from_interval(3.1, 5.2, 30, mean=4.2, rounding=0.01)
    with pytest.raises(StatsError, match=r"study 1: mean=4\.3"):
        sd_from_interval(3.1, 5.2, 30, mean=[4.2, 4.3], rounding=0.1)


def test_sd_from_interval_needs_two_and_all_numbers():
    values = sd_from_interval([1, 1, np.nan], 3, [1, np.nan, 9], mean=2)
    assert np.isnan(values).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: sd_from_interval(3, 1, 9, mean=2), "ci_lb=3 exceeds ci_ub=1"),
        (lambda: sd_from_interval(1, 3, 9, mean=2, rounding=-1), "rounding=-1 is negative"),
        (lambda: sd_from_interval(1, 3, 9, mean=2, level=95), "level=95"),
        (lambda: sd_from_se(-1, 4), "study 0: se=-1 is negative"),
        (lambda: sd_from_se(1, 4.5), "n=4.5 is no count"),
        (lambda: mean_difference(1, [1, -2], 5, 1, 1, 5), "study 1: sd_e=-2 is negative"),
        (lambda: mean_difference(1, 1, 5, 1, -1, 5), "sd_c=-1 is negative"),
        (lambda: mean_difference(np.inf, 1, 5, 1, 1, 5), "mean_e=inf is not finite"),
        (lambda: mean_difference(1, 1, 5, 1, 1, 5, method="student"), "method='student'"),
        (lambda: mean_difference([1, 2], 1, 5, 1, 1, [5, 6, 7]), "shapes do not fit"),
        (lambda: paired_mean_difference(1, 1, 1, 1, 5, r=-1.1), "r=-1.1 lies outside -1..1"),
        (lambda: paired_mean_difference(1, 1, 1, 1, 5, r=0, level=0), "level=0"),
        (lambda: paired_mean_range(1, 1, 1, 1, 5, r_min=0.5, r_max=0), "r_min=0.5 exceeds"),
    ],
)
def test_refuses(call, words):
    with pytest.raises(StatsError, match=words):
        call()


@pytest.mark.parametrize("method", ["welch", "pooled"])
def test_two_participants_are_enough(method):
    found = mean_difference(3, 1, 2, 1, 1, 2, method=method)
    expected = scipy.stats.ttest_ind_from_stats(3, 1, 2, 1, 1, 2, equal_var=method == "pooled")
    assert found.df == pytest.approx(2)
    assert found.p_value == pytest.approx(expected.pvalue, rel=RELATIVE)
    paired = paired_mean_difference(3, 1, 1, 1, 2, r=0)
    assert paired.df == 1
    assert paired.ci_ub == pytest.approx(2 + 12.706204736432095, rel=1e-9)
    assert sd_from_interval(0, 2, 2, mean=1) == pytest.approx(np.sqrt(2) / 12.706204736432095)


def test_the_range_says_which_limit_is_missing():
    span = paired_mean_range([1, np.nan], 1, 0, 2, [9, 9])
    np.testing.assert_array_equal(np.isnan(span.ci_lb_min), [False, True])
    np.testing.assert_array_equal(np.isnan(span.p_value_max), [False, True])
