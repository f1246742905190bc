"""Checks of what a selection model is given; refusals in full are in test_selection.py."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.bias.selection_input import (
    checked_delta,
    checked_form,
    checked_precision,
    checked_studies,
)
from evsyn.stats.bias.selection_weights import FORMS, step_rule


def test_steps_are_sorted_and_end_at_one() -> None:
    rule, steps, threshold = checked_form("step", [0.5, 0.025, 0.5], "greater")
    assert (steps, threshold, rule.parameters) == ((0.025, 0.5, 1.0), 0.0, 3)


@pytest.mark.parametrize(
    ("alternative", "step"), [("greater", 0.025), ("less", 0.025), ("two-sided", 0.05)]
)
def test_default_step_is_that_of_the_sides(alternative: str, step: float) -> None:
    assert checked_form("step", None, alternative)[1] == (step, 1.0)


def test_a_threshold_belongs_to_the_other_forms() -> None:
    assert checked_form("negexp", [0.05], "greater")[1:] == ((), 0.05)
    assert checked_form("negexp", None, "greater")[1:] == ((), 0.0)
    with pytest.raises(StatsError, match="takes one"):
        checked_form("negexp", [0.05, 0.1], "greater")


def test_parameters_given_and_not() -> None:
    np.testing.assert_array_equal(checked_delta(None, FORMS["beta"]), [np.nan, np.nan])
    np.testing.assert_array_equal(checked_delta([2.0, np.nan], FORMS["beta"]), [2, np.nan])
    np.testing.assert_array_equal(checked_delta([np.nan, 3], step_rule((0.1, 1.0))), [1, 3])
    with pytest.raises(StatsError, match=r"delta\[0\]=0 lies outside 1e-05..100"):
        checked_delta([0.0, 1.0], FORMS["beta"])
    with pytest.raises(StatsError, match="delta has 1 values; give 2"):
        checked_delta(3.0, FORMS["beta"])


def test_precision_goes_with_some_forms() -> None:
    assert checked_precision("beta", "none") == "none"
    with pytest.raises(StatsError, match="halfnorm, negexp, logistic, power, negexppow"):
        checked_precision("halfnorm2", "sei")


def test_absent_rows_are_counted() -> None:
    y, v, left_out = checked_studies([1.0, 2.0, np.nan], [1.0, 4.0, 1.0], True)
    assert (y.tolist(), v.tolist(), left_out) == ([1.0, 2.0], [1.0, 4.0], 1)
