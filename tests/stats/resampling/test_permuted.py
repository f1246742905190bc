from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.regression import meta_regression
from evsyn.stats.resampling._permuted import (
    arrangements,
    arrangements_count,
    drawn_rows,
    observed_row,
    prepared,
    signs_of,
    statistics,
)

SOURCE = np.random.default_rng(8)  # synthetic
VI = SOURCE.uniform(0.05, 0.6, 7)
YI = SOURCE.normal(0.4, np.sqrt(VI + 0.2))
MODS = np.column_stack([[0, 0, 1, 1, 1, 0, 1], SOURCE.normal(size=7)])
OPTIONS = [
    (m, t) for m in ("EE", "DL", "HE", "SJ", "PM", "ML", "REML") for t in ("z", "knha", "adhoc")
]


@pytest.mark.parametrize(("method", "test"), OPTIONS)
def test_signs_give_what_pool_gives(method: str, test: str) -> None:
    problem = prepared(YI, VI, None, (method, test), intercept=True)
    signs = signs_of(7, (0, 64))
    found = statistics(problem, signs)
    fit = pool((signs * YI).T, np.tile(VI, (64, 1)).T, method=method, test=test)  # type: ignore[call-overload]
    np.testing.assert_allclose(found.estimate[0], fit.estimate, rtol=1e-12)
    np.testing.assert_allclose(found.statistic[0], fit.statistic, rtol=1e-12)
    np.testing.assert_allclose(found.qm, fit.statistic**2, rtol=1e-12)


@pytest.mark.parametrize(("method", "test"), OPTIONS)
@pytest.mark.parametrize("intercept", [True, False])
def test_rows_give_what_meta_regression_gives(method: str, test: str, intercept: bool) -> None:
    problem = prepared(YI, VI, MODS, (method, test), intercept=intercept)
    rows = np.concatenate(
        [observed_row(problem), drawn_rows(problem, np.random.SeedSequence(1), 40)]
    )
    found = statistics(problem, rows)
    values = np.array([MODS[problem.group == group][0] for group in range(problem.group.max() + 1)])
    designs = values[rows].transpose(1, 2, 0)
    fit = meta_regression(YI, VI, designs, method=method, test=test, intercept=intercept)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.estimate, fit.coef, rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(found.statistic, fit.statistic, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(found.qm, fit.qm, rtol=1e-8)
    np.testing.assert_allclose(found.taken(slice(0, 1)).qm, fit.qm[:1], rtol=1e-8)


@pytest.mark.parametrize(
    "groups", [[0, 0, 1], [0, 1, 2, 2], [0, 1, 2, 3, 4], [1, 1, 1, 1, 0, 2, 2]]
)
def test_rows_that_repeat_are_arranged_once(groups: list[int]) -> None:
    k = len(groups)
    mods = np.array(groups, dtype=float)
    problem = prepared(np.arange(k) / k, np.ones(k), mods, ("EE", "z"), intercept=True)
    found = np.concatenate(arrangements(problem))
    assert arrangements_count(problem) == len(found)
    assert {tuple(row) for row in found.tolist()} == set(permutations(problem.group.tolist()))


def test_one_odd_row_among_many() -> None:
    mods = np.zeros(300)
    mods[7] = 1.0
    problem = prepared(np.zeros(300), np.ones(300), mods, ("EE", "z"), intercept=True)
    rows = np.concatenate(arrangements(problem))
    assert rows.shape == (300, 300)
    np.testing.assert_array_equal(rows.sum(axis=0), 1)


def test_signs_cover_all_but_the_opposites() -> None:
    problem = prepared(YI, VI, None, ("EE", "z"), intercept=True)
    rows = np.concatenate([signs_of(7, part) for part in arrangements(problem)])
    assert arrangements_count(problem) == 128
    assert len({tuple(row) for row in [*rows.tolist(), *(-rows).tolist()]}) == 128


def test_draws_are_even() -> None:
    problem = prepared(YI, VI, None, ("EE", "z"), intercept=True)
    signs = drawn_rows(problem, np.random.SeedSequence(3), 20_000)
    np.testing.assert_allclose(signs.mean(axis=0), 0.0, atol=0.03)
    problem = prepared(YI, VI, MODS, ("EE", "z"), intercept=True)
    rows = drawn_rows(problem, np.random.SeedSequence(3), 20_000)
    np.testing.assert_allclose(rows.mean(axis=0), 3.0, atol=0.06)
    np.testing.assert_array_equal(np.sort(rows, axis=1), np.tile(np.arange(7), (20_000, 1)))


def test_incomplete_studies_are_left_out() -> None:
    y, mods = YI.copy(), MODS.copy()
    y[0], mods[3, 1] = np.nan, np.nan
    np.testing.assert_array_equal(
        prepared(y, VI, mods, ("EE", "z"), intercept=True).yi, YI[[1, 2, 4, 5, 6]]
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((YI[:2], VI[:2], MODS[:2]), "2 complete studies are no more than the 3 coefficients"),
        ((YI, VI, np.ones(7)), "the design is collinear: moderator 0 "),
        ((YI, VI, np.ones(3)), r"mods has the shape \(3,\)"),
        ((YI, VI, np.ones((7, 1, 2))), "give one design"),
        (([np.nan], [1.0], None), "no study has"),
        (([[1.0]], [[1.0]], None), "give one analysis"),
    ],
)
def test_what_is_refused(arguments: tuple[np.ndarray, ...], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        prepared(*arguments, ("REML", "z"), intercept=True)  # type: ignore[arg-type]
