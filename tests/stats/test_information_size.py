"""Required information size."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evsyn.errors import StatsError
from evsyn.stats.information_size import required_information_size
from evsyn.stats.planning import power

R = json.loads(
    (Path(__file__).parents[1] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)["planning"]


def test_against_r():
    found = required_information_size(difference=2.1, sd=7.3)
    np.testing.assert_allclose(found.n, R["continuous"], rtol=1e-12)
    found = required_information_size(risk_c=0.1, relative_reduction=0.2, power=0.8)
    np.testing.assert_allclose(found.n, R["binary"], rtol=1e-12)
    same = required_information_size(risk_c=0.1, risk_e=0.08, power=0.8)
    assert same.n == pytest.approx(found.n, rel=1e-12)


def test_a_trial_of_that_size_has_that_power():
    size = required_information_size(difference=0.5, sd=1.3, power=0.9, level=0.95)
    variance = 1.3**2 * 4 / size.n
    # The chance of a significant result in the wrong direction is left out of the formula.
    assert power(0.5, [variance]).power == pytest.approx(0.9, abs=1e-6)
    z = stats.norm.isf(0.025) + stats.norm.isf(0.1)
    assert 0.5 / np.sqrt(variance) == pytest.approx(z, rel=1e-12)


def test_heterogeneity_multiplies():
    plain = required_information_size(difference=1.0, sd=2.0)
    adjusted = required_information_size(difference=1.0, sd=2.0, d2=[0, 25, 75])
    np.testing.assert_allclose(adjusted.n / plain.n, [1, 4 / 3, 4], rtol=1e-14)
    np.testing.assert_allclose(adjusted.n_unadjusted, plain.n, rtol=1e-15)
    assert required_information_size(difference=1.0, sd=2.0, i2=75).n == adjusted.n[2]
    assert adjusted.n.shape == adjusted.adjustment.shape


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_events_and_non_events_are_alike(p, q):
    a = required_information_size(risk_c=p, risk_e=q)
    b = required_information_size(risk_c=1 - p, risk_e=1 - q)
    np.testing.assert_allclose(a.n, b.n, rtol=1e-6)


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_unit_does_not_matter(scale):
    base = required_information_size(difference=1.0, sd=2.0).n
    found = required_information_size(difference=scale, sd=2 * scale).n
    assert found == pytest.approx(base, rel=1e-13)


def test_undefined():
    found = required_information_size(difference=[0.0, np.nan, 1.0], sd=1.0)
    assert np.isnan(found.n[:2]).all()
    assert list(found.reason) == [
        "no participants suffice to find a difference of 0",
        "a number is missing",
        "",
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "nothing given; give difference and sd"),
        ({"difference": 1}, "difference given"),
        ({"risk_c": 0.1}, "risk_c given"),
        ({"risk_c": 0.1, "risk_e": 0.1, "relative_reduction": 0.1}, "risk_c and one of"),
        ({"difference": 1, "sd": 1, "risk_c": 0.1}, "difference, risk_c, sd given"),
        ({"difference": 1, "sd": [1, 0]}, "study 1: sd=0 is not above 0"),
        ({"risk_c": 1.1, "risk_e": 0.1}, "risk_c=1.1 lies outside"),
        ({"risk_c": 0.6, "relative_reduction": -1}, "risk_e=1.2 lies outside"),
        ({"difference": 1, "sd": 1, "d2": 100}, "d2=100 is not from 0 to below 100"),
        ({"difference": 1, "sd": 1, "i2": -1}, "i2=-1 is not from 0"),
        ({"difference": 1, "sd": 1, "i2": 1, "d2": 1}, "d2 and i2 are both given"),
        ({"difference": 1, "sd": 1, "power": 80}, "power=80 lies outside"),
        ({"difference": 1, "sd": 1, "power": "high"}, "power='high' is no number"),
        ({"difference": 1, "sd": 1, "level": 95}, "level=95 lies outside"),
        ({"difference": [1, 2], "sd": [1, 2, 3]}, "shapes do not fit"),
    ],
)
def test_faults(given, message):
    with pytest.raises(StatsError, match=message):
        required_information_size(**given)
