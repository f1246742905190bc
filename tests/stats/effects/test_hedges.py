"""Hedges' factor against exact arithmetic."""

from __future__ import annotations

from decimal import Decimal, getcontext

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.effects.hedges import hedges_factor

PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899")


def exact(largest):
    """J(m) for m = 2..largest, from gamma(m/2)/gamma((m-1)/2) by recurrence, to 40 digits."""
    getcontext().prec = 40
    ratio = {2: 1 / PI.sqrt(), 3: PI.sqrt() / 2}
    for m in range(4, largest + 1):
        ratio[m] = ratio[m - 2] * (m - 2) / (m - 3)
    return np.array([float(ratio[m] / (Decimal(m) / 2).sqrt()) for m in range(2, largest + 1)])


def test_exact_to_the_last_digits():
    np.testing.assert_allclose(hedges_factor(np.arange(2, 6001)), exact(6000), rtol=3e-15)


def test_monotone_and_close_to_its_approximation():
    m = np.array([2, 5, 10.5, 39.9, 40, 40.1, 1e3, 1e8, 1e15])
    found = hedges_factor(m)
    assert (np.diff(found) >= 0).all()
    np.testing.assert_allclose(found[2:], 1 - 3 / (4 * m[2:] - 1), rtol=5e-4)
    assert hedges_factor(1e15) == pytest.approx(1, rel=1e-14)


def test_undefined_and_refused():
    assert np.isnan(hedges_factor([0, 0.5, 1, np.nan])).all()
    assert isinstance(hedges_factor(5), float)
    with pytest.raises(StatsError, match="df is empty"):
        hedges_factor([])
    with pytest.raises(StatsError, match="study 1: df=-7 is negative"):
        hedges_factor([4, -7])
    with pytest.raises(StatsError, match="df='x' is not"):
        hedges_factor("x")
