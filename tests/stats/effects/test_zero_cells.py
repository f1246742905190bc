"""Empty cells: whom the rule names."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats import effect_sizes
from evsyn.stats.effects._zero_cells import ZeroRule, correction, zero_rule
from evsyn.stats.effects.counts import arms_without_contrast

CELLS = np.array([[0.0, 3, 0, np.nan], [5, 4, 6, 4], [2, 3, 0, 0], [6, 4, 7, 4]])


@pytest.mark.parametrize(
    ("to", "drop00", "expected"),
    [
        ("only0", False, [True, False, True, True]),
        ("only0", True, [True, False, False, True]),
        ("all", False, [True] * 4),
        ("if0all", False, [True] * 4),
        ("if0all", True, [True] * 4),
        ("none", False, [False] * 4),
    ],
)
def test_rules(to, drop00, expected):
    found = correction(CELLS, ZeroRule(0.5, to, drop00), arms_without_contrast)
    np.testing.assert_array_equal(found.corrected, expected)
    assert found.empty
    if any(expected):
        np.testing.assert_array_equal(found.amount, np.where(expected, 0.5, 0))
    else:
        assert found.amount is None
    if drop00:
        np.testing.assert_array_equal(found.dropped, [False, False, True, False])
    else:
        assert found.dropped is None


def test_if0all_asks_for_an_empty_cell_that_is_not_dropped():
    cells = CELLS[:, [1, 2]]
    rule = ZeroRule(0.5, "if0all", True)
    assert not correction(cells, rule, arms_without_contrast).corrected.any()
    assert correction(cells, rule, None).corrected.all()
    assert not correction(CELLS[:, [1]], rule, None).corrected.any()


def test_if0all_asks_each_column_of_a_batch():
    data = {"events_e": [[0, 3], [4, 5]], "n_e": 9, "events_c": [[2, 2], [3, 4]], "n_c": 9}
    found = effect_sizes("OR", to="if0all", **data)
    np.testing.assert_array_equal(found.corrected, [[True, False], [True, False]])
    assert effect_sizes("OR", to="if0all", events_e=0, n_e=5, events_c=1, n_c=5).corrected


def test_nothing_to_do():
    found = correction(CELLS[:, [1]], ZeroRule(0.5, "only0", True), arms_without_contrast)
    assert (found.amount, found.dropped, found.empty) == (None, None, False)
    assert correction(CELLS, ZeroRule(0, "all", False), None).amount is None


@pytest.mark.parametrize("add", [-1, np.inf, np.nan, [0.5], "half", None])
def test_amounts_that_cannot_be(add):
    with pytest.raises(StatsError, match="add="):
        zero_rule(add, "only0", False)


def test_unknown_rule():
    with pytest.raises(StatsError, match=r"to='only' is unknown; .*did you mean"):
        zero_rule(0.5, "only", False)
