"""Roots of the score of a likelihood in many regressions at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.pooling._design import Contrasts
from evsyn.stats.pooling._fitted import fitted, third, traces, weighted
from evsyn.stats.pooling._lines import Lines

__all__ = ["ROUNDS", "Place", "cut_point", "place_at", "refined", "some_places"]

IntArray = np.ndarray[tuple[int, ...], np.dtype[np.intp]]
ROUNDS = 200  # bound on cuts and on Newton steps; some ten are needed
CLOSE = 1e-6  # of tau²: the last step is then taken without another look
KEPT = 0.6  # share of columns still searched below which the others are left out
RELATIVE = 1e-14  # change of tau² + the sampling variance below which a root is found


class Place(NamedTuple):
    """F and the constants of its bounds at tau², see the module; each of shape (n,)."""

    f: FloatArray
    slope: FloatArray
    s: FloatArray
    eta: FloatArray
    guess: FloatArray  # moment estimate from here


def place_at(data: Contrasts | Lines, x: FloatArray, *, full: bool) -> Place:
    """F and its bounds at tau², shape (n,), for the full or the restricted likelihood."""
    df = data.k - data.pivot.shape[0]
    if isinstance(data, Lines):
        found, weights = data.moments(x)
        h, h2 = weights if full else (found.tr, found.tr2)
        guess = x + (found.rss - df) / found.tr
        return _placed((found.ypp, found.yppp, h, h2), x, guess)
    at = weighted(data, x)
    fit, trace = fitted(data, at), traces(data, at)
    h, h2 = (trace.weight, trace.weight2) if full else (trace.tr, trace.tr2)
    guess = x + (fit.rss - df) / trace.tr
    return _placed((fit.ypp, third(data, at, fit), h, h2), x, guess)


def _placed(values: tuple[FloatArray, ...], x: FloatArray, guess: FloatArray) -> Place:
    ypp, yppp, h, h2 = values
    q = yppp / ypp
    return Place(np.log(ypp / h), h2 / h - 2.0 * q, 1.0 / q - x, h / h2 - x, guess)


def cut_point(a: FloatArray, b: FloatArray, eta: FloatArray) -> FloatArray:
    """Point between, geometric on the scale of tau² plus the typical sampling variance."""
    low = a + np.maximum(eta, 1e-6 * b)
    low = np.where(low > 0, low, 1.0)
    return np.asarray(a + low * (np.sqrt(1.0 + (b - a) / low) - 1.0))


def some_places(place: Place, at: IntArray) -> Place:
    """Those of some of the columns."""
    return Place(*(part[at] for part in place))


def refined(
    data: Contrasts | Lines, ends: tuple[FloatArray, FloatArray], place: Place, full: bool
) -> tuple[FloatArray, Place, BoolArray]:
    """Root of F in each interval: Newton steps, halved into the interval where they leave it.

    Starts at the lower end, where ``place`` is known and F above 0; at the root F counts as 0.
    """
    x, low, high = ends[0].copy(), ends[0].copy(), ends[1].copy()
    if not x.size:
        return x, place, np.zeros(0, dtype=bool)
    roots, done, last = x.copy(), np.zeros(x.size, dtype=bool), Place(*map(np.copy, place))
    active, part, size = np.arange(x.size), data, 2.0 * (high - low)
    going = np.ones(x.size, dtype=bool)
    before: tuple[FloatArray, FloatArray, FloatArray] | None = None
    for _ in range(ROUNDS):
        above = place.f > 0
        low, high = np.where(above, x, low), np.where(above, high, x)
        with np.errstate(all="ignore"):
            step = np.expm1(np.minimum(place.f, 50.0)) / -place.slope
            if before is not None:
                step = _bent(before, (x, place), step)
        jump = (place.guess > x) & (before is None)
        step = np.where(jump, place.guess - x, step)
        typical = np.maximum(place.eta, 0.0)
        small = ~jump & (np.abs(step) <= np.maximum(4.0 * RELATIVE * (x + typical), CLOSE * x))
        inside = (x + step > low) & (x + step < high) & (np.abs(step) < 0.75 * size)
        newton = (place.slope < 0) & (small | inside)
        step = np.where(newton, step, cut_point(low, high, typical) - x)
        ready = (newton & small) | (high - low <= 4.0 * RELATIVE * high)
        before = (x, place.f, place.slope)
        x, size = np.maximum(x + step, 0.0), np.abs(step)
        new = ready & going
        if new.any():
            at = active[new]
            roots[at], done[at] = x[new], True
            for whole, now in zip(last, place, strict=True):
                whole[at] = now[new]
            going &= ~new
            left = np.flatnonzero(going)
            if left.size < KEPT * going.size:  # else what is done stays, as copies take longer
                active, x, low, high = active[left], x[left], low[left], high[left]
                size, part, going = size[left], part.taken(left), going[left]
                before = tuple(values[left] for values in before)  # type: ignore[assignment]
            if not left.size:
                break
        place = place_at(part, x, full=full)
    roots[active[going]] = x[going]
    last.f[:] = 0.0
    return roots, last, done


def _bent(
    before: tuple[FloatArray, FloatArray, FloatArray],
    now: tuple[FloatArray, Place],
    step: FloatArray,
) -> FloatArray:
    """Step to the root of the cubic, in F, through this place and the one before.

    Where they lie close enough for it to be better than Newton's step.
    """
    (x, f, slope), (at, place) = before, now
    gap = place.f - f
    s = -f / gap
    rest = 1.0 - s
    bent = rest * rest * ((1.0 + 2.0 * s) * (x - at) + s * gap / slope)
    bent -= s * s * rest * gap / place.slope
    good = (np.abs(f) < 0.5) & (np.abs(place.f) < 0.5 * np.abs(f)) & (slope < 0)
    return np.where(good, bent, step)
