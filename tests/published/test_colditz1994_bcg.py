"""Colditz et al. (1994), JAMA 271:698-702: BCG vaccine against tuberculosis, 13 trials.

Counts: data set ``dat.bcg`` of the R package metadat. Figures: what metafor prints for
``rma(measure="RR", ...)`` on them, to its four decimals (two for I² and H²); the common-effect
and DerSimonian-Laird estimates are those of metafor's own tests.
"""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats import back_transform, effect_sizes, pool, tau2_interval

FOUR, TWO = 5.1e-5, 5.1e-3  # half of the last decimal printed

# Tuberculosis and none: vaccinated, then controls.
TRIALS = np.array(
    [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13536, 248, 12619),
        (33, 5036, 47, 5761),
        (180, 1361, 372, 1079),
        (8, 2537, 10, 619),
        (505, 87886, 499, 87892),
        (29, 7470, 45, 7232),
        (17, 1699, 65, 1600),
        (186, 50448, 141, 27197),
        (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ]
)
A, B, C, D = TRIALS.T
RR = effect_sizes("RR", events_e=A, n_e=A + B, events_c=C, n_c=C + D)


def test_effects():
    np.testing.assert_allclose(RR.yi[:4], [-0.8893, -1.5854, -1.3481, -1.4416], atol=FOUR)
    np.testing.assert_allclose(RR.vi[:4], [0.3256, 0.1946, 0.4154, 0.0200], atol=FOUR)
    assert not RR.corrected.any()


def test_random_effects():
    fit = pool(RR.yi, RR.vi, method="REML", test="z")
    assert fit.estimate == pytest.approx(-0.7145, abs=FOUR)
    assert fit.se == pytest.approx(0.1798, abs=FOUR)
    assert fit.statistic == pytest.approx(-3.9744, abs=FOUR)
    assert fit.ci_lb == pytest.approx(-1.0669, abs=FOUR)
    assert fit.ci_ub == pytest.approx(-0.3622, abs=FOUR)
    assert fit.p_value < 0.0001
    assert fit.tau2 == pytest.approx(0.3132, abs=FOUR)
    assert fit.tau2_se == pytest.approx(0.1664, abs=FOUR)
    assert fit.i2 == pytest.approx(92.22, abs=TWO)
    assert fit.h2 == pytest.approx(12.86, abs=TWO)
    assert fit.q == pytest.approx(152.2330, abs=FOUR)
    assert fit.q_df == 12
    assert fit.k == 13


def test_common_effect_and_moments():
    assert pool(RR.yi, RR.vi, method="EE").estimate == pytest.approx(-0.4303, abs=FOUR)
    assert pool(RR.yi, RR.vi, method="DL").estimate == pytest.approx(-0.7141, abs=FOUR)


def test_heterogeneity_interval():
    found = tau2_interval(RR.yi, RR.vi)
    assert (found.tau2_lb, found.tau2_ub) == pytest.approx((0.1197, 1.1115), abs=FOUR)
    assert (found.i2_lb, found.i2_ub) == pytest.approx((81.92, 97.68), abs=TWO)
    assert (found.h2_lb, found.h2_ub) == pytest.approx((5.53, 43.07), abs=TWO)


def test_natural_scale():
    fit = pool(RR.yi, RR.vi, method="DL", test="z")
    natural = back_transform([fit.estimate, fit.ci_lb, fit.ci_ub], "RR")
    np.testing.assert_allclose(natural, np.exp([fit.estimate, fit.ci_lb, fit.ci_ub]))
    assert natural.round(2).tolist() == [0.49, 0.34, 0.70]
