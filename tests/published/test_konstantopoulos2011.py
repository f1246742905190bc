"""Konstantopoulos (2011), "Fixed effects and variance components estimation in three-level
meta-analysis", Res Synth Methods 2:61-76: 56 schools in 11 districts, modified school calendars.

The numbers are those of the analysis of these data in the documentation of metafor
(dat.konstantopoulos2011: three-level model, and the same as a multivariate model)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evsyn.stats.models.mixed import multilevel

FILE = Path(__file__).parents[1] / "reference" / "r_multilevel.json"


@pytest.fixture(scope="module")
def schools() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["data"]
    return found["konstantopoulos2011"]


def test_three_levels(schools: dict[str, Any]) -> None:
    groups = {"district": schools["district"], "school": schools["school"]}
    fit = multilevel(schools["yi"], schools["vi"], groups=groups)
    assert fit.components == ("district", "district/school")
    assert fit.n_groups == (11, 56)
    assert np.round(fit.sigma2, 4).tolist() == [0.0651, 0.0327]
    assert round(float(fit.estimate), 4) == 0.1847
    assert round(float(fit.se), 4) == 0.0846
    assert round(float(fit.statistic), 4) == 2.1845
    assert round(float(fit.p_value), 4) == 0.0289
    assert [round(float(x), 4) for x in (fit.ci_lb, fit.ci_ub)] == [0.0190, 0.3504]
    assert (round(fit.q, 4), fit.q_df) == (578.8640, 55)


def test_the_same_as_a_multivariate_model(schools: dict[str, Any]) -> None:
    fit = multilevel(
        schools["yi"],
        schools["vi"],
        groups=schools["district"],
        inner=schools["school"],
        structure="CS",
    )
    assert round(float(fit.tau2[0]), 4) == 0.0978
    assert round(float(fit.rho[0]), 4) == 0.6653
    assert round(float(fit.estimate), 4) == 0.1847
