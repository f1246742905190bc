"""Limit meta-analysis against least squares by another route, laws, and refusals."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from evsyn.errors import StatsError
from evsyn.stats.bias.limit import limit_meta
from evsyn.stats.pooling.pool import pool

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_selection.json").read_text(encoding="utf-8")
)
Y = np.array(REFERENCE["data"]["hackshaw1998"]["yi"])
V = np.array(REFERENCE["data"]["hackshaw1998"]["vi"])
S = np.sqrt(V)
ADJUSTMENTS = ["beta0", "beta-lim", "mu-lim"]


def line(y: np.ndarray, s: np.ndarray) -> stats._stats_py.LinregressResult:
    return stats.linregress(1 / s, y / s)


@pytest.mark.parametrize("method", ["DL", "PM", "ML", "REML"])
def test_every_quantity_by_textbook_regression(method: str) -> None:
    """The definitions of Rücker et al. 2011 (Biostatistics 12:122-142) with scipy's lines."""
    found = limit_meta(Y, V, method=method)
    tau2 = float(pool(Y, V, method=method, test="z").tau2)
    assert tau2 > 0 and found.tau2 == pytest.approx(tau2, rel=1e-12)
    tau2 = float(found.tau2)
    spread = np.sqrt(V + tau2)
    general = line(Y, spread)
    design = np.column_stack([np.ones(Y.size), 1 / spread])
    covariance = np.linalg.inv(design.T @ design)  # residual variance 1
    turn = np.array([tau2**0.5, 1.0])
    assert found.alpha == pytest.approx(general.intercept, rel=1e-11)
    assert found.beta == pytest.approx(general.slope, rel=1e-11)
    assert found.alpha_se == pytest.approx(covariance[0, 0] ** 0.5, rel=1e-10)
    assert found.beta_se == pytest.approx(covariance[1, 1] ** 0.5, rel=1e-10)
    assert found.beta0 == pytest.approx(turn @ [general.intercept, general.slope], rel=1e-11)
    assert found.beta0_se == pytest.approx((turn @ covariance @ turn) ** 0.5, rel=1e-10)
    limits = general.slope + tau2**0.5 * (Y - general.slope) / spread
    np.testing.assert_allclose(found.shrunken, limits, rtol=1e-10)
    flat = line(limits, S)
    assert found.beta_lim == pytest.approx(flat.slope, rel=1e-10)
    assert found.beta_lim_se == pytest.approx(flat.stderr, rel=1e-9)
    assert found.g2 == pytest.approx(100 * (1 - flat.rvalue**2), rel=1e-9)
    common = pool(limits, V, method="FE", test="z")
    assert found.mu_lim == pytest.approx(float(common.estimate), rel=1e-11)
    assert found.mu_lim_se == pytest.approx(float(common.se), rel=1e-11)


def test_decomposition_of_q() -> None:
    found = limit_meta(Y, V)
    egger = line(Y, S)
    rest = float(np.sum((Y / S - egger.intercept - egger.slope / S) ** 2))
    q = float(pool(Y, V, method="FE", test="z").q)
    assert found.q == pytest.approx(q, rel=1e-12)
    assert found.q_resid == pytest.approx(rest, rel=1e-11)
    assert found.q_small == pytest.approx(q - rest, rel=1e-10)
    assert (found.q_df, found.q_resid_df) == (36, 35)
    assert found.q_pvalue == pytest.approx(stats.chi2.sf(q, 36), rel=1e-11)
    assert found.q_resid_pvalue == pytest.approx(stats.chi2.sf(rest, 35), rel=1e-11)
    assert found.q_small_pvalue == pytest.approx(stats.chi2.sf(q - rest, 1), rel=1e-9)


def test_limit_is_what_huge_precision_leads_to() -> None:
    """A study whose variance is made 1e12 times smaller has its limit as effect."""
    found = limit_meta(Y, V)
    error = (Y - found.beta) / np.sqrt(V + found.tau2)
    precise = found.beta + np.sqrt(V / 1e12 + found.tau2) * error
    np.testing.assert_allclose(found.shrunken, precise, rtol=1e-9)


