"""Sums of powers of weights and effects, in which every likelihood quantity of a mean is written.

The effects of an analysis are measured from its most precise study, the *pivot*. All that the
restricted likelihood needs is then a sum over the other studies of ``w^j d^i`` with ``d`` the
distance from the pivot, ``w = 1 / (v + tau²)``, ``j`` = 1, 2, 3 and ``i`` = 0, 1, 2. Without the
pivot these formulas lose all digits where one study outweighs the others; with it they lose none,
and they stay finite where the pivot's variance is 0.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from evsyn.stats._arrays import FloatArray

__all__ = ["Moments", "Powers", "contrasts", "moments"]


class Moments(NamedTuple):
    """Quantities of the weighted mean at one between-study variance; floats, or arrays alike.

    With ``W`` the weights, ``P = W - W 1 1'W / sum w`` and ``y`` the effects.

    Attributes
    ----------
    shift : float or ndarray
        Weighted mean, measured from the pivot.
    variance : float or ndarray
        ``1 / sum w``.
    share : float or ndarray
        Weight of the pivot as a share of all.
    rss : float or ndarray
        ``y'Py``, the generalised Q.
    ypp, yppp : float or ndarray
        ``y'PPy`` and ``y'PPPy``.
    tr, tr2 : float or ndarray
        ``tr P`` and ``tr PP``.
    drift, growth : float or ndarray
        Derivatives of ``shift`` and ``variance`` by the between-study variance.
    """

    shift: Any
    variance: Any
    share: Any
    rss: Any
    ypp: Any
    yppp: Any
    tr: Any
    tr2: Any
    drift: Any
    growth: Any


def moments(sums: Any, pivot: Any) -> Moments:
    """Turn power sums into the quantities of the likelihood.

    Parameters
    ----------
    sums : array_like, shape (9,) or (9, n)
        Sums of ``w, w², w³``, then of these times ``d``, then times ``d²``, over the studies that
        are not the pivot.
    pivot : float or ndarray, shape (n,)
        Sampling variance of the pivot plus tau².

    Returns
    -------
    Moments
        All quantities; no difference in them cancels by more than a factor of the number of
        studies.

    Examples
    --------
    Effects 0 and 2, both of variance 1:

    >>> two = moments([1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 4.0, 4.0, 4.0], 1.0)
    >>> two.shift, two.rss, two.tr
    (1.0, 2.0, 1.0)
    """
    t, t2, t3, a, b1, c1, d0, b2, c2 = sums
    share = 1.0 / (1.0 + t * pivot)
    variance = pivot * share
    shift = a * variance
    pull, own, part = share * a, share * t, t2 * variance
    rest = b1 - shift * t2
    ypp = pull * pull + b2 - shift * (b1 + rest)
    yppp = c2 - shift * (2.0 * c1 - shift * t3) + own * pull * pull
    drift = share * pull - variance * rest
    yppp = yppp + rest * (drift + share * pull)
    tr = t + own - part
    square = share * share
    tr2 = own * own + t2 + 2.0 * t2 * square - 2.0 * t3 * variance + part * part
    growth = square + variance * part
    return Moments(shift, variance, share, d0 - a * shift, ypp, yppp, tr, tr2, drift, growth)


def contrasts(yi: FloatArray, vi: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, Any]:
    """Measure effects from the most precise study of each column.

    Parameters
    ----------
    yi, vi : ndarray, shape (k, n)
        Effect sizes and variances; an absent study has the effect 0 and the variance infinity.

    Returns
    -------
    d, v : ndarray, shape (k, n)
        Distances from the pivot and variances; the pivot itself and absent studies have distance
        0 and variance infinity.
    base, pivot : ndarray, shape (n,)
        Effect and variance of the pivot.

    Examples
    --------
    >>> d, v, base, pivot = contrasts(np.array([[1.0], [3.0]]), np.array([[0.1], [0.2]]))
    >>> d.ravel(), v.ravel(), base, pivot
    (array([0., 2.]), array([inf, 0.2]), array([1.]), array([0.1]))
    """
    columns = np.arange(yi.shape[1])
    at = vi.argmin(axis=0)
    base, pivot = yi[at, columns], vi[at, columns]
    v = vi.copy()
    v[at, columns] = np.inf
    d = yi - base
    absent = np.isinf(vi)
    if absent.any():
        d[absent] = 0.0
    return d, v, base, pivot


class Powers:
    """Power sums of many analyses at any between-study variance, in buffers made once.

    Parameters
    ----------
    d, v : ndarray, shape (k, n)
        Distances and variances from `contrasts`.
    room : ndarray, optional
        Buffer of at least ``3 k n`` numbers to work in; it holds nothing between calls.
    """

    __slots__ = ("_ones", "_planes", "d", "room", "v")

    def __init__(self, d: FloatArray, v: FloatArray, room: FloatArray | None = None) -> None:
        self.d, self.v = d, v
        if room is None or room.size < 3 * d.size:
            room = np.empty(3 * d.size)
        self.room = room
        self._planes = room[: 3 * d.size].reshape(3, *d.shape)
        self._ones = np.ones(d.shape[0])

    def sums(self, tau2: FloatArray | float) -> FloatArray:
        """Power sums, shape (9, n), at tau² of shape (n,)."""
        w, u, product = self._planes
        result = np.empty((9, w.shape[1]))
        total, ones = np.dot, self._ones
        np.add(self.v, tau2, out=w)
        np.divide(1.0, w, out=w)
        total(ones, w, out=result[0])
        np.multiply(w, self.d, out=u)
        total(ones, u, out=result[3])
        total(ones, np.multiply(u, self.d, out=product), out=result[6])
        total(ones, np.multiply(u, w, out=product), out=result[4])
        total(ones, np.multiply(product, w, out=product), out=result[5])
        total(ones, np.multiply(u, u, out=u), out=result[7])
        total(ones, np.multiply(u, w, out=u), out=result[8])
        total(ones, np.multiply(w, w, out=product), out=result[1])
        total(ones, np.multiply(product, w, out=product), out=result[2])
        return result

    def light(self, tau2: FloatArray | float, pivot: FloatArray) -> Moments:
        """Moments without ``y'PPy`` and what needs it, which are 0, in half the time."""
        w, u, product = self._planes
        sums = np.empty((5, w.shape[1]))
        total, ones = np.dot, self._ones
        np.add(self.v, tau2, out=w)
        np.divide(1.0, w, out=w)
        total(ones, w, out=sums[0])
        np.multiply(w, self.d, out=u)
        total(ones, u, out=sums[3])
        total(ones, np.multiply(u, self.d, out=u), out=sums[4])
        total(ones, np.multiply(w, w, out=product), out=sums[1])
        total(ones, np.multiply(product, w, out=product), out=sums[2])
        return moments((*sums[:4], 0.0, 0.0, sums[4], 0.0, 0.0), pivot)

    def taken(self, columns: Any) -> Powers:
        """The same for some of the columns."""
        return Powers(self.d[:, columns], self.v[:, columns], self.room)
