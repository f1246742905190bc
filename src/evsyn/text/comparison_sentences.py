"""Sentences on comparisons: effects as they are, ranges where pairs are unknown, no verdicts."""

from __future__ import annotations

import math

from evsyn import formats
from evsyn.literals import OrMethod, RdMethod, RrMethod, choices
from evsyn.review.arrange import bounded, known, of_studies
from evsyn.review.blocks import Block
from evsyn.synthesis.results import ClaimRow, ComparisonRow, Result
from evsyn.tables.provenance import Quote, Trace
from evsyn.text.citations import cite
from evsyn.text.comparison_tables import MEASURES, TESTS, effect, effect_interval, effect_p
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, listed, plain_text, span
from evsyn.text.numbers import count, counted, distinct, group, level_of, number

__all__ = ["comparisons_facts", "effect_sentence", "told_counts", "told_p", "what_if_sentence"]

_NAMED = {*choices(RrMethod), *choices(OrMethod), *choices(RdMethod)}
"""Intervals that are called by the names of their authors."""


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
    studies = of_studies(comparisons)
    ranges = [row for row in studies if row.p_value is None and row.p_value_min is not None]
    open_ = [row for row in studies if row.estimate is None and row.estimate_min is not None]
    numbered = [row for row in studies if known(row) or bounded(row)]
    in_force = {name for row in numbered for name in row.assumptions}
    numbers = [
        ("comparison", len(studies), "rows of studies, one per comparison and outcome"),
        ("with an effect", sum(map(known, studies)), "rows with an estimate"),
        ("as a range over pairings", len(ranges), "pairs known by their totals only"),
        ("with an open count", len(open_), "rows whose effect lies between two values"),
        ("assumption in force", len(in_force), "accepted assumptions that a number rests on"),
    ]
    items, traces = [], []
    for name, value, how in numbers:
        if not value and name != "with an effect":
            continue
        label = name
        if name.startswith(("comparison", "assumption")):
            first, _, rest = name.partition(" ")
            label = f"{formats.plural(value, first)} {rest}".strip()
        shown, trace = counted(label, value, how, settings=settings)
        items.append(element("li", element("b", shown), escape(f" {label}")))
        traces.append(trace)
    fragment = element("ul", *items, class_="facts")
    return Block(fragment, plain_text(fragment), distinct(traces), "facts")


def what_if_sentence(
    comparisons: Result[ComparisonRow],
    *,
    claims: Result[ClaimRow] | None = None,
    reading: Result[ComparisonRow] | None = None,
    slot: str = "main",
) -> Block:
    """Say what two claims would come to in groups of a supposed size, and what they leave open.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.what_if``.
    claims : Result of ClaimRow, optional
        Output of ``Review.claims``: tells of how many people the text itself speaks.
    reading : Result of ComparisonRow, optional
        Output of ``Review.compare`` under named assumptions: the same percentages read otherwise.
    slot : str
        Where the paragraphs stand.

    Returns
    -------
    Block
        Paragraphs that call the numbers what they are: no evidence.
    """
    used: list[Trace] = []
    paragraphs = []
    for row in comparisons:
        used.append(row.trace)
        paragraphs += [_said(row, claims, used), _supposed(row, comparisons, claims)]
    if reading is not None and paragraphs:
        read = [row for row in reading if row.estimate is not None]
        used += [row.trace for row in read]
        paragraphs += [_read_otherwise(row, reading, comparisons) for row in read]
    if not paragraphs:
        paragraphs = [escape("There is no claim to compute.")]
    fragment = joined(element("p", words_) for words_ in paragraphs)
    return Block(fragment, plain_text(fragment), distinct(used), slot)


def _supposed(
    row: ComparisonRow, comparisons: Result[ComparisonRow], claims: Result[ClaimRow] | None
) -> Markup:
    supposed = joined([count(row.n_e, row.trace), count(row.n_c, row.trace)], " and ")
    sizes = "a size" if row.n_e == row.n_c else "sizes"
    if row.n_e == row.n_c:
        supposed = joined([count(row.n_e, row.trace), escape(" in each")])
    return joined(
        [
            escape("Suppose the groups had "),
            supposed,
            escape(f", {sizes} that no source read here prints. "),
            _misfit(row, claims),
            escape("The percentages then come to "),
            _numbers(row, comparisons),
            escape(". This is a what-if, not evidence."),
        ]
    )


