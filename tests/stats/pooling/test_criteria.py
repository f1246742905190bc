"""Criteria of tau²: the sign of the score, its slope, and the bounds that a search relies on."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.pooling._criteria import (
    full_likelihood,
    generalised_q,
    moments,
    restricted_likelihood,
)
from evsyn.stats.pooling._powers import Powers, contrasts

CRITERIA = [restricted_likelihood, full_likelihood, generalised_q]


def place(criterion, yi, vi, x):
    d, v, _, pivot = contrasts(yi[:, None], vi[:, None])
    sums = Powers(d, v).sums(x)
    return criterion(sums, moments(sums, pivot + x), x, yi.size)


def likelihood(yi, vi, x, *, restricted):
    w = 1 / (vi + x)
    mean = (w * yi).sum() / w.sum()
    value = np.log(w).sum() - (w * (yi - mean) ** 2).sum()
    return value - np.log(w.sum()) * restricted


@pytest.mark.parametrize("criterion", CRITERIA)
def test_slope_is_the_derivative(criterion):
    yi, vi, h = np.array([0.1, 0.9, -0.4, 0.6]), np.array([0.1, 0.2, 0.15, 0.3]), 1e-6
    low, here, high = (place(criterion, yi, vi, x) for x in (0.2 - h, 0.2, 0.2 + h))
    measured = (np.log(high.ratio) - np.log(low.ratio)) / (2 * h)
    assert here.slope[0] == pytest.approx(measured[0], rel=1e-6)


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("x", [0.01, 0.2, 3.0])
def test_sign_is_that_of_the_score(restricted, x):
    yi, vi, h = np.array([0.1, 0.9, -0.4, 1.6]), np.array([0.1, 0.2, 0.15, 0.3]), 1e-5
    criterion = restricted_likelihood if restricted else full_likelihood
    score = likelihood(yi, vi, x + h, restricted=restricted) - likelihood(
        yi, vi, x - h, restricted=restricted
    )
    assert np.sign(np.log(place(criterion, yi, vi, x).ratio[0])) == np.sign(score)


@pytest.mark.parametrize("criterion", [restricted_likelihood, full_likelihood])
def test_bounds_hold_between_any_two_places(criterion):
    rng = np.random.default_rng(5)
    for _ in range(200):
        k = rng.integers(2, 9)
        vi = 10.0 ** rng.uniform(-4, 3, k)
        yi = rng.normal(0, np.sqrt(vi + 1))
        a, x, b = np.sort(10.0 ** rng.uniform(-5, 4, 3))
        low, mid, high = (place(criterion, yi, vi, at) for at in (a, x, b))
        bound = 1 / (x + low.eta[0]) - 2 / (x + high.s[0])
        assert mid.slope[0] <= bound + 1e-9 * abs(bound)
        rise = np.log((x + low.eta[0]) / (a + low.eta[0]))
        rise -= 2 * np.log((x + high.s[0]) / (a + high.s[0]))
        assert np.log(mid.ratio[0]) <= np.log(low.ratio[0]) + rise + 1e-9


def test_the_bound_at_infinity_is_the_mean_variance_by_squared_distance():
    yi, vi = np.array([0.1, 0.9, -0.4, 1.6]), np.array([0.1, 0.2, 5.0, 0.3])
    squares = (yi - yi.mean()) ** 2
    far = place(restricted_likelihood, yi, vi, 1e7).s[0]
    assert far == pytest.approx((vi * squares).sum() / squares.sum(), rel=1e-5)


def test_generalised_q_is_one_where_q_meets_its_degrees_of_freedom():
    yi, vi = np.array([0.0, 2.0]), np.array([1.0, 1.0])
    assert place(generalised_q, yi, vi, 1.0).ratio[0] == pytest.approx(1)
