"""What a claim would mean if it were true: two claimed shares computed as counts."""

from __future__ import annotations

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

from evsyn.errors import TableError, did_you_mean
from evsyn.literals import ComparisonMeasure
from evsyn.synthesis.cells import CellIndex, cell_step
from evsyn.synthesis.claims import claim_quote
from evsyn.synthesis.comparison_rows import Content, effect_title
from evsyn.synthesis.effects import Effect, Options, options
from evsyn.synthesis.independent import count_effect
from evsyn.synthesis.results import ComparisonRow, Result
from evsyn.tables.evidence import Cell, Evidence
from evsyn.tables.ledger import Claim
from evsyn.tables.printed import read_printed
from evsyn.tables.provenance import Step, Trace

__all__ = ["what_if"]

_REASON = (
    "a what-if: the claims' shares taken as counts of groups of a size that no source read here "
    "prints"
)


def what_if(
    evidence: Evidence,
    claim_e: str,
    claim_c: str,
    *,
    n_e: int,
    n_c: int,
    measure: ComparisonMeasure = "RR",
    interval: str | None = "katz",
    test: str | None = "fisher",
    level: float = 0.95,
) -> Result[ComparisonRow]:
    """Compare two claimed shares as if each were a count of a group of a given size.

    Parameters
    ----------
    evidence : Evidence
        Where the claims stand.
    claim_e, claim_c : str
        Ids of two claims with a percentage: the experimental group and the comparator.
    n_e, n_c : int
        Sizes of the groups, as the reader supposes them.
    measure : {"RR", "OR", "RD"}, default "RR"
        Effect measure.
    interval, test : str
        Methods, by default Katz and Fisher's exact test (the groups are small).
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Result of ComparisonRow
        One row of status *assumed*; its trace ends in the words of the claims and in the sizes.
        Where both claims are of one study, ``n_enrolled`` among the values of the trace is the
        number of people that it prints for itself.

    Raises
    ------
    TableError
        If a claim is unknown, has no percentage, or fits no whole number of its group.
    StatsError
        If a size is below 1, or an option is not allowed.
    """
    if measure not in ("RR", "OR", "RD"):
        raise TableError(f'measure="{measure}" is not one of counts; allowed: RR, OR, RD')
    chosen = options(
        measure, interval if measure == "RR" or interval != "katz" else None, test, level
    )
    first, second = _claim(evidence, claim_e), _claim(evidence, claim_c)
    events_e, events_c = _events(first, n_e), _events(second, n_c)
    effect = count_effect(events_e, n_e, events_c, n_c, chosen=chosen)
    row = _row(evidence, (first, second), (events_e, n_e, events_c, n_c), effect, chosen)
    settings: dict[str, object] = {
        "measure": measure, "interval": chosen.interval, "test": chosen.test, "level": level,
        "claim_e": claim_e, "claim_c": claim_c, "n_e": n_e, "n_c": n_c,
    }  # fmt: skip
    return Result("what-if", (row,), settings, (_REASON.capitalize() + ".",))


def _claim(evidence: Evidence, name: str) -> Claim:
    found = {row.claim_id: row for row in evidence.ledger.claims}
    if name not in found:
        raise TableError(
            f'no claim "{name}" in the ledger{did_you_mean(name, found)}; '
            f"allowed: {', '.join(found)}"
        )
    return found[name]


def _events(claim: Claim, n: int) -> int:
    if n < 1:
        raise TableError(f"a group of {n}: expected 1 or more")
    share = read_printed(claim.printed, "percent") if claim.field.startswith("percent") else None
    if share is None:
        raise TableError(f'claim {claim.claim_id} prints "{claim.printed}", no percentage')
    exact = share.value * n / 100
    count = int(exact.quantize(Decimal(1), ROUND_HALF_UP))
    if abs(Decimal(100 * count) / n - share.value) > share.half:
        raise TableError(
            f"claim {claim.claim_id}: {share.value} % of {n} is {exact.normalize():f}, "
            "no whole number"
        )
    return count


