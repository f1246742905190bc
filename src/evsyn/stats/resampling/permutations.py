"""Permutation tests of the pooled effect and of moderators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import PoolTest, choices
from evsyn.stats._arrays import FloatArray, chosen
from evsyn.stats.pooling.between_studies import COMMON_EFFECT, METHODS
from evsyn.stats.resampling._permuted import (
    Compared,
    Problem,
    arrangements,
    arrangements_count,
    drawn_rows,
    observed_row,
    prepared,
    signs_of,
    statistics,
)
from evsyn.stats.resampling.chunks import (
    Executor,
    Progress,
    checked_count,
    mapped,
    seeded,
)

__all__ = ["PermutationTest", "permutation_test"]

MOST = 5_000_000  # arrangements that an exact test goes through
EQUAL = 1e-8  # share of a statistic within which two of them are a tie


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """A permutation test.

    Attributes
    ----------
    estimate, statistic, p_value : ndarray, shape () or (p,)
        Pooled effect, or coefficients with the intercept first; their observed statistics; and
        the share of arrangements in which the statistic is as large, by absolute value.
    qm, qm_pvalue : float
        Omnibus statistic of the moderators, chi-square or F, and its p-value; without moderators
        the square of the statistic.
    k : int
        Studies.
    permutations : int
        Arrangements compared, the observed one among them.
    exact : bool
        Whether these are all there are.
    method, test : str
        Estimator of tau² and test whose statistic is compared.
    """

    estimate: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    qm: float
    qm_pvalue: float
    k: int
    permutations: int
    exact: bool
    method: str
    test: str


def permutation_test(
    yi: ArrayLike,
    vi: ArrayLike,
    mods: ArrayLike | None = None,
    *,
    method: str = "REML",
    test: PoolTest = "knha",
    intercept: bool = True,
    exact: bool | None = None,
    permutations: int = 1000,
    seed: int | np.random.SeedSequence | None = None,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> PermutationTest:
    """Test a pooled effect, or moderators, against rearrangements of the data.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; an absent study (``nan``) is left out.
    mods : array_like, shape (k,) or (k, p), optional
        Moderators. Without them the signs of the effects are flipped, with them the rows of the
        design permuted; a study with a missing one is left out.
    method : str, default "REML"
        Estimator of tau², as in `pool`; it is estimated anew in each arrangement.
    test : {"z", "knha", "adhoc"}, default "knha"
        Test whose statistic is compared.
    intercept : bool, default True
        Whether a regression has one.
    exact : bool, optional
        ``True`` goes through all arrangements that differ, ``False`` draws them at random; by
        default all, if there are no more than ``permutations``.
    permutations : int, default 1000
        Number of random arrangements, the observed one included as the first.
    seed : int or SeedSequence, optional
        Seed of the random arrangements.
    progress : callable, optional
        Called with the share done, in 0..1.
    executor : Executor, optional
        Where to compute, see `mapped`; the result does not depend on it.

    Returns
    -------
    PermutationTest
        p-values, never below one over the number of arrangements. An arrangement whose statistic
        has no value counts as extreme.

    Raises
    ------
    StatsError
        If shapes do not fit, there are too few studies, the moderators are collinear, an exact
        test would take more than 5,000,000 arrangements, or an option is unknown.

    Notes
    -----
    ``p = #(|statistic| >= |observed|) / permutations`` [1]_ [2]_; statistics that differ by 1e-8
    of their size count as ties. Flipping signs assumes effects symmetric about 0 under the null
    hypothesis; permuting rows, that effects and variances go with each moderator alike. With few
    studies no p-value can be small: k = 4 gives no less than 0.125.

    References
    ----------
    .. [1] D. A. Follmann, M. A. Proschan, "Valid inference in random effects meta-analysis",
       Biometrics 55 (1999) 732-737.
    .. [2] J. P. T. Higgins, S. G. Thompson, "Controlling the risk of spurious findings from
       meta-regression", Stat Med 23 (2004) 1663-1682.

    Examples
    --------
    Trials 1 to 4 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702): the signs can
    stand in 16 ways, two of which are as extreme as the observed.

    >>> yi, vi = [-0.8893, -1.5854, -1.3481, -1.4416], [0.3256, 0.1946, 0.4154, 0.0200]
    >>> found = permutation_test(yi, vi, test="z")
    >>> found.p_value, found.exact, found.permutations
    (np.float64(0.125), True, 16)
    """
    chosen("method", method, (*METHODS, "FE", "CE"))
    chosen("test", test, choices(PoolTest))
    count = checked_count("permutations", permutations)
    name = "EE" if method in COMMON_EFFECT else method
    problem = prepared(yi, vi, mods, (name, test), intercept=intercept)
    total = arrangements_count(problem)
    whole = exact is True or (exact is None and total <= count)
    if whole and total > MOST:
        raise StatsError(f"an exact test has {total} arrangements, more than {MOST}; draw them")
    used = total if whole else count
    tasks: Sequence[Any] = arrangements(problem) if whole else seeded(seed, used - 1) or [(None, 0)]
    found = mapped(
        partial(_fitted, problem), list(enumerate(tasks)), executor=executor, progress=progress
    )
    first = next(found)
    observed = first.taken(slice(0, 1))
    extreme = _extreme(observed, first.taken(slice(1, None)))
    for part in found:
        extreme += _extreme(observed, part)
    if whole and problem.design is None:
        extreme *= 2  # each arrangement of signs stands for its opposite as well
    p_value = (extreme if whole else extreme + 1) / used
    p_value = np.where(np.isnan(observed.compared[:, 0]), np.nan, p_value)
    values = (observed.estimate[:, 0], observed.statistic[:, 0], p_value[:-1])
    estimate, statistic, p = (value[0] if mods is None else value for value in values)
    rest = (float(observed.qm[0]), float(p_value[-1]), problem.yi.size, used, whole)
    return PermutationTest(estimate, statistic, p, *rest, name, test)


def _fitted(problem: Problem, task: tuple[int, Any]) -> Compared:
    """Statistics of a part of the arrangements; the first has the observed one before it."""
    number, part = task
    if isinstance(part[0], np.random.SeedSequence | None):
        rows = drawn_rows(problem, *part)
    else:
        rows = part if problem.design is not None else signs_of(problem.yi.size, part)
    if not number:
        rows = np.concatenate([observed_row(problem), rows])
    return statistics(problem, rows)


def _extreme(observed: Compared, found: Compared) -> FloatArray:
    """How many statistics are at least as large as the observed."""
    less = found.compared < observed.compared * (1 - EQUAL)
    return np.asarray((~less).sum(axis=1).astype(np.float64))
