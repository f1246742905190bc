"""Meta-analysis of counts by generalised linear mixed models: no effect sizes, no corrections."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import CountMeasure, CountMethod, CountModelType, WaldTest, choices
from evsyn.stats._arrays import FloatArray, checked_level, chosen
from evsyn.stats._options import flag, number
from evsyn.stats._special import chdtrc, expit
from evsyn.stats._student import p_value, quantile
from evsyn.stats.models._count_designs import Counts, design_of, read_counts
from evsyn.stats.models._count_fit import MixedFit, fit_mixed
from evsyn.stats.models._count_likelihood import Design, Point, Rule, study_likelihoods
from evsyn.stats.models._count_terms import Hypergeometric

__all__ = ["CountModel", "NaturalScale", "glmm"]

_MODELS = {"OR": ("UM.FS", "UM.RS", "CM.EL", "CM.AL"), "IRR": ("UM.FS", "UM.RS", "CM.EL")}
_Options: TypeAlias = tuple[str, str, str, str]  # measure, model, method, test
_MOST_NODES = 100  # beyond these the weights of Gauss and Hermite are lost in rounding
_COARSE = 1e-5  # information below which an effect is infinite, relative to the largest


@dataclass(frozen=True, slots=True)
class NaturalScale:
    """Odds ratio, rate ratio, proportion or rate, with its limits.

    Attributes
    ----------
    estimate, ci_lb, ci_ub, pi_lb, pi_ub : float
        The pooled effect, its confidence and prediction limits: of the median study where
        studies differ, not of the mean over studies.
    """

    estimate: float
    ci_lb: float
    ci_ub: float
    pi_lb: float
    pi_ub: float


@dataclass(frozen=True, slots=True)
class CountModel:
    """Maximum likelihood fit of a model for counts.

    Attributes
    ----------
    estimate, se, statistic, p_value : float
        Mean log odds ratio, log rate ratio, logit or log rate; standard error, z or t, p.
    df : float
        Degrees of freedom of the test: k - 1 for t, ``nan`` for z.
    ci_lb, ci_ub, pi_lb, pi_ub : float
        Confidence and prediction limits.
    tau2, tau2_se : float
        Variance of the effect between studies, standard error (``nan`` at 0).
    sigma2 : float
        Variance of the studies' levels (``UM.RS``; else ``nan``).
    i2, h2 : float
        I² in percent and H², tau² against the typical sampling variance.
    log_likelihood, log_likelihood_common : float
        Of the fit and of the common-effect model, with all constants.
    q_lrt, q_lrt_pvalue, q_wald, q_wald_pvalue, q_df : float
        Tests for heterogeneity: common effect against an effect for each study, by likelihood
        ratio and by Wald's test.
    k : int
        Studies in the model.
    converged : bool
        Whether the maximum was found and the integrals are settled.
    nodes : int
        Nodes of the integrals; 1 where tau² is 0 and there are none.
    reason : str
        Why a number is missing; empty where none is.
    note : str
        Which studies were left out, and why.
    measure, model, method, test : str
        As asked.
    level : float
        Confidence level.
    """

    estimate: float
    se: float
    statistic: float
    p_value: float
    df: float
    ci_lb: float
    ci_ub: float
    pi_lb: float
    pi_ub: float
    tau2: float
    tau2_se: float
    sigma2: float
    i2: float
    h2: float
    log_likelihood: float
    log_likelihood_common: float
    q_lrt: float
    q_lrt_pvalue: float
    q_wald: float
    q_wald_pvalue: float
    q_df: int
    k: int
    converged: bool
    nodes: int
    reason: str
    note: str
    measure: str
    model: str
    method: str
    test: str
    level: float

    def natural(self) -> NaturalScale:
        """Estimate and limits as odds ratio, rate ratio, proportion or rate.

        Returns
        -------
        NaturalScale
            Exponentials, for ``PLO`` inverse logits.
        """
        values = np.array([self.estimate, self.ci_lb, self.ci_ub, self.pi_lb, self.pi_ub])
        with np.errstate(over="ignore"):
            back = expit(values) if self.measure == "PLO" else np.exp(values)
        return NaturalScale(*(float(value) for value in back))


def glmm(
    measure: CountMeasure,
    *,
    model: CountModelType | None = None,
    method: CountMethod = "ML",
    test: WaldTest = "z",
    level: float = 0.95,
    coding: float = 0.5,
    drop00: bool = True,
    quadrature: int | None = None,
    **data: ArrayLike,
) -> CountModel:
    """Pool counts by a generalised linear mixed model.

    Parameters
    ----------
    measure : {"OR", "IRR", "PLO", "IRLN"}
        Log odds ratio (``events_e, n_e, events_c, n_c``), log incidence rate ratio (``events_e,
        time_e, events_c, time_c``), logit of a proportion (``events, n``), log incidence rate
        (``events, time``).
    model : {"UM.FS", "UM.RS", "CM.EL", "CM.AL"}, optional
        Of two arms: unconditional with fixed (the default) or random study effects; conditional
        on the events of both arms, exact (non-central hypergeometric for ``OR``, binomial for
        ``IRR``) or, for ``OR`` with rare events, by the binomial approximation.
    method : {"ML", "EE"}, default "ML"
        Random effects by maximum likelihood, or a common effect (``FE`` and ``CE`` are other
        names of it).
    test : {"z", "t"}, default "z"
        Wald test and intervals by the normal, or by t on k - 1 degrees of freedom.
    level : float, default 0.95
        Confidence level.
    coding : float, default 0.5
        Share of the random effect that falls to the experimental arm in the unconditional
        models, the control arm bearing the rest with the opposite sign: 0.5 treats both alike.
    drop00 : bool, default True
        Whether studies without events, or with nothing else, in both arms are left out of
        ``UM.RS``. In the other models they carry no information, and are always left out.
    quadrature : int, optional
        Nodes per random effect of an adaptive Gauss-Hermite rule, to repeat what another
        program does (7 there by default; 1 is Laplace's approximation). Without it the integrals
        are taken to rounding.
    **data : array_like, shape (k,)
        Counts by the names above; ``nan`` marks an absent study.

    Returns
    -------
    CountModel
        The fit; ``nan`` with a reason where the estimate is infinite or nothing is known.

    Raises
    ------
    StatsError
        If a name of the data is missing or too many, a count cannot be, a shape is not (k,), an
        option is unknown, or ``CM.EL`` would have to sum over millions of tables.

    Notes
    -----
    Counts are binomial or Poisson given the study's linear predictor, in which the effect of
    study i is ``estimate + tau u_i``, u standard normal [1]_. With fixed study effects every
    study has a level of its own, which the likelihood is maximised over [2]_ [3]_; with random
    ones levels are normal with variance sigma², independent of the effects. Conditioning on the
    events of both arms removes the levels [1]_. Nothing is added to empty cells. Integrals are
    taken by the trapezoidal rule about the mode of each study's integrand, which converges
    geometrically for analytic integrands, with as many nodes as change nothing any more; standard
    errors come from the observed information.

    The heterogeneity tests compare the common effect with an effect for each study. Studies
    whose own effect is infinite add to the likelihood ratio, and nothing to Wald's statistic.

    Arms of more than some 1e10 participants or events exceed double precision here; such a fit
    is not called converged.

    Fixed study effects understate tau² when there are few events per study, as each costs a
    parameter; likelihood intervals ignore that tau² is estimated [2]_.

    References
    ----------
    .. [1] T. Stijnen, T. H. Hamza, P. Özdemir, "Random effects meta-analysis of event outcome in
       the framework of the generalized linear mixed model with applications in sparse data",
       Stat Med 29 (2010) 3046-3067.
    .. [2] D. Jackson, M. Law, T. Stijnen, W. Viechtbauer, I. R. White, "A comparison of seven
       random-effects models for meta-analyses that estimate the summary odds ratio", Stat Med 37
       (2018) 1059-1085.
    .. [3] R. M. Turner, R. Z. Omar, M. Yang, H. Goldstein, S. G. Thompson, "A multilevel model
       framework for meta-analysis of clinical trials with binary outcomes", Stat Med 19 (2000)
       3417-3432.

    Examples
    --------
    Trials 1 to 4 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702):

    >>> fit = glmm("OR", model="CM.EL", events_e=[4, 6, 3, 62], n_e=[123, 306, 231, 13598],
    ...            events_c=[11, 29, 11, 248], n_c=[139, 303, 220, 12867])
    >>> round(fit.estimate, 3), round(fit.se, 3), round(fit.natural().estimate, 3)
    (-1.45, 0.13, 0.235)
    """
    drop00 = flag("drop00", drop00)
    name = _checked_options(measure, model, (method, test), (coding, quadrature))
    level = checked_level(level)
    counts = read_counts(measure, data, drop00 or name != "UM.RS")
    options: _Options = (measure, name, "ML" if method == "ML" else "EE", test)
    if counts.reason:
        return _empty(counts, options, level)
    design, start, own = design_of(counts, name, coding)
    common = fit_mixed(design.without(0), _without_effect(start), quadrature)
    fit = fit_mixed(design, start, quadrature) if method == "ML" else common
    result = _result(counts, fit, options, level)
    return _with_tests(result, _heterogeneity(counts, design, common, own, quadrature), common)


def _checked_options(
    measure: str, model: str | None, words: tuple[str, str], numbers: tuple[float, int | None]
) -> str:
    """Refuse options that are unknown; the model's name, empty for a single arm."""
    chosen("measure", measure, choices(CountMeasure))
    chosen("method", words[0], choices(CountMethod))
    chosen("test", words[1], choices(WaldTest))
    coding, quadrature = numbers
    if number("coding", coding) not in (0, 0.5, 1):
        raise StatsError(f"coding={coding!r} is not allowed; give 0.5, 0 or 1")
    if quadrature is not None and not (
        isinstance(quadrature, int) and 1 <= quadrature <= _MOST_NODES
    ):
        raise StatsError(
            f"quadrature={quadrature!r} is not allowed; give 1 to {_MOST_NODES} nodes, or None"
        )
    if measure in _MODELS:
        return chosen("model", model or "UM.FS", _MODELS[measure])
    if model is not None:
        raise StatsError(f"model={model!r} does not apply: measure {measure} has a single arm")
    return ""


