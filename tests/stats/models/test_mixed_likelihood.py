"""The likelihood in blocks against the same with full matrices, and its derivatives."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.models.dependent_rows import MixedModel
from evsyn.stats.models.mixed_design import complete_rows, mixed_model, random_part
from evsyn.stats.models.mixed_likelihood import (
    covariance_of_rows,
    derivatives,
    log_likelihood,
    weighted,
)
from evsyn.stats.models.structures import STRUCTURES

RNG = np.random.default_rng(7)
K = 30
OUTER, INNER = np.sort(RNG.integers(0, 8, K)), RNG.integers(0, 3, K)
Y, V = RNG.normal(size=K), RNG.uniform(0.1, 1, K)  # synthetic
MODS = RNG.normal(size=K)


def model(structure: str, restricted: bool) -> MixedModel:
    rows = complete_rows(Y, V, MODS, True)
    if structure == "nested":
        part = random_part(
            [OUTER, np.arange(K) % 3], rows.kept, structure="nested", inner=None, intercepts=None
        )
    else:
        part = random_part(
            OUTER, rows.kept, structure=structure, inner=INNER, intercepts=RNG.integers(0, 5, K)
        )
    return mixed_model(rows, part, restricted)


def parameters(made: MixedModel) -> np.ndarray:
    return np.random.default_rng(8).uniform(0.2, 0.6, len(made.lower))


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("structure", ["nested", *STRUCTURES])
def test_derivatives(structure: str, restricted: bool) -> None:
    made, h = model(structure, restricted), 1e-5
    theta = parameters(made)
    found = derivatives(made, theta)
    assert found.value == pytest.approx(log_likelihood(made, theta), rel=1e-14)
    for a, step in enumerate(np.eye(len(theta)) * h):
        up, down = (log_likelihood(made, theta + turn * step) for turn in (1, -1))
        assert found.gradient[a] == pytest.approx((up - down) / (2 * h), abs=1e-6)
        slopes = [derivatives(made, theta + turn * step).gradient for turn in (1, -1)]
        np.testing.assert_allclose(
            found.hessian[a], (slopes[0] - slopes[1]) / (2 * h), rtol=1e-5, atol=1e-5
        )
    assert np.linalg.eigvalsh(found.information)[0] > 0


@pytest.mark.parametrize("restricted", [True, False])
@pytest.mark.parametrize("structure", ["nested", "UN", "CAR"])
def test_value_is_that_of_full_matrices(structure: str, restricted: bool) -> None:
    made = model(structure, restricted)
    theta = parameters(made)
    m = covariance_of_rows(made, theta, np.arange(K))
    w, x = np.linalg.inv(m), made.design
    normal = x.T @ w @ x
    coef = np.linalg.solve(normal, x.T @ w @ made.yi)
    residual = made.yi - x @ coef
    value = np.linalg.slogdet(m)[1] + residual @ w @ residual
    value += (K - 2 * restricted) * np.log(2 * np.pi)
    value += np.linalg.slogdet(normal)[1] if restricted else 0.0
    found = weighted(made, theta)
    assert found.value == pytest.approx(-value / 2, rel=1e-12)
    np.testing.assert_allclose(found.coef, coef, rtol=1e-10)


def test_expected_information_is_the_mean_of_the_curvature() -> None:
    # over effects drawn from the model, minus the second derivatives average to the information
    made = model("CS", True)
    theta = parameters(made)
    m = covariance_of_rows(made, theta, np.arange(K))
    x = made.design
    w = np.linalg.inv(m)
    p = w - w @ x @ np.linalg.solve(x.T @ w @ x, x.T @ w)
    h = 1e-6
    change = [
        (covariance_of_rows(made, theta + s, np.arange(K)) - m) / h for s in np.eye(len(theta)) * h
    ]
    expected = [[np.trace(p @ a @ p @ b) / 2 for b in change] for a in change]
    np.testing.assert_allclose(derivatives(made, theta).information, expected, rtol=1e-4)


def test_a_singular_matrix_has_no_likelihood() -> None:
    made = model("ID", True)
    assert log_likelihood(made, np.array([-9.0, -9.0])) == -np.inf
    assert derivatives(made, np.array([-9.0, -9.0])).value == -np.inf
