"""Columns of analyses and the descent to their roots."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.pooling import _columns
from evsyn.stats.pooling._columns import Columns, Points, descended
from evsyn.stats.pooling._criteria import full_likelihood, restricted_likelihood
from evsyn.stats.pooling._powers import Powers, contrasts


def made(n, criterion=restricted_likelihood, seed=4):
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.02, 0.5, (8, n))
    yi = rng.normal(0, np.sqrt(vi + 0.2))
    d, v, _, pivot = contrasts(yi, vi)
    return Columns(Powers(d, v), pivot, vi.max(axis=0), np.full(n, 8.0), criterion), yi, vi


@pytest.mark.parametrize("many", [1, 10_000])
@pytest.mark.parametrize("criterion", [restricted_likelihood, full_likelihood])
def test_roots_are_roots_whether_or_not_the_arrived_are_put_aside(monkeypatch, many, criterion):
    monkeypatch.setattr(_columns, "MANY", many)
    columns, _, _ = made(300, criterion)
    first = columns.points(np.zeros(300))
    with np.errstate(all="ignore"):  # as the search does
        found, done = descended(columns, first, np.inf, first.guess)
    up = first.log_ratio > 0
    assert done.all()
    assert 100 < up.sum() < 300
    np.testing.assert_allclose(columns.points(found.x).log_ratio[up], 0, atol=1e-12)
    np.testing.assert_array_equal(found.x[~up], 0)


def test_what_is_known_at_a_root_is_what_a_new_look_shows():
    columns, _, _ = made(300)
    first = columns.points(np.zeros(300))
    with np.errstate(all="ignore"):
        found, _ = descended(columns, first, np.inf, first.guess)
    again = columns.points(found.x)
    for row, name in ((6, "se2"), (7, "shift"), (8, "variance"), (9, "rss")):
        np.testing.assert_allclose(found.table[row], again.table[row], rtol=5e-8, err_msg=name)


def test_heights_are_the_likelihood():
    columns, yi, vi = made(3)
    x = np.array([0.1, 0.3, 0.6])
    w = 1 / (vi + x)
    mean = (w * yi).sum(0) / w.sum(0)
    expected = np.log(w).sum(0) - np.log(w.sum(0)) - (w * (yi - mean) ** 2).sum(0)
    np.testing.assert_allclose(np.diff(columns.heights(x)), np.diff(expected), rtol=1e-11)


def test_taken_and_joined_undo_each_other():
    columns, _, _ = made(4)
    again = Columns.joined([columns.taken(np.array([0, 1])), columns.taken(np.array([2, 3]))])
    np.testing.assert_array_equal(again.powers.d, columns.powers.d)
    points = columns.points(np.full(4, 0.2))
    assert isinstance(points.taken([1]), Points)
    assert points.taken([1]).z[0] == points.z[1]
