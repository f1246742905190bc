from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evsyn.errors import LedgerError
from evsyn.tables.load import ledger_faults, read_ledger
from evsyn.tables.schema import TABLES


def faults(folder: Any) -> list[str]:
    """Faults as printed."""
    return [str(fault) for fault in ledger_faults(folder.path, folder.bibliography)]


def test_rows_become_records_of_their_types(folder: Any) -> None:
    folder.change("outcomes", 1, scale_min="0", scale_max="10.5", mcid="", parts="x")
    folder.change("extractions", 0, ci_level="95")
    folder.write()
    ledger = read_ledger(folder.path, folder.bibliography)
    study = ledger.studies[0]
    assert (study.study_id, study.year, study.condition) == ("s", 2001, ("striae", "scar"))
    assert (study.line, study.note, study.registration) == (2, "", "")
    assert [arm.line for arm in ledger.arms] == [2, 3]
    outcome = ledger.outcomes[1]
    assert (outcome.scale_min, outcome.scale_max, outcome.mcid) == (0.0, 10.5, None)
    assert (outcome.parts, ledger.outcomes[0].parts) == (("x",), ())
    row = ledger.extractions[0]
    assert (row.months, row.printed, row.ci_level, row.line) == (3.0, "43.8", "95", 2)
    assert ledger.assumptions[0].months is None
    assert ledger.assumptions[0].requires == ()
    assert ledger.claims[0].printed == "7"
    assert ledger.comparisons[0].arm_e == "a"
    assert ledger.reports[0].retrieved == "2026-01-01"
    assert ledger.records == ()
    assert ledger.folder == folder.path
    assert set(ledger.bibliography.entries) == {"synthetic1", "synthetic2"}
    assert faults(folder) == []


def test_an_empty_year_is_none(folder: Any) -> None:
    folder.change("studies", year="", condition="")
    folder.write()
    study = read_ledger(folder.path, folder.bibliography).studies[0]
    assert (study.year, study.condition) == (None, ())


def test_lists_are_separated_by_semicolons(folder: Any) -> None:
    folder.change("studies", condition=" striae ; scar;; acne;")
    folder.write()
    study = read_ledger(folder.path, folder.bibliography).studies[0]
    assert study.condition == ("striae", "scar", "acne")


