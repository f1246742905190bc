"""The estimators of Mantel, Haenszel and Peto, and the tests that belong to them, as columns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, reasons

__all__ = ["PooledStrata", "Strata", "difference", "odds_ratio", "one_step", "ratio"]

_sum = np.add.reduce  # over the studies; `ndarray.sum` takes twice as long to start
_NONE = "no study with counts in both arms"


@dataclass(frozen=True, slots=True)
class Strata:
    """Counts as columns; all 0 where a study is absent or has an empty arm."""

    a: FloatArray
    n1: FloatArray
    c: FloatArray
    n2: FloatArray
    total: FloatArray  # of both arms, 1 where the study is left out
    present: BoolArray
    usable: BoolArray
    single: bool


@dataclass(frozen=True, slots=True)
class PooledStrata:
    """What an estimator finds in the strata; arrays of shape (n,), weights (k, n)."""

    estimate: FloatArray
    variance: FloatArray
    weights: FloatArray
    q: FloatArray
    k_yi: FloatArray
    tests: tuple[FloatArray, ...]  # CMH, Breslow-Day, Tarone
    reason: TextArray


def odds_ratio(strata: Strata, correct: bool) -> PooledStrata:
    """Mantel and Haenszel's log odds ratio, with its three tests."""
    a, c, total = strata.a, strata.c, strata.total
    b, d = strata.n1 - a, strata.n2 - c
    r, s = a * d / total, b * c / total
    sum_r, sum_s = _sum(r), _sum(s)
    theta = np.log(sum_r / sum_s)
    p = (a + d) / total
    variance = _sum(p * r) / sum_r**2 + _sum((1 - p) * s) / sum_s**2
    variance = (variance + _sum(p * s + (1 - p) * r) / (sum_r * sum_s)) / 2
    tables = strata.usable & (a + c > 0) & (b + d > 0)
    plus = np.where((a == 0) | (b == 0) | (c == 0) | (d == 0), 0.5, 0.0)
    a, b, c, d = a + plus, b + plus, c + plus, d + plus
    yi = np.log(a * d / (b * c))
    q, k_yi = _cochran(yi, 1 / a + 1 / b + 1 / c + 1 / d, theta, tables)
    excess, spread = _hypergeometric(strata)
    cmh = _chi_square(_sum(excess), _sum(spread), correct)
    tests = (cmh, *_breslow_day(strata, sum_r / sum_s, tables))
    return PooledStrata(theta, variance, s, q, k_yi, tests, _why(strata, sum_r, sum_s))


def ratio(strata: Strata, rates: bool, correct: bool) -> PooledStrata:
    """Log ratio of risks or rates."""
    a, n1, c, n2, total = strata.a, strata.n1, strata.c, strata.n2, strata.total
    r, s = a * n2 / total, c * n1 / total
    sum_r, sum_s = _sum(r), _sum(s)
    theta = np.log(sum_r / sum_s)
    share = n1 * n2 / total**2 * (a + c)
    variance = _sum(share if rates else share - a * c / total) / (sum_r * sum_s)
    none = np.full(theta.shape, np.nan)
    cmh = none
    if rates:
        excess = _sum(a - (a + c) * n1 / total)
        cmh = _chi_square(excess, _sum(share), correct)
        tables, empty = strata.usable & (a + c > 0), (a == 0) | (c == 0)
    else:
        tables = strata.usable & (a + c > 0) & (a + c < n1 + n2)
        empty = (a == 0) | (c == 0) | (a == n1) | (c == n2)
    plus = np.where(empty, 0.5, 0.0)
    a, c = a + plus, c + plus
    vi = 1 / a + 1 / c
    if not rates:
        n1, n2 = n1 + 2 * plus, n2 + 2 * plus
        vi = vi - 1 / n1 - 1 / n2
    q, k_yi = _cochran(np.log(a * n2 / (c * n1)), vi, theta, tables)
    return PooledStrata(theta, variance, s, q, k_yi, (cmh, none, none), _why(strata, sum_r, sum_s))


def difference(strata: Strata, rates: bool) -> PooledStrata:
    """Difference of risks or rates."""
    a, n1, c, n2, total = strata.a, strata.n1, strata.c, strata.n2, strata.total
    w = n1 * n2 / total
    whole = _sum(w)
    theta = _sum((a * n2 - c * n1) / total) / whole
    none = np.full(theta.shape, np.nan)
    if rates:
        variance = _sum((a * n2**2 + c * n1**2) / total**2) / whole**2
        tables, empty = strata.usable & (a + c > 0), (a == 0) | (c == 0)
    else:
        p = (n1**2 * c - n2**2 * a + n1 * n2 * (n2 - n1) / 2) / total**2
        q = (a * (n2 - c) + c * (n1 - a)) / (2 * total)
        variance = (theta * _sum(p) + _sum(q)) / whole**2
        tables = strata.usable & (a + c > 0) & (a + c < n1 + n2)
        empty = (a == 0) | (c == 0) | (a == n1) | (c == n2)
    plus = np.where(empty, 0.5, 0.0)
    a, c = a + plus, c + plus
    if not rates:
        n1, n2 = n1 + 2 * plus, n2 + 2 * plus
    vi = a / n1**2 + c / n2**2
    if not rates:
        vi = vi - a**2 / n1**3 - c**2 / n2**3
    q_total, k_yi = _cochran(a / n1 - c / n2, vi, theta, tables)
    reason = _told(
        theta.shape,
        (_sum(strata.usable) == 0, _NONE),
        (~(variance > 0), "no study has both events and non-events: there is no standard error"),
    )
    return PooledStrata(theta, variance, w, q_total, k_yi, (none, none, none), reason)


