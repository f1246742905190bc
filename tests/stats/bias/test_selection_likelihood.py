"""The likelihood of selected effects against an integral by brute force."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from scipy import integrate, stats

from evsyn.stats._optimize import gradient
from evsyn.stats.bias.selection_likelihood import SelectionLikelihood, Transform
from evsyn.stats.bias.selection_weights import (
    FORMS,
    Rule,
    form_rule,
    p_values,
    step_rule,
    support_of,
)

RNG = np.random.default_rng(20)  # synthetic effects
VI = RNG.uniform(0.01, 0.5, 6)
YI = RNG.normal(0.3, np.sqrt(VI + 0.05))
STEPS = (0.025, 0.2, 1.0)
DELTA = {1: [1.7], 2: [0.6, 1.8]}


def likelihood(name: str, sides: int, threshold: float, precise: bool) -> SelectionLikelihood:
    rule: Rule = step_rule(STEPS) if name == "step" else form_rule(name, threshold)
    observed = p_values(YI / np.sqrt(VI), rule, sides, threshold)
    precision = np.sqrt(VI / VI.max()) if precise else np.ones(VI.size)
    return SelectionLikelihood(
        YI, VI, rule, support_of(rule, sides, threshold), observed, precision
    )


def weight(name: str, p: float, delta: list[float], precision: float) -> float:
    """The functions as their papers print them, p-values kept from 0 and 1 for two of them."""
    if name == "step":
        return ([1.0, *delta])[int(np.searchsorted(STEPS, p))]
    if name in ("beta", "power"):
        p = min(max(p, 1e-5), 1 - 1e-5)
    if name == "beta":
        return p ** (delta[0] - 1) * (1 - p) ** (delta[1] - 1)
    if name == "negexppow":
        return float(np.exp(-delta[0] * precision * p ** (1 / delta[1])))
    floor, d = (delta[0], delta[1]) if name.endswith("2") else (0.0, delta[0])
    d *= precision
    inner = {
        "halfnorm": np.exp(-d * p * p),
        "negexp": np.exp(-d * p),
        "logistic": 2 * np.exp(-d * p) / (1 + np.exp(-d * p)),
        "power": (1 - p) ** d,
    }[name.removesuffix("2")]
    return float((floor + inner) / (floor + 1))


def brute(name: str, sides: int, delta: list[float], precision: np.ndarray) -> float:
    total = 0.0
    for y, v, c in zip(YI, VI, precision, strict=True):
        se, sd = v**0.5, (v + 0.07) ** 0.5

        def p_of(x: float, se: float = se) -> float:
            return float(stats.norm.sf(x / se) if sides == 1 else 2 * stats.norm.sf(abs(x) / se))

        def integrand(x: float, c: float = c, sd: float = sd, p_of: object = p_of) -> float:
            return weight(name, p_of(x), delta, c) * stats.norm.pdf(x, 0.2, sd)  # type: ignore

        edges = [step / sides for step in STEPS[:2]] if name == "step" else [1e-5 / sides]
        cuts = [se * stats.norm.isf(edge) for edge in edges]
        cuts = sorted([0.2 - 12 * sd, 0.0, *cuts, *(-cut for cut in cuts), 0.2 + 12 * sd])
        area = sum(
            integrate.quad(integrand, a, b, epsabs=1e-13, epsrel=1e-12, limit=500)[0]
            for a, b in itertools.pairwise(cuts)
        )
        total += np.log(weight(name, p_of(y), delta, c)) + stats.norm.logpdf(y, 0.2, sd)
        total -= np.log(area)
    return float(total)


@pytest.mark.parametrize("sides", [1, 2])
@pytest.mark.parametrize("name", ["step", *FORMS])
def test_likelihood_is_that_of_adaptive_quadrature(name: str, sides: int) -> None:
    model = likelihood(name, sides, 0.0, precise=False)
    delta = [0.6, 0.2] if name == "step" else DELTA[model.rule.parameters]
    full = [1.0, *delta] if name == "step" else delta
    found = model.value(np.array([0.2, 0.07, *full]))
    assert found == pytest.approx(brute(name, sides, delta, np.ones(6)), rel=1e-10)


def test_precision_enters_as_a_factor() -> None:
    model = likelihood("negexp", 1, 0.0, precise=True)
    found = model.value(np.array([0.2, 0.07, 1.7]))
    assert found == pytest.approx(brute("negexp", 1, [1.7], model.precision), rel=1e-10)


@pytest.mark.parametrize("threshold", [0.0, 0.05])
@pytest.mark.parametrize("precise", [False, True])
@pytest.mark.parametrize("name", FORMS)
def test_gradient_is_that_of_differences(name: str, precise: bool, threshold: float) -> None:
    model = likelihood(name, 1, threshold, precise)
    point = np.array([0.2, 0.07, *DELTA[model.rule.parameters]])
    slope = model.value_and_gradient(point)[1]
    np.testing.assert_allclose(gradient(model.value, point), slope, rtol=1e-7, atol=1e-8)


def test_gradient_by_steps() -> None:
    model = likelihood("step", 2, 0.0, precise=False)
    point = np.array([0.2, 0.07, 1.0, 0.6, 0.2])
    slope = model.value_and_gradient(point)[1]
    np.testing.assert_allclose(gradient(model.value, point), slope, rtol=1e-7, atol=1e-8)


def test_no_selection_is_the_normal_likelihood() -> None:
    model = likelihood("step", 1, 0.0, precise=False)
    normal = stats.norm.logpdf(YI, 0.2, np.sqrt(VI + 0.07)).sum()
    assert model.value(np.array([0.2, 0.07, 1, 1, 1])) == pytest.approx(normal, rel=1e-13)


def test_outside_the_domain() -> None:
    model = likelihood("step", 1, 0.0, precise=False)
    assert model.value(np.array([0.2, -1.0, 1, 1, 1])) == -np.inf
    assert model.value(np.array([0.2, 0.1, 1, -1, 1])) == -np.inf
    assert model.value(np.array([np.nan, 0.1, 1, 1, 1])) == -np.inf


def test_transform_goes_there_and_back() -> None:
    transform = Transform(np.array([np.nan, np.nan, 1.0, np.nan]), least=0.0)
    values = np.array([-0.3, 0.2, 1.0, 7.0])
    x = transform.unbounded(values)
    np.testing.assert_allclose(transform.bounded(x), values, rtol=1e-13)
    for j in range(3):
        step = np.zeros(3)
        step[j] = 1e-6
        change = (transform.bounded(x + step) - transform.bounded(x - step)) / 2e-6
        assert change[transform.free][j] == pytest.approx(transform.slope(x)[j], rel=1e-7)
