"""Orthonormal designs and their contrasts."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling._design import (
    collinear,
    contrasts_of,
    design_columns,
    inverse,
    orthonormal,
)


def synthetic(k=7, p=3, n=4, seed=2):
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(k, p, n)) + 1e3
    present = np.ones((k, n), dtype=bool)
    present[2, 1] = False
    return design, present


def test_columns_are_orthonormal_and_give_the_design_back():
    design, present = synthetic()
    found = orthonormal(design, present)
    products = np.einsum("kan,kbn->abn", found.z, found.z)
    np.testing.assert_allclose(products, np.eye(3)[..., None] * np.ones(4), atol=1e-14)
    back = np.einsum("kan,abn->kbn", found.z, found.r)
    np.testing.assert_allclose(back, np.where(present[:, None], design, 0.0), rtol=1e-12)
    assert found.full_rank.all()


def test_contrasts_do_not_see_the_plane():
    design, present = synthetic()
    found = orthonormal(design, present)
    vi = np.where(present, np.random.default_rng(4).uniform(0.1, 1.0, present.shape), np.inf)
    plane = np.where(present, np.einsum("kan,a->kn", design, [2.0, -1.0, 0.5]), 0.0)
    flat = contrasts_of(plane, vi, found.z)
    assert np.abs(flat.e).max() < 1e-10
    assert flat.k.tolist() == [7.0, 6.0, 7.0, 7.0]
    assert np.isinf(flat.v).sum() == 4 * 3 + 1


def test_pivots_are_precise_studies():
    z = orthonormal(np.ones((4, 1, 1)), np.ones((4, 1), dtype=bool)).z
    found = contrasts_of(np.arange(4.0)[:, None], np.array([[1.0], [0.0], [2.0], [0.5]]), z)
    assert found.at.tolist() == [[1]]
    assert found.pivot[0, 0] < 1e-30
    np.testing.assert_allclose((found.e * found.scale).ravel(), [-1.0, 0.0, 1.0, 2.0])


def test_scale_is_a_power_of_two():
    z = orthonormal(np.ones((3, 1, 1)), np.ones((3, 1), dtype=bool)).z
    found = contrasts_of(np.array([[0.0], [3e-9], [1e-9]]), np.full((3, 1), 1e-18), z)
    mantissa, _ = np.frexp(found.scale)
    assert mantissa.tolist() == [0.5]
    assert 0.5 < np.abs(found.e).max() < 4.0


@pytest.mark.parametrize("p", [1, 2, 3, 5])
def test_inverse(p):
    matrices = np.random.default_rng(p).normal(size=(p, p, 6)) + 3.0 * np.eye(p)[..., None]
    product = np.einsum("abn,bcn->acn", matrices, inverse(matrices))
    np.testing.assert_allclose(product, np.eye(p)[..., None] * np.ones(6), atol=1e-13)


def test_inverse_of_a_singular_matrix_among_others():
    matrices = np.stack([np.eye(3), np.ones((3, 3)), 2.0 * np.eye(3)], axis=-1)
    found = inverse(matrices)
    assert np.isnan(found[..., 1]).all()
    np.testing.assert_array_equal(found[..., 2], 0.5 * np.eye(3))


def test_collinear_columns_are_named():
    design = np.array([[1.0, 2.0, 5.0], [1.0, 3.0, 6.0], [1.0, 4.0, 7.0], [1.0, 9.0, 12.0]])
    found = orthonormal(design[..., None], np.ones((4, 1), dtype=bool))
    assert found.full_rank.tolist() == [False]
    words = collinear(found, ("the intercept", "dose", "weight"), design[..., None], 0)
    assert words == "weight is a combination of the intercept and dose"


def test_shapes_of_moderators():
    one, names = design_columns([1.0, 2.0, 3.0], (3, 5), intercept=False)
    assert one.shape == (3, 1, 1)
    assert names == ("moderator 0",)
    each, names = design_columns(np.zeros((3, 2, 5)), (3, 5), intercept=True)
    assert each.shape == (3, 3, 5)
    assert names == ("the intercept", "moderator 0", "moderator 1")
    with pytest.raises(StatsError, match=r"or \(3, p, 5\) as there are 5 analyses"):
        design_columns(np.zeros((3, 2, 4)), (3, 5), intercept=True)
