"""How the chance that a study is published depends on its p-value: the weight functions.

A weight function gives the likelihood of selection, up to a factor, for a p-value. Its normal
integral is taken in z, where all of them are smooth: pieces on which it is constant in closed
form, the rest by Gauss-Legendre panels whose nodes all studies share. Selection for negative
effects is that for positive ones with the signs of the effects turned.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats._special import erf, expit, log_expit, ndtr, ndtri

__all__ = [
    "FORMS",
    "PValues",
    "Rule",
    "Support",
    "form_rule",
    "p_values",
    "step_rule",
    "support_of",
]

LEAST_P = 1e-5  # p-values are kept this far from 0 and 1 where weights there are infinite or 0
LARGEST = 100.0  # bound of the parameters
_FAR = 8.5  # beyond it p or 1 - p is below the rounding of 1
_FARTHEST = 37.5  # beyond it a p-value is no normal number
_NODES = 12
_PANEL = 0.75

Weights = tuple[FloatArray, tuple[FloatArray, ...]]


@dataclass(frozen=True, slots=True)
class PValues:
    """P-values of tests, with what weights are computed from.

    Attributes
    ----------
    p, q : ndarray
        P-value and 1 - p, each to full relative accuracy.
    free : ndarray of bool
        Where a p-value is at or below the threshold, so that selection is certain.
    """

    p: FloatArray
    q: FloatArray
    free: BoolArray


@dataclass(frozen=True, slots=True)
class Rule:
    """A weight function.

    Attributes
    ----------
    log_weight : callable
        ``log_weight(delta, p_values, precision)``: logarithms of weights, and their derivatives
        by each parameter.
    parameters : int
        Number of parameters.
    least : float
        Lower bound of the parameters.
    null : float
        Their value without selection.
    edges : tuple of float
        P-values at which the function jumps.
    clipped : bool
        Whether p-values are kept away from 0 and 1.
    fixed : bool
        Whether the first parameter is 1 by definition.
    slow : bool
        Whether it still changes at p-values below the rounding of 1.
    steep : bool
        Whether it changes without bound towards p = 1.
    """

    log_weight: Callable[[FloatArray, PValues, FloatArray], Weights]
    parameters: int
    least: float = 0.0
    null: float = 0.0
    edges: tuple[float, ...] = ()
    clipped: bool = False
    fixed: bool = False
    slow: bool = False
    steep: bool = False


@dataclass(frozen=True, slots=True)
class Support:
    """Where a weight function is integrated.

    Attributes
    ----------
    low, high : ndarray, shape (j,)
        Ends in z of the pieces on which it is constant.
    constant : PValues, shape (j,)
        P-values that stand for the pieces.
    nodes, shares : ndarray, shape (n,)
        Nodes in z and their weights in the sum that is the integral of the rest.
    varying : PValues, shape (n,)
        P-values at the nodes.
    """

    low: FloatArray
    high: FloatArray
    constant: PValues
    nodes: FloatArray
    shares: FloatArray
    varying: PValues


_Form = Callable[[FloatArray, PValues, FloatArray], Weights]


def _beta(delta: FloatArray, at: PValues, precision: FloatArray) -> Weights:
    log_p, log_q = np.log(at.p), np.log(at.q)
    return (delta[0] - 1) * log_p + (delta[1] - 1) * log_q, (log_p, log_q)


def _half_normal(delta: FloatArray, at: PValues, precision: FloatArray) -> Weights:
    slope = -precision * at.p**2
    return delta[0] * slope, (slope,)


def _negative_exponential(delta: FloatArray, at: PValues, precision: FloatArray) -> Weights:
    slope = -precision * at.p
    return delta[0] * slope, (slope,)


def _logistic(delta: FloatArray, at: PValues, precision: FloatArray) -> Weights:
    size = precision * at.p
    log_weight = np.log(2.0) + log_expit(-delta[0] * size)
    return log_weight, (-size * expit(delta[0] * size),)


def _power(delta: FloatArray, at: PValues, precision: FloatArray) -> Weights:
    slope = precision * np.log(at.q)
    return delta[0] * slope, (slope,)


def _negative_exponential_power(delta: FloatArray, at: PValues, precision: FloatArray) -> Weights:
    log_p = np.log(at.p)
    size = precision * np.exp(log_p / delta[1])
    return -delta[0] * size, (-size, delta[0] * size * log_p / delta[1] ** 2)


def _with_floor(
    rule: _Form,
) -> _Form:
    """A rule that falls to a floor above 0: (floor + weight) / (floor + 1)."""

    def floored(delta: FloatArray, at: PValues, precision: FloatArray) -> Weights:
        floor = delta[0]
        log_inner, (slope,) = rule(delta[1:], at, precision)
        inner = np.exp(log_inner)
        total = floor + inner
        return np.log(total) - np.log1p(floor), (1 / total - 1 / (1 + floor), inner * slope / total)

    return floored


FORMS: dict[str, Rule] = {
    "beta": Rule(_beta, 2, least=1e-5, null=1.0, clipped=True, steep=True),
    "halfnorm": Rule(_half_normal, 1),
    "negexp": Rule(_negative_exponential, 1),
    "logistic": Rule(_logistic, 1),
    "power": Rule(_power, 1, clipped=True, steep=True),
    "negexppow": Rule(_negative_exponential_power, 2, slow=True),
}
_WITH_FLOOR = ("halfnorm", "negexp", "logistic", "power")
FORMS |= {
    f"{name}2": Rule(_with_floor(FORMS[name].log_weight), 2, steep=FORMS[name].steep)
    for name in _WITH_FLOOR
}


def form_rule(form: str, threshold: float = 0.0) -> Rule:
    """Weight function of a name, continuous at a threshold up to which selection is certain.

    Parameters
    ----------
    form : str
        A key of `FORMS`.
    threshold : float
        P-value up to which the weight is 1; beyond, it is that of the form over its value there.
        0 for none.

    Returns
    -------
    Rule
        The weight function.

    Examples
    --------
    >>> rule = form_rule("negexp", 0.3)
    >>> at = PValues(np.array([0.7]), np.array([0.3]), np.array([False]))
    >>> rule.log_weight(np.array([2.0]), at, np.ones(1))[0].round(6)
    array([-0.8])
    """
    rule = FORMS[form]
    if not threshold:
        return rule
    anchor = PValues(np.array([threshold]), np.array([1 - threshold]), np.zeros(1, dtype=bool))
    floored = form.removesuffix("2") if form.endswith("2") else ""
    inner = FORMS[floored or form].log_weight

    def anchored(delta: FloatArray, at: PValues, precision: FloatArray) -> Weights:
        value, slopes = inner(delta, at, precision)
        start, start_slopes = inner(delta, anchor, precision)
        pairs = zip(slopes, start_slopes, strict=True)
        return value - start, tuple(slope - before for slope, before in pairs)

    return replace(rule, log_weight=_with_floor(anchored) if floored else anchored)


def step_rule(steps: Sequence[float]) -> Rule:
    """Weight function that is constant between steps.

    Parameters
    ----------
    steps : sequence of float
        P-values in order, the last 1; there are as many intervals.

    Returns
    -------
    Rule
        One parameter an interval, the first 1 by definition.

    Examples
    --------
    >>> step_rule((0.025, 1.0)).parameters
    2
    """
    ends = np.array(steps)

    def log_weight(delta: FloatArray, at: PValues, precision: FloatArray) -> Weights:
        index = np.minimum(np.searchsorted(ends, at.p, side="left"), ends.size - 1)
        slopes = tuple(np.where(index == j, 1 / delta[j], 0.0) for j in range(ends.size))
        return np.log(delta)[index], slopes

    edges = tuple(float(end) for end in ends[:-1])
    return Rule(log_weight, ends.size, null=1.0, edges=edges, fixed=True)


def p_values(z: FloatArray, rule: Rule, sides: int, threshold: float = 0.0) -> PValues:
    """P-values of tests against positive (one side) or any (two sides) effects.

    Parameters
    ----------
    z : ndarray
        Effects over their standard errors.
    rule : Rule
        Weight function.
    sides : {1, 2}
        Sides of the test.
    threshold : float
        P-value up to which selection is certain.

    Returns
    -------
    PValues
        In the shape of ``z``.

    Examples
    --------
    >>> p_values(np.array([1.959964]), FORMS["halfnorm"], 1).p.round(4)
    array([0.025])
    """
    if sides == 1:
        p, q = ndtr(-z), ndtr(z)
    else:
        p, q = 2 * ndtr(-np.abs(z)), erf(np.abs(z) / np.sqrt(2.0))
    if rule.clipped:
        p, q = np.clip(p, LEAST_P, 1 - LEAST_P), np.clip(q, LEAST_P, 1 - LEAST_P)
    return PValues(p, q, p <= threshold if threshold else np.zeros(z.shape, dtype=bool))


def support_of(rule: Rule, sides: int, threshold: float = 0.0) -> Support:
    """Pieces and nodes by which a weight function is integrated.

    Parameters
    ----------
    rule : Rule
        Weight function.
    sides : {1, 2}
        Sides of the test.
    threshold : float
        P-value up to which selection is certain.

    Returns
    -------
    Support
        For `p_values` of the same arguments.

    Examples
    --------
    >>> support_of(step_rule((0.025, 1.0)), 1).low.round(4)
    array([-inf, 1.96])
    """
    jumps = [*rule.edges, *([threshold] if threshold else [])]
    cuts = sorted(float(-ndtri(edge / sides)) for edge in jumps)
    if sides == 2:
        cuts = [*(-cut for cut in reversed(cuts)), *cuts]
    if rule.fixed:
        edges = np.array([-np.inf, *cuts, np.inf])
        nodes, shares = np.zeros(0), np.zeros(0)
        low, high = edges[:-1], edges[1:]
    else:
        start, end = _varying_range(rule, sides, threshold)
        low, high = np.array([-np.inf, end]), np.array([start, np.inf])
        nodes, shares = _panels(start, end, sides, steep=rule.steep)
    middle = _inside(low, high)
    return Support(
        low,
        high,
        p_values(middle, rule, sides, threshold),
        nodes,
        shares,
        p_values(nodes, rule, sides, threshold),
    )


def _varying_range(rule: Rule, sides: int, threshold: float) -> tuple[float, float]:
    """Ends in z between which the weight varies."""
    end = float(-ndtri(LEAST_P / sides)) if rule.clipped else _FARTHEST if rule.slow else _FAR
    start = -end if sides == 2 or rule.clipped else -_FAR
    if threshold:
        cut = float(-ndtri(threshold / sides))
        end = min(end, cut)
        start = max(start, -cut) if sides == 2 else min(start, end)
    return start, end


def _inside(low: FloatArray, high: FloatArray) -> FloatArray:
    """A point within each piece; beyond the ends for the outer ones."""
    first = np.where(np.isinf(low), np.minimum(high, _FARTHEST) - 1.0, low)
    last = np.where(np.isinf(high), np.maximum(low, -_FARTHEST) + 1.0, high)
    point = np.where(np.isinf(low), first, np.where(np.isinf(high), last, (low + high) / 2))
    return np.asarray(np.clip(point, -_FARTHEST, _FARTHEST))


def _panels(start: float, end: float, sides: int, *, steep: bool) -> tuple[FloatArray, FloatArray]:
    """Nodes and weights of Gauss-Legendre panels; of two sides with an edge at 0, fine if steep."""
    if sides == 2 and not steep:
        half = np.linspace(0.0, end, max(int(np.ceil(end / _PANEL)), 1) + 1)
        edges = np.concatenate([-half[:0:-1], half])
    elif sides == 1:
        edges = np.linspace(start, end, max(int(np.ceil((end - start) / _PANEL)), 1) + 1)
    else:
        near = float(-ndtri(0.5 * (1 - LEAST_P)))
        fine = near * 3.0 ** np.arange(int(np.log(_PANEL / near) / np.log(3.0)) + 1)
        inner = fine[fine < end]
        last = float(inner[-1]) if inner.size else 0.0
        rest = np.linspace(last, end, max(int(np.ceil((end - last) / _PANEL)), 1) + 1)[1:]
        half = np.asarray(np.concatenate([inner, rest]), dtype=np.float64)
        edges = np.concatenate([-half[::-1], [0.0], half])
    if end > _FAR:  # there it changes slowly
        edges = np.concatenate([edges[np.abs(edges) <= _FAR], edges[np.abs(edges) > _FAR][::3]])
        edges = np.unique(np.append(edges, [start, end]))
    x, w = np.polynomial.legendre.leggauss(_NODES)
    width, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return (middle[:, None] + width[:, None] * x).ravel(), (width[:, None] * w).ravel()
