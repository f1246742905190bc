"""The estimators as columns: written-out sums, and what each says where it is undefined."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from evsyn.stats.pooling._strata import Strata, difference, odds_ratio, one_step, ratio


def strata(a, n1, c, n2):
    columns = [np.array(item, dtype=float)[:, None] for item in (a, n1, c, n2)]
    whole = np.ones(columns[0].shape, dtype=bool)
    return Strata(*columns, columns[1] + columns[3], whole, whole, True)


DATA = strata([4, 6, 3], [123, 306, 231], [11, 29, 11], [139, 303, 220])
ROWS = [tuple(float(x) for x in row) for row in np.hstack([DATA.a, DATA.n1, DATA.c, DATA.n2])]


def test_variance_of_the_odds_ratio_term_by_term():
    sums = np.zeros(5)
    for a, n1, c, n2 in ROWS:
        b, d, n = n1 - a, n2 - c, n1 + n2
        r, s, p, q = a * d / n, b * c / n, (a + d) / n, (b + c) / n
        sums += [r, s, p * r, p * s + q * r, q * s]
    r, s, pr, mixed, qs = sums
    expected = pr / (2 * r**2) + mixed / (2 * r * s) + qs / (2 * s**2)
    np.testing.assert_allclose(odds_ratio(DATA, True).variance, expected)


def test_variance_of_the_risk_ratio_term_by_term():
    top = sum(((a + c) * n1 * n2 - a * c * (n1 + n2)) / (n1 + n2) ** 2 for a, n1, c, n2 in ROWS)
    r = sum(a * n2 / (n1 + n2) for a, n1, c, n2 in ROWS)
    s = sum(c * n1 / (n1 + n2) for a, n1, c, n2 in ROWS)
    np.testing.assert_allclose(ratio(DATA, False, True).variance, top / (r * s))


def test_variance_of_a_difference_of_one_study_is_near_the_binomial():
    a, n1, c, n2 = 400, 1000, 300, 1000
    one = difference(strata([a], [n1], [c], [n2]), False)
    binomial = a * (n1 - a) / n1**3 + c * (n2 - c) / n2**3
    np.testing.assert_allclose(one.variance, binomial, rtol=2e-3)


def test_one_step_is_the_score_over_the_information():
    found = one_step(DATA)
    excess = sum(a - n1 * (a + c) / (n1 + n2) for a, n1, c, n2 in ROWS)
    np.testing.assert_allclose(found.estimate / found.variance, excess)
    np.testing.assert_allclose(found.weights.sum() * found.variance, 1.0)


def test_small_ratios_grow_with_the_events():
    found = [ratio(strata([x], [100], [10], [100]), False, True).estimate[0] for x in (1, 5, 20)]
    assert all(low < high for low, high in pairwise(found))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (([0], [10], [3], [10]), "speaks for a ratio above 0"),
        (([3], [10], [0], [10]), "bounds the ratio"),
        (([0], [10], [0], [10]), "the ratio is undefined"),
    ],
)
def test_reasons_of_ratios(data, reason):
    with np.errstate(all="ignore"):
        for found in (odds_ratio(strata(*data), True), ratio(strata(*data), False, True)):
            assert reason in found.reason[0]
            assert not np.isfinite(found.estimate[0])
