from __future__ import annotations

from typing import Any

import pytest

from evsyn.tables.cells import concerns, weakest


@pytest.mark.parametrize(
    ("statuses", "weak"),
    [
        ([], "reported"),
        (["reported", "derived"], "derived"),
        (["derived", "assumed", "reported"], "assumed"),
        (["ambiguous", "assumed"], "ambiguous"),
        (["conflicting", "ambiguous"], "conflicting"),
        (["not found", "conflicting"], "not found"),
        (["not reported", "not found"], "not reported"),
    ],
)
def test_the_weakest_status_wins(statuses: list[str], weak: str) -> None:
    assert weakest(statuses) == weak


def test_a_printed_value_is_a_reported_cell(book: Any) -> None:
    book.say("percent", "43.8", months=3.0, time_printed="at 3 months", anchor="baseline")
    cell = book.cell("percent")
    assert (cell.value, cell.text, cell.status, cell.rule) == (43.8, "43.8", "reported", "")
    assert (cell.extractions, cell.assumptions) == (("e1",), ())
    assert cell.citekeys == ("synthetic1",)
    assert cell.key[:8] == ("s", "a", "x", "", 3.0, "at 3 months", "baseline", "")


@pytest.mark.parametrize(
    ("field", "printed", "value", "text"),
    [
        ("percent", ["93", "93.3"], 93.3, "93.3"),  # agree within rounding: the finer one
        ("percent", ["93.3", "93"], 93.3, "93.3"),
        ("percent", ["93.5", "93"], 93.5, "93.5"),  # the end of the rounding is admitted
        ("events", ["7", "seven"], 7.0, "seven"),
        ("p", ["<0.05", "0.03"], 0.03, "0.03"),  # a bound holds of the number
        ("p", ["0.05", "<0.05"], 0.05, "0.05"),  # 0.0499 rounds to 0.05
        ("p", ["<0.05", "<0.001"], 0.001, "<0.001"),  # the tighter bound
        ("p", [">.99", ">.9"], 0.99, ">.99"),
        ("mean", ["≤5", "5"], 5.0, "5"),
        ("mean", ["≥5", "5"], 5.0, "5"),
        ("percent", [">80", "90"], 90.0, "90"),
        ("n", ["40", "40"], 40.0, "40"),
    ],
)
def test_readings_that_agree_make_one_cell(
    book: Any, field: str, printed: list[str], value: float, text: str
) -> None:
    for one in printed:
        book.say(field, one)
    cell = book.cell(field)
    assert (cell.value, cell.text, cell.status) == (value, text, "reported")
    assert cell.extractions == ("e1", "e2")
    assert book.rules() == []


@pytest.mark.parametrize(
    ("field", "printed", "candidates"),
    [
        ("n_enrolled", ["35", "33"], (33.0, 35.0)),
        ("percent", ["93.3", "93.4"], (93.3, 93.4)),
        ("percent", ["93.6", "93"], (93.0, 93.6)),
        ("events", ["seven", "8"], (7.0, 8.0)),
        ("ci_lb", ["-0.12", "0.12"], (-0.12, 0.12)),
        ("p", ["<0.05", "0.06"], (0.05, 0.06)),
        ("p", [">0.05", "0.03"], (0.03, 0.05)),
        ("percent", [">80", "<70"], (70.0, 80.0)),
        ("percent", ["about 50", "<50"], (50.0,)),
        ("percent", ["93", "94", "93.5", "95"], (93.0, 93.5, 94.0, 95.0)),
    ],
)
def test_readings_that_disagree_are_conflicting(
    book: Any, field: str, printed: list[str], candidates: tuple[float, ...]
) -> None:
    for one in printed:
        book.say(field, one)
    cell = book.cell(field)
    assert (cell.value, cell.status) == (None, "conflicting")
    assert cell.candidates == candidates
    assert cell.text == " | ".join(printed)
    assert all(f"{one} [synthetic1, abstract]" in cell.reason for one in printed)
    (found,) = [f for f in book.evidence().findings if f.rule == "conflict"]
    assert (found.severity, found.verdict, found.line) == ("warning", "conflicting", 2)
    assert (found.file, found.column) == ("data/extractions.csv", "printed")
    assert found.study_id == "s"
    assert field in found.message and "accept an assumption to choose" in found.message
    assert found.extractions == cell.extractions