def _without_effect(point: Point) -> Point:
    """Start without the variance of the effect."""
    return Point(point.own, point.fixed, point.scale[1:])


def _heterogeneity(
    counts: Counts,
    design: Design,
    common: MixedFit,
    own: FloatArray | None,
    quadrature: int | None,
) -> tuple[float, float]:
    """Likelihood ratio and Wald statistics of the common effect against one for each study."""
    if own is not None:
        return _levels_random(counts, design, common, own, quadrature)
    highest = sum(float(terms.saturated().sum()) for terms in design.arms)
    ratio = 2.0 * (highest - common.log_likelihood)
    effect, variance = counts.effects
    terms = design.arms[0]
    if isinstance(terms, Hypergeometric):
        effect, information = terms.own_estimates()
    else:
        if len(counts.events) == 2 and len(design.arms) == 1 and not counts.rates:
            inside = (counts.events > 0).all(axis=0)
            x = np.where(inside, counts.events, 1.0)
            effect = np.log(x[0] / x[1]) - np.log(counts.size[0] / counts.size[1])
            variance = np.where(inside, (1 / x).sum(axis=0), np.inf)
        information = 1.0 / variance
    effect = np.where(information > 0, effect, 0.0)
    total = information.sum()
    if not total > 0:
        return max(0.0, ratio), 0.0
    mean = (information * effect).sum() / total
    return max(0.0, ratio), float((information * (effect - mean) ** 2).sum())


