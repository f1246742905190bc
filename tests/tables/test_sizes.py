from __future__ import annotations

from typing import Any

import pytest

from evsyn.tables.board import Board, Place
from evsyn.tables.cells import printed_cells
from evsyn.tables.sizes import constraints, possible_n, printed_sizes, size_of_arm


def board(book: Any) -> Board:
    """The board with its printed cells."""
    ledger = book.ledger()
    made = Board(ledger, ())
    made.put(printed_cells(ledger, ())[0])
    return made


HERE = Place("s", "a", "", None, "", "", "")


# --- the size of an arm -------------------------------------------------------------------------


def test_the_size_of_an_arm_is_its_own_before_its_study(book: Any) -> None:
    book.total("40")
    book.size("15")
    bound = size_of_arm(board(book), HERE)
    assert (bound.most, [cell.text for cell in bound.cells]) == (15, ["15"])


def test_without_its_own_size_the_study_bounds_an_arm(book: Any) -> None:
    book.total("40", "n_enrolled")
    book.say("percent", "50")
    assert size_of_arm(board(book), HERE).most == 40


def test_a_study_without_sizes_bounds_nothing(book: Any) -> None:
    book.say("percent", "50")
    book.size("12", what="n_completed")  # who completed may be fewer than who were analysed
    bound = size_of_arm(board(book), HERE)
    assert (bound.most, bound.cells) == (None, ())


def test_a_subgroup_is_no_larger_than_its_printed_size(book: Any) -> None:
    book.size("30")
    book.size("8", subgroup="young")
    book.total("5", subgroup="old")
    made = board(book)
    assert size_of_arm(made, HERE._replace(subgroup="young")).most == 8
    assert size_of_arm(made, HERE._replace(subgroup="old")).most == 5
    assert size_of_arm(made, HERE).most == 30


def test_of_two_sizes_of_an_arm_the_larger_bounds_it(book: Any) -> None:
    book.size("30")
    book.size("28", what="n_randomised")
    assert size_of_arm(board(book), HERE).most == 30


def test_of_conflicting_sizes_the_largest_bounds(book: Any) -> None:
    book.size("33")
    book.size("35")
    assert size_of_arm(board(book), HERE).most == 35


@pytest.mark.parametrize(
    ("printed", "most"), [(">30", None), ("≥30", None), ("about 30", None), ("≤30", 30)]
)
def test_a_lower_bound_of_a_size_bounds_nothing(book: Any, printed: str, most: int | None) -> None:
    book.size(printed)
    assert size_of_arm(board(book), HERE).most == most


def test_sizes_of_outcomes_and_other_arms_are_no_sizes_of_the_arm(book: Any) -> None:
    book.say("n_enrolled", "9")
    book.size("7", "b")
    assert size_of_arm(board(book), HERE).most is None


# --- an n that is printed -----------------------------------------------------------------------


def test_an_n_printed_for_the_outcome(book: Any) -> None:
    book.say("n", "16")
    book.say("percent", "43.8")
    assert (book.value("n"), book.value("events")) == (16, 7)
    cell = book.cell("events")
    assert (cell.status, cell.rule) == ("derived", "percent-and-n")
    assert cell.extractions == ("e2", "e1")


def test_an_n_printed_for_the_arm_without_outcome(book: Any) -> None:
    book.size("16", what="n")
    book.say("percent", "43.8")
    cell = book.cell("n")
    assert (cell.value, cell.status, cell.rule) == (16, "derived", "possible-n")
    assert cell.reason == "n = 16 printed: only n = 16 fits"
    assert book.value("events") == 7


def test_an_n_of_the_arm_without_time_serves_every_time(book: Any) -> None:
    book.size("16", what="n")
    book.say("percent", "43.8", months=3.0)
    assert book.value("n", months=3.0) == 16


def test_an_n_of_the_arm_at_another_time_serves_not(book: Any) -> None:
    book.size("16", what="n", months=6.0)
    book.say("percent", "43.8", months=3.0)
    assert book.value("n", months=3.0) is None


def test_the_n_of_the_time_comes_before_the_one_without_time(book: Any) -> None:
    book.size("16", what="n")
    book.size("15", what="n", months=3.0)
    book.say("percent", "40", months=3.0)
    assert book.value("n", months=3.0) == 15
    assert book.rules() == []


def test_an_n_of_the_outcome_comes_before_one_of_the_arm_without_time(book: Any) -> None:
    book.size("16", what="n")
    book.say("n", "15", months=3.0)
    book.say("percent", "40", months=3.0)
    assert book.value("events", months=3.0) == 6
    assert book.rules() == []