def test_a_conflict_of_the_whole_study_says_so(book: Any) -> None:
    book.total("35")
    book.total("33")
    (found,) = book.evidence().findings
    assert "n_randomised (whole study)" in found.message


def test_a_preferred_extraction_chooses_between_readings(book: Any) -> None:
    book.size("35")
    book.size("33")
    book.assume("older", "n_enrolled", "", preferred_extraction="e2", outcome_id="")
    cell = book.cell("n_enrolled", outcome="", accept="older")
    assert (cell.value, cell.status, cell.assumptions) == (33.0, "assumed", ("older",))
    assert cell.extractions == ("e2",)
    assert cell.reason == "33 chosen among 35, 33"
    assert book.rules("older") == []
    assert book.cell("n_enrolled", outcome="").status == "conflicting"


def test_a_choice_that_is_not_needed_changes_nothing(book: Any) -> None:
    book.size("35")
    book.size("35")
    book.assume("first", "n_enrolled", "", preferred_extraction="e1", outcome_id="")
    cell = book.cell("n_enrolled", outcome="", accept="first")
    assert (cell.value, cell.status, cell.assumptions) == (35.0, "reported", ())


def test_a_bound_named_in_its_own_column_is_shown(book: Any) -> None:
    book.say("percent", "80", relation=">")
    book.say("p", "<0.001", relation="<", outcome="y")
    book.say("mean", "50", relation="about", outcome="z")
    cells = {cell.key.field: cell for cell in book.evidence().cells}
    assert cells["percent"].text == "> 80"
    assert cells["p"].text == "<0.001"
    assert cells["mean"].text == "about 50"


def test_words_are_kept_as_words(book: Any) -> None:
    book.say("statement", "No infection.", outcome="")
    book.say("statement", "No scar.", outcome="")
    cell = book.cell("statement", outcome="")
    assert (cell.value, cell.text, cell.status) == (None, "No infection. | No scar.", "reported")


@pytest.mark.parametrize(
    ("field", "printed", "status"),
    [
        ("allocation", ["Randomly", "randomly"], "reported"),
        ("allocation", ["randomly", "divided"], "conflicting"),
        ("cleared_on", ["2018-03-01", "2018-04-01"], "conflicting"),
        ("funding", ["none", "a vendor"], "reported"),
    ],
)
def test_words_that_can_only_be_one_conflict(
    book: Any, field: str, printed: list[str], status: str
) -> None:
    for one in printed:
        book.say(field, one, "", "")
    assert book.cell(field, arm="", outcome="").status == status
    assert ("conflict" in book.rules()) == (status == "conflicting")


def test_a_value_that_is_no_number_stays_a_cell_with_a_reason(book: Any) -> None:
    book.say("sessions", "six to eight", outcome="")
    cell = book.cell("sessions", outcome="")
    assert (cell.value, cell.status, cell.text) == (None, "reported", "six to eight")
    assert cell.reason == "printed as words that are no number"


def test_a_number_beside_words_counts(book: Any) -> None:
    book.say("sessions", "several", outcome="")
    book.say("sessions", "6", outcome="")
    cell = book.cell("sessions", outcome="")
    assert (cell.value, cell.text, cell.extractions) == (6.0, "6", ("e1", "e2"))


@pytest.mark.parametrize("order", [("at 3 months", "after 12 weeks"), ("", "at 3 months")])
def test_times_that_mean_the_same_are_one_time(book: Any, order: tuple[str, str]) -> None:
    first, second = order
    book.say("events", "7", months=3.0, time_printed=first, anchor="baseline")
    book.say("n", "16", months=3.0, time_printed=second, anchor="baseline")
    times = {cell.key.time_printed for cell in book.evidence().cells}
    assert times == {first or second}


def test_other_anchors_studies_and_unknown_months_keep_their_times(book: Any) -> None:
    book.study("t")
    book.say("events", "7", months=3.0, time_printed="one", anchor="baseline")
    book.say("events", "7", months=3.0, time_printed="two", anchor="last session")
    book.say("events", "7", months=3.0, time_printed="three", anchor="baseline", study="t")
    book.say("events", "7", time_printed="four")
    book.say("events", "7", time_printed="five")
    times = [cell.key.time_printed for cell in book.evidence().cells if cell.key.field == "events"]
    assert times == ["one", "two", "three", "four", "five"]


