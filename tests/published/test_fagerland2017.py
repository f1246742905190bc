"""Fagerland, Lydersen and Laake 2017: one proportion and independent arms.

M. W. Fagerland, S. Lydersen and P. Laake, "Statistical Analysis of Contingency Tables" (CRC Press,
2017). The figures were taken from a list of published examples that other packages test against,
to the digits shown there; the book's tables themselves were not read again.
"""

from __future__ import annotations

import pytest

from evsyn.stats import proportion_interval, two_proportion_interval, two_proportion_test

DIGITS = 4


@pytest.mark.parametrize(
    ("method", "lower", "upper"),
    [
        ("wilson", 0.5699, 0.9341),
        ("wilson-cc", 0.5369, 0.9503),
        ("clopper-pearson", 0.5435, 0.9595),
        ("mid-p", 0.5699, 0.9500),
        ("jeffreys", 0.5792, 0.9442),
    ],
)
def test_thirteen_of_sixteen(method, lower, upper):
    found = proportion_interval(13, 16, method=method)
    assert (round(found.ci_lb, DIGITS), round(found.ci_ub, DIGITS)) == (lower, upper)


@pytest.mark.parametrize(
    ("table", "measure", "method", "lower", "upper"),
    [
        ((7, 34, 1, 34), "RD", "newcombe", 0.0189, 0.3404),
        ((7, 34, 1, 34), "RD", "mee", 0.0284, 0.3439),
        ((7, 34, 1, 34), "RR", "katz", 0.9096, 53.8695),
        ((7, 34, 1, 34), "RR", "koopman", 1.2209, 42.5757),
        ((7, 34, 1, 34), "RR", "miettinen-nurminen", 1.2086, 43.0330),
        ((9, 13, 4, 14), "OR", "miettinen-nurminen", 1.0934, 28.9419),
        ((0, 16, 15, 72), "RD", "miettinen-nurminen", -0.3164, -0.0056),
    ],
)
def test_two_arms(table, measure, method, lower, upper):
    found = two_proportion_interval(*table, measure=measure, method=method)
    assert (round(found.ci_lb, DIGITS), round(found.ci_ub, DIGITS)) == (lower, upper)


@pytest.mark.parametrize(
    ("table", "method", "p_value"),
    [
        ((0, 16, 15, 72), "fisher", 0.06287),
        ((0, 16, 15, 72), "fisher-mid-p", 0.04466),
        ((3, 4, 1, 4), "chi-square", 0.15730),
        ((3, 4, 1, 4), "yates", 0.47950),
    ],
)
def test_p_values(table, method, p_value):
    assert round(two_proportion_test(*table, method=method).p_value, 5) == p_value
