"""The table of comparisons: counts or means of both arms, effect, interval, p and its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from evsyn import formats
from evsyn.review.arrange import (
    CountRanges,
    arm_range,
    bounded,
    comparison_groups,
    count_ranges,
    of_studies,
    when,
)
from evsyn.review.blocks import Block
from evsyn.review.reasons import reason_of
from evsyn.synthesis.results import ComparisonRow, RateRow, Result
from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Trace
from evsyn.text.citations import named
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, span, words
from evsyn.text.numbers import (
    MISSING,
    count,
    counted,
    group,
    level_of,
    noted,
    p_value,
    ratio,
    share,
)
from evsyn.text.other_scales import only_on_other_scales
from evsyn.text.status import status_mark, traced_status
from evsyn.text.table import (
    Column,
    Section,
    beneath,
    cell,
    framed,
    heading,
    headings,
    with_reason,
)

__all__ = [
    "MEASURES",
    "TESTS",
    "CountRanges",
    "arm_range",
    "comparisons_table",
    "count_ranges",
    "effect",
]
__all__ += ["effect_interval", "effect_p", "effect_range", "reason_words"]

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
    first: Sequence[str] = (),
    rates: Result[RateRow] | None = None,
    scales: Iterable[Result[ComparisonRow]] = (),
    known_only: bool = False,
    title: str = "Comparisons by outcome",
) -> Block:
    """Return the comparisons as an accessible table; those without an effect stay and say why.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare``; what reviews print is left to :func:`reviews_table`.
    ledger : Ledger, optional
        Where outcomes say what they are: benefits come before harms.
    first : sequence of str
        Outcomes that lead, e.g. those of the declared analyses.
    rates : Result of RateRow, optional
        Output of ``Review.rates``: tells between which counts an arm lies.
    scales : iterable of Result of ComparisonRow
        Output of ``Review.compare`` for other measures: a comparison that has a result there only
        says so.
    known_only : bool
        Whether rows without an effect, limits or range are only counted below the table.
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
    every = of_studies(comparisons)
    shown = replace(every, rows=tuple(filter(_told, every.rows))) if known_only else every
    ranges = count_ranges(rates)
    elsewhere = _elsewhere(comparisons, scales)
    sections = [
        Section(
            span("name", found.title or "No outcome with a count was found"),
            [_row(row, ranges, elsewhere) for row in found.rows],
        )
        for found in comparison_groups(shown, ledger, first=first)
    ]
    notes, note_traces = noted(comparisons)
    if known_only and len(shown) < len(every):
        more, trace = counted(
            "comparisons without an effect",
            len(every) - len(shown),
            "rows without an effect, limits or a range",
            settings=comparisons.settings,
        )
        noun = formats.plural(len(every) - len(shown), "comparison has", "comparisons have")
        notes.append(joined([more, escape(f" more {noun} no effect that can be computed.")]))
        note_traces.append(trace)
    return framed(
        escape(title),
        columns,
        sections,
        traces=[*(row.trace for row in shown), *note_traces],
        notes=joined([escape(_notes(shown)), *notes], " "),
    )


def effect(row: ComparisonRow) -> Markup:
    """Return the estimate on its natural scale, differences in proportions as percentages."""
    return _on_scale(row.estimate, row)


def effect_interval(row: ComparisonRow) -> Markup:
    """Return the interval; of pairs known by their margins the widest over every pairing."""
    if row.ci_lb is not None and row.ci_ub is not None:
        limits = [_on_scale(row.ci_lb, row), _on_scale(row.ci_ub, row)]
        return group(row.trace, joined(limits, " to "))
    if row.ci_lb is not None or row.ci_ub is not None:
        lowest, highest = formats.MISSING, "∞"
        ends = [
            escape(lowest) if row.ci_lb is None else _on_scale(row.ci_lb, row),
            escape(highest) if row.ci_ub is None else _on_scale(row.ci_ub, row),
        ]
        return group(row.trace, joined(ends, " to "))
    if row.ci_lb_min is not None and row.ci_ub_max is not None:
        limits = [_on_scale(row.ci_lb_min, row), _on_scale(row.ci_ub_max, row)]
        return group(row.trace, escape("within "), joined(limits, " to "))
    return MISSING


