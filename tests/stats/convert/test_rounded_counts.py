"""Counts behind printed percentages, against every count tried."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.stats.convert.rounded_counts import counts_from_percentage


def tried(last, decimals, n):
    """Counts whose exact percentage lies within half a unit of the last digit."""
    unit = Fraction(1, 10**decimals)
    return [k for k in range(n + 1) if abs(Fraction(100 * k, n) - last * unit) <= unit / 2]


@given(st.integers(1, 400), st.integers(0, 3), st.data())
def test_every_count_tried(n, decimals, data):
    last = data.draw(st.integers(0, 100 * 10**decimals))
    whole, rest = divmod(last, 10**decimals)
    printed = f"{whole}.{rest:0{decimals}d}" if decimals else f"{whole}"
    found, expected = counts_from_percentage(printed, n), tried(last, decimals, n)
    assert found.candidates == len(expected)
    if expected:
        assert (found.lowest, found.highest) == (expected[0], expected[-1])
    else:
        assert np.isnan([found.lowest, found.highest, found.events]).all()
        assert found.reason == "no count out of n is printed as this percentage"
    if len(expected) == 1:
        assert found.events == expected[0]
        assert found.reason == ""
    number = counts_from_percentage(last / 10**decimals, n, decimals=decimals)
    np.testing.assert_array_equal(number.lowest, found.lowest)
    np.testing.assert_array_equal(number.highest, found.highest)


@given(st.integers(1, 2000), st.data())
def test_the_count_itself_is_among_them(n, data):
    k = data.draw(st.integers(0, n))
    found = counts_from_percentage(f"{100 * k / n:.1f}", n)
    assert found.lowest <= k <= found.highest
    assert abs(found.nearest - k) <= max(1, n / 1000)


def test_text_keeps_its_decimals():
    found = counts_from_percentage(["43", "43.0", "43.75 %", "43,8"], 16)
    np.testing.assert_array_equal(found.decimals, [0, 1, 2, 1])
    np.testing.assert_array_equal(found.events, [np.nan, np.nan, 7, 7])
    assert found.nearest[0] == 7


def test_halves_may_be_rounded_either_way():
    # 1 of 8 is 12.5 %: printed 13, or 12 by rounding halves to even.
    assert counts_from_percentage("13", 8).events == 1
    assert counts_from_percentage("12", 8).events == 1


def test_large_numbers_are_exact():
    n = 10**12
    found = counts_from_percentage("33.333333", n)
    assert (found.lowest, found.highest) == (333_333_325_000, 333_333_335_000)
    assert found.candidates == 10_001


def test_missing_and_nobody():
    found = counts_from_percentage(["", "50", "50"], [10, np.nan, 0])
    assert np.isnan(found.events).all()
    assert list(found.reason[1:]) == [
        "the percentage, its decimals or n are missing",
        "no participants",
    ]
    several = counts_from_percentage("12", 250)
    assert several.reason == "3 counts (29 to 31) are printed alike"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: counts_from_percentage(["50", "x"], 10), "study 1: percentage='x' is no perc"),
        (lambda: counts_from_percentage("-5", 10), "percentage='-5' is no percentage"),
        (lambda: counts_from_percentage(50, 10), "decimals are missing"),
        (lambda: counts_from_percentage("50", 10, decimals=0), "leave decimals out"),
        (lambda: counts_from_percentage("101", 10), "percentage=101 lies outside 0..100"),
        (lambda: counts_from_percentage(43.75, 10, decimals=1), "has more than 1 decimals"),
        (lambda: counts_from_percentage(43.0, 10, decimals=7), "decimals=7 lies outside 0..6"),
        (lambda: counts_from_percentage(43.0, 10, decimals=0.5), "no whole number"),
        (lambda: counts_from_percentage("43", 10.5), "n=10.5 is no count"),
        (lambda: counts_from_percentage("43", 1e13), "above 1e\\+12"),
        (lambda: counts_from_percentage(["43", "44"], [1, 2, 3]), "shapes do not fit"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
