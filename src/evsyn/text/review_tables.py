"""What reviews print for a comparison: their pooled results, as they stand there."""

from __future__ import annotations

from collections.abc import Iterable

from evsyn import formats
from evsyn.review.arrange import of_reviews
from evsyn.review.blocks import Block
from evsyn.synthesis.results import ComparisonRow, Result
from evsyn.text.citations import named
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, plain_text, span
from evsyn.text.numbers import distinct, traced_words
from evsyn.text.other_scales import place_of
from evsyn.text.table import Section, cell, framed, heading, headings

__all__ = ["reviews_table"]


def reviews_table(
    comparisons: Result[ComparisonRow],
    *,
    scales: Iterable[Result[ComparisonRow]] = (),
    title: str = "What reviews print",
) -> Block:
    """Return the pooled results that reviews print, as printed, each led back to its words.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare``; rows of studies are left out.
    scales : iterable of Result of ComparisonRow
        Output of ``Review.compare`` for other measures: results that only those list.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``; a sentence where no review prints a result.
    """
    others = tuple(scales)
    found = {
        place_of(row): row
        for result in (*others, comparisons)
        for row in of_reviews(result)
        if row.printed and row.trace.quotes
    }
    rows = sorted(found.values(), key=lambda row: (row.study, row.comparison_id))
    if not rows:
        text = "No review in the evidence prints a pooled result for these comparisons."
        return Block(f"<p>{text}</p>", text, slot="main")
    silent = dict.fromkeys(
        row.study or row.study_id for row in of_reviews(comparisons) if not row.printed
    )
    names = [name for name in silent if name not in {row.study or row.study_id for row in rows}]
    notes = [
        escape(
            "As printed, in the measure that the review chose; the studies behind them may be "
            "those above, so they are set beside them and enter no pool."
        )
    ]
    if names:
        measure = comparisons.settings.get("measure", "")
        listed = joined((span("name", name) for name in names), ", ")
        verb = formats.plural(len(names), "prints", "print")
        nothing = "no pooled result" if others else f"no {measure} and no odds ratio"
        end = f" {verb} {nothing} for them." if measure else "."
        notes.append(joined([listed, escape(end)]))
    block = framed(
        escape(title),
        headings("Review", "Comparison", "Outcome", "Result as printed >"),
        [Section(EMPTY, [_row(row) for row in rows])],
        traces=[row.trace for row in rows],
        notes=joined(notes, " "),
    )
    return Block(block.html, plain_text(block.html), distinct(block.traces), block.slot)


def _row(row: ComparisonRow) -> Markup:
    arms = joined(
        [
            span("name", row.label_e or row.arm_e),
            escape(" against "),
            span("name", formats.lowered(row.label_c or row.arm_c)),
        ]
    )
    printed = element(
        "span", traced_words(row.printed, row.trace), class_="nums", data_trace=row.trace.trace_id
    )
    return element(
        "tr",
        heading(named(row.study or row.study_id, row.citekeys)),
        cell(arms),
        cell(span("name", row.outcome or row.outcome_id)),
        cell(printed, "r"),
    )
