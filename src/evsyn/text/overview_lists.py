"""The counts of an overview, side by side in short lists."""

from __future__ import annotations

from collections.abc import Sequence

from evsyn import formats
from evsyn.review.blocks import Block
from evsyn.synthesis.results import CountRow, Result
from evsyn.text.markup import Markup, element, escape, joined, plain_text
from evsyn.text.numbers import count, distinct
from evsyn.text.status import status_mark

__all__ = ["overview_lists"]

_LISTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Sources by kind", ("kind: ",)),
    ("Studies of patients", ("design: ", "allocation: ")),
    ("What was read", ("sources", "read: ")),
    ("Printed values", ("values", "quoted", "unquoted", "checked", "outcomes")),
    ("Values by status", ("status: ",)),
    ("Response rates", ("rates", "ranges", "without", "studies with a rate")),
    ("Judgements", ("assumptions", "accepted", "findings", "claims")),
)
"""Heading of each list, and names of its counts; a name that ends in a space begins many."""

_NOUNS = {
    "kind: trial": ("trial", "trials"),
    "kind: case series": ("case series", "case series"),
    "kind: letter": ("letter", "letters"),
    "kind: registry": ("registry record", "registry records"),
    "kind: review": ("review", "reviews"),
    "kind: clearance": ("device clearance", "device clearances"),
    "kind: regulator": ("page of a regulator", "pages of regulators"),
    "kind: article": ("article", "articles"),
    "design: single-arm": ("with one arm", "with one arm"),
    "design: parallel": ("with parallel groups", "with parallel groups"),
    "design: within-person": ("within persons", "within persons"),
    "design: incomplete-block": ("in incomplete blocks", "in incomplete blocks"),
    "allocation: randomised": ("randomised", "randomised"),
    "allocation: non-randomised": ("not randomised", "not randomised"),
    "allocation: not stated": ("allocation not stated", "allocation not stated"),
    "sources": ("document", "documents"),
    "read: full text": ("in full", "in full"),
    "read: abstract": ("abstract only", "abstracts only"),
    "read: page excerpt": ("excerpt of a page", "excerpts of pages"),
    "read: secondary": ("as told by another source", "as told by other sources"),
    "read: registry record": ("registry record", "registry records"),
    "values": ("printed value", "printed values"),
    "quoted": ("with a verbatim quote", "with a verbatim quote"),
    "unquoted": ("without a quote", "without a quote"),
    "checked": ("read twice", "read twice"),
    "outcomes": ("outcome with a value", "outcomes with a value"),
    "rates": ("arm with a rate", "arms with a rate"),
    "ranges": ("known as a range", "known as ranges"),
    "without": ("row without a rate", "rows without a rate"),
    "studies with a rate": ("study with a rate", "studies with a rate"),
    "assumptions": ("assumption on offer", "assumptions on offer"),
    "accepted": ("of them accepted", "of them accepted"),
    "findings": ("finding on the evidence", "findings on the evidence"),
    "claims": ("claim examined", "claims examined"),
}


def overview_lists(overview: Result[CountRow], *, title: str = "The evidence in counts") -> Block:
    """Return the counts of an overview that are not nought as short lists beside each other.

    Parameters
    ----------
    overview : Result of CountRow
        Output of ``Review.overview``.
    title : str
        What the lists are, for those who hear the page.

    Returns
    -------
    Block
        Slot ``wide``.
    """
    lists = []
    shown: list[CountRow] = []
    for heading, names in _LISTS:
        rows = [row for row in overview if row.value and _named(row.name, names)]
        if rows:
            shown += rows
            lists.append(_list(heading, rows))
    fragment = element("div", *lists, class_="lists", role="group", aria_label=title)
    return Block(fragment, plain_text(fragment), distinct(row.trace for row in shown), "wide")


def _named(name: str, names: Sequence[str]) -> bool:
    return any(name == known or (known[-1] == " " and name.startswith(known)) for known in names)


def _list(heading: str, rows: Sequence[CountRow]) -> Markup:
    items = [
        element("li", element("b", count(row.value, row.trace)), escape(" "), _noun(row))
        for row in rows
    ]
    return element("section", element("h3", escape(heading)), element("ul", joined(items)))


def _noun(row: CountRow) -> Markup:
    if row.name.startswith("status: "):
        return status_mark(row.name.removeprefix("status: "))
    one, many = _NOUNS.get(row.name, (row.label, row.label))
    return escape(formats.plural(row.value, one, many))
