"""Meta-regression against R, its laws, and its edges."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.regression import METHODS, meta_regression

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_regression.json").read_text(encoding="utf-8")
)
RELATIVE = 1e-8
NEAR_ZERO = 1e-10
ESTIMATORS = METHODS[:9]
FLOATS = ("coef", "se", "statistic", "p_value", "ci_lb", "ci_ub", "qm", "qm_pvalue", "qe", "i2")
FLOATS += ("h2", "r2", "fitted", "residuals", "hat")


def floats(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def data_set(name):
    given = REFERENCE["sets"][name]
    return (
        floats(given["yi"]),
        floats(given["vi"]),
        np.column_stack(list(map(floats, given["mods"]))),
    )


def fits():
    for name, given in REFERENCE["sets"].items():
        for fit in given["fits"]:
            yield pytest.param(name, fit, id=f"{name}-{fit['method']}-{fit['test']}")


def example(seed=7, k=14, p=2, n=None):
    """Synthetic effects of k studies with p moderators."""
    rng = np.random.default_rng(seed)
    shape = (k,) if n is None else (k, n)
    vi = rng.uniform(0.02, 0.5, shape)
    mods = rng.normal(size=(k, p))
    return rng.normal(size=shape) * np.sqrt(vi + 0.2), vi, mods


@pytest.mark.parametrize(("name", "expected"), list(fits()))
def test_against_reference(name, expected):
    yi, vi, mods = data_set(name)
    options = {key: expected[key] for key in ("method", "test", "intercept")}
    found = meta_regression(yi, vi, mods, **options)
    for key in set(expected) - set(options):
        value, given = np.ravel(getattr(found, key)), floats(np.atleast_1d(expected[key]))
        if key in ("fitted", "hat"):
            value = value[~np.isnan(value)]
        if key == "r2" and np.isnan(given).all() and not options["intercept"]:
            continue  # R gives none for a design whose columns add up to the intercept
        np.testing.assert_allclose(value, given, rtol=RELATIVE, atol=NEAR_ZERO, err_msg=key)
    assert found.converged
    assert found.reason == ""


@pytest.mark.parametrize("method", ESTIMATORS)
def test_intercept_alone_is_the_pooled_effect(method):
    yi, vi, _ = example()
    for test in ("z", "knha", "adhoc"):
        found = meta_regression(yi, vi, np.empty((yi.size, 0)), method=method, test=test)
        mean = pool(yi, vi, method=method, test=test)
        for ours, name in (("coef", "estimate"), ("se", "se"), ("ci_lb", "ci_lb")):
            np.testing.assert_allclose(getattr(found, ours), [getattr(mean, name)], rtol=1e-12)
        for ours, name in (("tau2", "tau2"), ("tau2_se", "tau2_se"), ("i2", "i2"), ("qe", "q")):
            np.testing.assert_allclose(getattr(found, ours), getattr(mean, name), rtol=1e-9)
        assert np.isnan(found.qm)


@pytest.mark.parametrize("method", ESTIMATORS)
@pytest.mark.parametrize("size", [1e-15, 1e-3, 1e15])
def test_scale_of_effects_carries_over(method, size):
    yi, vi, mods = example()
    plain = meta_regression(yi, vi, mods, method=method)
    found = meta_regression(yi * size, vi * size**2, mods, method=method)
    for name, power in (("coef", 1), ("se", 1), ("tau2", 2), ("tau2_se", 2), ("covariance", 2)):
        np.testing.assert_allclose(
            getattr(found, name), getattr(plain, name) * size**power, rtol=1e-10, err_msg=name
        )
    for name in ("p_value", "qm", "qe", "i2", "h2", "r2", "hat"):
        np.testing.assert_allclose(getattr(found, name), getattr(plain, name), rtol=1e-9)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_scale_and_origin_of_moderators_change_coefficients_alone(method):
    yi, vi, mods = example()
    plain = meta_regression(yi, vi, mods, method=method)
    found = meta_regression(yi, vi, mods * [1e-9, 1e9] + [2e-9, 1e10], method=method)
    np.testing.assert_allclose(found.coef[1:], plain.coef[1:] * [1e9, 1e-9], rtol=1e-9)
    for name in ("tau2", "qm", "qe", "r2", "fitted", "hat"):
        np.testing.assert_allclose(getattr(found, name), getattr(plain, name), rtol=1e-9)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_constant_added_to_effects_moves_the_intercept(method):
    yi, vi, mods = example()
    plain = meta_regression(yi, vi, mods, method=method)
    found = meta_regression(yi + 1024.0, vi, mods, method=method)
    np.testing.assert_allclose(found.coef - plain.coef, [1024.0, 0.0, 0.0], atol=1e-10)
    for name in ("tau2", "qm", "qe", "se"):
        np.testing.assert_allclose(getattr(found, name), getattr(plain, name), rtol=1e-9)


@pytest.mark.parametrize("method", ESTIMATORS)
def test_order_of_studies_does_not_matter(method):
    yi, vi, mods = example()
    at = np.random.default_rng(1).permutation(yi.size)
    plain = meta_regression(yi, vi, mods, method=method)
    found = meta_regression(yi[at], vi[at], mods[at], method=method)
    np.testing.assert_allclose(found.coef, plain.coef, rtol=1e-10)
    np.testing.assert_allclose(found.residuals, plain.residuals[at], rtol=1e-9, atol=1e-13)


def test_columns_are_the_single_analyses():
    yi, vi, mods = example(n=9)
    yi[3, 2] = vi[0, 5] = mods[7, 1] = np.nan
    many = meta_regression(yi, vi, mods)
    assert many.k.tolist() == [13, 13, 12, 13, 13, 12, 13, 13, 13]
    for column in range(9):
        one = meta_regression(yi[:, column], vi[:, column], mods)
        for name in (*FLOATS, "tau2", "covariance", "tau2_null"):
            np.testing.assert_allclose(
                getattr(many, name)[..., column], getattr(one, name), rtol=1e-10, err_msg=name
            )


def test_each_column_may_have_its_own_design():
    yi, vi, mods = example()
    rng = np.random.default_rng(3)
    designs = np.stack([rng.permutation(mods) for _ in range(6)], axis=-1)
    many = meta_regression(yi, vi, designs)
    assert many.coef.shape == (3, 6)
    for column in range(6):
        one = meta_regression(yi, vi, designs[..., column])
        for name in (*FLOATS, "tau2", "tau2_null"):
            np.testing.assert_allclose(getattr(many, name)[..., column], getattr(one, name), 1e-10)


def test_many_columns_are_worked_on_in_parts():
    yi, vi, mods = example(k=6, p=1, n=50_000)
    many = meta_regression(yi, vi, mods, method="DL", test="z")
    assert many.coef.shape == (2, 50_000)
    last = meta_regression(yi[:, -1], vi[:, -1], mods, method="DL", test="z")
    np.testing.assert_allclose(many.coef[:, -1], last.coef, rtol=1e-12)


def test_fitted_and_residuals_add_up():
    yi, vi, mods = example()
    found = meta_regression(yi, vi, mods)
    np.testing.assert_allclose(found.fitted + found.residuals, yi, rtol=1e-12)
    np.testing.assert_allclose(found.fitted, found.coef[0] + mods @ found.coef[1:], rtol=1e-12)
    assert found.hat.sum() == pytest.approx(3.0)


def test_omnibus_of_one_moderator_is_its_square():
    yi, vi, mods = example(p=1)
    for test in ("z", "knha"):
        found = meta_regression(yi, vi, mods[:, 0], test=test)
        assert found.qm == pytest.approx(found.statistic[1] ** 2)
        assert found.qm_pvalue == pytest.approx(found.p_value[1])


def test_reml_is_at_the_highest_point_of_a_dense_scan():
    rng = np.random.default_rng(11)
    for trial in range(60):
        k, p = int(rng.integers(4, 12)), 1 + trial % 2
        vi = 10.0 ** rng.uniform(-4, 2, k)
        yi = rng.normal(size=k) * np.sqrt(vi + 10.0 ** rng.uniform(-3, 1))
        mods = rng.normal(size=(k, p))
        full = trial % 3 == 0
        found = meta_regression(yi, vi, mods, method="ML" if full else "REML", test="z")
        assert found.converged
        grid = np.concatenate([[0.0], np.logspace(-8, 4, 1200), [found.tau2]])
        heights = [likelihood(yi, vi, mods, tau2, full) for tau2 in grid]
        assert heights[-1] >= max(heights) - 1e-8 * abs(heights[-1])


def likelihood(yi, vi, mods, tau2, full):
    x, w = np.column_stack([np.ones(yi.size), mods]), 1 / (vi + tau2)
    information = x.T @ (w[:, None] * x)
    rest = yi - x @ np.linalg.solve(information, x.T @ (w * yi))
    height = np.log(w).sum() - (w * rest**2).sum()
    return height if full else height - np.linalg.slogdet(information)[1]


def test_uncentred_years_lose_no_digits():
    yi, vi, mods = data_set("bcg_ablat_year")
    uncentred = meta_regression(yi, vi, mods + np.array([0.0, 1960.0]))
    centred = meta_regression(yi, vi, mods)
    for name in ("tau2", "qe", "qm", "i2", "fitted"):
        np.testing.assert_allclose(getattr(uncentred, name), getattr(centred, name), rtol=1e-11)


def test_variances_of_zero_are_weights_without_bound():
    yi, mods = [1.0, 3.0, 2.0, 2.5, 0.0], [0.0, 1.0, 0.5, 0.7, 0.2]
    exact = meta_regression(yi, [0.0, 0.0, 1.0, 1.0, 2.0], mods, method="EE", test="z")
    nearly = meta_regression(yi, [1e-20, 1e-20, 1.0, 1.0, 2.0], mods, method="EE", test="z")
    np.testing.assert_allclose(exact.coef, [1.0, 2.0], atol=1e-15)
    np.testing.assert_allclose(exact.qe, nearly.qe, rtol=1e-9)
    assert np.isnan(exact.se).all()
    assert exact.reason == "variances of 0 fix a coefficient: it has no standard error"
    yi[2] = 2.2
    reml = meta_regression(yi, [0.0, 0.0, 0.0, 1.0, 2.0], mods, test="z")
    assert reml.tau2 > 0.0
    assert reml.converged
    assert np.isinf(reml.qe)


def test_one_study_outweighs_all_others():
    yi, vi, mods = example()
    vi[4] = 1e-14
    found = meta_regression(yi, vi, mods, method="EE", test="z")
    assert found.residuals[4] == pytest.approx(0.0, abs=1e-12)
    assert found.hat[4] == pytest.approx(1.0)


def test_exact_fit_has_no_standard_error_by_knapp_hartung():
    found = meta_regression([0.0, 1.0, 2.0, 3.0], np.full(4, 0.25), [0.0, 1.0, 2.0, 3.0])
    np.testing.assert_allclose(found.coef, [0.0, 1.0], atol=1e-15)
    assert found.tau2 == 0.0
    assert np.isnan(found.se).all() or (found.se < 1e-15).all()


@pytest.mark.parametrize("method", ESTIMATORS)
def test_effects_that_are_all_equal(method):
    _, vi, mods = example()
    found = meta_regression(np.full(14, 3.0), vi, mods, method=method, test="z")
    np.testing.assert_allclose(found.coef, [3.0, 0.0, 0.0], atol=1e-14)
    assert found.tau2 == 0.0
    assert np.isnan(found.r2)
    assert found.converged


def test_no_more_studies_than_coefficients():
    found = meta_regression([0.1, 0.2], [1.0, 1.0], [3.0, 4.0])
    assert np.isnan(found.coef).all()
    assert np.isnan(found.tau2)
    assert found.k == 2
    assert found.reason == "no more studies than the 2 coefficients"
    none = meta_regression([np.nan] * 4, np.ones(4), np.arange(4.0))
    assert none.k == 0
    assert none.reason.startswith("no study")


def test_collinear_among_the_present_studies_of_one_column():
    yi, vi, _ = example(k=6, n=2)
    mods = [0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    yi[5, 1] = np.nan
    found = meta_regression(yi, vi, mods)
    assert found.reason.tolist() == ["", "the moderators are collinear among the studies present"]
    assert np.isnan(found.coef[:, 1]).all()
    assert not np.isnan(found.coef[:, 0]).any()


@pytest.mark.parametrize(
    ("mods", "words"),
    [
        (np.full((14, 1), 3.0), "moderator 0 is a combination of the intercept"),
        (np.zeros((14, 1)), "moderator 0 is 0 throughout"),
        (np.arange(14.0)[:, None] * [1.0, -2.0], "moderator 1 is a combination of moderator 0"),
        (
            np.column_stack([np.arange(14) < 5, np.arange(14) >= 5]),
            "moderator 1 is a combination of the intercept and moderator 0",
        ),
    ],
)
def test_collinear_designs_are_refused_by_name(mods, words):
    yi, vi, _ = example()
    with pytest.raises(StatsError, match=words):
        meta_regression(yi, vi, mods)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mods": np.zeros((3, 1))}, r"mods has the shape \(3, 1\); give \(14,\) or \(14, p\)"),
        ({"mods": np.zeros((14, 1, 2, 2))}, "mods has the shape"),
        ({"mods": ["a"] * 14}, "mods=.*not an array of numbers"),
        ({"mods": np.r_[np.arange(13.0), np.inf]}, "study 13: moderator 0 is infinite"),
        ({"mods": np.empty((14, 0)), "intercept": False}, "no moderator and no intercept"),
        ({"method": "reml"}, "method='reml' is unknown"),
        ({"test": "t"}, "test='t' is unknown"),
        ({"level": 95}, "level=95 lies outside"),
        ({"vi": np.full(14, -1.0)}, "study 0: vi=-1 is not"),
        ({"vi": np.ones(3)}, "shape"),
    ],
)
def test_bad_input_is_refused(change, words):
    yi, vi, mods = example()
    given = {"yi": yi, "vi": vi, "mods": mods} | change
    with pytest.raises(StatsError, match=words):
        meta_regression(**given)


def test_options_are_kept_with_the_result():
    yi, vi, mods = example()
    for method, test in product(("FE", "DL"), ("z", "adhoc")):
        found = meta_regression(yi, vi, mods, method=method, test=test, level=0.9)
        assert found.method == ("EE" if method == "FE" else method)
        assert (found.test, found.level) == (test, 0.9)


def test_effects_beyond_all_variances_have_a_fit():
    far = meta_regression([1e99, -1e99, 5e98, 2e99], [1e90, 1e90, 1e80, 1e85], [1, 2, 4, 3])
    near = meta_regression([1.0, -1.0, 0.5, 2.0], [1e-9] * 4, [1, 2, 4, 3])
    np.testing.assert_allclose(far.coef / 1e99, near.coef, rtol=1e-6)
