"""Sentences on response rates: the answer first, what is doubtful next, every number traced."""

from __future__ import annotations

from collections.abc import Sequence

from evsyn import formats
from evsyn.review.arrange import Group, rate_groups, when, without_parts
from evsyn.review.blocks import Block
from evsyn.review.reasons import reason_of
from evsyn.synthesis.results import RateRow, Result
from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Trace
from evsyn.text.citations import cite
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
from evsyn.text.numbers import (
    count,
    counted,
    distinct,
    group,
    level_of,
    share,
    share_digits,
)
from evsyn.text.sections import without_reviews

__all__ = ["rates_answer", "rates_facts"]

MOST = 4
"""Most arms that one sentence lists."""

LEADING = 2
"""Most outcomes that the answer tells one by one."""

_ONLY_IF_ANY = ("ambiguous", "assumption in force", "review, counted apart")


def rates_answer(
    rates: Result[RateRow],
    *,
    ledger: Ledger | None = None,
    first: Sequence[str] = (),
    slot: str = "lede",
) -> Block:
    """Answer in a few sentences: the outcomes that lead, what is open, what has no count.

    Parameters
    ----------
    rates : Result of RateRow
        Output of ``Review.rates``.
    ledger : Ledger, optional
        Where outcomes say what they unite and whether they are a benefit.
    first : sequence of str
        Outcomes that lead, e.g. those of the declared analyses; without a rate for any of them
        the best counted outcome is told.
    slot : str
        Where the answer stands on the page.

    Returns
    -------
    Block
        Paragraphs with traced numbers and citations; they say so where nothing can be counted.
    """
    shown = rates if ledger is None else without_parts(rates, ledger, keep=first)
    groups = [found for found in rate_groups(shown, ledger, first=first) if found.title]
    known = [found for found in groups if any(row.rate is not None for row in found.rows)]
    leading = [found for found in known if _leads(found, ledger, first)][:LEADING] or known[:1]
    used: list[Trace] = []
    sentences = [_main(found, rates, used) for found in leading]
    if known:
        sentences.append(_others([found for found in known if found not in leading], rates, used))
    else:
        sentences.append(_nothing(rates, used))
    named = {
        row.study_id
        for found in leading
        for row in found.rows
        if row.rate is not None or row.events_min is not None
    }
    sentences.append(_uncountable(groups, named, used))
    fragment = element("p", joined(sentences, " "))
    return Block(fragment, plain_text(fragment), distinct(used), slot)


def rates_facts(rates: Result[RateRow], *, ledger: Ledger | None = None) -> Block:
    """Return the bar of counts under the answer: studies, rates, what is left open.

    Parameters
    ----------
    rates : Result of RateRow
        Output of ``Review.rates``.
    ledger : Ledger, optional
        Which studies are reviews: they are counted apart.

    Returns
    -------
    Block
        Slot ``facts``.
    """
    settings = {"command": rates.command, **rates.settings}
    everyone = {row.study_id for row in rates}
    rates = without_reviews(rates, ledger)
    studies = {row.study_id for row in rates}
    with_rate = {row.study_id for row in rates if row.rate is not None}
    numbers = [
        (
            "study" if ledger is None else "study of patients",
            "studies" if ledger is None else "studies of patients",
            len(studies),
            "distinct studies among the rows, reviews left out",
        ),
        ("with a rate", "with a rate", len(with_rate), "distinct studies with at least one rate"),
        (
            "rate",
            "rates",
            sum(row.rate is not None for row in rates),
            "rows with events, n and a rate",
        ),
        (
            "ambiguous",
            "ambiguous",
            sum(row.status == "ambiguous" for row in rates),
            "rows whose printed values leave several counts possible",
        ),
        (
            "assumption in force",
            "assumptions in force",
            len({name for row in rates if _told(row) for name in row.assumptions}),
            "accepted assumptions that a row with a rate or a range rests on",
        ),
        (
            "review, counted apart",
            "reviews, counted apart",
            len(everyone - studies),
            "distinct reviews among the rows",
        ),
    ]
    items, traces = [], []
    for one, many, value, how in numbers:
        if not value and one in _ONLY_IF_ANY:
            continue
        label = formats.plural(value, one, many)
        shown, trace = counted(label, value, how, settings=settings)
        items.append(element("li", element("b", shown), escape(f" {label}")))
        traces.append(trace)
    fragment = element("ul", *items, class_="facts")
    return Block(fragment, plain_text(fragment), distinct(traces), "facts")


def _told(row: RateRow) -> bool:
    return row.rate is not None or row.events_min is not None


def _leads(found: Group[RateRow], ledger: Ledger | None, first: Sequence[str]) -> bool:
    name = found.rows[0].outcome_id
    outcome = ledger.outcome.get(name) if ledger else None
    return name in first and (outcome is None or outcome.event_is != "harm")


