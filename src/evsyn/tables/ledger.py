"""The ledger: the rows of ``data/*.csv`` as frozen records, with the line each stands on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from evsyn.sources.bibliography import Bibliography

__all__ = ["Arm", "Assumption", "Claim", "Comparison", "Extraction", "Ledger", "Outcome", "Record"]
__all__ += ["Report", "Study"]


@dataclass(frozen=True, slots=True)
class Study:
    """A study, review, clearance, registry record …; one row of ``studies.csv``."""

    study_id: str
    kind: str
    year: int | None
    condition: tuple[str, ...]
    design: str
    allocation: str
    unit_randomised: str
    unit_analysed: str
    registration: str
    note: str
    line: int
    label: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """A document about a study; one row of ``reports.csv``."""

    citekey: str
    study_id: str
    read_scope: str
    retrieved: str
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm of a study; one row of ``arms.csv``."""

    study_id: str
    arm_id: str
    label: str
    intervention: str
    line: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """Experimental against comparator arm; one row of ``comparisons.csv``."""

    study_id: str
    comparison_id: str
    arm_e: str
    arm_c: str
    shared_control: str
    line: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """Definition of an outcome; one row of ``outcomes.csv``."""

    outcome_id: str
    name: str
    kind: str
    instrument: str
    scale_min: float | None
    scale_max: float | None
    unit: str
    event_is: str
    better: str
    parts: tuple[str, ...]
    mcid: float | None
    line: int


@dataclass(frozen=True, slots=True)
class Extraction:
    """One printed value; one row of ``extractions.csv``."""

    extraction_id: str
    study_id: str
    arm_id: str
    outcome_id: str
    subgroup: str
    analysis_set: str
    time_printed: str
    months: float | None
    anchor: str
    field: str
    printed: str
    relation: str
    measure: str
    ci_level: str
    value_type: str
    citekey: str
    locator: str
    quote: str
    quote_kind: str
    extractor: str
    checked_by: str
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class Assumption:
    """A named assumption that can be accepted or rejected; one row of ``assumptions.csv``."""

    assumption_id: str
    group: str
    requires: tuple[str, ...]
    study_id: str
    arm_id: str
    outcome_id: str
    months: float | None
    field: str
    value: str
    preferred_extraction: str
    statement: str
    rationale: str
    default: str
    line: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim in a text, one value a row; one row of ``claims.csv``."""

    claim_id: str
    document: str
    quote: str
    made_on: str
    study_id: str
    cites: str
    intervention: str
    comparator: str
    outcome_id: str
    months: float | None
    field: str
    printed: str
    n: str
    verdict: str
    reason: str
    line: int


@dataclass(frozen=True, slots=True)
class Record:
    """A row of one of the other tables: excluded, risk of bias, certainty, flow, searches."""

    table: str
    cells: Mapping[str, str]
    line: int


@dataclass(frozen=True)
class Ledger:
    """All evidence tables of a project, checked.

    Attributes
    ----------
    folder : Path
        The ``data`` folder.
    studies, reports, arms, comparisons, outcomes, extractions, assumptions, claims : tuple
        Rows in file order.
    records : tuple of Record
        Rows of the tables that no analysis reads yet.
    bibliography : Bibliography
        ``references.bib``.
    """

    folder: Path
    studies: tuple[Study, ...]
    reports: tuple[Report, ...]
    arms: tuple[Arm, ...]
    comparisons: tuple[Comparison, ...]
    outcomes: tuple[Outcome, ...]
    extractions: tuple[Extraction, ...]
    assumptions: tuple[Assumption, ...]
    claims: tuple[Claim, ...]
    records: tuple[Record, ...]
    bibliography: Bibliography

    @cached_property
    def study(self) -> Mapping[str, Study]:
        """Studies by id."""
        return {row.study_id: row for row in self.studies}

    @cached_property
    def outcome(self) -> Mapping[str, Outcome]:
        """Outcomes by id."""
        return {row.outcome_id: row for row in self.outcomes}

    @cached_property
    def arm(self) -> Mapping[tuple[str, str], Arm]:
        """Arms by study and arm id."""
        return {(row.study_id, row.arm_id): row for row in self.arms}

    @cached_property
    def comparison(self) -> Mapping[tuple[str, str], Comparison]:
        """Comparisons by study and comparison id."""
        return {(row.study_id, row.comparison_id): row for row in self.comparisons}

    @cached_property
    def extraction(self) -> Mapping[str, Extraction]:
        """Extractions by id."""
        return {row.extraction_id: row for row in self.extractions}

    @cached_property
    def assumption(self) -> Mapping[str, Assumption]:
        """Assumptions by id."""
        return {row.assumption_id: row for row in self.assumptions}

    @cached_property
    def report(self) -> Mapping[tuple[str, str], Report]:
        """Reports by citekey and study."""
        return {(row.citekey, row.study_id): row for row in self.reports}

    def label(self, study_id: str) -> str:
        """Name of a study for readers: its label, else its first own report's, else its id."""
        study = self.study.get(study_id)
        if study is not None and study.label:
            return study.label
        for row in self.reports:
            if row.study_id == study_id and row.read_scope != "secondary":
                return self.bibliography.label(row.citekey)
        return study_id

    def file(self, table: str) -> str:
        """Path of a table as the user knows it: ``data/extractions.csv``."""
        return f"{self.folder.name}/{table}.csv"
