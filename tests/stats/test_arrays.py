"""Checks, broadcasting and root finding that all statistics share."""

from __future__ import annotations

import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from evsyn.errors import StatsError
from evsyn.stats._arrays import (
    Intervals,
    TestResult,
    arm_counts,
    broadcast_counts,
    checked_level,
    chosen,
    find_root,
    float_array,
    normal_quantile,
    reasons,
    unwrapped,
)


def test_events_above_total_name_the_study_and_both_numbers():
    with pytest.raises(StatsError) as caught:
        arm_counts(events_e=5, n_e=4)
    assert str(caught.value) == "study 0: events_e=5 lies outside 0..4 (the arm's total)"


def test_first_fault_is_named_and_the_others_counted():
    with pytest.raises(StatsError) as caught:
        arm_counts(events_e=[1, 5, 6, 7], n_e=4)
    assert str(caught.value) == (
        "study 1: events_e=5 lies outside 0..4 (the arm's total) (and 2 more)"
    )


def test_one_other_fault_is_counted_too():
    with pytest.raises(StatsError, match=r"whole numbers, 0 or more \(and 1 more\)$"):
        broadcast_counts(n=[-1, 2, 0.5])


def test_second_arm_is_checked_by_its_own_name():
    with pytest.raises(StatsError, match=r"^study 1: events_c=3 lies outside 0\.\.2"):
        arm_counts(events_e=1, n_e=9, events_c=[2, 3], n_c=2)


def test_position_in_two_dimensions():
    with pytest.raises(StatsError, match=r"^study \(1, 0\): n=-1 is no count"):
        broadcast_counts(n=[[1, 2], [-1, 3]])


@pytest.mark.parametrize("value", [-1, 0.5, math.inf, -math.inf])
def test_what_is_no_count_is_refused(value):
    with pytest.raises(StatsError, match=r"is no count; give whole numbers, 0 or more$"):
        broadcast_counts(events=[1, value])


def test_missing_counts_pass():
    events, n = arm_counts(events=[1, np.nan, None], n=[np.nan, 3, 3])
    np.testing.assert_array_equal(events, [1, np.nan, np.nan])
    np.testing.assert_array_equal(n, [np.nan, 3, 3])


def test_zero_counts_pass_and_are_broadcast():
    events, n = arm_counts(events=0, n=[0, 5])
    np.testing.assert_array_equal(events, [0, 0])
    np.testing.assert_array_equal(n, [0, 5])
    events[0] = 7  # a copy, not a view that repeats one number
    assert events[1] == 0


def test_shapes_that_do_not_fit_are_listed():
    with pytest.raises(StatsError, match=r"do not fit each other: events \(2,\), n \(3,\)"):
        arm_counts(events=[1, 2], n=[3, 4, 5])


def test_words_are_not_numbers():
    with pytest.raises(StatsError, match=r"^events='seven' is not an array of numbers"):
        float_array("events", "seven")


@pytest.mark.parametrize(
    "value",
    [
        np.ma.array([7, 0.2], mask=[True, False], dtype=object),
        np.ma.array([10**400, 0.2], mask=[True, False], dtype=object),
        np.ma.array([7, 0.2], mask=[True, False]),
        [np.ma.masked, 0.2],
        (None, np.float64(0.2)),
        [pd.NA, 0.2],
        [pd.NaT, 0.2],
        pd.Series([pd.NA, 0.2], dtype="Float64"),
        pd.Series([None, 0.2], dtype=object),
        [None, Decimal("0.2")],
    ],
)
def test_what_stands_for_a_missing_value(value):
    found = float_array("yi", value)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [np.nan, 0.2])


def test_masked_values_in_nested_lists_and_alone_are_missing():
    np.testing.assert_array_equal(
        float_array("yi", [[np.ma.masked, 1], (2, 3)]), [[np.nan, 1], [2, 3]]
    )
    assert np.isnan(float_array("yi", np.ma.masked))