def _levels_random(
    counts: Counts,
    design: Design,
    common: MixedFit,
    own: FloatArray,
    quadrature: int | None,
) -> tuple[float, float]:
    """Both statistics where levels of studies are random: the effects of studies are fitted."""
    level = np.ones((2, 1))
    saturated = Design(design.arms, level, level, own)
    x, size = counts.events + 0.5, counts.size
    logs = np.log(x / (size if counts.rates else size - x + 1.0))
    gamma = common.point.fixed[1:] - 0.5 * common.point.fixed[0]
    start = Point(logs[0] - logs[1], gamma, np.maximum(common.point.scale, 0.1))
    fit = fit_mixed(saturated, start, quadrature)
    ratio = 2.0 * (fit.log_likelihood - common.log_likelihood)
    rule = Rule(quadrature or max(33, fit.nodes), gauss=quadrature is not None)
    parts = study_likelihoods(saturated, fit.point, rule)
    curvature = -parts.hessian[0, 0]
    finite = curvature > _COARSE * curvature.max()
    if finite.sum() < 2:
        return max(0.0, ratio), 0.0
    k, free = int(finite.sum()), np.array([True, bool(fit.point.scale[0] > 0)])
    cross = -parts.hessian[1:, 0][free][:, finite]
    rest = -parts.hessian[1:, 1:].sum(axis=2)[np.ix_(free, free)]
    information = np.block([[np.diag(curvature[finite]), cross.T], [cross, rest]])
    covariance = np.linalg.inv(information)[:k, :k]
    contrast = np.hstack([np.eye(k - 1), -np.ones((k - 1, 1))])
    apart = contrast @ fit.point.own[finite]
    spread = contrast @ covariance @ contrast.T
    return max(0.0, ratio), float(apart @ np.linalg.solve(spread, apart))


