"""Likelihood of counts with normal random effects, integrated numerically, with its derivatives.

The linear predictor of arm j of study i is ``fixed[j] @ beta + own[j] alpha_i +
sum(random[j] scale u_i)``, the u_i standard normal and independent. Every study's integrand is
log-concave in u; it is integrated about its highest point on the width of its curvature there.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.models._count_terms import CountTerms

__all__ = ["Design", "Point", "Rule", "StudyLikelihoods", "study_likelihoods"]

_DROP = 37.0  # where the integrand is cut: below a relative 1e-16
_LADDER = 16  # distances tried for the cut
_STEP = 3.0  # largest change of a linear predictor in one Newton step towards the mode
_DIFFERENCE = 2e-3  # step of numerical derivatives


@dataclass(frozen=True, slots=True)
class Design:
    """Counts of k studies in J arms, and how parameters enter their linear predictors.

    Attributes
    ----------
    arms : tuple of CountTerms
        Log likelihoods of the counts of each arm.
    fixed : ndarray, shape (J, f)
        Coefficients of the common parameters.
    random : ndarray, shape (J, r)
        Coefficients of the random effects; r at most 2.
    own : ndarray, shape (J,), or None
        Coefficients of a parameter that every study has for itself.
    """

    arms: tuple[CountTerms, ...]
    fixed: FloatArray
    random: FloatArray
    own: FloatArray | None = None

    def without(self, effect: int) -> Design:
        """Return the design without one of its random effects."""
        return Design(self.arms, self.fixed, np.delete(self.random, effect, axis=1), self.own)


@dataclass(frozen=True, slots=True)
class Point:
    """Values of the parameters.

    Attributes
    ----------
    own : ndarray, shape (k,)
        Each study's own parameter; zeros where the design has none.
    fixed : ndarray, shape (f,)
        Common parameters.
    scale : ndarray, shape (r,)
        Standard deviations of the random effects.
    """

    own: FloatArray
    fixed: FloatArray
    scale: FloatArray


@dataclass(frozen=True, slots=True)
class Rule:
    """How to integrate.

    Attributes
    ----------
    nodes : int
        Nodes per random effect.
    gauss : bool
        Adaptive Gauss-Hermite quadrature with so many nodes (1: Laplace), as other programs have
        it, in place of the trapezoidal rule, which converges to the integral.
    """

    nodes: int
    gauss: bool = False


@dataclass(frozen=True, slots=True)
class StudyLikelihoods:
    """Log likelihood of each study with derivatives by its q parameters.

    Attributes
    ----------
    value : ndarray, shape (k,)
        Log likelihoods.
    gradient : ndarray, shape (q, k)
        By the own parameter, if any, the common ones and the scales.
    hessian : ndarray, shape (q, q, k)
        Second derivatives.
    """

    value: FloatArray
    gradient: FloatArray
    hessian: FloatArray


def study_likelihoods(design: Design, point: Point, rule: Rule) -> StudyLikelihoods:
    """Log likelihood of each study, with its derivatives.

    Parameters
    ----------
    design : Design
        Counts and linear predictors.
    point : Point
        Values of the parameters.
    rule : Rule
        How to integrate.

    Returns
    -------
    StudyLikelihoods
        The derivatives are means over the distribution of the random effects given the counts:
        of the score, and of its square and slope [1]_; those of a Gauss-Hermite rule, whose
        nodes move with the parameters, are differences.

    References
    ----------
    .. [1] T. A. Louis, "Finding the observed information matrix when using the EM algorithm",
       J R Stat Soc B 44 (1982) 226-233.
    """
    if rule.gauss and design.random.shape[1]:
        return _differences(design, point, rule)
    logs, slopes, u = _integrand(design, point, rule)
    top = logs.max(axis=1, keepdims=True)
    weights = np.exp(logs - top)
    total = weights.sum(axis=1, keepdims=True)
    weights /= total
    value = (top + np.log(total))[:, 0]
    return StudyLikelihoods(value, *_moments(design, weights, slopes, u))


_Slopes = list[tuple[FloatArray, FloatArray]]


def _moments(
    design: Design, weights: FloatArray, slopes: _Slopes, u: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Gradient and Hessian of each study from the weights of the nodes."""
    bases = [_basis(design, arm, u) for arm in range(len(design.arms))]
    q, k = len(bases[0]), weights.shape[0]
    score = []
    for at in range(q):
        parts = [first * basis[at] for (first, _), basis in zip(slopes, bases, strict=True)]
        score.append(functools.reduce(np.add, parts))
    gradient, hessian = np.empty((q, k)), np.empty((q, q, k))
    seconds = [weights * second for _, second in slopes]
    for at in range(q):
        weighted = weights * score[at]
        gradient[at] = weighted.sum(axis=1)
        curved = [second * basis[at] for second, basis in zip(seconds, bases, strict=True)]
        for to in range(at + 1):
            mean = _dot(weighted, score[to]) - gradient[at] * gradient[to]
            for part, basis in zip(curved, bases, strict=True):
                mean = mean + _dot(part, basis[to])
            hessian[at, to] = hessian[to, at] = mean
    return gradient, hessian


