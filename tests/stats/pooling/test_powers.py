"""Power sums about the pivot, against matrices in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from evsyn.stats.pooling._powers import Powers, contrasts, moments


def exact(yi, vi, tau2):
    """Quantities of the likelihood from the matrix P, as fractions."""
    w = [1 / (Fraction(float(v)) + Fraction(tau2)) for v in vi]
    total, k = sum(w), len(w)
    p = [[w[i] * (i == j) - w[i] * w[j] / total for j in range(k)] for i in range(k)]
    y = [Fraction(float(value)) for value in yi]

    def times(vector):
        return [sum(p[i][j] * vector[j] for j in range(k)) for i in range(k)]

    def dot(a, b):
        return sum(x * z for x, z in zip(a, b, strict=True))

    py = times(y)
    return {
        "rss": dot(y, py),
        "ypp": dot(py, py),
        "yppp": dot(py, times(py)),
        "tr": sum(p[i][i] for i in range(k)),
        "tr2": sum(p[i][j] * p[j][i] for i in range(k) for j in range(k)),
        "variance": 1 / total,
        "mean": dot(w, y) / total,
    }


@pytest.mark.parametrize("spread", [1, 1e4, 1e8, 1e12, 1e16])
@pytest.mark.parametrize("tau2", [0.0, 1e-9, 0.3, 40.0])
def test_no_digits_are_lost_however_far_variances_lie_apart(spread, tau2):
    rng = np.random.default_rng(11)
    vi = np.exp(rng.uniform(0, np.log(spread) + 1e-9, 7)) / np.sqrt(spread)
    yi = rng.normal(0, 2, 7) + 30
    d, v, base, pivot = contrasts(yi[:, None], vi[:, None])
    found = moments(Powers(d, v).sums(tau2), pivot + tau2)
    expected = exact(yi, vi, tau2)
    for name in ("rss", "ypp", "yppp", "tr", "tr2", "variance"):
        assert getattr(found, name)[0] == pytest.approx(float(expected[name]), rel=2e-13), name
    assert (base + found.shift)[0] == pytest.approx(float(expected["mean"]), rel=1e-14)


def test_derivatives():
    d, v, _, pivot = contrasts(np.array([[0.1], [0.9], [-0.4]]), np.array([[0.1], [0.2], [0.5]]))
    powers, h = Powers(d, v), 1e-6
    low, here, high = (moments(powers.sums(x), pivot + x) for x in (0.2 - h, 0.2, 0.2 + h))
    for value, slope in (("shift", "drift"), ("variance", "growth")):
        measured = (getattr(high, value) - getattr(low, value)) / (2 * h)
        assert getattr(here, slope)[0] == pytest.approx(measured[0], rel=1e-7)
    assert -here.ypp[0] == pytest.approx(((high.rss - low.rss) / (2 * h))[0], rel=1e-7)


def test_a_pivot_without_variance_is_the_limit_of_small_ones():
    yi, other = np.array([[0.1], [0.9], [-0.4]]), [0.2, 0.5]
    limit, near = (
        moments(Powers(*contrasts(yi, np.array([[v], *([o] for o in other)]))[:2]).sums(0.0), v)
        for v in (0.0, 1e-13)
    )
    for name in ("rss", "ypp", "yppp", "tr", "tr2"):
        assert getattr(limit, name)[0] == pytest.approx(getattr(near, name)[0], rel=1e-11), name


def test_light_moments_are_the_same_where_they_have_a_value():
    rng = np.random.default_rng(2)
    d, v, _, pivot = contrasts(rng.normal(size=(6, 4)), rng.uniform(0.1, 1, (6, 4)))
    powers, x = Powers(d, v), np.array([0.0, 0.1, 0.5, 2.0])
    light, full = powers.light(x, pivot + x), moments(powers.sums(x), pivot + x)
    for name in ("shift", "variance", "share", "rss", "tr", "tr2"):
        np.testing.assert_allclose(getattr(light, name), getattr(full, name), rtol=1e-13)


def test_absent_studies_add_nothing():
    yi, vi = np.array([[0.2], [0.5], [0.0]]), np.array([[0.1], [0.3], [np.inf]])
    d, v, _, pivot = contrasts(yi, vi)
    less = contrasts(yi[:2], vi[:2])
    np.testing.assert_array_equal(Powers(d, v).sums(0.1), Powers(*less[:2]).sums(0.1))
    assert pivot == less[3]


def test_some_columns_share_the_room():
    d, v = np.ones((3, 5)), np.ones((3, 5))
    powers = Powers(d, v)
    part = powers.taken(np.array([1, 3]))
    assert part.room is powers.room
    assert part.sums(0.0).shape == (9, 2)
