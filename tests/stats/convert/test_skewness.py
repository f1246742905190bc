"""Tests of skewness from five numbers."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.convert.skewness import five_numbers, quantile_skewness


def test_formulas_of_shi_2023():
    # Worked by hand for n = 20: minimum 3, quartiles 8 and 13, median 10, maximum 20.
    numbers = {"minimum": 3, "q1": 8, "q3": 13, "maximum": 20}
    ends = quantile_skewness(10, 20, minimum=3, maximum=20)
    assert ends.scenario == "S1"
    assert ends.statistic == pytest.approx(3 / 17, rel=1e-14)
    assert ends.critical == pytest.approx(1 / np.log(29) + 2.5 / 21, rel=1e-14)
    halves = quantile_skewness(10, 20, q1=8, q3=13)
    assert halves.scenario == "S2"
    assert halves.statistic == pytest.approx(1 / 5, rel=1e-14)
    assert halves.critical == pytest.approx(2.65 / np.sqrt(20) - 6 / 400, rel=1e-14)
    both = quantile_skewness(10, 20, **numbers)
    assert both.scenario == "S3"
    weight = 2.65 * np.log(12) / np.sqrt(20)
    assert both.statistic == pytest.approx(max(weight * 3 / 17, 1 / 5), rel=1e-14)
    assert both.critical == pytest.approx(3 / np.sqrt(20) - 40 / 8000, rel=1e-14)
    assert not (ends.skewed or halves.skewed or both.skewed)


@pytest.mark.parametrize("n", [25, 101])
@pytest.mark.parametrize("scenario", ["S1", "S2", "S3"])
def test_five_percent_of_normal_samples_are_called_skewed(n, scenario):
    # Synthetic: normal samples, seed 7; the critical values are fits, hence 3.5 to 6 %.
    x = np.sort(np.random.default_rng(7).standard_normal((20000, n)), axis=1)
    quarter = (n - 1) // 4
    numbers = {}
    if scenario != "S2":
        numbers |= {"minimum": x[:, 0], "maximum": x[:, -1]}
    if scenario != "S1":
        numbers |= {"q1": x[:, quarter], "q3": x[:, n - 1 - quarter]}
    found = quantile_skewness(x[:, (n - 1) // 2], n, **numbers)
    assert 0.035 < found.skewed.mean() < 0.06
    assert abs(found.direction.mean()) < 0.05


def test_direction_follows_the_longer_tail():
    right = quantile_skewness(4, 100, minimum=2, maximum=9)
    left = quantile_skewness(-4, 100, minimum=-9, maximum=-2)
    assert right.skewed
    assert (right.direction, left.direction) == (1, -1)
    assert right.statistic == left.statistic


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_unit_does_not_matter(scale):
    small = quantile_skewness(4 * scale, 30, q1=3 * scale, q3=9 * scale)
    np.testing.assert_allclose(
        small.statistic, quantile_skewness(4, 30, q1=3, q3=9).statistic, rtol=1e-14
    )


def test_each_study_uses_what_it_has():
    found = quantile_skewness(
        [5, 5, 5, 5], [30, 30, 4, 30], q1=[4, np.nan, 4, 4], q3=[7, np.nan, 7, np.nan]
    )
    assert list(found.scenario) == ["S2", "", "S2", ""]
    assert found.reason[0] == ""
    assert "beside the median" in found.reason[1]
    assert "fewer than five" in found.reason[2]
    assert np.isnan(found.statistic[1:]).all()
    assert not found.skewed[1:].any()
    assert quantile_skewness(5, 30, q1=5, q3=5).reason == "the numbers do not differ"
    assert quantile_skewness(5, np.nan, q1=4, q3=6).reason == "n is missing"


def test_numbers_have_to_ascend():
    with pytest.raises(StatsError, match=r"study 1: q1=6 exceeds median=5; check the order"):
        quantile_skewness([5, 5], 30, q1=[4, 6], q3=7)
    with pytest.raises(StatsError, match="minimum=8 exceeds maximum=7"):
        five_numbers(np.nan, 30, minimum=8, q1=np.nan, q3=np.nan, maximum=7)
    with pytest.raises(StatsError, match=r"n=2\.5 is no count"):
        quantile_skewness(5, 2.5, q1=4, q3=6)
    with pytest.raises(StatsError, match="q1=inf is not finite"):
        quantile_skewness(5, 20, q1=np.inf, q3=6)
