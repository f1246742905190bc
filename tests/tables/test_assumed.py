from __future__ import annotations

from typing import Any

import pytest

from evsyn.errors import AssumptionError


def refused(book: Any, accept: str) -> str:
    """The message with which a choice is refused."""
    with pytest.raises(AssumptionError) as caught:
        book.evidence(accept)
    return str(caught.value)


# --- an n ---------------------------------------------------------------------------------------


def test_an_assumed_n_is_an_assumed_cell(book: Any) -> None:
    book.say("percent", "40")
    book.assume("fifteen", "n", "fifteen")
    cell = book.cell("n", accept="fifteen")
    assert (cell.value, cell.status, cell.rule) == (15, "assumed", "assumed")
    assert (cell.reason, cell.text) == ("Synthetic assumption fifteen.", "15")
    assert (cell.assumptions, cell.extractions) == (("fifteen",), ())
    assert book.cell("n") is None


def test_an_n_that_follows_stays_derived(book: Any) -> None:
    book.say("percent", "43.8")
    book.say("events", "7")
    book.assume("sixteen", "n", "16")
    cell = book.cell("n", accept="sixteen")
    assert (cell.value, cell.status, cell.assumptions) == (16, "derived", ())


def test_an_assumption_beats_a_derived_n_with_a_finding(book: Any) -> None:
    book.say("percent", "50")
    book.say("events", "7")
    book.size("20")
    book.assume("fifteen", "n", "15")
    cell = book.cell("n", accept="fifteen")
    assert (cell.value, cell.status) == (15, "assumed")
    found = next(f for f in book.evidence("fifteen").findings if f.rule == "assumption-overrides")
    assert "fifteen sets n = 15 where 7 (50%): only n = 14 fits" in found.message


def test_an_assumption_settles_an_ambiguous_n_without_a_finding(book: Any) -> None:
    book.total("46", "n_enrolled")
    book.say("percent", "13.6")
    book.assume("small", "n", "22")
    assert book.cell("n", accept="small").status == "assumed"
    assert book.value("events", accept="small") == 3
    assert book.rules("small") == []


@pytest.mark.parametrize("cells", [{}, {"outcome": ""}])
def test_an_n_that_contradicts_a_printed_one_is_refused(book: Any, cells: dict[str, str]) -> None:
    book.say("n", "16", **cells)
    book.say("percent", "43.8")
    book.assume("fifteen", "n", "15")
    message = refused(book, "fifteen")
    assert "fifteen contradicts a printed value" in message
    assert "it assumes n 15, printed is n 16 [synthetic1]" in message


def test_a_printed_n_that_agrees_stays_reported(book: Any) -> None:
    book.say("n", "16")
    book.say("percent", "43.8")
    book.assume("sixteen", "n", "16")
    assert book.cell("n", accept="sixteen").status == "reported"
    assert book.cell("events", accept="sixteen").status == "derived"


def test_an_n_printed_for_another_outcome_of_the_family_contradicts_not(book: Any) -> None:
    """It may have been counted in others; the printed one is what holds for its outcome."""
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    book.say("n", "16", outcome="y")
    book.say("percent", "40")
    book.assume("fifteen", "n", "15")
    assert book.value("n", outcome="y", accept="fifteen") == 16


@pytest.mark.parametrize(("arm", "shown"), [("a", "n_enrolled 14"), ("", "n_enrolled 14")])
def test_an_n_above_the_printed_size_is_refused(book: Any, arm: str, shown: str) -> None:
    book.say("n_enrolled", "14", arm, "")
    book.say("percent", "40")
    book.assume("fifteen", "n", "15")
    assert f"printed is {shown} [synthetic1]" in refused(book, "fifteen")


def test_an_n_as_large_as_the_printed_size_will_do(book: Any) -> None:
    book.size("15")
    book.say("percent", "40")
    book.assume("fifteen", "n", "15")
    assert book.value("events", accept="fifteen") == 6


