"""What must hold for every set of effect sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from evsyn.stats import effect_sizes, pool, tau2_interval

METHODS = ("EE", "DL", "HE", "HS", "SJ", "PM", "ML", "REML", "EB")


@st.composite
def studies(draw, least=2):
    k = draw(st.integers(least, 12))
    yi = draw(st.lists(st.floats(-5, 5), min_size=k, max_size=k))
    vi = draw(st.lists(st.floats(0.01, 4), min_size=k, max_size=k))
    yi = np.round(np.array(yi), 6)
    assume(np.ptp(yi) > 1e-3)
    return yi, np.array(vi)


@pytest.mark.parametrize("method", METHODS)
@given(data=studies(), shift=st.floats(-10, 10), factor=st.floats(0.01, 100))
def test_shift_and_scale(method, data, shift, factor):
    yi, vi = data
    found = pool(yi, vi, method=method)
    moved = pool(factor * yi + shift, factor**2 * vi, method=method)
    scale = factor * (1 + np.abs(yi).max()) + abs(shift)
    assert moved.estimate == pytest.approx(factor * found.estimate + shift, abs=1e-7 * scale)
    assert moved.se == pytest.approx(factor * found.se, rel=1e-6, abs=1e-9 * scale)
    assert moved.tau2 == pytest.approx(factor**2 * found.tau2, rel=1e-5, abs=1e-9 * scale**2)


@pytest.mark.parametrize("method", METHODS)
@given(data=studies(), seed=st.integers(0, 999))
def test_order_does_not_matter(method, data, seed):
    yi, vi = data
    order = np.random.default_rng(seed).permutation(yi.size)
    found, moved = pool(yi, vi, method=method), pool(yi[order], vi[order], method=method)
    for name in ("estimate", "se", "tau2", "q", "ci_lb"):
        assert getattr(moved, name) == pytest.approx(getattr(found, name), rel=1e-8, abs=1e-10)
    np.testing.assert_allclose(moved.weights, found.weights[order], rtol=1e-8)


@pytest.mark.parametrize("method", METHODS)
@given(data=studies())
def test_signs_flip(method, data):
    yi, vi = data
    found, flipped = pool(yi, vi, method=method), pool(-yi, vi, method=method)
    assert flipped.estimate == pytest.approx(-found.estimate, rel=1e-10, abs=1e-12)
    assert flipped.ci_lb == pytest.approx(-found.ci_ub, rel=1e-10, abs=1e-12)
    assert flipped.pi_lb == pytest.approx(-found.pi_ub, rel=1e-10, abs=1e-12, nan_ok=True)


@pytest.mark.parametrize("method", METHODS)
@given(data=studies())
def test_an_absent_study_changes_nothing(method, data):
    yi, vi = data
    found = pool(yi, vi, method=method)
    more = pool(np.append(yi, np.nan), np.append(vi, 1.0), method=method)
    assert more.estimate == pytest.approx(found.estimate, rel=1e-9, abs=1e-10)
    assert more.k == found.k == yi.size
    assert np.isnan(more.weights[-1])


@pytest.mark.parametrize("method", METHODS)
@given(data=studies())
def test_the_mean_lies_among_the_effects(method, data):
    yi, vi = data
    found = pool(yi, vi, method=method, test="z")
    assert yi.min() - 1e-9 <= found.estimate <= yi.max() + 1e-9
    assert found.weights.sum() == pytest.approx(100)
    assert found.tau2 >= 0
    assert 0 <= found.i2 <= 100
    if method != "EE":
        assert found.pi_lb <= found.ci_lb
        assert found.pi_ub >= found.ci_ub


@given(data=studies())
def test_adhoc_is_never_narrower_than_z_variance_or_knha(data):
    yi, vi = data
    z, knha, adhoc = (pool(yi, vi, test=test) for test in ("z", "knha", "adhoc"))
    assert adhoc.se >= z.se * (1 - 1e-12)
    assert adhoc.se >= knha.se * (1 - 1e-12)
    assert adhoc.estimate == knha.estimate == z.estimate


@given(data=studies())
def test_reml_is_the_highest_point_of_its_likelihood(data):
    yi, vi = (column[:, None] for column in data)
    found = pool(*data)
    w = 1 / (vi + np.concatenate([[0.0], np.geomspace(1e-6, 200, 400), [found.tau2]]))
    mean = (w * yi).sum(axis=0) / w.sum(axis=0)
    heights = np.log(w).sum(axis=0) - np.log(w.sum(axis=0)) - (w * (yi - mean) ** 2).sum(axis=0)
    assert found.converged
    assert heights[-1] >= heights.max() - 1e-8


@given(data=studies())
def test_the_interval_of_tau2_is_ordered_and_its_shares_follow(data):
    found = tau2_interval(*data)
    assert 0 <= found.tau2_lb <= found.tau2_ub
    assert 0 <= found.i2_lb <= found.i2_ub < 100
    for tau2, i2, h2 in (
        (found.tau2_lb, found.i2_lb, found.h2_lb),
        (found.tau2_ub, found.i2_ub, found.h2_ub),
    ):
        assert h2 >= 1
        assert i2 == pytest.approx(100 * (1 - 1 / h2), abs=1e-9)
        assert (tau2 == 0) == (i2 == 0)


COUNTS = st.tuples(st.integers(0, 40), st.integers(1, 60), st.integers(0, 40), st.integers(1, 60))


@pytest.mark.parametrize("measure", ["RR", "OR", "RD"])
@given(counts=COUNTS)
def test_swapping_arms_flips_effect_sizes(measure, counts):
    a, more, c, other = counts
    found = effect_sizes(measure, events_e=a, n_e=a + more, events_c=c, n_c=c + other)
    swapped = effect_sizes(measure, events_e=c, n_e=c + other, events_c=a, n_c=a + more)
    assert swapped.yi == pytest.approx(-found.yi, rel=1e-12, abs=1e-14)
    assert swapped.vi == pytest.approx(found.vi, rel=1e-12)


@given(counts=COUNTS)
def test_odds_ratios_flip_with_the_event(counts):
    a, b, c, d = counts
    found = effect_sizes("OR", events_e=a, n_e=a + b, events_c=c, n_c=c + d)
    others = effect_sizes("OR", events_e=b, n_e=a + b, events_c=d, n_c=c + d)
    assert others.yi == pytest.approx(-found.yi, rel=1e-12, abs=1e-14)
    assert others.vi == pytest.approx(found.vi, rel=1e-12)
