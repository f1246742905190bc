"""Missing binary outcomes: formulas against numerical derivatives and quadrature in R."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.literals import MissingMethod, choices
from evsyn.stats.effects.effect_sizes import effect_sizes
from evsyn.stats.missing import missing_data

R = json.loads(
    (Path(__file__).parents[1] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)["missing"]
DATA = {name: np.array(values) for name, values in R["data"].items()}
ARMS = (
    DATA["r1"], DATA["r1"] + DATA["f1"], DATA["m1"],
    DATA["r2"], DATA["r2"] + DATA["f2"], DATA["m2"],
)  # fmt: skip
# numDeriv's Richardson extrapolation has about ten digits.
NUMERICAL = 1e-8


def options(case):
    return {
        "measure": case["measure"],
        "method": "imor",
        "imor_e": case["imor"][0],
        "imor_c": case["imor"][1],
        "imor_log_sd_e": case["sd"][0],
        "imor_log_sd_c": case["sd"][1],
        "imor_correlation": case["rho"],
    }


@pytest.mark.parametrize("case", R["imor"], ids=lambda c: f"{c['measure']}-{c['imor']}-{c['sd']}")
def test_imor_against_r(case):
    found = missing_data(*ARMS, **options(case), nodes=0)
    np.testing.assert_allclose(found.yi, case["taylor"]["yi"], rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(found.vi, case["taylor"]["vi"], rtol=NUMERICAL)
    rows = case["rows"]
    some = [array[rows] for array in ARMS]
    found = missing_data(*some, **options(case), nodes=case["nodes"])
    np.testing.assert_allclose(found.yi, case["quadrature"]["yi"], rtol=1e-9)
    np.testing.assert_allclose(found.vi, case["quadrature"]["vi"], rtol=NUMERICAL)


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_missing_at_random_is_the_available_cases(measure):
    available = missing_data(*ARMS, measure=measure, method="available")
    direct = effect_sizes(measure, events_e=ARMS[0], n_e=ARMS[1], events_c=ARMS[3], n_c=ARMS[4])
    np.testing.assert_array_equal(available.yi, direct.yi)
    for method in ("same-as-observed", "imor"):
        found = missing_data(*ARMS, measure=measure, method=method)
        np.testing.assert_allclose(found.yi, available.yi, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(found.vi, available.vi, rtol=1e-12)


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
def test_extreme_imors_are_imputation(measure):
    """With an IMOR of 0 nobody missing had the event; the binomial of all participants results."""
    none = missing_data(*ARMS, measure=measure, method="no-events")
    limit = missing_data(*ARMS, measure=measure, method="imor", imor_e=0.0, imor_c=0.0)
    np.testing.assert_allclose(limit.yi, none.yi, rtol=1e-12)
    np.testing.assert_allclose(limit.vi, none.vi, rtol=1e-11)
    every = missing_data(*ARMS, measure=measure, method="all-events")
    limit = missing_data(*ARMS, measure=measure, method="imor", imor_e=1e12, imor_c=1e12)
    np.testing.assert_allclose(limit.yi, every.yi, rtol=1e-9)
    np.testing.assert_allclose(limit.vi, every.vi, rtol=1e-8)


def test_best_and_worst_bound_every_other():
    found = {method: missing_data(*ARMS, method=method).yi for method in choices(MissingMethod)}
    for method, yi in found.items():
        assert (yi <= found["best-case"] + 1e-12).all(), method
        assert (yi >= found["worst-case"] - 1e-12).all(), method


def test_unwanted_events_turn_best_and_worst():
    best = missing_data(*ARMS, method="best-case", event_is="harm")
    worst = missing_data(*ARMS, method="worst-case")
    np.testing.assert_array_equal(best.yi, worst.yi)


def test_risk_of_the_other_arm():
    found = missing_data(29, 47, 22, 20, 34, 34, method="same-as-comparator", measure="RD")
    p, q = 29 / 47, 20 / 34
    assert found.risk_e == pytest.approx((47 * p + 22 * q) / 69, rel=1e-13)
    assert found.risk_c == pytest.approx(q, rel=1e-13)
    other = missing_data(29, 47, 22, 20, 34, 34, method="same-as-experimental", measure="RD")
    assert other.risk_c == pytest.approx((34 * q + 34 * p) / 68, rel=1e-13)
    assert found.missing_share == pytest.approx(56 / 137, rel=1e-15)


@given(st.floats(0, 3), st.floats(0, 3), st.floats(-1, 1))
def test_uncertainty_adds_variance(sd_e, sd_c, rho):
    arms = (29, 47, 22, 20, 34, 34)
    known = missing_data(*arms, method="imor")
    more = {"imor_log_sd_e": sd_e, "imor_log_sd_c": sd_c, "imor_correlation": rho}
    taylor = missing_data(*arms, method="imor", **more, nodes=0)
    assert taylor.vi >= known.vi * (1 - 1e-12)


def test_quadrature_of_small_spreads_is_the_taylor_series():
    more = {"imor_log_sd_e": 1e-3, "imor_log_sd_c": 2e-3, "imor_correlation": 0.5}
    taylor = missing_data(*ARMS, method="imor", **more, nodes=0)
    found = missing_data(*ARMS, method="imor", **more)
    np.testing.assert_allclose(found.vi, taylor.vi, rtol=1e-5)
    rough, fine = (
        missing_data(*ARMS, method="imor", imor_log_sd_e=1.0, imor_log_sd_c=1.0, nodes=nodes)
        for nodes in (20, 60)
    )
    np.testing.assert_allclose(rough.vi, fine.vi, rtol=1e-6)


def test_variance_against_simulation():
    # Synthetic: 200,000 trials of 200 in each arm, seed 13, from the model with IMOR 3.
    rng = np.random.default_rng(13)
    n, share, p, odds_ratio = 200, 0.25, (0.5, 0.4), 3.0
    known = rng.binomial(n, 1 - share, (2, 200_000))
    events = rng.binomial(known, np.array(p)[:, None])
    found = missing_data(
        events[0], known[0], n - known[0], events[1], known[1], n - known[1],
        method="imor", imor_e=odds_ratio, imor_c=odds_ratio,
    )  # fmt: skip
    assert found.yi.var() == pytest.approx(found.vi.mean(), rel=0.02)


def test_empty_cells():
    found = missing_data([0, 3], [10, 10], [2, 2], [4, 4], [10, 10], [1, 1])
    np.testing.assert_array_equal(found.corrected, [True, False])
    assert np.isfinite(found.yi).all()
    bare = missing_data([0, 3], [10, 10], [2, 2], [4, 4], [10, 10], [1, 1], add=0)
    assert np.isnan(bare.yi[0])
    assert bare.reason[0] == "the effect or its variance is undefined"
    difference = missing_data(0, 10, 2, 4, 10, 1, measure="RD")
    assert not difference.corrected
    assert difference.yi == pytest.approx(-0.4)
    imputed = missing_data(0, 10, 2, 4, 10, 1, method="all-events")
    assert not imputed.corrected


def test_nobody_known_and_missing_counts():
    found = missing_data([0, np.nan], [0, 5], [5, 5], [2, 2], [5, 5], [0, 0])
    assert np.isnan(found.yi).all()
    assert list(found.reason) == ["no known outcome in an arm", "a count is missing"]
    filled = missing_data(0, 0, 5, 2, 5, 0, method="all-events")
    assert filled.risk_e == 1
    assert np.isfinite(filled.yi)
    kept = missing_data(2, 5, np.nan, 3, 6, 0, method="available")
    assert np.isfinite(kept.yi)
    assert kept.reason == ""


def test_imors_broadcast_with_studies():
    found = missing_data(29, 47, 22, 20, 34, 34, method="imor", imor_e=[0.5, 1, 2])
    assert found.yi.shape == found.risk_c.shape == found.corrected.shape == (3,)
    assert (np.diff(found.yi) > 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: missing_data(5, 4, 1, 1, 4, 0), r"events_e=5 lies outside 0\.\.4"),
        (lambda: missing_data(1, 4, -1, 1, 4, 0), "missing_e=-1 is no count"),
        (lambda: missing_data(1, 4, 1, 1, 4, 0, measure="HR"), "measure='HR' is unknown"),
        (lambda: missing_data(1, 4, 1, 1, 4, 0, method="locf"), "method='locf' is unknown"),
        (lambda: missing_data(1, 4, 1, 1, 4, 0, event_is="good"), "event_is='good' is unknown"),
        (lambda: missing_data(1, 4, 1, 1, 4, 0, imor_e=2), "use method='imor'"),
        (
            lambda: missing_data(1, 4, 1, 1, 4, 0, method="imor", imor_e=-2),
            "imor_e=-2 is negative",
        ),
        (
            lambda: missing_data(1, 4, 1, 1, 4, 0, method="imor", imor_correlation=2),
            "imor_correlation=2 lies outside",
        ),
        (lambda: missing_data(1, 4, 1, 1, 4, 0, add=-1), "add=-1 is not allowed"),
        (lambda: missing_data(1, 4, 1, 1, 4, 0, nodes=1), "nodes=1 is not allowed"),
        (
            lambda: missing_data([1, 1], 4, 1, 1, 4, 0, method="imor", imor_e=[1, 2, 3]),
            "shapes do not fit",
        ),
        (lambda: missing_data(1, 4, "x", 1, 4, 0), "missing_e='x'"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
