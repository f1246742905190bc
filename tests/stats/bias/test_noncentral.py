"""Tails with an effect against the normal, against integration, and there and back."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats._special import gammaln, ndtr
from evsyn.stats.bias._noncentral import (
    central_tail,
    critical_value,
    noncentral_tail,
    noncentrality,
)

INF = float("inf")
SHAPES = [(1.0, INF), (3.0, INF), (1.0, 12.0), (2.0, 40.0), (4.0, 300.0), (7.0, 3.0)]


def arrays(*values):
    return tuple(np.atleast_1d(np.array(value, dtype=float)) for value in values)


def integrated(x, df2, shift):
    """Two-sided tail of the noncentral t, its denominator integrated over."""
    node, weight = np.polynomial.legendre.leggauss(400)
    s = (node + 1) * 2.0  # chi / sqrt(df2), all of its mass below 4
    log_density = (
        np.log(2)
        + df2 / 2 * np.log(df2 / 2)
        - gammaln(df2 / 2)
        + (df2 - 1) * np.log(s)
        - df2 * s * s / 2
    )
    t = np.sqrt(x)
    tails = ndtr(shift - t * s) + ndtr(-shift - t * s)
    return float((2.0 * weight * np.exp(log_density) * tails).sum())


@pytest.mark.parametrize(("df2", "shift"), [(12.0, 1.5), (40.0, 0.3), (88.0, 4.0)])
@pytest.mark.parametrize("t", [0.5, 2.0, 4.0, 9.0])
def test_f_on_one_degree_is_the_square_of_t(df2, shift, t):
    x, df1, df2_, noncentral = arrays(t * t, 1.0, df2, shift**2)
    np.testing.assert_allclose(
        noncentral_tail(x, df1, df2_, noncentral), integrated(t * t, df2, shift), rtol=1e-9
    )


@pytest.mark.parametrize(("df1", "df2"), SHAPES)
def test_without_an_effect_it_is_the_central_tail(df1, df2):
    x, first, second, zero = arrays([0.3, 4.0, 60.0], [df1] * 3, [df2] * 3, [0.0] * 3)
    np.testing.assert_allclose(
        noncentral_tail(x, first, second, zero), central_tail(x, first, second), rtol=1e-9
    )


@pytest.mark.parametrize(("df1", "df2"), SHAPES)
@pytest.mark.parametrize("power", [0.06, 1 / 3, 0.8, 0.99])
def test_there_and_back(df1, df2, power):
    first, second = arrays(df1, df2)
    critical = critical_value(0.05, first, second)
    np.testing.assert_allclose(central_tail(critical, first, second), 0.05, rtol=1e-10)
    noncentral = noncentrality(power, 0.05, first, second)
    np.testing.assert_allclose(
        noncentral_tail(critical, first, second, noncentral), power, rtol=1e-10
    )


def test_power_of_alpha_needs_no_effect():
    assert noncentrality(0.05, 0.05, *arrays(2.0, 30.0))[0] == 0


@pytest.mark.parametrize(("df1", "df2"), SHAPES)
def test_small_tails_join_the_large_ones(df1, df2):
    x = np.geomspace(1.0, 200.0, 60)
    tail = noncentral_tail(x, np.full(60, df1), np.full(60, df2), np.full(60, 2.3))
    assert (tail > 0).all() and (np.diff(np.log(tail)) < 0).all()
    assert np.diff(np.log(tail), 2).max() < 0.02 or df2 < 10
