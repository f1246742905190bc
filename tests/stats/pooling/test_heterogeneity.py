"""tau² estimators, typical variance and the Q-profile interval."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import evsyn.stats.pooling.heterogeneity as heterogeneity
from evsyn.errors import StatsError
from evsyn.stats.pooling.heterogeneity import (
    cochran_q,
    dersimonian_laird,
    restricted_likelihood,
    study_columns,
    tau2_interval,
    typical_variance,
)

REFERENCE = Path(__file__).parents[2] / "reference"
DATASETS = (
    "bcg",
    "gibson2002",
    "hart1999",
    "konstantopoulos2011",
    "nielweise2007",
    "normand1999",
    "pritz1997",
    "raudenbush1985",
    "yusuf1985_table6",
)
CLOSED, ITERATED = 1e-10, 1e-9  # relative; the reference was polished to about 2e-10


def documents():
    for name in DATASETS:
        document = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
        for analysis in document["analyses"]:
            yield pytest.param(analysis, id=f"{name}-{analysis['id']}")


def floats(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


@pytest.mark.parametrize("analysis", list(documents()))
def test_estimators_against_reference(analysis):
    studies = study_columns(floats(analysis["yi"]), floats(analysis["vi"]))
    for method, function, tolerance in (
        ("DL", dersimonian_laird, CLOSED),
        ("REML", restricted_likelihood, ITERATED),
    ):
        found, expected = function(studies), analysis["rma"][method]["z"]
        assert found.converged.all()
        assert found.tau2[0] == pytest.approx(expected["tau2"], rel=tolerance, abs=0)
        assert found.tau2_se[0] == pytest.approx(expected["se_tau2"], rel=tolerance, abs=0)


@pytest.mark.parametrize("analysis", list(documents()))
def test_interval_against_reference(analysis):
    found = tau2_interval(floats(analysis["yi"]), floats(analysis["vi"]))
    for name, expected in analysis["confint"]["REML_QP"].items():
        assert getattr(found, name.lower()) == pytest.approx(expected, rel=1e-10, abs=0)
    assert found.method == "QP"
    assert found.level == 0.95


@pytest.mark.parametrize("analysis", list(documents()))
def test_the_highest_of_all_maxima_is_taken(analysis):
    modes = analysis["likelihood_modes"]["REML"]
    best = modes["tau2"][int(np.argmax(modes["loglik"]))]
    studies = study_columns(floats(analysis["yi"]), floats(analysis["vi"]))
    assert restricted_likelihood(studies).tau2[0] == pytest.approx(best, rel=1e-9, abs=0)


def test_two_maxima_zero_the_lower_one():
    document = json.loads((REFERENCE / "gibson2002.json").read_text(encoding="utf-8"))
    analysis = next(item for item in document["analyses"] if item["id"] == "MD")
    assert analysis["likelihood_modes"]["REML"]["tau2"][0] == 0
    studies = study_columns(floats(analysis["yi"]), floats(analysis["vi"]))
    assert restricted_likelihood(studies).tau2[0] == pytest.approx(9.679214, rel=1e-6)


@pytest.mark.parametrize(
    ("vague", "highest"), [(1.0, 0.0), (0.5, 3.6715)], ids=["zero higher", "zero lower"]
)
def test_two_maxima(vague, highest):
    # Synthetic: three precise studies that agree, two vague ones far apart.
    studies = study_columns([0.0, 0.03, -0.03, 3.0, -3.0], [0.01, 0.01, 0.01, vague, vague])
    grid = np.concatenate([[0.0], np.geomspace(1e-6, 1e2, 4000)])
    rising = heterogeneity._score(studies.yi, studies.vi, grid[:, None])[0][:, 0] > 0
    assert not rising[0]
    assert np.count_nonzero(rising[:-1] & ~rising[1:]) == 1
    found = restricted_likelihood(studies)
    assert found.tau2[0] == pytest.approx(highest, rel=1e-4)
    assert found.converged[0]
    heights = heterogeneity._log_likelihood(
        np.repeat(studies.yi, grid.size, 1), np.repeat(studies.vi, grid.size, 1), grid
    )
    reached = heterogeneity._log_likelihood(studies.yi, studies.vi, found.tau2)[0]
    assert reached >= heights.max() - 1e-12


def test_score_is_the_derivative_of_the_likelihood():
    studies = study_columns([0.1, 0.9, -0.4, 0.6], [0.1, 0.2, 0.15, 0.3])
    tau2, step = np.array([0.2]), 1e-5
    score, slope = heterogeneity._score(studies.yi, studies.vi, tau2)
    above, below = (
        heterogeneity._log_likelihood(studies.yi, studies.vi, tau2 + sign * step)
        for sign in (1, -1)
    )
    assert score[0] == pytest.approx(((above - below) / (2 * step))[0], rel=1e-6)
    later, _ = heterogeneity._score(studies.yi, studies.vi, tau2 + step)
    earlier, _ = heterogeneity._score(studies.yi, studies.vi, tau2 - step)
    assert slope[0] == pytest.approx(((later - earlier) / (2 * step))[0], rel=1e-6)


def test_columns_do_not_touch_each_other(monkeypatch):
    rng = np.random.default_rng(7)
    vi = rng.uniform(0.05, 0.5, (6, 40))
    yi = rng.normal(0, np.sqrt(vi + 0.1))
    yi[rng.random(yi.shape) < 0.2] = np.nan
    together = restricted_likelihood(study_columns(yi, vi))
    alone = [restricted_likelihood(study_columns(yi[:, i], vi[:, i])).tau2[0] for i in range(40)]
    np.testing.assert_allclose(together.tau2, alone, rtol=1e-11, atol=1e-15)
    monkeypatch.setattr(heterogeneity, "CHUNK", 1)
    chunked = restricted_likelihood(study_columns(yi, vi))
    np.testing.assert_allclose(chunked.tau2, alone, rtol=1e-11, atol=1e-15)


def test_single_study_has_no_heterogeneity_to_estimate():
    studies = study_columns([0.3, np.nan], [0.2, 0.1])
    for function in (dersimonian_laird, restricted_likelihood):
        found = function(studies)
        assert found.tau2[0] == 0
        assert np.isnan(found.tau2_se[0])
    assert np.isnan(typical_variance(studies)[0])
    assert np.isnan(tau2_interval([0.3], [0.2]).tau2_lb)


def test_identical_effects_give_zero():
    studies = study_columns([0.3, 0.3, 0.3], [0.2, 0.1, 0.4])
    assert restricted_likelihood(studies).tau2[0] == 0
    assert dersimonian_laird(studies).tau2[0] == 0
    assert cochran_q(studies.yi, studies.vi)[0] == pytest.approx(0, abs=1e-30)


def test_interval_limits_put_q_at_its_quantiles():
    # chi-square(3): quantiles .025 and .975 as in any table: .2158 and 9.3484
    yi, vi = [-0.9, -1.6, -0.2, -0.5], [0.1, 0.1, 0.05, 0.02]
    found, studies = tau2_interval(yi, vi), study_columns(yi, vi)
    assert cochran_q(studies.yi, studies.vi, found.tau2_lb)[0] == pytest.approx(9.3484, abs=1e-4)
    assert cochran_q(studies.yi, studies.vi, found.tau2_ub)[0] == pytest.approx(0.2158, abs=1e-4)


def test_interval_widens_with_the_level():
    yi, vi = [-0.9, -1.6, -0.2, -0.5], [0.1, 0.1, 0.05, 0.02]
    narrow, wide = tau2_interval(yi, vi, level=0.8), tau2_interval(yi, vi, level=0.99)
    assert wide.tau2_lb <= narrow.tau2_lb < narrow.tau2_ub < wide.tau2_ub


@pytest.mark.parametrize(
    ("yi", "vi", "words"),
    [
        ([0.1, 0.2], [0.1], r"yi has the shape \(2,\) and vi \(1,\)"),
        (0.1, 0.1, r"both must be \(k,\) or \(k, n\)"),
        ([0.1, np.inf], [0.1, 0.1], "study 1: yi=inf is not finite"),
        ([0.1, 0.2], [0.1, 0.0], "study 1: vi=0 is not above 0"),
        ([[0.1, 0.2]], [[0.1, -1]], "study 0, 1: vi=-1"),
        ([0.1], [np.inf], "vi=inf"),
    ],
)
def test_refuses(yi, vi, words):
    with pytest.raises(StatsError, match=words):
        study_columns(yi, vi)


def test_refuses_options():
    with pytest.raises(StatsError, match="method='PL' is unknown; use one of QP"):
        tau2_interval([0.1, 0.2], [0.1, 0.1], method="PL")
    with pytest.raises(StatsError, match="level=95"):
        tau2_interval([0.1, 0.2], [0.1, 0.1], level=95)
