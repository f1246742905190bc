from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

SCALE = ("poor", "fair", "good", "excellent")


@pytest.fixture
def scale(book: Any) -> Any:
    """A synthetic scale of four categories; ``better`` unites good and excellent."""
    book.outcome("scale", kind="ordinal", parts=SCALE)
    book.outcome("better", parts=("good", "excellent"))
    return book


def counts(book: Any, arm: str = "a", **events: str) -> None:
    """Printed counts of categories."""
    for outcome, printed in events.items():
        book.say("events", printed, arm, outcome)


def test_the_sum_of_parts_that_are_all_printed(scale: Any) -> None:
    counts(scale, good="3", excellent="4")
    cell = scale.cell("events", outcome="better")
    assert (cell.value, cell.status, cell.rule) == (7, "derived", "united")
    assert cell.reason == "the sum of its parts: 3 + 4 = 7"
    assert cell.extractions == ("e1", "e2")
    assert scale.cell("n", outcome="better") is None


def test_the_sum_has_the_n_of_its_parts(scale: Any) -> None:
    counts(scale, good="3", excellent="4")
    scale.say("n", "16", outcome="good")
    cell = scale.cell("n", outcome="better")
    assert (cell.value, cell.status, cell.rule) == (16, "derived", "same-denominator")
    assert cell.reason == "n = 16, printed for a category of the same scale"
    assert cell.extractions == ("e3",)


def test_the_rest_is_none_where_the_printed_categories_make_up_n(scale: Any) -> None:
    scale.size("16", what="n")
    counts(scale, poor="10", good="6")
    counts(scale, "b", poor="1", fair="2", excellent="3")
    cell = scale.cell("events", outcome="excellent")
    assert (cell.value, cell.status, cell.rule) == (0, "derived", "united")
    assert cell.reason == "the printed categories add up to n (10 + 6 = 16), so this is 0"
    assert set(cell.extractions) == {"e1", "e2", "e3"}
    assert scale.value("events", outcome="fair") == 0
    assert scale.value("n", outcome="excellent") == 16
    assert scale.value("events", outcome="better") == 6


def test_a_category_that_the_study_never_prints_gets_no_cell(scale: Any) -> None:
    scale.size("16", what="n")
    counts(scale, poor="10", good="6")
    assert scale.cell("events", outcome="excellent") is None
    cell = scale.cell("events", outcome="better")
    assert (cell.value, cell.status) == (6, "derived")
    assert cell.reason == "the other categories (10) of 16 leave 6"


def test_another_study_does_not_make_it_reported(scale: Any) -> None:
    scale.study("t")
    scale.size("16", what="n")
    counts(scale, poor="10", good="6")
    scale.say("events", "3", outcome="excellent", study="t")
    assert scale.cell("events", outcome="excellent", study_id="s") is None


def test_categories_that_do_not_add_up_leave_a_span(scale: Any) -> None:
    scale.size("15", what="n")
    counts(scale, poor="5", fair="5", good="3")
    cell = scale.cell("events", outcome="better")
    assert (cell.value, cell.status, cell.candidates) == (None, "ambiguous", (3.0, 4.0, 5.0))
    assert cell.reason == (
        "1 of its 2 parts is not printed: at least 3, at most 15 less the other printed"
        " categories (5 + 5) = 5"
    )
    assert set(cell.extractions) == {"e1", "e2", "e3", "e4"}
    assert scale.value("n", outcome="better") == 15


def test_without_any_of_its_parts_the_span_starts_at_none(scale: Any) -> None:
    scale.size("15", what="n")
    counts(scale, poor="13")
    counts(scale, "b", good="2")
    assert scale.value("events", outcome="better") == [0, 1, 2]
    assert "at least 0" in scale.cell("events", outcome="better", arm="a").reason


def test_without_the_other_categories_the_span_ends_at_n(scale: Any) -> None:
    scale.size("5", what="n")
    counts(scale, good="3")
    cell = scale.cell("events", outcome="better")
    assert cell.candidates == (3.0, 4.0, 5.0)
    assert cell.reason.endswith("at most 5 less the other printed categories (0) = 5")


