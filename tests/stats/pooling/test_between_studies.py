"""Nine estimators of tau² against metafor, at all scales, and where a variance is 0."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats import pool
from evsyn.stats.pooling.between_studies import METHODS, solve_many, solve_one

REFERENCE = Path(__file__).parents[2] / "reference"
YI = np.array([-0.9, -1.6, -0.2, -0.5, 0.3])
VI = np.array([0.1, 0.1, 0.05, 0.02, 0.4])


@pytest.mark.parametrize("method", METHODS)
def test_one_and_many_agree(method):
    one = solve_one(YI, VI, method)
    many = solve_many(np.c_[YI, YI[::-1]], np.c_[VI, VI[::-1]], np.full(2, 5.0), method)
    for name in ("tau2", "tau2_se", "mean", "variance", "rss", "q", "trace"):
        for value in getattr(many, name):
            assert value == pytest.approx(getattr(one, name), rel=1e-9, nan_ok=True), name


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-15, 1e-6, 1e15, 1e80, 1e-80, 1e140])
def test_scale_is_only_scale(method, scale):
    usual, scaled = (
        pool(YI, VI, method=method),
        pool(scale * YI, (scale * VI) * scale, method=method),
    )
    assert scaled.estimate == pytest.approx(scale * usual.estimate, rel=1e-9)
    assert scaled.se == pytest.approx(scale * usual.se, rel=1e-9)
    assert scaled.tau2 / scale / scale == pytest.approx(usual.tau2, rel=1e-9)
    assert scaled.i2 == pytest.approx(usual.i2, rel=1e-9)
    assert scaled.q == pytest.approx(usual.q, rel=1e-9)


@pytest.mark.parametrize("method", ["HE", "SJ", "PM", "REML", "EB", "DL"])
def test_one_variance_of_zero_is_the_limit_of_small_ones(method):
    vi = VI.copy()
    vi[1] = 0.0
    exact = pool(YI, vi, method=method, test="z")
    vi[1] = 1e-13
    near = pool(YI, vi, method=method, test="z")
    assert exact.estimate == pytest.approx(near.estimate, rel=1e-6)
    assert exact.tau2 == pytest.approx(near.tau2, rel=1e-6)
    assert exact.reason == ""


def test_variances_that_are_all_zero_leave_the_variance_of_the_effects():
    for method in ("HE", "SJ", "PM", "REML", "EB"):
        found = pool(YI, np.zeros(5), method=method, test="z")
        assert found.tau2 == pytest.approx(YI.var(ddof=1), rel=1e-9), method
        assert found.estimate == pytest.approx(YI.mean(), rel=1e-9)


@pytest.mark.parametrize(
    ("yi", "vi", "method"),
    [
        ([0.1, 0.1, 0.5], [0.0, 0.0, 0.2], "REML"),
        ([0.1, 0.1, 9.5, -8.0], [0.0, 0.0, 0.2, 0.1], "REML"),
        ([0.1, 0.2, 0.5], [0.0, 0.1, 0.2], "ML"),
        ([0.1, 9.2, -7.5], [0.0, 0.1, 0.2], "ML"),
        ([0.1, 0.2, 0.5], [0.0, 0.0, 0.2], "DL"),
    ],
)
def test_where_zero_variances_leave_no_maximum_there_is_no_value(yi, vi, method):
    found = pool(yi, vi, method=method, test="z")
    assert np.isnan(found.estimate)
    assert method == "DL" or not found.converged
    assert "variances of 0" in found.reason


def test_a_common_effect_with_a_variance_of_zero_has_no_standard_error():
    found = pool([0.1, 0.2, 0.5], [0.0, 0.1, 0.2], method="EE", test="z")
    assert np.isnan(found.se)
    assert "variance of 0 has all the weight" in found.reason


def test_equal_effects_give_zero():
    for method in METHODS:
        assert pool([0.3, 0.3, 0.3], [0.2, 0.1, 0.4], method=method, test="z").tau2 == 0


def test_two_maxima_of_published_data():
    document = json.loads((REFERENCE / "gibson2002.json").read_text(encoding="utf-8"))
    analysis = next(item for item in document["analyses"] if item["id"] == "MD")
    yi, vi = (
        np.array([np.nan if value is None else value for value in analysis[name]], float)
        for name in ("yi", "vi")
    )
    found = pool(yi, vi)
    assert found.n_modes == 2
    assert found.tau2 == pytest.approx(9.679214, rel=1e-6)
    assert pool(yi, vi, method="ML").tau2 == 0


def test_ten_thousand_is_as_good_as_one():
    rng = np.random.default_rng(6)
    bad = []
    for _ in range(300):
        k = rng.integers(2, 51)
        vi = 10.0 ** rng.uniform(-8, 8, k)
        yi = rng.normal(0, np.sqrt(vi + 10 * rng.random()))
        if rng.random() < 0.2:
            vi[rng.integers(k)] = 0
        one, many = pool(yi, vi, test="z"), pool(np.c_[yi, yi], np.c_[vi, vi], test="z")
        same = np.isclose(many.tau2[0], one.tau2, rtol=1e-8, atol=1e-13)
        if not (same and one.converged and many.converged.all()):
            bad.append((yi, vi))
    assert not bad


@pytest.mark.parametrize("far", [1e100, 1e140])
def test_effects_beyond_all_variances_leave_the_variance_of_the_effects(far):
    yi = far * np.array([1.0, -1.0, 0.3])
    for method in ("REML", "PM", "SJ", "HE"):
        found = pool(yi, [1.0, 1.0, 2.0], method=method, test="z")
        assert found.estimate == pytest.approx(yi.mean(), rel=1e-9), method
        assert found.tau2 == pytest.approx(yi.var(ddof=1), rel=1e-9), method


def test_denormal_variances_count_as_none():
    found = pool([1.0, 2.0, 3.0], [5e-324, 5e-324, 1e-320], test="z")
    assert (found.estimate, found.tau2) == (pytest.approx(2.0), pytest.approx(1.0))
    assert np.isnan(found.q)