def _dot(left: FloatArray, right: FloatArray | float) -> FloatArray:
    """Sum over the nodes of the product, for each study."""
    if isinstance(right, float):
        return np.asarray(right * left.sum(axis=1))
    return np.asarray(np.einsum("km,km->k", left, right))


def _basis(design: Design, arm: int, u: FloatArray) -> list[FloatArray | float]:
    """Derivatives of an arm's linear predictor by the parameters, at the nodes."""
    own = [] if design.own is None else [float(design.own[arm])]
    fixed = [float(value) for value in design.fixed[arm]]
    return [*own, *fixed, *(c * nodes for c, nodes in zip(design.random[arm], u, strict=True))]


def _integrand(design: Design, point: Point, rule: Rule) -> tuple[FloatArray, _Slopes, FloatArray]:
    """Logarithms of the terms of the sum, the arms' derivatives, and the nodes (r, k, m)."""
    centre = design.fixed @ point.fixed
    base = np.repeat(centre[:, None], point.own.size, axis=1)
    if design.own is not None:
        base = base + design.own[:, None] * point.own
    effects = design.random.shape[1]
    if not effects:
        values = [terms(eta[:, None]) for terms, eta in zip(design.arms, base, strict=True)]
        logs = functools.reduce(np.add, [value for value, _, _ in values])
        return logs, [(first, second) for _, first, second in values], np.empty((0, *logs.shape))
    loads = design.random * point.scale
    mode, root = _mode(design.arms, base, loads, 1e-11 if rule.gauss else 0.05)
    reach = None if rule.gauss else _reach(design.arms, base, loads, (mode, root))
    for _ in range(8):
        z, widths = _nodes(rule, reach, (effects, point.own.size))
        u = mode[:, :, None] + np.einsum("rsk,skm->rkm", root, z)
        logs, slopes = _at(design.arms, base, loads, u)
        logs += widths + np.log(np.abs(_determinant(root)))[:, None]
        if reach is None or effects == 1 or _covered(logs, rule.nodes):
            break
        reach = 1.4 * reach
    return logs, slopes, u


def _at(
    arms: tuple[CountTerms, ...], base: FloatArray, loads: FloatArray, u: FloatArray
) -> tuple[FloatArray, _Slopes]:
    """Log of counts' probability times the normal density at u, shape (r, k, m)."""
    logs = -0.5 * np.square(u).sum(axis=0) - 0.5 * len(u) * np.log(2 * np.pi)
    slopes = []
    for terms, eta, load in zip(arms, base, loads, strict=True):
        shifts = functools.reduce(np.add, [c * item for c, item in zip(load, u, strict=True)])
        value, first, second = terms(eta[:, None] + shifts)
        logs = logs + value
        slopes.append((first, second))
    return logs, slopes


def _mode(
    arms: tuple[CountTerms, ...], base: FloatArray, loads: FloatArray, tolerance: float
) -> tuple[FloatArray, FloatArray]:
    """Highest point of each integrand (r, k), and a root of the inverse curvature (r, r, k).

    The tolerance is in units of the root; a sum of equidistant terms does not need the very top.
    """
    effects, k = loads.shape[1], base.shape[1]
    u, eye = np.zeros((effects, k)), np.eye(effects)[:, :, None]
    for _ in range(200):
        gradient, curvature = -u, np.repeat(eye, k, axis=2)
        for terms, eta, load in zip(arms, base, loads, strict=True):
            _, first, second = terms((eta + load @ u)[:, None])
            gradient = gradient + load[:, None] * first[:, 0]
            curvature = curvature - np.multiply.outer(np.outer(load, load), second[:, 0])
        root = _root_of_inverse(curvature)
        scaled = np.einsum("stk,sk->tk", root, gradient)
        step = np.einsum("rtk,tk->rk", root, scaled)
        size = np.abs(loads @ step).max(axis=0)
        step *= np.minimum(1.0, _STEP / np.maximum(size, 1e-300))
        u = u + step
        if np.abs(scaled).max(initial=0.0) < tolerance:
            break
    return u, root


def _root_of_inverse(curvature: FloatArray) -> FloatArray:
    """Upper triangular R with ``R R' = inverse`` of matrices of order 1 or 2, shape (r, r, k)."""
    root = np.zeros_like(curvature)
    if len(curvature) == 1:
        root[0, 0] = 1 / np.sqrt(curvature[0, 0])
        return root
    a, b, d = curvature[0, 0], curvature[0, 1], curvature[1, 1]
    # inverse = L^-T L^-1 with the lower factor L of the curvature
    first, rest = np.sqrt(a), np.sqrt(np.maximum(d - b * b / a, 1e-300))
    root[0, 0], root[1, 1], root[0, 1] = 1 / first, 1 / rest, -b / (a * rest)
    return root


def _determinant(root: FloatArray) -> FloatArray:
    """Determinant of triangular matrices (r, r, k)."""
    return np.asarray(np.prod([root[at, at] for at in range(len(root))], axis=0))


