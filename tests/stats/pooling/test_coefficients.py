"""Coefficients and tests against a plain weighted regression."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.pooling._coefficients import coefficients, omnibus, omnibus_test, studywise, wald
from evsyn.stats.pooling._design import contrasts_of, orthonormal
from evsyn.stats.pooling._fitted import fitted, weighted


@pytest.mark.parametrize("intercept", [True, False])
def test_against_normal_equations(intercept):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(10, 3))
    if intercept:
        x[:, 0] = 1.0
    y, v = rng.normal(size=10) * 50.0, rng.uniform(0.1, 2.0, 10)
    design = orthonormal(x[..., None], np.ones((10, 1), dtype=bool))
    data = contrasts_of(y[:, None], v[:, None], design.z)
    at = weighted(data, np.array([0.7]) / data.scale**2)
    fit = fitted(data, at)
    found = coefficients(data, design, at, fit, intercept=intercept)
    w = 1.0 / (v + 0.7)
    covariance = np.linalg.inv(x.T @ (w[:, None] * x))
    beta = covariance @ x.T @ (w * y)
    np.testing.assert_allclose(found.own[:, 0], beta, rtol=1e-11)
    np.testing.assert_allclose(found.covariance[..., 0], covariance, rtol=1e-10)
    each = studywise(data, at, fit)
    np.testing.assert_allclose(each.fitted[:, 0], x @ beta, rtol=1e-10)
    np.testing.assert_allclose(each.residuals[:, 0], y - x @ beta, rtol=1e-10)
    np.testing.assert_allclose(each.hat[:, 0], w * np.einsum("ka,ab,kb->k", x, covariance, x))
    first = int(intercept)
    expected = beta[first:] @ np.linalg.solve(covariance[first:, first:], beta[first:])
    chi = omnibus_test(omnibus(data, at, fit, np.full(1, np.nan), intercept=intercept), np.ones(1))
    assert chi["qm"][0] == pytest.approx(expected)
    assert chi["qm_df"][0] == 3 - first
    by_f = omnibus_test(
        omnibus(data, at, fit, np.full(1, 7.0), intercept=intercept), np.full(1, 2.0)
    )
    assert by_f["qm"][0] == pytest.approx(expected / 2.0 / (3 - first))


def test_wald_limits_are_those_of_normal_and_t():
    values, covariance = np.array([[2.0]]), np.ones((1, 1, 1))
    # Quantiles 1.959964 and 2.776445: tables of the normal and of t on 4 degrees of freedom.
    for df, quantile in ((np.nan, 1.959964), (4.0, 2.776445)):
        found = wald(values, covariance, np.array([df]), 0.95)
        np.testing.assert_allclose(found["ci_ub"] - 2.0, [[quantile]], atol=1e-6)


def test_no_standard_error_where_the_variance_is_zero():
    found = wald(np.ones((1, 1)), np.zeros((1, 1, 1)), np.full(1, np.nan), 0.95)
    assert np.isnan(found["se"]).all()
    assert np.isnan(found["ci_lb"]).all()
