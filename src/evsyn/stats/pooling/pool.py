"""A weighted mean of effect sizes: common effect, DerSimonian-Laird and REML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import PoolMethod, PoolTest, choices
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    checked_level,
    chosen,
    normal_quantile,
    reasons,
)
from evsyn.stats._special import chdtrc, ndtr, stdtr, stdtrit
from evsyn.stats.pooling.heterogeneity import (
    Studies,
    Tau2Estimate,
    cochran_q,
    dersimonian_laird,
    restricted_likelihood,
    study_columns,
    typical_variance,
)

__all__ = ["PooledEffect", "pool"]

COMMON_EFFECT = ("EE", "FE", "CE")  # three names of one model


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """A pooled effect, its heterogeneity and its weights, on the scale of the effect sizes.

    For effect sizes of shape (k,) each value is a number, for (k, n) an array of shape (n,).

    Attributes
    ----------
    estimate, se, statistic, p_value : ndarray, shape () or (n,)
        Weighted mean, its standard error, their ratio and its two-sided p-value.
    df : ndarray, shape () or (n,)
        Degrees of freedom of the t distribution; ``nan`` where the normal is used.
    ci_lb, ci_ub : ndarray, shape () or (n,)
        Confidence limits of the mean.
    pi_lb, pi_ub : ndarray, shape () or (n,)
        Prediction limits of the effect in a new study; ``nan`` for a common effect.
    tau2, tau2_se : ndarray, shape () or (n,)
        Between-study variance and its standard error.
    i2, h2 : ndarray, shape () or (n,)
        I² in percent and H²: from tau² and the typical variance, for a common effect from Q.
    q, q_df, q_pvalue : ndarray, shape () or (n,)
        Cochran's Q, its degrees of freedom and p-value.
    k : ndarray of int, shape () or (n,)
        Studies pooled.
    weights : ndarray, shape (k,) or (k, n)
        Share of each study, percent; ``nan`` where it is absent.
    converged : ndarray of bool, shape () or (n,)
        Whether the search for tau² ended at a root.
    reason : ndarray of str, shape () or (n,)
        Why values are missing; empty where none is.
    method, test : str
        Estimator of tau² (``EE`` whichever of its names was given) and test.
    level : float
        Confidence level.
    pi : str
        Form of the prediction interval.
    """

    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    df: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray
    pi_ub: FloatArray
    tau2: FloatArray
    tau2_se: FloatArray
    i2: FloatArray
    h2: FloatArray
    q: FloatArray
    q_df: FloatArray
    q_pvalue: FloatArray
    k: FloatArray
    weights: FloatArray
    converged: BoolArray
    reason: TextArray
    method: str
    test: str
    level: float
    pi: str


def pool(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: PoolMethod | Literal["FE", "CE"] = "REML",
    test: PoolTest = "knha",
    level: float = 0.95,
    pi: Literal["test", "hts"] = "test",
) -> PooledEffect:
    """Pool effect sizes by inverse variance.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes, ratios on the log scale, and sampling variances; with (k, n), n
        meta-analyses at once. ``nan`` marks an absent study.
    method : {"EE", "DL", "REML"}, default "REML"
        Common effect (``FE`` and ``CE`` are other names of it), or random effects with tau² by
        DerSimonian-Laird or restricted maximum likelihood.
    test : {"z", "knha", "adhoc"}, default "knha"
        Normal; Hartung-Knapp, with t on k - 1; or Hartung-Knapp that never narrows the interval
        (factor of at least 1).
    level : float, default 0.95
        Confidence level.
    pi : {"test", "hts"}, default "test"
        Prediction interval with the quantile of the test (normal for z, else t on k - 1), or
        Higgins, Thompson and Spiegelhalter's with t on k - 2.

    Returns
    -------
    PooledEffect
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
    level = _checked_options(method, test, pi, level)
    studies = study_columns(yi, vi)
    common = method in COMMON_EFFECT
    found = _between_studies(studies, method)
    mean, se, weights = _weighted_mean(studies, found.tau2, test)
    q_df = np.maximum(studies.k - 1, 0)
    df = np.full(mean.shape, np.nan) if test == "z" else q_df
    crit = _quantile(df, level)
    pi_crit = _quantile(studies.k - 2, level) if pi == "hts" else crit
    half = pi_crit * np.sqrt(se**2 + (np.nan if common else found.tau2))
    q = np.where(studies.k > 0, cochran_q(studies.yi, studies.vi), np.nan)
    i2, h2 = _shares_from_q(q, studies.k) if common else _shares(studies, found.tau2)
    q_pvalue = np.where(studies.k == 1, 1.0, chdtrc(np.maximum(q_df, 1), q))
    shaped = studies.shaped
    return PooledEffect(
        estimate=shaped(mean),
        se=shaped(se),
        statistic=shaped(mean / se),
        p_value=shaped(_p_value(mean / se, df)),
        df=shaped(df),
        ci_lb=shaped(mean - crit * se),
        ci_ub=shaped(mean + crit * se),
        pi_lb=shaped(mean - half),
        pi_ub=shaped(mean + half),
        tau2=shaped(found.tau2),
        tau2_se=shaped(found.tau2_se),
        i2=shaped(i2),
        h2=shaped(h2),
        q=shaped(q),
        q_df=shaped(q_df),
        q_pvalue=shaped(q_pvalue),
        k=shaped(studies.k.astype(int)),
        weights=shaped(weights),
        converged=shaped(found.converged),
        reason=shaped(_why_missing(studies, se, test)),
        method="EE" if common else method,
        test=test,
        level=level,
        pi=pi,
    )


