"""Minima of functions whose minimum is known, in every unit."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._optimize import minimize


def valley(x: np.ndarray) -> float:
    """Rosenbrock's function (1960, Computer Journal 3:175-184), chained; the minimum is at 1."""
    return float(np.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))


@pytest.mark.parametrize("p", [2, 4, 10, 30])
def test_a_curved_valley_is_followed_to_its_end(p: int) -> None:
    found = minimize(lambda x: valley(x) + 5, np.full(p, -1.2) if p == 2 else np.zeros(p))
    assert found.converged
    np.testing.assert_allclose(found.x, 1, rtol=1e-9)
    np.testing.assert_allclose(found.gradient, 0, atol=1e-8)


def test_the_gradient_is_used_where_given() -> None:
    calls = 0

    def counted(x: np.ndarray) -> float:
        nonlocal calls
        calls += 1
        return valley(x)

    def slope(x: np.ndarray) -> np.ndarray:
        inner = 200 * (x[1] - x[0] ** 2)
        return np.array([-2 * x[0] * inner - 2 * (1 - x[0]), inner])

    found = minimize(counted, [-1.2, 1.0], gradient=slope)
    with_slope, calls = calls, 0
    minimize(counted, [-1.2, 1.0])
    assert found.converged and with_slope < calls / 2
    np.testing.assert_allclose(found.x, 1, rtol=1e-12)
    np.testing.assert_allclose(found.hessian, [[802, -400], [-400, 200]], rtol=1e-9)


@pytest.mark.parametrize("scale", [1e-12, 1e-6, 1.0, 1e6, 1e12])
@pytest.mark.parametrize("start", ["zeros", "scaled"])
def test_units_that_differ_by_many_powers_of_ten(scale: float, start: str) -> None:
    units = np.array([scale, 1.0, 1 / scale])
    centre = np.array([3.0, -2.0, 5.0]) * units
    found = minimize(
        lambda x: float(np.sum(((x - centre) / units) ** 2)) + 7,
        np.zeros(3) if start == "zeros" else units,
    )
    assert found.converged
    np.testing.assert_allclose(found.x, centre, rtol=1e-9)


@pytest.mark.parametrize("height", [1e-15, 1.0, 1e15])
def test_a_likelihood_has_its_maximum_at_mean_and_variance(height: float) -> None:
    y = np.random.default_rng(1).normal(3, 2, 50)  # synthetic

    def minus_log(x: np.ndarray) -> float:
        if x[1] <= 0:
            return np.inf
        return float(height * (25 * np.log(x[1]) + 0.5 * np.sum((y - x[0]) ** 2) / x[1]))

    found = minimize(minus_log, [0.0, 0.01])
    assert found.converged
    np.testing.assert_allclose(found.x, [y.mean(), y.var()], rtol=1e-10)
    information = np.diag([50 / y.var(), 25 / y.var() ** 2])
    np.testing.assert_allclose(found.hessian / height, information, rtol=1e-8, atol=1e-8)


def test_badly_conditioned_and_turned() -> None:
    turn = np.linalg.qr(np.random.default_rng(2).normal(size=(6, 6)))[0]
    curve = turn @ np.diag(10.0 ** np.arange(6)) @ turn.T
    centre = np.arange(1.0, 7.0)
    found = minimize(lambda x: 3 + float((x - centre) @ curve @ (x - centre)), np.zeros(6))
    assert found.converged
    np.testing.assert_allclose(found.x, centre, rtol=1e-7)


def test_a_flat_direction_is_left_alone() -> None:
    found = minimize(lambda x: (x[0] + x[1] - 1) ** 2 + 1, [5.0, 7.0])
    assert found.converged
    np.testing.assert_allclose(found.x.sum(), 1, rtol=1e-9)


def test_a_slope_without_end_does_not_converge() -> None:
    assert not minimize(lambda x: np.exp(-x[0]), [0.0]).converged


def test_a_saddle_is_left() -> None:
    found = minimize(lambda x: (x[0] ** 2 - 1) ** 2 + x[1] ** 2 + 0.5, [0.0, 1.0])
    assert found.converged
    np.testing.assert_allclose(np.abs(found.x), [1, 0], atol=1e-9)


def test_a_kink_is_found_by_the_simplex() -> None:
    found = minimize(lambda x: abs(x[0] - 2) + abs(x[1] + 1) + 1, [0.0, 0.0])
    np.testing.assert_allclose(found.x, [2, -1], rtol=1e-5)


def test_too_few_iterations_are_told() -> None:
    assert not minimize(lambda x: valley(x) + 5, np.full(10, -1.2), max_iterations=3).converged


def test_no_parameters() -> None:
    found = minimize(lambda x: 4.0, [])
    assert (found.value, found.converged, found.x.size) == (4.0, True, 0)


def test_a_start_outside_the_domain_is_refused() -> None:
    with pytest.raises(StatsError, match=r"no finite value at x=\[-1\.0\]; start elsewhere"):
        minimize(lambda x: np.log(x[0]), [-1.0])


def test_results_are_frozen() -> None:
    found = minimize(lambda x: float(x @ x) + 1, [3.0])
    with pytest.raises(FrozenInstanceError):
        found.value = 0.0  # type: ignore[misc]
