"""Weight functions: their values, jumps, and the integrals their supports give."""

from __future__ import annotations

import numpy as np
import pytest

from evsyn.stats.bias import selection_weights
from evsyn.stats.bias.selection_weights import (
    FORMS,
    PValues,
    form_rule,
    p_values,
    step_rule,
    support_of,
)


def at(p: list[float]) -> PValues:
    values = np.array(p)
    return PValues(values, 1 - values, np.zeros(values.shape, dtype=bool))


P = [0.1, 0.3, 0.31, 0.7]

# metafor 3.8-1, the weight function of a fit with steps=.3 at p = .1 .3 .31 .7: delta 2; for
# negexppow 2 and .6; for those with a floor .4 and 2. Without steps for those with a floor.
WITH_THRESHOLD = {
    "halfnorm": ([2], [1, 1, 0.987874118279, 0.449328964117]),
    "negexp": ([2], [1, 1, 0.980198673307, 0.449328964117]),
    "logistic": ([2], [1, 1, 0.987124810098, 0.558260567119]),
    "power": ([2], [1, 1, 0.971632653061, 0.183673469388]),
    "negexppow": ([2, 0.6], [1, 1, 0.985010098313, 0.433944497918]),
    "halfnorm2": ([0.4, 2], [1, 1, 0.991338655914, 0.606663545798]),
    "negexp2": ([0.4, 2], [1, 1, 0.985856195219, 0.606663545798]),
    "logistic2": ([0.4, 2], [1, 1, 0.990803435784, 0.684471833656]),
    "power2": ([0.4, 2], [1, 1, 0.979737609329, 0.416909620991]),
}
WITHOUT = {
    "halfnorm2": ([0.4, 2], [0.985856195219, 0.882335865294, 0.875101302588, 0.553793642037]),
    "negexp2": ([0.4, 2], [0.870521966484, 0.67772259721, 0.669960312568, 0.461854974244]),
    "logistic2": ([0.4, 2], [0.928808575268, 0.791919562535, 0.785402073466, 0.568308730631]),
    "power2": ([0.4, 2], [0.864285714286, 0.635714285714, 0.625785714286, 0.35]),
    "beta": ([2, 0.6], [0.104304488151, 0.346004732335, 0.359601966096, 1.13305120794]),
}


@pytest.mark.parametrize("form", WITH_THRESHOLD)
def test_weights_from_a_threshold_are_those_of_r(form: str) -> None:
    delta, expected = WITH_THRESHOLD[form]
    log_weight, _ = form_rule(form, 0.3).log_weight(np.array(delta, float), at(P), np.ones(1))
    log_weight = np.where(np.array(P) <= 0.3, 0.0, log_weight)
    np.testing.assert_allclose(np.exp(log_weight), expected, rtol=1e-11)


@pytest.mark.parametrize("form", WITHOUT)
def test_weights_are_those_of_r(form: str) -> None:
    delta, expected = WITHOUT[form]
    log_weight, _ = form_rule(form).log_weight(np.array(delta, float), at(P), np.ones(1))
    np.testing.assert_allclose(np.exp(log_weight), expected, rtol=1e-11)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("threshold", [0.0, 0.05])
def test_slopes_are_those_of_differences(form: str, threshold: float) -> None:
    rule = form_rule(form, threshold)
    delta = np.array([0.7, 1.9])[: rule.parameters]
    precision = np.array([1.0, 0.5, 0.2, 0.9])
    _, slopes = rule.log_weight(delta, at(P), precision)
    for j, slope in enumerate(slopes):
        step = np.zeros(delta.size)
        step[j] = 1e-5
        high = rule.log_weight(delta + step, at(P), precision)[0]
        low = rule.log_weight(delta - step, at(P), precision)[0]
        np.testing.assert_allclose(slope, (high - low) / 2e-5, rtol=1e-7, atol=1e-9)


def test_a_p_value_on_a_step_belongs_to_the_interval_below() -> None:
    rule = step_rule((0.025, 0.5, 1.0))
    weights = rule.log_weight(np.array([1.0, 0.5, 0.2]), at([0.025, 0.026, 0.5, 1.0]), np.ones(1))
    np.testing.assert_allclose(np.exp(weights[0]), [1, 0.5, 0.5, 0.2])


def test_p_values_of_one_and_two_sides() -> None:
    z = np.array([-1.0, 0.0, 1.959963984540054, 30.0])
    one, two = p_values(z, FORMS["negexp"], 1), p_values(z, FORMS["negexp"], 2)
    np.testing.assert_allclose(one.p[:3], [0.8413447460685429, 0.5, 0.025], rtol=1e-13)
    np.testing.assert_allclose(two.p[:3], [0.31731050786291415, 1, 0.05], rtol=1e-13)
    np.testing.assert_allclose(one.p + one.q, 1)
    assert one.p[3] > 0  # 5e-198 in the tail, where 1 - q would be 0
    clipped = p_values(z, FORMS["beta"], 1)
    assert clipped.p[3] == 1e-5


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("threshold", [0.0, 0.05, 0.5, 0.9999999])
@pytest.mark.parametrize("form", FORMS)
def test_pieces_and_panels_cover_the_line_once(form: str, sides: int, threshold: float) -> None:
    support = support_of(FORMS[form], sides, threshold)
    lengths = np.where(np.isfinite(support.low) & np.isfinite(support.high), 1, 0)
    assert lengths.sum() == 0  # two unbounded pieces and the panels between
    np.testing.assert_allclose(support.shares.sum(), support.low[-1] - support.high[0], rtol=1e-12)


def test_steps_of_two_sides_are_pieces_on_both() -> None:
    support = support_of(step_rule((0.05, 0.5, 1.0)), 2)
    edges = [-np.inf, -1.959964, -0.67449, 0.67449, 1.959964, np.inf]
    np.testing.assert_allclose(support.low, edges[:-1], rtol=1e-6)
    np.testing.assert_allclose(support.high, edges[1:], rtol=1e-6)
    steps = np.searchsorted([0.05, 0.5, 1.0], support.constant.p)
    np.testing.assert_array_equal(steps, [0, 1, 2, 1, 0])


def test_module_constants_are_those_documented() -> None:
    assert (selection_weights.LEAST_P, selection_weights.LARGEST) == (1e-5, 100.0)