def _misfit(row: ComparisonRow, claims: Result[ClaimRow] | None) -> Markup:
    """Say where the supposed sizes are not those of the text, nor those of the study."""
    sides = dict(zip(_claim_ids(row), (row.n_e, row.n_c), strict=False))
    text = listed(
        joined(
            [
                number(claim.n, float(claim.n), claim.trace),
                escape(" of the text"),
                span("ref", f" ({claim.claim_id})"),
            ]
        )
        for claim in _sized(row, claims)
        if sides.get(claim.claim_id) != int(claim.n)
    )
    enrolled = dict(row.trace.values).get("n_enrolled")
    source = EMPTY
    if enrolled is not None and row.n_e is not None and row.n_c is not None:
        keys = tuple(quote.citekey for quote in row.trace.quotes if not _claimed(quote, row))
        shown = number(formats.compact(enrolled), enrolled, row.trace)
        name = span("name", row.study or row.study_id)
        source = joined([shown, escape(" that "), name, escape(" enrolled"), cite(keys)])
        source = EMPTY if row.n_e + row.n_c == enrolled else source
    if text and source:
        text = joined([escape("are not the "), text, escape(", nor do they ")])
    elif text:
        text = joined([escape("are not the "), text])
    elif source:
        text = escape("do not ")
    else:
        return EMPTY
    if source:
        source = joined([escape("add up to the "), source])
    return joined([escape("They "), text, source, escape(". ")])


def _claim_ids(row: ComparisonRow) -> tuple[str, ...]:
    return tuple(quote.extraction_id for quote in row.trace.quotes if _claimed(quote, row))


def _claimed(quote: Quote, row: ComparisonRow) -> bool:
    """Whether a quote is one of the two claims, not one of the source that they name."""
    name, ids = quote.extraction_id, row.comparison_id
    return ids.startswith(f"{name}-") or ids.endswith(f"-{name}")


def _sized(row: ComparisonRow, claims: Result[ClaimRow] | None) -> list[ClaimRow]:
    """Return the claims of a what-if that say of how many people they speak."""
    names = _claim_ids(row)
    return [claim for claim in claims or () if claim.claim_id in names and claim.n.isdigit()]


def _read_otherwise(
    row: ComparisonRow, reading: Result[ComparisonRow], comparisons: Result[ComparisonRow]
) -> Markup:
    return joined(
        [
            escape("The assumptions "),
            listed(element("code", escape(name)) for name in row.assumptions),
            escape(" read the same percentages as "),
            _numbers(row, reading),
            cite(row.citekeys),
            escape(f". {_set_apart(row, comparisons)}"),
        ]
    )


def _set_apart(row: ComparisonRow, comparisons: Result[ComparisonRow]) -> str:
    """Say what a reading under assumptions and a what-if share, and what they do not."""
    others = [other for other in comparisons if other.measure == row.measure]
    if any((other.n_e, other.n_c) == (row.n_e, row.n_c) for other in others):
        return "These are the sizes supposed above, here assumed of the study."
    same = "percentages are"
    if any(
        None not in (other.estimate, row.estimate)
        and math.isclose(other.estimate or 0.0, row.estimate or 0.0)
        for other in others
    ):
        same = f"{MEASURES.get(row.measure, row.measure)} is"
    return (
        f"The {same} the same, the uncertainty is not: it hangs on how many people there were, "
        "which is supposed in the one and assumed in the other. Another interval or test can give "
        "the same counts other limits and another p."
    )


def _said(row: ComparisonRow, claims: Result[ClaimRow] | None, used: list[Trace]) -> Markup:
    """Quote the claims and say whose number of people it is."""
    quoted = listed(
        joined([element("q", escape(quote.text)), span("ref", f" ({quote.extraction_id})")])
        for quote in [end for end in row.trace.quotes if _claimed(end, row)] or row.trace.quotes
    )
    sentence = joined([escape("The text says "), quoted, escape(".")])
    sized = _sized(row, claims)
    if not sized:
        return sentence
    used += [claim.trace for claim in sized]
    sizes = listed(
        joined([number(claim.n, float(claim.n), claim.trace), span("ref", f" ({claim.claim_id})")])
        for claim in sized
    )
    whose = joined([escape(" The group of "), sizes, escape(" is the text’s own; ")])
    rest = escape("it does not say how many the other group had.")
    return joined([sentence, whose, rest])


def _numbers(row: ComparisonRow, result: Result[ComparisonRow]) -> Markup:
    """Return counts, effect, interval and p with the name of the test."""
    method = f" ({row.ci_method.title()} interval)" if row.ci_method in _NAMED else ""
    interval = joined(
        [span("param", level_of(result)), escape(" CI "), effect_interval(row), escape(method)]
    )
    p = told_p(row, digits=3)
    test = TESTS.get(row.p_method, row.p_method)
    by = joined([p, escape(f" by {test}" if test else "")])
    measure = joined([escape(f"{MEASURES.get(row.measure, row.measure)} "), effect(row)])
    return joined([told_counts(row), measure, interval, by], ", ")


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
