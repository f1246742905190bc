"""P-curves against R, by definition, and at the edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._arrays import find_root
from evsyn.stats._special import ndtr, ndtri
from evsyn.stats.bias.significant_p import p_curve

REFERENCE = Path(__file__).parents[2] / "reference"
CURVES = json.loads((REFERENCE / "r_bias.json").read_text(encoding="utf-8"))["p_curves"]
ITERATED = {"rtol": 1e-7, "atol": 1e-10}
TESTS = ("right_skew", "right_skew_half", "flatness", "flatness_half")


def numbers(values):
    return np.array([float(value) for value in values])


@pytest.mark.parametrize("name", CURVES)
def test_agrees_with_r(name):
    wanted = CURVES[name]
    result = p_curve(
        wanted["value"], kind=wanted["kind"], df1=wanted["df1"], df2=numbers(wanted["df2"])
    )
    np.testing.assert_allclose(result.p_value, wanted["p"], rtol=1e-8)
    for field in ("k_significant", "k_half"):
        assert getattr(result, field) == wanted[field]
    for field in TESTS:
        test = getattr(result, field)
        z, p = (np.nan if value is None else value for value in wanted[field].values())
        np.testing.assert_allclose([test.z, test.p_value], [z, p], **ITERATED)
    for field in ("right_skew_binomial", "flatness_binomial"):
        np.testing.assert_allclose(getattr(result, field).p_value, wanted[field], **ITERATED)
    for field in ("power", "power_ci_lb", "power_ci_ub"):
        np.testing.assert_allclose(getattr(result, field), wanted[field], **ITERATED)


def test_uniform_p_values_have_no_skew():
    p = 0.05 * (np.arange(40) + 0.5) / 40  # synthetic
    result = p_curve(p, kind="p")
    np.testing.assert_allclose(result.right_skew.z, 0, atol=1e-9)
    np.testing.assert_allclose(result.right_skew_half.z, 0, atol=1e-9)
    assert result.k_half == 20 and not result.evidential_value and result.inadequate
    np.testing.assert_allclose(result.power, 0.05, atol=1e-9)


@pytest.mark.parametrize("power", [0.2, 0.5, 0.9])
def test_power_is_found_again(power):
    # synthetic: z drawn at even steps of the distribution of significant z with this power
    def tail(z, shift):
        return ndtr(shift - z) + ndtr(-shift - z)

    crit = -ndtri(0.025)
    shift = float(find_root(lambda d: tail(crit, d) - power, 0.0, 10.0))
    share = (np.arange(400) + 0.5) / 400 * power
    z = find_root(lambda x, s: tail(x, shift) - s, 0.0, 40.0, share)
    result = p_curve(z)
    np.testing.assert_allclose(result.power, power, atol=1e-6)
    assert result.power_ci_lb < power < result.power_ci_ub


def test_kinds_are_the_same_test():
    z = np.array([2.1, 2.8, 3.5, -2.3, 1.0])  # synthetic
    same = [
        p_curve(z),
        p_curve(-z),
        p_curve(z, kind="t"),
        p_curve(z**2, kind="chi2"),
        p_curve(z**2, kind="F"),
        p_curve(p_curve(z).p_value, kind="p"),
    ]
    for other in same[1:]:
        np.testing.assert_allclose(other.power, same[0].power, rtol=1e-9)
        for field in TESTS:
            np.testing.assert_allclose(
                getattr(other, field).z, getattr(same[0], field).z, rtol=1e-9
            )
    t = p_curve(z, kind="t", df2=25)
    f = p_curve(z**2, kind="F", df2=25)
    r = p_curve(z / np.sqrt(z**2 + 25), kind="r", df2=25)
    for other in (f, r):
        np.testing.assert_allclose(other.power, t.power, rtol=1e-9)


def test_far_tails_stay_finite():
    result = p_curve([40.0, 60.0, 5.0])
    assert np.isfinite(result.right_skew.z) and result.right_skew.p_value == 0
    assert result.power == 0.99 and result.evidential_value


def test_nothing_significant():
    result = p_curve([1.0, 0.5, np.nan])
    assert result.k == 2 and result.k_significant == 0
    assert np.isnan(result.power) and np.isnan(result.right_skew.p_value)
    assert np.isnan(result.flatness_binomial.p_value)
    assert result.reason == "no statistic has p < 0.05"
    assert not result.evidential_value and not result.inadequate


def test_none_below_half():
    result = p_curve([2.0, 2.1])
    assert result.k_half == 0 and np.isnan(result.right_skew_half.p_value)
    assert np.isfinite(result.right_skew.p_value)


@pytest.mark.parametrize(
    ("statistic", "options", "message"),
    [
        ([1.0], {"kind": "x"}, "kind='x' is unknown"),
        ([1.0, 2.0], {"kind": ["z"]}, "1 kinds for 2 statistics"),
        ([1.0, -2.0], {"kind": "F", "df2": 5}, r"study 1: statistic=-2 \(F\) must be 0 or more"),
        ([1.5], {"kind": "r", "df2": 5}, "between -1 and 1"),
        ([0.5], {"kind": "r"}, "n - 2 for a correlation"),
        ([0.0], {"kind": "p"}, "above 0, up to 1"),
        ([2.0], {"kind": "t", "df1": 2, "df2": 9}, "df1=2"),
        ([2.0], {"kind": "t", "df2": 0}, "df2=0"),
        ([np.inf], {}, "must be finite"),
        ([[1.0]], {}, r"shape \(1, 1\)"),
        (["a"], {}, "not an array of numbers"),
        ([1.0], {"level": 90}, "level=90"),
    ],
)
def test_bad_input_is_named(statistic, options, message):
    with pytest.raises(StatsError, match=message):
        p_curve(statistic, **options)
