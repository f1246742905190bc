"""Subgroups: a pooled effect in each group of studies, and the test of their difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.literals import PoolMethodName, PoolTest
from evsyn.stats._arrays import BoolArray, FloatArray, TextArray
from evsyn.stats._options import flag, label_array
from evsyn.stats._special import chdtrc
from evsyn.stats.pooling.leaving import single_analysis
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.pooled import PooledEffect
from evsyn.stats.pooling.regression import MetaRegression, meta_regression

__all__ = ["Subgroups", "subgroup"]

_MEANS = ("estimate", "se", "statistic", "p_value", "ci_lb", "ci_ub")


@dataclass(frozen=True, slots=True)
class Subgroups:
    """Pooled effects by group of studies.

    Attributes
    ----------
    levels : tuple of str
        Names of the g groups, sorted.
    estimate, se, statistic, p_value, ci_lb, ci_ub : ndarray, shape (g,)
        Mean of each group, its standard error, their ratio, two-sided p-value and limits.
    tau2, i2, h2 : ndarray, shape (g,)
        Between-study variance within each group, I² in percent and H².
    q, q_df, q_pvalue : ndarray, shape (g,)
        Cochran's Q within each group.
    k : ndarray of int, shape (g,)
        Studies of each group.
    weights : ndarray, shape (k,)
        Share of each study in its group, percent; ``nan`` where it is absent.
    q_between, q_between_df, q_between_df2, q_between_pvalue : float
        Test that the group means are equal: chi-square, or F with ``q_between_df2`` denominator
        degrees of freedom where a common tau² is tested by Knapp-Hartung.
    q_within, q_within_df, q_within_pvalue : float
        Sum of Q within the groups.
    tau2_residual, tau2_total : float
        Between-study variance that remains within groups, one for all, and without groups.
    r2 : float
        Share of ``tau2_total`` that the groups explain, percent.
    common_tau2 : bool
        Whether all groups share ``tau2_residual``.
    converged : ndarray of bool, shape (g,)
        Whether the search for tau² ended at a root.
    reason : ndarray of str, shape (g,)
        Why values are missing, or that a group is a single study; empty otherwise.
    method, test : str
        Estimator of tau² and test.
    level : float
        Confidence level.
    """

    levels: tuple[str, ...]
    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    tau2: FloatArray
    i2: FloatArray
    h2: FloatArray
    q: FloatArray
    q_df: FloatArray
    q_pvalue: FloatArray
    k: NDArray[np.intp]
    weights: FloatArray
    q_between: float
    q_between_df: int
    q_between_df2: float
    q_between_pvalue: float
    q_within: float
    q_within_df: int
    q_within_pvalue: float
    tau2_residual: float
    tau2_total: float
    r2: float
    common_tau2: bool
    converged: BoolArray
    reason: TextArray
    method: str
    test: str
    level: float


def subgroup(
    yi: ArrayLike,
    vi: ArrayLike,
    groups: ArrayLike | Sequence[object],
    *,
    method: PoolMethodName = "REML",
    test: PoolTest = "knha",
    common_tau2: bool = False,
    level: float = 0.95,
) -> Subgroups:
    """Pool each group of studies and test whether the groups differ.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; ``nan`` marks an absent study.
    groups : array_like, shape (k,)
        Group of each study: texts, or whole numbers.
    method : str, default "REML"
        Estimator of tau², as in `pool`.
    test : {"z", "knha", "adhoc"}, default "knha"
        Test of each mean, as in `pool`; with ``common_tau2`` also of their difference.
    common_tau2 : bool, default False
        One tau² for all groups, from the regression on the groups, instead of one for each. With
        few studies a group (five is a common rule) the separate ones are little more than noise.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Subgroups
        Groups of a single study are kept, with tau² 0 unless it is common, and ``reason`` says so.

    Raises
    ------
    StatsError
        If shapes differ, a present study has no group, and as `pool` raises.

    Notes
    -----
    With separate tau² the groups are compared by ``sum (m_g - m)² / se_g²`` with ``m`` their mean
    weighted by ``1 / se_g²``, a chi-square on g - 1 degrees of freedom, with the standard errors
    of the Wald test whatever the test of the means [1]_. With a common tau² the comparison is the
    omnibus test of a meta-regression on the groups [2]_. For a common effect both are Q between,
    ``Q - sum Q_g``. A difference between groups is an observation across studies, not a randomised
    comparison; that one group's interval excludes no effect and another's does not is no test.

    References
    ----------
    .. [1] M. Borenstein, J. P. T. Higgins, "Meta-analysis and subgroups", Prev Sci 14 (2013)
       134-143.
    .. [2] M. Borenstein, L. V. Hedges, J. P. T. Higgins, H. R. Rothstein, Introduction to
       Meta-Analysis (2009), chapter 19.

    Examples
    --------
    Log risk ratios of tuberculosis in 13 trials of BCG vaccine by allocation of treatment
    (Colditz et al. 1994, JAMA 271:698-702): random, alternate, systematic:

    >>> yi = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694]
    >>> yi += [-1.3713, -0.3394, 0.4459, -0.0173]
    >>> vi = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564]
    >>> vi += [0.0730, 0.0124, 0.5325, 0.0714]
    >>> found = subgroup(yi, vi, list("rrrraarrrssss"), test="z")
    >>> dict(zip(found.levels, found.estimate.round(3).tolist()))
    {'a': -0.541, 'r': -0.971, 's': -0.424}
    >>> round(found.q_between_pvalue, 3)
    0.394
    """
    y, v = single_analysis(yi, vi)
    levels, member = _membership(y, v, groups)
    many = np.where(member, y[:, None], np.nan), np.where(member, v[:, None], np.nan)
    options: dict[str, Any] = {"method": method, "test": test, "level": level}
    plain = options | {"test": "z"}
    fit = pool(*many, **options)
    indicators = member.astype(np.float64)
    residual = meta_regression(y, v, indicators, intercept=False, **options)
    if flag("common_tau2", common_tau2):
        means = _common_means(fit, residual)
        shares = _shares(member, v, float(residual.tau2))
        between = _between_common(meta_regression(y, v, indicators[:, 1:], **options))
    else:
        means = {name: getattr(fit, name) for name in (*_MEANS, "tau2", "i2", "h2", "reason")}
        between = _between_separate(pool(*many, **plain))
        shares = fit.weights
    alone = np.where(fit.k == 1, "one study", "").astype(object)
    q, df = float(np.nansum(fit.q)), int(np.maximum(fit.k - 1, 0).sum())
    left, whole = float(residual.tau2), float(pool(y, v, **plain).tau2)
    return Subgroups(
        levels=levels,
        **{name: means[name] for name in (*_MEANS, "tau2", "i2", "h2")},
        **{name: getattr(fit, name) for name in ("q", "q_df", "q_pvalue", "k", "converged")},
        weights=np.where(np.isnan(y + v), np.nan, np.nansum(shares, axis=1)),
        **between,
        q_within=q,
        q_within_df=df,
        q_within_pvalue=float(chdtrc(df, q)) if df else 1.0,
        tau2_residual=left,
        tau2_total=whole,
        r2=100.0 * max(0.0, 1.0 - left / whole) if whole > 0 else float("nan"),
        common_tau2=common_tau2,
        reason=np.where(means["reason"] == "", alone, means["reason"]),
        method=fit.method,
        test=test,
        level=fit.level,
    )


def _membership(
    y: FloatArray, v: FloatArray, groups: ArrayLike | Sequence[object]
) -> tuple[tuple[str, ...], BoolArray]:
    """Names of the groups and, shape (k, g), which studies belong to each."""
    labels = label_array("groups", groups)
    if labels.shape != y.shape:
        raise StatsError(f"groups has the shape {labels.shape}; give {y.shape}, one a study")
    present = ~np.isnan(y + v)
    missing = np.array([label is None or label == "" or label != label for label in labels.flat])
    wrong = np.flatnonzero(present & missing.astype(np.bool_))
    if wrong.size:
        raise StatsError(f"study {wrong[0]}: groups={labels[wrong[0]]!r} names no group")
    present &= ~missing.astype(np.bool_)
    if not present.any():
        raise StatsError("no study has an effect size, a variance and a group")
    kept = labels[present]
    try:
        found = np.unique(kept)
    except TypeError:
        found = np.unique(kept.astype(str))
        labels = labels.astype(str)
    return tuple(str(level) for level in found), (labels[:, None] == found) & present[:, None]


def _shares(member: BoolArray, v: FloatArray, tau2: float) -> FloatArray:
    """Weights in percent of each group, shape (k, g); ``nan`` for studies outside it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        w = np.where(member, 1.0 / (v + tau2)[:, None], np.nan)
        return np.asarray(100.0 * w / np.nansum(w, axis=0))


