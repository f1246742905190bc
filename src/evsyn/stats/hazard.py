"""Hazard ratios from whatever a trial prints of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import (
    FloatArray,
    TextArray,
    broadcast_counts,
    checked_level,
    reasons,
    refuse,
    unwrapped,
)
from evsyn.stats._faults import finite, refuse_not_positive, refuse_outside
from evsyn.stats._special import ndtri
from evsyn.stats.convert.precision import effect_from_interval

__all__ = ["HazardRatio", "hazard_ratio"]

_Data: TypeAlias = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class HazardRatio:
    """Log hazard ratios, experimental over comparator.

    Attributes
    ----------
    yi, vi : ndarray of float
        Log hazard ratio and its variance in the broadcast shape of the arguments; numbers where
        those were scalars; ``nan`` where undefined. For `pool`.
    o_minus_e, v : ndarray of float
        Observed minus expected events of the experimental arm, and the log-rank variance:
        ``yi / vi`` and ``1 / vi``.
    route : str
        The way taken, by the names of the arguments used.
    assumes : str
        What has to hold for it to be right, as a sentence.
    reason : ndarray of str
        Why there is no hazard ratio, or why not to trust it; empty otherwise.
    """

    yi: FloatArray
    vi: FloatArray
    o_minus_e: FloatArray
    v: FloatArray
    route: str
    assumes: str
    reason: TextArray


def hazard_ratio(
    *,
    o_minus_e: ArrayLike | None = None,
    v: ArrayLike | None = None,
    hr: ArrayLike | None = None,
    ci_lb: ArrayLike | None = None,
    ci_ub: ArrayLike | None = None,
    se: ArrayLike | None = None,
    p_value: ArrayLike | None = None,
    direction: ArrayLike | None = None,
    events: ArrayLike | None = None,
    events_e: ArrayLike | None = None,
    events_c: ArrayLike | None = None,
    n_e: ArrayLike | None = None,
    n_c: ArrayLike | None = None,
    expected_e: ArrayLike | None = None,
    expected_c: ArrayLike | None = None,
    time_e: ArrayLike | None = None,
    time_c: ArrayLike | None = None,
    rounding: ArrayLike = 0.01,
    level: float = 0.95,
) -> HazardRatio:
    """Log hazard ratio and variance, by exactly one of the routes below.

    Parameters
    ----------
    o_minus_e, v : array_like, optional
        Observed minus expected events of the experimental arm, and the log-rank variance.
    hr : array_like, optional
        Hazard ratio, experimental over comparator, below 1 for fewer events.
    ci_lb, ci_ub : array_like, optional
        Its confidence limits.
    se : array_like, optional
        Standard error of its logarithm.
    p_value : array_like, optional
        Two-sided p of the log-rank or Cox test.
    direction : array_like, optional
        1 where the experimental arm had the higher hazard, -1 where the lower: p does not tell.
    events : array_like of int, optional
        Events in both arms together.
    events_e, events_c : array_like of int, optional
        Events by arm.
    n_e, n_c : array_like of int, optional
        Participants randomised by arm.
    expected_e, expected_c : array_like, optional
        Log-rank expected events by arm.
    time_e, time_c : array_like, optional
        Person-time by arm.
    rounding : array_like, default 0.01
        Unit of the last printed digit of ratio and limits, for the check that the ratio is the
        middle of its interval.
    level : float, default 0.95
        Confidence level of the interval, a share.

    Returns
    -------
    HazardRatio
        ``yi`` and ``vi``, the route and what it assumes.

    Raises
    ------
    StatsError
        If the names given are no route, a count is negative or not whole, events exceed those
        randomised, a variance, ratio, time or expected number is not above 0, limits are in the
        wrong order, p lies outside 0..1, a direction is neither 1 nor -1, shapes do not fit, or
        the level lies outside 0..1.

    Notes
    -----
    All arguments are broadcast; ``nan`` where missing. The routes, after [1]_ and [2]_:

    * ``o_minus_e, v``: ``yi = o_minus_e / v``, ``vi = 1/v``, as in Peto's method.
    * ``events_e, expected_e, events_c, expected_c``: ``yi`` is the logarithm of the ratio of
      observed over expected, ``vi = 1/expected_e + 1/expected_c``.
    * ``hr, ci_lb, ci_ub``: ``vi`` from the width of the interval on the log scale; where the
      ratio is not the middle of its interval, ``reason`` says so.
    * ``hr, se``: as given.
    * ``hr, p_value``: ``vi = (ln hr / z)²``.
    * ``hr`` or ``p_value, direction``, and events: v from the events, and from p
      ``o_minus_e = direction z sqrt(v)``. v is ``events_e events_c / (events_e + events_c)`` by
      arm; ``events n_e n_c / (n_e + n_c)²`` from all events and those randomised; ``events / 4``
      from all events alone.
    * ``events_e, time_e, events_c, time_c``: the rate ratio, ``vi = 1/events_e + 1/events_c``.

    References
    ----------
    .. [1] M. K. B. Parmar, V. Torri and L. Stewart, "Extracting summary statistics to perform
       meta-analyses of the published literature for survival endpoints", Statistics in Medicine
       17 (1998) 2815-2834.
    .. [2] J. F. Tierney, L. A. Stewart, D. Ghersi, S. Burdett and M. R. Sydes, "Practical methods
       for incorporating summary time-to-event data into meta-analysis", Trials 8 (2007) 16.

    Examples
    --------
    The bladder cancer trial of [2]_, pooled over its curves: 0.88 with V = 128.81, hence 0.74 to
    1.05.

    >>> found = hazard_ratio(hr=0.88, ci_lb=0.74, ci_ub=1.05)
    >>> print(f"{found.yi:.3f} {found.v:.0f} {found.o_minus_e:.1f}")
    -0.128 126 -16.0
    """
    named = {
        "o_minus_e": o_minus_e, "v": v, "hr": hr, "ci_lb": ci_lb, "ci_ub": ci_ub, "se": se,
        "p_value": p_value, "direction": direction, "events": events, "events_e": events_e,
        "events_c": events_c, "n_e": n_e, "n_c": n_c, "expected_e": expected_e,
        "expected_c": expected_c, "time_e": time_e, "time_c": time_c,
    }  # fmt: skip
    given = {name: value for name, value in named.items() if value is not None}
    route, assumes = _route(given)
    data = _checked(given)
    if "ci_lb" in data:
        data["rounding"] = finite(hr=data["hr"], rounding=rounding)[1]
    return _result(route, assumes, data, checked_level(level))


def _route(given: Mapping[str, ArrayLike]) -> tuple[frozenset[str], str]:
    """The route whose names are those given, and what it assumes."""
    names = frozenset(given)
    if names not in _ROUTES:
        ways = "; ".join(", ".join(sorted(way)) for way in _ROUTES)
        raise StatsError(
            f"{', '.join(sorted(names)) or 'nothing'} given, which is no route; "
            f"give exactly one of: {ways}"
        )
    return names, _ROUTES[names][1]


def _result(route: frozenset[str], assumes: str, data: _Data, level: float) -> HazardRatio:
    """Effect by the route, and what is to be said of it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        yi, vi, *doubts = _ROUTES[route][0](data, level)
        usable = np.isfinite(yi) & np.isfinite(vi) & (vi > 0)
        yi, vi = (np.where(usable, x, np.nan) for x in (yi, vi))
        unknown = np.isnan(sum(data.values(), start=np.zeros(())))
        why = reasons(
            yi.shape,
            (unknown, "a number is missing"),
            (~usable, "no events in an arm, or a p, a ratio or a variance that says nothing"),
        )
        if doubts:
            why = np.where(usable, doubts[0], why)
        return HazardRatio(
            yi=unwrapped(yi),
            vi=unwrapped(vi),
            o_minus_e=unwrapped(yi / vi),
            v=unwrapped(1 / vi),
            route=", ".join(sorted(route)),
            assumes=assumes,
            reason=unwrapped(why),
        )


