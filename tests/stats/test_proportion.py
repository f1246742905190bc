"""Intervals of one proportion, against R and against definitions."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom

from evsyn.errors import StatsError
from evsyn.literals import OneArmMethod, choices
from evsyn.stats.proportion import proportion_interval, wilson_limits

# Closed forms and quantiles agree to rounding; mid-P limits were found by iteration in R too.
CLOSED, ITERATED = 1e-8, 1e-7

DOCUMENT = json.loads(
    (Path(__file__).parents[1] / "reference" / "proportions.json").read_text(encoding="utf-8")
)
ROWS = DOCUMENT["rows"]
IN_R = {method: method.replace("-", "_") for method in choices(OneArmMethod) if method != "blaker"}


@pytest.mark.parametrize("method", IN_R)
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_every_row_of_the_reference(method, level):
    rows = [row for row in ROWS if row["level"] == level]
    assert len(rows) == 28
    found = proportion_interval(
        [row["x"] for row in rows], [row["n"] for row in rows], method=method, level=level
    )
    expected = np.array([row[IN_R[method]] for row in rows])
    tolerance = ITERATED if method == "mid-p" else CLOSED
    np.testing.assert_allclose(found.estimate, [row["estimate"] for row in rows], rtol=CLOSED)
    np.testing.assert_allclose(found.ci_lb, expected[:, 0], rtol=tolerance, atol=1e-15)
    np.testing.assert_allclose(found.ci_ub, expected[:, 1], rtol=tolerance, atol=1e-15)
    assert (found.method, found.level) == (method, level)
    assert not any(found.reason)
    assert not found.corrected.any()


def acceptability(p, x, n):
    """Blaker's function by its definition: the outcomes whose smaller tail is no larger."""
    outcome = np.arange(n + 1)[:, None]
    tail = np.minimum(binom.cdf(outcome, n, p), binom.sf(outcome - 1, n, p))
    return np.where(tail <= tail[x] * (1 + 1e-9), binom.pmf(outcome, n, p), 0.0).sum(axis=0)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.95, 0.99])
@pytest.mark.parametrize("n", [1, 2, 5, 10, 23])
def test_blaker_is_the_hull_of_what_its_definition_accepts(n, level):
    grid = np.linspace(0.0, 1.0, 1001)
    for x in range(n + 1):
        accepted = grid[acceptability(grid, x, n) >= 1 - level]
        found = proportion_interval(x, n, method="blaker", level=level)
        assert found.ci_lb <= accepted.min() + 1e-12
        assert found.ci_ub >= accepted.max() - 1e-12
        assert found.ci_lb > accepted.min() - 0.001 - 1e-12 or x == 0
        assert found.ci_ub < accepted.max() + 0.001 + 1e-12 or x == n


def test_blaker_limits_at_a_jump_and_at_a_crossing():
    # 5/5: acceptability of p jumps past 0.05 at p = 0.5, where no event is as likely as all.
    assert proportion_interval(5, 5, method="blaker").ci_lb == pytest.approx(0.5, rel=1e-12)
    # 3/10: a crossing, where both tails together are 0.05.
    lower = proportion_interval(3, 10, method="blaker").ci_lb
    assert acceptability(np.array([lower]), 3, 10)[0] == pytest.approx(0.05, rel=1e-9)


def test_blaker_lies_within_clopper_pearson():
    n = 40
    x = np.arange(n + 1)
    inner = proportion_interval(x, n, method="blaker")
    outer = proportion_interval(x, n, method="clopper-pearson")
    assert (inner.ci_lb >= outer.ci_lb).all()
    assert (inner.ci_ub <= outer.ci_ub).all()
    assert (inner.ci_ub - inner.ci_lb < outer.ci_ub - outer.ci_lb - 1e-6)[1:-1].all()


@pytest.mark.parametrize("method", choices(OneArmMethod))
def test_no_events_and_only_events_have_exact_ends(method):
    found = proportion_interval([0, 12], 12, method=method)
    if method not in ("agresti-coull",):
        assert found.ci_lb[0] == 0.0
        assert found.ci_ub[1] == 1.0
    assert found.ci_ub[0] == pytest.approx(1 - found.ci_lb[1], rel=1e-12)


