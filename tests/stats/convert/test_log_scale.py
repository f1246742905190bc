"""Means between the raw and the logarithmic scale."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evsyn.errors import StatsError
from evsyn.stats.convert.log_scale import log_moments, raw_moments


def test_moments_of_the_log_normal_distribution():
    dist = stats.lognorm(0.6, scale=np.exp(1.4))
    raw = raw_moments(1.4, 0.6)
    np.testing.assert_allclose([raw.mean, raw.sd], [dist.mean(), dist.std()], rtol=1e-13)
    log = log_moments(dist.mean(), dist.std())
    np.testing.assert_allclose([log.mean, log.sd], [1.4, 0.6], rtol=1e-12)


@given(st.floats(-30, 30), st.floats(1e-6, 4))
def test_there_and_back(mean, sd):
    raw = raw_moments(mean, sd)
    back = log_moments(raw.mean, raw.sd)
    np.testing.assert_allclose([back.mean, back.sd], [mean, sd], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("scale", [1e-15, 1e15])
def test_unit_shifts_the_logarithms(scale):
    log = log_moments(10 * scale, 8 * scale)
    assert log.sd == pytest.approx(log_moments(10, 8).sd, rel=1e-14)
    assert log.mean == pytest.approx(log_moments(10, 8).mean + np.log(scale), rel=1e-14)


def test_edges():
    assert log_moments(5.0, 0.0).mean == pytest.approx(np.log(5), rel=1e-15)
    assert log_moments([1.0, np.nan], 1.0).reason[1] == "the mean or the spread is missing"
    endless = raw_moments(0.0, 60.0)
    assert np.isnan(endless.mean)
    assert endless.reason == "too large a number"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: log_moments([1, 0], 1), "study 1: mean=0 is not above 0"),
        (lambda: log_moments(1, -1), "sd=-1 is negative"),
        (lambda: raw_moments(1, -1), "sd=-1 is negative"),
        (lambda: raw_moments("one", 1), "mean='one'"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
