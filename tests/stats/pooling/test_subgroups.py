"""Subgroups: each is a pool, and the tests between them."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.regression import meta_regression
from evsyn.stats.pooling.subgroups import subgroup

GROUPS = np.array(list("baabbbaacabb"))


def synthetic(k=12):
    rng = np.random.default_rng(4)
    vi = rng.uniform(0.02, 0.5, k)
    return rng.normal(size=k) * np.sqrt(vi + 0.2), vi


@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
@pytest.mark.parametrize("test", ["z", "knha"])
def test_groups_are_pools(method, test):
    yi, vi = synthetic()
    found = subgroup(yi, vi, GROUPS, method=method, test=test)
    assert found.levels == ("a", "b", "c")
    assert found.k.tolist() == [5, 6, 1]
    for at, level in enumerate(found.levels):
        inside = level == GROUPS
        one = pool(yi[inside], vi[inside], method=method, test=test)
        for name in ("estimate", "se", "ci_lb", "ci_ub", "tau2", "i2", "h2", "q", "q_pvalue"):
            np.testing.assert_allclose(getattr(found, name)[at], getattr(one, name), rtol=1e-9)
        np.testing.assert_allclose(found.weights[inside], one.weights, rtol=1e-9)
    assert found.reason[2].startswith("one study")


def test_common_effect_splits_q():
    yi, vi = synthetic()
    found = subgroup(yi, vi, GROUPS, method="EE")
    total = pool(yi, vi, method="EE").q
    assert found.q_between + found.q_within == pytest.approx(total)
    common = subgroup(yi, vi, GROUPS, method="EE", test="z", common_tau2=True)
    assert common.q_between == pytest.approx(found.q_between)
    assert (found.q_between_df, found.q_within_df) == (2, 9)


def test_separate_means_are_compared_with_their_errors():
    yi, vi = synthetic()
    found = subgroup(yi, vi, GROUPS, test="knha")
    plain = subgroup(yi, vi, GROUPS, test="z")
    w = 1 / plain.se**2
    mean = (w * plain.estimate).sum() / w.sum()
    assert found.q_between == pytest.approx((w * (plain.estimate - mean) ** 2).sum())
    assert found.q_between == plain.q_between


def test_common_tau2_is_the_regression_on_groups():
    yi, vi = synthetic()
    found = subgroup(yi, vi, GROUPS, common_tau2=True)
    dummies = np.column_stack([GROUPS == "b", GROUPS == "c"])
    fit = meta_regression(yi, vi, dummies)
    assert found.q_between == pytest.approx(fit.qm)
    assert found.q_between_df2 == 9.0
    np.testing.assert_allclose(found.tau2, fit.tau2, rtol=1e-9)
    np.testing.assert_allclose(
        found.estimate, fit.coef[0] + np.array([0.0, fit.coef[1], fit.coef[2]]), rtol=1e-9
    )
    assert found.r2 == pytest.approx(fit.r2, abs=1e-9)


def test_weights_sum_to_a_hundred_in_each_group():
    yi, vi = synthetic()
    yi[0] = np.nan
    for common in (True, False):
        found = subgroup(yi, vi, GROUPS, common_tau2=common)
        assert np.isnan(found.weights[0])
        for level in "abc":
            assert np.nansum(found.weights[level == GROUPS]) == pytest.approx(100.0)


def test_numbers_name_groups_too():
    yi, vi = synthetic()
    found = subgroup(yi, vi, np.where(GROUPS == "a", 10, 9))
    assert found.levels == ("9", "10")


def test_one_group_has_nothing_to_compare():
    found = subgroup(*synthetic(), ["x"] * 12)
    assert np.isnan(found.q_between)
    assert found.q_between_df == 0


def test_every_study_its_own_group():
    found = subgroup([0.1, 0.5, 0.9], [0.1, 0.1, 0.1], list("abc"), test="z")
    np.testing.assert_allclose(found.estimate, [0.1, 0.5, 0.9])
    assert (found.reason == "one study").all()
    assert found.q_within_df == 0
    assert found.q_between == pytest.approx(3.2)


def test_variance_of_zero_is_allowed_under_random_effects():
    yi, vi = synthetic()
    vi[1] = 0.0
    found = subgroup(yi, vi, GROUPS, test="z")
    assert np.isfinite(found.estimate).all()
    assert np.isfinite(subgroup(yi, vi, GROUPS, common_tau2=True).weights).all()


def test_no_study_at_all():
    with pytest.raises(StatsError, match="no study has an effect size"):
        subgroup([np.nan, 0.1], [1.0, np.nan], ["a", "b"])


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (["a"] * 3, r"groups has the shape \(3,\)"),
        ([None] + ["a"] * 11, "study 0: groups=None names no group"),
        (["a"] * 11 + [""], "study 11"),
    ],
)
def test_bad_groups_are_refused(groups, words):
    with pytest.raises(StatsError, match=words):
        subgroup(*synthetic(), groups)
