"""Means and standard deviations from medians, quartiles and ranges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.convert.quantiles import mean_sd_from_quantiles

R = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)
ROWS = R["quantiles"]
CLOSED = 1e-12  # relative
FITTED = 1e-7


def summary(q, scenario):
    low, first, _, third, high = q
    numbers = {}
    if scenario != "S2":
        numbers |= {"minimum": low, "maximum": high}
    if scenario != "S1":
        numbers |= {"q1": first, "q3": third}
    return numbers


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_formulas_against_r(row, at):
    q, n, scenario = row["q"], row["n"], f"S{at + 1}"
    found = mean_sd_from_quantiles(q[2], n, **summary(q, scenario))
    assert found.scenario == scenario
    np.testing.assert_allclose(found.mean, row["luo"][at], rtol=CLOSED)
    np.testing.assert_allclose(found.sd, row["shi"][at], rtol=CLOSED)
    wan = mean_sd_from_quantiles(q[2], n, **summary(q, scenario), method="wan")
    np.testing.assert_allclose(wan.mean, row["wan_mean"][at], rtol=CLOSED)
    np.testing.assert_allclose(wan.sd, row["wan_sd"][at], rtol=CLOSED)


@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_quantile_estimation_against_r(row, at):
    q, n, expected = row["q"], row["n"], row["qe"][at]
    found = mean_sd_from_quantiles(q[2], n, **summary(q, f"S{at + 1}"), method="qe")
    assert found.distribution == expected["family"]
    np.testing.assert_allclose(found.mean, expected["mean"], rtol=FITTED)
    np.testing.assert_allclose(found.sd, expected["sd"], rtol=FITTED)
    count = (3, 3, 5)[at]
    squares = found.distance**2 * count
    assert squares <= expected["squares"] * (1 + 1e-9) + 1e-18 * q[4] ** 2


def test_the_example_of_the_authors_program():
    # estmeansd, README: 4.347284 and 1.502171; L-BFGS-B stops within 1e-5 of the optimum.
    found = mean_sd_from_quantiles(4, 100, minimum=2, maximum=9, method="qe")
    assert found.mean == pytest.approx(4.347284, rel=1e-5)
    assert found.sd == pytest.approx(1.502171, rel=1e-5)


def test_denominators_are_expected_ranges():
    # Wan et al. 2014, table 1: xi(n), the expected range of n standard normal values (also the
    # control chart constant d2): 3.078 for 10, 4.498 for 50; table 2, eta(n): 1.206 for n = 13.
    low = -1.0
    for n, xi in ((10, 3.078), (50, 4.498)):
        sd = mean_sd_from_quantiles(0.0, n, minimum=low, maximum=1.0).sd
        assert 2 / sd == pytest.approx(xi, rel=0.01)
    sd = mean_sd_from_quantiles(0.0, 13, q1=-1.0, q3=1.0).sd
    assert 2 / sd == pytest.approx(1.206, rel=0.01)


@pytest.mark.parametrize("method", ["luo-shi", "wan", "qe"])
@pytest.mark.parametrize("scenario", ["S1", "S2", "S3"])
def test_location_and_scale(method, scenario):
    q = np.array([1.0, 3.0, 4.5, 7.0, 15.0])
    base = mean_sd_from_quantiles(q[2], 40, **summary(q, scenario), method=method)
    for scale in (1e-15, 3.0, 1e15):
        s = q * scale
        other = mean_sd_from_quantiles(s[2], 40, **summary(s, scenario), method=method)
        if method != "qe" or base.distribution != "beta":
            np.testing.assert_allclose(other.mean / scale, base.mean, rtol=1e-9)
            np.testing.assert_allclose(other.sd / scale, base.sd, rtol=1e-9)
    if method != "qe":
        shifted = mean_sd_from_quantiles(q[2] + 7, 40, **summary(q + 7, scenario), method=method)
        np.testing.assert_allclose(shifted.mean, base.mean + 7, rtol=1e-13)
        np.testing.assert_allclose(shifted.sd, base.sd, rtol=1e-13)


def test_estimates_are_nearly_unbiased_for_normal_data():
    # Synthetic: 4,000 normal samples of 41, mean 10 and sd 2, seed 11.
    x = np.sort(np.random.default_rng(11).normal(10, 2, (4000, 41)), axis=1)
    q = x[:, [0, 10, 20, 30, 40]].T
    for scenario in ("S1", "S2", "S3"):
        found = mean_sd_from_quantiles(q[2], 41, **summary(q, scenario))
        assert found.mean.mean() == pytest.approx(10, abs=0.03)
        assert found.sd.mean() == pytest.approx(2, abs=0.04)


def test_studies_of_all_kinds_at_once():
    nan = np.nan
    found = mean_sd_from_quantiles(
        [5.0, 5.0, 5.0, 5.0, nan, 5.0],
        [30, 30, 30, 1, 30, nan],
        minimum=[1.0, nan, 1.0, 1.0, 1.0, 1.0],
        q1=[nan, 4.0, 4.0, nan, nan, nan],
        q3=[nan, 7.0, 7.0, nan, nan, nan],
        maximum=[12.0, nan, 12.0, 12.0, 12.0, 12.0],
        method="qe",
    )
    assert list(found.scenario) == ["S1", "S2", "S3", "S1", "", "S1"]
    assert np.isfinite(found.mean[:3]).all()
    assert np.isnan(found.mean[3:]).all()
    assert np.isnan(found.sd[3:]).all()
    assert list(found.reason[3:]) == [
        "fewer than two participants",
        "neither quartiles nor range stand beside the median",
        "n is missing",
    ]
    assert found.distribution[3] == ""


def test_skewed_data_are_called_so():
    found = mean_sd_from_quantiles([4, 10], 100, minimum=[2, 5], maximum=[9, 15])
    np.testing.assert_array_equal(found.skewed, [True, False])
    assert list(found.reason) == ["the data look skewed; a mean may not sum them up", ""]


def test_too_few_for_extremes_of_a_fit():
    found = mean_sd_from_quantiles(2.0, 3, minimum=1.0, maximum=4.0, method="qe")
    assert np.isnan(found.mean)
    assert found.reason == "too few participants to place the range"
    assert np.isfinite(mean_sd_from_quantiles(2.0, 3, minimum=1.0, maximum=4.0).mean)
    assert np.isfinite(mean_sd_from_quantiles(2.0, 3, q1=1.0, q3=4.0, method="qe").mean)


def test_means_stay_within_what_is_possible():
    # Synthetic: sorted log-normal values with sigma 2, seed 0.
    rng = np.random.default_rng(0)
    q = np.sort(rng.lognormal(0, 2, (500, 5)), axis=1).T
    n = rng.integers(5, 500, 500)
    found = mean_sd_from_quantiles(q[2], n, **summary(q, "S3"), method="qe")
    assert ((found.mean >= q[0]) & (found.mean <= q[4])).all()
    # Quartiles of 0, 0 and 5 say nothing of the tail.
    silent = mean_sd_from_quantiles(0.0, 20, q1=0.0, q3=5.0, method="qe")
    assert silent.distribution == "normal"
    assert silent.mean == pytest.approx(5 / 3, rel=1e-12)
    far = mean_sd_from_quantiles(1.0, 20, q1=0.05, q3=20.0, method="qe")
    assert far.mean > 20
    assert far.reason == "the fitted mean lies beyond the printed quartiles"


def test_flat():
    flat = mean_sd_from_quantiles(3.0, 20, q1=3.0, q3=3.0, method="qe")
    assert (flat.mean, flat.sd, flat.distribution) == (3.0, 0.0, "normal")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_sd_from_quantiles(5, 20, q1=6, q3=7), "q1=6 exceeds median=5"),
        (lambda: mean_sd_from_quantiles(5, -1, q1=4, q3=7), "n=-1 is no count"),
        (lambda: mean_sd_from_quantiles(5, 9, q1=4, q3=7, method="bc"), "method='bc' is unknown"),
        (lambda: mean_sd_from_quantiles([5, 6], [9, 9, 9]), "shapes do not fit"),
        (lambda: mean_sd_from_quantiles("five", 9), "median='five'"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
