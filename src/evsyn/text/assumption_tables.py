"""Assumptions: what each says, whether it counts, and what accepting it would change."""

from __future__ import annotations

import re
from collections.abc import Sequence

from evsyn import formats
from evsyn.review.arrange import of_studies
from evsyn.review.blocks import Block
from evsyn.synthesis.results import AssumptionRow, ComparisonRow, RateRow, Result
from evsyn.tables.provenance import Trace
from evsyn.text.accepted import Gain, coded, gains, told_gain
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, listed, span, words
from evsyn.text.numbers import noted, traced_words
from evsyn.text.table import Section, beneath, cell, framed, heading, headings

__all__ = ["assumptions_table", "if_accepted"]

_BESIDE = re.compile(r"\bwith ([\w-]+(?:(?:, | and )[\w-]+)*) it would give")
_NAMES = re.compile(", | and ")


def assumptions_table(
    assumptions: Result[AssumptionRow], *, title: str = "Assumptions on offer"
) -> Block:
    """Return the assumptions as an accessible table, by study.

    Parameters
    ----------
    assumptions : Result of AssumptionRow
        Output of ``Review.assumptions``.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``: statement, rationale, whether it counts, what accepting it changes.
    """
    notes, note_traces = noted(assumptions)
    names = {row.study_id: row.study or row.study_id for row in assumptions}
    return framed(
        escape(title),
        headings("Assumption", "Why it may hold", "Counts", "Accepting it"),
        [
            Section(
                span("name", shown),
                [_row(row) for row in assumptions if row.study_id == name],
            )
            for name, shown in names.items()
        ],
        traces=[*(row.trace for row in assumptions), *note_traces],
        notes=joined(
            [
                escape(
                    "Assumptions of one group exclude each other. A rejected assumption leaves no "
                    "trace in any result; an accepted one is named wherever it matters."
                ),
                *notes,
            ],
            " ",
        ),
    )


def if_accepted(
    assumptions: Result[AssumptionRow],
    result: Result[ComparisonRow] | Result[RateRow],
    *,
    first: Sequence[str] = (),
    title: str = "If it is accepted",
) -> Block:
    """Return what the rejected assumptions would change in the results of a page.

    Parameters
    ----------
    assumptions : Result of AssumptionRow
        Output of ``Review.assumptions``.
    result : Result of ComparisonRow or RateRow
        Output of ``Review.compare`` or ``Review.rates``.
    first : sequence of str
        Outcomes that lead, e.g. those of the declared analyses.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``main``: a small table by study; a sentence where nothing would change.
    """
    rows: Sequence[ComparisonRow | RateRow] = result.rows
    if result.command == "compare":
        rows = of_studies(result).rows  # type: ignore[arg-type]
    rows = sorted(rows, key=lambda row: row.outcome_id not in first)
    told: dict[str, dict[str, list[tuple[ComparisonRow | RateRow, Gain]]]] = {}
    for row, gain in gains(assumptions.rows, rows):
        study = told.setdefault(row.study or row.study_id, {})
        study.setdefault(gain.row.assumption_id, []).append((row, gain))
    if not told:
        text = "No assumption that is rejected here would change a result of this page."
        return Block(f"<p>{text}</p>", text, (), "main")
    traces: list[Trace] = []
    sections = []
    for name, found in told.items():
        traces += [gain[0][1].row.trace for gain in found.values()]
        sections.append(Section(span("name", name), [_offer(group) for group in found.values()]))
    return framed(
        escape(title), headings("Assumption", "It would give"), sections, traces=traces, slot="main"
    )


def _offer(found: Sequence[tuple[ComparisonRow | RateRow, Gain]]) -> Markup:
    first = found[0][1]
    statement = joined([words(first.row.statement), beneath(coded(first))])
    results = []
    for row, gain in found:
        what = formats.lowered(row.outcome or row.outcome_id)
        if isinstance(row, RateRow):
            what = f"{formats.lowered(row.arm or row.arm_id)}, {what}"
        results.append(joined([told_gain(gain), beneath(span("name", what))]))
    return element("tr", heading(statement), cell(Markup("<br>".join(results))))


def _row(row: AssumptionRow) -> Markup:
    mark = "● accepted" if row.accepted else "○ rejected"
    default = "" if row.accepted == (row.default == "accept") else f"by default: {row.default}"
    needs = listed(element("code", escape(name)) for name in row.requires)
    below = joined([element("code", escape(row.assumption_id)), _with(needs)], " ")
    return element(
        "tr",
        heading(joined([words(row.statement), beneath(below)])),
        cell(words(row.rationale)),
        cell(joined([span(f"nb as-{mark[2:]}", mark), beneath(escape(default))])),
        cell(_effect(row)),
    )


def _effect(row: AssumptionRow) -> Markup:
    if not row.effect:
        return span("none", "changes nothing")
    if not row.changes:
        return words(row.effect)
    effects = [change for change in row.changes if change[0] == "compare"]
    shown = {change[3]: change[1] for change in (effects or row.changes)[:3]}
    lines = [
        joined(
            [
                element(
                    "span",
                    traced_words(after, row.trace),
                    class_="nums",
                    data_trace=row.trace.trace_id,
                ),
                beneath(words(what)),
            ]
        )
        for after, what in shown.items()
    ]
    more = len(row.changes) - len(shown)
    if more > 0:
        lines.append(beneath(words(f"and {more} more")))
    if partners := _partners(row):
        names = listed(element("code", escape(name)) for name in partners)
        lines.insert(0, joined([escape("with "), names, escape(":")]))
    return Markup("<br>".join(lines)) if lines else EMPTY


def _partners(row: AssumptionRow) -> tuple[str, ...]:
    """Assumptions without which one that is rejected would not give what it is said to give."""
    if row.accepted:
        return ()
    beside = _BESIDE.search(row.effect)
    return tuple(dict.fromkeys([*row.requires, *(_NAMES.split(beside[1]) if beside else ())]))


def _with(needs: Markup) -> Markup:
    return joined([escape("requires "), needs]) if needs else EMPTY
