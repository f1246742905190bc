"""A synthetic project on disk: one study, two arms, one outcome; nothing in it is real."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from evsyn.tables.schema import TABLES

ROWS: dict[str, list[dict[str, str]]] = {
    "studies": [
        {"study_id": "s1", "kind": "trial", "year": "2001", "condition": "synthetic",
         "design": "parallel", "allocation": "randomised", "unit_randomised": "participant",
         "unit_analysed": "participant"},
    ],
    "reports": [{"citekey": "made2001", "study_id": "s1", "read_scope": "abstract",
                 "retrieved": "2020-01-01"}],
    "arms": [
        {"study_id": "s1", "arm_id": "e", "label": "Made-up", "intervention": "Made-up"},
        {"study_id": "s1", "arm_id": "c", "label": "Nothing", "intervention": "Nothing"},
    ],
    "comparisons": [{"study_id": "s1", "comparison_id": "e_v_c", "arm_e": "e", "arm_c": "c"}],
    "outcomes": [{"outcome_id": "healed", "name": "Healed", "kind": "dichotomous",
                  "event_is": "benefit", "better": "high"}],
    "assumptions": [
        {"assumption_id": "twelve", "group": "size", "study_id": "s1", "arm_id": "c",
         "outcome_id": "healed", "field": "n", "value": "12", "statement": "12 were there.",
         "rationale": "synthetic", "default": "reject"},
    ],
    "claims": [
        {"claim_id": "k1", "document": "synthetic.txt", "quote": "most heal", "study_id": "s1",
         "intervention": "made-up", "outcome_id": "healed", "field": "percent", "printed": "most",
         "verdict": "supported", "reason": "synthetic"},
    ],
}  # fmt: skip


def extraction(number: int, arm: str, field: str, printed: str) -> dict[str, str]:
    return {
        "extraction_id": f"x{number}", "study_id": "s1", "arm_id": arm, "outcome_id": "healed",
        "analysis_set": "as printed", "field": field, "printed": printed, "citekey": "made2001",
        "locator": "abstract", "quote": f"synthetic {printed} people", "quote_kind": "verbatim",
        "extractor": "t1",
    }  # fmt: skip


def write_tables(folder: Path, rows: dict[str, list[dict[str, str]]]) -> None:
    folder.mkdir(exist_ok=True)
    for name, table in TABLES.items():
        if table.optional and name not in rows:
            continue
        columns = [column.name for column in table.columns]
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows.get(name, []))


CONFIGURATION = """
[tool.evsyn]
title = "A synthetic review"

[[tool.evsyn.reports]]
name = "rates"
notebook = "notebooks/rates.ipynb"
title = "How many heal?"
parameters = { condition = "synthetic" }

[[tool.evsyn.analyses]]
name = "healing"
question = "Do more heal?"
outcomes = ["healed"]
comparisons = ["s1/e_v_c"]
designs = ["parallel"]
why = "Synthetic."
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Root of a synthetic project without faults."""
    extractions = [
        extraction(1, "e", "events", "8"),
        extraction(2, "e", "n", "11"),
        extraction(3, "c", "events", "3"),
    ]
    write_tables(tmp_path / "data", ROWS | {"extractions": extractions})
    (tmp_path / "references.bib").write_text(
        "@misc{made2001,\n  author = {Made, Una},\n  title = {A synthetic source},\n"
        "  year = {2001}\n}\n"
    )
    (tmp_path / "pyproject.toml").write_text(CONFIGURATION)
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "rates.ipynb").write_text("{}")
    return tmp_path
