"""Typical variance, Cochran's Q and the Q-profile interval."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling.heterogeneity import (
    cochran_q,
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


def documents():
    for name in DATASETS:
        document = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
        for analysis in document["analyses"]:
            yield pytest.param(analysis, id=f"{name}-{analysis['id']}")


def floats(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


@pytest.mark.parametrize("analysis", list(documents()))
def test_interval_against_reference(analysis):
    found = tau2_interval(floats(analysis["yi"]), floats(analysis["vi"]))
    for name, expected in analysis["confint"]["REML_QP"].items():
        assert getattr(found, name.lower()) == pytest.approx(expected, rel=1e-10, abs=0)
    assert found.method == "QP"
    assert found.level == 0.95


def test_single_study_has_no_heterogeneity_to_estimate():
    studies = study_columns([0.3, np.nan], [0.2, 0.1])
    assert np.isnan(typical_variance(studies)[0])
    assert np.isnan(tau2_interval([0.3], [0.2]).tau2_lb)


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


def test_refuses_options():
    with pytest.raises(StatsError, match="method='PL' is unknown; use one of QP"):
        tau2_interval([0.1, 0.2], [0.1, 0.1], method="PL")
    with pytest.raises(StatsError, match="level=95"):
        tau2_interval([0.1, 0.2], [0.1, 0.1], level=95)
