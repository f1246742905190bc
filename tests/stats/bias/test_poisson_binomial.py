"""The number of successes against the binomial and against all outcomes."""

from __future__ import annotations

import itertools
import math

import numpy as np

from evsyn.stats.bias._poisson_binomial import poisson_binomial


def test_equal_probabilities_are_binomial():
    law = poisson_binomial(np.full(30, 0.2))
    wanted = [math.comb(30, j) * 0.2**j * 0.8 ** (30 - j) for j in range(31)]
    np.testing.assert_allclose(law, wanted, rtol=1e-12)


def test_all_outcomes():
    p = np.array([0.1, 0.5, 0.9, 0.3, 0.7])
    wanted = np.zeros(6)
    for outcome in itertools.product([0, 1], repeat=5):
        wanted[sum(outcome)] += np.prod(np.where(outcome, p, 1 - p))
    np.testing.assert_allclose(poisson_binomial(p), wanted, rtol=1e-13)


def test_edges():
    np.testing.assert_array_equal(poisson_binomial(np.array([])), [1.0])
    np.testing.assert_array_equal(poisson_binomial(np.array([0.0, 1.0])), [0.0, 1.0, 0.0])
    assert poisson_binomial(np.full(50, 1e-5))[50] > 0
