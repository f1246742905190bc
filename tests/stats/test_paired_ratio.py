"""The ratio of paired proportions: published limits, definitions, edges."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.literals import PairedRatioMethod, choices
from evsyn.stats import log_ratio_variance, paired_ratio_interval

METHODS = choices(PairedRatioMethod)


@pytest.mark.parametrize("table", [(59, 6, 16, 80), (1, 1, 7, 12), (3, 4, 1, 9)])
def test_tang_limits_are_where_the_constrained_score_is_z(table):
    a, b, c, d = table
    found = paired_ratio_interval(*table, method="tang")
    for ratio, sign in ((found.ci_lb, 1), (found.ci_ub, -1)):
        score = constrained_score(a, b, c, d, ratio)
        assert score == pytest.approx(sign * 1.959963984540054, abs=2e-3)


def constrained_score(a, b, c, d, ratio):
    """Score of the ratio, the constrained maximum by brute force over two shares."""
    p11, p01 = np.meshgrid(np.linspace(1e-6, 1, 1201), np.linspace(1e-6, 1, 1201))
    for _ in range(3):  # refined about the maximum
        p10 = ratio * (p11 + p01) - p11
        p00 = 1 - p11 - p01 - p10
        inside = (p10 > 0) & (p00 > 0)
        with np.errstate(all="ignore"):
            height = a * np.log(p11) + b * np.log(p10) + c * np.log(p01) + d * np.log(p00)
        at = np.unravel_index(np.argmax(np.where(inside, height, -np.inf)), height.shape)
        x, y, width = p11[at], p01[at], 2 * (p11[0, 1] - p11[0, 0])
        spread = p11[at] * (1 - ratio) ** 2 + p10[at] + ratio**2 * p01[at]
        p11, p01 = np.meshgrid(
            np.linspace(max(1e-9, x - width), x + width, 801),
            np.linspace(max(1e-9, y - width), y + width, 801),
        )
    return (a + b - ratio * (a + c)) / np.sqrt((a + b + c + d) * spread)


@pytest.mark.parametrize("method", ["bonett-price", "tang"])
def test_an_arm_without_events(method):
    none_e = paired_ratio_interval(0, 0, 3, 5, method=method)
    assert (none_e.estimate, none_e.ci_lb) == (0, 0)
    assert 0 < none_e.ci_ub < np.inf
    none_c = paired_ratio_interval(0, 3, 0, 5, method=method)
    assert (none_c.estimate, none_c.ci_ub) == (np.inf, np.inf)
    assert none_c.ci_lb == pytest.approx(1 / none_e.ci_ub, rel=1e-12)
    assert none_c.reason == ""


def test_wald_without_events_in_one_arm_is_undefined():
    found = paired_ratio_interval([0, 0], [0, 3], [3, 0], 5, method="wald")
    np.testing.assert_array_equal(found.estimate, [0, np.inf])
    assert np.isnan(found.ci_lb).all()
    assert np.isnan(found.ci_ub).all()
    assert list(found.reason) == ["no events in one arm"] * 2


@pytest.mark.parametrize("method", METHODS)
def test_undefined_ratios_say_why(method):
    found = paired_ratio_interval([0, 0, np.nan], 0, 0, [9, 0, 1], method=method)
    assert np.isnan(found.estimate).all()
    assert np.isnan(found.ci_ub).all()
    assert list(found.reason) == ["no events in either arm", "no pairs", "a count is missing"]
    assert found.method == method


@pytest.mark.parametrize("method", ["bonett-price", "tang"])
def test_agreement_in_every_pair_is_no_certainty(method):
    found = paired_ratio_interval(10, 0, 0, 0, method=method)
    assert found.ci_lb < 1 < found.ci_ub
    assert found.ci_lb == pytest.approx(1 / found.ci_ub, rel=1e-12)


def test_concordant_negative_pairs_do_not_enter():
    for method in METHODS:
        few = paired_ratio_interval(5, 3, 2, 0, method=method)
        many = paired_ratio_interval(5, 3, 2, 500, method=method)
        assert (few.ci_lb, few.ci_ub) == (many.ci_lb, many.ci_ub)


def test_higher_level_is_wider():
    for method in METHODS:
        narrow, wide = (
            paired_ratio_interval(9, 5, 2, 4, method=method, level=x) for x in (0.8, 0.99)
        )
        assert wide.ci_lb < narrow.ci_lb < narrow.estimate < narrow.ci_ub < wide.ci_ub


def test_log_variance():
    assert log_ratio_variance(59, 6, 16) == pytest.approx(22 / (65 * 75), rel=1e-15)
    values = log_ratio_variance([10, 0, 0], [0, 0, 4], [0, 3, 0])
    np.testing.assert_array_equal(values, [0, np.nan, np.nan])


def test_log_variance_gives_the_wald_interval():
    found = paired_ratio_interval(59, 6, 16, 80, method="wald")
    half = 1.959963984540054 * np.sqrt(log_ratio_variance(59, 6, 16))
    assert np.log(found.ci_ub / found.estimate) == pytest.approx(half, rel=1e-12)
    assert np.log(found.estimate / found.ci_lb) == pytest.approx(half, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: paired_ratio_interval(1, 2, 3, 4, method="tango"), "method='tango' is unknown"),
        (lambda: paired_ratio_interval(1, 2, 3, -4), "neither=-4 is no count"),
        (lambda: paired_ratio_interval(1, 2, 3, 4, level=1), "level=1 "),
        (lambda: log_ratio_variance(1, 2, 0.5), "only_c=0.5 is no count"),
    ],
)
def test_refuses(call, words):
    with pytest.raises(StatsError, match=words):
        call()


def bonett_price(a, b, c, z):
    """The limits written out for one table, after Bonett and Price 2006."""
    s, e, f = a + b + c, a + b, a + c
    whole = math.sqrt((b + c + 2) / ((e + 1) * (f + 1)))
    apart = [math.sqrt((1 - (x + 1) / (s + 2)) / (x + 1)) for x in (e, f)]
    q = z * whole / sum(apart)
    low, high = [], []
    for x in (e, f):
        root = q * math.sqrt(q * q / 4 + x * (s - x) / s)
        low.append((x + q * q / 2 - root) / (s + q * q))
        high.append((x + q * q / 2 + root) / (s + q * q))
    return low[0] / high[1], high[0] / low[1]


@pytest.mark.parametrize("table", [(0, 1, 4), (1, 0, 4), (1, 1, 1), (2, 3, 1), (1, 6, 0)])
def test_bonett_price_limits_of_small_tables(table):
    found = paired_ratio_interval(*table, 9, method="bonett-price")
    expected = bonett_price(*table, 1.959963984540054)
    assert (found.ci_lb, found.ci_ub) == pytest.approx(expected, rel=1e-12)


def test_wald_limits_of_single_events():
    found = paired_ratio_interval(1, 0, 2, 9, method="wald")
    spread = math.exp(1.959963984540054 * math.sqrt(2 / 3))
    assert (found.ci_lb, found.ci_ub) == pytest.approx((1 / 3 / spread, spread / 3), rel=1e-12)


def test_as_many_pairs_with_as_without_an_event_are_pairs():
    assert paired_ratio_interval(1, 1, 1, 3, method="bonett-price").reason == ""
    assert paired_ratio_interval(0, 0, 0, 0, method="bonett-price").reason == "no pairs"
