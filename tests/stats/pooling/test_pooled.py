"""What is computed only when it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats import pool


def test_shapes_follow_the_input():
    yi, vi = [0.1, 0.4, 0.9], [0.1, 0.2, 0.1]
    one, many = pool(yi, vi), pool(np.c_[yi, yi], np.c_[vi, vi])
    for name in ("statistic", "p_value", "q_pvalue", "reason"):
        assert np.ndim(getattr(one, name)) == 0
        assert np.shape(getattr(many, name)) == (2,)
    assert one.weights.shape == (3,)
    assert many.weights.shape == (3, 2)
    assert one.weights.sum() == pytest.approx(100)
    assert many.q_pvalue[1] == pytest.approx(one.q_pvalue)


def test_a_result_shows_its_numbers_and_cannot_be_changed():
    found = pool([0.1, 0.4], [0.1, 0.2], test="z")
    assert "estimate=" in repr(found)
    assert "_vi" not in repr(found)
    with pytest.raises(AttributeError):
        found.estimate = 0


def test_a_result_does_not_change_with_the_arrays_it_was_made_from():
    yi, vi = np.array([0.1, 0.4, 0.9]), np.array([0.1, 0.2, 0.1])
    found, expected = pool(yi, vi), pool(yi.copy(), vi.copy())
    yi[:], vi[:] = 5.0, 7.0
    np.testing.assert_array_equal(found.weights, expected.weights)
    assert found.estimate == expected.estimate
