"""Claims and assumptions as texts under headings, for people."""

from __future__ import annotations

from collections import Counter

from evsyn.cli.sheet import Column, Sheet
from evsyn.cli.sheets.words import named, plural
from evsyn.synthesis.results import AssumptionRow, ClaimRow, Result

__all__ = ["assumptions_sheet", "claims_sheet"]


def claims_sheet(result: Result[ClaimRow], *, verbose: bool, aside: str = "") -> Sheet:
    """Claims with their verdicts as a table.

    Parameters
    ----------
    result : Result of ClaimRow
        What ``claims`` found.
    verbose, aside
        As of :func:`evsyn.cli.sheets.rates.rates_sheet`.

    Returns
    -------
    Sheet
        Each claim under its id and verdict.
    """
    rows: list[tuple[str]] = []
    groups: list[str] = []
    for row in result:
        value = f" ({row.printed})" if row.printed and row.printed not in row.quote else ""
        told = [f"“{row.quote}”{value}", row.evidence, row.reason]
        told += [f"sources: {', '.join(row.citekeys)}"] if verbose and row.citekeys else []
        told += [f"trace: {row.trace.trace_id}"] if verbose else []
        found = [(text,) for text in told if text]
        rows += found
        groups += [named(row.claim_id, row.verdict)] * len(found)
    return Sheet(
        (Column(""),),
        tuple(rows),
        "Claims and what the sources print",
        aside,
        (plural(len(result), "claim"),) if rows else (),
        notes=result.notes,
        groups=tuple(groups),
    )


def assumptions_sheet(result: Result[AssumptionRow], *, verbose: bool, aside: str = "") -> Sheet:
    """Assumptions with what accepting each would change.

    Parameters
    ----------
    result : Result of AssumptionRow
        What ``assumptions`` found.
    verbose, aside
        As of :func:`evsyn.cli.sheets.rates.rates_sheet`; verbose adds what speaks for and against.

    Returns
    -------
    Sheet
        Each assumption under its id, default and group.
    """
    size = Counter(row.group for row in result)
    rows: list[tuple[str]] = []
    groups: list[str] = []
    for row in result:
        state = "accepted" if row.accepted else "not accepted"
        others = f"one of {size[row.group]} that exclude each other" if size[row.group] > 1 else ""
        told = [f"{row.study}: {row.statement}" if row.study else row.statement]
        told += [row.rationale] if verbose else []
        told += [f"requires {', '.join(row.requires)}"] if row.requires else []
        told += [f"→ {row.effect}"] if row.effect else []
        rows += [(text,) for text in told]
        groups += [named(row.assumption_id, state, others)] * len(told)
    return Sheet(
        (Column(""),),
        tuple(rows),
        "Assumptions",
        aside,
        ("`--accept ID` on another verb accepts one",) if rows else (),
        notes=result.notes,
        groups=tuple(groups),
    )
