"""Vote counting by direction, against R.

The example of the Cochrane Handbook is quoted; chapter 12 was not read again.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.directions import direction_counts, effect_direction

R = json.loads(
    (Path(__file__).parents[1] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)["signs"]


def test_against_binom_test_and_prop_test():
    found = effect_direction(R["positive"], R["negative"])
    np.testing.assert_allclose(found.p_value, R["p"], rtol=1e-12)
    np.testing.assert_allclose(found.ci_lb, np.array(R["ci"])[:, 0], rtol=1e-11, atol=1e-15)
    np.testing.assert_allclose(found.ci_ub, np.array(R["ci"])[:, 1], rtol=1e-11)
    for side in ("greater", "less"):
        one = effect_direction(R["positive"], R["negative"], alternative=side)
        np.testing.assert_allclose(one.p_value, R[side], rtol=1e-12)


def test_example_of_the_handbook():
    # Cochrane Handbook 6.4, section 12.4: 11 of 12 studies, 92 % (65 % to 99 %), p = 0.006.
    found = effect_direction(11, 1)
    assert f"{found.estimate:.0%} {found.ci_lb:.0%} {found.ci_ub:.0%}" == "92% 65% 99%"
    assert found.p_value == pytest.approx(2 * 13 / 4096, rel=1e-14)


def test_ties_are_left_out_and_said():
    found = effect_direction([3, 3, 0], [1, 1, 0], [0, 2, 4])
    np.testing.assert_array_equal(found.k, [4, 4, 0])
    assert found.p_value[0] == found.p_value[1]
    assert list(found.reason) == ["", "2 without a direction left out", "no study has a direction"]
    assert np.isnan([found.estimate[2], found.p_value[2], found.ci_lb[2]]).all()


def test_missing_counts():
    found = effect_direction(np.nan, 3)
    assert np.isnan(found.p_value)
    assert found.reason == "a count is missing"


def test_sides_mirror_each_other():
    up, down = effect_direction(7, 2), effect_direction(2, 7)
    assert up.p_value == down.p_value
    assert up.ci_lb == pytest.approx(1 - down.ci_ub, rel=1e-14)
    assert effect_direction(4, 4).p_value == 1


def test_counts_of_effects():
    table = np.array([[0.2, -0.1], [np.nan, -0.3], [0.0, -0.0]])
    above, below, at = direction_counts(table)
    np.testing.assert_array_equal([above, below, at], [[1, 0], [0, 2], [1, 1]])
    assert direction_counts([0.8, 1.2, 1.0], null=1)[0] == 1
    np.testing.assert_array_equal(direction_counts(table, axis=1)[1], [1, 1, 0])
    found = effect_direction(*direction_counts([0.2, 0.4, -0.1, 0.0]))
    assert (found.positive, found.negative, found.neutral) == (2, 1, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: effect_direction([1, -1], 2), "study 1: positive=-1 is no count"),
        (lambda: effect_direction(1, 1.5), r"negative=1\.5 is no count"),
        (lambda: effect_direction(1, 1, alternative="more"), "alternative='more' is unknown"),
        (lambda: effect_direction(1, 1, level=95), "level=95 lies outside"),
        (lambda: effect_direction([1, 2], [1, 2, 3]), "shapes do not fit"),
        (lambda: direction_counts([1, np.inf]), "study 1: yi=inf is not finite"),
        (lambda: direction_counts([1.0], axis=1), "axis=1 is no axis"),
        (lambda: direction_counts([1.0], null=np.nan), "null=nan is not allowed"),
        (lambda: direction_counts(["up"]), "is not an array of numbers"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