def test_wald_and_agresti_coull_are_not_cut():
    assert proportion_interval(1, 10, method="wald").ci_lb < 0
    assert proportion_interval(9, 10, method="wald").ci_ub > 1
    assert proportion_interval(0, 10, method="agresti-coull").ci_lb < 0


def test_wilson_is_where_the_score_test_is_at_its_limit():
    lower, upper = wilson_limits(np.array([7.0]), np.array([16.0]), 0.95)
    for limit in (lower, upper):
        z = (7 / 16 - limit) / np.sqrt(limit * (1 - limit) / 16)
        assert abs(float(z[0])) == pytest.approx(1.959963984540054, rel=1e-12)


def test_small_limits_keep_their_digits():
    # 1 of ten million: lower Wilson limit from the quadratic in exact form, x²/n over the upper.
    found = proportion_interval(1, 10_000_000)
    z2 = 1.959963984540054**2
    product = 1 / 1e7 / (1e7 + z2)
    assert found.ci_lb == pytest.approx(product / found.ci_ub, rel=1e-9)
    assert 0 < found.ci_lb < 1e-7 < found.ci_ub


def test_nobody_analysed_and_missing_counts_say_why():
    found = proportion_interval([0, np.nan, 3, 3], [0, 5, np.nan, 5])
    np.testing.assert_array_equal(np.isnan(found.estimate), [True, True, True, False])
    np.testing.assert_array_equal(np.isnan(found.ci_lb), [True, True, True, False])
    np.testing.assert_array_equal(np.isnan(found.ci_ub), [True, True, True, False])
    assert list(found.reason) == ["no participants", *["a count is missing"] * 2, ""]


def test_scalars_give_numbers_and_arrays_keep_their_shape():
    scalar = proportion_interval(7, 16)
    assert isinstance(scalar.estimate, float)
    assert scalar.reason == ""
    assert (scalar.method, scalar.level) == ("wilson", 0.95)
    grid = proportion_interval([[1], [2]], [4, 8, 16])
    assert grid.ci_lb.shape == (2, 3)
    assert grid.estimate[1, 2] == 0.125


@pytest.mark.parametrize("method", choices(OneArmMethod))
def test_arrays_equal_scalars(method):
    events, n = np.array([0, 1, 7, 16, 50]), np.array([3, 29, 16, 16, 400])
    found = proportion_interval(events, n, method=method, level=0.9)
    for at, (x, size) in enumerate(zip(events, n, strict=True)):
        one = proportion_interval(int(x), int(size), method=method, level=0.9)
        assert one.ci_lb == pytest.approx(found.ci_lb[at], rel=1e-13, abs=1e-16)
        assert one.ci_ub == pytest.approx(found.ci_ub[at], rel=1e-13)


def test_faults_of_the_arguments():
    with pytest.raises(StatsError, match=r"^study 0: events=5 lies outside 0\.\.4"):
        proportion_interval(5, 4)
    with pytest.raises(StatsError, match="method='exact' is unknown; use one of wald, wilson"):
        proportion_interval(1, 4, method="exact")
    with pytest.raises(StatsError, match=r"95 % is level=0\.95"):
        proportion_interval(1, 4, level=95)


def test_large_samples_stay_finite():
    for method in choices(OneArmMethod):
        found = proportion_interval(505, 88391, method=method)
        assert math.isfinite(found.ci_lb)
        assert 0.0052 < found.ci_lb < 505 / 88391 < found.ci_ub < 0.0063


@pytest.mark.parametrize("method", choices(OneArmMethod))
def test_nothing_is_made_up_where_nobody_was_counted(method):
    found = proportion_interval([0, np.nan, 3], [0, 5, np.nan], method=method)
    for values in (found.estimate, found.ci_lb, found.ci_ub):
        assert np.isnan(values).all()
    assert list(found.reason) == ["no participants", "a count is missing", "a count is missing"]
