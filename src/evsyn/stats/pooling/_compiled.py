"""The search for tau² in compiled code, where numba is installed: one analysis after the other.

It is the search of `evsyn.stats.pooling._search`: the same criteria, steps and bounds. An analysis
whose bounds leave a doubt, or with a variance of 0, is handed back, to be fitted there.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import njit

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.pooling._powers import Moments, moments
from evsyn.stats.pooling._single import NOISE, STEPS

__all__ = ["CODES", "ROWS", "searched"]

CODES = {"REML": 0, "ML": 1, "PM": 2, "EB": 2, "DL": 3, "EE": 4}
ROWS = 7  # of results: tau², its variance, mean, variance of the mean, rss, Q, tr P
CLOSE = 3e-6  # of tau²: the last step is then taken to first order
LANES = 4  # studies are padded to a multiple, for the processor to take so many at once

_moments = njit(inline="always")(moments)
_sum = {"reassoc", "contract"}  # sums may be taken in any order; infinity and nan keep their sense


@njit(fastmath=_sum)
def _sums(d: Any, v: Any, m: int, x: float) -> Any:
    """Power sums at tau² = ``x``, over m studies."""
    t = t2 = t3 = a = b1 = c1 = d0 = b2 = c2 = 0.0
    for i in range(m):
        w = 1.0 / (v[i] + x)
        e = d[i]
        u = w * e
        square = w * w
        wu = w * u
        t += w
        t2 += square
        t3 += square * w
        a += u
        b1 += wu
        c1 += square * u
        d0 += u * e
        b2 += u * u
        c2 += wu * u
    return t, t2, t3, a, b1, c1, d0, b2, c2


@njit
def _place(code: int, sums: Any, found: Any, x: float, k: float) -> Any:
    """Ratio, slope, z, s, eta and se2 of `evsyn.stats.pooling._criteria`."""
    if code == 2:
        z = found.rss / found.ypp
        se2 = 2.0 * k * k / (k - 1.0) * found.variance * found.variance
        return found.rss / (k - 1.0), -1.0 / z, z, z - x, z - x, se2
    trace, trace2, df = found.tr, found.tr2, k - 1.0
    if code == 1:
        own = found.share / found.variance
        trace, trace2, df = sums[0] + own, sums[1] + own * own, k
    spread, typical = found.ypp / found.yppp, trace / trace2
    slope = 1.0 / typical - 2.0 / spread
    return found.ypp / trace, slope, df / trace, spread - x, typical - x, 2.0 / trace2


@njit
def _loaded(yi: Any, vi: Any, j: int, d: Any, v: Any) -> Any:
    """One analysis into the buffers, from its pivot; sums of it without weights.

    Returns the number of places used, base and pivot, the smallest and the largest variance but
    for the pivot, and the bound ``s`` at infinity.
    """
    rows, at = yi.shape[0], 0
    pivot = vi[0, j]
    for i in range(1, rows):
        if vi[i, j] < pivot:
            pivot, at = vi[i, j], i
    base, m, widest, zero = yi[at, j], 0, pivot, pivot == 0.0
    s1 = s2 = sv = svd = svd2 = 0.0
    for i in range(rows):
        own = vi[i, j]
        if i == at or own == np.inf:
            continue
        e = yi[i, j] - base
        d[m], v[m] = e, own
        m += 1
        widest = max(widest, own)
        zero = zero or own == 0.0
        s1 += e
        s2 += e * e
        sv += own
        svd += own * e
        svd2 += own * e * e
    k = m + 1.0
    mean = s1 / k
    squares = s2 - k * mean * mean
    weighted = svd2 - mean * (2.0 * svd - mean * (sv + pivot))
    while m % LANES:
        d[m], v[m] = 0.0, np.inf
        m += 1
    far = (1.0 + 1e-9) * weighted / squares if squares > 0.0 else 0.0
    return m, base, pivot, widest, zero, far


@njit
def _bent(now: Any, before: Any, step: float) -> float:
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


@njit
def _root(code: int, data: Any, k: float, low: Any, x: float) -> Any:
    """Root above 0 by steps kept inside, as `evsyn.stats.pooling._columns.descended`.

    Returns tau² with the place and moments there, the last step still to be taken to first order,
    and whether the root was found.
    """
    d, v, m, pivot = data
    bottom, top, size = 0.0, np.inf, np.inf
    before, se2_before = (0.0, low[0], low[1]), low[5]
    again = False
    sums = _sums(d, v, m, x)
    found = _moments(sums, pivot + x)
    place = _place(code, sums, found, x, k)
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
        inside = bottom < new < top and newton
        near = size <= max(CLOSE * x, noise)
        if not inside:
            near = near and (size <= noise or top - bottom <= 4e-16 * x)
            if not bottom < new < top:
                new = (bottom + top) / 2.0 if top < np.inf else 2.0 * x + z
        if near or (again and size >= last / 2.0 and size <= 1e5 * noise):
            step = new - x if abs(new - x) <= 2.0 * CLOSE * x else 0.0
            bend = math.log(place[5] / se2_before) / (x - before[0]) if again else 0.0
            return x, place, found, step, bend, True
        before, se2_before, again = (x, height, slope), place[5], True
        x = new
        sums = _sums(d, v, m, x)
        found = _moments(sums, pivot + x)
        place = _place(code, sums, found, x, k)
    return x, place, found, 0.0, 0.0, False


@njit
def _sure(first: Any, best: Any, rises: bool, data: Any) -> bool:
    """Whether the bounds prove that the maximum found is the only one; see `_search`."""
    height, s0, eta0 = first
    if height == -np.inf or math.isnan(height):
        return True
    x, now, s, eta = best
    far, pivot, widest = data
    if not x + 2.0 * eta > far:
        ratio = (x + widest) / (x + pivot)
        growth = 3.0 * ((1.0 + ratio) ** 2 / (4.0 * ratio) - 1.0)
        slow = rises and (far - x - 2.0 * eta) * (growth - 1.0) <= x + 2.0 * eta - s
        if not slow:
            peak = max(x, far - 2.0 * eta)
            rise = math.log((peak + eta) / (x + eta)) - 2.0 * math.log((peak + far) / (x + far))
            if rises or not now + rise < 0.0:
                return False
    if rises and not 2.0 * eta0 > s:
        turn = s - 2.0 * eta0
        loss = math.log((turn + eta) / eta) - 2.0 * math.log((turn + s0) / s0)
        if not height + loss > 0.0:
            return False
    return True


@njit
def _one(code: int, data: Any, k: float, far: float, widest: float, out: Any) -> Any:
    """Fit one analysis by search; whether it is sure, and whether it converged."""
    d, v, m, pivot = data
    sums = _sums(d, v, m, 0.0)
    found = _moments(sums, pivot)
    place = _place(code, sums, found, 0.0, k)
    out[5], out[6] = found.rss, found.tr
    height = math.log(place[0]) if place[0] > 0.0 else -np.inf
    first = (height, place[3], place[4])
    x, step, bend, converged, rises = 0.0, 0.0, 0.0, True, height > 0.0
    now = height
    if rises:
        guess = (found.rss - (k - 1.0)) / found.tr
        if not guess > 0.0:
            fall = abs(place[1] * place[2])
            guess = abs(place[2] * math.expm1(min(height / fall, 1.0)))
        low = (height, place[1], place[2], place[3], place[4], place[5])
        x, place, found, step, bend, converged = _root(code, data, k, low, guess)
        now = 0.0
    out[0] = x + step
    out[1] = place[5] * (1.0 + step * bend)
    out[2] = found.shift + step * found.drift
    out[3] = found.variance + step * found.growth
    out[4] = found.rss - step * found.ypp
    sure = _sure(first, (x + step, now, place[3], place[4]), rises, (far, pivot, widest))
    return sure, converged


@njit
def _closed(code: int, data: Any, k: float, out: Any) -> None:
    """DerSimonian and Laird's estimate, or a common effect."""
    d, v, m, pivot = data
    sums = _sums(d, v, m, 0.0)
    found = _moments(sums, pivot)
    q, trace = found.rss, found.tr
    out[5], out[6] = q, trace
    out[0], out[1] = 0.0, np.nan
    if code == 3:
        tau2 = max((q - (k - 1.0)) / trace, 0.0)
        spread = 2.0 * (k - 1.0) + 4.0 * tau2 * trace + 2.0 * tau2 * tau2 * found.tr2
        out[0], out[1] = tau2, spread / (trace * trace)
        if tau2 > 0.0:
            found = _moments(_sums(d, v, m, tau2), pivot + tau2)
    out[2], out[3], out[4] = found.shift, found.variance, found.rss


@njit(nogil=True)
def _every(code: int, yi: Any, vi: Any, k: Any, results: Any) -> Any:
    rows, n = yi.shape
    d, v, out = np.empty(rows + LANES), np.empty(rows + LANES), np.empty(ROWS)
    doubt, converged = np.zeros(n, np.bool_), np.ones(n, np.bool_)
    for j in range(n):
        m, base, pivot, widest, zero, far = _loaded(yi, vi, j, d, v)
        if zero:
            doubt[j] = True
            continue
        data = (d, v, m, pivot)
        if code >= 3:
            _closed(code, data, k[j], out)
        else:
            sure, converged[j] = _one(code, data, k[j], far, widest, out)
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
    results : ndarray, shape (7, n)
        Tau² and its variance, mean and its variance, rss, Q and ``tr P`` at tau² = 0.
    doubt : ndarray of bool, shape (n,)
        Which analyses are still to be fitted, for these the results mean nothing.
    converged : ndarray of bool, shape (n,)
        Whether the others ended at a root.
    """
    results = np.empty((ROWS, k.size))
    doubt, converged = _every(CODES[method], yi, vi, k, results)
    return results, doubt, converged
