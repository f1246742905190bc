"""Minima of smooth functions of a few variables, to the accuracy that tests of models need.

Likelihoods here have one to some thirty parameters, in units that may differ by many powers of
ten. Nothing here depends on them, and the last word has Newton's method on extrapolated
derivatives: a quasi-Newton search that stops where the value no longer changes knows the place to
half of the digits only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.stats._arrays import FloatArray
from evsyn.stats._differences import (
    Objective,
    Slope,
    Surface,
    checked_place,
    checked_value,
    gradient,
    hessian,
)

__all__ = ["Optimum", "gradient", "hessian", "minimize"]

_CYCLES = 4  # quasi-Newton searches, with a simplex or a move off a saddle between them


@dataclass(frozen=True, slots=True)
class Optimum:
    """Where a function is smallest.

    Attributes
    ----------
    x : ndarray, shape (p,)
        The place.
    value : float
        The function there.
    gradient : ndarray, shape (p,)
        First derivatives there.
    hessian : ndarray, shape (p, p)
        Second derivatives there.
    converged : bool
        Whether Newton's step from here is negligible and no direction leads down.
    iterations : int
        Quasi-Newton iterations.
    """

    x: FloatArray
    value: float
    gradient: FloatArray
    hessian: FloatArray
    converged: bool
    iterations: int


@np.errstate(all="ignore")
def minimize(
    function: Objective,
    start: ArrayLike,
    *,
    gradient: Slope | None = None,
    max_iterations: int = 500,
    rtol: float = 1e-10,
) -> Optimum:
    """Minimum of a smooth function without constraints, near a start.

    Parameters
    ----------
    function : callable
        ``function(x) -> float`` for ``x`` of shape (p,); infinite or ``nan`` outside its domain.
    start : array_like, shape (p,)
        Where to begin; the function must be finite there.
    gradient : callable, optional
        First derivatives, shape (p,); by differences where not given.
    max_iterations : int, default 500
        Bound on quasi-Newton iterations.
    rtol : float, default 1e-10
        Newton's last step, as a share of the parameter or of the distance over which the function
        changes by a thousandth, whichever is larger.

    Returns
    -------
    Optimum
        Place, value, derivatives and whether the search converged.

    Raises
    ------
    StatsError
        If ``start`` is no vector of finite numbers, or the function has no value there.

    Notes
    -----
    BFGS with a weak Wolfe line search by bisection [1]_ [2]_, from the inverse of the diagonal
    second differences, so that units do not matter; where it stalls, the simplex of Nelder and
    Mead [3]_; then Newton's method. A minimum found is local.

    References
    ----------
    .. [1] J. Nocedal, S. J. Wright, Numerical Optimization, 2nd ed., Springer 2006, ch. 6.
    .. [2] A. S. Lewis, M. L. Overton, "Nonsmooth optimization via quasi-Newton methods",
       Mathematical Programming 141 (2013) 135-163, algorithm 2.6.
    .. [3] J. A. Nelder, R. Mead, "A simplex method for function minimization", Computer Journal
       7 (1965) 308-313.

    Examples
    --------
    >>> found = minimize(lambda x: (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2, [-1.2, 1.0])
    >>> found.x.round(9), found.converged
    (array([1., 1.]), True)
    """
    x = checked_place(start)
    surface = Surface(function, gradient, x)
    value = checked_value(surface, x)
    done = 0
    found = Optimum(x, value, np.zeros(0), np.zeros((0, 0)), converged=True, iterations=0)
    if x.size == 0:
        return found
    for cycle in range(_CYCLES):
        before, surface.floor = abs(value), 1e-4 * abs(value)
        x, value, used, stalled = _quasi_newton(surface, x, value, max_iterations - done)
        done += used
        if stalled:
            x, value = _simplex(surface, x, value)
        found, downhill = _polished(surface, x, value, rtol)
        x, value = found.x, found.value
        far = cycle == 0 and abs(value) < 1e-8 * before  # steps came from a far higher place
        if (found.converged and not far) or done >= max_iterations or cycle == _CYCLES - 1:
            break
        if found.converged:
            continue
        if downhill is not None:
            x, value = _walked(surface, x, value, downhill)
        elif not stalled:
            x, value = _simplex(surface, x, value)
    return Optimum(
        found.x, found.value, found.gradient, found.hessian, found.converged, iterations=done
    )


def _quasi_newton(
    surface: Surface, x: FloatArray, value: float, budget: int
) -> tuple[FloatArray, float, int, bool]:
    """BFGS until the value settles: place, value, iterations, whether it stalled."""
    slope = surface.gradient(x, value)
    inverse = _first_inverse(surface, x, value, slope)
    fresh, quiet = True, 0
    for at in range(max(budget, 0)):
        if not np.isfinite(slope).all():
            return x, value, at, True
        direction = -inverse @ slope
        drop = float(slope @ direction)
        if not drop < 0:
            if fresh:
                return x, value, at, bool(np.any(slope != 0))
            inverse, fresh = _first_inverse(surface, x, value, slope), True
            continue
        if -drop <= 1e-13 * max(abs(value), surface.floor):
            return x, value, at, False
        new, new_value, new_slope = _line_search(surface, x, value, slope, direction)
        if new_slope is None:
            if fresh:
                return x, value, at, True
            inverse, fresh = _first_inverse(surface, x, value, slope), True
            continue
        quiet = quiet + 1 if value - new_value <= 1e-12 * max(abs(value), surface.floor) else 0
        inverse = _updated(inverse, new - x, new_slope - slope)
        x, value, slope, fresh = new, new_value, new_slope, False
        if quiet >= 3:
            return x, value, at + 1, False
    return x, value, max(budget, 0), False


def _first_inverse(surface: Surface, x: FloatArray, value: float, slope: FloatArray) -> FloatArray:
    """Diagonal inverse of the second differences: a step of its size where they are not above 0."""
    surface.fit_steps(x, value)
    found = np.empty(x.size)
    for i, h in enumerate(surface.steps):
        plus, minus = surface.ends(x, i, h)
        curve = (plus + minus - 2 * value) / h**2
        least = abs(slope[i]) / (10 * h) if np.isfinite(slope[i]) else 0.0
        curve = max(abs(curve), least) if np.isfinite(curve) else least
        found[i] = 1 / curve if curve > 0 else h * h
    return np.diag(found)


def _line_search(
    surface: Surface, x: FloatArray, value: float, slope: FloatArray, direction: FloatArray
) -> tuple[FloatArray, float, FloatArray | None]:
    """A point of enough descent whose slope has flattened; no slope where none is found."""
    low, high, share = 0.0, np.inf, 1.0
    drop = float(slope @ direction)
    best: tuple[FloatArray, float, FloatArray | None] = (x, value, None)
    for _ in range(60):
        new = x + share * direction
        if np.array_equal(new, x):
            break
        at = surface.value(new)
        if at > value + 1e-4 * share * drop or not np.isfinite(at):
            high = share
            if np.isfinite(at) and low == 0:  # the parabola through value, slope and this value
                guess = -drop * share**2 / (2 * (at - value - share * drop))
                share = min(max(guess, 0.1 * high), 0.5 * high)
                continue
        else:
            new_slope = surface.gradient(new, at)
            if at < best[1] or best[2] is None:
                best = (new, at, new_slope)
            if not np.isfinite(new_slope).all() or float(new_slope @ direction) >= 0.9 * drop:
                break
            low = share
        share = 2 * low if high == np.inf else (low + high) / 2
    return best


def _updated(inverse: FloatArray, step: FloatArray, change: FloatArray) -> FloatArray:
    """BFGS update of the inverse second derivatives, left out where it would not be positive."""
    curve = float(step @ change)
    scale = float(np.linalg.norm(step / np.sqrt(np.diag(inverse)))) * float(
        np.linalg.norm(change * np.sqrt(np.diag(inverse)))
    )
    if not curve > 1e-12 * scale:
        return inverse
    left = np.eye(step.size) - np.outer(step, change) / curve
    found = left @ inverse @ left.T + np.outer(step, step) / curve
    return found if np.isfinite(found).all() and (np.diag(found) > 0).all() else inverse


def _polished(
    surface: Surface, x: FloatArray, value: float, rtol: float
) -> tuple[Optimum, FloatArray | None]:
    """Newton's method from near the minimum, and a direction of negative curvature, if any."""
    before, converged, downhill = np.inf, False, None
    for _ in range(12):
        slope = surface.gradient(x, value, levels=4)
        curve = surface.hessian(x, value)
        if not (np.isfinite(slope).all() and np.isfinite(curve).all()):
            break
        unit = surface.steps.copy()
        step, downhill, flat = _newton_step(slope, curve, unit)
        size = float(np.max(np.abs(step) / np.maximum(np.abs(x), unit)))
        settled = downhill is None and not flat
        if size <= rtol or (size >= 0.5 * before and size <= 1e-7):
            converged = settled
            break
        at = surface.value(x + step)
        slack = 1e-11 if size < 1e-3 else 0.0
        if not at <= value + slack * max(abs(value), surface.floor) or size >= 4 * before:
            converged = settled and size <= 1e-7
            break
        x, value, before = x + step, at, size
    return Optimum(x, value, slope, curve, converged, iterations=0), downhill


def _newton_step(
    slope: FloatArray, curve: FloatArray, unit: FloatArray
) -> tuple[FloatArray, FloatArray | None, bool]:
    """Newton's step where it curves, a way down from a saddle, whether a flat part slopes."""
    roots, vectors = np.linalg.eigh(curve * np.outer(unit, unit))
    slopes = vectors.T @ (slope * unit)
    largest = float(np.max(np.abs(roots)))
    curved = roots > 1e-10 * largest
    step = vectors[:, curved] @ (-slopes[curved] / roots[curved])
    flat = bool(np.any(np.abs(slopes[~curved]) > 1e-7 * largest))
    downhill = vectors[:, 0] * unit if roots[0] < -1e-6 * largest else None
    return step * unit, downhill, flat


def _walked(
    surface: Surface, x: FloatArray, value: float, direction: FloatArray
) -> tuple[FloatArray, float]:
    """The lowest of points on both sides along a direction."""
    shares = [sign * 2.0**power for power in range(-6, 7) for sign in (1.0, -1.0)]
    points = [x + share * direction for share in shares]
    values = [surface.value(point) for point in points]
    best = int(np.argmin(values))
    return (points[best], values[best]) if values[best] < value else (x, value)


def _simplex(surface: Surface, x: FloatArray, value: float) -> tuple[FloatArray, float]:
    """Nelder and Mead's simplex around a point, for where slopes mislead."""
    p = x.size
    points = np.vstack([x, x + np.diag(5 * surface.steps)])
    values = np.array([value, *(surface.value(point) for point in points[1:])])
    for _ in range(200 * p):
        order = np.argsort(values, kind="stable")
        points, values = points[order], values[order]
        if values[-1] - values[0] <= 1e-14 * max(abs(values[0]), surface.floor):
            break
        centre = points[:-1].mean(axis=0)
        reflected = 2 * centre - points[-1]
        at = surface.value(reflected)
        if at < values[0]:
            further = 3 * centre - 2 * points[-1]
            at_further = surface.value(further)
            reflected, at = (further, at_further) if at_further < at else (reflected, at)
        elif at >= values[-2]:
            outside = at < values[-1]
            near = 0.5 * (centre + (reflected if outside else points[-1]))
            at_near = surface.value(near)
            if at_near >= min(at, values[-1]):
                points[1:] = 0.5 * (points[1:] + points[0])
                values[1:] = [surface.value(point) for point in points[1:]]
                continue
            reflected, at = near, at_near
        points[-1], values[-1] = reflected, at
    best = int(np.argmin(values))
    return np.array(points[best]), float(values[best])