def _main(found: Group[RateRow], rates: Result[RateRow], used: list[Trace]) -> Markup:
    rows = [row for row in found.rows if row.rate is not None]
    ranged = [row for row in found.rows if row.rate is None and row.events_min is not None]
    digits = share_digits(row.n for row in rows)
    told = sorted(rows[:MOST], key=lambda row: [r.study_id for r in rows].index(row.study_id))
    arms = [(row.study_id, row.arm_id) for row in told]
    by_study: dict[str, list[Markup]] = {}
    for index, row in enumerate(told):
        again = index > 0 and told[index - 1].study_id == row.study_id
        phrase = _rate_phrase(row, digits, level_of(rates), again=again)
        several = arms.count((row.study_id, row.arm_id)) > 1 and when(row)
        detail = joined([escape(" ("), span("quote", when(row)), escape(")")]) if several else EMPTY
        said = joined([phrase, detail, cite(row.citekeys)])
        by_study.setdefault(row.study_id, []).append(said)
    used += [row.trace for row in [*rows[:MOST], *ranged[:2]]]
    sentence = joined([escape("For "), _outcome(found.title), escape(", "), _in_studies(by_study)])
    if len(rows) > MOST:
        how = f"rows with a rate beyond the {MOST} named"
        more, trace = counted("further arms", len(rows) - MOST, how, settings=rates.settings)
        used.append(trace)
        sentence = joined([sentence, escape("; "), more, escape(" more are in the table")])
    for row in ranged[:2]:
        sentence = joined([sentence, escape("; "), _range_phrase(row)])
    return joined([sentence, escape(".")])


def _in_studies(by_study: dict[str, list[Markup]]) -> Markup:
    """Join what studies count; of studies with several arms each stands for itself."""
    studies = [listed(parts) for parts in by_study.values()]
    several = len(studies) > 1 and any(len(parts) > 1 for parts in by_study.values())
    return joined(studies, "; ") if several else listed(studies)


def _rate_phrase(row: RateRow, digits: int, level: str, *, again: bool) -> Markup:
    people = joined([count(row.events, row.trace), count(row.n, row.trace)], " of ")
    rate = share(row.rate, row.trace, digits=digits)
    inside = [rate]
    if row.ci_lb is not None and row.ci_ub is not None:
        limits = [
            share(limit, row.trace, digits=digits, sign="") for limit in (row.ci_lb, row.ci_ub)
        ]
        inside.append(joined([span("param", level), escape(" CI "), joined(limits, " to ")]))
    numbers = group(row.trace, people, escape(" ("), joined(inside, ", "), escape(")"))
    return joined(
        [
            EMPTY if again else span("name", row.study or row.study_id),
            EMPTY if again else escape(" counts "),
            numbers,
            _with(row),
        ]
    )


def _with(row: RateRow) -> Markup:
    label = row.arm or row.arm_id
    if not label:
        return escape(" over all its arms")
    return joined([escape(" with "), span("name", formats.lowered(label))])


def _range_phrase(row: RateRow) -> Markup:
    ends = joined([count(row.events_min, row.trace), count(row.events_max, row.trace)], " and ")
    size = joined([escape(" of "), count(row.n, row.trace)]) if row.n is not None else EMPTY
    return joined(
        [
            span("name", row.study or row.study_id),
            escape(" leaves it,"),
            _with(row),
            escape(", between "),
            group(row.trace, ends, size),
            cite(row.citekeys),
        ]
    )


def _outcome(title: str) -> Markup:
    return element("q", span("name", formats.lowered(title)))


def _others(groups: Sequence[Group[RateRow]], rates: Result[RateRow], used: list[Trace]) -> Markup:
    if not groups:
        return EMPTY
    how = "outcomes with at least one rate, the one above left out; single categories not counted"
    noun = formats.plural(len(groups), "other outcome has", "other outcomes have")
    shown, trace = counted(noun.rpartition(" ")[0], len(groups), how, settings=rates.settings)
    used.append(trace)
    own = formats.plural(len(groups), "a rate of its own", "rates of their own")
    return joined([shown, escape(f" {noun} {own}.")])


def _nothing(rates: Result[RateRow], used: list[Trace]) -> Markup:
    asked = formats.setting(rates.settings.get("condition", ""))
    about = EMPTY if asked == "none" else joined([escape(" on "), span("param", asked)])
    if not len(rates):
        return joined([escape("The evidence holds no arm of a study"), about, escape(".")])
    studies = len({row.study_id for row in rates})
    how = "distinct studies among the rows"
    shown, trace = counted("studies", studies, how, settings=rates.settings)
    used.append(trace)
    noun = formats.plural(studies, "study", "studies")
    verb = "does not print" if studies == 1 else "print no"
    what = "a response" if studies == 1 else "response"
    return joined(
        [
            escape("The "),
            shown,
            escape(f" {noun}"),
            about,
            escape(f" {verb} {what} that can be counted as a share of people."),
        ]
    )


def _uncountable(groups: Sequence[Group[RateRow]], named: set[str], used: list[Trace]) -> Markup:
    """Say of at most two studies not named yet why what they print cannot be counted."""
    rows: dict[str, RateRow] = {}
    for found in groups:
        for row in found.rows:
            printed = row.rate is None and row.events_min is None and "%" in row.printed
            if printed and row.reason and row.study_id not in named:
                rows.setdefault(row.study_id, row)
    sentences = []
    for row in list(rows.values())[:2]:
        used.append(row.trace)
        sentences.append(
            joined(
                [
                    escape("No rate can be given for "),
                    span("name", row.study or row.study_id),
                    escape(": "),
                    words(reason_of(row).why[-1].rstrip(".")),
                    cite(row.citekeys),
                    escape("."),
                ]
            )
        )
    return joined(sentences, " ")
