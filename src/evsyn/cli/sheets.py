"""Rates, comparisons, pooled estimates and claims as tables for people."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from evsyn import formats
from evsyn.cli.screen import status_words
from evsyn.cli.sheet import Column, Sheet
from evsyn.synthesis.results import ClaimRow, ComparisonRow, PoolRow, RateRow, Result

__all__ = ["MEASURES", "claims_sheet", "compare_sheet", "pool_sheet", "rates_sheet"]

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

_PEOPLE = {"mcnemar": "McNemar"} | {
    name: name.capitalize()
    for name in [
        "agresti",
        "barnard",
        "blaker",
        "bonett",
        "boschloo",
        "clopper",
        "coull",
        "fisher",
        "jeffreys",
        "katz",
        "koopman",
        "mee",
        "miettinen",
        "newcombe",
        "nurminen",
        "pearson",
        "price",
        "tang",
        "tango",
        "wald",
        "welch",
        "wilson",
        "woolf",
        "yates",
    ]
}


def _number(heading: str) -> Column:
    return Column(heading, justify="right", wrap=False)


def _method(code: str) -> str:
    """Name of a method as written in a sentence: people get a capital, words do not."""
    parts = [_PEOPLE.get(part, part) for part in code.split("-")]
    if parts[-1] in {"cc", "exact"}:
        return " ".join(["-".join(parts[:-1]), parts[-1]])
    return "-".join(parts)


def _level(settings: Mapping[str, object]) -> str:
    level = settings.get("level", 0.95)
    percent = float(level) * 100 if isinstance(level, (int, float)) else 95.0
    return f"{percent:.6g}% CI"


def _when(months: float | None, printed: str, anchor: str) -> str:
    if months is None:
        return printed
    if months == 0:
        return anchor
    time = f"{months:g} mo"
    return f"{time} after {anchor}" if anchor and anchor != "baseline" else time


def _what(row: RateRow | ComparisonRow) -> str:
    parts = (
        row.outcome or row.outcome_id,
        row.subgroup,
        _when(row.months, row.time_printed, row.anchor),
    )
    return ", ".join(part for part in parts if part) or formats.MISSING


def _named(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _against(*labels: str) -> str:
    return " v ".join(label for label in labels if label)


def _out_of(events: int | None, n: int | None) -> str:
    if n is None:
        return "" if events is None else f"{events}/?"
    return f"{'?' if events is None else events}/{n}"


def _counted(row: RateRow) -> str:
    if row.events is None and row.events_min is not None and row.events_max is not None:
        return f"{row.events_min}\N{EN DASH}{row.events_max}/{'?' if row.n is None else row.n}"
    if row.events is None and row.printed:
        return row.printed
    return _out_of(row.events, row.n)


class _Reasons:
    """Reasons below a table: each is told once and referred to by its number."""

    def __init__(self, *, symbols: bool) -> None:
        self._symbols = symbols
        self._numbers: dict[str, int] = {}

    def cell(self, status: str, reason: str) -> str:
        """Return the status, with the number of its reason where there is one."""
        words = status_words(status, symbols=self._symbols)
        if not reason:
            return words
        number = self._numbers.setdefault(reason, len(self._numbers) + 1)
        return f"{words} [{number}]"

    def told(self) -> tuple[str, ...]:
        """Return the reasons in the order of their numbers."""
        return tuple(self._numbers)


def _closing(statuses: Counter[str], done: str, *, project: bool) -> str:
    parts = [done]
    parts += [
        f"{statuses[name]} {name}{' in what was read' if name == 'not found' else ''}"
        for name in ("ambiguous", "conflicting", "not found", "not reported")
        if statuses[name]
    ]
    if project:
        parts.append("`evsyn assumptions` shows what would change")
    return " · ".join(parts)


def _plural(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _tail(verbose: bool, row: RateRow | ComparisonRow | ClaimRow) -> tuple[str, ...]:
    if not verbose:
        return ()
    return (", ".join(row.citekeys), row.trace.trace_id)


_TAIL = (Column("sources"), Column("trace", wrap=False))


def rates_sheet(
    result: Result[RateRow], *, symbols: bool, verbose: bool, project: bool, aside: str = ""
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
    aside : str
        Which evidence, which assumptions.

    Returns
    -------
    Sheet
        One row a rate.
    """
    reasons = _Reasons(symbols=symbols)
    rows = []
    for row in result:
        known = row.rate is not None
        limits = f"{_bare(row.ci_lb)} to {_bare(row.ci_ub)}" if known else formats.MISSING
        rows.append(
            (
                "" if project else row.study,
                _what(row),
                formats.percent(row.rate),
                limits,
                _counted(row),
                reasons.cell(row.status, "" if known else row.reason),
                *_tail(verbose, row),
            )
        )
    columns = (
        Column("study"),
        Column("outcome"),
        _number("rate"),
        _number(_level(result.settings)),
        _number("events/n"),
        Column("status"),
        *(_TAIL if verbose else ()),
    )
    known_rows = sum(row.rate is not None for row in result)
    counts = Counter(row.status for row in result if row.rate is None)
    method = _method(str(result.settings.get("interval", "wilson")))
    return Sheet(
        columns,
        tuple(rows),
        f"Response rates, {method} {_level(result.settings)}",
        aside,
        (_closing(counts, _plural(known_rows, "rate"), project=project), *result.notes),
        groups=tuple(_named(row.study, row.arm) for row in result) if project else (),
        reasons=reasons.told(),
    )


