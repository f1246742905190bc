"""What single studies do to a pooled effect: left out in turn, or added one by one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

from evsyn.errors import StatsError
from evsyn.stats.pooling.accumulating import cumulative as accumulated
from evsyn.stats.pooling.leaving import RefittedEffects
from evsyn.stats.pooling.leaving import leave_one_out as left_out
from evsyn.synthesis.declared import COUNT_METHODS, Analysis
from evsyn.synthesis.effects import finite
from evsyn.synthesis.members import Member, numbers_or_words
from evsyn.synthesis.moderators import Record, shown
from evsyn.synthesis.pooling import chosen_interval, fit_members
from evsyn.synthesis.scales import natural_scale

__all__ = ["in_order", "leave_one_out", "one_by_one", "order_notes"]

_NUMBERS = ("estimate", "se", "ci_lb", "ci_ub", "p_value", "tau2", "i2", "h2", "q", "q_pvalue")


def leave_one_out(
    members: Sequence[Member], analysis: Analysis, level: float
) -> tuple[Record, ...]:
    """Pool again without each study in turn.

    Parameters
    ----------
    members : sequence of Member
        Studies pooled.
    analysis : Analysis
        Measure, method and interval of the mean; ``auto`` is decided for each row by itself.
    level : float
        Confidence level.

    Returns
    -------
    tuple of mapping
        One a study, ``left_out`` naming it, ``test`` and ``reason`` its interval.
    """
    rest = [[*members[:at], *members[at + 1 :]] for at in range(len(members))]
    names = [{"left_out": member.study} for member in members]
    if analysis.model in COUNT_METHODS:
        return _again(rest, names, analysis, level)
    yi, vi = _effects(members)
    fits = _by_test(lambda **how: left_out(yi, vi, **how), analysis, level)
    return _refitted(fits, rest, names, analysis)


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
        If the column is not there, a study has no value in it, or only some values are numbers.
    """
    if not name:
        return list(members), [""] * len(members)
    own, cells = numbers_or_words(members, name)
    for member, cell in zip(members, cells, strict=True):
        if cell is None:
            raise StatsError(f"cumulative={own}: {member.study} has no value there to sort by")
    order = sorted(range(len(members)), key=lambda at: cast(Any, cells[at]))
    return [members[at] for at in order], [shown(cast(Any, cells[at])) for at in order]


def order_notes(members: Sequence[Member], name: str) -> tuple[str, ...]:
    """What is to be said of the order of a column: that it is one of words.

    Parameters
    ----------
    members : sequence of Member
        Studies pooled.
    name : str
        Column; empty: the order in which they are listed.

    Returns
    -------
    tuple of str
        A note, or none.
    """
    if not name:
        return ()
    own, cells = numbers_or_words(members, name)
    words = any(isinstance(cell, str) for cell in cells)
    return (f"cumulative: {own} is words; added in their alphabetical order.",) if words else ()


def one_by_one(members: Sequence[Member], analysis: Analysis, level: float) -> tuple[Record, ...]:
    """Pool the first study, the first two, and so on.

    Parameters
    ----------
    members : sequence of Member
        Studies pooled.
    analysis : Analysis
        Measure, method, interval of the mean and the column of the order; ``auto`` is decided
        for each row by itself.
    level : float
        Confidence level.

    Returns
    -------
    tuple of mapping
        One a study, ``added`` naming it, ``at`` what it was sorted by, ``test`` and ``reason``
        its interval.

    Raises
    ------
    StatsError
        If the column is not there, a study has no value in it, or only some values are numbers.
    """
    ordered, at = in_order(members, analysis.cumulative or "")
    first = [ordered[: number + 1] for number in range(len(ordered))]
    names = [
        {"added": member.study, "at": value} for member, value in zip(ordered, at, strict=True)
    ]
    if analysis.model in COUNT_METHODS:
        return _again(first, names, analysis, level)
    yi, vi = _effects(ordered)
    fits = _by_test(lambda **how: accumulated(yi, vi, **how), analysis, level)
    return _refitted(fits, first, names, analysis)


def _effects(members: Sequence[Member]) -> tuple[list[float], list[float]]:
    return (
        [cast(float, member.yi) for member in members],
        [cast(float, member.variance) for member in members],
    )


def _by_test(
    refit: Callable[..., RefittedEffects], analysis: Analysis, level: float
) -> dict[str, RefittedEffects]:
    """Refits by each test that a row may have."""
    tests = ("z", "knha") if analysis.test == "auto" else (analysis.test,)
    return {test: refit(method=analysis.model, test=test, level=level) for test in tests}


def _refitted(
    fits: dict[str, RefittedEffects],
    parts: Sequence[Sequence[Member]],
    names: Sequence[dict[str, str]],
    analysis: Analysis,
) -> tuple[Record, ...]:
    """One row a part, each with the interval that the rule has for it."""
    tau2 = next(iter(fits.values())).tau2
    rows = []
    for at, (part, name) in enumerate(zip(parts, names, strict=True)):
        test, why = chosen_interval(len(part), float(tau2[at]), analysis)
        numbers = {key: finite(getattr(fits[test], key)[at]) for key in _NUMBERS}
        natural = _natural(numbers, analysis.measure, part)
        rows.append(_record(name, (len(part), test, why), numbers, natural))
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
        fit = fit_members(part, analysis, level)
        numbers = {key: fit.numbers[key] for key in _NUMBERS}
        natural = _natural(numbers, analysis.measure, part)
        rows.append(_record(name, (len(part), fit.test, fit.reason), numbers, natural))
    return tuple(rows)


def _natural(
    numbers: dict[str, float | None], measure: str, members: Sequence[Member]
) -> dict[str, float | None]:
    ends = {name: numbers[name] for name in ("estimate", "ci_lb", "ci_ub")}
    return natural_scale(ends, measure, members)


def _record(
    name: dict[str, str],
    fitted: tuple[int, str, str],
    numbers: dict[str, float | None],
    natural: dict[str, Any],
) -> Record:
    k, test, reason = fitted
    if numbers["se"] is None:
        reason = f"no interval from {k} of the studies"
        if k == 1 and test in ("knha", "adhoc"):
            reason = "one study: Hartung-Knapp needs two"
    return {**name, "k": k, "test": test, **numbers, "natural": natural, "reason": reason}