def _checked(given: Mapping[str, ArrayLike]) -> dict[str, FloatArray]:
    """Arguments broadcast, each within its bounds."""
    counts = [x for x in given if x in ("events", "events_e", "events_c", "n_e", "n_c")]
    whole = dict(given)
    for name in counts:
        (whole[name],) = broadcast_counts(**{name: given[name]})
    data = dict(zip(given, finite(**whole), strict=True))
    positive = ("v", "hr", "ci_lb", "ci_ub", "se", "expected_e", "expected_c", "time_e", "time_c")
    refuse_not_positive(**{name: data[name] for name in positive if name in data})
    if "p_value" in data:
        refuse_outside(0.0, 1.0, p_value=data["p_value"])
    if "direction" in data:
        side = data["direction"]
        wrong = ~np.isnan(side) & (np.abs(side) != 1)
        refuse(wrong, "direction={:g}; give 1 for a higher hazard, -1 for a lower", side)
    if {"events", "n_e", "n_c"} <= set(data):
        total = data["n_e"] + data["n_c"]
        wrong = data["events"] > total
        refuse(wrong, "events={:g} exceed the {:g} randomised", data["events"], total)
    return data


def _from_o_minus_e(data: _Data, level: float) -> tuple[FloatArray, ...]:
    return data["o_minus_e"] / data["v"], 1 / data["v"]


