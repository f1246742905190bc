"""Pooled effects against metafor, and at the edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats import meta_regression, pool

REFERENCE = Path(__file__).parents[2] / "reference"
DATASETS = (
    "bcg",
    "gibson2002",
    "hart1999",
    "konstantopoulos2011",
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
    "df": "df",
    "pval": "p_value",
    "ci_lb": "ci_lb",
    "ci_ub": "ci_ub",
    "tau2": "tau2",
    "se_tau2": "tau2_se",
    "I2": "i2",
    "H2": "h2",
    "QE": "q",
    "QEp": "q_pvalue",
    "k": "k",
    "pi_lb": "pi_lb",
    "pi_ub": "pi_ub",
}
RELATIVE = 2e-10  # reference polished to 2e-10 for ML and REML, closed forms far better
OF_TAU2_SE = 2e-8  # the last Newton step is taken to first order
FAR_TAIL = 1e-10  # p-values down to 1e-240


def documents():
    for name in DATASETS:
        document = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
        for analysis in document["analyses"]:
            yield pytest.param(analysis, id=f"{name}-{analysis['id']}")


def floats(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


@pytest.mark.parametrize("analysis", list(documents()))
@pytest.mark.parametrize("method", ["EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB"])
@pytest.mark.parametrize("test", ["z", "knha", "adhoc"])
def test_against_reference(analysis, method, test):
    yi, vi, expected = floats(analysis["yi"]), floats(analysis["vi"]), analysis["rma"][method][test]
    found = pool(yi, vi, method=method, test=test)
    hts = pool(yi, vi, method=method, test=test, pi="hts")
    values = {name: getattr(found, ours) for name, ours in NAMES.items()}
    values |= {"pi_hts_lb": hts.pi_lb, "pi_hts_ub": hts.pi_ub}
    for name, value in values.items():
        close = OF_TAU2_SE if name == "se_tau2" else RELATIVE
        if expected[name] is None:
            assert np.isnan(value), name
        else:
            assert value == pytest.approx(expected[name], rel=close, abs=1e-14), name
    assert found.converged
    assert found.reason == ""
    assert found.q_df == found.k - 1


def test_weights_are_shares_in_percent():
    yi, vi = [0.1, np.nan, 0.5], [0.1, 0.2, 0.4]
    found = pool(yi, vi, method="EE", test="z")
    np.testing.assert_allclose(found.weights, [80, np.nan, 20], rtol=1e-14)
    assert found.k == 2
    assert found.estimate == pytest.approx(0.8 * 0.1 + 0.2 * 0.5, rel=1e-14)
    assert found.se == pytest.approx(np.sqrt(1 / 12.5), rel=1e-14)


@pytest.mark.parametrize("name", ["FE", "CE"])
def test_names_of_the_common_effect(name):
    yi, vi = [0.1, 0.3, 0.5], [0.1, 0.2, 0.4]
    found, expected = pool(yi, vi, method=name), pool(yi, vi, method="EE")
    assert found.method == "EE"
    assert found.estimate == expected.estimate
    assert found.tau2 == 0
    assert np.isnan(found.pi_lb)


def test_many_at_once():
    rng = np.random.default_rng(3)
    vi = rng.uniform(0.05, 0.5, (7, 30))
    yi = rng.normal(0, np.sqrt(vi + 0.2))
    yi[rng.random(yi.shape) < 0.2] = np.nan
    found = pool(yi, vi)
    assert found.estimate.shape == (30,)
    assert found.weights.shape == (7, 30)
    for column in range(30):
        alone = pool(yi[:, column], vi[:, column])
        for name in ("estimate", "ci_lb", "pi_ub", "tau2", "i2", "q", "p_value", "k"):
            assert getattr(found, name)[column] == pytest.approx(getattr(alone, name), rel=1e-10)


def test_one_study():
    found = pool([0.4], [0.04], test="z")
    assert (found.estimate, found.tau2, found.i2, found.h2) == (0.4, 0, 0, 1)
    assert found.se == pytest.approx(0.2)
    assert (found.q, found.q_df, found.q_pvalue) == (0, 0, 1)
    assert found.ci_lb == pytest.approx(0.4 - 1.959963984540054 * 0.2)
    assert found.reason == ""
    for test in ("knha", "adhoc"):
        found = pool([0.4], [0.04], test=test)
        assert found.estimate == 0.4
        for name in ("se", "statistic", "p_value", "ci_lb", "ci_ub", "pi_lb", "pi_ub"):
            assert np.isnan(getattr(found, name)), name
        assert found.reason == "one study: Hartung-Knapp needs two"


@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
@pytest.mark.parametrize("yi", [[np.nan], [np.nan, np.nan]])
def test_no_study(method, yi):
    found = pool(yi, np.ones(len(yi)), method=method)
    for name in ("estimate", "se", "p_value", "ci_lb", "tau2", "i2", "h2", "q", "q_pvalue"):
        assert np.isnan(getattr(found, name)), name
    assert found.k == 0
    assert found.reason == "no study with an effect size and a variance"


def test_identical_effects_give_no_hartung_knapp_certainty():
    found = pool([0.25, 0.25], [0.5, 0.5], method="DL")
    assert found.estimate == 0.25
    assert np.isnan(found.p_value)
    assert found.reason == "the effects agree exactly: Hartung-Knapp gives no standard error"
    careful = pool([0.25, 0.25], [0.5, 0.5], method="DL", test="adhoc")
    assert careful.se == pytest.approx(0.5)


def test_prediction_interval_of_two_studies_has_no_hts_form():
    found = pool([0.1, 0.9], [0.1, 0.1], method="DL", test="z", pi="hts")
    assert np.isnan(found.pi_lb)
    assert not np.isnan(found.ci_lb)


def test_level_moves_the_limits():
    yi, vi = [0.1, 0.3, 0.9], [0.1, 0.2, 0.1]
    narrow, wide = pool(yi, vi, level=0.5), pool(yi, vi, level=0.99)
    assert wide.ci_lb < narrow.ci_lb < narrow.estimate < narrow.ci_ub < wide.ci_ub
    assert wide.pi_lb < narrow.pi_lb
    assert (wide.level, wide.pi, wide.test) == (0.99, "test", "knha")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"method": "REM"}, "method='REM' is unknown; use one of EE, DL, HE, .*did you mean .REML"),
        ({"test": "t"}, "test='t' is unknown; use one of z, knha, adhoc"),
        ({"pi": "normal"}, "pi='normal' is unknown"),
        ({"level": 0}, "level=0"),
    ],
)
def test_refuses(options, words):
    with pytest.raises(StatsError, match=words):
        pool([0.1, 0.2], [0.1, 0.1], **options)


def test_two_studies_by_hand():
    # Equal variances: mean 0.5, residual mean square 0.32 / 0.1 over one degree of freedom.
    found = pool([0.1, 0.9], [0.1, 0.1], method="EE", test="knha")
    t = 12.706204736432095  # t on 1 degree of freedom, .975
    assert (found.estimate, found.df, found.q_df) == (0.5, 1, 1)
    assert found.q == pytest.approx(3.2)
    assert found.q_pvalue == pytest.approx(0.07363827, rel=1e-6)  # chi-square(1), 3.2
    assert found.se == pytest.approx(np.sqrt(3.2 * 0.05))
    assert found.ci_ub == pytest.approx(0.5 + t * found.se, rel=1e-9)
    assert found.p_value == pytest.approx(2 * (0.5 - np.arctan(0.5 / found.se) / np.pi))
    assert found.h2 == pytest.approx(3.2)
    assert found.i2 == pytest.approx(100 * 2.2 / 3.2)
    moments = pool([0.1, 0.9], [0.1, 0.1], method="DL", test="knha")
    assert moments.tau2 == pytest.approx(0.22)
    assert moments.i2 == pytest.approx(100 * 0.22 / 0.32)
    assert moments.pi_ub == pytest.approx(0.5 + t * np.sqrt(moments.se**2 + 0.22), rel=1e-9)


def test_three_studies_have_an_hts_interval_on_one_degree_of_freedom():
    found = pool([0.1, 0.5, 0.9], [0.1, 0.1, 0.1], method="DL", test="z", pi="hts")
    half = 12.706204736432095 * np.sqrt(found.se**2 + found.tau2)
    assert found.pi_ub - found.estimate == pytest.approx(half, rel=1e-9)


def test_moderators_make_it_a_regression():
    yi, vi, mods = [0.1, 0.3, 0.9, 0.7], [0.1, 0.2, 0.1, 0.1], [1.0, 2.0, 3.0, 5.0]
    found = pool(yi, vi, mods=mods, method="FE", test="z")
    expected = meta_regression(yi, vi, mods, method="EE", test="z")
    np.testing.assert_array_equal(found.coef, expected.coef)
    assert found.coef.shape == (2,)


@pytest.mark.parametrize("method", ["REML", "ML", "PM", "DL", "EE"])
def test_distances_whose_squares_vanish(method):
    found = pool([0.0, 1e-170], [1.0, 1.0], method=method)
    assert found.tau2 == 0
    assert found.estimate == pytest.approx(5e-171)
    assert found.converged
