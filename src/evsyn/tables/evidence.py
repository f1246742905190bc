"""The tidy table: every cell of the evidence with its value, status and sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

from evsyn.tables.ledger import Ledger
from evsyn.tables.provenance import Finding, Quote

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Cell", "CellKey", "Evidence", "Selection", "Sources", "sources_of"]


class CellKey(NamedTuple):
    """What identifies a cell of the evidence."""

    study_id: str
    arm_id: str
    outcome_id: str
    subgroup: str
    months: float | None
    time_printed: str
    anchor: str
    analysis_set: str
    field: str
    measure: str
    value_type: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its value or the values that remain possible, and what it rests on.

    Attributes
    ----------
    key : CellKey
        Study, arm, outcome, subgroup, time, anchor, analysis set, field, measure, value type.
    value : float or None
        The number (percentages as printed, 0..100); None where there is none.
    text : str
        As printed, or the words of a word field.
    candidates : tuple of float
        Every value that remains possible where ``status`` is ``ambiguous`` or ``conflicting``.
    status : str
        One of :data:`evsyn.literals.Status`.
    rule : str
        Name of the rule that derived the value; empty for printed ones.
    reason : str
        Why there is no single number, or how it was derived, in a sentence.
    extractions, assumptions : tuple of str
        Ids of what the cell rests on, inputs of its inputs included.
    citekeys : tuple of str
        Sources of the extractions.
    """

    key: CellKey
    value: float | None
    text: str
    candidates: tuple[float, ...]
    status: str
    rule: str
    reason: str
    extractions: tuple[str, ...]
    assumptions: tuple[str, ...]
    citekeys: tuple[str, ...]


class Sources(NamedTuple):
    """What several cells rest on together, each id once, in the order of the cells."""

    extractions: tuple[str, ...]
    assumptions: tuple[str, ...]
    citekeys: tuple[str, ...]


def sources_of(cells: Iterable[Cell]) -> Sources:
    """Return everything that some cells rest on."""
    there = list(cells)
    return Sources(
        tuple(dict.fromkeys(name for cell in there for name in cell.extractions)),
        tuple(dict.fromkeys(name for cell in there for name in cell.assumptions)),
        tuple(dict.fromkeys(name for cell in there for name in cell.citekeys)),
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """Which assumptions count.

    Attributes
    ----------
    accepted : tuple of str
        Ids in force, defaults included, in ledger order.
    rejected : tuple of str
        The others.
    notes : tuple of str
        What ``all`` left out, and why.
    """

    accepted: tuple[str, ...]
    rejected: tuple[str, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The tidy table of a ledger under a selection of assumptions.

    Attributes
    ----------
    ledger : Ledger
        Where it came from.
    selection : Selection
        Assumptions accepted and rejected.
    cells : tuple of Cell
        One per cell, in ledger order, derived cells after the printed ones they rest on.
    findings : tuple of Finding
        Conflicts, misfits, ambiguities.
    """

    ledger: Ledger
    selection: Selection
    cells: tuple[Cell, ...]
    findings: tuple[Finding, ...]

    def quotes(self, extractions: tuple[str, ...]) -> tuple[Quote, ...]:
        """Return the printed values behind some extraction ids, as ends of a trace."""
        found = []
        for name in extractions:
            row = self.ledger.extraction[name]
            arm = self.ledger.arm.get((row.study_id, row.arm_id))
            outcome = self.ledger.outcome.get(row.outcome_id)
            where = [
                row.field.replace("_", " "),
                arm.label if arm else row.arm_id.replace("_", " "),
                outcome.name if outcome else "",
                row.subgroup,
            ]
            found.append(
                Quote(
                    row.extraction_id,
                    row.citekey,
                    row.locator,
                    row.printed,
                    row.quote,
                    ", ".join(part for part in where if part),
                )
            )
        return tuple(found)

    def to_frame(self) -> pd.DataFrame:
        """The cells as a table, one column per part of the key and per attribute."""
        import pandas as pd  # heavy: loaded only where a frame is asked for

        names = [spec.name for spec in fields(Cell) if spec.name != "key"]
        return pd.DataFrame.from_records(
            [
                cell.key._asdict() | {name: getattr(cell, name) for name in names}
                for cell in self.cells
            ],
            columns=[*CellKey._fields, *names],
        )
