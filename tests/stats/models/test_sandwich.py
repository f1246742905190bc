"""Cluster-robust fits against clubSandwich and metafor, their laws and refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models.dependence import sampling_covariance
from evsyn.stats.models.mixed import MultilevelFit, multilevel
from evsyn.stats.models.sandwich import RobustFit, cluster_robust, robust, robust_test
from evsyn.stats.pooling.pool import pool

FOLDER = Path(__file__).parents[2] / "reference"
ROBUST = json.loads((FOLDER / "r_robust.json").read_text(encoding="utf-8"))
DATA: dict[str, dict[str, Any]] = json.loads(
    (FOLDER / "r_multilevel.json").read_text(encoding="utf-8")
)["data"]
TYPES = ("CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3")
RTOL = 1e-8


def working(data: dict[str, Any], outer: str, inner: float, between: float) -> np.ndarray:
    """Working covariance with variances between and within clusters taken for granted."""
    group = np.array(data[outer])
    vi = data["vi"]
    v = sampling_covariance(vi, group, r=0.6) if outer == "study" else np.diag(vi)
    return v + between * (group[:, None] == group) + inner * np.eye(len(group))


def fits(case: str, **options: Any) -> RobustFit:
    schools, assink = DATA["konstantopoulos2011"], DATA["assink2016"]
    year = (np.array(schools["year"]) - 1990) / 10
    if case == "konstantopoulos":
        v, cluster = working(schools, "district", 0.033, 0.065), schools["district"]
        return cluster_robust(schools["yi"], v, cluster, mods=year, **options)
    if case == "weighted":
        vi, cluster = np.array(schools["vi"]), schools["district"]
        options |= {"mods": year, "weights": 1 / vi}
        return cluster_robust(schools["yi"], vi + 0.1, cluster, **options)
    v = working(assink, "study", 0.08, 0.15)
    mods = None
    if case == "assink":
        mods = np.stack([assink["year"], assink["pubstatus"]], axis=1)
    return cluster_robust(assink["yi"], v, assink["study"], mods=mods, **options)


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("case", ROBUST["cases"])
def test_agrees_with_clubsandwich(case: str, type_: str) -> None:
    expected = ROBUST["cases"][case][type_]
    fit = fits(case, type=type_)
    for key in ("coef", "se", "df", "p_value"):
        np.testing.assert_allclose(np.atleast_1d(getattr(fit, key)), expected[key], rtol=RTOL)
    np.testing.assert_allclose(fit.covariance, expected["covariance"], rtol=RTOL, atol=1e-14)
    rows = {"assink": [1, 2], "assink_mean": [0]}.get(case, [0, 1])
    test = robust_test(fit, np.eye(len(expected["coef"]))[rows])
    assert test.df == expected["f_df"]
    found = (test.statistic, test.df2, test.p_value)
    np.testing.assert_allclose(
        found, [expected[key] for key in ("f", "f_df2", "f_pvalue")], rtol=RTOL
    )


@pytest.mark.parametrize("type_", ["CR0", "CR1p"])
def test_agrees_with_metafor(type_: str) -> None:
    expected, schools = ROBUST["pooled"][type_], DATA["konstantopoulos2011"]
    vi = np.array(schools["vi"]) + 0.09
    fit = cluster_robust(schools["yi"], vi, schools["district"], type=type_, test="t")
    for key, value in expected.items():
        np.testing.assert_allclose(getattr(fit, key), value, rtol=RTOL)


def schools_fit(**options: Any) -> MultilevelFit:
    schools = DATA["konstantopoulos2011"]
    groups = [schools["district"], schools["school"]]
    return multilevel(schools["yi"], schools["vi"], groups=groups, **options)


def test_a_multilevel_fit_brings_its_working_covariance() -> None:
    schools = DATA["konstantopoulos2011"]
    fit = schools_fit(mods=np.array(schools["year"]) - 1990)
    found = robust(fit, schools["district"])
    v = working(schools, "district", fit.sigma2[1], fit.sigma2[0])
    direct = cluster_robust(
        schools["yi"], v, schools["district"], mods=np.array(schools["year"]) - 1990
    )
    for key in ("coef", "se", "df", "p_value", "qm", "qm_df2", "qm_pvalue"):
        np.testing.assert_allclose(getattr(found, key), getattr(direct, key), rtol=1e-9)
    np.testing.assert_allclose(found.coef, fit.coef, rtol=1e-10)


def test_a_structured_fit_brings_its_working_covariance() -> None:
    data = DATA["berkey1998"]
    fit = multilevel(
        data["yi"], data["V"], groups=data["trial"], inner=data["outcome"], structure="UN"
    )
    codes = (np.array(data["outcome"]) == "PD").astype(int)
    trial = np.array(data["trial"])
    v = np.array(data["V"]) + fit.g[codes[:, None], codes] * (trial[:, None] == trial)
    direct = cluster_robust(data["yi"], v, trial)
    found = robust(fit, trial)
    np.testing.assert_allclose(found.se, direct.se, rtol=1e-10)
    np.testing.assert_allclose(found.df, direct.df, rtol=1e-9)


def test_a_pooled_fit_brings_its_tau2() -> None:
    schools = DATA["konstantopoulos2011"]
    yi, vi = np.array(schools["yi"]), np.array(schools["vi"])
    fit = pool(yi, vi, method="REML", test="z")
    found = robust(fit, schools["district"], yi=yi, vi=vi)
    np.testing.assert_allclose(found.estimate, fit.estimate, rtol=1e-12)
    direct = cluster_robust(yi, vi + fit.tau2, schools["district"])
    np.testing.assert_allclose(found.se, direct.se, rtol=1e-12)
    with pytest.raises(StatsError, match="needs yi and vi"):
        robust(fit, schools["district"])


def test_cr2_is_unbiased_where_the_working_covariance_is_true() -> None:
    fit = fits("konstantopoulos", type="CR2")
    schools = DATA["konstantopoulos2011"]
    v = working(schools, "district", 0.033, 0.065)
    x = np.stack([np.ones(56), (np.array(schools["year"]) - 1990) / 10], axis=1)
    np.testing.assert_allclose(
        fit.meat.expected, np.linalg.inv(x.T @ np.linalg.solve(v, x)), rtol=1e-10
    )


def test_one_row_a_cluster_of_equal_precision_is_the_t_test() -> None:
    yi = np.array([0.1, 0.4, 0.3, 0.9, -0.2, 0.5])
    fit = cluster_robust(yi, np.full(6, 0.2), range(6), type="CR2")
    np.testing.assert_allclose(fit.se, yi.std(ddof=1) / np.sqrt(6), rtol=1e-12)
    np.testing.assert_allclose(fit.df, 5, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_knows_no_scale(scale: float) -> None:
    schools = DATA["konstantopoulos2011"]
    yi, vi = np.array(schools["yi"]), np.array(schools["vi"])
    one = cluster_robust(yi, vi, schools["district"])
    other = cluster_robust(yi * scale, vi * scale**2, schools["district"])
    np.testing.assert_allclose(other.se, one.se * scale, rtol=1e-10)
    np.testing.assert_allclose(other.df, one.df, rtol=1e-10)


def test_too_few_clusters_have_no_robust_variance() -> None:
    fit = cluster_robust([0.1, 0.4], [0.1, 0.1], ["a", "a"])
    assert np.isnan(fit.se)
    assert np.isnan(fit.p_value)
    assert "too few clusters" in fit.reason
    exact = cluster_robust([1, 1, 1], [0.1] * 3, [1, 2, 3])
    assert np.isnan(exact.p_value)
    assert "exactly" in exact.reason


def test_z_and_t() -> None:
    z, t = fits("konstantopoulos", test="z"), fits("konstantopoulos", test="t")
    assert np.isnan(z.df).all()
    assert t.df.tolist() == [9.0, 9.0]
    assert (z.p_value < t.p_value).all()
    assert z.qm_df == t.qm_df == 1
    np.testing.assert_allclose(z.qm, z.statistic[1] ** 2)
    np.testing.assert_allclose([t.qm, t.qm_pvalue], [t.statistic[1] ** 2, t.p_value[1]])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"type": "CR4"}, "type='CR4'"),
        ({"test": "knha"}, "test='knha'"),
        ({"cluster": [1, 2]}, "cluster has shape"),
        ({"weights": [1, 2]}, "weights has shape"),
        ({"weights": [1, 2, 0, 1]}, "row 2: weights=0"),
        ({"V": np.full((4, 4), 0.1) + np.eye(4)}, "different clusters"),
        ({"V": [0.1, 0.0, 0.1, 0.1]}, "not positive definite"),
        ({"level": 95}, "level=95"),
    ],
)
def test_refuses(change: dict[str, Any], words: str) -> None:
    given: dict[str, Any] = {"yi": [0.1, 0.4, 0.2, 0.6], "V": [0.1] * 4, "cluster": [1, 1, 2, 2]}
    given |= change
    with pytest.raises(StatsError, match=words):
        cluster_robust(given.pop("yi"), given.pop("V"), given.pop("cluster"), **given)


def test_refuses_groups_across_clusters_and_contrasts_that_do_not_fit() -> None:
    schools = DATA["konstantopoulos2011"]
    with pytest.raises(StatsError, match="reach across clusters"):
        robust(schools_fit(), schools["study"])
    fit = robust(schools_fit(), schools["district"])
    with pytest.raises(StatsError, match="leave them out"):
        robust(schools_fit(), schools["district"], yi=schools["yi"])
    with pytest.raises(StatsError, match=r"give \(q, 1\)"):
        robust_test(fit, [1, 0])
    with pytest.raises(StatsError, match="follows from the others"):
        robust_test(fits("konstantopoulos"), [[1, 0], [2, 0]])
