"""Checks of printed numbers name the first fault."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._arrays import refuse
from evsyn.stats._faults import (
    finite,
    refuse_negative,
    refuse_not_positive,
    refuse_outside,
)


def test_arrays_take_their_common_shape_and_are_copies():
    given = np.array([1.0, np.nan])
    mean, sd = finite(mean=given, sd=3)
    np.testing.assert_array_equal(mean, given)
    np.testing.assert_array_equal(sd, [3, 3])
    mean[0] = 9
    assert given[0] == 1.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: finite(sd=[1, np.inf]), r"study 1: sd=inf is not finite; write nan"),
        (lambda: finite(sd="x"), "sd='x' is not an array of numbers"),
        (lambda: finite(sd=[1, 2], n=[1, 2, 3]), r"shapes do not fit.*sd \(2,\), n \(3,\)"),
        (
            lambda: refuse_negative(sd=np.array([1.0, -2.0, -3.0])),
            r"study 1: sd=-2 is negative; give 0 or more \(and 1 more\)",
        ),
        (lambda: refuse_not_positive(hr=np.array(0.0)), "study 0: hr=0 is not above 0"),
        (
            lambda: refuse_outside(0, 1, p=np.array([[0.1, 1.1]])),
            r"study \(0, 1\): p=1.1 lies outside 0..1",
        ),
    ],
)
def test_a_fault_is_named_with_its_study_and_value(call, message):
    with pytest.raises(StatsError, match=message):
        call()


def test_missing_values_are_no_fault():
    gap = np.array([np.nan, 1.0])
    refuse_negative(sd=gap)
    refuse_not_positive(sd=gap)
    refuse_outside(0, 1, p=gap)
    refuse(np.array([False, False]), "never {:g}", gap)
