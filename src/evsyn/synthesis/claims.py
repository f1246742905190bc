"""Claims of texts with what the sources print for them."""

from __future__ import annotations

from collections.abc import Iterable

from evsyn.errors import TableError, did_you_mean
from evsyn.synthesis.cells import CellIndex, named_assumptions, study_citekeys, time_label
from evsyn.synthesis.results import ClaimRow, Result
from evsyn.tables.cells import weakest
from evsyn.tables.evidence import Cell, Evidence
from evsyn.tables.ledger import Claim
from evsyn.tables.provenance import Quote, Step, Trace

__all__ = ["claim_quote", "claims"]

_SHARES = ("percent", "percent_unclear", "percent_units", "percent_change", "events", "n")


def claims(evidence: Evidence, *, document: str = "") -> Result[ClaimRow]:
    """Each claim with its verdict and with what the sources print for it.

    Parameters
    ----------
    evidence : Evidence
        The tidy table under a selection of assumptions.
    document : str
        One document; empty: all.

    Returns
    -------
    Result of ClaimRow
        In the order of the ledger. ``evidence`` holds what is printed for the study, outcome and
        field that the claim names; the verdict is the one judged in ``claims.csv``.

    Raises
    ------
    TableError
        If no claim stands in the document.
    """
    rows = evidence.ledger.claims
    documents = list(dict.fromkeys(row.document for row in rows))
    if document and document not in documents:
        near = did_you_mean(document, documents)
        raise TableError(
            f'no claim of "{document}" in the ledger{near}; allowed: {", ".join(documents)}'
        )
    index = CellIndex.of(evidence)
    chosen = [row for row in rows if document in ("", row.document)]
    verdicts: dict[str, int] = {}
    for row in chosen:
        verdicts[row.verdict] = verdicts.get(row.verdict, 0) + 1
    settings: dict[str, object] = {"document": document} if document else {}
    counts = ", ".join(f"{count} {verdict}" for verdict, count in verdicts.items())
    notes = (f"Verdicts: {counts}.",) if chosen else ("No claims in the ledger.",)
    return Result(
        "claims",
        tuple(_row(index, row) for row in chosen),
        settings,
        notes,
        evidence.selection.accepted,
    )


def claim_quote(claim: Claim) -> Quote:
    """Return the words of a claim as the end of a trace."""
    where = [claim.field, claim.intervention, claim.comparator and f"v {claim.comparator}"]
    return Quote(
        extraction_id=claim.claim_id,
        citekey=claim.document,
        locator="",
        printed=claim.printed,
        text=claim.quote,
        what=", ".join(part for part in where if part),
    )


def _row(index: CellIndex, claim: Claim) -> ClaimRow:
    ledger = index.ledger
    cells = _matching(index, claim)
    said = _said(index, cells)
    known = claim.study_id in ledger.study
    extractions = tuple(dict.fromkeys(name for cell in cells for name in cell.extractions))
    assumptions = tuple(dict.fromkeys(name for cell in cells for name in cell.assumptions))
    label = ledger.label(claim.study_id) if known else ""
    outcome = index.name(claim.outcome_id) if claim.outcome_id else ""
    status = weakest([cell.status for cell in cells]) if cells else "not found"
    steps = [Step("Verdict", f"{claim.verdict}: {claim.reason}")]
    steps += [Step("Printed", said, status)] if said else []
    values = [(cell.key.field, cell.value) for cell in cells if cell.value is not None]
    time = time_label(claim.months, "")
    return ClaimRow(
        claim_id=claim.claim_id,
        document=claim.document,
        quote=claim.quote,
        study_id=claim.study_id,
        cites=claim.cites,
        intervention=claim.intervention,
        comparator=claim.comparator,
        outcome_id=claim.outcome_id,
        months=claim.months,
        field=claim.field,
        printed=claim.printed,
        n=claim.n,
        verdict=claim.verdict,
        reason=claim.reason,
        evidence=said,
        citekeys=study_citekeys(ledger, claim.study_id) if known else (),
        study=label,
        outcome=outcome,
        trace=Trace(
            title=f"{claim.claim_id}: {claim.verdict}",
            path=tuple(part for part in (claim.document, label, outcome, time) if part),
            values=tuple(
                (f"{name}_{number}" if number > 1 else name, value)
                for number, (name, value) in enumerate(values, 1)
            ),
            steps=tuple(steps),
            quotes=(claim_quote(claim), *index.evidence.quotes(extractions)),
            assumptions=named_assumptions(ledger, assumptions),
            parameters=(("document", claim.document),),
            status=status,
        ),
    )


def _matching(index: CellIndex, claim: Claim) -> list[Cell]:
    """Printed cells of the claim's study, outcome and field; shares count as one field."""
    if claim.study_id not in index.ledger.study:
        return []
    fields = _SHARES if claim.field in _SHARES else (claim.field,)
    found = [
        cell
        for owner in index.owners(claim.study_id)
        for cells in index.slots(claim.study_id, owner).values()
        for cell in cells
        if not cell.rule
        and cell.extractions
        and cell.key.outcome_id == claim.outcome_id
        and (not claim.field or cell.key.field in fields)
        and (claim.outcome_id or claim.field)
    ]
    at_time = [cell for cell in found if cell.key.months == claim.months]
    return at_time if claim.months is not None and at_time else found


def _said(index: CellIndex, cells: Iterable[Cell]) -> str:
    parts = []
    for cell in cells:
        key = cell.key
        who = index.arm_label(key.study_id, key.arm_id) if key.arm_id else ""
        shown = cell.text
        if key.field.startswith("percent") and shown[-1:].isdigit():
            shown += " %"
        what = key.field.replace("_", " ")
        detail = ", ".join(part for part in (who, key.subgroup, what) if part)
        parts.append(f"{shown} ({detail})")
    return "; ".join(dict.fromkeys(parts))
