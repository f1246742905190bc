"""Spreads of changes and of groups put together.

The example with three spreads is quoted; section 6.5.2.8 of the Handbook was not read again.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.stats.convert.spread import combine_groups, correlation_from_sds, sd_of_change

R = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)
CLOSED = 1e-12  # relative


def test_cross_over_example_of_the_handbook():
    # Cochrane Handbook 5.1, section 16.4.6.4: correlation 0.68, n = 10, standard error 0.583.
    assert sd_of_change(2.38, 2.21, r=0.68).value / np.sqrt(10) == pytest.approx(0.583, abs=5e-4)


def test_the_example_of_the_handbook():
    # Cochrane Handbook 6.4, section 6.5.2.8: 0.78 and 0.82.
    found = correlation_from_sds([6.4, 7.0], [7.1, 6.9], [4.5, 4.2])
    np.testing.assert_allclose(found.value, [0.78, 0.82], atol=0.005)
    back = sd_of_change([6.4, 7.0], [7.1, 6.9], r=found.value)
    np.testing.assert_allclose(back.value, [4.5, 4.2], rtol=CLOSED)


def test_differences_of_sleep_data():
    a, b, change = R["paired"]["sd"]
    np.testing.assert_allclose(correlation_from_sds(a, b, change).value, R["paired"]["r"], 1e-12)
    np.testing.assert_allclose(sd_of_change(a, b, r=R["paired"]["r"]).value, change, rtol=1e-12)


def test_limits_of_the_correlation_are_exact():
    assert sd_of_change(3.0, 3.0, r=1.0).value == 0.0
    assert sd_of_change(3.0, 1.0, r=1.0).value == pytest.approx(2.0, rel=1e-15)
    assert sd_of_change(3.0, 1.0, r=-1.0).value == pytest.approx(4.0, rel=1e-15)


@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_spreads_scale(scale):
    np.testing.assert_allclose(
        sd_of_change(2 * scale, 3 * scale, r=0.4).value / scale, np.sqrt(13 - 4.8), rtol=1e-14
    )
    np.testing.assert_allclose(
        correlation_from_sds(2 * scale, 3 * scale, 2.5 * scale).value, 6.75 / 12, rtol=1e-14
    )


def test_three_spreads_that_cannot_belong_together():
    found = correlation_from_sds([1.0, 1.0, 0.0], [1.0, 3.0, 1.0], [2.5, 1.995, 1.0])
    assert np.isnan(found.value[[0, 2]]).all()
    assert found.value[1] == 1.0
    assert "no correlation" in found.reason[0]
    assert "0 leaves" in found.reason[2]


def test_groups_of_cars_by_carburettors():
    # mtcars: one group per number of carburettors, two of them with one car.
    rows = R["combined"]
    found = combine_groups(rows["mean"], rows["sd"], rows["n"])
    np.testing.assert_allclose([found.mean, found.sd], rows["all"], rtol=1e-13)
    assert (found.n, found.groups) == (32, 6)


@given(
    st.lists(
        st.lists(st.integers(-1000, 1000), min_size=1, max_size=6), min_size=1, max_size=5
    ).filter(lambda groups: sum(len(group) for group in groups) > 1),
    st.sampled_from([1e-12, 1.0, 1e12]),
    st.sampled_from([0.0, 1e4]),
)
def test_groups_are_as_their_raw_data(groups, scale, shift):
    arrays = [np.array(group) * scale + shift * scale for group in groups]
    sds = [x.std(ddof=1) if len(x) > 1 else np.nan for x in arrays]
    found = combine_groups([x.mean() for x in arrays], sds, [len(x) for x in arrays])
    whole = np.concatenate(arrays)
    np.testing.assert_allclose(found.mean, whole.mean(), rtol=1e-12, atol=1e-12 * scale)
    np.testing.assert_allclose(found.sd, whole.std(ddof=1), rtol=1e-9, atol=1e-9 * scale)


def test_axis_of_groups_and_groups_of_nobody():
    mean = np.array([[1.0, 5.0], [3.0, np.nan]])
    found = combine_groups(mean, 1.0, [[4, 3], [4, 0]])
    np.testing.assert_array_equal(found.mean, [2.0, 5.0])
    np.testing.assert_array_equal(found.groups, [2, 1])
    turned = combine_groups(mean.T, 1.0, [[4, 4], [3, 0]], axis=1)
    np.testing.assert_array_equal(turned.sd, found.sd)


def test_what_is_missing_is_said():
    gap = combine_groups([[1.0], [2.0]], [[np.nan], [1.0]], [[5], [5]])
    assert gap.mean[0] == 1.5
    assert np.isnan(gap.sd[0])
    assert gap.reason[0] == "a spread is missing"
    assert combine_groups([np.nan, 1.0], 1.0, [3, 3]).reason == "a mean or an n is missing"
    assert combine_groups([1.0], 1.0, [0]).reason == "no participants"
    assert "no spread" in combine_groups([1.0], 0.0, [1]).reason
    assert sd_of_change(np.nan, 1.0, r=0.5).reason.startswith("a spread or")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sd_of_change([1, -1], 1, r=0.5), r"study 1: sd_pre=-1 is negative"),
        (lambda: sd_of_change(1, 1, r=1.2), r"study 0: r=1.2 lies outside -1..1"),
        (lambda: correlation_from_sds(1, 1, -2), "sd_change=-2 is negative"),
        (lambda: correlation_from_sds(1, 1, 1, tolerance=-1), "tolerance=-1 is not allowed"),
        (lambda: combine_groups(1.0, 1.0, 5), r"axis=0 is no axis of shape \(\)"),
        (lambda: combine_groups([], [], []), "n is empty; give one study or more"),
        (lambda: combine_groups([1, 2], [1, 1], [5, 2.5]), "study 1: n=2.5 is no count"),
        (lambda: combine_groups([1.0], [2.0], [1]), "sd=2 of a single participant"),
        (lambda: combine_groups(["a"], [2.0], [1]), "mean="),
        (lambda: combine_groups([1, 2], [1, 1, 1], [5, 5]), "shapes do not fit"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
