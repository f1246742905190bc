"""A builder of tiny ledgers. All it makes is synthetic: no study, person or value is real."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from evsyn.sources.bibliography import Bibliography
from evsyn.sources.reference import Reference
from evsyn.tables.derive import evidence
from evsyn.tables.evidence import Cell, Evidence
from evsyn.tables.ledger import (
    Arm,
    Assumption,
    Claim,
    Comparison,
    Extraction,
    Ledger,
    Outcome,
    Report,
    Study,
)
from evsyn.tables.schema import TABLES

EMPTY: dict[str, Any] = {
    "year": None,
    "months": None,
    "scale_min": None,
    "scale_max": None,
    "mcid": None,
    "parts": (),
    "requires": (),
    "condition": (),
    "line": 0,
}


def record(row: type[Any], /, **cells: Any) -> Any:
    """A row of the ledger whose other cells are empty."""
    names = [spec.name for spec in fields(row)]
    return row(**{name: EMPTY.get(name, "") for name in names} | cells)


class Book:
    """A synthetic ledger that grows row by row; study ``s`` is there from the start."""

    def __init__(self) -> None:
        self.studies: dict[str, Study] = {}
        self.arms: dict[tuple[str, str], Arm] = {}
        self.comparisons: list[Comparison] = []
        self.outcomes: dict[str, Outcome] = {}
        self.extractions: list[Extraction] = []
        self.assumptions: list[Assumption] = []
        self.claims: list[Claim] = []
        self.study("s")

    def study(self, name: str = "s", **cells: Any) -> None:
        """Add or change a study; a parallel trial unless said otherwise."""
        known = self.studies.get(name) or record(
            Study,
            study_id=name,
            kind="trial",
            design="parallel",
            condition=("synthetic",),
            line=len(self.studies) + 2,
        )
        self.studies[name] = replace(known, **cells)

    def arm(self, *names: str, study: str = "s") -> None:
        """Add arms."""
        for name in names:
            row = record(
                Arm,
                study_id=study,
                arm_id=name,
                label=f"Arm {name}",
                intervention="synthetic",
                line=len(self.arms) + 2,
            )
            self.arms.setdefault((study, name), row)

    def comparison(self, name: str, arm_e: str, arm_c: str, study: str = "s") -> None:
        """Add a comparison."""
        self.comparisons.append(
            Comparison(study, name, arm_e, arm_c, "", len(self.comparisons) + 2)
        )

    def outcome(self, name: str, **cells: Any) -> None:
        """Add or change an outcome, with its parts; dichotomous unless said otherwise."""
        for part in cells.get("parts", ()):
            if part not in self.outcomes and part != name:
                self.outcome(part)
        known = self.outcomes.get(name) or record(
            Outcome,
            outcome_id=name,
            name=f"Outcome {name}",
            kind="dichotomous",
            event_is="benefit",
            better="high",
            line=len(self.outcomes) + 2,
        )
        self.outcomes[name] = replace(known, **cells)

    def say(self, what: str, printed: str, arm: str = "a", outcome: str = "x", **cells: Any) -> str:
        """Add a printed value and return its id; arms and outcomes are made where needed."""
        study = cells.pop("study", "s")
        number = len(self.extractions)
        compared = {(row.study_id, row.comparison_id) for row in self.comparisons}
        if arm and (study, arm) not in compared:
            self.arm(arm, study=study)
        if outcome and outcome not in self.outcomes:
            self.outcome(outcome)
        row = record(
            Extraction,
            extraction_id=f"e{number + 1}",
            study_id=study,
            arm_id=arm,
            outcome_id=outcome,
            field=what,
            printed=printed,
            citekey="synthetic1",
            locator="abstract",
            quote_kind="none",
            extractor="test",
            line=number + 2,
        )
        self.extractions.append(replace(row, **cells))
        return self.extractions[-1].extraction_id

    def total(self, printed: str, what: str = "n_randomised", **cells: Any) -> str:
        """Add a size of the whole study."""
        return self.say(what, printed, "", "", **cells)

    def size(self, printed: str, arm: str = "a", what: str = "n_enrolled", **cells: Any) -> str:
        """Add a size of an arm."""
        return self.say(what, printed, arm, "", **cells)

    def assume(self, name: str, what: str, value: str = "", **cells: Any) -> None:
        """Add an assumption on arm ``a`` and outcome ``x``, rejected unless said otherwise."""
        row = record(
            Assumption,
            assumption_id=name,
            group=f"group of {name}",
            study_id="s",
            arm_id="a",
            outcome_id="x",
            field=what,
            value=value,
            statement=f"Synthetic assumption {name}.",
            rationale="synthetic",
            default="reject",
            line=len(self.assumptions) + 2,
        )
        self.assumptions.append(replace(row, **cells))

    def ledger(self, **tables: Any) -> Ledger:
        """The rows as a ledger."""
        entries = {
            key: Reference(key, "misc", {"title": f"Synthetic reference {key}"})
            for key in ("synthetic1", "synthetic2")
        }
        made = Ledger(
            folder=Path("data"),
            studies=tuple(self.studies.values()),
            reports=tuple(
                Report("synthetic1", name, "abstract", "2026-01-01", "", line)
                for line, name in enumerate(self.studies, 2)
            ),
            arms=tuple(self.arms.values()),
            comparisons=tuple(self.comparisons),
            outcomes=tuple(self.outcomes.values()),
            extractions=tuple(self.extractions),
            assumptions=tuple(self.assumptions),
            claims=tuple(self.claims),
            records=(),
            bibliography=Bibliography(Path("references.bib"), entries),
        )
        return replace(made, **tables)

    def evidence(self, accept: str | Iterable[str] = "default") -> Evidence:
        """The tidy table."""
        return evidence(self.ledger(), accept)

    def cell(self, what: str, arm: str = "a", outcome: str = "x", **more: Any) -> Cell | None:
        """The cell of a field, arm, outcome (and other parts of the key); None where none is."""
        accept = more.pop("accept", "default")
        wanted = {"field": what, "arm_id": arm, "outcome_id": outcome} | more
        found = [
            cell
            for cell in self.evidence(accept).cells
            if all(getattr(cell.key, name) == value for name, value in wanted.items())
        ]
        assert len(found) < 2, found
        return found[0] if found else None

    def value(self, what: str, arm: str = "a", outcome: str = "x", **more: Any) -> Any:
        """The value of a cell, a list of candidates where it is open, None where there is none."""
        cell = self.cell(what, arm, outcome, **more)
        if cell is None:
            return None
        return list(cell.candidates) if cell.value is None else cell.value

    def rules(self, accept: str = "default") -> list[str]:
        """Rules of the findings, sorted."""
        return sorted(found.rule for found in self.evidence(accept).findings)


@pytest.fixture
def book() -> Book:
    """An empty synthetic ledger with one parallel study ``s``."""
    return Book()


HEADERS = {name: [column.name for column in table.columns] for name, table in TABLES.items()}
BIBLIOGRAPHY = """@misc{synthetic1,
  title = {A synthetic reference}
}
@misc{synthetic2,
  title = {Another synthetic reference}
}
"""
SMALL: dict[str, list[dict[str, str]]] = {
    "studies": [
        {
            "study_id": "s",
            "kind": "trial",
            "year": "2001",
            "condition": "striae;scar",
            "design": "parallel",
            "allocation": "randomised",
        }
    ],
    "reports": [
        {
            "citekey": "synthetic1",
            "study_id": "s",
            "read_scope": "abstract",
            "retrieved": "2026-01-01",
        }
    ],
    "arms": [
        {"study_id": "s", "arm_id": "a", "label": "Arm a", "intervention": "one"},
        {"study_id": "s", "arm_id": "b", "label": "Arm b", "intervention": "other"},
    ],
    "comparisons": [{"study_id": "s", "comparison_id": "a_b", "arm_e": "a", "arm_c": "b"}],
    "outcomes": [
        {"outcome_id": "x", "name": "Outcome x", "kind": "dichotomous", "event_is": "benefit"},
        {"outcome_id": "y", "name": "Outcome y", "kind": "continuous", "better": "high"},
    ],
    "extractions": [
        {
            "extraction_id": "e1",
            "study_id": "s",
            "arm_id": "a",
            "outcome_id": "x",
            "months": "3",
            "field": "percent",
            "printed": "43.8",
            "citekey": "synthetic1",
            "locator": "abstract",
            "quote": "seven (43.8%) of the synthetic patients",
            "quote_kind": "verbatim",
            "extractor": "test",
        },
        {
            "extraction_id": "e2",
            "study_id": "s",
            "arm_id": "a",
            "outcome_id": "x",
            "months": "3",
            "field": "events",
            "printed": "seven",
            "citekey": "synthetic1",
            "locator": "abstract",
            "quote_kind": "none",
            "extractor": "test",
        },
    ],
    "assumptions": [
        {
            "assumption_id": "s-16",
            "group": "s_n",
            "study_id": "s",
            "outcome_id": "x",
            "field": "n",
            "value": "16",
            "statement": "Sixteen.",
            "rationale": "synthetic",
            "default": "reject",
        }
    ],
    "claims": [
        {
            "claim_id": "c1",
            "document": "synthetic text",
            "quote": "7 of 16 got better",
            "study_id": "s",
            "intervention": "one",
            "outcome_id": "x",
            "printed": "7",
            "n": "16",
            "verdict": "supported",
            "reason": "synthetic",
        }
    ],
}


class Folder:
    """The tables of a synthetic ledger on disk; rows can be changed before they are written."""

    def __init__(self, path: Path) -> None:
        self.path = path / "data"
        self.bibliography = path / "references.bib"
        self.tables = {name: [dict(row) for row in rows] for name, rows in SMALL.items()}
        self.headers = {name: list(header) for name, header in HEADERS.items()}

    def change(self, table: str, row: int = 0, **cells: str) -> None:
        """Change cells of a row."""
        self.tables[table][row] |= cells

    def add(self, table: str, **cells: str) -> None:
        """Add a row like the last one, with some cells changed."""
        self.tables[table].append(self.tables[table][-1] | cells)

    def write(self, *, start: str = "", end: str = "\n") -> None:
        """Write everything; ``start`` comes before each header, ``end`` ends each line."""
        self.path.mkdir(exist_ok=True)
        self.bibliography.write_text(BIBLIOGRAPHY, encoding="utf-8")
        for name, rows in self.tables.items():
            with (self.path / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
                stream.write(start)
                writer = csv.DictWriter(
                    stream,
                    self.headers[name],
                    restval="",
                    lineterminator=end,
                    extrasaction="ignore",
                )
                writer.writeheader()
                writer.writerows(rows)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A faultless synthetic ledger, not written yet."""
    return Folder(tmp_path)
