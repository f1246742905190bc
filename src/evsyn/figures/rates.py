"""Response rates with their intervals: a table and a plot that share their rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from evsyn import formats
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
from evsyn.figures.style import INK, ROW, RULE, SOFT, drawing, wrapped
from evsyn.figures.svg import as_svg, figure_block
from evsyn.review.arrange import comparators, rate_groups, when, without_parts
from evsyn.review.blocks import Block
from evsyn.review.reasons import short_reason
from evsyn.synthesis.results import RateRow, Result
from evsyn.tables.ledger import Ledger

__all__ = ["draw_rates", "rates_block"]

PLOT = 210.0
HEAD = 30.0
FOOT = 24.0
_TICKS = (0, 25, 50, 75, 100)


@dataclass(frozen=True, slots=True)
class _Line:
    """A row of the figure and what it shows; headings have no row."""

    entry: Entry
    row: RateRow | None = None


def draw_rates(
    rates: Result[RateRow],
    *,
    ledger: Ledger | None = None,
    first: Sequence[str] = (),
    ax: Axes | None = None,
) -> Axes:
    """Draw rates with intervals; rows without a rate stay and show what is printed.

    Parameters
    ----------
    rates : Result of RateRow
        Output of ``Review.rates``.
    ledger : Ledger, optional
        Where the comparisons stand: arms that are only comparators get an open square.
    first : sequence of str
        Outcomes that lead, e.g. those of the declared analyses.
    ax : Axes, optional
        Axes to draw into; without them a figure as large as the rows need is made.

    Returns
    -------
    Axes
        Axes whose units are points.
    """
    lines = _lines(rates, ledger, first)
    columns = [
        Column("Study", 118.0),
        Column("Arm", 150.0),
        Column("Events/n", 80.0, "right"),
        Column(f"Rate ({_level(rates)} CI)", 120.0, "right"),
        Column("Status", 92.0, indent=12.0),
    ]
    entries = [line.entry for line in lines]
    with drawing():
        places, area, total = placed(columns, entries, plot_after=4, plot=PLOT)
        heights = [entry_height(entry, columns, total - 8.0) for entry in entries]
        sheet = Sheet((total, HEAD + sum(heights) + FOOT), ax)
        _head(sheet, columns, places, area)
        against = comparators(ledger)
        top = HEAD
        for line, height in zip(lines, heights, strict=True):
            if line.row is None:
                _heading(sheet, line.entry.heading, top)
            else:
                filled = (line.row.study_id, line.row.arm_id) not in against
                if line.row.rate is not None or (line.row.n and line.row.events_min is not None):
                    _grid(sheet, area, top, height)
                _cells(sheet, columns, places, line, top)
                _mark(sheet, line.row, area, top, filled)
            top += height
        _axis(sheet, area, top)
    return sheet.ax


def rates_block(
    rates: Result[RateRow],
    *,
    ledger: Ledger | None = None,
    first: Sequence[str] = (),
    known_only: bool = False,
    title: str = "Response rates with their intervals",
) -> Block:
    """Return the figure of :func:`draw_rates` as a block of a page.

    Parameters
    ----------
    rates : Result of RateRow
        Output of ``Review.rates``.
    ledger : Ledger, optional
        Where the comparisons stand.
    first : sequence of str
        Outcomes that lead.
    known_only : bool
        Whether rows without a rate or a range are left to the table.
    title : str
        Title of the figure.

    Returns
    -------
    Block
        Slot ``wide``: the SVG in a box of its own that scrolls, and a caption.
    """
    shown = rates if ledger is None else without_parts(rates, ledger, keep=first)
    if ledger is not None:
        kinds = {study.study_id: study.kind for study in ledger.studies}
        shown = replace(
            shown, rows=tuple(row for row in shown if kinds.get(row.study_id) != "review")
        )
    if known_only:
        told = [row for row in shown if row.rate is not None or row.events_min is not None]
        shown = replace(shown, rows=tuple(told))
    axes = draw_rates(shown, ledger=ledger, first=first)
    figure = axes.figure
    assert isinstance(figure, Figure)
    known = [row for row in shown if row.rate is not None]
    description = (
        f"{len(shown)} rows, {len(known)} of them with a rate. "
        + " ".join(_spoken(row) for row in known[:12])
        + (" The table holds all rows." if len(known) > 12 else "")
    )
    caption = (
        "Squares: rates on the line of their interval; filled for arms that a study tests, open "
        "for arms that are only comparators. Dashed bars: every rate that the printed values leave "
        "possible."
    )
    if len(shown) < len(rates) and not known_only:
        caption += " Single categories that an outcome unites stand in the table only."
    svg = as_svg(figure, title=title, description=description)
    return figure_block(svg, title=title, caption=caption, traces=[row.trace for row in shown])


def _lines(rates: Result[RateRow], ledger: Ledger | None, first: Sequence[str]) -> list[_Line]:
    known = [row.n for row in rates if row.rate is not None and row.n]
    digits = 1 if known and min(known) >= 100 else 0
    lines: list[_Line] = []
    for found in rate_groups(rates, ledger, first=first):
        lines.append(_Line(Entry(heading=found.title or "No outcome with a count was found")))
        before = ""
        for row in found.rows if found.title else _one_a_study(found.rows):
            name = row.study or row.study_id
            lines.append(_Line(_entry(row, name if name != before else "", digits), row))
            before = name
    return lines


def _one_a_study(rows: Sequence[RateRow]) -> Sequence[RateRow]:
    """Keep the first row of each study, for the whole of it."""
    firsts: dict[str, RateRow] = {}
    for row in rows:
        firsts.setdefault(row.study_id, replace(row, arm="every arm"))
    return tuple(firsts.values())


def _entry(row: RateRow, study: str, digits: int) -> Entry:
    mark = f"trace:{row.trace.trace_id}"
    missing = row.rate is None and row.events_min is None
    if not row.outcome_id:
        status = Words(row.status, mark="class:param")
        return Entry((Words(study), Words(row.arm), Words(), Words(), status))
    counts = Words(_counts(row), mark=mark, soft=row.events is None and row.events_min is None)
    return Entry(
        (
            Words(study),
            Words(row.arm or row.arm_id or "whole study", when(row)),
            counts,
            Words(_rate(row, digits), mark=mark, soft=missing),
            Words(row.status, mark="class:param"),
        )
    )


def _counts(row: RateRow) -> str:
    if row.events is not None and row.n is not None:
        return f"{row.events}/{row.n}"
    if row.events_min is not None and row.events_max is not None:
        size = f"/{row.n}" if row.n is not None else ""
        return f"{row.events_min} to {row.events_max}{size}"
    return f"{formats.MISSING}/{row.n}" if row.n is not None else formats.MISSING


def _rate(row: RateRow, digits: int) -> str:
    if row.rate is not None:
        text = formats.percent(row.rate, digits)
        if row.ci_lb is None or row.ci_ub is None:
            return text
        limits = [formats.percent(limit, digits)[:-1] for limit in (row.ci_lb, row.ci_ub)]
        return f"{text} ({' to '.join(limits)})"
    if row.n and row.events_min is not None and row.events_max is not None:
        ends = [formats.percent(events / row.n) for events in (row.events_min, row.events_max)]
        return " to ".join(ends)
    return formats.MISSING


def _spoken(row: RateRow) -> str:
    parts = [row.study or row.study_id, row.arm or row.arm_id, row.outcome or row.outcome_id]
    return f"{', '.join(part for part in parts if part)}: {_counts(row)}, {_rate(row, 0)}."


def _level(rates: Result[RateRow]) -> str:
    level = rates.settings.get("level", 0.95)
    return formats.percent(float(level) if isinstance(level, int | float) else 0.95)


def _head(sheet: Sheet, columns: list[Column], places: list[Place], area: Place) -> None:
    for column, place in zip(columns, places, strict=True):
        x = place.right if column.align == "right" else place.left
        sheet.text((x, 16.0), column.heading, mark="class:param", align=column.align, bold=True)
    _labels(sheet, area, 16.0)
    sheet.line((4.0, 22.0), (sheet.width - 4.0, 22.0), thick=1.1)


def _labels(sheet: Sheet, area: Place, y: float) -> None:
    for tick in _TICKS:
        text = f"{tick}%" if tick == _TICKS[-1] else str(tick)
        sheet.text((_x(area, tick / 100), y), text, mark="class:axis", align="center", ink=SOFT)


def _heading(sheet: Sheet, title: str, top: float) -> None:
    y = top + LEAD + ROW * 0.78
    for line in wrapped(title, sheet.width - 8.0, bold=True):
        sheet.text((4.0, y), line, bold=True)
        y += ROW


def _grid(sheet: Sheet, area: Place, top: float, height: float) -> None:
    for tick in _TICKS:
        x = _x(area, tick / 100)
        sheet.line((x, top), (x, top + height), ink=RULE, thick=0.7)


def _cells(
    sheet: Sheet, columns: list[Column], places: list[Place], line: _Line, top: float
) -> None:
    for column, place, words in zip(columns, places, line.entry.cells, strict=True):
        sheet.words(place, top, words, column)
    if line.row is not None and line.row.status:
        sheet.status((places[-1].left + 4.5, top + ROW * 0.55), line.row.status)


def _mark(sheet: Sheet, row: RateRow, area: Place, top: float, filled: bool) -> None:
    y = top + ROW * 0.55
    if row.rate is not None:
        if row.ci_lb is not None and row.ci_ub is not None:
            sheet.line((_x(area, row.ci_lb), y), (_x(area, row.ci_ub), y), ink=INK)
        sheet.square((_x(area, row.rate), y), 7.5, filled=filled)
    elif row.n and row.events_min is not None and row.events_max is not None:
        sheet.bar(_x(area, row.events_min / row.n), _x(area, row.events_max / row.n), y)
    else:
        text = wrapped(short_reason(row), PLOT - 8.0, size=SMALL, lines=1)[0]
        mark = f"trace:{row.trace.trace_id}"
        place = (area.left + 6.0, top + ROW * 0.75)
        sheet.text(place, text, mark=mark, size=SMALL, ink=SOFT)


def _axis(sheet: Sheet, area: Place, top: float) -> None:
    sheet.line((area.left, top + 2), (area.right, top + 2), thick=0.9)
    for tick in _TICKS:
        x = _x(area, tick / 100)
        sheet.line((x, top + 2), (x, top + 5), thick=0.9)
    _labels(sheet, area, top + 15.0)


def _x(area: Place, proportion: float) -> float:
    inner = 10.0
    inside = min(max(proportion, 0.0), 1.0)
    return area.left + inner + (area.right - area.left - 2 * inner) * inside