def effect_range(row: ComparisonRow) -> Markup:
    """Return between which values the estimate lies where a count is open; else nothing."""
    if row.estimate_min is None or row.estimate_max is None:
        return EMPTY
    ends = [_on_scale(row.estimate_min, row), _on_scale(row.estimate_max, row)]
    return group(row.trace, joined(ends, " to "))


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


def _told(row: ComparisonRow) -> bool:
    return row.estimate is not None or bounded(row)


def _elsewhere(
    comparisons: Result[ComparisonRow], scales: Iterable[Result[ComparisonRow]]
) -> frozenset[tuple[str, str]]:
    rows = only_on_other_scales(comparisons, scales)
    return frozenset((row.study_id, row.comparison_id) for row in rows)


def _row(row: ComparisonRow, ranges: CountRanges, elsewhere: frozenset[tuple[str, str]]) -> Markup:
    first = joined([named(row.study or row.study_id, row.citekeys), _detail(row)])
    arms = [cell(_experimental(row, ranges)), cell(_comparator(row, ranges))]
    if row.estimate is not None:
        result = joined([effect(row), beneath(effect_interval(row))])
        cells = [cell(result, "r"), cell(effect_p(row, broken=True), "r")]
        return element("tr", heading(first), *arms, *cells, cell(status_mark(row.status)))
    between = effect_range(row)
    status = cell(traced_status(row.status, row.trace))
    if between:
        cells = [cell(between, "r"), cell(MISSING, "r"), status]
    elif bounded(row) or row.p_value is not None or row.p_value_min is not None:
        result = joined([span("none", "not estimable"), beneath(effect_interval(row))])
        cells = [cell(result, "r"), cell(effect_p(row, broken=True), "r"), status]
    else:
        printed = element("q", escape(row.printed), class_="quote") if row.printed else EMPTY
        if not row.outcome_id:
            other = (row.study_id, row.comparison_id) in elsewhere
            below = escape("; a result on another scale stands with those as printed")
            words_ = joined([printed, reason_words(row)], " ")
            words_ = joined([words_, below]) if other else words_
            wide = element("td", words_, colspan="2", class_="none")
            return element("tr", heading(first), *arms, wide, status)
        cells = [element("td", printed or MISSING, colspan="2", class_="none r"), status]
    return with_reason(first, [*arms, *cells], reason_words(row), width=6)


def reason_words(row: RateRow | ComparisonRow) -> Markup:
    """Return why a row has no number, then which assumptions would change it."""
    reason = reason_of(row)
    why = "; ".join(reason.why)
    said = words(f"{why[:1].upper()}{why[1:]}" if row.outcome_id else why, reason.assumptions)
    if not reason.assumptions:
        return said
    names = joined((element("code", escape(name)) for name in reason.assumptions), ", ")
    return joined([said, escape(". Assumptions that bear on it: "), names, escape(".")])


def _detail(row: ComparisonRow) -> Markup:
    parts = [span("quote", when(row))]
    if row.design == "within-person":
        parts.append(escape("same people on both sides"))
    return beneath(joined(parts, "; "))


def _experimental(row: ComparisonRow, ranges: CountRanges) -> Markup:
    between = arm_range(row, row.arm_e, ranges)
    result = _result(row.trace, (row.events_e, row.n_e), (row.mean_e, row.sd_e), between)
    return joined([result, beneath(span("name", row.label_e or row.arm_e))])


def _comparator(row: ComparisonRow, ranges: CountRanges) -> Markup:
    between = arm_range(row, row.arm_c, ranges)
    result = _result(row.trace, (row.events_c, row.n_c), (row.mean_c, row.sd_c), between)
    return joined([result, beneath(span("name", row.label_c or row.arm_c))])


def _result(
    trace: Trace,
    counts: tuple[int | None, int | None],
    means: tuple[float | None, float | None],
    between: tuple[int, int] | None = None,
) -> Markup:
    """Return events/n, or mean (SD) and n, of one arm; of an open count both ends."""
    (events, n), (mean, sd) = counts, means
    size = count(n, trace)
    if events is None and between is not None and n is not None:
        ends = joined([count(end, trace) for end in between], " to ")
        return group(trace, ends, escape("/"), size)
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
    if any(row.estimate_min is not None for row in comparisons):
        sentences.append(
            "Where a count is open, the effect at either end of it, without an interval."
        )
    if not all(map(_told, comparisons)):
        sentences.append("Comparisons without an effect are kept, with the reason.")
    return " ".join(sentence for sentence in sentences if sentence)
