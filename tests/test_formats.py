from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn import formats

FINITE = st.floats(-1e9, 1e9)


@given(FINITE, st.integers(0, 6))
def test_decimals_are_never_further_off_than_half_a_unit(value, digits):
    printed = formats.decimals(value, digits).replace("−", "-")
    assert abs(Decimal(printed) - Decimal(repr(value))) <= Decimal(5).scaleb(-digits - 1)


@given(FINITE, st.integers(0, 6))
def test_sign_goes_with_the_value_and_nought_has_none(value, digits):
    printed = formats.decimals(value, digits)
    assert printed.startswith("−") == (float(printed.replace("−", "-")) < 0)


@pytest.mark.parametrize(
    ("value", "digits", "printed"),
    [
        (0.5, 0, "1"), (1.5, 0, "2"), (2.5, 0, "3"), (-2.5, 0, "−3"), (1.005, 2, "1.01"),
        (2.675, 2, "2.68"), (-0.004, 2, "0.00"), (None, 2, "–"), (math.nan, 2, "–"),
        (math.inf, 2, "∞"), (-math.inf, 2, "−∞"),
    ],
)  # fmt: skip
def test_half_goes_away_from_nought(value, digits, printed):
    assert formats.decimals(value, digits) == printed


@pytest.mark.parametrize(
    ("p", "printed"),
    [
        (0.0, "<0.001"), (0.00099, "<0.001"), (0.001, "0.001"), (0.0494, "0.049"),
        (0.0994, "0.099"), (0.0996, "0.10"), (0.141, "0.14"), (0.99, "0.99"), (0.991, ">0.99"),
        (1.0, ">0.99"), (None, "–"), (math.nan, "–"),
    ],
)  # fmt: skip
def test_p_values(p, printed):
    assert formats.p_value(p) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0, "0.00"), (1.8, "1.80"), (-1.8, "−1.80"), (9.994, "9.99"), (9.996, "10.0"),
        (99.96, "100"), (12345.6, "12346"), (0.0996, "0.10"), (0.0345, "0.035"),
        (0.00012, "0.00012"), (0.00000012, "0.0000"), (None, "–"), (math.inf, "∞"),
    ],
)  # fmt: skip
def test_ratios_keep_the_digits_that_matter(value, printed):
    assert formats.ratio(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(0, "0"), (9999, "9999"), (10000, "10,000"), (-1234567, "−1,234,567"), (None, "–")],
)
def test_whole_numbers(value, printed):
    assert formats.whole(value) == printed


@pytest.mark.parametrize(
    ("proportion", "digits", "printed"),
    [(2 / 3, 0, "67%"), (0.125, 0, "13%"), (0.005, 0, "1%"), (1.0, 1, "100.0%"), (None, 0, "–")],
)
def test_percentages(proportion, digits, printed):
    assert formats.percent(proportion, digits) == printed


def test_significant_digits_never_cut_the_whole_part():
    assert formats.significant(1234.5, 2) == "1235"
    assert formats.significant(0.0) == "0.00"
    assert formats.significant(math.nan) == "–"


def test_intervals_use_to():
    assert formats.interval(-0.5, math.inf, 1) == "−0.5 to ∞"


@given(FINITE)
def test_compact_value_is_the_value_to_twelve_digits(value):
    assert float(formats.compact(value)) == pytest.approx(value, rel=1e-11, abs=1e-300)


@pytest.mark.parametrize(
    ("label", "within"),
    [
        ("Microneedling", "microneedling"), ("Non-ablative laser", "non-ablative laser"),
        ("PRP alone", "PRP alone"), ("CO2 laser", "CO2 laser"), ("SkinPen", "SkinPen"),
        ("Er:YAG laser", "Er:YAG laser"), ("A", "A"), ("", ""), ("35 % peel", "35 % peel"),
    ],
)  # fmt: skip
def test_labels_within_a_sentence(label, within):
    assert formats.lowered(label) == within


def test_settings_as_text():
    assert formats.setting("") == "none"
    assert formats.setting([]) == "none"
    assert formats.setting(("a", "b")) == "a, b"


def test_plural_agrees():
    assert [formats.plural(count, "row") for count in (0, 1, 2)] == ["rows", "row", "rows"]


def test_what_is_too_large_to_write_out_has_a_power():
    assert formats.decimals(-1e300, 2) == "\N{MINUS SIGN}1.00e300"
    assert formats.whole(1e27) == "1.00e27"
    assert formats.ratio(1e200) == formats.significant(1e200) == "1.00e200"
    assert formats.percent(1e27) == "1.00e29%"
