"""Forest plot: counts of both arms, effects with intervals, weights and pooled effects."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evsyn import formats
from evsyn.figures.scale import RATIOS, Scale, effect_scale, tick_label
from evsyn.figures.sheet import (
    LEAD,
    SMALL,
    Column,
    Entry,
    Place,
    Sheet,
    Words,
    entry_height,
    placed,
)
from evsyn.figures.style import PAPER, ROW, RULE, SOFT, drawing, width, wrapped
from evsyn.figures.svg import as_svg, figure_block
from evsyn.review.arrange import Group, comparison_groups, when
from evsyn.review.blocks import Block
from evsyn.synthesis.results import ComparisonRow, PoolRow, Result
from evsyn.tables.ledger import Ledger

__all__ = ["draw_forest", "forest_block"]

PLOT = 230.0
HEAD = 30.0
FOOT = 38.0
_EDGE = 12.0


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the figure: a comparison, a pooled effect, or words across the sheet."""

    entry: Entry
    row: ComparisonRow | None = None
    pooled: PoolRow | None = None
    weight: float | None = None
    favours: tuple[str, str] | None = None


def draw_forest(
    comparisons: Result[ComparisonRow],
    *,
    pool: Result[PoolRow] | None = None,
    ledger: Ledger | None = None,
    ax: Axes | None = None,
) -> Axes:
    """Draw effects with intervals; comparisons without an effect stay and say why.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare``.
    pool : Result of PoolRow, optional
        Output of ``Review.pool`` over the same comparisons: adds weights and diamonds.
    ledger : Ledger, optional
        Where outcomes say whether an event is a benefit or a harm: adds what each side favours.
    ax : Axes, optional
        Axes to draw into; without them a figure as large as the rows need is made.

    Returns
    -------
    Axes
        Axes whose units are points.
    """
    measure = str(comparisons.settings.get("measure", "RR"))
    lines, common = _lines(comparisons, pool, ledger)
    columns = _columns(measure, comparisons, weights=any(line.weight is not None for line in lines))
    lines = [replace(line, entry=_fitted(line.entry, len(columns))) for line in lines]
    with drawing():
        entries = [line.entry for line in lines]
        places, area, total = placed(columns, entries, plot_after=3, plot=PLOT)
        heights = [_height(line, columns, total) for line in lines]
        sheet = Sheet((total, HEAD + sum(heights) + FOOT), ax)
        scale = _scale(lines, measure, area)
        _head(sheet, columns, places, scale, measure)
        top = HEAD
        for line, height in zip(lines, heights, strict=True):
            _draw(sheet, columns, places, scale, line=line, top=top, height=height)
            top += height
        _axis(sheet, scale, measure, top)
        if common is not None:
            _favours(sheet, scale, common, top + 28.0)
    return sheet.ax


def forest_block(
    comparisons: Result[ComparisonRow],
    *,
    pool: Result[PoolRow] | None = None,
    ledger: Ledger | None = None,
    title: str = "Effects with their intervals",
) -> Block:
    """Return the figure of :func:`draw_forest` as a block of a page.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare``.
    pool : Result of PoolRow, optional
        Output of ``Review.pool`` over the same comparisons.
    ledger : Ledger, optional
        Where outcomes say whether an event is a benefit or a harm.
    title : str
        Title of the figure.

    Returns
    -------
    Block
        Slot ``wide``: one SVG, or one per outcome where outcomes have units of their own.
    """
    known = [row for row in comparisons if row.estimate is not None]
    rows = [*known[:12]]
    description = (
        f"{len(comparisons)} comparisons, {len(known)} of them with an effect. "
        + " ".join(_spoken(row) for row in rows)
        + (" The table holds all rows." if len(known) > len(rows) else "")
    )
    drawings = []
    for part in _parts(comparisons):
        figure = draw_forest(part, pool=pool, ledger=ledger).figure
        assert isinstance(figure, Figure)
        drawings.append(as_svg(figure, title=title, description=description))
    traces = [row.trace for row in comparisons]
    traces += [row.trace for row in pool or ()]
    return figure_block(
        "".join(drawings), title=title, caption=_caption(comparisons, pool), traces=traces
    )


def _caption(comparisons: Result[ComparisonRow], pool: Result[PoolRow] | None) -> str:
    sentences = ["Squares: effects on the line of their interval; arrows: limits off the axis."]
    if any(row.p_value is None and row.p_value_min is not None for row in comparisons):
        sentences.append(
            "Dashed lines, open squares: the same people on both sides, totals of each side only; "
            "limits are the extremes over every pairing that the totals allow."
        )
    if pool is not None and any(row.estimate is not None for row in pool):
        sentences.append("Diamonds: pooled effects; the area of a square goes with its weight.")
    if any(row.estimate is None for row in comparisons):
        sentences.append("Comparisons without an effect are kept, with the reason.")
    return " ".join(sentences)


def _parts(comparisons: Result[ComparisonRow]) -> list[Result[ComparisonRow]]:
    """One result per outcome for differences in units, which share no axis."""
    if comparisons.settings.get("measure") != "MD":
        return [comparisons]
    groups = comparison_groups(comparisons)
    return [replace(comparisons, rows=found.rows) for found in groups] or [comparisons]


