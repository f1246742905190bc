"""Tests of two proportions, against R, against one another and against the intervals."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.literals import TwoArmTest, choices
from evsyn.stats.two_proportion_interval import two_proportion_interval
from evsyn.stats.two_proportion_test import two_proportion_test

CLOSED = 1e-8  # relative; sums and closed forms

ROWS = [
    row
    for row in json.loads(
        (Path(__file__).parents[1] / "reference" / "two_proportions.json").read_text(
            encoding="utf-8"
        )
    )["rows"]
    if row["level"] == 0.95
]
COUNTS = tuple([row[name] for row in ROWS] for name in ("x1", "n1", "x2", "n2"))


def column(key):
    values = (row["tests"][key] for row in ROWS)
    return np.array([math.nan if value is None else float(value) for value in values])


@pytest.mark.parametrize(
    ("method", "p_value", "statistic"),
    [
        ("fisher", "fisher", None),
        ("fisher-mid-p", "fisher_midp", None),
        ("chi-square", "chisq_p", "chisq"),
        ("yates", "yates_p", "yates"),
        ("n-1", "n1_p", "n1_chisq"),
    ],
)
def test_every_row_of_the_reference(method, p_value, statistic):
    found = two_proportion_test(*COUNTS, method=method)
    np.testing.assert_allclose(found.p_value, column(p_value), rtol=CLOSED)
    if statistic:
        np.testing.assert_allclose(found.statistic, column(statistic), rtol=CLOSED)
    else:
        assert np.isnan(found.statistic).all()
    np.testing.assert_array_equal([bool(text) for text in found.reason], np.isnan(found.p_value))
    assert found.method == method


def test_score_is_the_n_minus_1_test_with_a_sign():
    found = two_proportion_test(*COUNTS)
    assert found.method == "score"
    np.testing.assert_allclose(found.p_value, column("n1_p"), rtol=CLOSED)
    np.testing.assert_allclose(found.statistic**2, column("n1_chisq"), rtol=CLOSED)
    difference = np.array(COUNTS[0]) / COUNTS[1] - np.array(COUNTS[2]) / COUNTS[3]
    known = ~np.isnan(found.p_value)
    np.testing.assert_array_equal(np.sign(found.statistic[known]), np.sign(difference[known]))


@pytest.mark.parametrize(
    ("method", "p_value"),
    [
        ("fisher", 0.0138),
        ("chi-square", 0.0058),
        ("yates", 0.0157),
        ("barnard", 0.0066),
        ("boschloo", 0.0066),
    ],
)
def test_worked_example_18_of_20_against_10_of_20(method, p_value):
    assert round(two_proportion_test(18, 20, 10, 20, method=method).p_value, 4) == p_value


def test_nine_and_five_of_ten():
    assert round(two_proportion_test(9, 10, 5, 10, method="fisher").p_value, 3) == 0.141


def test_barnard_counts_ties_as_equal():
    found = two_proportion_test(7, 8, 3, 14, method="barnard")
    assert round(found.p_value, 5) == 0.00272
    pearson = two_proportion_test(7, 8, 3, 14, method="chi-square").statistic
    assert found.statistic == pytest.approx(math.sqrt(pearson), rel=1e-14)


@pytest.mark.parametrize("method", ["chi-square", "yates", "n-1", "score"])
def test_same_outcome_for_all_is_undefined_for_chi_square(method):
    found = two_proportion_test([0, 5, 1], 5, [0, 6, 1], 6, method=method)
    np.testing.assert_array_equal(np.isnan(found.p_value), [True, True, False])
    np.testing.assert_array_equal(np.isnan(found.statistic), [True, True, False])
    text = "all participants have the same outcome, the statistic is 0/0"
    assert list(found.reason) == [text, text, ""]


@pytest.mark.parametrize(
    ("method", "p_value"), [("fisher", 1), ("fisher-mid-p", 0.5), ("barnard", 1), ("boschloo", 1)]
)
def test_same_outcome_for_all_says_nothing_to_exact_tests(method, p_value):
    found = two_proportion_test([0, 5], 5, [0, 6], 6, method=method)
    np.testing.assert_allclose(found.p_value, p_value, rtol=1e-12)
    assert list(found.reason) == ["", ""]


@pytest.mark.parametrize("method", choices(TwoArmTest))
def test_nobody_and_nothing_known(method):
    found = two_proportion_test([1, 0, np.nan], [4, 0, 4], [2, 2, 2], 4, method=method)
    assert list(found.reason) == ["", "no participants in an arm", "a count is missing"]
    np.testing.assert_array_equal(np.isnan(found.p_value), [False, True, True])


@pytest.mark.parametrize("method", choices(TwoArmTest))
def test_arrays_equal_scalars_and_keep_their_shape(method):
    x_e = np.array([[0, 3], [9, 10]])
    found = two_proportion_test(x_e, 10, [2, 11], 12, method=method)
    assert found.p_value.shape == found.statistic.shape == found.reason.shape == (2, 2)
    for row in range(2):
        for at, x_c in enumerate((2, 11)):
            one = two_proportion_test(x_e[row, at], 10, x_c, 12, method=method)
            assert isinstance(one.p_value, float)
            assert one.p_value == pytest.approx(found.p_value[row, at], rel=1e-13)


def test_tables_too_large_for_unconditional_tests_say_so():
    for method in ("barnard", "boschloo"):
        found = two_proportion_test([1, 505], [4, 88391], [2, 499], [4, 88391], method=method)
        assert math.isnan(found.p_value[1])
        assert found.p_value[0] > 0
        assert list(found.reason) == [
            "",
            f"arms too large for {method}: their product exceeds 4e+07",
        ]
    assert two_proportion_test(505, 88391, 499, 88391, method="fisher").reason == ""


@pytest.mark.parametrize(
    ("test", "measure", "interval", "null"),
    [
        ("score", "RD", "miettinen-nurminen", 0),
        ("score", "RR", "miettinen-nurminen", 1),
        ("score", "OR", "miettinen-nurminen", 1),
        ("chi-square", "RD", "mee", 0),
        ("chi-square", "RR", "koopman", 1),
    ],
)
def test_test_and_interval_agree(test, measure, interval, null):
    x_e, x_c = (grid.ravel() for grid in np.meshgrid(np.arange(13), np.arange(18)))
    p_value = two_proportion_test(x_e, 12, x_c, 17, method=test).p_value
    known = ~np.isnan(p_value)
    limits = two_proportion_interval(x_e, 12, x_c, 17, measure=measure, method=interval)
    excluded = (limits.ci_lb > null) | (limits.ci_ub < null)
    np.testing.assert_array_equal(excluded[known], (p_value < 0.05)[known])
    assert excluded.any()
    assert not excluded.all()


def test_faults_of_the_arguments():
    with pytest.raises(StatsError, match="method='chi2' is unknown; use one of fisher"):
        two_proportion_test(1, 4, 2, 4, method="chi2")
    with pytest.raises(StatsError, match=r"^study 0: events_e=9 lies outside 0\.\.4"):
        two_proportion_test(9, 4, 2, 4)
