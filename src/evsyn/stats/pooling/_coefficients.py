"""Coefficients of a meta-regression with their tests, from contrasts and tau²."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats._special import ndtri, stdtrit
from evsyn.stats.pooling._design import Contrasts, Orthonormal, inverse
from evsyn.stats.pooling._fitted import Fitted, Weighted

__all__ = [
    "Coefficients",
    "Studywise",
    "coefficients",
    "omnibus",
    "omnibus_test",
    "studywise",
    "wald",
]


class Coefficients(NamedTuple):
    """Coefficients, shape (p, n), and their covariance before any Knapp-Hartung factor."""

    own: FloatArray
    covariance: FloatArray


class Studywise(NamedTuple):
    """Fitted effects, residuals and leverages, each of shape (k, n); 0 where absent."""

    fitted: FloatArray
    residuals: FloatArray
    hat: FloatArray


def coefficients(
    data: Contrasts, design: Orthonormal, at: Weighted, fit: Fitted, *, intercept: bool
) -> Coefficients:
    """Solve for the coefficients through the pivots.

    Parameters
    ----------
    data : Contrasts
        Effects, variances and designs.
    design : Orthonormal
        The designs that `data` was made from.
    at, fit : Weighted, Fitted
        Weights and fit at tau².
    intercept : bool
        Whether the first column is constant; the effects are then measured from the first pivot.

    Returns
    -------
    Coefficients
        On the scale of the effects and moderators, covariance of shape (p, p, n).
    """
    from_ = data.base[0] if intercept else np.zeros(data.k.size)
    back = inverse(data.basis)
    turn = inverse(design.r)
    orthonormal = np.einsum("abn,bn->an", back, data.base - from_ + fit.shift)
    own = np.einsum("abn,bn->an", turn, orthonormal)
    if intercept:
        own[0] += from_
    spread = _sandwich(back * at.s, at.inner)
    return Coefficients(own * data.scale, _sandwich(turn, spread) * data.scale**2)


def studywise(data: Contrasts, at: Weighted, fit: Fitted) -> Studywise:
    """Values for each study.

    Parameters
    ----------
    data : Contrasts
        Effects, variances and designs.
    at, fit : Weighted, Fitted
        Weights and fit at tau².

    Returns
    -------
    Studywise
        On the scale of the effects.
    """
    columns = np.arange(data.k.size)
    plane = data.base + fit.shift
    fitted = (data.lever * plane).sum(axis=1)
    residuals = data.e - (data.lever * fit.shift).sum(axis=1)
    own = at.s[:, None] * at.inner * at.s
    hat = at.w * np.einsum("kan,abn,kbn->kn", data.lever, own, data.lever)
    fitted[data.at, columns] = plane
    residuals[data.at, columns] = -fit.shift
    hat[data.at, columns] = np.einsum("aan->an", at.inner)
    return Studywise(fitted * data.scale, residuals * data.scale, hat)


def wald(
    values: FloatArray, covariance: FloatArray, df: FloatArray, level: float
) -> dict[str, FloatArray]:
    """Standard errors and intervals.

    Parameters
    ----------
    values : ndarray, shape (p, n)
        Estimates.
    covariance : ndarray, shape (p, p, n)
        Their covariances.
    df : ndarray, shape (n,)
        Degrees of freedom of t; all ``nan`` for the normal.
    level : float
        Confidence level.

    Returns
    -------
    dict of ndarray
        ``se, ci_lb, ci_ub``; ``nan`` where the standard error is 0.
    """
    variance = np.einsum("aan->an", covariance)
    se = np.sqrt(np.where(variance > 0, variance, np.nan))
    tail = (1.0 + level) / 2.0
    if np.isnan(df).all():
        crit = ndtri(tail)
    else:
        some, at = np.unique(df, return_inverse=True)
        crit = stdtrit(some, tail)[at]
    return {"se": se, "ci_lb": values - crit * se, "ci_ub": values + crit * se}


def omnibus(
    data: Contrasts, at: Weighted, fit: Fitted, df: FloatArray, *, intercept: bool
) -> dict[str, FloatArray]:
    """Chi-square of all coefficients at once, the intercept's apart.

    The Wald statistic is the weighted sum of squares of the fitted effects, about their weighted
    mean where there is an intercept: a sum in which nothing cancels, however the moderators are
    scaled.

    Parameters
    ----------
    data : Contrasts
        Effects, variances and designs.
    at, fit : Weighted, Fitted
        Weights and fit at tau².
    df : ndarray, shape (n,)
        Denominator degrees of freedom of F; ``nan`` for chi-square.
    intercept : bool
        Whether the first column is the intercept.

    Returns
    -------
    dict of ndarray
        ``qm, qm_df, qm_df2``, not yet divided for F; ``nan`` where there is nothing to test.
    """
    p, n = data.pivot.shape
    tested = p - int(intercept)
    numbers = {"qm_df": np.full(n, float(tested)), "qm_df2": df}
    if not tested:
        return {"qm": np.full(n, np.nan), **numbers}
    own = 1.0 / at.d
    plane = data.base + fit.shift
    if intercept:
        heaviest = own.argmax(axis=0)
        plane = plane - plane[heaviest, np.arange(n)]
    others = (data.lever * plane).sum(axis=1)
    if intercept:
        mean = (own * plane).sum(axis=0) + (at.w * others).sum(axis=0)
        mean = mean / (own.sum(axis=0) + at.w.sum(axis=0))
        plane, others = plane - mean, others - mean
    qm = (own * plane**2).sum(axis=0) + (at.w * others**2).sum(axis=0)
    return {"qm": qm, **numbers}


def omnibus_test(parts: dict[str, FloatArray], factor: FloatArray) -> dict[str, FloatArray]:
    """Turn the chi-square of `omnibus` into the test asked for.

    Parameters
    ----------
    parts : dict of ndarray
        From `omnibus`.
    factor : ndarray, shape (n,)
        What the covariance of the coefficients is multiplied by.

    Returns
    -------
    dict of ndarray
        ``qm, qm_df, qm_df2``: chi-square, or F where ``qm_df2`` is a number.
    """
    qm = parts["qm"] / np.where(factor > 0, factor, np.nan)
    if not np.isnan(parts["qm_df2"]).all():
        qm = qm / np.maximum(parts["qm_df"], 1.0)
    return {**parts, "qm": qm}


def _sandwich(a: FloatArray, inner: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("abn,bcn,dcn->adn", a, inner, a))
