"""Berkey, Hoaglin, Mosteller, Colditz (1995), Stat Med 14:395-411: BCG vaccine and latitude.

The printed figures (p. 408) are quoted from metafor's own check of them. The article smooths the
sampling variances over the trials and centres latitude at 33.46 degrees.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats.pooling.regression import meta_regression

DATA = json.loads(
    (Path(__file__).parents[1] / "reference" / "bcg.json").read_text(encoding="utf-8")
)["data"]["main"]
LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]) - 33.46


def trials():
    ai, bi, ci, di = (np.array(DATA[name], dtype=float) for name in ("ai", "bi", "ci", "di"))
    yi = np.log(ai / (ai + bi)) - np.log(ci / (ci + di))
    vi = (bi / ai).sum() / (13 * (ai + bi)) + (di / ci).sum() / (13 * (ci + di))
    return yi, vi


def test_random_effects_mean_by_empirical_bayes():
    found = meta_regression(*trials(), np.empty((13, 0)), method="EB", test="z")
    assert found.coef[0] == pytest.approx(-0.5429, abs=5e-5)
    assert found.se[0] == pytest.approx(0.1842, abs=5e-5)
    assert found.tau2 == pytest.approx(0.268, abs=5e-4)


def test_random_effects_regression_by_empirical_bayes():
    found = meta_regression(*trials(), LATITUDE, method="EB", test="z")
    np.testing.assert_allclose(found.coef, [-0.6304, -0.0268], atol=1.1e-4)  # computed: -0.6303
    np.testing.assert_allclose(found.se, [0.1591, 0.0110], atol=5e-5)
    assert found.tau2 == pytest.approx(0.157, abs=5e-4)
    assert round(float(found.r2)) == 41
    ratios = np.exp(found.coef[0] + found.coef[1] * np.array([0.0, 42 - 33.46]))
    np.testing.assert_allclose(ratios, [0.53, 0.42], atol=5e-3)


def test_fixed_effects_regression():
    found = meta_regression(*trials(), LATITUDE, method="FE", test="z")
    np.testing.assert_allclose(found.coef, [-0.5950, -0.0282], atol=1.1e-4)  # computed: -0.5949
    np.testing.assert_allclose(found.se, [0.0696, 0.0039], atol=1.1e-4)  # computed: 0.0040
    ratios = np.exp(found.coef[0] + found.coef[1] * np.array([0.0, 42 - 33.46]))
    np.testing.assert_allclose(ratios, [0.55, 0.43], atol=5e-3)
