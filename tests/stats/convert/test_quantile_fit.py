"""Distributions fitted to quantiles."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats

from evsyn.stats.convert._quantile_fit import Summary, fitted_moments

R = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)


def fit(rows, n):
    q = np.atleast_2d(np.asarray(rows, dtype=float))
    return fitted_moments(Summary(tuple(q.T), np.full(len(q), float(n))))


@pytest.mark.parametrize(
    ("name", "dist"),
    [
        ("normal", stats.norm(-3, 2)),
        ("lognormal", stats.lognorm(0.8, scale=3)),
        ("gamma", stats.gamma(2.3, scale=0.4)),
        ("weibull", stats.weibull_min(1.7, scale=25)),
        ("beta", stats.beta(2.0, 5.0)),
    ],
)
@pytest.mark.parametrize("n", [25, 400])
def test_exact_quantiles_give_the_distribution_back(name, dist, n):
    found = fit(dist.ppf([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n]), n)
    assert found.family[0] == name
    np.testing.assert_allclose(found.mean, dist.mean(), rtol=1e-7)
    np.testing.assert_allclose(found.sd, dist.std(), rtol=1e-7)
    assert found.distance[0] < 1e-7 * dist.std()


def test_shares_against_r():
    row = R["shares"]
    low, first, middle, third, high = row["q"]
    nan = np.nan
    rows = [
        [low, nan, middle, nan, high],
        [nan, first, middle, third, nan],
        [low, first, middle, third, high],
    ]
    found = fit(rows, row["n"])
    for at, expected in enumerate(row["qe"]):
        assert found.family[at] == expected["family"]
        np.testing.assert_allclose(found.mean[at], expected["mean"], rtol=1e-7)
        np.testing.assert_allclose(found.sd[at], expected["sd"], rtol=1e-7)


def test_no_other_shape_is_nearer():
    # Synthetic: sorted gamma values, seed 3; a dense grid of shapes cannot beat the fit.
    rows = np.sort(np.random.default_rng(3).gamma(1.5, 2.0, (30, 5)), axis=1)
    n = 30
    p = np.array([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n])
    found = fit(rows, n)

    def nearest(q, unit):
        v = unit / np.linalg.norm(unit, axis=-1, keepdims=True)
        return (q**2).sum() - (v @ q) ** 2

    shapes = np.exp(np.linspace(-4, 9, 4000))[:, None]
    for at, q in enumerate(rows):
        best = min(
            nearest(q, stats.gamma.ppf(p, shapes)).min(),
            nearest(q, np.exp(np.minimum(shapes, 50) * (stats.norm.ppf(p) - 3))).min(),
            nearest(q, stats.weibull_min.ppf(p, shapes)).min(),
        )
        assert found.distance[at] ** 2 * 5 <= best * (1 + 1e-9)


def test_beta_is_at_its_minimum():
    q = np.array([0.02, 0.30, 0.60, 0.80, 0.99])
    n = 20
    p = np.array([1 / n, 0.25, 0.5, 0.75, 1 - 1 / n])

    def loss(t):
        return ((stats.beta.ppf(p, *np.exp(t)) - q) ** 2).sum()

    slow = optimize.minimize(
        loss, [0.3, 0.3], method="Nelder-Mead", options={"xatol": 1e-11, "fatol": 1e-18}
    )
    found = fit(q, n)
    assert found.family[0] == "beta"
    assert found.distance[0] ** 2 * 5 == pytest.approx(slow.fun, rel=1e-9)
    a, b = np.exp(slow.x)
    assert found.mean[0] == pytest.approx(a / (a + b), rel=1e-7)


def test_negative_numbers_leave_only_the_normal():
    assert fit([-5.0, 1.0, 2.0, 4.0, 30.0], 50).family[0] == "normal"


def test_too_few_participants_for_a_range():
    found = fit([1.0, np.nan, 2.0, np.nan, 4.0], 4)
    assert np.isnan(found.mean[0])
    assert found.family[0] == ""
