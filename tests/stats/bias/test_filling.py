"""Trim and fill against metafor, with symmetry, and at the edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.bias import filling
from evsyn.stats.bias.filling import trim_and_fill
from evsyn.stats.pooling.pool import pool

REFERENCE = Path(__file__).parents[2] / "reference"
ANALYSES = json.loads((REFERENCE / "r_bias.json").read_text(encoding="utf-8"))["analyses"]
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
    "estimate": "estimate",
    "se": "se",
    "zval": "statistic",
    "pval": "p_value",
    "ci_lb": "ci_lb",
    "ci_ub": "ci_ub",
    "tau2": "tau2",
    "I2": "i2",
    "QE": "q",
    "QEp": "q_pvalue",
    "k": "k",
}


def open_analyses():
    for name in DATASETS:
        document = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
        for analysis in document["analyses"]:
            yield pytest.param(analysis, id=f"{name}-{analysis['id']}")


def synthetic(seed=1, k=20):
    """Effects and variances made up for the laws, small studies to the right."""
    rng = np.random.default_rng(seed)
    v = rng.uniform(0.02, 0.5, k)
    return rng.normal(0.3 + 0.8 * np.sqrt(v), np.sqrt(v)), v


@pytest.mark.parametrize("name", ANALYSES)
def test_agrees_with_metafor(name):
    data = ANALYSES[name]
    assert len(data["trim_and_fill"]) >= 20
    for wanted in data["trim_and_fill"]:
        result = trim_and_fill(
            data["yi"],
            data["vi"],
            estimator=wanted["estimator"],
            method=wanted["method"],
            side=None if wanted["asked"] == "auto" else wanted["asked"],
            force=True,
        )
        assert (result.k0, result.side) == (wanted["k0"], wanted["side"]), wanted
        for field, key in (("k0_se", "k0_se"), ("k0_pvalue", "p_value")):
            value = np.nan if wanted[key] is None else wanted[key]
            np.testing.assert_allclose(getattr(result, field), value, **ITERATED)
        for field in ("estimate", "se", "ci_lb", "ci_ub", "tau2"):
            np.testing.assert_allclose(getattr(result.fit, field), wanted[field], **ITERATED)


@pytest.mark.parametrize("analysis", list(open_analyses()))
def test_all_measures_agree_with_metafor(analysis):
    y, v = (np.array(analysis[key], dtype=float) for key in ("yi", "vi"))
    wanted = analysis["trimfill"]
    result = trim_and_fill(y, v, force=True)
    assert (result.k0, result.side) == (wanted["k0"], wanted["side"])
    np.testing.assert_allclose(result.k0_se, wanted["se_k0"], **ITERATED)
    for key, field in NAMES.items():
        np.testing.assert_allclose(getattr(result.fit, field), wanted[key], **ITERATED)


@pytest.mark.parametrize("estimator", ["L0", "R0", "Q0"])
@pytest.mark.parametrize("method", ["REML", "DL", "EE"])
def test_mirror_image(estimator, method):
    y, v = synthetic()
    one, other = (trim_and_fill(s * y, v, estimator=estimator, method=method) for s in (1, -1))
    assert one.k0 == other.k0 and {one.side, other.side} == {"left", "right"}
    np.testing.assert_allclose(other.fit.estimate, -one.fit.estimate, rtol=1e-9)
    np.testing.assert_allclose(other.k0_se, one.k0_se, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_unit_does_not_matter(scale):
    y, v = synthetic()
    one, other = trim_and_fill(y, v), trim_and_fill(y * scale, v * scale**2)
    assert one.k0 == other.k0 > 0
    np.testing.assert_allclose(other.fit.estimate, scale * one.fit.estimate, rtol=1e-9)


def test_filled_studies_mirror_the_trimmed_ones():
    y, v = synthetic()
    result = trim_and_fill(y, v)
    k0 = int(result.k0)
    assert k0 > 0 and result.side == "left" and result.filled.sum() == k0
    largest = np.argsort(y)[-k0:]
    mean = pool(np.delete(y, largest), np.delete(v, largest), test="z").estimate
    np.testing.assert_allclose(result.yi[result.filled], 2 * mean - y[largest], rtol=1e-10)
    np.testing.assert_array_equal(result.vi[result.filled], v[largest])
    np.testing.assert_array_equal(result.yi[~result.filled], y)
    refit = pool(result.yi, result.vi, test="z")
    np.testing.assert_allclose(result.fit.estimate, refit.estimate, rtol=1e-12)
    assert result.fit.k == 20 + k0 and result.fit.test == "z"


def test_symmetrical_funnel_gets_nothing():
    half = np.array([0.1, 0.4, 0.7, 1.1, 1.6])  # synthetic
    v = np.r_[half, half] / 10 + 0.01
    nearly = half * (1 + 1e-9 * np.array([1, -1, 1, -1, 1]))
    for side in ("left", "right"):
        result = trim_and_fill(np.r_[-half, nearly], v, side=side)
        assert result.k0 == 0 and not result.filled.any()
        np.testing.assert_allclose(result.fit.estimate, 0, atol=1e-8)


def test_ties_of_distance_go_by_the_order_of_the_effects():
    # as in metafor: of two effects equally far away the one to the right ranks higher, so that
    # the ranks 2, 4, ..., 10 are to the right: L0 = (4 * 30 - 110) / 19, rounded 1
    half = np.array([0.1, 0.4, 0.7, 1.1, 1.6])  # synthetic
    result = trim_and_fill(np.r_[-half, half], np.full(10, 0.5), method="EE")
    assert result.k0 == 1


def test_no_slope_means_left():
    y, _ = synthetic()
    result = trim_and_fill(y, np.full(20, 0.2))
    assert result.side == "left"
    assert trim_and_fill(y, np.full(20, 0.2), side="right").side == "right"


def test_sign_of_the_slope_holds_for_every_tau2():
    rng = np.random.default_rng(21)
    decided = 0
    for _ in range(300):
        k = rng.integers(3, 40)
        v = 10 ** rng.uniform(-rng.uniform(0, 4), 0, k)  # synthetic
        y = rng.normal(0, np.sqrt(v + rng.choice([0, 1]))) + rng.normal(0, 2) * np.sqrt(v)
        sign = filling._slope_sign(y, v)
        decided += sign != 0
        tau2 = np.r_[0, np.geomspace(1e-6, 1e6, 200)]
        w = 1 / (v[:, None] + tau2)
        x = np.sqrt(v)[:, None]
        dx = x - (w * x).sum(axis=0) / w.sum(axis=0)
        slopes = (w * dx * y[:, None]).sum(axis=0)
        assert sign == 0 or (np.sign(slopes) == sign).all()
    assert decided > 200


def test_absent_study_keeps_its_row():
    y, v = synthetic()
    holed = trim_and_fill(np.insert(y, 3, np.nan), np.insert(v, 3, 0.1))
    whole = trim_and_fill(y, v)
    assert np.isnan(holed.yi[3]) and holed.k0 == whole.k0
    np.testing.assert_allclose(holed.fit.estimate, whole.fit.estimate, rtol=1e-12)


def test_the_values_of_the_fit_are_those_of_the_result():
    y, v = synthetic()
    result = trim_and_fill(y, v, test="knha", level=0.9)
    alone = pool(result.yi, result.vi, test="knha", level=0.9)
    names = ("estimate", "se", "statistic", "p_value", "ci_lb", "ci_ub", "tau2", "i2", "q", "k")
    for name in names:
        assert getattr(result, name) == getattr(alone, name), name
    assert result.k == 20 + result.k0


def test_p_value_of_r0_is_a_run_of_coin_tosses():
    y, v = synthetic(3)
    result = trim_and_fill(y, v, estimator="R0")
    assert result.k0_pvalue == 0.5 ** (result.k0 + 1)
    assert np.isnan(trim_and_fill(y, v).k0_pvalue)


def test_alternating_search_gives_no_number(monkeypatch):
    answers = iter([3.0, 2.0, 3.0])
    monkeypatch.setattr(filling, "_missing", lambda right, estimator: (next(answers), 1.0))
    result = trim_and_fill(*synthetic())
    assert np.isnan(result.k0) and np.isnan(result.fit.estimate)
    assert result.reason == "the number trimmed alternates: 2 and 3"
    assert not result.filled.any()


@pytest.mark.parametrize("k", [1, 2, 3])
def test_few_studies_by_force(k):
    result = trim_and_fill([0.5, 0.1, 0.2][:k], [0.1, 0.2, 0.3][:k], force=True)
    assert np.isfinite(result.fit.estimate)
    assert np.isnan(result.k0) == (k == 1)
    assert bool(result.reason) == (k == 1)


def test_same_effects():
    for estimator in ("L0", "R0", "Q0"):
        result = trim_and_fill([0.4] * 12, np.linspace(0.1, 1, 12), estimator=estimator)
        assert result.k0 == 0
        np.testing.assert_allclose(result.fit.estimate, 0.4, rtol=1e-12)


def test_refusals():
    y, v = synthetic()
    with pytest.raises(StatsError, match="trim_and_fill has 9 studies"):
        trim_and_fill(y[:9], v[:9])
    with pytest.raises(StatsError, match="estimator='L1' is unknown"):
        trim_and_fill(y, v, estimator="L1")
    with pytest.raises(StatsError, match="side='up' is unknown"):
        trim_and_fill(y, v, side="up")
    with pytest.raises(StatsError, match="takes one"):
        trim_and_fill(np.ones((12, 2)), np.ones((12, 2)))
    with pytest.raises(StatsError, match="vi=-1"):
        trim_and_fill(y, np.r_[-1, v[1:]])