def _bare(proportion: float | None) -> str:
    return formats.percent(proportion).removesuffix("%")


def _effect(value: float | None, measure: str) -> str:
    if measure == "RD":
        return formats.decimals(value, 3)
    return formats.decimals(value, 2)


def _side(row: ComparisonRow, side: str) -> str:
    events, n = getattr(row, f"events_{side}"), getattr(row, f"n_{side}")
    mean, sd = getattr(row, f"mean_{side}"), getattr(row, f"sd_{side}")
    if events is not None:
        return _out_of(events, n)
    if mean is None:
        return ""
    spread = "" if sd is None else f" ± {formats.significant(sd)}"
    return f"{formats.significant(mean)}{spread}{'' if n is None else f' ({n})'}"


def _p_range(row: ComparisonRow) -> str:
    if row.p_value is not None:
        return formats.p_value(row.p_value)
    if row.p_value_min is not None and row.p_value_max is not None:
        return f"{formats.p_value(row.p_value_min)} to {formats.p_value(row.p_value_max)}"
    return formats.MISSING


def _interval(row: ComparisonRow) -> str:
    if row.ci_lb is not None or row.ci_ub is not None:
        return f"{_effect(row.ci_lb, row.measure)} to {_effect(row.ci_ub, row.measure)}"
    if row.ci_lb_min is not None and row.ci_ub_max is not None:
        low, high = _effect(row.ci_lb_min, row.measure), _effect(row.ci_ub_max, row.measure)
        return f"within {low} to {high}"
    return formats.MISSING


def compare_sheet(
    result: Result[ComparisonRow], *, symbols: bool, verbose: bool, project: bool, aside: str = ""
) -> Sheet:
    """Comparisons as a table; of pairs known by their margins only, the range.

    Parameters
    ----------
    result : Result of ComparisonRow
        What ``compare`` found.
    symbols, verbose, project, aside
        As of :func:`rates_sheet`.

    Returns
    -------
    Sheet
        One row a comparison.
    """
    measures = list(dict.fromkeys(row.measure for row in result if row.measure))
    reasons = _Reasons(symbols=symbols)
    rows = []
    for row in result:
        known = row.estimate is not None and (row.ci_lb is not None or row.p_value is not None)
        rows.append(
            (
                "" if project else row.study,
                _what(row),
                _side(row, "e"),
                _side(row, "c"),
                row.measure if len(measures) > 1 else "",
                _effect(row.estimate, row.measure),
                _interval(row),
                _p_range(row),
                ""
                if known and not project
                else reasons.cell(row.status, "" if known else row.reason),
                *_tail(verbose, row),
            )
        )
    one = measures[0] if len(measures) == 1 else ""
    columns = (
        Column("study"),
        Column("outcome"),
        _number("experimental"),
        _number("comparator"),
        Column("measure", wrap=False),
        _number(one or "effect"),
        _number(_level(result.settings)),
        _number("p"),
        Column("status"),
        *(_TAIL if verbose else ()),
    )
    done = sum(row.estimate is not None for row in result)
    ranges = sum(row.p_value is None and row.p_value_min is not None for row in result)
    counts = Counter(row.status for row in result if row.estimate is None)
    said = _plural(done, "comparison") + (f", {ranges} as a range over pairings" if ranges else "")
    return Sheet(
        columns,
        tuple(rows),
        _compare_title(result, one),
        aside,
        (_closing(counts, said, project=project), *result.notes),
        groups=tuple(_named(row.study, _against(row.label_e, row.label_c)) for row in result)
        if project
        else (),
        reasons=reasons.told(),
    )


