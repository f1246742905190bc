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
