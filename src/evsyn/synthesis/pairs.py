"""Effects of the same people under two arms: tables of pairs, or every table margins allow."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from evsyn.errors import StatsError
from evsyn.stats.paired import paired_interval, paired_test
from evsyn.stats.paired_range import paired_from_phi
from evsyn.stats.paired_ratio import log_ratio_variance, paired_ratio_interval
from evsyn.synthesis.effects import Effect, Options, endless, endless_reason, finite
from evsyn.synthesis.independent import normal_quantile

__all__ = ["margin_effect", "pair_effect"]

FloatArray = NDArray[np.float64]

_DEFAULTS = {"RD": "tango", "RR": "tang", "OR": "wald"}
"""Score intervals of pairs; the odds ratio of the margins has a normal one on the log only."""


def pair_effect(both: int, only_e: int, only_c: int, neither: int, *, chosen: Options) -> Effect:
    """Effect from a printed table of pairs.

    Parameters
    ----------
    both, only_e, only_c, neither : int
        Pairs with the event under both arms, the experimental only, the comparator only, neither.
    chosen : Options
        Measure, level; interval and test of pairs, by default the score intervals
        of Tango (difference) and Tang (ratio) with their score test, McNemar's.

    Returns
    -------
    Effect
        Point effect; ``pairings`` is 1.
    """
    table = np.array([[both], [only_e], [only_c], [neither]], dtype=np.float64)
    effect = _over(table, chosen, chosen.paired_test or "mcnemar")
    return _point(effect, f"{both} both, {only_e} and {only_c} in one only, {neither} in neither")


def margin_effect(events_e: int, events_c: int, n: int, chosen: Options) -> Effect:
    """Effect from the margins of a table of pairs: the range over every possible table.

    Parameters
    ----------
    events_e, events_c : int
        Participants with the event under either arm.
    n : int
        Participants, the same under both.
    chosen : Options
        Measure, level, interval and test of pairs (default: McNemar's exact), and phi, which
        picks one table.

    Returns
    -------
    Effect
        The estimate is exact; limits and p value are ranges, unless one table only is possible
        or phi was given.

    Notes
    -----
    With margins given, a table of pairs has one free cell, ``both``, from
    ``max(0, events_e + events_c - n)`` to ``min(events_e, events_c)``. Phi picks one of these
    tables (:func:`evsyn.stats.paired_from_phi`).
    """
    low, high = max(0, events_e + events_c - n), min(events_e, events_c)
    both = np.arange(low, high + 1, dtype=np.float64)
    test = chosen.paired_test or "mcnemar-exact"
    margins = f"{events_e} and {events_c} of the same {n}"
    if chosen.phi is not None and low < high:
        try:
            picked = paired_from_phi(events_e, events_c, n, chosen.phi)
        except StatsError as error:
            return Effect(reason=str(error).removeprefix("study 0: "), pairings=len(both))
        both = np.array([float(picked.both)])
        margins += f", phi {chosen.phi:g} assumed: {both[0]:g} in both"
    table = np.array([both, events_e - both, events_c - both, n - events_e - events_c + both])
    effect = _over(table, chosen, test)
    if len(both) == 1:
        return _point(effect, margins)
    return effect


def _over(table: FloatArray, chosen: Options, test: str) -> Effect:
    """Ranges of limits, p value and variance over tables of shape (4, k) with the same margins."""
    n = float(table[:, 0].sum())
    events_e, events_c = float(table[0, 0] + table[1, 0]), float(table[0, 0] + table[2, 0])
    found = paired_test(*table, method=cast(Any, test))
    p = np.atleast_1d(np.asarray(found.p_value, dtype=np.float64))
    yi, vi, reason = _scaled(table, chosen.measure, (events_e, events_c, n))
    interval = chosen.paired_interval or _DEFAULTS[chosen.measure]
    if chosen.measure == "OR":
        half = normal_quantile(chosen.level) * np.sqrt(vi)
        lower, upper = np.exp(yi - half), np.exp(yi + half)
        estimate = _odds_ratio(events_e, events_c, n)
    else:
        function = paired_interval if chosen.measure == "RD" else paired_ratio_interval
        limits = function(*table, method=cast(Any, interval), level=chosen.level)
        lower, upper = np.atleast_1d(limits.ci_lb), np.atleast_1d(limits.ci_ub)
        estimate = float(np.atleast_1d(limits.estimate)[0])
    k = table.shape[1]
    infinite = endless(estimate=estimate, ci_ub_max=np.max(upper))
    also = [endless_reason(infinite)]
    if not np.isfinite(lower).any():
        also.append("no interval without events under one arm, or with only events")
    if not np.isfinite(p).any():
        also.append(f"no {test} test: no pairs that differ")
    return Effect(
        estimate=finite(estimate),
        ci_method=interval if _least(lower) is not None else "",
        p_method=test if _least(p) is not None else "",
        p_value_min=_least(p),
        p_value_max=_most(p),
        ci_lb_min=_least(lower),
        ci_ub_max=None if "ci_ub_max" in infinite else _most(upper),
        pairings=k,
        yi=finite(yi),
        vi_min=_least(vi),
        vi_max=_most(vi),
        infinite=infinite,
        how=f"{_MARGINAL.get(chosen.measure, '')}{events_e:g} and {events_c:g} of the same {n:g}: "
        f"range over {k} possible tables of pairs, {interval} interval, {test} test",
        reason="; ".join(part for part in (reason, *also, _RANGE if k > 1 else "") if part),
    )


_MARGINAL = {"OR": "odds ratio of the margins; "}
_RANGE = "the same people in both arms, margins only: a range over every possible pairing"


def _odds_ratio(events_e: float, events_c: float, n: float) -> float:
    above, below = events_e * (n - events_c), events_c * (n - events_e)
    if below > 0:
        return above / below
    return math.inf if above > 0 else math.nan


def _scaled(
    table: FloatArray, measure: str, margins: tuple[float, float, float]
) -> tuple[float, FloatArray, str]:
    """Effect and its variances on the pooling scale: the delta method for correlated shares."""
    events_e, events_c, n = margins
    nothing = np.full(table.shape[1], np.nan)
    discordant = table[1] + table[2]
    if measure == "RD":
        apart = events_e - events_c
        return apart / n, (discordant - apart**2 / n) / n**2, ""
    if events_e == 0 or events_c == 0:
        return math.nan, nothing, "no event under one arm: no log ratio"
    if measure == "RR":
        return math.log(events_e / events_c), log_ratio_variance(*table[:3]), ""
    if events_e == n or events_c == n:
        return math.nan, nothing, "an event in everyone under one arm: no log odds ratio"
    p_e, p_c = events_e / n, events_c / n
    spread_e, spread_c = p_e * (1 - p_e), p_c * (1 - p_c)
    joint = (table[0] / n - p_e * p_c) / (spread_e * spread_c)
    odds = math.log(p_e / (1 - p_e)) - math.log(p_c / (1 - p_c))
    return odds, (1 / spread_e + 1 / spread_c - 2 * joint) / n, ""


def _least(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.min()) if known.size else None


def _most(values: FloatArray) -> float | None:
    known = values[np.isfinite(values)]
    return float(known.max()) if known.size else None


def _point(effect: Effect, table: str) -> Effect:
    """The effect of one table: the range has one value."""
    return replace(
        effect,
        ci_lb=effect.ci_lb_min,
        ci_ub=effect.ci_ub_max,
        p_value=effect.p_value_min,
        vi=effect.vi_min,
        infinite=tuple(name.removesuffix("_max") for name in effect.infinite),
        how=f"pairs, {table}: {effect.ci_method or 'no'} interval, {effect.p_method or 'no'} test",
    )
