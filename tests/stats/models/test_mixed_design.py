"""Arguments of `multilevel` as a model."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models.mixed_design import complete_rows, labelled, mixed_model, random_part

ALL = np.ones(4, dtype=bool)


def test_a_matrix_without_covariances_is_its_diagonal() -> None:
    rows = complete_rows([1, 2, 3], np.diag([1.0, 2, 3]), None, True)
    assert rows.sampling.tolist() == [1.0, 2.0, 3.0]
    assert complete_rows([1, 2], [[1, 0.5], [0.5, 1]], None, True).sampling.shape == (2, 2)


def test_labels() -> None:
    codes, labels = labelled("study", ["b", "a", "b"], 3)
    assert (codes.tolist(), labels) == ([1, 0, 1], ("a", "b"))
    assert labelled("study", np.array([3, "x", 3], dtype=object), 3)[1] == ("3", "x")
    for missing in (None, np.nan, ""):
        with pytest.raises(StatsError, match="row 1: study has no label"):
            labelled("study", np.array(["a", missing, "c"], dtype=object), 3)


def test_inner_labels_are_nested_and_named() -> None:
    part = random_part(
        {"district": [1, 1, 2, 2], "school": [1, 2, 1, 2]},
        ALL,
        structure="nested",
        inner=None,
        intercepts=None,
    )
    assert part.names == ("district", "district/school")
    assert part.intercepts[1].tolist() == [0, 1, 2, 3]
    crossed = random_part(
        [[1, 1, 2, 2], [1, 2, 1, 2]], ALL, structure="crossed", inner=None, intercepts=None
    )
    assert crossed.names == ("groups[0]", "groups[1]")
    assert crossed.intercepts[1].tolist() == [0, 1, 0, 1]


def test_design_is_orthonormal_whatever_its_units() -> None:
    rows = complete_rows([1.0, 2, 4, 3], [1.0] * 4, np.array([1, 2, 3, 5]) * 1e12, True)
    part = random_part([1, 1, 2, 2], ALL, structure="nested", inner=None, intercepts=None)
    model = mixed_model(rows, part, True)
    np.testing.assert_allclose(model.design.T @ model.design, np.eye(2), atol=1e-14)
    np.testing.assert_allclose(model.design @ model.triangle, rows.design, rtol=1e-10)


def test_a_single_group_is_held() -> None:
    rows = complete_rows([1.0, 2, 4, 3], [1.0] * 4, None, True)
    part = random_part([1] * 4, ALL, structure="nested", inner=None, intercepts=None)
    model = mixed_model(rows, part, True)
    assert model.held.tolist() == [True]
    assert model.upper.tolist() == [0.0]