def _result(counts: Counts, fit: MixedFit, options: _Options, level: float) -> CountModel:
    """Estimate, tests and limits of a fit."""
    blank = _empty(counts, options, level)
    k = counts.events.shape[1]
    if not fit.bounded:
        words = "the likelihood rises without end as tau² grows: the studies cannot tell it"
        return replace(blank, reason=words, nodes=fit.nodes)
    _, model, method, test = options
    scale, f = fit.point.scale, fit.point.fixed.size
    random = method == "ML"
    tau = float(scale[0]) if random else 0.0
    variance = float(fit.covariance[0, 0])
    estimate = float(fit.point.fixed[0])
    se = float(np.sqrt(variance)) if variance > 0 else np.nan
    df = float(k - 1) if test == "t" else np.nan
    critical = float(quantile(df, level))
    reason = "" if se > 0 else "the information is singular: no standard error"
    reason = reason or ("one study: t needs two" if df == 0 else "")
    half = critical * float(np.sqrt(se**2 + tau**2)) if random else np.nan
    i2, h2 = _shares(counts.sampling_variance, tau**2)
    return replace(
        blank,
        estimate=estimate,
        se=se,
        statistic=estimate / se,
        p_value=float(p_value(estimate / se, df)),
        df=df,
        ci_lb=estimate - critical * se,
        ci_ub=estimate + critical * se,
        pi_lb=estimate - half,
        pi_ub=estimate + half,
        tau2=tau**2,
        tau2_se=2 * tau * float(np.sqrt(fit.covariance[f, f])) if tau > 0 else np.nan,
        sigma2=float(scale[-1]) ** 2 if model == "UM.RS" else np.nan,
        i2=i2,
        h2=h2,
        log_likelihood=fit.log_likelihood,
        converged=fit.converged,
        nodes=fit.nodes,
        reason=reason,
    )


def _with_tests(
    result: CountModel, statistics: tuple[float, float], common: MixedFit
) -> CountModel:
    """Add the tests for heterogeneity, which need more than one study."""
    if result.k < 2:
        p_lrt, p_wald = 1.0, 1.0
    else:
        p_lrt, p_wald = (float(chdtrc(result.q_df, value)) for value in statistics)
    return replace(
        result,
        log_likelihood_common=common.log_likelihood,
        q_lrt=statistics[0],
        q_lrt_pvalue=p_lrt,
        q_wald=statistics[1],
        q_wald_pvalue=p_wald,
    )


def _shares(vi: FloatArray, tau2: float) -> tuple[float, float]:
    """I² in percent and H² from tau² and the typical sampling variance; 0 and 1 of one study."""
    if vi.size < 2:
        return 0.0, 1.0
    w = 1.0 / vi
    typical = (w.size - 1) / (w.sum() - np.square(w).sum() / w.sum())
    return float(100 * tau2 / (tau2 + typical)), float(1 + tau2 / typical)


def _empty(counts: Counts, options: _Options, level: float) -> CountModel:
    """Result without numbers, saying why."""
    k = counts.events.shape[1]
    numbers = dict.fromkeys(
        ("estimate", "se", "statistic", "p_value", "df", "ci_lb", "ci_ub", "pi_lb", "pi_ub"), np.nan
    )
    numbers |= dict.fromkeys(("tau2", "tau2_se", "sigma2", "i2", "h2", "log_likelihood"), np.nan)
    numbers |= dict.fromkeys(("log_likelihood_common", "q_lrt", "q_lrt_pvalue"), np.nan)
    numbers |= dict.fromkeys(("q_wald", "q_wald_pvalue"), np.nan)
    measure, model, method, test = options
    return CountModel(
        **numbers,
        q_df=max(0, k - 1),
        k=k,
        converged=False,
        nodes=0,
        reason=counts.reason,
        note=counts.note,
        measure=measure,
        model=model,
        method=method,
        test=test,
        level=level,
    )
