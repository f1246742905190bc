"""Residual heterogeneity: estimators as roots, and every maximum of the likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.pooling._design import contrasts_of, orthonormal
from evsyn.stats.pooling._fitted import fitted, traces, weighted
from evsyn.stats.pooling._residual_tau2 import (
    highest_likelihood,
    likelihood_falls_above,
    profile_root,
    residual_tau2,
)


def synthetic(n=40, k=8, p=2, seed=5, between=0.5):
    rng = np.random.default_rng(seed)
    x = np.concatenate([np.ones((k, 1, n)), rng.normal(size=(k, p - 1, n))], axis=1)
    v = 10.0 ** rng.uniform(-3, 1, (k, n))
    y = rng.normal(size=(k, n)) * np.sqrt(v + between)
    return contrasts_of(y, v, orthonormal(x, np.ones((k, n), dtype=bool)).z)


def test_profile_root_is_where_q_meets_its_target():
    data = synthetic()
    target = data.k - 2.0
    tau2, converged = profile_root(data, target)
    assert converged.all()
    at_root = fitted(data, weighted(data, tau2)).rss
    positive = tau2 > 0
    assert positive.any()
    np.testing.assert_allclose(at_root[positive], target[positive], rtol=1e-12)
    assert (fitted(data, weighted(data, 0.0)).rss[~positive] <= target[~positive]).all()


@pytest.mark.parametrize("full", [True, False])
def test_every_sign_change_of_the_score_is_counted(full):
    data = synthetic(n=60, k=5, between=2.0, seed=8)
    found = highest_likelihood(data, full=full)
    assert found.converged.all()
    grid = np.concatenate([[0.0], np.logspace(-7, 3, 4000)])
    rising = np.array([score(data, tau2, full) > 0 for tau2 in grid])
    counted = (rising[:-1] & ~rising[1:]).sum(axis=0) + ~rising[0]
    np.testing.assert_array_equal(found.n_modes, counted)
    assert (counted > 1).any()


def score(data, tau2, full):
    at = weighted(data, tau2)
    trace = traces(data, at)
    return fitted(data, at).ypp - (trace.weight if full else trace.tr)


def test_likelihoods_fall_above_their_bound():
    data = synthetic()
    for full in (True, False):
        bound = likelihood_falls_above(data, full=full)
        for factor in (1.0, 2.0, 100.0):
            assert (score(data, factor * bound, full) <= 0).all()


def test_equal_variances_have_the_closed_form():
    rng = np.random.default_rng(0)
    y, x = rng.normal(size=(6, 1)) * 3.0, np.ones((6, 1, 1))
    data = contrasts_of(y, np.full((6, 1), 0.5), orthonormal(x, np.ones((6, 1), dtype=bool)).z)
    expected = y.var(ddof=1) - 0.5
    spread = ((y - y.mean(axis=0)) ** 2).sum(axis=0) / data.scale**2 / 6.0
    for method in ("DL", "HE", "PM", "EB", "REML"):
        tau2 = residual_tau2(data, method, spread).tau2 * data.scale**2
        np.testing.assert_allclose(tau2, expected, rtol=1e-12)
    tau2 = residual_tau2(data, "ML", spread).tau2 * data.scale**2
    np.testing.assert_allclose(tau2, y.var() - 0.5, rtol=1e-12)


def test_effects_that_agree_leave_nothing():
    x = np.ones((4, 1, 2))
    data = contrasts_of(
        np.full((4, 2), 7.0), np.ones((4, 2)), orthonormal(x, np.ones((4, 2), dtype=bool)).z
    )
    for method in ("EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB"):
        found = residual_tau2(data, method, np.zeros(2))
        assert found.tau2.tolist() == [0.0, 0.0]
        assert found.converged.all()
