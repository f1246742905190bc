"""Cells of the evidence by study, arm and place; filters; statuses; what a row rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from evsyn.errors import TableError, did_you_mean
from evsyn.tables.cells import weakest
from evsyn.tables.evidence import Cell, Evidence, sources_of
from evsyn.tables.ledger import Arm, Ledger, Study
from evsyn.tables.provenance import Quote, Step

__all__ = [
    "WHOLE_STUDY",
    "Basis",
    "CellIndex",
    "Filters",
    "Slot",
    "arms_of",
    "cell_step",
    "filters",
    "missing_status",
    "named_assumptions",
    "place_path",
    "printed_text",
    "rests_on",
    "study_citekeys",
    "study_quotes",
    "time_label",
]

WHOLE_STUDY = "whole study"
"""Name of the arm of values that are not given by arm."""

_SHARES = ("percent", "percent_units", "percent_unclear", "percent_change")
_PRINTED = ("events", "participants_with_event", *_SHARES, "n")


class Slot(NamedTuple):
    """Where values stand within an arm: outcome, subgroup, time, anchor, analysis set."""

    outcome_id: str
    subgroup: str
    months: float | None
    time: str
    anchor: str
    analysis_set: str


@dataclass(frozen=True, slots=True)
class Basis:
    """What a row rests on.

    Attributes
    ----------
    status : str
        Weakest status of the cells.
    reason : str
        Their reasons, each once.
    extractions, assumptions, citekeys : tuple of str
        Ids, each once, in the order of the cells.
    """

    status: str
    reason: str
    extractions: tuple[str, ...]
    assumptions: tuple[str, ...]
    citekeys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CellIndex:
    """Cells by study and arm, then by place, in the order of the evidence."""

    evidence: Evidence
    places: Mapping[tuple[str, str], Mapping[Slot, tuple[Cell, ...]]]
    times: Mapping[tuple[str, Slot], str]

    @classmethod
    def of(cls, evidence: Evidence) -> CellIndex:
        """Index the cells of some evidence."""
        places: dict[tuple[str, str], dict[Slot, list[Cell]]] = {}
        times: dict[tuple[str, Slot], str] = {}
        for cell in evidence.cells:
            key = cell.key
            time = "" if key.months is not None else key.time_printed
            slot = Slot(
                key.outcome_id, key.subgroup, key.months, time, key.anchor, key.analysis_set
            )
            places.setdefault((key.study_id, key.arm_id), {}).setdefault(slot, []).append(cell)
            if not times.get((key.study_id, slot)):
                times[key.study_id, slot] = key.time_printed
        frozen = {
            owner: {slot: tuple(cells) for slot, cells in slots.items()}
            for owner, slots in places.items()
        }
        return cls(evidence, frozen, times)

    @property
    def ledger(self) -> Ledger:
        """The ledger behind the evidence."""
        return self.evidence.ledger

    def slots(self, study_id: str, arm_id: str) -> Mapping[Slot, tuple[Cell, ...]]:
        """Places of one arm with their cells."""
        return self.places.get((study_id, arm_id), {})

    def at(self, study_id: str, arm_id: str, slot: Slot) -> tuple[Cell, ...]:
        """Cells of one arm at one place."""
        return self.slots(study_id, arm_id).get(slot, ())

    def field(self, study_id: str, arm_id: str, slot: Slot, *names: str) -> Cell | None:
        """First cell of one of some fields, without measure and value type, at one place."""
        cells = self.at(study_id, arm_id, slot)
        for name in names:
            for cell in cells:
                if cell.key.field == name and not cell.key.measure and not cell.key.value_type:
                    return cell
        return None

    def owners(self, study_id: str) -> tuple[str, ...]:
        """Arms, comparisons or the empty id under which a study has cells, in order."""
        return tuple(owner for study, owner in self.places if study == study_id)

    def time(self, study_id: str, slot: Slot) -> str:
        """The time as printed for a place of a study."""
        return self.times.get((study_id, slot), "")

    def kind(self, outcome_id: str) -> str:
        """Kind of an outcome; empty where there is none."""
        row = self.ledger.outcome.get(outcome_id)
        return row.kind if row else ""

    def name(self, outcome_id: str) -> str:
        """Name of an outcome for readers."""
        row = self.ledger.outcome.get(outcome_id)
        return row.name if row else outcome_id

    def arm_label(self, study_id: str, arm_id: str) -> str:
        """Name of an arm for readers."""
        row = self.ledger.arm.get((study_id, arm_id))
        return row.label if row else arm_id or WHOLE_STUDY

    def bearing(self, study_id: str, arm_id: str, slot: Slot) -> tuple[str, ...]:
        """Assumptions not accepted that would bear on a place, its united parts included."""
        outcome = self.ledger.outcome.get(slot.outcome_id)
        outcomes = {"", slot.outcome_id, *(outcome.parts if outcome else ())}
        found = []
        for name in self.evidence.selection.rejected:
            row = self.ledger.assumption[name]
            if (
                row.study_id == study_id
                and row.arm_id in ("", arm_id)
                and row.outcome_id in outcomes
                and (row.months is None or slot.months is None or row.months == slot.months)
            ):
                found.append(name)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which studies and outcomes a command shows.

    Attributes
    ----------
    studies : tuple of Study
        Studies in the order of rows: by year, then as in the ledger.
    outcomes : frozenset of str
        Outcomes asked for; empty: every one.
    given : mapping
        The filters as given, without empty ones.
    """

    studies: tuple[Study, ...]
    outcomes: frozenset[str]
    given: Mapping[str, str]

    def admits(self, outcome_id: str) -> bool:
        """Whether an outcome is asked for."""
        return not self.outcomes or outcome_id in self.outcomes


