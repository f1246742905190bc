"""Fits and traces in contrasts against the matrices that they stand for."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.pooling._design import contrasts_of, orthonormal
from evsyn.stats.pooling._fitted import fitted, log_likelihood, third, traces, weighted


def projection(x, v):
    w = np.diag(1.0 / v)
    return w - w @ x @ np.linalg.solve(x.T @ w @ x, x.T @ w)


@pytest.mark.parametrize("p", [1, 2, 3, 4])
@pytest.mark.parametrize("tau2", [0.0, 0.3, 50.0])
def test_against_matrices(p, tau2):
    rng = np.random.default_rng(10 * p)
    k, n = 9, 3
    x = np.concatenate([np.ones((k, 1, n)), rng.normal(size=(k, p - 1, n))], axis=1)
    y, v = rng.normal(size=(k, n)), rng.uniform(0.05, 2.0, (k, n))
    data = contrasts_of(y, v, orthonormal(x, np.ones((k, n), dtype=bool)).z)
    square = data.scale**2
    at = weighted(data, tau2 / square)
    fit, trace = fitted(data, at), traces(data, at)
    cubed = third(data, at, fit)
    heights = {full: log_likelihood(data, at, fit.rss, full=full) for full in (True, False)}
    again = weighted(data, 2.0 * tau2 / square + 1.0)
    moved = {
        full: log_likelihood(data, again, fitted(data, again).rss, full=full) for full in heights
    }
    for column in range(n):
        m, total = projection(x[..., column], v[:, column] + tau2), v[:, column] + tau2
        one, s = y[:, column], square[column]
        expected = (one @ m @ one, one @ m @ m @ one * s, one @ m @ m @ m @ one * s**2)
        expected += (np.trace(m) * s, np.trace(m @ m) * s**2)
        expected += ((1.0 / total).sum() * s, (1.0 / total**2).sum() * s**2)
        values = (fit.rss, fit.ypp, cubed, trace.tr, trace.tr2, trace.weight, trace.weight2)
        np.testing.assert_allclose([value[column] for value in values], expected, rtol=1e-11)
        for full in heights:
            other = 2.0 * tau2 + s + v[:, column]
            difference = height(x[..., column], one, total, full)
            difference -= height(x[..., column], one, other, full)
            assert heights[full][column] - moved[full][column] == pytest.approx(difference)


def height(x, y, total, full):
    information = x.T @ (x / total[:, None])
    value = -np.log(total).sum() - y @ projection(x, total) @ y
    return value if full else value - np.linalg.slogdet(information)[1]
