"""Sums and criteria of one analysis in compiled code, and closed forms of many abreast.

Without numba the functions stay what they are in Python: right, and slow.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeVar, cast

import numpy as np

from evsyn.stats.pooling._powers import moments

__all__ = ["closed_forms", "heights", "jit", "loaded", "place_at", "spread_at"]

ABREAST = 256  # analyses whose closed forms are computed study by study
LANES = 4  # studies are padded to a multiple, for the processor to take so many at once

Function = TypeVar("Function", bound=Callable[..., Any])
_SUM = {"reassoc", "contract"}  # sums may be taken in any order; infinity and nan keep their sense


def jit(**options: Any) -> Callable[[Function], Function]:
    """Compile a function when it is first called, and keep the code on disk where that can be."""

    def compiled(function: Function) -> Function:
        if find_spec("numba") is None:
            return function
        njit = import_module("numba").njit
        try:
            made = njit(cache=True, error_model="numpy", **options)(function)
        except RuntimeError:  # nowhere to write to
            made = njit(error_model="numpy", **options)(function)
        return cast(Function, made)

    return compiled


_moments = jit(inline="always")(moments)


@jit(fastmath=_SUM)
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


@jit()
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


@jit()
def loaded(studies: Any, j: int, d: Any, v: Any) -> Any:
    """One analysis into the buffers, from its pivot; sums of it without weights.

    Returns the number of places used, base and pivot, the smallest and the largest variance but
    for the pivot, and the bound ``s`` at infinity.
    """
    yi, vi = studies
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


@jit(inline="always")
def place_at(code: int, data: Any, k: float, x: float) -> Any:
    """Moments, and ratio, slope, z, s, eta and se2 of the criterion, at tau² = ``x``."""
    d, v, m, pivot = data
    sums = _sums(d, v, m, x)
    found = _moments(sums, pivot + x)
    return found, _place(code, sums, found, x, k)


@jit()
def heights(code: int, data: Any, x: float) -> Any:
    """Twice the log likelihood, up to a constant."""
    d, v, m, pivot = data
    found = _moments(_sums(d, v, m, x), pivot + x)
    height = np.log(found.share) if code == 0 else -np.log(pivot + x)
    for i in range(m):
        if v[i] < np.inf:
            height -= np.log(v[i] + x)
    return height - found.rss


@jit(fastmath=_SUM)
def spread_at(code: int, data: Any, k: float, x: float) -> Any:
    """Variance of tau²."""
    _, v, m, pivot = data
    t = t2 = t3 = 0.0
    for i in range(m):
        w = 1.0 / (v[i] + x)
        square = w * w
        t += w
        t2 += square
        t3 += square * w
    share = 1.0 / (1.0 + t * (pivot + x))
    variance = (pivot + x) * share
    if code == 2:
        return 2.0 * k * k / (k - 1.0) * variance * variance
    if code == 1:
        own = share / variance
        return 2.0 / (t2 + own * own)
    own, part = share * t, t2 * variance
    rest = 2.0 * t2 * share * share - 2.0 * t3 * variance
    return 2.0 / (own * own + t2 + rest + part * part)


@jit()
def _pivots(studies: Any, start: int, at: Any, base: Any, pivot: Any) -> None:
    """The most precise study of some analyses, its effect and variance."""
    yi, vi = studies
    for j in range(at.size):
        at[j], base[j], pivot[j] = 0, yi[0, start + j], vi[0, start + j]
    for i in range(1, yi.shape[0]):
        for j in range(at.size):
            less = vi[i, start + j] < pivot[j]
            at[j] = i if less else at[j]
            base[j] = yi[i, start + j] if less else base[j]
            pivot[j] = vi[i, start + j] if less else pivot[j]


@jit()
def _abreast(studies: Any, start: int, pivots: Any, x: Any, sums: Any) -> None:
    """Sums of ``w, w², w³, w d, w d²`` of some analyses, study by study."""
    (yi, vi), (at, base) = studies, pivots
    sums[:] = 0.0
    for i in range(yi.shape[0]):
        for j in range(x.size):
            w = 0.0 if at[j] == i else 1.0 / (vi[i, start + j] + x[j])
            e = yi[i, start + j] - base[j]
            square, u = w * w, w * e
            sums[0, j] += w
            sums[1, j] += square
            sums[2, j] += square * w
            sums[3, j] += u
            sums[4, j] += u * e


@jit(nogil=True)
def closed_forms(code: int, studies: Any, k: Any, out: Any) -> None:
    """DerSimonian and Laird's estimate, or a common effect, many analyses abreast."""
    (results, doubt), n, width = out, k.size, min(ABREAST, k.size)
    at, base, pivot = np.empty(width, np.intp), np.empty(width), np.empty(width)
    x, sums = np.empty(width), np.empty((5, width))
    for first in range(0, n, width):
        start = min(first, n - width)  # the last part repeats some of the one before
        _pivots(studies, start, at, base, pivot)
        x[:] = 0.0
        _abreast(studies, start, (at, base), x, sums)
        for j in range(width):
            t, t2, t3, a, d0 = sums[0, j], sums[1, j], sums[2, j], sums[3, j], sums[4, j]
            share = 1.0 / (1.0 + t * pivot[j])
            variance = pivot[j] * share
            part, own, df = t2 * variance, share * t, k[start + j] - 1.0
            trace = t + own - part
            trace2 = own * own + t2 + 2.0 * (t2 * share * share - t3 * variance) + part * part
            q = d0 - a * a * variance
            tau2 = max((q - df) / trace, 0.0) if code == 3 else 0.0
            spread = 2.0 * df + 4.0 * tau2 * trace + 2.0 * tau2 * tau2 * trace2
            x[j] = tau2
            results[0, start + j] = tau2
            results[1, start + j] = spread / (trace * trace) if code == 3 else np.nan
            results[5, start + j], results[6, start + j] = q, trace
        if code == 3:
            _abreast(studies, start, (at, base), x, sums)
        for j in range(width):
            own = pivot[j] + x[j]
            variance = own / (1.0 + sums[0, j] * own)
            shift = sums[3, j] * variance
            results[2, start + j] = base[j] + shift
            results[3, start + j] = variance
            results[4, start + j] = sums[4, j] - sums[3, j] * shift
            results[7, start + j] = 1.0
            doubt[start + j] = pivot[j] == 0.0
