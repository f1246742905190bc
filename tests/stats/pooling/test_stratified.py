"""Mantel-Haenszel and Peto: against R, against the formulas by hand, and at the edges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.stats.pooling.stratified import mantel_haenszel, peto

REFERENCE = Path(__file__).parents[2] / "reference" / "r_stratified.json"
SETS = json.loads(REFERENCE.read_text(encoding="utf-8"))["sets"]
NAMES = {
    "estimate": "estimate",
    "se": "se",
    "zval": "statistic",
    "pval": "p_value",
    "ci_lb": "ci_lb",
    "ci_ub": "ci_ub",
    "QE": "q",
    "QEp": "q_pvalue",
    "I2": "i2",
    "H2": "h2",
    "k": "k",
    "k_yi": "k_yi",
    "weights": "weights",
    "CMH": "cmh",
    "CMHp": "cmh_pvalue",
    "tarone": "tarone",
    "tarone_p": "tarone_pvalue",
    "breslow_day": "breslow_day",
    "breslow_day_p": "breslow_day_pvalue",
}
COUNTS = ([4, 6, 3], [123, 306, 231], [11, 29, 11], [139, 303, 220])
CASES = [(name, fit) for name, block in SETS.items() for fit in block if fit != "data"]


def floats(value):
    items = value if isinstance(value, list) else [value]
    return np.array([np.nan if item is None else float(item) for item in items])


def fitted(name, fit):
    data = list(SETS[name]["data"].values())
    if fit == "peto":
        return peto(*data, level=0.9)
    measure, _, uncorrected = fit.partition("_")
    return mantel_haenszel(*data, measure=measure, correct=not uncorrected, level=0.9)


@pytest.mark.parametrize(("name", "fit"), CASES, ids=[f"{a}-{b}" for a, b in CASES])
def test_agrees_with_r(name, fit):
    result = fitted(name, fit)
    for key, value in SETS[name][fit].items():
        if key in ("CMH", "CMHp") and result.cmh == 0:
            # metafor's correction of one half overshoots there and gives a chi-square above 0
            assert np.sqrt(SETS[name][fit]["CMH"]) < 0.5
            continue
        found = np.atleast_1d(np.asarray(getattr(result, NAMES[key]), dtype=float))
        np.testing.assert_allclose(
            found, floats(value), rtol=1e-10, atol=1e-12, err_msg=f"{name} {fit} {key}"
        )


def test_formulas_by_hand():
    a, n1, c, n2 = (np.array(item, dtype=float) for item in COUNTS)
    b, d, n = n1 - a, n2 - c, n1 + n2
    odds = mantel_haenszel(*COUNTS, measure="OR")
    np.testing.assert_allclose(odds.estimate, np.log((a * d / n).sum() / (b * c / n).sum()))
    risk = mantel_haenszel(*COUNTS, measure="RR")
    np.testing.assert_allclose(risk.estimate, np.log((a * n2 / n).sum() / (c * n1 / n).sum()))
    excess = a - n1 * (a + c) / n
    spread = n1 * n2 * (a + c) * (b + d) / (n**2 * (n - 1))
    one_step = peto(*COUNTS)
    np.testing.assert_allclose(one_step.estimate, excess.sum() / spread.sum())
    np.testing.assert_allclose(one_step.se, 1 / np.sqrt(spread.sum()))
    np.testing.assert_allclose(odds.cmh, (abs(excess.sum()) - 0.5) ** 2 / spread.sum())


@pytest.mark.parametrize("measure", ["OR", "RR", "RD", "IRR", "IRD", "Peto"])
def test_columns_are_analyses_of_their_own(measure):
    rng = np.random.default_rng(1)
    n = rng.integers(5, 60, (2, 9, 40)).astype(float)
    events = rng.binomial(n.astype(int), 0.15).astype(float)
    events[0][rng.random((9, 40)) < 0.2] = np.nan

    def run(column):
        data = (events[0][column], n[0][column], events[1][column], n[1][column])
        return peto(*data) if measure == "Peto" else mantel_haenszel(*data, measure=measure)

    whole = run((slice(None), slice(None)))
    for at in range(40):
        one = run((slice(None), at))
        for name in NAMES.values():
            np.testing.assert_allclose(
                np.asarray(getattr(whole, name), dtype=float)[..., at],
                np.asarray(getattr(one, name), dtype=float),
                rtol=1e-12,
                atol=1e-14,
                err_msg=name,
            )
        assert whole.reason[at] == one.reason
        assert whole.note[at] == one.note


@given(st.integers(0, 2**32 - 1))
def test_exchange_of_arms_turns_the_sign(seed):
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 8))
    n1, n2 = rng.integers(1, 80, (2, k))
    a, c = rng.binomial(n1, 0.3), rng.binomial(n2, 0.2)
    for run in (
        peto,
        lambda *x: mantel_haenszel(*x, measure="OR"),
        lambda *x: mantel_haenszel(*x, measure="RR"),
        lambda *x: mantel_haenszel(*x, measure="RD"),
    ):
        there, back = run(a, n1, c, n2), run(c, n2, a, n1)
        np.testing.assert_allclose(there.estimate, -back.estimate, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(there.se, back.se, rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(there.q, back.q, rtol=1e-9, atol=1e-11)
    odds, events = mantel_haenszel(a, n1, c, n2, measure="OR"), (n1 - a, n1, n2 - c, n2)
    np.testing.assert_allclose(
        odds.estimate, -mantel_haenszel(*events, measure="OR").estimate, rtol=1e-10, atol=1e-13
    )
    np.testing.assert_allclose(
        odds.tarone, mantel_haenszel(*events, measure="OR").tarone, rtol=1e-7, atol=1e-9
    )


def test_breslow_day_expects_events_that_have_the_pooled_odds_ratio():
    a, n1, c, n2 = (np.array(item, dtype=float) for item in COUNTS)
    fit = mantel_haenszel(*COUNTS, measure="OR")
    total = 0.0
    for x, n, y, m in zip(a, n1, c, n2, strict=True):
        low, high = max(0.0, x + y - m), min(n, x + y)
        for _ in range(200):  # bisection on the odds ratio of the expected table
            mean = (low + high) / 2
            ratio = mean * (m - x - y + mean) / ((n - mean) * (x + y - mean))
            low, high = (mean, high) if ratio < np.exp(fit.estimate) else (low, mean)
        cells = np.array([mean, n - mean, x + y - mean, m - x - y + mean])
        total += (x - mean) ** 2 * (1 / cells).sum()
    np.testing.assert_allclose(fit.breslow_day, total, rtol=1e-10)


def test_breslow_day_when_the_pooled_odds_ratio_is_one():
    fit = mantel_haenszel([5, 10, 2], [20, 20, 12], [5, 10, 2], [20, 20, 12], measure="OR")
    np.testing.assert_allclose(fit.estimate, 0.0, atol=1e-15)
    np.testing.assert_allclose([fit.breslow_day, fit.tarone], 0.0, atol=1e-15)


def test_rates_by_either_name():
    by_place = mantel_haenszel([3, 5], [100.0, 80.0], [9, 8], [110.0, 75.0], measure="IRR")
    by_name = mantel_haenszel(
        [3, 5], events_c=[9, 8], time_e=[100.0, 80.0], time_c=[110.0, 75.0], measure="IRR"
    )
    assert by_place.estimate == by_name.estimate
    scaled = mantel_haenszel([3, 5], [1e-13, 8e-14], [9, 8], [1.1e-13, 7.5e-14], measure="IRR")
    np.testing.assert_allclose(scaled.estimate, by_place.estimate, rtol=1e-12)
    long = mantel_haenszel([3, 5], [1e17, 8e16], [9, 8], [1.1e17, 7.5e16], measure="IRD")
    short = mantel_haenszel([3, 5], [1e2, 8e1], [9, 8], [1.1e2, 7.5e1], measure="IRD")
    np.testing.assert_allclose(long.estimate * 1e15, short.estimate, rtol=1e-12)
    np.testing.assert_allclose(long.statistic, short.statistic, rtol=1e-12)


def test_studies_without_events_are_kept_and_counted():
    with_them = mantel_haenszel(
        [*COUNTS[0], 0], [*COUNTS[1], 40], [*COUNTS[2], 0], [*COUNTS[3], 50]
    )
    without = mantel_haenszel(*COUNTS)
    assert with_them.estimate == without.estimate
    assert (with_them.k, with_them.k_yi, with_them.double_zero) == (4, 3, 1)
    assert with_them.weights[3] == 0.0
    assert "without events in both arms: 1" in str(with_them.note)
    assert without.note == ""
    difference = mantel_haenszel([1, 0], [40, 40], [3, 0], [40, 50], measure="RD")
    assert difference.weights[1] > 0
    assert abs(difference.estimate) < 0.05


@pytest.mark.parametrize("measure", ["OR", "RR", "IRR", "Peto"])
def test_without_any_event_there_is_no_ratio(measure):
    data = ([0, 0], [10, 20], [0, 0], [12, 22])
    fit = peto(*data) if measure == "Peto" else mantel_haenszel(*data, measure=measure)
    assert np.isnan([fit.estimate, fit.se, fit.p_value, fit.ci_lb, fit.q]).all()
    assert fit.reason
    assert fit.k == 2


def test_differences_without_events_are_zero_without_standard_error():
    for measure in ("RD", "IRD"):
        fit = mantel_haenszel([0, 0], [10, 20], [0, 0], [12, 22], measure=measure)
        assert fit.estimate == 0.0
        assert np.isnan([fit.se, fit.p_value, fit.ci_lb, fit.ci_ub]).all()
        assert "standard error" in fit.reason


def test_no_events_in_one_arm():
    fit = mantel_haenszel([0, 0], [10, 20], [3, 4], [12, 22], measure="RR")
    assert np.isnan(fit.estimate)
    assert "infinite" in fit.reason
    fit = mantel_haenszel([3, 4], [10, 20], [0, 0], [12, 22], measure="OR")
    assert np.isnan(fit.estimate)
    assert "infinite" in fit.reason
    one_step = peto([0, 0], [10, 20], [3, 4], [12, 22])
    assert np.isfinite(one_step.estimate)
    assert one_step.estimate < 0


@pytest.mark.parametrize("run", [mantel_haenszel, peto])
def test_few_studies(run):
    with pytest.raises(StatsError, match="events_e is empty"):
        run([], [], [], [])
    absent = run([np.nan], [10], [1], [10])
    assert np.isnan(absent.estimate)
    assert absent.k == 0
    assert absent.reason == "no study with counts in both arms"
    assert np.isnan(absent.weights).all()
    one = run([3], [10], [6], [12])
    assert (one.q_pvalue, one.i2, one.h2) == (1.0, 0.0, 1.0)
    assert one.q == 0.0
    assert one.weights[0] == 100.0
    empty = run([0, 3], [0, 10], [1, 6], [10, 12])
    assert empty.estimate == run([3], [10], [6], [12]).estimate
    assert "with an empty arm: 1" in str(empty.note)


@pytest.mark.parametrize("measure", ["OR", "RR", "RD"])
def test_one_study_with_an_effect_has_no_heterogeneity(measure):
    # its effect is corrected for the zero cell, the pooled one is not: that is no heterogeneity
    fit = mantel_haenszel([0, 53], [12, 53], [0, 43], [20, 50], measure=measure)
    assert (fit.k, fit.k_yi) == (2, 1)
    if np.isfinite(fit.estimate):
        assert (fit.q, fit.q_df, fit.q_pvalue, fit.i2, fit.h2) == (0.0, 0, 1.0, 0.0, 1.0)
    assert np.isfinite(fit.estimate) == (measure != "OR")


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (([-1], [10], [1], [10]), {}, r"study 0: events_e=-1 is no count"),
        (([1.5], [10], [1], [10]), {}, r"study 0: events_e=1.5 is no count"),
        (([1, 11], [10, 10], [1, 1], [10, 10]), {}, r"study 1: events_e=11 lies outside 0..10"),
        (([1, 2], [10, 10, 9], [1, 1], [10, 10]), {}, "shapes do not fit"),
        ((["x"], [10], [1], [10]), {}, "not an array of numbers"),
        ((1, 10, 1, 10), {}, r"must be \(k,\) or \(k, n\)"),
        (([1], [10], [1], [10]), {"measure": "MD"}, "measure='MD' is unknown"),
        (([1], [10], [1], [10]), {"level": 95}, "level=95"),
        (([1], [10], [1], [10]), {"time_e": [4]}, "person-time is for IRR and IRD"),
        (([1],), {}, "n_e, events_c, n_c missing"),
        (([1], [0.0], [1], [10]), {"measure": "IRR"}, "study 0: time_e=0 is no person-time"),
        (([1], [5.0], [1], [np.inf]), {"measure": "IRD"}, "study 0: time_c=inf is no person"),
    ],
)
def test_bad_data_is_refused(data, options, message):
    with pytest.raises(StatsError, match=message):
        mantel_haenszel(*data, **options)


def test_peto_refuses_bad_data():
    with pytest.raises(StatsError, match=r"study \(1, 0\): events_c=3 lies outside 0..2"):
        peto([[1], [1]], [[2], [2]], [[1], [3]], [[2], [2]])
    with pytest.raises(StatsError, match="level=1"):
        peto([1], [2], [1], [2], level=1)
