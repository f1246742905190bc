"""The highest maximum of many analyses at once: the search of `_single`, on arrays.

All columns are looked at where tau² is smallest; those whose criterion is above 0 there go down to
a root by Newton steps, and leave the work when they have arrived. What is left to do is a list of
intervals not yet proved empty, a few in a thousand; each is halved until it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.pooling._columns import MANY, Columns, Points, descended
from evsyn.stats.pooling._single import MOST, NEAR

__all__ = ["Search"]

ROUNDS = 200  # of halving: after some 40 every interval is narrow


@dataclass(slots=True)
class _Intervals:
    """Intervals not yet proved empty: column, what is known at both ends, which ends are roots."""

    column: Any
    low: Points
    low_root: BoolArray
    top: FloatArray
    s: FloatArray
    top_log: FloatArray
    top_root: BoolArray

    def taken(self, at: Any) -> _Intervals:
        return _Intervals(
            *(self.column[at], self.low.taken(at), self.low_root[at], self.top[at]),
            *(self.s[at], self.top_log[at], self.top_root[at]),
        )

    @staticmethod
    def joined(parts: list[_Intervals], counts: Any) -> _Intervals:
        columns = [part.column + counts[i] for i, part in enumerate(parts)]
        low = Points(np.concatenate([part.low.table for part in parts], axis=1))
        names = ("low_root", "top", "s", "top_log", "top_root")
        rest = (np.concatenate([getattr(part, name) for part in parts]) for name in names)
        return _Intervals(np.concatenate(columns), low, *rest)


class Search:
    """Highest maximum of each of many analyses, given in parts and finished together.

    Parameters
    ----------
    n : int
        Number of analyses.

    Attributes
    ----------
    best : ndarray, shape (12, n)
        The maximum of each, in the rows of `Points`.
    converged : ndarray of bool, shape (n,)
        Whether every root was found to rounding.
    modes : ndarray of int, shape (n,)
        Number of local maxima.

    Examples
    --------
    >>> from evsyn.stats.pooling._criteria import restricted_likelihood
    >>> from evsyn.stats.pooling._powers import Powers
    >>> d, v = np.array([[0.0], [2.0]]), np.array([[np.inf], [1.0]])
    >>> two = Columns(Powers(d, v), np.ones(1), np.ones(1), np.full(1, 2.0), restricted_likelihood)
    >>> search = Search(1)
    >>> _ = search.add(two, np.ones(1), np.zeros(1), 0)
    >>> search.finish()
    >>> search.best[0]
    array([1.])
    """

    __slots__ = ("_left", "best", "converged", "modes")

    def __init__(self, n: int) -> None:
        self.best = np.empty((12, n))
        self.converged = np.ones(n, dtype=np.bool_)
        self.modes = np.ones(n, dtype=np.intp)
        self._left: list[tuple[Columns, _Intervals, Any]] = []

    def add(
        self, columns: Columns, far: FloatArray, start: FloatArray, at: int, *, near: Any = 0.0
    ) -> Points:
        """Look at some analyses; intervals that are not yet proved empty are kept for the end.

        Parameters
        ----------
        columns : Columns
            Two or more studies in each.
        far : ndarray, shape (m,)
            Bound ``s`` that holds up to infinity.
        start : ndarray, shape (m,)
            Smallest tau² looked at: 0, or above it where the likelihood has no value at 0.
        at : int
            Number of the first of these analyses.
        near : float or ndarray, shape (m,), default 0
            Where to look first for a root, if above 0; else at the moment estimate.

        Returns
        -------
        Points
            What is known at ``start``.
        """
        with np.errstate(all="ignore"):
            first = columns.points(start)
            rises = first.log_ratio > 0
            up = np.flatnonzero(rises)
            best = first
            if np.ndim(near):
                np.copyto(first.table[11], near, where=near > 0)
            elif near > 0:
                first.table[11] = near
            if up.size > rises.size / 2 or (up.size and rises.size < MANY):
                best, settled = descended(columns, first, np.inf, first.guess)
                self.converged[at : at + rises.size] = settled
            elif up.size:
                below = first.taken(up)
                roots, settled = descended(columns.taken(up), below, np.inf, below.guess)
                self.converged[at + up] = settled
                best = Points(first.table.copy())
                best.table[:, up] = roots.table
            self.best[:, at : at + rises.size] = best.table
            left = _first_intervals(first, best, rises, (far, columns))
        if left is not None:
            used, left.column = np.unique(left.column, return_inverse=True)
            self._left.append((columns.taken(used), left, used + at))
        return first

    def finish(self) -> None:
        """Divide what is left until no interval may hide a root; keep the highest maximum."""
        if not self._left:
            return
        counts = np.cumsum([0, *(used.size for _, _, used in self._left)])
        columns = Columns.joined([part for part, _, _ in self._left])
        pending = _undecided(_Intervals.joined([part for _, part, _ in self._left], counts))
        own = np.concatenate([used for _, _, used in self._left])
        self._left = []
        with np.errstate(all="ignore"):
            for _ in range(ROUNDS):
                if not pending.column.size:
                    return
                falls = _falls(pending)
                if falls.any():
                    self._compare(columns, pending.taken(np.flatnonzero(falls)), own)
                rest = pending.taken(np.flatnonzero(~falls))
                if not rest.column.size:
                    return
                pending = _undecided(_halved(columns, rest))
                crowded = np.bincount(pending.column) > MOST
                if crowded.any():
                    self.converged[own[np.flatnonzero(crowded)]] = False
                    pending = pending.taken(np.flatnonzero(~crowded[pending.column]))
        self.converged[own[pending.column]] = False

    def _compare(self, columns: Columns, found: _Intervals, own: Any) -> None:
        """Find the root of each interval, and take it where the likelihood is higher there."""
        part = columns.taken(found.column)
        roots, settled = descended(part, found.low, found.top, found.low.x)
        at = own[found.column]
        np.add.at(self.modes, at, 1)
        np.logical_and.at(self.converged, at, settled)
        heights = part.heights(roots.x)
        for i in np.argsort(heights):  # a column may have several: the highest comes last
            rival = part.taken(np.array([i])).heights(self.best[0, at[i : i + 1]])
            if heights[i] > rival[0]:
                self.best[:, at[i]] = roots.table[:, i]


def _first_intervals(
    first: Points, best: Points, rises: BoolArray, rest: tuple[FloatArray, Columns]
) -> _Intervals | None:
    """From each best point to infinity, and from the start to the root; the undecided of them."""
    far, columns = rest
    above = ~(best.x + 2 * best.eta > far)
    if above.any():  # ``s`` may not grow fast enough to matter before the bound at infinity holds
        room, wide = best.x + 2 * best.eta, best.x + columns.widest
        ratio = wide / (best.x + columns.pivot)
        growth = 3 * ((1 + ratio) ** 2 / (4 * ratio) - 1)
        above &= ~(rises & ((far - room) * (growth - 1) <= room - best.s))
    if above.any():  # where nothing rises, a bound may show that nothing will
        peak = np.maximum(best.x, far - 2 * best.eta)
        above &= rises | ~(best.log_ratio + _rise(best, peak, far) < 0)
    below = rises & ~(first.x + 2 * first.eta > best.s)
    if below.any():  # high enough at the start not to reach 0 before it surely falls
        turn = best.s - 2 * first.eta
        below &= ~(first.log_ratio + _loss(first, turn, best.eta) > 0)
    if not (above.any() or below.any()):
        return None
    equal = np.isneginf(first.log_ratio) | np.isnan(first.log_ratio)  # no two effects differ
    up, down = np.flatnonzero(above & ~equal), np.flatnonzero(below)
    if not up.size + down.size:
        return None
    no, yes = np.zeros(down.size, dtype=np.bool_), np.ones(down.size, dtype=np.bool_)
    return _Intervals(
        column=np.concatenate([up, down]),
        low=Points(np.concatenate([best.table[:, up], first.table[:, down]], axis=1)),
        low_root=np.concatenate([rises[up], no]),
        top=np.concatenate([np.full(up.size, np.inf), best.x[down]]),
        s=np.concatenate([far[up], best.s[down]]),
        top_log=np.concatenate([np.full(up.size, -np.inf), np.zeros(down.size)]),
        top_root=np.concatenate([np.zeros(up.size, dtype=np.bool_), yes]),
    )


def _falls(part: _Intervals) -> BoolArray:
    """Whether the criterion surely falls throughout, or the interval is too narrow for a bump."""
    low = part.low
    narrow = part.top - low.x <= NEAR * (low.x + low.eta)
    return np.asarray(narrow | (low.x + 2 * low.eta > part.s))


def _undecided(part: _Intervals) -> _Intervals:
    """Keep the intervals that may hide a root, or surely hold one that is not yet found."""
    low = part.low
    x, s, top = low.x, part.s, part.top
    open_ends = ~part.low_root & ~part.top_root
    crossed = open_ends & (low.log_ratio > 0) & (part.top_log < 0)
    peak = np.maximum(x, np.minimum(s - 2 * low.eta, top))
    down = (low.log_ratio < 0) & (low.log_ratio + _rise(low, peak, s) < 0)
    up = (part.top_log > 0) & (part.top_log > _rise(low, top, s))
    settled = np.where(_falls(part), ~crossed, open_ends & (down | up))
    settled |= np.isneginf(low.log_ratio) | np.isnan(low.log_ratio)  # all effects equal
    return part if not settled.any() else part.taken(np.flatnonzero(~settled))


def _rise(low: Points, x: FloatArray, s: FloatArray) -> FloatArray:
    """Upper bound of what the criterion gains from the lower end to ``x``."""
    a, eta = low.x, low.eta
    return np.asarray(np.log((x + eta) / (a + eta)) - 2 * np.log((x + s) / (a + s)))


def _loss(low: Points, x: FloatArray, eta: FloatArray) -> FloatArray:
    """Lower bound, below 0, of what the criterion changes by from the lower end to ``x``."""
    a, s = low.x, low.s
    return np.asarray(np.log((x + eta) / (a + eta)) - 2 * np.log((x + s) / (a + s)))


def _halved(columns: Columns, part: _Intervals) -> _Intervals:
    """Both halves of each interval, on a logarithmic scale."""
    low = part.low
    end = np.where(np.isinf(part.top), np.maximum(part.s, 2 * low.x + low.z), part.top)
    scale = np.where(low.eta > 0, low.eta, low.z)
    x = np.sqrt((low.x + scale) * (end + scale)) - scale
    middle = columns.taken(part.column).points(x)
    m = part.column.size
    both = Points(np.concatenate([low.table, middle.table], axis=1))
    no = np.zeros(m, dtype=np.bool_)
    return _Intervals(
        column=np.concatenate([part.column, part.column]),
        low=both,
        low_root=np.concatenate([part.low_root, no]),
        top=np.concatenate([x, part.top]),
        s=np.concatenate([middle.s, part.s]),
        top_log=np.concatenate([middle.log_ratio, part.top_log]),
        top_root=np.concatenate([no, part.top_root]),
    )
