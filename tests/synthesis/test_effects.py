"""Options: defaults that agree, and names that are refused."""

from __future__ import annotations

import math

import pytest

from evsyn.errors import StatsError
from evsyn.synthesis.effects import MEASURE_NAMES, endless, endless_reason, finite, options


@pytest.mark.parametrize(
    ("measure", "interval", "test", "expected"),
    [
        ("RR", None, None, ("miettinen-nurminen", "score", "", "")),
        ("RD", "mee", None, ("mee", "chi-square", "", "")),
        ("OR", "woolf", None, ("woolf", "wald", "", "")),
        ("RR", "katz", "fisher", ("katz", "fisher", "", "")),
        ("RD", "tango", "mcnemar-mid-p", ("miettinen-nurminen", "score", "tango", "mcnemar-mid-p")),
        ("RD", "newcombe", None, ("newcombe", "score", "newcombe", "")),
        ("MD", None, None, ("welch", "welch", "", "")),
        ("SMD", None, None, ("wald", "wald", "", "")),
    ],
)
def test_defaults(measure, interval, test, expected):
    found = options(measure, interval, test)
    assert (found.interval, found.test, found.paired_interval, found.paired_test) == expected


@pytest.mark.parametrize(
    "wrong",
    [
        {"measure": "HR"},
        {"measure": "RR", "interval": "kats"},
        {"measure": "RR", "test": "fischer"},
        {"measure": "MD", "test": "fisher"},
        {"measure": "RR", "level": 95},
        {"measure": "RR", "phi": -1.5},
    ],
)
def test_refusals_name_what_is_allowed(wrong):
    with pytest.raises(StatsError, match=r"allowed|expected"):
        options(**wrong)


def test_a_near_name_is_suggested():
    with pytest.raises(StatsError, match='did you mean "katz"'):
        options("RR", "kats")


def test_ratios_and_counts():
    assert options("RR").ratio
    assert options("RR").counts
    assert not options("MD").ratio
    assert options("ROM").ratio
    assert set(MEASURE_NAMES) >= {"RR", "OR", "RD", "MD", "SMD", "ROM"}


def test_finite():
    assert finite(math.inf) is None
    assert finite(0) == 0.0


def test_infinity_is_no_number_but_has_a_name():
    assert endless(estimate=float("-inf"), ci_lb=None, ci_ub=1.0) == ("estimate",)
    assert endless_reason(()) == ""
    assert endless_reason(("ci_ub", "ci_ub_max")) == "the upper limit is infinite"
