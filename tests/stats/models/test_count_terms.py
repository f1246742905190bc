"""Log likelihoods of counts against sums written out, and their derivatives against differences."""

from __future__ import annotations

from math import comb, exp, factorial, log

import numpy as np
import pytest

from evsyn.stats.models import _count_terms
from evsyn.stats.models._count_terms import Binomial, Hypergeometric, Poisson

ETA = np.array([-3.0, -0.4, 0.0, 0.7, 2.5])
EVENTS, N = np.array([0.0, 3.0, 7.0]), np.array([5.0, 9.0, 7.0])
TABLES = tuple(np.array(item, dtype=float) for item in ([0, 3, 4], [7, 9, 4], [2, 5, 3], [8, 6, 5]))


def everywhere(terms, k=3):
    return terms(np.tile(ETA, (k, 1)))


def test_binomial_by_hand():
    offset = np.array([0.0, 0.3, -1.0])
    value, _, _ = everywhere(Binomial(EVENTS, N, offset))
    for i, (x, n) in enumerate(zip(EVENTS.astype(int), N.astype(int), strict=True)):
        for j, eta in enumerate(ETA):
            p = 1 / (1 + exp(-eta - offset[i]))
            np.testing.assert_allclose(value[i, j], log(comb(n, x) * p**x * (1 - p) ** (n - x)))


def test_poisson_by_hand():
    time = np.array([2.0, 0.5, 10.0])
    value, _, _ = everywhere(Poisson(EVENTS, time))
    for i, x in enumerate(EVENTS.astype(int)):
        for j, eta in enumerate(ETA):
            mean = time[i] * exp(eta)
            np.testing.assert_allclose(value[i, j], log(mean**x * exp(-mean) / factorial(x)))


def test_hypergeometric_by_hand():
    value, first, second = everywhere(Hypergeometric(*TABLES))
    for i, (a, n, c, m) in enumerate(zip(*(item.astype(int) for item in TABLES), strict=True)):
        possible = range(max(0, a + c - m), min(n, a + c) + 1)
        for j, eta in enumerate(ETA):
            parts = {x: comb(n, x) * comb(m, a + c - x) * exp(x * eta) for x in possible}
            total = sum(parts.values())
            mean = sum(x * part for x, part in parts.items()) / total
            spread = sum((x - mean) ** 2 * part for x, part in parts.items()) / total
            found = value[i, j], first[i, j], second[i, j]
            np.testing.assert_allclose(found, (log(parts[a] / total), a - mean, -spread))


@pytest.mark.parametrize(
    "terms",
    [
        Binomial(EVENTS, N, np.zeros(3)),
        Poisson(EVENTS, np.array([2.0, 0.5, 10.0])),
        Hypergeometric(*TABLES),
    ],
    ids=["binomial", "poisson", "hypergeometric"],
)
def test_derivatives_are_those_of_the_value(terms):
    _, first, second = everywhere(terms)
    h = 1e-4
    up, down = (terms(np.tile(ETA + side * h, (3, 1))) for side in (1, -1))
    np.testing.assert_allclose(first, (up[0] - down[0]) / (2 * h), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(second, (up[1] - down[1]) / (2 * h), rtol=1e-6, atol=1e-7)
    assert (second <= 0).all()


def test_extreme_predictors_give_no_warnings():
    far = np.array([[-800.0, 800.0]] * 3)
    for terms in (Binomial(EVENTS, N, np.zeros(3)), Hypergeometric(*TABLES)):
        assert np.isfinite(np.array(terms(far))).all()
    assert np.isfinite(np.array(Poisson(EVENTS, N)(np.array([[-800.0, 600.0]] * 3)))).all()


def test_large_tables_in_parts_and_without_negligible_terms(monkeypatch):
    big = [
        np.array(item, dtype=float) for item in ([900, 40], [20000, 3000], [1100, 60], [25000, 900])
    ]
    terms = Hypergeometric(*big)
    eta = np.array([np.linspace(-1, 1, 41), np.linspace(-2, 0, 41)])
    monkeypatch.setattr(_count_terms, "_SMALL", 10**9)
    whole = terms(eta)
    monkeypatch.setattr(_count_terms, "_SMALL", 0)
    reached = terms(eta)
    monkeypatch.setattr(_count_terms, "_BLOCK", 5000)
    parted = terms(eta)
    for at in range(3):
        np.testing.assert_allclose(reached[at], whole[at], rtol=1e-11)
        np.testing.assert_allclose(parted[at], whole[at], rtol=1e-11)


def test_highest_likelihoods():
    binomial = Binomial(EVENTS, N, np.ones(3)).saturated()
    np.testing.assert_allclose(binomial[[0, 2]], 0.0, atol=1e-14)
    np.testing.assert_allclose(binomial[1], log(comb(9, 3) * (1 / 3) ** 3 * (2 / 3) ** 6))
    poisson = Poisson(EVENTS, N).saturated()
    np.testing.assert_allclose(poisson, [0.0, log(27 * exp(-3) / 6), log(7**7 * exp(-7) / 5040)])


def test_own_conditional_estimates():
    terms = Hypergeometric(*TABLES)
    eta, information = terms.own_estimates()
    assert eta[0] == -np.inf  # no event that could be fewer
    assert information[0] == 0.0
    _, first, second = terms(np.where(np.isfinite(eta), eta, 0.0)[:, None])
    np.testing.assert_allclose(first[1], 0.0, atol=1e-12)
    np.testing.assert_allclose(information[1], -second[1, 0])
    assert eta[2] == np.inf  # everybody in that arm
    grid = np.linspace(-8, 8, 20001)
    highest = terms(np.tile(grid, (3, 1)))[0].max(axis=1)
    np.testing.assert_allclose(terms.saturated()[1], highest[1], rtol=1e-6)
    np.testing.assert_allclose(terms.saturated()[[0, 2]], 0.0, atol=1e-14)
