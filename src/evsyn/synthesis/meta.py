"""Meta-analysis of comparisons: what may be pooled is declared, the rest stays out and is said."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any, cast

from evsyn.errors import StatsError, did_you_mean
from evsyn.formats import decimals, percent
from evsyn.literals import PoolMethod, choices
from evsyn.stats.pooling.heterogeneity import tau2_interval
from evsyn.stats.pooling.pool import PooledEffect, pool
from evsyn.synthesis.cells import time_label
from evsyn.synthesis.declared import TESTS, Analysis
from evsyn.synthesis.effects import MEASURE_NAMES, exponential, finite
from evsyn.synthesis.results import ComparisonRow, PoolRow, Result
from evsyn.tables.cells import weakest
from evsyn.tables.provenance import Step, Trace

__all__ = ["pool_comparisons"]

_LOG = ("RR", "OR", "ROM", "IRR")


@dataclass(frozen=True, slots=True)
class _Group:
    """Rows that may be pooled, the others with the reason, and what is to be said."""

    name: str
    analysis: Analysis
    members: tuple[ComparisonRow, ...]
    left_out: tuple[str, ...]
    notes: tuple[str, ...]


def pool_comparisons(
    comparisons: Result[ComparisonRow],
    *,
    analysis: Analysis | None = None,
    method: str = "",
    test: str = "",
    level: float | None = None,
) -> Result[PoolRow]:
    """Pool comparisons: a declared analysis, or each outcome for itself.

    Parameters
    ----------
    comparisons : Result of ComparisonRow
        Rows with ``yi`` and ``vi`` on the pooling scale.
    analysis : Analysis, optional
        What may be pooled. Without it rows are grouped by outcome, value type, design and
        allocation, and nothing is pooled across groups.
    method : {"REML", "DL", "EE"}, optional
        Estimator of tau², by default that of the analysis, else REML.
    test : {"auto", "knha", "adhoc", "z"}, optional
        Interval of the mean: ``auto`` takes Hartung-Knapp where k > 2 and tau² > 0, else Wald.
    level : float, optional
        Confidence level, by default that of the comparisons.

    Returns
    -------
    Result of PoolRow
        One row per group; fewer than two studies are not pooled, and the row says so.

    Raises
    ------
    StatsError
        If method, test or level are not allowed.

    References
    ----------
    Cochrane Handbook for Systematic Reviews of Interventions, 10.10.4.4 (interval of the mean).
    """
    declared = analysis or Analysis()
    declared = replace(declared, model=method or declared.model, test=test or declared.test)
    for what, found, allowed in (
        ("method", declared.model, choices(PoolMethod)),
        ("test", declared.test, TESTS),
    ):
        if found not in allowed:
            near = did_you_mean(found, allowed)
            raise StatsError(f'{what}="{found}"{near}; allowed: {", ".join(allowed)}')
    wanted = float(cast(Any, comparisons.settings.get("level", 0.95))) if level is None else level
    if not 0 < wanted < 1:
        raise StatsError(f"level={wanted!r}: expected a share between 0 and 1, e.g. 0.95")
    groups = _declared(comparisons, declared) if analysis else _by_outcome(comparisons, declared)
    rows, notes = [], [*comparisons.notes] if not analysis else []
    for group in groups:
        row, said = _pooled(group, wanted)
        rows.append(row)
        notes += said
    settings = {**comparisons.settings, "method": declared.model, "test": declared.test}
    settings |= {"level": wanted} | ({"analysis": declared.name} if analysis else {})
    return Result(
        "pool", tuple(rows), settings, tuple(dict.fromkeys(notes)), comparisons.assumptions
    )


def _declared(comparisons: Result[ComparisonRow], analysis: Analysis) -> list[_Group]:
    candidates = [
        row
        for row in comparisons.rows
        if row.outcome_id in analysis.outcomes and _named(row, analysis.comparisons)
    ]
    types = list(dict.fromkeys(row.value_type for row in candidates if row.yi is not None)) or [""]
    groups = []
    for value_type in types:
        rows = [row for row in candidates if row.value_type == value_type or row.yi is None]
        members, left = _split(rows, lambda row: _refused(row, analysis))
        notes = []
        if len({row.outcome_id for row in members}) > 1:
            names = ", ".join(dict.fromkeys(row.outcome for row in members))
            notes.append(f"Different outcome definitions stand together, as declared: {names}.")
        for what, found in (
            ("designs", {row.design for row in members}),
            ("allocations", {row.allocation for row in members}),
        ):
            if len(found) > 1:
                notes.append(f"Different {what} stand together, as declared: {_list(found)}.")
        times = {time_label(row.months, row.time_printed) for row in members}
        if len(times) > 1:
            notes.append(f"Different times stand together: {_list(times)}.")
        kind = value_type or "type of value not stated"
        name = f"{analysis.name} ({kind})" if len(types) > 1 else analysis.name
        groups.append(_Group(name, analysis, members, left, tuple(notes)))
    return groups


def _named(row: ComparisonRow, names: tuple[str, ...]) -> bool:
    own = {row.study_id, f"{row.study_id}/{row.comparison_id}"}
    return not names or bool(own & set(names))


def _list(names: Iterable[str]) -> str:
    return ", ".join(sorted(name or "not stated" for name in names))


def _by_outcome(comparisons: Result[ComparisonRow], analysis: Analysis) -> list[_Group]:
    found: dict[tuple[str, ...], list[ComparisonRow]] = {}
    for row in comparisons.rows:
        if row.outcome_id or not row.comparison_id:
            key = (row.outcome_id, row.value_type, row.design, row.allocation)
            found.setdefault(key, []).append(row)
    measure = str(comparisons.settings.get("measure", analysis.measure))
    groups = []
    for place, rows in found.items():
        members, left = _split(rows, lambda row: "")
        if members or len(found) == 1:
            name = ", ".join(part for part in place if part) if place[0] else "all studies"
            groups.append(
                _Group(name, replace(analysis, measure=measure, name=name), members, left, ())
            )
    return groups


def _refused(row: ComparisonRow, analysis: Analysis) -> str:
    if analysis.designs and row.design not in analysis.designs:
        return f"{row.design or 'no'} design, not admitted"
    if analysis.allocations and row.allocation not in analysis.allocations:
        return f"allocation {row.allocation or 'not stated'}, not admitted"
    return ""


def _split(
    rows: Iterable[ComparisonRow], refused: Callable[[ComparisonRow], str]
) -> tuple[tuple[ComparisonRow, ...], tuple[str, ...]]:
    """Members, and why each of the others is none."""
    members: list[ComparisonRow] = []
    left: list[str] = []
    for row in rows:
        why = refused(row)
        if not why and row.yi is None:
            why = row.reason or "no effect on the pooling scale"
        if not why and not (row.vi or row.vi_max):
            why = row.reason or "no variance"
        if why:
            left.append(f"{row.study}: {why}")
        else:
            members.append(row)
    several = {row.study_id for row in members}
    several = {
        study
        for study in several
        if study and sum(row.study_id == study and bool(row.comparison_id) for row in members) > 1
    }
    for study in sorted(several):
        label = next(row.study for row in members if row.study_id == study)
        left.append(f"{label}: several rows of the same people; declare which one counts")
    return tuple(row for row in members if row.study_id not in several), tuple(left)


def _pooled(group: _Group, level: float) -> tuple[PoolRow, list[str]]:
    members, analysis = group.members, group.analysis
    said = [f"{group.name}: {note}" for note in group.notes]
    if group.left_out:
        said.append(f"{group.name}: not pooled: {'; '.join(group.left_out)}.")
    if len(members) < 2:
        count = "one study" if members else "no study"
        reason = f"{count} with a usable effect: nothing to pool"
        return _row(group, None, reason, level), said
    yi = [cast(float, row.yi) for row in members]
    vi = [cast(float, row.vi or row.vi_max) for row in members]
    wide = [row.study for row in members if not row.vi]
    if wide:
        said.append(
            f"{group.name}: the variance of {', '.join(wide)} is a range over pairings; the "
            "largest is used."
        )
    test, why = _test(yi, vi, analysis)
    fit = pool(
        yi, vi, method=cast(Any, analysis.model), test=cast(Any, test), level=level, pi="hts"
    )
    said += _warnings(group, fit, (yi, vi), level)
    return _row(group, fit, why, level), said


def _test(yi: list[float], vi: list[float], analysis: Analysis) -> tuple[str, str]:
    """Which interval, and why."""
    if analysis.test != "auto":
        return analysis.test, f"{_TEST_NAMES[analysis.test]} interval, as chosen"
    if analysis.model == "EE":
        return "z", "Wald interval of a common effect"
    if len(yi) <= 2:
        return "z", f"Wald interval, because k = {len(yi)}"
    first = pool(yi, vi, method=cast(Any, analysis.model), test="z")
    if float(first.tau2) <= 0:
        return "z", "Wald interval, because tau² = 0"
    return "knha", "Hartung-Knapp interval, because k > 2 and tau² > 0"


_TEST_NAMES = {"z": "Wald", "knha": "Hartung-Knapp", "adhoc": "Hartung-Knapp (never narrower)"}


def _warnings(
    group: _Group, fit: PooledEffect, data: tuple[list[float], list[float]], level: float
) -> list[str]:
    said = []
    k = len(group.members)
    if fit.test == "knha":
        wald = pool(*data, method=cast(Any, group.analysis.model), test="z", level=level)
        if float(fit.ci_ub - fit.ci_lb) < float(wald.ci_ub - wald.ci_lb):
            said.append(f"{group.name}: the Hartung-Knapp interval is narrower than Wald's.")
    if k == 2:
        said.append(
            f"{group.name}: two studies: no prediction interval, and an interval that says little."
        )
    if not bool(fit.converged):
        said.append(f"{group.name}: the search for tau² did not settle.")
    return said


def _row(group: _Group, fit: PooledEffect | None, reason: str, level: float) -> PoolRow:
    members, analysis = group.members, group.analysis
    log = analysis.measure in _LOG
    numbers: dict[str, float | None] = dict.fromkeys(_NUMBERS)
    weights: tuple[float, ...] = ()
    if fit is not None:
        yi = [cast(float, row.yi) for row in members]
        vi = [cast(float, row.vi or row.vi_max) for row in members]
        numbers = {name: finite(getattr(fit, name, None)) for name in _NUMBERS}
        if analysis.model != "EE":
            span = tau2_interval(yi, vi, level=level)
            numbers |= {"tau2_ci_lb": finite(span.tau2_lb), "tau2_ci_ub": finite(span.tau2_ub)}
        if len(members) < 3:
            numbers |= {"pi_lb": None, "pi_ub": None}
        weights = tuple(float(share) / 100 for share in fit.weights)
    back = exponential if log else math.tanh if analysis.measure == "ZCOR" else float
    natural = {
        name: None if (value := numbers[name]) is None else finite(back(value))
        for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")
    }
    status = weakest([row.status for row in members]) if members else "not found"
    row = PoolRow(
        group=group.name,
        k=len(members),
        measure=analysis.measure,
        method=analysis.model,
        test=fit.test if fit is not None else "",
        q_df=len(members) - 1 if fit is not None else None,
        weights=weights,
        studies=tuple(row.study_id for row in members),
        transform="exp" if log else "tanh" if analysis.measure == "ZCOR" else "none",
        natural=natural,
        reason=reason,
        status=status,
        assumptions=_union(row.assumptions for row in members),
        citekeys=_union(row.citekeys for row in members),
        question=analysis.question,
        outcome=", ".join(dict.fromkeys(row.outcome for row in members)),
        members=tuple(row.study for row in members),
        left_out=group.left_out,
        **cast(Any, numbers),
    )
    return replace(row, trace=_trace(row, group, level))


_NUMBERS = (
    *("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "p_value", "tau2", "tau2_ci_lb"),
    *("tau2_ci_ub", "i2", "h2", "q", "q_pvalue"),
)


def _union(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _trace(row: PoolRow, group: _Group, level: float) -> Trace:
    analysis = group.analysis
    values: dict[str, float | None] = {name: getattr(row, name) for name in _NUMBERS}
    values |= {f"natural_{name}": value for name, value in row.natural.items()}
    values |= {"k": row.k, "q_df": row.q_df}
    values |= {f"weight_{i}": share for i, share in enumerate(row.weights, 1)}
    if row.estimate is None:
        title = f"{group.name}: not pooled"
    else:
        center, low, high = (
            decimals(row.natural[name], 2) for name in ("estimate", "ci_lb", "ci_ub")
        )
        title = f"{row.measure} {center} ({percent(level)} CI {low} to {high}), k = {row.k}"
    how = f"inverse variance, {analysis.model}; {row.reason}"
    steps = [Step("Pooled" if row.estimate is not None else "Not pooled", how, row.status)]
    steps += [
        Step(member.study, member.trace.title or f"yi {member.yi:g}", member.status)
        for member in group.members
    ]
    steps += [Step("Left out", text) for text in group.left_out]
    if analysis.why:
        steps.append(Step("Why together", analysis.why))
    quotes = tuple(dict.fromkeys(q for member in group.members for q in member.trace.quotes))
    pairs = tuple(dict.fromkeys(a for member in group.members for a in member.trace.assumptions))
    measure = MEASURE_NAMES.get(row.measure, row.measure)
    return Trace(
        title=title,
        path=tuple(part for part in (group.name, analysis.question) if part),
        values=tuple((name, value) for name, value in values.items() if value is not None),
        steps=tuple(steps),
        quotes=quotes,
        assumptions=pairs,
        parameters=(("measure", measure), ("method", row.method), ("test", row.test or "none")),
        status=row.status,
    )
