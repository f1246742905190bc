from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.pooling.between_studies import METHODS
from evsyn.stats.pooling.pool import pool
from evsyn.stats.resampling._lattice import Lattice
from evsyn.stats.resampling._subset_fits import Members, lattice_fits, masked_fits, sampled_fits


def synthetic(k: int, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    source = np.random.default_rng(k)
    vi = np.exp(source.uniform(-3 * spread, 3 * spread, k))
    return source.normal(0.0, np.sqrt(vi + 0.5)), vi


def test_members_are_unpacked_from_the_lowest_bit() -> None:
    masks = Members(np.array([[0b101, 0b1], [0b10, 0b0]], dtype=np.uint8)).masks(9)
    np.testing.assert_array_equal(masks[:, 0], [1, 0, 1, 0, 0, 0, 0, 0, 1])
    np.testing.assert_array_equal(masks[:, 1], [0, 1, 0, 0, 0, 0, 0, 0, 0])


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("spread", [0.3, 3.0])
def test_every_part_is_what_pool_gives(method: str, spread: float) -> None:
    yi, vi = synthetic(8, spread)
    every = Lattice.sorted(yi, vi)
    for part in every.parts(1 << 12):
        codes = every.codes(part)
        held = (codes >> np.arange(8)[:, None]) & 1 == 1
        fit = pool(
            np.where(held, yi[:, None], np.nan), np.where(held, vi[:, None], np.nan), method=method
        )
        found = lattice_fits(every, method, part)
        tau2 = np.zeros(codes.size) if found.tau2 is None else found.tau2
        scale = vi.min()
        np.testing.assert_allclose(
            found.estimate, fit.estimate, rtol=1e-10, atol=1e-11 * np.sqrt(scale)
        )
        np.testing.assert_allclose(tau2, np.nan_to_num(fit.tau2), rtol=1e-9, atol=1e-10 * scale)
        np.testing.assert_allclose(found.q, fit.q, rtol=1e-9, atol=1e-10)
        np.testing.assert_allclose(found.i2, fit.i2, rtol=1e-8, atol=1e-8)


def test_one_study_outweighing_the_others_costs_no_digits() -> None:
    yi, vi = np.array([0.0, 1e-3, 2.0, -1.0, 5.0]), np.array([1e-12, 1.1e-12, 1.0, 2.0, 1e3])
    every = Lattice.sorted(yi, vi)
    for part in every.parts(1 << 12):
        found, codes = lattice_fits(every, "EE", part), every.codes(part)
        held = (codes >> np.arange(5)[:, None]) & 1 == 1
        fit = pool(
            np.where(held, yi[:, None], np.nan), np.where(held, vi[:, None], np.nan), method="EE"
        )
        np.testing.assert_allclose(found.q, fit.q, rtol=1e-10)
        np.testing.assert_allclose(found.estimate, fit.estimate, rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize("vi", [[0.0, 1.0, 2.0], [1e-100, 1e-90, 1e-95], [1e-15, 2e-15, 3e-15]])
@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_variances_of_zero_and_extreme_scales(vi: list[float], method: str) -> None:
    v = np.array(vi)
    y = np.array([0.0, 1.0, -3.0]) * np.sqrt(v.max())
    held = np.array(
        [[True, True, False], [True, True, True], [False, True, True], [True, False, False]]
    ).T
    found = masked_fits((y, v), method, held)
    fit = pool(
        np.where(held, y[:, None], np.nan), np.where(held, v[:, None], np.nan), method=method
    )
    np.testing.assert_allclose(found.estimate, fit.estimate, rtol=1e-9)
    if method != "EE":
        np.testing.assert_allclose(found.tau2, fit.tau2, rtol=1e-9)


def test_samples_are_fitted_like_masks() -> None:
    yi, vi = synthetic(11)
    bits = np.random.default_rng(2).integers(1, 8, size=(50, 2), dtype=np.uint8)
    one, other = (
        sampled_fits((yi, vi), "DL", Members(bits)),
        masked_fits((yi, vi), "DL", Members(bits).masks(11)),
    )
    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a, b)
