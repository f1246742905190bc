"""Weighted means of effect sizes, one analysis or many at once."""

from __future__ import annotations

from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.literals import PoolMethodName, PoolTest, PredictionInterval, choices
from evsyn.stats._arrays import FloatArray, checked_level, chosen, normal_quantile
from evsyn.stats._special import stdtrit
from evsyn.stats._student import quantile
from evsyn.stats.pooling.between_studies import COMMON_EFFECT, Solution, solve_many, solve_one
from evsyn.stats.pooling.pooled import PooledEffect
from evsyn.stats.pooling.regression import MetaRegression, meta_regression
from evsyn.stats.pooling.studies import HUGE, TINY, VANISHING, Studies, study_columns

__all__ = ["PooledEffect", "checked_options", "pool", "pooled_near"]


@overload
def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: PoolMethodName = ...,
    test: PoolTest = ...,
    mods: None = ...,
    level: float = ...,
    pi: PredictionInterval = ...,
) -> PooledEffect: ...


@overload
def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: PoolMethodName = ...,
    test: PoolTest = ...,
    mods: ArrayLike,
    level: float = ...,
    pi: PredictionInterval = ...,
) -> MetaRegression: ...


def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: PoolMethodName = "REML",
    test: PoolTest = "knha",
    mods: ArrayLike | None = None,
    level: float = 0.95,
    pi: PredictionInterval = "test",
) -> PooledEffect | MetaRegression:
    """Pool effect sizes by inverse variance.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes, ratios on the log scale, and sampling variances; with (k, n), n
        meta-analyses at once. ``nan`` marks an absent study.
    method : {"EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB"}, default "REML"
        Common effect (``EE``, also ``FE`` or ``CE``), or random effects with tau² by
        DerSimonian-Laird, Hedges, Hunter-Schmidt, Sidik-Jonkman, Paule-Mandel, maximum
        likelihood, restricted maximum likelihood or empirical Bayes (the same root as
        Paule-Mandel).
    test : {"z", "knha", "adhoc"}, default "knha"
        Normal; Hartung-Knapp, with t on k - 1; or Hartung-Knapp that never narrows the interval
        (factor of at least 1).
    mods : array_like, shape (k,), (k, p) or (k, p, n), optional
        Moderators, without a column for the intercept: the effects are regressed on them, see
        `meta_regression`.
    level : float, default 0.95
        Confidence level.
    pi : {"test", "hts"}, default "test"
        Prediction interval with the quantile of the test (normal for z, else t on k - 1), or
        Higgins, Thompson and Spiegelhalter's with t on k - 2.

    Returns
    -------
    PooledEffect, or MetaRegression where there are moderators
        Numbers for input of shape (k,), arrays of shape (n,) for (k, n). A single study has
        tau² and I² 0 and H² 1, for want of anything to estimate them from, and no Hartung-Knapp
        interval.

    Raises
    ------
    StatsError
        If shapes differ, an effect is infinite, a variance is not above zero, or an option is
        unknown.

    Notes
    -----
    With ``w = 1 / (vi + tau2)`` the estimate is ``sum(w yi) / sum(w)`` and its variance
    ``1 / sum(w)``, for Hartung-Knapp times ``sum(w (yi - estimate)²) / (k - 1)`` [1]_ [2]_.
    Prediction limits are ``estimate ± quantile sqrt(se² + tau2)`` [3]_.

    References
    ----------
    .. [1] J. Hartung, G. Knapp, "A refined method for the meta-analysis of controlled clinical
       trials with binary outcome", Stat Med 20 (2001) 3875-3889.
    .. [2] G. Knapp, J. Hartung, "Improved tests for a random effects meta-regression with a
       single covariate", Stat Med 22 (2003) 2693-2710.
    .. [3] J. P. T. Higgins, S. G. Thompson, D. J. Spiegelhalter, "A re-evaluation of
       random-effects meta-analysis", J R Stat Soc A 172 (2009) 137-159.

    Examples
    --------
    Trials 1 to 4 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702), log risk
    ratios:

    >>> yi, vi = [-0.8893, -1.5854, -1.3481, -1.4416], [0.3256, 0.1946, 0.4154, 0.0200]
    >>> fit = pool(yi, vi, method="DL", test="z")
    >>> fit.estimate.round(3), fit.ci_lb.round(3), fit.ci_ub.round(3)
    (np.float64(-1.422), np.float64(-1.674), np.float64(-1.17))
    """
    name, level = checked_options(method, test, pi, level)
    if mods is not None:
        return meta_regression(yi, vi, mods, method=name, test=test, level=level)  # type: ignore[arg-type]
    return pooled_near(study_columns(yi, vi), (name, test, pi), level)


