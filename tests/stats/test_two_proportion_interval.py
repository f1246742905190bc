"""Intervals for RD, RR and OR of independent arms, against R and against definitions."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.two_proportion_interval import two_proportion_interval

# Closed forms agree to rounding; score limits were found by iteration in R too.
CLOSED, ITERATED = 1e-8, 1e-7

ROWS = json.loads(
    (Path(__file__).parents[1] / "reference" / "two_proportions.json").read_text(encoding="utf-8")
)["rows"]
COUNTS = ("x1", "n1", "x2", "n2")

# measure, key in R, method, amount added to tables with an empty cell
CASES = [
    ("RD", "wald", "wald", 0.0),
    ("RD", "newcombe", "newcombe", 0.0),
    ("RD", "miettinen_nurminen", "miettinen-nurminen", 0.0),
    ("RD", "mee", "mee", 0.0),
    ("RR", "katz", "katz", 0.0),
    ("RR", "katz_half", "katz", 0.5),
    ("RR", "koopman", "koopman", 0.0),
    ("RR", "miettinen_nurminen", "miettinen-nurminen", 0.0),
    ("OR", "woolf", "woolf", 0.0),
    ("OR", "woolf_half", "woolf", 0.5),
    ("OR", "miettinen_nurminen", "miettinen-nurminen", 0.0),
]


def number(value):
    return math.nan if value is None else float(value)


@pytest.mark.parametrize(("measure", "key", "method", "add"), CASES)
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_every_row_of_the_reference(measure, key, method, add, level):
    rows = [row for row in ROWS if row["level"] == level]
    assert len(rows) >= 12
    counts = ([row[name] for row in rows] for name in COUNTS)
    found = two_proportion_interval(*counts, measure=measure, method=method, level=level, add=add)
    values = [row[measure.lower()] for row in rows]
    expected = np.array([[number(limit) for limit in value[key]] for value in values])
    tolerance = CLOSED if method in ("wald", "newcombe", "katz", "woolf") else ITERATED
    np.testing.assert_allclose(found.ci_lb, expected[:, 0], rtol=tolerance)
    np.testing.assert_allclose(found.ci_ub, expected[:, 1], rtol=tolerance)
    if not add:
        estimates = [number(value["estimate"]) for value in values]
        np.testing.assert_allclose(found.estimate, estimates, rtol=CLOSED)
    assert (found.method, found.level) == (method, level)
    undefined = np.isnan(expected[:, 0]) | np.isnan(found.estimate)
    np.testing.assert_array_equal([bool(text) for text in found.reason], undefined)


@pytest.mark.parametrize("measure", ["RD", "RR", "OR"])
def test_default_is_miettinen_nurminen_at_95_percent(measure):
    found = two_proportion_interval(7, 34, 1, 34, measure=measure)
    same = two_proportion_interval(
        7, 34, 1, 34, measure=measure, method="miettinen-nurminen", level=0.95
    )
    assert found == same
    assert found.method == "miettinen-nurminen"


def test_katz_of_the_worked_example():
    found = two_proportion_interval(18, 20, 10, 20, measure="RR", method="katz")
    assert found.estimate == pytest.approx(1.8, rel=1e-14)
    assert (round(found.ci_lb, 3), round(found.ci_ub, 3)) == (1.134, 2.857)


def test_correction_only_where_a_cell_is_empty():
    found = two_proportion_interval(
        [0, 5, 10], 10, [3, 4, 4], 10, measure="RR", method="katz", add=0.5
    )
    np.testing.assert_array_equal(found.corrected, [True, False, True])
    np.testing.assert_allclose(
        found.estimate, [(0.5 / 11) / (3.5 / 11), 5 / 4, (10.5 / 11) / (4.5 / 11)], rtol=1e-14
    )
    plain = two_proportion_interval([0, 5, 10], 10, [3, 4, 4], 10, measure="RR", method="katz")
    assert not plain.corrected.any()
    np.testing.assert_array_equal(plain.estimate, [0, 5 / 4, 10 / 4])
    np.testing.assert_array_equal(np.isnan(plain.ci_lb), [True, False, False])
    assert plain.ci_lb[1] == found.ci_lb[1]
    assert plain.reason[0] == "katz limits need every cell they divide by above 0"


def test_correction_is_for_katz_and_woolf_alone():
    with pytest.raises(StatsError, match=r"add=0\.5 does not apply to method='koopman'"):
        two_proportion_interval(1, 4, 2, 4, measure="RR", method="koopman", add=0.5)
    for add in (-0.5, math.nan, math.inf):
        with pytest.raises(StatsError, match="is not allowed; give a finite number, 0 or more"):
            two_proportion_interval(1, 4, 2, 4, measure="RR", method="katz", add=add)


def test_ratio_of_nothing_by_nothing():
    for measure in ("RR", "OR"):
        found = two_proportion_interval(0, 5, 0, 6, measure=measure)
        assert math.isnan(found.estimate)
        assert (found.ci_lb, found.ci_ub) == (0.0, math.inf)
        assert found.reason == f"{measure} is 0/0"
    difference = two_proportion_interval(0, 5, 0, 6, measure="RD")
    assert difference.estimate == 0.0
    assert difference.ci_lb < 0 < difference.ci_ub
    assert difference.reason == ""


def test_certain_differences_end_at_the_bounds():
    found = two_proportion_interval([4, 0], 4, [0, 4], 4, measure="RD", method="mee")
    assert found.ci_ub[0] == 1.0
    assert found.ci_lb[1] == -1.0
    assert -1 < found.ci_lb[0] < 1
    ratio = two_proportion_interval([4, 0], 4, [0, 4], 4, measure="RR", method="koopman")
    np.testing.assert_array_equal(ratio.estimate, [math.inf, 0])
    assert (ratio.ci_ub[0], ratio.ci_lb[1]) == (math.inf, 0.0)


def test_nobody_and_nothing_known():
    found = two_proportion_interval(
        [1, 0, np.nan, 1], [4, 0, 4, 4], [1, 1, 1, 0], [4, 4, 4, 0], measure="RD"
    )
    assert list(found.reason) == [
        "",
        "no participants in an arm",
        "a count is missing",
        "no participants in an arm",
    ]
    np.testing.assert_array_equal(np.isnan(found.estimate), [False, True, True, True])
    np.testing.assert_array_equal(np.isnan(found.ci_ub), [False, True, True, True])


@pytest.mark.parametrize(("measure", "key", "method", "add"), CASES)
def test_arrays_equal_scalars_and_keep_their_shape(measure, key, method, add):
    x_e = np.array([[0, 3], [9, 10]])
    found = two_proportion_interval(
        x_e, 10, [2, 12], [12, 12], measure=measure, method=method, add=add
    )
    assert found.ci_lb.shape == found.reason.shape == found.corrected.shape == (2, 2)
    for row in range(2):
        for column, x_c in enumerate((2, 12)):
            one = two_proportion_interval(
                x_e[row, column], 10, x_c, 12, measure=measure, method=method, add=add
            )
            assert isinstance(one.estimate, float)
            both = (one.estimate, one.ci_lb, one.ci_ub)
            at = (row, column)
            np.testing.assert_allclose(
                both, (found.estimate[at], found.ci_lb[at], found.ci_ub[at]), rtol=1e-12
            )


def test_names_that_do_not_fit_the_measure():
    with pytest.raises(StatsError, match="method='katz' is unknown; use one of wald, newcombe"):
        two_proportion_interval(1, 4, 2, 4, measure="RD", method="katz")
    with pytest.raises(StatsError, match="measure='rr' is unknown; use one of RD, RR, OR"):
        two_proportion_interval(1, 4, 2, 4, measure="rr")
    with pytest.raises(StatsError, match=r"^study 0: events_c=5 lies outside 0\.\.4"):
        two_proportion_interval(1, 4, 5, 4, measure="RR")
    with pytest.raises(StatsError, match="level=1 lies outside"):
        two_proportion_interval(1, 4, 2, 4, measure="RR", level=1)
