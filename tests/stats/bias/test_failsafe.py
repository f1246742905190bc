"""Fail-safe N against metafor, and what the numbers mean."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._special import ndtr, ndtri
from evsyn.stats.bias.failsafe import failsafe_n

REFERENCE = Path(__file__).parents[2] / "reference"
ANALYSES = json.loads((REFERENCE / "r_bias.json").read_text(encoding="utf-8"))["analyses"]
OPTIONS = (  # of the calls in the R script, in their order
    {},
    {"level": 0.9},
    {},
    {"target": 0.1},
    {"target": 0.1, "weighted": True},
    {},
    {"level": 0.99},
)
DATASETS = ("bcg", "gibson2002", "mcdaniel1994", "nielweise2007", "pritz1997", "raudenbush1985")
CLOSED = {"rtol": 1e-8, "atol": 1e-12}


@pytest.mark.parametrize("name", ANALYSES)
def test_agrees_with_metafor(name):
    data = ANALYSES[name]
    for wanted, options in zip(data["failsafe"], OPTIONS, strict=True):
        method = wanted["method"].removesuffix("_weighted")
        result = failsafe_n(data["yi"], data["vi"], method=method, **options)
        assert result.n == wanted["n"] == np.ceil(result.n_exact)
        for field in ("p_value", "estimate", "target"):
            value = np.nan if wanted[field] is None else wanted[field]
            np.testing.assert_allclose(getattr(result, field), value, **CLOSED)


@pytest.mark.parametrize("name", DATASETS)
def test_rosenthal_of_all_measures_agrees_with_metafor(name):
    document = json.loads((REFERENCE / f"{name}.json").read_text(encoding="utf-8"))
    for analysis in document["analyses"]:
        y, v = (np.array(analysis[key], dtype=float) for key in ("yi", "vi"))
        result, wanted = failsafe_n(y, v), analysis["fsn"]
        np.testing.assert_allclose(result.n_exact, wanted["unrounded"], **CLOSED)
        np.testing.assert_allclose(result.p_value, wanted["pval"], rtol=1e-8)
        assert result.n == wanted["fsnum"]


def synthetic(k=12):
    """Effects and variances made up for the laws."""
    rng = np.random.default_rng(8)
    return rng.normal(0.5, 0.2, k), rng.uniform(0.02, 0.2, k)


def test_rosenthal_brings_stouffer_to_alpha():
    y, v = synthetic()
    n = failsafe_n(y, v).n_exact
    np.testing.assert_allclose(ndtr(-(y / np.sqrt(v)).sum() / np.sqrt(12 + n)), 0.05, rtol=1e-10)


def test_rosenberg_brings_the_common_effect_to_alpha():
    y, v = synthetic()
    n = failsafe_n(y, v, method="rosenberg").n_exact
    w = 1 / v
    total = w.sum() + n * w.mean()
    np.testing.assert_allclose((w * y).sum() / np.sqrt(total), -ndtri(0.025), rtol=1e-10)


def test_orwin_brings_the_mean_to_the_target():
    y, v = synthetic()
    n = failsafe_n(y, v, method="orwin", target=0.2).n_exact
    np.testing.assert_allclose(y.sum() / (12 + n), 0.2, rtol=1e-12)
    turned = failsafe_n(-y, v, method="orwin", target=0.2)
    np.testing.assert_allclose([turned.n_exact, turned.target], [n, -0.2], rtol=1e-12)
    assert failsafe_n(y, v, method="orwin", target=2.0).n == 0


@pytest.mark.parametrize("k", [3, 7, 11])
@pytest.mark.parametrize("share", range(1, 40))
def test_a_whole_number_stays_one_whatever_the_rounding(k, share):
    found = failsafe_n([0.1 * (share + k) / k] * k, [1.0] * k, method="orwin", target=0.1)
    np.testing.assert_allclose(found.n_exact, share, rtol=1e-13)
    assert found.n == share


def test_many_at_once_are_each_alone():
    y, v = synthetic()
    columns = np.column_stack([y, np.r_[np.nan, y[1:]], y / 100])
    for method in ("rosenthal", "orwin", "rosenberg"):
        many = failsafe_n(columns, np.column_stack([v] * 3), method=method)
        for at in range(3):
            alone = failsafe_n(columns[:, at], v, method=method)
            np.testing.assert_allclose(many.n_exact[at], alone.n_exact, rtol=1e-12)
        assert many.k.tolist() == [12, 11, 12]


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_unit_does_not_matter(scale):
    y, v = synthetic()
    for method in ("rosenthal", "orwin", "rosenberg"):
        one, other = (failsafe_n(y * c, v * c * c, method=method).n_exact for c in (1.0, scale))
        np.testing.assert_allclose(other, one, rtol=1e-10)


def test_without_a_finding_there_is_nothing_to_undo():
    assert failsafe_n([0.1, -0.1, 0.05], [1.0, 1.0, 1.0]).n == 0


def test_edges():
    nothing = failsafe_n([np.nan, np.nan], [1.0, 1.0])
    assert np.isnan(nothing.n) and "no study" in nothing.reason
    exact = failsafe_n([0.5, 0.2], [0.0, 1.0])
    assert np.isnan(exact.n) and exact.reason == "a sampling variance is 0"
    assert failsafe_n([0.5, 0.2], [0.0, 1.0], method="orwin", target=0.1).n == 5
    to_zero = failsafe_n([0.5, 0.2], [1.0, 1.0], method="orwin", target=0)
    assert np.isnan(to_zero.n) and "target is 0" in to_zero.reason


def test_refusals():
    y, v = synthetic()
    with pytest.raises(StatsError, match="method='Rosenthal' is unknown"):
        failsafe_n(y, v, method="Rosenthal")
    with pytest.raises(StatsError, match="takes neither target nor weighted"):
        failsafe_n(y, v, target=0.1)
    with pytest.raises(StatsError, match="target='x' is no number"):
        failsafe_n(y, v, method="orwin", target="x")
    with pytest.raises(StatsError, match="target=inf is not finite"):
        failsafe_n(y, v, method="orwin", target=np.inf)
    with pytest.raises(StatsError, match="level=95"):
        failsafe_n(y, v, level=95)
