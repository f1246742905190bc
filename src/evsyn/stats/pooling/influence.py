"""Influence diagnostics: what each study does to a pooled effect or a meta-regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import PoolMethodName, PoolTest
from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, reasons
from evsyn.stats._special import chdtr
from evsyn.stats.pooling._design import design_columns, inverse
from evsyn.stats.pooling.leaving import pooled_without_each, single_analysis
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.regression import meta_regression

__all__ = ["Influence", "influence"]

MOST = 5_000  # studies, for a number is laid out for each pair of them


@dataclass(frozen=True, slots=True)
class Influence:
    """What changes when each study is left out.

    Attributes
    ----------
    rstudent : ndarray, shape (k,)
        Distance of the study from what the others predict, over its standard error.
    dffits : ndarray, shape (k,)
        Change of the study's fitted effect, over its standard error.
    cook_d : ndarray, shape (k,)
        Squared distance between the estimates with and without the study.
    cov_r : ndarray, shape (k,)
        Determinant of the estimates' covariance without the study, over that with it; below 1
        where the study costs precision.
    tau2_del, q_del : ndarray, shape (k,)
        Between-study variance and (residual) Q without the study.
    hat : ndarray, shape (k,)
        Leverage.
    weight : ndarray, shape (k,)
        Weight, percent.
    dfbs : ndarray, shape (k,), with moderators (k, p)
        Change of the mean, or of each coefficient, over its standard error.
    is_influential : ndarray of bool, shape (k,)
        Whether a diagnostic passes its limit, see `influence`.
    reason : ndarray of str, shape (k,)
        Why values are missing; empty where none is.
    method, test : str
        Estimator of tau² and test.
    """

    rstudent: FloatArray
    dffits: FloatArray
    cook_d: FloatArray
    cov_r: FloatArray
    tau2_del: FloatArray
    q_del: FloatArray
    hat: FloatArray
    weight: FloatArray
    dfbs: FloatArray
    is_influential: BoolArray
    reason: TextArray
    method: str
    test: str


class _Fits(NamedTuple):
    """The fit with all studies and, with a last axis of k, those without each.

    Attributes
    ----------
    design : ndarray, shape (k, p)
        Design in which the coefficients are given: an intercept, centred and scaled moderators.
    turn : ndarray, shape (p, p)
        Matrix that leads from these coefficients to those of the design as given.
    coef, covariance : ndarray, shape (p,) and (p, p)
        With all studies.
    coef_del, covariance_del : ndarray, shape (p, k) and (p, p, k)
        Without each.
    tau2 : float
        Between-study variance with all studies.
    tau2_del, q_del : ndarray, shape (k,)
        The same and (residual) Q without each.
    method : str
        Estimator of tau².
    """

    design: FloatArray
    turn: FloatArray
    coef: FloatArray
    covariance: FloatArray
    coef_del: FloatArray
    covariance_del: FloatArray
    tau2: float
    tau2_del: FloatArray
    q_del: FloatArray
    method: str


def influence(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: PoolMethodName = "REML",
    test: PoolTest = "z",
    mods: ArrayLike | None = None,
) -> Influence:
    """Leave-one-out diagnostics of a mean or a meta-regression.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; ``nan`` marks an absent study.
    method : str, default "REML"
        Estimator of tau², as in `pool`; it is estimated anew without each study.
    test : {"z", "knha", "adhoc"}, default "z"
        Test, whose factor enters the covariances.
    mods : array_like, shape (k,) or (k, p), optional
        Moderators; an intercept comes before them.

    Returns
    -------
    Influence
        One row a study; ``nan`` with a reason where it is absent, and where nothing can be fitted
        without it.

    Raises
    ------
    StatsError
        If the shapes are not (k,) alike, there are more than 5,000 studies, and as `pool` and
        `meta_regression` raise.

    Notes
    -----
    With ``-i`` for fits without study i: ``rstudent = (y - x'b_-i) / sqrt(v + tau²_-i +
    x'C_-i x)``, ``dffits = x'(b - b_-i) / sqrt(hat (v + tau²_-i))``, ``cook_d = (b - b_-i)'
    C^-1 (b - b_-i)``, ``cov_r = det C_-i / det C``, and ``dfbs`` divides by the standard error of
    b from all studies at ``tau²_-i`` [1]_. With Knapp-Hartung the covariances hold their factor,
    and ``v + tau²_-i`` and the variance under ``dfbs`` are multiplied by that of the fit without
    the study. A study is flagged where ``|dffits| > 3 sqrt(p / (k - p))``, ``cook_d`` lies above
    the median of chi-square on p degrees of freedom, ``hat > 3 p / k``, or a ``|dfbs| > 1``. A
    flag is a reason to look at the study, not to drop it.

    References
    ----------
    .. [1] W. Viechtbauer, M. W.-L. Cheung, "Outlier and influence diagnostics for
       meta-analysis", Res Synth Methods 1 (2010) 112-125.

    Examples
    --------
    Trials 1 to 4 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702), log risk
    ratios: the fourth holds most of the weight.

    >>> yi, vi = [-0.8893, -1.5854, -1.3481, -1.4416], [0.3256, 0.1946, 0.4154, 0.0200]
    >>> found = influence(yi, vi, method="DL")
    >>> found.weight.round(1), found.is_influential
    (array([ 5.1,  8.5,  4. , 82.5]), array([False, False, False,  True]))
    """
    y, v = single_analysis(yi, vi)
    if y.size > MOST:
        raise StatsError(
            f"yi has {y.size} studies; influence lays out a number for each pair of studies, and "
            f"takes {MOST:,} studies or fewer; leave_one_out takes more"
        )
    present = ~np.isnan(y + v)
    if mods is None:
        design, moderators = np.ones((y.size, 1)), None
    else:
        columns, _ = design_columns(mods, (y.size, 1), intercept=True)
        design, moderators = columns[..., 0], columns[:, 1:, 0]
        present &= np.isfinite(design).all(axis=1)
    y, v = np.where(present, y, np.nan), np.where(present, v, np.nan)
    if moderators is None:
        fits = _means(y, v, method, test)
    else:
        fits = _regressions(y, v, moderators, {"method": method, "test": test})
    return _diagnosed(y, v, fits, test)


def _left_out(y: FloatArray) -> FloatArray:
    """Effects k times, each time without one; shape (k, k)."""
    without = np.multiply.outer(y, np.ones(y.size))
    np.fill_diagonal(without, np.nan)
    return without


def _means(y: FloatArray, v: FloatArray, method: PoolMethodName, test: PoolTest) -> _Fits:
    """Mean of all studies and without each."""
    every = pool(y, v, method=method, test=test)
    present = ~np.isnan(y)
    fit = pooled_without_each(y[present], v[present], (method, test), 0.95)
    without = np.full((4, y.size), np.nan)
    if present.any():
        without[:, present] = fit.estimate, fit.se**2, fit.tau2, fit.q
    one = np.ones((1, 1))
    return _Fits(
        design=np.where(present, 1.0, np.nan)[:, None],
        turn=one,
        coef=one[0] * every.estimate,
        covariance=one * every.se**2,
        coef_del=without[:1],
        covariance_del=without[None, 1:2],
        tau2=float(every.tau2),
        tau2_del=without[2],
        q_del=without[3],
        method=every.method,
    )


def _regressions(y: FloatArray, v: FloatArray, mods: FloatArray, options: dict[str, Any]) -> _Fits:
    """Regression on all studies and without each, on centred and scaled moderators."""
    inside = mods[~np.isnan(y)]
    centre = inside.mean(axis=0) if inside.size else np.zeros(mods.shape[1])
    spread = inside.std(axis=0) if inside.size else np.ones(mods.shape[1])
    spread = np.where(spread > 0, spread, 1.0)
    scaled = (mods - centre) / spread
    every = meta_regression(y, v, scaled, **options)
    repeated = np.multiply.outer(v, np.ones(y.size))
    fit = meta_regression(_left_out(y), repeated, scaled, **options)
    turn = np.diag(np.concatenate([[1.0], 1.0 / spread]))
    turn[0, 1:] = -centre / spread
    return _Fits(
        design=np.where(np.isnan(y)[:, None], np.nan, np.column_stack([np.ones(y.size), scaled])),
        turn=turn,
        coef=every.coef,
        covariance=every.covariance,
        coef_del=fit.coef,
        covariance_del=fit.covariance,
        tau2=float(every.tau2),
        tau2_del=fit.tau2,
        q_del=fit.qe,
        method=every.method,
    )


def _diagnosed(y: FloatArray, v: FloatArray, fits: _Fits, test: str) -> Influence:
    """All diagnostics from the fits."""
    x, (k, p) = fits.design, (int((~np.isnan(y)).sum()), fits.coef.size)
    w = 1.0 / (v + fits.tau2)
    w_del = 1.0 / (v[:, None] + fits.tau2_del)
    with np.errstate(divide="ignore", invalid="ignore"):
        at_del = _unscaled(x, w_del)
        factor = _factor(x, w_del, fits.covariance_del) if test != "z" else np.ones(y.size)
        hat = w * _squared(x, _unscaled(x, w[:, None]))
        shift = fits.coef[:, None] - fits.coef_del
        moved = np.einsum("ka,ak->k", x, shift)
        without = y - np.einsum("ka,ak->k", x, fits.coef_del)
        own = factor * (v + fits.tau2_del)
        shown = np.einsum("abn,cb->acn", at_del, fits.turn)
        change = fits.turn @ shift
        spread = np.einsum("ab,ban->an", fits.turn, shown)
        cook = np.einsum("an,ab,bn->n", shift, _inverted(fits.covariance), shift)
        found = {
            "rstudent": without / np.sqrt(own + _squared(x, fits.covariance_del)),
            "dffits": moved / np.sqrt(hat * own),
            "cook_d": np.where(np.isnan(moved), np.nan, cook),
            "cov_r": _determinant(fits.covariance_del) / _determinant(fits.covariance[..., None]),
            "tau2_del": fits.tau2_del,
            "q_del": fits.q_del,
            "hat": hat,
            "weight": 100.0 * w / np.nansum(w),
        }
        dfbs = (change / np.sqrt(factor * spread)).T
    absent = np.isnan(y)
    found = {name: np.where(absent, np.nan, values) for name, values in found.items()}
    dfbs[absent] = np.nan
    flags = np.abs(found["dffits"]) > 3.0 * np.sqrt(p / max(k - p, 1))
    flags |= chdtr(p, found["cook_d"]) > 0.5
    flags |= (found["hat"] > 3.0 * p / max(k, 1)) | (np.abs(dfbs) > 1.0).any(axis=1)
    why = reasons(
        y.shape,
        (absent, "the study lacks an effect size, a variance or a moderator"),
        (np.isnan(found["rstudent"]), "nothing can be fitted, or tested, without the study"),
    )
    return Influence(
        **found,
        dfbs=dfbs[:, 0] if p == 1 else dfbs,
        is_influential=flags,
        reason=why,
        method=fits.method,
        test=test,
    )


def _unscaled(x: FloatArray, w: FloatArray) -> FloatArray:
    """``(X'WX)^-1`` for weights of shape (k, n); ``nan`` where there is none."""
    x, w = np.nan_to_num(x), np.where(np.isfinite(w), w, 0.0)
    return _inverted(np.einsum("ka,kb,kn->abn", x, x, w))


def _factor(x: FloatArray, w: FloatArray, covariance: FloatArray) -> FloatArray:
    """Knapp-Hartung factor of each fit without a study, from what it did to the covariance."""
    w = w.copy()
    np.fill_diagonal(w, 0.0)
    return np.asarray(covariance[0, 0] / _unscaled(x, w)[0, 0])


def _squared(x: FloatArray, c: FloatArray) -> FloatArray:
    """``x'Cx`` for each study, C one for all or one for each."""
    if c.shape[-1] == 1:
        return np.asarray(np.einsum("ka,ab,kb->k", x, c[..., 0], x))
    return np.asarray(np.einsum("ka,abk,kb->k", x, c, x))


def _inverted(matrices: FloatArray) -> FloatArray:
    """Inverses; ``nan`` where a matrix has none."""
    stack = matrices[..., None] if matrices.ndim == 2 else matrices
    size = np.einsum("aan->an", stack)
    fine = (size > 0).all(axis=0) & np.isfinite(stack).all(axis=(0, 1))
    scale = np.sqrt(np.where(fine, size, 1.0))
    scaled = np.where(fine, stack / (scale[:, None] * scale), np.eye(len(stack))[..., None])
    fine &= _determinant(scaled) > 1e-14
    scaled = np.where(fine, scaled, np.eye(len(stack))[..., None])
    result = np.where(fine, inverse(scaled) / (scale[:, None] * scale), np.nan)
    return np.asarray(result[..., 0] if matrices.ndim == 2 else result)


def _determinant(matrices: FloatArray) -> FloatArray:
    """Determinants of matrices of shape (p, p, n)."""
    if len(matrices) == 1:
        return np.asarray(matrices[0, 0])
    return np.asarray(np.linalg.det(np.moveaxis(matrices, -1, 0)))
