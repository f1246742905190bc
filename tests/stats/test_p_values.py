"""Combining p-values, against R and exact arithmetic."""

from __future__ import annotations

import json
from fractions import Fraction
from math import comb, factorial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.literals import PMethod, choices
from evsyn.stats.p_values import combine_p

R = json.loads(
    (Path(__file__).parents[1] / "reference" / "r_convert.json").read_text(encoding="utf-8")
)["p_values"]
CLOSED = 1e-11  # relative
PLAIN = [m for m in choices(PMethod) if m not in ("wilkinson", "inverse-chi-square")]


@pytest.mark.parametrize("name", list(R))
@pytest.mark.parametrize("method", PLAIN)
def test_against_r(name, method):
    row = R[name]
    # R's alternating sum for Edgington loses digits to cancellation at 19 p-values.
    rtol = 1e-8 if method == "edgington" else CLOSED
    np.testing.assert_allclose(combine_p(row["p"], method=method).p_value, row[method], rtol=rtol)


@pytest.mark.parametrize("name", list(R))
def test_options_against_r(name):
    row = R[name]
    k = len(row["p"])
    weighted = combine_p(row["p"], method="stouffer", weights=np.arange(1, k + 1))
    np.testing.assert_allclose(weighted.p_value, row["stouffer_weighted"], rtol=CLOSED)
    chi = combine_p(row["p"], method="inverse-chi-square", df=np.arange(1, k + 1))
    np.testing.assert_allclose(chi.p_value, row["inverse-chi-square"], rtol=CLOSED)
    assert chi.df == k * (k + 1) / 2
    for rank in range(1, k + 1):
        found = combine_p(row["p"], method="wilkinson", rank=rank)
        np.testing.assert_allclose(found.p_value, row["wilkinson"][rank - 1], rtol=CLOSED)


@given(st.lists(st.integers(0, 64), min_size=1, max_size=25))
def test_edgington_is_exact(eighths):
    p = [Fraction(x, 64) for x in eighths]
    k, total = len(p), sum(p)
    terms = ((-1) ** j * comb(k, j) * (total - j) ** k for j in range(k + 1) if j <= total)
    exact = float(sum(terms) / factorial(k))
    found = combine_p([float(x) for x in p], method="edgington").p_value
    np.testing.assert_allclose(found, exact, rtol=1e-12, atol=1e-15 if exact > 0.5 else 0)


def test_edgington_keeps_small_tails_and_many_studies():
    k = 150
    found = combine_p(np.full(k, 1 / k), method="edgington")
    exact = float(Fraction(1, factorial(k)))
    assert found.p_value == pytest.approx(exact, rel=1e-11)
    assert combine_p(np.full(301, 0.5), method="edgington").p_value == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("method", PLAIN)
@given(st.lists(st.floats(1e-6, 1 - 1e-6), min_size=1, max_size=8), st.randoms())
def test_order_does_not_matter_and_smaller_p_lower_the_result(method, p, random):
    base = combine_p(p, method=method).p_value
    assert 0 <= base <= 1
    mixed = p[:]
    random.shuffle(mixed)
    np.testing.assert_allclose(combine_p(mixed, method=method).p_value, base, rtol=1e-9)
    smaller = combine_p([x / 2 for x in p], method=method).p_value
    assert smaller <= base * (1 + 1e-12) or base < 1e-12


@pytest.mark.parametrize("method", PLAIN)
def test_one_p_value_is_itself(method):
    # Logit and mean-p are approximations, the latter a poor one of a single uniform variable.
    tolerance = {"logit": 0.02, "mean-p": 0.06}.get(method, 1e-12)
    assert combine_p([0.2], method=method).p_value == pytest.approx(0.2, abs=tolerance)


