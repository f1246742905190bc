"""The search on arrays against the search in plain numbers."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.pooling import _search, _single, between_studies
from evsyn.stats.pooling.between_studies import solve_many, solve_one


def data(n, seed, low=-3, high=3):
    rng = np.random.default_rng(seed)
    vi = 10.0 ** rng.uniform(low, high, (6, n))
    tau2 = np.where(rng.random(n) < 0.3, 0, 10.0 ** rng.uniform(-3, 2, n))
    return rng.normal(0, np.sqrt(vi + tau2)), vi


@pytest.mark.parametrize("method", ["REML", "ML", "PM"])
def test_arrays_and_numbers_agree(method):
    yi, vi = data(400, 21)
    many = solve_many(yi, vi, np.full(400, 6.0), method)
    several = 0
    for i in range(400):
        one = solve_one(yi[:, i], vi[:, i], method)
        assert many.tau2[i] == pytest.approx(one.tau2, rel=1e-9, abs=1e-14)
        assert many.mean[i] == pytest.approx(one.mean, rel=1e-9, abs=1e-12)
        assert many.tau2_se[i] == pytest.approx(one.tau2_se, rel=1e-7)
        assert many.modes[i] == one.modes
        several += one.modes > 1
    assert many.converged.all()
    assert method == "PM" or several


def test_parts_do_not_matter(monkeypatch):
    yi, vi = data(50, 22)
    whole = solve_many(yi, vi, np.full(50, 6.0), "REML")
    monkeypatch.setattr(between_studies, "CHUNK", 1)
    parts = solve_many(yi, vi, np.full(50, 6.0), "REML")
    for name in ("tau2", "mean", "variance", "rss", "q", "trace", "modes"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-11)


def test_tame_data_leave_nothing_to_divide(monkeypatch):
    divided = []
    halved = _search._halved
    monkeypatch.setattr(
        _search, "_halved", lambda columns, part: divided.append(1) or halved(columns, part)
    )
    rng = np.random.default_rng(3)
    vi = rng.uniform(0.1, 0.15, (6, 200))
    solve_many(rng.normal(0, 0.6, (6, 200)), vi, np.full(200, 6.0), "REML")
    assert not divided


def near_miss():
    """Synthetic: the likelihood rises throughout up to its maximum, at one place by 1e-6 only."""
    yi = [10.251458042794075, -0.005332936174319616, -0.025428840224943614]
    vi = [0.3561866890534541, 1.548613768367989e-07, 3.040101536754651e-10]
    return np.array(yi), np.array(vi)


def test_a_near_miss_of_the_score_is_no_maximum():
    yi, vi = near_miss()
    one = solve_one(yi, vi, "REML")
    many = solve_many(yi[:, None], vi[:, None], np.full(1, 3.0), "REML")
    for found in (one, many):
        assert np.all(found.converged)
        assert np.all(found.modes == 1)
        assert found.tau2 == pytest.approx(34.779098901153326, rel=1e-12)


@pytest.mark.parametrize("shift", [-1e-5, 1e-5])
def test_two_maxima_that_nearly_meet_are_told_from_one(shift):
    # the same effects, stretched: then the score at that place is below 0, or above it
    yi, vi = near_miss()
    stretched = yi * np.exp(shift / 2)
    one = solve_one(stretched, vi, "REML")
    many = solve_many(stretched[:, None], vi[:, None], np.full(1, 3.0), "REML")
    for found in (one, many):
        assert np.all(found.converged)
        assert np.all(found.modes == (2 if shift < 0 else 1))


def test_a_search_without_an_end_is_given_up(monkeypatch):
    yi, vi = data(50, 22)
    monkeypatch.setattr(_search, "MOST", 0)
    monkeypatch.setattr(_single, "MOST", 0)
    monkeypatch.setattr(_search, "ROUNDS", 1)
    many = solve_many(yi, vi, np.full(50, 6.0), "REML")
    one = [solve_one(yi[:, i], vi[:, i], "REML").converged for i in range(50)]
    assert not many.converged.all()
    assert many.converged.any()
    assert not all(one)
    assert any(one)
