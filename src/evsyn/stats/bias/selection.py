"""Selection models: the effect before studies were selected by their p-values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import Alternative, CountMethod, SelectionPrecision, SelectionType, choices
from evsyn.stats._arrays import (
    FloatArray,
    checked_level,
    chosen,
    normal_quantile,
)
from evsyn.stats._special import chdtrc, ndtr
from evsyn.stats.bias.selection_fit import SelectionFit, fit_selection, normal_fit, standard_errors
from evsyn.stats.bias.selection_input import (
    checked_delta,
    checked_form,
    checked_precision,
    checked_studies,
)
from evsyn.stats.bias.selection_likelihood import SelectionLikelihood
from evsyn.stats.bias.selection_weights import (
    LARGEST,
    Rule,
    p_values,
    support_of,
)

__all__ = ["SelectionModel", "selection_model"]

COMMON_EFFECT = ("EE", "FE", "CE")


@dataclass(frozen=True, slots=True)
class SelectionModel:
    """Effect and heterogeneity before selection, and how strong the selection is.

    Attributes
    ----------
    estimate, se, statistic, p_value, ci_lb, ci_ub : float
        Mean effect before selection, its standard error, their ratio, two-sided p-value and
        Wald limits.
    tau2, tau2_se : float
        Between-study variance before selection; its standard error is ``nan`` where it is 0 or
        held at 0.
    delta, delta_se, delta_pvalue, delta_ci_lb, delta_ci_ub : ndarray, shape (q,)
        Parameters of selection, standard errors (``nan`` where given or on a bound), p-values
        against no selection and Wald limits, cut at the bounds.
    lrt, lrt_df, lrt_pvalue : float
        Likelihood ratio test of the estimated parameters of selection.
    tau2_lrt, tau2_lrt_pvalue : float
        Likelihood ratio test of tau² = 0 under the same selection, on 1 degree of freedom;
        ``nan`` for a common effect.
    log_likelihood, log_likelihood_null : float
        Maximum with and without selection.
    estimate_null, tau2_null : float
        Mean and tau² by maximum likelihood without selection.
    steps : tuple of float
        Upper ends of the intervals of p-values; the threshold of another form, if any.
    studies : ndarray of int, shape (j,)
        Studies in each interval.
    covariance : ndarray, shape (2 + q, 2 + q)
        Of mean, tau² and parameters of selection; ``nan`` for those not estimated.
    k, left_out : int
        Studies used, and rows without effect or variance.
    converged : bool
        Whether the maximum was found.
    reason : str
        Why values are missing; empty where none is.
    note : str
        What a reader must know of this fit.
    type, alternative, method : str
        Weight function, side favoured, and model.
    level : float
        Confidence level, a share.
    """

    estimate: float
    se: float
    statistic: float
    p_value: float
    ci_lb: float
    ci_ub: float
    tau2: float
    tau2_se: float
    delta: FloatArray
    delta_se: FloatArray
    delta_pvalue: FloatArray
    delta_ci_lb: FloatArray
    delta_ci_ub: FloatArray
    lrt: float
    lrt_df: int
    lrt_pvalue: float
    tau2_lrt: float
    tau2_lrt_pvalue: float
    log_likelihood: float
    log_likelihood_null: float
    estimate_null: float
    tau2_null: float
    steps: tuple[float, ...]
    studies: FloatArray
    covariance: FloatArray
    k: int
    left_out: int
    converged: bool
    reason: str
    note: str
    type: str
    alternative: str
    method: str
    level: float


def selection_model(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    type: SelectionType = "step",
    steps: Sequence[float] | None = None,
    alternative: Alternative = "greater",
    precision: SelectionPrecision = "none",
    delta: ArrayLike | None = None,
    method: CountMethod = "ML",
    level: float = 0.95,
    force: bool = False,
) -> SelectionModel:
    """Random-effects model of studies that were selected by their p-values.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes, ratios on the log scale, and sampling variances above 0; ``nan`` marks an
        absent study.
    type : str, default "step"
        Weight function of the p-value p: ``step``, constant between `steps` (relative to the
        first interval); ``beta``, p^(d1 - 1) (1 - p)^(d2 - 1); ``halfnorm``, exp(-d p²);
        ``negexp``, exp(-d p); ``logistic``, 2 / (1 + exp(d p)); ``power``, (1 - p)^d;
        ``negexppow``, exp(-d1 p^(1 / d2)); and ``halfnorm2``, ``negexp2``, ``logistic2``,
        ``power2``, (d1 + weight with d2) / (d1 + 1), which fall to a floor above 0.
    steps : sequence of float, optional
        For ``step`` the p-values at which the weight changes, by default 0.025 for one side and
        0.05 for two; for the others (not ``beta``) at most one, up to which the weight is 1 and
        from which it falls as that of the form over its value there.
    alternative : {"greater", "less", "two-sided"}, default "greater"
        Which effects are favoured: p is that of the test ``yi / sqrt(vi)`` against this side.
    precision : {"none", "sei", "vi"}, default "none"
        Factor of (the first) delta in a study for ``halfnorm``, ``negexp``, ``logistic``,
        ``power`` and ``negexppow``: nothing, or its standard error or variance over the largest.
    delta : array_like, shape (q,), optional
        Parameters of selection to hold fixed, ``nan`` for those to estimate; for ``step`` one an
        interval, the first 1. With all given, a sensitivity analysis.
    method : {"ML", "EE"}, default "ML"
        Random effects, or a common effect (``FE`` and ``CE`` are other names).
    level : float, default 0.95
        Confidence level.
    force : bool, default False
        Whether to fit fewer than ten studies too.

    Returns
    -------
    SelectionModel
        Estimates before selection, and tests.

    Raises
    ------
    StatsError
        If shapes differ, a variance is not above 0, an option is unknown, steps or delta lie
        outside what is allowed, an interval has no study, or there are fewer than ten studies
        and ``force`` is false.

    Notes
    -----
    The density of a published effect is ``w(p) N(y; mu, vi + tau2)`` over its integral [1]_; the
    weights are those of [1]_, [2]_ and [3]_. All parameters are estimated by maximum likelihood,
    tau² at or above 0 and delta from 0 (beta: 0.00001) to 100, from several starts; standard
    errors are from the observed information of those that lie on no bound. For beta and power,
    p-values are kept within 0.00001 of 0 and 1, where weights would be infinite or 0 [2]_.

    The model assumes that p-values decide on publication, by a known form, and normal effects.
    With few studies or few in an interval estimates are poor; selection by p-values and true
    differences between small and large studies cannot be told apart. A sensitivity analysis, not
    a correction.

    References
    ----------
    .. [1] J. L. Vevea, L. V. Hedges, "A general linear model for estimating effect size in the
       presence of publication bias", Psychometrika 60 (1995) 419-435.
    .. [2] M. Citkowicz, J. L. Vevea, "A parsimonious weight function for modeling publication
       bias", Psychological Methods 22 (2017) 28-41.
    .. [3] C. Preston, D. Ashby, R. Smyth, "Adjusting for publication bias: modelling the
       selection process", J Eval Clin Pract 10 (2004) 313-322.
    .. [4] J. L. Vevea, C. M. Woods, "Publication bias in research synthesis: sensitivity analysis
       using a priori weight functions", Psychological Methods 10 (2005) 428-443.

    Examples
    --------
    Passive smoking and lung cancer, log odds ratios of studies 1 to 12 of Hackshaw 1998 (Stat
    Methods Med Res 7:119-136), as in metadat's dat.hackshaw1998:

    >>> yi = [0.1655, 0.3716, 0.7031, 0.1823, -0.2877, 0.7275]
    >>> yi += [0.7561, -0.2231, -0.2357, 0.6981, 0.2070, 0.1823]
    >>> vi = [0.0188, 0.0330, 0.5402, 0.0313, 0.0797, 0.2273]
    >>> vi += [0.0889, 0.1927, 0.3390, 0.0981, 0.0456, 0.2317]
    >>> fit = selection_model(yi, vi)
    >>> round(fit.estimate_null, 4), round(fit.estimate, 4), fit.delta.round(4)
    (0.2414, 0.1619, array([1.    , 0.2873]))
    >>> fit.note
    'tau² is 0, the end of its range; other standard errors hold it there. An interval of p-values
    has 3 studies: its weight is unsure.'
    """
    rule, ends, threshold = checked_form(type, steps, alternative)
    level = checked_level(level)
    chosen("method", method, choices(CountMethod))
    y, v, left_out = checked_studies(yi, vi, force)
    sign = -1.0 if alternative == "less" else 1.0
    unit = float(np.sqrt(np.median(v)))
    likelihood = _likelihood(
        sign * y / unit,
        v / unit**2,
        rule,
        checked_precision(type, precision),
        (alternative, threshold),
    )
    given = checked_delta(delta, rule)
    studies = _studies_between(likelihood, ends, threshold, given, alternative)
    fixed = np.concatenate([[np.nan, np.nan if method == "ML" else 0.0], given])
    fit = fit_selection(likelihood, fixed)
    return _result(
        fit,
        likelihood,
        fixed,
        scale=(sign, unit),
        level=level,
        steps=ends if rule.fixed else ((threshold,) if threshold else ()),
        studies=studies,
        left_out=left_out,
        words=(type, alternative, "ML" if method == "ML" else "EE"),
    )


def _likelihood(
    y: FloatArray, v: FloatArray, rule: Rule, precision: str, form: tuple[str, float]
) -> SelectionLikelihood:
    """Likelihood of effects whose signs favour positive ones."""
    sides, threshold = 2 if form[0] == "two-sided" else 1, form[1]
    factor = np.ones(v.size)
    if precision != "none":
        factor = np.sqrt(v / v.max()) if precision == "sei" else v / v.max()
    return SelectionLikelihood(
        y,
        v,
        rule,
        support_of(rule, sides, threshold),
        p_values(y / np.sqrt(v), rule, sides, threshold),
        factor,
    )


def _studies_between(
    likelihood: SelectionLikelihood,
    ends: tuple[float, ...],
    threshold: float,
    given: FloatArray,
    alternative: str,
) -> FloatArray:
    """Studies in each interval of p-values; none whose weight is estimated may be empty."""
    edges = ends if ends else (threshold, 1.0) if threshold else (1.0,)
    index = np.searchsorted(np.array(edges), likelihood.observed.p, side="left")
    studies = np.bincount(np.minimum(index, len(edges) - 1), minlength=len(edges))
    wanted = np.isnan(given) | (np.arange(given.size) == 0) & np.isnan(given).any()
    sought = wanted if ends else np.full(len(edges), np.isnan(given).any())
    empty = np.flatnonzero((studies == 0) & sought)
    if empty.size:
        at = int(empty[0])
        low = edges[at - 1] if at else 0.0
        other = {"greater": ("positive", "less"), "less": ("negative", "greater")}
        favoured, instead = other.get(alternative, ("", ""))
        turn = f"give alternative={instead!r} if effects on the other side are favoured, or "
        raise StatsError(
            f"no study has a p-value in ({low:g}, {edges[at]:g}] for alternative={alternative!r}"
            f"{f', which favours {favoured} effects' if favoured else ''}: selection cannot be "
            f"estimated; {turn if instead else ''}join the interval with a neighbour by other steps"
        )
    return np.asarray(studies)


def _result(
    fit: SelectionFit,
    likelihood: SelectionLikelihood,
    fixed: FloatArray,
    *,
    scale: tuple[float, float],
    level: float,
    steps: tuple[float, ...],
    studies: FloatArray,
    left_out: int,
    words: tuple[str, str, str],
) -> SelectionModel:
    """Estimates on the scale of the effects, with tests."""
    sign, unit = scale
    se, covariance = standard_errors(likelihood, fit)
    units = np.concatenate([[sign * unit, unit**2], np.ones(fixed.size - 2)])
    mean, tau2, null = normal_fit(likelihood.yi, likelihood.vi, common=words[2] != "ML")
    k = likelihood.yi.size
    return SelectionModel(
        **_wald(fit.parameters * units, se * np.abs(units), likelihood.rule, level),
        **_tests(likelihood, fit, fixed, null),
        log_likelihood=float(fit.log_likelihood - k * np.log(unit)),
        log_likelihood_null=float(null - k * np.log(unit)),
        estimate_null=float(sign * mean * unit),
        tau2_null=float(tau2 * unit**2),
        steps=steps,
        studies=studies,
        covariance=covariance * np.outer(units, units),
        k=k,
        left_out=left_out,
        converged=fit.converged,
        reason=_reason(fit, se),
        note=_note(fit, studies, words[0]),
        type=words[0],
        alternative=words[1],
        method=words[2],
        level=level,
    )


def _wald(values: FloatArray, se: FloatArray, rule: Rule, level: float) -> dict[str, Any]:
    """Estimates with standard errors, tests and limits, by the names of the result."""
    crit = normal_quantile(level)
    statistic = float(values[0] / se[0])
    delta, delta_se = values[2:], se[2:]
    return {
        "estimate": float(values[0]),
        "se": float(se[0]),
        "statistic": statistic,
        "p_value": float(2 * ndtr(-abs(statistic))),
        "ci_lb": float(values[0] - crit * se[0]),
        "ci_ub": float(values[0] + crit * se[0]),
        "tau2": float(values[1]),
        "tau2_se": float(se[1]),
        "delta": delta,
        "delta_se": delta_se,
        "delta_pvalue": np.asarray(2 * ndtr(-np.abs((delta - rule.null) / delta_se))),
        "delta_ci_lb": np.maximum(delta - crit * delta_se, rule.least),
        "delta_ci_ub": np.minimum(delta + crit * delta_se, LARGEST),
    }


def _tests(
    likelihood: SelectionLikelihood, fit: SelectionFit, fixed: FloatArray, null: float
) -> dict[str, Any]:
    """Likelihood ratio tests of selection and of tau², by the names of the result."""
    df = int(fit.estimated[2:].sum())
    lrt = lrt_p = ratio = ratio_p = np.nan
    if df and bool(np.all(np.isnan(fixed[2:]) | (fixed[2:] == likelihood.rule.null))):
        lrt = max(2 * (fit.log_likelihood - null), 0.0)
        lrt_p = float(chdtrc(df, lrt))
    if fit.estimated[1]:
        same = fixed.copy()
        same[1] = 0.0
        without = fit_selection(likelihood, same, fit.parameters)
        ratio = max(2 * (fit.log_likelihood - without.log_likelihood), 0.0)
        ratio_p = float(chdtrc(1, ratio))
    return {
        "lrt": lrt,
        "lrt_df": df,
        "lrt_pvalue": lrt_p,
        "tau2_lrt": ratio,
        "tau2_lrt_pvalue": ratio_p,
    }


def _reason(fit: SelectionFit, se: FloatArray) -> str:
    """Why values are missing."""
    if np.isnan(se[0]):
        return "the information is not positive definite: the data do not determine the model"
    if fit.on_bound.any():
        return "a parameter lies on its bound, where there is no standard error"
    return ""


def _note(fit: SelectionFit, studies: FloatArray, type: str) -> str:
    """What a reader must know of the fit."""
    notes = []
    if not fit.converged:
        notes.append("The search for the maximum did not converge.")
    if fit.estimated[1] and fit.on_bound[1]:
        notes.append("tau² is 0, the end of its range; other standard errors hold it there.")
    for at in np.flatnonzero(fit.on_bound[2:]):
        notes.append(f"delta[{at}] lies on its bound; other standard errors hold it there.")
    if fit.maxima > 1:
        notes.append(f"The likelihood has {fit.maxima} maxima; the highest found is given.")
    if type == "step" and fit.estimated[2:].any():
        fewest = int(studies[fit.estimated[2:] | (np.arange(studies.size) == 0)].min())
        if fewest < 4:
            noun = "study" if fewest == 1 else "studies"
            notes.append(f"An interval of p-values has {fewest} {noun}: its weight is unsure.")
    return " ".join(notes)
