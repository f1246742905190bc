"""Differences of paired proportions: each person, side or lesion is measured under both arms.

The table of pairs is given by four named counts, never by its margins alone; for margins see
`evsyn.stats.paired_range`. Differences are experimental minus comparator.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import PairedMethod, PairedTest, choices
from evsyn.stats._arrays import (
    FloatArray,
    Intervals,
    TestResult,
    broadcast_counts,
    checked_level,
    chosen,
    find_root,
    normal_quantile,
    reasons,
    unwrapped,
)
from evsyn.stats._special import betainc, betaln, chdtrc
from evsyn.stats.proportion import wilson_limits

__all__ = ["paired_interval", "paired_test"]

_Limits: TypeAlias = tuple[FloatArray, FloatArray]


def paired_interval(
    both: ArrayLike,
    only_e: ArrayLike,
    only_c: ArrayLike,
    neither: ArrayLike,
    *,
    method: PairedMethod = "tango",
    level: float = 0.95,
) -> Intervals:
    """Confidence interval for the difference of two paired proportions.

    Parameters
    ----------
    both, only_e, only_c, neither : array_like of int
        Pairs with the event under both arms, only the experimental, only the comparator, and
        neither; broadcast against each other; ``nan`` where missing.
    method : {"wald", "bonett-price", "newcombe", "tango"}, default "tango"
        The interval, see Notes.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    Intervals
        ``estimate`` ((only_e - only_c) / pairs), ``ci_lb`` and ``ci_ub`` in the broadcast shape;
        ``nan`` with a ``reason`` where there are no pairs.

    Raises
    ------
    StatsError
        If a count is negative or not whole, shapes do not fit, the method is unknown or the
        level lies outside 0..1.

    Notes
    -----
    With N pairs, b = only_e, c = only_c and z the normal quantile:

    * ``wald``: ``(b - c)/N ± z sqrt(b + c - (b - c)²/N) / N``; not cut to -1..1.
    * ``bonett-price``: Wald with ``(b + 1)/(N + 2)`` and ``(c + 1)/(N + 2)`` [1]_; not cut.
    * ``newcombe``: Wilson limits of the two margins, joined with their correlation phi, whose
      numerator is lowered by N/2, not below 0, where it is positive (method 10 of [2]_).
    * ``tango``: every difference that the score test does not reject [3]_.

    References
    ----------
    .. [1] D. G. Bonett and R. M. Price, "Adjusted Wald confidence interval for a difference of
       binomial proportions based on paired data", Journal of Educational and Behavioral
       Statistics 37 (2012) 479-488.
    .. [2] R. G. Newcombe, "Improved confidence intervals for the difference between binomial
       proportions based on paired data", Statistics in Medicine 17 (1998) 2635-2650.
    .. [3] T. Tango, "Equivalence test and confidence interval for the difference in proportions
       for the paired-sample design", Statistics in Medicine 17 (1998) 891-908.

    Examples
    --------
    Airway hyper-responsiveness before and after transplantation, 1, 1, 7 and 12 children
    (Fagerland, Lydersen and Laake 2014):

    >>> difference = paired_interval(1, 1, 7, 12)
    >>> print(f"{difference.estimate:.3f} ({difference.ci_lb:.3f} to {difference.ci_ub:.3f})")
    -0.286 (-0.517 to -0.026)
    """
    name = chosen("method", method, choices(PairedMethod))
    level = checked_level(level)
    cells = broadcast_counts(both=both, only_e=only_e, only_c=only_c, neither=neither)
    total = cells[0] + cells[1] + cells[2] + cells[3]
    usable = total > 0
    estimate, lower, upper = (np.full(total.shape, np.nan) for _ in range(3))
    estimate[usable] = (cells[1][usable] - cells[2][usable]) / total[usable]
    lower[usable], upper[usable] = _METHODS[name](*(cell[usable] for cell in cells), level)
    return Intervals(
        estimate=unwrapped(estimate),
        ci_lb=unwrapped(lower),
        ci_ub=unwrapped(upper),
        method=name,
        level=level,
        reason=unwrapped(
            reasons(total.shape, (np.isnan(total), "a count is missing"), (total == 0, "no pairs"))
        ),
        corrected=unwrapped(np.zeros(total.shape, dtype=np.bool_)),
    )


def paired_test(
    both: ArrayLike,
    only_e: ArrayLike,
    only_c: ArrayLike,
    neither: ArrayLike,
    *,
    method: PairedTest = "mcnemar-exact",
) -> TestResult:
    """Two-sided test that two paired proportions are equal.

    Parameters
    ----------
    both, only_e, only_c, neither : array_like of int
        As for `paired_interval`; the concordant pairs do not enter.
    method : {"mcnemar", "mcnemar-cc", "mcnemar-exact", "mcnemar-mid-p"}, default "mcnemar-exact"
        The test, see Notes.

    Returns
    -------
    TestResult
        ``p_value`` in the broadcast shape, and ``statistic``, the chi-square of the two
        asymptotic tests. Without discordant pairs these two are undefined (``nan`` with a
        ``reason``), the exact and the mid-p are 1.

    Raises
    ------
    StatsError
        If a count is negative or not whole, shapes do not fit or the method is unknown.

    Notes
    -----
    With b = only_e and c = only_c: ``mcnemar`` refers ``(b - c)² / (b + c)`` to chi-square on
    one degree of freedom [1]_; ``mcnemar-cc`` replaces the numerator by
    ``max(|b - c| - 1, 0)²``; ``mcnemar-exact`` doubles the tail ``P(X <= min(b, c))`` of
    Binomial(b + c, 1/2); ``mcnemar-mid-p`` takes ``P(X = min(b, c))`` off that, or half of it
    from 1 where b = c [2]_.

    References
    ----------
    .. [1] Q. McNemar, "Note on the sampling error of the difference between correlated
       proportions or percentages", Psychometrika 12 (1947) 153-157.
    .. [2] M. W. Fagerland, S. Lydersen and P. Laake, "The McNemar test for binary matched-pairs
       data: mid-p and asymptotic are better than exact conditional", BMC Medical Research
       Methodology 13 (2013) 91.

    Examples
    --------
    >>> print(f"{paired_test(1, 1, 7, 12).p_value:.4f}")
    0.0703
    >>> paired_test(1, [1, 3], 7, 12, method="mcnemar-mid-p").p_value.round(4)
    array([0.0391, 0.2266])
    """
    name = chosen("method", method, choices(PairedTest))
    a, b, c, d = broadcast_counts(both=both, only_e=only_e, only_c=only_c, neither=neither)
    total, discordant = a + b + c + d, b + c
    statistic = np.full(total.shape, np.nan)
    asymptotic = name in ("mcnemar", "mcnemar-cc")
    none = discordant == 0
    if asymptotic:
        apart = np.abs(b - c) if name == "mcnemar" else np.maximum(np.abs(b - c) - 1, 0)
        some = discordant > 0
        statistic[some] = apart[some] ** 2 / discordant[some]
        p_value = np.asarray(chdtrc(1.0, statistic), dtype=np.float64)
    else:
        p_value = _exact_p(b, c, mid=name == "mcnemar-mid-p")
    p_value = np.where(total > 0, p_value, np.nan)
    return TestResult(
        p_value=unwrapped(p_value),
        statistic=unwrapped(statistic),
        method=name,
        reason=unwrapped(
            reasons(
                total.shape,
                (np.isnan(total), "a count is missing"),
                (total == 0, "no pairs"),
                (none & asymptotic, "no discordant pairs"),
            )
        ),
    )


def _exact_p(b: FloatArray, c: FloatArray, *, mid: bool) -> FloatArray:
    """Exact or mid-p McNemar test; 1 without discordant pairs."""
    least, n = np.minimum(b, c), b + c
    tail = betainc(np.maximum(n - least, 0.5), least + 1, 0.5)
    p = np.where(b == c, 1.0, np.minimum(1.0, 2 * tail))
    if mid:
        point = np.exp(-np.log1p(n) - betaln(least + 1, n - least + 1) - n * np.log(2.0))
        p = p - np.where(b == c, 0.5 * point * (n > 0), point)
    return np.asarray(np.where(np.isnan(n), np.nan, p), dtype=np.float64)


def _wald(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, level: float) -> _Limits:
    n = a + b + c + d
    half = normal_quantile(level) * np.sqrt(np.maximum(0.0, b + c - (b - c) ** 2 / n)) / n
    return (b - c) / n - half, (b - c) / n + half


def _bonett_price(
    a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, level: float
) -> _Limits:
    n = a + b + c + d + 2
    p, q = (b + 1) / n, (c + 1) / n
    half = normal_quantile(level) * np.sqrt((p + q - (p - q) ** 2) / n)
    return p - q - half, p - q + half


def _newcombe(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, level: float) -> _Limits:
    n = a + b + c + d
    p, q = (a + b) / n, (a + c) / n
    p_lb, p_ub = wilson_limits(a + b, n, level)
    q_lb, q_ub = wilson_limits(a + c, n, level)
    margins = np.sqrt(a + b) * np.sqrt(c + d) * np.sqrt(a + c) * np.sqrt(b + d)
    product = a * d - b * c
    product = np.where(product > 0, np.maximum(product - n / 2, 0.0), product)
    phi = np.where(margins > 0, product / np.where(margins > 0, margins, 1.0), 0.0)
    below, above = p - p_lb, q_ub - q
    lower = below**2 - 2 * phi * below * above + above**2
    below, above = q - q_lb, p_ub - p
    upper = below**2 - 2 * phi * below * above + above**2
    return p - q - np.sqrt(np.maximum(0.0, lower)), p - q + np.sqrt(np.maximum(0.0, upper))


def _tango(a: FloatArray, b: FloatArray, c: FloatArray, d: FloatArray, level: float) -> _Limits:
    n, z = a + b + c + d, normal_quantile(level)
    return _tango_lower(b, c, n, z), -_tango_lower(c, b, n, z)


def _tango_lower(b: FloatArray, c: FloatArray, n: FloatArray, z: float) -> FloatArray:
    """Lower limit: where the score statistic falls to z on the way up from -1 to the estimate."""

    def excess(t: FloatArray, b: FloatArray, c: FloatArray, n: FloatArray) -> FloatArray:
        gap = n * ((b - c) / n - t)
        score = gap / np.sqrt(_tango_variance(t, b, c, n))
        return cast(FloatArray, np.where(gap <= 0, -z, score - z))

    estimate = (b - c) / n
    root = find_root(excess, np.full(n.shape, -1.0), estimate, b, c, n)
    return np.where(estimate <= -1, -1.0, root)


def _tango_variance(t: FloatArray, b: FloatArray, c: FloatArray, n: FloatArray) -> FloatArray:
    """Variance of b - c under the difference t, at the constrained maximum of the likelihood."""
    size = np.abs(t)
    more, less = np.where(t < 0, c, b), np.where(t < 0, b, c)
    linear = (2 * n - more + less) * size - more - less
    root = np.sqrt(linear**2 + 8 * n * less * size * (1 - size))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(
            linear > 0, 2 * less * size * (1 - size) / (linear + root), (root - linear) / (4 * n)
        )
    return cast(FloatArray, n * (2 * share + size * (1 - size)))


_METHODS: dict[str, Callable[..., _Limits]] = {
    "wald": _wald,
    "bonett-price": _bonett_price,
    "newcombe": _newcombe,
    "tango": _tango,
}