def test_an_n_of_the_outcome_without_time_serves_its_times(book: Any) -> None:
    book.say("n", "16")
    book.say("percent", "43.8", months=3.0)
    assert book.value("events", months=3.0) == 7


@pytest.mark.parametrize(("own", "value"), [("itt", 16), ("", 16), ("completers", None)])
def test_an_n_of_another_analysis_set_serves_not(book: Any, own: str, value: int | None) -> None:
    book.say("n", "16", analysis_set=own)
    book.say("percent", "43.8", analysis_set="itt")
    assert book.value("n", analysis_set="itt") == value


def test_the_n_of_the_own_analysis_set_comes_first(book: Any) -> None:
    book.size("16", what="n")
    book.size("15", what="n", analysis_set="completers")
    book.say("percent", "40", analysis_set="completers")
    assert book.value("n", analysis_set="completers") == 15
    assert book.rules() == []


def test_an_n_of_a_subgroup_is_its_own(book: Any) -> None:
    book.size("16", what="n")
    book.say("percent", "43.8", subgroup="young")
    assert book.value("n", subgroup="young") is None


def test_an_n_that_is_a_bound_serves_not(book: Any) -> None:
    book.size(">16", what="n")
    book.say("percent", "50")
    assert book.cell("n") is None


def test_an_n_of_one_outcome_serves_those_joined_through_parts(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("good", "bad"))
    book.say("n", "16", outcome="bad")
    book.say("percent", "43.8", outcome="good")
    book.say("percent", "43.8", outcome="apart")
    assert book.value("n", outcome="good") == 16
    assert book.value("n", outcome="apart") is None


def test_printed_n_that_differ_within_a_family_leave_none(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("good", "bad", "worse"))
    book.say("n", "16", outcome="bad")
    book.say("n", "15", outcome="worse")
    book.say("percent", "40", outcome="good")
    assert book.value("n", outcome="good") is None
    (found,) = book.evidence().findings
    assert (found.rule, found.verdict) == ("conflict", "conflicting")
    assert "n = 16 printed, n = 15 printed" in found.message
    assert "the printed totals contradict each other" in found.message


def test_in_a_paired_study_the_n_of_the_study_serves_both_arms(book: Any) -> None:
    book.study("s", design="within-person")
    book.total("16", "n")
    book.say("percent", "43.8")
    book.say("percent", "25", "b")
    assert (book.value("n"), book.value("n", "b")) == (16, 16)


def test_in_a_parallel_study_the_n_of_the_study_serves_no_arm(book: Any) -> None:
    book.total("16", "n")
    book.say("percent", "43.8")
    assert book.value("n") is None


def test_in_a_paired_study_an_arm_has_the_n_of_the_other(book: Any) -> None:
    book.study("s", design="within-person")
    book.say("n", "16", "b")
    book.say("percent", "43.8")
    assert (book.value("n"), book.value("events")) == (16, 7)


def test_in_a_parallel_study_an_arm_has_its_own_n(book: Any) -> None:
    book.say("n", "16", "b")
    book.say("percent", "43.8")
    assert book.value("n") is None


def test_paired_arms_that_print_their_own_n_keep_them(book: Any) -> None:
    book.study("s", design="within-person")
    for arm, n, percent in (("a", "16", "43.8"), ("b", "15", "40")):
        book.say("n", n, arm)
        book.say("percent", percent, arm)
    assert (book.value("events"), book.value("events", "b")) == (7, 6)
    assert book.rules() == []


def test_paired_percentages_bound_one_n(book: Any) -> None:
    book.study("s", design="within-person")
    book.total("20")
    book.say("percent", "33.3")  # 3, 6, 9, 12, 15, 18
    book.say("percent", "20.0", "b")  # 5, 10, 15, 20
    assert (book.value("n"), book.value("n", "b")) == (15, 15)


# --- an n that follows from counts and percentages ----------------------------------------------


def test_a_count_with_its_percentage(book: Any) -> None:
    book.say("percent", "43.8")
    book.say("events", "7")
    cell = book.cell("n")
    assert (cell.value, cell.status, cell.rule) == (16, "derived", "possible-n")
    assert cell.reason == "7 (43.8%): only n = 16 fits"
    assert cell.extractions == ("e1", "e2")


def test_adverse_events_count_as_counts(book: Any) -> None:
    book.say("percent", "43.8")
    book.say("participants_with_event", "7")
    assert (book.value("n"), book.value("events")) == (16, 7)