def test_an_n_below_printed_events_is_refused(book: Any) -> None:
    book.say("events", "16")
    book.assume("fifteen", "n", "15")
    assert "printed is events 16 [synthetic1]" in refused(book, "fifteen")


def test_an_n_equal_to_printed_events_will_do(book: Any) -> None:
    book.say("events", "15")
    book.assume("fifteen", "n", "15")
    assert book.value("n", accept="fifteen") == 15


def test_conflicting_sizes_are_shown_with_both_readings(book: Any) -> None:
    book.size("33")
    book.size("35")
    book.say("percent", "40")
    book.assume("forty", "n", "40")
    assert "n_enrolled 33 | 35" in refused(book, "forty")


@pytest.mark.parametrize(
    ("cells", "reached"),
    [
        ({}, {("a", "x", 3.0)}),
        ({"arm_id": ""}, {("a", "x", 3.0), ("b", "x", 3.0)}),
        ({"outcome_id": ""}, {("a", "x", 3.0), ("a", "y", 3.0)}),
        ({"months": 3.0}, {("a", "x", 3.0)}),
        ({"months": 6.0}, set()),
    ],
)
def test_empty_cells_reach_every_one(book: Any, cells: dict[str, Any], reached: set[Any]) -> None:
    book.say("percent", "40", months=3.0)
    book.say("percent", "40", "b", months=3.0)
    book.say("mean", "4", outcome="y", months=3.0)
    book.assume("fifteen", "n", "15", **cells)
    made = {
        (cell.key.arm_id, cell.key.outcome_id, cell.key.months)
        for cell in book.evidence("fifteen").cells
        if cell.key.field == "n"
    }
    assert made == reached


def test_an_n_of_an_arm_is_none_of_its_subgroups(book: Any) -> None:
    book.say("percent", "40")
    book.say("percent", "40", subgroup="young")
    book.assume("fifteen", "n", "15")
    made = [c.key.subgroup for c in book.evidence("fifteen").cells if c.key.field == "n"]
    assert made == [""]


def test_an_n_of_another_study_is_not_reached(book: Any) -> None:
    book.study("t")
    book.say("percent", "40", study="t")
    book.assume("fifteen", "n", "15")
    assert not [c for c in book.evidence("fifteen").cells if c.key.field == "n"]


# --- another number -----------------------------------------------------------------------------


def test_assumed_events_stand_where_the_family_was_reported(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("x", "y"))
    for months in (3.0, 6.0):
        book.say("events", "7", outcome="y", months=months, time_printed=f"{months}")
    book.say("events", "7", outcome="apart", months=9.0)
    book.say("events", "1", outcome="y", months=3.0, subgroup="young")
    book.assume("nobody", "events", "0")
    made = [c for c in book.evidence("nobody").cells if c.key[1:3] == ("a", "x")]
    assert [(c.key.months, c.key.time_printed, c.key.subgroup) for c in made] == [
        (3.0, "3.0", ""),
        (6.0, "6.0", ""),
    ]
    assert {(c.value, c.status, c.rule, c.text) for c in made} == {(0.0, "assumed", "assumed", "0")}
    assert made[0].reason == "Synthetic assumption nobody."


def test_months_choose_the_time(book: Any) -> None:
    for months in (3.0, 6.0):
        book.say("percent", "40", months=months)
    book.assume("nobody", "events", "0", months=6.0)
    made = [c.key.months for c in book.evidence("nobody").cells if c.key.field == "events"]
    assert made == [6.0]


def test_a_value_without_any_place_makes_its_own(book: Any) -> None:
    book.arm("a")
    book.outcome("x")
    book.assume("spread", "sd", "2.5", months=3.0)
    cell = book.cell("sd", accept="spread")
    assert (cell.value, cell.key.months, cell.key.time_printed) == (2.5, 3.0, "")


def test_every_arm_gets_a_value_assumed_of_each(book: Any) -> None:
    book.say("mean", "4")
    book.say("mean", "5", "b")
    book.assume("spread", "sd", "2", arm_id="")
    values = {c.key.arm_id: c.value for c in book.evidence("spread").cells if c.key.field == "sd"}
    assert values == {"a": 2.0, "b": 2.0}


