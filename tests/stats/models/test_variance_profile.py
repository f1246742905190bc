"""Profile-likelihood intervals against the same by dense matrices in R, laws and refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models.mixed import MultilevelFit, multilevel
from evsyn.stats.models.variance_profile import variance_interval

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "r_multilevel.json").read_text(encoding="utf-8")
)
CASES: dict[str, dict[str, Any]] = REFERENCE["cases"]
SCHOOLS: dict[str, Any] = REFERENCE["data"]["konstantopoulos2011"]


def schools(method: Any = "REML", scale: float = 1.0) -> MultilevelFit:
    groups = {"district": SCHOOLS["district"], "school": SCHOOLS["school"]}
    yi, vi = np.array(SCHOOLS["yi"]) * scale, np.array(SCHOOLS["vi"]) * scale**2
    return multilevel(yi, vi, groups=groups, method=method)


def berkey(structure: Any) -> MultilevelFit:
    data = REFERENCE["data"]["berkey1998"]
    outcome = np.array(data["outcome"])
    mods = np.stack([outcome == "AL", outcome == "PD"], axis=1)
    return multilevel(
        data["yi"],
        data["V"],
        groups=data["trial"],
        inner=outcome,
        structure=structure,
        mods=mods,
        intercept=False,
    )


@pytest.mark.parametrize("method", ["REML", "ML"])
def test_random_intercepts(method: str) -> None:
    fit = schools(method)
    expected = CASES[f"konstantopoulos_{method.lower()}"]["limits"]
    for name, limits in zip(fit.components, expected, strict=True):
        found = variance_interval(fit, name)
        np.testing.assert_allclose([found.ci_lb, found.ci_ub], limits, rtol=1e-7)


def test_structures() -> None:
    for number, low, high in CASES["berkey_CS"]["limits"]:
        found = variance_interval(berkey("CS"), ("tau2", "rho")[int(number)])
        np.testing.assert_allclose([found.ci_lb, found.ci_ub], [low, high], rtol=1e-7)
    ((_, low, high),) = CASES["berkey_UN"]["limits"]
    for structure in ("UN", "HCS"):
        found = variance_interval(berkey(structure), "tau2", at="AL")
        np.testing.assert_allclose([found.ci_lb, found.ci_ub], [low, high], rtol=1e-7)


def test_two_levels_free_or_with_one_correlation_are_the_same_model() -> None:
    un, hcs = berkey("UN"), berkey("HCS")
    for component, at in (("tau2", "AL"), ("tau2", "PD"), ("rho", None)):
        one, other = (variance_interval(fit, component, at=at) for fit in (un, hcs))
        np.testing.assert_allclose(one.estimate, other.estimate, rtol=1e-8)
        np.testing.assert_allclose([one.ci_lb, one.ci_ub], [other.ci_lb, other.ci_ub], rtol=1e-7)
    assert variance_interval(un, "rho", at=("PD", "AL")).ci_ub == 1.0


def test_one_level_is_the_profile_of_tau2() -> None:
    doc = json.loads(
        (Path(__file__).parents[2] / "reference" / "bcg.json").read_text(encoding="utf-8")
    )
    analysis = next(one for one in doc["analyses"] if one["id"] == "RR")
    fit = multilevel(analysis["yi"], analysis["vi"], groups=range(13))
    found, expected = variance_interval(fit, "groups"), analysis["confint"]["REML_PL"]
    limits = [expected["tau2_lb"], expected["tau2_ub"]]
    np.testing.assert_allclose([found.ci_lb, found.ci_ub], limits, rtol=1e-7)


def test_a_narrower_level_is_inside() -> None:
    fit = schools()
    wide, narrow = (variance_interval(fit, "district", level=level) for level in (0.95, 0.5))
    assert wide.ci_lb < narrow.ci_lb < narrow.estimate < narrow.ci_ub < wide.ci_ub


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_knows_no_scale(scale: float) -> None:
    one = variance_interval(schools(), "district")
    other = variance_interval(schools(scale=scale), "district")
    np.testing.assert_allclose(other.ci_ub, one.ci_ub * scale**2, rtol=1e-7)


def test_a_variance_of_zero_has_a_lower_limit_of_zero() -> None:
    fit = multilevel([0.1, 0.11, 0.09, 0.1], [0.2] * 4, groups=range(4))
    found = variance_interval(fit, "groups")
    assert (float(found.estimate), float(found.ci_lb)) == (0.0, 0.0)
    assert found.ci_ub > 0


def test_what_was_not_estimated_has_no_interval() -> None:
    fit = multilevel([0.1, 0.5, 0.2], [0.2] * 3, groups=[["a"] * 3, range(3)])
    found = variance_interval(fit, "groups[0]")
    assert np.isnan(found.ci_ub)
    assert "held at 0" in str(found.reason)


def test_refuses() -> None:
    with pytest.raises(StatsError, match=r"component='distrikt' is unknown.*district"):
        variance_interval(schools(), "distrikt")
    with pytest.raises(StatsError, match="is no level"):
        variance_interval(berkey("UN"), "tau2", at="XX")
    with pytest.raises(StatsError, match="two different levels"):
        variance_interval(berkey("UN"), "rho", at=("AL", "AL"))
    with pytest.raises(StatsError, match="has no rho"):
        variance_interval(berkey("DIAG"), "rho")
    with pytest.raises(StatsError, match="level=95"):
        variance_interval(schools(), "district", level=95)
