"""The highest maximum of one analysis, in plain numbers: for few studies faster than arrays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.pooling._criteria import Criterion, full_likelihood
from evsyn.stats.pooling._powers import Moments, moments

__all__ = ["Analysis", "Found", "Point", "highest", "moment_estimate"]

FEW = 16  # studies up to which a loop is faster than arrays
STEPS = 200
CLOSE = 2e-6  # of tau²: the next Newton step is exact to 1e-12
NOISE = 1e-15  # of a scale: what rounding leaves of a Newton step
NEAR = 1e-8  # of a scale: intervals narrower than this are not divided further


class Point(NamedTuple):
    """One value of tau² with all that is known there: see `Place` and `Moments`.

    Attributes
    ----------
    x, log_ratio, slope, z, s, eta : float
        Tau² and the criterion there.
    se2 : float
        Variance of tau² if this is the root.
    moments : Moments
        Quantities of the weighted mean.
    root : bool
        Whether the criterion is 0 here.
    """

    x: float
    log_ratio: float
    slope: float
    z: float
    s: float
    eta: float
    se2: float
    moments: Moments
    root: bool = False


class Found(NamedTuple):
    """Where the likelihood is highest.

    Attributes
    ----------
    point : Point
        The maximum.
    converged : bool
        Whether each root was found to rounding.
    modes : int
        Number of local maxima.
    """

    point: Point
    converged: bool
    modes: int


class Analysis:
    """The studies of one analysis, with their power sums at any tau².

    Parameters
    ----------
    d, v : ndarray, shape (k - 1,)
        Distances from the pivot and variances of the other studies.
    pivot : float
        Variance of the pivot.
    criterion : Criterion
        Function whose root is sought.

    Examples
    --------
    >>> from evsyn.stats.pooling._criteria import restricted_likelihood
    >>> Analysis(np.array([2.0]), np.array([1.0]), 1.0, restricted_likelihood).sums(0.0)
    (1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0)
    """

    __slots__ = ("_columns", "_pairs", "_weights", "criterion", "k", "pivot", "v")

    def __init__(self, d: FloatArray, v: FloatArray, pivot: float, criterion: Criterion) -> None:
        self.v, self.pivot, self.k, self.criterion = v, pivot, d.size + 1, criterion
        if d.size <= FEW:
            self._pairs = tuple(zip(d.tolist(), v.tolist(), strict=True))
        else:
            self._pairs = ()
            self._columns = np.vstack([np.ones(d.size), d, d * d])
            self._weights = np.empty((d.size, 3))

    def sums(self, x: float) -> Sequence[float]:
        """Power sums at tau² = ``x``."""
        if self._pairs:
            return self._looped(x)
        w, weights = 1.0 / (self.v + x), self._weights
        square = w * w
        weights[:, 0] = w
        weights[:, 1] = square
        np.multiply(square, w, out=weights[:, 2])
        result: list[float] = np.dot(self._columns, weights).ravel().tolist()
        return result

    def _looped(self, x: float) -> Sequence[float]:
        t = t2 = t3 = a = b1 = c1 = d0 = b2 = c2 = 0.0
        for distance, variance in self._pairs:
            w = 1.0 / (variance + x)
            square = w * w
            u = w * distance
            t += w
            t2 += square
            t3 += square * w
            a += u
            b1 += w * u
            c1 += square * u
            d0 += u * distance
            b2 += u * u
            c2 += w * u * u
        return t, t2, t3, a, b1, c1, d0, b2, c2

    def at(self, x: float, *, root: bool = False) -> Point:
        """All that is known at tau² = ``x``."""
        sums = self.sums(x)
        found = moments(sums, self.pivot + x)
        ratio, slope, z, s, eta, se2 = self.criterion(sums, found, x, self.k)
        height = math.log(ratio) if ratio > 0 else -math.inf
        return Point(x, height, slope, z, s, eta, se2, found, root)

    def height(self, point: Point) -> float:
        """Twice the log likelihood, up to a constant."""
        found = point.moments
        logs = float(np.log(self.v + point.x).sum())
        if self.criterion is full_likelihood:
            return -logs - math.log(self.pivot + point.x) - float(found.rss)
        return math.log(found.share) - logs - float(found.rss)


def highest(analysis: Analysis, first: Point, *, far: float) -> Found:
    """Find the highest maximum, and prove that no other was missed.

    Parameters
    ----------
    analysis : Analysis
        Two or more studies whose effects are not all equal.
    first : Point
        The analysis at tau² = 0.
    far : float
        Bound ``s`` that holds up to infinity.

    Returns
    -------
    Found
        The maximum, whether its root was found, and the number of maxima.

    Examples
    --------
    >>> from evsyn.stats.pooling._criteria import restricted_likelihood
    >>> two = Analysis(np.array([2.0]), np.array([1.0]), 1.0, restricted_likelihood)
    >>> highest(two, two.at(0.0), far=1.0).point.x
    1.0
    """
    converged, roots = True, []
    pending: list[tuple[Point, Point | None]] = [(first, None)]
    if first.log_ratio > 0:
        root, converged = _descended(
            analysis, first, None, guess=moment_estimate(first, analysis.k)
        )
        roots = [root]
        pending = [(root, None), (first, root)]
    while pending:
        low, high = pending.pop()
        s = far if high is None else high.s
        if low.x + 2 * low.eta > s:  # falls throughout: one root at most
            if low.log_ratio > 0 and not low.root and (high is None or _below(high)):
                root, settled = _descended(analysis, low, high)
                roots.append(root)
                converged = converged and settled
        elif not _one_sign(low, high, s):
            middle = analysis.at(_between(low, high, s))
            pending += [(low, middle), (middle, high)]
    maxima = roots if first.log_ratio > 0 else [first, *roots]
    if len(maxima) == 1:
        return Found(maxima[0], converged, 1)
    return Found(max(maxima, key=analysis.height), converged, len(maxima))


def _below(point: Point) -> bool:
    return point.log_ratio < 0 and not point.root


def _one_sign(low: Point, high: Point | None, s: float) -> bool:
    """Whether the criterion surely has no root inside, or the interval is too narrow to matter."""
    width = math.inf if high is None else high.x - low.x
    if width <= NEAR * (low.x + low.eta):
        return True
    if low.root or (high is not None and high.root):
        return False
    peak = max(low.x, min(s - 2 * low.eta, low.x + width))
    if low.log_ratio < 0:
        return low.log_ratio + _rise(low, peak, s) < 0
    return high is not None and high.log_ratio > _rise(low, high.x, s) and high.log_ratio > 0


def _rise(low: Point, x: float, s: float) -> float:
    """Upper bound of what the criterion gains from ``low`` to ``x``."""
    a, eta = low.x, low.eta
    return math.log((x + eta) / (a + eta)) - 2 * math.log((x + s) / (a + s))


def _between(low: Point, high: Point | None, s: float) -> float:
    """Point that halves the interval on a logarithmic scale."""
    end = max(s, 2 * low.x + low.z) if high is None else high.x
    scale = low.eta if low.eta > 0 else low.z
    return math.sqrt((low.x + scale) * (end + scale)) - scale


def moment_estimate(point: Point, k: int) -> float:
    """DerSimonian and Laird's estimate, from the quantities at the smallest tau².

    Examples
    --------
    >>> from evsyn.stats.pooling._criteria import restricted_likelihood
    >>> two = Analysis(np.array([2.0]), np.array([1.0]), 1.0, restricted_likelihood)
    >>> moment_estimate(two.at(0.0), 2)
    1.0
    """
    return float(point.x + (point.moments.rss - (k - 1)) / point.moments.tr)


def _descended(
    analysis: Analysis, low: Point, high: Point | None, *, guess: float = 0.0
) -> tuple[Point, bool]:
    """Root between a point above it and one below it, or none, by Newton steps kept inside."""
    bottom, top = low.x, math.inf if high is None else high.x
    point, step = low, math.inf
    if guess > bottom:
        point = analysis.at(guess)
        bottom, top = (guess, top) if point.log_ratio > 0 else (bottom, guess)
    for _ in range(STEPS):
        before = abs(step)
        fall = point.slope * point.z
        newton = fall < -1e-6
        step = point.z * math.expm1(min(point.log_ratio / (-fall if newton else 1.0), 3.0))
        noise = NOISE * point.z
        x = point.x + step
        if abs(step) <= noise or (abs(step) >= before / 2 and abs(step) <= 1e5 * noise):
            return point._replace(root=True), True
        if newton and abs(step) <= CLOSE * point.x:
            return analysis.at(x, root=True), True
        if not bottom < x < top:
            x = (bottom + top) / 2 if top < math.inf else 2 * point.x + point.z
        if x in (bottom, top, point.x):
            return point._replace(root=True), True
        point = analysis.at(x)
        if point.log_ratio > 0:
            bottom = x
        else:
            top = x
    return point._replace(root=True), False
