"""Standard errors from what is printed of a test or an interval."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import Scale, choices
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    checked_level,
    chosen,
    float_array,
    reasons,
    refuse,
    unwrapped,
)
from evsyn.stats._faults import finite, refuse_negative, refuse_not_positive, refuse_outside
from evsyn.stats._special import logit, ndtri, stdtrit
from evsyn.stats.convert.results import Converted

__all__ = ["IntervalEffect", "effect_from_interval", "se_from_interval", "se_from_p"]


@dataclass(frozen=True, slots=True)
class IntervalEffect:
    """Estimate and standard error read off an interval, with a check of its symmetry.

    Attributes
    ----------
    yi, se, vi : ndarray of float
        Estimate, standard error and sampling variance on the scale on which the interval is
        symmetric (logarithms for ratios); numbers where the arguments were scalars; ``nan`` where
        undefined.
    midpoint : ndarray of float
        Middle of the interval on that scale.
    asymmetry : ndarray of float
        ``(upper arm - lower arm) / (upper arm + lower arm)``: 0 for an interval around its
        estimate, ±1 for an estimate at a limit; ``nan`` where no estimate was given.
    consistent : ndarray of bool
        Whether the estimate is the middle within the rounding of the three printed numbers; true
        where no estimate was given.
    scale : str
        ``"identity"``, ``"log"`` or ``"logit"``.
    level : float
        Confidence level, a share.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no number, or why not to trust it; empty otherwise.
    """

    yi: FloatArray
    se: FloatArray
    vi: FloatArray
    midpoint: FloatArray
    asymmetry: FloatArray
    consistent: BoolArray
    scale: str
    level: float
    assumes: str
    reason: TextArray


def se_from_interval(
    ci_lb: ArrayLike,
    ci_ub: ArrayLike,
    *,
    scale: Scale = "identity",
    df: ArrayLike = np.inf,
    level: float = 0.95,
) -> Converted:
    """Standard error from a confidence interval.

    Parameters
    ----------
    ci_lb, ci_ub : array_like
        Limits as printed, in natural units; broadcast; ``nan`` where missing.
    scale : {"identity", "log", "logit"}, default "identity"
        Scale on which the interval is symmetric, and of the standard error: ``log`` for ratios,
        ``logit`` for proportions.
    df : array_like, default infinity
        Degrees of freedom of a t interval (n_e + n_c - 2 for two arms, n - 1 for one); infinite
        for a normal one.
    level : float, default 0.95
        Confidence level of the interval, a share.

    Returns
    -------
    Converted
        ``(upper - lower) / (2 q)`` on the scale, with q the normal or t quantile.

    Raises
    ------
    StatsError
        If limits are in the wrong order, not finite or outside the scale (0 and below on ``log``,
        0..1 with its ends on ``logit``), df is not above 0, shapes do not fit, the scale is
        unknown or the level lies outside 0..1.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023), sections
       6.3.1, 6.3.2 and 6.5.2.2.

    Examples
    --------
    Hazard ratio 0.88 with 95% interval 0.74 to 1.05 of a bladder cancer trial, whose log-rank
    variance of 128.81 gives 0.088 (Tierney et al. 2007, Trials 8:16):

    >>> print(f"{se_from_interval(0.74, 1.05, scale='log').value:.3f}")
    0.089
    """
    found = effect_from_interval(ci_lb, ci_ub, scale=scale, df=df, level=level)
    return Converted(value=found.se, assumes=found.assumes, reason=found.reason)


def effect_from_interval(
    ci_lb: ArrayLike,
    ci_ub: ArrayLike,
    *,
    estimate: ArrayLike | None = None,
    scale: Scale = "identity",
    df: ArrayLike = np.inf,
    rounding: ArrayLike = 0.0,
    level: float = 0.95,
) -> IntervalEffect:
    """Estimate and standard error from an interval, on the scale where it is symmetric.

    Parameters
    ----------
    ci_lb, ci_ub : array_like
        Limits as printed, in natural units; broadcast with the others; ``nan`` where missing.
    estimate : array_like, optional
        Estimate as printed, in natural units; without it the middle of the interval is used.
    scale : {"identity", "log", "logit"}, default "identity"
        Scale on which the interval is symmetric: ``log`` for ratios.
    df : array_like, default infinity
        Degrees of freedom of a t interval; infinite for a normal one.
    rounding : array_like, default 0
        Unit of the last printed digit (0.01 for "0.81"): each printed number may be off by half
        of it. The check of symmetry allows for it.
    level : float, default 0.95
        Confidence level of the interval, a share.

    Returns
    -------
    IntervalEffect
        Estimate, standard error and variance on the scale, with the asymmetry.

    Raises
    ------
    StatsError
        If limits are in the wrong order, not finite or outside the scale, the estimate lies
        outside its interval by more than the rounding, df is not above 0, the rounding is
        negative, shapes do not fit, the scale is unknown or the level lies outside 0..1.

    Notes
    -----
    The standard error is that of `se_from_interval`. An interval that is not symmetric on the
    scale was made another way (exact, profile, bootstrap, score, or of another scale) or is
    misprinted: ``consistent`` is false, and ``reason`` says so; the numbers are given all the
    same. Half widths that rounding could have changed by much make a poor standard error.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023), sections
       6.3.1 and 6.3.2.

    Examples
    --------
    Hazard ratio 0.88 with 95% interval 0.74 to 1.05 (Tierney et al. 2007, Trials 8:16):

    >>> effect = effect_from_interval(0.74, 1.05, estimate=0.88, scale="log", rounding=0.01)
    >>> print(f"{effect.yi:.3f} {effect.se:.3f} {effect.consistent}")
    -0.128 0.089 True
    """
    name = chosen("scale", scale, choices(Scale))
    level = checked_level(level)
    given = estimate is not None
    low, high, centre, unit, q = finite(
        ci_lb=ci_lb,
        ci_ub=ci_ub,
        estimate=np.nan if estimate is None else estimate,
        rounding=rounding,
        df=_quantile(df, level),
    )
    _refuse_printed(name, (low, high, centre), unit)
    a, b, y = (_on_scale(name, array) for array in (low, high, centre))
    se, midpoint = (b - a) / (2 * q), a + (b - a) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        asymmetry = ((b - y) - (y - a)) / (b - a)
    consistent = _consistent(name, (low, high, centre), unit) | np.isnan(y)
    yi = y if given else midpoint
    why = reasons(
        se.shape,
        (np.isnan(se), "a limit or the degrees of freedom are missing"),
        (np.isnan(yi), "the estimate is missing"),
        (~consistent, "the estimate is not the middle of its interval on this scale"),
    )
    return IntervalEffect(
        yi=unwrapped(yi),
        se=unwrapped(se),
        vi=unwrapped(se**2),
        midpoint=unwrapped(midpoint),
        asymmetry=unwrapped(asymmetry),
        consistent=unwrapped(consistent),
        scale=name,
        level=level,
        assumes=_assumption(name, np.isinf(np.asarray(df, dtype=np.float64)).all()),
        reason=unwrapped(why),
    )


def se_from_p(
    estimate: ArrayLike,
    p_value: ArrayLike,
    *,
    df: ArrayLike = np.inf,
) -> Converted:
    """Standard error from an estimate and the two-sided p of its test against 0.

    Parameters
    ----------
    estimate : array_like
        Estimate on the scale of the test, 0 for no effect (logarithms of ratios); broadcast;
        ``nan`` where missing.
    p_value : array_like
        Two-sided p, exact. Where only "p < 0.05" is printed, 0.05 gives the largest standard
        error that fits.
    df : array_like, default infinity
        Degrees of freedom of a t test; infinite for a Wald test.

    Returns
    -------
    Converted
        ``|estimate| / q`` with q the normal or t quantile at ``1 - p/2``; ``nan`` where p is 0
        or 1 or the estimate is 0, from which no standard error follows.

    Raises
    ------
    StatsError
        If p lies outside 0..1, df is not above 0, an estimate is infinite, or shapes do not fit.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023), sections
       6.3.1 and 6.5.2.3.
    .. [2] D. G. Altman and J. M. Bland, "How to obtain the confidence interval from a P value",
       BMJ 343 (2011) d2090.

    Examples
    --------
    A mean difference of 3.8 with p = 0.008 from a t test of 25 and 22 participants, section
    6.5.2.3 of [1]_:

    >>> print(f"{se_from_p(3.8, 0.008, df=25 + 22 - 2).value:.2f}")
    1.37
    """
    freedom = float_array("df", df)
    value, p, inverse = finite(estimate=estimate, p_value=p_value, df=_inverse_df(df))
    refuse_outside(0.0, 1.0, p_value=p)
    with np.errstate(divide="ignore", invalid="ignore"):
        normal = -ndtri(p / 2)
        student = -stdtrit(1 / inverse, p / 2)
        statistic = np.where(inverse == 0, normal, student)
        se = np.abs(value) / statistic
    silent = (p == 0) | (p == 1) | (value == 0)
    se = np.where(silent, np.nan, se)
    return Converted(
        value=unwrapped(se),
        assumes="p is exact, two-sided and of a "
        + ("Wald" if np.isinf(freedom).all() else "t")
        + " test of this estimate against 0",
        reason=unwrapped(
            reasons(
                se.shape,
                (p == 0, "a p of 0 says nothing of the standard error"),
                (p == 1, "a p of 1 says nothing of the standard error"),
                (value == 0, "an estimate of 0 says nothing of the standard error"),
                (np.isnan(se), "the estimate, p or the degrees of freedom are missing"),
            )
        ),
    )


def _inverse_df(df: ArrayLike) -> FloatArray:
    """One over the degrees of freedom: 0 for a normal quantile."""
    freedom = float_array("df", df)
    refuse_not_positive(df=freedom)
    return np.asarray(1.0 / freedom, dtype=np.float64)


def _quantile(df: ArrayLike, level: float) -> FloatArray:
    """Quantile of the two-sided interval: normal, or t on df."""
    inverse = _inverse_df(df)
    tail = (1.0 - level) / 2.0
    with np.errstate(divide="ignore", invalid="ignore"):
        student = -stdtrit(np.where(inverse == 0, 1.0, 1 / inverse), tail)
    return np.asarray(np.where(inverse == 0, -ndtri(tail), student), dtype=np.float64)


def _on_scale(scale: str, value: FloatArray) -> FloatArray:
    """Value on the scale; infinite at and beyond its ends."""
    with np.errstate(divide="ignore", invalid="ignore"):
        if scale == "log":
            return np.log(np.maximum(value, 0.0))
        if scale == "logit":
            return np.asarray(logit(np.clip(value, 0.0, 1.0)), dtype=np.float64)
    return value


def _refuse_printed(
    scale: str, printed: tuple[FloatArray, FloatArray, FloatArray], unit: FloatArray
) -> None:
    """Refuse limits in the wrong order, an estimate outside them, and numbers off the scale."""
    low, high, centre = printed
    refuse_negative(rounding=unit)
    refuse(high < low, "ci_lb={:g} exceeds ci_ub={:g}; give the lower limit first", low, high)
    slack = unit + 1e-12 * np.maximum(np.abs(low), np.abs(high))
    wrong = (centre < low - slack) | (centre > high + slack)
    refuse(wrong, "estimate={:g} lies outside its interval {:g}..{:g}", centre, low, high)
    for label, array in (("ci_lb", low), ("ci_ub", high), ("estimate", centre)):
        _refuse_off_scale(scale, label, array)


def _refuse_off_scale(scale: str, label: str, value: FloatArray) -> None:
    if scale == "log":
        refuse(value <= 0, f"{label}={{:g}} has no logarithm; give a ratio above 0", value)
    if scale == "logit":
        wrong = (value <= 0) | (value >= 1)
        refuse(wrong, f"{label}={{:g}} has no logit; give a share between 0 and 1", value)


def _consistent(
    scale: str, printed: tuple[FloatArray, FloatArray, FloatArray], unit: FloatArray
) -> BoolArray:
    """Whether some unrounded numbers behind the printed ones are symmetric."""
    low, high, centre = printed
    half = unit / 2 + 1e-9 * np.maximum(np.abs(low), np.abs(high))
    with np.errstate(invalid="ignore"):
        least = _on_scale(scale, low - half) + _on_scale(scale, high - half)
        most = _on_scale(scale, low + half) + _on_scale(scale, high + half)
        fits = (2 * _on_scale(scale, centre - half) <= most) & (
            2 * _on_scale(scale, centre + half) >= least
        )
    return np.asarray(fits, dtype=np.bool_)


def _assumption(scale: str, normal: object) -> str:
    where = {"identity": "", "log": " of the logarithm", "logit": " of the logit"}[scale]
    return f"the interval is a {'Wald' if normal else 't'} interval{where}, symmetric there"
