"""Q and I² of dependent effects."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.models.heterogeneity_shares import fixed_fit, shares
from evsyn.stats.models.mixed import multilevel

YI, VI = np.array([0.1, 0.9, 0.3, 1.4]), np.array([0.1, 0.2, 0.1, 0.3])


def test_independent_effects_have_the_usual_q_and_typical_variance() -> None:
    fit = multilevel(YI, VI, groups=[1, 1, 2, 2])
    fixed = fixed_fit(fit.model)
    w = 1 / VI
    mean = (w @ YI) / w.sum()
    assert fixed.q == pytest.approx(w @ (YI - mean) ** 2)
    typical = 3 * w.sum() / (w.sum() ** 2 - w @ w)  # Higgins and Thompson's s²
    found, total = shares(fit.model, fixed, np.array([0.5]), np.zeros(0))
    typical /= fit.model.scale**2
    np.testing.assert_allclose(found, [100 * 0.5 / (0.5 + typical)])
    assert total == pytest.approx(found[0])


def test_freedom_sums_to_rows_minus_coefficients() -> None:
    v = np.diag(VI)
    v[0, 1] = v[1, 0] = 0.05
    fit = multilevel(YI, v, groups=[1, 1, 2, 2], mods=[1, 2, 3, 5])
    assert fixed_fit(fit.model).freedom.sum() == pytest.approx(2)


def test_nothing_between_effects_is_no_share() -> None:
    fit = multilevel(YI, VI, groups=[1, 1, 2, 2])
    found, total = shares(fit.model, fixed_fit(fit.model), np.zeros(2), np.zeros(0))
    assert (found.tolist(), total) == ([0.0, 0.0], 0.0)
