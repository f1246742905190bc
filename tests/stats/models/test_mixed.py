"""`multilevel` against metafor, its laws, and its refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models.dependence import sampling_covariance
from evsyn.stats.models.mixed import MultilevelFit, multilevel
from evsyn.stats.pooling.pool import pool

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_multilevel.json").read_text(encoding="utf-8")
)
CASES: dict[str, dict[str, Any]] = REFERENCE["cases"]
DATA: dict[str, dict[str, Any]] = REFERENCE["data"]
RTOL = 1e-7  # iterated; the variances agree to 1e-9 or better


def intercepts_fit(name: str, scale: float = 1.0) -> MultilevelFit:
    case, options = CASES[name], dict[str, Any]()
    data = DATA[case["data"]]
    yi, vi = np.array(data["yi"]) * scale, np.array(data["vi"]) * scale**2
    options["method"] = case["method"]
    if name.startswith("assink"):
        vi = sampling_covariance(vi, data["study"], r=0.6)
        groups = {"study": data["study"], "effect": data["esid"]}
        if name == "assink_mods":
            options |= {"mods": np.stack([data["year"], data["pubstatus"]], axis=1), "test": "t"}
    elif name == "konstantopoulos_crossed":
        groups = {item: data[item] for item in ("district", "study", "year")}
        options["structure"] = "crossed"
    else:
        groups = {"district": data["district"], "school": data["school"]}
        if "year" in name:
            options |= {"mods": np.array(data["year"]) - 1990, "test": "t"}
            options["dfs"] = "contain" if "contain" in name else "residual"
    return multilevel(yi, vi, groups=groups, **options)


def structure_fit(name: str, scale: float = 1.0) -> MultilevelFit:
    case = CASES[name]
    data = DATA[case["data"]]
    options: dict[str, Any] = {"method": case["method"], "structure": case["structure"]}
    yi = np.array(data["yi"]) * scale
    if name.startswith("berkey"):
        outcome = np.array(data["outcome"])
        inner, groups, v = outcome, data["trial"], np.array(data["V"])
        mods = np.stack([outcome == "AL", outcome == "PD"], axis=1).astype(float)
        if "year" in name:
            mods = np.concatenate([mods, mods * (np.array(data["year"])[:, None] - 1983)], axis=1)
            options["test"] = "t"
    else:
        time = np.array(data["time"])
        v = sampling_covariance(data["vi"], data["study"], time=time, phi=0.97)
        inner = np.array(data["month"]) if case["structure"] == "CAR" else time
        groups, mods = data["study"], (time[:, None] == [1, 2, 3, 4]).astype(float)
    return multilevel(
        yi, v * scale**2, groups=groups, inner=inner, mods=mods, intercept=False, **options
    )


def fitted(name: str, scale: float = 1.0) -> MultilevelFit:
    return (structure_fit if "structure" in CASES[name] else intercepts_fit)(name, scale)


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_metafor(name: str) -> None:
    case, fit = CASES[name], fitted(name)
    assert fit.converged
    for key in ("sigma2", "tau2", "rho"):
        if key in case:
            np.testing.assert_allclose(getattr(fit, key), case[key], rtol=RTOL, atol=1e-12)
    for key in ("coef", "se", "statistic", "p_value", "ci_lb", "ci_ub"):
        value = np.atleast_1d(getattr(fit, key))
        np.testing.assert_allclose(value, case[key], rtol=RTOL, atol=1e-10)
    np.testing.assert_allclose(fit.covariance, case["covariance"], rtol=RTOL, atol=1e-10)
    np.testing.assert_allclose(fit.i2, case["i2"], rtol=RTOL, atol=1e-9)
    for key in ("log_likelihood", "q", "q_pvalue", "qm", "qm_pvalue", "pi_lb", "pi_ub"):
        if key in case:
            np.testing.assert_allclose(getattr(fit, key), case[key], rtol=RTOL, atol=1e-10)
    assert fit.log_likelihood >= case["metafor_log_likelihood"] - 1e-9
    if case["ddf"]:
        np.testing.assert_allclose(np.broadcast_to(fit.df, len(case["ddf"])), case["ddf"])
    k_eff = fit.k - len(np.atleast_1d(fit.coef)) * (fit.method == "REML")
    assert fit.aic == pytest.approx(2 * case["parameters"] - 2 * case["log_likelihood"], rel=1e-9)
    assert fit.bic == pytest.approx(
        np.log(k_eff) * case["parameters"] - 2 * case["log_likelihood"], rel=1e-9
    )


@pytest.mark.parametrize("scale", [1e-15, 1e15])
@pytest.mark.parametrize("name", ["konstantopoulos_reml", "assink_reml", "berkey_UN", "ishak_HAR"])
def test_knows_no_scale(name: str, scale: float) -> None:
    fit, scaled = fitted(name), fitted(name, scale)
    assert scaled.converged
    np.testing.assert_allclose(scaled.coef, np.multiply(fit.coef, scale), rtol=1e-9)
    np.testing.assert_allclose(scaled.sigma2, fit.sigma2 * scale**2, rtol=1e-8)
    np.testing.assert_allclose(scaled.tau2, fit.tau2 * scale**2, rtol=1e-8)
    np.testing.assert_allclose(scaled.rho, fit.rho, rtol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_no_neighbour_is_more_likely(name: str) -> None:
    fit = fitted(name)
    from evsyn.stats.models.mixed_likelihood import log_likelihood

    top = log_likelihood(fit.model, fit.theta)
    rng = np.random.default_rng(1)
    for _ in range(50):
        spread = rng.normal(size=len(fit.theta)) * 10 ** rng.uniform(-3, 0)
        other = np.clip(fit.theta * np.exp(spread), fit.model.lower, fit.model.upper)
        assert log_likelihood(fit.model, other) <= top + 1e-11


def test_one_row_a_group_is_the_random_effects_model() -> None:
    data = DATA["konstantopoulos2011"]
    plain = pool(data["yi"], data["vi"], method="REML", test="z")
    fit = multilevel(data["yi"], data["vi"], groups=np.arange(56))
    np.testing.assert_allclose(fit.sigma2[0], plain.tau2, rtol=1e-9)
    for key in ("estimate", "se", "ci_lb", "ci_ub", "pi_lb", "pi_ub", "q"):
        np.testing.assert_allclose(getattr(fit, key), getattr(plain, key), rtol=1e-9)
    np.testing.assert_allclose(fit.i2_total, plain.i2, rtol=1e-9)


def test_restricted_likelihood_with_two_modes_is_searched_to_the_higher() -> None:
    # two clusters of precise effects: a mode at 0 and one within
    data = json.loads(
        (Path(__file__).parents[2] / "reference" / "gibson2002.json").read_text(encoding="utf-8")
    )
    checked = 0
    for analysis in data["analyses"]:
        modes = analysis.get("likelihood_modes", {}).get("REML", [])
        pairs = [
            (y, v)
            for y, v in zip(analysis["yi"], analysis["vi"], strict=True)
            if y is not None and v is not None
        ]
        if not modes or not pairs:
            continue
        yi, vi = np.array(pairs).T
        fit = multilevel(yi, vi, groups=np.arange(len(yi)))
        plain = pool(yi, vi, method="REML", test="z")
        np.testing.assert_allclose(fit.sigma2[0], plain.tau2, rtol=1e-7, atol=1e-12)
        checked += 1
    assert checked


def test_nested_intercepts_are_a_compound_symmetry() -> None:
    data = DATA["konstantopoulos2011"]
    nested = fitted("konstantopoulos_reml")
    cs = multilevel(
        data["yi"], data["vi"], groups=data["district"], inner=data["school"], structure="CS"
    )
    np.testing.assert_allclose(cs.tau2[0], nested.sigma2.sum(), rtol=1e-8)
    np.testing.assert_allclose(cs.rho[0], nested.sigma2[0] / nested.sigma2.sum(), rtol=1e-8)
    np.testing.assert_allclose(cs.log_likelihood, nested.log_likelihood, rtol=1e-12)
    free = multilevel(
        data["yi"],
        data["vi"],
        groups=data["district"],
        inner=data["school"],
        structure="ID",
        intercepts=data["district"],
    )
    np.testing.assert_allclose(free.sigma2, nested.sigma2[:1], rtol=1e-8)
    np.testing.assert_allclose(free.tau2, nested.sigma2[1:], rtol=1e-8)


def test_order_of_rows_and_names_do_not_matter() -> None:
    data = DATA["berkey1998"]
    fit = structure_fit("berkey_UN")
    turn = np.random.default_rng(2).permutation(10)
    outcome = np.array(data["outcome"])[turn]
    other = multilevel(
        np.array(data["yi"])[turn],
        np.array(data["V"])[np.ix_(turn, turn)],
        groups=np.array([f"trial {x}" for x in data["trial"]])[turn],
        inner=outcome,
        structure="UN",
        mods=np.stack([outcome == "AL", outcome == "PD"], axis=1),
        intercept=False,
    )
    np.testing.assert_allclose(other.g, fit.g, rtol=1e-8)
    np.testing.assert_allclose(other.coef, fit.coef, rtol=1e-9)


def test_rows_with_missing_values_are_left_out_and_told() -> None:
    data = DATA["konstantopoulos2011"]
    yi = np.array(data["yi"])
    yi[[3, 9]] = np.nan
    keep = ~np.isnan(yi)
    groups = [np.array(data["district"]), np.array(data["school"])]
    fit = multilevel(yi, data["vi"], groups=groups)
    short = multilevel(yi[keep], np.array(data["vi"])[keep], groups=[one[keep] for one in groups])
    assert fit.k == 54
    assert (~fit.rows).nonzero()[0].tolist() == [3, 9]
    np.testing.assert_allclose(fit.sigma2, short.sigma2, rtol=1e-12)


def test_effects_that_agree_have_variances_of_exactly_zero() -> None:
    fit = multilevel([0.1, 0.11, 0.09, 0.1], [0.2, 0.3, 0.2, 0.4], groups=[[1, 1, 2, 2], range(4)])
    assert fit.sigma2.tolist() == [0.0, 0.0]
    assert fit.converged
    assert fit.i2_total == 0.0
    hcs = multilevel(
        [0.1, 0.11, 0.09, 0.1], [0.2] * 4, groups=[1, 1, 2, 2], inner=[1, 2, 1, 2], structure="CS"
    )
    assert hcs.tau2.tolist() == [0.0]
    assert np.isnan(hcs.rho).all()
    assert "no correlation" in hcs.reason


def test_few_rows() -> None:
    one = multilevel([0.3], [0.04], groups=["a"])
    assert (float(one.estimate), float(one.se), one.sigma2.tolist()) == (
        0.3,
        pytest.approx(0.2),
        [0],
    )
    assert "held at 0" in one.reason
    two = multilevel([0.3, 1.5], [0.04, 0.04], groups=["a", "b"])
    np.testing.assert_allclose(two.sigma2, [1.2**2 / 2 - 0.04], rtol=1e-9)
    same = multilevel([0.3, 1.5, 0.2], [0.04] * 3, groups=[["a"] * 3, [1, 2, 3]])
    assert same.sigma2[0] == 0.0
    assert "one group" in same.reason


def test_sampling_variances_of_zero_are_allowed_beside_heterogeneity() -> None:
    yi = np.array([0.1, 0.5, 0.3, 0.9, -0.2])
    fit = multilevel(yi, np.zeros(5), groups=range(5))
    np.testing.assert_allclose(fit.sigma2, [yi.var(ddof=1)], rtol=1e-9)
    assert np.isnan(fit.q)


def test_large_data_take_less_than_seconds() -> None:
    rng = np.random.default_rng(3)
    group = rng.integers(0, 100, 800)
    vi = rng.uniform(0.05, 0.2, 800)
    yi = rng.normal(size=100)[group] + rng.normal(size=800) * np.sqrt(vi + 0.1)
    fit = multilevel(yi, vi, groups=[group, np.arange(800)])
    assert fit.converged
    dense = multilevel(yi, np.diag(vi), groups=[group, np.arange(800)])
    np.testing.assert_allclose(dense.sigma2, fit.sigma2, rtol=1e-10)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"yi": ["a", 1, 2, 3]}, "not an array of numbers"),
        ({"yi": []}, "yi is empty"),
        ({"yi": [1, 2]}, "V has shape"),
        ({"yi": [[1, 2], [3, 4]]}, "one effect a row"),
        ({"yi": [1, 2, 3, np.inf]}, "row 3: yi=inf"),
        ({"V": [0.1, 0.1, -1, 0.1]}, "row 2: V=-1"),
        ({"V": [0.1, 0.1]}, r"V has shape \(2,\)"),
        ({"yi": [np.nan] * 4}, "none of 4 rows"),
        ({"mods": [1, 1, 1, 1]}, "column 1 of the design"),
        ({"mods": [1, 2, 3]}, "mods has shape"),
        ({"mods": [1, 2, 3, np.inf]}, "row 3: mods"),
        ({"mods": np.eye(4)[:, :3] + 5, "yi": [1, 2, np.nan, 3]}, "3 rows for 4"),
        ({"intercept": False}, "leaves nothing"),
        ({"groups": [1, 1, 2]}, r"groups has shape \(3,\)"),
        ({"groups": [1, 1, 2, None]}, "row 3: groups has no label"),
        ({"groups": "abcd"}, "no grouping"),
        ({"groups": [[1, 1, 2, 2], [1, 1, 3, 3]]}, "group the rows alike"),
        ({"structure": "cs"}, "structure='cs'"),
        ({"structure": "UN"}, "needs inner"),
        ({"inner": [1, 2, 1, 2]}, "inner goes with structure"),
        ({"structure": "UN", "inner": [1, 2, 1, 2], "groups": [1, 2, 3, 4]}, "no group has two"),
        (
            {"structure": "UN", "inner": [1, 2, 2, 3]},
            "levels 1 and 3 of inner share no group",
        ),
        ({"structure": "CS", "inner": [1, 2, 3, 4], "groups": [1] * 4}, "has one group"),
        ({"method": "DL"}, "method='DL'"),
        ({"test": "knha"}, "test='knha'"),
        ({"test": "t", "dfs": [-1]}, "dfs="),
        ({"level": 95}, "level=95"),
        ({"V": np.full((4, 4), 0.5) + np.diag([0.0, -0.3, 0, 0])}, "positive semidefinite"),
        ({"V": np.triu(np.full((4, 4), 0.5))}, r"V\[0, 1\]"),
    ],
)
def test_refuses(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"yi": [0.1, 0.4, 0.2, 0.6], "V": [0.1] * 4, "groups": [1, 1, 2, 2]}
    given |= change
    with pytest.raises(StatsError, match=words):
        multilevel(given.pop("yi"), given.pop("V"), **given)


def test_result_is_frozen() -> None:
    fit = intercepts_fit("konstantopoulos_reml")
    with pytest.raises(AttributeError):
        fit.k = 3  # type: ignore[misc]
    assert replace(fit, k=3).k == 3
