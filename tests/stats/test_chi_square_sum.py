"""Weighted sums of chi-square variables."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from evsyn.stats._chi_square_sum import chi_square_sum_tail


def imhof(weights, x):
    """Imhof's inversion of the characteristic function, by quadrature."""

    def integrand(u):
        angle = 0.5 * np.arctan(weights * u).sum() - 0.5 * x * u
        return np.sin(angle) / (u * np.prod((1 + (weights * u) ** 2) ** 0.25))

    value, _ = integrate.quad(integrand, 0, np.inf, limit=2000)
    return 0.5 + value / np.pi


@pytest.mark.parametrize("x", [0.5, 5.0, 20.0])
def test_against_imhof(x):
    weights = np.array([1.0, 1.3, 2.0, 2.5, 4.0, 7.0, 30.0])
    assert chi_square_sum_tail(weights, x) == pytest.approx(imhof(weights, x), abs=1e-7)


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_equal_weights_are_chi_square(scale):
    found = chi_square_sum_tail(np.full(9, scale), 12.5 * scale)
    assert found == pytest.approx(stats.chi2.sf(12.5, 9), rel=1e-13)


def test_ends():
    weights = np.array([1.0, 5.0])
    assert chi_square_sum_tail(weights, 0.0) == 1
    assert chi_square_sum_tail(weights, 1e6) == pytest.approx(0, abs=1e-12)
    assert chi_square_sum_tail(np.array([]), 1.0) == 0


def test_too_long_a_series_gives_no_number():
    assert np.isnan(chi_square_sum_tail(np.geomspace(1, 1e9, 20), 10.0))
    assert np.isnan(chi_square_sum_tail(np.geomspace(1, 1e4, 2000), 10.0))
