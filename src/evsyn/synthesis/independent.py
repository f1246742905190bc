"""Effects of two independent arms: counts, and the variance on the pooling scale."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Any, cast

from evsyn.stats.effects.effect_sizes import effect_sizes
from evsyn.stats.two_proportion_interval import two_proportion_interval
from evsyn.stats.two_proportion_test import two_proportion_test
from evsyn.synthesis.effects import Effect, Options, endless, endless_reason, finite

__all__ = ["count_effect", "count_yi_vi", "normal_p", "normal_quantile"]

_CORRECTED = {
    "RR": "0.5 added to each cell for the log ratio alone (an empty cell)",
    "OR": "0.5 added to each cell for the log ratio alone (an empty cell)",
    "RD": "0.5 added to each cell for the variance alone (it would be 0)",
}


def count_effect(events_e: int, n_e: int, events_c: int, n_c: int, *, chosen: Options) -> Effect:
    """Effect of the experimental against the comparator arm, from counts.

    Parameters
    ----------
    events_e, n_e, events_c, n_c : int
        Participants with the event and participants, in either arm.
    chosen : Options
        Measure, interval, test and level.

    Returns
    -------
    Effect
        Estimate on the natural scale without correction; None, with the reason, where a ratio
        is not defined or infinite.
    """
    counts = (events_e, n_e, events_c, n_c)
    limits = two_proportion_interval(
        *counts,
        measure=cast(Any, chosen.measure),
        method=cast(Any, chosen.interval),
        level=chosen.level,
    )
    yi, vi, corrected = count_yi_vi(*counts, measure=chosen.measure)
    estimate = finite(limits.estimate)
    if chosen.test == "wald":
        p_value = _wald_p(counts, chosen.measure)
        no_test = "no Wald test with an empty cell"
    else:
        found = two_proportion_test(*counts, method=cast(Any, chosen.test))
        p_value, no_test = finite(found.p_value), f"no {chosen.test} test: {found.reason}"
    without = _says_nothing(counts, chosen.measure)
    infinite = () if without else endless(estimate=limits.estimate, ci_ub=limits.ci_ub)
    notes = [without, endless_reason(infinite)]
    if not without and math.isnan(float(limits.ci_lb)):
        notes.append(str(limits.reason))
    notes.append(no_test if p_value is None and not without else "")
    notes.append(_CORRECTED[chosen.measure] if corrected else "")
    return Effect(
        estimate=estimate,
        ci_lb=None if without else finite(limits.ci_lb),
        ci_ub=None if without else finite(limits.ci_ub),
        ci_method=chosen.interval if finite(limits.ci_lb) is not None and not without else "",
        p_value=p_value,
        p_method=chosen.test if p_value is not None else "",
        yi=yi,
        vi=vi,
        infinite=infinite,
        how=f"{events_e}/{n_e} against {events_c}/{n_c}: {chosen.interval} interval, "
        f"{chosen.test} test",
        reason="; ".join(note for note in notes if note),
    )


def count_yi_vi(
    events_e: int, n_e: int, events_c: int, n_c: int, *, measure: str
) -> tuple[float | None, float | None, bool]:
    """Effect and variance on the pooling scale, and whether 0.5 was added to each cell.

    Parameters
    ----------
    events_e, n_e, events_c, n_c : int
        Participants with the event and participants, in either arm.
    measure : {"RR", "OR", "RD"}
        Effect measure; ratios are logs.

    Returns
    -------
    tuple
        ``yi``, ``vi`` (None where nothing can be said on a ratio) and whether 0.5 was added: for
        a ratio where a cell is empty, for a difference to the variance alone where that is 0.

    Examples
    --------
    >>> yi, vi, corrected = count_yi_vi(18, 20, 10, 20, measure="RR")
    >>> round(yi, 4), round(vi, 4), corrected
    (0.5878, 0.0556, False)
    """
    if measure != "RD" and events_e == events_c == 0:
        return None, None, False
    if measure == "OR" and events_e == n_e and events_c == n_c:
        return None, None, False
    found = effect_sizes(measure, events_e=events_e, n_e=n_e, events_c=events_c, n_c=n_c)
    if measure != "RD":
        return finite(found.yi), finite(found.vi), bool(found.corrected)
    p_e, p_c = events_e / n_e, events_c / n_c
    vi = p_e * (1 - p_e) / n_e + p_c * (1 - p_c) / n_c
    return p_e - p_c, vi or finite(found.vi), vi == 0


def normal_p(statistic: float) -> float:
    """Two-sided p value of a standard normal statistic.

    Examples
    --------
    >>> round(normal_p(1.959964), 4)
    0.05
    """
    return math.erfc(abs(statistic) / math.sqrt(2))


def normal_quantile(level: float) -> float:
    """Quantile of the standard normal for a two-sided interval.

    Examples
    --------
    >>> round(normal_quantile(0.95), 6)
    1.959964
    """
    return NormalDist().inv_cdf(0.5 + level / 2)


def _wald_p(counts: tuple[int, int, int, int], measure: str) -> float | None:
    yi, vi, corrected = count_yi_vi(*counts, measure=measure)
    if yi is None or not vi or corrected:
        return None
    return normal_p(yi / math.sqrt(vi))


def _says_nothing(counts: tuple[int, int, int, int], measure: str) -> str:
    """Why a ratio is 0/0; empty where it is not."""
    events_e, n_e, events_c, n_c = counts
    if measure != "RD" and events_e == events_c == 0:
        return "no events in either arm: a ratio says nothing"
    if measure == "OR" and events_e == n_e and events_c == n_c:
        return "an event in everyone of both arms: an odds ratio says nothing"
    return ""