@pytest.mark.skipif(np.finfo(np.longdouble).max == np.finfo(float).max, reason="no long doubles")
def test_long_doubles_beyond_floats_are_infinite():
    np.testing.assert_array_equal(
        float_array("yi", np.array(["1e4000", "0.5"], dtype=np.longdouble)), [np.inf, 0.5]
    )


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([0.1, 10**400], "study 1: 1000000000000000"),
        ([0.1, 10**5000], "yi=list is not an array of numbers: study 1: int is too large"),
        ([1, 2j], "study 1: 2j is none"),
        (np.array([1, 2j]), r"study 0: \(1\+0j\) is none"),
        (pd.Series(["0.1", "b"]), "^yi is not an array of numbers: study 0: '0.1' is none$"),
        (pd.DataFrame({"a": [1, "x"]}), r"^yi is not an array of numbers: study \(1, 0\): 'x' is"),
        ([np.datetime64("2020")], "study 0: .* is none"),
        ([1, [2]], "is not an array of numbers: .*inhomogeneous"),
        ({"a": 1}, "^yi={'a': 1} is not an array of numbers: {'a': 1} is none$"),
    ],
)
def test_the_first_that_is_no_number_is_named(value, words):
    with pytest.raises(StatsError, match=words) as caught:
        float_array("yi", value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("level", [0, 1, -0.1, 1.5, math.nan, math.inf])
def test_level_outside_the_open_interval(level):
    with pytest.raises(StatsError, match=r"lies outside 0\.\.1, ends excluded"):
        checked_level(level)


def test_level_in_percent_gets_a_hint():
    with pytest.raises(StatsError, match=r"95 % is level=0\.95$"):
        checked_level(95)
    with pytest.raises(StatsError, match=r"ends excluded$"):
        checked_level(100)


def test_level_that_is_no_number():
    with pytest.raises(StatsError, match="level='high' is no number"):
        checked_level("high")
    assert checked_level("0.9") == 0.9


@pytest.mark.parametrize(
    ("name", "value", "options", "hint"),
    [
        ("measure", "rr", ("OR", "RR"), ' (did you mean "RR"?)'),
        ("method", "reml", ("ML", "REML"), ' (did you mean "REML"?)'),
        ("method", "Rem", ("ML", "REML"), ""),
        ("method", "HKSJ", ("SJ", "REML"), ' (Hartung-Knapp is test="knha")'),
        ("method", "knha", ("SJ", "REML"), ' (Hartung-Knapp is test="knha")'),
        ("test", "HKSJ", ("z", "knha"), ' (did you mean "knha"?)'),
        ("method", "hksj", ("wald", "wilson"), ""),
    ],
)
def test_what_was_probably_meant(name, value, options, hint):
    with pytest.raises(StatsError) as caught:
        chosen(name, value, options)
    assert str(caught.value).endswith(f"use one of {', '.join(options)}{hint}")


def test_unknown_name_lists_those_allowed():
    with pytest.raises(StatsError) as caught:
        chosen("method", "wilsom", ("wald", "wilson"))
    assert str(caught.value) == (
        "method='wilsom' is unknown; use one of wald, wilson (did you mean \"wilson\"?)"
    )
    with pytest.raises(StatsError, match=r"^method=3 is unknown; use one of wald, wilson$"):
        chosen("method", 3, ("wald", "wilson"))


def test_normal_quantile():
    assert normal_quantile(0.95) == pytest.approx(1.959963984540054, rel=1e-14)
    assert normal_quantile(0.5) == pytest.approx(0.6744897501960817, rel=1e-14)


def test_reasons_take_the_first_that_holds():
    first, second = np.array([True, False, False]), np.array([True, True, False])
    np.testing.assert_array_equal(reasons((3,), (first, "a"), (second, "b")), ["a", "b", ""])


def test_scalars_are_unwrapped_and_arrays_kept():
    assert isinstance(unwrapped(np.array(0.5)), float)
    assert unwrapped(np.array([0.5])).shape == (1,)


def test_root_of_each_bracket():
    target = np.array([[2.0, 9.0, 1e-8], [1e8, 0.25, 1.0]])
    root = find_root(lambda x, c: x * x - c, 0.0, 1e6, target)
    np.testing.assert_allclose(root, np.sqrt(target), rtol=1e-14)


def test_root_at_an_end_and_none_at_all():
    root = find_root(lambda x, c: x - c, 0.0, 1.0, [0.0, 1.0, 2.0, -1.0, np.nan])
    np.testing.assert_array_equal(root, [0.0, 1.0, np.nan, np.nan, np.nan])


def test_root_next_to_a_pole_and_of_a_jump():
    pole = find_root(lambda x, c: 1 / (1 - x) - c, 0.0, 1.0, [2.0, 1e6])
    np.testing.assert_allclose(pole, [0.5, 1 - 1e-6], rtol=1e-12)
    jump = find_root(lambda x: np.where(x < 0.3, -1.0, 1.0), 0.0, 1.0)
    assert float(jump) == pytest.approx(0.3, rel=1e-14)


def test_root_far_from_a_straight_line():
    root = find_root(lambda x, c: np.expm1(40 * x) - c, -1.0, 1.0, [0.5, 1e10])
    np.testing.assert_allclose(root, np.log1p([0.5, 1e10]) / 40, rtol=1e-13)


def test_few_steps_are_needed():
    calls = []

    def counted(x, c):
        calls.append(x.size)
        return np.exp(x) - c

    find_root(counted, 0.0, 10.0, np.linspace(2.0, 1000.0, 50))
    assert len(calls) < 30


def test_results_are_frozen():
    interval = Intervals(*np.zeros((3, 1)), "wald", 0.95, np.array([""], dtype=object))
    result = TestResult(np.zeros(1), np.zeros(1), "score", np.array([""], dtype=object))
    with pytest.raises(AttributeError):
        interval.level = 0.9
    with pytest.raises(AttributeError):
        result.method = "n-1"
    assert interval.corrected is False
