"""Limits of the between-study variance: roots of what defines them, scales, edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._special import chdtri
from evsyn.stats.pooling.pool import pool
from evsyn.stats.pooling.tau2_limits import tau2_interval

REFERENCE = Path(__file__).parents[2] / "reference"
KINDS = [("QP", "REML"), ("PL", "REML"), ("PL", "ML")]
ENDS = ("tau2_lb", "tau2_ub", "i2_lb", "i2_ub", "h2_lb", "h2_ub")


def analyses():
    for path in sorted(REFERENCE.glob("[!r]*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        for analysis in document.get("analyses", []):
            for key, limits in analysis.get("confint", {}).items():
                yield pytest.param(analysis, key, limits, id=f"{path.stem}-{analysis['id']}-{key}")


@pytest.mark.parametrize(("analysis", "key", "limits"), list(analyses()))
def test_against_reference(analysis, key, limits):
    yi, vi = (np.array(analysis[name], dtype=float) for name in ("yi", "vi"))
    estimator, method = key.split("_")
    found = tau2_interval(yi, vi, method=method, estimator=estimator)
    for name in ENDS:
        expected = limits[name.replace("i2", "I2").replace("h2", "H2")]
        assert getattr(found, name) == pytest.approx(expected, rel=1e-7, abs=1e-14), name


def synthetic(seed=1, k=10, n=None, between=0.3):
    rng = np.random.default_rng(seed)
    shape = (k,) if n is None else (k, n)
    vi = rng.uniform(0.02, 0.5, shape)
    return rng.normal(size=shape) * np.sqrt(vi + between), vi


def generalised_q(yi, vi, tau2):
    w = 1.0 / (vi + tau2)
    return (w * (yi - (w * yi).sum() / w.sum()) ** 2).sum()


def log_likelihood(yi, vi, tau2, full):
    w = 1.0 / (vi + tau2)
    value = np.log(w).sum() - generalised_q(yi, vi, tau2)
    return 0.5 * (value if full else value - np.log(w.sum()))


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.999])
def test_limits_are_roots(level):
    yi, vi = synthetic()
    profile = tau2_interval(yi, vi, level=level)
    for tau2, tail in ((profile.tau2_lb, 1 - level), (profile.tau2_ub, 1 + level)):
        if tau2 > 0:
            assert generalised_q(yi, vi, tau2) == pytest.approx(chdtri(9, tail / 2), rel=1e-11)
    for estimator in ("REML", "ML"):
        found = tau2_interval(yi, vi, method="PL", estimator=estimator, level=level)
        full = estimator == "ML"
        best = log_likelihood(yi, vi, pool(yi, vi, method=estimator).tau2, full)
        for tau2 in (found.tau2_lb, found.tau2_ub):
            if tau2 > 0:
                drop = 2.0 * (best - log_likelihood(yi, vi, tau2, full))
                assert drop == pytest.approx(chdtri(1, 1 - level), rel=1e-9)


@pytest.mark.parametrize(("method", "estimator"), KINDS)
@pytest.mark.parametrize("size", [1e-15, 1e-3, 1e15])
def test_scale_carries_over(method, estimator, size):
    yi, vi = synthetic()
    plain = tau2_interval(yi, vi, method=method, estimator=estimator)
    found = tau2_interval(yi * size, vi * size**2, method=method, estimator=estimator)
    for end in ("lb", "ub"):
        tau2 = getattr(plain, f"tau2_{end}")
        assert getattr(found, f"tau2_{end}") == pytest.approx(tau2 * size**2, rel=1e-10)
        assert getattr(found, f"tau_{end}") == pytest.approx(np.sqrt(tau2) * size, rel=1e-10)
        assert getattr(found, f"i2_{end}") == pytest.approx(getattr(plain, f"i2_{end}"), rel=1e-9)


@pytest.mark.parametrize(("method", "estimator"), KINDS)
def test_columns_are_the_single_analyses(method, estimator):
    yi, vi = synthetic(n=30, k=5)
    yi[0, 3] = np.nan
    many = tau2_interval(yi, vi, method=method, estimator=estimator)
    for column in range(30):
        one = tau2_interval(yi[:, column], vi[:, column], method=method, estimator=estimator)
        for name in ENDS:
            np.testing.assert_allclose(getattr(many, name)[column], getattr(one, name), 1e-9)


@pytest.mark.parametrize("estimator", ["REML", "ML"])
def test_estimate_lies_between_the_limits_of_its_likelihood(estimator):
    yi, vi = synthetic(n=200, k=6)
    found = tau2_interval(yi, vi, method="PL", estimator=estimator)
    tau2 = pool(yi, vi, method=estimator).tau2
    assert (found.tau2_lb <= tau2).all()
    assert (tau2 < found.tau2_ub).all()


def test_two_maxima_lie_in_one_interval():
    rng = np.random.default_rng(0)
    two = None
    while two is None:  # synthetic, until a likelihood has two maxima
        vi = 10.0 ** rng.uniform(-4, 1, 5)
        yi = rng.normal(size=5) * np.sqrt(vi + 1.0)
        two = (yi, vi) if pool(yi, vi, method="REML").n_modes > 1 else None
    found = tau2_interval(*two, method="PL")
    best = log_likelihood(*two, pool(*two, method="REML").tau2, False)
    grid = np.concatenate([[0.0], np.logspace(-8, 4, 3000)])
    drops = np.array([2.0 * (best - log_likelihood(*two, tau2, False)) for tau2 in grid])
    inside = grid[drops < chdtri(1, 0.05)]
    assert found.tau2_lb <= inside[0]
    assert inside[-1] <= found.tau2_ub < grid[np.searchsorted(grid, inside[-1]) + 1]


def test_limits_are_zero_where_studies_agree_too_well():
    found = tau2_interval([0.1, 0.1001, 0.0999, 0.1], np.ones(4))
    assert (found.tau2_lb, found.tau2_ub) == (0.0, 0.0)
    assert found.reason == "the studies agree better than chance would have them"
    same = tau2_interval([0.1] * 4, np.ones(4), method="PL")
    assert same.tau2_lb == 0.0
    assert same.tau2_ub > 0.0


def test_variance_of_zero():
    found = tau2_interval([0.1, 0.5, 0.9, -0.2], [0.0, 0.1, 0.05, 0.2])
    nearly = tau2_interval([0.1, 0.5, 0.9, -0.2], [1e-18, 0.1, 0.05, 0.2])
    assert found.tau2_ub == pytest.approx(nearly.tau2_ub, rel=1e-9)
    assert found.tau2_lb == pytest.approx(nearly.tau2_lb, rel=1e-9)


def test_too_few_studies():
    for method in ("QP", "PL"):
        one = tau2_interval([0.1], [0.2], method=method)
        assert np.isnan(one.tau2_ub)
        assert one.reason == "one study says nothing of the variance between studies"
        none = tau2_interval([np.nan], [0.2], method=method)
        assert none.reason == "no study with an effect size and a variance"
        two = tau2_interval([0.1, 3.0], [0.2, 0.3], method=method)
        assert two.tau2_ub > two.tau2_lb >= 0.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": "BJ"}, "method='BJ'"),
        ({"estimator": "DL"}, "estimator='DL'"),
        ({"level": 95}, "level=95"),
        ({"vi": [1.0, -1.0]}, "vi=-1"),
        ({"vi": [1.0]}, "shape"),
    ],
)
def test_bad_input_is_refused(change, words):
    with pytest.raises(StatsError, match=words):
        tau2_interval(**({"yi": [0.1, 0.2], "vi": [1.0, 1.0]} | change))


def test_one_analysis_has_the_limits_of_a_column():
    rng = np.random.default_rng(11)  # synthetic
    for spread in (0.1, 1.0, 6.0):
        for k in (2, 3, 12, 40):
            vi = np.exp(rng.normal(size=k) * spread)
            yi = rng.normal(size=k) * np.sqrt(vi + rng.choice([0.0, 1.0, 30.0]))
            one, column = tau2_interval(yi, vi), tau2_interval(yi[:, None], vi[:, None])
            for name in ("tau2_lb", "tau2_ub", "i2_lb", "i2_ub", "h2_lb", "h2_ub"):
                np.testing.assert_allclose(
                    getattr(one, name), getattr(column, name)[0], rtol=1e-10, atol=1e-12 * vi.min()
                )
    assert tau2_interval([1.0, 1.0], [1.0, 2.0]).tau2_ub == 0
