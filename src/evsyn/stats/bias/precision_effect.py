"""PET-PEESE: the effect of an infinitely precise study, by two regressions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import Alternative, choices
from evsyn.stats._arrays import FloatArray, TextArray, checked_level, chosen
from evsyn.stats._options import share
from evsyn.stats._student import p_value, quantile
from evsyn.stats.bias._funnel import WeightedLine, enough_studies, weighted_line
from evsyn.stats.pooling.studies import study_columns

__all__ = ["LimitEstimate", "PetPeese", "pet_peese"]


@dataclass(frozen=True, slots=True)
class LimitEstimate:
    """Intercept of a regression on the standard error or the variance.

    Attributes
    ----------
    estimate, se, statistic, p_value : ndarray, shape () or (n,)
        Effect of an infinitely precise study, its standard error, their ratio and its two-sided
        p-value.
    ci_lb, ci_ub : ndarray, shape () or (n,)
        Confidence limits.
    slope, slope_se, slope_pvalue : ndarray, shape () or (n,)
        Slope on the predictor, its standard error and two-sided p-value.
    df : ndarray, shape () or (n,)
        Degrees of freedom of t, k - 2.
    reason : ndarray of str, shape () or (n,)
        Why values are missing; empty where none is.
    """

    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    slope: FloatArray
    slope_se: FloatArray
    slope_pvalue: FloatArray
    df: FloatArray
    reason: TextArray


@dataclass(frozen=True, slots=True)
class PetPeese:
    """Both regressions, and the one the rule takes.

    Attributes
    ----------
    estimate, se, p_value, ci_lb, ci_ub : ndarray, shape () or (n,)
        Those of the regression taken.
    chosen : ndarray of str, shape () or (n,)
        ``"PET"`` or ``"PEESE"``; empty where there is neither.
    pet, peese : LimitEstimate
        Both regressions.
    k : ndarray of int, shape () or (n,)
        Studies used.
    rule : str
        The rule, in words.
    reason : ndarray of str, shape () or (n,)
        Why values are missing; empty where none is.
    level : float
        Confidence level.
    """

    estimate: FloatArray
    se: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    chosen: TextArray
    pet: LimitEstimate
    peese: LimitEstimate
    k: FloatArray
    rule: str
    reason: TextArray
    level: float


def pet_peese(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    alternative: Alternative = "two-sided",
    alpha: float = 0.05,
    level: float = 0.95,
    force: bool = False,
) -> PetPeese:
    """Precision-effect test and precision-effect estimate with standard error.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes, ratios on the log scale, and sampling variances; with (k, n), n
        meta-analyses at once. ``nan`` marks an absent study.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Side of the test by which the rule chooses; its p-values in the result stay two-sided.
    alpha : float, default 0.05
        Level of that test.
    level : float, default 0.95
        Confidence level of the intervals.
    force : bool, default False
        Whether to compute it for fewer than ten studies too.

    Returns
    -------
    PetPeese
        Both regressions and the estimate the rule takes.

    Raises
    ------
    StatsError
        If shapes differ, a value or option is outside what is allowed, or there are fewer than
        ten studies and ``force`` is false.

    Notes
    -----
    PET is ``yi = estimate + slope sqrt(vi)``, PEESE ``yi = estimate + slope vi``, both with
    weights ``1 / vi``, estimated dispersion and t on k - 2. PET is too small where there is an
    effect, PEESE too large where there is none; hence the conditional rule [1]_: PEESE where PET
    rejects the absence of an effect, else PET. The interval takes no account of the choice. With
    few studies, large heterogeneity or standard errors that are all alike the result is poor
    [2]_.

    References
    ----------
    .. [1] T. D. Stanley, H. Doucouliagos, "Meta-regression approximations to reduce publication
       selection bias", Res Synth Methods 5 (2014) 60-78.
    .. [2] T. D. Stanley, "Limitations of PET-PEESE and other meta-analysis methods",
       Soc Psychol Personal Sci 8 (2017) 581-591.

    Examples
    --------
    The 13 trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698-702), log risk ratios:

    >>> from evsyn.stats import effect_sizes
    >>> cases_e = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]
    >>> n_e = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
    >>> cases_c = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]
    >>> n_c = [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854]
    >>> es = effect_sizes("RR", events_e=cases_e, n_e=n_e, events_c=cases_c, n_c=n_c)
    >>> result = pet_peese(es.yi, es.vi)
    >>> print(f"{result.chosen}: {result.estimate:.3f} ({result.ci_lb:.3f} to {result.ci_ub:.3f})")
    PET: -0.191 (-0.675 to 0.293)
    """
    side = chosen("alternative", alternative, choices(Alternative))
    alpha, level = share("alpha", alpha), checked_level(level)
    studies = study_columns(yi, vi)
    enough_studies(studies.k, force, "pet_peese")
    v = np.where(studies.present, studies.vi, 0.0)
    with np.errstate(divide="ignore"):
        w = 1.0 / studies.vi
    pet = _limit(weighted_line(studies.yi, np.sqrt(v), w, studies.present), level)
    peese = _limit(weighted_line(studies.yi, v, w, studies.present), level)
    p, sign = pet.p_value, np.sign(pet.statistic)
    if side != "two-sided":
        p = np.where(sign == (1 if side == "greater" else -1), p / 2, 1 - p / 2)
    with_peese = p < alpha
    known = ~np.isnan(pet.p_value)
    picked = [with_peese & known, known]
    name = np.select(picked, ["PEESE", "PET"], "").astype(object)
    taken = {
        field: np.select(picked, [getattr(peese, field), getattr(pet, field)], np.nan)
        for field in ("estimate", "se", "p_value", "ci_lb", "ci_ub")
    }
    sided = "two-sided" if side == "two-sided" else f"one-sided ({side})"
    rule = (
        f"PEESE where the {sided} test of PET's intercept has p < {alpha:g}, else PET "
        "(Stanley & Doucouliagos 2014)"
    )
    shaped = studies.shaped
    return PetPeese(
        **{field: shaped(values) for field, values in taken.items()},
        chosen=shaped(name),
        pet=_shaped(pet, shaped),
        peese=_shaped(peese, shaped),
        k=shaped(studies.k.astype(int)),
        rule=rule,
        reason=shaped(pet.reason),
        level=level,
    )


def _limit(line: WeightedLine, level: float) -> LimitEstimate:
    """Tests and limits of both coefficients of a line."""
    df = np.where(line.df > 0, line.df, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.where(line.intercept_se > 0, line.intercept / line.intercept_se, np.nan)
        slope = np.where(line.slope_se > 0, line.slope / line.slope_se, np.nan)
    half = quantile(line.df, level) * line.intercept_se
    return LimitEstimate(
        estimate=line.intercept,
        se=line.intercept_se,
        statistic=statistic,
        p_value=p_value(statistic, line.df),
        ci_lb=line.intercept - half,
        ci_ub=line.intercept + half,
        slope=line.slope,
        slope_se=line.slope_se,
        slope_pvalue=p_value(slope, line.df),
        df=df,
        reason=line.reason,
    )


def _shaped(limit: LimitEstimate, shaped: Any) -> LimitEstimate:
    """The same regression in the shape of the input."""
    return LimitEstimate(**{name: shaped(getattr(limit, name)) for name in limit.__slots__})
