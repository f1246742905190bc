"""Maximum of a likelihood in a box, by Newton's method on exact derivatives.

Parameters on a bound whose slope points out of the box rest there; the others take Newton's step,
shortened until the likelihood rises. Where the curvature is not that of a maximum, its eigenvalues
are turned over, which leads away from saddles. Near the maximum, where the likelihood no longer
tells two points apart, the slope alone decides, so that the estimate is exact to rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats.models.mixed_likelihood import Derivatives

__all__ = ["Maximum", "maximise"]

Curve = Callable[[FloatArray], Derivatives]
Height = Callable[[FloatArray], float]

_NEAR = 1e-9  # twice the rise that is left, below which the slope alone decides
_DONE = 1e-24
_STEPS = 200
_HALVINGS = 60


@dataclass(frozen=True, slots=True)
class Maximum:
    """A local maximum.

    Attributes
    ----------
    theta : ndarray, shape (q,)
        Parameters.
    at : Derivatives
        Likelihood there.
    converged : bool
        Whether Newton's step from here is negligible and the curvature that of a maximum.
    """

    theta: FloatArray
    at: Derivatives
    converged: bool


def maximise(
    curve: Curve,
    height: Height,
    start: FloatArray,
    *,
    lower: FloatArray,
    upper: FloatArray,
    known: Maximum | None = None,
) -> Maximum:
    """Climb to a maximum within bounds.

    Parameters
    ----------
    curve, height : callable
        Log likelihood with its derivatives, and alone.
    start, lower, upper : ndarray, shape (q,)
        First parameters and their bounds.
    known : Maximum, optional
        A maximum found before; a climb that comes close to it ends with it.
    """
    theta = np.clip(start, lower, upper)
    at = curve(theta)
    left = np.inf
    for _ in range(_STEPS):
        if not np.isfinite(at.value) or not len(theta):
            break
        if known is not None and _beside(theta, at, known):
            return known
        step, concave = _feasible(theta, at, lower, upper)
        rise = float(at.gradient @ step)
        if concave and rise <= _NEAR:
            if rise <= _DONE or rise >= 0.25 * left:
                return Maximum(theta, at, rise <= _NEAR)
            left = rise
            theta = np.clip(theta + step, lower, upper)
            at = curve(theta)
            continue
        left = np.inf
        ahead = _search(curve, height, (theta, at), step, (lower, upper))
        if ahead is None:
            return Maximum(theta, at, concave and rise <= np.sqrt(_NEAR))
        theta, at = ahead
    return Maximum(theta, at, not len(theta) and bool(np.isfinite(at.value)))


def _beside(theta: FloatArray, at: Derivatives, known: Maximum) -> bool:
    """Whether a point lies on the cap of a known maximum."""
    if not abs(at.value - known.at.value) < 0.02:
        return False
    unit = _units(known.at, np.arange(len(theta)))
    return bool((np.abs(theta - known.theta) < 0.1 * unit).all())


def _resting(theta: FloatArray, at: Derivatives, lower: FloatArray, upper: FloatArray) -> BoolArray:
    """Parameters on a bound that the likelihood pushes them against."""
    # a standard deviation of 0 has no slope, whether or not the likelihood rises from there
    level = (at.gradient == 0) & (np.diagonal(at.hessian) > 0)
    low = (theta <= lower) & (at.gradient <= 0)
    high = (theta >= upper) & (at.gradient >= 0)
    return np.asarray((low | high) & ~(level & (lower < upper)))


def _feasible(
    theta: FloatArray, at: Derivatives, lower: FloatArray, upper: FloatArray
) -> tuple[FloatArray, bool]:
    """Newton's step that does not lead out of the box where a parameter is on its bound."""
    free = ~_resting(theta, at, lower, upper)
    while True:
        step, concave = _direction(at, free)
        blocked = ((theta <= lower) & (step < 0)) | ((theta >= upper) & (step > 0))
        if not blocked.any():
            return step, concave
        free &= ~blocked


def _direction(at: Derivatives, free: BoolArray) -> tuple[FloatArray, bool]:
    """Newton's step for the free parameters, and whether the curvature is that of a maximum."""
    step = np.zeros(len(at.gradient))
    where = np.flatnonzero(free)
    if not len(where):
        return step, True
    gradient = at.gradient[where]
    curvature = -at.hessian[np.ix_(where, where)]
    unit = _units(at, where)
    scaled = curvature * unit * unit[:, None]
    values, vectors = np.linalg.eigh(scaled)
    limit = 1e-11 * max(float(np.abs(values).max()), 1e-300)
    concave = bool(values.min() > -limit)
    slope = vectors.T @ (gradient * unit)
    if not concave:
        # off a saddle: along the worst direction even where the slope is (almost) nothing
        worst = int(np.argmin(values))
        if abs(slope[worst]) < 1e-7:
            slope[worst] = 1e-3 if vectors[:, worst].sum() >= 0 else -1e-3
    sizes = np.where(np.abs(values) > limit, np.abs(values), np.inf)
    step[where] = unit * (vectors @ (slope / sizes))
    return step, concave


def _units(at: Derivatives, where: np.ndarray[tuple[int], np.dtype[np.int64]]) -> FloatArray:
    """Scale of each parameter, from the expected information or the curvature."""
    diagonal = np.maximum(np.diag(at.information)[where], np.abs(np.diag(at.hessian)[where]))
    return np.asarray(1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0)))


def _search(
    curve: Curve,
    height: Height,
    here: tuple[FloatArray, Derivatives],
    step: FloatArray,
    bounds: tuple[FloatArray, FloatArray],
) -> tuple[FloatArray, Derivatives] | None:
    """First point along the step, bent at the bounds, where the likelihood rises enough."""
    theta, at = here
    length, slack = 1.0, 1e-15 * max(abs(at.value), 1.0)
    for _ in range(_HALVINGS):
        ahead = np.clip(theta + length * step, bounds[0], bounds[1])
        if np.array_equal(ahead, theta):
            return None
        gain = 1e-4 * float(at.gradient @ (ahead - theta))
        reached = curve(ahead) if length == 1.0 else None  # a whole step is mostly the right one
        value = height(ahead) if reached is None else reached.value
        if value >= at.value + gain - slack and (value > at.value or abs(gain) <= slack):
            reached = curve(ahead) if reached is None else reached
            return (ahead, reached) if np.isfinite(reached.value) else None
        length *= 0.5 if length > 1e-3 else 0.1
    return None
