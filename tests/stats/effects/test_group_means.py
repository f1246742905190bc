"""Effects from means and standard deviations."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.stats import effect_sizes
from evsyn.stats.effects.group_means import summary_rows

SYMMETRIC = ("MD", "SMD", "SMDH", "ROM", "VR", "CVR")
NAMES = ("mean_e", "sd_e", "n_e", "mean_c", "sd_c", "n_c")
values = st.floats(0.01, 1e4)
groups = st.tuples(values, values, st.integers(3, 10**5))


def of(measure, first, second):
    return effect_sizes(measure, **dict(zip(NAMES, (*first, *second), strict=True)))


@given(groups, groups)
def test_swapping_groups_flips_the_sign(first, second):
    for measure in SYMMETRIC:
        found, other = of(measure, first, second), of(measure, second, first)
        np.testing.assert_allclose(-other.yi, found.yi, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(other.vi, found.vi, rtol=1e-9)


@given(groups, groups, st.floats(1e-6, 1e6))
def test_standardised_effects_and_ratios_know_no_unit(first, second, unit):
    for measure in ("SMD", "SMDH", "SMD1", "ROM", "VR", "CVR"):
        found = of(measure, first, second)
        scaled = [(mean * unit, sd * unit, n) for mean, sd, n in (first, second)]
        other = of(measure, *scaled)
        np.testing.assert_allclose(other.yi, found.yi, rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(other.vi, found.vi, rtol=1e-9)


def test_hedges_g_by_definition():
    found = of("SMD", (5, 2, 10), (3, 3, 12))
    pooled = np.sqrt((9 * 4 + 11 * 9) / 20)
    assert found.yi == pytest.approx((1 - 3 / (4 * 20 - 1)) * 2 / pooled, rel=1e-3)
    assert found.vi == pytest.approx(1 / 10 + 1 / 12 + found.yi**2 / 44, rel=1e-14)


def test_equal_spreads_make_the_denominators_one():
    found = [of(measure, (5, 2, 10), (3, 2, 10)).yi for measure in ("SMD", "SMDH")]
    assert found[0] == pytest.approx(found[1], rel=1e-14)


def test_variability():
    found = of("VR", (9, 2, 11), (9, 4, 6))
    assert found.yi == pytest.approx(np.log(0.5) + 1 / 20 - 1 / 10, rel=1e-14)
    assert found.vi == pytest.approx(1 / 20 + 1 / 10, rel=1e-14)
    ratio = of("CVR", (9, 2, 11), (3, 4, 6))
    assert ratio.yi == pytest.approx(np.log((2 / 9) / (4 / 3)) + 1 / 20 - 1 / 10, rel=1e-14)
    assert ratio.vi == pytest.approx(0.15 + (2 / 9) ** 2 / 11 + (4 / 3) ** 2 / 6, rel=1e-14)
    assert np.isnan(of("CVR", (-9, 2, 11), (-3, 4, 6)).yi)


def test_one_group():
    mean = effect_sizes("MN", mean=-3, sd=2, n=8)
    assert (mean.yi, mean.vi) == (-3, 0.5)
    log = effect_sizes("MNLN", mean=[3, 0], sd=2, n=8)
    assert log.yi[0] == pytest.approx(np.log(3))
    assert log.vi[0] == pytest.approx(4 / (8 * 9))
    assert np.isnan(log.yi[1])


def test_two_negative_means_have_a_ratio():
    found, other = of("ROM", (-3, 1, 5), (-2, 2, 6)), of("ROM", (3, 1, 5), (2, 2, 6))
    assert (found.yi, found.vi) == (other.yi, other.vi)


def test_rows():
    rows = np.array([[4.0], [2.0], [1.0]])
    assert summary_rows(rows, ("n", "mean", "sd")) is rows
    with pytest.raises(StatsError, match="study 0: n=0 is no size; give 1 or more"):
        summary_rows(np.array([[0.0], [2], [1]]), ("n", "mean", "sd"))
