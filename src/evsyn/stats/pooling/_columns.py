"""Many analyses side by side: their power sums, and what is known at one value of tau²."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.pooling._criteria import Criterion, Place, full_likelihood
from evsyn.stats.pooling._powers import Moments, Powers, moments
from evsyn.stats.pooling._single import NOISE, STEPS

__all__ = ["Columns", "Points", "descended"]

CLOSE = 2e-8  # of tau²: the last Newton step is then taken to first order, not looked at again
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
    pivot : ndarray, shape (n,)
        Variance of each pivot.
    k : ndarray, shape (n,)
        Studies of each.
    criterion : Criterion
        Function whose root is sought.
    """

    powers: Powers
    pivot: FloatArray
    k: FloatArray
    criterion: Criterion

    def taken(self, at: Any) -> Columns:
        """Some of them, in any order, also more than once."""
        return Columns(self.powers.taken(at), self.pivot[at], self.k[at], self.criterion)

    @staticmethod
    def joined(parts: list[Columns]) -> Columns:
        """All columns of several."""
        d = np.concatenate([part.powers.d for part in parts], axis=1)
        v = np.concatenate([part.powers.v for part in parts], axis=1)
        pivot = np.concatenate([part.pivot for part in parts])
        k = np.concatenate([part.k for part in parts])
        return Columns(Powers(d, v), pivot, k, parts[0].criterion)

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
    >>> two = Columns(Powers(d, v), np.ones(1), np.full(1, 2.0), restricted_likelihood)
    >>> descended(two, two.points(np.zeros(1)), np.inf, np.zeros(1))[0].x
    array([1.])
    """
    bottom, top = low.x, np.broadcast_to(top, low.x.shape)
    done = ~(low.log_ratio > 0)
    step = low.z * np.expm1(np.minimum(low.log_ratio / np.abs(low.slope * low.z), 1.0))
    x = np.where(guess > bottom, guess, bottom + np.abs(step))
    x = np.where(done, low.x, np.where(x < top, x, (bottom + top) / 2))
    before = np.full(x.size, np.inf)
    for _ in range(STEPS):
        found, place = columns.at(x)
        height = np.log(place.ratio)
        above = height > 0
        bottom, top = np.where(above, x, bottom), np.where(above, top, x)
        fall = place.slope * place.z
        newton = fall < -1e-6
        step = place.z * np.expm1(np.minimum(height / np.where(newton, -fall, 1.0), 3.0))
        size, noise, new = np.abs(step), NOISE * place.z, x + step
        inside = (new > bottom) & (new < top)
        done |= newton & inside & (size <= CLOSE * x)
        done |= (size <= noise) | ((size >= before / 2) & (size <= 1e5 * noise))
        done |= (top - bottom) <= 4e-16 * x
        left = x.size - np.count_nonzero(done)
        if not left:
            return _settled(columns, x, (found, place), (step, low)), done
        new = np.where(inside, new, np.where(np.isinf(top), 2 * x + place.z, (bottom + top) / 2))
        if x.size >= MANY and left < x.size / 2:
            arrived = _settled(columns, x, (found, place), (step, low))
            go = np.flatnonzero(~done)
            rest = Points.made(x, columns.k, found, place).taken(go)
            rest.table[0], rest.table[1] = bottom[go], np.inf
            part, settled = descended(columns.taken(go), rest, top[go], new[go])
            arrived.table[:, go] = part.table
            done[go] = settled
            return arrived, done
        x, before = np.where(done, x, new), size
    return _settled(columns, x, (found, place), (step, low)), done


def _settled(
    columns: Columns, x: FloatArray, at: tuple[Moments, Place], last: tuple[FloatArray, Points]
) -> Points:
    """Points after the last Newton step, whose square no longer counts: first order is exact.

    Columns that had nothing to seek take no step.
    """
    (found, place), (step, low) = at, last
    points = Points.made(x, columns.k, found, place)
    step = np.where((low.log_ratio > 0) & (np.abs(step) <= 2 * CLOSE * x), step, 0.0)
    points.table[0] += step
    points.table[6] *= 1 + 2 * step / (x + place.eta)
    points.table[7] += step * found.drift
    points.table[8] += step * found.growth
    points.table[9] -= step * found.ypp
    return points
