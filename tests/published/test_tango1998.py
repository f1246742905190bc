"""Tango (1998), Statistics in Medicine 17:891-908: score interval of a paired difference.

The limits, to the three decimals of the paper, are those that the test suite of the R package
ratesci holds for it; so are the ratio limits of Tang, Tang and Chan (2003), Statistics in
Medicine 22:1217-1233, and Agresti and Min (2005), Statistics in Medicine 24:729-740.
"""

from __future__ import annotations

import pytest

from evsyn.stats import paired_interval, paired_ratio_interval

PRINTED = 5.1e-4  # half of the last of three decimals


@pytest.mark.parametrize(
    ("table", "level", "limits"),
    [
        ((43, 0, 1, 0), 0.90, (-0.096, 0.037)),
        ((4, 9, 3, 16), 0.95, (-0.027, 0.390)),
        ((53, 16, 8, 9), 0.95, (-0.020, 0.207)),  # Agresti and Min 2005
    ],
)
def test_difference(table, level, limits):
    found = paired_interval(*table, method="tango", level=level)
    assert (found.ci_lb, found.ci_ub) == pytest.approx(limits, abs=PRINTED)


@pytest.mark.parametrize(
    ("table", "limits"),
    [
        ((446, 5, 16, 690), (0.958, 0.992)),
        ((43, 0, 1, 0), (0.904, 1.039)),
    ],
)
def test_ratio_of_tang_2003(table, limits):
    found = paired_ratio_interval(*table, method="tang", level=0.90)
    assert (found.ci_lb, found.ci_ub) == pytest.approx(limits, abs=PRINTED)


def test_the_two_exclude_equality_together():
    difference = paired_interval(446, 5, 16, 690, method="tango", level=0.90)
    ratio = paired_ratio_interval(446, 5, 16, 690, method="tang", level=0.90)
    assert difference.ci_ub < 0
    assert ratio.ci_ub < 1
