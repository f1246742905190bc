"""Newton's ascent in a box."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats._arrays import FloatArray
from evsyn.stats.models.ascent import maximise
from evsyn.stats.models.mixed_likelihood import Derivatives

FREE = np.array([-np.inf, -np.inf])


def quadratic(peak: FloatArray, curvature: FloatArray):  # type: ignore[no-untyped-def]
    def curve(x: FloatArray) -> Derivatives:
        away = x - peak
        value = float(-0.5 * away @ curvature @ away)
        return Derivatives(value, -curvature @ away, -curvature, curvature)

    return curve, lambda x: curve(x).value


def test_a_quadratic_takes_one_step() -> None:
    peak, curvature = np.array([3.0, -1.0]), np.array([[2.0, 0.9], [0.9, 1.0]])
    curve, height = quadratic(peak, curvature)
    found = maximise(curve, height, np.zeros(2), lower=FREE, upper=-FREE)
    assert found.converged
    np.testing.assert_allclose(found.theta, peak, rtol=1e-12)


@pytest.mark.parametrize("start", [[0.0, 0.0], [5.0, 5.0], [0.1, 3.0]])
def test_a_bound_is_met_exactly(start: list[float]) -> None:
    # free optimum (-1, 2); within x >= 0 the best y is where its own slope vanishes
    curvature = np.array([[2.0, 0.9], [0.9, 1.0]])
    curve, height = quadratic(np.array([-1.0, 2.0]), curvature)
    found = maximise(curve, height, np.array(start), lower=np.zeros(2), upper=-FREE)
    assert found.converged
    assert found.theta[0] == 0.0
    np.testing.assert_allclose(found.theta[1], 2.0 - 0.9, rtol=1e-12)


def test_leaves_a_saddle() -> None:
    def curve(x: FloatArray) -> Derivatives:  # -(x² - 1)² - y²: a saddle at 0, maxima at ±1
        value = float(-((x[0] ** 2 - 1) ** 2) - x[1] ** 2)
        slope = np.array([-4 * x[0] * (x[0] ** 2 - 1), -2 * x[1]])
        second = np.diag([-12 * x[0] ** 2 + 4, -2.0])
        return Derivatives(value, slope, second, np.eye(2))

    start = np.array([0.0, 0.5])
    found = maximise(curve, lambda x: curve(x).value, start, lower=FREE, upper=-FREE)
    assert found.converged
    np.testing.assert_allclose(np.abs(found.theta), [1.0, 0.0], atol=1e-10)


def test_no_finite_start_does_not_converge() -> None:
    nothing = np.full(1, np.nan)
    empty = Derivatives(-np.inf, nothing, nothing[None], nothing[None])
    found = maximise(
        lambda x: empty, lambda x: -np.inf, np.ones(1), lower=np.zeros(1), upper=np.ones(1)
    )
    assert not found.converged


def test_a_climb_onto_a_known_cap_ends_with_it() -> None:
    curve, height = quadratic(np.array([1.0, 1.0]), np.eye(2))
    known = maximise(curve, height, np.zeros(2), lower=FREE, upper=-FREE)
    again = maximise(curve, height, np.array([4.0, 4.0]), lower=FREE, upper=-FREE, known=known)
    assert again is known
