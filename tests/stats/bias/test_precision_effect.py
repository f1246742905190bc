"""PET-PEESE against lm() in R, its rule, and its edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.bias.precision_effect import pet_peese

REFERENCE = Path(__file__).parents[2] / "reference"
ANALYSES = json.loads((REFERENCE / "r_bias.json").read_text(encoding="utf-8"))["analyses"]
CLOSED = {"rtol": 1e-8, "atol": 1e-12}
NAMES = {
    "estimate": "limit",
    "se": "limit_se",
    "p_value": "limit_p",
    "ci_lb": "limit_ci_lb",
    "ci_ub": "limit_ci_ub",
    "slope": "estimate",
    "slope_se": "se",
    "slope_pvalue": "p_value",
}


@pytest.mark.parametrize("name", ANALYSES)
def test_agrees_with_r(name):
    data = ANALYSES[name]
    result = pet_peese(data["yi"], data["vi"], force=True)
    for fit, predictor in ((result.pet, "sei"), (result.peese, "vi")):
        wanted = data["regression"][predictor]["lm"]
        for field, key in NAMES.items():
            np.testing.assert_allclose(getattr(fit, field), wanted[key], **CLOSED)
    taken = result.peese if result.pet.p_value < 0.05 else result.pet
    assert result.chosen == ("PEESE" if taken is result.peese else "PET")
    for field in ("estimate", "se", "p_value", "ci_lb", "ci_ub"):
        assert getattr(result, field) == getattr(taken, field)


def synthetic(effect, k=30):
    """Effects and variances made up for the laws."""
    rng = np.random.default_rng(2)
    v = rng.uniform(0.005, 0.3, k)
    return rng.normal(effect, np.sqrt(v)), v


def test_rule_takes_peese_where_there_is_an_effect():
    assert pet_peese(*synthetic(1.0)).chosen == "PEESE"
    assert pet_peese(*synthetic(0.0)).chosen == "PET"
    assert "p < 0.05" in pet_peese(*synthetic(0.0)).rule


def test_one_sided_rule():
    y, v = synthetic(1.0)
    assert pet_peese(y, v, alternative="greater").chosen == "PEESE"
    assert pet_peese(y, v, alternative="less").chosen == "PET"
    assert pet_peese(-y, v, alternative="less").chosen == "PEESE"
    assert "one-sided (less)" in pet_peese(y, v, alternative="less").rule
    p = pet_peese(y, v).pet.p_value
    assert pet_peese(y, v, alpha=float(p) * 0.99).chosen == "PET"
    assert pet_peese(y, v, alpha=float(p) * 1.01).chosen == "PEESE"


def test_many_at_once_are_each_alone():
    one, other = synthetic(0.0), synthetic(1.0)
    y, v = (np.column_stack(pair) for pair in zip(one, other, strict=True))
    many = pet_peese(y, v)
    assert many.chosen.tolist() == ["PET", "PEESE"]
    for column in range(2):
        alone = pet_peese(y[:, column], v[:, column])
        np.testing.assert_allclose(many.estimate[column], alone.estimate, rtol=1e-10)
        np.testing.assert_allclose(many.peese.slope[column], alone.peese.slope, rtol=1e-10)


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_unit_does_not_matter(scale):
    y, v = synthetic(1.0)
    one, other = pet_peese(y, v), pet_peese(scale * y, scale**2 * v)
    np.testing.assert_allclose(other.estimate, scale * one.estimate, rtol=1e-9)
    np.testing.assert_allclose(other.p_value, one.p_value, rtol=1e-9)


@pytest.mark.parametrize(
    ("y", "v", "why"),
    [
        ([1.0, 2.0], [0.1, 0.2], "fewer than three"),
        ([1.0, 2.0, 4.0], [0.1, 0.1, 0.1], "the same in all"),
        ([1.0, 2.0, 4.0], [0.1, 0.0, 0.2], "variance is 0"),
        ([1.0, 1.0, 1.0], [0.1, 0.3, 0.2], "exactly on a line"),
    ],
)
def test_undefined_says_why(y, v, why):
    result = pet_peese(y, v, force=True)
    assert np.isnan(result.estimate) and result.chosen == "" and why in result.reason


def test_refusals():
    y, v = synthetic(0.0)
    with pytest.raises(StatsError, match="pet_peese has 9 studies"):
        pet_peese(y[:9], v[:9])
    with pytest.raises(StatsError, match="alternative='more' is unknown"):
        pet_peese(y, v, alternative="more")
    with pytest.raises(StatsError):
        pet_peese(y, v, alpha=5)
    with pytest.raises(StatsError, match="level=95"):
        pet_peese(y, v, level=95)
