"""Numbers needed to treat, against R and by their signs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from evsyn.errors import StatsError
from evsyn.stats.nnt import nnt
from evsyn.stats.two_proportion_interval import two_proportion_interval

CLOSED = 1e-8  # relative

ROWS = json.loads(
    (Path(__file__).parents[1] / "reference" / "two_proportions.json").read_text(encoding="utf-8")
)["rows"]


@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_every_row_of_the_reference(level):
    rows = [row for row in ROWS if row["level"] == level]
    counts = ([row[name] for row in rows] for name in ("x1", "n1", "x2", "n2"))
    found = nnt(*counts, method="newcombe", level=level)
    expected = [row["nnt"] for row in rows]
    np.testing.assert_allclose(
        found.estimate, [float(value["estimate"]) for value in expected], rtol=CLOSED
    )
    ends = np.array([[float(end) for end in value["newcombe_ends"]] for value in expected])
    np.testing.assert_allclose(found.ci_ub, ends[:, 0], rtol=CLOSED)
    np.testing.assert_allclose(found.ci_lb, ends[:, 1], rtol=CLOSED)
    crosses = [value["crosses_infinity"] for value in expected]
    np.testing.assert_array_equal(found.through_infinity, crosses)
    assert (found.method, found.level) == ("newcombe", level)


def test_clear_benefit_and_clear_harm():
    better = nnt(56, 70, 48, 80)
    assert 0 < better.ci_lb < better.estimate < better.ci_ub
    assert (better.estimate_is, better.ci_lb_is, better.ci_ub_is) == ("NNTB",) * 3
    worse = nnt(48, 80, 56, 70)
    assert worse.ci_lb < worse.estimate < worse.ci_ub < 0
    assert (worse.estimate_is, worse.ci_lb_is, worse.ci_ub_is) == ("NNTH",) * 3
    assert not better.through_infinity
    assert not worse.through_infinity


def test_unwanted_event_turns_the_words_not_the_numbers():
    wanted = nnt(7, 16, 3, 16)
    unwanted = nnt(7, 16, 3, 16, event_is="harm")
    assert (wanted.estimate, wanted.ci_lb, wanted.ci_ub) == (
        unwanted.estimate,
        unwanted.ci_lb,
        unwanted.ci_ub,
    )
    assert wanted.through_infinity
    assert (wanted.estimate_is, wanted.ci_lb_is, wanted.ci_ub_is) == ("NNTB", "NNTB", "NNTH")
    assert (unwanted.estimate_is, unwanted.ci_lb_is, unwanted.ci_ub_is) == ("NNTH", "NNTH", "NNTB")
    assert wanted.ci_ub < 0 < wanted.ci_lb


def test_no_difference_is_infinite_and_has_no_name():
    found = nnt(5, 10, 5, 10)
    assert found.estimate == math.inf
    assert found.estimate_is == ""
    assert found.through_infinity
    assert found.ci_lb == pytest.approx(-found.ci_ub, rel=1e-12)


def test_limits_at_exactly_zero_are_infinite():
    found = nnt(0, 5, 0, 5, method="wald")
    assert (found.ci_lb, found.ci_ub) == (-math.inf, math.inf)
    assert found.through_infinity
    assert (found.ci_lb_is, found.ci_ub_is) == ("", "")


def test_default_interval_is_miettinen_nurminen():
    found = nnt(7, 34, 1, 34)
    difference = two_proportion_interval(7, 34, 1, 34, measure="RD")
    assert found.method == "miettinen-nurminen"
    assert found.ci_lb == 1 / difference.ci_ub
    assert found.ci_ub == 1 / difference.ci_lb


def test_undefined_stays_undefined():
    found = nnt([1, 0], [4, 0], 2, 4)
    assert math.isnan(found.estimate[1])
    assert math.isnan(found.ci_lb[1])
    assert not found.through_infinity[1]
    assert list(found.estimate_is) == ["NNTH", ""]
    assert list(found.reason) == ["", "no participants in an arm"]


def test_faults_of_the_arguments():
    with pytest.raises(StatsError, match="event_is='good' is unknown; use one of benefit, harm"):
        nnt(1, 4, 2, 4, event_is="good")
    with pytest.raises(StatsError, match="method='katz' is unknown; use one of wald, newcombe"):
        nnt(1, 4, 2, 4, method="katz")
