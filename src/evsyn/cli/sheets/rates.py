"""Response rates as a table for people."""

from __future__ import annotations

from collections import Counter

from evsyn import formats
from evsyn.cli.sheet import Column, Sheet
from evsyn.cli.sheets.words import (
    TAIL,
    Reasons,
    closing,
    level_words,
    method,
    named,
    number,
    out_of,
    plural,
    tail,
    what,
)
from evsyn.synthesis.results import RateRow, Result

__all__ = ["rates_sheet"]


def rates_sheet(
    result: Result[RateRow],
    *,
    symbols: bool,
    verbose: bool,
    project: bool,
    assumptions: bool = False,
    aside: str = "",
) -> Sheet:
    """Rates as a table: those without a number stay, with their reason.

    Parameters
    ----------
    result : Result of RateRow
        What ``rates`` found.
    symbols : bool
        Whether statuses get their symbol.
    verbose : bool
        Whether sources and trace ids are shown.
    project : bool
        Whether the rows come from a project (and not from a plain file).
    assumptions : bool
        Whether anything may be assumed, so that the last line says where to look.
    aside : str
        Which evidence, which assumptions.

    Returns
    -------
    Sheet
        One row a rate.
    """
    reasons = Reasons(symbols=symbols)
    rows = []
    for row in result:
        known = row.rate is not None
        limits = f"{_bare(row.ci_lb)} to {_bare(row.ci_ub)}" if known else formats.MISSING
        rows.append(
            (
                "" if project else row.study,
                what(row) if project else "",
                formats.percent(row.rate),
                limits,
                _counted(row),
                reasons.cell(row.status, "" if known else row.reason),
                *tail(verbose, row),
            )
        )
    columns = (
        Column("study"),
        Column("outcome"),
        number("rate"),
        number(level_words(result.settings)),
        number("events/n"),
        Column("status"),
        *(TAIL if verbose else ()),
    )
    known_rows = sum(row.rate is not None for row in result)
    counts = Counter(row.status for row in result if row.rate is None)
    name = method(str(result.settings.get("interval", "wilson")))
    return Sheet(
        columns,
        tuple(rows),
        f"Response rates, {name} {level_words(result.settings)}",
        aside,
        (closing(counts, plural(known_rows, "rate"), assumptions=assumptions),),
        notes=result.notes,
        groups=tuple(named(row.study, row.arm) for row in result) if project else (),
        reasons=reasons.told(),
    )


def _counted(row: RateRow) -> str:
    if row.events is None and row.events_min is not None and row.events_max is not None:
        return f"{row.events_min}\N{EN DASH}{row.events_max}/{'?' if row.n is None else row.n}"
    if row.events is None and row.printed:
        return row.printed
    return out_of(row.events, row.n)


def _bare(proportion: float | None) -> str:
    return formats.percent(proportion).removesuffix("%")
