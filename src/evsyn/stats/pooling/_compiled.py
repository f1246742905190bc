"""The search for tau² in compiled code, where numba is installed: one analysis after the other.

It is the search of `evsyn.stats.pooling._single`: the same criteria, steps and bounds. An analysis
with a variance of 0 is handed back, to be fitted with the others.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.pooling._compiled_sums import (
    LANES,
    closed_forms,
    heights,
    jit,
    loaded,
    place_at,
    spread_at,
)
from evsyn.stats.pooling._single import NEAR, NOISE, STEPS

__all__ = ["CODES", "ROWS", "searched"]

CODES = {"REML": 0, "ML": 1, "PM": 2, "EB": 2, "DL": 3, "EE": 4}
ROWS = 8  # of results: tau², its variance, mean and its variance, rss, Q, tr P; number of maxima
CLOSE = 3e-6  # of tau²: the last step is then taken to first order
CUTS = 64  # intervals open at once; with more than eight times as many the search is left


@jit(inline="always")
def _bent(now: Any, before: Any, step: float) -> Any:
    """Step to the root of the cubic through this place and the one before, where it is better."""
    x, height, slope = now
    x0, height0, slope0 = before
    gap = height - height0
    if not (
        slope0 < 0.0
        and abs(gap) > 0.5 * abs(height0)
        and abs(height0) < 0.5
        and abs(height) < 0.5 * abs(height0)
    ):
        return step
    s = -height0 / gap
    rest = 1.0 - s
    bent = rest * rest * ((1.0 + 2.0 * s) * (x0 - x) + s * gap / slope0)
    return bent - s * s * rest * gap / slope


@jit()
def _root(model: Any, ends: Any, before: Any, x: float) -> Any:
    """Root between two ends by steps kept inside, as `evsyn.stats.pooling._columns.descended`.

    Returns tau² with the place and moments there, the last step still to be taken to first order,
    and whether the root was found.
    """
    code, data, k = model
    d, v, m, pivot = data
    bottom, top = ends
    size, again = np.inf, False
    found, place = place_at(code, (d, v, m, pivot), k, x)
    for _ in range(STEPS):
        height, slope, z = math.log(place[0]), place[1], place[2]
        if height > 0.0:
            bottom = x
        else:
            top = x
        fall = slope * z
        newton = fall < -1e-6
        step = z * math.expm1(min(height / (-fall if newton else 1.0), 3.0))
        if again:
            step = _bent((x, height, slope), before, step)
        new = x + step
        last, size = size, abs(step)
        noise = NOISE * z
        within = bottom < new < top
        near = size <= max(CLOSE * x, noise)
        if not (within and newton):
            near = near and (size <= noise or top - bottom <= 4e-16 * x)
        if near or (again and newton and last / 2.0 <= size <= 1e5 * noise):
            if not within or size > 2.0 * CLOSE * x:
                step = 0.0
            return x, place, found, step, True
        before, again = (x, height, slope), True
        if not (within and newton):  # a near miss of 0 is no root: go on, far
            new = (bottom + top) / 2.0 if top < np.inf else 2.0 * x + z
        x = new
        found, place = place_at(code, (d, v, m, pivot), k, x)
    return x, place, found, 0.0, False


@jit(inline="always")
def _undecided(first: Any, best: Any, rises: bool, data: Any) -> Any:
    """Whether a maximum may hide above the one found, and below; see `_search`."""
    height, s0, eta0 = first
    if height == -np.inf or math.isnan(height):
        return False, False
    x, now, s, eta = best
    far, pivot, widest = data
    above = not x + 2.0 * eta > far
    if above and rises:  # ``s`` may not grow fast enough to matter before the bound at infinity
        ratio = (x + widest) / (x + pivot)
        growth = 3.0 * ((1.0 + ratio) ** 2 / (4.0 * ratio) - 1.0)
        above = not (far - x - 2.0 * eta) * (growth - 1.0) <= x + 2.0 * eta - s
    elif above:
        peak = max(x, far - 2.0 * eta)
        above = not now + _rise(x, eta, peak, far) < 0.0
    below = rises and not 2.0 * eta0 > s
    if below:
        below = not height + _rise(0.0, eta, s - 2.0 * eta0, s0) > 0.0
    return above, below


@jit()
def _rise(a: float, eta: float, x: float, s: float) -> float:
    """Bound of what the criterion changes by from a to x, with these constants."""
    return math.log((x + eta) / (a + eta)) - 2.0 * math.log((x + s) / (a + s))


@jit(inline="always")
def _fill(model: Any, at: Any, out: Any) -> None:
    """Results at a root, the last step taken to first order."""
    code, data, k = model
    x, place, found, step, _ = at
    out[0] = x + step
    out[1] = place[5] if step == 0.0 else spread_at(code, data, k, out[0])
    out[2] = found.shift + step * found.drift
    out[3] = found.variance + step * found.growth
    out[4] = found.rss - step * found.ypp


@jit()
def _highest(model: Any, todo: Any, count: int, out: Any) -> Any:
    """Halve intervals until they hide no further root; keep the highest, as `_single.highest`.

    ``todo`` holds one a row: tau², criterion, s, eta and z of its lower end, whether that is a
    root, and tau², criterion, s and whether it is a root, of its upper end. Whether all was seen,
    and whether each root was found.
    """
    code, data, k = model
    converged = True
    for _ in range(8 * CUTS):
        if not count:
            return True, converged
        if count >= len(todo):
            break
        low, high = todo[count - 1, :6], todo[count - 1, 6:]
        x, f, eta, top, s = low[0], low[1], low[3], high[0], high[2]
        count -= 1
        falls = x + 2.0 * eta > s
        if not falls and top - x <= NEAR * (x + eta):
            continue
        if not (falls or low[5] or high[3]):
            peak = max(x, min(s - 2.0 * eta, top))
            if f < 0.0 and f + _rise(x, eta, peak, s) < 0.0:
                continue
            if high[1] > 0.0 and high[1] > _rise(x, eta, top, s):
                continue
        end = max(s, 2.0 * x + low[4]) if top == np.inf else top
        scale = eta if eta > 0.0 else low[4]
        middle = math.sqrt((x + scale) * (end + scale)) - scale
        if falls:
            if f > 0.0 and not low[5] and high[1] < 0.0 and not high[3]:
                at = _root(model, (x, top), (x, f, 0.0), middle)
                converged, out[7] = converged and at[4], out[7] + 1.0
                if heights(code, data, at[0]) > heights(code, data, out[0]):
                    _fill(model, at, out)
            continue
        _, place = place_at(code, data, k, middle)
        height = math.log(place[0]) if place[0] > 0.0 else -np.inf
        todo[count + 1, 6:] = high
        todo[count + 1, 0], todo[count + 1, 1], todo[count + 1, 2] = middle, height, place[3]
        todo[count + 1, 3], todo[count + 1, 4], todo[count + 1, 5] = place[4], place[2], 0.0
        todo[count, 6], todo[count, 7], todo[count, 8] = middle, height, place[3]
        todo[count, 9] = 0.0
        count += 2
    return False, converged


@jit()
def _one(model: Any, far: float, widest: float, out: Any) -> Any:
    """Fit one analysis by search; whether it is sure, and whether it converged."""
    code, data, k = model
    found, place = place_at(code, data, k, 0.0)
    height = math.log(place[0]) if place[0] > 0.0 else -np.inf
    first, z, rises = (height, place[3], place[4]), place[2], height > 0.0
    at, now = (0.0, place, found, 0.0, True), height
    out[5], out[6], out[7] = found.rss, found.tr, 1.0
    if rises:
        guess = (found.rss - (k - 1.0)) / found.tr
        if not guess > 0.0:
            guess = abs(z * math.expm1(min(height / abs(place[1] * z), 1.0)))
        at, now = _root(model, (0.0, np.inf), (0.0, height, place[1]), guess), 0.0
    _fill(model, at, out)
    x, place, converged = out[0], at[1], at[4]
    best = (x, now, place[3], place[4])
    above, below = _undecided(first, best, rises, (far, data[3], widest))
    if not (above or below):
        return True, converged
    todo, count = np.empty((CUTS, 10)), 0
    if above:
        todo[0, 0], todo[0, 1], todo[0, 2], todo[0, 3] = best
        todo[0, 4], todo[0, 5] = place[2], 1.0 if rises else 0.0
        todo[0, 6:] = (np.inf, -np.inf, far, 0.0)
        count = 1
    if below:
        todo[count, 0], todo[count, 4], todo[count, 5] = 0.0, z, 0.0
        todo[count, 1], todo[count, 2], todo[count, 3] = first
        todo[count, 6:] = (x, 0.0, place[3], 1.0)
        count += 1
    sure, settled = _highest(model, todo, count, out)
    return sure, converged and settled


@jit(nogil=True)
def _every(code: int, yi: Any, vi: Any, k: Any, results: Any) -> Any:
    rows, n = yi.shape
    d, v, out = np.empty(rows + LANES), np.empty(rows + LANES), np.empty(ROWS)
    doubt, converged = np.zeros(n, np.bool_), np.ones(n, np.bool_)
    for j in range(n):
        m, base, pivot, widest, zero, far = loaded((yi, vi), j, d, v)
        if zero:
            doubt[j] = True
            continue
        sure, converged[j] = _one((code, (d, v, m, pivot), k[j]), far, widest, out)
        doubt[j] = not sure
        out[2] += base
        for i in range(ROWS):
            results[i, j] = out[i]
    return doubt, converged


def searched(
    yi: FloatArray, vi: FloatArray, k: FloatArray, method: str
) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Fit many analyses.

    Parameters
    ----------
    yi, vi : ndarray, shape (K, n)
        Effect sizes and variances; an absent study has the effect 0 and the variance infinity.
    k : ndarray, shape (n,)
        Studies present, two or more.
    method : str
        One of `CODES`.

    Returns
    -------
    results : ndarray, shape (8, n)
        Tau² and its variance, mean and its variance, rss, Q and ``tr P`` at tau² = 0, maxima.
    doubt : ndarray of bool, shape (n,)
        Which analyses are still to be fitted, for these the results mean nothing.
    converged : ndarray of bool, shape (n,)
        Whether the others ended at a root.
    """
    results = np.empty((ROWS, k.size))
    if method in ("DL", "EE"):
        doubt = np.zeros(k.size, dtype=np.bool_)
        closed_forms(CODES[method], (yi, vi), k, (results, doubt))
        return results, doubt, np.ones(k.size, dtype=np.bool_)
    doubt, converged = _every(CODES[method], yi, vi, k, results)
    return results, doubt, converged
