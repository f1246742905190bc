"""The search in compiled code against the search on arrays."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from evsyn.stats.pooling import _compiled
from evsyn.stats.pooling.between_studies import _searched, solve_one

NUMBA = find_spec("numba") is not None  # without it the same functions run in Python, slowly
MANY = 3000 if NUMBA else 60


def synthetic(k: int, n: int, seed: int, spread: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    source = np.random.default_rng(seed)
    vi = np.exp(source.uniform(-4, 1, (k, n)))
    return source.normal(0.0, np.sqrt(vi + spread)), vi


@pytest.mark.parametrize("method", list(_compiled.CODES))
@pytest.mark.parametrize("k", [2, 3, 5, 13])
def test_agrees_with_the_search_on_arrays(method: str, k: int) -> None:
    yi, vi = synthetic(k, MANY, k)
    count = np.full(MANY, float(k))
    results, doubt, converged = _compiled.searched(yi, vi, count, method)
    plain = _searched((yi, vi, count), method, 0.0)
    assert converged.all()
    assert not doubt.any()
    scale = 1e-10 * (plain.tau2 + vi.min(axis=0))
    assert not (np.abs(results[0] - plain.tau2) > scale).any()
    np.testing.assert_allclose(results[2], plain.mean, rtol=0, atol=1e-10)
    np.testing.assert_allclose(
        results[3:7], [plain.variance, plain.rss, plain.q, plain.trace], rtol=1e-10
    )
    np.testing.assert_array_equal(results[7], plain.modes)


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "DL"])
@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_agrees_with_single_analyses_on_every_scale(method: str, scale: float) -> None:
    yi, vi = synthetic(7, 50, 3)
    yi, vi = yi * np.sqrt(scale), vi * scale
    results, _, _ = _compiled.searched(yi, vi, np.full(50, 7.0), method)
    for i in range(50):
        one = solve_one(yi[:, i].copy(), vi[:, i].copy(), method)
        assert results[0, i] == pytest.approx(one.tau2, rel=1e-9, abs=1e-12 * scale)
        assert np.sqrt(results[1, i]) == pytest.approx(one.tau2_se, rel=1e-7)
        assert results[2, i] == pytest.approx(one.mean, rel=1e-9)


@pytest.mark.skipif(not NUMBA, reason="numba is not installed; in Python this takes minutes")
def test_finds_the_higher_of_two_maxima() -> None:
    # One in some hundred synthetic analyses with such unequal variances has two.
    yi, vi = synthetic(5, 20_000, 11, 0.3)
    results, doubt, _ = _compiled.searched(yi, vi, np.full(20_000, 5.0), "REML")
    two = np.flatnonzero(results[7] > 1)
    assert two.size > 5
    assert not doubt.any()
    grid = np.concatenate([[0.0], np.geomspace(1e-4, 50.0, 2000)])
    for i in two[:20]:
        w = 1 / (vi[:, i : i + 1] + grid)
        mean = (w * yi[:, i : i + 1]).sum(axis=0) / w.sum(axis=0)
        height = np.log(w).sum(axis=0) - np.log(w.sum(axis=0))
        height -= (w * (yi[:, i : i + 1] - mean) ** 2).sum(axis=0)
        best = grid[height.argmax()]
        assert results[0, i] == pytest.approx(best, rel=0.01, abs=2e-4)


@pytest.mark.skipif(not NUMBA, reason="numba is not installed; Python stops where it divides by 0")
@pytest.mark.parametrize("method", list(_compiled.CODES))
def test_equal_effects_and_zero_variances(method: str) -> None:
    yi, vi = np.full((4, 3), 0.5), np.full((4, 3), 0.2)
    vi[1, 2] = 0.0
    results, doubt, converged = _compiled.searched(yi, vi, np.full(3, 4.0), method)
    np.testing.assert_array_equal(doubt, [False, False, True])
    assert converged.all()
    np.testing.assert_array_equal(results[0, :2], 0.0)
    np.testing.assert_allclose(results[2, :2], 0.5)


def test_absent_studies_have_no_weight() -> None:
    yi, vi = synthetic(6, 30, 5)
    wide_y, wide_v = np.zeros((9, 30)), np.full((9, 30), np.inf)
    wide_y[[0, 2, 3, 5, 6, 8]], wide_v[[0, 2, 3, 5, 6, 8]] = yi, vi
    for method in _compiled.CODES:
        plain, _, _ = _compiled.searched(yi, vi, np.full(30, 6.0), method)
        wide, _, _ = _compiled.searched(wide_y, wide_v, np.full(30, 6.0), method)
        np.testing.assert_allclose(wide[2:], plain[2:], rtol=1e-9)


@pytest.mark.parametrize(("stretch", "modes"), [(1.0, 1), (1.000005, 1), (0.999995, 2)])
def test_a_near_miss_of_the_score_is_no_maximum(stretch, modes):
    # Synthetic: at one place the score is above 0 by 1e-6 only, or below 0 where effects shrink.
    yi = stretch * np.array(
        [[10.251458042794075], [-0.005332936174319616], [-0.025428840224943614]]
    )
    vi = np.array([[0.3561866890534541], [1.548613768367989e-07], [3.040101536754651e-10]])
    results, doubt, converged = _compiled.searched(yi, vi, np.full(1, 3.0), "REML")
    assert converged.all()
    assert not doubt.any()
    assert results[7, 0] == modes
