from __future__ import annotations

from dataclasses import replace

import pytest

from evsyn.tables.provenance import Finding, Quote, Step, Trace

QUOTE = Quote("e1", "synthetic1", "abstract", "seven", "in seven patients", "events, a, x")
TRACE = Trace(
    "7/16 = 44%",
    path=("S 2001", "Arm a", "Outcome x"),
    values=(("rate", 7 / 16), ("ci_lb", None)),
    steps=(Step("Rate", "7 ÷ 16", "derived"),),
    quotes=(QUOTE,),
    assumptions=(("sixteen", "Sixteen."),),
    parameters=(("interval", "wilson"),),
    status="assumed",
)


def test_the_id_is_made_from_the_content_alone() -> None:
    """Pinned: the same trace has the same id on every machine and in every build."""
    assert TRACE.trace_id == replace(TRACE).trace_id == "t9331ea7e78"
    assert Trace("").trace_id == "ta1d6fd5caf"


@pytest.mark.parametrize(
    "change",
    [
        {"title": "other"},
        {"path": ()},
        {"values": (("rate", 0.4),)},
        {"steps": ()},
        {"quotes": (replace(QUOTE, text="other"),)},
        {"assumptions": ()},
        {"parameters": ()},
        {"status": "derived"},
    ],
)
def test_the_id_changes_with_every_part(change: dict[str, object]) -> None:
    assert replace(TRACE, **change).trace_id != TRACE.trace_id  # type: ignore[arg-type]


def test_the_last_digits_of_a_float_change_no_id() -> None:
    other = replace(TRACE, values=(("rate", 7 / 16 * (1 + 1e-15)), ("ci_lb", None)))
    assert other.values != TRACE.values
    assert other.trace_id == TRACE.trace_id


def test_the_mapping_for_json() -> None:
    found = TRACE.as_dict()
    assert found["values"] == {"rate": 0.4375, "ci_lb": None}
    assert found["title"] == "7/16 = 44%"
    assert found["quotes"] == (
        {
            "extraction_id": "e1",
            "citekey": "synthetic1",
            "locator": "abstract",
            "printed": "seven",
            "text": "in seven patients",
            "what": "events, a, x",
        },
    )
    third = replace(TRACE, values=(("third", 1 / 3),)).as_dict()
    assert third["values"] == {"third": 0.333333333333}


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ({}, True),
        ({"quotes": ()}, True),
        ({"parameters": ()}, True),
        ({"quotes": (), "parameters": ()}, False),
    ],
)
def test_a_trace_ends_in_quotes_or_parameters(change: dict[str, object], ends: bool) -> None:
    assert replace(TRACE, **change).ends is ends  # type: ignore[arg-type]


def test_another_title() -> None:
    assert TRACE.retitled("other") == replace(TRACE, title="other")


def test_findings_are_sorted_by_file_and_line() -> None:
    rows = [
        Finding("data/b.csv", 1, "r", "note", "c", "m"),
        Finding("data/a.csv", 10, "r", "note", "c", "m"),
        Finding("data/a.csv", 9, "s", "note", "c", "m"),
        Finding("data/a.csv", 9, "r", "note", "c", "m"),
    ]
    assert [(f.file, f.line, f.rule) for f in sorted(rows)] == [
        ("data/a.csv", 9, "r"),
        ("data/a.csv", 9, "s"),
        ("data/a.csv", 10, "r"),
        ("data/b.csv", 1, "r"),
    ]
    assert rows[0].study_id == rows[0].verdict == rows[0].expected == rows[0].found == ""
    assert rows[0].extractions == ()
