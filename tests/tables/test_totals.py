from __future__ import annotations

from typing import Any

import pytest


def both(book: Any, a: str, b: str, **cells: Any) -> None:
    """A percentage in each arm."""
    book.say("percent", a, "a", **cells)
    book.say("percent", b, "b", **cells)


def test_the_one_split_that_fits(book: Any) -> None:
    book.total("30")
    both(book, "26.7", "93.3")  # 15 and 15 only
    cell = book.cell("n")
    assert (cell.value, cell.status, cell.rule) == (15, "derived", "given-the-total")
    assert cell.reason == "30 in 2 arms: only 15 + 15 fits all percentages"
    assert set(cell.extractions) == {"e1", "e2", "e3"}
    assert (book.value("n", "b"), book.value("events"), book.value("events", "b")) == (15, 4, 14)


def test_several_splits_are_listed(book: Any) -> None:
    book.total("40")
    both(book, "90", "50")
    cell = book.cell("n")
    assert (cell.status, cell.candidates) == ("ambiguous", (10.0, 20.0, 30.0))
    assert cell.reason == "40 in 2 arms: 3 splits fit: 10 + 30; 20 + 20; 30 + 10"
    assert book.value("events") == [9, 18, 27]


def test_many_splits_are_counted_and_the_first_listed(book: Any) -> None:
    book.total("60")
    both(book, "50", "50")
    cell = book.cell("n")
    assert len(cell.candidates) == 29
    assert cell.reason == (
        "60 in 2 arms: 29 splits fit: 2 + 58; 4 + 56; 6 + 54; 8 + 52; 10 + 50; 12 + 48 and 23 more"
    )


def test_no_split_fits(book: Any) -> None:
    book.total("7")
    both(book, "33.3", "66.7")
    assert book.value("n") == [3, 6]  # what each percentage leaves alone


def test_the_randomised_come_before_the_enrolled(book: Any) -> None:
    book.total("31", "n_enrolled")
    book.total("30")
    both(book, "26.7", "93.3")
    assert book.value("n") == 15


def test_the_enrolled_serve_where_no_randomised_are_printed(book: Any) -> None:
    book.total("30", "n_enrolled")
    both(book, "26.7", "93.3")
    assert book.value("n") == 15


@pytest.mark.parametrize(("completed", "derived"), [("30", True), ("29", False)])
def test_not_where_fewer_completed(book: Any, completed: str, derived: bool) -> None:
    book.total("30")
    book.total(completed, "n_completed")
    both(book, "26.7", "93.3")
    assert (book.value("n", "b") == 15) == derived


@pytest.mark.parametrize(("completed", "derived"), [("15", True), ("14", False)])
def test_not_where_fewer_completed_in_the_arms(book: Any, completed: str, derived: bool) -> None:
    book.total("30")
    book.size("15", "a", "n_completed")
    book.size(completed, "b", "n_completed")
    both(book, "26.7", "93.3")
    assert (book.cell("n").rule == "given-the-total") == derived


def test_one_arm_that_says_who_completed_says_nothing_of_the_study(book: Any) -> None:
    book.total("30")
    book.size("15", "a", "n_completed")
    both(book, "26.7", "93.3")
    assert book.cell("n").rule == "given-the-total"


def test_not_where_perhaps_fewer_completed(book: Any) -> None:
    book.total("30")
    book.total("30", "n_completed")
    book.total("29", "n_completed")
    both(book, "26.7", "93.3")
    assert book.cell("n", "b").rule != "given-the-total"


@pytest.mark.parametrize(("completed", "rule"), [(None, "possible-n"), ("30", "given-the-total")])
def test_completers_are_all_only_if_so_printed(book: Any, completed: str | None, rule: str) -> None:
    book.total("30")
    if completed:
        book.total(completed, "n_completed")
    both(book, "26.7", "20", analysis_set="completers")
    assert book.cell("n", "b").rule == rule


@pytest.mark.parametrize("printed", [">30", "about 30"])
def test_a_bound_is_no_total(book: Any, printed: str) -> None:
    book.total(printed)
    both(book, "26.7", "93.3")
    assert book.cell("n") is None


def test_conflicting_totals_are_no_total(book: Any) -> None:
    book.total("30")
    book.total("31")
    both(book, "26.7", "93.3")
    assert book.cell("n", "b").rule == "possible-n"


@pytest.mark.parametrize("design", ["within-person", "crossover", "single-arm", "cluster"])
def test_parallel_studies_only(book: Any, design: str) -> None:
    book.study("s", design=design)
    book.total("30")
    both(book, "26.7", "93.3")
    assert book.cell("n").rule == "possible-n"


def test_every_arm_needs_a_percentage(book: Any) -> None:
    book.total("45")
    both(book, "26.7", "93.3")
    book.arm("c")
    assert book.cell("n", "b").rule == "possible-n"


def test_at_the_same_moment(book: Any) -> None:
    book.total("30")
    book.say("percent", "26.7", "a", months=3.0)
    book.say("percent", "93.3", "b", months=6.0)
    assert book.cell("n", "b").rule == "possible-n"


