"""Coefficients of a meta-regression with their tests, from contrasts and tau²."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats._special import chdtrc, fdtrc, ndtr, ndtri, stdtr, stdtrit
from evsyn.stats.pooling._design import Contrasts, Orthonormal, inverse
from evsyn.stats.pooling._fitted import Fitted, Weighted

__all__ = ["Coefficients", "Studywise", "coefficients", "omnibus", "studywise", "wald"]


class Coefficients(NamedTuple):
    """Coefficients in the orthonormal design and in the design given.

    Attributes
    ----------
    orthonormal, own : ndarray, shape (p, n)
        Coefficients of either.
    spread, covariance : ndarray, shape (p, p, n)
        Their covariances, before any factor of Hartung and Knapp.
    """

    orthonormal: FloatArray
    spread: FloatArray
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
        On the scale of the effects; with an intercept ``orthonormal[0]`` is measured from the
        first pivot.
    """
    from_ = data.base[0] if intercept else np.zeros(data.k.size)
    back = inverse(data.basis)
    orthonormal = np.einsum("abn,bn->an", back, data.base - from_ + fit.shift)
    root = back * at.s
    spread = _sandwich(root, at.inner)
    turn = inverse(design.r)
    own = np.einsum("abn,bn->an", turn, orthonormal)
    if intercept:
        own[0] += from_
    scale = data.scale
    square = scale**2
    return Coefficients(
        orthonormal * scale, spread * square, own * scale, _sandwich(turn, spread) * square
    )


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
    """Standard errors, two-sided tests and intervals.

    Parameters
    ----------
    values : ndarray, shape (p, n)
        Estimates.
    covariance : ndarray, shape (p, p, n)
        Their covariances.
    df : ndarray, shape (n,)
        Degrees of freedom of t; ``nan`` for the normal.
    level : float
        Confidence level.

    Returns
    -------
    dict of ndarray
        ``se, statistic, p_value, ci_lb, ci_ub``; ``nan`` where the standard error is 0.
    """
    variance = np.einsum("aan->an", covariance)
    se = np.sqrt(np.where(variance > 0, variance, np.nan))
    statistic, tail = values / se, (1.0 + level) / 2.0
    normal = np.isnan(df)
    t_df = np.where(normal, 1.0, df)
    crit = np.where(normal, ndtri(tail), stdtrit(t_df, tail))
    below = -np.abs(statistic)
    p_value = 2.0 * np.where(normal, ndtr(below), stdtr(t_df, below))
    return {
        "se": se,
        "statistic": statistic,
        "p_value": p_value,
        "ci_lb": values - crit * se,
        "ci_ub": values + crit * se,
    }


def omnibus(
    found: Coefficients, factor: FloatArray, df: FloatArray, *, intercept: bool
) -> dict[str, FloatArray]:
    """Test of all coefficients at once, the intercept's apart.

    Parameters
    ----------
    found : Coefficients
        Coefficients; the orthonormal ones are tested, which is the same hypothesis.
    factor : ndarray, shape (n,)
        What the covariance is multiplied by.
    df : ndarray, shape (n,)
        Denominator degrees of freedom of F; ``nan`` for chi-square.
    intercept : bool
        Whether the first column is the intercept.

    Returns
    -------
    dict of ndarray
        ``qm, qm_df, qm_df2, qm_pvalue``; ``nan`` where there is nothing to test.
    """
    first = int(intercept)
    values, spread = found.orthonormal[first:], found.spread[first:, first:]
    tested, n = values.shape
    if not tested:
        none = np.full(n, np.nan)
        return {"qm": none, "qm_df": np.zeros(n), "qm_df2": df, "qm_pvalue": none}
    size = np.sqrt(np.einsum("aan->an", spread))
    scaled = values / size
    qm = np.einsum("an,abn,bn->n", scaled, inverse(spread / (size[:, None] * size)), scaled)
    qm = qm / np.where(factor > 0, factor, np.nan)
    normal = np.isnan(df)
    qm = np.where(normal, qm, qm / tested)
    p_value = np.where(normal, chdtrc(tested, qm), fdtrc(tested, np.where(normal, 1.0, df), qm))
    return {"qm": qm, "qm_df": np.full(n, float(tested)), "qm_df2": df, "qm_pvalue": p_value}


def _sandwich(a: FloatArray, inner: FloatArray) -> FloatArray:
    return np.asarray(np.einsum("abn,bcn,dcn->adn", a, inner, a))
