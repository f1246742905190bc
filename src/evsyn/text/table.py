"""The frame of every table: caption, headings with scope, a box that scrolls, notes below."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evsyn.review.blocks import Block
from evsyn.tables.provenance import Trace
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, plain_text
from evsyn.text.numbers import distinct

__all__ = ["Column", "Section", "beneath", "cell", "framed", "heading", "headings", "with_reason"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column's heading and the class of its cells: ``r`` right-aligned, ``plot`` a drawing."""

    heading: Markup
    class_: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading of their own; an empty heading gives none."""

    heading: Markup
    rows: Sequence[Markup]


def cell(content: Markup, class_: str = "") -> Markup:
    """Return a data cell.

    Examples
    --------
    >>> cell(escape("5"), "r")
    '<td class="r">5</td>'
    """
    return element("td", content, class_=class_ or None)


def heading(content: Markup) -> Markup:
    """Return the cell that names its row."""
    return element("th", content, scope="row")


def framed(
    caption: Markup,
    columns: Sequence[Column],
    sections: Iterable[Section],
    *,
    traces: Iterable[Trace],
    notes: Markup = EMPTY,
    slot: str = "wide",
) -> Block:
    """Return a table as a block.

    Parameters
    ----------
    caption : Markup
        What the table shows.
    columns : sequence of Column
        Headings from left to right.
    sections : iterable of Section
        The rows.
    traces : iterable of Trace
        Traces of every number in the table.
    notes : Markup
        Explanation below the table.
    slot : str
        Where the table stands on the page.

    Returns
    -------
    Block
        A ``figure`` with the table in a box that scrolls sideways and can be reached by keyboard.
    """
    head = element(
        "thead",
        element(
            "tr",
            *(
                element("th", column.heading, scope="col", class_=column.class_ or None)
                for column in columns
            ),
        ),
    )
    bodies = [_body(section, len(columns)) for section in sections if section.rows]
    table = element("table", element("caption", caption), head, *bodies)
    box = element(
        "div",
        table,
        class_="scroll",
        tabindex="0",
        role="region",
        aria_label=plain_text(caption).replace("\n", " "),
    )
    below = element("figcaption", notes) if notes else EMPTY
    fragment = element("figure", box, below)
    return Block(fragment, plain_text(fragment), distinct(traces), slot)


def _body(section: Section, width: int) -> Markup:
    if not section.heading:
        return element("tbody", *section.rows)
    first = element("th", section.heading, scope="rowgroup", colspan=str(width), class_="group")
    return element("tbody", element("tr", first), *section.rows)


def with_reason(first: Markup, cells: Sequence[Markup], reason: Markup, *, width: int) -> Markup:
    """Return a row, and below it over the width of the table why it has no number.

    Parameters
    ----------
    first : Markup
        Content of the cell that names the row.
    cells : sequence of Markup
        The other cells, as elements.
    reason : Markup
        Why; empty where there is nothing to say.
    width : int
        Columns of the table.

    Returns
    -------
    Markup
        One ``tr``, or two of which the first names both.
    """
    if not reason:
        return element("tr", heading(first), *cells)
    name = element("th", first, scope="row", rowspan="2")
    below = element("td", reason, colspan=str(width - 1), class_="why")
    return joined([element("tr", name, *cells, class_="above"), element("tr", below)])


def headings(*names: str) -> list[Column]:
    """Return plain columns; a name that ends in ``>`` is right-aligned."""
    return [
        Column(escape(name.removesuffix(">").strip()), "r" if name.endswith(">") else "")
        for name in names
    ]


def beneath(content: Markup, class_: str = "sub") -> Markup:
    """Return secondary words on a line of their own; nothing for nothing.

    Examples
    --------
    >>> beneath(escape("at 3 months"))
    '<br><small class="sub">at 3 months</small>'
    """
    return Markup(f"<br>{element('small', content, class_=class_)}") if content else EMPTY
