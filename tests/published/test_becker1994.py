"""Becker (1994), Combining significance levels: the statistics printed beside her examples.

B. J. Becker, "Combining significance levels", in H. Cooper and L. V. Hedges (editors), The Handbook
of Research Synthesis (Russell Sage 1994), 215-230; p-values and results as collected in the R
package metap, help pages of its data and functions.
"""

from __future__ import annotations

import pytest

from evsyn.stats.p_values import combine_p

HYPOTHETICAL = [0.016, 0.067, 0.250, 0.405, 0.871]
TEACHER_EXPECTANCY = [
    0.405, 0.208, 0.799, 0.002, 0.243, 0.720, 0.577, 0.926, 0.051, 0.001,
    0.040, 0.211, 0.528, 0.216, 0.871, 0.640, 0.016, 0.227, 0.656,
]  # fmt: skip
VALIDITY = [
    0.015223, 0.005117, 0.224837, 0.000669, 0.004063, 0.549106, 0.052925, 0.024674, 0.004618,
    0.287803, 0.738475, 0.009563, 0.071971, 0.000003, 0.001040, 0.031221, 0.005274, 0.098791,
    0.067441, 0.250210,
]  # fmt: skip


@pytest.mark.parametrize(
    ("p", "method", "statistic", "df"),
    [
        (HYPOTHETICAL, "fisher", 18.533, 10),
        (TEACHER_EXPECTANCY, "fisher", 69.473, 38),
        (HYPOTHETICAL, "stouffer", 1.53, None),
        (HYPOTHETICAL, "logit", 1.62, 29),
        (TEACHER_EXPECTANCY, "logit", 2.763, 99),
    ],
)
def test_printed_statistics(p, method, statistic, df):
    found = combine_p(p, method=method)
    digits = len(str(statistic).split(".")[1])
    # 18.533 is printed for 18.5325, and 1.62 for 1.616.
    assert found.statistic == pytest.approx(statistic, abs=0.51 * 10**-digits + 5e-4)
    if df is not None:
        assert found.df == df


def test_p_values_with_few_digits_move_the_results():
    # 2.435 and 8.191, 159.82, 9.521 rest on p-values with more digits than are printed.
    assert combine_p(TEACHER_EXPECTANCY, method="stouffer").statistic == pytest.approx(
        2.435, abs=0.02
    )
    assert combine_p(VALIDITY).statistic == pytest.approx(159.82, abs=0.05)
    assert combine_p(VALIDITY, method="stouffer").statistic == pytest.approx(8.191, abs=0.005)
    assert combine_p(VALIDITY, method="logit").statistic == pytest.approx(9.521, abs=0.005)
    assert combine_p(VALIDITY, method="logit").df == 104


def test_smallest_p():
    # Hypothetical: 0.016 is not significant at 5 %, whose critical value is 0.0102.
    found = combine_p(HYPOTHETICAL, method="tippett")
    assert found.statistic == 0.016
    assert found.p_value > 0.05
    assert combine_p([0.0102, *HYPOTHETICAL[1:]], method="tippett").p_value == pytest.approx(
        0.05, abs=2e-4
    )


def test_edgington_1972():
    # Journal of Psychology 80:351-363: seven p-values that sum to 2.5 give 0.097.
    found = combine_p([0.2, 0.35, 0.35, 0.4, 0.4, 0.4, 0.4], method="edgington")
    assert found.p_value == pytest.approx(0.097, abs=0.0005)
