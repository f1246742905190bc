"""Hedges' exact factor, which takes the bias out of a standardised mean difference."""

from __future__ import annotations

from typing import cast

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import FloatArray, float_array, refuse, unwrapped
from evsyn.stats._special import gamma

__all__ = ["factor_of", "hedges_factor"]

_SERIES_FROM = 40.0
_SERIES = (1 / 64, -5 / 2048, 61 / 49152, -1385 / 1048576, 50521 / 20971520)


def hedges_factor(df: ArrayLike) -> FloatArray:
    """Factor J that makes a standardised mean difference unbiased under normality.

    Parameters
    ----------
    df : array_like
        Degrees of freedom of the standard deviation.

    Returns
    -------
    ndarray of float
        J in 0..1; ``nan`` for missing degrees of freedom, and from 0 to 1 of them, where the
        expectation does not exist.

    Raises
    ------
    StatsError
        If it is empty, or something in it is negative or no number.

    Notes
    -----
    ``J = gamma(m/2) / (sqrt(m/2) gamma((m - 1)/2))`` on m degrees of freedom (equation 6e of
    [1]_), not the approximation ``1 - 3/(4 m - 1)``. From 40 on it is summed from the expansion of
    the ratio of gamma functions about ``w = m/2 - 3/4``, whose even powers alone remain [2]_: a
    difference of log gammas would lose a digit for each tenfold m.

    References
    ----------
    .. [1] L. V. Hedges, "Distribution theory for Glass's estimator of effect size and related
       estimators", Journal of Educational Statistics 6 (1981) 107-128.
    .. [2] F. G. Tricomi, A. Erdélyi, "The asymptotic expansion of a ratio of gamma functions",
       Pacific Journal of Mathematics 1 (1951) 133-142.

    Examples
    --------
    >>> hedges_factor([2, 10, 100]).round(6)
    array([0.56419 , 0.922746, 0.992478])
    """
    m = float_array("df", df)
    refuse(m < 0, "df={:g} is negative; give degrees of freedom, 0 or more", m)
    return factor_of(m)


def factor_of(m: FloatArray) -> FloatArray:
    """J of degrees of freedom that are known to be an array; ``nan`` at one or fewer."""
    with np.errstate(all="ignore"):
        half = np.minimum(m, _SERIES_FROM) / 2
        factor = gamma(half) / (np.sqrt(half) * gamma(half - 0.5))
        many = m > _SERIES_FROM
        if many.any():
            factor = np.where(many, _from_series(m), factor)
    return cast(FloatArray, unwrapped(np.where(m > 1, factor, np.nan)))


def _from_series(m: FloatArray) -> FloatArray:
    """J for many degrees of freedom."""
    inverse = (m / 2 - 0.75) ** -2
    total = np.zeros_like(inverse)
    for coefficient in reversed(_SERIES):
        total = (total + coefficient) * inverse
    return cast(FloatArray, np.exp(0.5 * np.log1p(-1.5 / m) + total))