def _checked_options(method: str, test: str, pi: str, level: float) -> float:
    """Refuse options that are unknown; the level as a float."""
    chosen("method", method, (*choices(PoolMethod), "FE", "CE"))
    chosen("test", test, choices(PoolTest))
    chosen("pi", pi, ("test", "hts"))
    return checked_level(level)


def _between_studies(studies: Studies, method: str) -> Tau2Estimate:
    """Tau² by the method named; 0 for a common effect, ``nan`` without studies."""
    none = np.where(studies.k > 0, 0.0, np.nan)
    if method == "DL":
        found = dersimonian_laird(studies)
    elif method == "REML":
        found = restricted_likelihood(studies)
    else:
        found = Tau2Estimate(none, none * np.nan, np.ones(none.shape, dtype=bool))
    return Tau2Estimate(found.tau2 + none, found.tau2_se, found.converged)


def _weighted_mean(
    studies: Studies, tau2: FloatArray, test: str
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Mean, its standard error (``nan`` where it cannot be told) and weights in percent."""
    w = 1.0 / (studies.vi + tau2)
    total = np.where(studies.k > 0, w.sum(axis=0), np.nan)
    mean = (w * studies.yi).sum(axis=0) / total
    variance = 1.0 / total
    if test != "z":
        several = np.where(studies.k > 1, studies.k - 1, np.nan)
        factor = cochran_q(studies.yi, studies.vi, tau2) / several
        variance = variance * (np.maximum(factor, 1.0) if test == "adhoc" else factor)
    se = np.sqrt(np.where(variance > 0, variance, np.nan))
    return mean, se, np.where(studies.present, 100 * w / total, np.nan)


def _quantile(df: FloatArray, level: float) -> FloatArray:
    """Two-sided quantile of t; of the normal where ``df`` is ``nan``, none where it is below 1."""
    t = stdtrit(np.where(df >= 1, df, 1.0), (1 + level) / 2)
    return np.where(np.isnan(df), normal_quantile(level), np.where(df >= 1, t, np.nan))


def _p_value(statistic: FloatArray, df: FloatArray) -> FloatArray:
    """Two-sided p-value of t, or of the normal where ``df`` is ``nan``."""
    tail = -np.abs(statistic)
    p = np.where(np.isnan(df), ndtr(tail), stdtr(np.where(df >= 1, df, 1.0), tail))
    return np.asarray(2 * p, dtype=np.float64)


def _shares(studies: Studies, tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """I² in percent and H² from tau²; 0 and 1 for a single study."""
    typical = np.where(studies.k > 1, typical_variance(studies), 1.0)
    return 100 * tau2 / (typical + tau2), 1 + tau2 / typical


def _shares_from_q(q: FloatArray, k: FloatArray) -> tuple[FloatArray, FloatArray]:
    """I² in percent and H² from Q; 0 and 1 for a single study."""
    h2 = np.where(k == 1, 1.0, q / np.maximum(k - 1, 1))
    return 100 * np.maximum(0.0, 1 - 1 / np.where(h2 == 0, 1.0, h2)), h2


def _why_missing(studies: Studies, se: FloatArray, test: str) -> TextArray:
    """Why an analysis has no estimate or no interval."""
    return reasons(
        se.shape,
        (studies.k == 0, "no study with an effect size and a variance"),
        ((studies.k == 1) & (test != "z"), "one study: Hartung-Knapp needs two"),
        (np.isnan(se), "the effects agree exactly: Hartung-Knapp gives no standard error"),
    )