def _row(
    evidence: Evidence,
    pair: tuple[Claim, Claim],
    counts: tuple[int, int, int, int],
    effect: Effect,
    chosen: Options,
) -> ComparisonRow:
    first, second = pair
    events_e, n_e, events_c, n_c = counts
    index = CellIndex.of(evidence)
    known = first.study_id in evidence.ledger.study
    label = evidence.ledger.label(first.study_id) if known else ""
    outcome = index.name(first.outcome_id) if first.outcome_id else ""
    enrolled = _enrolled(index, first.study_id) if first.study_id == second.study_id else None
    trace = _trace(pair, counts, effect, chosen, (label, outcome))
    return ComparisonRow(
        study_id=first.study_id,
        comparison_id=f"{first.claim_id}-{second.claim_id}",
        arm_e="",
        arm_c="",
        outcome_id=first.outcome_id,
        subgroup="",
        months=first.months,
        time_printed="",
        anchor="",
        analysis_set="",
        design="what-if",
        measure=chosen.measure,
        events_e=events_e,
        n_e=n_e,
        events_c=events_c,
        n_c=n_c,
        mean_e=None,
        sd_e=None,
        mean_c=None,
        sd_c=None,
        status="assumed",
        reason="; ".join(part for part in (_REASON, effect.reason) if part),
        assumptions=(),
        citekeys=(),
        study=label,
        label_e=first.intervention,
        label_c=second.intervention,
        outcome=outcome,
        printed=f"{first.printed} % v {second.printed} %",
        trace=_with_enrolled(trace, enrolled, evidence),
        **effect.columns,
    )


def _enrolled(index: CellIndex, study_id: str) -> Cell | None:
    """The number of people that the whole study enrolled, where one is printed."""
    found = [
        cell
        for cells in index.slots(study_id, "").values()
        for cell in cells
        if cell.key.field == "n_enrolled" and not cell.key.subgroup and cell.value is not None
    ]
    return found[0] if found else None


def _with_enrolled(trace: Trace, cell: Cell | None, evidence: Evidence) -> Trace:
    step = cell_step("Enrolled", cell)
    if cell is None or cell.value is None or step is None:
        return trace
    return replace(
        trace,
        values=(*trace.values, ("n_enrolled", cell.value)),
        steps=(*trace.steps, step),
        quotes=(*trace.quotes, *evidence.quotes(cell.extractions)),
    )


def _trace(
    pair: tuple[Claim, Claim],
    counts: tuple[int, int, int, int],
    effect: Effect,
    chosen: Options,
    path: tuple[str, str],
) -> Trace:
    (first, second), (events_e, n_e, events_c, n_c) = pair, counts
    steps = [Step("Comparison", effect.how, "assumed")]
    for claim, events, n in ((first, events_e, n_e), (second, events_c, n_c)):
        text = f"{claim.printed} % of {n} is {events}; {n} is supposed, not printed"
        steps.append(Step(claim.intervention, text, "assumed"))
    values = {
        "estimate": effect.estimate, "ci_lb": effect.ci_lb, "ci_ub": effect.ci_ub,
        "p_value": effect.p_value, "yi": effect.yi, "vi": effect.vi,
        "events_e": events_e, "n_e": n_e, "events_c": events_c, "n_c": n_c,
    }  # fmt: skip
    return Trace(
        title=effect_title(effect, chosen, Content(effect, "assumed")),
        path=tuple(part for part in ("What if", *path) if part),
        values=tuple((name, value) for name, value in values.items() if value is not None),
        steps=tuple(steps),
        quotes=tuple(dict.fromkeys((claim_quote(first), claim_quote(second)))),
        parameters=(("n_e", str(n_e)), ("n_c", str(n_c)), ("measure", chosen.measure)),
        status="assumed",
    )
