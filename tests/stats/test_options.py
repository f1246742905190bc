"""Options that are one number or a yes or no."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._options import axis_of, flag, label_array, number, share, whole

NO_NUMBERS = ("0.5", None, [0.5], np.array([0.5, 0.6]), 1j, {}, np.nan, np.inf)


def test_numbers_of_any_kind_are_taken():
    for given in (1, 1.0, np.float64(1), np.int64(1), np.float32(1)):
        assert number("add", given) == 1.0
        assert type(number("add", given)) is float
    assert number("r", -1, -1, 1) == -1
    assert number("r", 1, -1, 1) == 1
    assert share("alpha", np.float64(0.1)) == 0.1
    assert whole("nodes", np.int32(2), 2) == 2
    assert flag("force", np.True_) is True
    assert flag("force", False) is False


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_what_is_no_number_is_refused(value):
    for check in (
        lambda: number("x", value),
        lambda: share("x", value),
        lambda: whole("x", value, 0),
        lambda: flag("x", value),
    ):
        with pytest.raises(StatsError, match=r"^x="):
            check()


@pytest.mark.parametrize(
    ("check", "words"),
    [
        (lambda: number("add", -0.1, 0), "add=-0.1 is not allowed; give a finite number, 0 or"),
        (lambda: number("r", 1.5, -1, 1), "r=1.5 is not allowed; give a number from -1 to 1"),
        (lambda: number("add", True), "add=True is not allowed; give a finite number"),
        (lambda: share("alpha", 0), "alpha=0 lies outside 0..1, ends excluded"),
        (lambda: share("alpha", 1.0), "alpha=1 lies outside 0..1, ends excluded"),
        (lambda: whole("draws", 0, 1), "draws=0 is not allowed; give a whole number, 1 or more"),
        (lambda: whole("draws", 2.0, 1), "draws=2.0 is not allowed; give a whole number"),
        (lambda: whole("draws", True, 1), "draws=True is not allowed"),
        (lambda: flag("force", 1), "force=1 is not allowed; give True or False"),
        (lambda: flag("force", "x" * 99), r"force='x+\.\.\. is not allowed"),
        (lambda: axis_of(2, (3, 2), "studies"), r"axis=2 is no axis of shape \(3, 2\); give one"),
        (lambda: axis_of("0", (3,), "groups"), r"axis='0' is no axis .* give one over groups"),
        (lambda: label_array("groups", [[1, 2], [3]]), "groups=.* is no array of labels"),
    ],
)
def test_a_fault_is_named(check, words):
    with pytest.raises(StatsError, match=words):
        check()


def test_axes_count_from_either_end():
    assert [axis_of(at, (3, 2), "studies") for at in (-2, 1)] == [-2, 1]
