"""Sentences on response rates: the answer first, what is doubtful next, every number traced."""

from __future__ import annotations

from collections.abc import Sequence

from evsyn import formats
from evsyn.review.arrange import Group, comparators, rate_groups, when, without_parts
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

_Arm = tuple[str, str]

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
    against = comparators(ledger)
    sentences = [_asked(rates, ledger)] if known else []
    sentences += [_main(found, rates, used, against) for found in leading]
    if known:
        left = [found for found in known if found not in leading]
        sentences.append(_others(left, rates, used, parts=len(shown) < len(rates)))
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


def _main(
    found: Group[RateRow], rates: Result[RateRow], used: list[Trace], against: frozenset[_Arm]
) -> Markup:
    studies = _in_order(found, rates, against)
    told: list[list[RateRow]] = []
    for rows in studies:
        if not told or sum(map(len, told)) + len(rows) <= MOST:
            told.append(rows)
    counted_rows = [row for row in found.rows if row.rate is not None]
    digits = share_digits(row.n for row in counted_rows)
    parts = [[_phrase(row, rows, digits, level_of(rates)) for row in rows] for rows in told]
    used += [row.trace for rows in told for row in rows]
    sentence = joined([escape("For "), _outcome(found.title), escape(", "), _in_studies(parts)])
    left = len([row for row in found.rows if _told(row)]) - sum(map(len, told))
    if left > 0:
        how = "rows with a rate or a range beyond those named"
        more, trace = counted("further arms", left, how, settings=rates.settings)
        used.append(trace)
        noun = formats.plural(left, "more is", "more are")
        sentence = joined([sentence, escape("; "), more, escape(f" {noun} in the table")])
    return joined([sentence, escape(".")])


def _in_order(
    found: Group[RateRow], rates: Result[RateRow], against: frozenset[_Arm]
) -> list[list[RateRow]]:
    """Rows with a rate or a range by study, as in the evidence: what a study tests comes first.

    Studies of which only a comparator can be counted are left out: what it was compared with is
    not there.
    """
    place = {(row.study_id, row.arm_id): index for index, row in reversed([*enumerate(rates)])}
    first = {row.study_id: index for index, row in reversed([*enumerate(rates)])}
    studies: dict[str, list[RateRow]] = {}
    for row in sorted(
        filter(_told, found.rows),
        key=lambda row: (
            first[row.study_id],
            (row.study_id, row.arm_id) in against,
            place[row.study_id, row.arm_id],
        ),
    ):
        studies.setdefault(row.study_id, []).append(row)
    tested = [
        rows
        for rows in studies.values()
        if any((row.study_id, row.arm_id) not in against for row in rows)
    ]
    return tested or list(studies.values())


def _in_studies(studies: Sequence[Sequence[Markup]]) -> Markup:
    """Join what studies count; of studies with several arms each stands for itself."""
    several = len(studies) > 1 and any(len(parts) > 1 for parts in studies)
    said = [listed(parts) for parts in studies]
    return joined(said, "; ") if several else listed(said)


def _phrase(row: RateRow, rows: Sequence[RateRow], digits: int, level: str) -> Markup:
    """Return what one arm counts; the study, and whether it counts, are said where they change."""
    index = next(place for place, other in enumerate(rows) if other is row)
    before = rows[index - 1] if index else None
    several = sum(other.arm_id == row.arm_id for other in rows) > 1 and when(row)
    detail = joined([escape(" ("), span("quote", when(row)), escape(")")]) if several else EMPTY
    exact = row.rate is not None
    same = before is not None and (before.rate is not None) == exact
    verb = EMPTY if same else escape("counts " if exact else "leaves open between ")
    return joined(
        [
            EMPTY if before else joined([span("name", row.study or row.study_id), escape(" ")]),
            verb,
            _rate_phrase(row, digits, level) if exact else _range_phrase(row),
            _with(row),
            detail,
            cite(row.citekeys),
        ]
    )


def _rate_phrase(row: RateRow, digits: int, level: str) -> Markup:
    people = joined([count(row.events, row.trace), count(row.n, row.trace)], " of ")
    rate = share(row.rate, row.trace, digits=digits)
    inside = [rate]
    if row.ci_lb is not None and row.ci_ub is not None:
        limits = [
            share(limit, row.trace, digits=digits, sign="") for limit in (row.ci_lb, row.ci_ub)
        ]
        inside.append(joined([span("param", level), escape(" CI "), joined(limits, " to ")]))
    return group(row.trace, people, escape(" ("), joined(inside, ", "), escape(")"))


def _range_phrase(row: RateRow) -> Markup:
    ends = joined([count(row.events_min, row.trace), count(row.events_max, row.trace)], " and ")
    size = joined([escape(" of "), count(row.n, row.trace)]) if row.n is not None else EMPTY
    return group(row.trace, ends, size)


def _with(row: RateRow) -> Markup:
    label = row.arm or row.arm_id
    if not label:
        return escape(" over all its arms")
    return joined([escape(" with "), span("name", formats.lowered(label))])


def _outcome(title: str) -> Markup:
    return element("q", span("name", formats.lowered(title)))


def _asked(rates: Result[RateRow], ledger: Ledger | None) -> Markup:
    """Say which outcomes were asked for, where that is not every one."""
    given = str(rates.settings.get("outcome", ""))
    names = [name.strip() for name in given.split(",") if name.strip()]
    if ledger is None or not names:
        return EMPTY
    known = [ledger.outcome[name].name for name in names if name in ledger.outcome]
    noun = formats.plural(len(known), "one outcome", "these outcomes")
    told = listed(map(_outcome, known))
    return joined([escape(f"This page is about {noun} alone: "), told, escape(".")])


def _others(
    groups: Sequence[Group[RateRow]], rates: Result[RateRow], used: list[Trace], *, parts: bool
) -> Markup:
    if not groups:
        return EMPTY
    how = "outcomes with at least one rate, the one above left out; single categories not counted"
    noun = formats.plural(len(groups), "other outcome", "other outcomes")
    shown, trace = counted(noun, len(groups), how, settings=rates.settings)
    used.append(trace)
    several = len(groups) > 1 or sum(row.rate is not None for row in groups[0].rows) > 1
    verb = formats.plural(len(groups), "has", "have")
    own = "rates" if several else "a rate"
    whose = formats.plural(len(groups), "its own", "their own")
    apart = ", not counting single categories," if parts else ""
    return joined([shown, escape(f" {noun}{apart} {verb} {own} of {whose}.")])


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
    """Say why some of what is printed cannot be counted: of two studies that are not named yet.

    Studies without any rate come first.
    """
    rows: dict[str, RateRow] = {}
    rated = {row.study_id for found in groups for row in found.rows if _told(row)}
    for found in groups:
        for row in found.rows:
            printed = not _told(row) and "%" in row.printed
            if printed and row.reason and row.study_id not in named:
                rows.setdefault(row.study_id, row)
    sentences = []
    for row in sorted(rows.values(), key=lambda row: row.study_id in rated)[:2]:
        used.append(row.trace)
        sentences.append(
            joined(
                [
                    escape("No rate can be given for "),
                    _outcome(row.outcome or row.outcome_id),
                    escape(" in "),
                    span("name", row.study or row.study_id),
                    escape(": "),
                    words(_why(row).rstrip(".")),
                    cite(row.citekeys),
                    escape("."),
                ]
            )
        )
    return joined(sentences, " ")


def _why(row: RateRow) -> str:
    """Return the part of a reason that is about what is printed, else the last."""
    parts = reason_of(row).why
    return next((part for part in reversed(parts) if "printed" in part), parts[-1])
