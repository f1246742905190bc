"""Tests of coefficients."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evsyn.stats.models.wald import coefficient_tests, joint_test

COEF, COVARIANCE = np.array([0.4, -1.0]), np.array([[0.04, 0.01], [0.01, 0.25]])


def test_normal_and_t() -> None:
    found = coefficient_tests(COEF, COVARIANCE, np.array([np.nan, 3.5]), 0.9)
    np.testing.assert_allclose(found.se, [0.2, 0.5])
    expected = [2 * stats.norm.sf(2), 2 * stats.t.sf(2, 3.5)]
    np.testing.assert_allclose(found.p_value, expected, rtol=1e-12)
    half = [stats.norm.ppf(0.95) * 0.2, stats.t.ppf(0.95, 3.5) * 0.5]
    np.testing.assert_allclose(found.ci_ub - COEF, half, rtol=1e-12)


def test_without_degrees_of_freedom_or_variance_there_is_no_test() -> None:
    found = coefficient_tests(COEF, np.diag([0.04, 0.0]), np.array([0.0, np.nan]), 0.95)
    assert np.isnan(found.p_value).all()
    assert np.isnan(found.ci_lb).all()


def test_joint_tests() -> None:
    wald = COEF @ np.linalg.solve(COVARIANCE, COEF)
    chi = joint_test(COEF, COVARIANCE, np.nan)
    assert (chi.statistic, chi.df) == (pytest.approx(wald), 2)
    assert chi.p_value == pytest.approx(stats.chi2.sf(wald, 2), rel=1e-12)
    f = joint_test(COEF, COVARIANCE, 7.0)
    assert f.p_value == pytest.approx(stats.f.sf(wald / 2, 2, 7), rel=1e-12)
    tiny = joint_test(COEF * 1e-15, COVARIANCE * 1e-30, 7.0)
    assert tiny.statistic == pytest.approx(f.statistic, rel=1e-12)


def test_nothing_to_test() -> None:
    assert np.isnan(joint_test(np.zeros(0), np.zeros((0, 0)), np.nan).p_value)
    assert np.isnan(joint_test(COEF, np.zeros((2, 2)), 3.0).statistic)
    assert np.isnan(joint_test(COEF, np.full((2, 2), 0.1), 0.0).p_value)
