from __future__ import annotations

import math
from typing import Any

import pytest


def mean(book: Any, value: str = "2.0", n: str = "16", **cells: Any) -> None:
    """A mean with its n."""
    book.say("mean", value, **cells)
    book.say("n", n)


def interval(book: Any, low: str, high: str, level: str = "95", **cells: Any) -> None:
    """Limits of the mean."""
    book.say("ci_lb", low, ci_level=level, **cells)
    book.say("ci_ub", high, ci_level=level, **cells)


def test_sd_from_a_standard_error(book: Any) -> None:
    mean(book)
    book.say("se", "0.5")
    cell = book.cell("sd")
    assert cell.value == 2.0  # 0.5 √16
    assert (cell.status, cell.rule, cell.text) == ("derived", "sd-from-se", "2")
    assert cell.reason == "0.5 × √16"
    assert cell.extractions == ("e1", "e3", "e2")


def test_sd_from_the_interval_of_a_mean(book: Any) -> None:
    mean(book)
    interval(book, "1.0", "3.0")
    cell = book.cell("sd")
    # t(0.975, 15) = 2.131450 (Student's table): 4 × 2 ÷ (2 × 2.131450)
    assert cell.value == pytest.approx(4 / 2.131450, rel=1e-6)
    assert (cell.status, cell.rule) == ("derived", "sd-from-interval")
    assert cell.reason == "√16 × (3.0 − 1.0) / (2 × 2.1314), t on 15 df"
    assert cell.extractions == ("e1", "e3", "e4", "e2")


def test_the_level_of_the_interval_counts(book: Any) -> None:
    mean(book)
    interval(book, "1.0", "3.0", "90")
    # t(0.95, 15) = 1.753050 (Student's table)
    assert book.cell("sd").value == pytest.approx(4 / 1.753050, rel=1e-6)


def test_the_standard_error_comes_before_the_interval(book: Any) -> None:
    mean(book)
    interval(book, "1.0", "3.0")
    book.say("se", "0.5")
    assert book.cell("sd").rule == "sd-from-se"


def test_a_printed_sd_stays(book: Any) -> None:
    mean(book)
    book.say("se", "0.5")
    book.say("sd", "3")
    assert (book.value("sd"), book.cell("sd").status) == (3, "reported")


@pytest.mark.parametrize(("low", "derived"), [("0.8", True), ("0.7", False), ("1.1", True)])
def test_the_midpoint_is_the_mean_within_rounding(book: Any, low: str, derived: bool) -> None:
    """Off by at most 0.05 (the mean) and 0.05 (the limits)."""
    mean(book)
    interval(book, low, "2.9" if low == "1.1" else "3.0")
    assert (book.cell("sd") is not None) == derived
    assert book.rules() == ([] if derived else ["interval-off-centre"])


def test_an_interval_off_centre_is_a_finding(book: Any) -> None:
    mean(book, "0.4")
    interval(book, "-2.3", "3.5")
    assert book.cell("sd") is None
    (found,) = book.evidence().findings
    assert found.verdict == "not reproducible"
    assert "0.4 (-2.3 to 3.5): the midpoint is 0.6, not the mean" in found.message
    assert found.extractions == ("e1", "e3", "e4")


def test_limits_in_the_wrong_order_are_a_finding(book: Any) -> None:
    mean(book)
    interval(book, "3.0", "1.0")
    assert book.cell("sd") is None
    assert book.rules() == ["interval-order"]


@pytest.mark.parametrize("n", ["1", ">16", "0"])
def test_no_spread_without_an_n_of_two_or_more(book: Any, n: str) -> None:
    mean(book, n=n)
    book.say("se", "0.5")
    assert book.cell("sd") is None


def test_an_n_of_two_will_do(book: Any) -> None:
    mean(book, n="2")
    book.say("se", "0.5")
    assert book.value("sd") == pytest.approx(math.sqrt(2) / 2)


@pytest.mark.parametrize(("low", "high"), [("1.0", None), (None, "3.0")])
def test_both_limits_are_needed(book: Any, low: str | None, high: str | None) -> None:
    mean(book)
    if low:
        book.say("ci_lb", low, ci_level="95")
    if high:
        book.say("ci_ub", high, ci_level="95")
    assert book.cell("sd") is None


def test_bounds_are_no_limits(book: Any) -> None:
    mean(book)
    interval(book, ">1.0", "3.0")
    assert book.cell("sd") is None


def test_bounds_are_no_standard_errors(book: Any) -> None:
    mean(book)
    book.say("se", "<0.5")
    assert book.cell("sd") is None


def test_a_mean_that_is_a_bound_has_no_sd(book: Any) -> None:
    mean(book, ">2.0")
    book.say("se", "0.5")
    assert book.cell("sd") is None


def test_the_spread_of_another_value_type_is_not_taken(book: Any) -> None:
    book.say("mean", "2.0", value_type="baseline")
    book.say("mean", "3.0", value_type="final")
    book.say("n", "16")
    book.say("se", "0.5", value_type="final")
    (made,) = [cell for cell in book.evidence().cells if cell.key.field == "sd"]
    assert made.key.value_type == "final"


def test_means_of_comparisons_and_studies_have_no_sd(book: Any) -> None:
    book.arm("a", "b")
    book.comparison("a_b", "a", "b")
    for arm in ("a_b", ""):
        book.say("mean", "2.0", arm)
        book.say("se", "0.5", arm)
        book.say("n", "16", arm)
    assert not [cell for cell in book.evidence().cells if cell.key.field == "sd"]


def test_an_assumed_n_makes_an_assumed_sd(book: Any) -> None:
    book.say("mean", "2.0")
    book.say("se", "0.5")
    book.assume("sixteen", "n", "16")
    cell = book.cell("sd", accept="sixteen")
    assert (cell.value, cell.status, cell.assumptions) == (2.0, "assumed", ("sixteen",))


def test_a_printed_reduction_is_an_outcome_of_its_own(book: Any) -> None:
    book.say("mean", "8", value_type="baseline")
    book.say("mean", "5", value_type="final")
    assert {cell.key.field for cell in book.evidence().cells} == {"mean"}
    assert not [c for c in book.evidence().cells if c.key.value_type == "change"]
