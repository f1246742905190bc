"""Leave-one-out against a loop of pools."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.pooling import leaving
from evsyn.stats.pooling.leaving import leave_one_out
from evsyn.stats.pooling.pool import pool

NAMES = ("estimate", "se", "statistic", "p_value", "ci_lb", "ci_ub", "tau2", "i2", "h2")
NAMES += ("q", "q_pvalue", "k")


def synthetic(k=12):
    rng = np.random.default_rng(3)
    vi = rng.uniform(0.02, 0.5, k)
    return rng.normal(size=k) * np.sqrt(vi + 0.2), vi


@pytest.mark.parametrize("method", ["EE", "DL", "PM", "ML", "REML"])
@pytest.mark.parametrize("test", ["z", "knha", "adhoc"])
def test_each_row_is_the_pool_of_the_others(method, test):
    yi, vi = synthetic()
    found = leave_one_out(yi, vi, method=method, test=test, level=0.9)
    for at in range(yi.size):
        one = pool(np.delete(yi, at), np.delete(vi, at), method=method, test=test, level=0.9)
        for name in NAMES:
            np.testing.assert_allclose(
                getattr(found, name)[at], getattr(one, name), rtol=1e-9, err_msg=name
            )
    assert found.order.tolist() == list(range(12))
    assert found.converged.all()


def test_absent_study_has_a_row_without_numbers():
    yi, vi = synthetic()
    yi[4] = np.nan
    found = leave_one_out(yi, vi)
    rest = leave_one_out(np.delete(yi, 4), np.delete(vi, 4))
    np.testing.assert_allclose(np.delete(found.estimate, 4), rest.estimate, rtol=1e-12)
    assert np.isnan(found.estimate[4])
    assert found.reason[4] == "the study has no effect size or no variance"


def test_one_study_leaves_nothing():
    found = leave_one_out([0.3], [0.1])
    assert found.k.tolist() == [0]
    assert np.isnan(found.estimate[0])
    assert found.reason[0]


def test_no_study_at_all():
    found = leave_one_out([np.nan, 0.1], [0.1, np.nan])
    assert np.isnan(found.estimate).all()
    assert found.k.tolist() == [0, 0]
    assert found.reason.tolist() == ["the study has no effect size or no variance"] * 2


@pytest.mark.parametrize("size", [1e-15, 1e15])
def test_scale_carries_over(size):
    yi, vi = synthetic()
    plain, found = leave_one_out(yi, vi), leave_one_out(yi * size, vi * size**2)
    np.testing.assert_allclose(found.estimate, plain.estimate * size, rtol=1e-10)
    np.testing.assert_allclose(found.tau2, plain.tau2 * size**2, rtol=1e-9)
    np.testing.assert_allclose(found.p_value, plain.p_value, rtol=1e-9)


def test_bad_input_is_refused():
    with pytest.raises(StatsError, match=r"yi has the shape \(2, 2\)"):
        leave_one_out(np.zeros((2, 2)), np.ones((2, 2)))
    with pytest.raises(StatsError, match="shape"):
        leave_one_out([0.1, 0.2], [0.1])
    with pytest.raises(StatsError, match="empty"):
        leave_one_out([], [])
    with pytest.raises(StatsError, match="vi=-1"):
        leave_one_out([0.1, 0.2], [0.1, -1.0])
    with pytest.raises(StatsError, match="method"):
        leave_one_out([0.1, 0.2], [0.1, 1.0], method="none")


def test_very_many_studies_are_left_out_in_parts(monkeypatch):
    rng = np.random.default_rng(4)
    vi = rng.uniform(0.05, 0.5, 11)
    yi = rng.normal(0, np.sqrt(vi + 0.3))
    whole = leave_one_out(yi, vi)
    monkeypatch.setattr(leaving, "AT_ONCE", 30)
    parts = leave_one_out(yi, vi)
    for name in ("estimate", "se", "tau2", "q", "q_pvalue", "i2"):
        np.testing.assert_allclose(getattr(parts, name), getattr(whole, name), rtol=1e-11)
    assert parts.reason.tolist() == [""] * 11
