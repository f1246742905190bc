"""The order and grouping in which pages show results; tables and figures share it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from evsyn.synthesis.results import ComparisonRow, RateRow, Result
from evsyn.tables.ledger import Ledger

__all__ = [
    "CountRanges",
    "Group",
    "arm_range",
    "bounded",
    "comparators",
    "comparison_groups",
    "count_ranges",
    "known",
    "of_reviews",
    "of_studies",
    "rate_groups",
    "when",
    "without_parts",
]

Row = TypeVar("Row", RateRow, ComparisonRow)


@dataclass(frozen=True, slots=True)
class Group(Generic[Row]):
    """Rows of one outcome under its name, in the order shown."""

    title: str
    rows: tuple[Row, ...]


def rate_groups(
    rows: Iterable[RateRow], ledger: Ledger | None = None, *, first: Sequence[str] = ()
) -> tuple[Group[RateRow], ...]:
    """Group rates by outcome: what is asked first, then benefits, single categories, harms.

    Parameters
    ----------
    rows : iterable of RateRow
        Rows in any order.
    ledger : Ledger, optional
        Where outcomes say what they are: benefits come before harms, outcomes before the
        categories that they unite, and among equals the one that most studies count.
    first : sequence of str
        Outcomes that lead, e.g. those of the declared analyses.

    Returns
    -------
    tuple of Group
        One per outcome. Within a group: rows with a rate from high to low, then those with a
        range, then those without. Rows without an outcome form the last group, titled ``""``,
        with the arms of a study in one row where the reason is the same.
    """
    groups = _grouped(rows, _rate_key)
    ranked = _ranked(groups, ledger, first)
    return tuple(
        found if found.title else Group("", _arms_together(found.rows)) for found in ranked
    )


def without_parts(result: Result[Row], ledger: Ledger, *, keep: Sequence[str] = ()) -> Result[Row]:
    """Leave out categories where the outcome that unites them has a row of the same study.

    Parameters
    ----------
    result : Result of RateRow or ComparisonRow
        Output of ``Review.rates`` or ``Review.compare``.
    ledger : Ledger
        Where outcomes name their parts.
    keep : sequence of str
        Outcomes that stay in any case, e.g. those of the declared analyses.

    Returns
    -------
    Result
        The other rows, in the same order.
    """
    united = {
        (row.study_id, part)
        for row in result
        if row.outcome_id in ledger.outcome
        for part in ledger.outcome[row.outcome_id].parts
        if part not in keep
    }
    kept = tuple(row for row in result if (row.study_id, row.outcome_id) not in united)
    return replace(result, rows=kept)


def comparison_groups(
    rows: Iterable[ComparisonRow], ledger: Ledger | None = None, *, first: Sequence[str] = ()
) -> tuple[Group[ComparisonRow], ...]:
    """Group comparisons by outcome, in the same order as rates; studies in order of name.

    Parameters
    ----------
    rows : iterable of ComparisonRow
        Rows in any order.
    ledger : Ledger, optional
        Where outcomes say what they are.
    first : sequence of str
        Outcomes that lead.

    Returns
    -------
    tuple of Group
        One per outcome, rows with an effect first. Rows without an outcome form the last group,
        titled ``""``, with the comparisons of a study in one row where the reason is the same.
    """
    groups = _grouped(rows, _comparison_key)
    ranked = _ranked(groups, ledger, first)
    return tuple(
        found if found.title else Group("", _pairs_together(found.rows)) for found in ranked
    )


CountRanges = dict[tuple[str, str, str, str, float | None], tuple[int, int]]
"""Smallest and largest count of arms whose count is open, by study, arm, outcome and time."""


def count_ranges(rates: Iterable[RateRow] | None) -> CountRanges:
    """Return between which counts the arms lie whose count is open."""
    return {
        (row.study_id, row.arm_id, row.outcome_id, row.subgroup, row.months): (
            row.events_min,
            row.events_max,
        )
        for row in rates or ()
        if row.events is None and row.events_min is not None and row.events_max is not None
    }


def arm_range(row: ComparisonRow, arm: str, ranges: CountRanges) -> tuple[int, int] | None:
    """Return between which counts one arm of a comparison lies, where that is open."""
    return ranges.get((row.study_id, arm, row.outcome_id, row.subgroup, row.months))


def comparators(ledger: Ledger | None) -> frozenset[tuple[str, str]]:
    """Return the (study, arm) ids that are comparator of a comparison and experimental in none."""
    if ledger is None:
        return frozenset()
    against = {(row.study_id, row.arm_c) for row in ledger.comparisons}
    return frozenset(against - {(row.study_id, row.arm_e) for row in ledger.comparisons})


def known(row: RateRow | ComparisonRow) -> bool:
    """Whether a row has its number: a rate, or an effect."""
    return (row.rate if isinstance(row, RateRow) else row.estimate) is not None


def bounded(row: ComparisonRow) -> bool:
    """Whether a row without an effect has limits of it, or a range that it lies in."""
    ends = (row.ci_lb, row.ci_ub, row.estimate_min, row.estimate_max)
    return row.estimate is None and any(end is not None for end in ends)


def of_studies(result: Result[ComparisonRow]) -> Result[ComparisonRow]:
    """Leave out what reviews print: their pooled results are no studies of their own."""
    return replace(result, rows=tuple(row for row in result if row.kind != "review"))


def of_reviews(result: Result[ComparisonRow]) -> Result[ComparisonRow]:
    """Keep what reviews print."""
    return replace(result, rows=tuple(row for row in result if row.kind == "review"))


def when(row: RateRow | ComparisonRow) -> str:
    """Return what tells apart two rows of one arm and outcome: subgroup and time, as printed."""
    return ", ".join(part for part in (row.subgroup, row.time_printed) if part)


def _grouped(rows: Iterable[Row], key: Callable[[Row], tuple[Any, ...]]) -> tuple[Group[Row], ...]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.outcome or row.outcome_id, []).append(row)
    return tuple(Group(title, tuple(sorted(members, key=key))) for title, members in found.items())


def _ranked(
    groups: Iterable[Group[Row]], ledger: Ledger | None, first: Sequence[str]
) -> list[Group[Row]]:
    return sorted(groups, key=lambda found: (not found.title, _rank(found, ledger, first)))


def _rank(
    found: Group[Any], ledger: Ledger | None, first: Sequence[str]
) -> tuple[int, int, int, bool]:
    """Place of an outcome: what leads, benefits, satisfaction, categories, others, harms."""
    studies = {row.study_id for row in found.rows if known(row)}
    name = found.rows[0].outcome_id
    outcome = ledger.outcome.get(name) if ledger else None
    if name in first:
        place = first.index(name) - len(first)
        harm = outcome is not None and outcome.event_is == "harm"
        return (place if harm else place - len(first), 0, 0, False)
    if outcome is None or ledger is None:
        return (0, 0, -len(studies), False)
    scales = [scale for scale in ledger.outcome.values() if name in scale.parts]
    category = any(scale.kind == "ordinal" for scale in scales) and not outcome.parts
    harmful = any(scale.better == "low" for scale in scales)
    if outcome.event_is == "harm" or harmful:
        kind = 5 if outcome.event_is == "harm" else 6
    elif outcome.event_is != "benefit":
        kind = 4
    elif "satisf" in outcome.name.lower():
        kind = 1
    else:
        kind = 2 if category or scales else 0
    return (kind, int(bool(scales) and not outcome.parts), -len(studies), not outcome.parts)


def _arms_together(rows: tuple[RateRow, ...]) -> tuple[RateRow, ...]:
    studies: dict[tuple[str, str, str], list[RateRow]] = {}
    for row in rows:
        studies.setdefault((row.study_id, row.reason, row.printed), []).append(row)
    return tuple(
        replace(members[0], arm="; ".join(row.arm or row.arm_id for row in members))
        for members in studies.values()
    )


def _pairs_together(rows: tuple[ComparisonRow, ...]) -> tuple[ComparisonRow, ...]:
    studies: dict[tuple[str, str, str], list[ComparisonRow]] = {}
    for row in rows:
        studies.setdefault((row.study_id, row.reason, row.printed), []).append(row)
    return tuple(
        replace(
            members[0],
            label_e="; ".join(dict.fromkeys(row.label_e or row.arm_e for row in members)),
            label_c="; ".join(dict.fromkeys(row.label_c or row.arm_c for row in members)),
        )
        for members in studies.values()
    )


def _rate_key(row: RateRow) -> tuple[int, float, str]:
    if row.rate is not None and not math.isnan(row.rate):
        return (0, -row.rate, row.study)
    if row.events_max is not None and row.n:
        return (1, -row.events_max / row.n, row.study)
    return (2, 0.0, row.study)


def _comparison_key(row: ComparisonRow) -> tuple[bool, str, str]:
    bare = row.estimate is None and row.p_value_min is None and not bounded(row)
    return (bare, row.study or row.study_id, row.comparison_id)