def one_step(strata: Strata) -> PooledStrata:
    """Peto's log odds ratio."""
    excess, spread = _hypergeometric(strata)
    total_excess, total_spread = _sum(excess), _sum(spread)
    told = spread > 0
    q = _sum(np.where(told, excess**2 / spread, 0.0)) - total_excess**2 / total_spread
    cmh = _chi_square(total_excess, total_spread, False)
    none = np.full(cmh.shape, np.nan)
    reason = _told(
        cmh.shape,
        (_sum(strata.usable) == 0, _NONE),
        (_sum(told) == 0, "no study has both events and non-events"),
    )
    k_yi = _sum(told)
    q = np.maximum(q, 0.0)
    estimate = np.where(total_spread > 0, total_excess / total_spread, np.nan)
    return PooledStrata(estimate, 1 / total_spread, spread, q, k_yi, (cmh, none, none), reason)


def _hypergeometric(strata: Strata) -> tuple[FloatArray, FloatArray]:
    """Events of the experimental arm less their mean given the margins, and their variance."""
    n1, n2, total = strata.n1, strata.n2, strata.total
    events = strata.a + strata.c
    excess = strata.a - n1 * events / total
    spread = n1 * n2 / total**2 * events * ((total - events) / np.maximum(total - 1, 1))
    return excess, spread


def _chi_square(excess: FloatArray, spread: FloatArray, correct: bool) -> FloatArray:
    """Squared distance of the events from those expected, over their variance."""
    distance = np.abs(excess)
    if correct:
        distance = np.maximum(distance - 0.5, 0.0)
    return np.asarray(np.where(spread > 0, distance**2 / spread, np.nan))


def _cochran(
    yi: FloatArray, vi: FloatArray, theta: FloatArray, tables: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Q of the studies' own effects about the pooled one, and how many they are."""
    terms = np.where(tables, (yi - theta) ** 2 / vi, 0.0)
    return _sum(terms), _sum(tables)


def _breslow_day(
    strata: Strata, ratio: FloatArray, tables: BoolArray
) -> tuple[FloatArray, FloatArray]:
    """Breslow and Day's statistic, and Tarone's: events against those that the ratio expects."""
    a, n1, n2 = strata.a, strata.n1, strata.n2
    events = a + strata.c
    # (1 - ratio) x² + (ratio (n1 + events) + n2 - events) x - ratio n1 events = 0, solved so
    # that no digits cancel and a ratio of 1 needs no case of its own
    linear = ratio * (n1 + events) + n2 - events
    product = ratio * n1 * events
    root = np.sqrt(np.maximum(linear**2 + 4 * (1 - ratio) * product, 0.0))
    mean = 2 * product / (linear + root)
    mean = np.where(linear + root > 0, mean, (root - linear) / (2 * (1 - ratio)))
    spread = 1 / (1 / mean + 1 / (n1 - mean) + 1 / (events - mean) + 1 / (n2 - events + mean))
    excess = np.where(tables, a - mean, 0.0)
    spread = np.where(tables, spread, 0.0)
    breslow_day = _sum(np.where(tables, excess**2 / spread, 0.0))
    return breslow_day, breslow_day - _sum(excess) ** 2 / _sum(spread)


def _why(strata: Strata, sum_r: FloatArray, sum_s: FloatArray) -> TextArray:
    """Why a ratio is missing."""
    if (np.minimum(sum_r, sum_s) > 0).all():
        return np.full(sum_r.shape, "", dtype=object)
    low, high = ~(sum_r > 0), ~(sum_s > 0)
    return _told(
        sum_r.shape,
        (_sum(strata.usable) == 0, _NONE),
        (low & high, "no study compares events with non-events: the ratio is undefined"),
        (low, "no study has a count that speaks for a ratio above 0: its logarithm is infinite"),
        (high, "no study has a count that bounds the ratio: its logarithm is infinite"),
    )


def _told(shape: tuple[int, ...], *cases: tuple[BoolArray, str]) -> TextArray:
    """Reasons, found quickly where there are none."""
    if not any(mask.any() for mask, _ in cases):
        return np.full(shape, "", dtype=object)
    return reasons(shape, *cases)
