"""Raudenbush & Bryk (1985), J Educ Stat 10:75-98, and Raudenbush (2009): teacher expectancy.

Raudenbush 2009 is chapter 16 of The handbook of research synthesis and meta-analysis, 2nd ed.
Tables 16.2 (p. 301) and 16.3 (p. 309); the printed figures are quoted from metafor's own check.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats.pooling.regression import meta_regression

DATA = json.loads(
    (Path(__file__).parents[1] / "reference" / "r_regression.json").read_text(encoding="utf-8")
)["sets"]["raudenbush1985_weeks"]
YI, VI, WEEKS = (np.array(values) for values in (DATA["yi"], DATA["vi"], DATA["mods"][0]))
WEEKS = np.minimum(WEEKS, 3.0)  # more than 3 weeks of contact count as 3
MEAN = np.empty((19, 0))


def test_random_effects_mean():
    found = meta_regression(YI, VI, MEAN, test="z")  # 1985: pp. 83-86
    assert found.tau2 == pytest.approx(0.0188, abs=1e-4)
    assert found.coef[0] == pytest.approx(0.0837, abs=1e-4)
    assert found.qe == pytest.approx(35.85, abs=0.03)
    assert found.statistic[0] == pytest.approx(1.62, abs=5e-3)


def test_regression_on_weeks():
    found = meta_regression(YI, VI, WEEKS, test="z")  # 1985: pp. 90-92; 2009: table 16.2
    assert found.tau2 == 0.0
    np.testing.assert_allclose(found.coef, [0.407, -0.157], atol=5e-4)
    np.testing.assert_allclose(found.statistic, [4.68, -4.39], atol=5e-3)
    assert found.qe == pytest.approx(16.57, abs=5e-3)
    assert found.r2 == 100.0


@pytest.mark.parametrize(
    ("method", "tau2", "mean", "se", "se_knha"),
    [
        ("FE", 0.0, 0.060, 0.036, 0.051),
        ("ML", 0.013, 0.078, 0.047, 0.059),
        ("REML", 0.019, 0.084, 0.052, 0.062),
        ("DL", 0.026, 0.089, 0.056, 0.064),
        ("HE", 0.080, 0.114, 0.079, 0.071),
    ],
)
def test_estimators(method, tau2, mean, se, se_knha):  # table 16.3
    wald = meta_regression(YI, VI, MEAN, method=method, test="z")
    knapp_hartung = meta_regression(YI, VI, MEAN, method=method, test="knha")
    assert wald.tau2 == pytest.approx(tau2, abs=5e-4)
    assert wald.coef[0] == pytest.approx(mean, abs=5e-4)
    assert wald.se[0] == pytest.approx(se, abs=5e-4)
    assert knapp_hartung.se[0] == pytest.approx(se_knha, abs=5e-4)
