"""Sums in compiled code (in Python where numba is not installed) against those of one analysis."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.pooling import _compiled_sums
from evsyn.stats.pooling._criteria import full_likelihood, generalised_q, restricted_likelihood
from evsyn.stats.pooling._single import Analysis


def loaded() -> tuple[tuple[np.ndarray, np.ndarray, int, float], Analysis, float]:
    source = np.random.default_rng(4)  # synthetic
    vi, yi = source.uniform(0.1, 1.0, (7, 1)), source.normal(size=(7, 1))
    d, v = np.empty(12), np.empty(12)
    m, _, pivot, widest, zero, far = _compiled_sums.loaded((yi, vi), 0, d, v)
    least = np.arange(7) == vi[:, 0].argmin()
    away, spread = yi[:, 0] - yi[least, 0], np.where(least, np.inf, vi[:, 0])
    single = Analysis(away, spread, float(pivot), restricted_likelihood)
    assert m % _compiled_sums.LANES == 0
    assert widest == vi.max()
    assert not zero
    squares = (yi - yi.mean()) ** 2
    assert far == pytest.approx((vi * squares).sum() / squares.sum(), rel=1e-8)
    return (d, v, m, pivot), single, float(pivot)


@pytest.mark.parametrize(
    ("code", "criterion"), [(0, restricted_likelihood), (1, full_likelihood), (2, generalised_q)]
)
@pytest.mark.parametrize("x", [0.0, 0.3, 20.0])
def test_places_are_those_of_plain_numbers(code: int, criterion: object, x: float) -> None:
    data, single, _ = loaded()
    single.criterion = criterion  # type: ignore[assignment]
    expected = single.at(x)

    found, values = _compiled_sums.place_at(code, data, 7.0, x)
    assert found.shift == pytest.approx(expected.moments.shift, rel=1e-12)
    np.testing.assert_allclose(
        values[1:], [expected.slope, expected.z, expected.s, expected.eta, expected.se2], rtol=1e-10
    )
    assert np.log(values[0]) == pytest.approx(expected.log_ratio, rel=1e-10)
    assert _compiled_sums.spread_at(code, data, 7.0, x) == pytest.approx(expected.se2, rel=1e-12)
    if code < 2:
        assert _compiled_sums.heights(code, data, x) == pytest.approx(single.height(expected))
