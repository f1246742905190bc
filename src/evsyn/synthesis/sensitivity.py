"""What single studies do to a pooled effect: left out in turn, or added one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from evsyn.errors import StatsError
from evsyn.stats.pooling.accumulating import cumulative as accumulated
from evsyn.stats.pooling.leaving import RefittedEffects
from evsyn.stats.pooling.leaving import leave_one_out as left_out
from evsyn.synthesis.declared import COUNT_METHODS, Analysis
from evsyn.synthesis.effects import finite
from evsyn.synthesis.members import Member, column
from evsyn.synthesis.moderators import Record, shown
from evsyn.synthesis.pooling import fit_members
from evsyn.synthesis.scales import natural_scale

__all__ = ["in_order", "leave_one_out", "one_by_one"]

_NUMBERS = ("estimate", "se", "ci_lb", "ci_ub", "p_value", "tau2", "i2", "h2", "q", "q_pvalue")


def leave_one_out(
    members: Sequence[Member], analysis: Analysis, test: str, level: float
) -> tuple[Record, ...]:
    """Pool again without each study in turn.

    Parameters
    ----------
    members : sequence of Member
        Studies pooled.
    analysis : Analysis
        Measure and method.
    test : str
        Interval of the mean, that of the pool as a whole.
    level : float
        Confidence level.

    Returns
    -------
    tuple of mapping
        One a study, ``left_out`` naming it.
    """
    rest = [[*members[:at], *members[at + 1 :]] for at in range(len(members))]
    names = [{"left_out": member.study} for member in members]
    if analysis.model in COUNT_METHODS:
        return _again(rest, names, analysis, level)
    yi, vi = _effects(members)
    fits = left_out(yi, vi, method=cast(Any, analysis.model), test=cast(Any, test), level=level)
    return _refitted(fits, rest, names, analysis.measure)


def in_order(members: Sequence[Member], name: str) -> tuple[list[Member], list[str]]:
    """Studies in the order of a column, and its values as words.

    Parameters
    ----------
    members : sequence of Member
        Studies pooled.
    name : str
        Column; empty: the order in which they are listed.

    Returns
    -------
    tuple of list
        Studies, and what each stands at; equal values keep the order in which they are listed.

    Raises
    ------
    StatsError
        If the column is not there, or a study has no value in it.
    """
    if not name:
        return list(members), [""] * len(members)
    own, cells = column(members, name)
    for member, cell in zip(members, cells, strict=True):
        if cell is None:
            raise StatsError(f"cumulative={own}: {member.study} has no value there to sort by")
    order = sorted(range(len(members)), key=lambda at: cast(Any, cells[at]))
    return [members[at] for at in order], [shown(cast(Any, cells[at])) for at in order]


def one_by_one(
    members: Sequence[Member], analysis: Analysis, test: str, level: float
) -> tuple[Record, ...]:
    """Pool the first study, the first two, and so on.

    Parameters
    ----------
    members : sequence of Member
        Studies pooled.
    analysis : Analysis
        Measure, method and the column of the order.
    test : str
        Interval of the mean, that of the pool as a whole.
    level : float
        Confidence level.

    Returns
    -------
    tuple of mapping
        One a study, ``added`` naming it and ``at`` what it was sorted by.

    Raises
    ------
    StatsError
        If the column is not there, or a study has no value in it.
    """
    ordered, at = in_order(members, analysis.cumulative or "")
    first = [ordered[: number + 1] for number in range(len(ordered))]
    names = [
        {"added": member.study, "at": value} for member, value in zip(ordered, at, strict=True)
    ]
    if analysis.model in COUNT_METHODS:
        return _again(first, names, analysis, level)
    yi, vi = _effects(ordered)
    fits = accumulated(yi, vi, method=cast(Any, analysis.model), test=cast(Any, test), level=level)
    return _refitted(fits, first, names, analysis.measure)


def _effects(members: Sequence[Member]) -> tuple[list[float], list[float]]:
    return (
        [cast(float, member.yi) for member in members],
        [cast(float, member.variance) for member in members],
    )


def _refitted(
    fits: RefittedEffects,
    parts: Sequence[Sequence[Member]],
    names: Sequence[dict[str, str]],
    measure: str,
) -> tuple[Record, ...]:
    rows = []
    for at, (part, name) in enumerate(zip(parts, names, strict=True)):
        numbers = {key: finite(getattr(fits, key)[at]) for key in _NUMBERS}
        rows.append(_record(name, len(part), numbers, natural=_natural(numbers, measure, part)))
    return tuple(rows)


def _again(
    parts: Sequence[Sequence[Member]],
    names: Sequence[dict[str, str]],
    analysis: Analysis,
    level: float,
) -> tuple[Record, ...]:
    """Fit each part by itself: methods of counts know no batch with other data."""
    rows = []
    for part, name in zip(parts, names, strict=True):
        found = fit_members(part, analysis, level).numbers
        numbers = {key: found[key] for key in _NUMBERS}
        rows.append(_record(name, len(part), numbers, _natural(numbers, analysis.measure, part)))
    return tuple(rows)


def _natural(
    numbers: dict[str, float | None], measure: str, members: Sequence[Member]
) -> dict[str, float | None]:
    ends = {name: numbers[name] for name in ("estimate", "ci_lb", "ci_ub")}
    return natural_scale(ends, measure, members)


def _record(
    name: dict[str, str], k: int, numbers: dict[str, float | None], natural: dict[str, Any]
) -> Record:
    reason = "" if numbers["se"] is not None else f"no interval from {k} of the studies"
    if numbers["se"] is None and k == 1:
        reason = "one study: Hartung-Knapp needs two"
    return {**name, "k": k, **numbers, "natural": natural, "reason": reason}
