"""Effects from counts: cells, and laws of the measures."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.stats import effect_sizes
from evsyn.stats.effects.counts import (
    arm_cells,
    arms_without_contrast,
    arms_without_participants,
    peto_log_odds_ratio,
)

TWO = ("RR", "OR", "RD", "AS", "PETO")
tables = st.lists(st.integers(0, 10**6), min_size=4, max_size=4).filter(
    lambda cells: cells[0] + cells[1] and cells[2] + cells[3]
)


def of(measure, cells, **options):
    a, b, c, d = cells
    return effect_sizes(measure, events_e=a, n_e=a + b, events_c=c, n_c=c + d, **options)


def same(found, expected, **tolerance):
    options = {"rtol": 1e-10, "atol": 1e-13, **tolerance}
    np.testing.assert_allclose(found, expected, **options)


def test_cells_and_their_masks():
    rows = np.array([[0.0, 3, 0], [5, 3, 0], [0, 4, 1], [6, 4, 9]])
    cells = arm_cells(rows, ("events_e", "n_e", "events_c", "n_c"))
    np.testing.assert_array_equal(cells, [[0, 3, 0], [5, 0, 0], [0, 4, 1], [6, 0, 8]])
    np.testing.assert_array_equal(arms_without_contrast(cells), [True, True, False])
    np.testing.assert_array_equal(arms_without_participants(cells), [False, False, True])


@given(tables)
def test_swapping_arms_flips_the_sign(cells):
    a, b, c, d = cells
    for measure in TWO:
        found, other = of(measure, (a, b, c, d)), of(measure, (c, d, a, b))
        same(-other.yi, found.yi)
        same(other.vi, found.vi)


@given(tables)
def test_swapping_the_outcome_flips_the_sign_but_of_the_ratio(cells):
    a, b, c, d = cells
    for measure in ("OR", "RD", "AS", "PETO"):
        found, other = of(measure, (a, b, c, d)), of(measure, (b, a, d, c))
        same(-other.yi, found.yi)
        same(other.vi, found.vi)


def test_peto_is_observed_less_expected():
    cells = np.array([[4.0], [119], [11], [128]])
    yi, vi = peto_log_odds_ratio(cells)
    n1, n2, events = 123, 139, 15
    total = n1 + n2
    v = n1 * n2 * events * (total - events) / (total**2 * (total - 1))
    assert vi[0] == pytest.approx(1 / v, rel=1e-14)
    assert yi[0] == pytest.approx((4 - n1 * events / total) / v, rel=1e-13)


@given(st.integers(0, 10**5), st.integers(1, 10**5))
def test_two_arms_are_the_difference_of_one_arm_each(x, extra):
    n = x + extra
    pairs = (("RR", "PLN"), ("OR", "PLO"), ("RD", "PR"), ("AS", "PAS"))
    for two, one in pairs:
        if x == 0 and one != "PAS":
            continue
        both = effect_sizes(two, events_e=x, n_e=n, events_c=3, n_c=7)
        arms = effect_sizes(one, events=[x, 3], n=[n, 7])
        same(both.yi, arms.yi[0] - arms.yi[1])
        same(both.vi, arms.vi.sum())


def test_double_arcsine_lies_about_the_arcsine():
    events, n = np.arange(0, 11), 10
    one = effect_sizes("PAS", events=events, n=n)
    two = effect_sizes("PFT", events=events, n=n)
    same(two.yi + two.yi[::-1], np.full(11, np.pi / 2))
    assert (np.sign(two.yi - one.yi) == np.sign(5 - events)).all()
    assert (two.vi < one.vi).all()


def test_proportions_at_the_ends():
    found = effect_sizes("PLO", events=[0, 5, 10], n=10)
    np.testing.assert_array_equal(found.corrected, [True, False, True])
    assert found.yi[0] == pytest.approx(np.log(0.5 / 10.5), rel=1e-12)
    assert found.yi[0] == -found.yi[2]
    raw = effect_sizes("PR", events=[0, 10], n=10, to="none")
    assert np.isnan(raw.vi).all()


def test_variance_near_one_keeps_its_digits():
    n = 10**9
    found = effect_sizes("PLN", events=n - 1, n=n)
    assert found.vi == pytest.approx(1 / (n * (n - 1.0)), rel=1e-14)
