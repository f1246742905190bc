"""Guesses of tau² without each study: near enough that the search only confirms them."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats import pool
from evsyn.stats.pooling._neighbours import roots_without_each
from evsyn.stats.pooling.between_studies import solve_many


@pytest.mark.parametrize("k", [12, 20, 60])
def test_most_guesses_are_good_to_six_digits(k):
    rng = np.random.default_rng(k)
    vi = rng.uniform(0.02, 0.5, k)
    yi = rng.normal(0, np.sqrt(vi + 0.4))
    tau2 = float(pool(yi, vi).tau2)
    expected = np.array([pool(np.delete(yi, i), np.delete(vi, i)).tau2 for i in range(k)])
    near = np.abs(roots_without_each(yi, vi, tau2) - expected) < 1e-6 * expected
    assert near.mean() > 0.6


def test_without_heterogeneity_there_is_nothing_to_guess():
    assert not roots_without_each(np.array([0.1, 0.2, 0.1]), np.full(3, 0.5), 0.0).any()


def test_whatever_is_guessed_the_answer_is_the_same():
    rng = np.random.default_rng(1)
    vi = 10.0 ** rng.uniform(-3, 3, 12)
    yi = rng.normal(0, np.sqrt(vi + 1))
    rows = np.arange(11)[:, None]
    others = rows + (rows >= np.arange(12))
    usual = solve_many(yi[others], vi[others], np.full(12, 11.0), "REML")
    for near in (1e-9, 1e9, np.where(np.arange(12) % 2, np.nan, 3.0)):
        found = solve_many(yi[others], vi[others], np.full(12, 11.0), "REML", near=near)
        np.testing.assert_allclose(found.tau2, usual.tau2, rtol=1e-10)
