"""Score limits: the statistic, worked out without the shortcut, is at its bound there."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats._score import odds_ratio_limits, risk_difference_limits, risk_ratio_limits

Z2 = 1.959963984540054**2

# Synthetic tables: interior, an arm full, an arm empty, both full, very unequal arms.
TABLES = [
    (7, 16, 3, 20),
    (16, 16, 3, 20),
    (16, 16, 20, 20),
    (3, 16, 20, 20),
    (7, 16, 0, 20),
    (0, 16, 5, 20),
    (1, 1, 1, 1),
    (2, 3, 400, 900),
]


def log_likelihood(x, n, p):
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(x > 0, x * np.log(p), 0) + np.where(n > x, (n - x) * np.log1p(-p), 0)
    return np.where((p >= 0) & (p <= 1), parts, -np.inf)


def best(function, low, high):
    """Where a unimodal function is largest, by ever finer grids."""
    for _ in range(12):
        grid = np.linspace(low, high, 401)
        at = int(np.nanargmax(function(grid)))
        low, high = grid[max(at - 1, 0)], grid[min(at + 1, 400)]
    return (low + high) / 2


def difference_statistic(table, value):
    x_e, n_e, x_c, n_c = table

    def likelihood(p):
        return log_likelihood(x_e, n_e, p + value) + log_likelihood(x_c, n_c, p)

    p_c = best(likelihood, max(0, -value), min(1, 1 - value))
    p_e = p_c + value
    variance = p_e * (1 - p_e) / n_e + p_c * (1 - p_c) / n_c
    return (x_e / n_e - x_c / n_c - value) ** 2 / variance


def ratio_statistic(table, value):
    x_e, n_e, x_c, n_c = table

    def likelihood(p):
        return log_likelihood(x_e, n_e, p * value) + log_likelihood(x_c, n_c, p)

    p_c = best(likelihood, 0, min(1, 1 / value))
    p_e = p_c * value
    variance = p_e * (1 - p_e) / n_e + value**2 * p_c * (1 - p_c) / n_c
    return (x_e / n_e - value * x_c / n_c) ** 2 / variance


def odds_statistic(table, value):
    x_e, n_e, x_c, n_c = table

    def arm_e(p):
        return value * p / (1 - p + value * p)

    def likelihood(p):
        return log_likelihood(x_e, n_e, arm_e(p)) + log_likelihood(x_c, n_c, p)

    p_c = best(likelihood, 1e-12, 1 - 1e-12)
    p_e = arm_e(p_c)
    information = 1 / (n_e * p_e * (1 - p_e)) + 1 / (n_c * p_c * (1 - p_c))
    return (x_e - n_e * p_e) ** 2 * information


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    ("limits", "statistic", "ends"),
    [
        (risk_difference_limits, difference_statistic, (-1.0, 1.0)),
        (risk_ratio_limits, ratio_statistic, (0.0, np.inf)),
        (odds_ratio_limits, odds_statistic, (0.0, np.inf)),
    ],
)
def test_statistic_is_at_its_bound(table, limits, statistic, ends):
    arms = tuple(np.array([float(value)]) for value in table)
    with np.errstate(all="ignore"):
        found = [float(limit[0]) for limit in limits(arms, np.array([Z2]))]
    assert found[0] < found[1]
    checked = 0
    for value in found:
        if value not in ends:
            assert statistic(table, value) == pytest.approx(Z2, rel=2e-5)
            checked += 1
    assert checked or limits is odds_ratio_limits


def test_both_arms_full_has_a_closed_ratio():
    arms = tuple(np.array([5.0]) for _ in range(4))
    with np.errstate(all="ignore"):
        lower, upper = risk_ratio_limits(arms, np.array([Z2]))
    assert float(lower[0]) == pytest.approx(5 / (5 + Z2), rel=1e-14)
    assert float(upper[0]) == pytest.approx((5 + Z2) / 5, rel=1e-14)


def test_limits_shrink_to_the_estimate_as_the_criterion_does():
    arms = tuple(np.array([float(value)]) for value in (7, 16, 3, 20))
    for limits, estimate in (
        (risk_difference_limits, 7 / 16 - 3 / 20),
        (risk_ratio_limits, (7 / 16) / (3 / 20)),
        (odds_ratio_limits, 7 * 17 / (9 * 3)),
    ):
        with np.errstate(all="ignore"):
            lower, upper = limits(arms, np.array([1e-12]))
        assert float(lower[0]) == pytest.approx(estimate, rel=1e-4)
        assert float(upper[0]) == pytest.approx(estimate, rel=1e-4)
        assert lower < estimate < upper
