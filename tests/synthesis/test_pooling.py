"""One pooled effect by each method, against the engine; BCG trials (Colditz et al. 1994)."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats.models.count_models import glmm
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.stratified import mantel_haenszel, peto
from evsyn.stats.pooling.tau2_limits import tau2_interval
from evsyn.synthesis.declared import Analysis
from evsyn.synthesis.file_effects import file_members
from evsyn.synthesis.layouts import POOLS, read_plain
from evsyn.synthesis.members import Member
from evsyn.synthesis.pooling import columns_of, fit_members, interval_choice

BCG = file_members(read_plain(Path(__file__).with_name("bcg.csv"), POOLS), "OR")
YI, VI = [member.yi for member in BCG], [member.vi for member in BCG]
OR = Analysis(measure="OR")


def given(*effects):
    """Synthetic effects with their variances."""
    return [Member(f"s{at}", f"s{at}", yi, vi, "reported") for at, (yi, vi) in enumerate(effects)]


@pytest.mark.parametrize("method", ["EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB"])
def test_inverse_variance(method):
    fit = fit_members(BCG, replace(OR, model=method), 0.9)
    test = "z" if method == "EE" else "knha"
    own = pool(YI, VI, method=method, test=test, level=0.9, pi="hts")
    assert (fit.k, fit.q_df, fit.test) == (13, 12, test)
    for name in ("estimate", "se", "ci_lb", "ci_ub", "p_value", "tau2", "i2", "q"):
        assert fit.numbers[name] == float(getattr(own, name)), name
    assert sum(fit.weights) == pytest.approx(1)
    if method == "EE":
        assert fit.numbers["pi_lb"] is fit.numbers["tau2_ci_ub"] is None
    else:
        assert fit.numbers["pi_ub"] == float(own.pi_ub)


@pytest.mark.parametrize(("method", "estimator"), [("REML", "REML"), ("ML", "ML"), ("DL", "REML")])
def test_the_interval_of_tau2_can_be_that_of_the_likelihood(method, estimator):
    fit = fit_members(BCG, replace(OR, model=method, interval="PL"), 0.95)
    limits = tau2_interval(YI, VI, method="PL", estimator=estimator)
    assert fit.numbers["tau2_ci_ub"] == float(limits.tau2_ub)
    other = fit_members(BCG, replace(OR, model=method), 0.95)
    assert other.numbers["tau2_ci_ub"] != fit.numbers["tau2_ci_ub"]


@pytest.mark.parametrize(
    ("effects", "test", "why"),
    [
        (((0, 1), (3, 1)), "z", "because k = 2"),
        (((0, 1), (0.1, 1), (0.2, 1)), "z", "because tau² = 0"),
        (((0, 1), (3, 1), (9, 1)), "knha", "because k > 2 and tau² > 0"),
    ],
)
def test_the_rule_of_the_handbook(effects, test, why):
    yi, vi = ([float(value) for value in column] for column in zip(*effects, strict=True))
    assert interval_choice(yi, vi, Analysis())[0] == test
    assert why in interval_choice(yi, vi, Analysis())[1]
    assert interval_choice(yi, vi, Analysis(test="adhoc"))[1].endswith("as chosen")


def test_methods_of_counts():
    data = columns_of(BCG)
    assert list(data) == ["events_e", "n_e", "events_c", "n_c"]
    fit = fit_members(BCG, replace(OR, model="MH"), 0.95)
    own = mantel_haenszel(**data, measure="OR")
    assert fit.numbers["estimate"] == float(own.estimate)
    assert (fit.test, fit.numbers["pi_lb"], fit.q_df) == ("z", None, 12)
    assert fit.weights == pytest.approx(np.asarray(own.weights) / 100)
    one_step = fit_members(BCG, replace(OR, model="Peto"), 0.95)
    assert one_step.numbers["estimate"] == float(peto(**data).estimate)


def test_the_mixed_model_predicts_by_t():
    data = columns_of(BCG)
    fit = fit_members(BCG, replace(OR, model="GLMM"), 0.95)
    own = glmm("OR", **data)
    assert fit.numbers["estimate"] == own.estimate
    t = 2.2009851601  # quantile 0.975 of t with 11 degrees of freedom
    half = t * math.sqrt(own.se**2 + own.tau2)
    assert fit.numbers["pi_ub"] == pytest.approx(own.estimate + half, rel=1e-9)
    assert fit.numbers["q"] == own.q_lrt
    assert "UM.FS" in fit.reason
    assert fit.weights == ()


def test_two_maxima_are_told_and_the_higher_is_taken():
    # The six trials up to 1968 by maximum likelihood: a maximum at 0, a higher one at 0.06
    trials = file_members(read_plain(Path(__file__).with_name("bcg.csv"), POOLS), "RR")
    early = [member for member in trials if float(member.columns["year"]) <= 1968]
    assert len(early) == 6
    fit = fit_members(early, Analysis(model="ML"), 0.95)
    assert any("2 maxima" in note for note in fit.notes)
    assert fit.numbers["tau2"] == pytest.approx(0.0596, abs=1e-4)
    assert not any("maxima" in note for note in fit_members(BCG, OR, 0.95).notes)


def test_effects_that_agree_exactly_have_no_knapp_hartung_interval():
    fit = fit_members(given((1.0, 0.5), (1.0, 0.5), (1.0, 0.5)), Analysis(test="knha"), 0.95)
    assert fit.numbers["se"] is None
    assert "agree exactly" in fit.reason
