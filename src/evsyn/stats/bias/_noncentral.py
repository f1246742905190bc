"""Tails of chi-square and F with an effect, and the effect that gives a power."""

from __future__ import annotations

import numpy as np

from evsyn.stats._arrays import FloatArray, find_root
from evsyn.stats._special import (
    betaincc,
    chdtrc,
    chdtri,
    chndtr,
    fdtrc,
    fdtri,
    gammaln,
    ncfdtr,
    ndtr,
)

__all__ = ["central_tail", "critical_value", "noncentral_tail", "noncentrality"]

TERMS = 400  # of the Poisson mixture, far beyond what a statistic with p > 1e-300 needs
CANCELLED = 1e-4  # tails below are summed, for 1 - cdf has lost digits


def central_tail(x: FloatArray, df1: FloatArray, df2: FloatArray) -> FloatArray:
    """Upper tail of F; of chi-square where ``df2`` is infinite.

    Parameters
    ----------
    x : ndarray, shape (m,)
        Statistic: F, or chi-square.
    df1, df2 : ndarray, shape (m,)
        Degrees of freedom.

    Returns
    -------
    ndarray, shape (m,)
        Probability of a larger statistic.

    Examples
    --------
    >>> central_tail(np.array([3.8415]), np.array([1.0]), np.array([np.inf])).round(4)
    array([0.05])
    """
    plain = np.isinf(df2)
    finite = np.where(plain, 1.0, df2)
    return np.asarray(np.where(plain, chdtrc(df1, x), fdtrc(df1, finite, x)))


def critical_value(alpha: float, df1: FloatArray, df2: FloatArray) -> FloatArray:
    """Statistic whose upper tail is alpha.

    Examples
    --------
    >>> critical_value(0.05, np.array([1.0]), np.array([np.inf])).round(4)
    array([3.8415])
    """
    plain = np.isinf(df2)
    finite = np.where(plain, 1.0, df2)
    return np.asarray(np.where(plain, chdtri(df1, alpha), fdtri(df1, finite, 1 - alpha)))


def noncentral_tail(
    x: FloatArray, df1: FloatArray, df2: FloatArray, noncentral: FloatArray
) -> FloatArray:
    """Upper tail of the noncentral F; of chi-square where ``df2`` is infinite.

    Parameters
    ----------
    x, df1, df2 : ndarray, shape (m,)
        As in `central_tail`.
    noncentral : ndarray, shape (m,)
        Noncentrality, the sum of squared standardised effects; 0 gives the central tail.

    Returns
    -------
    ndarray, shape (m,)
        Probability of a larger statistic.

    Notes
    -----
    Chi-square on one degree of freedom by the normal; else 1 less the distribution function, and
    where this is small the Poisson mixture of central tails, whose terms are all positive.

    Examples
    --------
    >>> one = np.ones(1)
    >>> noncentral_tail(3.8415 * one, one, np.inf * one, 7.849 * one).round(3)
    array([0.8])
    """
    plain, result = np.isinf(df2), np.empty(x.shape)
    normal = plain & (df1 == 1)
    root, shift = np.sqrt(x[normal]), np.sqrt(noncentral[normal])
    result[normal] = ndtr(shift - root) + ndtr(-shift - root)
    square, ratio = plain & ~normal, ~plain
    result[square] = 1 - chndtr(x[square], df1[square], noncentral[square])
    result[ratio] = 1 - ncfdtr(df1[ratio], df2[ratio], noncentral[ratio], x[ratio])
    small = ~normal & ~(result > CANCELLED)
    if small.any():
        result[small] = _mixture(x[small], df1[small], df2[small], noncentral[small])
    return result


def _mixture(x: FloatArray, df1: FloatArray, df2: FloatArray, noncentral: FloatArray) -> FloatArray:
    """Upper tail as a sum of central tails with Poisson weights."""
    j = np.arange(TERMS, dtype=float)[:, None]
    half = noncentral / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        log_half = np.where(half > 0, np.log(half), 0.0)
        weight = np.exp(j * log_half - half - gammaln(j + 1))
        weight = np.where(half > 0, weight, j == 0)
        plain = np.isinf(df2)
        share = np.where(plain, 0.0, df1 * x / np.where(plain, 1.0, df2 + df1 * x))
        finite = np.where(plain, 1.0, df2 / 2)
        tails = np.where(plain, chdtrc(df1 + 2 * j, x), betaincc(df1 / 2 + j, finite, share))
    return np.asarray((weight * tails).sum(axis=0))


def noncentrality(power: float, alpha: float, df1: FloatArray, df2: FloatArray) -> FloatArray:
    """Noncentrality at which a test at level alpha has the power given.

    Parameters
    ----------
    power, alpha : float
        Power, from alpha up, and level of the test.
    df1, df2 : ndarray, shape (m,)
        As in `central_tail`.

    Returns
    -------
    ndarray, shape (m,)
        Noncentrality, 0 where the power is alpha.

    Examples
    --------
    >>> noncentrality(0.8, 0.05, np.array([1.0]), np.array([np.inf])).round(3)
    array([7.849])
    """
    if power <= alpha:
        return np.zeros(df1.shape)
    critical = critical_value(alpha, df1, df2)
    high = np.full(df1.shape, 8.0)
    for _ in range(40):
        low = noncentral_tail(critical, df1, df2, high) < power
        if not low.any():
            break
        high[low] *= 2

    def distance(value: FloatArray, *which: FloatArray) -> FloatArray:
        c, first, second = which
        return noncentral_tail(c, first, second, value) - power

    return find_root(distance, np.zeros(df1.shape), high, critical, df1, df2)
