"""Berkey, Hoaglin, Antczak-Bouckoms, Mosteller, Colditz (1998), "Meta-analysis of multiple
outcomes by regression with random effects", Stat Med 17:2537-2550: probing depth (PD) and
attachment level (AL) after surgical or non-surgical treatment of periodontal disease, five trials.

The numbers are those of the bivariate REML model of these data in the documentation of metafor
(dat.berkey1998)."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from evsyn.stats.models.mixed import multilevel

FILE = Path(__file__).parents[1] / "reference" / "r_multilevel.json"


def test_two_outcomes() -> None:
    data = json.loads(FILE.read_text(encoding="utf-8"))["data"]["berkey1998"]
    outcome = np.array(data["outcome"])
    fit = multilevel(
        data["yi"],
        data["V"],
        groups=data["trial"],
        inner=outcome,
        structure="UN",
        mods=np.stack([outcome == "AL", outcome == "PD"], axis=1),
        intercept=False,
    )
    assert fit.levels == ("AL", "PD")
    assert np.round(fit.coef, 4).tolist() == [-0.3392, 0.3534]
    assert np.round(fit.se, 4).tolist() == [0.0879, 0.0588]
    assert np.round(fit.tau2, 4).tolist() == [0.0327, 0.0117]
    assert np.round(fit.rho, 4).tolist() == [0.6088]
