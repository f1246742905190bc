"""Regression, leave-one-out, cumulative, influence and subgroups against the copied R values.

Each part runs on the data sets whose copy holds it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats.pooling.accumulating import cumulative
from evsyn.stats.pooling.influence import influence
from evsyn.stats.pooling.leaving import leave_one_out
from evsyn.stats.pooling.regression import meta_regression
from evsyn.stats.pooling.subgroups import subgroup

REFERENCE = Path(__file__).parents[2] / "reference"
ROWS = {
    "estimate": "estimate",
    "se": "se",
    "tau2": "tau2",
    "I2": "i2",
    "QE": "q",
    "QEp": "q_pvalue",
}
FIT = ROWS | {"pval": "p_value", "ci_lb": "ci_lb", "ci_ub": "ci_ub", "H2": "h2", "k": "k"}
REGRESSION = {
    **{"b": "coef", "se": "se", "zval": "statistic", "pval": "p_value", "ci_lb": "ci_lb"},
    **{"ci_ub": "ci_ub", "tau2": "tau2", "se_tau2": "tau2_se", "QM": "qm", "QM_df1": "qm_df"},
    **{"QM_df2": "qm_df2", "QMp": "qm_pvalue", "QE": "qe", "QEp": "qe_pvalue", "I2": "i2"},
    **{"H2": "h2", "R2": "r2"},
}
INFLUENCE = ("rstudent", "dffits", "cook_d", "cov_r", "tau2_del", "hat", "weight", "dfbs")


def analyses(key):
    for path in sorted(REFERENCE.glob("[!r]*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for analysis in document.get("analyses", []):
            if analysis.get(key):
                yield pytest.param(document, analysis, id=f"{path.stem}-{analysis['id']}")


def floats(values):
    return np.array([np.nan if value is None else float(value) for value in values])


def same(found, expected, name):
    expected = floats(np.atleast_1d(np.array(expected, dtype=object)))
    np.testing.assert_allclose(
        np.atleast_1d(found), expected, rtol=1e-7, atol=1e-13, err_msg=name, equal_nan=True
    )


@pytest.mark.parametrize(("_", "analysis"), list(analyses("leave1out")))
def test_leave_one_out(_, analysis):
    compare_rows(leave_one_out, analysis, "leave1out")


@pytest.mark.parametrize(("_", "analysis"), list(analyses("cumul")))
def test_cumulative(_, analysis):
    compare_rows(cumulative, analysis, "cumul")


def compare_rows(function, analysis, key):
    yi, vi = floats(analysis["yi"]), floats(analysis["vi"])
    found = function(yi, vi)
    for name, ours in ROWS.items():
        same(getattr(found, ours)[~np.isnan(yi + vi)], analysis[key][name], name)


@pytest.mark.parametrize(("_", "analysis"), list(analyses("influence")))
def test_influence(_, analysis):
    yi, vi = floats(analysis["yi"]), floats(analysis["vi"])
    found, present = influence(yi, vi), ~np.isnan(yi + vi)
    for name in INFLUENCE:
        same(getattr(found, name)[present], analysis["influence"][name], name)
    same(found.q_del[present], analysis["influence"]["QE_del"], "QE_del")


@pytest.mark.parametrize(("document", "analysis"), list(analyses("metareg")))
def test_regression(document, analysis):
    yi, vi = floats(analysis["yi"]), floats(analysis["vi"])
    for given in analysis["metareg"].values():
        mods = np.column_stack([floats(document["moderators"][m]) for m in given["moderators"]])
        for test in ("z", "knha"):
            found = meta_regression(yi, vi, mods, test=test)
            for name, ours in REGRESSION.items():
                same(getattr(found, ours), given[test][name], name)
            same(found.tau2_null, given["tau2_null"], "tau2_null")
            assert found.k == given["k"]


@pytest.mark.parametrize(("document", "analysis"), list(analyses("subgroup")))
def test_subgroups(document, analysis):
    yi, vi, given = floats(analysis["yi"]), floats(analysis["vi"]), analysis["subgroup"]
    groups = document["groups"][given["by"]]
    for method in ("EE", "REML", "DL"):
        found = subgroup(yi, vi, groups, method=method, test="z")
        for at, level in enumerate(found.levels):
            if method in given["groups"][level]:  # a group of one has REML alone
                for name, ours in FIT.items():
                    same(getattr(found, ours)[at], given["groups"][level][method][name], name)
        if method in given["between_separate_tau2"]:
            between = given["between_separate_tau2"][method]
            same(found.q_between, between["Q"], "Q")
            same(found.q_between_pvalue, between["pval"], "pval")
    found, common = subgroup(yi, vi, groups, test="z", common_tau2=True), given["common_tau2_REML"]
    same(found.q_between, common["QM"], "QM")
    same(found.q_between_pvalue, common["QMp"], "QMp")
    same(found.tau2_residual, common["tau2"], "tau2")
    same(found.q_within, common["QE"], "QE")
