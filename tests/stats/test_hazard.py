"""Hazard ratios by every route."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from evsyn.errors import StatsError
from evsyn.stats.hazard import hazard_ratio

R = json.loads(
    (Path(__file__).parents[1] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)["hazard"]
Z = stats.norm.isf(0.025)


def test_log_rank_test_of_the_veteran_data():
    found = hazard_ratio(o_minus_e=R["o_minus_e"], v=R["v"])
    assert found.yi == pytest.approx(R["o_minus_e"] / R["v"], rel=1e-14)
    # Peto's estimate is close to Cox's: both have the same score statistic.
    assert found.yi == pytest.approx(R["log_hr"], rel=0.02)
    assert found.vi == pytest.approx(R["se"] ** 2, rel=0.02)
    (c, e), (exp_c, exp_e) = R["observed"], R["expected"]
    ratio = hazard_ratio(events_e=e, expected_e=exp_e, events_c=c, expected_c=exp_c)
    assert ratio.yi == pytest.approx(np.log((e / exp_e) / (c / exp_c)), rel=1e-13)
    assert ratio.vi == pytest.approx(1 / exp_e + 1 / exp_c, rel=1e-14)
    assert ratio.yi == pytest.approx(R["log_hr"], abs=0.002)


def test_cox_model_of_the_veteran_data_three_ways():
    interval = hazard_ratio(hr=R["hr"], ci_lb=R["ci_lb"], ci_ub=R["ci_ub"])
    by_se = hazard_ratio(hr=R["hr"], se=R["se"])
    by_p = hazard_ratio(hr=R["hr"], p_value=R["p"])
    for found in (interval, by_se, by_p):
        np.testing.assert_allclose(found.yi, R["log_hr"], rtol=1e-11)
        np.testing.assert_allclose(found.vi, R["se"] ** 2, rtol=1e-10)
        np.testing.assert_allclose(found.o_minus_e / found.v, found.yi, rtol=1e-14)
    assert interval.reason == ""
    # 64 events in each arm: V = 64 x 64 / 128 = 32, near the model's 30.6.
    e_c, e_e = R["events"]
    assert hazard_ratio(hr=R["hr"], events_e=e_e, events_c=e_c).v == 32


def test_bladder_cancer_of_tierney_2007():
    # Trials 8:16, curve method: HR 0.88, V = 128.81, 95 % interval 0.74 to 1.05.
    found = hazard_ratio(o_minus_e=np.log(0.88) * 128.81, v=128.81)
    limits = np.exp(found.yi + np.array([-1, 1]) * Z * np.sqrt(found.vi))
    np.testing.assert_array_equal(limits.round(2), [0.74, 1.05])
    back = hazard_ratio(hr=0.88, ci_lb=0.74, ci_ub=1.05)
    assert back.v == pytest.approx(128.81, rel=0.03)


def test_three_variances_agree_for_equal_arms():
    by_arm = hazard_ratio(hr=0.8, events_e=50, events_c=50)
    by_n = hazard_ratio(hr=0.8, events=100, n_e=150, n_c=150)
    alone = hazard_ratio(hr=0.8, events=100)
    assert by_arm.v == by_n.v == alone.v == pytest.approx(25, rel=1e-15)
    p = 2 * stats.norm.sf(2.1)
    for events in ({"events_e": 50, "events_c": 50}, {"events": 100}):
        found = hazard_ratio(p_value=p, direction=-1, **events)
        assert found.o_minus_e == pytest.approx(-2.1 * 5, rel=1e-10)
        assert found.yi == pytest.approx(-2.1 / 5, rel=1e-10)
    unequal = hazard_ratio(hr=0.8, events=100, n_e=200, n_c=100)
    assert unequal.v == pytest.approx(100 * 2 / 9, rel=1e-14)


def test_rates():
    found = hazard_ratio(events_e=10, time_e=200.0, events_c=20, time_c=250.0)
    assert found.yi == pytest.approx(np.log(0.05 / 0.08), rel=1e-13)
    assert found.vi == pytest.approx(0.15, rel=1e-14)
    assert "constant" in found.assumes


def test_levels():
    limits = np.exp(-0.2 + np.array([-1, 1]) * stats.norm.isf(0.005) * 0.1)
    found = hazard_ratio(hr=np.exp(-0.2), ci_lb=limits[0], ci_ub=limits[1], level=0.99)
    assert found.vi == pytest.approx(0.01, rel=1e-10)


def test_routes_say_themselves_and_what_they_assume():
    found = hazard_ratio(hr=[0.8, 0.9], events=[100, 50])
    assert found.route == "events, hr"
    assert found.yi.shape == (2,)
    assert "equal size" in found.assumes


def test_an_interval_that_does_not_fit_is_said():
    found = hazard_ratio(hr=[0.8, 0.8], ci_lb=[0.5, 0.6], ci_ub=[0.9, 1.07])
    assert list(found.reason) == ["the ratio is not the middle of its interval", ""]
    assert np.isfinite(found.vi).all()
    coarse = hazard_ratio(hr=0.8, ci_lb=0.5, ci_ub=0.9, rounding=0.3)
    assert coarse.reason == ""


def test_what_says_nothing():
    found = hazard_ratio(events_e=[0, 3], time_e=10.0, events_c=[3, np.nan], time_c=10.0)
    assert np.isnan(found.yi).all()
    assert found.reason[0].startswith("no events in an arm")
    assert found.reason[1] == "a number is missing"
    assert np.isnan(hazard_ratio(hr=0.8, p_value=1.0).vi)
    assert np.isnan(hazard_ratio(hr=1.0, p_value=0.5).vi)
    assert np.isnan(hazard_ratio(p_value=0.0, direction=1, events=10).yi)
    assert hazard_ratio(p_value=1.0, direction=1, events=10).yi == 0
    assert np.isnan(hazard_ratio(hr=0.5, events=0).vi)


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_scales(scale):
    found = hazard_ratio(events_e=10, time_e=200 * scale, events_c=20, time_c=250 * scale)
    assert found.yi == pytest.approx(np.log(0.05 / 0.08), rel=1e-12)
    assert hazard_ratio(o_minus_e=scale, v=2 * scale).yi == 0.5


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "nothing given, which is no route; give exactly one of: o_minus_e, v;"),
        ({"hr": 0.8}, "hr given, which is no route"),
        ({"hr": 0.8, "se": 0.1, "p_value": 0.1}, "hr, p_value, se given, which is no route"),
        ({"p_value": 0.1, "events": 10}, "events, p_value given, which is no route"),
        ({"o_minus_e": 1, "v": 0}, "v=0 is not above 0"),
        ({"hr": [0.8, -1], "se": 0.1}, "study 1: hr=-1 is not above 0"),
        ({"hr": 0.8, "ci_lb": 0.9, "ci_ub": 0.7}, "ci_lb=0.9 exceeds ci_ub=0.7"),
        ({"hr": 2.0, "ci_lb": 0.7, "ci_ub": 0.9}, "estimate=2 lies outside its interval"),
        ({"hr": 0.8, "p_value": 1.5}, "p_value=1.5 lies outside"),
        ({"p_value": 0.1, "direction": 0, "events": 10}, "direction=0; give 1 for a higher"),
        ({"hr": 0.8, "events": 10.5}, "events=10.5 is no count"),
        ({"hr": 0.8, "events": 30, "n_e": 10, "n_c": 10}, "events=30 exceed the 20 randomised"),
        ({"hr": [0.8, 0.9], "se": [0.1, 0.1, 0.1]}, "shapes do not fit"),
        ({"hr": "low", "se": 0.1}, "hr='low'"),
        ({"hr": 0.8, "ci_lb": 0.7, "ci_ub": 0.9, "level": 95}, "level=95 lies outside"),
    ],
)
def test_faults(given, message):
    with pytest.raises(StatsError, match=message):
        hazard_ratio(**given)
