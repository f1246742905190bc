"""Copas' selection model: how the effect changes with the chance that small studies appear."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, checked_level, float_array, normal_quantile
from evsyn.stats._options import share
from evsyn.stats._special import chdtrc, ndtr, ndtri
from evsyn.stats.bias._funnel import enough_studies
from evsyn.stats.bias.copas_likelihood import CopasFit, fit_copas
from evsyn.stats.pooling.studies import study_columns

__all__ = ["Copas", "copas"]

PUBLISHED = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)


@dataclass(frozen=True, slots=True)
class Copas:
    """Effects under a range of selection, and the one the rule takes.

    Attributes
    ----------
    estimate, se, p_value, ci_lb, ci_ub : float
        Effect of the row taken, its standard error, two-sided p-value and Wald limits; ``nan``
        where no row is taken.
    taken : int
        Index of that row: of least selection among those without significant residual bias;
        -1 where there is none.
    likeliest : int
        Index of the row of highest likelihood.
    published : ndarray, shape (m,)
        Probability that a study with the largest standard error is published; rows from least to
        most selection.
    published_smallest : ndarray, shape (m,)
        The same for the smallest standard error.
    gamma0, gamma1 : ndarray, shape (m,)
        Selection: a study is published where ``gamma0 + gamma1 / se`` plus a standard normal
        error is above 0; infinite and 0 without selection. ``gamma1`` is in units of the effect.
    row_estimate, row_se, row_p_value, row_ci_lb, row_ci_ub : ndarray, shape (m,)
        Effect under each selection, with its standard error, p-value and limits.
    tau2, rho : ndarray, shape (m,)
        Between-study variance, and correlation of a study's error with its chance of
        publication; ``nan`` without selection.
    log_likelihood : ndarray, shape (m,)
        Maximum under each selection, of published effects given their standard errors.
    residual_statistic, residual_p_value : ndarray, shape (m,)
        Likelihood ratio test, on 1 degree of freedom, of small-study effects that the selection
        leaves: of a slope of the effect on the standard error.
    unpublished : ndarray, shape (m,)
        Number of studies expected to be unpublished.
    converged : ndarray of bool, shape (m,)
        Whether both maxima were found.
    k, left_out : int
        Studies used, and rows without effect or variance.
    alpha : float
        Level of the test by which the rule chooses.
    level : float
        Confidence level, a share.
    reason : str
        Why there is no estimate; empty where there is one.
    note : str
        What a reader must know.
    """

    estimate: float
    se: float
    p_value: float
    ci_lb: float
    ci_ub: float
    taken: int
    likeliest: int
    published: FloatArray
    published_smallest: FloatArray
    gamma0: FloatArray
    gamma1: FloatArray
    row_estimate: FloatArray
    row_se: FloatArray
    row_p_value: FloatArray
    row_ci_lb: FloatArray
    row_ci_ub: FloatArray
    tau2: FloatArray
    rho: FloatArray
    log_likelihood: FloatArray
    residual_statistic: FloatArray
    residual_p_value: FloatArray
    unpublished: FloatArray
    converged: BoolArray
    k: int
    left_out: int
    alpha: float
    level: float
    reason: str
    note: str


def copas(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    published: ArrayLike = PUBLISHED,
    published_smallest: float = 0.99,
    gamma: ArrayLike | None = None,
    alpha: float = 0.1,
    level: float = 0.95,
    force: bool = False,
) -> Copas:
    """Sensitivity of a meta-analysis to selection by effect and standard error.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes, ratios on the log scale, and sampling variances above 0; ``nan`` marks an
        absent study.
    published : array_like, shape (m,)
        Probabilities that a study with the largest standard error is published, above 0; 1 is no
        selection. Those above `published_smallest` but below 1 are taken with equal
        probabilities for all studies.
    published_smallest : float, default 0.99
        Probability that a study with the smallest standard error is published.
    gamma : array_like, shape (m, 2), optional
        Pairs of gamma0 and gamma1 in place of the probabilities; gamma1 at or above 0.
    alpha : float, default 0.1
        Level of the test of residual bias by which the rule chooses.
    level : float, default 0.95
        Confidence level.
    force : bool, default False
        Whether to fit fewer than ten studies too.

    Returns
    -------
    Copas
        Rows from least to most selection, and the estimate of the rule.

    Raises
    ------
    StatsError
        If shapes differ, a variance is not above 0, a probability or level is outside its range,
        or there are fewer than ten studies and ``force`` is false.

    Notes
    -----
    An effect is ``y = theta + tau u + sigma e``; its study is published where
    ``z = gamma0 + gamma1 / s + d`` is above 0, with ``corr(e, d) = rho`` [1]_. The likelihood is
    of y given publication. As the standard error s tells the spread of published effects,
    ``sigma² = s² / (1 - c² rho²)`` with ``c² = l (u + l)``, ``u = gamma0 + gamma1 / s`` and
    ``l = phi(u) / Phi(u)`` [1]_. gamma0 and gamma1 cannot be estimated with any trust and are
    varied; theta, tau and rho (within ±0.9999) are estimated by maximum likelihood for each
    pair. The test of residual bias adds ``beta s`` to the mean [2]_. Expected unpublished studies
    are the sum of ``(1 - P) / P`` with ``P = Phi(gamma0 + gamma1 / s)`` [1]_. The rule takes the
    least selection whose residual bias has a p-value above `alpha` [3]_.

    Other reasons for effects that fall with study size look the same. A sensitivity analysis,
    not a correction; of little use where standard errors are alike.

    References
    ----------
    .. [1] J. B. Copas, J. Q. Shi, "Meta-analysis, funnel plots and sensitivity analysis",
       Biostatistics 1 (2000) 247-262.
    .. [2] J. B. Copas, J. Q. Shi, "A sensitivity analysis for publication bias in systematic
       reviews", Stat Methods Med Res 10 (2001) 251-265.
    .. [3] J. R. Carpenter, G. Schwarzer, G. Rücker, R. Künstler, "Empirical evaluation showed
       that the Copas selection model provided a useful summary in 80 % of meta-analyses",
       J Clin Epidemiol 62 (2009) 624-631.

    Examples
    --------
    Passive smoking and lung cancer, log odds ratios of studies 1 to 12 of Hackshaw 1998 (Stat
    Methods Med Res 7:119-136), as in metadat's dat.hackshaw1998:

    >>> yi = [0.1655, 0.3716, 0.7031, 0.1823, -0.2877, 0.7275]
    >>> yi += [0.7561, -0.2231, -0.2357, 0.6981, 0.2070, 0.1823]
    >>> vi = [0.0188, 0.0330, 0.5402, 0.0313, 0.0797, 0.2273]
    >>> vi += [0.0889, 0.1927, 0.3390, 0.0981, 0.0456, 0.2317]
    >>> fit = copas(yi, vi, published=[1.0, 0.5])
    >>> fit.unpublished.round(1)
    array([0. , 4.7])
    """
    level, alpha = checked_level(level), share("alpha", alpha)
    columns = study_columns(yi, vi)
    if not columns.single:
        raise StatsError(f"yi has {columns.k.size} columns; copas takes one meta-analysis, (k,)")
    present = columns.present[:, 0]
    zero = np.flatnonzero(present & (columns.vi[:, 0] == 0))
    if zero.size:
        raise StatsError(f"study {zero[0]}: vi=0 leaves selection undefined; give one above 0")
    enough_studies(columns.k, force, "copas")
    y, s = columns.yi[present, 0], np.sqrt(columns.vi[present, 0])
    if y.size < 3:
        raise StatsError(f"copas has k={y.size}; give at least 3 studies")
    unit = float(np.median(s))
    pairs = (
        _pairs_of_probabilities(published, published_smallest, s / unit)
        if gamma is None
        else _checked_pairs(gamma, unit)
    )
    pairs = pairs[np.argsort(-ndtr(pairs[:, 0] + pairs[:, 1] / (s.max() / unit)), kind="stable")]
    fits = [fit_copas(y / unit, s / unit, pair) for pair in pairs]
    left_out = int(present.size - present.sum())
    return _result(fits, pairs, (s, unit), level=level, alpha=alpha, left_out=left_out)


def _pairs_of_probabilities(published: ArrayLike, smallest: float, s: FloatArray) -> FloatArray:
    """Pairs of gamma0 and gamma1 by which the largest and smallest errors have these chances."""
    chances = np.atleast_1d(float_array("published", published, may_be_empty=True)).ravel()
    outside = np.flatnonzero(~((chances > 0) & (chances <= 1)))
    if outside.size or not chances.size:
        at = int(outside[0]) if outside.size else 0
        shown = f"published[{at}]={chances[at]:g}" if outside.size else "published is empty;"
        raise StatsError(f"{shown} is no probability; give numbers above 0, at most 1")
    near = float(ndtri(share("published_smallest", smallest)))
    far = ndtri(chances)
    apart = 1 / s.min() - 1 / s.max()
    rise = np.maximum(near - np.where(chances < 1, far, near), 0.0)
    gamma1 = rise / apart if apart > 1e-12 / s.max() else np.zeros(chances.size)
    return np.column_stack([np.where(chances < 1, far - gamma1 / s.max(), np.inf), gamma1])


def _checked_pairs(gamma: ArrayLike, unit: float) -> FloatArray:
    """Pairs of gamma0 and gamma1 as given, in units of the standard errors."""
    pairs = float_array("gamma", gamma, may_be_empty=True)
    if pairs.ndim != 2 or pairs.shape[1] != 2 or not pairs.size:
        raise StatsError(f"gamma has shape {pairs.shape}; give pairs, shape (m, 2)")
    wrong = np.flatnonzero(
        np.isnan(pairs).any(axis=1) | ~(pairs[:, 1] >= 0) | np.isinf(pairs[:, 1])
    )
    if wrong.size:
        raise StatsError(f"gamma[{wrong[0]}]={pairs[wrong[0]].tolist()}: give gamma1 0 or more")
    return np.column_stack([pairs[:, 0], pairs[:, 1] / unit])


def _result(
    fits: list[CopasFit],
    pairs: FloatArray,
    scale: tuple[FloatArray, float],
    *,
    level: float,
    alpha: float,
    left_out: int,
) -> Copas:
    """Rows on the scale of the effects, and the one the rule takes."""
    s, unit = scale
    chances = np.asarray(ndtr(pairs[:, :1] + pairs[:, 1:] * (unit / s)))
    rows = _rows(fits, unit, level)
    residual_p = np.asarray(chdtrc(1, rows["residual_statistic"]))
    likelihood = np.array([fit.log_likelihood for fit in fits]) - s.size * np.log(unit)
    good = np.flatnonzero(residual_p > alpha)
    taken = int(good[0]) if good.size else -1
    names = ("estimate", "se", "p_value", "ci_lb", "ci_ub")
    one: dict[str, Any] = {
        name: float(rows[f"row_{name}"][taken]) if good.size else np.nan for name in names
    }
    return Copas(
        **one,
        **rows,
        taken=taken,
        likeliest=int(np.argmax(likelihood)),
        published=chances[:, int(np.argmax(s))],
        published_smallest=chances[:, int(np.argmin(s))],
        gamma0=pairs[:, 0],
        gamma1=pairs[:, 1] * unit,
        log_likelihood=likelihood,
        residual_p_value=residual_p,
        unpublished=np.asarray(np.sum((1 - chances) / chances, axis=1)),
        k=s.size,
        left_out=left_out,
        alpha=alpha,
        level=level,
        reason="" if good.size else "residual bias is significant in every row: select more",
        note=_note(fits, s, taken, pairs),
    )


def _rows(fits: list[CopasFit], unit: float, level: float) -> dict[str, Any]:
    """Estimates of all rows on the scale of the effects, by the names of the result."""
    crit = normal_quantile(level)
    estimate = np.array([fit.estimate for fit in fits]) * unit
    se = np.array([fit.se for fit in fits]) * unit
    return {
        "row_estimate": estimate,
        "row_se": se,
        "row_p_value": np.asarray(2 * ndtr(-np.abs(estimate / se))),
        "row_ci_lb": estimate - crit * se,
        "row_ci_ub": estimate + crit * se,
        "tau2": np.array([fit.tau2 for fit in fits]) * unit**2,
        "rho": np.array([fit.rho for fit in fits]),
        "residual_statistic": np.array([fit.residual for fit in fits]),
        "converged": np.array([fit.converged for fit in fits]),
    }


def _note(fits: list[CopasFit], s: FloatArray, taken: int, pairs: FloatArray) -> str:
    """What a reader must know of the rows."""
    notes = []
    if s.max() < 1.5 * s.min():
        notes.append("Standard errors are much alike: selection by them can hardly be told.")
    if taken >= 0 and np.isinf(pairs[taken, 0]):
        notes.append("No residual bias is seen without selection: the estimate is unadjusted.")
    bound = sum(fit.on_bound for fit in fits)
    if bound:
        notes.append(f"In {bound} of {len(fits)} rows rho lies on its bound of 0.9999.")
    wrong = sum(not fit.converged for fit in fits)
    if wrong:
        notes.append(f"In {wrong} of {len(fits)} rows the search did not converge.")
    return " ".join(notes)
