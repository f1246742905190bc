"""Random meta-analyses (synthetic): REML at the top of its likelihood, converged, not a warning.

10,000 seeded analyses, unless ``EVSYN_ANALYSES`` says how many. The likelihood is scanned densely
and written so that it keeps its digits: by the differences from the most precise study, without
which variances from 1e-8 to 1e8 would leave only noise.
"""

from __future__ import annotations

import os

import numpy as np
import pytest

from evsyn.stats import pool

ANALYSES = int(os.environ.get("EVSYN_ANALYSES", "10000"))
PARTS = 10
SCAN = 1000
SEED = 20240517


def drawn(random):
    """Effects and variances of 2 to 50 studies: tau² to 10, variances 1e-8 to 1e8, ties, zeros."""
    k = random.integers(2, 51)
    tau2 = 10 ** random.uniform(-4, 1) if random.random() < 0.8 else 0.0
    vi = (
        lambda: 10 ** random.uniform(-8, 8, k),
        lambda: 10 ** random.uniform(-3, 1, k),
        lambda: random.uniform(0.02, 0.5, k),
        lambda: np.full(k, 10 ** random.uniform(-8, 8)),
        lambda: (
            np.where(random.random(k) < 0.5, 1e-8, 10 ** random.uniform(-2, 2))
            * random.uniform(0.5, 2, k)
        ),
        lambda: 10 ** random.normal(0, 1, k),
    )[random.integers(6)]()
    yi = random.normal(size=k) * np.sqrt(vi + tau2)
    if random.random() < 0.15:
        yi = np.round(yi, 1)
    if random.random() < 0.1:  # nearly or entirely tied
        yi = yi[0] + (random.random() < 0.5) * 1e-9 * random.normal(size=k)
    if random.random() < 0.1:
        vi[random.integers(k)] = 0.0
    return yi, vi


def twice_log_likelihood(yi, vi, tau2):
    """Twice the restricted log-likelihood at each tau², up to a constant."""
    precise = vi.argmin()
    others = np.arange(yi.size) != precise
    differences = yi[others] - yi[precise]
    weights = 1 / (vi[others] + tau2[:, None])
    own = vi[precise] + tau2
    determinant = 1 / (1 + weights.sum(axis=1) * own)
    shift = (weights * differences).sum(axis=1)
    squares = (weights * differences**2).sum(axis=1) - shift**2 * own * determinant
    return np.log(determinant) + np.log(weights).sum(axis=1) - squares


@pytest.mark.parametrize("part", range(PARTS))
def test_reml_is_the_global_optimum_and_says_it_converged(part):
    random = np.random.default_rng([SEED, part])
    for number in range(ANALYSES // PARTS):
        yi, vi = drawn(random)
        here = f"part {part}, analysis {number}, k={yi.size}"
        found = pool(yi, vi, test="z")
        assert found.converged, here
        assert np.isfinite([found.estimate, found.tau2]).all(), here
        if np.isnan(found.se):  # all weight is on a study without sampling error
            assert (vi == 0).any(), here
            assert found.tau2 == 0, here
            assert found.reason, here
        assert found.tau2 >= 0, here
        top = (yi.max() - yi.min()) ** 2 + vi.max()
        low = max(1e-13 * top, 1e-6 * vi[vi > 0].min())
        grid = np.concatenate([[0.0], np.geomspace(low, top, SCAN)])
        highest = twice_log_likelihood(yi, vi, grid).max()
        own = twice_log_likelihood(yi, vi, np.array([float(found.tau2)]))[0]
        assert highest - own <= 1e-8 * max(1.0, 1e-3 * abs(own)), (here, found.tau2)


def test_a_batch_of_analyses_gives_what_each_gives_alone():
    random = np.random.default_rng([SEED, PARTS])
    analyses = [drawn(random) for _ in range(ANALYSES // PARTS)]
    yi, vi = (np.full((50, len(analyses)), np.nan) for _ in range(2))
    for column, (one, other) in enumerate(analyses):
        yi[: one.size, column], vi[: one.size, column] = one, other
    batch = pool(yi, vi, test="z")
    assert batch.converged.all()
    for column, (one, other) in enumerate(analyses):
        alone = pool(one, other, test="z")
        np.testing.assert_allclose(
            batch.tau2[column], alone.tau2, rtol=1e-8, atol=1e-12 * other.min(), err_msg=str(column)
        )
        near = 1e-9 * float(np.nan_to_num(alone.se))
        np.testing.assert_allclose(
            batch.estimate[column], alone.estimate, rtol=1e-8, atol=near, err_msg=str(column)
        )
        np.testing.assert_allclose(batch.se[column], alone.se, rtol=1e-8, err_msg=str(column))


def test_several_studies_without_sampling_error():
    """If they differ tau² is above 0; if not the likelihood has no bound, and nothing to test."""
    random = np.random.default_rng([SEED, PARTS + 1])
    for number in range(ANALYSES // PARTS):
        yi, vi = drawn(random)
        exact = random.choice(yi.size, size=min(yi.size, random.integers(2, 5)), replace=False)
        vi[exact] = 0.0
        apart = np.ptp(yi[exact])
        found = pool(yi, vi, test="z")
        if apart == 0:
            assert np.isnan(found.estimate), number
            assert "variances of 0" in found.reason, number
            assert not found.converged, number
            continue
        assert found.converged, number
        top = np.ptp(yi) ** 2 + vi.max()
        grid = np.geomspace(min(1e-13 * top, 1e-4 * apart**2), top, SCAN)
        highest = twice_log_likelihood(yi, vi, grid).max()
        own = twice_log_likelihood(yi, vi, np.array([float(found.tau2)]))[0]
        assert highest - own <= 1e-8 * max(1.0, 1e-3 * abs(own)), (number, found.tau2)


def test_the_scan_sees_a_tau2_that_is_off():
    """Synthetic: two precise studies that agree, two imprecise ones far apart."""
    yi, vi = np.array([0.0, 0.1, 9.0, -9.0]), np.array([1e-3, 1e-3, 4.0, 4.0])
    found = float(pool(yi, vi, test="z").tau2)
    worse = twice_log_likelihood(yi, vi, np.array([found, found * 1.5, found / 1.5 + 1e-9]))
    assert worse.argmax() == 0
    assert worse[0] - worse[1:].max() > 1e-3
