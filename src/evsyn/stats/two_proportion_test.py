"""Two-sided tests of two independent proportions, asymptotic and exact."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import TwoArmTest, choices
from evsyn.stats._arrays import (
    FloatArray,
    TestResult,
    arm_counts,
    chosen,
    reasons,
    unwrapped,
)
from evsyn.stats._exact import LARGEST_REGION, barnard_p, boschloo_p, fisher_p
from evsyn.stats._special import chdtrc

__all__ = ["two_proportion_test"]

_Arms: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
_Result: TypeAlias = tuple[FloatArray, FloatArray]

_ASYMPTOTIC = ("chi-square", "yates", "n-1", "score")
_UNCONDITIONAL = ("barnard", "boschloo")


def two_proportion_test(
    events_e: ArrayLike,
    n_e: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    method: TwoArmTest = "score",
) -> TestResult:
    """Test whether two independent arms have the same proportion, two-sided.

    Parameters
    ----------
    events_e, n_e : array_like of int
        Participants with the event, and participants analysed, in the experimental arm; all four
        are broadcast; ``nan`` where missing.
    events_c, n_c : array_like of int
        The same in the comparator arm.
    method : {"fisher", "fisher-mid-p", "chi-square", "yates", "n-1", "score", "barnard", \
"boschloo"}, default "score"
        The test, see Notes.

    Returns
    -------
    TestResult
        ``p_value`` in the broadcast shape. ``statistic``: chi-square on one degree of freedom for
        ``chi-square``, ``yates`` and ``n-1``; its signed root (above 0 where the experimental arm
        has the larger proportion) for ``score`` and, from Pearson's, ``barnard``; ``nan`` for
        the others. Without events, or without non-events, in both arms the chi-square tests are
        0/0 and ``nan``, and the exact tests give 1 (mid-p 0.5). ``reason`` says why.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed their total, shapes do not fit, or the
        method is unknown.

    Notes
    -----
    * ``chi-square``: Pearson's; it rejects exactly where the Mee interval excludes 0 and the
      Koopman interval excludes 1. ``n-1``: the same times (N-1)/N [1]_.
    * ``score``: the score test with the variance of Miettinen and Nurminen. Under equal
      proportions it is the N-1 test for RD, RR and OR alike, so that one p-value goes with all
      three ``miettinen-nurminen`` intervals, the defaults of `two_proportion_interval`.
    * ``yates``: ``|ad - bc|`` less N/2, not below 0.
    * ``fisher``: sum over the tables with these margins that are no more probable than the
      observed one, equal within a relative 1e-7; ``fisher-mid-p``: less half its probability.
    * ``barnard`` [2]_: tables as extreme as the observed one by the pooled z statistic (the
      score statistic, not the Wald statistic of Suissa and Shuster), in either direction, at
      the common proportion that makes them most probable. Statistics equal but for rounding
      count as equal.
    * ``boschloo`` [3]_: the same with the two-sided Fisher p-value in place of the statistic;
      never above Fisher's.

    The maximum of the last two is sought on a grid finer than any feature of the function, then
    refined at each high peak. They are not computed (``nan``) where the product of the arms'
    totals exceeds 4e7.

    References
    ----------
    .. [1] I. Campbell, "Chi-squared and Fisher-Irwin tests of two-by-two tables with small
       sample recommendations", Statistics in Medicine 26 (2007) 3661-3675.
    .. [2] G. A. Barnard, "Significance tests for 2x2 tables", Biometrika 34 (1947) 123-138.
    .. [3] R. D. Boschloo, "Raised conditional level of significance for the 2x2-table when
       testing the equality of two probabilities", Statistica Neerlandica 24 (1970) 1-9.

    Examples
    --------
    >>> print(f"{two_proportion_test(18, 20, 10, 20, method='fisher').p_value:.4f}")
    0.0138
    >>> two_proportion_test([18, 9], [20, 10], [10, 5], [20, 10], method="barnard").p_value.round(4)
    array([0.0066, 0.0623])
    """
    name = chosen("method", method, choices(TwoArmTest))
    counts = arm_counts(events_e=events_e, n_e=n_e, events_c=events_c, n_c=n_c)
    x_e, total_e, x_c, total_c = counts
    missing = np.isnan(x_e + total_e + x_c + total_c)
    empty = (total_e == 0) | (total_c == 0)
    constant = (x_e + x_c == 0) | (x_e + x_c == total_e + total_c)
    constant &= name in _ASYMPTOTIC
    large = (total_e * total_c > LARGEST_REGION) & (name in _UNCONDITIONAL)
    usable = ~(missing | empty | constant | large)
    p_value, statistic = np.full(x_e.shape, np.nan), np.full(x_e.shape, np.nan)
    arms = (x_e[usable], total_e[usable], x_c[usable], total_c[usable])
    p_value[usable], statistic[usable] = _METHODS[name](arms)
    reason = reasons(
        x_e.shape,
        (missing, "a count is missing"),
        (empty, "no participants in an arm"),
        (constant, "all participants have the same outcome, the statistic is 0/0"),
        (large, f"arms too large for {name}: their product exceeds {LARGEST_REGION:g}"),
    )
    return TestResult(
        p_value=unwrapped(p_value),
        statistic=unwrapped(statistic),
        method=name,
        reason=unwrapped(reason),
    )


def _pearson(arms: _Arms) -> FloatArray:
    """Pearson's z with pooled variance, signed; 0 where all have the same outcome."""
    x_e, n_e, x_c, n_c = arms
    total, events = n_e + n_c, x_e + x_c
    spread = events / total * ((total - events) / total) * (1 / n_e + 1 / n_c)
    safe = np.where(spread > 0, spread, 1.0)
    return (x_e / n_e - x_c / n_c) / np.sqrt(safe)


