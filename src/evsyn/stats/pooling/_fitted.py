"""A weighted regression at one between-study variance: its fit and what the likelihoods need.

With ``W`` the diagonal of ``1 / (v + tau²)`` and ``P = W - W X (X'W X)^-1 X'W``. In contrasts
(`evsyn.stats.pooling._design`) ``P = C'K C`` with ``K`` the inverse of ``D + L D_B L'``, a diagonal
matrix and one of rank p; every trace and square below is written so that nothing cancels, in
O(k p²) and without a (k, k) matrix.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.pooling._design import Contrasts, inverse

__all__ = ["Fitted", "Traces", "Weighted", "fitted", "log_likelihood", "traces", "weighted"]


class Weighted(NamedTuple):
    """Weights and the system of normal equations of the contrasts.

    Attributes
    ----------
    w : ndarray, shape (k, n)
        Weights; 0 for pivots and absent studies.
    d, s : ndarray, shape (p, n)
        Variances of the pivots plus tau², and their square roots.
    gram : ndarray, shape (p, p, n)
        ``L'W L``.
    inner : ndarray, shape (p, p, n)
        Inverse of ``I + S L'W L S``.
    """

    w: FloatArray
    d: FloatArray
    s: FloatArray
    gram: FloatArray
    inner: FloatArray


class Fitted(NamedTuple):
    """The regression at one tau².

    Attributes
    ----------
    shift : ndarray, shape (p, n)
        Fitted effects of the pivots less their own.
    rest, pull : ndarray, shape (k, n) and (p, n)
        ``P y`` of the other studies, and of the pivots.
    rss, ypp : ndarray, shape (n,)
        ``y'P y``, the generalised Q, and ``y'P P y``.
    """

    shift: FloatArray
    rest: FloatArray
    pull: FloatArray
    rss: FloatArray
    ypp: FloatArray


class Traces(NamedTuple):
    """Traces at one tau², each of shape (n,).

    Attributes
    ----------
    tr, tr2 : ndarray
        ``tr P`` and ``tr P P``.
    weight, weight2 : ndarray
        ``tr W`` and ``tr W W``.
    """

    tr: FloatArray
    tr2: FloatArray
    weight: FloatArray
    weight2: FloatArray


def weighted(data: Contrasts, tau2: FloatArray | float) -> Weighted:
    """Weights at tau², shape (n,), and what is solved with them."""
    w = 1.0 / (data.v + tau2)
    d = data.pivot + tau2
    s = np.sqrt(d)
    gram = _squares(data.lever, w)
    eye = np.eye(d.shape[0])[..., None]
    return Weighted(w, d, s, gram, inverse(eye + s[:, None] * gram * s))


def fitted(data: Contrasts, at: Weighted) -> Fitted:
    """Fit at the weights given."""
    half, shift, left = _solved(data, at, data.e)
    rest, pull = at.w * left, -half / at.s
    rss = (rest * left).sum(axis=0) + (half * half).sum(axis=0)
    return Fitted(shift, rest, pull, rss, (rest * rest).sum(axis=0) + (pull * pull).sum(axis=0))


def third(data: Contrasts, at: Weighted, fit: Fitted) -> FloatArray:
    """``y'P P P y``, shape (n,)."""
    again = fit.rest - (data.lever * fit.pull).sum(axis=1)
    again[np.isinf(data.v)] = 0.0
    half, _, left = _solved(data, at, again)
    return np.asarray((at.w * left * left).sum(axis=0) + (half * half).sum(axis=0))


def traces(data: Contrasts, at: Weighted) -> Traces:
    """Traces at the weights given."""
    square = at.w * at.w
    total, total2 = at.w.sum(axis=0), square.sum(axis=0)
    gram2, gram3 = _squares(data.lever, square), _squares(data.lever, square * at.w)
    own = at.s[:, None] * at.inner * at.s  # covariance of the fitted pivots
    mixed = own / at.d[:, None]  # S^-1 inner S, its transpose by the other axis
    low = _product(mixed, at.gram)  # L'K L
    cross = _product(own, gram2)
    tr = total - _trace(own, gram2) + np.trace(low)
    tr2 = total2 - 2.0 * _trace(own, gram3) + _trace(cross, cross)
    tr2 = tr2 + 2.0 * _trace(_product(mixed, gram2), np.swapaxes(mixed, 0, 1))
    tr2 = tr2 + (low * np.swapaxes(low, 0, 1)).sum(axis=(0, 1))
    weight = total + (1.0 / at.d).sum(axis=0)
    return Traces(tr, tr2, weight, total2 + (1.0 / at.d**2).sum(axis=0))


def log_likelihood(data: Contrasts, at: Weighted, rss: FloatArray, *, full: bool) -> FloatArray:
    """Twice the log likelihood, restricted or full, up to a constant; shape (n,)."""
    logs = np.log(np.where(at.w > 0, at.w, 1.0)).sum(axis=0)
    if full:
        return np.asarray(logs - np.log(at.d).sum(axis=0) - rss)
    p = at.d.shape[0]
    if p == 1:
        determinant = -np.log(at.inner[0, 0])
    else:
        determinant = -np.linalg.slogdet(np.moveaxis(at.inner, -1, 0))[1]
    return np.asarray(logs - determinant - rss)


def _solved(
    data: Contrasts, at: Weighted, e: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Scaled solution, solution and what it leaves, of the regression of ``e`` on the levers."""
    right = at.s * np.einsum("kpn,kn->pn", data.lever, at.w * e)
    half = np.einsum("abn,bn->an", at.inner, right)
    shift = at.s * half
    return half, shift, e - (data.lever * shift).sum(axis=1)


def _squares(lever: FloatArray, w: FloatArray) -> FloatArray:
    """``L'W L``, shape (p, p, n)."""
    p, n = lever.shape[1:]
    result = np.empty((p, p, n))
    for a in range(p):
        part = lever[:, a] * w
        for b in range(a + 1):
            result[a, b] = result[b, a] = np.einsum("kn,kn->n", part, lever[:, b])
    return result


def _product(a: FloatArray, b: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("abn,bcn->acn", a, b))


def _trace(a: FloatArray, b: FloatArray) -> FloatArray:
    """Trace of the product."""
    return np.asarray(np.einsum("abn,ban->n", a, b))
