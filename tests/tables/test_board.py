from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from evsyn.tables.board import Board, Place, Sizes, printed_of, settled, share_of
from evsyn.tables.cells import printed_cells


def board(book: Any) -> Board:
    """The board with its printed cells."""
    ledger = book.ledger()
    made = Board(ledger, ())
    made.put(printed_cells(ledger, ())[0])
    return made


PLACE = Place("s", "a", "young", 3.0, "at 3 months", "baseline", "itt")


def test_a_place_is_a_key_without_outcome_and_field() -> None:
    key = PLACE.key("x", "events")
    assert key == ("s", "a", "x", "young", 3.0, "at 3 months", "baseline", "itt", "events", "", "")
    assert Place.of(key) == PLACE


def test_put_keeps_what_is_there_and_replace_does_not(book: Any) -> None:
    book.say("events", "7")
    made = board(book)
    (cell,) = made.cells.values()
    made.put([replace(cell, value=8.0)])
    assert made.cells[cell.key].value == 7.0
    made.replace(replace(cell, value=8.0))
    assert made.cells[cell.key].value == made.of("s", "a")[cell.key].value == 8.0
    assert len(made.cells) == 1


def test_cells_are_found_by_place_and_by_arm(book: Any) -> None:
    book.say("events", "7", months=3.0)
    book.total("40")
    made = board(book)
    place = Place("s", "a", "", 3.0, "", "", "")
    assert made.at(place, "x", "events") is not None
    assert made.at(place, "x", "n") is None
    assert made.at(place._replace(months=6.0), "x", "events") is None
    assert [key.field for key in made.of("s", "")] == ["n_randomised"]
    assert made.of("t", "a") == {}


def test_outcomes_joined_through_parts_are_a_family(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("good", "bad"))
    book.outcome("other", kind="ordinal", parts=("bad", "worse"))
    book.outcome("union", parts=("worse", "worst"))
    book.outcome("apart")
    family = board(book).family
    joined = {family[name] for name in ("scale", "other", "union", "good", "bad", "worse", "worst")}
    assert len(joined) == 1
    assert family["apart"] == "apart"
    assert family[""] == ""


def test_scales_by_family(book: Any) -> None:
    book.outcome("one", kind="ordinal", parts=("good", "bad"))
    book.outcome("two", kind="ordinal", parts=("bad", "worse"))
    book.outcome("union", parts=("good", "bad"))
    book.outcome("plain", kind="ordinal")
    made = board(book)
    assert made.scales == {made.family["good"]: [("good", "bad"), ("bad", "worse")]}


def test_places_hold_the_cells_of_arms_by_family(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    book.arm("b")
    book.comparison("a_b", "a", "b")
    book.say("events", "1")
    book.say("percent", "50", outcome="y")
    book.say("events", "1", outcome="z")
    book.say("mean", "1")
    book.say("events", "2", months=3.0)
    book.say("events", "3", "b")
    book.say("events", "4", "a_b")
    book.say("events", "5", "")
    book.say("events", "6", outcome="")
    made = board(book)
    found = made.places("events", "percent")
    shown = [
        (place.arm_id, place.months, [[cell.text for cell in cells] for cells in families.values()])
        for place, families in found
    ]
    assert shown == [
        ("a", None, [["1", "50"], ["1"]]),
        ("a", 3.0, [["2"]]),
        ("b", None, [["3"]]),
    ]
    assert dict(made.places("events", "percent", studies=["s"])) == dict(found)
    assert made.places("events", studies=["t"]) == []
    assert made.places("n") == []


def test_arms_and_designs(book: Any) -> None:
    book.study("t", design="within-person")
    book.arm("b", "a")
    book.arm("c", study="t")
    made = board(book)
    assert (made.arms("s"), made.arms("t"), made.arms("u")) == (("b", "a"), ("c",), ())
    assert (made.design("s"), made.design("t")) == ("parallel", "within-person")


def test_a_finding_is_noted_once_at_the_first_row_named(book: Any) -> None:
    book.say("events", "7")
    book.say("percent", "50")
    made = board(book)
    events, percent = made.cells.values()
    for _ in range(2):
        made.note("rule", "text", [percent, events], verdict="odd")
    (found,) = made.findings
    assert (found.line, found.extractions) == (3, ("e2", "e1"))
    assert found.message.endswith(": text")
    assert found.verdict == "odd"


def test_truncation_of_a_value_is_noted_once_in_whatever_words(book: Any) -> None:
    book.say("percent", "86.6")
    book.say("percent", "86.6", "b")
    made = board(book)
    one, two = made.cells.values()
    made.note("truncated", "one", [one])
    made.note("truncated", "other words", [one])
    made.note("truncated", "another value", [two])
    made.note("ambiguous", "another rule", [one])
    assert len(made.findings) == 3


@pytest.mark.parametrize(
    ("field", "printed", "expected"),
    [
        ("events", "7", True),
        ("events", "seven", True),
        ("percent", "All", True),
        ("percent", ">80", False),
        ("percent", "≥80", False),
        ("percent", "<80", False),
        ("percent", "≤80", False),
        ("percent", "about 80", False),
        ("sessions", "six to eight", False),
        ("allocation", "randomised", False),
    ],
)
def test_settled_is_one_number(book: Any, field: str, printed: str, expected: bool) -> None:
    book.say(field, printed)
    (cell,) = board(book).cells.values()
    assert settled(cell) is expected
    assert (printed_of(cell) is not None) is expected


def test_nothing_is_not_settled() -> None:
    assert not settled(None)


def test_a_single_size() -> None:
    assert Sizes((7,), "derived", "", "", (), ()).single == 7
    assert Sizes((7, 8), "ambiguous", "", "", (), ()).single is None
    assert Sizes((), "ambiguous", "", "", (), ()).single is None


@pytest.mark.parametrize(
    ("printed", "expected"),
    [("30", "30%"), ("30%", "30%"), ("30 %", "30%"), ("93.3", "93.3%"), ("All", "All")],
)
def test_a_share_has_one_percent_sign(book: Any, printed: str, expected: str) -> None:
    book.say("percent", printed)
    (cell,) = board(book).cells.values()
    assert share_of(cell) == expected
