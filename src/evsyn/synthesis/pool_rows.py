"""A pooled effect as a row, with all that was asked of it and the way back to its sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from evsyn.formats import decimals, percent
from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.effects import MEASURE_NAMES
from evsyn.synthesis.members import Member
from evsyn.synthesis.moderators import Explained, Record, regression, subgroups
from evsyn.synthesis.pooling import NUMBERS, Fit, fit_members
from evsyn.synthesis.results import PoolRow
from evsyn.synthesis.scales import SCALES, measure_name, natural_scale, transform_doubts
from evsyn.synthesis.sensitivity import in_order, leave_one_out, one_by_one, order_notes
from evsyn.tables.cells import weakest
from evsyn.tables.provenance import Step, Trace

__all__ = ["Group", "pool_row"]


@dataclass(frozen=True, slots=True)
class Group:
    """Studies that may be pooled, the others with the reason, and what is to be said."""

    name: str
    analysis: Analysis
    members: tuple[Member, ...]
    left_out: tuple[tuple[Member, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Beside:
    """What was asked beside the pooled effect."""

    regression: Explained = field(default_factory=Explained)
    subgroups: Explained = field(default_factory=Explained)
    leave_one_out: tuple[Record, ...] = ()
    cumulative: tuple[Record, ...] = ()


def pool_row(group: Group, level: float) -> tuple[PoolRow, list[str]]:
    """Pool one group.

    Parameters
    ----------
    group : Group
        What may be pooled.
    level : float
        Confidence level.

    Returns
    -------
    tuple
        The row, and what must be said beyond it.

    Raises
    ------
    StatsError
        If moderators, subgroups or an order are asked for that the studies do not have.
    """
    members, analysis = group.members, group.analysis
    said = [f"{group.name}: {note}" for note in group.notes]
    if group.left_out:
        left = "; ".join(f"{member.study}: {why}" for member, why in group.left_out)
        said.append(f"{group.name}: not pooled: {left}.")
    if len(members) < 2:
        count = "one study" if members else "no study"
        reason = f"{count} with a usable effect: nothing to pool"
        return _row(group, None, reason, _Beside(), level), said
    wide = [row.study for row in members if not row.vi and row.vi_max]
    if wide:
        said.append(
            f"{group.name}: the variance of {', '.join(wide)} is a range over pairings; the "
            "largest is used."
        )
    fit = fit_members(members, analysis, level)
    estimate = fit.numbers["estimate"]
    notes = [*fit.notes]
    if estimate is not None and (doubt := transform_doubts(estimate, analysis.measure, members)):
        notes.append(f"{doubt}.")
    beside = _beside(members, analysis, level)
    notes += [*beside.regression.notes, *beside.subgroups.notes]
    notes += order_notes(members, analysis.cumulative or "")
    said += [f"{group.name}: {note}" for note in notes]
    return _row(group, fit, fit.reason, beside, level), said


def _beside(members: Sequence[Member], analysis: Analysis, level: float) -> _Beside:
    none = Explained()
    return _Beside(
        regression(members, analysis, level) if analysis.mods else none,
        subgroups(members, analysis, level) if analysis.subgroup else none,
        leave_one_out(members, analysis, level) if analysis.leave_one_out else (),
        () if analysis.cumulative is None else one_by_one(members, analysis, level),
    )


def _row(group: Group, fit: Fit | None, reason: str, beside: _Beside, level: float) -> PoolRow:
    members, analysis = group.members, group.analysis
    numbers = dict.fromkeys(NUMBERS) if fit is None else fit.numbers
    ends = {name: numbers[name] for name in ("estimate", "ci_lb", "ci_ub", "pi_lb", "pi_ub")}
    status = weakest([row.status for row in members]) if members else "not found"
    transform = "none" if analysis.measure == "GEN" else SCALES.get(analysis.measure, "none")
    row = PoolRow(
        group=group.name,
        k=len(members),
        measure=analysis.measure,
        method=analysis.model,
        test=fit.test if fit is not None else "",
        q_df=fit.q_df if fit is not None else None,
        weights=fit.weights if fit is not None else (),
        studies=tuple(row.study_id for row in members),
        transform=transform,
        natural=natural_scale(ends, analysis.measure, members),
        reason=reason,
        status=status,
        assumptions=_union(row.assumptions for row in members),
        citekeys=_union(row.citekeys for row in members),
        question=analysis.question,
        outcome=", ".join(dict.fromkeys(row.outcome for row in members)),
        members=tuple(row.study for row in members),
        left_out=tuple(f"{member.study}: {why}" for member, why in group.left_out),
        interval="" if fit is None or numbers["tau2_ci_ub"] is None else analysis.interval or "QP",
        effects=_effects(group, fit, beside),
        regression=beside.regression.rows,
        regression_fit=beside.regression.fit or {},
        subgroups=beside.subgroups.rows,
        subgroup_test=beside.subgroups.fit or {},
        leave_one_out=beside.leave_one_out,
        cumulative=beside.cumulative,
        **cast(Any, numbers),
    )
    return replace(row, trace=_trace(row, group, level))


def _effects(group: Group, fit: Fit | None, beside: _Beside) -> tuple[Record, ...]:
    """Each study with its effect, also those that stay out, which say why."""
    members, analysis = group.members, group.analysis
    weights = fit.weights if fit is not None else ()
    ranks: dict[int, int] = {}
    if fit is not None and analysis.cumulative is not None:
        ordered, _ = in_order(members, analysis.cumulative)
        ranks = {id(member): at for at, member in enumerate(ordered, 1)}
    rows: list[Record] = []
    for at, member in enumerate(members):
        row = {**_effect(member), "pooled": fit is not None, "reason": member.reason}
        row["weight"] = weights[at] if weights else None
        if beside.regression.columns:
            row["moderators"] = beside.regression.columns[at]
        if beside.subgroups.columns:
            row["subgroup"] = next(iter(beside.subgroups.columns[at].values()), None)
        if ranks:
            row["rank"] = ranks[id(member)]
        rows.append(row)
    for member, why in group.left_out:
        rows.append({**_effect(member), "pooled": False, "reason": why, "weight": None})
    return tuple(rows)


def _effect(member: Member) -> dict[str, Any]:
    return {
        "study": member.study,
        "study_id": member.study_id,
        "yi": member.yi,
        "vi": member.variance,
        "corrected": member.corrected,
        "data": dict(member.data),
    }


def _union(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item for group in groups for item in group))


def _trace(row: PoolRow, group: Group, level: float) -> Trace:
    analysis = group.analysis
    values: dict[str, float | None] = {name: getattr(row, name) for name in NUMBERS}
    values |= {f"natural_{name}": value for name, value in row.natural.items()}
    values |= {"k": row.k, "q_df": row.q_df}
    values |= {f"weight_{i}": share for i, share in enumerate(row.weights, 1)}
    values |= _values_beside(row)
    if row.estimate is None:
        title = f"{group.name}: not pooled"
    else:
        center, low, high = (
            decimals(row.natural[name], 2) for name in ("estimate", "ci_lb", "ci_ub")
        )
        title = f"{row.measure} {center} ({percent(level)} CI {low} to {high}), k = {row.k}"
    kind = "counts" if analysis.model in ("MH", "Peto", "GLMM") else "inverse variance"
    how = f"{kind}, {analysis.model}; {row.reason}"
    steps = [Step("Pooled" if row.estimate is not None else "Not pooled", how, row.status)]
    steps += [
        Step(member.study, member.trace.title or f"yi {member.yi:g}", member.status)
        for member in group.members
    ]
    steps += [Step("Left out", text) for text in row.left_out]
    if analysis.why:
        steps.append(Step("Why together", analysis.why))
    quotes = tuple(dict.fromkeys(q for member in group.members for q in member.trace.quotes))
    pairs = tuple(dict.fromkeys(a for member in group.members for a in member.trace.assumptions))
    measure = MEASURE_NAMES.get(row.measure) or measure_name(row.measure)
    parameters = [("measure", measure), ("method", row.method), ("test", row.test or "none")]
    parameters += [(name, _said(value)) for name, value in analysis.settings.items()]
    return Trace(
        title=title,
        path=tuple(part for part in (group.name, analysis.question) if part),
        values=tuple((name, value) for name, value in values.items() if value is not None),
        steps=tuple(steps),
        quotes=quotes,
        assumptions=pairs,
        parameters=tuple(parameters),
        status=row.status,
    )


def _said(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "yes" if value is True else str(value) or "as listed"


def _values_beside(row: PoolRow) -> dict[str, float | None]:
    """Numbers beside the pooled effect, by part, line and name: ``regression_2_coef``."""
    found: dict[str, float | None] = {}
    parts: Mapping[str, tuple[Record, ...]] = {
        "regression": row.regression,
        "subgroups": row.subgroups,
        "leave_one_out": row.leave_one_out,
        "cumulative": row.cumulative,
        "regression_fit": (row.regression_fit,),
        "subgroup_test": (row.subgroup_test,),
    }
    for part, lines in parts.items():
        for at, line in enumerate(lines, 1):
            place = part if part.endswith(("fit", "test")) else f"{part}_{at}"
            for name, value in line.items():
                if isinstance(value, (int, float)) and not isinstance(value, bool):
                    found[f"{place}_{name}"] = value
                elif name == "natural":
                    found |= {f"{place}_natural_{end}": number for end, number in value.items()}
    return found
