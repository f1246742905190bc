"""A sheet laid out in points: text columns beside a plot, rows as high as their words need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Patch, Polygon, Rectangle, Wedge

from evsyn.figures.style import ACCENT, INK, PAPER, ROW, SIZE, SOFT, width, wrapped

__all__ = ["LEAD", "SMALL", "Column", "Entry", "Sheet", "Words", "entry_height", "placed"]

SMALL = 7.5
"""Size of secondary text in points."""

GAP = 14.0
MARGIN = 4.0
PADDING = 7.0
LEAD = 6.0
"""Room above a heading in points."""


@dataclass(frozen=True, slots=True)
class Words:
    """Text of one cell.

    Attributes
    ----------
    text : str
        The main words.
    below : str
        Secondary words under them.
    mark : str
        What the text is in the page: ``trace:ID`` for computed numbers, ``class:name``,
        ``class:quote``, ``class:param`` or ``class:axis`` for others.
    soft : bool
        Set in the lighter ink.
    """

    text: str = ""
    below: str = ""
    mark: str = "class:name"
    soft: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A text column.

    Attributes
    ----------
    heading : str
        Its heading.
    limit : float
        Widest line in points.
    align : str
        ``left`` or ``right``.
    indent : float
        Room left of the words, for a symbol.
    """

    heading: str
    limit: float
    align: str = "left"
    indent: float = 0.0


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: cells from left to right, or a heading across the sheet."""

    cells: tuple[Words, ...] = ()
    heading: str = ""
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """Where a column ended up: left and right edge in points."""

    left: float
    right: float


def entry_height(entry: Entry, columns: Sequence[Column], total: float) -> float:
    """Height in points that a row needs for its longest cell.

    Parameters
    ----------
    entry : Entry
        The row.
    columns : sequence of Column
        Columns of its cells.
    total : float
        Width of the sheet, for headings.

    Returns
    -------
    float
        At least one line and the padding.
    """
    if entry.heading:
        return LEAD + len(wrapped(entry.heading, total, bold=True)) * ROW + PADDING
    tallest = float(entry.lines)
    for words, column in zip(entry.cells, columns, strict=True):
        lines = len(wrapped(words.text, column.limit)) if words.text else 0
        small = len(wrapped(words.below, column.limit, size=SMALL)) if words.below else 0
        tallest = max(tallest, lines + 0.8 * small)
    return tallest * ROW + PADDING


def placed(
    columns: Sequence[Column], entries: Sequence[Entry], *, plot_after: int, plot: float
) -> tuple[list[Place], Place, float]:
    """Give each column the room its widest cell takes, up to its limit.

    Parameters
    ----------
    columns : sequence of Column
        Text columns from left to right.
    entries : sequence of Entry
        All rows.
    plot_after : int
        Number of text columns left of the plot.
    plot : float
        Width of the plot in points.

    Returns
    -------
    tuple
        Places of the columns, place of the plot, width of the sheet.
    """
    places: list[Place] = []
    area = Place(0.0, 0.0)
    x = MARGIN
    for index in range(len(columns) + 1):
        if index == plot_after:
            area = Place(x, x + plot)
            x += plot + GAP
        if index < len(columns):
            taken = _taken(columns[index], [entry.cells[index] for entry in entries if entry.cells])
            places.append(Place(x, x + taken))
            x += taken + GAP
    return places, area, x - GAP + MARGIN


def _taken(column: Column, cells: Sequence[Words]) -> float:
    widest = width(column.heading, bold=True)
    for words in cells:
        for line in wrapped(words.text, column.limit) if words.text else ():
            widest = max(widest, width(line))
        for line in wrapped(words.below, column.limit, size=SMALL) if words.below else ():
            widest = max(widest, width(line, SMALL))
    return widest + column.indent + 1.0


class Sheet:
    """Axes whose units are points, with the origin at the top left.

    Parameters
    ----------
    size : tuple of float
        Width and height in points.
    ax : Axes, optional
        Axes to draw into; without them a figure of that size is made.
    """

    def __init__(self, size: tuple[float, float], ax: Axes | None = None) -> None:
        self.width, self.height = size
        if ax is None:
            figure = Figure(figsize=(self.width / 72.0, self.height / 72.0))
            figure.patch.set_visible(False)
            ax = figure.add_axes((0.0, 0.0, 1.0, 1.0))
        ax.set_xlim(0.0, self.width)
        ax.set_ylim(self.height, 0.0)
        ax.set_axis_off()
        self.ax = ax

    def text(
        self,
        position: tuple[float, float],
        text: str,
        *,
        mark: str = "class:name",
        align: str = "left",
        size: float = SIZE,
        ink: str = INK,
        bold: bool = False,
    ) -> None:
        """Write one line; ``position`` is the anchor on its baseline."""
        if not text:
            return
        line = self.ax.text(
            *position,
            text,
            ha=align,
            va="baseline",
            fontsize=size,
            color=ink,
            fontweight="bold" if bold else "normal",
        )
        line.set_gid(mark)

    def words(self, place: Place, top: float, words: Words, column: Column) -> None:
        """Write a cell from its top downwards."""
        x = place.right if column.align == "right" else place.left + column.indent
        y = top + ROW * 0.78
        ink = SOFT if words.soft else INK
        for line in wrapped(words.text, column.limit) if words.text else ():
            self.text((x, y), line, mark=words.mark, align=column.align, ink=ink)
            y += ROW
        for line in wrapped(words.below, column.limit, size=SMALL) if words.below else ():
            self.text(
                (x, y - 1.5), line, mark="class:quote", align=column.align, size=SMALL, ink=SOFT
            )
            y += ROW * 0.8

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        *,
        ink: str = INK,
        thick: float = 1.2,
        dashed: bool = False,
    ) -> None:
        """Draw a line."""
        self.ax.add_line(
            Line2D(
                (start[0], end[0]),
                (start[1], end[1]),
                color=ink,
                linewidth=thick,
                linestyle=(0, (3.0, 2.0)) if dashed else "solid",
                solid_capstyle="butt",
                clip_on=False,
            )
        )

    def square(self, center: tuple[float, float], side: float, *, filled: bool = True) -> None:
        """Draw a square, filled or open."""
        corner = (center[0] - side / 2, center[1] - side / 2)
        face = ACCENT if filled else PAPER
        self._add(Rectangle(corner, side, side, facecolor=face, edgecolor=ACCENT, linewidth=1.2))

    def bar(self, start: float, end: float, y: float) -> None:
        """Draw a dashed bar: a value somewhere between two."""
        self._add(
            Rectangle(
                (start, y - 3.5),
                max(end - start, 1.5),
                7.0,
                facecolor="none",
                edgecolor=ACCENT,
                linewidth=1.1,
                linestyle=(0, (3.0, 2.0)),
            )
        )

    def diamond(self, ends: tuple[float, float], middle: float, y: float) -> None:
        """Draw a pooled effect: a diamond from limit to limit."""
        points = [(ends[0], y), (middle, y - 5.0), (ends[1], y), (middle, y + 5.0)]
        self._add(Polygon(points, closed=True, facecolor=ACCENT, edgecolor=ACCENT))

    def arrow(self, tip: float, y: float, *, to_right: bool) -> None:
        """Draw the head of a line that leaves the plot."""
        back = tip - 5.0 if to_right else tip + 5.0
        points = [(tip, y), (back, y - 3.0), (back, y + 3.0)]
        self._add(Polygon(points, closed=True, facecolor=INK, edgecolor=INK))

    def _add(self, patch: Patch) -> None:
        patch.set_clip_on(False)
        patch.set_zorder(3.0)
        self.ax.add_patch(patch)
        patch.set_clip_path(None)

    def status(self, center: tuple[float, float], status: str) -> None:
        """Draw the shape of a status; the word stands beside it."""
        x, y = center
        if status in ("not found", "not reported", ""):
            self.line((x - 3.5, y), (x + 3.5, y), ink=SOFT, thick=1.3)
            return
        if status == "conflicting":
            points = [(x - 4, y), (x, y - 4), (x + 4, y), (x, y + 4)]
            self._add(Polygon(points, closed=True, facecolor="none", edgecolor=INK, linewidth=1.1))
            return
        style: str | tuple[float, tuple[float, float]] = (
            (0.0, (1.6, 1.3)) if status == "ambiguous" else "solid"
        )
        face = INK if status == "reported" else "none"
        self._add(
            Circle(center, 3.4, facecolor=face, edgecolor=INK, linewidth=1.1, linestyle=style)
        )
        if status == "derived":
            self._add(Wedge(center, 3.4, -90, 90, facecolor=INK, edgecolor="none"))
