"""Limit meta-analysis: the effect when the precision of every study grows without bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import LimitAdjustment, LimitMethod, choices
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    checked_level,
    chosen,
    normal_quantile,
    reasons,
)
from evsyn.stats._special import chdtrc, ndtr
from evsyn.stats.bias._funnel import enough_studies
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.studies import study_columns

__all__ = ["LimitMeta", "limit_meta"]

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class LimitMeta:
    """Effects adjusted for small-study effects, and what heterogeneity these explain.

    For effect sizes of shape (k,) each value is a number, for (k, n) an array of shape (n,).

    Attributes
    ----------
    estimate, se, statistic, p_value, ci_lb, ci_ub : ndarray, shape () or (n,)
        Effect by the adjustment asked for, its standard error, their ratio, two-sided p-value
        and Wald limits.
    beta0, beta0_se : ndarray, shape () or (n,)
        Expected effect of a study of infinite precision, ``beta + sqrt(tau2) alpha``.
    beta_lim, beta_lim_se : ndarray, shape () or (n,)
        Slope of the radial plot of the limits of the studies, with an intercept.
    mu_lim, mu_lim_se : ndarray, shape () or (n,)
        The same through the origin: the common-effect mean of the limits.
    alpha, alpha_se, beta, beta_se : ndarray, shape () or (n,)
        Intercept, the bias of an imprecise study in its standard errors, and slope of the
        generalised radial plot.
    shrunken : ndarray, shape (k,) or (k, n)
        Limits of the studies' effects; ``nan`` where absent.
    tau2 : ndarray, shape () or (n,)
        Between-study variance used.
    q, q_df, q_pvalue : ndarray, shape () or (n,)
        Cochran's Q, degrees of freedom and p-value.
    q_small, q_small_pvalue : ndarray, shape () or (n,)
        Its part due to small-study effects, on 1 degree of freedom, and p-value.
    q_resid, q_resid_df, q_resid_pvalue : ndarray, shape () or (n,)
        The rest, on k - 2 degrees of freedom, and p-value.
    g2 : ndarray, shape () or (n,)
        G² in percent: heterogeneity of the limits that small-study effects leave unexplained.
    k, left_out : ndarray of int, shape () or (n,)
        Studies used, and rows without effect or variance.
    reason : ndarray of str, shape () or (n,)
        Why values are missing; empty where none is.
    adjust, method : str
        The adjustment, and the estimator of tau².
    level : float
        Confidence level, a share.
    """

    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    beta0: FloatArray
    beta0_se: FloatArray
    beta_lim: FloatArray
    beta_lim_se: FloatArray
    mu_lim: FloatArray
    mu_lim_se: FloatArray
    alpha: FloatArray
    alpha_se: FloatArray
    beta: FloatArray
    beta_se: FloatArray
    shrunken: FloatArray
    tau2: FloatArray
    q: FloatArray
    q_df: FloatArray
    q_pvalue: FloatArray
    q_small: FloatArray
    q_small_pvalue: FloatArray
    q_resid: FloatArray
    q_resid_df: FloatArray
    q_resid_pvalue: FloatArray
    g2: FloatArray
    k: FloatArray
    left_out: FloatArray
    reason: TextArray
    adjust: str
    method: str
    level: float


@dataclass(frozen=True, slots=True)
class _Radial:
    """Lines through radial plots: effect over standard error on its inverse, shapes (n,)."""

    intercept: FloatArray
    slope: FloatArray
    spread: FloatArray  # sum of squares of the inverse standard errors about their mean
    centre: FloatArray
    rest: FloatArray  # residual sum of squares
    whole: FloatArray  # total sum of squares about the mean


def limit_meta(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    adjust: LimitAdjustment = "beta0",
    method: LimitMethod = "REML",
    level: float = 0.95,
    force: bool = False,
) -> LimitMeta:
    """Adjust a meta-analysis for small-study effects by letting precision grow without bound.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes, ratios on the log scale, and sampling variances above 0; with (k, n), n
        meta-analyses at once. ``nan`` marks an absent study.
    adjust : {"beta0", "beta-lim", "mu-lim"}, default "beta0"
        Which of the three adjusted effects is the `estimate`.
    method : {"DL", "PM", "ML", "REML"}, default "REML"
        Estimator of tau².
    level : float, default 0.95
        Confidence level.
    force : bool, default False
        Whether to compute it for fewer than ten studies too.

    Returns
    -------
    LimitMeta
        All three adjusted effects, and the decomposition of heterogeneity.

    Raises
    ------
    StatsError
        If shapes differ, a variance is not above 0, an option is unknown, or there are fewer
        than ten studies and ``force`` is false.

    Notes
    -----
    The model lets effects depend on precision [1]_::

        y = beta + sqrt(v + tau2) (alpha + e),   e standard normal

    so that ``y / sqrt(v + tau2)`` is a line in ``1 / sqrt(v + tau2)`` with intercept alpha and
    slope beta and residual variance 1. With v at 0 the expected effect is
    ``beta0 = beta + sqrt(tau2) alpha``; a study's limit is
    ``beta + sqrt(tau2 / (v + tau2)) (y - beta)``. A radial plot of the limits, with their
    original standard errors, has slope beta-lim with an intercept (its standard error from the
    residuals) and mu-lim without (the common-effect mean). Q is that of a common effect; its
    residual part is the residual sum of squares of the radial plot of y over ``sqrt(v)``; G² is
    the residual over the total sum of squares of the plot of the limits. Intervals are normal.

    Small-study effects are not only publication bias. beta-lim and mu-lim have standard errors
    that leave out part of the uncertainty. With tau² = 0 all limits are beta and G² is 0.

    References
    ----------
    .. [1] G. Rücker, G. Schwarzer, J. R. Carpenter, H. Binder, M. Schumacher, "Treatment-effect
       estimates adjusted for small-study effects via a limit meta-analysis", Biostatistics 12
       (2011) 122-142.

    Examples
    --------
    Passive smoking and lung cancer, log odds ratios of studies 1 to 12 of Hackshaw 1998 (Stat
    Methods Med Res 7:119-136), as in metadat's dat.hackshaw1998:

    >>> yi = [0.1655, 0.3716, 0.7031, 0.1823, -0.2877, 0.7275]
    >>> yi += [0.7561, -0.2231, -0.2357, 0.6981, 0.2070, 0.1823]
    >>> vi = [0.0188, 0.0330, 0.5402, 0.0313, 0.0797, 0.2273]
    >>> vi += [0.0889, 0.1927, 0.3390, 0.0981, 0.0456, 0.2317]
    >>> fit = limit_meta(yi, vi)
    >>> fit.q_df, bool(abs(fit.q_small + fit.q_resid - fit.q) < 1e-12)
    (np.int64(11), True)
    """
    chosen("adjust", adjust, choices(LimitAdjustment))
    chosen("method", method, choices(LimitMethod))
    level = checked_level(level)
    columns = study_columns(yi, vi)
    zero = np.argwhere(columns.present & (columns.vi == 0))
    if zero.size:
        at = f"{zero[0][0]}" if columns.single else f"({zero[0][0]}, {zero[0][1]})"
        raise StatsError(f"study {at}: vi=0 has no place in a radial plot; give one above 0")
    enough_studies(columns.k, force, "limit_meta")
    present = columns.present
    y, v = _columns(columns.yi, present), _columns(columns.vi, present)
    fit = pool(y, v, method=method, test="z")
    values, missing = _adjusted(columns.yi, columns.vi, present, fit.tau2, adjust)
    values |= _decomposed(fit.q, values.pop("rest"), present.sum(axis=0))
    names = {"beta0": "beta0", "beta-lim": "beta_lim", "mu-lim": "mu_lim"}
    estimate, se = values[names[adjust]], values[f"{names[adjust]}_se"]
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = estimate / se
    crit = normal_quantile(level)
    shaped = columns.shaped
    return LimitMeta(
        estimate=shaped(estimate),
        se=shaped(se),
        statistic=shaped(statistic),
        p_value=shaped(np.asarray(2 * ndtr(-np.abs(statistic)))),
        ci_lb=shaped(estimate - crit * se),
        ci_ub=shaped(estimate + crit * se),
        **{name: shaped(value) for name, value in values.items()},
        tau2=shaped(fit.tau2),
        k=shaped(columns.k.astype(int)),
        left_out=shaped((present.shape[0] - columns.k).astype(int)),
        reason=shaped(missing),
        adjust=adjust,
        method=method,
        level=level,
    )


def _columns(values: FloatArray, present: BoolArray) -> FloatArray:
    """Columns with ``nan`` where a study is absent."""
    return np.where(present, values, np.nan)


def _adjusted(
    y: FloatArray, v: FloatArray, present: BoolArray, tau2: FloatArray, adjust: str
) -> tuple[dict[str, FloatArray], TextArray]:
    """The three adjustments by the names of the result; ``rest``: Q about the radial line."""
    k = present.sum(axis=0)
    few, alike = k < 3, _alike(v, present)
    undefined = few | alike
    spread2 = np.where(present, v + tau2, np.inf)
    general = _radial(y, spread2, present)
    with np.errstate(divide="ignore", invalid="ignore"):
        tau = np.sqrt(tau2)
        limits = general.slope + np.sqrt(tau2 / spread2) * (y - general.slope)
        beta0 = general.slope + tau * general.intercept
        alpha_var = 1 / k + general.centre**2 / general.spread
        slope_var = 1 / general.spread
        beta0_var = slope_var + tau2 * alpha_var - 2 * tau * general.centre * slope_var
        flat = _radial(np.where(present, limits, 0.0), v, present)
        w = np.where(present, 1 / v, 0.0)
        mu = (w * np.where(present, limits, 0.0)).sum(axis=0) / w.sum(axis=0)
        none = flat.rest <= (64 * _EPS) ** 2 * k * flat.whole
        values = {
            "beta0": beta0,
            "beta0_se": np.sqrt(np.maximum(beta0_var, 0.0)),
            "beta_lim": flat.slope,
            "beta_lim_se": np.where(none, np.nan, np.sqrt(flat.rest / (k - 2.0) / flat.spread)),
            "mu_lim": mu,
            "mu_lim_se": np.sqrt(1 / w.sum(axis=0)),
            "alpha": general.intercept,
            "alpha_se": np.sqrt(alpha_var),
            "beta": general.slope,
            "beta_se": np.sqrt(slope_var),
            "rest": _radial(y, v, present).rest,
            "g2": np.where(none, 0.0, 100 * flat.rest / flat.whole),
        }
    values = {name: np.where(undefined, np.nan, value) for name, value in values.items()}
    values["shrunken"] = np.where(present & ~undefined, limits, np.nan)
    why = reasons(
        k.shape,
        (few, "fewer than three studies"),
        (alike, "all studies have the same variance: there is no radial line"),
        (
            none & (adjust == "beta-lim"),
            "tau² is 0, all limits agree: beta-lim has no standard error",
        ),
    )
    return values, why


def _decomposed(q: FloatArray, rest: FloatArray, k: FloatArray) -> dict[str, FloatArray]:
    """Cochran's Q, its parts, and their p-values."""
    q = np.where(k > 0, q, np.nan)
    small = np.maximum(q - rest, 0.0)
    q_df, rest_df = np.maximum(k - 1, 0), np.maximum(k - 2, 0)
    return {
        "q": q,
        "q_df": q_df,
        "q_pvalue": np.where(k == 1, 1.0, chdtrc(np.maximum(q_df, 1), q)),
        "q_small": small,
        "q_small_pvalue": np.asarray(chdtrc(1, small)),
        "q_resid": rest,
        "q_resid_df": rest_df,
        "q_resid_pvalue": np.asarray(chdtrc(np.maximum(rest_df, 1), rest)),
    }


def _alike(v: FloatArray, present: BoolArray) -> BoolArray:
    """Whether the variances of a meta-analysis agree to rounding."""
    top = np.where(present, v, 0.0).max(axis=0, initial=0.0)
    bottom = np.where(present, v, np.inf).min(axis=0, initial=np.inf)
    return np.asarray(top - np.minimum(bottom, top) <= 16 * _EPS * top)


def _radial(y: FloatArray, v: FloatArray, present: BoolArray) -> _Radial:
    """Least squares lines through the radial plots of effects with these variances."""
    k = present.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(present, 1 / np.sqrt(v), 0.0)
        z = np.where(present, y, 0.0) * x
        x_mean, z_mean = x.sum(axis=0) / k, z.sum(axis=0) / k
        dx, dz = np.where(present, x - x_mean, 0.0), np.where(present, z - z_mean, 0.0)
        spread = (dx * dx).sum(axis=0)
        slope = (dx * dz).sum(axis=0) / spread
        rest = ((dz - slope * dx) ** 2).sum(axis=0)
        return _Radial(z_mean - slope * x_mean, slope, spread, x_mean, rest, (dz * dz).sum(axis=0))
