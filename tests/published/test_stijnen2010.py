"""T. Stijnen, T. H. Hamza, P. Özdemir, Stat Med 29 (2010) 3046-3067: models for sparse counts.

Data: Niel-Weise et al. 2007 (Intensive Care Med 33:2058) and 2008 (J Hosp Infect 69:114), from
tests/reference. The paper's figures are given as quoted, with page and table, in the test suite of
metafor; the paper itself was not at hand. Where that suite notes another last digit in the paper,
the paper's digit is here and the tolerance is one unit of it.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from evsyn.stats.models.count_models import glmm

REFERENCE = Path(__file__).parents[1] / "reference"
ANALYSES = json.loads((REFERENCE / "r_glmm.json").read_text(encoding="utf-8"))["analyses"]


def data_of(name):
    return next(item["data"] for item in ANALYSES if item["id"] == name)


TABLES = data_of("nielweise2007")
RATES = data_of("nielweise2008")
THOUSAND_DAYS = {key: np.array(RATES[key]) / (1000 if key[0] == "t" else 1) for key in RATES}


def close(found, printed, unit):
    assert abs(found - printed) <= 0.5001 * unit, (found, printed)


@pytest.mark.parametrize(
    ("events", "n", "printed"),
    [("ci", "n2i", (-3.50, 0.26, 0.81)), ("ai", "n1i", (-4.81, 0.36, 0.83))],
)
def test_table_2_page_3050_binomial_normal_proportions(events, n, printed):
    fit = glmm("PLO", events=TABLES[events], n=TABLES[n])
    for found, value in zip((fit.estimate, fit.se, fit.tau2), printed, strict=True):
        close(found, value, 0.01)


def test_table_2_page_3050_as_proportions():
    control = glmm("PLO", events=TABLES["ci"], n=TABLES["n2i"]).natural()
    treated = glmm("PLO", events=TABLES["ai"], n=TABLES["n1i"]).natural()
    for scale, printed in ((control, (0.029, 0.018, 0.048)), (treated, (0.008, 0.004, 0.016))):
        for found, value in zip((scale.estimate, scale.ci_lb, scale.ci_ub), printed, strict=True):
            close(found, value, 0.001)


@pytest.mark.parametrize(
    ("model", "printed", "ratio"),
    [
        ("CM.EL", (-1.353, 0.351, 0.83), (0.25, 0.13, 0.51)),
        ("CM.AL", (-1.303, 0.339, 0.77), (0.27, 0.14, 0.53)),
    ],
)
def test_table_3_page_3052_conditional_logistic(model, printed, ratio):
    fit = glmm(
        "OR",
        model=model,
        events_e=TABLES["ai"],
        n_e=TABLES["n1i"],
        events_c=TABLES["ci"],
        n_c=TABLES["n2i"],
    )
    close(fit.estimate, printed[0], 0.001)
    close(fit.se, printed[1], 0.001)
    close(np.sqrt(fit.tau2), printed[2], 0.02)
    scale = fit.natural()
    close(scale.estimate, ratio[0], 0.02)
    close(scale.ci_lb, ratio[1], 0.01)
    close(scale.ci_ub, ratio[2], 0.01)


@pytest.mark.parametrize(
    ("arm", "printed"), [("2", (1.401, 0.231, 0.316)), ("1", (0.850, 0.330, 0.654))]
)
def test_table_7_page_3054_poisson_normal_rates(arm, printed):
    fit = glmm("IRLN", events=THOUSAND_DAYS[f"x{arm}i"], time=THOUSAND_DAYS[f"t{arm}i"])
    for found, value in zip((fit.estimate, fit.se, fit.tau2), printed, strict=True):
        close(found, value, 0.002)


def test_table_8_page_3055_poisson_normal_rate_ratio():
    fit = glmm(
        "IRR",
        model="CM.EL",
        events_e=RATES["x1i"],
        time_e=RATES["t1i"],
        events_c=RATES["x2i"],
        time_c=RATES["t2i"],
    )
    close(fit.estimate, -0.476, 0.001)
    close(fit.se, 0.238, 0.001)
    close(np.sqrt(fit.tau2), 0.35, 0.01)
    scale = fit.natural()
    close(scale.estimate, 0.62, 0.01)
    close(scale.ci_lb, 0.39, 0.01)
    close(scale.ci_ub, 0.99, 0.01)
