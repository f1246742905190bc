from __future__ import annotations

from typing import Any

import pytest

from evsyn.tables.board import Board, Place, Sizes
from evsyn.tables.events import count_cells, event_cells, participants_as_events, size_cell


@pytest.mark.parametrize(
    ("percent", "n", "events"),
    [
        ("43.8", "16", 7),
        ("90", "20", 18),
        ("90", "41", 37),
        ("95", "19", 18),
        ("none", "16", 0),
        ("All", "16", 16),
        ("half", "16", 8),
        ("0", "16", 0),
        ("100", "sixteen", 16),
        ("43", "400", [170, 171, 172, 173, 174]),
        ("0", "300", [0, 1]),
        (">40", "16", None),
        ("about 50", "16", None),
    ],
)
def test_events_from_a_percentage_and_n(book: Any, percent: str, n: str, events: Any) -> None:
    book.say("percent", percent)
    book.say("n", n)
    assert book.value("events") == events


def test_one_count_is_derived(book: Any) -> None:
    book.say("percent", "43.8", citekey="synthetic2")
    book.say("n", "16")
    cell = book.cell("events")
    assert (cell.status, cell.rule, cell.text) == ("derived", "percent-and-n", "7")
    assert cell.reason == "43.8% of 16 is 7, the only count that fits"
    assert cell.extractions == ("e1", "e2")
    assert cell.citekeys == ("synthetic2", "synthetic1")
    assert book.rules() == []


def test_a_truncated_count_is_derived_with_a_warning(book: Any) -> None:
    book.say("percent", "86.6")
    book.say("n", "15")
    cell = book.cell("events")
    assert (cell.value, cell.status, cell.rule) == (13, "derived", "percent-and-n, truncated")
    assert cell.reason.endswith("the only count that fits (truncated, not rounded)")
    (found,) = book.evidence().findings
    assert (found.rule, found.severity) == ("truncated", "warning")
    assert found.verdict == "consistent with truncation"
    assert "86.6% is 13 of 15 truncated, not rounded" in found.message


def test_several_counts_are_ambiguous(book: Any) -> None:
    book.say("percent", "43")
    book.say("n", "400")
    cell = book.cell("events")
    assert (cell.value, cell.status, cell.text) == (None, "ambiguous", "")
    (found,) = book.evidence().findings
    assert (found.rule, found.severity, found.verdict) == ("ambiguous", "note", "ambiguous")
    assert "43% (x) may be 170 of 400 or 171 of 400" in found.message
    assert cell.reason.startswith("43% may be 170 of 400 or")


def test_several_n_make_several_counts(book: Any) -> None:
    book.total("46", "n_enrolled")
    book.say("percent", "13.6")
    cell = book.cell("events")
    assert (cell.status, cell.candidates) == ("ambiguous", (3.0, 6.0))
    assert cell.reason == "13.6% may be 3 of 22 or 6 of 44"
    assert set(cell.extractions) == {"e1", "e2"}


def test_a_long_list_of_counts_is_cut_in_words_only(book: Any) -> None:
    book.total("40", "n_enrolled")
    book.say("percent", "50")
    cell = book.cell("events")
    assert cell.candidates == tuple(float(x) for x in range(1, 21))
    assert cell.reason == (
        "50% may be 1 of 2 or 2 of 4 or 3 of 6 or 4 of 8 or 5 of 10 or 6 of 12 …"
    )


def test_one_count_whatever_the_n_is_certain(book: Any) -> None:
    """None of 22 and none of 44 are both none."""
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    book.total("46", "n_enrolled")
    book.say("percent", "13.6", outcome="y")
    book.say("percent", "none")
    cell = book.cell("events")
    assert (cell.value, cell.status) == (0, "derived")
    assert cell.reason == "none of 22 or 44 is 0, the only count that fits"
    assert book.cell("n").status == "ambiguous"


@pytest.mark.parametrize(
    ("most", "totals"),
    [("12", "2 or 4 or 6 or 8 or 10 or 12"), ("14", "2 or 4 or 6 or 8 or 10 or 12 …")],
)
def test_six_totals_are_listed(book: Any, most: str, totals: str) -> None:
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    book.size(most)
    book.say("percent", "50", outcome="y")
    book.say("percent", "none")
    assert book.cell("events").reason == f"none of {totals} is 0, the only count that fits"


@pytest.mark.parametrize(("most", "last"), [("12", "6 of 12"), ("14", "6 of 12 …")])
def test_six_counts_are_listed(book: Any, most: str, last: str) -> None:
    book.size(most)
    book.say("percent", "50")
    assert book.cell("events").reason.endswith(f"5 of 10 or {last}")


def test_a_percentage_that_fits_no_count(book: Any) -> None:
    book.say("percent", "71")
    book.say("n", "43")
    assert book.cell("events") is None
    found = next(f for f in book.evidence().findings if f.rule == "fits-no-count")
    assert (found.severity, found.verdict, found.found) == ("warning", "impossible", "71%")
    assert "71% of 43 fits no count" in found.message


def test_words_are_named_as_printed(book: Any) -> None:
    book.say("percent", "half")
    book.say("n", "15")
    found = next(f for f in book.evidence().findings if f.rule == "fits-no-count")
    assert "half of 15 fits no count" in found.message


def test_a_printed_count_beats_its_percentage(book: Any) -> None:
    book.say("percent", "6")
    book.say("events", "42")
    book.say("n", "50")
    assert book.cell("events").status == "reported"
    assert book.value("events") == 42
    found = next(f for f in book.evidence().findings if f.rule == "count-beats-percent")
    assert "42 of 50 is 84%, printed is 6%; the count holds" in found.message
    assert (found.verdict, found.expected, found.found) == ("impossible", "84%", "6%")
    assert (found.line, found.extractions) == (2, ("e1", "e2"))


