"""Covariance structures: values, derivatives, names of what is reported."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.models.structures import STRUCTURES, Structure, structure_of

TIMES = np.array([0.0, 1.5, 2.0, 5.0])


def middle(structure: Structure) -> np.ndarray:
    rng = np.random.default_rng(5)
    return rng.uniform(0.2, 0.7, len(structure.lower))


@pytest.mark.parametrize("name", STRUCTURES)
def test_derivatives_are_those_of_the_matrix(name: str) -> None:
    structure = structure_of(name, TIMES, 4)
    theta, h = middle(structure), 1e-5
    first, second = structure.derivatives(theta)
    for a, step in enumerate(np.eye(len(theta)) * h):
        up, down = structure.matrix(theta + step), structure.matrix(theta - step)
        np.testing.assert_allclose(first[a], (up - down) / (2 * h), atol=1e-8)
        slopes = [structure.derivatives(theta + turn * step)[0] for turn in (1, -1)]
        np.testing.assert_allclose(second[a], (slopes[0] - slopes[1]) / (2 * h), atol=1e-7)
    assert structure.linear == (not second.any())


@pytest.mark.parametrize("name", STRUCTURES)
def test_every_start_is_a_covariance_matrix_within_bounds(name: str) -> None:
    structure = structure_of(name, TIMES, 4)
    for start in structure.starts(0.7):
        assert (start >= structure.lower).all()
        assert (start <= structure.upper).all()
        assert np.linalg.eigvalsh(structure.matrix(start))[0] > -1e-12


def test_matrices() -> None:
    cs = structure_of("CS", TIMES[:3], 3)
    np.testing.assert_allclose(cs.matrix(np.array([2.0, 0.5])), np.eye(3) + 1)
    assert cs.lower.tolist() == [0.0, -0.5]
    hcs = structure_of("HCS", TIMES[:2], 2).matrix(np.array([1.0, 2.0, 0.5]))
    np.testing.assert_allclose(hcs, [[1, 1], [1, 4]])
    ar = structure_of("AR", TIMES[:3], 3).matrix(np.array([1.0, 0.5]))
    np.testing.assert_allclose(ar[0], [1, 0.5, 0.25])
    un = structure_of("UN", TIMES[:2], 2)
    np.testing.assert_allclose(un.matrix(np.array([1.0, 2.0, 3.0])), [[1, 2], [2, 13]])


def test_continuous_time_reports_the_correlation_of_one_unit_of_time() -> None:
    car = structure_of("CAR", TIMES, 4)
    theta = np.array([1.0, 0.64])  # of times half a unit apart
    np.testing.assert_allclose(car.natural_rho(theta), [0.64**2])
    np.testing.assert_allclose(car.matrix(theta)[0, 3], 0.64**10)


def test_what_is_reported() -> None:
    un = structure_of("UN", TIMES[:3], 3)
    theta = np.array([1.0, 1.0, 1.0, 2.0, 0.0, 2.0])
    g = un.matrix(theta)
    sd = np.sqrt(np.diagonal(g))
    pairs = [g[0, 1] / sd[0] / sd[1], g[0, 2] / sd[0] / sd[2], g[1, 2] / sd[1] / sd[2]]
    np.testing.assert_allclose(un.natural_rho(theta), pairs)
    np.testing.assert_allclose(un.natural_tau2(theta), np.diagonal(g))
    assert np.isnan(structure_of("CS", TIMES, 4).natural_rho(np.array([0.0, 0.3]))).all()
    assert structure_of("DIAG", TIMES, 4).natural_rho(np.ones(4)).size == 0
