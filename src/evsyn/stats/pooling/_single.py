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
CLOSE = 1e-6  # of tau²: the last step is then taken to first order, not looked at again
NOISE = 1e-15  # of a scale: what rounding leaves of a Newton step
NEAR = 1e-8  # of a scale: intervals narrower than this are not divided further
MOST = 10_000  # divisions of one analysis, of which a hundred are many: then nothing is proved


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
    d, v : ndarray, shape (k,)
        Distances from the pivot and variances; those of the pivot itself are 0 and infinity.
    pivot : float
        Variance of the pivot.
    criterion : Criterion
        Function whose root is sought.

    Examples
    --------
    >>> from evsyn.stats.pooling._criteria import restricted_likelihood
    >>> d, v = np.array([0.0, 2.0]), np.array([np.inf, 1.0])
    >>> Analysis(d, v, 1.0, restricted_likelihood).sums(0.0)
    (1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0)
    """

    __slots__ = ("_columns", "_pairs", "_weights", "criterion", "k", "pivot", "v")

    def __init__(self, d: FloatArray, v: FloatArray, pivot: float, criterion: Criterion) -> None:
        self.v, self.pivot, self.k, self.criterion = v, pivot, d.size, criterion
        if d.size <= FEW:
            pairs = zip(d.tolist(), v.tolist(), strict=True)
            self._pairs = tuple(pair for pair in pairs if pair[1] != math.inf)
        else:
            self._pairs = ()
            self._columns = np.empty((3, d.size))
            self._columns[0] = 1.0
            self._columns[1] = d
            np.multiply(d, d, out=self._columns[2])
            self._weights = np.empty((3, d.size))

    def sums(self, x: float) -> Sequence[float]:
        """Power sums at tau² = ``x``."""
        if self._pairs:
            return self._looped(x)
        weights = self._weights
        w, square = weights[0], weights[1]
        np.add(self.v, x, out=w)
        np.divide(1.0, w, out=w)
        np.multiply(w, w, out=square)
        np.multiply(square, w, out=weights[2])
        result: list[float] = np.dot(self._columns, weights.T).ravel().tolist()
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
        if not found.ypp or not found.yppp:  # distances whose squares vanish beside the variances
            return Point(x, -math.inf, -math.inf, 0.0, x, x, math.nan, found, root)
        ratio, slope, z, s, eta, se2 = self.criterion(sums, found, x, self.k)
        height = math.log(ratio) if ratio > 0 else -math.inf
        return Point(x, height, slope, z, s, eta, se2, found, root)

    def height(self, point: Point) -> float:
        """Twice the log likelihood, up to a constant."""
        found = point.moments
        logs = float(np.log((self.v + point.x)[np.isfinite(self.v)]).sum())
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
    >>> d, v = np.array([0.0, 2.0]), np.array([np.inf, 1.0])
    >>> two = Analysis(d, v, 1.0, restricted_likelihood)
    >>> highest(two, two.at(0.0), far=1.0).point.x
    1.0
    """
    if first.log_ratio == -math.inf:  # no two effects differ
        return Found(first, True, 1)
    converged, roots = True, []
    pending: list[tuple[Point, Point | None]] = [(first, None)]
    if first.log_ratio > 0:
        root, converged = _descended(
            analysis, first, None, guess=moment_estimate(first, analysis.k)
        )
        roots = [root]
        pending = [] if _falls_on(analysis, root, far) else [(root, None)]
        if not _stays_above(first, root):
            pending.append((first, root))
    looks = 0
    while pending:
        low, high = pending.pop()
        s = far if high is None else high.s
        narrow = high is not None and high.x - low.x <= NEAR * (low.x + low.eta)
        if narrow or low.x + 2 * low.eta > s:  # falls throughout: one root at most
            if low.log_ratio > 0 and not low.root and (high is None or _below(high)):
                root, settled = _descended(analysis, low, high)
                roots.append(root)
                converged = converged and settled
        elif not _one_sign(low, high, s):
            looks += 1
            if looks > MOST:
                converged = False
                break
            middle = analysis.at(_between(low, high, s))
            pending += [(low, middle), (middle, high)]
    maxima = roots if first.log_ratio > 0 else [first, *roots]
    if len(maxima) == 1:
        return Found(maxima[0], converged, 1)
    return Found(max(maxima, key=analysis.height), converged, len(maxima))


