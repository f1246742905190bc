"""Ratios of paired proportions: the marginal risk ratio where the table of pairs is known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import PairedRatioMethod, choices
from evsyn.stats._arrays import (
    FloatArray,
    Intervals,
    broadcast_counts,
    checked_level,
    chosen,
    find_root,
    normal_quantile,
    reasons,
    unwrapped,
)

__all__ = ["log_ratio_variance", "paired_ratio_interval"]

_Limits: TypeAlias = tuple[FloatArray, FloatArray]


def paired_ratio_interval(
    both: ArrayLike,
    only_e: ArrayLike,
    only_c: ArrayLike,
    neither: ArrayLike,
    *,
    method: PairedRatioMethod = "bonett-price",
    level: float = 0.95,
) -> Intervals:
    """Confidence interval for the ratio of two paired proportions.

    Parameters
    ----------
    both, only_e, only_c, neither : array_like of int
        Pairs with the event under both arms, only the experimental, only the comparator, and
        neither; broadcast against each other; ``nan`` where missing.
    method : {"wald", "bonett-price", "tang"}, default "bonett-price"
        The interval, see Notes.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    Intervals
        ``estimate`` (events under the experimental arm over events under the comparator),
        ``ci_lb`` and ``ci_ub`` on the natural scale, in the broadcast shape; ``inf`` without
        events under the comparator. ``nan`` with a ``reason`` without events in either arm, and
        for the limits of ``wald`` without events in one.

    Raises
    ------
    StatsError
        If a count is negative or not whole, shapes do not fit, the method is unknown or the
        level lies outside 0..1.

    Notes
    -----
    With a = both, b = only_e, c = only_c, e = a + b and f = a + c:

    * ``wald``: ``exp(log(e/f) ± z sqrt((b + c)/(e f)))``.
    * ``bonett-price``: with s = a + b + c, lower Wilson limit of e/s over upper Wilson limit of
      f/s and the reverse, at z times
      ``sqrt((b + c + 2)/((e + 1)(f + 1)))`` over
      ``sqrt((1 - (e + 1)/(s + 2))/(e + 1)) + sqrt((1 - (f + 1)/(s + 2))/(f + 1))`` [1]_.
    * ``tang``: every ratio that the score test does not reject [2]_.

    References
    ----------
    .. [1] D. G. Bonett and R. M. Price, "Confidence intervals for a ratio of binomial
       proportions based on paired data", Statistics in Medicine 25 (2006) 3039-3047.
    .. [2] N.-S. Tang, M.-L. Tang and I. S. F. Chan, "On tests of equivalence via non-unity
       relative risk for matched-pair design", Statistics in Medicine 22 (2003) 1217-1233.

    Examples
    --------
    Complete response before and after consolidation therapy (Fagerland, Lydersen and Laake 2017,
    Statistical Analysis of Contingency Tables, chapter 8):

    >>> ratio = paired_ratio_interval(59, 6, 16, 80)
    >>> print(f"{ratio.estimate:.4f} ({ratio.ci_lb:.4f} to {ratio.ci_ub:.4f})")
    0.8667 (0.7579 to 0.9910)
    """
    name = chosen("method", method, choices(PairedRatioMethod))
    level = checked_level(level)
    a, b, c, d = broadcast_counts(both=both, only_e=only_e, only_c=only_c, neither=neither)
    missing = np.isnan(a + b + c + d)
    no_events, one_sided = a + b + c == 0, (a + b == 0) | (a + c == 0)
    usable = ~(missing | no_events)
    estimate, lower, upper = (np.full(a.shape, np.nan) for _ in range(3))
    with np.errstate(all="ignore"):
        estimate[usable] = (a + b)[usable] / (a + c)[usable]
        z = normal_quantile(level)
        lower[usable], upper[usable] = _METHODS[name](a[usable], b[usable], c[usable], z)
    return Intervals(
        estimate=unwrapped(estimate),
        ci_lb=unwrapped(lower),
        ci_ub=unwrapped(upper),
        method=name,
        level=level,
        reason=unwrapped(
            reasons(
                a.shape,
                (missing, "a count is missing"),
                (a + b + c + d == 0, "no pairs"),
                (no_events, "no events in either arm"),
                (one_sided & (name == "wald"), "no events in one arm"),
            )
        ),
        corrected=unwrapped(np.zeros(a.shape, dtype=np.bool_)),
    )


def log_ratio_variance(both: ArrayLike, only_e: ArrayLike, only_c: ArrayLike) -> FloatArray:
    """Sampling variance of the logarithm of the ratio of two paired proportions.

    Parameters
    ----------
    both, only_e, only_c : array_like of int
        Pairs with the event under both arms, only the experimental, only the comparator;
        broadcast against each other; ``nan`` where missing.

    Returns
    -------
    ndarray
        ``(only_e + only_c) / ((both + only_e)(both + only_c))`` in the broadcast shape; ``nan``
        where an arm has no events.

    Raises
    ------
    StatsError
        If a count is negative or not whole, or shapes do not fit.

    Notes
    -----
    The variance of metafor's measure ``MPRR``, by the delta method.

    Examples
    --------
    >>> print(f"{log_ratio_variance(59, 6, 16):.6f}")
    0.004513
    """
    a, b, c = broadcast_counts(both=both, only_e=only_e, only_c=only_c)
    product = (a + b) * (a + c)
    variance = np.where(product > 0, (b + c) / np.where(product > 0, product, 1.0), np.nan)
    return cast(FloatArray, unwrapped(variance))


def _wald(a: FloatArray, b: FloatArray, c: FloatArray, z: float) -> _Limits:
    e, f = a + b, a + c
    spread = np.exp(z * np.sqrt((b + c) / (e * f)))
    ratio = np.where((e > 0) & (f > 0), e / f, np.nan)
    return ratio / spread, ratio * spread


def _bonett_price(a: FloatArray, b: FloatArray, c: FloatArray, z: float) -> _Limits:
    e, f, s = a + b, a + c, a + b + c
    whole = np.sqrt((b + c + 2) / ((e + 1) * (f + 1)))
    apart = sum(np.sqrt((1 - (x + 1) / (s + 2)) / (x + 1)) for x in (e, f))
    (e_lb, e_ub), (f_lb, f_ub) = (_wilson(x, s, z * whole / apart) for x in (e, f))
    return e_lb / f_ub, e_ub / f_lb


def _wilson(x: FloatArray, n: FloatArray, z: FloatArray) -> _Limits:
    """Wilson limits at a normal quantile of their own each."""
    centre, width = x + z**2 / 2, z * np.sqrt(z**2 / 4 + x * (n - x) / n)
    lower = np.where(x == 0, 0.0, (centre - width) / (n + z**2))
    return lower, np.where(x == n, 1.0, (centre + width) / (n + z**2))


def _tang(a: FloatArray, b: FloatArray, c: FloatArray, z: float) -> _Limits:
    return _tang_lower(a, b, c, z), 1 / _tang_lower(a, c, b, z)


def _tang_lower(a: FloatArray, b: FloatArray, c: FloatArray, z: float) -> FloatArray:
    """Lower limit, searched on ``u = ratio / (1 + ratio)``, which has an end."""

    def excess(u: FloatArray, a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
        gap = (2 * a + b + c) * ((a + b) / (2 * a + b + c) - u)
        score = gap / np.sqrt(_tang_variance(u, a, b, c))
        return cast(FloatArray, np.where(gap <= 0, -z, score - z))

    estimate = (a + b) / (2 * a + b + c)
    root = find_root(excess, np.zeros(a.shape), estimate, a, b, c)
    root = np.where(estimate <= 0, 0.0, root)
    return root / (1 - root)


def _tang_variance(u: FloatArray, a: FloatArray, b: FloatArray, c: FloatArray) -> FloatArray:
    """Variance of ``(1 - u) e - u f`` under the ratio ``u / (1 - u)``, at the constrained maximum.

    The constrained share of pairs with the event under one arm only solves a quadratic, here
    for the arm of the smaller risk, times the number of pairs.
    """
    low = np.minimum(u, 1 - u)
    less, more = np.where(u < 0.5, b, c), np.where(u < 0.5, c, b)
    s = a + b + c
    linear = (a + less) * (1 - low) ** 2 - (a + more + 2 * less) * low**2
    constant = less * (1 - 2 * low) * low * s
    root = np.sqrt(linear**2 + 4 * low * constant)
    count = np.where(linear > 0, 2 * constant / (linear + root), (root - linear) / (2 * low))
    return cast(FloatArray, low * (count + s * (1 - 2 * low)))


_METHODS: dict[str, Callable[..., _Limits]] = {
    "wald": _wald,
    "bonett-price": _bonett_price,
    "tang": _tang,
}
