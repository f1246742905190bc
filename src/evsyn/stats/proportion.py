"""Intervals for a single proportion: response rates of one arm."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import OneArmMethod, choices
from evsyn.stats._arrays import (
    FloatArray,
    Intervals,
    arm_counts,
    checked_level,
    chosen,
    find_root,
    normal_quantile,
    reasons,
    unwrapped,
)
from evsyn.stats._special import betainc, betaincc, betainccinv, betaincinv

__all__ = ["proportion_interval", "wilson_limits"]

_Limits: TypeAlias = tuple[FloatArray, FloatArray]


def proportion_interval(
    events: ArrayLike, n: ArrayLike, *, method: OneArmMethod = "wilson", level: float = 0.95
) -> Intervals:
    r"""Confidence interval for a proportion.

    Parameters
    ----------
    events : array_like of int
        Participants with the event; broadcast with ``n``; ``nan`` where missing.
    n : array_like of int
        Participants analysed.
    method : {"wald", "wilson", "wilson-cc", "clopper-pearson", "jeffreys", "agresti-coull", \
"mid-p", "blaker"}, default "wilson"
        The interval, see Notes.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    Intervals
        ``estimate`` (events / n), ``ci_lb`` and ``ci_ub``, as shares, in the broadcast shape.
        Where nobody was analysed or a count is missing they are ``nan``, and ``reason`` says so.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed n, shapes do not fit, the method is
        unknown or the level lies outside 0..1.

    Notes
    -----
    With ``p = events / n``, ``z`` the normal quantile and ``alpha = 1 - level``:

    * ``wald``: ``p ± z sqrt(p (1 - p) / n)``, not cut to 0..1.
    * ``wilson``: the p whose score test is not rejected [1]_; ``wilson-cc``: the same with the
      continuity correction 1/(2n), method 4 of [2]_.
    * ``clopper-pearson``: both tails of the binomial at ``alpha / 2``; ``mid-p``: the same with
      half the probability of the observed count (method 6 of [2]_).
    * ``jeffreys``: equal tails of Beta(events + 1/2, n - events + 1/2), the lower limit 0 for no
      events and the upper 1 for all [3]_.
    * ``agresti-coull``: Wald with ``z²/2`` events and ``z²/2`` non-events more [3]_, around a
      centre that is not p; not cut to 0..1.
    * ``blaker``: every p whose acceptability exceeds alpha, that is the smaller tail and the
      largest opposite tail that does not exceed it [4]_. Acceptability jumps, and may fall below
      alpha again inside; the limits are the outermost p. They are found without a grid: on each
      piece between two jumps it first falls, then rises, and the first jump beyond the
      Clopper-Pearson limit reaches alpha, so that the limit is the crossing before this jump
      or the jump itself. It lies within Clopper-Pearson.

    References
    ----------
    .. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
       Journal of the American Statistical Association 22 (1927) 209-212.
    .. [2] R. G. Newcombe, "Two-sided confidence intervals for the single proportion: comparison
       of seven methods", Statistics in Medicine 17 (1998) 857-872.
    .. [3] L. D. Brown, T. T. Cai and A. DasGupta, "Interval estimation for a binomial
       proportion", Statistical Science 16 (2001) 101-133.
    .. [4] H. Blaker, "Confidence curves and improved exact confidence intervals for discrete
       distributions", Canadian Journal of Statistics 28 (2000) 783-798.

    Examples
    --------
    >>> rate = proportion_interval(7, 16)
    >>> print(f"{rate.estimate:.4f} ({rate.ci_lb:.4f} to {rate.ci_ub:.4f})")
    0.4375 (0.2310 to 0.6682)
    >>> proportion_interval([0, 20], 20, method="clopper-pearson").ci_ub.round(4)
    array([0.1684, 1.    ])
    """
    name = chosen("method", method, choices(OneArmMethod))
    level = checked_level(level)
    x, size = arm_counts(events=events, n=n)
    missing = np.isnan(x) | np.isnan(size)
    empty = size == 0
    usable = ~(missing | empty)
    estimate, lower, upper = (np.full(x.shape, np.nan) for _ in range(3))
    with np.errstate(all="ignore"):
        estimate[usable] = x[usable] / size[usable]
        lower[usable], upper[usable] = _METHODS[name](x[usable], size[usable], level)
    return Intervals(
        estimate=unwrapped(estimate),
        ci_lb=unwrapped(lower),
        ci_ub=unwrapped(upper),
        method=name,
        level=level,
        reason=unwrapped(
            reasons(x.shape, (missing, "a count is missing"), (empty, "no participants"))
        ),
        corrected=unwrapped(np.zeros(x.shape, dtype=np.bool_)),
    )


def _wald(x: FloatArray, n: FloatArray, level: float) -> _Limits:
    p = x / n
    half = normal_quantile(level) * np.sqrt(p * (1 - p) / n)
    return p - half, p + half


def wilson_limits(x: FloatArray, n: FloatArray, level: float) -> _Limits:
    """Limits of Wilson's interval for counts already checked.

    Parameters
    ----------
    x, n : ndarray
        Events and participants, n above 0.
    level : float
        Confidence level, a share.

    Returns
    -------
    tuple of ndarray
        Lower and upper limits; exactly 0 for no events, exactly 1 for all.
    """
    z2 = normal_quantile(level) ** 2
    root = np.sqrt(z2 * (z2 + 4 * x * (n - x) / n))
    # Multiplied out, so that small limits keep their digits: the product of the roots is x²/n.
    lower = 2 * x * x / n / (2 * x + z2 + root)
    rest = n - x
    upper = 1 - 2 * rest * rest / n / (2 * rest + z2 + root)
    return lower, upper


def _wilson_cc(x: FloatArray, n: FloatArray, level: float) -> _Limits:
    lower = _wilson_cc_lower(x, n, level)
    return lower, 1 - _wilson_cc_lower(n - x, n, level)


def _wilson_cc_lower(x: FloatArray, n: FloatArray, level: float) -> FloatArray:
    z = normal_quantile(level)
    p = x / n
    root = z * np.sqrt(np.maximum(z * z - 2 - 1 / n + 4 * p * (n - x + 1), 0.0))
    limit = (2 * x + z * z - 1 - root) / (2 * (n + z * z))
    return np.where(x == 0, 0.0, np.maximum(limit, 0.0))


def _exact_lower(x: FloatArray, n: FloatArray, level: float) -> FloatArray:
    return np.where(x == 0, 0.0, betaincinv(np.maximum(x, 1.0), n - x + 1, (1 - level) / 2))


def _clopper_pearson(x: FloatArray, n: FloatArray, level: float) -> _Limits:
    upper = betainccinv(x + 1, np.maximum(n - x, 1.0), (1 - level) / 2)
    return _exact_lower(x, n, level), np.where(x == n, 1.0, upper)


def _jeffreys(x: FloatArray, n: FloatArray, level: float) -> _Limits:
    a, b, tail = x + 0.5, n - x + 0.5, (1 - level) / 2
    lower = np.where(x == 0, 0.0, betaincinv(a, b, tail))
    return lower, np.where(x == n, 1.0, betainccinv(a, b, tail))


def _agresti_coull(x: FloatArray, n: FloatArray, level: float) -> _Limits:
    z = normal_quantile(level)
    total = n + z * z
    centre = (x + z * z / 2) / total
    half = z * np.sqrt(centre * (1 - centre) / total)
    return centre - half, centre + half


def _mid_p(x: FloatArray, n: FloatArray, level: float) -> _Limits:
    return _mid_p_lower(x, n, level), 1 - _mid_p_lower(n - x, n, level)


def _at_least(x: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    """P(X >= x) of the binomial, for x from 0 to n + 1."""
    inner = betainc(np.maximum(x, 1.0), np.maximum(n - x + 1, 1.0), p)
    return np.where(x <= 0, 1.0, np.where(x > n, 0.0, inner))


def _at_most(x: FloatArray, n: FloatArray, p: FloatArray) -> FloatArray:
    """P(X <= x) of the binomial, for x from -1 to n."""
    inner = betaincc(np.maximum(x + 1, 1.0), np.maximum(n - x, 1.0), p)
    return np.where(x < 0, 0.0, np.where(x >= n, 1.0, inner))


def _mid_p_lower(x: FloatArray, n: FloatArray, level: float) -> FloatArray:
    tail = (1 - level) / 2

    def excess(p: FloatArray, x: FloatArray, n: FloatArray) -> FloatArray:
        return (_at_least(x, n, p) + _at_least(x + 1, n, p)) / 2 - tail

    low = _exact_lower(x, n, level)
    high = np.where(x == n, 1.0, betaincinv(x + 1, np.maximum(n - x, 1.0), tail))
    return np.where(x == 0, 0.0, find_root(excess, low, high, x, n))


def _blaker(x: FloatArray, n: FloatArray, level: float) -> _Limits:
    return _blaker_lower(x, n, level), 1 - _blaker_lower(n - x, n, level)


def _blaker_lower(x: FloatArray, n: FloatArray, level: float) -> FloatArray:
    """Smallest p whose acceptability reaches alpha, see the Notes of `proportion_interval`."""
    alpha = 1 - level
    start = _exact_lower(x, n, level)
    k = _binomial_quantile(alpha / 2, n, start, below=x)

    def difference(p: FloatArray, x: FloatArray, n: FloatArray, k: FloatArray) -> FloatArray:
        return _at_least(x, n, p) - _at_most(k, n, p)

    def excess(p: FloatArray, x: FloatArray, n: FloatArray, k: FloatArray) -> FloatArray:
        return _at_least(x, n, p) + _at_most(k - 1, n, p) - alpha

    jump = find_root(difference, start, np.ones_like(start), x, n, k)
    jump = np.where(np.isnan(jump), start, jump)
    crossing = find_root(excess, start, jump, x, n, k)
    limit = np.where(np.isnan(crossing), jump, crossing)
    return cast(FloatArray, np.where(x == 0, 0.0, limit))


def _binomial_quantile(
    share: float, n: FloatArray, p: FloatArray, *, below: FloatArray
) -> FloatArray:
    """Smallest k with P(X <= k) >= share, sought in 0..below-1 by halving."""
    low, high = np.zeros_like(n), np.maximum(below - 1, 0.0)
    while (low < high).any():
        middle = np.floor((low + high) / 2)
        enough = _at_most(middle, n, p) >= share
        low, high = (
            np.where(enough, low, np.minimum(middle + 1, high)),
            np.where(enough, middle, high),
        )
    return low


_METHODS: dict[str, Callable[[FloatArray, FloatArray, float], _Limits]] = {
    "wald": _wald,
    "wilson": wilson_limits,
    "wilson-cc": _wilson_cc,
    "clopper-pearson": _clopper_pearson,
    "jeffreys": _jeffreys,
    "agresti-coull": _agresti_coull,
    "mid-p": _mid_p,
    "blaker": _blaker,
}
