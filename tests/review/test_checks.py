"""Faults of declarations, and their form as findings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from evsyn.errors import Fault
from evsyn.review.checks import declaration_faults, fault_finding
from evsyn.review.review import load


def test_names_that_are_not_in_the_ledger(project: Path):
    review = load(project)
    (analysis,) = review.configuration.analyses
    wrong = replace(analysis, outcomes=("heald",), comparisons=("s1/e_v_x", "s1"))
    configuration = replace(review.configuration, analyses=(wrong,))
    faults = list(declaration_faults(configuration, review.ledger))
    assert [fault.column for fault in faults] == ["outcomes", "comparisons"]
    assert 'did you mean "healed"' in faults[0].message
    assert list(declaration_faults(configuration, None)) == []


def test_missing_notebooks(project: Path):
    (project / "notebooks" / "rates.ipynb").unlink()
    (fault,) = declaration_faults(load(project).configuration, None)
    assert (fault.file, fault.rule) == ("pyproject.toml", "missing-notebook")
    assert "notebooks/rates.ipynb" in fault.message


def test_a_fault_as_a_finding():
    found = fault_finding(Fault("data/a.csv", 3, "b", "wrong", "rule"))
    assert (found.file, found.line, found.column) == ("data/a.csv", 3, "b")
    assert (found.severity, found.verdict) == ("error", "refused")
    assert fault_finding(Fault("a", 1, "", "m", severity="warning")).verdict == ""
