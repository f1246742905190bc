"""The maximum of a selection model's likelihood, from several starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats._optimize import hessian, minimize
from evsyn.stats.bias.selection_likelihood import SelectionLikelihood, Transform
from evsyn.stats.bias.selection_weights import LARGEST, Rule

__all__ = ["Remembered", "SelectionFit", "fit_selection", "normal_fit", "standard_errors"]

_ON_BOUND = 1e-9  # share of the range; of the median variance for tau²
_SAME = 1e-9  # two maxima that differ by less are one

Both = Callable[[FloatArray], tuple[float, FloatArray]]


@dataclass(frozen=True, slots=True)
class SelectionFit:
    """A maximum.

    Attributes
    ----------
    parameters : ndarray, shape (2 + q,)
        Mean, tau² and parameters of selection.
    log_likelihood : float
        The maximum.
    estimated : ndarray of bool, shape (2 + q,)
        Which of them were estimated.
    on_bound : ndarray of bool, shape (2 + q,)
        Which of those ended on a bound.
    converged : bool
        Whether the search converged.
    maxima : int
        Different local maxima that the starts led to.
    """

    parameters: FloatArray
    log_likelihood: float
    estimated: BoolArray
    on_bound: BoolArray
    converged: bool
    maxima: int


class Remembered:
    """Value and gradient of a function, of which one call for both is kept."""

    __slots__ = ("_function", "_result", "_x")

    def __init__(self, function: Both) -> None:
        self._function = function
        self._x = b""
        self._result: tuple[float, FloatArray] = (np.inf, np.zeros(0))

    def value(self, x: FloatArray) -> float:
        """Value at x."""
        return self._at(x)[0]

    def gradient(self, x: FloatArray) -> FloatArray:
        """First derivatives at x."""
        return self._at(x)[1]

    def _at(self, x: FloatArray) -> tuple[float, FloatArray]:
        key = x.tobytes()
        if key != self._x:
            self._x, self._result = key, self._function(x)
        return self._result


def fit_selection(
    likelihood: SelectionLikelihood, fixed: FloatArray, near: FloatArray | None = None
) -> SelectionFit:
    """Maximise the likelihood over the parameters that are not fixed.

    Parameters
    ----------
    likelihood : SelectionLikelihood
        Studies and weight function, in units in which the median variance is about 1.
    fixed : ndarray, shape (2 + q,)
        Values of mean, tau² and parameters of selection; ``nan`` where to be estimated.
    near : ndarray, shape (2 + q,), optional
        Parameters to begin from, before others.

    Returns
    -------
    SelectionFit
        The highest maximum found.
    """
    transform = Transform(fixed, likelihood.rule.least)

    def both(x: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = likelihood.value_and_gradient(transform.bounded(x))
        return -value, -gradient[transform.free] * transform.slope(x)

    ends = []
    starts = _starts(likelihood, fixed)
    if near is not None:
        starts.insert(0, np.where(np.isnan(fixed), near, fixed))
    for start in starts:
        last = Remembered(both)
        found = minimize(
            last.value, transform.unbounded(start), gradient=last.gradient, max_iterations=120
        )
        ends.append((found.value, transform.bounded(found.x), found.converged))
        values = [end[0] for end in ends]
        if len(ends) > 1 and np.ptp(values) <= _SAME * (1 + abs(values[0])):
            break
    value, parameters, converged = min(ends, key=lambda end: (end[0], not end[2]))
    apart = np.unique(np.round(np.array([end[0] for end in ends]) - value, 6)).size
    parameters, on_bound = _snapped(likelihood, parameters, transform)
    return SelectionFit(
        parameters,
        likelihood.value(parameters) if on_bound.any() else -value,
        transform.free,
        on_bound,
        bool(converged),
        int(apart),
    )


def _snapped(
    likelihood: SelectionLikelihood, parameters: FloatArray, transform: Transform
) -> tuple[FloatArray, BoolArray]:
    """Parameters within rounding of a bound set on it, and which these are."""
    found, on_bound = parameters.copy(), np.zeros(parameters.size, dtype=bool)
    least = np.concatenate([[-np.inf, 0.0], np.full(parameters.size - 2, transform.least)])
    if parameters[1] < _ON_BOUND:
        on_bound[1] = transform.free[1]
    margin = _ON_BOUND * LARGEST
    on_bound[2:] = (parameters[2:] < least[2:] + margin) | (parameters[2:] > LARGEST - margin)
    on_bound &= transform.free
    nearest = np.where(parameters > LARGEST / 2, LARGEST, least)
    nearest[1] = 0.0
    found[on_bound] = nearest[on_bound]
    if not np.isfinite(likelihood.value(found)):
        return parameters, on_bound  # the bound itself lies outside the domain
    return found, on_bound


def _starts(likelihood: SelectionLikelihood, fixed: FloatArray) -> list[FloatArray]:
    """Up to four starts: the likeliest of a coarse grid, with different selection."""
    mean, tau2, _ = normal_fit(likelihood.yi, likelihood.vi, common=bool(fixed[1] == 0))
    width = np.sqrt(tau2 + float(np.median(likelihood.vi)))
    scored = []
    for row in _guesses(likelihood.rule):
        best = (-np.inf, fixed)
        for shift in (0.0, 0.5, 1.0):
            for spread in (max(tau2, 0.05), 4 * max(tau2, 0.1)):
                guess = np.concatenate([[mean - shift * width, spread], row])
                point = np.where(np.isnan(fixed), guess, fixed)
                value = likelihood.value(point)
                best = (value, point) if value > best[0] else best
        scored.append(best)
    scored.sort(key=lambda item: -item[0])
    return [point for value, point in scored[:4] if np.isfinite(value)]


def _guesses(rule: Rule) -> list[list[float]]:
    """Parameters of mild and strong selection."""
    if rule.fixed:
        return [[share**j for j in range(rule.parameters)] for share in (0.8, 0.5, 0.25, 0.08, 2.0)]
    if rule.parameters == 1:
        return [[0.3], [1.5], [5.0], [20.0]]
    if rule.null == 1:
        return [[0.9, 0.9], [0.5, 0.5], [0.9, 0.4], [0.5, 2.0], [2.0, 0.9], [0.2, 0.2]]
    if rule.slow:
        return [[1.0, 1.0], [5.0, 1.0], [1.0, 0.3], [5.0, 4.0], [20.0, 0.5], [2.0, 10.0]]
    return [[0.1, 2.0], [0.1, 10.0], [1.0, 5.0], [0.3, 30.0], [0.01, 4.0]]


def normal_fit(yi: FloatArray, vi: FloatArray, *, common: bool) -> tuple[float, float, float]:
    """Mean, tau² and log-likelihood by maximum likelihood without selection.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effects and variances, in units in which the median variance is about 1.
    common : bool
        Whether tau² is 0.

    Returns
    -------
    mean, tau2, log_likelihood : float
        The maximum.

    Examples
    --------
    >>> normal_fit(np.array([1.0, 2.0]), np.array([1.0, 1.0]), common=True)[:2]
    (1.5, 0.0)
    """

    def both(x: FloatArray) -> tuple[float, FloatArray]:
        total = vi + x[0] ** 2
        mean = float(np.sum(yi / total) / np.sum(1 / total))
        squared = (yi - mean) ** 2 / total
        value = 0.5 * float(np.sum(np.log(2 * np.pi * total) + squared))
        return value, np.array([x[0] * float(np.sum((1 - squared) / total))])

    ends = [np.zeros(1)]
    if not common:
        spread = float(np.var(yi)) + 0.01
        for start in (0.05 * spread, spread):
            last = Remembered(both)
            ends.append(minimize(last.value, [start**0.5], gradient=last.gradient).x)
    best = min(ends, key=lambda x: both(x)[0])
    tau2 = float(best[0] ** 2) if best[0] ** 2 > _ON_BOUND else 0.0
    mean = float(np.sum(yi / (vi + tau2)) / np.sum(1 / (vi + tau2)))
    return mean, tau2, -both(np.array([tau2**0.5]))[0]


def standard_errors(
    likelihood: SelectionLikelihood, fit: SelectionFit
) -> tuple[FloatArray, FloatArray]:
    """Standard errors and covariance from the observed information.

    Parameters
    ----------
    likelihood : SelectionLikelihood
        Studies and weight function.
    fit : SelectionFit
        The maximum.

    Returns
    -------
    se : ndarray, shape (2 + q,)
        ``nan`` for parameters that are given or on a bound, and for all where the information is
        not positive definite.
    covariance : ndarray, shape (2 + q, 2 + q)
        Likewise.
    """
    inside = np.flatnonzero(fit.estimated & ~fit.on_bound)

    def placed(x: FloatArray) -> FloatArray:
        full = fit.parameters.copy()
        full[inside] = x
        return full

    information = hessian(
        lambda x: -likelihood.value(placed(x)),
        fit.parameters[inside],
        gradient=lambda x: -likelihood.value_and_gradient(placed(x))[1][inside],
    )
    size = fit.parameters.size
    covariance = np.full((size, size), np.nan)
    if np.isfinite(information).all():
        scale = np.sqrt(np.abs(np.diag(information)))
        scale[scale == 0] = 1.0
        roots = np.linalg.eigvalsh(information / np.outer(scale, scale))
        if roots[0] > 1e-10:
            inverse = np.linalg.inv(information / np.outer(scale, scale))
            covariance[np.ix_(inside, inside)] = inverse / np.outer(scale, scale)
    return np.sqrt(np.diag(covariance)), covariance
