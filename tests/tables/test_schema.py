from __future__ import annotations

from dataclasses import fields
from typing import Any

import pytest

from evsyn.tables import ledger as rows
from evsyn.tables.schema import SCHEMA_VERSION, TABLES

RECORDS = {
    "studies": rows.Study,
    "reports": rows.Report,
    "arms": rows.Arm,
    "comparisons": rows.Comparison,
    "outcomes": rows.Outcome,
    "extractions": rows.Extraction,
    "assumptions": rows.Assumption,
    "claims": rows.Claim,
}
OTHERS = {"excluded", "risk_of_bias", "certainty", "flow", "searches"}
KINDS = {"text", "integer", "number", "months", "date", "list"}


def test_every_table_is_there() -> None:
    assert set(TABLES) == set(RECORDS) | OTHERS
    assert {name for name, table in TABLES.items() if table.optional} == OTHERS
    assert SCHEMA_VERSION >= 1


@pytest.mark.parametrize(("table", "kind"), RECORDS.items())
def test_records_have_the_columns_of_their_table(table: str, kind: type[Any]) -> None:
    columns = {column.name for column in TABLES[table].columns}
    assert {spec.name for spec in fields(kind)} == columns | {"line"}


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_tables_are_sound(table: Any) -> None:
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert set(table.key) <= set(names)
    assert table.meaning
    for column in table.columns:
        assert column.meaning
        assert column.kind in KINDS
        assert not (column.required and column.optional)
        if column.refers_to:
            home, name = column.refers_to.split(".")
            assert TABLES[home].column(name).name == name
    for name in table.key:
        if not table.optional:
            assert table.column(name).required


def test_the_columns_of_the_extractions() -> None:
    """One printed value a row: where, when, what, as printed, from where."""
    named = (
        "extraction_id study_id arm_id outcome_id subgroup analysis_set time_printed months anchor"
        " field printed relation measure ci_level value_type citekey locator quote quote_kind"
        " extractor checked_by note"
    )
    assert " ".join(column.name for column in TABLES["extractions"].columns) == named


@pytest.mark.parametrize(
    ("table", "optional"),
    [
        ("studies", {"note", "label"}),
        ("reports", {"note"}),
        ("comparisons", {"shared_control"}),
        ("outcomes", {"mcid"}),
        ("extractions", {"subgroup", "relation", "checked_by", "note"}),
        ("assumptions", set()),
        ("claims", {"made_on", "study_id", "cites", "field"}),
    ],
)
def test_optional_columns(table: str, optional: set[str]) -> None:
    found = {column.name for column in TABLES[table].columns if column.optional}
    assert found == optional


@pytest.mark.parametrize(
    ("table", "column", "allowed"),
    [
        ("studies", "allocation", "randomised|non-randomised|not stated"),
        (
            "studies",
            "design",
            "parallel|within-person|crossover|incomplete-block|cluster|single-arm",
        ),
        ("studies", "kind", "trial|case series|letter|review|clearance|registry|regulator|article"),
        ("reports", "read_scope", "full text|abstract|page excerpt|registry record|secondary"),
        ("outcomes", "kind", "dichotomous|ordinal|continuous|count|time|unclear"),
        ("outcomes", "event_is", "benefit|harm"),
        ("outcomes", "better", "high|low"),
        ("extractions", "analysis_set", "itt|completers|as printed"),
        ("extractions", "anchor", "baseline|last session"),
        ("extractions", "relation", "<|≤|>|≥|about"),
        ("extractions", "value_type", "baseline|final|change|percent change"),
        ("extractions", "quote_kind", "verbatim|none"),
        ("assumptions", "default", "accept|reject"),
    ],
)
def test_closed_lists(table: str, column: str, allowed: str) -> None:
    assert TABLES[table].column(column).allowed == tuple(allowed.split("|"))
