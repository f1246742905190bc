"""t and the normal, by their degrees of freedom."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats._student import p_value, quantile


def test_quantiles_of_t_and_of_the_normal():
    found = quantile(np.array([1.0, np.nan, 0.0]), 0.95)
    assert found[0] == pytest.approx(12.706204736432095)
    assert found[1] == pytest.approx(1.959963984540054)
    assert np.isnan(found[2])


def test_p_values_of_t_and_of_the_normal():
    found = p_value(np.array([1.0, -1.0]), np.array([1.0, np.nan]))
    assert found[0] == pytest.approx(0.5)  # t on 1 degree of freedom: Cauchy
    assert found[1] == pytest.approx(0.31731050786291415)
    assert p_value(np.array([0.0]), np.array([np.nan])) == 1


def test_p_value_by_the_table_of_t():
    # t tables: 2.228 on 10 degrees of freedom leaves 5 %
    np.testing.assert_allclose(p_value(np.array([2.228]), np.array([10.0])), 0.05, atol=5e-5)


def test_no_degrees_of_freedom_give_no_number():
    assert np.isnan(p_value(2.0, 0.0))
    assert np.isnan(p_value([2.0, 2.0], [-1.0, 3.0])).tolist() == [True, False]
    assert np.isnan(quantile([0.0, -1.0, 0.5], 0.95)).tolist() == [True, True, False]


@pytest.mark.parametrize("df", [0.4, 1.0, 7.3, 1e9, np.nan])
def test_the_quantile_leaves_what_the_level_says(df):
    for level in (0.5, 0.9, 0.95, 0.999):
        assert p_value(quantile(df, level), df) == pytest.approx(1 - level, rel=1e-9)
        assert p_value(-quantile(df, level), df) == p_value(quantile(df, level), df)


def test_many_degrees_of_freedom_come_near_the_normal():
    assert quantile(1e12, 0.95) == pytest.approx(quantile(np.nan, 0.95), rel=1e-10)
