"""The table of claims: what a text says, slot by slot, what the sources print, the verdict."""

from __future__ import annotations

from collections.abc import Mapping

from evsyn import formats
from evsyn.review.blocks import Block
from evsyn.synthesis.results import ClaimRow, Result
from evsyn.tables.ledger import Ledger
from evsyn.text.citations import cite, named
from evsyn.text.claim_evidence import field_words, printed_lines
from evsyn.text.markup import (
    EMPTY,
    Markup,
    element,
    escape,
    joined,
    listed,
    plain_text,
    span,
    words,
)
from evsyn.text.numbers import counted, distinct
from evsyn.text.status import VERDICTS, verdict_mark
from evsyn.text.table import Section, cell, framed, heading, headings

__all__ = ["claims_answer", "claims_facts", "claims_table", "verdict_legend"]


def claims_table(
    claims: Result[ClaimRow],
    *,
    documents: Mapping[str, str] | None = None,
    ledger: Ledger | None = None,
    title: str = "Claims against what the sources print",
) -> Block:
    """Return the claims as an accessible table, grouped by document.

    Parameters
    ----------
    claims : Result of ClaimRow
        Output of ``Review.claims``.
    documents : mapping, optional
        Names of documents for readers, by the name that the claims give.
    ledger : Ledger, optional
        Where the comparisons stand that the evidence names.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``; each row shows the slots of the claim apart, so that a right number with a
        wrong comparator is seen.
    """
    names = documents or {}
    sections = [
        Section(
            _document(document, names),
            [_row(row, ledger) for row in claims if row.document == document],
        )
        for document in dict.fromkeys(row.document for row in claims)
    ]
    return framed(
        escape(title),
        headings("The text says", "Taken apart", "The sources print", "Verdict"),
        sections,
        traces=[row.trace for row in claims],
    )


def claims_answer(claims: Result[ClaimRow], *, slot: str = "lede", most: int = 5) -> Block:
    """Answer with the counts of the verdicts and the claims that the sources contradict.

    Parameters
    ----------
    claims : Result of ClaimRow
        Output of ``Review.claims``.
    slot : str
        Where the answer stands on the page.
    most : int
        Most contradicted claims that are quoted.

    Returns
    -------
    Block
        Two sentences; where there is no claim they say so.
    """
    if not len(claims):
        return Block("<p>No claim was examined.</p>", "No claim was examined.", (), slot)
    settings = {"command": claims.command, **claims.settings}
    documents = len({row.document for row in claims})
    total, first = counted("claims", len(claims), "rows of the claim ledger", settings=settings)
    inside, second = counted("documents", documents, "distinct documents", settings=settings)
    passages = len({(row.document, row.quote) for row in claims})
    quotes, third = counted("quotes", passages, "distinct quotes of documents", settings=settings)
    used = [first, third, second]
    counts = []
    for verdict, one, many in _TOLD:
        value = sum(row.verdict == verdict for row in claims)
        if value:
            shown, trace = counted(verdict, value, f"claims that are {verdict}", settings=settings)
            counts.append(joined([shown, escape(f" {formats.plural(value, one, many)}")]))
            used.append(trace)
    noun = formats.plural(len(claims), "statement", "statements")
    source = formats.plural(passages, "quoted passage", "quoted passages")
    place = formats.plural(documents, "document", "documents")
    opening = joined(
        [
            escape("Of "),
            joined([total, escape(f" {noun} in "), quotes, escape(f" {source} of ")]),
            joined([inside, escape(place)], " "),
            escape(", " if counts else " none is supported, contradicted or open"),
            listed(counts),
            escape("."),
        ]
    )
    wrong = [row for row in claims if row.verdict == "contradicted"][:most]
    quoted = listed(joined([element("q", escape(row.quote)), cite(row.citekeys)]) for row in wrong)
    second_sentence = joined([escape("The sources contradict "), quoted, escape(".")])
    fragment = element("p", joined([opening, second_sentence if wrong else EMPTY], " "))
    return Block(fragment, plain_text(fragment), distinct(used), slot)


_TOLD = (
    ("supported", "is supported as it stands", "are supported as they stand"),
    ("contradicted", "is contradicted by the sources", "are contradicted by the sources"),
    ("not verifiable", "could not be checked", "could not be checked"),
)
"""Verdicts of the answer in words; the facts below it have them all."""


def claims_facts(claims: Result[ClaimRow]) -> Block:
    """Return the verdicts with their counts as the bar under the answer.

    Parameters
    ----------
    claims : Result of ClaimRow
        Output of ``Review.claims``.

    Returns
    -------
    Block
        Slot ``facts``.
    """
    settings = {"command": claims.command, **claims.settings}
    items, traces = [], []
    for verdict in VERDICTS:
        value = sum(row.verdict == verdict for row in claims)
        shown, trace = counted(verdict, value, f"claims that are {verdict}", settings=settings)
        items.append(element("li", element("b", shown), escape(" "), verdict_mark(verdict)))
        traces.append(trace)
    fragment = element("ul", *items, class_="facts")
    return Block(fragment, plain_text(fragment), distinct(traces), "facts")


def verdict_legend() -> Block:
    """Return what each verdict means, for the notes of a page.

    Returns
    -------
    Block
        Slot ``note``.
    """
    items = [
        joined([verdict_mark(verdict), escape(f": {meaning}")])
        for verdict, (_, meaning) in VERDICTS.items()
    ]
    fragment = element("p", joined(items, "; "), escape("."))
    return Block(fragment, plain_text(fragment), slot="note")


def _document(document: str, names: Mapping[str, str]) -> Markup:
    if document not in names:
        return span("name", document)
    file = element("small", element("code", escape(document)))
    return joined([span("name", names[document]), file], " ")


def _row(row: ClaimRow, ledger: Ledger | None) -> Markup:
    reason = element("small", words(row.reason), class_="why")
    verdict = element("span", verdict_mark(row.verdict), data_trace=row.trace.trace_id)
    quote = joined([element("q", escape(row.quote)), span("ref", f" {row.claim_id}")])
    source = named(row.study, row.citekeys) if row.study else cite(row.citekeys)
    printed = printed_lines(row, ledger)
    if not printed:
        read = " in what was read" if row.study else ""
        printed = [span("none", f"nothing to hold against it{read}")]
    return element(
        "tr",
        heading(quote),
        cell(_slots(row)),
        cell(joined([element("div", source) if source else EMPTY, *printed])),
        cell(joined([verdict, reason])),
    )


def _slots(row: ClaimRow) -> Markup:
    """Return the slots that the claim fills: term and value side by side."""
    unit = "month" if row.months == 1 else "months"
    time = "" if row.months is None else f"{formats.compact(row.months)} {unit}"
    if row.months == 0:
        time = "end of treatment"
    slots = [
        ("source", row.cites),
        ("treatment", row.intervention),
        ("against", row.comparator),
        ("outcome", row.outcome or row.outcome_id),
        ("time", time),
        ("of how many", row.n),
        (field_words(row.field) or "value", row.printed),
    ]
    filled = [(name, value) for name, value in slots if value]
    return element(
        "dl",
        *(
            joined([element("dt", escape(name)), element("dd", span("quote", value))])
            for name, value in filled
        ),
        class_="slots",
    )
