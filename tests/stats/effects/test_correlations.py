"""Effects from correlations; the unbiased one against quadrature and in expectation."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats import effect_sizes

NODES, WEIGHTS = np.polynomial.legendre.leggauss(2000)
ANGLES = (NODES + 1) * np.pi / 4


def by_quadrature(r, n):
    """Euler's integral for F, with t = sin²."""
    weight = WEIGHTS * np.cos(ANGLES) ** (n - 4)
    z = (1 - r) * (1 + r)
    return r * (weight / np.sqrt(1 - z * np.sin(ANGLES) ** 2)).sum() / weight.sum()


@pytest.mark.parametrize("n", [5, 6, 7, 9, 20, 41, 42, 43, 44, 100, 1000, 50000])
def test_unbiased_correlation_by_quadrature(n):
    r = np.array([-0.99, -0.4, -0.05, 0.02, 0.3, 0.77, 0.95])
    found = effect_sizes("UCOR", r=r, n=n)
    np.testing.assert_allclose(found.yi, [by_quadrature(value, n) for value in r], rtol=5e-13)
    assert (np.abs(found.yi) > np.abs(r)).all()


@pytest.mark.parametrize("rho", [0.3, 0.8])
def test_unbiased_correlation_is_unbiased(rho):
    """Mean over the density of r in samples of 8 (Hotelling's integral form, by quadrature)."""
    n = 8
    r = NODES
    w = (np.arange(4000) + 0.5) / 4000 * 40
    kernel = [((np.cosh(w) - rho * value) ** -(n - 1.0)).sum() for value in r]
    density = (1 - r**2) ** ((n - 4) / 2) * np.array(kernel) * WEIGHTS
    density /= density.sum()
    assert (density * effect_sizes("UCOR", r=r, n=n).yi).sum() == pytest.approx(rho, abs=1e-6)
    assert (density * r).sum() < rho - 0.005


def test_signs_and_ends():
    r = np.array([0, 0.2, 0.9])
    for measure in ("COR", "UCOR", "ZCOR"):
        found, other = effect_sizes(measure, r=r, n=12), effect_sizes(measure, r=-r, n=12)
        np.testing.assert_array_equal(found.yi, -other.yi)
        np.testing.assert_array_equal(found.vi, other.vi)
        assert found.yi[0] == 0


def test_variances():
    assert effect_sizes("ZCOR", r=0.5, n=28).vi == 1 / 25
    assert effect_sizes("COR", r=0.5, n=28).vi == pytest.approx(0.75**2 / 27, rel=1e-15)
    close = effect_sizes("COR", r=1 - 2.0**-30, n=28)
    assert close.vi == pytest.approx((2.0**-30 * (2 - 2.0**-30)) ** 2 / 27, rel=1e-14)
