"""What each assumption changes: results with it against results without it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from evsyn.errors import AssumptionError
from evsyn.synthesis.cells import filters
from evsyn.synthesis.compare import compare
from evsyn.synthesis.rates import rates
from evsyn.synthesis.results import AssumptionRow, ComparisonRow, RateRow, Result
from evsyn.tables.derive import evidence as derived
from evsyn.tables.evidence import Cell, Evidence
from evsyn.tables.fields import FIELDS
from evsyn.tables.ledger import Assumption, Ledger
from evsyn.tables.provenance import Quote, Step, Trace

__all__ = ["assumption_effects"]

_Change = tuple[str, str, str, str]


def assumption_effects(
    evidence: Evidence, *, condition: str = "", study: str = "", outcome: str = ""
) -> Result[AssumptionRow]:
    """Each assumption, and what accepting it alone changes in rates and comparisons.

    Parameters
    ----------
    evidence : Evidence
        The tidy table; its accepted assumptions are the starting point.
    condition, study, outcome : str
        Names separated by commas; empty: every one. An assumption on every outcome stays.

    Returns
    -------
    Result of AssumptionRow
        In ledger order. A rejected one is accepted together with all it requires, alternatives
        of these dropped; an accepted one is rejected together with what requires it.

    Raises
    ------
    TableError
        If a condition, study or outcome is not in the ledger.
    """
    ledger = evidence.ledger
    wanted = filters(ledger, condition=condition, study=study, outcome=outcome)
    studies = {row.study_id for row in wanted.studies}
    rows = [
        _row(evidence, row)
        for row in ledger.assumptions
        if row.study_id in studies and (not row.outcome_id or wanted.admits(row.outcome_id))
    ]
    accepted = sum(row.accepted for row in rows)
    notes = (f"{len(rows)} assumptions, {accepted} of them accepted.",)
    return Result(
        "assumptions", tuple(rows), dict(wanted.given), notes, evidence.selection.accepted
    )


def _row(base: Evidence, assumption: Assumption) -> AssumptionRow:
    ledger = base.ledger
    name = assumption.assumption_id
    accepted = name in base.selection.accepted
    changes, effect = _outcome(base, assumption)
    steps = (
        Step("Statement", assumption.statement, "assumed"),
        Step("Rationale", assumption.rationale),
        Step("Changes", effect),
        *(Step(where, f"{before} → {after}") for _, where, before, after in changes),
    )
    label = ledger.label(assumption.study_id) if assumption.study_id in ledger.study else ""
    return AssumptionRow(
        assumption_id=name,
        group=assumption.group,
        requires=assumption.requires,
        study_id=assumption.study_id,
        statement=assumption.statement,
        rationale=assumption.rationale,
        default=assumption.default,
        accepted=accepted,
        effect=effect,
        changes=changes,
        study=label,
        trace=Trace(
            title=name,
            path=tuple(part for part in (label, assumption.group) if part),
            values=(("changes", float(len(changes))),),
            steps=steps,
            quotes=_quotes(base, assumption),
            assumptions=((name, assumption.statement),),
            parameters=(("table", f"{ledger.file('assumptions')}:{assumption.line}"),),
            status="assumed",
        ),
    )


def _outcome(base: Evidence, assumption: Assumption) -> tuple[tuple[_Change, ...], str]:
    """What an assumption changes, as rows and in words."""
    own = _alone(base.ledger, assumption.study_id)
    accepted = tuple(name for name in base.selection.accepted if name in own.assumption)
    before = derived(own, ["none", *accepted])
    is_accepted = assumption.assumption_id in accepted
    try:
        after = derived(own, ["none", *_switched(own, accepted, assumption)])
    except AssumptionError as error:
        return (), f"cannot be {'rejected' if is_accepted else 'accepted'}: {error}"
    if is_accepted:
        changes = tuple(_changes(after, before, assumption.study_id))
        return changes, _effect(changes, "gives", "changes no result")
    changes = tuple(_changes(before, after, assumption.study_id))
    if changes:
        return changes, _effect(changes, "would give", "")
    return _together(own, accepted, assumption)


def _together(
    own: Ledger, accepted: tuple[str, ...], assumption: Assumption
) -> tuple[tuple[_Change, ...], str]:
    """What one that changes nothing alone changes beside another of the same study."""
    for partner in own.assumptions:
        if partner.assumption_id in accepted or partner.group == assumption.group:
            continue
        chosen = _switched(own, accepted, partner)
        try:
            without = derived(own, ["none", *chosen])
            both = derived(own, ["none", *_switched(own, tuple(chosen), assumption)])
        except AssumptionError:
            continue
        if partner.assumption_id not in both.selection.accepted:
            continue
        changes = tuple(_changes(without, both, assumption.study_id))
        if changes:
            name = partner.assumption_id
            effect = _effect(changes, f"alone changes no result; with {name} it would give", "")
            return changes, effect
    return (), "would change no result"


def _alone(ledger: Ledger, study_id: str) -> Ledger:
    """The part of a ledger that is about one study."""
    return replace(
        ledger,
        studies=tuple(row for row in ledger.studies if row.study_id == study_id),
        arms=tuple(row for row in ledger.arms if row.study_id == study_id),
        comparisons=tuple(row for row in ledger.comparisons if row.study_id == study_id),
        extractions=tuple(row for row in ledger.extractions if row.study_id == study_id),
        assumptions=tuple(row for row in ledger.assumptions if row.study_id == study_id),
        claims=(),
    )


def _switched(own: Ledger, accepted: tuple[str, ...], assumption: Assumption) -> list[str]:
    """Ids to accept so that one assumption is turned round and the selection stays possible."""
    known = own.assumption
    chosen = set(accepted)
    if assumption.assumption_id in chosen:
        dropped = {assumption.assumption_id}
        while more := {name for name in chosen - dropped if dropped & set(known[name].requires)}:
            dropped |= more
        chosen -= dropped
    else:
        added = _with_required(assumption, known)
        groups = {known[name].group for name in added}
        chosen = {name for name in chosen if known[name].group not in groups} | added
    return [name for name in known if name in chosen]


def _with_required(assumption: Assumption, known: Mapping[str, Assumption]) -> set[str]:
    added: set[str] = set()
    open_names = [assumption.assumption_id]
    while open_names:
        name = open_names.pop()
        if name not in added:
            added.add(name)
            open_names += known[name].requires
    return added


def _changes(before: Evidence, after: Evidence, study_id: str) -> Iterator[_Change]:
    """Rows of the study that are not the same: command, row, before, after."""
    for command, old, new in (
        ("rates", _rates(before, study_id), _rates(after, study_id)),
        ("compare", _comparisons(before, study_id), _comparisons(after, study_id)),
    ):
        for where in dict.fromkeys([*old, *new]):
            first, second = old.get(where, "–"), new.get(where, "–")
            if first != second:
                yield command, where, first, second
    if _rows_only(before, study_id) != _rows_only(after, study_id):
        for where, first, second in _cells(before, after, study_id):
            yield "evidence", where, first, second


def _rates(found: Evidence, study_id: str) -> dict[str, str]:
    return {_where(row, row.arm): _said(row) for row in rates(found, study=study_id)}


def _comparisons(found: Evidence, study_id: str) -> dict[str, str]:
    rows = [
        *compare(found, measure="RR", study=study_id),
        *compare(found, measure="MD", study=study_id),
    ]
    return {
        f"{row.measure}, {_where(row, f'{row.label_e} v {row.label_c}')}": row.trace.title
        for row in rows
        if row.estimate is not None or row.estimate_min is not None
    }


def _where(row: RateRow | ComparisonRow, who: str) -> str:
    parts = (who, row.outcome, row.subgroup, _time(row.months, row.anchor))
    return ", ".join(part for part in parts if part)


def _time(months: float | None, anchor: str) -> str:
    """Time for readers: nought is where months begin to count."""
    if months == 0:
        return f"at the {anchor}" if anchor == "last session" else f"at {anchor or 'the start'}"
    return "" if months is None else f"{months:g} mo"


def _said(row: RateRow) -> str:
    if row.rate is not None:
        return f"{row.events}/{row.n}"
    if row.events_min is not None:
        span = f"{row.events_min} to {row.events_max}"
        return f"{span} of {row.n}" if row.n else f"{span}, n not known"
    return "no rate"


def _rows_only(found: Evidence, study_id: str) -> dict[tuple[object, ...], object]:
    return {
        tuple(cell.key): (cell.value, cell.candidates)
        for cell in found.cells
        if cell.key.study_id == study_id
    }


def _cells(before: Evidence, after: Evidence, study_id: str) -> Iterator[tuple[str, str, str]]:
    """Values of no rate or comparison (sizes, limits, needle lengths) that change."""

    def values(found: Evidence) -> dict[tuple[object, ...], Cell]:
        counted = ("events", "n", "percent", "percent_unclear", "percent_change")
        return {
            tuple(cell.key): cell
            for cell in found.cells
            if cell.key.study_id == study_id and cell.key.field not in counted
        }

    old, new = values(before), values(after)
    for key in dict.fromkeys([*old, *new]):
        first, second = _value(old.get(key)), _value(new.get(key))
        if first != second:
            cell = new.get(key) or old[key]
            who = _label(after.ledger, cell)
            yield who, first, second


def _label(ledger: Ledger, cell: Cell) -> str:
    """Where a cell stands, for readers: arm, outcome, time, field."""
    key = cell.key
    outcome = ledger.outcome.get(key.outcome_id)
    parts = (
        _owner(ledger, key.study_id, key.arm_id),
        outcome.name if outcome else "",
        _time(key.months, key.anchor),
        FIELDS.get(key.field, key.field),
    )
    return ", ".join(part for part in parts if part)


def _owner(ledger: Ledger, study_id: str, name: str) -> str:
    """Name of an arm, or of both arms of a comparison, for readers."""
    arm = ledger.arm.get((study_id, name))
    if arm:
        return arm.label
    for row in ledger.comparisons:
        if (row.study_id, row.comparison_id) == (study_id, name):
            both = (ledger.arm.get((study_id, side)) for side in (row.arm_e, row.arm_c))
            return " v ".join(side.label for side in both if side)
    return name


def _value(cell: Cell | None) -> str:
    if cell is None:
        return "–"
    if cell.value is not None:
        return f"{cell.value:.4g}"
    if cell.candidates:
        return " or ".join(f"{value:g}" for value in cell.candidates)
    return cell.status


def _effect(changes: tuple[_Change, ...], verb: str, nothing: str) -> str:
    if not changes:
        return nothing
    made = [change for change in changes if change[3] not in ("–", "no rate")]
    if not made:
        return f"{verb} nothing more than it takes away"
    told = "; ".join(f"{after} ({where})" for _, where, _, after in made[:3])
    more = len(made) - 3
    return f"{verb} {told}" + (f"; and {more} more" if more > 0 else "")


def _quotes(base: Evidence, assumption: Assumption) -> tuple[Quote, ...]:
    """Printed values that the assumption is about."""
    if assumption.preferred_extraction:
        return base.quotes((assumption.preferred_extraction,))
    names = tuple(
        row.extraction_id
        for row in base.ledger.extractions
        if row.study_id == assumption.study_id
        and assumption.outcome_id in ("", row.outcome_id)
        and assumption.arm_id in ("", row.arm_id)
        and row.field in ("events", "percent", "percent_unclear", assumption.field)
    )
    return base.quotes(names)
