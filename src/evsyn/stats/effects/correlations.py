"""Effects from correlations.

Functions take rows ``n, r`` and give ``yi`` and ``vi``.
"""

from __future__ import annotations

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats._special import hyp2f1

__all__ = ["correlation", "fisher_z", "unbiased_correlation"]

_SERIES_FROM = 20.0  # c from which the series needs no more than 60 terms, whatever z
_TERMS = 60


def correlation(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """COR: r, variance ``(1 - r²)²/(n - 1)``."""
    n, r = rows
    return r, _large_sample(r, n)


def unbiased_correlation(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """UCOR: ``r F(1/2, 1/2; (n - 2)/2; 1 - r²)``, variance that of COR at this value.

    F is Gauss' hypergeometric function (Olkin & Pratt 1958, equation 2.3).
    """
    n, r = rows
    c = np.where(n > 4, (n - 2) / 2, np.nan)
    unbiased = r * _hypergeometric(c, (1 - r) * (1 + r))
    return unbiased, _large_sample(unbiased, n)


def fisher_z(rows: FloatArray) -> tuple[FloatArray, FloatArray]:
    """ZCOR: ``artanh r``, variance ``1/(n - 3)``."""
    n, r = rows
    return np.arctanh(r), 1 / (n - 3)


def _hypergeometric(c: FloatArray, z: FloatArray) -> FloatArray:
    """F(1/2, 1/2; c; z) for z in 0..1; by its series for large c, where `hyp2f1` gives up."""
    z = np.asarray(z)
    value = np.asarray(hyp2f1(0.5, 0.5, np.minimum(c, _SERIES_FROM), z))
    many = c > _SERIES_FROM
    if many.any():
        term = np.ones(z.shape)
        total = np.ones(z.shape)
        for k in range(_TERMS):
            term = term * z * ((k + 0.5) ** 2 / (k + 1)) / (c + k)
            total = total + term
            if not (term[many] > 1e-17).any():
                break
        value = np.where(many, total, value)
    return value


def _large_sample(r: FloatArray, n: FloatArray) -> FloatArray:
    return ((1 - r) * (1 + r)) ** 2 / (n - 1)
