"""Forest plot: counts of both arms, effects with intervals, weights and pooled effects."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evsyn.figures.forest_rows import (
    Line,
    drawable,
    fitted,
    forest_columns,
    forest_lines,
    span_of,
    spoken,
)
from evsyn.figures.scale import RATIOS, Scale, effect_scale, tick_label
from evsyn.figures.sheet import (
    LEAD,
    SMALL,
    Column,
    Place,
    Sheet,
    entry_height,
    placed,
)
from evsyn.figures.style import ROW, RULE, SOFT, drawing, width, wrapped
from evsyn.figures.svg import as_svg, figure_block
from evsyn.review.arrange import comparison_groups, count_ranges, of_studies, without_parts
from evsyn.review.blocks import Block
from evsyn.review.reasons import short_reason
from evsyn.synthesis.results import ComparisonRow, PoolRow, RateRow, Result
from evsyn.tables.ledger import Ledger

__all__ = ["draw_forest", "forest_block"]

PLOT = 230.0
HEAD = 30.0
FOOT = 38.0
_EDGE = 12.0


def draw_forest(
    comparisons: Result[ComparisonRow],
    *,
    pool: Result[PoolRow] | None = None,
    ledger: Ledger | None = None,
    first: Sequence[str] = (),
    rates: Result[RateRow] | None = None,
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
    first : sequence of str
        Outcomes that lead, e.g. those of the declared analyses.
    rates : Result of RateRow, optional
        Output of ``Review.rates``: tells between which counts an arm lies.
    ax : Axes, optional
        Axes to draw into; without them a figure as large as the rows need is made.

    Returns
    -------
    Axes
        Axes whose units are points.
    """
    measure = str(comparisons.settings.get("measure", "RR"))
    lines, common = forest_lines(comparisons, pool, ledger, first=first, ranges=count_ranges(rates))
    columns = forest_columns(
        measure, comparisons, weights=any(line.weight is not None for line in lines)
    )
    lines = [replace(line, entry=fitted(line.entry, len(columns))) for line in lines]
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
    first: Sequence[str] = (),
    rates: Result[RateRow] | None = None,
    known_only: bool = False,
    title: str = "Effects with their intervals",
) -> Block:
    """Return the figure of :func:`draw_forest` as a block of a page.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare``; pooled results of reviews are left to their table.
    pool : Result of PoolRow, optional
        Output of ``Review.pool`` over the same comparisons.
    ledger : Ledger, optional
        Where outcomes say whether an event is a benefit or a harm.
    first : sequence of str
        Outcomes that lead.
    rates : Result of RateRow, optional
        Output of ``Review.rates``: tells between which counts an arm lies.
    known_only : bool
        Whether comparisons without effect, limits or range are left to the table.
    title : str
        Title of the figure.

    Returns
    -------
    Block
        Slot ``wide``: one SVG, or one per outcome where outcomes have units of their own.
    """
    studies = of_studies(comparisons)
    shown = studies if ledger is None else without_parts(studies, ledger, keep=first)
    if known_only:
        shown = replace(shown, rows=tuple(row for row in shown if drawable(row)))
    known = [row for row in shown if row.estimate is not None]
    rows = known[:12]
    description = (
        f"{len(shown)} comparisons, {len(known)} of them with an effect. "
        + " ".join(spoken(row) for row in rows)
        + (" The table holds all rows." if len(known) > len(rows) else "")
    )
    drawings = []
    for part in _parts(shown):
        figure = draw_forest(part, pool=pool, ledger=ledger, first=first, rates=rates).figure
        assert isinstance(figure, Figure)
        drawings.append(as_svg(figure, title=title, description=description))
    traces = [row.trace for row in shown]
    traces += [row.trace for row in pool or ()]
    caption = _caption(shown, pool)
    if len(shown) < len(studies) and not known_only:
        caption += " Single categories that an outcome unites stand in the table only."
    return figure_block("".join(drawings), title=title, caption=caption, traces=traces)


def _caption(comparisons: Result[ComparisonRow], pool: Result[PoolRow] | None) -> str:
    sentences = ["Squares: effects on the line of their interval; arrows: limits off the axis."]
    if any(row.p_value is None and row.p_value_min is not None for row in comparisons):
        sentences.append(
            "Dashed lines, open squares: the same people on both sides, totals of each side only; "
            "limits are the extremes over every pairing that the totals allow."
        )
    if pool is not None and any(row.estimate is not None for row in pool):
        sentences.append("Diamonds: pooled effects; the area of a square goes with its weight.")
    if any(row.estimate_min is not None and row.estimate is None for row in comparisons):
        sentences.append("Dashed bars: every effect that an open count leaves possible.")
    if not all(map(drawable, comparisons)):
        sentences.append("Comparisons without an effect are kept, with the reason.")
    return " ".join(sentences)


