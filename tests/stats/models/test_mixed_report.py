"""What a fit reports: degrees of freedom, prediction limits, reasons."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.models.mixed import multilevel

YI, VI = [0.1, 0.9, 0.3, 1.4, 0.2, 0.7], [0.1, 0.2, 0.1, 0.3, 0.2, 0.1]
STUDY = [1, 1, 2, 2, 3, 3]


def test_contained_degrees_of_freedom_count_groups() -> None:
    mods = np.array([[0, 0, 1, 1, 0, 0], [1, 2, 1, 2, 1, 3]]).T
    groups = [STUDY, range(6)]
    fit = multilevel(YI, VI, groups=groups, mods=mods, test="t", dfs="contain")
    assert fit.df.tolist() == [0.0, 0.0, 3.0]  # 3 studies less 3 coefficients; 6 rows less 3
    assert np.isnan(fit.p_value[:2]).all()
    assert np.isfinite(fit.p_value[2])
    given = multilevel(YI, VI, groups=groups, mods=mods, test="t", dfs=[4, 5, 6])
    assert given.df.tolist() == [4.0, 5.0, 6.0]
    assert given.qm_df2 == 5.0


def test_prediction_limits_hold_every_variance() -> None:
    fit = multilevel(YI, VI, groups=[STUDY, range(6)])
    half = 1.959963984540054 * np.sqrt(fit.se**2 + fit.sigma2.sum())
    np.testing.assert_allclose([fit.pi_lb, fit.pi_ub], [fit.coef - half, fit.coef + half])
    assert np.isnan(multilevel(YI, VI, groups=STUDY, mods=VI).pi_lb)
    uneven = multilevel(YI, VI, groups=STUDY, inner=[1, 2] * 3, structure="HCS")
    assert np.isnan(uneven.pi_lb)


def test_groups_are_counted() -> None:
    assert multilevel(YI, VI, groups=[STUDY, range(6)]).n_groups == (3, 6)
    fit = multilevel(YI, VI, groups=STUDY, inner=[1, 2] * 3, structure="CS")
    assert fit.n_groups == (3,)
    assert fit.levels == (1, 2)


def test_criteria_count_what_was_estimated() -> None:
    fit = multilevel(YI, VI, groups=[["a"] * 6, range(6)])
    assert "groups[0] has one group" in fit.reason
    assert fit.aic == pytest.approx(-2 * fit.log_likelihood + 2 * 2)
    ml = multilevel(YI, VI, groups=STUDY, method="ML")
    assert ml.bic == pytest.approx(-2 * ml.log_likelihood + np.log(6) * 2)
