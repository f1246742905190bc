"""Findings: where sources disagree, a number cannot be, or several counts fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from evsyn.review.blocks import Block
from evsyn.synthesis.overview import findings_by_value
from evsyn.tables.evidence import Evidence
from evsyn.tables.fields import FIELDS
from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Finding, Step, Trace
from evsyn.text.citations import cite
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, span, words
from evsyn.text.table import Section, beneath, cell, framed, heading, headings

__all__ = ["findings_table"]

_SHAPES = {"error": "✕", "warning": "△", "note": "·"}
_BRACKETS = re.compile(r"\(([^()]*)\)")
_FIELD = re.compile(r"\b[a-z]+[0-9]?(?:_[a-z]+)+\b")


def findings_table(
    findings: Iterable[Finding], *, evidence: Evidence, title: str = "What does not fit"
) -> Block:
    """Return findings on the evidence as an accessible table.

    Parameters
    ----------
    findings : iterable of Finding
        Output of ``Review.check``, or findings of an evidence.
    evidence : Evidence
        Where the printed values stand that a finding concerns.
    title : str
        Caption.

    Returns
    -------
    Block
        Slot ``wide``: study, finding, what would fit and what is printed. What several rules say
        of one printed value stands in one row.
    """
    rows, traces = [], []
    for together in findings_by_value(findings):
        trace = _trace(together, evidence)
        traces.append(trace)
        rows.append(_row(together, trace, evidence))
    if not rows:
        empty = element("tr", element("td", escape("Nothing was found."), colspan="4"))
        rows = [empty]
    return framed(
        escape(title),
        headings("Study", "Finding", "Would fit", "Printed"),
        [Section(EMPTY, rows)],
        traces=traces,
    )


def _trace(together: Sequence[Finding], evidence: Evidence) -> Trace:
    first = together[0]
    names = dict.fromkeys(name for finding in together for name in finding.extractions)
    known = tuple(name for name in names if name in evidence.ledger.extraction)
    messages = [_readable(finding, evidence.ledger) for finding in together]
    return Trace(
        title=messages[0],
        path=(evidence.ledger.label(first.study_id),) if first.study_id else (),
        steps=tuple(Step("Finding", message) for message in messages),
        quotes=evidence.quotes(known),
        parameters=(
            ("rule", ", ".join(dict.fromkeys(finding.rule for finding in together))),
            ("file", f"{first.file}:{first.line}"),
        ),
    )


def _row(together: Sequence[Finding], trace: Trace, evidence: Evidence) -> Markup:
    first = together[0]
    keys = dict.fromkeys(quote.citekey for quote in trace.quotes)
    name = evidence.ledger.label(first.study_id) if first.study_id else first.file
    known = [key for key in keys if key in evidence.ledger.bibliography.entries]
    shape = _SHAPES.get(first.severity, "·")
    kind = element(
        "span",
        escape(f"{shape} {first.verdict or first.severity}"),
        class_="fd",
        data_trace=trace.trace_id,
    )
    said = joined(
        beneath(words(_readable(finding, evidence.ledger).removeprefix(f"{name}: ")))
        for finding in together
    )
    place = span("ref", f"{first.file}:{first.line}" if first.line else first.file)
    return element(
        "tr",
        heading(joined([span("name", name), cite(known)], "\N{NO-BREAK SPACE}")),
        cell(joined([kind, said, beneath(place)])),
        cell(words(_each_once(finding.expected for finding in together))),
        cell(joined([span("quote", _each_once(finding.found for finding in together))])),
    )


def _each_once(texts: Iterable[str]) -> str:
    """Return texts in a row, without those that another one contains."""
    kept = list(dict.fromkeys(text for text in texts if text))
    inside = {text for text in kept for other in kept if text != other and text in other}
    return "; ".join(text for text in kept if text not in inside)


def _readable(finding: Finding, ledger: Ledger) -> str:
    """Return a message with names and meanings in the place of the ids of a ledger."""
    named = {name: row.name for name, row in ledger.outcome.items()}
    for (study, name), arm in ledger.arm.items():
        if study == finding.study_id:
            named[name] = arm.label
    for row in ledger.comparisons:
        if row.study_id == finding.study_id:
            both = (ledger.arm.get((row.study_id, side)) for side in (row.arm_e, row.arm_c))
            named[row.comparison_id] = " v ".join(side.label for side in both if side)

    def inside(found: re.Match[str]) -> str:
        parts = found[1].split(", ")
        if not any(part in named or part in FIELDS for part in parts):
            return found[0]
        return f"({', '.join(named.get(part) or FIELDS.get(part, part) for part in parts)})"

    message = _BRACKETS.sub(inside, finding.message)
    return _FIELD.sub(lambda found: FIELDS.get(found[0], found[0]), message)
