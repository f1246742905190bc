from __future__ import annotations

from decimal import Decimal

import pytest

from evsyn.tables.printed import number_words, occurs_in, read_printed


@pytest.mark.parametrize(
    ("printed", "field", "value", "relation", "exact"),
    [
        ("93.3", "percent", "93.3", "", False),
        ("93.3%", "percent", "93.3", "", False),
        ("93.3 %", "percent", "93.3", "", False),
        (" 40 ", "events", "40", "", False),
        ("90.0", "percent", "90.0", "", False),
        (".05", "p", "0.05", "", False),
        ("5.", "mean", "5", "", False),
        ("+0.4", "mean_diff", "0.4", "", False),
        ("-0.01", "ci_lb", "-0.01", "", False),
        ("−0.44", "ci_lb", "-0.44", "", False),  # minus sign
        ("–0.44", "ci_lb", "-0.44", "", False),  # en dash
        ("1,845", "n_enrolled", "1845", "", False),
        ("1,234,567", "n", "1234567", "", False),
        ("<0.001", "p", "0.001", "<", False),
        ("< .001", "p", "0.001", "<", False),
        ("<=5", "mean", "5", "≤", False),
        ("≤ 5", "mean", "5", "≤", False),
        (">80", "percent", "80", ">", False),
        (">=2", "sessions", "2", "≥", False),
        ("≥2", "sessions", "2", "≥", False),
        ("~50", "percent", "50", "about", False),
        ("about 50%", "percent", "50", "about", False),
        ("About 50", "percent", "50", "about", False),
        ("seven", "events", "7", "", True),
        ("Twenty-two", "n_enrolled", "22", "", True),
        ("twenty two", "n_enrolled", "22", "", True),
        ("ninety-nine", "n", "99", "", True),
        ("one hundred", "n", "100", "", True),
        ("three hundred", "n", "300", "", True),
        ("hundred", "n", "100", "", True),
        ("none", "events", "0", "", True),
        ("No", "events", "0", "", True),
        ("nil", "events", "0", "", True),
        ("zero", "events", "0", "", True),
        ("none", "percent", "0", "", True),
        ("All", "percent", "100", "", True),
        ("half", "percent", "50", "", True),
        ("all", "percent_unclear", "100", "", True),
        ("single", "sessions", "1", "", True),
        ("once", "sessions", "1", "", True),
        ("twice", "sessions", "2", "", True),
        ("> seven", "events", "7", ">", True),
    ],
)
def test_printed_values_are_read(
    printed: str, field: str, value: str, relation: str, exact: bool
) -> None:
    read = read_printed(printed, field)
    assert read is not None
    assert (str(read.value.normalize()), read.relation, read.exact) == (
        str(Decimal(value).normalize()),
        relation,
        exact,
    )


@pytest.mark.parametrize(
    ("printed", "field"),
    [
        ("All", "events"),  # a word of shares only
        ("half", "n"),
        ("7 of 16", "events"),
        ("two or three", "events"),
        ("six to eight", "sessions"),
        ("seven patients", "events"),
        ("", "n"),
        ("-", "mean"),
        ("12,34", "n"),
        ("1.2.3", "mean"),
        ("3-5", "sessions"),
        ("2 hundred five", "n"),
        ("many", "events"),
        ("2015", "cleared_on"),
        ("seven", "statement"),
        ("random", "allocation"),
    ],
)
def test_what_is_no_single_number_is_none(printed: str, field: str) -> None:
    assert read_printed(printed, field) is None


@pytest.mark.parametrize(
    ("printed", "half"),
    [
        ("90", "0.5"),
        ("90.0", "0.05"),
        ("86.67", "0.005"),
        ("0.001", "0.0005"),
        ("100", "0.5"),
        ("all", "0"),
        ("none", "0"),
    ],
)
def test_half_a_unit_of_the_last_decimal(printed: str, half: str) -> None:
    read = read_printed(printed, "percent")
    assert read is not None
    assert read.half == Decimal(half)


def test_decimals_printed_are_kept_apart() -> None:
    """90 and 90.0 are equal as numbers, not as what was printed; a cache must not mix them."""
    coarse, fine = read_printed("90", "percent"), read_printed("90.0", "percent")
    assert coarse is not None and fine is not None
    assert (coarse.half, fine.half) == (Decimal("0.5"), Decimal("0.05"))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Twenty-two of one hundred, none lost", [22, 100, 0]),
        ("twenty twenty-one thirteen", [20, 21, 13]),
        ("two hundred and five", [200, 5]),
        ("ten hundred", [10, 100]),
        ("twenty ten", [20, 10]),
        ("twenty zero", [20, 0]),
        ("someone oneself", []),
        ("", []),
    ],
)
def test_number_words(text: str, found: list[int]) -> None:
    assert number_words(text) == found


@pytest.mark.parametrize(
    ("quote", "printed", "field"),
    [
        ("noted in seven (43.8%) patients", "7", "events"),
        ("noted in seven (43.8%) patients", "43.8", "percent"),
        ("noted in 7 patients", "seven", "events"),
        ("Forty patients", "40", "n_enrolled"),
        ("of 1,845 patients", "1845", "n"),
        ("of 1845 patients", "1,845", "n"),
        ("All patients improved", "all", "percent"),
        ("half improved", "Half", "percent"),
        ("no adverse events", "0", "participants_with_event"),
        ("from −1.4 to 3.4", "-1.4", "ci_lb"),
        ("(95% CI 0.2-6.5)", "6.5", "ci_ub"),
        ("(95% CI 0.2–6.5)", "6.5", "ci_ub"),
        ("(95% CI, -0.12-0.73)", "-0.12", "ci_lb"),
        ("P<.001", "<0.001", "p"),
        ("90.0%", "90", "percent"),
        ("were randomly\n  divided", "randomly divided", "allocation"),
        ("Cleared for neck use", "neck", "indication"),
    ],
)
def test_a_quote_holds_what_is_printed(quote: str, printed: str, field: str) -> None:
    assert occurs_in(quote, printed, field)


@pytest.mark.parametrize(
    ("quote", "printed", "field"),
    [
        ("noted in seven (43.8%) patients", "43.9", "percent"),
        ("noted in seventeen patients", "7", "events"),
        ("noted in 17 patients", "7", "events"),
        ("noted in 7.5 patients", "7", "events"),
        ("all patients", "100", "percent"),
        ("overall", "all", "percent"),
        ("a net gain of 0.4", "-0.4", "mean"),
        ("cleared for necks", "neck", "indication"),
        ("twenty-two", "20", "n"),
        ("", "7", "events"),
    ],
)
def test_a_quote_without_it_is_seen(quote: str, printed: str, field: str) -> None:
    assert not occurs_in(quote, printed, field)