def test_one_arm_alone_is_not_split(book: Any) -> None:
    book.total("30")
    book.say("percent", "93.3")
    assert book.value("n") == [15, 30]


def test_three_arms(book: Any) -> None:
    book.total("45")
    both(book, "26.7", "93.3")
    book.say("percent", "6.7", "c")
    assert [book.value("n", arm) for arm in "abc"] == [15, 15, 15]
    assert book.cell("n").reason == "45 in 3 arms: only 15 + 15 + 15 fits all percentages"


def test_the_last_arm_is_the_total_less_the_others(book: Any) -> None:
    book.total("30")
    book.say("n", "16", "a")
    book.say("percent", "43.8", "a")
    book.say("percent", "50", "b")
    cell = book.cell("n", "b")
    assert (cell.value, cell.rule) == (14, "given-the-total")


def test_the_last_arm_is_not_derived_where_it_does_not_fit(book: Any) -> None:
    book.total("29")
    book.say("n", "16", "a")
    book.say("percent", "43.8", "a")
    book.say("percent", "50", "b")
    assert book.cell("n", "b").rule == "possible-n"


def test_all_is_every_one_of_an_arm(book: Any) -> None:
    book.total("31")
    book.say("n", "16", "a")
    book.say("percent", "43.8", "a")
    book.say("percent", "All", "b")
    assert (book.value("n", "b"), book.value("events", "b")) == (15, 15)


def test_no_arm_is_empty_and_none_is_all(book: Any) -> None:
    book.total("3")
    both(book, "All", "none")
    assert (book.value("n"), book.value("n", "b")) == ([1, 2], [1, 2])
    assert book.value("events", "b") == 0
    assert book.cell("events", "b").status == "derived"


def test_truncated_where_no_rounded_split_fits(book: Any) -> None:
    book.total("30")
    both(book, "26.6", "93.3")  # 4 of 15 is 26.67 %
    cell = book.cell("n")
    assert (cell.value, cell.rule) == (15, "given-the-total, truncated")
    assert cell.reason.endswith("only 15 + 15 fits all percentages (as rounded or truncated)")
    found = [f for f in book.evidence().findings if f.rule == "truncated"]
    assert [(f.extractions[0], f.verdict, f.severity) for f in found] == [
        ("e2", "consistent with truncation", "warning")
    ]


def test_subgroups_need_the_total_of_the_subgroup(book: Any) -> None:
    book.total("30")
    both(book, "26.7", "93.3", subgroup="young")
    assert book.cell("n", "b").rule == "possible-n"
    book.total("30", subgroup="young")
    assert book.cell("n", "b").rule == "given-the-total"


def test_a_single_n_that_is_known_already_stays(book: Any) -> None:
    book.total("30")
    both(book, "26.7", "93.3")
    book.say("events", "4", "a")
    assert book.cell("n").rule == "possible-n"
    assert book.cell("n", "b").rule == "given-the-total"


def test_the_other_families_of_an_arm_are_still_split(book: Any) -> None:
    book.total("30")
    both(book, "26.7", "93.3")
    both(book, "40", "40", outcome="y")
    book.say("events", "4", "a")
    assert book.cell("n").rule == "possible-n"
    cell = book.cell("n", outcome="y")
    assert (cell.value, cell.rule) == (15, "given-the-total")


def test_two_families_are_split_together(book: Any) -> None:
    book.total("40")
    both(book, "90", "50")
    both(book, "95", "10", outcome="y")  # 95 % leaves 20 of 10, 20, 30
    assert (book.value("n"), book.value("n", outcome="y")) == (20, 20)


def test_an_assumed_size_leaves_the_other_arm_the_rest(book: Any) -> None:
    book.total("40")
    both(book, "90", "50")
    book.assume("ten", "n", "10")
    cell = book.cell("n", "b", accept="ten")
    assert (cell.value, cell.status, cell.assumptions) == (30, "assumed", ("ten",))
    assert (book.value("events", accept="ten"), book.value("events", "b", accept="ten")) == (9, 15)


def test_a_split_that_follows_without_an_assumption_stays_derived(book: Any) -> None:
    book.total("30")
    both(book, "26.7", "93.3")
    book.say("percent_unclear", "20", "a", outcome="y")
    book.assume("patients", "percent_unclear", "percent", outcome_id="y")
    cell = book.cell("n", "b", accept="patients")
    assert (cell.value, cell.status, cell.assumptions) == (15, "derived", ())


def test_a_split_that_rests_on_an_assumption_is_assumed(book: Any) -> None:
    book.total("30")
    book.say("percent", "26.7", "a")
    book.say("percent_unclear", "93.3", "b")
    book.assume("patients", "percent_unclear", "percent", arm_id="b")
    cell = book.cell("n", "a", accept="patients")
    assert (cell.value, cell.status, cell.assumptions) == (15, "assumed", ("patients",))


def test_large_studies_are_split_at_once(book: Any) -> None:
    book.total("3000")
    for arm in "abcd":
        book.say("percent", "33", arm)
    cell = book.cell("n")
    assert cell.status == "ambiguous"
    assert min(cell.candidates) == 3
    assert cell.reason.startswith("3000 in 4 arms:")
