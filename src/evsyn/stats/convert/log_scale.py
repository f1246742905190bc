"""Means and spreads between the raw and the logarithmic scale, by the log-normal distribution."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import FloatArray, TextArray, reasons, unwrapped
from evsyn.stats._faults import finite, refuse_negative, refuse_not_positive

__all__ = ["MomentsOnScale", "log_moments", "raw_moments"]

_ASSUMES = "the raw data are log-normal"


@dataclass(frozen=True, slots=True)
class MomentsOnScale:
    """Mean and standard deviation of one arm, taken from one scale to another.

    Attributes
    ----------
    mean, sd : ndarray of float
        On the new scale, in the broadcast shape of the arguments; numbers where those were
        scalars; ``nan`` where undefined.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no number; empty where there is one.
    """

    mean: FloatArray
    sd: FloatArray
    assumes: str
    reason: TextArray


def log_moments(mean: ArrayLike, sd: ArrayLike) -> MomentsOnScale:
    """Mean and standard deviation of the natural logarithms, from those of the raw data.

    Parameters
    ----------
    mean, sd : array_like
        Mean, above 0, and standard deviation of one arm in the unit of the data; broadcast;
        ``nan`` where missing.

    Returns
    -------
    MomentsOnScale
        ``ln(mean) - s²/2`` and s, with ``s² = ln(1 + sd²/mean²)``; the exponential of the first
        is the geometric mean.

    Raises
    ------
    StatsError
        If a mean is not above 0, a standard deviation negative, a value infinite, or shapes do
        not fit.

    Notes
    -----
    Method 1 of [1]_: apply it to both arms, and pool mean differences on the log scale (ratios of
    geometric means). A standard deviation as large as the mean is a sign of skewed data.

    References
    ----------
    .. [1] J. P. T. Higgins, I. R. White and J. Anzures-Cabrera, "Meta-analysis of skewed data:
       combining results reported on log-transformed or raw scales", Statistics in Medicine 27
       (2008) 6072-6092.

    Examples
    --------
    >>> arm = log_moments(10.0, 8.0)
    >>> print(f"{arm.mean:.4f} {arm.sd:.4f}")
    2.0552 0.7033
    """
    centre, spread = finite(mean=mean, sd=sd)
    refuse_not_positive(mean=centre)
    refuse_negative(sd=spread)
    variance = np.log1p((spread / centre) ** 2)
    return _moments(np.log(centre) - variance / 2, np.sqrt(variance))


def raw_moments(mean: ArrayLike, sd: ArrayLike) -> MomentsOnScale:
    """Mean and standard deviation of the raw data, from those of the natural logarithms.

    Parameters
    ----------
    mean, sd : array_like
        Mean and standard deviation of the natural logarithms of one arm; broadcast; ``nan`` where
        missing. Multiply both by ln(10) for logarithms to base 10.

    Returns
    -------
    MomentsOnScale
        ``exp(mean + sd²/2)``, and that times ``sqrt(exp(sd²) - 1)``; the inverse of
        `log_moments`.

    Raises
    ------
    StatsError
        If a standard deviation is negative, a value infinite, or shapes do not fit.

    References
    ----------
    As for `log_moments`.

    Examples
    --------
    >>> arm = raw_moments(2.0552, 0.7033)
    >>> print(f"{arm.mean:.2f} {arm.sd:.2f}")
    10.00 8.00
    """
    centre, spread = finite(mean=mean, sd=sd)
    refuse_negative(sd=spread)
    with np.errstate(over="ignore", invalid="ignore"):
        raw = np.exp(centre + spread**2 / 2)
        return _moments(raw, raw * np.sqrt(np.expm1(spread**2)))


def _moments(mean: FloatArray, sd: FloatArray) -> MomentsOnScale:
    endless = np.isinf(mean) | np.isinf(sd)
    missing = ~endless & (np.isnan(mean) | np.isnan(sd))
    mean, sd = (np.where(endless, np.nan, x) for x in (mean, sd))
    return MomentsOnScale(
        mean=unwrapped(mean),
        sd=unwrapped(sd),
        assumes=_ASSUMES,
        reason=unwrapped(
            reasons(
                mean.shape,
                (endless, "too large a number"),
                (missing, "the mean or the spread is missing"),
            )
        ),
    )
