"""Response rates: one row per arm and dichotomous place, one per arm that has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evsyn.formats import decimals, percent, plural
from evsyn.literals import OneArmMethod
from evsyn.stats.proportion import proportion_interval
from evsyn.synthesis.cells import (
    CellIndex,
    Slot,
    arms_of,
    filters,
    missing_status,
    named_assumptions,
    place_path,
    study_citekeys,
    study_quotes,
)
from evsyn.synthesis.counts import Count, count_at, is_countable
from evsyn.synthesis.results import RateRow, Result
from evsyn.tables.evidence import Evidence
from evsyn.tables.ledger import Study
from evsyn.tables.provenance import Step, Trace

__all__ = ["interval_name", "rates", "within_shares"]

_ROUNDING = 1e-12
_NO_PLACE = Slot("", "", None, "", "", "")

SIZES = {
    "n_enrolled": "enrolled",
    "n_randomised": "randomised",
    "n_completed": "completed",
    "n": "analysed",
}

_NAMES = {
    "wald": "Wald",
    "wilson": "Wilson",
    "wilson-cc": "Wilson (continuity corrected)",
    "clopper-pearson": "Clopper-Pearson",
    "jeffreys": "Jeffreys",
    "agresti-coull": "Agresti-Coull",
    "mid-p": "mid-P",
    "blaker": "Blaker",
}


def interval_name(method: str) -> str:
    """Name of a one-arm interval as written in a sentence.

    Examples
    --------
    >>> interval_name("clopper-pearson")
    'Clopper-Pearson'
    """
    return _NAMES.get(method, method)


def within_shares(lower: float, upper: float) -> tuple[float, float, str]:
    """Limits of a share cut to 0..1, and a sentence that says so where they were.

    Wald and Agresti-Coull limits may lie outside of what a share can be.

    Examples
    --------
    >>> within_shares(-0.035, 0.24)
    (0.0, 0.24, 'limits cut to 0% to 100%: the method gives −3.5% to 24.0%')
    >>> within_shares(0.2, 0.24)
    (0.2, 0.24, '')
    """
    if lower >= -_ROUNDING and upper <= 1 + _ROUNDING:
        return max(lower, 0.0), min(upper, 1.0), ""
    given = " to ".join(percent(value, 1) for value in (lower, upper))
    return max(lower, 0.0), min(upper, 1.0), f"limits cut to 0% to 100%: the method gives {given}"


def rates(
    evidence: Evidence,
    *,
    interval: OneArmMethod = "wilson",
    level: float = 0.95,
    condition: str = "",
    study: str = "",
    outcome: str = "",
) -> Result[RateRow]:
    """Response rate of every arm at every place where one may be looked for.

    Parameters
    ----------
    evidence : Evidence
        The tidy table under a selection of assumptions.
    interval : str, default "wilson"
        Method of the interval (:data:`evsyn.literals.OneArmMethod`).
    level : float, default 0.95
        Confidence level.
    condition, study, outcome : str
        Names separated by commas; empty: every one.

    Returns
    -------
    Result of RateRow
        By year of the study, then in the order of the ledger. Arms without a place stay as a row
        with the reason, unless outcomes are asked for.

    Raises
    ------
    TableError
        If a condition, study or outcome is not in the ledger.
    StatsError
        If the method or the level is not allowed.
    """
    proportion_interval(0, 1, method=interval, level=level)  # refuses options before any row
    chosen = filters(evidence.ledger, condition=condition, study=study, outcome=outcome)
    index = CellIndex.of(evidence)
    rows: list[RateRow] = []
    without: list[Study] = []
    for member in chosen.studies:
        found = [
            row
            for row in _study_rows(index, member, interval, level)
            if (chosen.admits(row.outcome_id) if row.outcome_id else not chosen.outcomes)
        ]
        rows += found
        if not found and not chosen.outcomes:
            without.append(member)
    return Result(
        "rates",
        tuple(rows),
        {"interval": interval, "level": level, **chosen.given},
        _notes(without),
        evidence.selection.accepted,
    )


def _notes(without: list[Study]) -> tuple[str, ...]:
    if not without:
        return ()
    kinds: dict[str, int] = {}
    for study in without:
        kinds[study.kind] = kinds.get(study.kind, 0) + 1
    listed = ", ".join(f"{count} {_plural(kind, count)}" for kind, count in kinds.items())
    return (f"Without arms in the evidence tables, so without a row: {listed}.",)


def _plural(kind: str, count: int) -> str:
    many = kind if kind.endswith("s") else f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
    return plural(count, kind, many)


def _study_rows(
    index: CellIndex, study: Study, interval: OneArmMethod, level: float
) -> Iterator[RateRow]:
    for arm in arms_of(index.ledger, study.study_id):
        places = _countable(index, study.study_id, arm.arm_id)
        for slot in places:
            yield _row(index, study, arm.arm_id, slot, interval=interval, level=level)
        if not places:
            yield _without(index, study, arm.arm_id)
    known = {arm.arm_id for arm in arms_of(index.ledger, study.study_id)}
    for owner in index.owners(study.study_id):
        if owner not in known:
            for slot in _countable(index, study.study_id, owner):
                yield _row(index, study, owner, slot, interval=interval, level=level)


def _countable(index: CellIndex, study_id: str, arm_id: str) -> list[Slot]:
    return [
        slot
        for slot, cells in index.slots(study_id, arm_id).items()
        if is_countable(index, slot.outcome_id, cells)
    ]


@dataclass(frozen=True, slots=True)
class _Limits:
    """Rate and limits of one row, or None three times."""

    rate: float | None = None
    ci_lb: float | None = None
    ci_ub: float | None = None


def _row(
    index: CellIndex,
    study: Study,
    arm_id: str,
    slot: Slot,
    *,
    interval: OneArmMethod,
    level: float,
) -> RateRow:
    count = count_at(index, study.study_id, arm_id, slot)
    limits, reason = _Limits(), count.reason
    if count.events is not None and count.n:
        found = proportion_interval(count.events, count.n, method=interval, level=level)
        lower, upper, cut = within_shares(float(found.ci_lb), float(found.ci_ub))
        limits = _Limits(float(found.estimate), lower, upper)
        reason = "; ".join(part for part in (reason, cut) if part)
    if (study.study_id, arm_id) not in index.ledger.arm:
        whole = "given for the whole study, not by arm"
        reason = f"{whole}; {reason}" if reason else whole
    return RateRow(
        study_id=study.study_id,
        arm_id=arm_id,
        outcome_id=slot.outcome_id,
        subgroup=slot.subgroup,
        months=slot.months,
        time_printed=index.time(study.study_id, slot),
        anchor=slot.anchor,
        analysis_set=slot.analysis_set,
        events=count.events,
        n=count.n,
        events_min=count.events_min,
        events_max=count.events_max,
        rate=limits.rate,
        ci_lb=limits.ci_lb,
        ci_ub=limits.ci_ub,
        ci_method=interval if count.complete else "",
        status=count.status,
        reason=reason,
        assumptions=count.assumptions,
        citekeys=count.citekeys,
        study=index.ledger.label(study.study_id),
        arm=index.arm_label(study.study_id, arm_id),
        outcome=index.name(slot.outcome_id),
        printed=count.printed,
        condition=";".join(study.condition),
        design=study.design,
        trace=_trace(index, (study.study_id, arm_id, slot), count, limits, (interval, level)),
    )


def _trace(
    index: CellIndex,
    where: tuple[str, str, Slot],
    count: Count,
    limits: _Limits,
    how: tuple[OneArmMethod, float],
) -> Trace:
    study_id, arm_id, slot = where
    interval, level = how
    n, low, high = count.n, count.events_min, count.events_max
    spread = low is not None and high is not None and n is not None and n > 0
    values: list[tuple[str, float | None]] = [
        ("rate", limits.rate),
        ("ci_lb", limits.ci_lb),
        ("ci_ub", limits.ci_ub),
        ("events", count.events),
        ("n", n),
        ("events_min", low),
        ("events_max", high),
        ("rate_min", low / n if spread and low is not None and n else None),
        ("rate_max", high / n if spread and high is not None and n else None),
    ]
    if limits.rate is not None:
        text = f"{count.events} ÷ {n}, {interval_name(interval)} interval"
        first = Step("Rate", text, count.status)
    else:
        first = Step("No rate", count.reason, count.status)
    quotes = index.evidence.quotes(count.extractions)
    return Trace(
        title=_title(count, limits, level),
        path=place_path(index, study_id, index.arm_label(study_id, arm_id), slot),
        values=tuple((name, value) for name, value in values if value is not None),
        steps=(first, *count.steps),
        quotes=quotes,
        assumptions=named_assumptions(index.ledger, count.assumptions),
        parameters=() if quotes else (("study", study_id), ("arm", arm_id)),
        status=count.status,
    )


def _title(count: Count, limits: _Limits, level: float) -> str:
    if limits.rate is not None and limits.ci_lb is not None and limits.ci_ub is not None:
        low, high = decimals(100 * limits.ci_lb, 0), decimals(100 * limits.ci_ub, 0)
        share = percent(limits.rate)
        return f"{count.events}/{count.n} = {share} ({percent(level)} CI {low} to {high})"
    if count.events_min is not None and count.n:
        return f"{count.events_min} to {count.events_max} of {count.n}: {count.status}"
    return f"{count.printed or 'nothing countable'}: no rate"


def _without(index: CellIndex, study: Study, arm_id: str) -> RateRow:
    """Row of an arm with no place where a response rate may be looked for."""
    quotes = study_quotes(index.evidence, study.study_id, arm_id)
    sizes = [
        f"{quote.printed} {SIZES[row.field]}"
        for quote in quotes
        for row in [index.ledger.extraction[quote.extraction_id]]
    ]
    status = missing_status(index.ledger, study.study_id)
    if study.kind == "review":
        reason = "a review: pooled results only, no count by arm"
    else:
        reason = "no outcome with countable participants"
        reason += " in the text read" if status == "not reported" else " in what was read"
    printed = ", ".join(dict.fromkeys(sizes))
    step = Step("No rate", reason, status)
    return RateRow(
        study_id=study.study_id,
        arm_id=arm_id,
        outcome_id="",
        subgroup="",
        months=None,
        time_printed="",
        anchor="",
        analysis_set="",
        events=None,
        n=None,
        events_min=None,
        events_max=None,
        rate=None,
        ci_lb=None,
        ci_ub=None,
        ci_method="",
        status=status,
        reason=reason,
        assumptions=(),
        citekeys=study_citekeys(index.ledger, study.study_id),
        study=index.ledger.label(study.study_id),
        arm=index.arm_label(study.study_id, arm_id),
        printed=printed,
        condition=";".join(study.condition),
        design=study.design,
        trace=_trace_without(index, (study.study_id, arm_id), printed, step),
    )


def _trace_without(index: CellIndex, where: tuple[str, str], printed: str, step: Step) -> Trace:
    study_id, arm_id = where
    return Trace(
        title=f"{printed or 'nothing countable'}: no rate",
        path=place_path(index, study_id, index.arm_label(study_id, arm_id), _NO_PLACE),
        steps=(step,),
        quotes=study_quotes(index.evidence, study_id, arm_id),
        parameters=(("study", study_id), ("arm", arm_id)),
        status=step.status,
    )
