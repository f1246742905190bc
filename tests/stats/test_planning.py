"""Power of the tests of a meta-analysis."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evsyn.errors import StatsError
from evsyn.stats.effects.effect_sizes import effect_sizes
from evsyn.stats.planning import (
    diversity,
    heterogeneity_power,
    moderator_power,
    planned_variance,
    power,
)

R = json.loads(
    (Path(__file__).parents[1] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)["planning"]
VI, LATITUDE = np.array(R["vi"]), np.array(R["ablat"])


@pytest.mark.parametrize("row", R["rows"], ids=lambda row: f"{row['effect']}-{row['tau2']}")
def test_bcg_trials_against_r(row):
    options = {"tau2": row["tau2"]}
    effect = row["effect"]
    np.testing.assert_allclose(power(effect, VI, **options).power, row["z"], rtol=1e-11)
    np.testing.assert_allclose(power(effect, VI, sides=1, **options).power, row["one"], rtol=1e-11)
    # Two implementations of the noncentral t distribution.
    np.testing.assert_allclose(power(effect, VI, test="t", **options).power, row["t"], rtol=1e-8)
    found = moderator_power(effect / 10, VI, LATITUDE, **options)
    np.testing.assert_allclose(found.power, row["moderator"], rtol=1e-11)


def test_no_effect_gives_the_significance_level():
    for sides in (1, 2):
        for level in (0.9, 0.95):
            found = power(0.0, VI, tau2=0.3, sides=sides, level=level)
            assert found.power == pytest.approx(1 - level, rel=1e-12)
    assert power(0.0, VI, test="t").power == pytest.approx(0.05, rel=1e-9)
    assert heterogeneity_power(VI, tau2=0.0).power == pytest.approx(0.05, rel=1e-9)
    assert moderator_power(0.0, VI, LATITUDE).power == pytest.approx(0.05, rel=1e-12)


def test_k_studies_alike_are_k_equal_variances():
    alike = power(0.3, 0.08, k=[5, 10], tau2=0.02)
    assert alike.power[0] == pytest.approx(power(0.3, [0.08] * 5, tau2=0.02).power, rel=1e-13)
    np.testing.assert_array_equal(alike.k, [5, 10])
    q = heterogeneity_power(0.08, tau2=0.02, k=7).power
    assert q == pytest.approx(heterogeneity_power([0.08] * 7, tau2=0.02).power, rel=1e-12)


def test_columns():
    table = np.stack([VI, np.where(np.arange(13) < 5, VI, np.nan)], axis=1)
    found = power([0.2, 0.4], table, tau2=[0.0, 0.1])
    assert found.power[0] == pytest.approx(power(0.2, VI).power, rel=1e-13)
    assert found.power[1] == pytest.approx(power(0.4, VI[:5], tau2=0.1).power, rel=1e-13)
    np.testing.assert_array_equal(found.k, [13, 5])
    several = power([0.1, 0.2, 0.3], VI)
    assert several.power.shape == (3,)
    assert (np.diff(several.power) > 0).all()


def test_heterogeneity_is_exact_for_equal_variances():
    assert heterogeneity_power(0.1, tau2=0.1, k=10).power == pytest.approx(R["equal_q"], rel=1e-11)


@pytest.mark.parametrize("tau2", [0.05, 0.3])
def test_heterogeneity_against_simulation(tau2):
    # Synthetic: 100,000 meta-analyses with the variances of the BCG trials, seed 17.
    y = np.random.default_rng(17).normal(0, np.sqrt(VI + tau2), (100_000, len(VI)))
    w = 1 / VI
    mean = (y @ w) / w.sum()
    q = ((y - mean[:, None]) ** 2) @ w
    share = (q > stats.chi2.isf(0.05, len(VI) - 1)).mean()
    assert heterogeneity_power(VI, tau2=tau2).power == pytest.approx(share, abs=0.005)


def test_many_studies_are_left_to_the_gamma_distribution():
    vi = np.tile(VI, 16)
    exact = heterogeneity_power(vi[:200], tau2=0.02).power
    beyond = heterogeneity_power(vi[:201], tau2=0.02).power
    assert beyond == pytest.approx(exact, abs=0.02)
    table = np.stack([VI, VI[::-1]], axis=1)
    both = heterogeneity_power(table, tau2=[0.0, 0.1]).power
    assert both[1] == pytest.approx(heterogeneity_power(VI, tau2=0.1).power, rel=1e-9)


def test_subgroups_are_a_moderator():
    group = np.arange(13) % 2
    parts = [1 / (1 / (VI[group == g] + 0.1)).sum() for g in (0, 1)]
    found = moderator_power(0.4, VI, group, tau2=0.1)
    assert found.se == pytest.approx(np.sqrt(sum(parts)), rel=1e-12)
    shifted = moderator_power(0.4, VI, group + 1e6, tau2=0.1)
    assert shifted.power == pytest.approx(found.power, rel=1e-6)


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_scales(scale):
    base = power(0.2, VI, tau2=0.1).power
    found = power(0.2 * np.sqrt(scale), VI * scale, tau2=0.1 * scale)
    assert found.power == pytest.approx(base, rel=1e-10)
    q = heterogeneity_power(VI * scale, tau2=0.1 * scale).power
    assert q == pytest.approx(heterogeneity_power(VI, tau2=0.1).power, rel=1e-10)
    assert diversity(VI * scale, tau2=0.1 * scale) == pytest.approx(
        diversity(VI, tau2=0.1), rel=1e-12
    )


@given(st.floats(-2, 2), st.floats(0, 1), st.integers(1, 40))
def test_more_studies_more_power(effect, tau2, k):
    few, many = power(effect, 0.1, k=[k, k + 1], tau2=tau2).power
    assert 0 <= few <= many + 1e-12 <= 1 + 1e-12
    assert few == pytest.approx(power(-effect, 0.1, k=k, tau2=tau2).power, rel=1e-12)


def test_planned_variances_are_those_of_effect_sizes():
    counts = {"events_e": 30, "n_e": 100, "events_c": 40, "n_c": 80}
    for measure in ("RR", "OR", "RD"):
        direct = effect_sizes(measure, **counts)
        found = planned_variance(measure, 100, 80, effect=direct.yi, risk_c=0.5)
        assert found == pytest.approx(direct.vi, rel=1e-12)
    direct = effect_sizes("SMD", mean_e=1.0, sd_e=2.0, n_e=30, mean_c=0.0, sd_c=2.0, n_c=40)
    found = planned_variance("SMD", 30, 40, effect=direct.yi)
    assert found == pytest.approx(direct.vi, rel=1e-12)
    assert planned_variance("MD", 30, 40, sd=2.0) == pytest.approx(4 / 30 + 0.1, rel=1e-14)
    assert planned_variance("ZCOR", 53) == pytest.approx(0.02, rel=1e-15)
    assert np.isnan(planned_variance("RR", 10, 10, risk_c=0.0))
    assert np.isnan(planned_variance("ZCOR", 3))
    assert np.isnan(planned_variance("SMD", 0, 10))


def test_diversity_is_at_least_i2():
    typical = 12 * (1 / VI).sum() / ((1 / VI).sum() ** 2 - (1 / VI**2).sum())
    for tau2 in (0.01, 0.3, 4.0):
        i2 = 100 * tau2 / (tau2 + typical)
        assert i2 <= diversity(VI, tau2=tau2) < 100
    assert diversity(VI, tau2=0.0) == 0
    assert diversity([0.1, 0.1], tau2=0.1) == pytest.approx(50, rel=1e-14)
    assert diversity(VI, tau2=[0.0, 0.1]).shape == (2,)


def test_edges():
    none = power(0.2, [np.nan])
    assert np.isnan(none.power)
    assert none.reason == "no studies"
    assert np.isnan(heterogeneity_power([0.1], tau2=0.1).power)
    assert np.isnan(power(0.2, [0.1], test="t").power)
    assert power(0.2, [0.1]).power > 0.05
    flat = moderator_power(0.2, VI, np.ones(13))
    assert np.isnan(flat.power)
    assert "no spread" in flat.reason
    assert power(5.0, [0.0, 0.1]).power == 1
    assert power(0.2, 0.1, k=0).reason == "no studies"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: power(0.2, [0.1, -0.1]), "study 1: vi=-0.1 is negative"),
        (lambda: power(0.2, [0.1], tau2=-1), "tau2=-1 is negative"),
        (lambda: power(0.2, 0.1), r"give \(k,\) or \(k, n\), or a number and k"),
        (lambda: power(0.2, 0.1, k=2.5), r"k=2\.5 is no count"),
        (lambda: power(np.inf, [0.1]), "effect=inf is not finite"),
        (lambda: power(0.2, [0.1], sides=3), "sides=3 is not allowed"),
        (lambda: power(0.2, [0.1], test="knha"), "test='knha' is unknown"),
        (lambda: power(0.2, [0.1], level=5), "level=5 lies outside"),
        (lambda: power([0.1, 0.2, 0.3], [[0.1, 0.2]]), "shapes do not fit"),
        (lambda: heterogeneity_power([0.0, 0.1], tau2=0.1), "vi=0 is not above 0"),
        (lambda: moderator_power(0.2, [0.1, 0.1], [1, 2, 3]), "shapes do not fit"),
        (lambda: diversity([0.1, 0.0], tau2=0.1), "study 1: vi=0 is not above 0"),
        (lambda: planned_variance("HR", 10, 10), "measure='HR' is unknown"),
        (lambda: planned_variance("MD", 10, 10), "sd is missing for MD"),
        (lambda: planned_variance("SMD", 10, 10, sd=1), "sd is not used for SMD"),
        (lambda: planned_variance("RR", 10, 10), "risk_c is missing for RR"),
        (lambda: planned_variance("RR", 10, 10, effect=2, risk_c=0.5), "takes the risk"),
        (lambda: planned_variance("RR", 10, 10, risk_c=1.5), "risk_c=1.5 lies outside"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
