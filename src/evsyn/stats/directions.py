"""Vote counting by the direction of effect."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import Alternative, choices
from evsyn.stats._arrays import (
    FloatArray,
    TextArray,
    broadcast_counts,
    checked_level,
    chosen,
    float_array,
    reasons,
    refuse,
    unwrapped,
)
from evsyn.stats._options import axis_of, number
from evsyn.stats._special import betainc
from evsyn.stats.proportion import wilson_limits

__all__ = ["EffectDirection", "direction_counts", "effect_direction"]


@dataclass(frozen=True, slots=True)
class EffectDirection:
    """Studies counted by the direction of their effect, and the sign test.

    Attributes
    ----------
    estimate : ndarray of float
        Share of studies with a positive effect among those with a direction; a number where the
        arguments were scalars; ``nan`` where there is none.
    ci_lb, ci_ub : ndarray of float
        Wilson limits of the share.
    p_value : ndarray of float
        Exact binomial p of the hypothesis that either direction is as likely.
    positive, negative, neutral : ndarray of float
        The counts.
    k : ndarray of float
        Studies with a direction: ``positive + negative``.
    alternative : str
        ``"two-sided"``, ``"greater"`` (more positive) or ``"less"``.
    level : float
        Confidence level, a share.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no share, or how many studies without a direction were left out; empty
        otherwise.
    """

    estimate: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    p_value: FloatArray
    positive: FloatArray
    negative: FloatArray
    neutral: FloatArray
    k: FloatArray
    alternative: str
    level: float
    assumes: str
    reason: TextArray


def effect_direction(
    positive: ArrayLike,
    negative: ArrayLike,
    neutral: ArrayLike = 0,
    *,
    alternative: Alternative = "two-sided",
    level: float = 0.95,
) -> EffectDirection:
    """Share of studies whose effect points one way, with the sign test.

    Parameters
    ----------
    positive, negative : array_like of int
        Studies whose estimate favours the experimental arm, and the comparator, whatever their
        p-values; broadcast; ``nan`` where missing.
    neutral : array_like of int, default 0
        Studies without a direction: an estimate of exactly no effect, or conflicting outcomes.
        They are left out, and ``reason`` says so.
    alternative : {"two-sided", "greater", "less"}, default "two-sided"
        Whether the test is for a difference either way, for more or for fewer positive effects.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    EffectDirection
        Share with Wilson limits, exact p and the counts.

    Raises
    ------
    StatsError
        If a count is negative or not whole, shapes do not fit, the alternative is unknown or the
        level lies outside 0..1.

    Notes
    -----
    Counts are binomial with probability 1/2 if there is no effect in any study [1]_. That holds
    for continuous estimates; studies with discrete outcomes, and an effect that differs between
    studies, break it [2]_. It says nothing of the size of the effect, and studies of 20 and 2,000
    count the same.

    References
    ----------
    .. [1] Cochrane Handbook for Systematic Reviews of Interventions, version 6.4 (2023), section
       12.2.1.3.
    .. [2] S. Nikolakopoulos, "Misuse of the sign test in narrative synthesis of evidence",
       Research Synthesis Methods 11 (2020) 714-719.

    Examples
    --------
    Eleven studies for, one against:

    >>> found = effect_direction(11, 1)
    >>> print(f"{found.estimate:.0%} ({found.ci_lb:.0%} to {found.ci_ub:.0%}), "
    ...       f"p = {found.p_value:.3f}")
    92% (65% to 99%), p = 0.006
    """
    side = chosen("alternative", alternative, choices(Alternative))
    level = checked_level(level)
    up, down, none = broadcast_counts(positive=positive, negative=negative, neutral=neutral)
    k = up + down
    usable = k > 0
    share, lower, upper, p = (np.full(k.shape, np.nan) for _ in range(4))
    share[usable] = up[usable] / k[usable]
    lower[usable], upper[usable] = wilson_limits(up[usable], k[usable], level)
    p[usable] = _sign_test(up[usable], k[usable], side)
    left_out = np.array(
        [f"{0 if np.isnan(x) else int(x)} without a direction left out" for x in none.ravel()],
        dtype=object,
    ).reshape(k.shape)
    why = reasons(
        k.shape, (np.isnan(k), "a count is missing"), (k == 0, "no study has a direction")
    )
    why = np.where(usable & (none > 0), left_out, why)
    return EffectDirection(
        estimate=unwrapped(share),
        ci_lb=unwrapped(lower),
        ci_ub=unwrapped(upper),
        p_value=unwrapped(p),
        positive=unwrapped(up),
        negative=unwrapped(down),
        neutral=unwrapped(none),
        k=unwrapped(k),
        alternative=side,
        level=level,
        assumes="without an effect, each study is as likely to point one way as the other",
        reason=unwrapped(why),
    )


def direction_counts(
    yi: ArrayLike, *, null: float = 0.0, axis: int = 0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Studies above, below and at no effect.

    Parameters
    ----------
    yi : array_like
        Effects of studies; ``nan`` for an absent study, which is not counted.
    null : float, default 0
        Value of no effect: 0 for differences and logarithms, 1 for ratios.
    axis : int, default 0
        Axis that runs over the studies.

    Returns
    -------
    tuple of ndarray
        Counts above, below and at ``null``, for `effect_direction`.

    Raises
    ------
    StatsError
        If an effect is infinite or no number, the null is not finite, or there is no such axis.

    Examples
    --------
    >>> direction_counts([-0.9, -1.6, 0.0, 0.4])
    (np.float64(1.0), np.float64(2.0), np.float64(1.0))
    """
    effects = float_array("yi", yi)
    refuse(np.isinf(effects), "yi={:g} is not finite; write nan for a missing one", effects)
    null, axis = number("null", null), axis_of(axis, effects.shape, "studies")
    counts = (effects > null, effects < null, effects == null)
    above, below, at = (unwrapped(np.asarray(x.sum(axis), dtype=np.float64)) for x in counts)
    return above, below, at


def _sign_test(x: FloatArray, k: FloatArray, side: str) -> FloatArray:
    """Exact p of the binomial with probability 1/2."""
    at_least = np.where(x <= 0, 1.0, betainc(np.maximum(x, 1.0), k - x + 1, 0.5))
    at_most = np.where(x >= k, 1.0, betainc(np.maximum(k - x, 1.0), x + 1, 0.5))
    if side == "greater":
        return at_least
    if side == "less":
        return at_most
    return np.asarray(np.minimum(2 * np.minimum(at_least, at_most), 1.0), dtype=np.float64)
