"""A builder of synthetic evidence: no study, arm or value in these tests is real."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from evsyn.sources.bibliography import Bibliography
from evsyn.tables.derive import evidence
from evsyn.tables.evidence import Evidence
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


class Keys(Bibliography):
    """A bibliography of synthetic keys: the label of ``s1-report`` is ``s1``."""

    def label(self, citekey: str) -> str:
        return citekey.removesuffix("-report")


class Synthetic:
    """Collects synthetic rows; one study ``s1`` with arms ``e`` and ``c`` unless told otherwise."""

    def __init__(self) -> None:
        self.studies: list[Study] = []
        self.reports: list[Report] = []
        self.arms: list[Arm] = []
        self.comparisons: list[Comparison] = []
        self.outcomes: list[Outcome] = []
        self.extractions: list[Extraction] = []
        self.assumptions: list[Assumption] = []
        self.claims: list[Claim] = []

    def study(self, study_id: str = "s1", *, design: str = "parallel", **more: Any) -> Synthetic:
        """A study, with two arms and their comparison unless it has one arm only."""
        row: dict[str, Any] = {
            "study_id": study_id, "kind": "trial", "year": 2001, "condition": ("synthetic",),
            "design": design, "allocation": "randomised", "unit_randomised": "participant",
            "unit_analysed": "participant", "registration": "", "note": "", "line": 2,
        } | more  # fmt: skip
        scope = row.pop("read_scope", "abstract")
        self.studies.append(Study(**row))
        self.reports.append(Report(f"{study_id}-report", study_id, scope, "", "", 2))
        arms = ["e"] if design == "single-arm" else ["e", "c"]
        for arm in arms:
            label = {"e": "Experimental", "c": "Comparator"}[arm]
            self.arms.append(Arm(study_id, arm, label, label, 2))
        if len(arms) == 2:
            self.comparisons.append(Comparison(study_id, "e_v_c", "e", "c", "", 2))
        return self

    def outcome(self, outcome_id: str, kind: str = "dichotomous", *parts: str) -> Synthetic:
        """An outcome; its name is its id in capitals."""
        self.outcomes.append(
            Outcome(
                outcome_id, outcome_id.upper(), kind, "", None, None, "", "", "high", parts, None, 2
            )
        )
        return self

    def value(self, field: str, printed: str, arm: str = "", outcome: str = "", **more: Any) -> str:
        """A printed value; returns its id."""
        number = len(self.extractions) + 1
        row: dict[str, Any] = {
            "extraction_id": f"x{number}", "study_id": "s1", "arm_id": arm, "outcome_id": outcome,
            "subgroup": "", "analysis_set": "as printed" if outcome else "", "time_printed": "",
            "months": None, "anchor": "", "field": field, "printed": printed, "relation": "",
            "measure": "", "ci_level": "", "value_type": "", "citekey": "s1-report",
            "locator": "synthetic table", "quote": f"synthetic words: {printed}",
            "quote_kind": "verbatim", "extractor": "t1", "checked_by": "", "note": "",
            "line": number + 1,
        } | more  # fmt: skip
        self.extractions.append(Extraction(**row))
        return str(row["extraction_id"])

    def counts(self, outcome: str, **arms: tuple[int, int]) -> Synthetic:
        """Events and n of some arms, as printed."""
        for arm, (events, n) in arms.items():
            self.value("events", str(events), arm, outcome)
            self.value("n", str(n), arm, outcome)
        return self

    def means(self, outcome: str, value_type: str = "final", **arms: tuple[str, str, str]) -> None:
        """Mean, sd and n of some arms, as printed."""
        for arm, (mean, sd, n) in arms.items():
            self.value("mean", mean, arm, outcome, value_type=value_type)
            self.value("sd", sd, arm, outcome, value_type=value_type)
            self.value("n", n, arm, outcome)

    def assumption(self, name: str, field: str, value: str, **more: Any) -> Synthetic:
        """An assumption, rejected unless told otherwise."""
        row: dict[str, Any] = {
            "assumption_id": name, "group": name, "requires": (), "study_id": "s1", "arm_id": "",
            "outcome_id": "", "months": None, "field": field, "value": value,
            "preferred_extraction": "", "statement": f"Synthetic assumption {name}.",
            "rationale": "none", "default": "reject", "line": len(self.assumptions) + 2,
        } | more  # fmt: skip
        self.assumptions.append(Assumption(**row))
        return self

    def claim(self, name: str, **more: Any) -> Synthetic:
        """A claim of a synthetic text."""
        row: dict[str, Any] = {
            "claim_id": name, "document": "synthetic.txt", "quote": f"synthetic claim {name}",
            "made_on": "", "study_id": "s1", "cites": "", "intervention": "needles",
            "comparator": "none", "outcome_id": "", "months": None, "field": "percent",
            "printed": "", "n": "", "verdict": "supported", "reason": "synthetic", "line": 2,
        } | more  # fmt: skip
        self.claims.append(Claim(**row))
        return self

    @property
    def ledger(self) -> Ledger:
        """The rows as a ledger."""
        return Ledger(
            folder=Path("data"),
            studies=tuple(self.studies),
            reports=tuple(self.reports),
            arms=tuple(self.arms),
            comparisons=tuple(self.comparisons),
            outcomes=tuple(self.outcomes),
            extractions=tuple(self.extractions),
            assumptions=tuple(self.assumptions),
            claims=tuple(self.claims),
            records=(),
            bibliography=Keys(Path("references.bib"), {}),
        )

    def evidence(self, accept: str | Iterable[str] = "default") -> Evidence:
        """The derived tidy table."""
        return evidence(self.ledger, accept)


@pytest.fixture
def synthetic() -> Synthetic:
    """An empty synthetic ledger."""
    return Synthetic()


@pytest.fixture(scope="session")
def trials() -> Evidence:
    """The evidence of this repository."""
    from evsyn.tables.load import read_ledger

    root = Path(__file__).parents[2]
    return evidence(read_ledger(root / "data", root / "references.bib"))
