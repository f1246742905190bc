"""Predicted random effects against metafor's ranef, and their laws."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models.mixed import MultilevelFit, multilevel
from evsyn.stats.models.predicted_effects import random_effects

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_multilevel.json").read_text(encoding="utf-8")
)
SCHOOLS = REFERENCE["data"]["konstantopoulos2011"]


def schools(scale: float = 1.0, mods: object = None) -> MultilevelFit:
    groups = {"district": SCHOOLS["district"], "school": SCHOOLS["school"]}
    yi, vi = np.array(SCHOOLS["yi"]) * scale, np.array(SCHOOLS["vi"]) * scale**2
    return multilevel(yi, vi, groups=groups, mods=mods)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["konstantopoulos_reml", "konstantopoulos_year_t"])
def test_agrees_with_metafor(name: str) -> None:
    fit = schools(mods=np.array(SCHOOLS["year"]) - 1990 if "year" in name else None)
    expected = REFERENCE["cases"][name]["ranef"]
    district = random_effects(fit, "district")
    np.testing.assert_allclose(district.effect, expected[0]["effect"], rtol=1e-7, atol=1e-10)
    np.testing.assert_allclose(district.se, expected[0]["se"], rtol=1e-7)
    # metafor sorts the labels of schools as text: compare whatever the order
    school = random_effects(fit, "district/school")
    np.testing.assert_allclose(
        np.sort(school.effect), np.sort(expected[1]["effect"]), rtol=1e-7, atol=1e-10
    )
    np.testing.assert_allclose(np.sort(school.se), np.sort(expected[1]["se"]), rtol=1e-7)


def test_one_level_shrinks_towards_the_mean() -> None:
    yi, vi = np.array([0.1, 0.9, 0.3, 1.4]), np.array([0.1, 0.2, 0.1, 0.3])
    fit = multilevel(yi, vi, groups=[3, 1, 2, 0])
    found = random_effects(fit, "groups")
    shrunk = fit.sigma2 / (fit.sigma2 + vi) * (yi - fit.coef)
    np.testing.assert_allclose(found.effect[found.group], shrunk, rtol=1e-10)


def test_knows_no_scale() -> None:
    one, other = random_effects(schools(), "district"), random_effects(schools(1e-12), "district")
    np.testing.assert_allclose(other.effect, one.effect * 1e-12, rtol=1e-7)
    np.testing.assert_allclose(other.se, one.se * 1e-12, rtol=1e-7)


def test_refuses_what_is_not_there() -> None:
    with pytest.raises(StatsError, match="component='school' is unknown"):
        random_effects(schools(), "school")