@pytest.mark.parametrize(("events", "percent"), [("13", "86.6"), ("13", "86.7"), ("0", "0")])
def test_a_count_that_fits_its_percentage_is_no_finding(
    book: Any, events: str, percent: str
) -> None:
    book.say("percent", percent)
    book.say("events", events)
    book.say("n", "15")
    assert "count-beats-percent" not in book.rules()
    assert "events-exceed-n" not in book.rules()


def test_more_events_than_a_derived_n_are_found(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    book.say("percent", "43.8", outcome="y")
    book.say("events", "7", outcome="y")
    book.say("percent", "90", outcome="x")
    book.say("events", "18", outcome="x")
    book.say("n", "16", outcome="y")
    found = next(f for f in book.evidence().findings if f.rule == "events-exceed-n")
    assert "18 of 16: more events than participants" in found.message
    assert found.verdict == "impossible"


def test_more_events_than_n_are_found_without_a_percentage(book: Any) -> None:
    book.size("15", what="n")
    book.say("events", "16")
    (found,) = book.evidence().findings
    assert (found.rule, found.extractions) == ("events-exceed-n", ("e2", "e1"))


def test_as_many_events_as_participants_are_no_finding(book: Any) -> None:
    book.size("15", what="n")
    book.say("events", "15")
    assert book.rules() == []


@pytest.mark.parametrize("n", [">10", None])
def test_without_a_settled_n_nothing_is_held_against_the_count(book: Any, n: str | None) -> None:
    book.say("percent", "6")
    book.say("events", "42")
    if n:
        book.say("n", n)
    assert not {"count-beats-percent", "events-exceed-n"} & set(book.rules())


@pytest.mark.parametrize("field", ["percent_unclear", "percent_units", "percent_change"])
def test_percentages_of_other_things_yield_no_events(book: Any, field: str) -> None:
    book.say(field, "50")
    book.say("n", "16")
    assert book.cell("events") is None


def test_a_conflicting_n_leaves_the_count_open(book: Any) -> None:
    book.say("percent", "43.8")
    book.say("n", "16")
    book.say("n", "17")
    cell = book.cell("events")
    assert (cell.value, cell.candidates, cell.status) == (None, (7.0,), "conflicting")
    assert book.cell("n").status == "conflicting"


def test_a_conflicting_percentage_yields_no_events(book: Any) -> None:
    book.say("percent", "43.8")
    book.say("percent", "50")
    book.say("n", "16")
    assert book.cell("events") is None


def test_an_assumed_n_makes_assumed_events(book: Any) -> None:
    book.say("percent", "43.8")
    book.assume("sixteen", "n", "16")
    cell = book.cell("events", accept="sixteen")
    assert (cell.value, cell.status, cell.assumptions) == (7, "assumed", ("sixteen",))
    assert cell.extractions == ("e1",)
    assert book.cell("events") is None


def test_an_ambiguous_n_by_assumption_makes_an_assumed_count(book: Any) -> None:
    book.total("46", "n_enrolled")
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    book.say("percent_unclear", "13.6", outcome="y")
    book.say("percent", "none")
    book.assume("patients", "percent_unclear", "percent", outcome_id="y")
    cell = book.cell("events", accept="patients")
    assert (cell.value, cell.status, cell.assumptions) == (0, "assumed", ("patients",))


def test_participants_with_an_event_are_events(book: Any) -> None:
    book.say("participants_with_event", "3")
    cell = book.cell("events")
    assert (cell.value, cell.status, cell.extractions) == (3, "reported", ("e1",))
    assert book.cell("participants_with_event").value == 3


def test_printed_events_stay_beside_participants_with_an_event(book: Any) -> None:
    book.say("events", "4")
    book.say("participants_with_event", "3")
    assert book.value("events") == 4


def test_values_without_an_arm_are_not_passed_to_the_arms(book: Any) -> None:
    book.arm("a", "b")
    book.say("percent", "50", "")
    book.say("n", "16", "")
    assert [cell.key.field for cell in book.evidence().cells] == ["percent", "n"]


def test_comparisons_have_no_counts(book: Any) -> None:
    book.arm("a", "b")
    book.comparison("a_b", "a", "b")
    book.say("percent", "50", "a_b")
    book.say("n", "16", "a_b")
    assert len(book.evidence().cells) == 2


def test_size_cells_name_their_sources(book: Any) -> None:
    book.say("percent", "50")
    board = Board(book.ledger(), ())
    place = Place("s", "a", "", None, "", "", "")
    cell = size_cell(board, place, "x", Sizes((7,), "derived", "rule", "why", ("e1",), ()))
    assert (cell.key, cell.value, cell.text) == (place.key("x", "n"), 7.0, "7")
    assert (cell.citekeys, cell.rule, cell.reason) == (("synthetic1",), "rule", "why")
    cell = size_cell(board, place, "x", Sizes((7, 8), "ambiguous", "rule", "why", (), ("one",)))
    assert (cell.value, cell.text, cell.candidates) == (None, "", (7.0, 8.0))
    assert (cell.assumptions, cell.citekeys) == (("one",), ())


def test_steps_on_an_empty_board_do_nothing(book: Any) -> None:
    board = Board(book.ledger(), ())
    participants_as_events(board)
    count_cells(board)
    event_cells(board)
    assert not board.cells
    assert not board.findings
