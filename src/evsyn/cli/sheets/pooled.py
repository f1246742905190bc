"""Pooled estimates as a table for people, with subgroups and studies left out; and as CSV lines."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from evsyn import formats
from evsyn.cli.sheet import Column, Sheet
from evsyn.cli.sheets.words import TAIL, Reasons, level_words, number, plural, tail
from evsyn.synthesis.rate_members import PROPORTIONS
from evsyn.synthesis.results import PoolRow, Result
from evsyn.synthesis.scales import ONE_ARM

__all__ = ["pool_lines", "pool_sheet"]

_MODELS = {
    "EE": "common effect",
    "DL": "random effects (DerSimonian-Laird)",
    "HE": "random effects (Hedges)",
    "HS": "random effects (Hunter-Schmidt)",
    "SJ": "random effects (Sidik-Jonkman)",
    "PM": "random effects (Paule-Mandel)",
    "ML": "random effects (ML)",
    "REML": "random effects (REML)",
    "EB": "random effects (empirical Bayes)",
    "MH": "common effect (Mantel-Haenszel)",
    "Peto": "common effect (Peto)",
    "GLMM": "random effects (mixed model of the counts)",
}
_TESTS = {"z": "Wald", "knha": "Hartung-Knapp", "adhoc": "Hartung-Knapp, never narrower"}

_SHARES = frozenset({"RD", "MPRD", "AS", "PR", "PLN", "PLO", "PAS", "PFT"})
_OPEN = frozenset({"IR", "IRLN", "IRS", "IRD", "IRSD", "MN", "MNLN"})
_NESTED = ("effects", "regression", "subgroups", "leave_one_out", "cumulative")
_COMMON = frozenset({"EE", "MH", "Peto"})
"""Methods of a common effect, which have no tau²."""

_LIMITS = {"QP": "Q-profile", "PL": "profile likelihood"}
_NAMED = 4
"""Rows that a note names; of more it says how many."""

_PARTS = {"subgroups": "subgroup", "leave_one_out": "left_out", "cumulative": "added"}


def pool_sheet(
    result: Result[PoolRow], *, symbols: bool, verbose: bool, project: bool, aside: str = ""
) -> Sheet:
    """Pooled estimates as a table on the natural scale, with what they rest on below.

    Parameters
    ----------
    result : Result of PoolRow
        What ``pool`` found.
    symbols, verbose, project, aside
        As of :func:`evsyn.cli.sheets.rates.rates_sheet`.

    Returns
    -------
    Sheet
        One row a pooled group; below each, where asked for, one a subgroup, a study left out, a
        study added and a coefficient of the regression.
    """
    reasons = Reasons(symbols=symbols)
    rows: list[tuple[str, ...]] = []
    groups: list[str] = []
    for row in result:
        numbers = {"p_value": row.p_value, "tau2": row.tau2, "i2": row.i2, "natural": row.natural}
        state = _pool_state(row, reasons, project=project)
        rows.append((*_cells(row.group, row.k, numbers, row), state, *tail(verbose, row)))
        groups.append("Pooled")
        for heading, cells in _beside(row):
            rows.append((*cells, "", *("" for _ in TAIL if verbose)))
            groups.append(heading)
    columns = (
        Column("group"),
        number("k"),
        Column("measure", wrap=False),
        number("estimate"),
        number(level_words(result.settings)),
        number("prediction"),
        number("p"),
        number("tau²"),
        number("I²"),
        Column("status"),
        *(TAIL if verbose else ()),
    )
    models = "; ".join(
        dict.fromkeys(
            f"{_MODELS[row.method]}, {_TESTS.get(row.test, row.test)}"
            for row in result
            if row.k > 1
        )
    )
    why = [
        f"{row.group}: {row.reason}" for row in result if row.reason and row.estimate is not None
    ]
    why += [text for row in result for text in _corrected(row)]
    why += [text for row in result for text in (*_tests(row), *_intervals(row))]
    return Sheet(
        columns,
        tuple(rows),
        f"Meta-analysis: {models}" if models else "Meta-analysis",
        aside,
        (*_heterogeneity(result), _pooled_words(result)),
        notes=(*why, *result.notes),
        groups=tuple(groups) if len(groups) > len(result) else (),
        reasons=reasons.told(),
    )


def _cells(name: str, k: int, numbers: Mapping[str, Any], row: PoolRow) -> tuple[str, ...]:
    natural, measure = numbers["natural"], row.measure
    common = row.method in _COMMON
    return (
        name,
        str(k),
        measure,
        _effect(natural.get("estimate"), measure),
        _range(natural.get("ci_lb"), natural.get("ci_ub"), measure),
        _range(natural.get("pi_lb"), natural.get("pi_ub"), measure),
        formats.p_value(numbers["p_value"]),
        formats.MISSING if common else formats.significant(numbers["tau2"]),
        "" if numbers["i2"] is None else f"{formats.decimals(numbers['i2'], 0)}%",
    )


def _beside(row: PoolRow) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Lines below a pooled effect: heading, and cells without the status."""
    prefix = f"{row.group}: "
    for line in row.subgroups:
        heading = f"{prefix}subgroups by {row.subgroup_test.get('column', '')}"
        yield heading, _cells(line["subgroup"], line["k"], line, row)
    for line in row.leave_one_out:
        yield f"{prefix}without", _cells(line["left_out"], line["k"], line, row)
    for line in row.cumulative:
        name = f"{line['at']} {line['added']}" if line["at"] else line["added"]
        yield f"{prefix}adding", _cells(f"+ {name}", line["k"], line, row)
    for line in row.regression:
        low, high = line["ci_lb"], line["ci_ub"]
        ends = "" if low is None else f"{formats.significant(low)} to {formats.significant(high)}"
        yield (
            f"{prefix}regression (pooling scale)",
            (
                line["term"],
                *("", "", formats.significant(line["coef"]), ends, ""),
                *(formats.p_value(line["p_value"]), "", ""),
            ),
        )


