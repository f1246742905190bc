"""A table for people: as wide as there is room, readable with and without a terminal."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evsyn.cli.screen import printable

if TYPE_CHECKING:
    from rich.console import Console
    from rich.padding import Padding

__all__ = ["Column", "Sheet", "sheet_text"]

_PLAIN_WIDTH = 120
"""Columns of a table that goes to a file or a pipe, where ``COLUMNS`` says nothing else."""

_NARROWEST = 12
"""Columns are not made narrower than this, however narrow the screen."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a printed table: heading, side, and whether long cells may be wrapped."""

    heading: str
    justify: str = "left"
    wrap: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table for people.

    Attributes
    ----------
    columns : tuple of Column
        Columns; those that are empty in every row are left out when printed.
    rows : tuple of tuple of str
        Cells, as many a row as columns.
    title : str
        What is shown, under which methods.
    aside : str
        Said beside the title: which evidence, which assumptions.
    closing : tuple of str
        Lines below: counts, notes, what to do next.
    lines : tuple of str
        Rows that are sentences, one a line, between the table and the closing lines.
    groups : tuple of str
        Heading of each row, printed where it changes; empty: rows without headings.
    notes : tuple of str
        What a reader must know beyond the rows; wrapped, below the closing lines.
    reasons : tuple of str
        Why rows have no number; a cell refers to the first as ``[1]``.
    """

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    aside: str = ""
    closing: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def sheet_text(sheet: Sheet, *, terminal: bool, quiet: bool = False) -> str:
    """Return a table for people, as wide as there is room.

    Parameters
    ----------
    sheet : Sheet
        Title, columns, rows, closing lines.
    terminal : bool
        Whether it goes to a terminal: bold and the terminal's width.
    quiet : bool
        Leave title and closing lines out.

    Returns
    -------
    str
        The lines; without escape sequences where ``terminal`` is False.
    """
    from rich.console import Console  # heavy: machine forms and --help do without
    from rich.text import Text

    width = None if terminal else _plain_width()
    stream = io.StringIO()
    console = Console(
        file=stream,
        width=width,
        force_terminal=terminal,
        color_system="auto" if terminal else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    if not quiet:
        _heading(console, sheet)
    _table(console, sheet)
    _reasons(console, sheet.reasons)
    for line in sheet.lines:
        console.print(Text(printable(line)), soft_wrap=True)
    if not quiet:
        for line in sheet.closing:
            console.print(Text(printable(line)), soft_wrap=not terminal)
        _notes(console, sheet.notes)
    return "\n".join(line.rstrip() for line in stream.getvalue().split("\n"))


def _plain_width() -> int:
    """What ``COLUMNS`` says, where it says a width."""
    said = os.environ.get("COLUMNS", "")
    return int(said) if said.isdecimal() and int(said) else _PLAIN_WIDTH


def _heading(console: Console, sheet: Sheet) -> None:
    from rich.text import Text

    title, aside = printable(sheet.title), printable(sheet.aside)
    room = console.width - len(title) - len(aside)
    if title and aside and room >= 2:
        console.print(Text(title, style="bold") + Text(" " * room + aside, style="dim"))
        return
    if title:
        console.print(Text(title, style="bold"))
    if aside:
        console.print(Text(aside, style="dim"))


def _table(console: Console, sheet: Sheet) -> None:
    """Print the rows under their headings, every part with the same widths.

    Where the narrowest columns need more room than there is, lines run over: no number is cut.
    """
    from rich.text import Text

    shown = [
        index
        for index, _ in enumerate(sheet.columns)
        if any(row[index].strip() for row in sheet.rows)
    ]
    if not shown:
        return
    columns = [sheet.columns[index] for index in shown]
    rows = [[printable(row[index]) for index in shown] for row in sheet.rows]
    indent = 2 if any(sheet.groups) else 0
    widths = _widths(columns, rows, console.width - indent)
    room, needed = console.width, indent + sum(widths) + 2 * (len(widths) - 1)
    console.width = max(room, needed)
    groups = sheet.groups or ("",) * len(rows)
    part: list[list[str]] = []
    before = ""
    if any(column.heading for column in columns):
        console.print(_grid(columns, widths, [], indent, heading=True))
    for group, row in zip(groups, rows, strict=True):
        if group != before:
            if part:
                console.print(_grid(columns, widths, part, indent))
            console.print(Text(printable(group), style="bold"))
            part, before = [], group
        part.append(row)
    console.print(_grid(columns, widths, part, indent))
    console.width = room


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], room: int) -> list[int]:
    """Width of each column: what it needs, and less for those that wrap where room is short."""
    from rich.cells import cell_len

    needed = [
        max(cell_len(text) for text in (column.heading, *(row[index] for row in rows)))
        for index, column in enumerate(columns)
    ]
    excess = sum(needed) + 2 * (len(columns) - 1) - room
    while excess > 0:
        soft = [index for index, column in enumerate(columns) if column.wrap]
        widest = max(soft, key=lambda index: needed[index], default=None)
        if widest is None or needed[widest] <= _NARROWEST:
            break
        needed[widest] -= 1
        excess -= 1
    return needed


def _grid(
    columns: Sequence[Column],
    widths: Sequence[int],
    rows: Sequence[Sequence[str]],
    indent: int,
    *,
    heading: bool = False,
) -> Padding:
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    table = Table(
        box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=heading
    )
    for column, width in zip(columns, widths, strict=True):
        table.add_column(
            Text(column.heading),
            justify="right" if column.justify == "right" else "left",
            no_wrap=not column.wrap,
            overflow="fold",
            width=width,
        )
    for row in rows:
        table.add_row(*map(Text, row))
    return Padding(table, (0, 0, 0, indent))


def _notes(console: Console, notes: tuple[str, ...]) -> None:
    """Print sentences as wide as there is room; the lines of one hang together."""
    from rich.text import Text

    for note in notes:
        lines = Text(printable(note)).wrap(console, max(console.width - 2, 1))
        for number, line in enumerate(lines):
            console.print(Text("  " if number else "") + line)


def _reasons(console: Console, reasons: tuple[str, ...]) -> None:
    from rich.table import Table
    from rich.text import Text

    if not reasons:
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for number, reason in enumerate(reasons, start=1):
        table.add_row(Text(f"[{number}]"), Text(printable(reason)))
    console.print(table)