def _chi_square(arms: _Arms) -> _Result:
    squared = _pearson(arms) ** 2
    return chdtrc(1.0, squared), squared


def _reduced(arms: _Arms) -> FloatArray:
    total = arms[1] + arms[3]
    return _pearson(arms) * np.sqrt((total - 1) / total)


def _n_minus_1(arms: _Arms) -> _Result:
    squared = _reduced(arms) ** 2
    return chdtrc(1.0, squared), squared


def _score(arms: _Arms) -> _Result:
    z = _reduced(arms)
    return chdtrc(1.0, z * z), z


def _yates(arms: _Arms) -> _Result:
    x_e, n_e, x_c, n_c = arms
    total, events = n_e + n_c, x_e + x_c
    # ad - bc = x_e n_c - x_c n_e
    shrunk = np.maximum(np.abs(x_e * n_c - x_c * n_e) - total / 2, 0.0)
    squared = total * (shrunk / n_e / n_c) * (shrunk / events / (total - events))
    return chdtrc(1.0, squared), squared


def _fisher(arms: _Arms) -> _Result:
    p_value, _ = fisher_p(arms)
    return p_value, np.full_like(p_value, np.nan)


def _fisher_mid_p(arms: _Arms) -> _Result:
    p_value, observed = fisher_p(arms)
    return p_value - observed / 2, np.full_like(p_value, np.nan)


def _barnard(arms: _Arms) -> _Result:
    return _per_table(barnard_p, arms), _pearson(arms)


def _boschloo(arms: _Arms) -> _Result:
    p_value = _per_table(boschloo_p, arms)
    return p_value, np.full_like(p_value, np.nan)


def _per_table(
    test: Callable[[tuple[float, float, float, float]], float], arms: _Arms
) -> FloatArray:
    """P-value of each different table, computed once."""
    tables, index = np.unique(np.stack(arms, axis=1), axis=0, return_inverse=True)
    p_values = np.array([test((a, b, c, d)) for a, b, c, d in tables.tolist()], dtype=np.float64)
    return p_values[index.reshape(-1)]


_METHODS: dict[str, Callable[[_Arms], _Result]] = {
    "fisher": _fisher,
    "fisher-mid-p": _fisher_mid_p,
    "chi-square": _chi_square,
    "yates": _yates,
    "n-1": _n_minus_1,
    "score": _score,
    "barnard": _barnard,
    "boschloo": _boschloo,
}
