"""The working board of a derivation: cells by key, places, families of outcomes, findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeGuard

from evsyn.tables.cells import assumed_finding, finding
from evsyn.tables.evidence import Cell, CellKey, sources_of
from evsyn.tables.ledger import Assumption, Ledger
from evsyn.tables.printed import Printed, read_printed
from evsyn.tables.provenance import Finding

__all__ = ["Board", "Place", "Sizes", "printed_of", "settled", "share_of"]

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
        Cells by key, in the order made; added by ``put`` and ``replace`` only.
    heads : dict
        The same by study and arm.
    sizes : dict
        Possible n by place and family.
    findings : list of Finding
        What was found on the way.
    """

    ledger: Ledger
    accepted: tuple[Assumption, ...]
    cells: dict[CellKey, Cell] = field(default_factory=dict)
    heads: dict[tuple[str, str], dict[CellKey, Cell]] = field(default_factory=dict)
    sizes: dict[tuple[Place, str], Sizes] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    _noted: set[tuple[str, str]] = field(default_factory=set)

    def put(self, cells: Iterable[Cell]) -> None:
        """Add cells; one that is there already stays (printed beats what comes later)."""
        for cell in cells:
            if cell.key not in self.cells:
                self.replace(cell)

    def replace(self, cell: Cell) -> None:
        """Set a cell, whether or not it is there already."""
        self.cells[cell.key] = cell
        self.heads.setdefault((cell.key.study_id, cell.key.arm_id), {})[cell.key] = cell

    def of(self, study_id: str, arm_id: str) -> Mapping[CellKey, Cell]:
        """Return the cells of an arm, or of a study as a whole where the arm is empty."""
        return self.heads.get((study_id, arm_id), {})

    def at(self, place: Place, outcome: str, name: str) -> Cell | None:
        """Return the cell of a field of an outcome at a place."""
        return self.cells.get(place.key(outcome, name))

    def note(self, rule: str, message: str, cells: Iterable[Cell], **more: str) -> None:
        """Add a finding on some cells, once."""
        cells = list(cells)
        rows = sources_of(cells).extractions
        if rows:
            found = finding(self.ledger, rule, message, rows, **more)
        else:
            found = assumed_finding(self.ledger, rule, message, cells[0].assumptions[0], **more)
        same = rows[0] if rows and rule == "truncated" else found.message
        if (rule, same) not in self._noted:
            self._noted.add((rule, same))
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
    def scales(self) -> dict[str, list[tuple[str, ...]]]:
        """Every scale, as its categories, by family."""
        found: dict[str, list[tuple[str, ...]]] = {}
        for outcome in self.ledger.outcomes:
            if outcome.kind == "ordinal" and outcome.parts:
                found.setdefault(self.family[outcome.outcome_id], []).append(outcome.parts)
        return found

    def places(
        self, *names: str, studies: Iterable[str] | None = None
    ) -> list[tuple[Place, dict[str, list[Cell]]]]:
        """Places of arms with the cells of some fields, by family, in ledger order."""
        found: dict[Place, dict[str, list[Cell]]] = {}
        for cells in [self.cells] if studies is None else map(self._of_study, studies):
            for key, cell in cells.items():
                is_arm = (key.study_id, key.arm_id) in self.ledger.arm
                if key.field in names and key.outcome_id and is_arm:
                    root = self.family[key.outcome_id]
                    found.setdefault(Place.of(key), {}).setdefault(root, []).append(cell)
        return list(found.items())

    def _of_study(self, study_id: str) -> dict[CellKey, Cell]:
        return {
            key: cell for arm in self.arms(study_id) for key, cell in self.of(study_id, arm).items()
        }

    def arms(self, study_id: str) -> tuple[str, ...]:
        """Arms of a study, in ledger order."""
        return tuple(self._arms.get(study_id, ()))

    @cached_property
    def _arms(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in self.ledger.arms:
            found.setdefault(row.study_id, []).append(row.arm_id)
        return found

    def design(self, study_id: str) -> str:
        """Design of a study."""
        return self.ledger.study[study_id].design


def share_of(cell: Cell) -> str:
    """Return a percentage as printed, with one percent sign: ``93.3%``, ``All``."""
    printed = printed_of(cell)
    if printed is None or printed.exact:
        return cell.text
    return f"{cell.text.rstrip('% ')}%"


def settled(cell: Cell | None) -> TypeGuard[Cell]:
    """Whether a cell holds one number: neither open nor a bound such as ``>80``."""
    return cell is not None and printed_of(cell) is not None


def printed_of(cell: Cell) -> Printed | None:
    """What a cell prints, for rounding; None for bounds and words."""
    if cell.value is None:
        return None
    read = read_printed(cell.text, cell.key.field)
    if read is None or read.relation in BOUNDS:
        return None
    return read