def _lines(
    comparisons: Result[ComparisonRow], pool: Result[PoolRow] | None, ledger: Ledger | None
) -> tuple[list[_Line], tuple[str, str] | None]:
    groups = comparison_groups(comparisons)
    sides = [_sides(found, ledger) for found in groups]
    common = sides[0] if sides and len(set(sides)) == 1 else None
    lines: list[_Line] = []
    for found, side in zip(groups, sides, strict=True):
        lines.append(_Line(Entry(heading=found.title or "Outcome not stated")))
        pooled = _pooled(found, pool)
        weights = dict(zip(pooled.studies, pooled.weights, strict=False)) if pooled else {}
        before = ""
        for row in found.rows:
            name = row.study or row.study_id
            weight = weights.get(row.study_id, weights.get(row.study))
            lines.append(
                _Line(_entry(row, name if name != before else "", weight), row, weight=weight)
            )
            before = name
        if pooled is not None:
            lines.append(_Line(_pool_entry(pooled), pooled=pooled))
        if common is None and side is not None:
            lines.append(_Line(Entry(heading=" "), favours=side))
    return lines, common


def _pooled(found: Group[ComparisonRow], pool: Result[PoolRow] | None) -> PoolRow | None:
    """Return the pooled row whose studies are those of a group."""
    if pool is None:
        return None
    names = {row.study_id for row in found.rows} | {row.study for row in found.rows}
    for row in pool:
        fits = {row.group, *row.studies} & {found.title, *(r.outcome_id for r in found.rows)}
        if row.estimate is not None and row.studies and set(row.studies) <= names:
            return row
        if row.estimate is not None and fits:
            return row
    return None


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


def _columns(measure: str, comparisons: Result[ComparisonRow], *, weights: bool) -> list[Column]:
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


def _fitted(entry: Entry, size: int) -> Entry:
    """Drop the weight of an entry where the sheet has no such column."""
    if not entry.cells or len(entry.cells) == size:
        return entry
    return replace(entry, cells=(*entry.cells[:4], entry.cells[-1]))


