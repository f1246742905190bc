"""Estimators of the between-study variance, for one analysis or many side by side."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.pooling._columns import Columns
from evsyn.stats.pooling._criteria import (
    Criterion,
    full_likelihood,
    generalised_q,
    restricted_likelihood,
)
from evsyn.stats.pooling._powers import Moments, Powers, contrasts, moments
from evsyn.stats.pooling._search import Search
from evsyn.stats.pooling._single import Analysis, highest
from evsyn.stats.pooling.acceleration import compiled_search

__all__ = ["COMMON_EFFECT", "METHODS", "Solution", "solve_many", "solve_one"]

COMMON_EFFECT = ("EE", "FE", "CE")  # three names of one model
METHODS = ("EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB")
CHUNK = 40_960  # studies times analyses worked on at once: what fits a core's cache

_ITERATED: dict[str, Criterion] = {
    "REML": restricted_likelihood,
    "ML": full_likelihood,
    "PM": generalised_q,
    "EB": generalised_q,
}


def _criterion(method: str) -> Criterion:
    return _ITERATED.get(method, restricted_likelihood)


class Solution(NamedTuple):
    """A fit of the random-effects model; floats, or arrays of shape (n,) alike.

    Attributes
    ----------
    tau2, tau2_se : float or ndarray
        Between-study variance and its standard error.
    mean, variance : float or ndarray
        Weighted mean and ``1 / sum w``.
    rss : float or ndarray
        ``sum w (y - mean)²`` at this tau².
    q, trace : float or ndarray
        Cochran's Q, and ``tr P`` at tau² = 0: ``sum w - sum w² / sum w``.
    converged : bool or ndarray
        Whether the search ended at a root; true for closed forms.
    modes : int or ndarray
        Local maxima of the likelihood; 1 for other methods.
    """

    tau2: Any
    tau2_se: Any
    mean: Any
    variance: Any
    rss: Any
    q: Any
    trace: Any
    converged: Any
    modes: Any


class _Spread(NamedTuple):
    """Unweighted sums of an analysis, or of each.

    Attributes
    ----------
    squares : float or ndarray
        Sum of squared distances from the unweighted mean.
    far : float or ndarray
        Mean of the variances, weighted by those squares: the bound ``s`` at infinity.
    v, v2 : float or ndarray
        Sums of the variances and of their squares.
    """

    squares: Any
    far: Any
    v: Any
    v2: Any


def solve_one(yi: FloatArray, vi: FloatArray, method: str) -> Solution:
    """Fit one analysis.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effect sizes and sampling variances, two or more, none missing and no variance 0.
    method : str
        One of `METHODS`.

    Returns
    -------
    Solution
        Plain numbers.

    Examples
    --------
    >>> solve_one(np.array([0.0, 2.0]), np.array([1.0, 1.0]), "REML").tau2
    1.0
    """
    at, k = int(vi.argmin()), yi.size
    base, pivot = float(yi[at]), float(vi[at])
    d, v = yi - base, vi.copy()
    v[at] = math.inf
    analysis = Analysis(d, v, pivot, _criterion(method))
    if not d.any():  # all effects equal
        many = solve_many(yi[:, None], vi[:, None], np.full(1, float(k)), method)
        return Solution(*(values[0] for values in many))
    first = analysis.at(0.0)
    zero = here = first.moments
    converged, modes, tau2, tau2_se = True, 1, 0.0, math.nan
    if method in _ITERATED:
        found = highest(analysis, first, far=float(_spread(d, vi, 0.0, k).far))
        point, converged, modes = found.point, found.converged, found.modes
        tau2, here, tau2_se = point.x, point.moments, math.sqrt(point.se2)
    elif method != "EE":
        spread = _spread(d, vi, 0.0, k)
        rough = spread.squares / k
        second = moments(analysis.sums(rough), pivot + rough) if method == "SJ" else zero
        tau2, variance = _closed(method, k, spread, (zero, second))
        tau2_se = math.sqrt(variance)
        here = moments(analysis.sums(tau2), pivot + tau2) if tau2 > 0 else zero
    return Solution(
        *(tau2, tau2_se, base + here.shift, here.variance, here.rss),
        *(zero.rss, zero.tr, converged, modes),
    )


def solve_many(
    yi: FloatArray,
    vi: FloatArray,
    k: FloatArray,
    method: str,
    *,
    near: Any = 0.0,
    whole: int = 0,
) -> Solution:
    """Fit many analyses, a part that fits the cache at a time.

    Parameters
    ----------
    yi, vi : ndarray, shape (K, n)
        Effect sizes and sampling variances; an absent study has the effect 0 and the variance
        infinity; two studies or more in each column.
    k : ndarray, shape (n,)
        Studies present.
    method : str
        One of `METHODS`.
    near : float or ndarray, shape (n,), default 0
        Where a search looks first, if above 0: tau² of a similar analysis. Results do not depend
        on it beyond rounding.
    whole : int, default 0
        Effects in all batches that this is one of: compiled code is used if they are many.

    Returns
    -------
    Solution
        Arrays of shape (n,); ``nan`` where variances of 0 leave a method without a value.

    Examples
    --------
    >>> y, v = np.array([[0.0, 1.0], [2.0, 1.0]]), np.ones((2, 2))
    >>> solve_many(y, v, np.full(2, 2.0), "REML").tau2
    array([1., 0.])
    """
    fast = compiled_search(method, max(whole, yi.size))
    if fast is None:
        return _searched((yi, vi, k), method, near)
    results, doubt, converged = fast(np.ascontiguousarray(yi), np.ascontiguousarray(vi), k, method)
    tau2, variance, mean, own, rss, q, trace, modes = results
    numbers = (converged, modes.astype(np.intp))
    found = Solution(tau2, np.sqrt(variance), mean, own, rss, q, trace, *numbers)
    if doubt.any():
        rest = _searched((yi[:, doubt], vi[:, doubt], k[doubt]), method, 0.0)
        for values, some in zip(found, rest, strict=True):
            values[doubt] = some
    return found


def _searched(
    studies: tuple[FloatArray, FloatArray, FloatArray], method: str, near: Any
) -> Solution:
    """Fit many analyses on arrays."""
    yi, vi, k = studies
    n, width = k.size, max(1, CHUNK // max(1, yi.shape[0]))
    room = np.empty(3 * yi.shape[0] * min(width, n))
    q, trace, base = np.empty((3, n))
    search = Search(n)
    with np.errstate(all="ignore"):
        for at in range(0, n, width):
            part = slice(at, min(at + width, n))
            d, v, base[part], pivot = contrasts(yi[:, part], vi[:, part])
            columns = Columns(Powers(d, v, room), pivot, pivot, k[part], _criterion(method))
            q[part], trace[part] = _added(
                columns, search, method, (at, near[part] if np.ndim(near) else near)
            )
        search.finish()
        tau2, variance, shift, own, rss = search.best[[0, 6, 7, 8, 9]]
        return Solution(
            *(tau2, np.sqrt(variance), base + shift, own, rss),
            *(q, trace, search.converged, search.modes),
        )


def _added(
    columns: Columns, search: Search, method: str, place: tuple[int, Any]
) -> tuple[FloatArray, FloatArray]:
    """Give a part to the search, or its closed form; Q, and ``tr P`` at tau² = 0."""
    k, d, v = columns.k, columns.powers.d, columns.powers.v
    at, near = place
    spread: _Spread | None = None
    second: Moments | None = None
    if method in _ITERATED:
        finite = np.where(np.isinf(v), 0.0, v)
        spread = _spread(d, finite, columns.pivot, k)
        columns.widest = np.maximum(columns.pivot, finite.max(axis=0))
        least = _least(method, columns, spread)
        first = search.add(columns, spread.far, least, at, near=near)
        if least.any():  # no maximum where it lies at 0, and is infinite
            some = slice(at, at + k.size)
            lost = (least > 0) & ((search.best[0, some] == least) | _agree(method, columns))
            search.best[:, some][:, lost] = np.nan
            search.converged[some] &= ~lost
            zero = columns.powers.light(0.0, columns.pivot)
            return zero.rss, np.where(np.isfinite(zero.tr), zero.tr, np.inf)
        return first.table[9], first.table[10]
    zero = columns.powers.light(0.0, columns.pivot)
    best = search.best[:, at : at + k.size]
    best[0], best[6], here = 0.0, np.nan, zero
    if method != "EE":
        if method in ("HE", "SJ"):
            spread = _spread(d, np.where(np.isinf(v), 0.0, v), columns.pivot, k)
            rough = spread.squares / k
            second = columns.powers.light(rough, columns.pivot + rough)
        best[0], best[6] = _closed(method, k, spread, (zero, second))
        here = columns.powers.light(best[0], columns.pivot + best[0])
    best[7], best[8], best[9] = here.shift, here.variance, here.rss
    return zero.rss, zero.tr


def _least(method: str, columns: Columns, spread: _Spread) -> FloatArray:
    """Smallest tau² to look at: above 0 where variances of 0 leave the likelihood undefined."""
    if columns.pivot.all():
        return np.zeros(columns.k.size)
    zeros = (columns.powers.v == 0).sum(axis=0) + (columns.pivot == 0)
    undefined = zeros > (0 if method == "ML" else 1)
    least = np.maximum(1e-12 * spread.squares / columns.k, 1e-280)
    return np.where(undefined, least, 0.0)


def _agree(method: str, columns: Columns) -> BoolArray:
    """Whether all studies with a variance of 0 have one effect: the likelihood has no bound then.

    The pivot is one of them, so theirs are the distances of 0.
    """
    if method not in ("REML", "ML"):
        return np.zeros(columns.k.size, dtype=np.bool_)
    powers = columns.powers
    return np.asarray(~((powers.v == 0) & (powers.d != 0)).any(axis=0))


def _spread(d: FloatArray, v: FloatArray, pivot: Any, k: Any) -> _Spread:
    """Unweighted sums, from the distances and variances of all but the pivot, or absent as 0."""
    ones, square, weighted = np.ones(d.shape[0]), d * d, v * d
    mean = np.dot(ones, d) / k
    squares = np.dot(ones, square) - k * mean * mean
    total = np.dot(ones, v) + pivot
    far = np.dot(ones, v * square) - mean * (2 * np.dot(ones, weighted) - mean * total)
    v2 = np.dot(ones, v * v) + pivot * pivot
    return _Spread(squares, (1 + 1e-9) * far / squares, total, v2)


def _closed(method: str, k: Any, spread: Any, at: tuple[Any, Any]) -> tuple[Any, Any]:
    """Tau², truncated at 0, and its variance, by the methods that need no search.

    ``at``: the moments at tau² = 0 and, for Sidik and Jonkman, at the rough estimate. The variance
    is that of the quadratic form that each is made of, at the estimate.
    """
    zero, second = at
    if method in ("DL", "HS"):
        scale = zero.tr if method == "DL" else 1.0 / zero.variance
        tau2 = (zero.rss - (k - (method == "DL"))) / scale
        spreads = (k - 1, zero.tr, zero.tr2)
    elif method == "HE":
        scale, mean = k - 1, spread.v / k
        tau2 = spread.squares / scale - mean
        spreads = (spread.v2 * (1 - 2 / k) + mean * mean, spread.v - mean, k - 1)
    else:
        rough = spread.squares / k
        scale = (k - 1) / rough
        tau2 = second.rss / scale
        flat = second.tr - rough * second.tr2
        spreads = (k - 1 - rough * (second.tr + flat), flat, second.tr2)
    tau2 = tau2 * (tau2 > 0)
    variance = 2 * spreads[0] + 4 * tau2 * spreads[1] + 2 * tau2 * tau2 * spreads[2]
    return tau2, variance / scale**2