def test_a_study_without_arms_gets_a_value_of_the_whole(book: Any) -> None:
    book.assume("forty", "n_enrolled", "40", arm_id="", outcome_id="")
    cell = book.cell("n_enrolled", arm="", outcome="", accept="forty")
    assert (cell.value, cell.status) == (40.0, "assumed")


def test_every_outcome_gets_a_value_assumed_of_each(book: Any) -> None:
    book.say("mean", "4")
    book.say("mean", "4", outcome="y")
    book.assume("spread", "sd", "2", outcome_id="")
    made = [c.key.outcome_id for c in book.evidence("spread").cells if c.key.field == "sd"]
    assert made == ["x", "y"]


@pytest.mark.parametrize(
    "field",
    [
        "n_enrolled",
        "n_randomised",
        "n_completed",
        "n_clusters",
        "centres",
        "age_mean",
        "sessions",
        "sessions_min",
        "sessions_max",
        "interval_weeks",
        "session_minutes",
        "needle_mm",
        "needle_mm_min",
        "needle_mm_max",
        "followup_months",
    ],
)
def test_a_number_of_the_arm_is_none_of_its_outcomes(book: Any, field: str) -> None:
    book.say("mean", "4")
    book.assume("six", field, "6", outcome_id="")
    made = [c.key.outcome_id for c in book.evidence("six").cells if c.key.field == field]
    assert made == [""]


def test_a_number_of_the_arm_stands_at_the_times_of_the_arm(book: Any) -> None:
    book.size("20", months=3.0)
    book.say("mean", "4", months=6.0)
    book.assume("six", "sessions", "6", outcome_id="")
    made = [c.key.months for c in book.evidence("six").cells if c.key.field == "sessions"]
    assert made == [3.0]


def test_an_assumed_size_bounds_like_a_printed_one(book: Any) -> None:
    book.say("percent", "86.6")
    book.assume("fifteen", "n_enrolled", "15", outcome_id="")
    cell = book.cell("n", accept="fifteen")
    assert (cell.value, cell.status, cell.assumptions) == (15, "assumed", ("fifteen",))


def test_words_may_be_assumed(book: Any) -> None:
    book.assume("words", "allocation", "randomised", outcome_id="")
    book.arm("a")
    cell = book.cell("allocation", outcome="", accept="words")
    assert (cell.value, cell.text, cell.status) == (None, "randomised", "assumed")


def test_a_value_that_contradicts_a_printed_one_is_refused(book: Any) -> None:
    book.say("events", "7")
    book.assume("nobody", "events", "0")
    message = refused(book, "nobody")
    assert "nobody contradicts a printed value: it assumes events 0" in message
    assert "printed is events 7 [synthetic1]" in message


def test_a_value_that_is_printed_already_stays_reported(book: Any) -> None:
    book.say("events", "seven")
    book.assume("seven", "events", "7")
    assert book.cell("events", accept="seven").status == "reported"


def test_adverse_events_contradict_assumed_events(book: Any) -> None:
    book.say("participants_with_event", "7")
    book.assume("nobody", "events", "0")
    assert "printed is events 7" in refused(book, "nobody")


def test_assumed_adverse_events_are_events(book: Any) -> None:
    book.say("percent", "20")
    book.say("n", "15")
    book.assume("three", "participants_with_event", "3")
    assert book.cell("events", accept="three").status == "assumed"


def test_assumed_events_that_fit_as_truncated_are_accepted(book: Any) -> None:
    book.say("percent", "86.6")
    book.say("n", "15")
    book.assume("thirteen", "events", "13")
    assert book.value("events", accept="thirteen") == 13


@pytest.mark.parametrize("value", ["six", "6.0"])
def test_assumed_events_may_be_words(book: Any, value: str) -> None:
    book.say("percent", "40")
    book.say("n", "15")
    book.assume("six", "events", value)
    assert book.value("events", accept="six") == 6


