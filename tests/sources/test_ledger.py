"""Reading and writing CSV tables; all content is synthetic."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import SourceError
from evsyn.sources.ledger import RawRow, RawTable, read_table, write_table


def read(tmp_path: Path, data: bytes) -> RawTable:
    path = tmp_path / "arms.csv"
    path.write_bytes(data)
    return read_table(path, name="data/arms.csv")


def found(table: RawTable) -> list[tuple[int, str]]:
    return [(fault.line, fault.rule) for fault in table.faults]


@pytest.mark.parametrize(
    "data",
    [
        b"id,label\na,one\nb,two\n",
        b"\xef\xbb\xbfid,label\na,one\nb,two\n",
        b"id,label\r\na,one\r\nb,two\r\n",
        b"id,label\ra,one\rb,two",
        b'"id","label"\n"a","one"\n"b","two"',
        b"id , label\na,one\nb,two\n\n\r\n,\n",
    ],
    ids=["plain", "bom", "crlf", "cr", "quoted", "trailing-blank-lines"],
)
def test_harmless_forms_give_the_same_table_without_fault(tmp_path: Path, data: bytes) -> None:
    table = read(tmp_path, data)
    assert table.faults == ()
    assert table.header == ("id", "label")
    assert table.rows == (
        RawRow(2, {"id": "a", "label": "one"}),
        RawRow(3, {"id": "b", "label": "two"}),
    )


def test_cells_stay_as_printed(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,label\na," seven, ""7"" "\nb,5" needle\n')
    assert [row.cells["label"] for row in table.rows] == [' seven, "7" ', '5" needle']


def test_lines_are_those_where_the_records_start(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,label\n\na,"first\r\nsecond\r\n\r\nthird"\nb,x\n')
    assert table.faults == ()
    assert [(row.line, row.cells["label"]) for row in table.rows] == [
        (3, "first\nsecond\n\nthird"),
        (7, "x"),
    ]


def test_undecodable_byte_is_located_and_the_other_rows_are_read(tmp_path: Path) -> None:
    table = read(tmp_path, b"id,label\na,caf\xe9\nb,two\nc,\xff\n")
    assert found(table) == [(2, "encoding"), (4, "encoding")]
    assert "byte 0xe9 at position 6 of the line" in table.faults[0].message
    assert str(table.faults[0]).startswith("data/arms.csv:2: ")
    assert [row.cells["label"] for row in table.rows] == ["caf�", "two", "�"]


def test_wrong_number_of_cells_is_a_fault_and_the_record_is_kept_apart(tmp_path: Path) -> None:
    table = read(tmp_path, b"id,label\na\nb,two\nc,three,four\n")
    assert found(table) == [(2, "cell-count"), (4, "cell-count")]
    assert [row.cells["id"] for row in table.rows] == ["b"]
    assert table.refused == (RawRow(2, {"id": "a"}), RawRow(4, {"id": "c", "label": "three"}))


def test_nul_byte(tmp_path: Path) -> None:
    table = read(tmp_path, b"id,label\na,o\0ne\n")
    assert found(table) == [(2, "nul-byte")]
    assert table.rows[0].cells["label"] == "o\0ne"


def test_quote_never_closed_does_not_swallow_the_rest(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,label\na,"open\nb,two\nc,three\n')
    assert found(table) == [(2, "unclosed-quote")]
    assert [row.line for row in table.rows] == [3, 4]


def test_quote_closed_only_by_the_next_record(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,label\na,"open\nb,"two"\nc,three\n')
    assert found(table) == [(2, "unclosed-quote")]
    assert "on line 3" in table.faults[0].message
    assert [row.cells["label"] for row in table.rows] == ["two", "three"]


def test_text_after_a_closing_quote(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,label\na,"one" more\nb,two\n')
    assert found(table) == [(2, "unclosed-quote")]
    assert "' more'" in table.faults[0].message


def test_quotes_closed_after_text_that_looks_doubled(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,label\na,"x""\nb,two\n')
    assert found(table) == [(2, "unclosed-quote")]


def test_every_fault_in_one_reading(tmp_path: Path) -> None:
    table = read(tmp_path, b'id,label,id,\na,b,c,d\nx\ny,\xe9,1,2\nz,"open,1,2\n')
    assert found(table) == [
        (1, "no-header"),
        (1, "duplicate-column"),
        (3, "cell-count"),
        (4, "encoding"),
        (5, "unclosed-quote"),
    ]
    assert table.rows[0].cells["id"] == "a"


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_file_without_a_header(tmp_path: Path, data: bytes) -> None:
    table = read(tmp_path, data)
    assert found(table) == [(0, "no-header")]
    assert table.header == ()


def test_broken_header_is_the_only_fault(tmp_path: Path) -> None:
    assert found(read(tmp_path, b'id,"label\na,one\nb,two\n')) == [(1, "unclosed-quote")]


@pytest.mark.parametrize(("separator", "name"), [(";", "semicolons"), ("\t", "tabs")])
def test_other_separators_are_named(tmp_path: Path, separator: str, name: str) -> None:
    table = read(tmp_path, f"id{separator}label\na{separator}one\n".encode())
    assert found(table) == [(1, "separator")]
    assert name in table.faults[0].message


def test_utf16_is_one_fault(tmp_path: Path) -> None:
    table = read(tmp_path, "id,label\na,one\n".encode("utf-16"))
    assert found(table) == [(0, "encoding")]


def test_missing_file_and_folder_are_faults(tmp_path: Path) -> None:
    assert found(read_table(tmp_path / "absent.csv")) == [(0, "missing-file")]
    assert found(read_table(tmp_path)) == [(0, "unreadable-file")]


def test_write_replaces_and_leaves_nothing_beside(tmp_path: Path) -> None:
    path = tmp_path / "arms.csv"
    path.write_text("old")
    path.chmod(0o640)
    write_table(path, ["id", "label"], [{"id": "a", "label": "x,\ny"}, {"id": "b"}])
    assert path.read_bytes() == b'id,label\na,"x,\ny"\nb,\n'
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "arms.csv"
    path.write_text("old")
    with pytest.raises(SourceError, match="row 2: no column lable"):
        write_table(path, ["id", "label"], [{"id": "a"}, {"lable": "b"}])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_write_into_a_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be written"):
        write_table(tmp_path / "absent" / "arms.csv", ["id"], [])


CELLS = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(CELLS, CELLS).filter(any), max_size=6))
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, records: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("table") / "t.csv"
    rows = [dict(zip(("id", "label"), record, strict=True)) for record in records]
    write_table(path, ("id", "label"), rows)
    table = read_table(path)
    assert table.faults == ()
    assert [row.cells for row in table.rows] == rows


def test_a_cell_of_many_lines_with_quotation_marks_is_read_once(tmp_path: Path) -> None:
    lines = '""synthetic""\n' * 50_000
    table = read(tmp_path, f'id,label\n"{lines}",1\nb,5" needle\n'.encode())
    assert table.faults == ()
    assert table.rows[0].cells["id"] == '"synthetic"\n' * 50_000
    assert table.rows[1] == RawRow(50_003, {"id": "b", "label": '5" needle'})
