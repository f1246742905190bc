"""Claims and assumptions as texts under headings; the rows are synthetic."""

from __future__ import annotations

from typing import Any

from evsyn.cli.sheets.texts import assumptions_sheet, claims_sheet
from evsyn.synthesis.results import AssumptionRow, ClaimRow, Result


def test_claims(make: Any) -> None:
    row = make(
        ClaimRow,
        claim_id="S1",
        quote="a synthetic claim of 90%",
        printed="90",
        verdict="contradicted",
        evidence="10/20",
        reason="it is half",
        citekeys=("synthetic1",),
    )
    result = Result("claims", (row,), {}, ("a note",))
    sheet = claims_sheet(result, verbose=False)
    assert sheet.groups == ("S1 · contradicted",) * 3
    assert sheet.rows == (("“a synthetic claim of 90%”",), ("10/20",), ("it is half",))
    assert (sheet.closing, sheet.notes) == (("1 claim",), ("a note",))
    assert claims_sheet(result, verbose=True).rows[3:] == (
        ("sources: synthetic1",),
        (f"trace: {row.trace.trace_id}",),
    )


def test_a_value_that_the_quote_lacks_is_added(make: Any) -> None:
    row = make(ClaimRow, claim_id="S1", quote="most of them", printed="90")
    assert claims_sheet(Result("claims", (row,), {}), verbose=False).rows == (
        ("“most of them” (90)",),
    )


def test_assumptions(make: Any) -> None:
    rows = tuple(
        make(
            AssumptionRow,
            assumption_id=name,
            group="synthetic_n",
            requires=requires,
            study="Synthetic",
            statement="Each group had 20.",
            rationale="It fits.",
            accepted=bool(requires),
            effect="would give 18/20",
        )
        for name, requires in (("a", ()), ("b", ("c",)))
    )
    sheet = assumptions_sheet(Result("assumptions", rows, {}), verbose=False)
    assert sheet.groups[0] == "a · not accepted · one of 2 that exclude each other"
    assert sheet.groups[-1] == "b · accepted · one of 2 that exclude each other"
    assert sheet.rows == (
        ("Synthetic: Each group had 20.",),
        ("→ would give 18/20",),
        ("Synthetic: Each group had 20.",),
        ("requires c",),
        ("→ would give 18/20",),
    )
    assert ("It fits.",) in assumptions_sheet(Result("assumptions", rows, {}), verbose=True).rows
