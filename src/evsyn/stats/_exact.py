"""Exact p-values of 2x2 tables: Fisher given the margins, Barnard and Boschloo without them.

Given the total number of events ``m``, the count of the first arm is hypergeometric. Both
unconditional tests use this too: the probability of their rejection region at a common
proportion ``pi`` is ``sum over m of c(m) Binomial(m; N, pi)``, where ``c(m)`` is the conditional
probability of the region given ``m``. So the region is summed once, and the search over ``pi``
costs N + 1 terms a point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from evsyn.stats._arrays import FloatArray
from evsyn.stats._special import gammaln, xlog1py, xlogy

__all__ = ["LARGEST_REGION", "barnard_p", "boschloo_p", "fisher_p"]

LARGEST_REGION = 4e7
"""Largest product of the arms' totals for which the unconditional tests are computed."""

_PROBABILITY_SLACK = 1e-7  # relative; equal probabilities differ by rounding only
_STATISTIC_SLACK = 1e-10  # relative; equal statistics too, and rounding is smaller here
_BLOCK = 2**20  # numbers held at a time

_Arms: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
_Region: TypeAlias = Callable[[FloatArray, FloatArray, FloatArray], FloatArray]


def fisher_p(arms: _Arms) -> tuple[FloatArray, FloatArray]:
    """Two-sided Fisher p-values, and the probabilities of the observed tables.

    Parameters
    ----------
    arms : tuple of ndarray, shape (k,)
        ``x_e, n_e, x_c, n_c``, checked.

    Returns
    -------
    tuple of ndarray, shape (k,)
        Sum over the tables no more probable than the observed one, and its own probability.
    """
    x_e, n_e, x_c, n_c = arms
    p_value, observed = np.ones_like(x_e), np.ones_like(x_e)
    for rows, count, pmf in _conditional(n_e, n_c, x_e + x_c):
        first = count[:, :1]
        own = np.take_along_axis(pmf, (x_e[rows, None] - first).astype(np.intp), axis=1)
        p_value[rows] = np.where(pmf <= own * (1 + _PROBABILITY_SLACK), pmf, 0.0).sum(axis=1)
        observed[rows] = own[:, 0]
    return np.minimum(p_value, 1.0), observed


def barnard_p(table: tuple[float, float, float, float]) -> float:
    """Two-sided unconditional p-value, tables ordered by the pooled z statistic.

    Parameters
    ----------
    table : tuple of float
        ``x_e, n_e, x_c, n_c``, checked, totals above 0.
    """
    x_e, n_e, x_c, n_c = table
    total = n_e + n_c

    def squared(count: FloatArray, m: FloatArray) -> FloatArray:
        spread = m * (total - m)
        distance = (count * total - m * n_e) ** 2
        return np.where(spread > 0, distance / np.where(spread > 0, spread, 1.0), 0.0)

    observed = float(squared(np.array(x_e), np.array(x_e + x_c)))

    def region(count: FloatArray, m: FloatArray, pmf: FloatArray) -> FloatArray:
        extreme = squared(count, m) >= observed * (1 - _STATISTIC_SLACK)
        share: FloatArray = np.where(extreme, pmf, 0.0).sum(axis=1)
        return share

    return _largest(_by_margin(n_e, n_c, region))


def boschloo_p(table: tuple[float, float, float, float]) -> float:
    """Two-sided unconditional p-value, tables ordered by their two-sided Fisher p-value.

    Parameters
    ----------
    table : tuple of float
        ``x_e, n_e, x_c, n_c``, checked, totals above 0.
    """
    x_e, n_e, x_c, n_c = (np.array([value], dtype=np.float64) for value in table)
    observed = float(fisher_p((x_e, n_e, x_c, n_c))[0][0])

    def region(count: FloatArray, m: FloatArray, pmf: FloatArray) -> FloatArray:
        # Tables enter by rising probability, equal ones together; the sum is their Fisher p.
        rising = np.sort(pmf, axis=1)
        fisher = np.cumsum(rising, axis=1)
        beyond = np.full_like(rising[:, :1], np.inf)
        following = np.concatenate([rising[:, 1:], beyond], axis=1)
        whole = following > rising * (1 + _PROBABILITY_SLACK)
        inside = whole & (fisher <= observed * (1 + _PROBABILITY_SLACK))
        share: FloatArray = np.where(inside, fisher, 0.0).max(axis=1)
        return share

    return _largest(_by_margin(table[1], table[3], region))


