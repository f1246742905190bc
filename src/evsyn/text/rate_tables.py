"""The table of response rates: counts, rate, interval, a small plot, status and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from evsyn import formats
from evsyn.review.arrange import comparators, rate_groups, when
from evsyn.review.blocks import Block
from evsyn.synthesis.results import RateRow, Result
from evsyn.tables.ledger import Ledger
from evsyn.text.citations import named
from evsyn.text.comparison_tables import reason_words
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, listed, span
from evsyn.text.numbers import (
    MISSING,
    count,
    counted,
    group,
    level_of,
    noted,
    share,
    share_digits,
)
from evsyn.text.plots import ShareScale
from evsyn.text.status import status_mark, traced_status
from evsyn.text.table import Column, Section, beneath, cell, framed, heading, with_reason

__all__ = ["INTERVALS", "counts_of", "rates_table"]

INTERVALS = {
    "wald": "Wald",
    "wilson": "Wilson",
    "wilson-cc": "Wilson with continuity correction",
    "clopper-pearson": "Clopper-Pearson",
    "jeffreys": "Jeffreys",
    "agresti-coull": "Agresti-Coull",
    "mid-p": "mid-P",
    "blaker": "Blaker",
}
_SCALE = ShareScale()


def rates_table(
    rates: Result[RateRow],
    *,
    ledger: Ledger | None = None,
    first: Sequence[str] = (),
    known_only: bool = False,
    title: str = "Response rates by outcome",
) -> Block:
    """Return the response rates as an accessible table; rows without a rate stay and say why.

    Parameters
    ----------
    rates : Result of RateRow
        Output of ``Review.rates``.
    ledger : Ledger, optional
        Where the comparisons stand: arms that are only comparators get an open square.
    first : sequence of str
        Outcomes that lead, e.g. those of the declared analyses.
    known_only : bool
        Whether rows without a rate or a range are only counted below the table.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``; every number refers to the trace of its row.
    """
    against = comparators(ledger)
    digits = share_digits(row.n for row in rates if row.rate is not None)
    columns = [
        Column(escape("Study")),
        Column(escape("Arm")),
        Column(escape("Events/n"), "r"),
        Column(joined([escape("Rate ("), span("param", level_of(rates)), escape(" CI)")]), "r"),
        Column(_SCALE.header(), "plot"),
        Column(escape("Status")),
    ]
    shown = replace(rates, rows=tuple(filter(_told, rates.rows))) if known_only else rates
    sections = [
        Section(
            span("name", found.title or "No outcome with a count was found"),
            [_row(row, digits, (row.study_id, row.arm_id) not in against) for row in found.rows],
        )
        for found in rate_groups(shown, ledger, first=first)
    ]
    notes, note_traces = noted(rates)
    if len(shown) < len(rates):
        bare, trace = counted(
            "rows without a rate",
            len(rates) - len(shown),
            "rows without a rate or a range of it",
            settings=rates.settings,
        )
        noun = formats.plural(len(rates) - len(shown), "row has", "rows have")
        notes.append(joined([bare, escape(f" more {noun} no rate that can be computed.")]))
        note_traces.append(trace)
    return framed(
        escape(title),
        columns,
        sections,
        traces=[*(row.trace for row in shown), *note_traces],
        notes=_notes(shown, bool(against), notes),
    )


def counts_of(row: RateRow) -> Markup:
    """Return events/n, or the range of events that remains possible, or the status."""
    if row.events is not None and row.n is not None:
        parts = (count(row.events, row.trace), escape("/"), count(row.n, row.trace))
        return group(row.trace, *parts)
    if row.events_min is not None and row.events_max is not None:
        span_ = [count(row.events_min, row.trace), count(row.events_max, row.trace)]
        size = [escape("/"), count(row.n, row.trace)] if row.n is not None else []
        return group(row.trace, joined(span_, " to "), *size)
    if row.n is not None:
        return group(row.trace, escape(f"{formats.MISSING}/"), count(row.n, row.trace))
    return MISSING


def _told(row: RateRow) -> bool:
    return row.rate is not None or row.events_min is not None


def _row(row: RateRow, digits: int, filled: bool) -> Markup:
    label = row.arm or row.arm_id or "whole study"
    arm = cell(joined([span("name", label), beneath(span("quote", when(row)))]))
    first = joined([named(row.study or row.study_id, row.citekeys), beneath(_mixed(row))])
    drawing = _plot(row, filled)
    if row.rate is not None:
        return element(
            "tr",
            heading(first),
            arm,
            cell(counts_of(row), "r"),
            cell(_rate(row, digits), "r"),
            cell(drawing, "plot"),
            cell(status_mark(row.status)),
        )
    status = cell(traced_status(row.status, row.trace))
    printed = element("q", escape(row.printed), class_="quote") if row.printed else EMPTY
    if not row.outcome_id:
        said = joined([printed, reason_words(row)], " ")
        return element(
            "tr", heading(first), arm, element("td", said, colspan="3", class_="none"), status
        )
    if drawing:
        result = [cell(_rate(row, digits), "r"), cell(drawing, "plot")]
    else:
        result = [element("td", printed or MISSING, colspan="2", class_="none")]
    cells = [arm, cell(counts_of(row), "r"), *result, status]
    return with_reason(first, cells, reason_words(row), width=6)


def _mixed(row: RateRow) -> Markup:
    """Return a note on a study that treats several conditions and does not tell them apart."""
    conditions = [name.strip() for name in row.condition.split(";") if name.strip()]
    if len(conditions) < 2:
        return EMPTY
    return joined([escape("mixed: "), listed(span("name", name) for name in conditions)])


def _rate(row: RateRow, digits: int) -> Markup:
    if row.rate is not None:
        rate = share(row.rate, row.trace, digits=digits)
        if row.ci_lb is None or row.ci_ub is None:
            return rate
        limits = [
            share(limit, row.trace, digits=digits, sign="") for limit in (row.ci_lb, row.ci_ub)
        ]
        return group(row.trace, rate, escape(" ("), joined(limits, " to "), escape(")"))
    if row.n and row.events_min is not None and row.events_max is not None:
        ends = [
            share(events / row.n, row.trace, digits=digits)
            for events in (row.events_min, row.events_max)
        ]
        return group(row.trace, joined(ends, " to "))
    return MISSING


def _plot(row: RateRow, filled: bool) -> Markup:
    if row.rate is not None:
        return _SCALE.interval(row.rate, row.ci_lb, row.ci_ub, filled=filled)
    if row.n and row.events_min is not None and row.events_max is not None:
        return _SCALE.between(row.events_min / row.n, row.events_max / row.n)
    return EMPTY


def _notes(rates: Result[RateRow], roles: bool, notes: Sequence[Markup]) -> Markup:
    method = str(rates.settings.get("interval", "wilson"))
    sentences = [f"{INTERVALS.get(method, method)} intervals."]
    if roles:
        sentences.append(
            "Filled squares: arms that a study tests; open squares: arms that are only comparators."
        )
    if any(row.events_min is not None and row.rate is None for row in rates):
        sentences.append("Dashed bars: every rate that the printed values leave possible.")
    sentences.append(
        "How a count was derived stands behind its number. Outcomes are defined by each study; "
        "rows under one heading carry the same name; whether they mean the same is not always "
        "known. Rows under different headings cannot be compared."
    )
    if not all(map(_told, rates)):
        sentences.append("Studies without a rate are kept, with what they print.")
    return joined([escape(" ".join(sentences)), *notes], " ")
