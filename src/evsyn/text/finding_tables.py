"""Findings: where sources disagree, a number cannot be, or several counts fit."""

from __future__ import annotations

from collections.abc import Iterable

from evsyn.review.blocks import Block
from evsyn.tables.evidence import Evidence
from evsyn.tables.provenance import Finding, Step, Trace
from evsyn.text.citations import cite
from evsyn.text.markup import EMPTY, Markup, element, escape, joined, span, words
from evsyn.text.table import Section, beneath, cell, framed, heading, headings

__all__ = ["findings_table"]

_SHAPES = {"error": "✕", "warning": "△", "note": "·"}


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
        Slot ``wide``: study, finding, what would fit and what is printed.
    """
    rows, traces = [], []
    for finding in findings:
        trace = _trace(finding, evidence)
        traces.append(trace)
        rows.append(_row(finding, trace, evidence))
    if not rows:
        empty = element("tr", element("td", escape("Nothing was found."), colspan="4"))
        rows = [empty]
    return framed(
        escape(title),
        headings("Study", "Finding", "Would fit", "Printed"),
        [Section(EMPTY, rows)],
        traces=traces,
    )


def _trace(finding: Finding, evidence: Evidence) -> Trace:
    known = tuple(name for name in finding.extractions if name in evidence.ledger.extraction)
    return Trace(
        title=finding.message,
        path=(evidence.ledger.label(finding.study_id),) if finding.study_id else (),
        steps=(Step("Finding", finding.message),),
        quotes=evidence.quotes(known),
        parameters=(("rule", finding.rule), ("file", f"{finding.file}:{finding.line}")),
    )


def _row(finding: Finding, trace: Trace, evidence: Evidence) -> Markup:
    keys = dict.fromkeys(quote.citekey for quote in trace.quotes)
    name = evidence.ledger.label(finding.study_id) if finding.study_id else finding.file
    known = [key for key in keys if key in evidence.ledger.bibliography.entries]
    shape = _SHAPES.get(finding.severity, "·")
    kind = element(
        "span",
        escape(f"{shape} {finding.verdict or finding.severity}"),
        class_="fd",
        data_trace=trace.trace_id,
    )
    place = span("ref", f"{finding.file}:{finding.line}" if finding.line else finding.file)
    return element(
        "tr",
        heading(joined([span("name", name), cite(known)], "\N{NO-BREAK SPACE}")),
        cell(joined([kind, beneath(words(finding.message)), beneath(place)])),
        cell(words(finding.expected)),
        cell(joined([span("quote", finding.found)])),
    )
