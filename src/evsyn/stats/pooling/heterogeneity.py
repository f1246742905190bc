"""Heterogeneity: Cochran's Q, the typical variance behind I² and H², and intervals of tau²."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import BoolArray, FloatArray, checked_level, chosen
from evsyn.stats._special import chdtri
from evsyn.stats.pooling.studies import Studies, study_columns

__all__ = [
    "Studies",
    "Tau2Interval",
    "cochran_q",
    "study_columns",
    "tau2_interval",
    "typical_variance",
]


@dataclass(frozen=True, slots=True)
class Tau2Interval:
    """Interval of tau² and, on the same typical variance, of I² and H².

    Attributes
    ----------
    tau2_lb, tau2_ub : ndarray, shape () or (n,)
        Limits of tau².
    i2_lb, i2_ub : ndarray, shape () or (n,)
        Limits of I², percent.
    h2_lb, h2_ub : ndarray, shape () or (n,)
        Limits of H².
    level : float
        Confidence level.
    method : str
        ``"QP"``.
    """

    tau2_lb: FloatArray
    tau2_ub: FloatArray
    i2_lb: FloatArray
    i2_ub: FloatArray
    h2_lb: FloatArray
    h2_ub: FloatArray
    level: float
    method: str


def cochran_q(yi: FloatArray, vi: FloatArray, tau2: FloatArray | float = 0.0) -> FloatArray:
    """Weighted sum of squares about the weighted mean: Cochran's Q where ``tau2`` is 0.

    Parameters
    ----------
    yi, vi : ndarray, shape (..., k, n)
        Effect sizes and sampling variances, as laid out by `study_columns`.
    tau2 : ndarray, shape (..., n), or float
        Between-study variance added to each sampling variance.

    Returns
    -------
    ndarray, shape (..., n)
        ``sum(w (yi - mean)²)`` with ``w = 1 / (vi + tau2)``.

    Examples
    --------
    >>> float(cochran_q(np.array([[0.0], [2.0]]), np.ones((2, 1)))[0])
    2.0
    """
    w = 1.0 / (vi + np.expand_dims(np.atleast_1d(tau2), -2))
    return cast(FloatArray, (w * _residuals(yi, w) ** 2).sum(axis=-2))


def typical_variance(studies: Studies) -> FloatArray:
    """Typical sampling variance of Higgins and Thompson, which turns tau² into I² and H².

    Parameters
    ----------
    studies : Studies
        Effect sizes and variances.

    Returns
    -------
    ndarray, shape (n,)
        ``(k - 1) / (sum w - sum w² / sum w)`` with ``w = 1 / vi``; ``nan`` for fewer than two
        studies.

    References
    ----------
    J. P. T. Higgins, S. G. Thompson, "Quantifying heterogeneity in a meta-analysis",
    Stat Med 21 (2002) 1539-1558, eq. 9.

    Examples
    --------
    >>> typical_variance(study_columns([0.0, 1.0, 3.0], [0.5, 0.5, 0.5]))
    array([0.5])
    """
    spread, _, _ = _traces(1.0 / studies.vi)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(studies.k > 1, (studies.k - 1) / spread, np.nan)


def tau2_interval(
    yi: ArrayLike, vi: ArrayLike, *, method: Literal["QP"] = "QP", level: float = 0.95
) -> Tau2Interval:
    """Confidence interval of the between-study variance.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes and sampling variances; ``nan`` marks an absent study.
    method : {"QP"}, default "QP"
        Q-profile.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Tau2Interval
        Limits of tau², I² (percent) and H². A limit is 0 where Q at tau² = 0 already lies beyond
        its quantile; both are then 0 where the studies agree better than chance would have them.
        ``nan`` for fewer than two studies.

    Raises
    ------
    StatsError
        If a shape, variance, the method or the level is outside what is allowed.

    Notes
    -----
    The limits are the tau² at which the generalised Q equals the two quantiles of chi-square on
    k - 1 degrees of freedom [1]_.

    References
    ----------
    .. [1] W. Viechtbauer, "Confidence intervals for the amount of heterogeneity in
       meta-analysis", Stat Med 26 (2007) 37-52, section 2.1.

    Examples
    --------
    >>> interval = tau2_interval([-0.9, -1.6, -0.2, -0.5], [0.1, 0.1, 0.05, 0.02])
    >>> interval.tau2_lb.round(3), interval.tau2_ub.round(3)
    (np.float64(0.042), np.float64(5.02))
    """
    chosen("method", method, ("QP",))
    level = checked_level(level)
    studies = study_columns(yi, vi)
    df, tail = np.maximum(studies.k - 1, 1), (1 - level) / 2
    several = studies.k > 1
    limits = [np.where(several, _profile(studies, chdtri(df, p)), np.nan) for p in (tail, 1 - tail)]
    typical = typical_variance(studies)
    shares = [100 * limit / (typical + limit) for limit in limits]
    ratios = [1 + limit / typical for limit in limits]
    tau2_lb, tau2_ub, i2_lb, i2_ub, h2_lb, h2_ub = (
        studies.shaped(values) for values in (*limits, *shares, *ratios)
    )
    return Tau2Interval(tau2_lb, tau2_ub, i2_lb, i2_ub, h2_lb, h2_ub, level, method)


def _residuals(yi: FloatArray, w: FloatArray) -> FloatArray:
    """Distances from the weighted mean; zero weight everywhere gives zero."""
    total = w.sum(axis=-2, keepdims=True)
    mean = (w * yi).sum(axis=-2, keepdims=True) / np.where(total > 0, total, 1.0)
    return cast(FloatArray, yi - mean)


def _traces(w: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return tr P, tr PP and sum w of ``P = W - W 1 1'W / sum w``."""
    total, square = w.sum(axis=-2), (w * w).sum(axis=-2)
    safe = np.where(total > 0, total, 1.0)
    cube = (w * w * w).sum(axis=-2)
    return total - square / safe, square - 2 * cube / safe + (square / safe) ** 2, total


