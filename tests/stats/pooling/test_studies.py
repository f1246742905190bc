"""Effect sizes and variances as the engine holds them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling.studies import study_columns


def test_one_analysis_is_one_column():
    found = study_columns([0.1, 0.2], [0.3, 0.4])
    assert found.yi.shape == (2, 1)
    assert found.k.tolist() == [2]
    assert found.single
    assert found.regular
    assert found.shaped(np.array([5.0])) == 5.0


def test_an_absent_study_has_no_weight():
    found = study_columns([[0.1, np.nan], [0.2, 0.5]], [[0.3, 0.1], [np.nan, 0.2]])
    assert found.k.tolist() == [1, 1]
    assert np.isinf(found.vi[1, 0])
    assert found.yi[0, 1] == 0
    assert not found.regular
    np.testing.assert_array_equal(found.present, [[True, False], [False, True]])


def test_a_variance_of_zero_is_allowed_but_not_regular():
    assert not study_columns([0.1, 0.2], [0.0, 0.1]).regular


@pytest.mark.parametrize("size", [1e-300, 1e140])
def test_extreme_scales_are_seen_without_a_warning(size):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not study_columns(np.full(9, size), np.full(9, size)).regular


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        ([0.1, 0.2], [0.1], r"yi has the shape \(2,\) and vi \(1,\)"),
        (0.1, 0.1, r"both must be \(k,\) or \(k, n\)"),
        ([], [], "yi is empty; give one study or more"),
        (np.empty((2, 0)), np.empty((2, 0)), "empty"),
        ([0.1, np.inf], [0.1, 0.1], "study 1: yi=inf is not within"),
        ([0.1, 0.2], [0.1, -0.5], "study 1: vi=-0.5 is not 0 or above"),
        ([[0.1, 0.2]], [[0.1, -1]], "study 0, analysis 1: vi=-1"),
        ([0.1], [np.inf], "vi=inf"),
        ([0.1, 1e160], [0.1, 0.1], r"study 1: yi=1e\+160 is not within ±1e\+150"),
        (["a", 0.2], [0.1, 0.1], "yi=.* is not an array of numbers"),
    ],
)
def test_refuses(yi, vi, words):
    with pytest.raises(StatsError, match=words):
        study_columns(yi, vi)
