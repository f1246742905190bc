"""Tests and limits of coefficients from their covariance matrix."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray, normal_quantile
from evsyn.stats._special import chdtrc, fdtrc, ndtr, stdtr, stdtrit

__all__ = ["CoefficientTests", "JointTest", "coefficient_tests", "joint_test"]


@dataclass(frozen=True, slots=True)
class CoefficientTests:
    """Tests and limits, each of shape (p,).

    Attributes
    ----------
    se, statistic, p_value, ci_lb, ci_ub : ndarray, shape (p,)
        Standard errors, Wald statistics, two-sided p-values, limits.
    quantile : ndarray, shape (p,)
        Quantiles of the limits.
    """

    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    quantile: FloatArray


@dataclass(frozen=True, slots=True)
class JointTest:
    """Wald test of several coefficients.

    Attributes
    ----------
    statistic : float
        Chi-squared, or F where `df2` is a number; ``nan`` without coefficients to test.
    df, df2 : float
        Degrees of freedom; `df2` is ``nan`` for chi-squared.
    p_value : float
        Upper tail.
    """

    statistic: float
    df: int
    df2: float
    p_value: float


def coefficient_tests(
    coef: FloatArray, covariance: FloatArray, df: FloatArray, level: float
) -> CoefficientTests:
    """Two-sided tests and limits: t on ``df``, normal where that is ``nan``.

    Where ``df`` is 0 or less there is neither p-value nor limit.
    """
    variance = np.diagonal(covariance)
    se = np.sqrt(np.where(variance > 0, variance, np.nan))
    statistic = coef / se
    usable = np.where(df > 0, df, 1.0)
    t = np.where(df > 0, stdtrit(usable, 0.5 * (1.0 + level)), np.nan)
    quantile = np.where(np.isnan(df), normal_quantile(level), t)
    tail = -np.abs(statistic)
    p_t = np.where(df > 0, 2.0 * stdtr(usable, tail), np.nan)
    p_value = np.where(np.isnan(df), 2.0 * ndtr(tail), p_t)
    half = quantile * se
    return CoefficientTests(
        se, statistic, np.asarray(p_value), coef - half, coef + half, np.asarray(quantile)
    )


def joint_test(coef: FloatArray, covariance: FloatArray, df2: float) -> JointTest:
    """Wald test that all coefficients are 0: F on ``df2``, chi-squared where that is ``nan``."""
    q = len(coef)
    if not q:
        return JointTest(np.nan, 0, np.nan, np.nan)
    scale = np.sqrt(np.diagonal(covariance))
    if not (np.isfinite(scale).all() and (scale > 0).all()):
        return JointTest(np.nan, q, df2, np.nan)
    z = coef / scale
    correlation = covariance / np.outer(scale, scale)
    try:
        statistic = float(z @ np.linalg.solve(correlation, z))
    except np.linalg.LinAlgError:
        return JointTest(np.nan, q, df2, np.nan)
    if np.isnan(df2):
        return JointTest(statistic, q, np.nan, float(chdtrc(q, statistic)))
    p_value = float(fdtrc(q, df2, statistic / q)) if df2 > 0 else np.nan
    return JointTest(statistic / q, q, df2, p_value)
