"""Columns of data: stacking, and faults with their position."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.effects._columns import check_arms, check_counts, check_values, stacked


def test_stacked_broadcasts_and_copies():
    column = np.array([1.0, 2.0])
    rows = stacked({"b": 3, "a": column}, ("a", "b"))
    np.testing.assert_array_equal(rows, [[1, 2], [3, 3]])
    rows[0, 0] = 9
    assert column[0] == 1
    assert stacked({"a": 1, "b": 2}, ("a", "b")).shape == (2,)
    with pytest.raises(StatsError, match="a is empty; give one study or more"):
        stacked({"b": 2, "a": []}, ("a", "b"))
    masked = np.ma.masked_array([1.0, 2.0], mask=[False, True])
    assert np.isnan(stacked({"a": masked}, ("a",))[0, 1])


@pytest.mark.parametrize("text", [["1", "2"], ["1", 2], "3", np.array(["1"]), [None, "x"]])
def test_text_is_no_number(text):
    with pytest.raises(StatsError, match=r"a=.* is not an array of numbers: .* is none"):
        stacked({"a": text}, ("a",))


def test_what_is_allowed_passes():
    check_counts(np.array([[0, 3, np.nan]]), ("n",))
    check_arms(np.array([[0.0, np.nan], [0, 4]]), ("events", "n"))
    check_values(np.array([[-3.0, np.nan], [0, 1], [-1, 1]]), ("mean", "sd", "r"))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: check_counts(np.array([[1.0, -2]]), ("n",)), "study 1: n=-2 is no count"),
        (lambda: check_counts(np.array([[1.0, np.inf]]), ("n",)), "study 1: n=inf is no count"),
        (
            lambda: check_counts(np.array([[0.0, 0, 1]]), ("n",), least=1),
            r"study 0: n=0 is no size; give 1 or more \(and 1 more\)",
        ),
        (
            lambda: check_counts(np.array([[0.0, np.nan]]), ("n",), least=1),
            "study 0: n=0 is no size",
        ),
        (
            lambda: check_arms(np.array([[[3.0]], [[2.0]]]), ("events", "n")),
            r"study \(0, 0\): events=3 lies outside 0..2",
        ),
        (lambda: check_values(np.array([[-np.inf]]), ("mean",)), "study 0: mean=-inf is not fin"),
        (lambda: check_values(np.array(-1.0)[np.newaxis], ("sd",)), "study 0: sd=-1 is negative"),
        (lambda: check_values(np.array([[0.0]]), ("time_e",)), "study 0: time_e=0 is no time"),
        (lambda: check_values(np.array([[1.5]]), ("r",)), "study 0: r=1.5 lies outside -1..1"),
    ],
)
def test_faults_name_study_and_value(call, words):
    with pytest.raises(StatsError, match=words):
        call()
