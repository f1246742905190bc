from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.resampling._lattice import LOW, Lattice, doubled


@pytest.mark.parametrize("m", [0, 1, 5, 11])
def test_sums_over_all_subsets(m: int) -> None:
    values = np.random.default_rng(m).normal(size=(2, m))  # synthetic
    bits = (np.arange(1 << m)[:, None] >> np.arange(m)) & 1
    np.testing.assert_allclose(doubled(values), values @ bits.T, atol=1e-12)


@pytest.mark.parametrize("k", [1, 2, 9, LOW, LOW + 1, LOW + 3])
@pytest.mark.parametrize("most", [1, 1 << LOW, 1 << 14])
def test_parts_hold_each_subset_once(k: int, most: int) -> None:
    source = np.random.default_rng(k)  # synthetic
    every = Lattice.sorted(source.normal(size=k), source.choice([0.1, 0.2, 0.4, 0.8], k))
    codes = [every.codes(part) for part in every.parts(most)]
    assert all(len(code) == part.size for code, part in zip(codes, every.parts(most), strict=True))
    np.testing.assert_array_equal(np.sort(np.concatenate(codes)), np.arange(1, 1 << k))


@pytest.mark.parametrize("k", [3, LOW + 2])
def test_sums_of_chunks_leave_out_the_pivot(k: int) -> None:
    source = np.random.default_rng(k)  # synthetic
    every = Lattice.sorted(source.normal(size=k), source.uniform(0.1, 1.0, k))
    values = source.normal(size=(3, k))
    for part in every.parts(1 << LOW):
        codes = every.codes(part)
        held = (codes & every.bits[:, None]) != 0
        assert held[part.at].all()
        assert not held[part.at + 1 :].any()
        found = np.empty((3, part.size))
        for at, sums in every.chunks(part, values):
            found[:, at] = sums
        expected = values @ held - values[:, part.at : part.at + 1]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_the_pivot_is_the_most_precise() -> None:
    every = Lattice.sorted(np.array([1.0, 2.0, 3.0]), np.array([0.2, 0.1, 0.3]))
    np.testing.assert_array_equal(every.yi, [3.0, 1.0, 2.0])
    np.testing.assert_array_equal(every.bits, [4, 1, 2])
