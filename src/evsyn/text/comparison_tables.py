"""The table of comparisons: counts or means of both arms, effect, interval, p and its reason."""

from __future__ import annotations

from evsyn import formats
from evsyn.review.arrange import comparison_groups, when
from evsyn.review.blocks import Block
from evsyn.synthesis.results import ComparisonRow, Result
from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Trace
from evsyn.text.citations import named
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, span
from evsyn.text.numbers import (
    MISSING,
    count,
    group,
    level_of,
    noted,
    p_value,
    ratio,
    share,
    traced_words,
)
from evsyn.text.status import status_mark
from evsyn.text.table import Column, Section, beneath, cell, framed, heading, headings

__all__ = ["MEASURES", "comparisons_table", "effect", "effect_interval", "effect_p"]

MEASURES = {
    "RR": "risk ratio",
    "OR": "odds ratio",
    "RD": "risk difference",
    "MD": "mean difference",
    "SMD": "standardised mean difference",
    "ROM": "ratio of means",
}
"""Name of each measure within a sentence."""

TESTS = {
    "fisher": "Fisher’s exact test",
    "fisher-mid-p": "Fisher’s test, mid-P",
    "chi-square": "the chi-square test",
    "yates": "the chi-square test with Yates’s correction",
    "n-1": "the N−1 chi-square test",
    "score": "the score test",
    "barnard": "Barnard’s test",
    "boschloo": "Boschloo’s test",
    "mcnemar": "McNemar’s test",
    "mcnemar-cc": "McNemar’s test with continuity correction",
    "mcnemar-exact": "McNemar’s exact test",
    "mcnemar-mid-p": "McNemar’s test, mid-P",
}


def comparisons_table(
    comparisons: Result[ComparisonRow],
    *,
    ledger: Ledger | None = None,
    title: str = "Comparisons by outcome",
) -> Block:
    """Return the comparisons as an accessible table; those without an effect stay and say why.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare``.
    ledger : Ledger, optional
        Where outcomes say what they are: benefits come before harms.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``; every number refers to the trace of its row.
    """
    measure = str(comparisons.settings.get("measure", ""))
    percent = level_of(comparisons)
    columns = [
        *headings("Study", "Experimental", "Comparator"),
        Column(
            joined([escape(f"{measure or 'Effect'} ("), span("param", percent), escape(" CI)")]),
            "r",
        ),
        *headings("p >", "Status"),
    ]
    sections = [
        Section(
            span("name", found.title or "No outcome with a count was found"),
            [_row(row) for row in found.rows],
        )
        for found in comparison_groups(comparisons, ledger)
    ]
    notes, note_traces = noted(comparisons)
    return framed(
        escape(title),
        columns,
        sections,
        traces=[*(row.trace for row in comparisons), *note_traces],
        notes=joined([escape(_notes(comparisons)), *notes], " "),
    )


def effect(row: ComparisonRow) -> Markup:
    """Return the estimate on its natural scale, differences in proportions as percentages."""
    return _on_scale(row.estimate, row)


def effect_interval(row: ComparisonRow) -> Markup:
    """Return the interval; of pairs known by their margins the widest over every pairing."""
    if row.ci_lb is not None and row.ci_ub is not None:
        limits = [_on_scale(row.ci_lb, row), _on_scale(row.ci_ub, row)]
        return group(row.trace, joined(limits, " to "))
    if row.ci_lb_min is not None and row.ci_ub_max is not None:
        limits = [_on_scale(row.ci_lb_min, row), _on_scale(row.ci_ub_max, row)]
        return group(row.trace, escape("within "), joined(limits, " to "))
    return MISSING


def effect_p(row: ComparisonRow, *, broken: bool = False) -> Markup:
    """Return the p value; of pairs known by their margins the range over every pairing.

    Parameters
    ----------
    row : ComparisonRow
        The comparison.
    broken : bool
        Whether the number of pairings goes on a line of its own.

    Returns
    -------
    Markup
        E.g. ``0.014`` or ``0.016 to 0.065 over 10 pairings``.
    """
    if row.p_value is not None:
        return p_value(row.p_value, row.trace)
    if row.p_value_min is None or row.p_value_max is None:
        return MISSING
    ends = [p_value(row.p_value_min, row.trace), p_value(row.p_value_max, row.trace)]
    between = joined(ends, " to ")
    if not row.pairings:
        return group(row.trace, between)
    noun = formats.plural(row.pairings, "pairing")
    over = joined([escape("over"), count(row.pairings, row.trace), escape(noun)], " ")
    if broken:
        return joined([group(row.trace, between), beneath(over)])
    return group(row.trace, between, escape(" "), over)