def _entry(row: ComparisonRow, study: str, weight: float | None) -> Entry:
    mark = f"trace:{row.trace.trace_id}"
    share = "" if weight is None else formats.percent(weight / 100.0, 1)
    return Entry(
        (
            Words(study, when(row)),
            Words(_arm(row.events_e, row.n_e, row.mean_e, row.sd_e), row.label_e, mark=mark),
            Words(_arm(row.events_c, row.n_c, row.mean_c, row.sd_c), row.label_c, mark=mark),
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


def _arm(events: int | None, n: int | None, mean: float | None, sd: float | None) -> str:
    size = "" if n is None else str(n)
    if events is not None:
        return f"{events}/{size or formats.MISSING}"
    if mean is not None:
        spread = f" ({formats.ratio(sd)})" if sd is not None else ""
        return f"{formats.ratio(mean)}{spread}" + (f", n {size}" if size else "")
    return f"n {size}" if size else formats.MISSING


def _effect(row: ComparisonRow) -> str:
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


def _spoken(row: ComparisonRow) -> str:
    arms = f"{row.label_e or row.arm_e} against {row.label_c or row.arm_c}"
    return f"{row.study or row.study_id}, {arms}, {row.outcome}: {row.measure} {_effect(row)}."


def _height(line: _Line, columns: Sequence[Column], total: float) -> float:
    height = entry_height(line.entry, columns, total - 8.0)
    if line.row is not None and line.row.estimate is None and line.row.reason:
        lines = wrapped(line.row.reason, PLOT - 4.0, size=SMALL, lines=3)
        height = max(height, len(lines) * 0.75 * ROW + 7.0)
    return height


def _scale(lines: Iterable[_Line], measure: str, area: Place) -> Scale:
    centers: list[float] = []
    ends: list[float] = []
    for line in lines:
        lower, middle, upper = _span(line)
        centers += [] if middle is None else [middle]
        ends += [limit for limit in (lower, upper) if limit is not None]
    scale = effect_scale(centers, ends, logarithmic=measure in RATIOS)
    return replace(scale, left=area.left + _EDGE, right=area.right - _EDGE)


def _span(line: _Line) -> tuple[float | None, float | None, float | None]:
    if line.pooled is not None:
        natural = line.pooled.natural
        return natural.get("ci_lb"), natural.get("estimate"), natural.get("ci_ub")
    row = line.row
    if row is None or row.estimate is None:
        return None, None, None
    if row.ci_lb is None:
        return row.ci_lb_min, row.estimate, row.ci_ub_max
    return row.ci_lb, row.estimate, row.ci_ub


def _head(
    sheet: Sheet, columns: list[Column], places: list[Place], scale: Scale, measure: str
) -> None:
    for column, place in zip(columns, places, strict=True):
        x = place.right if column.align == "right" else place.left
        sheet.text((x, 16.0), column.heading, mark="class:param", align=column.align, bold=True)
    _labels(sheet, scale, measure, 16.0)
    sheet.line((4.0, 22.0), (sheet.width - 4.0, 22.0), thick=1.1)


def _labels(sheet: Sheet, scale: Scale, measure: str, y: float) -> None:
    for tick in scale.ticks:
        label = tick_label(tick, percent=measure == "RD")
        sheet.text((scale.x(tick), y), label, mark="class:axis", align="center", ink=SOFT)


def _draw(
    sheet: Sheet,
    columns: list[Column],
    places: list[Place],
    scale: Scale,
    *,
    line: _Line,
    top: float,
    height: float,
) -> None:
    if line.favours is not None:
        _favours(sheet, scale, line.favours, top + 12.0)
        return
    if line.entry.heading:
        for index, text in enumerate(wrapped(line.entry.heading, sheet.width - 8.0, bold=True)):
            sheet.text((4.0, top + LEAD + ROW * (0.78 + index)), text, bold=True)
        return
    _neutral(sheet, scale, top, height)
    for column, place, words in zip(columns, places, line.entry.cells, strict=True):
        sheet.words(place, top, words, column)
    status = line.row.status if line.row else line.pooled.status if line.pooled else ""
    sheet.status((places[-1].left + 4.5, top + ROW * 0.55), status)
    if line.pooled is not None:
        _diamond(sheet, scale, line, top + ROW * 0.55)
    elif line.row is not None and line.row.estimate is None:
        _reason(sheet, scale, line.row, top)
    elif line.row is not None:
        _interval(sheet, scale, line, top + ROW * 0.55)


def _neutral(sheet: Sheet, scale: Scale, top: float, height: float) -> None:
    x = scale.x(scale.neutral)
    sheet.line((x, top), (x, top + height), ink=SOFT, thick=0.8)
    for tick in scale.ticks:
        if tick != scale.neutral:
            at = scale.x(tick)
            sheet.line((at, top), (at, top + height), ink=RULE, thick=0.6)


def _interval(sheet: Sheet, scale: Scale, line: _Line, y: float) -> None:
    lower, middle, upper = _span(line)
    assert middle is not None
    assert line.row is not None
    ranged = line.row.ci_lb is None and line.row.ci_lb_min is not None
    if lower is not None and upper is not None:
        sheet.line((scale.x(lower), y), (scale.x(upper), y), dashed=ranged)
        if scale.beyond(lower) < 0:
            sheet.arrow(scale.left - 3.0, y, to_right=False)
        if scale.beyond(upper) > 0:
            sheet.arrow(scale.right + 3.0, y, to_right=True)
    side = 7.0 if line.weight is None else 4.0 + 7.0 * math.sqrt(min(line.weight, 100.0) / 100.0)
    if math.isfinite(middle):
        sheet.square((scale.x(middle), y), side, filled=not ranged)


def _diamond(sheet: Sheet, scale: Scale, line: _Line, y: float) -> None:
    lower, middle, upper = _span(line)
    if lower is not None and middle is not None and upper is not None:
        sheet.diamond((scale.x(lower), scale.x(upper)), scale.x(middle), y)


def _reason(sheet: Sheet, scale: Scale, row: ComparisonRow, top: float) -> None:
    """Say in the plot why there is no effect, on paper that hides the line of no effect."""
    left = scale.left - _EDGE + 2.0
    lines = wrapped(row.reason or row.status, PLOT - 4.0, size=SMALL, lines=3)
    high = ROW * 0.75 * len(lines)
    widest = max(width(text, SMALL) for text in lines)
    sheet.cover((left - 1.0, top), (left + widest + 1.0, top + high + 3.0), ink=PAPER)
    y = top + ROW * 0.7
    for text in lines:
        mark = f"trace:{row.trace.trace_id}"
        sheet.text((left, y), text, mark=mark, size=SMALL, ink=SOFT)
        y += ROW * 0.75


def _axis(sheet: Sheet, scale: Scale, measure: str, top: float) -> None:
    sheet.line((scale.left, top + 2), (scale.right, top + 2), thick=0.9)
    for tick in scale.ticks:
        sheet.line((scale.x(tick), top + 2), (scale.x(tick), top + 5), thick=0.9)
    _labels(sheet, scale, measure, top + 15.0)


def _favours(sheet: Sheet, scale: Scale, sides: tuple[str, str], y: float) -> None:
    """Write what either side favours, from the middle outwards or, where short of room, inwards."""
    middle = scale.x(scale.neutral)
    left, right = f"← {sides[0]}", f"{sides[1]} →"
    if middle - scale.left + _EDGE >= width(left, SMALL) + 3.0:
        start = middle - 4.0
    else:
        start = scale.left - _EDGE + width(left, SMALL)
    sheet.text((start, y), left, mark="class:axis", align="right", size=SMALL, ink=SOFT)
    begin = max(start + 8.0, middle + 4.0)
    if begin + width(right, SMALL) > scale.right + _EDGE:
        begin = max(start + 8.0, scale.right + _EDGE - width(right, SMALL))
    sheet.text((begin, y), right, mark="class:axis", size=SMALL, ink=SOFT)
