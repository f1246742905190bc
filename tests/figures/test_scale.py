from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.figures.scale import effect_scale, tick_label


@given(
    st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=20),
    st.lists(st.floats(1e-6, 1e6), max_size=20),
)
def test_every_ratio_is_on_the_axis_and_one_is_labelled(estimates, limits):
    scale = effect_scale(estimates, limits, logarithmic=True)
    assert all(scale.low <= estimate <= scale.high for estimate in estimates)
    assert 1.0 in scale.ticks
    assert len(scale.ticks) <= 7
    assert list(scale.ticks) == sorted(scale.ticks)


@given(st.lists(st.floats(-1e4, 1e4), min_size=1, max_size=20))
def test_every_difference_is_on_the_axis_and_nought_is_labelled(estimates):
    scale = effect_scale(estimates, [], logarithmic=False)
    assert all(scale.low <= estimate <= scale.high for estimate in estimates)
    assert 0.0 in scale.ticks
    assert 2 <= len(scale.ticks) <= 8


@pytest.mark.parametrize(
    ("limits", "ticks"),
    [
        ((1.13, 2.86), (0.5, 1.0, 2.0)),
        ((0.2, 3.0), (0.25, 0.5, 1.0, 2.0)),
        ((0.06, 12.0), (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)),
        ((0.02, 12.0), (0.03, 0.1, 0.3, 1.0, 3.0, 10.0)),
        ((0.4, 9.0), (0.5, 1.0, 2.0, 5.0, 10.0)),
    ],
)
def test_ticks_of_ratios(limits, ticks):
    assert effect_scale([1.5], limits, logarithmic=True).ticks == ticks


def test_nothing_to_draw_still_gives_an_axis():
    assert effect_scale([], [], logarithmic=True).ticks == (0.5, 1.0, 2.0)
    assert 0.0 in effect_scale([], [], logarithmic=False).ticks


def test_places_run_from_edge_to_edge_and_stop_there():
    scale = effect_scale([1.0], [0.5, 2.0], logarithmic=True)
    assert scale.x(scale.low) == pytest.approx(scale.left)
    assert scale.x(scale.high) == pytest.approx(scale.right)
    assert scale.x(1.0) == pytest.approx((scale.left + scale.right) / 2)
    assert scale.x(0.0) == scale.left
    assert [scale.beyond(value) for value in (0.01, 1.0, 99.0)] == [-1, 0, 1]


def test_neutral_value_depends_on_the_measure():
    assert effect_scale([2.0], [], logarithmic=True).neutral == 1.0
    assert effect_scale([2.0], [], logarithmic=False).neutral == 0.0


def test_tick_labels_have_true_minus_and_percent():
    assert [tick_label(-0.5), tick_label(0.25, percent=True)] == ["−0.5", "25%"]
