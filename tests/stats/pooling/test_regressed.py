"""One regression in plain numbers gives what the same regression gives as a column of arrays."""

import pickle

import numpy as np
import pytest

from evsyn.stats.pooling._regressed import Model, regressed
from evsyn.stats.pooling.regression import meta_regression

NAMES = (
    *("coef", "se", "statistic", "p_value", "ci_lb", "ci_ub", "covariance", "qm", "qm_df"),
    *("qm_df2", "qm_pvalue", "qe", "qe_df", "qe_pvalue", "tau2", "tau2_se", "tau2_null", "i2"),
    *("h2", "r2", "k", "fitted", "residuals", "hat", "converged", "n_modes"),
)


def synthetic(seed):
    rng = np.random.default_rng(seed)
    p = int(rng.integers(1, 5))
    k = int(rng.integers(p + 2, 30))
    v = np.exp(rng.normal(size=k) * rng.choice([0.1, 1.0, 2.0])) * 0.1
    mods = np.round(rng.normal(size=(k, p)) * 10.0) + 1990.0
    return rng.normal(size=k) * np.sqrt(v + rng.choice([0.0, 0.1, 1.0])) + 1.0, v, mods


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "DL", "HS", "EE", "HE", "SJ"])
@pytest.mark.parametrize("test", ["z", "knha", "adhoc"])
def test_every_value_is_that_of_the_column(method, test):
    for seed in range(25):
        y, v, mods = synthetic(seed)
        options = {"method": method, "test": test, "intercept": seed % 3 != 0}
        one = meta_regression(y, v, mods, **options)
        column = meta_regression(y[:, None], v[:, None], mods, **options)
        size = np.ptp(y)
        for name in NAMES:
            got, expected = getattr(one, name), getattr(column, name)[..., 0]
            floor = {"tau2": 1e-12, "tau2_null": 1e-12, "i2": 1e-9, "r2": 1e-7}.get(name, 0.0)
            floor = 1e-12 * size if name in ("fitted", "residuals") else floor
            np.testing.assert_allclose(got, expected, rtol=1e-8, atol=floor, err_msg=name)
        assert one.reason == column.reason[0] == ""


def test_p_values_of_a_line_without_error_in_the_tables():
    fit = meta_regression([0.0, 2.0, 1.0], [1.0, 1.0, 1.0], [0.0, 1.0, 2.0], method="EE", test="z")
    # slope 0.5 with the variance 1 / 2; the normal leaves 0.4795001 beyond 0.7071068 on each side
    np.testing.assert_allclose(fit.statistic[1], 0.5**0.5, rtol=1e-12)
    np.testing.assert_allclose(fit.p_value[1], 0.4795001, atol=1e-7)
    np.testing.assert_allclose((fit.qm, fit.qm_pvalue), (0.5, 0.4795001), atol=1e-7)


def test_results_survive_pickling():
    y, v, mods = synthetic(4)
    fit = meta_regression(y, v, mods)
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(fit)).hat, fit.hat)


def test_too_few_studies_are_left_to_the_arrays():
    model = Model("REML", "z", 0.95, True)
    assert regressed(np.array([1.0, 2.0]), np.ones(2), np.array([[1, 2.0], [1, 3]]), model) is None
