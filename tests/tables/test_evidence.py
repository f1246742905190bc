from __future__ import annotations

from typing import Any

from evsyn.tables.evidence import Cell, CellKey


def test_the_key_of_a_cell() -> None:
    assert CellKey._fields == (
        "study_id",
        "arm_id",
        "outcome_id",
        "subgroup",
        "months",
        "time_printed",
        "anchor",
        "analysis_set",
        "field",
        "measure",
        "value_type",
    )


def test_the_cells_as_a_table(book: Any) -> None:
    book.say("percent", "43.8", months=3.0)
    book.say("events", "7", months=3.0)
    evidence = book.evidence()
    frame = evidence.to_frame()
    assert list(frame.columns) == [
        *CellKey._fields,
        *(name for name in Cell.__slots__ if name != "key"),
    ]
    assert len(frame) == len(evidence.cells) == 3
    row = frame[frame["field"] == "n"].iloc[0]
    assert (row["value"], row["status"], row["months"]) == (16.0, "derived", 3.0)
    assert row["extractions"] == ("e1", "e2")


def test_an_empty_table_has_its_columns(book: Any) -> None:
    frame = book.evidence().to_frame()
    assert len(frame) == 0
    assert "status" in frame.columns


def test_quotes_are_the_printed_values_behind_a_cell(book: Any) -> None:
    book.say("percent", "43.8", subgroup="young", quote="seven (43.8%)", locator="Table 1")
    book.total("40")
    first, second = book.evidence().quotes(("e1", "e2"))
    assert (first.extraction_id, first.citekey, first.locator) == ("e1", "synthetic1", "Table 1")
    assert (first.printed, first.text) == ("43.8", "seven (43.8%)")
    assert first.what == "percent, Arm a, Outcome x, young"
    assert (second.what, second.text) == ("n randomised", "")
    assert book.evidence().quotes(()) == ()
