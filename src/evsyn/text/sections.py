"""Sections around the results: what a page rests on, how much there is, and its limits."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TypeVar

from evsyn import formats
from evsyn.review.arrange import bounded, known
from evsyn.review.blocks import Block
from evsyn.synthesis.results import ClaimRow, ComparisonRow, CountRow, RateRow, Result
from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Trace
from evsyn.text.markup import Markup, element, escape, joined, listed, plain_text
from evsyn.text.numbers import count, counted, distinct, noted
from evsyn.text.status import MEANINGS, status_mark

__all__ = [
    "claims_limits",
    "evidence_answer",
    "limits",
    "overview_facts",
    "rests_on",
    "without_reviews",
]

Row = TypeVar("Row", RateRow, ComparisonRow)

_ANSWER = (
    (
        ("studies", "The evidence holds ", "study or other source", "studies and other sources"),
        ("primary", ", ", "of them a study of patients", "of them studies of patients"),
    ),
    (
        ("values", "They give ", "printed value", "printed values"),
        ("quoted", ", ", "with the words around it", "with the words around them"),
        ("checked", ", and ", "was read twice", "were read twice"),
    ),
    (
        ("rates", "From them follow ", "response rate", "response rates"),
        ("studies with a rate", " in ", "study", "studies"),
        ("ranges", "; ", "more is known as a range only", "more are known as ranges only"),
    ),
)
"""Sentences of the answer: name of the count, words before it, noun in singular and plural."""


def rests_on(result: Result[Row], *, what: str = "row", ledger: Ledger | None = None) -> Block:
    """Return the aside that counts what the results of a page rest on.

    Parameters
    ----------
    result : Result
        Rates or comparisons.
    what : str
        Noun for one result: ``rate``, ``comparison``.
    ledger : Ledger, optional
        Which studies are reviews: what these print of others is not counted.

    Returns
    -------
    Block
        Slot ``aside``: results by status, printed values behind them, accepted assumptions.
    """
    settings = {"command": result.command, **result.settings}
    result = without_reviews(result, ledger)
    by_status = Counter(row.status for row in result)
    items, traces = [], []
    for status in MEANINGS:
        if not by_status[status]:
            continue
        noun = formats.plural(by_status[status], what)
        shown, trace = counted(
            f"{status} {noun}", by_status[status], f"rows that are {status}", settings=settings
        )
        items.append(element("li", element("b", shown), escape(" "), status_mark(status)))
        traces.append(trace)
    quotes = {q.extraction_id: q for row in result for q in row.trace.quotes}
    without = sum(not quote.text for quote in quotes.values())
    shown, trace = counted(
        "printed values",
        len(quotes),
        "distinct printed values at the ends of the traces",
        settings=settings,
    )
    noun = formats.plural(len(quotes), "printed value")
    traces.append(trace)
    behind = joined([element("b", shown), escape(f" {noun} behind them")])
    if without:
        below, bare = counted(
            "without a quote",
            without,
            "printed values whose words are not at hand",
            settings=settings,
        )
        traces.append(bare)
        behind = joined([behind, escape(", "), below, escape(" without the words around")])
    items.append(element("li", behind, class_="all"))
    names = [element("code", escape(name)) for name in _used(result)]
    if names:
        noun = formats.plural(len(names), "assumption", "assumptions")
        items.append(element("li", escape(f"{noun} in force: "), listed(names), class_="all"))
    title = f"What the {formats.plural(2, what)} rest on"
    fragment = element("ul", *items, class_="rests")
    return Block(fragment, plain_text(fragment), distinct(traces), "aside", title)


def overview_facts(overview: Result[CountRow], *, names: str = "") -> Block:
    """Return the counts of an overview as the bar of facts.

    Parameters
    ----------
    overview : Result of CountRow
        Output of ``Review.overview``.
    names : str
        Names of the counts shown, comma-separated; empty: all.

    Returns
    -------
    Block
        Slot ``facts``.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    rows = [row for row in overview if not wanted or row.name in wanted]
    items = [
        element("li", element("b", count(row.value, row.trace)), escape(f" {row.label}"))
        for row in rows
    ]
    fragment = element("ul", *items, class_="facts")
    return Block(fragment, plain_text(fragment), distinct(row.trace for row in rows), "facts")


def evidence_answer(overview: Result[CountRow], *, slot: str = "lede") -> Block:
    """Answer what the evidence holds and what can be computed from it.

    Parameters
    ----------
    overview : Result of CountRow
        Output of ``Review.overview``.
    slot : str
        Where the answer stands on the page.

    Returns
    -------
    Block
        A paragraph; counts that are nought are left out.
    """
    found = {row.name: row for row in overview if row.value}
    if not found:
        return Block("<p>The evidence is empty.</p>", "The evidence is empty.", (), slot)
    used: list[CountRow] = []
    sentences = []
    for clauses in _ANSWER:
        parts = []
        for name, before, one, many in clauses:
            row = found.get(name)
            if row is not None:
                used.append(row)
                noun = formats.plural(row.value, one, many)
                parts.append(
                    joined([escape(before), count(row.value, row.trace), escape(f" {noun}")])
                )
        if parts and found.get(clauses[0][0]):
            sentences.append(joined([joined(parts), escape(".")]))
    fragment = element("p", joined(sentences, " "))
    return Block(fragment, plain_text(fragment), distinct(row.trace for row in used), slot)