def _common_means(fit: PooledEffect, residual: MetaRegression) -> dict[str, Any]:
    """Means of the groups from the regression on them, with the tau² they share."""
    names = ("se", "statistic", "p_value", "ci_lb", "ci_ub")
    whole = np.ones(fit.k.shape)
    values: dict[str, Any] = {name: getattr(residual, name) for name in names}
    values |= {"estimate": residual.coef}
    values |= {name: getattr(residual, name) * whole for name in ("tau2", "i2", "h2")}
    return values | {"reason": np.full(fit.k.shape, residual.reason, dtype=object)}


def _between_common(moderated: MetaRegression) -> dict[str, Any]:
    """Omnibus test of the regression on the groups."""
    return {
        "q_between": float(moderated.qm),
        "q_between_df": int(moderated.coef.size - 1),
        "q_between_df2": float(moderated.qm_df2),
        "q_between_pvalue": float(moderated.qm_pvalue),
    }


def _between_separate(fit: PooledEffect) -> dict[str, Any]:
    """Chi-square of the group means about their mean."""
    w = 1.0 / fit.se**2
    mean = (w * fit.estimate).sum() / w.sum()
    q, df = float((w * (fit.estimate - mean) ** 2).sum()), fit.k.size - 1
    return {
        "q_between": q if df else float("nan"),
        "q_between_df": df,
        "q_between_df2": float("nan"),
        "q_between_pvalue": float(chdtrc(df, q)) if df else float("nan"),
    }
