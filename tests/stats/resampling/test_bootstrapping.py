from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats._special import ndtr, ndtri
from evsyn.stats.pooling.pool import pool
from evsyn.stats.resampling.bootstrapping import Bootstrap, bootstrap

# Log risk ratios of the BCG trials (Colditz et al. 1994).
YI = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694, -1.3713]
VI = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564, 0.0730]
YI += [-0.3394, 0.4459, -0.0173]
VI += [0.0124, 0.5325, 0.0714]


@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_parametric_replicates_have_the_moments_of_the_model(method: str) -> None:
    found = bootstrap(YI, VI, method=method, replicates=20_000, seed=1)
    fit = pool(YI, VI, method=method, test="z")  # type: ignore[call-overload]
    assert found.observed == {"estimate": fit.estimate, "tau2": fit.tau2, "i2": fit.i2}
    assert found.estimate.mean() == pytest.approx(fit.estimate, abs=5 * fit.se / np.sqrt(20_000))
    assert found.estimate.std() == pytest.approx(fit.se, rel=0.05)
    assert found.se() == pytest.approx(found.estimate.std(ddof=1))
    assert found.bias() == pytest.approx(found.estimate.mean() - fit.estimate)
    if method == "DL":  # unbiased but for its truncation at 0, rare here
        assert found.tau2.mean() == pytest.approx(float(fit.tau2), rel=0.05)
        assert found.se("tau2") == pytest.approx(float(fit.tau2_se), rel=0.05)


def test_nonparametric_replicates_are_fits_of_drawn_studies() -> None:
    found = bootstrap(YI[:2], VI[:2], kind="nonparametric", method="EE", replicates=4000, seed=2)
    both = pool(YI[:2], VI[:2], method="EE").estimate
    values, counts = np.unique(found.estimate.round(10), return_counts=True)
    np.testing.assert_allclose(values, np.sort([*YI[:2], both]), atol=1e-9)
    np.testing.assert_allclose(counts / 4000, [0.25, 0.5, 0.25], atol=0.04)


def example(estimate: list[float], observed: float, level: float = 0.6) -> Bootstrap:
    values = np.array(estimate)
    return Bootstrap(
        values,
        values,
        values,
        dict.fromkeys(("estimate", "tau2", "i2"), observed),
        "parametric",
        5,
        "DL",
        level,
    )


def test_intervals_by_hand() -> None:
    found = example([4.0, 1.0, 3.0, 2.0], 2.5)  # quantiles .2 and .8 of four: numbers 1 and 4
    assert found.interval() == pytest.approx((1.0, 4.0))
    assert found.interval(kind="basic") == pytest.approx((1.0, 4.0))
    assert found.interval(kind="bias-corrected") == pytest.approx((1.0, 4.0))
    skew = example([4.0, 1.0, 3.0, 2.0], 1.5)
    assert skew.interval(kind="basic") == pytest.approx((-1.0, 2.0))
    assert skew.interval("tau2", kind="basic") == pytest.approx((0.0, 2.0))
    low, high = skew.interval(kind="bias-corrected")  # z0 = quantile of .25: both limits lower
    assert low == 1.0
    assert high == pytest.approx(5 * ndtr(2 * ndtri(0.25) + ndtri(0.8)))
    assert np.isnan(example([4.0, 1.0], 0.0).interval(kind="bias-corrected")).all()
    assert np.isnan(example([4.0], 0.0).se())


@pytest.mark.parametrize("value", ["estimate", "tau2", "i2"])
@pytest.mark.parametrize("kind", ["percentile", "basic", "bias-corrected"])
def test_intervals_hold_the_observed_value_and_widen(value: Any, kind: Any) -> None:
    narrow = bootstrap(YI, VI, level=0.5, seed=3).interval(value, kind=kind)
    wide = bootstrap(YI, VI, level=0.95, seed=3).interval(value, kind=kind)
    assert wide.ci_lb <= narrow.ci_lb < narrow.ci_ub <= wide.ci_ub
    observed = bootstrap(YI, VI, seed=3).observed[value]
    assert wide.ci_lb < observed < wide.ci_ub


def test_parametric_intervals_of_the_mean_cover() -> None:
    source, held = np.random.default_rng(4), 0  # synthetic
    for turn in range(200):
        vi = source.uniform(0.05, 0.5, 12)
        yi = source.normal(0.7, np.sqrt(vi + 0.1))
        low, high = bootstrap(yi, vi, method="DL", replicates=400, level=0.9, seed=turn).interval()
        held += low < 0.7 < high
    assert 0.8 < held / 200 < 0.96


def test_seeds_executors_and_progress() -> None:
    shares: list[float] = []
    one = bootstrap(YI, VI, method="DL", replicates=20_000, seed=5, progress=shares.append)
    with ThreadPoolExecutor(2) as executor:
        again = bootstrap(YI, VI, method="DL", replicates=20_000, seed=5, executor=executor)
    np.testing.assert_array_equal(one.estimate, again.estimate)
    np.testing.assert_array_equal(one.tau2, again.tau2)
    assert not np.array_equal(
        one.tau2, bootstrap(YI, VI, method="DL", replicates=20_000, seed=6).tau2
    )
    assert len(shares) == 3
    # More replicates begin with the same ones.
    fewer = bootstrap(YI, VI, method="DL", replicates=8192, seed=5)
    np.testing.assert_array_equal(fewer.estimate, one.estimate[:8192])


def test_absent_studies_are_left_out() -> None:
    found = bootstrap([*YI, np.nan], [*VI, 0.1], seed=1)
    assert found.k == 13
    np.testing.assert_array_equal(found.estimate, bootstrap(YI, VI, seed=1).estimate)


@pytest.mark.parametrize("scale", [1e-15, 1e15])
@pytest.mark.parametrize("kind", ["parametric", "nonparametric"])
def test_scale(scale: float, kind: Any) -> None:
    plain = bootstrap(YI, VI, kind=kind, seed=1, replicates=200)
    scaled = bootstrap(
        np.multiply(YI, np.sqrt(scale)), np.multiply(VI, scale), kind=kind, seed=1, replicates=200
    )
    np.testing.assert_allclose(
        scaled.estimate / np.sqrt(scale), plain.estimate, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(scaled.tau2 / scale, plain.tau2, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"kind": "wild"}, "kind='wild' is unknown"),
        ({"method": "XX"}, "method='XX' is unknown"),
        ({"level": 95}, "level=95 lies outside"),
        ({"replicates": 0}, "replicates=0 is not allowed"),
        ({"seed": -1}, "is no seed"),
        ({"yi": [1.0], "vi": [1.0]}, "1 complete studies are too few"),
        ({"yi": [[1.0]], "vi": [[1.0]]}, "give one analysis"),
        ({"yi": [0.0, 1.0], "vi": [0.0, 0.0], "method": "DL"}, "no fit to draw from"),
        ({"yi": [], "vi": []}, "yi is empty"),
    ],
)
def test_what_is_refused(arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(StatsError, match=words):
        bootstrap(**{"yi": YI, "vi": VI, **arguments})


@pytest.mark.parametrize(("value", "kind"), [("h2", "percentile"), ("tau2", "bca")])
def test_unknown_intervals(value: Any, kind: Any) -> None:
    with pytest.raises(StatsError, match="is unknown; use one of"):
        bootstrap(YI, VI, replicates=10, seed=1).interval(value, kind=kind)