def _from_expected(data: _Data, level: float) -> tuple[FloatArray, ...]:
    yi = np.log(data["events_e"] / data["expected_e"])
    yi = yi - np.log(data["events_c"] / data["expected_c"])
    return yi, 1 / data["expected_e"] + 1 / data["expected_c"]


def _from_interval(data: _Data, level: float) -> tuple[FloatArray, ...]:
    found = effect_from_interval(
        data["ci_lb"],
        data["ci_ub"],
        estimate=data["hr"],
        scale="log",
        rounding=data["rounding"],
        level=level,
    )
    doubt = "the ratio is not the middle of its interval"
    why = np.where(np.asarray(found.consistent), "", doubt).astype(object)
    return np.asarray(found.yi), np.asarray(found.vi), why


def _from_se(data: _Data, level: float) -> tuple[FloatArray, ...]:
    return np.log(data["hr"]), data["se"] ** 2


def _from_p(data: _Data, level: float) -> tuple[FloatArray, ...]:
    yi = np.log(data["hr"])
    return yi, (yi / ndtri(data["p_value"] / 2)) ** 2


def _from_events(data: _Data, level: float) -> tuple[FloatArray, ...]:
    """V from the events; the ratio as printed, or from p and its direction."""
    if "events_e" in data:
        v = data["events_e"] * data["events_c"] / (data["events_e"] + data["events_c"])
    elif "n_e" in data:
        v = data["events"] * data["n_e"] * data["n_c"] / (data["n_e"] + data["n_c"]) ** 2
    else:
        v = data["events"] / 4
    if "hr" in data:
        return np.log(data["hr"]), 1 / v
    z = -ndtri(data["p_value"] / 2)
    return data["direction"] * z / np.sqrt(v), 1 / v


def _from_rates(data: _Data, level: float) -> tuple[FloatArray, ...]:
    yi = np.log(data["events_e"] / data["time_e"]) - np.log(data["events_c"] / data["time_c"])
    return yi, 1 / data["events_e"] + 1 / data["events_c"]


_PROPORTIONAL = "hazards are proportional"
_BY_ARM = f"{_PROPORTIONAL}, and follow-up is alike in both arms"
_BY_N = f"{_PROPORTIONAL}, follow-up is alike in both arms and the effect small"
_HALVES = f"{_PROPORTIONAL}, arms are of equal size, followed alike, and the effect is small"
_EXACT_P = "; p is exact, two-sided and of the log-rank test"


def _with_events() -> dict[frozenset[str], tuple[Callable[..., tuple[FloatArray, ...]], str]]:
    """Routes by events: from the ratio, or from p, times three ways to the variance."""
    ways = (
        ({"events_e", "events_c"}, _BY_ARM),
        ({"events", "n_e", "n_c"}, _BY_N),
        ({"events"}, _HALVES),
    )
    return {
        frozenset(start | way): (_from_events, assumes + more)
        for start, more in (({"hr"}, ""), ({"p_value", "direction"}, _EXACT_P))
        for way, assumes in ways
    }


# Names of the arguments -> how, and what it assumes.
_ROUTES: dict[frozenset[str], tuple[Callable[..., tuple[FloatArray, ...]], str]] = {
    frozenset({"o_minus_e", "v"}): (
        _from_o_minus_e,
        f"{_PROPORTIONAL}, and the hazard ratio is not far from 1",
    ),
    frozenset({"events_e", "expected_e", "events_c", "expected_c"}): (
        _from_expected,
        f"{_PROPORTIONAL}, and the hazard ratio is not far from 1",
    ),
    frozenset({"hr", "ci_lb", "ci_ub"}): (
        _from_interval,
        f"{_PROPORTIONAL}; the interval is a Wald interval of the logarithm",
    ),
    frozenset({"hr", "se"}): (_from_se, _PROPORTIONAL),
    frozenset({"hr", "p_value"}): (
        _from_p,
        f"{_PROPORTIONAL}; p is exact, two-sided and of the test of this ratio",
    ),
    frozenset({"events_e", "time_e", "events_c", "time_c"}): (
        _from_rates,
        "hazards are constant over time in both arms",
    ),
    **_with_events(),
}
