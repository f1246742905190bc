"""Integrals against a brute-force sum, and their derivatives against differences."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from evsyn.stats.models._count_likelihood import Design, Point, Rule, study_likelihoods
from evsyn.stats.models._count_terms import Binomial, Hypergeometric, Poisson

A, N1 = np.array([0.0, 3.0, 40.0]), np.array([9.0, 20.0, 300.0])
C, N2 = np.array([4.0, 0.0, 80.0]), np.array([10.0, 25.0, 310.0])
NONE, ONE, HALF = np.zeros(3), np.ones((1, 1)), np.array([[0.5], [-0.5]])
ARMS = (Binomial(A, N1, NONE), Binomial(C, N2, NONE))
OWN = np.array([-1.2, -2.0, -1.4])
CASES = {
    "binomial": (Design((ARMS[0],), ONE, ONE), Point(NONE, np.array([-1.5]), np.array([0.8]))),
    "poisson": (
        Design((Poisson(A, N1),), ONE, ONE),
        Point(NONE, np.array([-2.0]), np.array([1.7])),
    ),
    "hypergeometric": (
        Design((Hypergeometric(A, N1, C, N2),), ONE, ONE),
        Point(NONE, np.array([-0.7]), np.array([2.4])),
    ),
    "own levels": (
        Design(ARMS, HALF, HALF, np.ones(2)),
        Point(OWN, np.array([-0.5]), np.array([0.9])),
    ),
    "random levels": (
        Design(ARMS, np.hstack([HALF, np.ones((2, 1))]), np.hstack([HALF, np.ones((2, 1))])),
        Point(NONE, np.array([-0.6, -1.8]), np.array([0.7, 1.1])),
    ),
    "effects alone": (
        Design(ARMS, HALF, np.empty((2, 0)), np.ones(2)),
        Point(OWN, np.array([-0.5]), np.empty(0)),
    ),
}


def predictors(design, point, u):
    """Linear predictor of each arm, (J, k), at one value of the random effects."""
    base = design.fixed @ point.fixed + design.random @ (point.scale * u)
    own = 0.0 if design.own is None else design.own[:, None] * point.own
    return np.repeat(base[:, None], 3, axis=1) + own


def brute_force(design, point, nodes):
    """Log of the integral of each study by a plain sum over +-9 standard deviations."""
    axis = np.linspace(-9, 9, nodes)
    step = axis[1] - axis[0]
    total = np.zeros(3)
    for place in product(axis, repeat=design.random.shape[1]):
        u = np.array(place)
        etas = predictors(design, point, u)
        logs = sum(arm(eta[:, None])[0][:, 0] for arm, eta in zip(design.arms, etas, strict=True))
        density = np.prod(np.exp(-0.5 * u**2) / np.sqrt(2 * np.pi) * step)
        total += np.exp(logs) * density
    return np.log(total)


@pytest.mark.parametrize("name", CASES)
def test_value_is_the_integral(name):
    design, point = CASES[name]
    nodes = 201 if design.random.shape[1] == 2 else 4001
    found = study_likelihoods(design, point, Rule(129)).value
    rtol = 1e-9 if design.random.shape[1] == 2 else 1e-11  # what so many plain nodes give
    np.testing.assert_allclose(found, brute_force(design, point, nodes), rtol=rtol)


@pytest.mark.parametrize("rule", [Rule(129), Rule(9, gauss=True)], ids=["trapezoid", "gauss"])
@pytest.mark.parametrize("name", CASES)
def test_derivatives_are_those_of_the_value(name, rule):
    design, point = CASES[name]
    whole = study_likelihoods(design, point, rule)
    q, f = whole.gradient.shape[0], point.fixed.size
    h = 1e-4

    def moved(at, size):
        own, common = point.own.copy(), np.concatenate([point.fixed, point.scale])
        if design.own is not None and at == 0:
            own += size
        else:
            common[at - (design.own is not None)] += size
        return study_likelihoods(design, Point(own, common[:f], common[f:]), rule)

    for at in range(q):
        up, down = moved(at, h), moved(at, -h)
        np.testing.assert_allclose(
            whole.gradient[at], (up.value - down.value) / (2 * h), rtol=1e-6, atol=1e-6
        )
        np.testing.assert_allclose(
            whole.hessian[at], (up.gradient - down.gradient) / (2 * h), rtol=2e-5, atol=2e-5
        )


def test_gauss_hermite_comes_near_with_more_nodes():
    design, point = CASES["hypergeometric"]
    exact = study_likelihoods(design, point, Rule(257)).value
    gaps = [
        np.abs(study_likelihoods(design, point, Rule(n, gauss=True)).value - exact).max()
        for n in (1, 7, 25, 80)
    ]
    assert gaps[0] > gaps[1] > gaps[2] > gaps[3]
    assert gaps[3] < 1e-5


def test_laplace_is_the_formula():
    design, point = CASES["binomial"]
    found = study_likelihoods(design, point, Rule(1, gauss=True)).value
    grid = np.linspace(-9, 9, 1800001)
    for i in range(3):
        x, n = A[i], N1[i]
        eta = -1.5 + 0.8 * grid
        logs = x * eta - n * np.log1p(np.exp(eta)) - 0.5 * grid**2
        at = logs.argmax()
        p = 1 / (1 + np.exp(-eta[at]))
        curvature = 1 + 0.64 * n * p * (1 - p)
        constant = ARMS[0].constant[i]
        np.testing.assert_allclose(
            found[i], logs[at] + constant - 0.5 * np.log(curvature), rtol=2e-6
        )


def test_narrow_and_wide_integrands():
    big = Binomial(np.array([3e6, 0.0]), np.array([1e7, 1e7]), np.zeros(2))
    for scale in (1e-8, 1e-3, 1.0, 30.0):
        point = Point(np.zeros(2), np.array([-0.85]), np.array([scale]))
        found = study_likelihoods(Design((big,), ONE, ONE), point, Rule(801))
        half = study_likelihoods(Design((big,), ONE, ONE), point, Rule(401))
        np.testing.assert_allclose(found.value, half.value, rtol=1e-8)
        assert np.isfinite(found.hessian).all()


def test_design_without_an_effect():
    design, _ = CASES["random levels"]
    rest = design.without(0)
    np.testing.assert_array_equal(rest.random, np.ones((2, 1)))
    assert rest.arms is design.arms
