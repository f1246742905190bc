r"""Score limits for the difference, ratio and odds ratio of two independent proportions.

All three share one idea, which spares the nested search for restricted estimates. On the lower
limit the pair (p_e, p_c) maximises the likelihood under the measure's value, so that one
multiplier m >= 0 pulls p_e down and pushes p_c up, on the scale on which the measure is a
difference (p, log p, logit p). Both have a closed form in m:

====  ====================================  ===========================================
RD    m p² - (n_e + m) p + x_e = 0          (p_e(1-p_e)/n_e + p_c(1-p_c)/n_c) m²
RR    p_e = (x_e - m) / (n_e - m)           (odds of no event, by arm: 1/n_e, 1/n_c) m²
OR    p_e = (x_e - m) / n_e                 (1/(n_e p_e(1-p_e)) + 1/(n_c p_c(1-p_c))) m²
====  ====================================  ===========================================

The right column is the squared score statistic. It rises strictly with m in all three, so that
the limit is the only root of *statistic = z² (N/(N-1) or 1)*. Upper limits follow by swapping
the arms. The limits are those of Mee and Miettinen-Nurminen (RD), Koopman and
Miettinen-Nurminen (RR), and Miettinen-Nurminen (OR). Ends of the range divide by 0, which the
caller silences.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np

from evsyn.stats._arrays import FloatArray, find_root

__all__ = ["odds_ratio_limits", "risk_difference_limits", "risk_ratio_limits"]

_Arms: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
_Limits: TypeAlias = tuple[FloatArray, FloatArray]


def risk_difference_limits(arms: _Arms, criterion: FloatArray) -> _Limits:
    """Score limits of p_e - p_c.

    Parameters
    ----------
    arms : tuple of ndarray
        ``x_e, n_e, x_c, n_c``, checked, totals above 0.
    criterion : ndarray
        Squared normal quantile, times N/(N-1) for Miettinen-Nurminen.

    Returns
    -------
    tuple of ndarray
        Lower and upper limits, within -1..1.
    """
    return _difference_lower(arms, criterion), -_difference_lower(_swapped(arms), criterion)


def risk_ratio_limits(arms: _Arms, criterion: FloatArray) -> _Limits:
    """Score limits of p_e / p_c; arguments and result as `risk_difference_limits`.

    The lower limit is 0 where the experimental arm has no events, the upper infinite where the
    comparator has none.
    """
    return _ratio_lower(arms, criterion), 1.0 / _ratio_lower(_swapped(arms), criterion)


def odds_ratio_limits(arms: _Arms, criterion: FloatArray) -> _Limits:
    """Score limits of the odds ratio; arguments and result as `risk_difference_limits`.

    The lower limit is 0 where the experimental arm has no events or the comparator only events,
    the upper infinite where it is the other way round.
    """
    return _odds_lower(arms, criterion), 1.0 / _odds_lower(_swapped(arms), criterion)


def _swapped(arms: _Arms) -> _Arms:
    x_e, n_e, x_c, n_c = arms
    return x_c, n_c, x_e, n_e


def _pulled(x: FloatArray, n: FloatArray, m: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return p and 1 - p that maximise log likelihood less m p, both without cancellation."""
    y = n - x
    root = np.sqrt((n - m) ** 2 + 4 * m * y)
    p = 2 * x / (n + m + root)
    q = np.where(m < n, 2 * y / (n - m + root), (m - n + root) / (2 * m))
    return p, q


def _difference_lower(arms: _Arms, criterion: FloatArray) -> FloatArray:
    def pair(m: FloatArray, *arms: FloatArray) -> _Arms:
        x_e, n_e, x_c, n_c = arms
        p_e, q_e = _pulled(x_e, n_e, m)
        q_c, p_c = _pulled(n_c - x_c, n_c, m)
        return p_e, q_e, p_c, q_c

    def excess(log_m: FloatArray, c: FloatArray, *arms: FloatArray) -> FloatArray:
        m = np.exp(log_m)
        p_e, q_e, p_c, q_c = pair(m, *arms)
        return 2 * log_m + np.log(p_e * q_e / arms[1] + p_c * q_c / arms[3]) - np.log(c)

    x_e, _, x_c, n_c = arms
    end = (x_e == 0) & (x_c == n_c)
    multiplier = np.exp(_rising_root(excess, criterion, *arms))
    p_e, _, p_c, _ = pair(multiplier, *arms)
    return np.where(end, -1.0, p_e - p_c)


def _rising_root(function: Callable[..., FloatArray], *args: FloatArray) -> FloatArray:
    """Root in the logarithm of the multiplier, the bracket widened until it holds."""
    low, high = np.zeros_like(args[0]), np.zeros_like(args[0])
    for _ in range(10):
        low = np.where(function(low, *args) > 0, 2 * low - 2, low)
        high = np.where(function(high, *args) < 0, 2 * high + 2, high)
    return find_root(function, low, high, *args)


def _ratio_lower(arms: _Arms, criterion: FloatArray) -> FloatArray:
    """Lower limit; with events only in an arm, p_e stays 1 until the multiplier reaches n_e."""

    def excess(m: FloatArray, c: FloatArray, *arms: FloatArray) -> FloatArray:
        x_e, n_e, x_c, n_c = arms
        return _ratio_term(m, x_e - m, n_e - x_e, n_e) + _ratio_term(m, x_c + m, n_c - x_c, n_c) - c

    x_e, n_e, x_c, n_c = arms
    m = find_root(excess, np.zeros_like(x_e), x_e, criterion, *arms)
    full = (x_e == n_e) & ~(excess(x_e, criterion, *arms) > 0)
    m = np.where(full, x_e, m)
    p_c = (x_c + m) / (n_c + m)
    left = np.maximum(criterion - _ratio_term(m, x_c + m, n_c - x_c, n_c), 0.0)
    p_e = np.where(full, n_e / (n_e + left), (x_e - m) / (n_e - m))
    return np.where(x_e == 0, 0.0, np.where((x_e == n_e) & ~full, 1.0 / p_c, p_e / p_c))


def _ratio_term(m: FloatArray, events: FloatArray, rest: FloatArray, n: FloatArray) -> FloatArray:
    """One arm's share of the squared statistic, 0 where all have the event."""
    return np.where((rest == 0) | (m == 0), 0.0, m * m * rest / (n * events))


def _odds_lower(arms: _Arms, criterion: FloatArray) -> FloatArray:
    def excess(m: FloatArray, c: FloatArray, *arms: FloatArray) -> FloatArray:
        x_e, n_e, x_c, n_c = arms
        first = n_e / ((x_e - m) * (n_e - x_e + m))
        second = n_c / ((x_c + m) * (n_c - x_c - m))
        return np.where(m == 0, 0.0, m * m * (first + second)) - c

    x_e, n_e, x_c, n_c = arms
    zero = (x_e == 0) | (x_c == n_c)
    m = find_root(excess, np.zeros_like(x_e), np.minimum(x_e, n_c - x_c), criterion, *arms)
    odds = (x_e - m) * (n_c - x_c - m) / ((n_e - x_e + m) * (x_c + m))
    return cast(FloatArray, np.where(zero, 0.0, odds))
