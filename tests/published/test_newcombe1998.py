"""Newcombe 1998: intervals for one proportion and for the difference of two.

R. G. Newcombe, Statistics in Medicine 17 (1998) 857-872 (one proportion, "1998a") and 873-890
(difference, "1998b"). The figures were taken from a list of published examples that other packages
test against, to the digits shown there; the papers' tables themselves were not read again.
"""

from __future__ import annotations

import pytest

from evsyn.stats import proportion_interval, two_proportion_interval

DIGITS = 4

ONE_PROPORTION = [
    (81, 263, "wilson", 0.2553, 0.3662),
    (81, 263, "wilson-cc", 0.2535, 0.3682),
    (15, 148, "wilson", 0.0624, 0.1605),
    (15, 148, "wilson-cc", 0.0598, 0.1644),
    (15, 148, "clopper-pearson", 0.0578, 0.1617),
    (15, 148, "mid-p", 0.0601, 0.1581),
    (0, 20, "wilson", 0, 0.1611),
    (0, 20, "wilson-cc", 0, 0.2005),
    (0, 20, "clopper-pearson", 0, 0.1684),
    (0, 20, "mid-p", 0, 0.1391),
    (1, 29, "wilson", 0.0061, 0.1718),
    (1, 29, "wilson-cc", 0.0018, 0.1963),
    (1, 29, "clopper-pearson", 0.0009, 0.1776),
    (1, 29, "mid-p", 0.0017, 0.1585),
]

DIFFERENCE = [
    (56, 70, 48, 80, "newcombe", 0.0524, 0.3339),
    (56, 70, 48, 80, "miettinen-nurminen", 0.0528, 0.3382),
    (56, 70, 48, 80, "mee", 0.0533, 0.3377),
    (5, 56, 0, 29, "newcombe", -0.0381, 0.1926),
    (5, 56, 0, 29, "miettinen-nurminen", -0.0326, 0.1933),
    (5, 56, 0, 29, "mee", -0.0313, 0.1926),
]


@pytest.mark.parametrize(("events", "n", "method", "lower", "upper"), ONE_PROPORTION)
def test_one_proportion(events, n, method, lower, upper):
    found = proportion_interval(events, n, method=method)
    assert (round(found.ci_lb, DIGITS), round(found.ci_ub, DIGITS)) == (lower, upper)


@pytest.mark.parametrize(
    ("events_e", "n_e", "events_c", "n_c", "method", "lower", "upper"), DIFFERENCE
)
def test_difference(events_e, n_e, events_c, n_c, method, lower, upper):
    found = two_proportion_interval(events_e, n_e, events_c, n_c, measure="RD", method=method)
    assert (round(found.ci_lb, DIGITS), round(found.ci_ub, DIGITS)) == (lower, upper)