@pytest.mark.parametrize("printed", [">7", "about 7"])
def test_a_bound_is_no_count(book: Any, printed: str) -> None:
    book.say("percent", "43.8")
    book.say("events", printed)
    assert book.cell("n") is None


def test_percentages_of_one_family_bound_one_n(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("good", "bad"))
    book.size("20")
    book.say("percent", "33.3", outcome="good")
    assert book.value("n", outcome="good") == [3, 6, 9, 12, 15, 18]
    book.say("percent", "20.0", outcome="bad")
    assert book.value("n", outcome="good") == 15
    assert book.value("n", outcome="bad") == 15
    cell = book.cell("n", outcome="good")
    assert cell.reason == "33.3% of at most 20, 20.0% of at most 20: only n = 15 fits"
    assert cell.extractions == ("e2", "e1", "e3")


def test_percentages_of_other_outcomes_arms_and_times_do_not(book: Any) -> None:
    book.size("20")
    book.say("percent", "33.3", months=3.0)
    for more in ({"outcome": "y"}, {"arm": "b"}, {"months": 6.0}, {"anchor": "baseline"}):
        book.say("percent", "20.0", **{"months": 3.0} | more)
    book.say("percent", "20.0", months=3.0, subgroup="young")
    assert len(book.value("n", months=3.0, anchor="", subgroup="")) == 6


def test_several_n_are_listed(book: Any) -> None:
    book.total("46", "n_enrolled")
    book.say("percent", "13.6")
    cell = book.cell("n")
    assert (cell.status, cell.value, cell.candidates) == ("ambiguous", None, (22.0, 44.0))
    assert cell.reason == "13.6% of at most 46: 2 totals fit (22, 44)"
    assert cell.text == ""


def test_a_long_list_is_cut_in_words_only(book: Any) -> None:
    book.total("40", "n_enrolled")
    book.say("percent", "50")
    cell = book.cell("n")
    assert len(cell.candidates) == 20
    assert cell.reason.endswith("20 totals fit (2, 4, 6, 8, 10, 12, 14, 16 and 12 more)")


@pytest.mark.parametrize("printed", ["0", "100", "All", "none"])
def test_a_percentage_that_every_n_admits_bounds_nothing(book: Any, printed: str) -> None:
    book.size("20")
    book.say("percent", printed)
    assert book.cell("n") is None


def test_a_percentage_alone_bounds_nothing(book: Any) -> None:
    book.say("percent", "43.8")
    assert book.cell("n") is None
    assert book.cell("events") is None


def test_no_n_exceeds_the_printed_size(book: Any) -> None:
    book.size("30")
    book.say("percent", "3")
    book.say("events", "1")
    cell = book.cell("n")
    assert cell.candidates == (29.0, 30.0)
    assert "e1" in cell.extractions  # the size took part
    assert "1 (3%) of at most 30" in cell.reason


def test_a_size_that_changes_nothing_is_not_named(book: Any) -> None:
    book.size("30")
    book.say("percent", "43.8")
    book.say("events", "7")
    assert book.cell("n").reason == "7 (43.8%): only n = 16 fits"
    assert "e1" not in book.cell("n").extractions


def test_a_count_whose_n_would_exceed_the_size_is_dropped(book: Any) -> None:
    book.size("15")
    book.say("percent", "3.33")
    book.say("events", "1")
    assert book.cell("n") is None
    assert book.rules() == ["fits-no-total"]


def test_enrolled_randomised_and_completed_never_become_n(book: Any) -> None:
    for field in ("n_enrolled", "n_randomised", "n_completed"):
        book.total("20", field)
        book.size("10", what=field)
    book.say("percent", "50")
    book.say("events", "4", outcome="y")
    book.say("mean", "4", outcome="z")
    assert book.value("n") == [2, 4, 6, 8, 10]
    assert book.cell("n", outcome="y") is None
    assert book.cell("n", outcome="z") is None


@pytest.mark.parametrize(
    "field", ["mean", "sd", "se", "median", "mean_diff", "estimate", "percent_unclear"]
)
def test_what_is_measured_has_the_n_of_its_arm(book: Any, field: str) -> None:
    book.size("16", what="n")
    book.say(field, "5")
    assert book.value("n") == 16


# --- rounded, truncated, dropped ----------------------------------------------------------------


