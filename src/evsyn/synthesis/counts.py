"""Events of how many, at one place of one arm: a count, what remains possible, or why none."""

from __future__ import annotations

from dataclasses import dataclass

from evsyn.synthesis.cells import (
    CellIndex,
    Slot,
    cell_step,
    missing_status,
    printed_text,
    rests_on,
    study_citekeys,
)
from evsyn.tables.cells import weakest
from evsyn.tables.evidence import Cell
from evsyn.tables.provenance import Step

__all__ = ["COUNTABLE", "Count", "count_at", "is_countable"]

COUNTABLE = (
    "events",
    "participants_with_event",
    "percent",
    "percent_units",
    "percent_unclear",
    "percent_change",
)
"""Fields that make a place one where a response rate may be looked for."""

_UNUSABLE = {
    "percent_unclear": "the source does not say of what",
    "percent_units": "a share of something other than participants",
    "percent_change": "the size of a change, no share of participants",
}


@dataclass(frozen=True, slots=True)
class Count:
    """Events and participants at one place of one arm.

    Attributes
    ----------
    events, n : int or None
        The count and its denominator, where each has one value.
    events_min, events_max : int or None
        Smallest and largest count that remain possible, where there are several.
    candidates : tuple of int
        Every count that remains possible, where there are several.
    status, reason : str
        Weakest status of both; how they came about, or why there is no rate.
    printed : str
        What the sources print at the place.
    extractions, assumptions, citekeys : tuple of str
        What it rests on.
    steps : tuple of Step
        How events and n came about.
    """

    events: int | None
    n: int | None
    events_min: int | None
    events_max: int | None
    candidates: tuple[int, ...]
    status: str
    reason: str
    printed: str
    extractions: tuple[str, ...]
    assumptions: tuple[str, ...]
    citekeys: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def complete(self) -> bool:
        """Whether there is one count of one number of participants."""
        return self.events is not None and self.n is not None and self.n > 0


def is_countable(index: CellIndex, outcome_id: str, cells: tuple[Cell, ...]) -> bool:
    """Whether a response rate may be looked for at a place."""
    return index.kind(outcome_id) in ("dichotomous", "unclear") and any(
        cell.key.field in COUNTABLE and not cell.key.measure for cell in cells
    )


def count_at(index: CellIndex, study_id: str, arm_id: str, slot: Slot) -> Count:
    """Return the count at one place of one arm, or why there is none.

    Parameters
    ----------
    index : CellIndex
        The evidence.
    study_id, arm_id : str
        The arm; an empty arm for values of the whole study.
    slot : Slot
        Outcome, subgroup, time, anchor, analysis set.

    Returns
    -------
    Count
        With events and n, or with the reason why one of them is missing.
    """
    cells = index.at(study_id, arm_id, slot)
    events = index.field(study_id, arm_id, slot, "events", "participants_with_event")
    total = index.field(study_id, arm_id, slot, "n")
    shares = [cell for cell in cells if cell.key.field in COUNTABLE[2:] and not cell.key.measure]
    complete = _single(events) is not None and (_single(total) or 0) > 0
    used = [events, total] if events is not None else [*shares, total]
    basis = rests_on(used)
    possible = () if events is None or events.value is not None else events.candidates
    steps = (cell_step("Events", events), cell_step("n", total))
    missing = missing_status(index.ledger, study_id)
    status, reason = basis.status, basis.reason
    if not complete:
        status = _status(events, total, missing)
        reason = _reason(index, (study_id, arm_id, slot), (events, total), shares)
    return Count(
        events=_single(events),
        n=_single(total),
        events_min=int(min(possible)) if possible else None,
        events_max=int(max(possible)) if possible else None,
        candidates=tuple(int(value) for value in possible),
        status=status,
        reason=reason,
        printed=printed_text(cells),
        extractions=basis.extractions,
        assumptions=basis.assumptions,
        citekeys=basis.citekeys or study_citekeys(index.ledger, study_id),
        steps=tuple(step for step in steps if step is not None),
    )


def _single(cell: Cell | None) -> int | None:
    return None if cell is None or cell.value is None else round(cell.value)


def _status(events: Cell | None, total: Cell | None, missing: str) -> str:
    open_cells = [cell for cell in (events, total) if cell is not None and cell.value is None]
    if events is None or (total is None and not open_cells):
        return missing
    return weakest(cell.status for cell in open_cells) if open_cells else missing


def _reason(
    index: CellIndex,
    where: tuple[str, str, Slot],
    pair: tuple[Cell | None, Cell | None],
    shares: list[Cell],
) -> str:
    events, total = pair
    told = [cell.reason.rstrip(".") for cell in pair if cell is not None and cell.reason]
    if events is None:
        for cell in shares:
            why = _UNUSABLE.get(cell.key.field)
            if why:
                told.append(f"{_value(cell)} is printed, but {why}")
            elif total is None:
                told.append(f"{_value(cell)} is printed, but not of how many")
            else:
                told.append(cell.reason.rstrip(".") or f"{_value(cell)} gives no count")
    elif total is None:
        found = f'"{events.text}"' if events.text else f"{_single(events)}"
        told.append(f"{found} with the event is printed, but not of how many")
    elif total.value is None and total.candidates and not total.reason:
        told.append(f"n may be {_either(total.candidates)}")
    elif events.value is None and events.candidates and not events.reason:
        told.append(f"events may be {_either(events.candidates)}")
    bearing = index.bearing(*where)
    if bearing:
        told.append(f"assumptions that bear on it: {', '.join(bearing)}")
    return "; ".join(dict.fromkeys(told)) or "no count is printed"


def _value(cell: Cell) -> str:
    text = cell.text or ("" if cell.value is None else f"{cell.value:g}")
    return f"{text} %" if text[-1:].isdigit() else f'"{text}"'


def _either(values: tuple[float, ...]) -> str:
    names = [f"{value:g}" for value in values]
    if len(names) > 6:
        return f"{len(names)} values from {names[0]} to {names[-1]}"
    return " or ".join(", ".join(names).rsplit(", ", 1))
