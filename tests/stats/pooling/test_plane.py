"""Meta-regressions in plain numbers agree with the arrays' way, and refuse what is unsafe."""

import math

import numpy as np
import pytest

from evsyn.stats.pooling._design import contrasts_of, orthonormal
from evsyn.stats.pooling._fitted import fitted, third, traces, weighted
from evsyn.stats.pooling._plane import Plane, layout, solved
from evsyn.stats.pooling._residual_tau2 import residual_tau2


def synthetic(seed, k, p):
    rng = np.random.default_rng(seed)
    design = np.column_stack([np.ones(k), rng.normal(size=(k, p - 1)) * 10.0 + 2000.0])
    v = np.exp(rng.normal(size=k))
    return rng.normal(size=k) * np.sqrt(v + rng.choice([0.0, 0.5, 3.0])), v, design[:, :p]


@pytest.mark.parametrize("p", [1, 2, 3, 4])
@pytest.mark.parametrize("tau2", [0.0, 0.3, 50.0])
def test_sums_give_the_traces_and_squares_of_the_contrasts(p, tau2):
    y, v, design = synthetic(p, 12, p)
    found = layout(y, v, design)
    columns = orthonormal(design[..., None], np.ones((12, 1), dtype=bool))
    data = contrasts_of(y[:, None], v[:, None], columns.z)
    at = weighted(data, tau2)
    fit, trace = fitted(data, at), traces(data, at)
    point = Plane(found, "REML").at(tau2)
    expected = (fit.rss[0], fit.ypp[0], third(data, at, fit)[0], trace.tr[0], trace.tr2[0])
    got = point.moments
    np.testing.assert_allclose((got.rss, got.ypp, got.yppp, got.tr, got.tr2), expected, rtol=1e-10)
    slope = Plane(found, "ML").at(tau2 + 1e-5).log_ratio - Plane(found, "ML").at(tau2).log_ratio
    middle = Plane(found, "ML").at(tau2 + 5e-6).slope
    assert slope / 1e-5 == pytest.approx(middle, rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "EB", "DL", "HS", "EE"])
@pytest.mark.parametrize("p", [2, 3])
def test_tau2_is_that_of_the_arrays(method, p):
    for seed in range(20):
        y, v, design = synthetic(seed, 7 + seed, p)
        found = layout(y, v, design)
        columns = orthonormal(design[..., None], np.ones((y.size, 1), dtype=bool))
        data = contrasts_of(y[:, None], v[:, None], columns.z)
        expected = residual_tau2(data, method, np.ones(1))
        best, _ = solved(found, method)
        np.testing.assert_allclose(best.point.x, expected.tau2[0], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(math.sqrt(best.point.se2), expected.se[0], rtol=1e-10)
        assert (best.modes, best.converged) == (expected.n_modes[0], True)


@pytest.mark.parametrize("p", [1, 2, 4])
def test_the_height_orders_two_values_of_tau2_as_the_likelihood_does(p):
    y, v, design = synthetic(3, 9, p)
    design = design + np.where(np.arange(p) > 0, -2000.0, 0.0)
    w = [1.0 / (v + tau2) for tau2 in (0.2, 4.0)]
    rss, logs, determinants = [], [], []
    for one in w:
        inner = design.T @ (one[:, None] * design)
        rest = y - design @ np.linalg.solve(inner, design.T @ (one * y))
        rss.append((one * rest * rest).sum())
        logs.append(np.log(one).sum())
        determinants.append(np.linalg.slogdet(inner)[1])
    found = layout(y, v, design)
    square = found.scale**2
    for method, share in (("REML", 1.0), ("ML", 0.0)):
        plane = Plane(found, method)
        low, high = (plane.height(plane.at(tau2 / square)) for tau2 in (0.2, 4.0))
        expected = np.subtract(logs, rss) - share * np.array(determinants)
        assert high - low == pytest.approx(expected[1] - expected[0], rel=1e-9)


def test_what_is_unsafe_has_no_layout():
    y, v, design = synthetic(1, 8, 2)
    assert layout(y, v, design) is not None
    assert layout(y, v, design[:, [0, 0]]) is None  # collinear
    assert layout(y, v, design * [1.0, 0.0]) is None
    assert layout(design @ [0.0, 0.0], v, design) is None  # no effect leaves the plane
    assert layout(y, np.where(np.arange(8) == 3, 1e-14, 1.0), design) is None
    assert layout(y, v, np.where(np.arange(8) == 3, np.nan, design.T).T) is None
    near = np.column_stack([np.ones(8), [0.0, 0.01, 1, 2, 3, 4, 5, 6]])
    assert layout(y, np.r_[1e-9, 1e-9, np.ones(6)], near) is None  # pivots close together
