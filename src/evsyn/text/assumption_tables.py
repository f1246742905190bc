"""Assumptions: what each says, whether it counts, and what accepting it would change."""

from __future__ import annotations

from evsyn.review.blocks import Block
from evsyn.synthesis.results import AssumptionRow, Result
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, plain_text, span
from evsyn.text.numbers import distinct, noted, traced_words
from evsyn.text.table import Section, beneath, cell, framed, heading, headings

__all__ = ["assumptions_table", "if_accepted"]


def assumptions_table(
    assumptions: Result[AssumptionRow], *, title: str = "Assumptions on offer"
) -> Block:
    """Return the assumptions as an accessible table.

    Parameters
    ----------
    assumptions : Result of AssumptionRow
        Output of ``Review.assumptions``.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``: statement, rationale, whether it counts, what accepting it changes.
    """
    notes, note_traces = noted(assumptions)
    return framed(
        escape(title),
        headings("Study", "Assumption", "Why it may hold", "Counts", "Accepting it"),
        [Section(EMPTY, [_row(row) for row in assumptions])],
        traces=[*(row.trace for row in assumptions), *note_traces],
        notes=joined(
            [
                escape(
                    "Assumptions of one group exclude each other. A rejected assumption leaves no "
                    "trace in any result; an accepted one is named wherever it matters."
                ),
                *notes,
            ],
            " ",
        ),
    )


def if_accepted(assumptions: Result[AssumptionRow], *, most: int = 3) -> Block:
    """Return the aside on what the rejected assumptions would change.

    Parameters
    ----------
    assumptions : Result of AssumptionRow
        Output of ``Review.assumptions``.
    most : int
        Most assumptions that are named: one a study, those that change most first.

    Returns
    -------
    Block
        Slot ``aside``; it says so where nothing would change.
    """
    open_ = [row for row in assumptions if not row.accepted and row.changes]
    first: dict[str, AssumptionRow] = {}
    for row in sorted(open_, key=lambda row: -len(row.changes)):
        first.setdefault(row.study_id or row.assumption_id, row)
    chosen = list(first.values())[:most]
    if not chosen:
        words = "No assumption that is rejected here would change a result of this page."
        return Block(f"<p>{words}</p>", words, (), "aside", "If you accept an assumption")
    items = [
        element(
            "li",
            joined([span("name", row.study or row.study_id), escape(": ")])
            if row.study or row.study_id
            else EMPTY,
            traced_words(row.statement, row.trace),
            escape(" "),
            element("span", traced_words(_short(row), row.trace)),
        )
        for row in chosen
    ]
    fragment = element("ul", *items)
    traces = distinct(row.trace for row in chosen)
    return Block(fragment, plain_text(fragment), traces, "aside", "If you accept an assumption")


def _short(row: AssumptionRow) -> str:
    """Return the effect of an assumption without the names of the rows that change."""
    opening, gives, _ = row.effect.partition("would give ")
    after = "; ".join(change[3] for change in row.changes[:3])
    return f"{opening}{gives}{after}." if gives else row.effect


def _row(row: AssumptionRow) -> Markup:
    mark = "● accepted" if row.accepted else "○ rejected"
    default = "" if row.accepted == (row.default == "accept") else f"by default: {row.default}"
    needs = joined((element("code", span("name", name)) for name in row.requires), ", ")
    below = joined([element("code", span("name", row.assumption_id)), _with(needs)], " ")
    return element(
        "tr",
        heading(span("name", row.study or row.study_id)),
        cell(joined([traced_words(row.statement, row.trace), beneath(below)])),
        cell(traced_words(row.rationale, row.trace)),
        cell(joined([span(f"as as-{mark[2:]}", mark), beneath(escape(default))])),
        cell(
            traced_words(row.effect, row.trace) if row.effect else span("none", "changes nothing")
        ),
    )


def _with(needs: Markup) -> Markup:
    return joined([escape("requires "), needs]) if needs else EMPTY
