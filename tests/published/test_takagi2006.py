"""Trim and fill of the studies of passive smoking and lung cancer.

H. Takagi, S. Sekino, T. Kato, Y. Matsuno, T. Umemoto, "Revisiting evidence on lung cancer and
passive smoking: adjustment for publication bias by means of 'trim and fill' algorithm", Lung
Cancer 51 (2006) 245-246, abstract: of 37 studies (Hackshaw 1997, BMJ 315:980-988) the adjusted
relative risk "from the 44 studies including the 7 filled ones was 1.19 (95% confidence interval
1.08-1.31, p = 0.0004), and the estimate of excess risk fell from 24 to 19%".
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats.bias.filling import trim_and_fill
from evsyn.stats.pooling.pool import pool

REFERENCE = Path(__file__).parents[1] / "reference" / "r_bias.json"


@pytest.fixture
def studies():
    data = json.loads(REFERENCE.read_text(encoding="utf-8"))["analyses"]["hackshaw1998"]
    return data["yi"], data["vi"]


def test_excess_risk_before(studies):
    yi, vi = studies
    assert np.exp(pool(yi, vi, method="DL", test="z").estimate).round(2) == 1.24


def test_seven_studies_filled_in(studies):
    yi, vi = studies
    result = trim_and_fill(yi, vi, method="DL")
    assert (result.k0, result.side, result.fit.k) == (7, "left", 44)
    fit = result.fit
    assert np.exp([fit.estimate, fit.ci_lb, fit.ci_ub]).round(2).tolist() == [1.19, 1.08, 1.31]
    assert np.round(fit.p_value, 4) == 0.0004