def test_final_is_the_plain_value_of_a_count(book: Any) -> None:
    book.say("percent", "50", value_type="final")
    book.say("mean", "5", outcome="y", value_type="final")
    kinds = {cell.key.field: cell.key.value_type for cell in book.evidence().cells}
    assert (kinds["percent"], kinds["mean"]) == ("", "final")


def test_a_spread_without_type_joins_the_one_mean(book: Any) -> None:
    book.say("mean", "5", value_type="change", measure="mean change")
    book.say("sd", "2")
    book.say("ci_lb", "1", measure="mean change")
    kinds = {
        cell.key.field: (cell.key.measure, cell.key.value_type) for cell in book.evidence().cells
    }
    assert kinds["sd"] == kinds["ci_lb"] == ("mean change", "change")


def test_a_spread_does_not_choose_between_two_means(book: Any) -> None:
    book.say("mean", "5", value_type="baseline")
    book.say("mean", "4", value_type="final")
    book.say("sd", "2")
    (spread,) = [cell for cell in book.evidence().cells if cell.key.field == "sd"]
    assert spread.key.value_type == ""


def test_a_spread_keeps_its_own_type_and_place(book: Any) -> None:
    book.say("mean", "5", value_type="final")
    book.say("sd", "2", value_type="baseline")
    book.say("se", "1", outcome="other")
    book.say("percent", "50")
    kinds = {cell.key.field: cell.key.value_type for cell in book.evidence().cells}
    assert (kinds["sd"], kinds["se"], kinds["percent"]) == ("baseline", "", "")


@pytest.mark.parametrize("field", ["mean", "estimate", "median", "mean_diff"])
@pytest.mark.parametrize("spread", ["sd", "se", "spread_unstated", "ci_lb", "ci_ub"])
def test_every_spread_joins_every_kind_of_middle(book: Any, field: str, spread: str) -> None:
    book.say(field, "5", value_type="change")
    book.say(spread, "2")
    assert {cell.key.value_type for cell in book.evidence().cells} == {"change"}


def test_retyping_adds_an_assumed_cell_and_leaves_the_printed_one(book: Any) -> None:
    book.say("percent_unclear", "90")
    book.say("percent_unclear", "50", "b")
    book.assume("patients", "percent_unclear", "percent", arm_id="")
    cell = book.cell("percent", accept="patients")
    assert (cell.value, cell.status, cell.rule) == (90.0, "assumed", "retyped")
    assert (cell.assumptions, cell.extractions) == (("patients",), ("e1",))
    assert cell.reason == "read as percent: Synthetic assumption patients."
    assert book.value("percent", "b", accept="patients") == 50.0
    assert book.cell("percent_unclear", accept="patients").status == "reported"
    assert book.cell("percent") is None


def test_retyping_reaches_subgroups_and_no_open_value(book: Any) -> None:
    book.say("percent_unclear", "90", subgroup="young")
    book.say("percent_unclear", "80", outcome="y")
    book.say("percent_unclear", "60", outcome="y")
    book.assume("patients", "percent_unclear", "percent", outcome_id="")
    made = [cell for cell in book.evidence("patients").cells if cell.key.field == "percent"]
    assert [(cell.key.subgroup, cell.value) for cell in made] == [("young", 90.0)]


@pytest.mark.parametrize(
    ("cells", "reached"),
    [
        ({}, True),
        ({"arm_id": ""}, True),
        ({"outcome_id": ""}, True),
        ({"months": 3.0}, True),
        ({"months": 6.0}, False),
        ({"arm_id": "b"}, False),
        ({"outcome_id": "y"}, False),
        ({"study_id": "t"}, False),
    ],
)
def test_empty_arm_outcome_or_months_reach_every_one(
    book: Any, cells: dict[str, Any], reached: bool
) -> None:
    book.say("events", "7", months=3.0)
    book.assume("one", "n", "16", **cells)
    (cell,) = book.evidence("none").cells
    assert concerns(book.assumptions[0], cell.key) is reached