def _reach(
    arms: tuple[CountTerms, ...],
    base: FloatArray,
    loads: FloatArray,
    shape: tuple[FloatArray, FloatArray],
) -> FloatArray:
    """Where each integrand is cut on both sides of its mode: (r, 2, k), in units of the root.

    The normal density alone falls by the drop within its square root of twice that.
    """
    mode, root = shape
    effects, k = mode.shape
    reach = np.empty((effects, 2, k))
    for effect in range(effects):
        direction = root[:, effect]
        most = np.sqrt(2 * _DROP) / np.sqrt(np.square(direction).sum(axis=0))
        most = np.maximum(most, np.sqrt(2 * _DROP))
        ladder = np.exp(np.linspace(np.log(2.5), np.log(1.01 * most), _LADDER)).T
        steps = np.concatenate([-ladder, ladder, np.zeros((k, 1))], axis=1)
        u = mode[:, :, None] + direction[:, :, None] * steps
        logs = _at(arms, base, loads, u)[0]
        fallen = logs[:, -1:] - logs[:, :-1] > _DROP
        for side, part in enumerate((fallen[:, :_LADDER], fallen[:, _LADDER:])):
            at = np.where(part.any(axis=1), part.argmax(axis=1), _LADDER - 1)
            reach[effect, side] = ladder[np.arange(k), at]
    return reach


def _nodes(
    rule: Rule, reach: FloatArray | None, shape: tuple[int, int]
) -> tuple[FloatArray, FloatArray]:
    """Nodes (r, k, m) in units of the root, and the logarithms of their weights (k or 1, m)."""
    effects, k = shape
    if reach is None:
        points, logs = _gauss_hermite(rule.nodes)
        axes = [np.repeat(points[None, :], k, axis=0)] * effects
        weights = [logs[None, :]] * effects
    else:
        share = np.linspace(0.0, 1.0, rule.nodes)
        whole = reach.sum(axis=1)
        axes = [-reach[e, 0][:, None] + whole[e][:, None] * share for e in range(effects)]
        widths = [np.log(whole[e] / (rule.nodes - 1))[:, None] for e in range(effects)]
        weights = [np.repeat(width, rule.nodes, axis=1) for width in widths]
    if effects == 1:
        return axes[0][None], weights[0]
    first = np.repeat(axes[0], rule.nodes, axis=1)
    second = np.tile(axes[1], (1, rule.nodes))
    logs = np.repeat(weights[0], rule.nodes, axis=1) + np.tile(weights[1], (1, rule.nodes))
    return np.stack([first, second]), logs


@functools.lru_cache(maxsize=16)
def _gauss_hermite(nodes: int) -> tuple[FloatArray, FloatArray]:
    """Nodes for a standard deviation of 1, and the logarithms of weights over the density."""
    points, weights = np.polynomial.hermite.hermgauss(nodes)
    return np.sqrt(2.0) * points, np.log(weights) + points**2 + 0.5 * np.log(2.0)


def _covered(logs: FloatArray, nodes: int) -> bool:
    """Whether the integrands of two effects are negligible on the edges of their squares."""
    square = logs.reshape(-1, nodes, nodes)
    edges = [square[:, 0], square[:, -1], square[:, :, 0], square[:, :, -1]]
    edge = np.max([item.max(axis=1) for item in edges], axis=0)
    return bool((edge < logs.max(axis=1) - 0.8 * _DROP).all())


def _differences(design: Design, point: Point, rule: Rule) -> StudyLikelihoods:
    """Value, gradient and Hessian of each study by central differences of fourth order."""
    owns = design.own is not None
    q = owns + point.fixed.size + point.scale.size

    def value(*moves: tuple[int, float]) -> FloatArray:
        own, common = point.own, np.concatenate([point.fixed, point.scale])
        for at, size in moves:
            if owns and at == 0:
                own = own + size
            else:
                common[at - owns] += size
        fixed, scale = common[: point.fixed.size], common[point.fixed.size :]
        logs, _, _ = _integrand(design, Point(own, fixed, scale), rule)
        top = logs.max(axis=1)
        return np.asarray(top + np.log(np.exp(logs - top[:, None]).sum(axis=1)))

    h = _DIFFERENCE
    centre = value()
    gradient, hessian = np.empty((q, centre.size)), np.empty((q, q, centre.size))
    for at in range(q):
        near = [value((at, h)), value((at, -h))]
        far = [value((at, 2 * h)), value((at, -2 * h))]
        gradient[at] = (8 * (near[0] - near[1]) - (far[0] - far[1])) / (12 * h)
        hessian[at, at] = (16 * sum(near) - sum(far) - 30 * centre) / (12 * h * h)
        for to in range(at):
            corners = [
                sign * other * value((at, sign * h), (to, other * h))
                for sign in (1, -1)
                for other in (1, -1)
            ]
            hessian[at, to] = hessian[to, at] = sum(corners) / (4 * h * h)
    return StudyLikelihoods(centre, gradient, hessian)
