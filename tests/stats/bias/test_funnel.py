"""The weighted line against ordinary least squares, and the refusal below ten studies."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.bias._funnel import enough_studies, line_result, weighted_line

CLOSED = 1e-10


def points(seed=3, k=12, n=4):
    """Synthetic points."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.1, 1.0, (k, n))
    return rng.normal(size=(k, n)) + x, x, 1 / x**2


def least_squares(y, x, w):
    root = np.sqrt(w)
    design = np.column_stack([np.ones_like(x), x]) * root[:, None]
    coef, *_ = np.linalg.lstsq(design, y * root, rcond=None)
    rest = y * root - design @ coef
    cov = np.linalg.inv(design.T @ design) * (rest @ rest) / (y.size - 2)
    return coef, np.sqrt(np.diag(cov))


def test_line_is_weighted_least_squares():
    y, x, w = points()
    line = weighted_line(y, x, w, np.ones(y.shape, dtype=bool))
    for column in range(y.shape[1]):
        coef, se = least_squares(y[:, column], x[:, column], w[:, column])
        np.testing.assert_allclose(
            [line.intercept[column], line.slope[column]], coef, rtol=CLOSED, atol=1e-12
        )
        np.testing.assert_allclose(
            [line.intercept_se[column], line.slope_se[column]], se, rtol=CLOSED
        )
    assert (line.df == 10).all()


def test_absent_points_count_for_nothing():
    y, x, w = points()
    present = np.ones(y.shape, dtype=bool)
    present[[2, 5], 1] = False
    line = weighted_line(y, x, w, present)
    kept = np.delete(np.arange(12), [2, 5])
    alone = weighted_line(*(part[kept][:, [1]] for part in (y, x, w)), np.ones((10, 1), dtype=bool))
    np.testing.assert_allclose(line.slope[1], alone.slope[0], rtol=CLOSED)
    np.testing.assert_allclose(line.slope_se[1], alone.slope_se[0], rtol=CLOSED)
    assert line.df[1] == 8


@pytest.mark.parametrize(
    ("x", "w", "present", "why"),
    [
        ([1, 2, 3], [1, 1, 1], [True, True, False], "fewer than three"),
        ([2, 2, 2], [1, 2, 3], [True] * 3, "the same in all"),
        ([1, 2, 3], [1, np.inf, 1], [True] * 3, "variance is 0"),
    ],
)
def test_where_there_is_no_line_it_says_why(x, w, present, why):
    columns = [np.array(values, dtype=float)[:, None] for values in ([1.0, 3.0, 2.0], x, w)]
    line = weighted_line(*columns, np.array(present)[:, None])
    assert np.isnan(line.slope[0]) and np.isnan(line.intercept[0])
    assert why in line.reason[0]


def test_points_on_a_line_leave_no_dispersion():
    x = np.array([[0.1], [0.2], [0.3], [0.7]])
    line = weighted_line(1 + 2 * x, x, 1 / x**2, np.ones(x.shape, dtype=bool))
    np.testing.assert_allclose([line.slope[0], line.intercept[0]], [2, 1], rtol=1e-12)
    assert line.slope_se[0] == 0 and "exactly on a line" in line.reason[0]
    result = line_result(
        line,
        lambda a: a[0],
        counts=(np.array([4]), np.array([0])),
        predictor="sei",
        level=0.95,
    )
    assert np.isnan(result.p_value) and np.isnan(result.statistic)


def test_fewer_than_ten_studies_are_refused():
    enough_studies(np.array([10.0, 12.0]), False, "rank_test")
    enough_studies(np.array([2.0]), True, "rank_test")
    with pytest.raises(StatsError, match=r"rank_test has 9 studies.*Sterne 2011.*force=True"):
        enough_studies(np.array([9.0]), False, "rank_test")
    with pytest.raises(StatsError, match=r"meta-analysis 1: rank_test has 1 study;"):
        enough_studies(np.array([10.0, 1.0]), False, "rank_test")
