"""The order and grouping in which pages show results; tables and figures share it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from evsyn.synthesis.results import ComparisonRow, RateRow, Result
from evsyn.tables.ledger import Ledger

__all__ = [
    "Group",
    "comparators",
    "comparison_groups",
    "known",
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
    rows: Iterable[RateRow], ledger: Ledger | None = None
) -> tuple[Group[RateRow], ...]:
    """Group rates by outcome: outcomes that most studies count first, best-known rows first.

    Parameters
    ----------
    rows : iterable of RateRow
        Rows in any order.
    ledger : Ledger, optional
        Where outcomes say what they are: benefits come before harms, and among outcomes of as
        many studies united ones before the categories they unite.

    Returns
    -------
    tuple of Group
        One per outcome. Within a group: rows with a rate from high to low, then those with a
        range, then those without. Rows without an outcome form the last group, titled ``""``,
        with the arms of a study in one row where the reason is the same.
    """
    groups = _grouped(rows, _rate_key)
    ranked = sorted(groups, key=lambda found: (not found.title, _rank(found, ledger)))
    return tuple(
        found if found.title else Group("", _arms_together(found.rows)) for found in ranked
    )


def without_parts(result: Result[Row], ledger: Ledger) -> Result[Row]:
    """Leave out categories where the outcome that unites them has a row of the same study.

    Parameters
    ----------
    result : Result of RateRow or ComparisonRow
        Output of ``Review.rates`` or ``Review.compare``.
    ledger : Ledger
        Where outcomes name their parts.

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
    }
    kept = tuple(row for row in result if (row.study_id, row.outcome_id) not in united)
    return replace(result, rows=kept)


def comparison_groups(
    rows: Iterable[ComparisonRow], ledger: Ledger | None = None
) -> tuple[Group[ComparisonRow], ...]:
    """Group comparisons by outcome, in the same order as rates; studies in order of name.

    Parameters
    ----------
    rows : iterable of ComparisonRow
        Rows in any order.
    ledger : Ledger, optional
        Where outcomes say what they are.

    Returns
    -------
    tuple of Group
        One per outcome, rows with an effect first. Rows without an outcome form the last group,
        titled ``""``, with the comparisons of a study in one row where the reason is the same.
    """
    groups = _grouped(rows, _comparison_key)
    ranked = sorted(groups, key=lambda found: (not found.title, _rank(found, ledger)))
    return tuple(
        found if found.title else Group("", _pairs_together(found.rows)) for found in ranked
    )


def comparators(ledger: Ledger | None) -> frozenset[tuple[str, str]]:
    """Return the (study, arm) ids that are comparator of a comparison and experimental in none."""
    if ledger is None:
        return frozenset()
    against = {(row.study_id, row.arm_c) for row in ledger.comparisons}
    return frozenset(against - {(row.study_id, row.arm_e) for row in ledger.comparisons})


def known(row: RateRow | ComparisonRow) -> bool:
    """Whether a row has its number: a rate, or an effect."""
    return (row.rate if isinstance(row, RateRow) else row.estimate) is not None


def when(row: RateRow | ComparisonRow) -> str:
    """Return what tells apart two rows of one arm and outcome: subgroup and time, as printed."""
    return ", ".join(part for part in (row.subgroup, row.time_printed) if part)


def _grouped(rows: Iterable[Row], key: Callable[[Row], tuple[Any, ...]]) -> tuple[Group[Row], ...]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.outcome or row.outcome_id, []).append(row)
    return tuple(Group(title, tuple(sorted(members, key=key))) for title, members in found.items())


def _rank(found: Group[Any], ledger: Ledger | None) -> tuple[int, int, bool]:
    """Benefits before harms, then outcomes of most studies, then united outcomes."""
    studies = {row.study_id for row in found.rows if known(row)}
    outcome = ledger.outcome.get(found.rows[0].outcome_id) if ledger else None
    if outcome is None:
        return (0, -len(studies), False)
    kind = {"benefit": 0, "harm": 2}.get(outcome.event_is, 1)
    return (kind, -len(studies), not outcome.parts)


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
    bare = row.estimate is None and row.p_value_min is None
    return (bare, row.study or row.study_id, row.comparison_id)
