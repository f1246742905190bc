"""Derivatives by differences against derivatives by hand, in every unit."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._differences import gradient, hessian


def mixed(x: np.ndarray) -> float:
    return float(np.exp(x[0]) * np.sin(x[1]) + x[0] ** 2 * x[1] + 3)


def mixed_slope(x: np.ndarray) -> np.ndarray:
    e = np.exp(x[0])
    return np.array([e * np.sin(x[1]) + 2 * x[0] * x[1], e * np.cos(x[1]) + x[0] ** 2])


def mixed_curve(x: np.ndarray) -> np.ndarray:
    e = np.exp(x[0])
    cross = e * np.cos(x[1]) + 2 * x[0]
    return np.array([[e * np.sin(x[1]) + 2 * x[1], cross], [cross, -e * np.sin(x[1])]])


PLACES = [[0.3, 1.1], [-2.0, 0.4], [1.5, -3.0], [0.0, 0.5]]


@pytest.mark.parametrize("place", PLACES)
def test_gradient_and_hessian_of_a_function_known_by_hand(place: list[float]) -> None:
    x = np.array(place)
    np.testing.assert_allclose(gradient(mixed, x), mixed_slope(x), rtol=1e-10, atol=1e-11)
    np.testing.assert_allclose(hessian(mixed, x), mixed_curve(x), rtol=1e-8, atol=1e-9)
    by_slope = hessian(mixed, x, gradient=mixed_slope)
    np.testing.assert_allclose(by_slope, mixed_curve(x), rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("unit", [1e-15, 1e-6, 1e6, 1e15])
@pytest.mark.parametrize("height", [1e-15, 1.0, 1e15])
def test_units_of_arguments_and_values_do_not_matter(unit: float, height: float) -> None:
    x = np.array([0.3, 1.1])
    found = hessian(lambda z: height * mixed(z / unit), x * unit) * unit**2 / height
    np.testing.assert_allclose(found, mixed_curve(x), rtol=1e-8)
    slope = gradient(lambda z: height * mixed(z / unit), x * unit) * unit / height
    np.testing.assert_allclose(slope, mixed_slope(x), rtol=1e-10)


def test_steps_shrink_at_the_edge_of_the_domain() -> None:
    found = hessian(lambda x: x[0] - np.log(x[0]) if x[0] > 0 else np.inf, [1e-3])
    np.testing.assert_allclose(found, [[1e6]], rtol=1e-8)


def test_a_direction_without_change_has_no_derivative() -> None:
    assert gradient(lambda x: (x[0] - 1) ** 2, [3.0, 7.0])[1] == 0
    np.testing.assert_array_equal(hessian(lambda x: x[0] ** 2 + 1, [3.0, 7.0])[1], [0, 0])


@pytest.mark.parametrize("x", [[np.nan], [[1.0]], [np.inf]])
def test_a_place_is_a_vector_of_finite_numbers(x: object) -> None:
    with pytest.raises(StatsError, match="no vector of finite numbers"):
        gradient(lambda z: 0.0, x)  # type: ignore[arg-type]


def test_a_place_outside_the_domain_is_refused() -> None:
    with pytest.raises(StatsError, match="no finite value"):
        hessian(lambda x: np.log(x[0]), [-1.0])
