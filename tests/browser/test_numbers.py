"""Every number on the built pages can be followed to a quote, or to what was chosen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from evsyn.reports.numbers import NUMBERS

REPORTS = Path(__file__).parents[2] / "reports"


@pytest.fixture(scope="module")
def built() -> dict:
    path = REPORTS / NUMBERS
    if not path.is_file():
        pytest.skip("nothing is built under reports/ (run `make reports`)")
    return json.loads(path.read_bytes())


def test_every_trace_ends_in_quotes_or_parameters(built: dict) -> None:
    endless = [
        f"{name}: {trace['title']}"
        for name, trace in built["traces"].items()
        if not (trace["quotes"] or trace.get("parameters"))
    ]
    assert built["traces"] and endless == []


def test_every_number_has_a_trace_and_none_is_left_without(built: dict) -> None:
    counted = 0
    for name, report in built["reports"].items():
        assert report["untraced"] == [], f"{name}: {len(report['untraced'])} without a trace"
        counted += len(report["numbers"])
        for text, value, trace in report["numbers"]:
            assert trace in built["traces"], f"{name}: {text}"
            assert value is not None, f"{name}: {text}"
    assert counted > 0


def test_the_pages_hold_what_the_file_says(built: dict) -> None:
    for name, report in built["reports"].items():
        html = (REPORTS / f"{name}.html").read_text(encoding="utf-8")
        assert html.count("<data ") == len(report["numbers"]), name
        cards = set(re.findall(r'<div id="(t[0-9a-f]{10})" popover', html))
        buttons = set(re.findall(r'popovertarget="(t[0-9a-f]{10})"', html))
        assert buttons <= cards <= set(built["traces"]), name
        assert {trace for _, _, trace in report["numbers"]} <= cards, name


def test_every_quote_stands_in_the_ledger(built: dict) -> None:
    rows = (REPORTS.parent / "data" / "extractions.csv").read_text(encoding="utf-8-sig")
    claims = (REPORTS.parent / "data" / "claims.csv").read_text(encoding="utf-8-sig")
    known = re.sub(r"\s+", " ", (rows + claims).replace('""', '"'))
    used = {name for trace in built["traces"].values() for name in trace["quotes"]}
    assert used == set(built["quotes"])
    quotes = {quote["text"] for quote in built["quotes"].values()}
    strange = [text for text in quotes if re.sub(r"\s+", " ", text) not in known]
    assert strange == []


def test_committed_pages_hold_no_fact_of_this_machine(built: dict) -> None:
    for path in sorted(REPORTS.iterdir()):
        text = path.read_text(encoding="utf-8")
        for word in (str(REPORTS.parent), "/tmp/", "python3.", "CPython", "x86_64"):
            assert word not in text, f"{path.name}: {word}"