@pytest.mark.parametrize("arm", ["a", ""])
def test_assumptions_that_contradict_each_other_are_refused(book: Any, arm: str) -> None:
    book.say("percent", "40")
    book.assume("fifteen", "n", "15")
    book.assume("twenty", "n", "20", arm_id=arm)
    message = refused(book, "fifteen,twenty")
    assert "twenty contradicts fifteen: it assumes n 20, fifteen assumes 15" in message


def test_assumptions_that_agree_may_stand_together(book: Any) -> None:
    book.say("percent", "40")
    book.say("mean", "40", outcome="y")
    book.assume("fifteen", "n", "15")
    book.assume("each", "n", "15", arm_id="", outcome_id="")
    assert book.cell("n", accept="fifteen,each").value == 15
    book.assume("two", "sd", "2")
    book.assume("three", "sd", "3", arm_id="")
    book.assume("again", "sd", "2", arm_id="")
    assert book.value("sd", accept="two,again") == 2
    assert "three contradicts two: it assumes sd 3, two assumes 2" in refused(book, "two,three")


def test_an_assumption_settles_a_conflict(book: Any) -> None:
    book.say("events", "7")
    book.say("events", "8")
    book.assume("eight", "events", "8")
    cell = book.cell("events", accept="eight")
    assert (cell.value, cell.status) == (8.0, "assumed")
    book.assume("nine", "events", "9")
    assert "it assumes events 9, printed is events 7 | 8" in refused(book, "nine")


def test_an_assumed_n_settles_a_conflict(book: Any) -> None:
    book.say("n", "15")
    book.say("n", "16")
    book.say("percent", "40")
    book.assume("fifteen", "n", "15")
    cell = book.cell("n", accept="fifteen")
    assert (cell.value, cell.status, cell.assumptions) == (15.0, "assumed", ("fifteen",))
    assert book.value("events", accept="fifteen") == 6
    book.assume("twenty", "n", "20")
    assert "it assumes n 20, printed is n 15 | 16" in refused(book, "twenty")


def test_assumed_events_that_do_not_fit_the_printed_percentage_are_refused(book: Any) -> None:
    book.say("percent", "40")
    book.say("n", "15")
    book.assume("nobody", "events", "0")
    message = refused(book, "nobody")
    assert "printed is percent 40 [synthetic1] and n 15 [synthetic1]" in message


def test_assumed_events_that_fit_are_accepted(book: Any) -> None:
    book.say("percent", "40")
    book.say("n", "15")
    book.assume("six", "events", "6")
    assert book.cell("events", accept="six").status == "assumed"


def test_assumed_events_above_a_printed_n_are_refused(book: Any) -> None:
    book.say("n", "15")
    book.assume("many", "events", "16")
    assert "printed is n 15" in refused(book, "many")


def test_assumed_events_equal_to_a_printed_n_are_accepted(book: Any) -> None:
    book.say("n", "15")
    book.assume("every", "events", "15")
    assert book.value("events", accept="every") == 15


def test_a_retyped_percentage_is_no_printed_one(book: Any) -> None:
    book.say("percent_unclear", "40")
    book.say("n", "15")
    book.assume("patients", "percent_unclear", "percent")
    book.assume("nobody", "events", "0")
    assert book.value("events", accept="patients,nobody") == 0


def test_rejecting_makes_all_that_follows_disappear(book: Any) -> None:
    book.outcome("better", parts=("x", "y"))
    book.outcome("scale", kind="ordinal", parts=("x", "y", "z"))
    book.say("percent", "40")
    book.say("events", "1", outcome="y")
    book.assume("fifteen", "n", "15", default="accept")
    with_it, without = book.evidence(), book.evidence("none")
    assert any("fifteen" in cell.assumptions for cell in with_it.cells)
    assert [cell for cell in with_it.cells if not cell.assumptions] == list(without.cells)
    assert without.selection.rejected == ("fifteen",)
