"""Differences of paired proportions against R and against definitions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from evsyn.errors import StatsError
from evsyn.literals import PairedMethod, PairedTest, choices
from evsyn.stats import paired_interval, paired_test

ABSOLUTE = 1e-12  # limits are shares; Tango's root in R was asked for 1e-15
ROWS = json.loads(
    (Path(__file__).parents[1] / "reference" / "paired.json").read_text(encoding="utf-8")
)["rows"]
TESTS = {
    "mcnemar": "chisq_p",
    "mcnemar-cc": "cc_p",
    "mcnemar-exact": "exact_p",
    "mcnemar-mid-p": "mid_p",
}


def cells(rows):
    return [[row[name] for row in rows] for name in "abcd"]


@pytest.mark.parametrize("method", choices(PairedMethod))
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_intervals_against_reference(method, level):
    rows = [row for row in ROWS if row["level"] == level]
    assert len(rows) >= 8
    found = paired_interval(*cells(rows), method=method, level=level)
    expected = np.array([row["ci"][method.replace("-", "_")] for row in rows])
    np.testing.assert_allclose(found.estimate, [row["difference"] for row in rows], rtol=1e-15)
    np.testing.assert_allclose(found.ci_lb, expected[:, 0], rtol=0, atol=ABSOLUTE)
    np.testing.assert_allclose(found.ci_ub, expected[:, 1], rtol=0, atol=ABSOLUTE)
    assert (found.method, found.level) == (method, level)
    assert not any(found.reason)


@pytest.mark.parametrize("method", choices(PairedTest))
def test_tests_against_reference(method):
    found = paired_test(*cells(ROWS), method=method)
    for row, p_value, reason in zip(ROWS, found.p_value, found.reason, strict=True):
        expected = row["mcnemar"][TESTS[method]]
        if expected is None:
            assert np.isnan(p_value)
            assert reason == "no discordant pairs"
        else:
            assert p_value == pytest.approx(expected, rel=1e-12, abs=1e-16)
            assert reason == ""


@pytest.mark.parametrize(("method", "key"), [("mcnemar", "chisq"), ("mcnemar-cc", "cc_chisq")])
def test_statistics_against_reference(method, key):
    found = paired_test(*cells(ROWS), method=method)
    expected = [np.nan if row["mcnemar"][key] is None else row["mcnemar"][key] for row in ROWS]
    np.testing.assert_allclose(found.statistic, expected, rtol=1e-14)
    assert np.isnan(paired_test(1, 2, 3, 4).statistic)


def test_exact_and_mid_p_by_definition():
    for b in range(12):
        for c in range(12):
            n, least = b + c, min(b, c)
            exact = min(1.0, 2 * binom.cdf(least, n, 0.5))
            mid = exact - binom.pmf(least, n, 0.5) if b != c else 1 - binom.pmf(b, n, 0.5) / 2
            mid = mid if n else 1.0
            assert paired_test(3, b, c, 4).p_value == pytest.approx(exact, rel=1e-12)
            assert paired_test(3, b, c, 4, method="mcnemar-mid-p").p_value == pytest.approx(
                mid, rel=1e-12
            )


def test_tango_limits_are_where_the_constrained_score_is_z():
    # The constrained maximum by brute force over the one free share.
    table, z = (4, 9, 3, 16), 1.959963984540054
    found = paired_interval(*table)
    total = sum(table)
    for limit, sign in ((found.ci_lb, 1), (found.ci_ub, -1)):
        p01 = np.linspace(max(0, -limit), (1 - limit) / 2, 2_000_002)[1:-1]
        p10 = p01 + limit
        likelihood = (
            (table[0] + table[3]) * np.log1p(-p10 - p01)
            + table[1] * np.log(p10)
            + table[2] * np.log(p01)
        )
        best = int(np.argmax(likelihood))
        variance = total * (p10[best] + p01[best] - limit**2)
        score = (table[1] - table[2] - total * limit) / np.sqrt(variance)
        assert score == pytest.approx(sign * z, abs=1e-5)


@pytest.mark.parametrize("method", choices(PairedMethod))
def test_scalars_and_broadcasting(method):
    single = paired_interval(4, 9, 3, 16, method=method)
    assert isinstance(single.ci_lb, float)
    many = paired_interval(4, [[9], [2]], [3, 5], 16, method=method)
    assert many.estimate.shape == (2, 2)
    assert many.ci_lb[0, 0] == single.ci_lb
    assert many.ci_ub[0, 0] == single.ci_ub


@pytest.mark.parametrize("method", choices(PairedMethod))
def test_no_pairs_and_missing_counts(method):
    found = paired_interval([0, np.nan, 1], [0, 1, 1], 0, [0, 1, 1], method=method)
    np.testing.assert_array_equal(np.isnan(found.estimate), [True, True, False])
    np.testing.assert_array_equal(np.isnan(found.ci_lb), [True, True, False])
    assert list(found.reason) == ["no pairs", "a count is missing", ""]
    assert not found.corrected.any()


@pytest.mark.parametrize("method", choices(PairedTest))
def test_no_pairs_and_missing_counts_have_no_p(method):
    found = paired_test([0, np.nan], 0, 0, [0, 1], method=method)
    assert np.isnan(found.p_value).all()
    assert list(found.reason) == ["no pairs", "a count is missing"]


def test_extreme_tables_keep_to_the_range():
    assert paired_interval(0, 6, 0, 0).ci_ub == 1
    assert paired_interval(0, 0, 6, 0).ci_lb == -1
    assert paired_interval(0, 0, 6, 0).ci_ub < 0
    even = paired_interval(5, 0, 0, 5)
    assert even.ci_lb == -even.ci_ub < 0


def test_newcombe_phi_is_lowered_only_where_positive():
    # (5, 0, 0, 7): ad - bc = 35, lowered by 6; (0, 5, 5, 0): negative, kept at phi = -1.
    row = next(row for row in ROWS if (row["a"], row["d"], row["level"]) == (5, 7, 0.95))
    lowered = paired_interval(5, 0, 0, 7, method="newcombe")
    assert lowered.ci_ub == pytest.approx(0.14778788884650368, abs=1e-14)
    assert lowered.ci_ub > row["ci"]["newcombe_uncorrected_phi"][1]
    kept = paired_interval(0, 5, 5, 0, method="newcombe")
    assert kept.ci_ub == pytest.approx(0.5268138189748719, abs=1e-14)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: paired_interval(-1, 2, 3, 4), "study 0: both=-1 is no count"),
        (lambda: paired_interval(1, [2, 2.5], 3, 4), "study 1: only_e=2.5 is no count"),
        (lambda: paired_interval(1, 2, 3, 4, method="tang"), "method='tang' is unknown.*tango"),
        (lambda: paired_interval(1, 2, 3, 4, level=95), "level=95"),
        (lambda: paired_test(1, 2, [3, 4], [4, 5, 6]), "shapes do not fit"),
        (lambda: paired_test(1, 2, 3, 4, method="exact"), "method='exact' is unknown"),
    ],
)
def test_refuses(call, words):
    with pytest.raises(StatsError, match=words):
        call()