def _heterogeneity(result: Result[PoolRow]) -> Iterator[str]:
    """How much the effects of each group differ: Q, and tau² with its interval."""
    for row in result:
        if row.estimate is None or row.q is None:
            continue
        q = formats.decimals(row.q, 1 if row.q >= 10 else 2)
        kind = "Q (likelihood ratio)" if row.method == "GLMM" else "Q"
        said = f"{row.group}: {kind} = {q} on {row.q_df} df, {_p(row.q_pvalue)}"
        if row.method not in _COMMON and row.tau2 is not None:
            said += f"; tau² {formats.significant(row.tau2)}"
            if row.tau2_ci_lb is not None and row.tau2_ci_ub is not None:
                ends = map(formats.significant, (row.tau2_ci_lb, row.tau2_ci_ub))
                how = _LIMITS.get(row.interval, row.interval)
                said += f" ({level_words(result.settings)} {' to '.join(ends)}, {how})"
        yield said


def _corrected(row: PoolRow) -> Iterator[str]:
    """Which studies entered with 0.5 added; methods of counts pool them as they are."""
    if row.method in ("MH", "Peto", "GLMM"):
        return
    names = [line["study"] for line in row.effects if line["pooled"] and line["corrected"]]
    if names:
        yield f"{row.group}: 0.5 added because of an empty cell: {', '.join(names)}"


def _intervals(row: PoolRow) -> Iterator[str]:
    """Which rows of the refits have another interval than the others."""
    for said, key, lines in (
        ("without", "left_out", row.leave_one_out),
        ("adding", "added", row.cumulative),
    ):
        wald = [line for line in lines if line["test"] == "z"]
        if not wald or (row.test == "z" and len(wald) == len(lines)):
            continue
        names = ", ".join(f"{line[key]} ({_because(line['reason'])})" for line in wald[:_NAMED])
        more = f" and {len(wald) - _NAMED} more" if len(wald) > _NAMED else ""
        rest = "" if len(wald) == len(lines) else "; Hartung-Knapp's in the other rows"
        yield f"{row.group}: {said}: Wald's interval for {names}{more}{rest}"


