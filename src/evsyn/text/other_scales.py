"""Results on other scales than the measure of a page: means, percent changes, p values."""

from __future__ import annotations

import re
from collections.abc import Iterable

from evsyn import formats
from evsyn.review.arrange import bounded, known, of_studies, when
from evsyn.review.blocks import Block
from evsyn.synthesis.results import ComparisonRow, Result
from evsyn.tables.ledger import Ledger
from evsyn.text.citations import named
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, span
from evsyn.text.numbers import MISSING, count, group, number, traced_words
from evsyn.text.table import Section, beneath, cell, framed, heading, headings

__all__ = ["on_other_scales", "only_on_other_scales", "place_of", "scale_of", "scales_table"]

_P = re.compile(r"(?:^|[;,] )p (?P<value>.+)$")
_KINDS = {
    "mean": ("means", "means"),
    "median": ("medians", "medians"),
    "percent change": ("percent changes", "percent change"),
    "percent unclear": ("percentages of what is not stated", "percent, of what is not stated"),
}
"""Kind of a printed value, in the plural and before its numbers."""
_KIND = re.compile(rf"\b({'|'.join(sorted(_KINDS, key=len, reverse=True))}) (?=\S)")

Place = tuple[str | float | None, ...]


def place_of(row: ComparisonRow) -> Place:
    """Return what tells a result apart: study, comparison, outcome, subgroup, time, people."""
    own = (row.study_id, row.comparison_id, row.outcome_id, row.subgroup)
    return (*own, row.months, row.time_printed, row.anchor, row.analysis_set)


def on_other_scales(
    comparisons: Result[ComparisonRow], scales: Iterable[Result[ComparisonRow]]
) -> tuple[ComparisonRow, ...]:
    """Return what studies print on other scales than the measure of a page.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare`` in the measure of the page.
    scales : iterable of Result of ComparisonRow
        Output of ``Review.compare`` for other measures.

    Returns
    -------
    tuple of ComparisonRow
        Rows of the other measures that print anything, and rows of the page of which nothing but
        a p value is printed; by study, each place once.
    """
    drawn = {place_of(row) for row in of_studies(comparisons) if known(row) or bounded(row)}
    found: dict[Place, ComparisonRow] = {}
    for result in scales:
        for row in of_studies(result):
            if place_of(row) not in drawn and _tells(row):
                found.setdefault(place_of(row), row)
    for row in of_studies(comparisons):
        if not known(row) and not bounded(row) and row.printed.startswith("p "):
            found.setdefault(place_of(row), row)
    return tuple(sorted(found.values(), key=lambda row: (row.study, row.comparison_id)))


def only_on_other_scales(
    comparisons: Result[ComparisonRow], scales: Iterable[Result[ComparisonRow]]
) -> tuple[ComparisonRow, ...]:
    """Return rows on other scales of comparisons without any effect or range on the page."""
    shown = {(row.study_id, row.comparison_id) for row in comparisons if known(row) or bounded(row)}
    rows = on_other_scales(comparisons, scales)
    return tuple(row for row in rows if (row.study_id, row.comparison_id) not in shown)


def scale_of(row: ComparisonRow) -> tuple[str, ...]:
    """Return in the plural what kinds of result a row prints.

    Parameters
    ----------
    row : ComparisonRow
        A row of :func:`on_other_scales`.

    Returns
    -------
    tuple of str
        E.g. ``("percent changes", "p values")``.
    """
    kinds = [_KINDS[kind][0] for kind in _KIND.findall(row.printed)]
    if row.mean_e is not None or row.mean_c is not None:
        kinds.append("means")
    if row.events_e is not None and row.events_c is not None:
        kinds.append("counts")
    if _P.search(row.printed):
        kinds.append("p values")
    return tuple(dict.fromkeys(kinds or ["other values"]))


def scales_table(
    comparisons: Result[ComparisonRow],
    scales: Iterable[Result[ComparisonRow]],
    *,
    ledger: Ledger | None = None,
    title: str = "Results on other scales, as printed",
) -> Block:
    """Return what studies print on other scales than the measure of the page.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare`` in the measure of the page.
    scales : iterable of Result of ComparisonRow
        Output of ``Review.compare`` for other measures.
    ledger : Ledger, optional
        Where outcomes say which end of their scale is better.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``; a sentence where nothing is printed on another scale.
    """
    rows = on_other_scales(comparisons, scales)
    if not rows:
        text = "No study in the evidence prints a result of these comparisons on another scale."
        return Block(f"<p>{text}</p>", text, slot="main")
    notes = (
        "Experimental against comparator, as printed. Nothing here can be turned into the "
        "measure of the page; a p value says nothing about the size of an effect."
    )
    return framed(
        escape(title),
        headings("Study", "Comparison", "Outcome", "What is printed >", "p as printed >"),
        [Section(EMPTY, [_row(row, ledger) for row in rows])],
        traces=[row.trace for row in rows],
        notes=escape(notes),
    )


def _tells(row: ComparisonRow) -> bool:
    means = row.mean_e is not None or row.mean_c is not None
    counts = row.events_e is not None and row.events_c is not None
    return bool(row.outcome_id) and (bool(row.printed) or means or counts)


def _row(row: ComparisonRow, ledger: Ledger | None) -> Markup:
    arms = joined(
        [
            span("name", row.label_e or row.arm_e),
            escape(" against "),
            span("name", formats.lowered(row.label_c or row.arm_c)),
        ]
    )
    p = _P.search(row.printed)
    return element(
        "tr",
        heading(named(row.study or row.study_id, row.citekeys)),
        cell(arms),
        cell(joined([span("name", row.outcome or row.outcome_id), beneath(_detail(row, ledger))])),
        cell(_printed(row), "r"),
        cell(_nums(p["value"], row) if p else MISSING, "r"),
    )


def _detail(row: ComparisonRow, ledger: Ledger | None) -> Markup:
    outcome = ledger.outcome.get(row.outcome_id) if ledger else None
    better = {"low": "lower is better", "high": "higher is better"}.get(
        outcome.better if outcome else "", ""
    )
    return joined([span("quote", when(row)), escape(better)], "; ")


def _printed(row: ComparisonRow) -> Markup:
    if row.mean_e is not None and row.mean_c is not None:
        means = (row.mean_e, row.mean_c)
        digits = max(map(_decimals, means))
        sides = [number(formats.decimals(mean, digits), mean, row.trace) for mean in means]
        return group(row.trace, escape("means: "), joined(sides, " v "))
    if row.events_e is not None and row.events_c is not None:
        sides = [
            joined([count(events, row.trace), count(n, row.trace)], "/")
            for events, n in ((row.events_e, row.n_e), (row.events_c, row.n_c))
        ]
        return group(row.trace, joined(sides, " v "))
    text = _P.sub("", row.printed)
    kinds = dict.fromkeys(_KIND.findall(text))
    if not text:
        return MISSING
    if len(kinds) == 1:
        name = _KINDS[next(iter(kinds))][1]
        return _nums(f"{name}: {_KIND.sub('', text)}", row)
    return _nums(text, row)


def _decimals(mean: float) -> int:
    """Return how many decimals a mean has, at most four."""
    return next(places for places in range(5) if round(mean, places) == round(mean, 4))


def _nums(text: str, row: ComparisonRow) -> Markup:
    return element(
        "span", traced_words(text, row.trace), class_="nums", data_trace=row.trace.trace_id
    )