def _parts(comparisons: Result[ComparisonRow]) -> list[Result[ComparisonRow]]:
    """One result per outcome for differences in units, which share no axis."""
    if comparisons.settings.get("measure") != "MD":
        return [comparisons]
    groups = comparison_groups(comparisons)
    return [replace(comparisons, rows=found.rows) for found in groups] or [comparisons]


def _height(line: Line, columns: Sequence[Column], total: float) -> float:
    height = entry_height(line.entry, columns, total - 8.0)
    if line.row is not None and not drawable(line.row):
        lines = wrapped(short_reason(line.row), PLOT - 4.0, size=SMALL, lines=2)
        height = max(height, len(lines) * 0.75 * ROW + 7.0)
    return height


def _scale(lines: Iterable[Line], measure: str, area: Place) -> Scale:
    centers: list[float] = []
    ends: list[float] = []
    for line in lines:
        lower, middle, upper = span_of(line)
        centers += [] if middle is None else [middle]
        ends += [limit for limit in (lower, upper) if limit is not None]
    scale = effect_scale(centers, ends, logarithmic=measure in RATIOS)
    return replace(scale, left=area.left + _EDGE, right=area.right - _EDGE)


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
    line: Line,
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
    if line.row is None or drawable(line.row):
        _neutral(sheet, scale, top, height)
    for column, place, words in zip(columns, places, line.entry.cells, strict=True):
        sheet.words(place, top, words, column)
    status = line.row.status if line.row else line.pooled.status if line.pooled else ""
    sheet.status((places[-1].left + 4.5, top + ROW * 0.55), status)
    if line.pooled is not None:
        _diamond(sheet, scale, line, top + ROW * 0.55)
    elif line.row is not None and not drawable(line.row):
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


def _interval(sheet: Sheet, scale: Scale, line: Line, y: float) -> None:
    lower, middle, upper = span_of(line)
    assert line.row is not None
    if middle is None and line.row.estimate_min is not None and upper is not None:
        assert lower is not None
        sheet.bar(scale.x(lower), scale.x(upper), y)
        return
    ranged = line.row.ci_lb is None and line.row.ci_lb_min is not None
    if lower is not None and upper is not None:
        sheet.line((scale.x(lower), y), (scale.x(upper), y), dashed=ranged)
        if scale.beyond(lower) < 0:
            sheet.arrow(scale.left - 3.0, y, to_right=False)
        if scale.beyond(upper) > 0:
            sheet.arrow(scale.right + 3.0, y, to_right=True)
    elif middle is None:
        _open(sheet, scale, (lower, upper), y)
    if middle is None:
        return
    side = 7.0 if line.weight is None else 4.0 + 7.0 * math.sqrt(line.weight)
    if scale.logarithmic and middle <= 0:
        sheet.arrow(scale.left - 3.0, y, to_right=False)
    elif math.isfinite(middle):
        sheet.square((scale.x(middle), y), side, filled=not ranged)


def _open(sheet: Sheet, scale: Scale, ends: tuple[float | None, float | None], y: float) -> None:
    """Draw a line that has one limit only: towards nought or infinity."""
    lower, upper = ends
    start = scale.left - 3.0 if lower is None else scale.x(lower)
    end = scale.right + 3.0 if upper is None else scale.x(upper)
    sheet.line((start, y), (end, y))
    if lower is None:
        sheet.arrow(start, y, to_right=False)
    if upper is None:
        sheet.arrow(end, y, to_right=True)


def _diamond(sheet: Sheet, scale: Scale, line: Line, y: float) -> None:
    lower, middle, upper = span_of(line)
    if lower is not None and middle is not None and upper is not None:
        sheet.diamond((scale.x(lower), scale.x(upper)), scale.x(middle), y)


def _reason(sheet: Sheet, scale: Scale, row: ComparisonRow, top: float) -> None:
    """Say in the place of the plot why there is no effect."""
    left = scale.left - _EDGE + 2.0
    lines = wrapped(short_reason(row), PLOT - 4.0, size=SMALL, lines=2)
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
