"""Paired proportions known by their margins only: the range over every possible pairing.

A split-face study that prints "18 of 20 against 10 of 20" does not say how many of the 20 had the
event on both sides. Each number that could be is a table of pairs; what can be said is what holds
for all of them, or what follows from an assumption on the correlation phi.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.literals import PairedMethod, PairedRatioMethod, PairedTest, choices
from evsyn.stats._arrays import (
    FloatArray,
    arm_counts,
    broadcast_counts,
    checked_level,
    chosen,
    float_array,
    unwrapped,
)
from evsyn.stats.paired import paired_interval, paired_test
from evsyn.stats.paired_ratio import log_ratio_variance, paired_ratio_interval

__all__ = ["PairedRange", "PairedTables", "paired_from_phi", "paired_range"]


@dataclass(frozen=True, slots=True)
class PairedRange:
    """Smallest and largest value of each statistic over the tables that the margins allow.

    Arrays have the broadcast shape of the arguments and are numbers where those were scalars. A
    table for which a statistic is undefined does not count for it; ``nan`` where none does.

    Attributes
    ----------
    both_min, both_max : ndarray of float
        Pairs with the event under both arms, fewest and most.
    tables : ndarray of float
        Number of possible tables; where it is 1, every minimum equals its maximum.
    difference : ndarray of float
        events_e / n - events_c / n, the same for each table.
    ratio : ndarray of float
        events_e / events_c, the marginal ratio, the same for each table; ``inf`` where only
        ``events_c`` is 0, ``nan`` where both are.
    p_value_min, p_value_max : ndarray of float
        Of the test.
    ci_lb_min, ci_lb_max, ci_ub_min, ci_ub_max : ndarray of float
        Limits of the interval of the difference.
    ratio_ci_lb_min, ratio_ci_lb_max, ratio_ci_ub_min, ratio_ci_ub_max : ndarray of float
        Limits of the interval of the marginal ratio.
    log_ratio_vi_min, log_ratio_vi_max : ndarray of float
        Sampling variance of the logarithm of the marginal ratio.
    odds_ratio_min, odds_ratio_max : ndarray of float
        Conditional odds ratio only_e / only_c; ``inf`` where only_c alone is 0.
    phi_min, phi_max : ndarray of float
        Correlation of the pairs; ``nan`` where an arm has none or all of the events.
    interval, test, ratio_interval : str
        Methods used.
    level : float
        Confidence level, a share.
    """

    both_min: FloatArray
    both_max: FloatArray
    tables: FloatArray
    difference: FloatArray
    ratio: FloatArray
    p_value_min: FloatArray
    p_value_max: FloatArray
    ci_lb_min: FloatArray
    ci_lb_max: FloatArray
    ci_ub_min: FloatArray
    ci_ub_max: FloatArray
    ratio_ci_lb_min: FloatArray
    ratio_ci_lb_max: FloatArray
    ratio_ci_ub_min: FloatArray
    ratio_ci_ub_max: FloatArray
    log_ratio_vi_min: FloatArray
    log_ratio_vi_max: FloatArray
    odds_ratio_min: FloatArray
    odds_ratio_max: FloatArray
    phi_min: FloatArray
    phi_max: FloatArray
    interval: str
    test: str
    ratio_interval: str
    level: float


@dataclass(frozen=True, slots=True)
class PairedTables:
    """Tables of pairs, ready for `paired_interval`.

    Attributes
    ----------
    both, only_e, only_c, neither : ndarray of float
        The four counts, in the broadcast shape of the arguments.
    phi : ndarray of float
        Correlation in the table; ``nan`` where an arm has none or all of the events.
    """

    both: FloatArray
    only_e: FloatArray
    only_c: FloatArray
    neither: FloatArray
    phi: FloatArray


def paired_range(
    events_e: ArrayLike,
    events_c: ArrayLike,
    n: ArrayLike,
    *,
    interval: PairedMethod = "tango",
    test: PairedTest = "mcnemar-exact",
    ratio_interval: PairedRatioMethod = "bonett-price",
    level: float = 0.95,
) -> PairedRange:
    """Range of every paired statistic over the tables that the margins allow.

    Parameters
    ----------
    events_e, events_c : array_like of int
        Events under the experimental arm and the comparator, of the same people; broadcast
        against ``n``; ``nan`` where missing.
    n : array_like of int
        Pairs: people, sides or lesions measured under both.
    interval : {"wald", "bonett-price", "newcombe", "tango"}, default "tango"
        Interval of the difference, see `paired_interval`.
    test : {"mcnemar", "mcnemar-cc", "mcnemar-exact", "mcnemar-mid-p"}, default "mcnemar-exact"
        Test, see `paired_test`.
    ratio_interval : {"wald", "bonett-price", "tang"}, default "bonett-price"
        Interval of the ratio, see `paired_ratio_interval`.
    level : float, default 0.95
        Confidence level, a share.

    Returns
    -------
    PairedRange
        Minimum and maximum of each statistic.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed n, shapes do not fit, a method is
        unknown or the level lies outside 0..1.

    Notes
    -----
    The pairs with both events number from ``max(0, events_e + events_c - n)`` to
    ``min(events_e, events_c)`` (Fréchet's bounds); each number gives one table, and all are
    computed.

    Examples
    --------
    Two of 30 sides against nine of 30, of the same people; then 0 of 25 against all 25:

    >>> span = paired_range(2, 9, 30)
    >>> print(int(span.tables), f"{span.p_value_min:.3f} to {span.p_value_max:.3f}")
    3 0.016 to 0.065
    >>> paired_range(0, 25, 25).tables
    np.float64(1.0)
    """
    methods = _Methods(
        chosen("interval", interval, choices(PairedMethod)),
        chosen("test", test, choices(PairedTest)),
        chosen("ratio_interval", ratio_interval, choices(PairedRatioMethod)),
        checked_level(level),
    )
    e, c, size = _margins(events_e, events_c, n)
    names = [field.name for field in fields(PairedRange) if field.name.endswith(("_min", "_max"))]
    result = {name: np.full(e.shape, np.nan) for name in names}
    least, most = np.maximum(0.0, e + c - size), np.minimum(e, c)
    for at in np.ndindex(e.shape):
        if size[at] > 0 and not np.isnan(e[at] + c[at]):
            for name, values in _statistics(float(e[at]), float(c[at]), float(size[at]), methods):
                defined = values[~np.isnan(values)]
                if defined.size:
                    result[f"{name}_min"][at] = defined.min()
                    result[f"{name}_max"][at] = defined.max()
    known = ~np.isnan(e + c + size) & (size > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        difference, ratio = (e - c) / size, np.where(known, e / c, np.nan)
    return PairedRange(
        **{name: cast(FloatArray, unwrapped(values)) for name, values in result.items()},
        tables=unwrapped(np.where(known, most - least + 1, np.nan)),
        difference=unwrapped(difference),
        ratio=unwrapped(ratio),
        interval=methods.interval,
        test=methods.test,
        ratio_interval=methods.ratio_interval,
        level=methods.level,
    )


def paired_from_phi(
    events_e: ArrayLike, events_c: ArrayLike, n: ArrayLike, phi: ArrayLike
) -> PairedTables:
    """Table of pairs nearest to an assumed correlation.

    Parameters
    ----------
    events_e, events_c, n : array_like of int
        Events under the experimental arm and the comparator, and pairs; broadcast; ``nan`` where
        missing.
    phi : array_like of float
        Assumed correlation of the two outcomes of a pair, -1 to 1; ``nan`` where missing.

    Returns
    -------
    PairedTables
        The possible table whose number of pairs with both events is nearest to the one that
        ``phi`` implies, the smaller of two equally near, and the ``phi`` of that table. Where the
        margins leave one table only, it is that one.

    Raises
    ------
    StatsError
        If a count is negative or not whole, events exceed n, or the margins rule ``phi`` out; the
        message gives the range that they allow.

    Notes
    -----
    ``both = n (p q + phi sqrt(p (1 - p) q (1 - q)))`` with p = events_e / n, q = events_c / n.

    Examples
    --------
    >>> table = paired_from_phi(18, 10, 20, 0.3)
    >>> [int(x) for x in (table.both, table.only_e, table.only_c, table.neither)]
    [10, 8, 0, 2]
    >>> print(f"{table.phi:.3f}")
    0.333
    """
    e, c, size = _margins(events_e, events_c, n)
    correlation = float_array("phi", phi)
    try:
        arrays = np.broadcast_arrays(e, c, size, correlation)
    except ValueError as error:
        raise StatsError(f"phi has the shape {correlation.shape}, the counts {e.shape}") from error
    e, c, size, rho = arrays
    least, most = np.maximum(0.0, e + c - size), np.minimum(e, c)
    scale = np.sqrt(e * (size - e)) * np.sqrt(c * (size - c))
    with np.errstate(divide="ignore", invalid="ignore"):
        wanted = np.where(least == most, least, (e * c + rho * scale) / size)
        wanted = np.where(size > 0, wanted + 0 * rho, np.nan)
    slack = 1e-9 * np.maximum(size, 1.0)
    wrong = (wanted < least - slack) | (wanted > most + slack) | (np.abs(rho) > 1)
    if wrong.any():
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        where = ", ".join(str(i) for i in at) or "0"
        lowest, highest = (
            (count[at] * size[at] - e[at] * c[at]) / scale[at] if scale[at] else sign
            for count, sign in ((least, -1.0), (most, 1.0))
        )
        raise StatsError(
            f"study {where}: phi={rho[at]:g} is impossible with "
            f"{e[at]:g} and {c[at]:g} of {size[at]:g}; it lies in {lowest:.3f} to {highest:.3f}"
        )
    both = np.clip(np.ceil(wanted - 0.5 - 1e-12), least, most) + 0.0
    cells = (both, e - both, c - both, size - e - c + both)
    return PairedTables(*(unwrapped(x) for x in (*cells, _phi(both, e, c, size))))


@dataclass(frozen=True, slots=True)
class _Methods:
    """Names of the methods and the level, checked."""

    interval: Any
    test: Any
    ratio_interval: Any
    level: float


def _margins(events_e: ArrayLike, events_c: ArrayLike, n: ArrayLike) -> tuple[FloatArray, ...]:
    """Both margins and the number of pairs, checked."""
    e, c, size = broadcast_counts(events_e=events_e, events_c=events_c, n=n)
    arm_counts(events_e=e, n_e=size, events_c=c, n_c=size)
    return e, c, size


def _statistics(
    e: float, c: float, n: float, methods: _Methods
) -> Iterator[tuple[str, NDArray[np.float64]]]:
    """Each statistic over every table of one pair of margins."""
    both = np.arange(max(0.0, e + c - n), min(e, c) + 1.0)
    table = (both, e - both, c - both, n - e - c + both)
    difference = paired_interval(*table, method=methods.interval, level=methods.level)
    ratio = paired_ratio_interval(*table, method=methods.ratio_interval, level=methods.level)
    yield "both", both
    yield "p_value", paired_test(*table, method=methods.test).p_value
    yield "ci_lb", difference.ci_lb
    yield "ci_ub", difference.ci_ub
    yield "ratio_ci_lb", ratio.ci_lb
    yield "ratio_ci_ub", ratio.ci_ub
    yield "log_ratio_vi", log_ratio_variance(*table[:3])
    with np.errstate(divide="ignore", invalid="ignore"):
        yield "odds_ratio", table[1] / table[2]
    yield "phi", _phi(both, np.full(both.shape, e), np.full(both.shape, c), np.asarray(n))


def _phi(both: FloatArray, e: FloatArray, c: FloatArray, n: FloatArray) -> FloatArray:
    """Correlation of a table of pairs."""
    scale = np.sqrt(e * (n - e)) * np.sqrt(c * (n - c))
    return cast(
        FloatArray,
        np.where(scale > 0, (n * both - e * c) / np.where(scale > 0, scale, 1.0), np.nan),
    )
