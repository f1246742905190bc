"""The answer of a page on comparisons: what the declared analyses allow to be said, and no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from evsyn import formats
from evsyn.review.arrange import (
    CountRanges,
    arm_range,
    comparison_groups,
    count_ranges,
    known,
    of_studies,
    without_parts,
)
from evsyn.review.blocks import Block
from evsyn.review.reasons import reason_of, short_reason
from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.results import AssumptionRow, ComparisonRow, PoolRow, RateRow, Result
from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Trace
from evsyn.text.accepted import gains
from evsyn.text.citations import cite
from evsyn.text.comparison_rest import effects_left, scales_left
from evsyn.text.comparison_sentences import effect_sentence, told_counts
from evsyn.text.comparison_tables import MEASURES, effect_range
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
from evsyn.text.numbers import count, distinct, group, level_of, ratio, share

__all__ = ["comparisons_answer"]

IN_TABLE = "in the table"
"""Where the other comparisons stand on the page itself."""

MOST = 3
"""Most comparisons that an answer without a declared analysis spells out."""


@dataclass(slots=True)
class _Told:
    """What an answer draws on, and what it has used."""

    level: str
    ranges: CountRanges
    assumptions: Sequence[AssumptionRow]
    traces: list[Trace] = field(default_factory=list)
    rows: list[ComparisonRow] = field(default_factory=list)
    assumed: bool = False


def comparisons_answer(
    comparisons: Result[ComparisonRow],
    *,
    ledger: Ledger | None = None,
    analyses: Iterable[Analysis] = (),
    pool: Result[PoolRow] | None = None,
    rates: Result[RateRow] | None = None,
    assumptions: Result[AssumptionRow] | None = None,
    scales: Iterable[Result[ComparisonRow]] = (),
    slot: str = "lede",
    most: int = MOST,
    where: str = IN_TABLE,
) -> Block:
    """Answer by the declared analyses: the effect, the range it lies in, or why there is none.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Output of ``Review.compare``.
    ledger : Ledger, optional
        Where outcomes say what they unite and whether they are a benefit.
    analyses : iterable of Analysis
        What the project declares; those without a row among the comparisons are left out. Where
        none is left, the first benefits with counts on both sides are told.
    pool : Result of PoolRow, optional
        Output of ``Review.pool``.
    rates : Result of RateRow, optional
        Output of ``Review.rates``: tells between which counts an arm lies.
    assumptions : Result of AssumptionRow, optional
        Output of ``Review.assumptions``: where one bears on what is told, its section is named;
        no number that a rejected assumption would give stands in the answer.
    scales : iterable of Result of ComparisonRow
        Output of ``Review.compare`` for other measures: results on other scales are counted.
    slot : str
        Where the answer stands on the page.
    most : int
        Most comparisons spelt out where no analysis is declared.
    where : str
        Where the other comparisons stand; elsewhere than on this page, what assumptions would give
        stands there too.

    Returns
    -------
    Block
        Paragraphs with traced numbers and citations.
    """
    open_ = tuple(assumptions) if assumptions is not None else ()
    told = _Told(level_of(comparisons), count_ranges(rates), open_)
    studies = of_studies(comparisons)
    asked = [
        (analysis, rows)
        for analysis in analyses
        if (rows := [row for row in studies if _concerns(analysis, row)])
    ]
    asked.sort(key=lambda found: _pooled(found[0], pool) is None and not any(map(known, found[1])))
    paragraphs = []
    for analysis, rows in asked:
        said = _analysis(analysis, rows, _pooled(analysis, pool), told, named=len(asked) > 1)
        settled = _pooled(analysis, pool) is not None or any(map(known, rows))
        beside = EMPTY if settled else _outside(analysis, studies, told, most)
        paragraphs.append(joined([said, beside], " "))
    if not asked:
        first = (_row(row, told) for row in _first(studies, ledger, most))
        paragraphs.append(joined(first, " "))
    left, traces = effects_left(studies, told.rows, ledger=ledger, where=where)
    other, more = scales_left(comparisons, scales)
    told.traces += [*traces, *more]
    place = "in the section below" if where == IN_TABLE else where
    below = f"What each named assumption would give stands {place}."
    paragraphs += [joined([escape(below) if told.assumed else EMPTY, other, left], " ")]
    fragment = joined(element("p", words_) for words_ in paragraphs if words_)
    return Block(fragment, plain_text(fragment), distinct(told.traces), slot)


def _concerns(analysis: Analysis, row: ComparisonRow) -> bool:
    places = {row.study_id, f"{row.study_id}/{row.comparison_id}"}
    if analysis.comparisons and not places & set(analysis.comparisons):
        return False
    return row.outcome_id in analysis.outcomes


def _pooled(analysis: Analysis, pool: Result[PoolRow] | None) -> PoolRow | None:
    rows = [row for row in pool or () if row.group.partition(":")[0] == analysis.name]
    return next((row for row in rows if row.natural.get("estimate") is not None), None)


def _analysis(
    analysis: Analysis,
    rows: Sequence[ComparisonRow],
    pooled: PoolRow | None,
    told: _Told,
    *,
    named: bool,
) -> Markup:
    question = element("i", words(analysis.question)) if named else EMPTY
    ordered = sorted(rows, key=lambda row: (not known(row), row.estimate_min is None))
    settled = pooled is not None or any(map(known, rows))
    opening = EMPTY if settled else escape(_open(rows[0]))
    if pooled is not None:
        return joined([question, _pooled_sentence(pooled, ordered, told)], " ")
    return joined([question, opening, *(_row(row, told) for row in ordered)], " ")


def _open(row: ComparisonRow) -> str:
    measure = MEASURES.get(row.measure, row.measure)
    article = "an" if measure[:1].lower() in "aeiou" else "a"
    return f"As {article} {measure}, what was read leaves this open."


def _outside(analysis: Analysis, studies: Result[ComparisonRow], told: _Told, most: int) -> Markup:
    """Tell effects on the same outcomes that the declaration leaves out, the first ones."""
    rows = [
        row
        for row in studies
        if row.outcome_id in analysis.outcomes
        and not _concerns(analysis, row)
        and (known(row) or row.estimate_min is not None)
    ]
    said = []
    for row in rows[:most]:
        people = ", with the same people on both sides" if row.design == "within-person" else ""
        sentence = _row(row, told)
        if sentence.startswith("In <"):
            sentence = Markup(f"in {sentence[3:]}")
        said.append(joined([escape(f"Outside the declared analysis{people}: "), sentence]))
    return joined(said, " ")


def _pooled_sentence(pooled: PoolRow, rows: Sequence[ComparisonRow], told: _Told) -> Markup:
    told.traces.append(pooled.trace)
    members = []
    for row in rows:
        if known(row) and row.study_id in pooled.studies:
            told.traces.append(row.trace)
            told.rows.append(row)
            inside = joined([escape("("), told_counts(row), escape(")")])
            name = joined([span("name", row.study or row.study_id), escape(" "), inside])
            members.append(joined([name, cite(row.citekeys)]))
    natural = pooled.natural
    limits = joined([_scaled(natural.get(end), pooled) for end in ("ci_lb", "ci_ub")], " to ")
    outcome = rows[0].outcome or rows[0].outcome_id
    return joined(
        [
            escape("For "),
            element("q", span("name", formats.lowered(outcome))),
            escape(", "),
            listed(members),
            escape(f" give a pooled {MEASURES.get(pooled.measure, pooled.measure)} of "),
            _scaled(natural.get("estimate"), pooled),
            escape(" ("),
            span("param", told.level),
            escape(" CI "),
            group(pooled.trace, limits),
            escape(")"),
            _proviso([row for row in rows if row.study_id in pooled.studies], pooled),
            escape("."),
        ]
    )


def _proviso(rows: Sequence[ComparisonRow], pooled: PoolRow) -> Markup:
    """Return what a pooled effect must not be read without."""
    found = []
    if any(row.allocation != "randomised" for row in rows):
        found.append(escape("the studies are not, or not all, stated to be randomised"))
    if any(row.vi_min is not None and row.vi_min != row.vi_max for row in rows):
        found.append(
            escape("who responded on both sides is not printed, so the widest interval stands")
        )
    if len({row.label_c or row.arm_c for row in rows}) > 1:
        against = (
            joined([_label(row, "c"), span("name", row.study or row.study_id)], " in ")
            for row in rows
        )
        found.append(joined([escape("the comparators differ ("), listed(against), escape(")")]))
    if pooled.k == len(rows) == 2:
        found.append(escape("from two studies, how far they differ cannot be judged"))
    return joined([escape("; "), joined(found, "; ")]) if found else EMPTY


def _scaled(value: float | None, pooled: PoolRow) -> Markup:
    if pooled.measure == "RD":
        return share(value, pooled.trace, digits=1)
    return ratio(value, pooled.trace)


def _row(row: ComparisonRow, told: _Told) -> Markup:
    told.traces.append(row.trace)
    told.assumed |= not known(row) and bool(gains(told.assumptions, [row]))
    if known(row):
        told.rows.append(row)
        return effect_sentence(row, told.level)
    if row.estimate_min is not None:
        return joined([_ranged(row, told), escape(".")])
    return joined([_uncounted(row), escape(".")])


def _ranged(row: ComparisonRow, told: _Told) -> Markup:
    sides = [
        joined([_arm(row, side, told), escape(" with "), _label(row, side)]) for side in ("e", "c")
    ]
    return joined(
        [
            escape("In "),
            span("name", row.study or row.study_id),
            cite(row.citekeys),
            escape(", "),
            element("q", span("name", formats.lowered(row.outcome or row.outcome_id))),
            escape(" was counted in "),
            joined(sides, " against "),
            escape(f": the {MEASURES.get(row.measure, row.measure)} lies between "),
            Markup(effect_range(row).replace(" to ", " and ")),
            _depending(row, told),
        ]
    )


def _depending(row: ComparisonRow, told: _Told) -> Markup:
    """Say on which count an effect in a range hangs."""
    ranges = [arm_range(row, arm, told.ranges) for arm in (row.arm_e, row.arm_c)]
    counts = [
        group(row.trace, joined([count(end, row.trace) for end in ends], " to "))
        for ends in ranges
        if ends
    ]
    if not counts:
        return escape(", depending on a count that is not printed")
    which = "which one is" if len(counts) == 1 else "which ones is"
    noun = "count" if len(counts) == 1 else "counts"
    verb = "holds" if len(counts) == 1 else "hold"
    return joined(
        [
            escape(f", depending on which {noun} of "),
            listed(counts),
            escape(f" {verb}; {which} not printed"),
        ]
    )


def _arm(row: ComparisonRow, side: str, told: _Told) -> Markup:
    events = row.events_e if side == "e" else row.events_c
    n = row.n_e if side == "e" else row.n_c
    between = arm_range(row, row.arm_e if side == "e" else row.arm_c, told.ranges)
    if events is not None:
        shown = count(events, row.trace)
    elif between:
        shown = joined([count(end, row.trace) for end in between], " to ")
    else:
        shown = escape("an open number")
    return group(row.trace, shown, escape(" of "), count(n, row.trace)) if n else shown


def _label(row: ComparisonRow, side: str) -> Markup:
    label = (row.label_e or row.arm_e) if side == "e" else (row.label_c or row.arm_c)
    return span("name", formats.lowered(label))


def _uncounted(row: ComparisonRow) -> Markup:
    reason = reason_of(row).why
    why = reason[0] if len(reason) == 1 else short_reason(row)
    return joined(
        [
            span("name", row.study or row.study_id),
            cite(row.citekeys),
            escape(", "),
            joined([_label(row, "e"), _label(row, "c")], " against "),
            escape(", cannot be counted: "),
            words(why.rstrip(".")),
        ]
    )


def _first(
    comparisons: Result[ComparisonRow], ledger: Ledger | None, most: int
) -> Sequence[ComparisonRow]:
    """Return the first comparison with an effect of each study, then the second ones."""
    shown = comparisons if ledger is None else without_parts(comparisons, ledger)
    studies: dict[str, list[ComparisonRow]] = {}
    for found in comparison_groups(shown, ledger):
        for row in found.rows:
            if known(row):
                studies.setdefault(row.study_id, []).append(row)
    deepest = max(map(len, studies.values()), default=0)
    turns = [rows[turn] for turn in range(deepest) for rows in studies.values() if turn < len(rows)]
    return turns[:most]