def _falls_on(analysis: Analysis, root: Point, far: float) -> bool:
    """Whether the criterion falls beyond a root: there ``s`` grows too slowly to turn it."""
    room = root.x + 2 * root.eta
    if room > far:
        return True
    v = analysis.v
    ratio = (root.x + float(v[np.isfinite(v)].max())) / (root.x + analysis.pivot)
    growth = 3 * ((1 + ratio) ** 2 / (4 * ratio) - 1)
    return (far - room) * (growth - 1) <= room - root.s


def _stays_above(first: Point, root: Point) -> bool:
    """Whether the criterion starts too high to come down to 0 before it surely falls."""
    turn = root.s - 2 * first.eta
    if turn < first.x:
        return True
    a, eta, s = first.x, root.eta, first.s
    loss = math.log((turn + eta) / (a + eta)) - 2 * math.log((turn + s) / (a + s))
    return first.log_ratio + loss > 0


def _below(point: Point) -> bool:
    return point.log_ratio < 0 and not point.root


def _one_sign(low: Point, high: Point | None, s: float) -> bool:
    """Whether the criterion surely has no root inside."""
    width = math.inf if high is None else high.x - low.x
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
    >>> d, v = np.array([0.0, 2.0]), np.array([np.inf, 1.0])
    >>> two = Analysis(d, v, 1.0, restricted_likelihood)
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
    before: Point | None = None
    if bottom < guess < top:
        point = analysis.at(guess)
        bottom, top = (guess, top) if point.log_ratio > 0 else (bottom, guess)
    for _ in range(STEPS):
        last = abs(step)
        fall = point.slope * point.z
        newton = fall < -1e-6
        step = point.z * math.expm1(min(point.log_ratio / (-fall if newton else 1.0), 3.0))
        if before is not None:
            step = _bent(before, point, step)
        noise = NOISE * point.z
        x = point.x + step
        if abs(step) <= noise or (newton and last / 2 <= abs(step) <= 1e5 * noise):
            return point._replace(root=True), True
        if newton and before is not None and abs(step) <= CLOSE * point.x:
            return _settled(before, point, step), True
        if not newton or not bottom < x < top:  # a near miss of 0 is no root: go on, far
            x = (bottom + top) / 2 if top < math.inf else 2 * point.x + point.z
        if x in (bottom, top, point.x):
            return point._replace(root=True), True
        before, point = point, analysis.at(x)
        if point.log_ratio > 0:
            bottom = x
        else:
            top = x
    return point._replace(root=True), False


def _bent(before: Point, point: Point, step: float) -> float:
    """Step to the root of the cubic, in the criterion, through two points with their slopes.

    Where they lie close enough for it to be better than Newton's step.
    """
    height, now = before.log_ratio, point.log_ratio
    gap = now - height
    if not (abs(height) < 0.5 and abs(now) < 0.5 * abs(height) and before.slope < 0):
        return step
    s = -height / gap
    rest = 1 - s
    near = rest * rest * ((1 + 2 * s) * (before.x - point.x) + s * gap / before.slope)
    return near - s * s * rest * gap / point.slope


def _settled(before: Point, point: Point, step: float) -> Point:
    """Root one step away, so small that what depends on it is known to first order."""
    found = point.moments
    moved = found._replace(
        shift=found.shift + step * found.drift,
        variance=found.variance + step * found.growth,
        rss=found.rss - step * found.ypp,
    )
    bend = math.log(point.se2 / before.se2) / (point.x - before.x)
    se2 = point.se2 * (1 + step * bend)
    return point._replace(x=point.x + step, se2=se2, moments=moved, root=True)
