"""The numbers of the pages for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evsyn.errors import ReportError
from evsyn.reports.numbers import NUMBERS, PageNumbers, as_json, numbers_document, traces_in

QUOTE = {"extraction_id": "s-1", "citekey": "synthetic2001", "text": "7 of 16 (synthetic)"}
TRACE = {
    "title": "7/16",
    "id": "t0123456789",
    "steps": [{"label": "Events", "text": "printed", "status": ""}],
    "quotes": [QUOTE],
}
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
    assert list(document) == ["evsyn", "columns", "reports", "traces", "quotes"]
    assert list(document["reports"]) == ["b", "a"]
    assert document["reports"]["a"]["untraced"] == ["12"]
    assert document["traces"] == {
        "t0123456789": {"title": "7/16", "steps": [["Events", "printed"]], "quotes": ["s-1"]}
    }
    assert document["quotes"] == {"s-1": {key: QUOTE[key] for key in ("citekey", "text")}}
    assert document["reports"]["a"]["numbers"] == [["7", 7.0, "t0123456789"]]


def test_another_wording_of_a_quote_has_a_name_of_its_own() -> None:
    other = {**TRACE, "quotes": [{**QUOTE, "text": "seven (synthetic)"}]}
    page = PageNumbers("t", traces={"t0": TRACE, "t1": other})
    document = numbers_document([("a", page)], version="0")
    assert document["traces"]["t1"]["quotes"] == ["s-1~2"]
    assert len(document["quotes"]) == 2


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
        assert found["quotes"] == [QUOTE] and found["steps"] == TRACE["steps"]
        assert found["parameters"] == [] and found["status"] == ""
        assert found["reports"] == {"b": ["7"], "a": ["7"]}


def test_nothing_is_found_without_match_or_build(folder: Path, tmp_path: Path) -> None:
    assert traces_in(folder, "t9") == [] == traces_in(folder, "")
    assert traces_in(tmp_path / "absent", "t0") == []


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / NUMBERS).write_text("{")
    with pytest.raises(ReportError, match=r"numbers\.json: not JSON"):
        traces_in(tmp_path, "t0")
