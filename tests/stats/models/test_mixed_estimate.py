"""The highest maximum of random models against a dense scan of the likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.models.mixed import multilevel
from evsyn.stats.models.mixed_estimate import excess_variance, highest
from evsyn.stats.models.mixed_likelihood import log_likelihood


@pytest.mark.parametrize("seed", range(40))
def test_no_point_of_a_dense_scan_is_higher(seed: int) -> None:
    rng = np.random.default_rng(seed)  # synthetic data
    k = int(rng.integers(4, 30))
    group = rng.integers(0, max(k // 3, 2), k)
    group[:2] = 0, 1
    group[2:4] = 0, 1
    vi = 10.0 ** rng.uniform(-4, 2, k)
    between = 10.0 ** rng.uniform(-4, 2, 2)
    yi = rng.normal(size=k)[group] * np.sqrt(between[0])
    yi = yi + rng.normal(size=k) * np.sqrt(between[1] + vi)
    fit = multilevel(yi, vi, groups=[group, np.arange(k)])
    assert fit.converged
    top = log_likelihood(fit.model, fit.theta)
    grid = np.concatenate([[0.0], 10.0 ** np.linspace(-7, 2, 25)])
    scan = max(log_likelihood(fit.model, np.array([a, b])) for a in grid for b in grid)
    assert scan <= top + 1e-9


def test_excess_is_above_zero_and_of_the_size_of_heterogeneity() -> None:
    fit = multilevel([0.0, 0.0, 10.0, 10.0], [0.01] * 4, groups=range(4))
    found = excess_variance(fit.model) * fit.model.scale**2
    assert found == pytest.approx(np.var([0, 0, 10, 10], ddof=1) - 0.01)
    calm = multilevel([1.0, 1.0, 1.0], [0.1] * 3, groups=range(3))
    assert excess_variance(calm.model) > 0
    assert highest(calm.model).theta.tolist() == [0.0]


@pytest.mark.parametrize("structure", ["CS", "HCS", "AR", "HAR", "CAR", "UN", "DIAG", "ID"])
def test_no_random_point_of_a_structure_is_higher(structure: str) -> None:
    for seed in range(12):
        rng = np.random.default_rng(seed)  # synthetic data
        group, level = (codes.ravel() for codes in np.mgrid[:12, :3])
        kept = np.sort(rng.permutation(36)[:30])
        group, level = group[kept], level[kept]
        vi = 10.0 ** rng.uniform(-2, 1, 30)
        yi = rng.normal(size=12)[group] * 10.0 ** rng.uniform(-2, 1)
        yi = yi + rng.normal(size=30) * np.sqrt(10.0 ** rng.uniform(-2, 1) + vi)
        fit = multilevel(yi, vi, groups=group, inner=level, structure=structure)  # type: ignore[arg-type]
        assert fit.converged
        top = log_likelihood(fit.model, fit.theta)
        made = fit.model.structure
        assert made is not None
        for _ in range(150):
            sizes = rng.choice([-1.0, 1.0], len(made.lower)) * 10.0 ** rng.uniform(-3, 0.5)
            theta = np.where(made.power > 0, sizes, rng.uniform(-1, 1, len(made.lower)))
            theta = np.clip(theta, made.lower, made.upper)
            assert log_likelihood(fit.model, theta) <= top + 1e-9


def test_variance_beside_zero_is_found_whatever_the_correlation_there() -> None:
    # synthetic: an autocorrelation below 0 in effects that otherwise hardly differ
    yi = np.array([0.6, -0.6, 0.5, -0.7, 0.7, -0.5, 0.4, -0.6]) / 2
    groups, time = [1, 1, 2, 2, 3, 3, 4, 4], [1, 2] * 4
    fit = multilevel(yi, [0.09] * 8, groups=groups, inner=time, structure="AR")
    assert fit.rho[0] < 0
    assert fit.tau2[0] > 0
    hetero = multilevel(yi, [0.09] * 8, groups=groups, inner=time, structure="HAR")
    assert hetero.log_likelihood >= fit.log_likelihood - 1e-9


def test_one_precise_pair_among_imprecise_effects_is_a_mode_that_is_found() -> None:
    # synthetic: with variances from 1e-6 to 1e4 the modes are many decades apart
    for seed in range(9, 900, 45):
        rng = np.random.default_rng(seed)
        k = int(rng.integers(6, 40))
        group = rng.integers(0, max(k // 3, 2), k)
        vi = 10.0 ** rng.uniform(-5, 3, k)
        yi = rng.normal(size=k)[group] + rng.normal(size=k) * np.sqrt(0.1 + vi)
        fit = multilevel(yi, vi, groups=[group, np.arange(k)])
        top, unit = log_likelihood(fit.model, fit.theta), fit.model.scale**2
        grid = np.concatenate([[0.0], 10.0 ** np.arange(-6.0, 3.5, 0.5)]) / unit
        scan = max(log_likelihood(fit.model, np.array([a, b])) for a in grid for b in grid)
        assert scan <= top + 1e-9
