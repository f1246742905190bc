"""Two-sided tests and quantiles of t, and of the normal where there are no degrees of freedom."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import FloatArray, normal_quantile
from evsyn.stats._special import ndtr, stdtr, stdtrit

__all__ = ["p_value", "quantile"]


def quantile(df: ArrayLike, level: float) -> FloatArray:
    """Two-sided quantile of t; of the normal where ``df`` is ``nan``, none where it is 0 or less.

    Examples
    --------
    >>> quantile([12.0, np.nan, 0.0], 0.95).round(3)
    array([2.179, 1.96 ,   nan])
    """
    df = np.asarray(df, dtype=np.float64)
    t = stdtrit(np.where(df > 0, df, 1.0), (1 + level) / 2)
    found = np.where(np.isnan(df), normal_quantile(level), np.where(df > 0, t, np.nan))
    return np.asarray(found, dtype=np.float64)


def p_value(statistic: ArrayLike, df: ArrayLike) -> FloatArray:
    """Two-sided p-value of t, of the normal where ``df`` is ``nan``, none where it is 0 or less.

    Examples
    --------
    >>> p_value([2.0, 2.0, 2.0], [np.nan, 11.0, 0.0]).round(3)
    array([0.046, 0.071,   nan])
    """
    tail, df = -np.abs(np.asarray(statistic, dtype=np.float64)), np.asarray(df, dtype=np.float64)
    if df.size and np.isnan(df).all():  # t takes much longer
        normal: FloatArray = 2 * ndtr(tail)
        return normal
    t = np.where(df > 0, stdtr(np.where(df > 0, df, 1.0), tail), np.nan)
    p = np.where(np.isnan(df), ndtr(tail), t)
    return np.asarray(2 * p, dtype=np.float64)[()]
