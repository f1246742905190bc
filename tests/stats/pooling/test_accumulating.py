"""Cumulative meta-analysis against a loop of pools."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling import leaving
from evsyn.stats.pooling.accumulating import cumulative
from evsyn.stats.pooling.leaving import leave_one_out
from evsyn.stats.pooling.pool import pool

YEARS = np.array([1999, 1980, 2001, 1980, 1975, 2010, 1990, 1991])


def synthetic(k=8):
    rng = np.random.default_rng(9)
    vi = rng.uniform(0.02, 0.5, k)
    return rng.normal(size=k) * np.sqrt(vi + 0.2), vi


@pytest.mark.parametrize("method", ["EE", "DL", "REML"])
def test_each_row_pools_one_study_more(method):
    yi, vi = synthetic()
    found = cumulative(yi, vi, order=YEARS, method=method)
    assert found.order.tolist() == [4, 1, 3, 6, 7, 0, 2, 5]  # the two of 1980 as they stand
    assert found.k.tolist() == list(range(1, 9))
    for at in range(8):
        first = found.order[: at + 1]
        one = pool(yi[first], vi[first], method=method, test="z")
        for name in ("estimate", "se", "ci_lb", "p_value", "tau2", "i2", "h2", "q", "q_pvalue"):
            np.testing.assert_allclose(
                getattr(found, name)[at], getattr(one, name), rtol=1e-9, err_msg=name
            )


def test_without_order_studies_stand_as_given():
    yi, vi = synthetic()
    found = cumulative(yi, vi)
    assert found.order.tolist() == list(range(8))
    assert found.estimate[0] == yi[0]
    assert found.tau2[0] == 0.0


def test_last_row_does_not_depend_on_order():
    yi, vi = synthetic()
    ends = [cumulative(yi, vi, order=order).estimate[-1] for order in (None, YEARS, -YEARS)]
    np.testing.assert_allclose(ends, ends[0], rtol=1e-10)


def test_absent_study_adds_nothing():
    yi, vi = synthetic()
    yi[2] = np.nan
    found = cumulative(yi, vi)
    assert np.isnan(found.estimate[2])
    assert found.reason[2] == "the study has no effect size or no variance"
    assert found.k[3] == 3


@pytest.mark.parametrize(
    ("order", "words"),
    [([1.0, 2.0], r"give \(8,\)"), ([1.0] * 7 + [np.nan], "study 7: order is missing")],
)
def test_bad_order_is_refused(order, words):
    with pytest.raises(StatsError, match=words):
        cumulative(*synthetic(), order=order)


def test_no_study_at_all():
    found = cumulative([np.nan, 0.1], [0.1, np.nan])
    assert np.isnan(found.estimate).all()
    with pytest.raises(StatsError, match="empty"):
        cumulative([], [])


def test_very_many_studies_are_added_in_parts(monkeypatch):
    rng = np.random.default_rng(4)
    vi = rng.uniform(0.05, 0.5, 11)
    yi = rng.normal(0, np.sqrt(vi + 0.3))
    whole = cumulative(yi, vi)
    monkeypatch.setattr(leaving, "AT_ONCE", 30)
    parts = cumulative(yi, vi)
    for name in ("estimate", "se", "tau2", "q", "i2"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-11)


def test_memory_does_not_grow_with_the_square_of_the_studies(monkeypatch):
    k = 1500
    rng = np.random.default_rng(5)
    vi = rng.uniform(0.05, 0.5, k)
    yi = rng.normal(0, np.sqrt(vi))
    monkeypatch.setattr(leaving, "AT_ONCE", 20 * k)
    for call in (cumulative, leave_one_out):
        call(yi[:9], vi[:9], method="DL")  # what is imported with a first call is no matter here
    tracemalloc.start()
    for call in (cumulative, leave_one_out):
        tracemalloc.reset_peak()
        call(yi, vi, method="DL")
        assert tracemalloc.get_traced_memory()[1] < 8 * k * k / 2
    tracemalloc.stop()
