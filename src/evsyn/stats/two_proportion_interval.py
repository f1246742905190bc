"""Risk difference, risk ratio and odds ratio of two independent arms, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import OrMethod, RdMethod, RrMethod, TwoArmMeasure, choices
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    Intervals,
    arm_counts,
    checked_level,
    chosen,
    normal_quantile,
    reasons,
    unwrapped,
)
from evsyn.stats._options import number
from evsyn.stats._score import odds_ratio_limits, risk_difference_limits, risk_ratio_limits
from evsyn.stats.proportion import wilson_limits

__all__ = ["two_proportion_interval"]

_Arms: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
_Limits: TypeAlias = tuple[FloatArray, FloatArray]
_Method: TypeAlias = Literal[RdMethod, RrMethod, OrMethod]

_ALLOWED = {"RD": choices(RdMethod), "RR": choices(RrMethod), "OR": choices(OrMethod)}
_WITH_CORRECTION = ("katz", "woolf")


def two_proportion_interval(
    events_e: ArrayLike,
    n_e: ArrayLike,
    events_c: ArrayLike,
    n_c: ArrayLike,
    *,
    measure: TwoArmMeasure,
    method: _Method | None = None,
    level: float = 0.95,
    add: float = 0.0,
) -> Intervals:
    """Effect of the experimental against the comparator arm, with its confidence interval.

    Parameters
    ----------
    events_e, n_e : array_like of int
        Participants with the event, and participants analysed, in the experimental arm; all four
        are broadcast; ``nan`` where missing.
    events_c, n_c : array_like of int
        The same in the comparator arm.
    measure : {"RD", "RR", "OR"}
        Risk difference, risk ratio or odds ratio, on its natural scale.
    method : str, optional
        RD: ``wald newcombe miettinen-nurminen mee``; RR: ``katz koopman miettinen-nurminen``;
        OR: ``woolf miettinen-nurminen``. Default ``miettinen-nurminen`` for all three: the
        interval that agrees with the default of `two_proportion_test`.
    level : float, default 0.95
        Confidence level, a share.
    add : float, default 0
        Katz and Woolf only: amount added to each of the four cells of a table that has an empty
        one, in participants; 0.5 is usual. The default corrects nothing.

    Returns
    -------
    Intervals
        ``estimate``, ``ci_lb``, ``ci_ub``, natural scale, in the broadcast shape. A ratio may be
        infinite (no events in the comparator); 0/0 is ``nan``, and its score interval runs from
        0 to infinity. Katz and Woolf limits are ``nan`` with an empty cell they need. ``reason``
        says why something is ``nan``, ``corrected`` where `add` changed estimate and limits.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed their total, shapes do not fit, a name
        is unknown, the level lies outside 0..1, or `add` is negative or does not apply.

    Notes
    -----
    * ``wald``, ``katz`` [1]_, ``woolf`` [2]_: normal on p_e - p_c, log RR, log OR, with variances
      ``p_e q_e/n_e + p_c q_c/n_c``, ``1/x_e - 1/n_e + 1/x_c - 1/n_c`` and the sum of the four
      reciprocals. Wald is not cut to -1..1.
    * ``newcombe``: the square-and-add interval of two Wilson intervals, method 10 of [3]_.
    * ``mee`` [4]_ and ``koopman`` [5]_: all values that the score test does not reject, with the
      variance at the restricted maximum of the likelihood. ``miettinen-nurminen`` [6]_: the same
      with this variance times N/(N-1).

    References
    ----------
    .. [1] D. Katz et al., "Obtaining confidence intervals for the risk ratio in cohort studies",
       Biometrics 34 (1978) 469-474.
    .. [2] B. Woolf, "On estimating the relation between blood group and disease", Annals of Human
       Genetics 19 (1955) 251-253.
    .. [3] R. G. Newcombe, "Interval estimation for the difference between independent
       proportions: comparison of eleven methods", Statistics in Medicine 17 (1998) 873-890.
    .. [4] R. W. Mee, "Confidence bounds for the difference between two probabilities",
       Biometrics 40 (1984) 1175-1176.
    .. [5] P. A. R. Koopman, "Confidence intervals for the ratio of two binomial proportions",
       Biometrics 40 (1984) 513-517.
    .. [6] O. Miettinen and M. Nurminen, "Comparative analysis of two rates", Statistics in
       Medicine 4 (1985) 213-226.

    Examples
    --------
    >>> rr = two_proportion_interval(18, 20, 10, 20, measure="RR", method="katz")
    >>> print(f"{rr.estimate:.2f} ({rr.ci_lb:.3f} to {rr.ci_ub:.3f})")
    1.80 (1.134 to 2.857)
    >>> two_proportion_interval([56, 5], [70, 56], [48, 0], [80, 29], measure="RD").ci_lb.round(4)
    array([ 0.0528, -0.0326])
    """
    measure_ = chosen("measure", measure, _ALLOWED)
    name = chosen("method", "miettinen-nurminen" if method is None else method, _ALLOWED[measure_])
    level = checked_level(level)
    shift = _checked_add(add, name)
    counts = arm_counts(events_e=events_e, n_e=n_e, events_c=events_c, n_c=n_c)
    x_e, total_e, x_c, total_c = counts
    missing = np.isnan(x_e + total_e + x_c + total_c)
    empty = (total_e == 0) | (total_c == 0)
    usable = ~(missing | empty)
    arms = (x_e[usable], total_e[usable], x_c[usable], total_c[usable])
    corrected = np.zeros(x_e.shape, dtype=np.bool_)
    if shift:
        corrected[usable] = _has_empty_cell(arms)
        arms = _with_added(arms, shift)
    estimate, lower, upper = (np.full(x_e.shape, np.nan) for _ in range(3))
    with np.errstate(all="ignore"):
        estimate[usable] = _estimate(arms, measure_)
        lower[usable], upper[usable] = _METHODS[measure_, name](arms, level)
    return Intervals(
        estimate=unwrapped(estimate),
        ci_lb=unwrapped(lower),
        ci_ub=unwrapped(upper),
        method=name,
        level=level,
        reason=unwrapped(
            reasons(
                x_e.shape,
                (missing, "a count is missing"),
                (empty, "no participants in an arm"),
                (np.isnan(estimate), f"{measure_} is 0/0"),
                (np.isnan(lower), f"{name} limits need every cell they divide by above 0"),
            )
        ),
        corrected=unwrapped(corrected),
    )


def _checked_add(add: float, method: str) -> float:
    shift = number("add", add, 0)
    if shift and method not in _WITH_CORRECTION:
        raise StatsError(
            f"add={shift:g} does not apply to method={method!r}, which needs no correction; "
            f"it is for {' and '.join(_WITH_CORRECTION)}"
        )
    return shift


def _has_empty_cell(arms: _Arms) -> BoolArray:
    x_e, n_e, x_c, n_c = arms
    empty: BoolArray = (x_e == 0) | (x_e == n_e) | (x_c == 0) | (x_c == n_c)
    return empty


def _with_added(arms: _Arms, shift: float) -> _Arms:
    by = np.where(_has_empty_cell(arms), shift, 0.0)
    x_e, n_e, x_c, n_c = arms
    return x_e + by, n_e + 2 * by, x_c + by, n_c + 2 * by


def _estimate(arms: _Arms, measure: str) -> FloatArray:
    x_e, n_e, x_c, n_c = arms
    if measure == "RD":
        return x_e / n_e - x_c / n_c
    if measure == "RR":
        return (x_e / n_e) / (x_c / n_c)
    return x_e * (n_c - x_c) / (x_c * (n_e - x_e))


def _wald(arms: _Arms, level: float) -> _Limits:
    x_e, n_e, x_c, n_c = arms
    p_e, p_c = x_e / n_e, x_c / n_c
    half = normal_quantile(level) * np.sqrt(p_e * (1 - p_e) / n_e + p_c * (1 - p_c) / n_c)
    return p_e - p_c - half, p_e - p_c + half


def _newcombe(arms: _Arms, level: float) -> _Limits:
    x_e, n_e, x_c, n_c = arms
    p_e, p_c = x_e / n_e, x_c / n_c
    lower_e, upper_e = wilson_limits(x_e, n_e, level)
    lower_c, upper_c = wilson_limits(x_c, n_c, level)
    difference = p_e - p_c
    return (
        difference - np.hypot(p_e - lower_e, upper_c - p_c),
        difference + np.hypot(upper_e - p_e, p_c - lower_c),
    )


def _katz(arms: _Arms, level: float) -> _Limits:
    x_e, n_e, x_c, n_c = arms
    variance = (n_e - x_e) / (x_e * n_e) + (n_c - x_c) / (x_c * n_c)
    return _around(_estimate(arms, "RR"), variance, level)


def _woolf(arms: _Arms, level: float) -> _Limits:
    x_e, n_e, x_c, n_c = arms
    variance = 1 / x_e + 1 / (n_e - x_e) + 1 / x_c + 1 / (n_c - x_c)
    return _around(_estimate(arms, "OR"), variance, level)


def _around(ratio: FloatArray, variance: FloatArray, level: float) -> _Limits:
    """Limits on the log scale; ``nan`` where the variance is not finite."""
    factor = np.exp(normal_quantile(level) * np.sqrt(variance))
    finite = np.isfinite(variance)
    return np.where(finite, ratio / factor, np.nan), np.where(finite, ratio * factor, np.nan)


def _criterion(arms: _Arms, level: float, *, inflated: bool) -> FloatArray:
    """Squared quantile that the score statistic must not exceed."""
    total = arms[1] + arms[3]
    factor = total / (total - 1) if inflated else np.ones_like(total)
    return normal_quantile(level) ** 2 * factor


def _score(
    limits: Callable[[_Arms, FloatArray], _Limits], *, inflated: bool
) -> Callable[[_Arms, float], _Limits]:
    def interval(arms: _Arms, level: float) -> _Limits:
        return limits(arms, _criterion(arms, level, inflated=inflated))

    return interval


_METHODS: dict[tuple[str, str], Callable[[_Arms, float], _Limits]] = {
    ("RD", "wald"): _wald,
    ("RD", "newcombe"): _newcombe,
    ("RD", "miettinen-nurminen"): _score(risk_difference_limits, inflated=True),
    ("RD", "mee"): _score(risk_difference_limits, inflated=False),
    ("RR", "katz"): _katz,
    ("RR", "koopman"): _score(risk_ratio_limits, inflated=False),
    ("RR", "miettinen-nurminen"): _score(risk_ratio_limits, inflated=True),
    ("OR", "woolf"): _woolf,
    ("OR", "miettinen-nurminen"): _score(odds_ratio_limits, inflated=True),
}