def pooled_near(
    studies: Studies, options: tuple[str, str, str], level: float, *, near: Any = 0.0
) -> PooledEffect:
    """`pool`, once the arguments are checked, with a hint where to look for tau².

    Parameters
    ----------
    studies : Studies
        Effect sizes and variances.
    options : tuple of str
        Method, test and form of the prediction interval.
    level : float
        Confidence level.
    near : float or ndarray, shape (n,), default 0
        Tau² of a similar analysis, such as that of all studies where one is left out: it saves
        steps and changes nothing beyond rounding.

    Returns
    -------
    PooledEffect
        As `pool`.

    Examples
    --------
    >>> studies = study_columns([0.0, 2.0], [1.0, 1.0])
    >>> pooled_near(studies, ("REML", "z", "test"), 0.95, near=0.9).tau2
    np.float64(1.0)
    """
    with np.errstate(all="ignore"):
        if studies.single and studies.regular and studies.yi.shape[0] > 1:
            found = solve_one(studies.yi[:, 0], studies.vi[:, 0], options[0])
            return _from_one(studies, found, options, level)
        return _from_many(studies, _solved(studies, options[0], near), options, level)


def checked_options(method: str, test: str, pi: str, level: float) -> tuple[str, float]:
    """Refuse options that are unknown.

    Parameters
    ----------
    method, test, pi : str
        Estimator of tau², test and form of the prediction interval, as in `pool`.
    level : float
        Confidence level.

    Returns
    -------
    tuple of str and float
        The method, ``EE`` for each of its names, and the level.

    Raises
    ------
    StatsError
        If one of them is not allowed.

    Examples
    --------
    >>> checked_options("FE", "z", "test", 0.95)
    ('EE', 0.95)
    """
    chosen("method", method, _METHODS)
    chosen("test", test, _TESTS)
    chosen("pi", pi, choices(PredictionInterval))
    return "EE" if method in COMMON_EFFECT else method, checked_level(level)


_METHODS = choices(PoolMethodName)
_TESTS = choices(PoolTest)


def _solved(studies: Studies, method: str, near: Any) -> Solution:
    """Fit of each column, also where one study or none is present."""
    k = studies.k
    if studies.regular and studies.yi.shape[0] > 1:
        return solve_many(studies.yi, studies.vi, k, method, near=near)
    out = [np.full(k.size, np.nan) for _ in range(7)]
    converged, modes = np.ones(k.size, dtype=np.bool_), np.ones(k.size, dtype=np.intp)
    one = np.flatnonzero(k == 1)
    at = studies.present[:, one].argmax(axis=0)
    out[0][one], out[2][one], out[4][one], out[5][one] = 0.0, studies.yi[at, one], 0.0, 0.0
    out[3][one] = studies.vi[at, one]
    many = np.flatnonzero(k > 1)
    if many.size:
        part = _scaled(studies, many)
        found = solve_many(part[0], part[1], k[many], method)
        powers = (2, 2, 1, 2, 0, 0, -2)  # of the scale in each value
        for row, some, power in zip(out, found[:7], powers, strict=True):
            row[many] = some * part[2] ** power
        converged[many], modes[many] = found.converged, found.modes
    values: tuple[Any, ...] = (*out, converged, modes)
    return Solution(*values)


