"""Effect sizes from t, F, chi-square and p."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.convert.from_tests import (
    d_from_f,
    d_from_p,
    d_from_paired_t,
    d_from_t,
    r_from_chi2,
    r_from_t,
)
from evsyn.stats.effects.effect_sizes import effect_sizes

R = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)["statistics"]
T, N_E, N_C = (np.array(R[name]) for name in ("t", "n_e", "n_c"))
CLOSED = 1e-10  # relative


def test_against_escalc():
    found = d_from_t(T, N_E, N_C)
    np.testing.assert_allclose(found.yi, R["g"], rtol=CLOSED, atol=1e-14)
    np.testing.assert_allclose(found.vi, R["g_v"], rtol=CLOSED)
    r = r_from_t(T, N_E + N_C)
    np.testing.assert_allclose(r.yi, R["r"], rtol=CLOSED, atol=1e-14)
    np.testing.assert_allclose(r.vi, R["r_v"], rtol=CLOSED)


def test_f_and_p_are_t():
    expected = d_from_t(T, N_E, N_C)
    sign = np.where(T < 0, -1, 1)
    for found in (d_from_f(T**2, N_E, N_C, sign=sign), d_from_p(R["p"], N_E, N_C, sign=sign)):
        np.testing.assert_allclose(found.yi, expected.yi, rtol=1e-9, atol=1e-14)
        np.testing.assert_allclose(found.vi, expected.vi, rtol=1e-9)


def test_t_of_the_raw_data_gives_the_smd_of_effect_sizes():
    data = {"mean_e": 10.0, "sd_e": 2.0, "n_e": 20, "mean_c": 8.0, "sd_c": 3.0, "n_c": 25}
    pooled = np.sqrt((19 * 4 + 24 * 9) / 43)
    t = 2 / (pooled * np.sqrt(1 / 20 + 1 / 25))
    direct, found = effect_sizes("SMD", **data), d_from_t(t, 20, 25)
    np.testing.assert_allclose([found.yi, found.vi], [direct.yi, direct.vi], rtol=1e-12)
    plain = d_from_t(t, 20, 25, corrected=False)
    assert plain.yi == pytest.approx(2 / pooled, rel=1e-12)


def test_paired_t_of_borenstein_2009():
    # Equations 4.26 to 4.28 with difference 5, SD of differences 5.5, n = 50, r = 0.7:
    # d = 0.4225 x ... = t sqrt(2 (1 - r)/n) whatever the unit.
    t = 5 / (5.5 / np.sqrt(50))
    found = d_from_paired_t(t, 50, r=0.7)
    within = 5.5 / np.sqrt(2 * (1 - 0.7))
    assert found.yi == pytest.approx(5 / within, rel=1e-12)
    assert found.vi == pytest.approx((1 / 50 + found.yi**2 / 100) * 0.6, rel=1e-12)
    assert d_from_paired_t(t, 50, r=1.0).yi == 0


def test_phi_of_a_table():
    a, b, c, d = 30, 20, 15, 35
    n = a + b + c + d
    cross = a * d - b * c
    phi = cross / np.sqrt((a + b) * (c + d) * (a + c) * (b + d))
    found = r_from_chi2(n * phi**2, n, sign=1)
    assert found.yi == pytest.approx(phi, rel=1e-12)
    assert found.vi == pytest.approx((1 - phi**2) ** 2 / (n - 1), rel=1e-12)
    assert r_from_chi2(n, n, sign=-1).yi == -1


def test_what_cannot_be_said():
    few = d_from_t([1.0, 1.0, np.nan], [0, 1, 5], [5, 1, 5])
    assert np.isnan(few.yi).all()
    assert list(few.reason[:2]) == ["too few participants"] * 2
    assert "missing" in few.reason[2]
    certain = d_from_p([0.0, 1.0], 10, 10, sign=1)
    assert certain.reason[0] == "a p of 0 says nothing of the size"
    assert np.isnan(certain.yi[0])
    assert certain.yi[1] == 0
    assert r_from_t(2.0, 2).reason == "too few participants"
    assert np.isnan(d_from_f(4.0, 9, 9, sign=np.nan).yi)
    assert np.isfinite(d_from_t(1e15, 10, 10).yi)
    assert r_from_t(1e200, 10).yi == 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: d_from_f([4, -1], 9, 9, sign=1), "study 1: f=-1 is negative"),
        (lambda: d_from_f(4, 9, 9, sign=0), "sign=0 is no direction; give 1 or -1"),
        (lambda: d_from_p(1.5, 9, 9, sign=1), "p_value=1.5 lies outside 0..1"),
        (lambda: d_from_t(1, 9.5, 9), "n_e=9.5 is no count"),
        (lambda: d_from_t(np.inf, 9, 9), "t=inf is not finite"),
        (lambda: d_from_paired_t(1, 9, r=2), "r=2 lies outside -1..1"),
        (lambda: r_from_chi2(11, 10, sign=1), "chi2=11 exceeds n=10"),
        (lambda: r_from_t("t", 10), "t='t'"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
