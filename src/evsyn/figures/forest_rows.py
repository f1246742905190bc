"""Rows of a forest plot: what stands in the columns, what each side favours, which weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from evsyn import formats
from evsyn.figures.sheet import Column, Entry, Words
from evsyn.review.arrange import (
    CountRanges,
    Group,
    arm_range,
    bounded,
    comparison_groups,
    known,
    when,
)
from evsyn.synthesis.results import ComparisonRow, PoolRow, Result
from evsyn.tables.ledger import Ledger

__all__ = ["Line", "drawable", "fitted", "forest_columns", "forest_lines", "span_of", "spoken"]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the figure: a comparison, a pooled effect, or words across the sheet."""

    entry: Entry
    row: ComparisonRow | None = None
    pooled: PoolRow | None = None
    weight: float | None = None
    favours: tuple[str, str] | None = None


def forest_lines(
    comparisons: Result[ComparisonRow],
    pool: Result[PoolRow] | None,
    ledger: Ledger | None,
    *,
    first: Sequence[str] = (),
    ranges: CountRanges | None = None,
) -> tuple[list[Line], tuple[str, str] | None]:
    """Return the rows of the figure, and what the sides favour where all outcomes agree.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        What is drawn.
    pool : Result of PoolRow or None
        One pooled effect over these comparisons; others are left to the table.
    ledger : Ledger or None
        Where outcomes say which direction is good.
    first : sequence of str
        Outcomes that lead.
    ranges : dict, optional
        Between which counts arms lie whose count is open.

    Returns
    -------
    tuple of list of Line and tuple of str
        Lines from top to bottom; left and right label, or None.
    """
    groups = comparison_groups(comparisons, ledger, first=first)
    sides = [_sides(found, ledger) for found in groups]
    common = sides[0] if sides and len(set(sides)) == 1 else None
    pooled = _pooled(comparisons, pool)
    lines: list[Line] = []
    for place, (found, side) in enumerate(zip(groups, sides, strict=True)):
        lines.append(Line(Entry(heading=found.title or "No outcome with a count was found")))
        before = ""
        for row in found.rows:
            name = row.study or row.study_id
            weight = _weight(row, pooled)
            lines.append(
                Line(
                    _entry(row, name if name != before else "", weight, ranges or {}),
                    row,
                    weight=weight,
                )
            )
            before = name
        if common is None and side is not None and _last(groups, sides, place):
            lines.append(Line(Entry(heading=" "), favours=side))
    if pooled is not None:
        lines.append(Line(_pool_entry(pooled), pooled=pooled))
    return lines, common


def _last(
    groups: Sequence[Group[ComparisonRow]], sides: Sequence[tuple[str, str] | None], place: int
) -> bool:
    """Whether a group is the last one drawn before the sides change their meaning."""
    if not any(map(drawable, groups[place].rows)):
        return False
    later = [
        side
        for found, side in zip(groups[place + 1 :], sides[place + 1 :], strict=True)
        if any(map(drawable, found.rows))
    ]
    return not later or later[0] != sides[place]


def drawable(row: ComparisonRow) -> bool:
    """Whether a row has a mark of its own: an effect, its limits, or the range it lies in."""
    return known(row) or bounded(row)


def _pooled(comparisons: Result[ComparisonRow], pool: Result[PoolRow] | None) -> PoolRow | None:
    """Return the one pooled effect whose studies are all drawn, each with one effect."""
    rows = [row for row in pool or () if row.estimate is not None]
    if len(rows) != 1:
        return None
    drawn = [row for row in comparisons if row.estimate is not None]
    names = [name for row in drawn for name in {row.study_id, row.study}]
    once = all(names.count(name) == 1 for name in rows[0].studies)
    return rows[0] if once and rows[0].studies else None


def _weight(row: ComparisonRow, pooled: PoolRow | None) -> float | None:
    if pooled is None or row.estimate is None:
        return None
    weights = dict(zip(pooled.studies, pooled.weights, strict=False))
    return weights.get(row.study_id, weights.get(row.study))


def _sides(found: Group[ComparisonRow], ledger: Ledger | None) -> tuple[str, str] | None:
    """What the left and the right of no effect favour, if the outcome says so."""
    if ledger is None or not found.rows:
        return None
    outcome = ledger.outcome.get(found.rows[0].outcome_id)
    if outcome is None:
        return None
    counts = found.rows[0].measure in ("RR", "OR", "RD")
    good = {"benefit": True, "harm": False}.get(outcome.event_is) if counts else None
    if good is None:
        good = {"high": True, "low": False}.get(outcome.better)
    if good is None:
        return None
    sides = ("favours comparator", "favours experimental")
    return sides if good else (sides[1], sides[0])


def forest_columns(
    measure: str, comparisons: Result[ComparisonRow], *, weights: bool
) -> list[Column]:
    """Return the text columns; the third is followed by the plot."""
    level = comparisons.settings.get("level", 0.95)
    percent = formats.percent(float(level) if isinstance(level, int | float) else 0.95)
    columns = [
        Column("Study", 125.0),
        Column("Experimental", 118.0),
        Column("Comparator", 118.0),
        Column(f"{measure} ({percent} CI)", 130.0, "right"),
    ]
    if weights:
        columns.append(Column("Weight", 50.0, "right"))
    return [*columns, Column("Status", 90.0, indent=12.0)]


