"""K. J. Rothman, S. Greenland, T. L. Lash, Modern Epidemiology, 3rd ed. (2008), chapter 15.

Table 15-1: deaths under tolbutamide and placebo by age (University Group Diabetes Program);
Table 15-2: coronary deaths of smoking and non-smoking British doctors by age, per 10,000
person-years. Data and 90 % limits as quoted from the chapter in the test suite of metafor, with the
chapter's own digits where that suite notes others; the book itself was not at hand.
"""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.models.count_models import glmm
from evsyn.stats.pooling.stratified import mantel_haenszel

DEATHS = ([8, 22], [106, 98], [5, 16], [120, 85])
YEARS = (
    [32, 104, 206, 186, 102],
    np.array([52407, 43248, 28612, 12663, 5317]) / 10000,
    [2, 12, 28, 28, 31],
    np.array([18790, 10673, 5710, 2585, 1462]) / 10000,
)


@pytest.mark.parametrize(
    ("measure", "printed", "q"),
    [
        ("RD", (0.0349, -0.0176, 0.0874), (0.0017, 0.9669)),
        ("RR", (0.2818, -0.1442, 0.7078), (0.4472, 0.5037)),
        ("OR", (0.3387, -0.1731, 0.8505), (0.3474, 0.5556)),
    ],
)
def test_table_15_1_mantel_haenszel(measure, printed, q):
    fit = mantel_haenszel(*DEATHS, measure=measure, level=0.90, correct=False)
    np.testing.assert_allclose([fit.estimate, fit.ci_lb, fit.ci_ub], printed, atol=6e-5)
    np.testing.assert_allclose([fit.q, fit.q_pvalue], q, atol=6e-5)
    if measure == "OR":
        found = [fit.cmh, fit.cmh_pvalue, fit.tarone, fit.tarone_pvalue]
        np.testing.assert_allclose(found, [1.1914, 0.2750, 0.3489, 0.5547], atol=6e-5)


def test_table_15_1_conditional_maximum_likelihood():
    names = ("events_e", "n_e", "events_c", "n_c")
    fit = glmm("OR", model="CM.EL", method="EE", **dict(zip(names, DEATHS, strict=True)))
    # metafor differentiates numerically for the limits (-0.2699, 0.9461); the standard error here
    # is that of the hypergeometric variances, 0.3106267 by BiasedUrn's varFNCHypergeo
    np.testing.assert_allclose([fit.estimate, fit.se], [0.3381, 0.3106267], atol=6e-5)
    np.testing.assert_allclose([fit.ci_lb, fit.ci_ub], [-0.2699, 0.9461], atol=1e-3)
    np.testing.assert_allclose(fit.q_wald, 0.3480, atol=2e-3)  # the same derivatives
    np.testing.assert_allclose(fit.q_lrt, 0.3502, atol=6e-5)


@pytest.mark.parametrize(
    ("measure", "printed", "q"),
    [("IRD", (11.4392, 6.3498, 16.5286), 26.8758), ("IRR", (0.3539, 0.1776, 0.5303), 10.4117)],
)
def test_table_15_2_mantel_haenszel(measure, printed, q):
    fit = mantel_haenszel(*YEARS, measure=measure, level=0.90)
    np.testing.assert_allclose([fit.estimate, fit.ci_lb, fit.ci_ub], printed, atol=6e-5)
    np.testing.assert_allclose(fit.q, q, atol=6e-5)
    if measure == "IRR":
        np.testing.assert_allclose([fit.cmh, fit.cmh_pvalue], [10.7021, 0.0011], atol=6e-5)


@pytest.mark.parametrize("model", ["UM.FS", "CM.EL"])
def test_table_15_2_maximum_likelihood(model):
    names = ("events_e", "time_e", "events_c", "time_c")
    data = dict(zip(names, YEARS, strict=True))
    fit = glmm("IRR", model=model, method="EE", level=0.90, **data)
    np.testing.assert_allclose(
        [fit.estimate, fit.ci_lb, fit.ci_ub], [0.3545, 0.1779, 0.5312], atol=6e-5
    )
    np.testing.assert_allclose([fit.q_wald, fit.q_lrt], [10.1991, 12.1324], atol=6e-5)
