"""Many analyses side by side: their power sums, and what is known at one value of tau²."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.pooling._criteria import Criterion, Place, full_likelihood
from evsyn.stats.pooling._powers import Moments, Powers, moments
from evsyn.stats.pooling._single import CLOSE, NOISE, STEPS

__all__ = ["Columns", "Points", "descended"]

FIRST = 3e-8  # the same at the first place looked at, where nothing tells how se2 bends
MANY = 512  # columns from which on it pays to put those that have arrived aside

ROWS = 12


@dataclass(slots=True)
class Points:
    """One value of tau² for each column, with the criterion and the mean there.

    Attributes
    ----------
    table : ndarray, shape (12, n)
        In rows: tau²; the logarithm of the criterion, its slope, ``z``, ``s``, ``eta`` and
        ``se2``, see `Place`; ``shift``, ``variance``, ``rss`` and ``tr``, see `Moments`; the
        moment estimate of tau².
    """

    table: FloatArray

    @property
    def x(self) -> FloatArray:
        """Tau²."""
        row: FloatArray = self.table[0]
        return row

    @property
    def log_ratio(self) -> FloatArray:
        """Logarithm of the criterion."""
        row: FloatArray = self.table[1]
        return row

    @property
    def slope(self) -> FloatArray:
        """Derivative of that logarithm."""
        row: FloatArray = self.table[2]
        return row

    @property
    def z(self) -> FloatArray:
        """Scale of the Newton step."""
        row: FloatArray = self.table[3]
        return row

    @property
    def s(self) -> FloatArray:
        """Constant of the lower bound of what falls."""
        row: FloatArray = self.table[4]
        return row

    @property
    def eta(self) -> FloatArray:
        """Constant of the upper bound of what rises."""
        row: FloatArray = self.table[5]
        return row

    @property
    def guess(self) -> FloatArray:
        """Moment estimate of tau²."""
        row: FloatArray = self.table[11]
        return row

    @classmethod
    def made(cls, x: FloatArray, k: FloatArray, found: Moments, place: Place) -> Points:
        """Put together from what the engine computes."""
        table = np.empty((ROWS, x.size))
        table[0] = x
        np.log(place.ratio, out=table[1])
        table[2], table[3], table[4], table[5], table[6] = place[1:]
        table[7], table[8], table[9], table[10] = (
            *(found.shift, found.variance, found.rss, found.tr),
        )
        np.divide(found.rss - (k - 1), found.tr, out=table[11])
        table[11] += x
        return cls(table)

    def taken(self, at: Any) -> Points:
        """Some of them."""
        return Points(self.table[:, at])


@dataclass(slots=True)
class Columns:
    """Analyses side by side.

    Attributes
    ----------
    powers : Powers
        Distances and variances, and their sums.
    pivot, widest : ndarray, shape (n,)
        Smallest variance, that of the pivot, and largest variance of each.
    k : ndarray, shape (n,)
        Studies of each.
    criterion : Criterion
        Function whose root is sought.
    """

    powers: Powers
    pivot: FloatArray
    widest: FloatArray
    k: FloatArray
    criterion: Criterion

    def taken(self, at: Any) -> Columns:
        """Some of them, in any order, also more than once."""
        wide = self.widest[at]
        return Columns(self.powers.taken(at), self.pivot[at], wide, self.k[at], self.criterion)

    @staticmethod
    def joined(parts: list[Columns]) -> Columns:
        """All columns of several."""
        d = np.concatenate([part.powers.d for part in parts], axis=1)
        v = np.concatenate([part.powers.v for part in parts], axis=1)
        names = ("pivot", "widest", "k")
        pivot, widest, k = (
            np.concatenate([getattr(part, name) for part in parts]) for name in names
        )
        return Columns(Powers(d, v), pivot, widest, k, parts[0].criterion)

    def at(self, x: FloatArray) -> tuple[Moments, Place]:
        """Mean and criterion at tau² = ``x``."""
        sums = self.powers.sums(x)
        found = moments(sums, self.pivot + x)
        return found, self.criterion(sums, found, x, self.k)

    def points(self, x: FloatArray) -> Points:
        """All that is known at tau² = ``x``."""
        return Points.made(x, self.k, *self.at(x))

    def heights(self, x: FloatArray) -> FloatArray:
        """Twice the log likelihood, up to a constant."""
        found = moments(self.powers.sums(x), self.pivot + x)
        v = self.powers.v + x
        logs = np.log(np.where(np.isinf(v), 1.0, v)).sum(axis=0)
        own = self.criterion is full_likelihood
        rest = -np.log(self.pivot + x) if own else np.log(found.share)
        return np.asarray(rest - logs - found.rss)


def descended(
    columns: Columns, low: Points, top: FloatArray | float, guess: FloatArray
) -> tuple[Points, BoolArray]:
    """Root above each point and below ``top``, by Newton steps kept inside.

    Parameters
    ----------
    columns : Columns
        The analyses; the criterion is above 0 at ``low`` and below 0 at ``top``.
    low : Points
        What is known at the lower ends.
    top : ndarray, shape (n,), or float
        Upper ends, or infinity.
    guess : ndarray, shape (n,)
        Where to look first, if it lies inside.

    Returns
    -------
    Points
        The roots; a column whose criterion is not above 0 at ``low`` keeps that point.
    ndarray of bool
        Whether each was found to rounding.

    Examples
    --------
    >>> from evsyn.stats.pooling._criteria import restricted_likelihood
    >>> d, v = np.array([[0.0], [2.0]]), np.array([[np.inf], [1.0]])
    >>> two = Columns(Powers(d, v), np.ones(1), np.ones(1), np.full(1, 2.0), restricted_likelihood)
    >>> descended(two, two.points(np.zeros(1)), np.inf, np.zeros(1))[0].x
    array([1.])
    """
    done = ~(low.log_ratio > 0)
    step = low.z * np.expm1(np.minimum(low.log_ratio / np.abs(low.slope * low.z), 1.0))
    x = np.where(guess > low.x, guess, low.x + np.abs(step))
    if isinstance(top, np.ndarray):
        x = np.where(x < top, x, (low.x + top) / 2)
    path = _Path(low.x, np.broadcast_to(top, x.shape), np.where(done, low.x, x), done)
    left, few = done.size, False
    for _ in range(STEPS):
        found, place = columns.at(path.x)
        path.look(place)
        left = int(done.size - np.count_nonzero(path.done))
        few = done.size >= MANY and left < done.size / 2
        if not left or few:
            break
        path.go()
    arrived = _settled(columns, (found, place), path, low)
    if left and few:
        go = np.flatnonzero(~path.done)
        rest = Points.made(path.x, columns.k, found, place).taken(go)
        rest.table[0], rest.table[1] = path.bottom[go], np.inf
        part, settled = descended(columns.taken(go), rest, path.top[go], path.new[go])
        arrived.table[:, go] = part.table
        path.done[go] = settled
    return arrived, path.done


class _Path:
    """Where the search for each root stands, and the place before it."""

    __slots__ = ("before", "bottom", "done", "height", "new", "place", "size", "top", "x")

    def __init__(self, bottom: FloatArray, top: FloatArray, x: FloatArray, done: BoolArray) -> None:
        self.bottom, self.top, self.x, self.done = bottom, top, x, done.copy()
        self.size: FloatArray = np.full(x.size, np.inf)
        self.before: tuple[FloatArray, FloatArray, FloatArray, FloatArray] | None = None

    def look(self, place: Place) -> None:
        """Take in the criterion at ``x``: narrow the brackets, and say where to look next."""
        x, self.place = self.x, place
        self.height = height = np.log(place.ratio)
        above = height > 0
        self.bottom, self.top = np.where(above, x, self.bottom), np.where(above, self.top, x)
        fall = place.slope * place.z
        newton = fall < -1e-6
        step = place.z * (np.exp(np.minimum(height / np.where(newton, -fall, 1.0), 3.0)) - 1.0)
        if self.before is not None:
            step = self._bent(step)
        new = x + step
        inside = (new >= self.bottom) & (new <= self.top)
        outside = ~(inside & newton)
        size, noise = np.abs(step), NOISE * place.z
        close = CLOSE if self.before is not None else FIRST
        near = size <= np.maximum(close * x, noise)
        if outside.any():
            near &= ~outside | (size <= noise) | (self.top - self.bottom <= 4e-16 * x)
            middle = (self.bottom + self.top) / 2
            middle = np.where(np.isinf(self.top), 2 * x + place.z, middle)
            new = np.where(outside, middle, new)  # a near miss of 0 is no root: go on, far
        if self.before is not None:  # no longer smaller, and small: rounding is all that is left
            near |= newton & (size >= self.size / 2) & (size <= 1e5 * noise)
        self.done |= near
        self.new, self.size = new, size

    def _bent(self, step: FloatArray) -> FloatArray:
        """Step to the root of the cubic, in the criterion, through this place and the one before.

        Where they lie close enough for it to be better than Newton's step.
        """
        assert self.before is not None
        x, height, slope, _ = self.before
        now, gap = self.height, self.height - height
        s = -height / gap
        rest = 1 - s
        bent = rest * rest * ((1 + 2 * s) * (x - self.x) + s * gap / slope)
        bent -= s * s * rest * gap / self.place.slope
        apart = np.abs(gap) > 0.5 * np.abs(height)
        good = apart & (np.abs(height) < 0.5) & (np.abs(now) < 0.5 * np.abs(height))
        return np.where(good & (slope < 0), bent, step)

    def go(self) -> None:
        """Move those that have not arrived, and remember where they were."""
        done, place, x = self.done, self.place, self.x
        now = (x, self.height, place.slope, place.se2)
        if self.before is not None:
            kept = zip(self.before, now, strict=True)
            now = tuple(np.where(done, old, new) for old, new in kept)  # type: ignore[assignment]
        self.before = now
        self.x = np.where(done, x, self.new)


def _settled(columns: Columns, at: tuple[Moments, Place], path: _Path, low: Points) -> Points:
    """Points after the last step, so small that its effects are known to first order.

    Columns that had nothing to seek take no step.
    """
    found, place = at
    points = Points.made(path.x, columns.k, found, place)
    step = path.new - path.x
    step = np.where((low.log_ratio > 0) & (np.abs(step) <= 2 * CLOSE * path.x), step, 0.0)
    points.table[0] += step
    bend = 2 / (path.x + place.eta)
    if path.before is not None:
        x, _, _, se2 = path.before
        bent = np.log(place.se2 / se2) / (path.x - x)
        bend = np.where(np.isfinite(bent), bent, bend)
    points.table[6] *= 1 + step * bend
    points.table[7] += step * found.drift
    points.table[8] += step * found.growth
    points.table[9] -= step * found.ypp
    return points