def _conditional(
    n_e: FloatArray, n_c: FloatArray, m: FloatArray
) -> Iterator[tuple[NDArray[np.intp], FloatArray, FloatArray]]:
    """Hypergeometric probabilities in blocks: rows of the input, counts, probabilities.

    A row runs over the counts possible for its table; shorter rows end in probabilities of 0.
    """
    first, last = np.maximum(0.0, m - n_c), np.minimum(n_e, m)
    size = (last - first + 1).astype(np.intp)
    order = np.argsort(size, kind="stable")[::-1]
    start = 0
    while start < order.size:
        width = int(size[order[start]])
        rows: NDArray[np.intp] = order[start : start + max(1, _BLOCK // width)]
        start += rows.size
        count: FloatArray = first[rows, None] + np.arange(width)
        a, b, total = n_e[rows, None], n_c[rows, None], m[rows, None]
        valid = count <= last[rows, None]
        rise = (a - count + 1) * (total - count + 1)
        fall = count * (b - total + count)
        inner = valid & (count > first[rows, None])
        ratio = np.where(inner, rise, 1.0) / np.where(inner, fall, 1.0)
        log_pmf = np.where(valid, np.cumsum(np.log(ratio), axis=1), -np.inf)
        pmf = np.exp(log_pmf - log_pmf.max(axis=1, keepdims=True))
        yield rows, count, pmf / pmf.sum(axis=1, keepdims=True)


def _by_margin(n_e: float, n_c: float, region: _Region) -> FloatArray:
    """Conditional probability of a region given each total number of events, 0 to N."""
    m = np.arange(n_e + n_c + 1, dtype=np.float64)
    share = np.zeros_like(m)
    for rows, count, pmf in _conditional(np.full_like(m, n_e), np.full_like(m, n_c), m):
        share[rows] = region(count, m[rows, None], pmf)
    return np.minimum(share, 1.0)


def _largest(share: FloatArray) -> float:
    """Maximum over pi of the mean of ``share`` under Binomial(N, pi).

    The mean, as a function of arcsin sqrt(pi), cannot have features narrower than about
    1/(2 sqrt(N)). The grid has 20 points for each, and every peak that could be the highest is
    narrowed down until the value is exact to rounding.
    """
    total = share.size - 1
    steps = 64 * int(np.ceil(np.sqrt(total)))
    angle = np.linspace(0.0, np.pi / 2, steps + 1)
    value = _mean(share, angle)
    left, right = np.concatenate([[-1.0], value[:-1]]), np.concatenate([value[1:], [-1.0]])
    peaks = angle[(value >= left) & (value >= right) & (value >= 0.99 * value.max())]
    best, width = float(value.max()), float(angle[1])
    if value.min() == best:
        return best
    for _ in range(7):
        around = peaks[:, None] + width * np.linspace(-1.0, 1.0, 15)
        around = np.clip(around, 0.0, np.pi / 2)
        near = _mean(share, around.ravel()).reshape(around.shape)
        peaks = around[np.arange(peaks.size), near.argmax(axis=1)]
        best, width = max(best, float(near.max())), width / 7
    return min(best, 1.0)


def _mean(share: FloatArray, angle: FloatArray) -> FloatArray:
    """Mean of ``share`` under Binomial(N, sin² angle), in blocks of angles."""
    total = share.size - 1
    m = np.arange(total + 1.0)
    log_choices = gammaln(total + 1) - gammaln(m + 1) - gammaln(total - m + 1)
    parts = []
    for block in np.array_split(angle, 1 + angle.size * share.size // _BLOCK):
        pi = np.sin(block)[:, None] ** 2
        weight = np.exp(log_choices + xlogy(m, pi) + xlog1py(total - m, -pi))
        parts.append(weight @ share / weight.sum(axis=1))
    return np.concatenate(parts)
