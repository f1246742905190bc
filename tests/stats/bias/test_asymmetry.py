"""Egger's and Begg's tests against metafor, by definition, and at the edges."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.bias.asymmetry import inversion_tail, rank_test, regression_test

REFERENCE = Path(__file__).parents[2] / "reference"
ANALYSES = json.loads((REFERENCE / "r_bias.json").read_text(encoding="utf-8"))["analyses"]
CLOSED = {"rtol": 1e-8, "atol": 1e-12}
ITERATED = {"rtol": 1e-7, "atol": 1e-10}
DATASETS = (
    "bcg",
    "gibson2002",
    "hart1999",
    "konstantopoulos2011",
    "mcdaniel1994",
    "nielweise2007",
    "normand1999",
    "pritz1997",
    "raudenbush1985",
    "yusuf1985_table6",
)
NAMES = {
    "b": "estimate",
    "se": "se",
    "zval": "statistic",
    "pval": "p_value",
    "df": "df",
    "limit": "limit",
    "limit_ci_lb": "limit_ci_lb",
    "limit_ci_ub": "limit_ci_ub",
    "tau2": "tau2",
}
SHARED = ("estimate", "se", "statistic", "p_value")
LIMITS = ("limit", "limit_ci_lb", "limit_ci_ub")


def open_analyses():
    for name in DATASETS:
        document = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
        for analysis in document["analyses"]:
            yield pytest.param(analysis, id=f"{name}-{analysis['id']}")


def observed(analysis):
    """Effects and variances, ``nan`` where missing."""
    return (np.array(analysis[key], dtype=float) for key in ("yi", "vi"))


def synthetic(seed=1, k=15, n=None):
    """Effects and variances made up for the laws."""
    rng = np.random.default_rng(seed)
    shape = k if n is None else (k, n)
    v = rng.uniform(0.02, 0.5, shape)
    return rng.normal(0.3, np.sqrt(v + 0.05)), v


@pytest.mark.parametrize(
    ("name", "predictor"),
    [(name, predictor) for name in ANALYSES for predictor in ANALYSES[name]["regression"]],
)
def test_regression_agrees_with_metafor(name, predictor):
    data = ANALYSES[name]
    wanted = data["regression"][predictor]
    ni = None if predictor in ("sei", "vi") else data["ni"]
    fields = SHARED if predictor in ("ni", "sqrtni") else SHARED + LIMITS
    options = {"predictor": predictor, "ni": ni, "force": True}
    line = regression_test(data["yi"], data["vi"], **options)
    for field in fields:
        np.testing.assert_allclose(getattr(line, field), wanted["lm"][field], **CLOSED)
    assert line.df == wanted["lm"]["df"]
    for fit in wanted["rma"]:
        options |= {"model": "rma", "method": fit["method"], "test": fit["test"]}
        result = regression_test(data["yi"], data["vi"], **options)
        for field in (*fields, "tau2"):
            np.testing.assert_allclose(getattr(result, field), fit[field], **ITERATED)


@pytest.mark.parametrize("name", ANALYSES)
def test_rank_correlation_agrees_with_metafor(name):
    data = ANALYSES[name]
    result = rank_test(data["yi"], data["vi"], force=True)
    np.testing.assert_allclose(result.tau, data["rank"]["tau"], **CLOSED)
    np.testing.assert_allclose(result.p_value, data["rank"]["p_value"], **CLOSED)
    assert result.method == ("normal" if result.ties else "exact")


@pytest.mark.parametrize("analysis", list(open_analyses()))
def test_both_tests_of_all_measures_agree_with_metafor(analysis):
    y, v = observed(analysis)
    for model, tolerance in (("lm", CLOSED), ("rma", ITERATED)):
        result = regression_test(y, v, model=model, force=True)
        for key, value in analysis["regtest"][model].items():
            if key in NAMES:
                np.testing.assert_allclose(getattr(result, NAMES[key]), value, **tolerance)
    ranks, wanted = rank_test(y, v, force=True), analysis["ranktest"]
    np.testing.assert_allclose(ranks.tau, wanted["tau"], **CLOSED)
    np.testing.assert_allclose(ranks.p_value, wanted["pval"], **CLOSED)
    assert ranks.ties == wanted["ties"]


def test_egger_is_the_regression_of_the_standardised_effect_on_precision():
    y, v = synthetic()
    result = regression_test(y, v)
    slope, intercept = np.polyfit(1 / np.sqrt(v), y / np.sqrt(v), 1)
    np.testing.assert_allclose([result.limit, result.estimate], [slope, intercept], rtol=1e-10)


@pytest.mark.parametrize("model", ["lm", "rma"])
@pytest.mark.parametrize("scale", [1e-15, 1e-3, 1e15])
def test_unit_of_the_effects_does_not_matter(model, scale):
    y, v = synthetic()
    one, other = (regression_test(y * c, v * c * c, model=model) for c in (1.0, scale))
    np.testing.assert_allclose(other.p_value, one.p_value, rtol=1e-7)
    np.testing.assert_allclose(other.estimate, one.estimate, rtol=1e-7)
    np.testing.assert_allclose(other.limit, one.limit * scale, rtol=1e-7)
    ranks = [rank_test(y * c, v * c * c) for c in (1.0, scale)]
    assert ranks[0].tau == ranks[1].tau and ranks[0].p_value == ranks[1].p_value


@pytest.mark.parametrize("model", ["lm", "rma"])
def test_shift_and_sign(model):
    y, v = synthetic(2)
    one = regression_test(y, v, model=model)
    shifted, turned = (regression_test(other, v, model=model) for other in (y + 5, -y))
    np.testing.assert_allclose(shifted.estimate, one.estimate, rtol=1e-7)
    np.testing.assert_allclose(shifted.limit, one.limit + 5, rtol=1e-7)
    np.testing.assert_allclose(turned.estimate, -one.estimate, rtol=1e-7)
    np.testing.assert_allclose(turned.p_value, one.p_value, rtol=1e-7)
    assert rank_test(-y, v).tau == -rank_test(y, v).tau


@pytest.mark.parametrize("model", ["lm", "rma"])
def test_many_at_once_are_each_alone(model):
    y, v = synthetic(4, 14, 5)
    y[3, 2] = np.nan
    n = np.random.default_rng(5).integers(20, 400, 14).astype(float)
    n[6] = np.nan
    for predictor in ("sei", "ninv"):
        ni = None if predictor == "sei" else n
        many = regression_test(y, v, model=model, predictor=predictor, ni=ni)
        for column in range(5):
            alone = regression_test(
                y[:, column], v[:, column], model=model, predictor=predictor, ni=ni
            )
            for field in SHARED + LIMITS:
                np.testing.assert_allclose(
                    getattr(many, field)[column], getattr(alone, field), rtol=1e-9
                )
            assert many.k[column] == alone.k
            assert many.left_out[column] == alone.left_out == 14 - alone.k


@pytest.mark.parametrize("model", ["lm", "rma"])
def test_equal_variances_give_no_test(model):
    y, _ = synthetic()
    result = regression_test(y, np.full(15, 0.1 + 0.2), model=model)
    assert np.isnan(result.p_value) and np.isnan(result.limit)
    assert result.reason == "the predictor is the same in all studies"
    ranks = rank_test(y, np.full(15, 0.3))
    assert np.isnan(ranks.tau) and ranks.reason == "all variances are the same"


@pytest.mark.parametrize("model", ["lm", "rma"])
@pytest.mark.parametrize("k", [1, 2])
def test_too_few_even_when_forced(model, k):
    result = regression_test([0.1, 0.5][:k], [0.2, 0.3][:k], model=model, force=True)
    assert np.isnan(result.p_value) and result.reason == "fewer than three studies"
    assert result.k == k


def test_zero_variance():
    y, v = synthetic()
    v[3] = 0
    assert "variance is 0" in regression_test(y, v).reason
    assert "variance is 0" in rank_test(y, v).reason
    assert np.isfinite(regression_test(y, v, model="rma").p_value)


@pytest.mark.parametrize("k", [2, 5, 7])
def test_exact_distribution_is_that_of_all_orders(k):
    counts = [
        sum(order[i] > order[j] for i, j in itertools.combinations(range(k), 2))
        for order in itertools.permutations(range(k))
    ]
    for most in range(k * (k - 1) // 4 + 1):
        wanted = np.mean(np.array(counts) <= most)
        np.testing.assert_allclose(inversion_tail(k, most), wanted, rtol=1e-13)


def test_exact_tail_keeps_its_digits():
    law = np.ones(1)
    for size in range(2, 61):
        law = np.convolve(law, np.full(size, 1 / size))
    for most in (0, 10, 100, 500, 885):
        np.testing.assert_allclose(inversion_tail(60, most), law[: most + 1].sum(), rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_tau_counts_pairs(seed):
    rng = np.random.default_rng(seed)
    v = rng.integers(1, 8, 20) / 10  # synthetic, with ties
    y = rng.integers(-3, 4, 20) / 4
    w = 1 / v
    x = (y - (w * y).sum() / w.sum()) / np.sqrt(v - 1 / w.sum())
    pairs = list(itertools.combinations(range(20), 2))
    signs = [(np.sign(x[i] - x[j]), np.sign(v[i] - v[j])) for i, j in pairs]
    score = sum(a * b for a, b in signs)
    room = sum(a != 0 for a, _ in signs) * sum(b != 0 for _, b in signs)
    np.testing.assert_allclose(rank_test(y, v).tau, score / np.sqrt(room), rtol=1e-12)


def test_normal_approximation_is_near_the_exact_value():
    y, v = synthetic(6, 40)
    exact, normal = (rank_test(y, v, method=method) for method in ("exact", "normal"))
    assert exact.p_value != normal.p_value
    np.testing.assert_allclose(exact.p_value, normal.p_value, atol=0.02)


def test_without_ties_of_many_studies_it_is_normal():
    y, v = synthetic(7, 1000)
    assert rank_test(y, v).method == "normal"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"model": "ols"}, "model='ols' is unknown"),
        ({"predictor": "se"}, "predictor='se' is unknown"),
        ({"predictor": "ni"}, "needs ni"),
        ({"ni": [1] * 15}, "does not use it"),
        ({"predictor": "ni", "ni": [1] * 14}, r"ni has the shape \(14,\)"),
        ({"predictor": "ni", "ni": [5] * 3 + [0] + [5] * 11}, "study 3: ni=0"),
        ({"level": 95}, "level=95"),
    ],
)
def test_bad_options_are_named(options, message):
    with pytest.raises(StatsError, match=message):
        regression_test(*synthetic(), **options)


def test_bad_input_is_named():
    y, v = synthetic()
    with pytest.raises(StatsError, match="regression_test has 9 studies"):
        regression_test(y[:9], v[:9])
    with pytest.raises(StatsError, match="rank_test has 9 studies"):
        rank_test(y[:9], v[:9])
    with pytest.raises(StatsError, match="one analysis"):
        rank_test(*synthetic(1, 12, 2))
    with pytest.raises(StatsError, match="no distribution for ties"):
        rank_test(y, np.r_[v[:-1], v[0]], method="exact")
    with pytest.raises(StatsError, match="study 2: vi=-1"):
        regression_test(y, np.r_[v[:2], -1, v[3:]])
    with pytest.raises(StatsError, match="not an array of numbers"):
        rank_test(["a"] * 15, v)


def test_all_effects_the_same_rank_nothing():
    result = rank_test(np.full(12, 0.25), np.linspace(0.1, 0.5, 12))
    assert np.isnan(result.p_value) and "effects are the same" in result.reason


def test_effects_that_are_all_the_same_have_no_rank_test():
    found = rank_test([0.3] * 12, np.linspace(0.1, 1, 12))
    assert np.isnan(found.tau)
    assert found.reason == "all effects are the same"