def _because(reason: str) -> str:
    return reason.partition("because ")[2] or reason


def _tests(row: PoolRow) -> Iterator[str]:
    """What the tests beside a pooled effect say."""
    between = row.subgroup_test
    if between:
        said = between["reason"]
        if between["q"] is not None:
            q, df = formats.decimals(between["q"], 2), between["q_df"]
            said = f"Q = {q} on {df} df, {_p(between['q_pvalue'])}"
        yield f"{row.group}: subgroups by {between['column']}: {said}"
    fit = row.regression_fit
    if fit:
        kind = "F" if fit["qm_df2"] is not None else "QM"
        df = ", ".join(f"{value:g}" for value in (fit["qm_df"], fit["qm_df2"]) if value is not None)
        parts = [f"{kind}({df}) = {formats.decimals(fit['qm'], 2)}, {_p(fit['qm_pvalue'])}"]
        if row.method not in _COMMON:
            parts.append(f"residual tau² {formats.significant(fit['tau2'])}")
        if fit["r2"] is not None:
            parts.append(f"R² {formats.decimals(fit['r2'], 0)}%")
        yield f"{row.group}: regression: {', '.join(parts)}; {fit['reason']}"


def _p(value: float | None) -> str:
    shown = formats.p_value(value)
    return f"p {shown}" if shown.startswith("<") else f"p = {shown}"


def pool_lines(result: Result[PoolRow]) -> list[dict[str, Any]]:
    """Rows for CSV: a line each pooled effect, subgroup, study left out or added, coefficient.

    Parameters
    ----------
    result : Result of PoolRow
        What ``pool`` found.

    Returns
    -------
    list of dict
        ``part`` says what a line is, ``item`` which; without such lines there is neither.
    """
    records = result.records()
    several = any(record[part] for record in records for part in _NESTED if part != "effects")
    lines: list[dict[str, Any]] = []
    for record in records:
        own = {name: value for name, value in record.items() if name not in _NESTED}
        lines.append({"part": "pooled", "item": "", **own} if several else own)
        for part in ("subgroups", "leave_one_out", "cumulative", "regression"):
            for line in record[part]:
                key = _PARTS.get(part, "term")
                rest = {name: value for name, value in line.items() if name != key}
                if part == "regression":
                    rest["estimate"] = rest.pop("coef")
                place = {"part": part, "item": line[key], "group": record["group"]}
                lines.append({**place, "measure": record["measure"], **rest})
    return lines


def _effect(value: float | None, measure: str) -> str:
    if measure in _OPEN:
        return formats.significant(value)
    return formats.decimals(value, 3 if measure in _SHARES else 2)


def _pooled_words(result: Result[PoolRow]) -> str:
    done = sum(row.estimate is not None for row in result)
    rest = len(result) - done
    return plural(done, "pooled estimate") + (f" · {rest} without" if rest else "")


def _pool_state(row: PoolRow, reasons: Reasons, *, project: bool) -> str:
    if row.estimate is None:
        return reasons.cell(row.status, _unpooled(row))
    return reasons.cell(row.status, "") if project else ""


def _unpooled(row: PoolRow) -> str:
    """Why nothing was pooled, and where a lone study is shown."""
    if row.k != 1:
        return row.reason
    verb = "rates" if row.measure in PROPORTIONS else "compare"
    said = row.reason if row.left_out else "one study: nothing to pool"
    return said if row.measure in ONE_ARM - set(PROPORTIONS) else f"{said}; see `evsyn {verb}`"


def _range(lower: float | None, upper: float | None, measure: str) -> str:
    if lower is None or upper is None or math.isnan(lower) or math.isnan(upper):
        return ""
    return f"{_effect(lower, measure)} to {_effect(upper, measure)}"
