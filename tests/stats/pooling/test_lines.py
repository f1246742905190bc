"""Sums for many lines at once give what the matrices of each give."""

import numpy as np
import pytest

from evsyn.stats.pooling._design import contrasts_of, orthonormal
from evsyn.stats.pooling._fitted import fitted, third, traces, weighted
from evsyn.stats.pooling._lines import Lines, lines_of
from evsyn.stats.pooling._residual_tau2 import residual_tau2


def synthetic(k, n, p=2):
    rng = np.random.default_rng(k)
    design = np.concatenate([np.ones((k, 1, n)), rng.normal(size=(k, p - 1, n))], axis=1)
    v = np.exp(rng.normal(size=(k, n)))
    z = orthonormal(design, np.ones((k, n), dtype=bool)).z
    y = rng.normal(size=(k, n)) * np.sqrt(v + rng.choice([0.0, 1.0, 9.0], size=n))
    return contrasts_of(y, v, z)


def test_moments_and_traces_of_weights():
    data = synthetic(9, 40)
    lines = lines_of(data)
    assert isinstance(lines, Lines)
    tau2 = np.linspace(0.0, 3.0, 40)
    at = weighted(data, tau2)
    fit, trace = fitted(data, at), traces(data, at)
    found, weights = lines.moments(tau2)
    for got, expected in (
        *((found.rss, fit.rss), (found.ypp, fit.ypp), (found.yppp, third(data, at, fit))),
        *((found.tr, trace.tr), (found.tr2, trace.tr2)),
        *((weights[0], trace.weight), (weights[1], trace.weight2)),
    ):
        np.testing.assert_allclose(got, expected, rtol=1e-10)


def test_some_of_the_columns():
    lines = lines_of(synthetic(7, 10))
    some = np.array([1, 4])
    whole, part = lines.moments(np.full(10, 0.5))[0], lines.taken(some).moments(np.full(2, 0.5))[0]
    np.testing.assert_allclose(part.ypp, whole.ypp[some], rtol=1e-14)


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_searched_together_or_alone_tau2_is_the_same(method):
    data = synthetic(8, 200)
    found = residual_tau2(data, method, np.ones(200))
    assert found.converged.all()
    for at in range(0, 200, 9):
        one = residual_tau2(data.taken(np.array([at])), method, np.ones(1))
        np.testing.assert_allclose(one.tau2[0], found.tau2[at], rtol=1e-10, atol=1e-13)
        assert one.n_modes[0] == found.n_modes[at]


def test_what_is_unsafe_stays_as_it_is():
    data = synthetic(8, 3, p=3)
    assert lines_of(data) is data  # three coefficients
    y, v = np.array([[0.0], [2.0], [1.0], [5.0]]), np.array([[1e-13], [1.0], [1.0], [1.0]])
    design = np.array([[1.0, 0.0], [1.0, 1.0], [1.0, 2.0], [1.0, 3.0]])[..., None]
    columns = orthonormal(design, np.ones((4, 1), dtype=bool))
    data = contrasts_of(y, v, columns.z)
    assert lines_of(data) is data  # variances of very different size
