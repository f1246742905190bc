"""Standard errors from intervals and p-values.

Examples of the Cochrane Handbook and of Altman and Bland are quoted; they were not read again.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from evsyn.errors import StatsError
from evsyn.stats.convert.precision import effect_from_interval, se_from_interval, se_from_p

R = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)


def test_examples_of_the_handbook():
    # Cochrane Handbook 6.4, section 6.5.2.3: MD 3.8, p = 0.008, 25 and 22 participants.
    se = se_from_p(3.8, 0.008, df=45).value
    assert se == pytest.approx(1.37, abs=0.005)
    assert 3.8 / se == pytest.approx(2.78, abs=0.005)
    # Section 6.3.1 (6.3.2 for ratios): absolute change 0.03 with p = 0.008, z = 2.652.
    se = se_from_p(0.03, 0.008).value
    assert 0.03 / se == pytest.approx(2.652, abs=0.0005)
    assert se == pytest.approx(0.0113, abs=0.00005)


def test_example_of_altman_and_bland():
    # BMJ 343 (2011) d2304: HR 0.81 (0.70 to 0.94).
    found = effect_from_interval(0.70, 0.94, estimate=0.81, scale="log", rounding=0.01)
    assert found.yi == pytest.approx(-0.211, abs=0.0005)
    assert found.se == pytest.approx(0.075, abs=0.0005)
    assert found.consistent
    assert found.reason == ""


def test_examples_of_altman_and_bland_with_p():
    # BMJ 343 (2011) d2090: difference 17 % with p = 0.032, interval 1.4 to 32.6; relative risk
    # 0.30 with p = 0.034, interval 0.10 to 0.90. Their z is an approximation, 2.117 for 2.120.
    difference = 17 + np.array([-1.96, 1.96]) * se_from_p(17.0, 0.032).value
    np.testing.assert_allclose(difference, [1.4, 32.6], atol=0.1)
    ratio = np.exp(np.log(0.30) + np.array([-1.96, 1.96]) * se_from_p(np.log(0.30), 0.034).value)
    np.testing.assert_allclose(ratio, [0.10, 0.90], atol=0.015)


def test_cox_model_of_the_veteran_data():
    cox = R["hazard"]
    found = effect_from_interval(cox["ci_lb"], cox["ci_ub"], estimate=cox["hr"], scale="log")
    np.testing.assert_allclose([found.yi, found.se], [cox["log_hr"], cox["se"]], rtol=1e-12)
    assert found.consistent
    np.testing.assert_allclose(se_from_p(cox["log_hr"], cox["p"]).value, cox["se"], rtol=1e-12)


@pytest.mark.parametrize("level", [0.8, 0.95, 0.999])
@pytest.mark.parametrize("df", [1, 3.5, 40, np.inf])
@pytest.mark.parametrize("scale", [1e-15, 1.0, 1e15])
def test_intervals_are_taken_back(level, df, scale):
    se, y = 0.37 * scale, 1.3 * scale
    q = stats.norm.isf((1 - level) / 2) if np.isinf(df) else stats.t.isf((1 - level) / 2, df)
    found = effect_from_interval(y - q * se, y + q * se, estimate=y, df=df, level=level)
    assert found.se == pytest.approx(se, rel=1e-12)
    assert found.vi == pytest.approx(se**2, rel=1e-12)
    assert found.midpoint == pytest.approx(y, rel=1e-10)
    assert found.consistent
    p = 2 * stats.norm.sf(y / se) if np.isinf(df) else 2 * stats.t.sf(y / se, df)
    assert se_from_p(y, p, df=df).value == pytest.approx(se, rel=1e-10)
    assert ("Wald" in found.assumes) == np.isinf(df)


def test_scales():
    share = se_from_interval(0.2, 0.5, scale="logit").value
    logits = np.log([0.2 / 0.8, 0.5 / 0.5])
    assert share == pytest.approx((logits[1] - logits[0]) / (2 * stats.norm.isf(0.025)), rel=1e-13)
    ratio = se_from_interval([0.5, 0.9], [2.0, 1.1], scale="log")
    np.testing.assert_allclose(ratio.value[0], np.log(4) / (2 * stats.norm.isf(0.025)), rtol=1e-13)


def test_asymmetry_is_found_within_rounding():
    # 1.5 (1.0 to 2.0) is symmetric as a difference, not as a ratio.
    assert effect_from_interval(1.0, 2.0, estimate=1.5, rounding=0.1).consistent
    ratio = effect_from_interval(1.0, 2.0, estimate=1.5, scale="log", rounding=0.01)
    assert not ratio.consistent
    assert ratio.reason == "the estimate is not the middle of its interval on this scale"
    assert ratio.se > 0
    assert ratio.asymmetry < 0
    # The same printed to whole units could be sqrt(2) before rounding.
    assert effect_from_interval(1.0, 2.0, estimate=1.5, scale="log", rounding=0.5).consistent


def test_without_an_estimate_the_middle_is_taken():
    found = effect_from_interval(0.5, 2.0, scale="log")
    assert found.yi == pytest.approx(0.0, abs=1e-16)
    assert np.isnan(found.asymmetry)
    assert found.consistent


def test_what_is_missing_or_silent_is_said():
    gap = effect_from_interval([np.nan, 1.0], [2.0, 2.0], estimate=[1.0, np.nan])
    assert list(gap.reason) == [
        "a limit or the degrees of freedom are missing",
        "the estimate is missing",
    ]
    found = se_from_p([1.0, 1.0, 0.0, np.nan], [0.0, 1.0, 0.5, 0.5])
    assert np.isnan(found.value).all()
    assert [text.split(" says")[0] for text in found.reason[:3]] == [
        "a p of 0",
        "a p of 1",
        "an estimate of 0",
    ]
    assert se_from_p(2.0, 1e-300).value > 0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: se_from_interval([1, 3], [2, 2]), "study 1: ci_lb=3 exceeds ci_ub=2"),
        (lambda: se_from_interval(0.0, 2, scale="log"), "ci_lb=0 has no logarithm"),
        (lambda: se_from_interval(0.1, 1.0, scale="logit"), "ci_ub=1 has no logit"),
        (lambda: se_from_interval(0.1, np.inf), "ci_ub=inf is not finite"),
        (lambda: se_from_interval(1, 2, level=95), "level=95 lies outside 0..1"),
        (lambda: se_from_interval(1, 2, scale="ln"), "scale='ln' is unknown"),
        (lambda: se_from_interval(1, 2, df=0), "df=0 is not above 0"),
        (lambda: se_from_interval(1, 2, df="many"), "df='many'"),
        (lambda: se_from_interval([1, 2], [3, 4, 5]), "shapes do not fit"),
        (lambda: effect_from_interval(1, 2, estimate=3), "estimate=3 lies outside its interval"),
        (lambda: effect_from_interval(1, 2, rounding=-1), "rounding=-1 is negative"),
        (lambda: se_from_p(1, [0.5, 1.5]), "study 1: p_value=1.5 lies outside 0..1"),
        (lambda: se_from_p(np.inf, 0.5), "estimate=inf is not finite"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