def _compare_title(result: Result[ComparisonRow], measure: str) -> str:
    intervals = list(dict.fromkeys(row.ci_method for row in result if row.ci_method))
    tests = list(dict.fromkeys(row.p_method for row in result if row.p_method))
    name = MEASURES.get(measure, "Effect")
    interval = f" ({', '.join(map(_method, intervals))})" if intervals else ""
    test = f", p ({', '.join(map(_method, tests))})" if tests else ""
    return f"{name}, {_level(result.settings)}{interval}{test}"


def pool_sheet(
    result: Result[PoolRow], *, symbols: bool, verbose: bool, project: bool, aside: str = ""
) -> Sheet:
    """Pooled estimates as a table on the natural scale, with what they rest on below.

    Parameters
    ----------
    result : Result of PoolRow
        What ``pool`` found.
    symbols, verbose, project, aside
        As of :func:`rates_sheet`.

    Returns
    -------
    Sheet
        One row a pooled group.
    """
    reasons = _Reasons(symbols=symbols)
    rows = []
    for row in result:
        natural = row.natural
        rows.append(
            (
                row.group,
                str(row.k),
                row.measure,
                _effect(natural.get("estimate"), row.measure),
                _range(natural.get("ci_lb"), natural.get("ci_ub"), row.measure),
                _range(natural.get("pi_lb"), natural.get("pi_ub"), row.measure),
                formats.p_value(row.p_value),
                formats.significant(row.tau2),
                "" if row.i2 is None else f"{formats.decimals(row.i2, 0)}%",
                reasons.cell(row.status, row.reason if row.estimate is None else ""),
                *((", ".join(row.citekeys), row.trace.trace_id) if verbose else ()),
            )
        )
    columns = (
        Column("group"),
        _number("k"),
        Column("measure", wrap=False),
        _number("estimate"),
        _number(_level(result.settings)),
        _number("prediction"),
        _number("p"),
        _number("tau²"),
        _number("I²"),
        Column("status" if project else ""),
        *(_TAIL if verbose else ()),
    )
    models = ", ".join(dict.fromkeys(f"{row.method}, {row.test}" for row in result))
    why = [f"{row.group}: {row.reason}" for row in result if row.reason and row.estimate]
    return Sheet(
        columns,
        tuple(rows),
        f"Meta-analysis ({models})" if models else "Meta-analysis",
        aside,
        (_plural(len(result), "pooled group"), *why, *result.notes),
        reasons=reasons.told(),
    )


def _range(lower: float | None, upper: float | None, measure: str) -> str:
    if lower is None or upper is None or math.isnan(lower) or math.isnan(upper):
        return ""
    return f"{_effect(lower, measure)} to {_effect(upper, measure)}"


def claims_sheet(
    result: Result[ClaimRow], *, symbols: bool, verbose: bool, aside: str = ""
) -> Sheet:
    """Claims with their verdicts as a table.

    Parameters
    ----------
    result : Result of ClaimRow
        What ``claims`` found.
    symbols, verbose, aside
        As of :func:`rates_sheet`.

    Returns
    -------
    Sheet
        One row a claim.
    """
    rows = tuple(
        (
            row.claim_id,
            f"“{row.quote}”",
            row.printed,
            row.evidence,
            row.verdict,
            row.reason,
            *_tail(verbose, row),
        )
        for row in result
    )
    columns = (
        Column("claim", wrap=False),
        Column("words"),
        Column("value"),
        Column("the evidence"),
        Column("verdict"),
        Column("reason"),
        *(_TAIL if verbose else ()),
    )
    verdicts = Counter(row.verdict for row in result)
    counts = " · ".join(f"{count} {verdict}" for verdict, count in verdicts.most_common())
    return Sheet(
        columns,
        rows,
        "Claims and what the sources print",
        aside,
        (f"{_plural(len(rows), 'claim')}: {counts}" if rows else "no claim", *result.notes),
    )
