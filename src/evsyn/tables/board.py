"""The working board of a derivation: cells by key, places, families of outcomes, findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from evsyn.tables.cells import finding
from evsyn.tables.evidence import Cell, CellKey
from evsyn.tables.ledger import Assumption, Ledger
from evsyn.tables.printed import Printed, read_printed
from evsyn.tables.provenance import Finding

__all__ = ["Board", "Place", "Sizes", "printed_of", "settled"]

BOUNDS = {"<", "≤", ">", "≥", "about"}


class Place(NamedTuple):
    """Where an arm was counted: everything of a cell's key but outcome and field."""

    study_id: str
    arm_id: str
    subgroup: str
    months: float | None
    time_printed: str
    anchor: str
    analysis_set: str

    @classmethod
    def of(cls, key: CellKey) -> Place:
        """Return the place of a cell."""
        return cls(
            key.study_id,
            key.arm_id,
            key.subgroup,
            key.months,
            key.time_printed,
            key.anchor,
            key.analysis_set,
        )

    def key(self, outcome: str, name: str) -> CellKey:
        """Key of a field of an outcome here."""
        return CellKey(
            self.study_id,
            self.arm_id,
            outcome,
            self.subgroup,
            self.months,
            self.time_printed,
            self.anchor,
            self.analysis_set,
            name,
            "",
            "",
        )


@dataclass(frozen=True, slots=True)
class Sizes:
    """Every n that remains possible for a family of outcomes at a place, and why."""

    values: tuple[int, ...]
    status: str
    rule: str
    reason: str
    extractions: tuple[str, ...]
    assumptions: tuple[str, ...]

    @property
    def single(self) -> int | None:
        """The one n left, or None."""
        return self.values[0] if len(self.values) == 1 else None


@dataclass
class Board:
    """Cells under derivation.

    Attributes
    ----------
    ledger : Ledger
        Where outcomes, arms and designs are looked up.
    accepted : tuple of Assumption
        The assumptions in force.
    cells : dict
        Cells by key, in the order made.
    sizes : dict
        Possible n by place and family.
    findings : list of Finding
        What was found on the way.
    """

    ledger: Ledger
    accepted: tuple[Assumption, ...]
    cells: dict[CellKey, Cell] = field(default_factory=dict)
    sizes: dict[tuple[Place, str], Sizes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def put(self, cells: Iterable[Cell]) -> None:
        """Add cells; one that is there already stays (printed beats what comes later)."""
        for cell in cells:
            self.cells.setdefault(cell.key, cell)

    def at(self, place: Place, outcome: str, name: str) -> Cell | None:
        """Return the cell of a field of an outcome at a place."""
        return self.cells.get(place.key(outcome, name))

    def note(self, rule: str, message: str, cells: Iterable[Cell], **more: str) -> None:
        """Add a finding on some cells, once."""
        rows = tuple(dict.fromkeys(name for cell in cells for name in cell.extractions))
        found = finding(self.ledger, rule, message, rows, **more)
        if found not in self.findings:
            self.findings.append(found)

    @cached_property
    def family(self) -> dict[str, str]:
        """Root of the family of each outcome: outcomes joined through ``parts``."""
        root = {name: name for name in self.ledger.outcome}

        def find(name: str) -> str:
            while root[name] != name:
                name = root[name]
            return name

        for outcome in self.ledger.outcomes:
            for part in outcome.parts:
                root[find(part)] = find(outcome.outcome_id)
        return {name: find(name) for name in root} | {"": ""}

    @cached_property
    def scale(self) -> dict[str, tuple[str, ...]]:
        """Every category of the scale that an outcome is a category of."""
        found: dict[str, tuple[str, ...]] = {}
        for outcome in self.ledger.outcomes:
            if outcome.kind == "ordinal":
                for part in outcome.parts:
                    found.setdefault(part, outcome.parts)
        return found

    def places(self, *names: str) -> Iterator[tuple[Place, dict[str, list[Cell]]]]:
        """Places of arms with the cells of some fields, by family, in ledger order."""
        found: dict[Place, dict[str, list[Cell]]] = {}
        for key, cell in self.cells.items():
            is_arm = (key.study_id, key.arm_id) in self.ledger.arm
            if key.field in names and key.outcome_id and is_arm:
                root = self.family[key.outcome_id]
                found.setdefault(Place.of(key), {}).setdefault(root, []).append(cell)
        yield from found.items()

    def arms(self, study_id: str) -> tuple[str, ...]:
        """Arms of a study, in ledger order."""
        return tuple(row.arm_id for row in self.ledger.arms if row.study_id == study_id)

    def design(self, study_id: str) -> str:
        """Design of a study."""
        return self.ledger.study[study_id].design


def settled(cell: Cell | None) -> bool:
    """Whether a cell holds one exact number: neither open nor a bound such as ``>80``."""
    if cell is None or cell.value is None:
        return False
    return printed_of(cell) is not None


def printed_of(cell: Cell) -> Printed | None:
    """What a cell prints, for rounding; None for bounds and words."""
    if cell.value is None:
        return None
    read = read_printed(cell.text, cell.key.field)
    if read is None or read.relation in BOUNDS:
        return None
    return read