def claims_limits(claims: Result[ClaimRow]) -> Block:
    """Return what limits the verdicts on claims.

    Parameters
    ----------
    claims : Result of ClaimRow
        Output of ``Review.claims``.

    Returns
    -------
    Block
        Slot ``main``: a list.
    """
    settings = {"command": claims.command, **claims.settings}
    open_ = sum(row.verdict == "not verifiable" for row in claims)
    bare = sum(not row.evidence for row in claims)
    traces: list[Trace] = []
    items: list[Markup] = []
    for value, how, one, many in (
        (
            open_,
            "claims whose verdict is not verifiable",
            "claim could not be checked, which does not make it wrong",
            "claims could not be checked, which does not make them wrong",
        ),
        (
            bare,
            "claims for whose study, outcome and field no printed value is entered",
            "claim has nothing printed in the evidence to be held against",
            "claims have nothing printed in the evidence to be held against",
        ),
    ):
        if value:
            noun = formats.plural(value, one, many)
            shown, trace = counted(noun, value, how, settings=settings)
            items.append(element("li", shown, escape(f" {noun}.")))
            traces.append(trace)
    items.append(
        element(
            "li",
            escape(
                "Verdicts are judgements of readers on the words of a text; the sources were read "
                "as far as the table of studies says."
            ),
        )
    )
    fragment = element("ul", *items)
    return Block(fragment, plain_text(fragment), distinct(traces), "main")


def limits(result: Result[Row], ledger: Ledger) -> Block:
    """Return what limits the results of a page, counted from the tables.

    Parameters
    ----------
    result : Result
        Rates or comparisons.
    ledger : Ledger
        Designs of the studies and how far their reports were read. Reviews are not counted:
        what they print of other studies is no result of their own.

    Returns
    -------
    Block
        Slot ``main``: a list; each limit appears only where it holds.
    """
    settings = {"command": result.command, **result.settings}
    traces: list[Trace] = []
    items: list[Markup] = []
    result = without_reviews(result, ledger)
    studies = {row.study_id for row in result}
    for value, how, one, many in _limits(result, ledger, studies):
        if not value:
            continue
        shown, trace = counted(formats.plural(value, one, many), value, how, settings=settings)
        items.append(element("li", shown, escape(f" {formats.plural(value, one, many)}.")))
        traces.append(trace)
    told: tuple[list[Markup], list[Trace]] = noted(result)
    items += [element("li", note) for note in told[0]]
    items.append(
        element(
            "li",
            escape(
                "Each study defines its own outcomes; results under different names are not "
                "compared, and nothing is pooled that is not declared as poolable."
            ),
        )
    )
    fragment = element("ul", *items)
    return Block(fragment, plain_text(fragment), distinct([*traces, *told[1]]), "main")


def _limits(
    result: Result[Row], ledger: Ledger, studies: set[str]
) -> list[tuple[int, str, str, str]]:
    members = [ledger.study[name] for name in studies if name in ledger.study]
    scopes: dict[str, set[str]] = {}
    for report in ledger.reports:
        scopes.setdefault(report.study_id, set()).add(report.read_scope)
    unread = sum("full text" not in scopes.get(study.study_id, set()) for study in members)
    open_ = [study for study in members if study.allocation in ("not stated", "non-randomised")]
    doubtful = sum(row.status in ("ambiguous", "conflicting") for row in result)
    bare = sum(row.status in ("not found", "not reported") for row in result)
    return [
        (
            unread,
            "studies of which no report was read in full",
            "study was read in part only: abstract, excerpt or record",
            "studies were read in part only: abstract, excerpt or record",
        ),
        (
            sum(study.design == "single-arm" for study in members),
            "studies with the design single-arm",
            "study has a single arm, without any comparison",
            "studies have a single arm, without any comparison",
        ),
        (
            len(open_),
            "studies whose allocation is not stated or not randomised",
            "study was not, or is not said to be, randomised",
            "studies were not, or are not said to be, randomised",
        ),
        (
            doubtful,
            "rows that are ambiguous or conflicting",
            "result stays open because several values fit or sources disagree",
            "results stay open because several values fit or sources disagree",
        ),
        (
            bare,
            "rows without a number",
            "result is missing in what was read, which is not the same as no effect",
            "results are missing in what was read, which is not the same as no effect",
        ),
    ]


def without_reviews(result: Result[Row], ledger: Ledger | None) -> Result[Row]:
    """Leave out the rows of reviews, by the kind of the row or of its study."""
    known_kinds = {} if ledger is None else ledger.study
    rows = (
        row
        for row in result
        if getattr(row, "kind", "") != "review"
        and getattr(known_kinds.get(row.study_id), "kind", "") != "review"
    )
    return replace(result, rows=tuple(rows))


def _used(result: Result[Row]) -> list[str]:
    """Ids of the assumptions that rows with a number rest on, in order of first use."""
    rows = [row for row in result if _numbered(row)]
    return list(dict.fromkeys(name for row in rows for name in row.assumptions))


def _numbered(row: RateRow | ComparisonRow) -> bool:
    """Whether a row has a rate, an effect, or limits that it lies between."""
    if isinstance(row, RateRow):
        return known(row) or row.events_min is not None
    return known(row) or bounded(row)
