"""Comparisons as a table for people."""

from __future__ import annotations

import math
from collections import Counter

from evsyn import formats
from evsyn.cli.sheet import Column, Sheet
from evsyn.cli.sheets.words import (
    TAIL,
    Reasons,
    against,
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
from evsyn.synthesis.results import ComparisonRow, Result

__all__ = ["MEASURES", "compare_sheet"]

MEASURES = {
    "RR": "Risk ratio",
    "OR": "Odds ratio",
    "RD": "Risk difference",
    "MD": "Mean difference",
    "SMD": "Standardised mean difference",
    "ROM": "Ratio of means",
    "IRR": "Rate ratio",
    "ZCOR": "Correlation",
}
"""Measures by code."""


def compare_sheet(
    result: Result[ComparisonRow],
    *,
    symbols: bool,
    verbose: bool,
    project: bool,
    assumptions: bool = False,
    aside: str = "",
) -> Sheet:
    """Comparisons as a table; of pairs known by their margins only, the range.

    Parameters
    ----------
    result : Result of ComparisonRow
        What ``compare`` found.
    symbols, verbose, project, assumptions, aside
        As of :func:`evsyn.cli.sheets.rates.rates_sheet`.

    Returns
    -------
    Sheet
        One row a comparison.
    """
    measures = list(dict.fromkeys(row.measure for row in result if row.measure))
    reasons = Reasons(symbols=symbols)
    rows = [
        _compare_cells(row, reasons, project=project, several=len(measures) > 1, verbose=verbose)
        for row in result
    ]
    one = measures[0] if len(measures) == 1 else ""
    columns = (
        Column("study"),
        Column("outcome"),
        number("experimental"),
        number("comparator"),
        Column("measure", wrap=False),
        number(one or "effect"),
        number(level_words(result.settings)),
        number("p"),
        Column("status"),
        *(TAIL if verbose else ()),
    )
    done = sum(row.estimate is not None for row in result)
    ranges = sum(row.p_value is None and row.p_value_min is not None for row in result)
    counts = Counter(row.status for row in result if row.estimate is None)
    said = plural(done, "comparison") + (f", {ranges} as a range over pairings" if ranges else "")
    return Sheet(
        columns,
        tuple(rows),
        _compare_title(result, one),
        aside,
        (closing(counts, said, assumptions=assumptions),),
        notes=result.notes,
        groups=tuple(named(row.study, against(row.label_e, row.label_c)) for row in result)
        if project
        else (),
        reasons=reasons.told(),
    )


def _compare_cells(
    row: ComparisonRow, reasons: Reasons, *, project: bool, several: bool, verbose: bool
) -> tuple[str, ...]:
    known = row.estimate is not None and (row.ci_lb is not None or row.p_value is not None)
    known = known and row.kind != "review"
    state = reasons.cell(row.status, "" if known else row.reason)
    return (
        "" if project else row.study,
        what(row) if project else "",
        _side(row, "e"),
        _side(row, "c"),
        row.measure if several else "",
        _estimate(row),
        _interval(row),
        _p_range(row),
        "" if known and not project else state,
        *tail(verbose, row),
    )


def _compare_title(result: Result[ComparisonRow], measure: str) -> str:
    intervals = list(dict.fromkeys(row.ci_method for row in result if row.ci_method))
    tests = list(dict.fromkeys(row.p_method for row in result if row.p_method))
    name = MEASURES.get(measure, "Effect")
    interval = f" ({', '.join(map(method, intervals))})" if intervals else ""
    test = f", p ({', '.join(map(method, tests))})" if tests else ""
    return f"{name}, {level_words(result.settings)}{interval}{test}"


def _effect(value: float | None, measure: str) -> str:
    if measure == "RD":
        return formats.decimals(value, 3)
    return formats.decimals(value, 2)


def _end(row: ComparisonRow, name: str) -> str:
    """One limit (or the estimate) as printed; one that has no end as infinity."""
    value: float | None = getattr(row, name)
    return formats.decimals(math.inf, 0) if name in row.infinite else _effect(value, row.measure)


def _side(row: ComparisonRow, side: str) -> str:
    events, n = getattr(row, f"events_{side}"), getattr(row, f"n_{side}")
    mean, sd = getattr(row, f"mean_{side}"), getattr(row, f"sd_{side}")
    if events is not None:
        return str(events) if row.measure == "IRR" else out_of(events, n)
    if mean is None:
        return ""
    spread = "" if sd is None else f" ± {formats.significant(sd)}"
    return f"{formats.significant(mean)}{spread}{'' if n is None else f' ({n})'}"


def _estimate(row: ComparisonRow) -> str:
    """The estimate, or the range that open counts leave."""
    if row.estimate is None and row.estimate_min is not None and row.estimate_max is not None:
        low, high = _end(row, "estimate_min"), _end(row, "estimate_max")
        return f"{low} to {high}"
    return _end(row, "estimate")


def _p_range(row: ComparisonRow) -> str:
    if row.p_value is not None:
        return formats.p_value(row.p_value)
    if row.p_value_min is not None and row.p_value_max is not None:
        return f"{formats.p_value(row.p_value_min)} to {formats.p_value(row.p_value_max)}"
    return formats.MISSING


def _interval(row: ComparisonRow) -> str:
    has = {
        name: getattr(row, name) is not None or name in row.infinite
        for name in ("ci_lb", "ci_ub", "ci_lb_min", "ci_ub_max")
    }
    if has["ci_lb"] or has["ci_ub"]:
        return f"{_end(row, 'ci_lb')} to {_end(row, 'ci_ub')}"
    if has["ci_lb_min"] and has["ci_ub_max"]:
        return f"within {_end(row, 'ci_lb_min')} to {_end(row, 'ci_ub_max')}"
    return formats.MISSING
