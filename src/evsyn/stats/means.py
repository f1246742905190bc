"""Differences of means, between independent arms and within pairs, and spreads from print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import MeanMethod, choices
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    broadcast,
    broadcast_counts,
    checked_level,
    chosen,
    reasons,
    refuse,
    unwrapped,
)
from evsyn.stats._options import number
from evsyn.stats._special import stdtrit
from evsyn.stats._student import p_value, quantile

__all__ = [
    "MeanDifference",
    "PairedMeanRange",
    "mean_difference",
    "paired_mean_difference",
    "paired_mean_range",
    "sd_from_interval",
    "sd_from_se",
]


@dataclass(frozen=True, slots=True)
class MeanDifference:
    """Differences of means, in the unit of the means, with t intervals and tests.

    Attributes
    ----------
    estimate, se : ndarray of float
        Experimental mean minus comparator's, and its standard error, in the broadcast shape of
        the arguments; numbers where those were scalars; ``nan`` where undefined.
    ci_lb, ci_ub : ndarray of float
        Confidence limits.
    statistic, df, p_value : ndarray of float
        t, its degrees of freedom and the two-sided p.
    method : str
        ``"welch"``, ``"pooled"`` or ``"paired"``.
    level : float
        Confidence level, a share.
    reason : ndarray of str
        Why there is no interval; empty where there is one.
    """

    estimate: FloatArray
    se: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    method: str
    level: float
    reason: TextArray


@dataclass(frozen=True, slots=True)
class PairedMeanRange:
    """Smallest and largest of each statistic over the correlations that are possible.

    Attributes
    ----------
    estimate : ndarray of float
        Experimental mean minus comparator's; the correlation does not move it.
    se_min, se_max : ndarray of float
        Standard error at the highest and the lowest correlation.
    ci_lb_min, ci_lb_max, ci_ub_min, ci_ub_max : ndarray of float
        Limits; ``ci_lb_min`` to ``ci_ub_max`` is the interval at the lowest correlation.
    p_value_min, p_value_max : ndarray of float
        Two-sided p. Where the standard error falls to 0 (equal spreads, correlation 1) the
        smallest p is the limit that is approached: 0, or 1 for a difference of 0.
    df : ndarray of float
        n - 1.
    r_min, r_max : float
        Correlations between which the range was taken.
    level : float
        Confidence level, a share.
    """

    estimate: FloatArray
    se_min: FloatArray
    se_max: FloatArray
    ci_lb_min: FloatArray
    ci_lb_max: FloatArray
    ci_ub_min: FloatArray
    ci_ub_max: FloatArray
    p_value_min: FloatArray
    p_value_max: FloatArray
    df: FloatArray
    r_min: float
    r_max: float
    level: float


def mean_difference(
    mean_e: ArrayLike,
    sd_e: ArrayLike,
    n_e: ArrayLike,
    mean_c: ArrayLike,
    sd_c: ArrayLike,
    n_c: ArrayLike,
    *,
    method: MeanMethod = "welch",
    level: float = 0.95,
) -> MeanDifference:
    """Difference of the means of two independent arms.

    Parameters
    ----------
    mean_e, sd_e, n_e : array_like
        Mean, standard deviation (same unit) and participants of the experimental arm; broadcast
        against the others; ``nan`` where missing.
    mean_c, sd_c, n_c : array_like
        The same of the comparator.
    method : {"welch", "pooled"}, default "welch"
        Separate variances with Welch's degrees of freedom, or one variance with
        n_e + n_c - 2.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    MeanDifference
        Estimate, standard error, interval and test.

    Raises
    ------
    StatsError
        If a standard deviation is negative, an n is negative or not whole, shapes do not fit,
        the method is unknown or the level lies outside 0..1.

    References
    ----------
    .. [1] B. L. Welch, "The generalization of 'Student's' problem when several different
       population variances are involved", Biometrika 34 (1947) 28-35.

    Examples
    --------
    >>> difference = mean_difference(10.0, 2.0, 20, 8.0, 3.0, 25)
    >>> print(f"{difference.estimate:.1f} ({difference.ci_lb:.2f} to {difference.ci_ub:.2f})")
    2.0 (0.49 to 3.51)
    """
    name = chosen("method", method, choices(MeanMethod))
    level = checked_level(level)
    size_e, size_c = broadcast_counts(n_e=n_e, n_c=n_c)
    mean1, s1, n1, mean2, s2, n2 = _spreads(
        mean_e=mean_e, sd_e=sd_e, n_e=size_e, mean_c=mean_c, sd_c=sd_c, n_c=size_c
    )
    few = (n1 < 2) | (n2 < 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        if name == "welch":
            v1, v2 = s1**2 / n1, s2**2 / n2
            variance = v1 + v2
            df = variance**2 / (v1**2 / (n1 - 1) + v2**2 / (n2 - 1))
        else:
            df = n1 + n2 - 2
            variance = ((n1 - 1) * s1**2 + (n2 - 1) * s2**2) / df * (1 / n1 + 1 / n2)
    se = np.sqrt(np.where(few, np.nan, variance))
    return _t_difference(mean1 - mean2, se, df, few, method=name, level=level)


def paired_mean_difference(
    mean_e: ArrayLike,
    sd_e: ArrayLike,
    mean_c: ArrayLike,
    sd_c: ArrayLike,
    n: ArrayLike,
    *,
    r: ArrayLike,
    level: float = 0.95,
) -> MeanDifference:
    """Difference of the means of two arms that are the same people, sides or lesions.

    Parameters
    ----------
    mean_e, sd_e, mean_c, sd_c : array_like
        Means and standard deviations under the experimental arm and the comparator; broadcast;
        ``nan`` where missing.
    n : array_like of int
        Pairs.
    r : array_like of float
        Correlation of the two measurements of a pair, -1 to 1.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    MeanDifference
        Estimate, standard error, interval and test on n - 1 degrees of freedom.

    Raises
    ------
    StatsError
        If a standard deviation is negative, r lies outside -1..1, n is negative or not whole,
        shapes do not fit or the level lies outside 0..1.

    Notes
    -----
    ``se = sqrt(sd_e² + sd_c² - 2 r sd_e sd_c) / sqrt(n)`` [1]_.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023),
       section 23.2.7.

    Examples
    --------
    >>> difference = paired_mean_difference(4.0, 2.0, 5.0, 2.5, 16, r=0.5)
    >>> print(f"{difference.se:.3f} {difference.p_value:.4f}")
    0.573 0.1013
    """
    level = checked_level(level)
    (size,) = broadcast_counts(n=n)
    mean1, s1, mean2, s2, pairs, rho = _spreads(
        mean_e=mean_e, sd_e=sd_e, mean_c=mean_c, sd_c=sd_c, n=size, r=r
    )
    few = pairs < 2
    se = np.where(few, np.nan, _paired_se(s1, s2, pairs, rho))
    return _t_difference(mean1 - mean2, se, pairs - 1, few, method="paired", level=level)


def paired_mean_range(
    mean_e: ArrayLike,
    sd_e: ArrayLike,
    mean_c: ArrayLike,
    sd_c: ArrayLike,
    n: ArrayLike,
    *,
    r_min: float = -1.0,
    r_max: float = 1.0,
    level: float = 0.95,
) -> PairedMeanRange:
    """Range of `paired_mean_difference` over the correlations that are possible.

    Parameters
    ----------
    mean_e, sd_e, mean_c, sd_c, n : array_like
        As for `paired_mean_difference`.
    r_min, r_max : float, default -1 and 1
        Lowest and highest correlation admitted.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    PairedMeanRange
        Minimum and maximum of each statistic; both are reached at the ends, since standard error
        and p fall as the correlation rises.

    Raises
    ------
    StatsError
        As `paired_mean_difference`, and where ``r_min`` exceeds ``r_max``.

    Examples
    --------
    >>> span = paired_mean_range(4.0, 2.0, 5.0, 2.5, 16)
    >>> print(f"{span.se_min:.3f} to {span.se_max:.3f}")
    0.125 to 1.125
    """
    r_min, r_max = number("r_min", r_min), number("r_max", r_max)
    if not r_min <= r_max:
        raise StatsError(f"r_min={r_min:g} exceeds r_max={r_max:g}; give the lower one first")
    widest, narrowest = (
        paired_mean_difference(mean_e, sd_e, mean_c, sd_c, n, r=r, level=level)
        for r in (r_min, r_max)
    )
    estimate, se = np.asarray(narrowest.estimate), np.asarray(narrowest.se)
    limit = np.where(estimate == 0, 1.0, 0.0)
    p_min = np.where(se == 0, limit, narrowest.p_value)
    p_max = np.where(np.asarray(widest.se) == 0, limit, widest.p_value)
    return PairedMeanRange(
        estimate=narrowest.estimate,
        se_min=narrowest.se,
        se_max=widest.se,
        ci_lb_min=_collapsed(widest, widest.ci_lb),
        ci_lb_max=_collapsed(narrowest, narrowest.ci_lb),
        ci_ub_min=_collapsed(narrowest, narrowest.ci_ub),
        ci_ub_max=_collapsed(widest, widest.ci_ub),
        p_value_min=unwrapped(p_min),
        p_value_max=unwrapped(p_max),
        df=narrowest.df,
        r_min=float(r_min),
        r_max=float(r_max),
        level=narrowest.level,
    )


def sd_from_se(se: ArrayLike, n: ArrayLike) -> FloatArray:
    """Standard deviation from the standard error of a mean.

    Parameters
    ----------
    se : array_like
        Standard error of the mean of one arm; broadcast with ``n``; ``nan`` where missing.
    n : array_like of int
        Participants.

    Returns
    -------
    ndarray of float
        ``se sqrt(n)``; ``nan`` where n is 0.

    Raises
    ------
    StatsError
        If a standard error is negative, an n is negative or not whole, or shapes do not fit.

    References
    ----------
    Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023), section
    6.5.2.2.

    Examples
    --------
    >>> sd_from_se(0.5, 16)
    np.float64(2.0)
    """
    (size,) = broadcast_counts(n=n)
    error, size = _spreads(se=se, n=size)
    return cast(FloatArray, unwrapped(np.where(size > 0, error * np.sqrt(size), np.nan)))


def sd_from_interval(
    ci_lb: ArrayLike,
    ci_ub: ArrayLike,
    n: ArrayLike,
    *,
    mean: ArrayLike,
    rounding: ArrayLike = 0.0,
    level: float = 0.95,
) -> FloatArray:
    """Standard deviation from the t interval of the mean of one arm.

    Parameters
    ----------
    ci_lb, ci_ub : array_like
        Limits as printed; broadcast with the others; ``nan`` where missing.
    n : array_like of int
        Participants.
    mean : array_like
        Mean as printed: the interval must lie about it.
    rounding : array_like, default 0
        Unit of the last printed digit (0.1 for "4.2"): each of the three numbers may be off by
        half of it.
    level : float, default 0.95
        Confidence level of the interval, a share.

    Returns
    -------
    ndarray of float
        ``sqrt(n) (ci_ub - ci_lb) / (2 t)`` with t on n - 1 degrees of freedom; ``nan`` where n
        is below 2.

    Raises
    ------
    StatsError
        If the limits are in the wrong order, or the mean is not their midpoint within rounding:
        then the interval is not a t interval of this mean (it may be of a logarithm, of a median,
        or misprinted). Also for a negative rounding, an n that is negative or not whole, shapes
        that do not fit or a level outside 0..1.

    References
    ----------
    Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023), section
    6.5.2.2.

    Examples
    --------
    >>> print(f"{sd_from_interval(30.0, 34.2, 25, mean=32.1, rounding=0.1):.3f}")
    5.087
    """
    level = checked_level(level)
    (size,) = broadcast_counts(n=n)
    lower, upper, size, centre, unit = _spreads(
        ci_lb=ci_lb, ci_ub=ci_ub, n=size, mean=mean, rounding=rounding
    )
    refuse(upper < lower, "ci_lb={:g} exceeds ci_ub={:g}; give the lower limit first", lower, upper)
    midpoint = (lower + upper) / 2
    slack = unit + 1e-9 * np.maximum(np.abs(lower), np.abs(upper))
    refuse(
        np.abs(midpoint - centre) > slack,
        "mean={:g} is not the midpoint {:g} of its interval within rounding={:g}; "
        "no standard deviation follows from it",
        centre,
        midpoint,
        unit,
    )
    t = stdtrit(np.maximum(size - 1, 1), (1 + level) / 2)
    sd = np.sqrt(size) * (upper - lower) / (2 * t)
    return cast(FloatArray, unwrapped(np.where(size > 1, sd, np.nan)))


def _spreads(**arrays: ArrayLike) -> tuple[FloatArray, ...]:
    """Broadcast; refuse infinite values, negative spreads and correlations beyond -1..1."""
    common = broadcast(**arrays)
    for name, array in common.items():
        refuse(np.isinf(array), f"{name}={{:g}} is not finite; write nan for a missing one", array)
        if name in ("sd_e", "sd_c", "se", "rounding"):
            refuse(array < 0, f"{name}={{:g}} is negative; give 0 or more", array)
        if name == "r":
            refuse(np.abs(array) > 1, "r={:g} lies outside -1..1, where correlations are", array)
    return tuple(common.values())


def _paired_se(s1: FloatArray, s2: FloatArray, n: FloatArray, r: FloatArray) -> FloatArray:
    """Standard error of a paired difference; as a sum of squares, so that r = 1 is exact."""
    variance = (s1 - s2) ** 2 + 2 * (1 - r) * s1 * s2
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.sqrt(variance / n)


def _t_difference(
    estimate: FloatArray,
    se: FloatArray,
    df: FloatArray,
    few: BoolArray,
    *,
    method: str,
    level: float,
) -> MeanDifference:
    """Interval and test from t; neither where the standard error is 0 or unknown."""
    known = (se > 0) & ~np.isnan(estimate)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(known, estimate / se, np.nan)
    df = np.where(few | np.isnan(se), np.nan, df)
    known &= ~np.isnan(df)
    half = np.where(known, quantile(df, level) * se, np.nan)
    return MeanDifference(
        estimate=unwrapped(estimate),
        se=unwrapped(se),
        ci_lb=unwrapped(estimate - half),
        ci_ub=unwrapped(estimate + half),
        statistic=unwrapped(statistic),
        df=unwrapped(df),
        p_value=unwrapped(np.where(known, p_value(statistic, df), np.nan)),
        method=method,
        level=level,
        reason=unwrapped(
            reasons(
                se.shape,
                (few, "fewer than two participants"),
                (np.isnan(estimate), "a mean is missing"),
                (np.isnan(se), "a spread, an n or a correlation is missing"),
                (se == 0, "the standard error is 0"),
            )
        ),
    )


def _collapsed(fit: MeanDifference, limit: FloatArray) -> FloatArray:
    """Limit, or the estimate itself where the standard error is 0."""
    return cast(FloatArray, unwrapped(np.where(np.asarray(fit.se) == 0, fit.estimate, limit)))