def test_without_n_a_missing_part_leaves_nothing(scale: Any) -> None:
    counts(scale, poor="13", good="2")
    assert scale.cell("events", outcome="better") is None


def test_an_arm_of_a_study_that_never_prints_a_part_is_left_alone(scale: Any) -> None:
    scale.size("15", what="n")
    counts(scale, poor="13")
    assert scale.cell("events", outcome="better") is None


def test_a_printed_union_beats_its_sum(scale: Any) -> None:
    counts(scale, better="34", good="16", excellent="16")
    cell = scale.cell("events", outcome="better")
    assert (cell.value, cell.status) == (34, "reported")
    (found,) = scale.evidence().findings
    assert (found.rule, found.verdict, found.line) == ("united-differs", "conflicting", 2)
    assert "Outcome better: printed 34, its parts make 32" in found.message


def test_a_printed_union_that_is_its_sum_is_no_finding(scale: Any) -> None:
    counts(scale, better="32", good="16", excellent="16")
    assert scale.rules() == []


@pytest.mark.parametrize(("printed", "found"), [("2", True), ("3", False), ("5", False)])
def test_a_printed_union_is_held_against_the_span(scale: Any, printed: str, found: bool) -> None:
    scale.size("15", what="n")
    counts(scale, poor="10", good="3", better=printed)
    assert scale.value("events", outcome="better") == int(printed)
    rules = [f for f in scale.evidence().findings if f.rule == "united-differs"]
    assert bool(rules) == found
    if found:
        assert "its parts make 3 to 5" in rules[0].message


def test_the_sum_settles_a_union_whose_percentage_does_not(scale: Any) -> None:
    scale.say("n", "400", outcome="better")
    scale.say("percent", "43", outcome="better")
    assert scale.value("events", outcome="better") == [170, 171, 172, 173, 174]
    counts(scale, good="100", excellent="72")
    cell = scale.cell("events", outcome="better")
    assert (cell.value, cell.rule) == (172, "united")


def test_open_parts_make_every_sum_that_is_possible(scale: Any) -> None:
    scale.say("n", "400", outcome="good")
    scale.say("percent", "0", outcome="good")  # 0 or 1 (0 % to 0.5 % of 400: 0, 1 or 2)
    counts(scale, excellent="10")
    assert scale.value("events", outcome="better") == [10, 11, 12]
    cell = scale.cell("events", outcome="better")
    assert cell.status == "ambiguous"
    assert cell.reason == "the sum of its parts: 0–2 + 10 = 10 to 12"


def test_sums_that_no_counts_make_are_left_out(scale: Any) -> None:
    scale.total("46", "n_enrolled")
    scale.say("percent", "13.6", outcome="good")  # 3 of 22 or 6 of 44
    counts(scale, excellent="5")
    assert scale.value("events", outcome="better") == [8, 11]
    assert scale.value("n", outcome="better") == [22, 44]


def test_n_limits_an_open_sum(scale: Any) -> None:
    scale.say("n", "400", outcome="good")
    scale.say("percent", "0", outcome="good")
    counts(scale, excellent="10", poor="389")
    cell = scale.cell("events", outcome="better")
    assert cell.candidates == (10.0, 11.0)
    assert "e1" in cell.extractions and "e4" in cell.extractions


def test_n_that_leaves_one_sum_settles_it(scale: Any) -> None:
    scale.say("n", "400", outcome="good")
    scale.say("percent", "0", outcome="good")
    counts(scale, excellent="10", poor="390")
    cell = scale.cell("events", outcome="better")
    assert (cell.value, cell.status) == (10, "derived")


def test_more_than_n_is_found(scale: Any) -> None:
    scale.size("15", what="n")
    counts(scale, poor="13", good="3")
    assert scale.cell("events", outcome="better") is None
    (found,) = scale.evidence().findings
    assert (found.rule, found.verdict) == ("categories-exceed-n", "impossible")
    assert "Outcome better: the categories exceed n = 15 (3 + 13 = 16)" in found.message


def test_a_printed_sum_stays_where_another_category_does_not_fit(scale: Any) -> None:
    scale.size("15", what="n")
    counts(scale, poor="9", good="3", excellent="4")
    assert scale.value("events", outcome="better") == 7
    assert scale.rules() == ["categories-exceed-n"]


