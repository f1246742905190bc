"""Counts as they are read, and the designs made of them."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.models._count_designs import design_of, read_counts
from evsyn.stats.models._count_terms import Binomial, Hypergeometric, Poisson

NAMES = ("events_e", "n_e", "events_c", "n_c")


def tables(*columns):
    return dict(zip(NAMES, columns, strict=True))


def test_studies_that_tell_nothing_are_left_out_and_said():
    counts = read_counts(
        "OR",
        tables([1, 0, np.nan, 5, 0, 2], [9, 9, 9, 5, 0, 8], [2, 0, 1, 6, 1, 3], [9, 8, 7, 6, 5, 9]),
        True,
    )
    np.testing.assert_array_equal(counts.events, [[1, 2], [2, 3]])
    np.testing.assert_array_equal(counts.size, [[9, 8], [9, 9]])
    assert "1 with missing counts" in counts.note
    assert "1 with an empty arm" in counts.note
    assert "2 without events, or with nothing else" in counts.note
    assert counts.reason == ""
    kept = read_counts("OR", tables([1, 0], [9, 9], [2, 0], [9, 8]), False)
    assert kept.events.shape == (2, 2)


@pytest.mark.parametrize(
    ("measure", "data", "reason"),
    [
        ("OR", tables([0, 0], [5, 5], [1, 2], [5, 5]), "no events in the experimental arm"),
        ("OR", tables([1, 2], [5, 5], [0, 0], [5, 5]), "no events in the control arm"),
        ("OR", tables([0, 2], [5, 5], [1, 5], [5, 5]), "no events in the experimental arm"),
        ("OR", tables([0], [5], [0], [5]), "no study that tells anything"),
        ("PLO", {"events": [0, 0], "n": [4, 5]}, "no events in any study"),
        ("PLO", {"events": [4, 5], "n": [4, 5]}, "no non-events in any study"),
        ("IRLN", {"events": [0], "time": [4.0]}, "no events in any study"),
        (
            "IRR",
            {"events_e": [0, 0], "time_e": [1, 1], "events_c": [1, 4], "time_c": [1, 1]},
            "no events in the experimental arm of any study",
        ),
    ],
)
def test_infinite_estimates_are_foreseen(measure, data, reason):
    assert reason in read_counts(measure, data, True).reason


def test_infinity_needs_every_study():
    assert read_counts("OR", tables([0, 1], [5, 5], [1, 2], [5, 5]), True).reason == ""
    assert read_counts("OR", tables([0, 5], [5, 5], [1, 2], [5, 5]), True).reason == ""


@pytest.mark.parametrize(
    ("measure", "data", "message"),
    [
        ("PLO", {"events": [1]}, "measure PLO takes events, n; found events"),
        ("OR", {"events": [1], "n": [2]}, "measure OR takes events_e, n_e, events_c, n_c"),
        ("PLO", {"events": [3], "n": [2]}, r"study 0: events=3 lies outside 0..2"),
        ("PLO", {"events": [[1]], "n": [[2]]}, r"they must be \(k,\)"),
        ("IRLN", {"events": [1], "time": [0.0]}, "study 0: time=0 is no person-time"),
        ("IRLN", {"events": [-1], "time": [1.0]}, "study 0: events=-1 is no count"),
        ("PLO", {"events": ["a"], "n": [2]}, "not an array of numbers"),
        ("PLO", {"events": [1, 2], "n": [2, 3, 4]}, "shapes do not fit"),
    ],
)
def test_bad_data_is_refused(measure, data, message):
    with pytest.raises(StatsError, match=message):
        read_counts(measure, data, True)


def test_own_effects_and_sampling_variances():
    counts = read_counts("OR", tables([1, 0], [5, 6], [2, 3], [9, 8]), True)
    effect, variance = counts.effects
    np.testing.assert_allclose(effect[0], np.log((1 / 4) / (2 / 7)))
    np.testing.assert_allclose(variance[0], 1 / 1 + 1 / 4 + 1 / 2 + 1 / 7)
    assert (effect[1], variance[1]) == (0.0, np.inf)
    np.testing.assert_allclose(counts.sampling_variance[1], 1 / 0.5 + 1 / 6.5 + 1 / 3.5 + 1 / 5.5)


def test_designs_of_the_models():
    counts = read_counts("OR", tables([1, 2], [5, 6], [2, 3], [9, 8]), True)
    fixed, start, own = design_of(counts, "UM.FS", 0.5)
    assert own is None
    assert start.own.shape == (2,)
    np.testing.assert_array_equal(fixed.random, [[0.5], [-0.5]])
    np.testing.assert_array_equal(design_of(counts, "UM.FS", 1)[0].random, [[1.0], [0.0]])
    random, start, own = design_of(counts, "UM.RS", 0.5)
    assert random.random.shape == (2, 2)
    assert start.scale.shape == (2,)
    np.testing.assert_array_equal(own, [1.0, 0.0])
    assert isinstance(design_of(counts, "CM.EL", 0.5)[0].arms[0], Hypergeometric)
    approximate = design_of(counts, "CM.AL", 0.5)[0].arms[0]
    assert isinstance(approximate, Binomial)
    np.testing.assert_allclose(approximate.offset, np.log([5 / 9, 6 / 8]))
    rates = read_counts("IRLN", {"events": [1, 2], "time": [5.0, 6.0]}, True)
    assert isinstance(design_of(rates, "", 0.5)[0].arms[0], Poisson)
