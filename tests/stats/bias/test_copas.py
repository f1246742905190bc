"""Copas' sensitivity analysis: its rows, its rule, laws of scale and sign, and refusals."""

from __future__ import annotations

import json
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from evsyn.errors import StatsError
from evsyn.stats.bias.copas import copas
from evsyn.stats.bias.selection import selection_model

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_selection.json").read_text(encoding="utf-8")
)
Y = np.array(REFERENCE["data"]["hackshaw1998"]["yi"])
V = np.array(REFERENCE["data"]["hackshaw1998"]["vi"])
S = np.sqrt(V)
FEW = [1.0, 0.8, 0.4]


def test_selection_gives_the_chances_asked_for() -> None:
    found = copas(Y, V, published=FEW, published_smallest=0.98)
    chance = stats.norm.cdf(found.gamma0[1:, None] + found.gamma1[1:, None] / S)
    np.testing.assert_allclose(chance[:, np.argmax(S)], FEW[1:], rtol=1e-12)
    np.testing.assert_allclose(chance[:, np.argmin(S)], 0.98, rtol=1e-12)
    np.testing.assert_allclose(found.published, FEW, rtol=1e-12)
    np.testing.assert_allclose(found.published_smallest, [1, 0.98, 0.98], rtol=1e-12)
    missing = ((1 - chance) / chance).sum(axis=1)
    np.testing.assert_allclose(found.unpublished, [0, *missing], rtol=1e-12)


def test_row_without_selection_is_maximum_likelihood() -> None:
    found = copas(Y, V, published=FEW)
    plain = selection_model(Y, V, delta=[1, 1])
    assert found.row_estimate[0] == pytest.approx(plain.estimate, rel=1e-8)
    assert found.tau2[0] == pytest.approx(plain.tau2, rel=1e-7)
    assert found.log_likelihood[0] == pytest.approx(plain.log_likelihood, rel=1e-11)
    assert found.row_se[0] == pytest.approx(plain.se, rel=1e-6)
    assert np.isnan(found.rho[0]) and np.isinf(found.gamma0[0]) and found.gamma1[0] == 0


def test_residual_test_without_selection_is_a_likelihood_ratio_of_the_slope() -> None:
    found = copas(Y, V, published=[1.0])

    def highest(design: np.ndarray) -> float:
        best = -np.inf
        for tau2 in np.linspace(0, 0.2, 20001):
            w = 1 / (V + tau2)
            coef = np.linalg.solve((design.T * w) @ design, (design.T * w) @ Y)
            rest = Y - design @ coef
            best = max(best, -0.5 * float(np.sum(np.log(2 * np.pi / w) + w * rest**2)))
        return best

    ones = np.ones(Y.size)
    statistic = 2 * (highest(np.column_stack([ones, S])) - highest(ones[:, None]))
    assert found.residual_statistic[0] == pytest.approx(statistic, abs=1e-5)
    assert found.residual_p_value[0] == pytest.approx(stats.chi2.sf(statistic, 1), abs=1e-5)


def test_rule_takes_the_least_selection_without_significant_residue() -> None:
    found = copas(Y, V, alpha=0.04)
    good = np.flatnonzero(found.residual_p_value > 0.04)
    assert found.taken == good[0] > 0
    assert found.estimate == found.row_estimate[found.taken]
    assert found.ci_ub == found.row_ci_ub[found.taken]
    assert found.reason == ""
    assert np.all(np.diff(found.published) < 0)
    assert found.likeliest == np.argmax(found.log_likelihood)


def test_no_row_is_a_reason_not_an_estimate() -> None:
    found = copas(Y, V, published=FEW, alpha=0.9)
    assert np.isnan(found.estimate) and found.taken == -1
    assert "residual bias is significant in every row" in found.reason


def test_pairs_may_be_given() -> None:
    asked = copas(Y, V, published=[0.8, 0.4])
    given = copas(Y, V, gamma=np.column_stack([asked.gamma0, asked.gamma1])[::-1])
    np.testing.assert_allclose(given.row_estimate, asked.row_estimate, rtol=1e-7)
    np.testing.assert_allclose(given.published, asked.published, rtol=1e-12)