@pytest.mark.parametrize("method", PLAIN)
def test_columns_are_combined_alone(method):
    table = np.array([[0.1, 0.4, np.nan], [0.2, np.nan, np.nan], [0.9, 0.05, np.nan]])
    found = combine_p(table, method=method)
    assert found.p_value.shape == (3,)
    np.testing.assert_array_equal(found.k, [3, 2, 0])
    assert found.p_value[0] == combine_p(table[:, 0], method=method).p_value
    assert found.p_value[1] == combine_p([0.4, 0.05], method=method).p_value
    assert np.isnan(found.p_value[2])
    assert list(found.reason) == ["", "", "no p-values"]


def test_uniform_p_values_give_uniform_results():
    # Synthetic: 20,000 sets of six uniform p-values, seed 5.
    p = np.random.default_rng(5).uniform(size=(6, 20000))
    for method in PLAIN:
        found = combine_p(p, method=method).p_value
        for level in (0.05, 0.5, 0.9):
            assert (found < level).mean() == pytest.approx(level, abs=0.012)


def test_zero_and_one():
    for method in ("fisher", "stouffer", "logit", "tippett"):
        assert combine_p([0.0, 0.5], method=method).p_value == 0
    for method in ("fisher", "stouffer", "pearson", "maximum", "edgington"):
        assert combine_p([1.0, 1.0], method=method).p_value == 1
    for method in ("stouffer", "logit"):
        clash = combine_p([0.0, 1.0], method=method)
        assert np.isnan(clash.p_value)
        assert clash.reason == "a p of 0 and a p of 1 cannot be set off against each other"
    assert combine_p([0.0, 1.0]).p_value == 0
    assert combine_p([0.0, 1.0], method="edgington").p_value == 0.5


def test_directions_turn_two_sided_into_one_sided():
    found = combine_p([0.1, 0.1, np.nan], directions=[1, -1, 1])
    assert found.p_value == combine_p([0.05, 0.95]).p_value
    both = combine_p([[0.1, 0.2], [0.1, 0.4]], directions=[1, -1])
    assert both.p_value[1] == combine_p([0.1, 0.8]).p_value


def test_absent_and_weightless():
    assert combine_p([np.nan]).reason == "no p-values"
    assert np.isnan(combine_p([np.nan]).p_value)
    found = combine_p([0.1, 0.2], method="stouffer", weights=[0, 0])
    assert np.isnan(found.p_value)
    assert found.reason == "all weights are 0"
    one = combine_p([0.1, 0.0], method="stouffer", weights=[1, 0])
    assert one.p_value == pytest.approx(0.1, rel=1e-14)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: combine_p([0.1, 1.2]), r"study 1: p=1\.2 lies outside 0\.\.1"),
        (lambda: combine_p([[0.1], [-0.2]]), r"study \(1, 0\): p=-0\.2 lies outside"),
        (lambda: combine_p(0.1), "give \\(k,\\) or \\(k, n\\)"),
        (lambda: combine_p([0.1], method="liptak"), "method='liptak' is unknown"),
        (lambda: combine_p([0.1], weights=[1]), "weights belong to stouffer, not to fisher"),
        (lambda: combine_p([0.1], df=[1]), "df belong to inverse-chi-square"),
        (lambda: combine_p([0.1], method="inverse-chi-square"), "df is missing"),
        (lambda: combine_p([0.1], method="inverse-chi-square", df=[0]), "df=0 is not above 0"),
        (lambda: combine_p([0.1], method="stouffer", weights=[-1]), "weights=-1 is negative"),
        (lambda: combine_p([0.1], method="wilkinson"), "rank is missing"),
        (lambda: combine_p([0.1], method="wilkinson", rank=2), r"rank=2 lies outside 1\.\.1"),
        (lambda: combine_p([0.1], rank=1), "rank=1 belongs to wilkinson"),
        (lambda: combine_p([0.1, 0.2], directions=[1, 0]), "study 1: directions=0; give 1 or -1"),
        (lambda: combine_p([0.1], directions=[1, 1]), "give one each"),
        (lambda: combine_p([0.1, 0.2], directions=[1, 1, 1]), "shapes do not fit"),
        (lambda: combine_p(["a"]), "is not an array of numbers"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
