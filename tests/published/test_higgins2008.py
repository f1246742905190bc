"""Higgins, White and Wood (2008): haloperidol for schizophrenia, with missing outcomes.

J. P. T. Higgins, I. R. White and A. M. Wood, "Imputation methods for missing outcome data in
meta-analysis of clinical trials", Clinical Trials 5 (2008) 225-239, table 1: responders, failures
and missing of 17 trials (also data set dat.higgins2008 of the R package metadat). Pooled risk
ratios under the common-effect model: I. R. White and J. P. T. Higgins, "Meta-analysis with missing
data", Stata Journal 9 (2009) 57-69. The counts were read in metadat; the pooled ratios are quoted,
and that paper was not read again.
"""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.missing import missing_data
from evsyn.stats.pooling.pool import pool

TRIALS = np.array(
    [
        (25, 25, 2, 18, 33, 0),
        (29, 18, 22, 20, 14, 34),
        (12, 17, 1, 2, 28, 1),
        (3, 9, 0, 0, 12, 0),
        (10, 11, 0, 3, 19, 0),
        (11, 8, 0, 1, 14, 0),
        (7, 18, 1, 4, 21, 1),
        (8, 9, 0, 3, 10, 0),
        (19, 45, 2, 14, 50, 2),
        (1, 9, 0, 0, 10, 0),
        (11, 23, 3, 0, 13, 0),
        (20, 9, 0, 2, 9, 0),
        (17, 1, 11, 7, 4, 18),
        (4, 10, 0, 0, 13, 1),
        (2, 14, 0, 0, 7, 1),
        (11, 1, 0, 1, 11, 0),
        (9, 20, 1, 0, 29, 1),
    ]
).T


@pytest.mark.parametrize(
    ("method", "printed"),
    [
        ("available", (1.567, 1.281, 1.916)),
        ("same-as-observed", (1.567, 1.281, 1.916)),
        ("no-events", (1.898, 1.507, 2.390)),
    ],
)
def test_pooled_risk_ratios(method, printed):
    r_e, f_e, m_e, r_c, f_c, m_c = TRIALS
    effect = missing_data(r_e, r_e + f_e, m_e, r_c, r_c + f_c, m_c, method=method)
    found = pool(effect.yi, effect.vi, method="EE", test="z")
    ratios = np.exp([found.estimate, found.ci_lb, found.ci_ub])
    np.testing.assert_allclose(ratios, printed, atol=5e-4)


def test_the_conclusion_turns_only_in_the_worst_case():
    r_e, f_e, m_e, r_c, f_c, m_c = TRIALS
    counts = (r_e, r_e + f_e, m_e, r_c, r_c + f_c, m_c)
    above = {}
    for method in ("best-case", "all-events", "same-as-comparator", "worst-case"):
        effect = missing_data(*counts, method=method)
        above[method] = bool(pool(effect.yi, effect.vi, method="EE", test="z").ci_lb > 0)
    assert above == {
        "best-case": True,
        "all-events": True,
        "same-as-comparator": True,
        "worst-case": False,
    }
