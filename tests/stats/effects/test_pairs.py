"""Effects from paired tables."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evsyn.errors import StatsError
from evsyn.stats import effect_sizes
from evsyn.stats.effects.pairs import (
    pair_cells,
    pairs_without_contrast,
    pairs_without_participants,
)

PAIRS = ("MPRR", "MPOR", "MPRD", "MPORC")
TABLE = {"both": 59, "only_e": 6, "only_c": 16, "neither": 80}
NAMES = tuple(TABLE)
tables = st.lists(st.integers(0, 10**5), min_size=4, max_size=4).filter(any)


def of(measure, cells, **options):
    return effect_sizes(measure, **dict(zip(NAMES, cells, strict=True)), **options)


def test_by_definition():
    ratio = effect_sizes("MPRR", **TABLE)
    assert ratio.yi == pytest.approx(np.log(65 / 75), rel=1e-12)
    assert ratio.vi == pytest.approx(22 / (65 * 75), rel=1e-12)
    odds = effect_sizes("MPORC", **TABLE)
    assert odds.yi == pytest.approx(np.log(6 / 16), rel=1e-12)
    assert odds.vi == pytest.approx(1 / 6 + 1 / 16, rel=1e-12)
    difference = effect_sizes("MPRD", **TABLE)
    assert difference.yi == pytest.approx(-10 / 161, rel=1e-12)
    assert difference.vi == pytest.approx((22 - 100 / 161) / 161**2, rel=1e-12)
    margins = effect_sizes("MPOR", **TABLE)
    assert margins.yi == pytest.approx(np.log((65 / 96) / (75 / 86)), rel=1e-12)
    covariance = (59 * 80 - 6 * 16) / 161**2
    p, q = 65 / 161, 75 / 161
    spread = p * (1 - p), q * (1 - q)
    expected = (1 / spread[0] + 1 / spread[1] - 2 * covariance / (spread[0] * spread[1])) / 161
    assert margins.vi == pytest.approx(expected, rel=1e-12)


@given(tables)
def test_swapping_sides_flips_the_sign(cells):
    a, b, c, d = cells
    for measure in PAIRS:
        found, other = of(measure, (a, b, c, d)), of(measure, (a, c, b, d))
        np.testing.assert_allclose(-other.yi, found.yi, rtol=1e-10, atol=1e-13)
        np.testing.assert_allclose(other.vi, found.vi, rtol=1e-10)


@given(tables)
def test_variances_are_none_or_above_zero(cells):
    for measure in PAIRS:
        found = of(measure, cells, to="none")
        assert np.isnan(found.vi) or found.vi > 0


def test_independent_sides_have_the_variance_of_independent_arms():
    found = of("MPOR", (6, 24, 14, 56))  # 30 of 100 and 20 of 100, without association
    arms = effect_sizes("OR", events_e=30, n_e=100, events_c=20, n_c=100)
    assert found.yi == pytest.approx(arms.yi, rel=1e-14)
    assert found.vi == pytest.approx(arms.vi, rel=1e-14)


def test_an_empty_cell():
    found = of("MPORC", (3, 4, 0, 2))
    assert found.corrected
    assert found.yi == pytest.approx(np.log(4.5 / 0.5), rel=1e-12)
    ratio = of("MPRR", (3, 4, 0, 2))
    assert ratio.yi == pytest.approx(np.log(8 / 4), rel=1e-12)
    assert ratio.vi == pytest.approx(5 / (8 * 4), rel=1e-12)
    difference = of("MPRD", (3, 4, 0, 2))
    assert difference.yi == pytest.approx(4 / 11, rel=1e-12)
    assert difference.vi == pytest.approx((5 - 16 / 11) / 121, rel=1e-12)


@pytest.mark.parametrize("table", [(0, 0, 0, 9), (9, 0, 0, 0)])
def test_drop00_drops_tables_without_contrast(table):
    assert of("MPRR", table).yi == 0
    dropped = of("MPRR", table, drop00=True)
    assert np.isnan(dropped.yi)
    assert dropped.reason == "no events, or only events, in both arms"


@pytest.mark.parametrize("table", [(4, 0, 5, 0), (4, 5, 0, 0), (0, 5, 0, 4), (3, 0, 3, 2)])
def test_drop00_keeps_tables_where_one_side_differs(table):
    assert np.isfinite(of("MPRR", table, drop00=True).yi)


def test_masks_and_faults():
    cells = np.array([[0.0, 9, 0, 1], [0, 0, 0, 0], [0, 0, 0, 2], [9, 0, 0, 0]])
    assert pair_cells(cells, NAMES) is cells
    np.testing.assert_array_equal(pairs_without_contrast(cells), [True, True, True, False])
    np.testing.assert_array_equal(pairs_without_participants(cells), [False, False, True, False])
    with pytest.raises(StatsError, match=r"study 1: only_c=0\.5 is no count"):
        pair_cells(np.array([[1, 1], [1, 1], [1, 0.5], [1, 1]]), NAMES)
