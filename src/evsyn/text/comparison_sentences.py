"""Sentences on comparisons: effects as they are, ranges where pairs are unknown, no verdicts."""

from __future__ import annotations

from evsyn import formats
from evsyn.review.blocks import Block
from evsyn.synthesis.results import ComparisonRow, Result
from evsyn.tables.provenance import Trace
from evsyn.text.citations import cite
from evsyn.text.comparison_tables import MEASURES, effect, effect_interval, effect_p
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, plain_text, span
from evsyn.text.numbers import count, counted, distinct, group, level_of, number, traced_words

__all__ = ["comparisons_facts", "effect_sentence", "told_counts", "told_p", "what_if_sentence"]


def comparisons_facts(comparisons: Result[ComparisonRow]) -> Block:
    """Return the bar of counts under the answer.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare``.

    Returns
    -------
    Block
        Slot ``facts``.
    """
    settings = {"command": comparisons.command, **comparisons.settings}
    ranges = [row for row in comparisons if row.p_value is None and row.p_value_min is not None]
    numbers = [
        ("comparison", len(comparisons), "rows, one per comparison and outcome"),
        (
            "with an effect",
            sum(row.estimate is not None for row in comparisons),
            "rows with an estimate",
        ),
        ("as a range over pairings", len(ranges), "pairs known by their totals only"),
        ("assumption accepted", len(comparisons.assumptions), "assumptions in force"),
    ]
    items, traces = [], []
    for name, value, how in numbers:
        label = name
        if name.startswith(("comparison", "assumption")):
            first, _, rest = name.partition(" ")
            label = f"{formats.plural(value, first)} {rest}".strip()
        shown, trace = counted(label, value, how, settings=settings)
        items.append(element("li", element("b", shown), escape(f" {label}")))
        traces.append(trace)
    fragment = element("ul", *items, class_="facts")
    return Block(fragment, plain_text(fragment), distinct(traces), "facts")


def what_if_sentence(comparisons: Result[ComparisonRow], *, slot: str = "main") -> Block:
    """Say what a claim would come to if it were taken at its word.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.what_if``.
    slot : str
        Where the paragraph stands.

    Returns
    -------
    Block
        A paragraph that calls the numbers what they are: no evidence.
    """
    used: list[Trace] = []
    sentences = []
    for row in comparisons:
        used.append(row.trace)
        numbers = joined(
            [
                effect(row),
                joined(
                    [span("param", level_of(comparisons)), escape(" CI "), effect_interval(row)]
                ),
                told_p(row, digits=3),
            ],
            ", ",
        )
        sentences.append(
            joined(
                [
                    escape("Taken at its word the claim comes to "),
                    told_counts(row),
                    escape(f": {MEASURES.get(row.measure, row.measure)} "),
                    numbers,
                    escape(". This is a what-if, not evidence."),
                ]
            )
        )
        if row.reason:
            reason = f"{row.reason[:1].upper()}{row.reason[1:].rstrip('.')}."
            sentences.append(traced_words(reason, row.trace))
    fragment = element("p", joined(sentences or [escape("There is no claim to compute.")], " "))
    return Block(fragment, plain_text(fragment), distinct(used), slot)


def effect_sentence(row: ComparisonRow, level: str) -> Markup:
    """Say an effect with its counts, interval and p."""
    arms = joined(
        [
            span("name", formats.lowered(row.label_e or row.arm_e)),
            escape(" against "),
            span("name", formats.lowered(row.label_c or row.arm_c)),
        ]
    )
    interval = joined([span("param", level), escape(" CI "), effect_interval(row)])
    inside = [interval]
    if row.p_value is not None or row.p_value_min is not None:
        inside.append(told_p(row))
    counts = told_counts(row)
    return joined(
        [
            span("name", row.study or row.study_id),
            escape(", "),
            arms,
            escape(", "),
            element("q", span("name", formats.lowered(row.outcome or row.outcome_id))),
            escape(": "),
            joined([counts, escape(", ")]) if counts else EMPTY,
            escape(f"{MEASURES.get(row.measure, row.measure)} "),
            effect(row),
            escape(" ("),
            joined(inside, "; "),
            escape(")"),
            cite(row.citekeys),
            escape("."),
        ]
    )


def told_p(row: ComparisonRow, *, digits: int = 0) -> Markup:
    """Return ``p = 0.014``, kept together; ``digits`` asks for more than a table gives."""
    equals = "p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}"
    if row.p_value is None or not 0.001 <= row.p_value <= 0.99:
        return joined([escape("p\N{NO-BREAK SPACE}"), effect_p(row)])
    if not digits:
        return group(row.trace, escape(equals), effect_p(row))
    shown = number(formats.decimals(row.p_value, digits), row.p_value, row.trace)
    return group(row.trace, escape(equals), shown)


def told_counts(row: ComparisonRow) -> Markup:
    """Return ``10 of 15 against 5 of 15``, or nothing where a count is not known."""
    if row.events_e is None or row.events_c is None:
        return EMPTY
    sides = [
        joined([count(events, row.trace), count(n, row.trace)], " of ")
        for events, n in ((row.events_e, row.n_e), (row.events_c, row.n_c))
    ]
    return group(row.trace, joined(sides, " against "))