def filters(ledger: Ledger, *, condition: str = "", study: str = "", outcome: str = "") -> Filters:
    """Read the filters of a command.

    Parameters
    ----------
    ledger : Ledger
        Names that may be asked for.
    condition, study, outcome : str
        Names separated by commas; empty: every one.

    Returns
    -------
    Filters
        Studies in the order of rows, outcomes, and the filters as given.

    Raises
    ------
    TableError
        If a name is not in the ledger; the message lists what is.
    """
    conditions = _names("condition", condition, (c for s in ledger.studies for c in s.condition))
    studies = _names("study", study, ledger.study)
    outcomes = _names("outcome", outcome, ledger.outcome)
    chosen = [
        row
        for row in ledger.studies
        if (not conditions or conditions & set(row.condition))
        and (not studies or row.study_id in studies)
    ]
    chosen.sort(key=lambda row: _year(ledger, row))
    given = {"condition": condition, "study": study, "outcome": outcome}
    return Filters(
        tuple(chosen), frozenset(outcomes), {name: text for name, text in given.items() if text}
    )


def _year(ledger: Ledger, study: Study) -> int:
    """Year of a study, else the one in its name, else after all others."""
    named = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", ledger.label(study.study_id))
    return study.year or (int(named[0]) if named else 9999)


def _names(what: str, text: str, known: Iterable[str]) -> set[str]:
    allowed = list(dict.fromkeys(known))
    names = {part.strip() for part in text.split(",") if part.strip()}
    for name in sorted(names):
        if name not in allowed:
            raise TableError(
                f'no {what} "{name}" in the ledger{did_you_mean(name, allowed)}; '
                f"allowed: {', '.join(allowed)}"
            )
    return names


def arms_of(ledger: Ledger, study_id: str) -> Iterator[Arm]:
    """Arms of a study, in ledger order."""
    return (row for row in ledger.arms if row.study_id == study_id)


def time_label(months: float | None, time_printed: str) -> str:
    """Time for readers: as printed, else in months.

    Examples
    --------
    >>> time_label(3.0, ""), time_label(3.0, "at 3 months"), time_label(None, "")
    ('3 mo', 'at 3 months', '')
    """
    if time_printed or months is None:
        return time_printed
    return f"{months:g} mo"


def rests_on(cells: Iterable[Cell | None]) -> Basis:
    """Union of what some cells rest on."""
    there = [cell for cell in cells if cell is not None]

    reasons = dict.fromkeys(cell.reason.rstrip(".") for cell in there if cell.reason)
    return Basis(
        status=weakest(cell.status for cell in there) if there else "",
        reason="; ".join(reasons),
        **sources_of(there)._asdict(),
    )


def missing_status(ledger: Ledger, study_id: str) -> str:
    """``not reported`` where a full text of the study was read, else ``not found``."""
    full = any(row.study_id == study_id and row.read_scope == "full text" for row in ledger.reports)
    return "not reported" if full else "not found"


def study_citekeys(ledger: Ledger, study_id: str) -> tuple[str, ...]:
    """Sources that report a study at first hand, else all that do."""
    rows = [row for row in ledger.reports if row.study_id == study_id]
    first = [row.citekey for row in rows if row.read_scope != "secondary"]
    return tuple(dict.fromkeys(first or [row.citekey for row in rows]))


def printed_text(cells: Iterable[Cell]) -> str:
    """What the sources print at a place: ``seven, 43.8 %, n 30``."""
    parts: list[str] = []
    for name in _PRINTED:
        for cell in cells:
            if cell.key.field == name and cell.text and not cell.rule:
                parts.append(_as_printed(name, cell.text))
    return ", ".join(dict.fromkeys(parts))


def _as_printed(name: str, text: str) -> str:
    if name in _SHARES and text[-1:].isdigit():
        return f"{text} %"
    return f"n {text}" if name == "n" else text


def place_path(index: CellIndex, study_id: str, who: str, slot: Slot) -> tuple[str, ...]:
    """Where a row belongs, for a trace: study, arm, outcome, subgroup, time, anchor, set."""
    parts = (
        index.ledger.label(study_id),
        who,
        index.name(slot.outcome_id),
        slot.subgroup,
        time_label(slot.months, index.time(study_id, slot)),
        f"months from {slot.anchor}" if slot.anchor else "",
        slot.analysis_set if slot.analysis_set != "as printed" else "",
    )
    return tuple(part for part in parts if part)


def named_assumptions(ledger: Ledger, names: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Ids of assumptions with their statements, for a trace."""
    return tuple((name, ledger.assumption[name].statement) for name in names)


def cell_step(label: str, cell: Cell | None) -> Step | None:
    """How one cell came about, as a step of a trace."""
    if cell is None:
        return None
    printed = f"printed: {cell.text}" if cell.text and not cell.rule else ""
    text = "; ".join(part for part in (printed, cell.reason.rstrip(".")) if part)
    return Step(label, text or "printed", cell.status)


def study_quotes(evidence: Evidence, study_id: str, arm_id: str = "") -> tuple[Quote, ...]:
    """Printed sizes of an arm, else of the study: the end of the trace of a row without number."""
    sizes = ("n_enrolled", "n_randomised", "n_completed", "n")
    rows = [
        row
        for row in evidence.ledger.extractions
        if row.study_id == study_id and row.field in sizes
    ]
    own = [row for row in rows if arm_id and row.arm_id == arm_id]
    found = own or [row for row in rows if not row.arm_id]
    return evidence.quotes(tuple(row.extraction_id for row in found))