def _scaled(studies: Studies, some: NDArray[np.intp]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Effects, variances and the scale that each column was divided by, a power of two."""
    yi, vi = studies.yi[:, some], studies.vi[:, some]
    v = np.where(np.isfinite(vi), vi, 0.0)
    least = np.where(v > 0, v, np.inf).min(axis=0)
    size = np.maximum(np.sqrt(v.max(axis=0)), np.abs(yi).max(axis=0))
    extreme = (least < TINY) | (size > HUGE**0.5) | (size < TINY**0.5)
    scale = np.exp2(np.round(np.log2(np.where(extreme & (size > 0), size, 1.0))))
    yi, vi = yi / scale, vi / scale / scale
    return yi, np.where(vi < VANISHING, 0.0, vi), scale


def _from_one(
    studies: Studies, found: Solution, options: tuple[str, str, str], level: float
) -> PooledEffect:
    """Outputs of one analysis of two studies or more, in plain numbers: arrays would be slower."""
    method, test, pi = options
    k, variance = studies.yi.shape[0], found.variance
    if test != "z":
        factor = found.rss / (k - 1)
        variance *= max(factor, 1.0) if test == "adhoc" else factor
    se = variance**0.5 if variance > 0 else np.nan
    df = np.nan if test == "z" else float(k - 1)
    crit = normal_quantile(level) if test == "z" else float(stdtrit(df, (1 + level) / 2))
    wide = crit
    if pi == "hts":
        wide = float(stdtrit(float(k - 2), (1 + level) / 2)) if k > 2 else np.nan
    common = method == "EE"
    half = np.nan if common else wide * (se * se + found.tau2) ** 0.5
    if common:
        h2 = found.q / (k - 1)
        i2 = 100 * max(0.0, 1 - 1 / h2) if h2 > 0 else 0.0
    else:
        typical = (k - 1) / found.trace
        h2, i2 = 1 + found.tau2 / typical, 100 * found.tau2 / (typical + found.tau2)
    mean, number = found.mean, np.float64
    values: tuple[Any, ...] = (
        *(number(mean), number(se), number(df), number(mean - crit * se), number(mean + crit * se)),
        *(number(mean - half), number(mean + half), number(found.tau2), number(found.tau2_se)),
        *(number(i2), number(h2), number(found.q), number(k - 1), np.int64(k)),
        *(np.bool_(found.converged), np.int64(found.modes), method, test, level, pi),
        *(_kept(studies), studies.single),
    )
    return PooledEffect(*values)


def _from_many(
    studies: Studies, found: Solution, options: tuple[str, str, str], level: float
) -> PooledEffect:
    """Outputs of many analyses."""
    method, test, pi = options
    k, shaped = studies.k, studies.shaped
    q_df = np.maximum(k - 1, 0)
    variance = found.variance
    if test != "z":
        factor = found.rss / np.where(k > 1, k - 1, np.nan)
        variance = variance * (np.maximum(factor, 1.0) if test == "adhoc" else factor)
    se = np.sqrt(np.where(variance > 0, variance, np.nan))
    df = np.full(k.shape, np.nan) if test == "z" else q_df
    crit = _quantiles(df, level)
    wide = _quantiles(k - 2, level) if pi == "hts" else crit
    half = wide * np.sqrt(se**2 + (np.nan if method == "EE" else found.tau2))
    q = np.where(k > 0, found.q, np.nan)
    if method == "EE":
        h2 = np.where(k == 1, 1.0, q / np.maximum(k - 1, 1))
        i2 = 100 * np.maximum(0.0, 1 - 1 / np.where(h2 == 0, 1.0, h2))
    else:
        typical = np.where(k > 1, (k - 1) / found.trace, 1.0)
        h2, i2 = 1 + found.tau2 / typical, 100 * found.tau2 / (typical + found.tau2)
    margin, mean = crit * se, found.mean
    values: tuple[Any, ...] = (
        *(shaped(mean), shaped(se), shaped(df), shaped(mean - margin), shaped(mean + margin)),
        *(shaped(mean - half), shaped(mean + half), shaped(found.tau2), shaped(found.tau2_se)),
        *(shaped(i2), shaped(h2), shaped(q), shaped(q_df), shaped(k.astype(int))),
        *(shaped(found.converged), shaped(found.modes), method, test, level, pi),
        *(_kept(studies), studies.single),
    )
    return PooledEffect(*values)


def _kept(studies: Studies) -> FloatArray:
    """Variances for the weights; a copy, for those of the caller may change."""
    return studies.vi.copy() if studies.regular else studies.vi


def _quantiles(df: FloatArray, level: float) -> FloatArray:
    """Quantiles for each number of degrees of freedom, each looked up once."""
    if df.size and (df == df[0]).all():
        return quantile(df[:1], level)
    found, at = np.unique(df, return_inverse=True)
    return np.asarray(quantile(found, level)[at])
