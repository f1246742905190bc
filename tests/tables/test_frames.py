from __future__ import annotations

from pathlib import Path

import pytest

from evsyn.errors import Fault
from evsyn.sources.ledger import RawRow, RawTable
from evsyn.tables.frames import column_faults, filled_rows, table_frame
from evsyn.tables.schema import Column, Table

TABLE = Table(
    "things",
    "a synthetic thing",
    ("thing_id",),
    (
        Column("thing_id", "id", required=True),
        Column("size", "how large", "number"),
        Column("count", "how many", "integer"),
        Column("months", "when", "months"),
        Column("day", "which day", "date"),
        Column("colour", "its colour", allowed=("red", "green")),
        Column("note", "free words", optional=True),
    ),
)
PAIRS = Table(
    "pairs",
    "a synthetic pair",
    ("one", "two"),
    (Column("one", "first", required=True), Column("two", "second")),
)


def raw(*rows: dict[str, str], header: tuple[str, ...] = ()) -> RawTable:
    """A raw table; rows stand on lines 2, 4, 6 …, as where cells hold line ends."""
    names = header or tuple(column.name for column in TABLE.columns)
    lines = (RawRow(2 * number, dict(row)) for number, row in enumerate(rows, 1))
    return RawTable(Path("things.csv"), names, tuple(lines), ())


def faults(*rows: dict[str, str], header: tuple[str, ...] = ()) -> list[Fault]:
    """Faults of a table of things."""
    return column_faults(raw(*rows, header=header), TABLE, "data/things.csv")


def test_cells_are_stripped_and_rows_keep_their_lines() -> None:
    frame = table_frame(raw({"thing_id": " a ", "extra": "x"}, {"thing_id": "b"}), TABLE)
    assert list(frame.columns) == [column.name for column in TABLE.columns]
    rows = list(filled_rows(frame))
    assert [line for line, _ in rows] == [2, 4]
    assert rows[0][1]["thing_id"] == "a"
    assert rows[0][1]["note"] == ""
    assert "extra" not in rows[0][1]


def test_no_rows_no_faults() -> None:
    assert faults() == []
    assert list(filled_rows(table_frame(raw(), TABLE))) == []


def test_a_faultless_row() -> None:
    cells = {
        "thing_id": "a",
        "size": "-1.5",
        "count": "+3",
        "months": "0.5",
        "day": "2026-02-28",
        "colour": "red",
    }
    assert faults(cells, {"thing_id": "b"}) == []


@pytest.mark.parametrize(
    ("column", "cell", "rule", "message"),
    [
        ("thing_id", "", "empty-cell", "empty; allowed: id"),
        ("thing_id", "  ", "empty-cell", "empty; allowed: id"),
        ("size", "large", "not-number", '"large" is not a number'),
        ("size", "1,5", "not-number", '"1,5" is not a number'),
        ("size", "1e3", "not-number", '"1e3" is not a number'),
        ("count", "3.5", "not-integer", '"3.5" is not a whole number'),
        ("count", "three", "not-integer", '"three" is not a whole number'),
        ("months", "-1", "not-months", '"-1" is not a number of months of at least 0'),
        ("months", "3 months", "not-months", '"3 months" is not a number of months of at least 0'),
        ("day", "28.2.2026", "not-date", '"28.2.2026" is not a date as YYYY-MM-DD'),
        ("day", "2026-13-01", "not-date", '"2026-13-01" is not a date as YYYY-MM-DD'),
        ("day", "2026-12-32", "not-date", '"2026-12-32" is not a date as YYYY-MM-DD'),
        ("day", "2026-00-10", "not-date", '"2026-00-10" is not a date as YYYY-MM-DD'),
        (
            "colour",
            "gren",
            "not-allowed",
            '"gren" is not allowed (did you mean "green"?); allowed: red, green',
        ),
        ("colour", "Red", "not-allowed", '"Red" is not allowed'),
    ],
)
def test_what_a_cell_may_not_hold(column: str, cell: str, rule: str, message: str) -> None:
    (fault,) = faults({"thing_id": "a"}, {"thing_id": "b", column: cell})
    assert (fault.file, fault.line, fault.column, fault.rule) == (
        "data/things.csv",
        4,
        column,
        rule,
    )
    assert fault.message.startswith(message)
    assert fault.severity == "error"


@pytest.mark.parametrize("day", ["2026", "2026-12", "2026-12-31", "2026-01-01", "2026-10-20"])
def test_dates(day: str) -> None:
    assert faults({"thing_id": "a", "day": day}) == []


@pytest.mark.parametrize("size", ["1", "1.", ".5", "-0.5", "+2.25"])
def test_numbers(size: str) -> None:
    assert faults({"thing_id": "a", "size": size}) == []


def test_a_column_that_is_missing_is_said_once() -> None:
    found = faults({"thing_id": "a"}, {"thing_id": "a"}, header=("thing_id", "size"))
    missing = [fault for fault in found if fault.rule == "missing-column"]
    assert [(fault.line, fault.column) for fault in missing] == [
        (1, "count"),
        (1, "months"),
        (1, "day"),
        (1, "colour"),
    ]
    assert missing[0].message == "column is missing; add it (how many)"


def test_a_missing_key_column_is_said_once() -> None:
    found = faults(
        {"size": "1"}, {"size": "2"}, header=("size", "count", "months", "day", "colour")
    )
    assert [(fault.rule, fault.column) for fault in found] == [("missing-column", "thing_id")]


def test_an_unknown_column() -> None:
    names = tuple(column.name for column in TABLE.columns)
    (fault,) = faults({"thing_id": "a"}, header=(*names, "colur"))
    assert (fault.rule, fault.line, fault.column) == ("unknown-column", 1, "colur")
    assert fault.message.startswith('unknown column (did you mean "colour"?); allowed: thing_id,')


def test_an_id_that_stands_twice_is_located_at_the_later_row() -> None:
    found = faults({"thing_id": "a"}, {"thing_id": "b"}, {"thing_id": "a"}, {"thing_id": "a"})
    assert [(fault.line, fault.column, fault.rule) for fault in found] == [
        (6, "thing_id", "duplicate-id"),
        (8, "thing_id", "duplicate-id"),
    ]
    assert found[0].message == '"a" stands already in line 2; each id once'


def test_a_key_of_several_columns() -> None:
    rows = (
        {"one": "a", "two": "b"},
        {"one": "a", "two": "c"},
        {"one": "a", "two": "b"},
        {"one": "a", "two": ""},
        {"one": "a", "two": ""},
    )
    (fault,) = column_faults(raw(*rows, header=("one", "two")), PAIRS, "data/pairs.csv")
    assert (fault.line, fault.column) == (6, "one, two")
    assert fault.message == '"a b" stands already in line 2; each id once'


def test_long_lists_are_not_printed() -> None:
    table = Table(
        "fields",
        "a field",
        ("field",),
        (Column("field", "field", allowed=tuple(f"field_{n}" for n in range(21))),),
    )
    row = RawTable(Path("fields.csv"), ("field",), (RawRow(2, {"field": "feld_1"}),), ())
    (fault,) = column_faults(row, table, "data/fields.csv")
    assert fault.rule == "unknown-field"
    assert fault.message == (
        '"feld_1" is not allowed (did you mean "field_1"?);'
        " allowed: the closed list of the data dictionary"
    )