@pytest.mark.parametrize("adjust", ADJUSTMENTS)
def test_the_adjustment_asked_for_is_the_estimate(adjust: str) -> None:
    found = limit_meta(Y, V, adjust=adjust, level=0.9)  # type: ignore[arg-type]
    name = adjust.replace("-", "_")
    assert found.estimate == getattr(found, name) and found.se == getattr(found, f"{name}_se")
    half = stats.norm.ppf(0.95) * found.se
    assert found.ci_ub - found.ci_lb == pytest.approx(2 * half, rel=1e-12)
    assert found.p_value == pytest.approx(2 * stats.norm.sf(abs(found.statistic)), rel=1e-12)


def test_many_at_once_are_each_alone() -> None:
    rng = np.random.default_rng(1)  # synthetic
    vi = rng.uniform(0.01, 0.5, (20, 4))
    yi = rng.normal(0.2, np.sqrt(vi + 0.1))
    yi[3, 1], yi[15:, 2] = np.nan, np.nan
    together = limit_meta(yi, vi)
    assert together.shrunken.shape == (20, 4)
    for j in range(4):
        alone = limit_meta(yi[:, j], vi[:, j])
        for name in ("estimate", "se", "beta_lim", "mu_lim_se", "g2", "q_small", "tau2"):
            np.testing.assert_allclose(
                getattr(together, name)[j], getattr(alone, name), rtol=1e-9, err_msg=name
            )
    np.testing.assert_array_equal(together.left_out, [0, 1, 5, 0])
    assert np.isnan(together.shrunken[3, 1])


@pytest.mark.parametrize("unit", [1e-15, 1e-3, 1e15])
def test_units_of_the_effects_do_not_matter(unit: float) -> None:
    here, there = limit_meta(Y, V), limit_meta(Y * unit, V * unit**2)
    for name in ("estimate", "se", "beta_lim", "beta_lim_se", "mu_lim", "mu_lim_se"):
        assert getattr(there, name) / unit == pytest.approx(getattr(here, name), rel=1e-8)
    for name in ("alpha", "g2", "q", "q_small", "q_resid"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), rel=1e-8)


def test_a_shift_moves_the_effects_and_nothing_else() -> None:
    here, there = limit_meta(Y, V), limit_meta(Y + 3, V)
    for name in ("beta0", "beta_lim", "mu_lim", "beta"):
        assert getattr(there, name) - 3 == pytest.approx(getattr(here, name), abs=1e-9)
    for name in ("alpha", "q_resid", "tau2", "beta0_se"):
        assert getattr(there, name) == pytest.approx(getattr(here, name), rel=1e-6)


def test_without_heterogeneity_all_limits_agree() -> None:
    v = np.linspace(0.5, 2, 12)
    y = 1.0 + np.where(np.arange(12) % 2, 0.1, -0.1)  # synthetic
    found = limit_meta(y, v, adjust="beta-lim")
    assert found.tau2 == 0 and found.g2 == 0
    np.testing.assert_allclose(found.shrunken, found.beta, rtol=1e-12)
    assert np.isnan(found.se) and "all limits agree" in str(found.reason)
    assert found.mu_lim == pytest.approx(float(found.beta), rel=1e-12)


def test_equal_variances_have_no_radial_line() -> None:
    found = limit_meta(Y[:12], np.full(12, 0.1))
    assert np.isnan(found.estimate) and np.isnan(found.q_small)
    assert found.reason == "all studies have the same variance: there is no radial line"
    assert np.isfinite(found.q)


def test_few_studies_are_refused_unless_forced() -> None:
    with pytest.raises(StatsError, match=r"limit_meta has 9 studies.*force=True"):
        limit_meta(Y[:9], V[:9])
    assert np.isfinite(limit_meta(Y[:9], V[:9], force=True).estimate)
    for k in (1, 2):
        found = limit_meta(Y[:k], V[:k], force=True)
        assert np.isnan(found.estimate) and found.reason == "fewer than three studies"


def test_bad_input_is_refused() -> None:
    with pytest.raises(StatsError, match="study 2: vi=0"):
        limit_meta(Y, np.where(np.arange(37) == 2, 0, V))
    with pytest.raises(StatsError, match="adjust='beta' is unknown"):
        limit_meta(Y, V, adjust="beta")  # type: ignore[arg-type]
    with pytest.raises(StatsError, match="method='EE' is unknown"):
        limit_meta(Y, V, method="EE")  # type: ignore[arg-type]
    with pytest.raises(StatsError, match="level"):
        limit_meta(Y, V, level=0)
    with pytest.raises(StatsError):
        limit_meta(Y, V[:3])


def test_results_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        limit_meta(Y, V).estimate = 0.0  # type: ignore[misc]
