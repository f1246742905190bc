"""The search in plain numbers: every maximum found, the highest taken."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.pooling._criteria import full_likelihood, generalised_q, restricted_likelihood
from evsyn.stats.pooling._powers import moments
from evsyn.stats.pooling._single import FEW, Analysis, highest, moment_estimate


def analysis(yi, vi, criterion=restricted_likelihood):
    yi, vi = np.asarray(yi, float), np.asarray(vi, float)
    at = vi.argmin()
    squares = (yi - yi.mean()) ** 2
    far = float((vi * squares).sum() / squares.sum())
    others = vi.copy()
    others[at] = np.inf
    found = Analysis(yi - yi[at], others, float(vi[at]), criterion)
    return found, highest(found, found.at(0.0), far=far)


@pytest.mark.parametrize(
    ("vague", "expected"), [(1.0, 0.0), (0.5, 3.6715)], ids=["zero higher", "zero lower"]
)
def test_two_maxima(vague, expected):
    # Synthetic: three precise studies that agree, two vague ones far apart.
    _, found = analysis([0.0, 0.03, -0.03, 3.0, -3.0], [0.01, 0.01, 0.01, vague, vague])
    assert found.point.x == pytest.approx(expected, rel=1e-4)
    assert found.modes == 2
    assert found.converged


def test_maxima_of_a_scan_are_all_counted():
    rng = np.random.default_rng(8)
    grid = np.concatenate([[0.0], np.geomspace(1e-7, 1e5, 3000)])
    several = 0
    for _ in range(150):
        k = rng.integers(2, 8)
        vi = 10.0 ** rng.uniform(-4, 4, k)
        yi = rng.normal(0, np.sqrt(vi + 10 ** rng.uniform(-3, 2)))
        own, found = analysis(yi, vi)
        heights = [own.height(own.at(x)) for x in grid]
        assert own.height(found.point) >= max(heights) - 1e-9
        rising = np.diff(heights) > 0
        peaks = np.count_nonzero(rising[:-1] & ~rising[1:]) + (not rising[0])
        assert found.modes >= peaks
        several += found.modes > 1
    assert several


@pytest.mark.parametrize("criterion", [restricted_likelihood, full_likelihood, generalised_q])
def test_the_root_is_a_root(criterion):
    own, found = analysis([0.1, 0.9, -0.4, 1.6], [0.1, 0.2, 0.15, 0.3], criterion)
    assert found.point.root
    assert own.at(found.point.x).log_ratio == pytest.approx(0, abs=1e-12)
    assert found.point.se2 > 0


def test_few_and_many_studies_are_summed_alike():
    rng = np.random.default_rng(1)
    d, v = rng.normal(size=FEW + 1), rng.uniform(0.1, 1, FEW + 1)
    looped = Analysis(d[:FEW], v[:FEW], 0.1, restricted_likelihood)
    multiplied = Analysis(d, v, 0.1, restricted_likelihood)
    last = Analysis(d[FEW:], v[FEW:], 0.1, restricted_likelihood)
    together = np.add(looped.sums(0.3), last.sums(0.3))
    np.testing.assert_allclose(multiplied.sums(0.3), together, rtol=1e-13)


def test_moment_estimate_is_dersimonian_and_laird():
    yi, vi = np.array([0.0, 1.0, 3.0]), np.full(3, 0.5)
    own, _ = analysis(yi, vi)
    assert moment_estimate(own.at(0.0), 3) == pytest.approx(yi.var(ddof=1) - 0.5)
    assert moments(own.sums(0.0), 0.5).tr == pytest.approx(4)