def _profile(studies: Studies, quantile: FloatArray) -> FloatArray:
    """Tau² at which the generalised Q of each column equals its quantile, or 0."""

    def distance(tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
        w = 1.0 / (vi + tau2)
        residuals = _residuals(yi, w)
        py = w * residuals
        return (py * residuals).sum(axis=0) - target, -(py * py).sum(axis=0)

    result = np.zeros(studies.k.shape)
    above = np.flatnonzero(cochran_q(studies.yi, studies.vi) > quantile)
    yi, vi, target = studies.yi[:, above], studies.vi[:, above], quantile[above]
    present = studies.present[:, above]
    squares = (present * _residuals(yi, present.astype(float)) ** 2).sum(axis=0)
    with np.errstate(invalid="ignore"):
        result[above], _ = _descend(
            distance, np.zeros(above.size), 1.001 * squares / target, 1e-14 * vi.min(axis=0)
        )
    return result


def _descend(
    function: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    low: FloatArray,
    high: FloatArray,
    floor: FloatArray,
) -> tuple[FloatArray, BoolArray]:
    """Root of a function that is above zero at ``low`` and not above it at ``high``.

    Newton steps, replaced by a halving of the bracket where they leave it or shrink too slowly.
    """
    low, high, x = low.copy(), high.copy(), (low + high) / 2
    before, done = high - low, np.zeros(low.shape, dtype=bool)
    for _ in range(200):
        value, slope = function(x)
        low, high = np.where(value > 0, x, low), np.where(value > 0, high, x)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = -value / slope
        small = np.abs(step) <= floor + 1e-14 * x
        inside = (x + step > low) & (x + step < high)
        newton = (slope < 0) & (small | (inside & (np.abs(step) < np.abs(before) / 2)))
        step = np.where(newton, step, (low + high) / 2 - x)
        step = np.where(done | (value == 0), 0.0, step)
        x, before = x + step, step
        done |= np.abs(step) <= floor + 1e-14 * x
        if done.all():
            break
    return x, done
