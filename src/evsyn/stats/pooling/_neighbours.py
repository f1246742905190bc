"""Where tau² lies when one study is left out: a guess good to six digits, before the search.

Leaving out one study changes each sum over all studies by one term. So the criterion of all k
subsets is known at a few common values of tau² for the price of one analysis, and a polynomial
through them, read the other way round, gives the root of each.
"""

from __future__ import annotations

import numpy as np

from evsyn.stats._arrays import FloatArray

__all__ = ["roots_without_each"]

NODES = np.array([0.55, 0.7, 0.83, 0.94, 1.04, 1.15, 1.3, 1.5])  # times tau² of all studies


def roots_without_each(yi: FloatArray, vi: FloatArray, tau2: float) -> FloatArray:
    """Guess the REML estimate of tau² without each study.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effect sizes and sampling variances, three studies or more, none missing.
    tau2 : float
        REML estimate from all studies.

    Returns
    -------
    ndarray, shape (k,)
        Guesses, without any promise: 0 or ``nan`` where there is none. A search starts here, and
        does not depend on it.

    Examples
    --------
    >>> yi, vi = np.array([-0.9, -1.6, -0.2, -0.5]), np.array([0.1, 0.1, 0.05, 0.02])
    >>> roots_without_each(yi, vi, 0.27856).round(4)
    array([0.4377, 0.0186, 0.2516, 0.4238])
    """
    if not tau2 > 0:
        return np.zeros(yi.size)
    with np.errstate(all="ignore"):
        return _read_back(yi, vi, NODES * tau2)


def _read_back(yi: FloatArray, vi: FloatArray, x: FloatArray) -> FloatArray:
    """Polynomial in the criterion of each subset through the nodes, where the criterion is 0."""
    w = 1.0 / (vi[:, None] + x)
    y = (yi - (w[:, 3] @ yi) / w[:, 3].sum())[:, None]
    square, wy = w * w, w * y
    first, second = square * y, wy * wy
    s1, s2, a, b1, b2 = (part.sum(axis=0) - part for part in (w, square, wy, first, second))
    mean = a / s1
    ratio = (b2 - mean * (2 * b1 - mean * s2)) / (s1 - s2 / s1)
    t = np.log(ratio)
    apart = t[:, :, None] - t[:, None, :]
    apart[:, np.arange(t.shape[1]), np.arange(t.shape[1])] = t
    shares = -t.prod(axis=1)[:, None] / apart.prod(axis=2)
    return np.asarray((shares * x).sum(axis=1))
