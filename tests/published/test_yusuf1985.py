"""S. Yusuf et al., Prog Cardiovasc Dis 27 (1985) 335-371: short-term trials of oral beta blockers.

Data of Table 6 (p. 343), from tests/reference; the pooled odds ratio is the paper's as quoted, with
its limits, in the test suite of metafor. The paper itself was not at hand.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from evsyn.stats.pooling.stratified import peto

REFERENCE = Path(__file__).parents[1] / "reference" / "r_stratified.json"


def test_pooled_odds_ratio_of_table_6():
    data = json.loads(REFERENCE.read_text(encoding="utf-8"))["sets"]["yusuf1985.6"]["data"]
    fit = peto(*data.values())
    ratio = np.exp([fit.estimate, fit.ci_lb, fit.ci_ub])
    np.testing.assert_allclose(ratio, [0.93, 0.74, 1.18], atol=0.005)
    assert (fit.k, fit.double_zero) == (21, 3)
