"""The search for the maximum: global among many starts, sound on the bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize

from evsyn.stats.bias.selection_fit import Remembered, fit_selection, normal_fit, standard_errors
from evsyn.stats.bias.selection_likelihood import SelectionLikelihood
from evsyn.stats.bias.selection_weights import FORMS, p_values, step_rule, support_of


def synthetic(seed: int, k: int = 25) -> tuple[np.ndarray, np.ndarray]:
    """Synthetic effects in units of a median variance near 1, some small ones left out."""
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.2, 2.5, 4 * k)
    yi = rng.normal(0.7, np.sqrt(vi + 0.4))
    kept = (yi / np.sqrt(vi) > 1.96) | (rng.uniform(size=4 * k) < 0.4)
    return yi[kept][:k], vi[kept][:k]


def likelihood(name: str, seed: int) -> SelectionLikelihood:
    yi, vi = synthetic(seed)
    rule = step_rule((0.025, 1.0)) if name == "step" else FORMS[name]
    observed = p_values(yi / np.sqrt(vi), rule, 1)
    return SelectionLikelihood(yi, vi, rule, support_of(rule, 1), observed, np.ones(vi.size))


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["step", "halfnorm", "beta"])
def test_no_other_optimiser_from_random_starts_gets_higher(name: str, seed: int) -> None:
    model = likelihood(name, seed)
    fixed = np.array([np.nan] * 2 + ([1.0, np.nan] if name == "step" else []))
    if name != "step":
        fixed = np.full(2 + model.rule.parameters, np.nan)
    found = fit_selection(model, fixed)
    assert found.converged
    free = np.isnan(fixed)
    rng = np.random.default_rng(seed)
    bounds = [(-10, 10), (0, 50), *[(max(model.rule.least, 1e-6), 100)] * (free.sum() - 2)]

    def minus_log(x: np.ndarray) -> float:
        full = fixed.copy()
        full[free] = x
        return min(-model.value(full), 1e10)

    for _ in range(4):
        start = [rng.normal(), rng.uniform(0, 2), *rng.uniform(0.05, 3, free.sum() - 2)]
        other = optimize.minimize(minus_log, start, bounds=bounds, method="L-BFGS-B")
        assert -other.fun <= found.log_likelihood + 1e-8


def test_heterogeneity_that_is_none_ends_on_its_bound() -> None:
    vi = np.linspace(0.5, 2, 12)
    yi = 1.0 + np.where(np.arange(12) % 2, 0.3, -0.3)  # synthetic, closer than chance
    rule = step_rule((0.2, 1.0))
    observed = p_values(yi / np.sqrt(vi), rule, 1)
    model = SelectionLikelihood(yi, vi, rule, support_of(rule, 1), observed, np.ones(12))
    found = fit_selection(model, np.array([np.nan, np.nan, 1.0, np.nan]))
    assert found.parameters[1] == 0 and found.on_bound.tolist() == [False, True, False, False]
    se, covariance = standard_errors(model, found)
    assert np.isnan(se[1]) and np.isnan(covariance[1]).all() and np.isfinite(se[[0, 3]]).all()


def test_standard_errors_are_those_of_the_inverted_information() -> None:
    model = likelihood("step", 1)
    found = fit_selection(model, np.array([np.nan, np.nan, 1.0, np.nan]))
    assert not found.on_bound.any()
    se, covariance = standard_errors(model, found)
    free = [0, 1, 3]
    information = np.empty((3, 3))
    for row, j in enumerate(free):
        move = np.zeros(4)
        move[j] = 1e-4 * max(abs(found.parameters[j]), 0.1)
        high = model.value_and_gradient(found.parameters + move)[1][free]
        low = model.value_and_gradient(found.parameters - move)[1][free]
        information[row] = (low - high) / (2 * move[j])
    inverse = np.linalg.inv(information)
    np.testing.assert_allclose(inverse, covariance[np.ix_(free, free)], rtol=1e-5)
    np.testing.assert_allclose(se[free] ** 2, np.diag(covariance)[free])
    assert np.isnan(se[2])


def test_normal_fit_is_the_maximum_over_a_grid() -> None:
    yi, vi = synthetic(4)
    mean, tau2, value = normal_fit(yi, vi, common=False)
    for t in np.linspace(0, 5, 201):
        w = 1 / (vi + t)
        m = np.sum(w * yi) / np.sum(w)
        other = -0.5 * np.sum(np.log(2 * np.pi * (vi + t)) + w * (yi - m) ** 2)
        assert other <= value + 1e-12
    w = 1 / (vi + tau2)
    assert mean == pytest.approx(np.sum(w * yi) / np.sum(w), rel=1e-14)
    score = np.sum((w * (yi - mean)) ** 2 - w)
    assert tau2 == 0 or score == pytest.approx(0, abs=1e-7)


def test_one_call_for_value_and_gradient() -> None:
    calls = []

    def both(x: np.ndarray) -> tuple[float, np.ndarray]:
        calls.append(x)
        return float(x @ x), 2 * x

    last = Remembered(both)
    assert last.value(np.array([3.0])) == 9
    np.testing.assert_array_equal(last.gradient(np.array([3.0])), [6.0])
    assert len(calls) == 1
