"""The numbers of the pages for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evsyn.errors import ReportError
from evsyn.reports.numbers import NUMBERS, PageNumbers, as_json, numbers_document, traces_in

TRACE = {"title": "7/16", "id": "t0123456789"}
PAGE = PageNumbers(
    title="How many?",
    answer="Seven.",
    numbers=[{"text": "7", "value": 7.0, "trace": "t0123456789"}],
    untraced=["12"],
    references=1,
    traces={"t0123456789": TRACE},
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    document = numbers_document([("b", PAGE), ("a", PAGE)], version="0")
    (tmp_path / NUMBERS).write_text(as_json(document))
    return tmp_path


def test_document_keeps_the_order_of_reports_and_each_trace_once() -> None:
    document = numbers_document([("b", PAGE), ("a", PAGE)], version="0")
    assert list(document) == ["evsyn", "reports", "traces"]
    assert list(document["reports"]) == ["b", "a"]
    assert document["reports"]["a"]["untraced"] == ["12"]
    assert document["traces"] == {"t0123456789": TRACE}


def test_json_reads_back_and_is_one_entry_a_line(folder: Path) -> None:
    text = (folder / NUMBERS).read_text()
    assert json.loads(text) == numbers_document([("b", PAGE), ("a", PAGE)], version="0")
    assert text.endswith("}\n")
    long = {"rows": [{"text": "x" * 60, "n": number} for number in range(3)]}
    assert len(as_json(long).splitlines()) == 7


def test_json_refuses_what_is_no_number() -> None:
    with pytest.raises(ValueError):
        as_json({"a": float("nan")})


def test_following_a_trace_by_id_and_by_its_beginning(folder: Path) -> None:
    for asked in ("t0123456789", "t01"):
        (found,) = traces_in(folder, asked)
        assert found["title"] == "7/16" and found["id"] == "t0123456789"
        assert found["reports"] == {"b": ["7"], "a": ["7"]}


def test_nothing_is_found_without_match_or_build(folder: Path, tmp_path: Path) -> None:
    assert traces_in(folder, "t9") == [] == traces_in(folder, "")
    assert traces_in(tmp_path / "absent", "t0") == []


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / NUMBERS).write_text("{")
    with pytest.raises(ReportError, match=r"numbers\.json: not JSON"):
        traces_in(tmp_path, "t0")