@pytest.mark.parametrize("start", ["", "\ufeff"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_byte_order_marks_and_line_ends(folder: Any, start: str, end: str) -> None:
    folder.write(start=start, end=end)
    ledger = read_ledger(folder.path, folder.bibliography)
    assert [row.line for row in ledger.extractions] == [2, 3]
    assert ledger.extractions[1].printed == "seven"
    assert ledger.studies[0].study_id == "s"


def test_blank_lines_and_cells_with_line_ends_keep_the_lines(folder: Any) -> None:
    folder.change("extractions", 0, note="one\ntwo")
    folder.write()
    path = folder.path / "extractions.csv"
    header, rest = path.read_text(encoding="utf-8").split("\n", 1)
    path.write_text(f"{header}\n\n,,,,\n{rest}\n\n", encoding="utf-8")
    ledger = read_ledger(folder.path, folder.bibliography)
    assert [row.line for row in ledger.extractions] == [4, 6]
    assert ledger.extractions[0].note == "one\ntwo"


def test_optional_columns_and_tables_may_be_missing(folder: Any) -> None:
    for name in ("subgroup", "relation", "checked_by", "note"):
        folder.headers["extractions"].remove(name)
    folder.write()
    ledger = read_ledger(folder.path, folder.bibliography)
    assert (ledger.extractions[0].subgroup, ledger.extractions[0].relation) == ("", "")


@pytest.mark.parametrize(
    "table",
    [
        "studies",
        "reports",
        "arms",
        "comparisons",
        "outcomes",
        "extractions",
        "assumptions",
        "claims",
    ],
)
def test_a_table_that_is_missing(folder: Any, table: str) -> None:
    folder.write()
    (folder.path / f"{table}.csv").unlink()
    header = ",".join(column.name for column in TABLES[table].columns)
    text = f"data/{table}.csv: file is missing; add it with this first line: {header}"
    assert faults(folder) == [text]
    with pytest.raises(LedgerError, match="file is missing"):
        read_ledger(folder.path, folder.bibliography)


def test_a_bibliography_that_is_missing(folder: Any) -> None:
    folder.write()
    folder.bibliography.unlink()
    found = faults(folder)
    assert "references.bib: file is missing; add it with one entry per citekey" in found
    assert any("synthetic1" in fault and "not in references.bib" in fault for fault in found)
    with pytest.raises(LedgerError):
        read_ledger(folder.path, folder.bibliography)


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    found = ledger_faults(tmp_path / "data", tmp_path / "references.bib")
    assert {fault.rule for fault in found} == {"missing-table", "missing-bibliography"}
    assert len(found) == 9


def test_faults_of_the_bibliography_are_told(folder: Any) -> None:
    folder.write()
    with folder.bibliography.open("a", encoding="utf-8") as stream:
        stream.write("@misc{synthetic1, title = {Again}}\n")
    assert any(fault.startswith("references.bib:") for fault in faults(folder))


def test_an_empty_file(folder: Any) -> None:
    folder.write()
    (folder.path / "claims.csv").write_text("", encoding="utf-8")
    (fault,) = faults(folder)
    assert fault.startswith("data/claims.csv: is empty")


def test_rows_of_the_other_tables_are_kept_as_they_stand(folder: Any) -> None:
    folder.tables["excluded"] = [
        {
            "excluded_id": "x1",
            "candidate_for": "a synthetic study",
            "citekey": "synthetic2",
            "reason": "another question",
        }
    ]
    folder.tables["flow"] = [{"box": "identified", "n": "12"}]
    folder.write()
    first, second = read_ledger(folder.path, folder.bibliography).records
    assert (first.table, first.line, first.cells["reason"]) == ("excluded", 2, "another question")
    assert (second.table, second.cells["n"]) == ("flow", "12")


@pytest.mark.parametrize("table", ["excluded", "risk_of_bias", "certainty", "flow", "searches"])
def test_each_of_the_other_tables_is_read(folder: Any, table: str) -> None:
    cells = {"outcome_id": "x", "study_id": "s", "n": "1", "records": "1", "certainty": "low"}
    cells |= {"citekey": "", "searched_on": "2026-01-01"}
    names = folder.headers[table]
    folder.tables[table] = [{name: cells.get(name, "synthetic") for name in names}]
    folder.write()
    (row,) = read_ledger(folder.path, folder.bibliography).records
    assert row.table == table


def test_every_fault_of_every_row_is_told_at_once(folder: Any) -> None:
    folder.change("studies", year="MMI", design="paralel")
    folder.change("arms", 1, label="")
    folder.change("extractions", 0, field="percnt", citekey="synthetic3")
    folder.change("extractions", 1, study_id="t", extraction_id="e1")
    folder.change("claims", printed="9")
    folder.headers["outcomes"].remove("unit")
    folder.write()
    with pytest.raises(LedgerError) as caught:
        read_ledger(folder.path, folder.bibliography)
    found = {(fault.file, fault.line, fault.column, fault.rule) for fault in caught.value.faults}
    assert found >= {
        ("data/studies.csv", 2, "year", "not-integer"),
        ("data/studies.csv", 2, "design", "not-allowed"),
        ("data/arms.csv", 3, "label", "empty-cell"),
        ("data/extractions.csv", 2, "field", "unknown-field"),
        ("data/extractions.csv", 2, "citekey", "unknown-citekey"),
        ("data/extractions.csv", 3, "study_id", "unknown-study"),
        ("data/extractions.csv", 3, "extraction_id", "duplicate-id"),
        ("data/claims.csv", 2, "printed", "quote-lacks-value"),
        ("data/outcomes.csv", 1, "unit", "missing-column"),
    }
    lines = str(caught.value).split("\n")
    assert lines == sorted(lines, key=lambda line: line.split(":")[0])
    assert len(lines) == len(set(lines)) == len(caught.value.faults)


def test_a_row_that_cannot_be_read_is_one_fault(folder: Any) -> None:
    folder.write()
    path = folder.path / "studies.csv"
    text = path.read_text(encoding="utf-8").rstrip("\n")
    path.write_text(f"{text},one cell too many\n", encoding="utf-8")
    (fault,) = faults(folder)
    assert fault.startswith("data/studies.csv:2: ")
    assert "cells found" in fault


def test_a_hundred_faults_are_a_hundred_lines(folder: Any) -> None:
    for number in range(98):
        folder.add("extractions", extraction_id=f"f{number}", printed="x")
    folder.change("extractions", 0, printed="x")
    folder.change("extractions", 1, printed="x")
    folder.write()
    found = ledger_faults(folder.path, folder.bibliography)
    assert [f.line for f in found if f.rule == "not-a-number"] == list(range(2, 102))
