"""Morris (2008), Organizational Research Methods 11:364-386: pretest-posttest-control designs.

Five studies of training (from Carlson & Schmidt 1999), table 5, as the documentation of metafor
prints them: means and standard deviations before and after, treated and untreated. The column
d_ppc2 is the difference of the changes over the pooled standard deviation before, corrected by J.
"""

from __future__ import annotations

import numpy as np

from evsyn.stats import effect_sizes

TREATED = {
    "mean_pre": [30.6, 23.5, 0.5, 53.4, 35.6],
    "mean_post": [38.5, 26.8, 0.7, 75.9, 36.0],
    "sd_pre": [15.0, 3.1, 0.1, 14.5, 4.7],
    "n": [20, 50, 9, 10, 14],
    "r": [0.47, 0.64, 0.77, 0.89, 0.44],
}
UNTREATED = {
    "mean_pre": [23.1, 24.9, 0.6, 55.7, 34.8],
    "mean_post": [19.7, 25.3, 0.6, 60.7, 33.4],
    "sd_pre": [13.8, 4.1, 0.2, 17.3, 3.1],
    "n": [20, 42, 9, 11, 14],
    "r": [0.47, 0.64, 0.77, 0.89, 0.44],
}
PPC2 = [0.77, 0.80, 1.20, 1.05, 0.44]


def test_pooled_spread_before():
    change = [np.subtract(arm["mean_post"], arm["mean_pre"]) for arm in (TREATED, UNTREATED)]
    found = effect_sizes(
        "SMD",
        mean_e=change[0],
        sd_e=TREATED["sd_pre"],
        n_e=TREATED["n"],
        mean_c=change[1],
        sd_c=UNTREATED["sd_pre"],
        n_c=UNTREATED["n"],
    )
    np.testing.assert_allclose(found.yi, PPC2, atol=5.1e-3)


def test_difference_of_standardised_changes_points_the_same_way():
    treated, untreated = effect_sizes("SMCR", **TREATED), effect_sizes("SMCR", **UNTREATED)
    np.testing.assert_allclose(treated.yi - untreated.yi, PPC2, rtol=0.6)