@pytest.mark.parametrize("unit", [1e-15, 1e-3, 1e15])
def test_units_of_the_effects_do_not_matter(unit: float) -> None:
    here, there = copas(Y, V, published=FEW), copas(Y * unit, V * unit**2, published=FEW)
    np.testing.assert_allclose(there.row_estimate / unit, here.row_estimate, rtol=1e-7)
    np.testing.assert_allclose(there.row_se / unit, here.row_se, rtol=1e-6)
    np.testing.assert_allclose(there.gamma1 / unit, here.gamma1, rtol=1e-12)
    np.testing.assert_allclose(there.gamma0, here.gamma0, rtol=1e-12)
    np.testing.assert_allclose(there.residual_statistic, here.residual_statistic, rtol=1e-6)
    np.testing.assert_allclose(there.unpublished, here.unpublished, rtol=1e-11)


def test_turned_signs_turn_the_rows() -> None:
    here, there = copas(Y, V, published=FEW), copas(-Y, V, published=FEW)
    np.testing.assert_allclose(there.row_estimate, -here.row_estimate, rtol=1e-7)
    np.testing.assert_allclose(there.rho[1:], -here.rho[1:], rtol=1e-7)
    np.testing.assert_allclose(there.row_ci_lb, -here.row_ci_ub, rtol=1e-7)


def test_selection_is_undone_on_synthetic_studies() -> None:
    rng = np.random.default_rng(3)
    s = rng.uniform(0.1, 0.8, 3000)
    e = rng.normal(size=s.size)
    z = -1.0 + 0.3 / s + 0.9 * e + np.sqrt(1 - 0.81) * rng.normal(size=s.size)
    y, kept = 0.2 + 0.1 * rng.normal(size=s.size) + s * e, z > 0
    # The model takes s as the spread after publication, hence so reported here.
    u = -1.0 + 0.3 / s
    hazard = stats.norm.pdf(u) / stats.norm.cdf(u)
    told = s * np.sqrt(1 - 0.81 * hazard * (u + hazard))
    true = copas(y[kept], told[kept] ** 2, gamma=[[np.inf, 0.0], [-1.0, 0.3]])
    assert true.row_estimate[0] > 0.3
    assert abs(true.row_estimate[1] - 0.2) < 0.08


def test_errors_that_are_alike_are_told() -> None:
    found = copas(Y[:12], np.full(12, 0.1), published=[1.0, 0.5])
    assert "much alike" in found.note
    np.testing.assert_allclose(found.gamma1, 0)


def test_few_studies_are_refused_unless_forced() -> None:
    with pytest.raises(StatsError, match=r"copas has 9 studies.*force=True"):
        copas(Y[:9], V[:9])
    assert copas(Y[:9], V[:9], force=True, published=[1.0, 0.5]).k == 9
    with pytest.raises(StatsError, match="k=2"):
        copas(Y[:2], V[:2], force=True)


def test_absent_studies_are_left_out() -> None:
    found = copas(np.append(Y, np.nan), np.append(V, 1.0), published=[1.0])
    assert (found.k, found.left_out) == (37, 1)


BAD: dict[str, tuple[dict[str, Any], str]] = {
    "no chance": ({"published": [1.0, 0.0]}, r"published\[1\]=0 is no probability"),
    "above 1": ({"published": [1.1]}, r"published\[0\]=1.1 is no probability"),
    "none": ({"published": []}, "published is empty"),
    "smallest": ({"published_smallest": 1.0}, "published_smallest=1 lies outside"),
    "alpha": ({"alpha": 0.0}, "alpha=0 lies outside"),
    "level": ({"level": 1.5}, "level=1.5 lies outside"),
    "gamma shape": ({"gamma": [1.0, 2.0]}, r"gamma has shape \(2,\)"),
    "gamma1": ({"gamma": [[0.0, -1.0]]}, r"gamma\[0\]=\[0.0, -1.0\]: give gamma1 0 or more"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_options_are_refused(name: str) -> None:
    options, words = BAD[name]
    with pytest.raises(StatsError, match=words):
        copas(Y, V, **options)


def test_bad_studies_are_refused() -> None:
    with pytest.raises(StatsError, match="study 0: vi=0"):
        copas(Y, np.where(np.arange(37) == 0, 0, V))
    with pytest.raises(StatsError, match="2 columns"):
        copas(np.column_stack([Y, Y]), np.column_stack([V, V]))


def test_results_are_frozen() -> None:
    found = copas(Y, V, published=[1.0])
    with pytest.raises(FrozenInstanceError):
        found.estimate = 0.0  # type: ignore[misc]
