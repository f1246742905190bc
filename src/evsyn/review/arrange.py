"""The order and grouping in which pages show results; tables and figures share it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from evsyn.synthesis.results import ComparisonRow, RateRow
from evsyn.tables.ledger import Ledger

__all__ = ["Group", "comparators", "comparison_groups", "rate_groups", "when"]

Row = TypeVar("Row", RateRow, ComparisonRow)


@dataclass(frozen=True, slots=True)
class Group(Generic[Row]):
    """Rows of one outcome under its name, in the order shown."""

    title: str
    rows: tuple[Row, ...]


def rate_groups(rows: Iterable[RateRow]) -> tuple[Group[RateRow], ...]:
    """Group rates by outcome: outcomes with the most rates first, best-known rows first.

    Parameters
    ----------
    rows : iterable of RateRow
        Rows in any order.

    Returns
    -------
    tuple of Group
        One per outcome. Within a group: rows with a rate from high to low, then those with a
        range, then those without. Rows without an outcome form the last group, titled ``""``.
    """
    return _grouped(rows, known=lambda row: row.rate is not None, key=_rate_key)


def comparison_groups(rows: Iterable[ComparisonRow]) -> tuple[Group[ComparisonRow], ...]:
    """Group comparisons by outcome, those with the most effects first; studies in order of name."""
    return _grouped(rows, known=lambda row: row.estimate is not None, key=_comparison_key)


def comparators(ledger: Ledger | None) -> frozenset[tuple[str, str]]:
    """Return the (study, arm) ids that are comparator of a comparison and experimental in none."""
    if ledger is None:
        return frozenset()
    against = {(row.study_id, row.arm_c) for row in ledger.comparisons}
    return frozenset(against - {(row.study_id, row.arm_e) for row in ledger.comparisons})


def when(row: RateRow | ComparisonRow) -> str:
    """Return what tells apart two rows of one arm and outcome: subgroup and time, as printed."""
    return ", ".join(part for part in (row.subgroup, row.time_printed) if part)


def _grouped(
    rows: Iterable[Row], known: Callable[[Row], bool], key: Callable[[Row], tuple[Any, ...]]
) -> tuple[Group[Row], ...]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row.outcome or row.outcome_id, []).append(row)
    groups = [Group(title, tuple(sorted(members, key=key))) for title, members in found.items()]
    return tuple(sorted(groups, key=lambda group: (not group.title, -sum(map(known, group.rows)))))


def _rate_key(row: RateRow) -> tuple[int, float, str]:
    if row.rate is not None and not math.isnan(row.rate):
        return (0, -row.rate, row.study)
    if row.events_max is not None and row.n:
        return (1, -row.events_max / row.n, row.study)
    return (2, 0.0, row.study)


def _comparison_key(row: ComparisonRow) -> tuple[bool, str, str]:
    bare = row.estimate is None and row.p_value_min is None
    return (bare, row.study or row.study_id, row.comparison_id)
