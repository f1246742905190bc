"""Maximum likelihood for counts with random effects: Newton steps from several starts.

Parameters of single studies are eliminated from the Newton equations, so that the cost grows in
proportion to the studies. A standard deviation of 0 is a stationary point of every likelihood
here, hence models are fitted with and without each random effect and the higher likelihood wins.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.models._count_likelihood import Design, Point, Rule, study_likelihoods

__all__ = ["MixedFit", "fit_mixed"]

_FIRST = Rule(33)  # more nodes are taken until half of them would nearly do
_MOST_NODES = (1600, 300)  # for one and two random effects
_SCAN = Rule(15)
_STARTS = 6  # standard deviations from which a search is begun
_ITERATIONS = 150
_LARGEST = 50.0  # standard deviation that is taken for a likelihood without a maximum
_GAIN = 1e-12  # relative to the likelihood, below which a random effect is none
_AGREED = 3e-7  # relative change of the likelihood with half the nodes: errors are squared


@dataclass(frozen=True, slots=True)
class MixedFit:
    """Maximum of a likelihood.

    Attributes
    ----------
    point : Point
        Estimates.
    log_likelihood : float
        Its value.
    covariance : ndarray, shape (f + r, f + r)
        Of the common parameters and the scales: inverse of the observed information; ``nan``
        where that is singular, and for a scale that is 0.
    converged : bool
        Whether the Newton step is negligible and the integrals do not change with more nodes.
    bounded : bool
        Whether the scales are finite.
    nodes : int
        Nodes per random effect of the integrals; 1 where there are none.
    """

    point: Point
    log_likelihood: float
    covariance: FloatArray
    converged: bool
    bounded: bool
    nodes: int


@dataclass(frozen=True, slots=True)
class _State:
    """A point with the likelihood there and the Newton step from there."""

    point: Point
    value: float
    step: Point
    decrement: float
    information: FloatArray


def fit_mixed(design: Design, start: Point, nodes: int | None = None) -> MixedFit:
    """Maximise a likelihood.

    Parameters
    ----------
    design : Design
        Counts and linear predictors.
    start : Point
        Where to begin; its scales are taken for typical sizes.
    nodes : int or None
        Nodes of an adaptive Gauss-Hermite rule whose likelihood is maximised as it is; ``None``
        for the integral itself.

    Returns
    -------
    MixedFit
        The highest maximum found.
    """
    effects = design.random.shape[1]
    if not effects:
        return _polished(design, start, nodes)
    reduced = [_reduced(design, start, effect, nodes) for effect in range(effects)]
    best = max(reduced, key=lambda fit: fit.log_likelihood)
    begins = _starts(design, start, reduced)
    if not begins:
        return best
    full = _polished(design, begins[0], nodes)
    gain = full.log_likelihood - best.log_likelihood
    return full if gain > _GAIN * (1.0 + abs(best.log_likelihood)) else best


def _reduced(design: Design, start: Point, effect: int, nodes: int | None) -> MixedFit:
    """Fit without one random effect, its scale put back as 0."""
    rest = Point(start.own, start.fixed, np.delete(start.scale, effect))
    fit = fit_mixed(design.without(effect), rest, nodes)
    at = start.fixed.size + effect
    covariance = np.insert(np.insert(fit.covariance, at, np.nan, axis=0), at, np.nan, axis=1)
    point = Point(fit.point.own, fit.point.fixed, np.insert(fit.point.scale, effect, 0.0))
    value = fit.log_likelihood
    return MixedFit(point, value, covariance, fit.converged, fit.bounded, fit.nodes)


def _starts(design: Design, start: Point, reduced: list[MixedFit]) -> list[Point]:
    """Points worth a search, best first: along the first scale, the others following."""
    origin = reduced[0].point
    others = np.where(origin.scale[1:] > 0, origin.scale[1:], 0.3 * start.scale[1:])
    found: list[tuple[float, Point]] = []
    typical = start.scale[0]
    for scale in np.geomspace(0.1 * typical, max(5.0 * typical, 4.0), _STARTS):
        point = Point(origin.own, origin.fixed, np.concatenate([[scale], others]))
        state = _climb(design, point, _SCAN, held=True)
        if np.isfinite(state.value):
            found.append((state.value, state.point))
            origin, others = state.point, np.maximum(state.point.scale[1:], 1e-3)
    found.sort(key=lambda item: -item[0])
    return [point for _, point in found]


def _polished(design: Design, start: Point, nodes: int | None) -> MixedFit:
    """Search to the end, with as many nodes as the integrals need where it ends."""
    given = nodes is not None or not design.random.shape[1]
    rule, agreed = (Rule(nodes or 1, gauss=True), True) if given else _enough(design, start, _FIRST)
    state = _climb(design, start, rule)
    while not given and np.isfinite(state.value):
        needed, agreed = _enough(design, state.point, rule)
        if needed.nodes == rule.nodes:
            break
        rule, state = needed, _climb(design, state.point, needed)
    bounded = bool((state.point.scale < _LARGEST).all())
    converged = agreed and bounded and state.decrement <= _negligible(state.value)
    covariance = _inverse(state.information)
    return MixedFit(state.point, state.value, covariance, bool(converged), bounded, rule.nodes)


def _enough(design: Design, point: Point, rule: Rule) -> tuple[Rule, bool]:
    """Nodes, those given or more, half of which would nearly do; and whether there are such."""
    effects = design.random.shape[1]
    while True:
        value = _log_likelihood(design, point, rule)
        coarser = _log_likelihood(design, point, Rule(rule.nodes // 2 + 1))
        if abs(value - coarser) <= _AGREED * (1.0 + abs(value)):
            return rule, True
        finer = Rule(2 * rule.nodes - 1 if effects == 1 else rule.nodes + 2 * (rule.nodes // 4))
        if finer.nodes > _MOST_NODES[effects - 1] or not np.isfinite(value):
            return rule, False
        rule = finer


def _log_likelihood(design: Design, point: Point, rule: Rule) -> float:
    """Log likelihood of all studies."""
    with np.errstate(all="ignore"):
        return float(study_likelihoods(design, point, rule).value.sum())


def _negligible(value: float) -> float:
    """Newton decrement below which no digit that matters changes."""
    return 1e-15 * (1.0 + abs(value))


def _climb(design: Design, start: Point, rule: Rule, held: bool = False) -> _State:
    """Newton's method with steps shortened until the likelihood rises.

    With the first scale held, which is for the choice of a start, it ends early.
    """
    iterations, enough = (4, 0.01) if held else (_ITERATIONS, 1e-22)
    shortest = 0.2 if held else 1e-6 if rule.gauss else 0.005
    state = _state(design, start, rule, held)
    for _ in range(iterations):
        settled = state.decrement <= 1e-10
        step, share = _limited(state), 1.0
        after = _state(design, _moved(state.point, step, share), rule, held)
        least = state.value - 1e-13 * (1.0 + abs(state.value))
        while not after.value >= least and share > shortest:
            share /= 2
            after = _state(design, _moved(state.point, step, share), rule, held)
        if not after.value >= least:
            break
        done = settled and not after.decrement < 0.1 * state.decrement
        state = after
        if done or state.decrement < enough or (state.point.scale > _LARGEST).any():
            break
    return state


def _moved(point: Point, step: Point, share: float) -> Point:
    """Go a share of a step from a point; scales stay positive."""
    own = point.own + share * step.own
    scale = np.abs(point.scale + share * step.scale)
    return Point(own, point.fixed + share * step.fixed, scale)


def _limited(state: _State) -> Point:
    """Newton step, no parameter further than its likelihood can be trusted."""
    step = state.step
    fixed = np.abs(step.fixed).max(initial=0.0) / 3.0
    scale = (np.abs(step.scale) / (0.5 * state.point.scale + 0.2)).max(initial=0.0)
    shrink = 1.0 / max(1.0, float(fixed), float(scale))
    own = np.clip(shrink * step.own, -3.0, 3.0)
    return Point(own, shrink * step.fixed, shrink * step.scale)


def _state(design: Design, point: Point, rule: Rule, held: bool) -> _State:
    """Likelihood and Newton step at a point; an impossible value where it is not finite."""
    with np.errstate(all="ignore"):
        parts = study_likelihoods(design, point, rule)
    f, r = point.fixed.size, point.scale.size
    none = Point(np.zeros_like(point.own), np.zeros(f), np.zeros(r))
    value = float(parts.value.sum())
    if not (np.isfinite(value) and np.isfinite(parts.hessian).all()):
        return _State(point, -np.inf, none, np.inf, np.full((f + r, f + r), np.nan))
    owns = design.own is not None
    gradient = parts.gradient[owns:].sum(axis=1)
    information = -parts.hessian[owns:, owns:].sum(axis=2)
    if owns:
        curvature = np.maximum(-parts.hessian[0, 0], 1e-300)
        cross = parts.hessian[1:, 0]
        gradient = gradient + (cross / curvature) @ parts.gradient[0]
        information = information - (cross / curvature) @ cross.T
    free = np.ones(f + r, dtype=bool)
    free[f : f + held] = False
    common = np.zeros(f + r)
    common[free] = _ascent(information[np.ix_(free, free)], gradient[free])
    decrement = float(common @ gradient)
    own = none.own
    if owns:
        own = (parts.gradient[0] + common @ cross) / curvature
        decrement += float((parts.gradient[0] ** 2 / curvature).sum())
    return _State(point, value, Point(own, common[:f], common[f:]), decrement, information)


def _ascent(information: FloatArray, gradient: FloatArray) -> FloatArray:
    """Newton step; where the likelihood curves upwards, up along the slope all the same."""
    size = np.sqrt(np.maximum(np.abs(np.diag(information)), 1e-300))
    scaled = information / np.outer(size, size)
    values, vectors = np.linalg.eigh(scaled)
    values = np.maximum(np.abs(values), 1e-12 * np.abs(values).max(initial=1e-300))
    return np.asarray(vectors @ ((vectors.T @ (gradient / size)) / values) / size)


def _inverse(information: FloatArray) -> FloatArray:
    """Covariance; ``nan`` throughout where the information is not positive definite."""
    none = np.full(information.shape, np.nan)
    if not np.isfinite(information).all() or (np.diag(information) <= 0).any():
        return none
    size = np.sqrt(np.diag(information))
    scaled = information / np.outer(size, size)
    if np.linalg.eigvalsh(scaled).min(initial=1.0) < 1e-11:
        return none
    return np.asarray(np.linalg.inv(scaled) / np.outer(size, size))