def test_a_sum_above_n_is_no_count(scale: Any) -> None:
    scale.size("15", what="n")
    counts(scale, good="9", excellent="9")
    assert scale.cell("events", outcome="better") is None
    assert scale.rules() == ["categories-exceed-n"]


def test_bounds_are_no_counts(scale: Any) -> None:
    scale.size("15", what="n")
    counts(scale, good=">3", excellent="4")
    assert scale.value("events", outcome="better") == [float(x) for x in range(4, 16)]


def test_scales_that_share_a_category_are_told_apart(book: Any) -> None:
    """The study used the scale of which it prints more other categories."""
    book.outcome("short", kind="ordinal", parts=("very", "rather", "not"))
    book.outcome("long", kind="ordinal", parts=("highly", "somewhat", "neutral", "not"))
    book.outcome("glad", parts=("highly", "somewhat"))
    book.outcome("pleased", parts=("very", "rather"))
    book.size("15", what="n")
    counts(book, highly="5", neutral="4", **{"not": "3"})
    assert book.value("events", outcome="glad") == [5, 6, 7, 8]
    assert book.cell("events", outcome="pleased") is None


@pytest.mark.parametrize("order", list(permutations(["better", "all", "scale"])))
def test_unions_of_unions_come_after_their_parts(book: Any, order: tuple[str, ...]) -> None:
    parts = {"better": ("good", "excellent"), "all": ("fair", "better"), "scale": SCALE}
    for name in order:
        book.outcome(name, kind="ordinal" if name == "scale" else "dichotomous")
    for name in order:
        book.outcome(name, parts=parts[name])
    counts(book, fair="1", good="2", excellent="3")
    assert book.value("events", outcome="better") == 5
    assert book.value("events", outcome="all") == 6


def test_a_union_of_a_union_leaves_the_other_categories(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=SCALE)
    book.outcome("better", parts=("good", "excellent"))
    book.outcome("any", parts=("fair", "better"))
    book.size("15", what="n")
    counts(book, poor="5", good="3", excellent="2")
    assert book.value("events", outcome="any") == [5, 6, 7, 8, 9, 10]


def test_what_rests_on_an_assumption_says_so(scale: Any) -> None:
    scale.say("percent", "20", outcome="good")
    counts(scale, excellent="4")
    scale.assume("fifteen", "n", "15", outcome_id="")
    cell = scale.cell("events", outcome="better", accept="fifteen")
    assert (cell.value, cell.status, cell.assumptions) == (7, "assumed", ("fifteen",))
    assert scale.cell("events", outcome="better") is None


def test_assumed_parts_that_exceed_n_are_found_at_the_assumption(scale: Any) -> None:
    scale.size("15", what="n")
    counts(scale, "b", good="1", excellent="1")
    scale.assume("nine", "events", "9", outcome_id="good")
    scale.assume("eight", "events", "8", outcome_id="excellent")
    (found,) = scale.evidence("nine,eight").findings
    assert (found.rule, found.file, found.line) == (
        "categories-exceed-n",
        "data/assumptions.csv",
        2,
    )
    assert (found.column, found.severity, found.study_id) == ("value", "warning", "s")


def test_times_and_subgroups_are_united_apart(scale: Any) -> None:
    for more in ({"months": 3.0}, {"months": 6.0}, {"subgroup": "young"}):
        scale.say("events", "3", outcome="good", **more)
    scale.say("events", "4", outcome="excellent", months=3.0)
    scale.say("events", "4", outcome="excellent", subgroup="young")
    made = [
        (cell.key.months, cell.key.subgroup)
        for cell in scale.evidence().cells
        if cell.key.outcome_id == "better" and cell.key.field == "events"
    ]
    assert made == [(3.0, ""), (None, "young")]


def test_very_many_sums_are_a_span(book: Any) -> None:
    book.outcome("scale", kind="ordinal", parts=("u", "v", "w"))
    book.outcome("two", parts=("u", "v"))
    for outcome in ("u", "v"):
        book.say("n", "40000", outcome=outcome)
        book.say("percent", "10", outcome=outcome)
    assert book.value("events", outcome="two") == [float(x) for x in range(7600, 8401)]
