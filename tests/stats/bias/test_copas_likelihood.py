"""Copas' likelihood against an integral over the latent variable, and its maximum."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, optimize, stats

from evsyn.stats._optimize import gradient
from evsyn.stats.bias.copas_likelihood import copas_log_likelihood, fit_copas

RNG = np.random.default_rng(5)  # synthetic effects
S = RNG.uniform(0.3, 2.5, 15)
Y = RNG.normal(0.4, np.sqrt(S**2 + 0.3)) + 0.4 * S
GAMMAS = [(-0.5, 0.6), (0.3, 0.1), (-1.5, 1.2), (1.0, 2.0)]


def latent(theta: float, beta: float, tau2: float, rho: float, gamma: tuple[float, float]) -> float:
    """The joint normal of effect and latent z, integrated over z > 0, over the chance of z > 0."""
    total = 0.0
    for y, s in zip(Y, S, strict=True):
        u = gamma[0] + gamma[1] / s
        hazard = stats.norm.pdf(u) / stats.norm.cdf(u)
        sigma = s / np.sqrt(1 - rho**2 * hazard * (u + hazard))
        covariance = [[sigma**2 + tau2, rho * sigma], [rho * sigma, 1.0]]
        both = stats.multivariate_normal([theta + beta * s, u], covariance)
        area = integrate.quad(lambda z, y=y, both=both: both.pdf([y, z]), 0, u + 12, epsrel=1e-11)
        total += np.log(area[0]) - stats.norm.logcdf(u)
    return float(total)


@pytest.mark.parametrize("gamma", GAMMAS)
@pytest.mark.parametrize("parameters", [(0.3, 0.0, 0.2, 0.6), (0.1, 0.2, 0.05, -0.4)])
def test_likelihood_is_the_integral_over_the_latent_variable(
    parameters: tuple[float, ...], gamma: tuple[float, float]
) -> None:
    value, _ = copas_log_likelihood(np.array(parameters), Y, S, np.array(gamma))
    assert value == pytest.approx(latent(*parameters, gamma), rel=1e-8)


def test_spread_of_published_effects_is_the_standard_error() -> None:
    """Simulated: sigma² = s² / (1 - c² rho²) makes published errors spread as s says."""
    rng = np.random.default_rng(11)
    rho, u = 0.8, -0.3
    hazard = stats.norm.pdf(u) / stats.norm.cdf(u)
    sigma = 1.0 / np.sqrt(1 - rho**2 * hazard * (u + hazard))
    e = rng.normal(size=2_000_000)
    published = u + rho * e + np.sqrt(1 - rho**2) * rng.normal(size=e.size) > 0
    assert np.std(sigma * e[published]) == pytest.approx(1.0, abs=0.003)


@pytest.mark.parametrize("gamma", [*GAMMAS, (np.inf, 0.0)])
@pytest.mark.parametrize("parameters", [(0.3, 0.1, 0.2, 0.6), (0.1, 0.0, 0.02, -0.9)])
def test_gradient_is_that_of_differences(
    parameters: tuple[float, ...], gamma: tuple[float, float]
) -> None:
    point, pair = np.array(parameters), np.array(gamma)
    slope = copas_log_likelihood(point, Y, S, pair)[1]

    def value(x: np.ndarray) -> float:
        return copas_log_likelihood(np.array([*x, point[3]]), Y, S, pair)[0]

    np.testing.assert_allclose(gradient(value, point[:3]), slope[:3], rtol=1e-6, atol=1e-7)
    step = np.array([0, 0, 0, 1e-6])
    if np.isfinite(gamma[0]):
        high = copas_log_likelihood(point + step, Y, S, pair)[0]
        low = copas_log_likelihood(point - step, Y, S, pair)[0]
        assert slope[3] == pytest.approx((high - low) / 2e-6, rel=1e-6, abs=1e-7)
    else:
        assert slope[3] == 0


@pytest.mark.parametrize("gamma", GAMMAS)
def test_maximum_is_that_of_a_slow_search(gamma: tuple[float, float]) -> None:
    pair = np.array(gamma)
    found = fit_copas(Y, S, pair)
    assert found.converged
    for slope, statistic in ((False, 0.0), (True, found.residual)):

        def minus_log(x: np.ndarray, slope: bool = slope) -> float:
            beta = x[3] if slope else 0.0
            value = copas_log_likelihood(np.array([x[0], beta, x[1], x[2]]), Y, S, pair)[0]
            return -value if np.isfinite(value) else 1e10

        bounds = [(-5, 5), (0, 10), (-0.9999, 0.9999), *([(-5, 5)] if slope else [])]
        slow = optimize.differential_evolution(
            minus_log, bounds, rng=3, tol=1e-9, maxiter=400, popsize=10, polish=True
        )
        expected = found.log_likelihood + statistic / 2
        assert -slow.fun <= expected + 1e-8
        assert -slow.fun == pytest.approx(expected, abs=1e-5)
        if not slope:
            np.testing.assert_allclose(
                [found.estimate, found.tau2, found.rho], slow.x, rtol=2e-3, atol=2e-3
            )


def test_standard_error_is_that_of_the_profile_likelihood() -> None:
    pair = np.array([-0.5, 0.6])
    found = fit_copas(Y, S, pair)

    def profile(theta: float) -> float:
        def minus_log(x: np.ndarray) -> float:
            value = copas_log_likelihood(
                np.array([theta, 0.0, x[0] ** 2, np.sin(x[1])]), Y, S, pair
            )
            return -value[0] if np.isfinite(value[0]) else 1e10

        start = [found.tau2**0.5, np.arcsin(found.rho)]
        return -float(
            optimize.minimize(
                minus_log, start, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13}
            ).fun
        )

    h = 0.05 * found.se
    values = [profile(found.estimate + step) for step in (-h, 0.0, h)]
    curvature = -(values[0] - 2 * values[1] + values[2]) / h**2
    assert found.se == pytest.approx(curvature**-0.5, rel=1e-3)


def test_without_selection_it_is_the_normal_model() -> None:
    value, slope = copas_log_likelihood(np.array([0.3, 0, 0.2, 0.5]), Y, S, np.array([np.inf, 0]))
    assert value == pytest.approx(stats.norm.logpdf(Y, 0.3, np.sqrt(S**2 + 0.2)).sum(), rel=1e-13)
    assert slope[3] == 0
    found = fit_copas(Y, S, np.array([np.inf, 0.0]))
    assert np.isnan(found.rho) and not found.on_bound


def test_outside_the_domain() -> None:
    pair = np.array([0.0, 1.0])
    assert copas_log_likelihood(np.array([0.0, 0, -99.0, 0.5]), Y, S, pair)[0] == -np.inf
    assert copas_log_likelihood(np.array([0.0, 0, 1.0, 1.5]), Y, S, pair)[0] == -np.inf