def fitted(entry: Entry, size: int) -> Entry:
    """Drop the weight of an entry where the sheet has no such column."""
    if not entry.cells or len(entry.cells) == size:
        return entry
    return replace(entry, cells=(*entry.cells[:4], entry.cells[-1]))


def _entry(row: ComparisonRow, study: str, weight: float | None, ranges: CountRanges) -> Entry:
    mark = f"trace:{row.trace.trace_id}"
    share = "" if weight is None else formats.percent(weight, 1)
    return Entry(
        (
            Words(study, when(row)),
            _side(row, "e", ranges),
            _side(row, "c", ranges),
            Words(_effect(row), mark=mark, soft=row.estimate is None),
            Words(share, mark=mark),
            Words(row.status, mark="class:param"),
        )
    )


def _pool_entry(pooled: PoolRow) -> Entry:
    mark = f"trace:{pooled.trace.trace_id}"
    natural = pooled.natural
    effect = _with_interval(
        natural.get("estimate"), natural.get("ci_lb"), natural.get("ci_ub"), pooled.measure
    )
    below = ""
    if pooled.i2 is not None and pooled.tau2 is not None and pooled.k > 1:
        below = f"I² {formats.decimals(pooled.i2, 0)}%, τ² {formats.ratio(pooled.tau2)}"
    name = f"Pooled, {pooled.method}"
    return Entry(
        (
            Words(name, mark="class:name"),
            Words(f"{pooled.k} {formats.plural(pooled.k, 'study', 'studies')}", mark=mark),
            Words(below, mark=mark, soft=True),
            Words(effect, mark=mark),
            Words("100%" if len(pooled.weights) else "", mark=mark),
            Words(pooled.status, mark="class:param"),
        )
    )


def _side(row: ComparisonRow, side: str, ranges: CountRanges) -> Words:
    """Return counts or means of one arm with its label; of rows without an outcome the label."""
    mark = f"trace:{row.trace.trace_id}"
    if side == "e":
        arm, label, events, n, mean, sd = (
            *(row.arm_e, row.label_e, row.events_e),
            *(row.n_e, row.mean_e, row.sd_e),
        )
    else:
        arm, label, events, n, mean, sd = (
            *(row.arm_c, row.label_c, row.events_c),
            *(row.n_c, row.mean_c, row.sd_c),
        )
    if not row.outcome_id:
        return Words("", label)
    between = arm_range(row, arm, ranges)
    if events is None and between is not None and n is not None:
        return Words(f"{between[0]} to {between[1]}/{n}", label, mark=mark)
    return Words(_arm(events, n, mean, sd), label, mark=mark)


def _arm(events: int | None, n: int | None, mean: float | None, sd: float | None) -> str:
    size = "" if n is None else str(n)
    if events is not None:
        return f"{events}/{size or formats.MISSING}"
    if mean is not None:
        spread = f" ({formats.ratio(sd)})" if sd is not None else ""
        return f"{formats.ratio(mean)}{spread}" + (f", n {size}" if size else "")
    return f"n {size}" if size else formats.MISSING


def _effect(row: ComparisonRow) -> str:
    if row.estimate is None and row.estimate_min is not None and row.estimate_max is not None:
        ends = (row.estimate_min, row.estimate_max)
        return " to ".join(_printed(end, row.measure) for end in ends)
    if bounded(row):
        lower = formats.MISSING if row.ci_lb is None else _printed(row.ci_lb, row.measure)
        upper = "∞" if row.ci_ub is None else _printed(row.ci_ub, row.measure)
        return f"{formats.MISSING} ({lower} to {upper})"
    if row.ci_lb is None and row.ci_lb_min is not None:
        return _with_interval(
            row.estimate, row.ci_lb_min, row.ci_ub_max, row.measure, within="within "
        )
    return _with_interval(row.estimate, row.ci_lb, row.ci_ub, row.measure)


def _with_interval(
    estimate: float | None,
    lower: float | None,
    upper: float | None,
    measure: str,
    *,
    within: str = "",
) -> str:
    if estimate is None:
        return formats.MISSING
    if lower is None or upper is None:
        return _printed(estimate, measure)
    limits = f"{_printed(lower, measure)} to {_printed(upper, measure)}"
    return f"{_printed(estimate, measure)} ({within}{limits})"


def _printed(value: float, measure: str) -> str:
    return formats.percent(value, 1) if measure == "RD" else formats.ratio(value)


def spoken(row: ComparisonRow) -> str:
    """Return a comparison as a sentence for those who do not see the figure."""
    arms = f"{row.label_e or row.arm_e} against {row.label_c or row.arm_c}"
    return f"{row.study or row.study_id}, {arms}, {row.outcome}: {row.measure} {_effect(row)}."


def span_of(line: Line) -> tuple[float | None, float | None, float | None]:
    """Return lower limit, estimate and upper limit of a line, natural scale."""
    if line.pooled is not None:
        natural = line.pooled.natural
        return natural.get("ci_lb"), natural.get("estimate"), natural.get("ci_ub")
    row = line.row
    if row is None or not drawable(row):
        return None, None, None
    if row.estimate is None:
        if row.estimate_min is not None:
            return row.estimate_min, None, row.estimate_max
        return row.ci_lb, None, row.ci_ub
    if row.ci_lb is None:
        return row.ci_lb_min, row.estimate, row.ci_ub_max
    return row.ci_lb, row.estimate, row.ci_ub
