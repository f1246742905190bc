"""Koopman 1984: the score interval for the ratio of two proportions.

P. A. R. Koopman, "Confidence intervals for the ratio of two binomial proportions", Biometrics 40
(1984) 513-517. The figures were taken from a list of published examples that other packages test
against; the paper itself was not read again.
"""

from __future__ import annotations

from evsyn.stats import two_proportion_interval


def test_36_of_40_against_16_of_80():
    found = two_proportion_interval(36, 40, 16, 80, measure="RR", method="koopman")
    assert round(found.estimate, 2) == 4.5
    assert (round(found.ci_lb, 2), round(found.ci_ub, 2)) == (2.94, 7.15)
