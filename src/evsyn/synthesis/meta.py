"""Meta-analysis of comparisons: what may be pooled is declared, the rest stays out and is said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from evsyn.errors import StatsError
from evsyn.synthesis.cells import time_label
from evsyn.synthesis.declared import COUNT_METHODS, Analysis, Asked, as_asked
from evsyn.synthesis.members import PAIRED, Member, of_comparison
from evsyn.synthesis.pool_rows import Group, pool_row
from evsyn.synthesis.results import ComparisonRow, PoolRow, Result

__all__ = ["Columns", "pool_comparisons", "pool_members"]

Columns = Mapping[str, Mapping[str, str | float]]
"""Fields of studies by study id: what moderators, subgroups and orders are taken from."""


def pool_comparisons(
    comparisons: Result[ComparisonRow],
    *,
    analysis: Analysis | None = None,
    method: str = "",
    test: str = "",
    level: float | None = None,
    asked: Asked | None = None,
    columns: Columns | None = None,
) -> Result[PoolRow]:
    """Pool comparisons: a declared analysis, or each outcome for itself.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Rows with ``yi`` and ``vi`` on the pooling scale.
    analysis : Analysis, optional
        What may be pooled. Without it rows are grouped by outcome, value type, design and
        allocation, and nothing is pooled across groups.
    method : str, optional
        :data:`evsyn.literals.SynthesisMethod`, by default that of the analysis, else REML.
    test : {"auto", "knha", "adhoc", "z"}, optional
        Interval of the mean: ``auto`` takes Hartung-Knapp where k > 2 and tau² > 0, else Wald.
    level : float, optional
        Confidence level, by default that of the comparisons.
    asked : Asked, optional
        Moderators, subgroups, studies left out or added in turn, interval of tau², in place of
        what is declared.
    columns : mapping, optional
        Fields of the studies by study id, for moderators and subgroups.

    Returns
    -------
    Result of PoolRow
        One row per group; fewer than two studies are not pooled, and the row says so.

    Raises
    ------
    StatsError
        If an option is not allowed, or asks for what the data do not hold.

    References
    ----------
    Cochrane Handbook for Systematic Reviews of Interventions, 10.10.4.4 (interval of the mean).
    """
    found = columns or {}
    members = [of_comparison(row, found.get(row.study_id)) for row in comparisons.rows]
    wanted = asked or Asked()
    wanted = replace(wanted, method=method or wanted.method, test=test or wanted.test)
    own = replace(comparisons, rows=())
    if level is not None:
        own = replace(own, settings={**own.settings, "level": level})
    return pool_members(members, own, analysis=analysis, asked=wanted)


def pool_members(
    members: Sequence[Member],
    source: Result[Any],
    *,
    analysis: Analysis | None = None,
    asked: Asked | None = None,
) -> Result[PoolRow]:
    """Pool studies: a declared analysis, or each outcome for itself.

    Parameters
    ----------
    members : sequence of Member
        Studies with effects, and those without, which stay out and are said.
    source : Result
        Settings (``level``, ``measure``), notes and assumptions that they come with.
    analysis : Analysis, optional
        What may be pooled; without it each outcome, design and allocation for itself.
    asked : Asked, optional
        In place of what is declared.

    Returns
    -------
    Result of PoolRow
        One row per group.

    Raises
    ------
    StatsError
        If an option is not allowed, or asks for what the data do not hold.
    """
    level = float(cast(Any, source.settings.get("level", 0.95)))
    if not 0 < level < 1:
        raise StatsError(f"level={level!r}: expected a share between 0 and 1, e.g. 0.95")
    start = analysis or Analysis(measure=str(source.settings.get("measure", "RR")))
    declared = as_asked(start, asked or Asked())
    form = _declared if analysis else _by_outcome
    rows, notes = [], [*source.notes] if not analysis else []
    for group in form(members, declared):
        row, said = pool_row(group, level)
        rows.append(row)
        notes += said
    settings = {**source.settings, "method": declared.model, "test": declared.test}
    settings |= {"level": level} | ({"analysis": declared.name} if analysis else {})
    settings |= declared.settings
    return Result("pool", tuple(rows), settings, tuple(dict.fromkeys(notes)), source.assumptions)


def _declared(members: Sequence[Member], analysis: Analysis) -> list[Group]:
    candidates = [
        row
        for row in members
        if row.outcome_id in analysis.outcomes
        and _named(row, (*analysis.comparisons, *analysis.arms))
    ]
    types = list(dict.fromkeys(row.value_type for row in candidates if row.yi is not None)) or [""]
    groups = []
    for value_type in types:
        rows = [row for row in candidates if row.value_type == value_type or row.yi is None]
        found, left = _split(rows, analysis, lambda row: _refused(row, analysis))
        notes = _differences(found)
        kind = value_type or "type of value not stated"
        name = f"{analysis.name} ({kind})" if len(types) > 1 else analysis.name
        groups.append(Group(name, analysis, found, left, notes))
    return groups


def _differences(members: Sequence[Member]) -> tuple[str, ...]:
    """What differs between studies that stand together because it is declared."""
    notes = []
    if len({row.outcome_id for row in members}) > 1:
        names = ", ".join(dict.fromkeys(row.outcome for row in members))
        notes.append(f"Different outcome definitions stand together, as declared: {names}.")
    for what, found in (
        ("designs", {row.design for row in members}),
        ("allocations", {row.allocation for row in members}),
    ):
        if len(found) > 1:
            notes.append(f"Different {what} stand together, as declared: {_list(found)}.")
    times = {time_label(row.months, row.time_printed) for row in members}
    if len(times) > 1:
        notes.append(f"Different times stand together: {_list(times)}.")
    return tuple(notes)


def _named(row: Member, names: tuple[str, ...]) -> bool:
    own = {row.study_id, f"{row.study_id}/{row.comparison_id}"}
    return not names or bool(own & set(names))


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(name or "not stated" for name in names))


def _by_outcome(members: Sequence[Member], analysis: Analysis) -> list[Group]:
    found: dict[tuple[str, ...], list[Member]] = {}
    for row in members:
        if row.outcome_id or not row.comparison_id:
            key = (row.outcome_id, row.value_type, row.design, row.allocation)
            found.setdefault(key, []).append(row)
    groups = []
    for place, rows in found.items():
        own, left = _split(rows, analysis, lambda row: "")
        if own or len(found) == 1:
            name = ", ".join(part for part in place if part) if place[0] else "all studies"
            groups.append(Group(name, replace(analysis, name=name), own, left, ()))
    return groups


def _refused(row: Member, analysis: Analysis) -> str:
    if analysis.designs and row.design not in analysis.designs:
        return f"{row.design or 'no'} design, not admitted"
    if analysis.allocations and row.allocation not in analysis.allocations:
        return f"allocation {row.allocation or 'not stated'}, not admitted"
    return ""


def _split(
    rows: Iterable[Member], analysis: Analysis, refused: Callable[[Member], str]
) -> tuple[tuple[Member, ...], tuple[tuple[Member, str], ...]]:
    """Members, and why each of the others is none."""
    members: list[Member] = []
    left: list[tuple[Member, str]] = []
    for row in rows:
        why = refused(row) or _unusable(row, analysis)
        if why:
            left.append((row, why))
        else:
            members.append(row)
    several = {row.study_id for row in members}
    several = {
        study
        for study in several
        if study and sum(row.study_id == study and bool(row.comparison_id) for row in members) > 1
    }
    for study in sorted(several):
        first = next(row for row in members if row.study_id == study)
        left.append((first, "several rows of the same people; declare which one counts"))
    return tuple(row for row in members if row.study_id not in several), tuple(left)


def _unusable(row: Member, analysis: Analysis) -> str:
    """Why a study cannot enter by this method; empty where it can."""
    if analysis.model in COUNT_METHODS:
        if row.design in PAIRED:
            return (
                f"the same people in both arms: no counts of independent arms for {analysis.model}"
            )
        needed = _NEEDED[analysis.measure]
        if any(name not in row.data for name in needed):
            return row.reason or f"no counts ({', '.join(needed)}) for {analysis.model}"
        return _silent(row.data, analysis.measure)
    if row.yi is None:
        return row.reason or "no effect on the pooling scale"
    if not (row.vi or row.vi_max):
        return row.reason or "no variance"
    return ""


_ARMS = ("events_e", "n_e", "events_c", "n_c")
_RATES = ("events_e", "time_e", "events_c", "time_c")
_NEEDED = {
    **dict.fromkeys(("RR", "OR", "RD", "PETO"), _ARMS),
    **dict.fromkeys(("IRR", "IRD"), _RATES),
    "PLO": ("events", "n"),
    "IRLN": ("events", "time"),
}
"""Counts that the methods of counts pool, by measure."""


def _silent(data: Mapping[str, float], measure: str) -> str:
    """Why a table says nothing on a ratio; empty where it does."""
    if measure not in ("RR", "OR", "PETO", "IRR"):
        return ""
    if data["events_e"] == data["events_c"] == 0:
        return "no events in either arm: a ratio says nothing"
    full = measure in ("OR", "PETO") and data["events_e"] == data["n_e"]
    if full and data["events_c"] == data["n_c"]:
        return "an event in everyone of both arms: an odds ratio says nothing"
    return ""
