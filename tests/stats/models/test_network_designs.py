"""Q within and between designs: against R, against slow regressions, and by its laws."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats.models.network_arms import contrasts
from evsyn.stats.models.network_designs import network_decomposition
from evsyn.stats.models.network_model import network
from evsyn.stats.models.network_rows import independent_rows
from evsyn.stats.pooling.regression import meta_regression

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference/r_network.json").read_text(encoding="utf-8")
)
NETWORKS = [name for name in REFERENCE if name != "source"]


def rows_of(name):
    case = REFERENCE[name]
    data = {
        key: np.array(values, dtype=float)
        for key, values in case["data"].items()
        if key not in ("study", "treatment")
    }
    rows = contrasts(
        case["measure"], study=case["data"]["study"], treatment=case["data"]["treatment"], **data
    )
    return {
        "yi": rows.yi,
        "vi": rows.vi,
        "treat_e": rows.treat_e,
        "treat_c": rows.treat_c,
        "study": rows.study,
    }


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_same_as_a_regression_with_effects_per_design(name, method):
    case = REFERENCE[name]
    parts = network_decomposition(network(**rows_of(name), method=method))
    assert parts.q == pytest.approx(case["q"], rel=1e-11)
    assert parts.q_within == pytest.approx(case["q_within"], rel=1e-11)
    assert parts.q_within_df == case["q_within_df"]
    assert parts.q_between == pytest.approx(case["q"] - case["q_within"], rel=1e-9)
    assert parts.q_between_df == case["q_df"] - case["q_within_df"]
    expected = case["tau2_within_reml" if method == "REML" else "tau2_within_dl"]
    assert parts.tau2_within == pytest.approx(expected, rel=1e-9, abs=1e-10)
    assert parts.q_design.sum() == pytest.approx(parts.q_within, rel=1e-12)
    assert parts.q_design_df.sum() == parts.q_within_df
    assert parts.k.sum() == network(**rows_of(name)).k
    assert parts.reason == ""


@pytest.mark.parametrize("name", ["senn2013", "hasselblad1998", "linde2015"])
@pytest.mark.parametrize("method", ["DL", "ML", "REML"])
def test_tau2_within_is_that_of_a_meta_regression_on_designs(name, method):
    fit = network(**rows_of(name), method=method)
    rows, columns = independent_rows(fit.studies), []
    for arms in sorted({study.arms for study in fit.studies.studies}):
        same = [at for at, study in enumerate(fit.studies.studies) if study.arms == arms]
        columns += [np.where(np.isin(rows.study, same), rows.x[:, arm], 0.0) for arm in arms[1:]]
    one = meta_regression(
        rows.y, rows.v, np.transpose(columns), method=method, test="z", intercept=False
    )
    found = network_decomposition(fit).tau2_within
    assert found == pytest.approx(float(one.tau2), rel=1e-8, abs=1e-12)


@pytest.mark.parametrize("name", ["senn2013", "linde2015"])
def test_random_version_weighs_with_the_tau2_within(name):
    rows = rows_of(name)
    parts = network_decomposition(network(**rows, method="DL"))
    # tau² added to every row by hand: a common-effect network then has this Q between designs.
    more = rows | {"vi": rows["vi"] + parts.tau2_within}
    by_hand = network_decomposition(network(**more, method="EE"))
    assert parts.q_random == pytest.approx(by_hand.q_between, rel=1e-9)
    assert parts.q_random_df == by_hand.q_between_df


@pytest.mark.parametrize("name", ["senn2013", "hasselblad1998", "linde2015"])
def test_detaching_a_design_is_leaving_its_studies_out(name):
    rows = rows_of(name)
    fit = network(**rows)
    parts = network_decomposition(fit)
    of = {
        study.name: tuple(fit.treatments[arm] for arm in study.arms)
        for study in fit.studies.studies
    }
    checked = 0
    for at, design in enumerate(parts.designs):
        keep = np.array([of.get(study) not in (None, design) for study in rows["study"]])
        left = {key: np.asarray(values)[keep] for key, values in rows.items()}
        try:
            rest = network_decomposition(network(**left))
        except ValueError:
            continue  # the network falls apart without this design
        assert parts.q_detached[at] == pytest.approx(rest.q_between, rel=1e-9, abs=1e-12)
        assert parts.q_detached_df[at] == rest.q_between_df
        checked += 1
    assert checked >= 4


def test_bridge_cannot_be_detached_to_any_effect():
    rows = rows_of("senn2013")
    parts = network_decomposition(network(**rows))
    at = parts.designs.index(("placebo", "sitagliptin"))
    assert parts.q_detached[at] == pytest.approx(parts.q_between, rel=1e-12)
    assert parts.q_detached_df[at] == parts.q_between_df
    bridge = parts.designs.index(("benfluorex", "placebo"))
    assert parts.q_detached[bridge] == pytest.approx(parts.q_between, rel=1e-12)


def test_exactly_consistent_designs():
    # Synthetic: places 0, 1, 3; designs agree but for rounding.
    place = {"A": 0.0, "B": 1.0, "C": 3.0}
    pairs = list(combinations("ABC", 2)) * 2
    fit = network(
        [place[e] - place[c] for e, c in pairs],
        np.linspace(0.1, 0.7, 6),
        treat_e=[e for e, _ in pairs],
        treat_c=[c for _, c in pairs],
        study=range(6),
    )
    parts = network_decomposition(fit)
    assert parts.q_between == pytest.approx(0, abs=1e-20)
    assert parts.q_between_pvalue == pytest.approx(1)
    assert parts.q_within_df == 3 and parts.q_between_df == 1


def test_single_studies_leave_nothing_within():
    fit = network(
        [1.0, 1.0, 2.3], [0.1] * 3, treat_e=list("BCC"), treat_c=list("ABA"), study=range(3)
    )
    parts = network_decomposition(fit)
    assert (parts.q_within, parts.q_within_df) == (0.0, 0)
    assert np.isnan(parts.q_within_pvalue) and np.isnan(parts.q_design_pvalue).all()
    assert np.isnan(parts.tau2_within) and np.isnan(parts.q_random)
    assert "no design has two studies" in parts.reason
    assert parts.q_between == pytest.approx(fit.q)
    assert parts.q_detached.tolist() == [0, 0, 0] and parts.q_detached_df.tolist() == [0, 0, 0]


def test_one_design_has_no_inconsistency():
    fit = network([1.0, 1.4, 2.3], [0.1] * 3, treat_e=["B"] * 3, treat_c=["A"] * 3, study=range(3))
    parts = network_decomposition(fit)
    assert (parts.q_between, parts.q_between_df) == (0.0, 0)
    assert np.isnan(parts.q_between_pvalue)
    assert parts.q_within == pytest.approx(fit.q)