def test_truncation_is_admitted_where_rounding_leaves_nothing(book: Any) -> None:
    book.size("15")
    book.say("percent", "86.6")
    cell = book.cell("n")
    assert (cell.value, cell.rule) == (15, "possible-n, truncated")
    assert cell.reason == "86.6% of at most 15: only n = 15 fits (as rounded or truncated)"
    (found,) = book.evidence().findings
    assert (found.rule, found.severity) == ("truncated", "warning")
    assert (found.verdict, found.line) == ("consistent with truncation", 3)
    assert "86.6% of at most 15 fits n = 15 only as truncated, not rounded" in found.message


def test_a_percentage_that_empties_the_set_is_dropped(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("x", "y", "z"))
    for outcome, events, percent in (("x", "6", "40"), ("y", "9", "60.0"), ("z", "3", "80")):
        book.say("percent", percent, outcome=outcome)
        book.say("events", events, outcome=outcome)
    assert book.value("n") == 15
    found = next(f for f in book.evidence().findings if f.rule == "fits-no-total")
    assert (found.verdict, found.found, found.severity) == ("impossible", "3 (80%)", "warning")
    assert found.line == 6
    assert "3 (80%) fits no total that fits 6 (40%), 9 (60.0%)" in found.message
    assert "left out of the derivation of n" in found.message


def test_a_dropped_percentage_alone(book: Any) -> None:
    book.size("36")
    book.say("percent", "91.8")
    assert book.cell("n") is None
    (found,) = book.evidence().findings
    assert "91.8% of at most 36 fits no total; left out" in found.message


def test_nothing_says_which_of_two_is_wrong(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    for outcome, events, percent in (("x", "7", "43.8"), ("y", "5", "33.3")):
        book.say("percent", percent, outcome=outcome)
        book.say("events", events, outcome=outcome)
    assert book.value("n") == [15, 16]
    (found,) = [f for f in book.evidence().findings if f.rule == "fits-no-total"]
    assert found.verdict == "conflicting"
    assert "7 (43.8%), 5 (33.3%): no total fits all of these" in found.message


def test_a_second_round_is_silent_and_changes_nothing(book: Any) -> None:
    book.size("36")
    book.say("percent", "91.8")
    book.say("percent", "50", outcome="y")
    made = board(book)
    possible_n(made, silent=True)
    assert made.findings == []
    before = dict(made.sizes)
    possible_n(made)
    assert made.sizes == before
    assert [found.rule for found in made.findings] == ["fits-no-total"]


def test_constraints_and_printed_sizes_in_order(book: Any) -> None:
    book.size("20")
    book.size("15", what="n")
    book.say("percent", "All")
    book.say("mean", "3")
    made = board(book)
    cells = [cell for key, cell in made.cells.items() if key.outcome_id]
    found = constraints(made, HERE, "x", cells)
    assert [(one.text, one.hard) for one in found] == [
        ("n = 15 printed", True),
        ("All of at most 20", False),
    ]
    assert [cell.text for cell in printed_sizes(made, HERE, "x")] == ["15"]


# --- assumptions --------------------------------------------------------------------------------


def test_what_follows_without_an_assumption_stays_derived(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    book.say("percent", "43.8")
    book.say("events", "7")
    book.size("20")
    book.say("percent_unclear", "25", outcome="y")
    book.assume("patients", "percent_unclear", "percent", outcome_id="y")
    cell = book.cell("n", accept="patients")
    assert (cell.value, cell.status, cell.assumptions) == (16, "derived", ())
    assert book.cell("events", outcome="y", accept="patients").status == "assumed"


def test_an_n_that_needs_the_assumption_is_assumed(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    book.size("20")
    book.say("percent", "33.3")
    book.say("percent_unclear", "20.0", outcome="y")
    book.assume("patients", "percent_unclear", "percent", outcome_id="y")
    cell = book.cell("n", accept="patients")
    assert (cell.value, cell.status, cell.assumptions) == (15, "assumed", ("patients",))
    assert len(book.value("n")) == 6


def test_an_assumption_that_contradicts_what_follows_changes_no_derived_n(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("x", "y", "z"))
    for outcome, events, percent in (("x", "7", "43.8"), ("z", "4", "25.0")):
        book.say("percent", percent, outcome=outcome)
        book.say("events", events, outcome=outcome)
    book.say("percent_unclear", "33.3", outcome="y")
    book.assume("patients", "percent_unclear", "percent", outcome_id="y")
    cell = book.cell("n", accept="patients")
    assert (cell.value, cell.status) == (16, "derived")
    assert "fits-no-count" in book.rules("patients")
