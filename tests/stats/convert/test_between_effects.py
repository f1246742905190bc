"""From one effect size to another and back.

The examples of Borenstein et al. are quoted; the book was not read again.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.stats.convert.between_effects import d_to_log_or, d_to_r, log_or_to_d, r_to_d


def test_examples_of_borenstein_2009():
    # Introduction to Meta-Analysis, chapter 7: log odds ratio 0.9069 with variance 0.0676 is
    # d = 0.5000 with variance 0.0205; r = 0.50 with variance 0.0058 is d = 1.1547 with 0.0550.
    found = log_or_to_d(0.9069, 0.0676)
    assert (round(float(found.yi), 4), round(float(found.vi), 4)) == (0.5, 0.0205)
    found = r_to_d(0.5, 0.0058)
    assert (round(float(found.yi), 4), round(float(found.vi), 4)) == (1.1547, 0.0550)
    # d = 1.1547 with variance 0.0550 back to r, 0.5000 and 0.0058.
    found = d_to_r(1.1547, 0.0550)
    assert (round(float(found.yi), 4), round(float(found.vi), 4)) == (0.5, 0.0058)


def test_factors():
    assert d_to_log_or(1.0, 1.0).yi == pytest.approx(1.8138, abs=5e-5)  # Chinn 2000: 1.81
    assert d_to_log_or(1.0, 1.0, factor="cox").yi == 1.65
    assert (d_to_log_or(1.0, 1.0).measure, log_or_to_d(1.0, 1.0).measure) == ("OR", "SMD")


@given(
    st.floats(-20, 20),
    st.floats(1e-12, 1e6),
    st.integers(1, 10_000),
    st.integers(1, 10_000),
    st.sampled_from(["logistic", "cox"]),
)
def test_there_and_back(d, v, n_e, n_c, factor):
    log_or = d_to_log_or(d, v, factor=factor)
    back = log_or_to_d(log_or.yi, log_or.vi, factor=factor)
    np.testing.assert_allclose([back.yi, back.vi], [d, v], rtol=1e-12, atol=1e-300)
    r = d_to_r(d, v, n_e, n_c)
    assert -1 < r.yi < 1
    back = r_to_d(r.yi, r.vi, n_e, n_c)
    np.testing.assert_allclose([back.yi, back.vi], [d, v], rtol=1e-8, atol=1e-300)


def test_variance_is_the_delta_method():
    d, h = np.array([-1.2, 0.3, 2.0]), 1e-6
    slope = (d_to_r(d + h, 0.0, 30, 10).yi - d_to_r(d - h, 0.0, 30, 10).yi) / (2 * h)
    np.testing.assert_allclose(d_to_r(d, 1.0, 30, 10).vi, slope**2, rtol=1e-8)


def test_arms_not_known_are_taken_as_equal():
    assert d_to_r(0.5, 0.02).yi == d_to_r(0.5, 0.02, 17, 17).yi
    assert d_to_r(0.5, 0.02).yi != d_to_r(0.5, 0.02, 30, 4).yi


def test_undefined_is_said():
    found = r_to_d([1.0, np.nan, 0.2], [0.1, 0.1, 0.1])
    assert np.isnan(found.yi[:2]).all()
    assert "no spread within" in found.reason[0]
    assert "missing" in found.reason[1]
    assert found.reason[2] == ""
    assert d_to_log_or(np.nan, 1.0).reason == "the effect or its variance is missing"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: d_to_log_or([0.1, 0.2], [0.1, -0.1]), "study 1: vi=-0.1 is negative"),
        (lambda: d_to_log_or(0.1, 0.1, factor="probit"), "factor='probit' is unknown"),
        (lambda: r_to_d(1.1, 0.1), "yi=1.1 lies outside -1..1"),
        (lambda: d_to_r(0.1, 0.1, 0, 5), "n_e=0; give 1 or more"),
        (lambda: d_to_r(0.1, 0.1, 5.5, 5), "n_e=5.5 is no count"),
        (lambda: log_or_to_d(np.inf, 0.1), "yi=inf is not finite"),
        (lambda: log_or_to_d("x", 0.1), "yi='x'"),
    ],
)
def test_faults(call, message):
    with pytest.raises(StatsError, match=message):
        call()
