"""Exact distribution of Kendall's score.

M. G. Kendall, "A new measure of rank correlation", Biometrika 30 (1938) 81-93, gives the
distribution of the score by recurrence: that of n things is that of n - 1 things taken n times,
each shifted by one more inversion. The frequencies below are worked out by hand from it.
"""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.bias.asymmetry import inversion_tail, rank_test


@pytest.mark.parametrize(
    ("n", "counts"),
    [(3, [1, 2]), (4, [1, 3, 5, 6]), (5, [1, 4, 9, 15, 20, 22]), (6, [1, 5, 14, 29, 49, 71, 90])],
)
def test_lower_halves(n, counts):
    tails = [inversion_tail(n, most) for most in range(len(counts))]
    orders = np.prod(np.arange(1, n + 1))
    np.testing.assert_allclose(tails, np.cumsum(counts) / orders, rtol=1e-13)


def test_two_sided_value_of_a_perfect_order():
    # synthetic: effects that rise with their variance, 2 of 120 orders as extreme
    result = rank_test([0.0, 1.0, 3.0, 6.0, 10.0], [1.0, 1.1, 1.2, 1.3, 1.4], force=True)
    assert result.tau == pytest.approx(1.0)
    assert result.p_value == pytest.approx(2 / 120)
