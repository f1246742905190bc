"""Fagerland, Lydersen and Laake: paired binomial proportions.

Two examples: airway hyper-responsiveness of 21 children before and after stem cell
transplantation (1, 1, 7, 12), of "Recommended tests and confidence intervals for paired binomial
proportions", Statistics in Medicine 33 (2014) 2850-2875, and the tests of BMC Medical Research
Methodology 13 (2013) 91; and complete response before and after consolidation therapy
(59, 6, 16, 80), of "Statistical Analysis of Contingency Tables" (2017), chapter 8. The second
example's figures are those that the test suite of the authors' R package contingencytables
holds; the first example's, to three decimals, those of the reference values from R.
"""

from __future__ import annotations

import pytest

from evsyn.stats import paired_interval, paired_ratio_interval, paired_test

CHILDREN = (1, 1, 7, 12)
RESPONSE = (59, 6, 16, 80)


@pytest.mark.parametrize(
    ("method", "limits"),
    [
        ("wald", (-0.520, -0.052)),
        ("bonett-price", (-0.508, -0.013)),
        ("newcombe", (-0.507, -0.026)),
        ("tango", (-0.517, -0.026)),
    ],
)
def test_difference_children(method, limits):
    found = paired_interval(*CHILDREN, method=method)
    assert found.estimate == pytest.approx(-0.286, abs=5.1e-4)
    assert (found.ci_lb, found.ci_ub) == pytest.approx(limits, abs=5.1e-4)


@pytest.mark.parametrize(
    ("method", "p_value"),
    [
        ("mcnemar", 0.034),
        ("mcnemar-cc", 0.077),
        ("mcnemar-exact", 0.070),
        ("mcnemar-mid-p", 0.039),
    ],
)
def test_tests_children(method, p_value):
    found = paired_test(*CHILDREN, method=method)
    assert found.p_value == pytest.approx(p_value, abs=5.1e-4)


@pytest.mark.parametrize(
    ("method", "limits"),
    [
        ("wald", (-0.1184, -0.0058)),
        ("bonett-price", (-0.1195, -0.0032)),
        ("newcombe", (-0.1186, -0.0046)),
        ("tango", (-0.1240, -0.0054)),
    ],
)
def test_difference_response(method, limits):
    found = paired_interval(*RESPONSE, method=method)
    assert found.estimate == pytest.approx(-0.0621, abs=5.1e-5)
    assert (found.ci_lb, found.ci_ub) == pytest.approx(limits, abs=5.1e-5)


@pytest.mark.parametrize(
    ("method", "limits"),
    [
        ("wald", (0.7597, 0.9886)),
        ("bonett-price", (0.7579, 0.9910)),
        ("tang", (0.7476, 0.9876)),
    ],
)
def test_ratio_response(method, limits):
    found = paired_ratio_interval(*RESPONSE, method=method)
    assert found.estimate == pytest.approx(0.8667, abs=5.1e-5)
    assert (found.ci_lb, found.ci_ub) == pytest.approx(limits, abs=5.1e-5)


@pytest.mark.parametrize(
    ("method", "p_value"),
    [
        ("mcnemar", 0.033006),
        ("mcnemar-cc", 0.055009),
        ("mcnemar-exact", 0.052479),
        ("mcnemar-mid-p", 0.034690),
    ],
)
def test_tests_response(method, p_value):
    found = paired_test(*RESPONSE, method=method)
    assert found.p_value == pytest.approx(p_value, abs=5.1e-7)
