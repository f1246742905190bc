"""Effects from events and time at risk."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats import effect_sizes
from evsyn.stats.effects.rates import rate_rows, rates_without_contrast

TWO = ("IRR", "IRD", "IRSD")


def of(measure, x1, t1, x2, t2, **options):
    data = {"events_e": x1, "time_e": t1, "events_c": x2, "time_c": t2}
    return effect_sizes(measure, **data, **options)


@pytest.mark.parametrize("measure", TWO)
def test_swapping_arms_flips_the_sign(measure):
    x1, x2, t1, t2 = [0, 3, 8], [4, 2, 8], [10.5, 7, 3], [2, 9, 3]
    found, other = of(measure, x1, t1, x2, t2), of(measure, x2, t2, x1, t1)
    np.testing.assert_allclose(-other.yi, found.yi, rtol=1e-14, atol=1e-16)
    np.testing.assert_allclose(other.vi, found.vi, rtol=1e-14)


@pytest.mark.parametrize(("two", "one"), [("IRR", "IRLN"), ("IRD", "IR"), ("IRSD", "IRS")])
def test_two_arms_are_the_difference_of_one_arm_each(two, one):
    both = of(two, 7, 30.5, 3, 12)
    arms = effect_sizes(one, events=[7, 3], time=[30.5, 12])
    assert both.yi == pytest.approx(arms.yi[0] - arms.yi[1], rel=1e-14)
    assert both.vi == pytest.approx(arms.vi.sum(), rel=1e-14)


def test_drop00():
    found = of("IRR", [0, 0], 10, [0, 2], 20, drop00=True)
    np.testing.assert_array_equal(np.isnan(found.yi), [True, False])
    assert found.vi[1] == pytest.approx(1 / 0.5 + 1 / 2.5)
    assert np.isfinite(of("IRR", [3, 0], 10, [0, 3], 20, drop00=True).yi).all()
    assert np.isfinite(of("IRR", 0, 10, 0, 20).yi)


def test_events_alone_are_corrected_not_times():
    found = of("IRR", 3, 10, [2, 0], 20)
    np.testing.assert_array_equal(found.corrected, [False, True])
    assert found.yi[0] == pytest.approx(np.log((3 / 10) / (2 / 20)), rel=1e-14)
    assert found.yi[1] == pytest.approx(np.log((3.5 / 10) / (0.5 / 20)), rel=1e-14)


def test_rows_and_masks():
    rows = np.array([[0.0, 1], [0, 0], [2.5, 3], [1, 1]])
    assert rate_rows(rows, ("events_e", "events_c", "time_e", "time_c")) is rows
    np.testing.assert_array_equal(rates_without_contrast(rows[:2]), [True, False])
    with pytest.raises(StatsError, match="study 0: time=-1 is no time at risk"):
        rate_rows(np.array([[1.0], [-1.0]]), ("events", "time"))
