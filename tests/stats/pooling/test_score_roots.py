"""Roots of the score, found from below and kept inside their intervals."""

import numpy as np
import pytest

from evsyn.stats.pooling._design import contrasts_of, orthonormal
from evsyn.stats.pooling._lines import Lines, lines_of
from evsyn.stats.pooling._score_roots import cut_point, place_at, refined, some_places
from evsyn.stats.pooling.regression import meta_regression


def synthetic(n, p):
    rng = np.random.default_rng(n)
    design = np.concatenate([np.ones((9, 1, n)), rng.normal(size=(9, p - 1, n))], axis=1)
    v = np.exp(rng.normal(size=(9, n)))
    y = rng.normal(size=(9, n)) * np.sqrt(v + 4.0)
    return contrasts_of(y, v, orthonormal(design, np.ones((9, n), dtype=bool)).z)


@pytest.mark.parametrize("full", [False, True])
def test_a_line_has_the_same_places_by_sums_and_by_matrices(full):
    data = synthetic(30, 2)
    lines = lines_of(data)
    assert isinstance(lines, Lines)
    x = np.linspace(0.0, 2.0, 30)
    one, other = place_at(lines, x, full=full), place_at(data, x, full=full)
    for got, expected in zip(one, other, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("p", [2, 3])
def test_the_score_changes_its_sign_at_the_root(p):
    data = synthetic(40, p)
    lower = place_at(data, np.zeros(40), full=False)
    up = np.flatnonzero(lower.f > 0)
    part, low = data.taken(up), some_places(lower, up)
    roots, at_root, done = refined(part, (np.zeros(up.size), np.full(up.size, 1e3)), low, False)
    assert up.size > 10
    assert done.all()
    np.testing.assert_array_equal(at_root.f, 0.0)
    assert (place_at(part, roots * (1 - 1e-9), full=False).f > 0).all()
    assert (place_at(part, roots * (1 + 1e-9), full=False).f < 0).all()


def test_an_interval_is_cut_on_the_scale_of_the_variances():
    a, b, eta = np.array([0.0, 1.0]), np.array([99.0, 3.0]), np.array([1.0, 0.0])
    np.testing.assert_allclose(cut_point(a, b, eta), [9.0, np.sqrt(3.0)], rtol=1e-6)


def test_a_moment_estimate_of_zero_is_no_root():
    y, v = np.array([-1.0, 0.0, -1.0, -2.0]), np.array([4.0, 1.0, 1.0, 1.0])
    mods = np.array([0.0, 0.0, 1.0, 0.0])
    # Q of the three studies is 2 on 2 degrees of freedom: DL gives 0. The score of REML,
    # 2 / (1 + x)² - tr P, is 0 at x = sqrt(2) - 1, where tr P = 1.
    for n in (1, 3):
        many = np.repeat(y[:, None], n, axis=1), np.repeat(v[:, None], n, axis=1)
        np.testing.assert_allclose(meta_regression(*many, mods).tau2, 2**0.5 - 1, rtol=1e-12)
    np.testing.assert_allclose(meta_regression(y, v, mods).tau2, 2**0.5 - 1, rtol=1e-12)