def _row(row: ComparisonRow) -> Markup:
    first = [
        heading(joined([named(row.study or row.study_id, row.citekeys), _detail(row)])),
        cell(_experimental(row)),
        cell(_comparator(row)),
    ]
    if row.estimate is None and row.p_value is None and row.p_value_min is None:
        return element("tr", *first, element("td", _without(row), colspan="3", class_="none"))
    return element(
        "tr",
        *first,
        cell(joined([effect(row), beneath(effect_interval(row))]), "r"),
        cell(effect_p(row, broken=True), "r"),
        cell(_status(row)),
    )


def _without(row: ComparisonRow) -> Markup:
    """Return one wide cell: what is printed instead of an effect, and why there is none."""
    printed = element("q", escape(row.printed), class_="quote") if row.printed else EMPTY
    reason = beneath(traced_words(row.reason, row.trace), "why")
    return joined([joined([printed, status_mark(row.status)], " "), reason])


def _detail(row: ComparisonRow) -> Markup:
    parts = [span("quote", when(row))]
    if row.design == "within-person":
        parts.append(escape("same people on both sides"))
    return beneath(joined(parts, "; "))


def _experimental(row: ComparisonRow) -> Markup:
    result = _result(row.trace, (row.events_e, row.n_e), (row.mean_e, row.sd_e))
    return joined([result, beneath(span("name", row.label_e or row.arm_e))])


def _comparator(row: ComparisonRow) -> Markup:
    result = _result(row.trace, (row.events_c, row.n_c), (row.mean_c, row.sd_c))
    return joined([result, beneath(span("name", row.label_c or row.arm_c))])


def _result(
    trace: Trace,
    counts: tuple[int | None, int | None],
    means: tuple[float | None, float | None],
) -> Markup:
    """Return events/n, or mean (SD) and n, of one arm."""
    (events, n), (mean, sd) = counts, means
    size = count(n, trace)
    if events is not None:
        return group(trace, count(events, trace), escape("/"), size)
    if mean is not None:
        spread = (escape(" (SD "), ratio(sd, trace), escape(")")) if sd is not None else ()
        people = (escape(", n "), size) if n is not None else ()
        return group(trace, ratio(mean, trace), *spread, *people)
    return group(trace, escape("n "), size) if n is not None else MISSING


def _on_scale(value: float | None, row: ComparisonRow) -> Markup:
    if row.measure == "RD":
        return share(value, row.trace, digits=1)
    return ratio(value, row.trace)


def _status(row: ComparisonRow) -> Markup:
    if not row.reason or row.estimate is not None:
        return status_mark(row.status)
    return joined([status_mark(row.status), beneath(traced_words(row.reason, row.trace), "why")])


def _notes(comparisons: Result[ComparisonRow]) -> str:
    settings = comparisons.settings
    measure = str(settings.get("measure", ""))
    name = MEASURES.get(measure, measure or "effect")
    sentences = [f"{measure}: {name}, experimental against comparator." if measure else ""]
    used = dict.fromkeys(row.p_method for row in comparisons if row.p_method)
    if used:
        tests = " or ".join(TESTS.get(method, method) for method in used)
        sentences.append(f"p by {tests}, two-sided.")
    if any(row.p_value is None and row.p_value_min is not None for row in comparisons):
        sentences.append(
            "Where the same people were treated on both sides and only the totals of each side are "
            "printed, the table of pairs is unknown: limits and p are the extremes over every "
            "pairing that the totals allow, never those of an independent test."
        )
    if any(row.estimate is None for row in comparisons):
        sentences.append("Comparisons without an effect are kept, with the reason.")
    return " ".join(sentence for sentence in sentences if sentence)
