"""Cumulative meta-analysis: the pooled effect as each study was added."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.literals import PoolMethodName, PoolTest
from evsyn.stats._arrays import float_array
from evsyn.stats.pooling import leaving
from evsyn.stats.pooling.leaving import RefittedEffects, refitted_effects, single_analysis
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.pooled import joined

__all__ = ["cumulative"]


def cumulative(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    order: ArrayLike | None = None,
    method: PoolMethodName = "REML",
    test: PoolTest = "z",
    level: float = 0.95,
) -> RefittedEffects:
    """Pool the first study, the first two, and so on.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; ``nan`` marks an absent study.
    order : array_like, shape (k,), optional
        Values that the studies are sorted by, such as their years; equal values stay in the order
        given. Without it the studies are taken as they stand.
    method : str, default "REML"
        Estimator of tau², as in `pool`; it is estimated anew at each step.
    test : {"z", "knha", "adhoc"}, default "z"
        Test, as in `pool`.
    level : float, default 0.95
        Confidence level of each interval; none is widened for the looks before it.

    Returns
    -------
    RefittedEffects
        Row i pools the first i + 1 studies in order, and ``order[i]`` is the position of the study
        that it adds. The first row is that study alone, with tau² 0. The row of an absent study
        is ``nan`` with a reason.

    Raises
    ------
    StatsError
        If the shapes are not (k,) alike, a value to sort by is missing, and as `pool` raises.

    Notes
    -----
    All steps are fitted in one call. An interval read at every step excludes no effect in far more
    than 5 % of such series: the rows describe how the evidence grew and are no sequence of tests.

    References
    ----------
    J. Lau, E. M. Antman, J. Jimenez-Silva, B. Kupelnick, F. Mosteller, T. C. Chalmers,
    "Cumulative meta-analysis of therapeutic trials for myocardial infarction", N Engl J Med 327
    (1992) 248-254.

    Examples
    --------
    Trials 1 to 4 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702), by year:

    >>> yi, vi = [-0.8893, -1.5854, -1.3481, -1.4416], [0.3256, 0.1946, 0.4154, 0.0200]
    >>> found = cumulative(yi, vi, order=[1948, 1949, 1960, 1977], method="DL")
    >>> found.estimate.round(3)
    array([-0.889, -1.325, -1.33 , -1.422])
    """
    y, v = single_analysis(yi, vi)
    at = _positions(y.size, order)
    y, v = y[at], v[at]
    present = ~np.isnan(y + v)
    some = (y[present], v[present]) if present.any() else (y[:1], v[:1])
    k = some[0].size
    width = max(1, leaving.AT_ONCE // k)
    parts = []
    for low in range(0, k, width):
        high = min(low + width, k)
        first = np.arange(high)[:, None] <= np.arange(low, high)
        many = [np.where(first, part[:high, None], np.nan) for part in some]
        part_fit = pool(*many, method=method, test=test, level=level)
        parts.append(joined([part_fit]))  # without the variances, of which there are k² in all
    fit = joined(parts)
    return refitted_effects(fit, at, present)


def _positions(k: int, order: ArrayLike | None) -> NDArray[np.intp]:
    """Positions of the studies, first to last."""
    if order is None:
        return np.arange(k)
    values = float_array("order", order)
    if values.shape != (k,):
        raise StatsError(f"order has the shape {values.shape}; give ({k},), one value a study")
    if np.isnan(values).any():
        at = int(np.flatnonzero(np.isnan(values))[0])
        raise StatsError(f"study {at}: order is missing; give a number to sort by")
    return np.argsort(values, kind="stable")
