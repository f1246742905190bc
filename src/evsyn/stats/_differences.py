"""First and second derivatives by extrapolated differences, with steps found from the values.

Likelihoods have parameters in units that may differ by many powers of ten. Steps are therefore
found from how the function changes, not from the size of its arguments.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray, float_array

__all__ = ["Objective", "Slope", "Surface", "checked_place", "checked_value", "gradient", "hessian"]

Objective = Callable[[FloatArray], float]
Slope = Callable[[FloatArray], FloatArray]

_EPS = float(np.finfo(np.float64).eps)
_LOW, _HIGH, _AIM = 1e-6, 5e-3, 1e-3  # change over a step, as a share of the value
_LEVELS = 4  # halvings of the step in an extrapolation


class Surface:
    """A function with its derivatives, by differences where none are given."""

    def __init__(self, function: Objective, slope: Slope | None, start: FloatArray) -> None:
        self._function = function
        self._slope = slope
        self.steps = np.where(start == 0, 1e-2, 1e-2 * np.abs(start))
        self.floor = 0.0  # values below this share of what was seen count as this large

    def value(self, x: FloatArray) -> float:
        """Value, infinite where there is none."""
        value = float(self._function(x))
        return np.inf if np.isnan(value) else value

    def gradient(self, x: FloatArray, value: float, levels: int = 2) -> FloatArray:
        """First derivatives; ``nan`` where the function ends on both sides."""
        if self._slope is not None:
            return np.asarray(self._slope(x), dtype=np.float64)
        self.fit_steps(x, value)
        found = np.empty(x.size)
        for i in range(x.size):
            h = self._exact_step(x, i)
            table = []
            for _ in range(levels):
                ends = self.ends(x, i, h)
                table.append((ends[0] - ends[1]) / (2 * h))
                h /= 2
            found[i] = _extrapolated(np.array(table))
        return found

    def hessian(self, x: FloatArray, value: float) -> FloatArray:
        """Second derivatives."""
        self.fit_steps(x, value)
        if self._slope is None:
            table = np.array([self._curvature(x, value, 2.0**-at) for at in range(_LEVELS)])
        else:
            table = np.array([self._slope_change(x, 2.0**-at) for at in range(_LEVELS)])
        found = _extrapolated(table)
        return np.asarray((found + found.T) / 2)

    def fit_steps(self, x: FloatArray, value: float) -> None:
        """Bring each step to where the function changes by a thousandth of its value."""
        unit = max(abs(value), self.floor)
        for i in range(x.size):
            for _ in range(40):
                plus, minus = self.ends(x, i, self.steps[i])
                change = max(abs(plus - value), abs(minus - value))
                if not np.isfinite(change):
                    self.steps[i] *= 0.25
                    continue
                share = change / unit if unit > 0 else (_AIM if change else 0.0)
                if _LOW <= share <= _HIGH or (share < _LOW and self._too_wide(x, i)):
                    break
                factor = (_AIM / share) ** 0.5 if share > 0 else 1e3
                self.steps[i] *= min(max(factor, 1e-4), 1e3)
            self.steps[i] = max(self.steps[i], 64 * _EPS * abs(x[i]), 1e-290)

    def _too_wide(self, x: FloatArray, i: int) -> bool:
        """Whether a step in a direction without change has grown far enough."""
        return bool(self.steps[i] > 1e3 * max(abs(x[i]), 1.0))

    def ends(self, x: FloatArray, i: int, h: float) -> tuple[float, float]:
        """Values a step above and a step below."""
        plus, minus = x.copy(), x.copy()
        plus[i] += h
        minus[i] -= h
        return self.value(plus), self.value(minus)

    def _exact_step(self, x: FloatArray, i: int) -> float:
        """A step whose eighth can be added without rounding, as far as numbers allow."""
        h = self.steps[i] / 2**_LEVELS
        return float(((x[i] + h) - x[i]) * 2**_LEVELS) or float(self.steps[i])

    def _curvature(self, x: FloatArray, value: float, share: float) -> FloatArray:
        """Second derivatives by central differences with a share of the steps."""
        p = x.size
        h = np.array([self._exact_step(x, i) * share for i in range(p)])
        ends = np.array([self.ends(x, i, h[i]) for i in range(p)])
        both = ends.sum(axis=1) - 2 * value
        found = np.diag(both / h**2)
        for i in range(p):
            for j in range(i):
                step = np.zeros(p)
                step[i], step[j] = h[i], h[j]
                corners = self.value(x + step) + self.value(x - step) - 2 * value
                found[i, j] = found[j, i] = (corners - both[i] - both[j]) / (2 * h[i] * h[j])
        return found

    def _slope_change(self, x: FloatArray, share: float) -> FloatArray:
        """Second derivatives by central differences of the gradient."""
        assert self._slope is not None
        rows = []
        for i in range(x.size):
            h = self._exact_step(x, i) * share
            plus, minus = x.copy(), x.copy()
            plus[i] += h
            minus[i] -= h
            rows.append((np.asarray(self._slope(plus)) - np.asarray(self._slope(minus))) / (2 * h))
        found = np.array(rows)
        return np.asarray((found + found.T) / 2)


def _extrapolated(table: FloatArray) -> FloatArray:
    """Limit of differences with halved steps: of Richardson's entries the most settled."""
    best, error = table[0], np.full(table[0].shape, np.inf)
    column = table
    for power in range(1, len(table)):
        weight = 4.0**power
        finer = (weight * column[1:] - column[:-1]) / (weight - 1)
        spread = np.maximum(np.abs(finer - column[1:]), np.abs(finer - column[:-1]))
        for entry, apart in zip(finer, spread, strict=True):
            better = apart < error
            best = np.where(better, entry, best)
            error = np.where(better, apart, error)
        column = finer
    return np.asarray(best)


@np.errstate(all="ignore")
def gradient(function: Objective, x: ArrayLike) -> FloatArray:
    """First derivatives by extrapolated central differences.

    Parameters
    ----------
    function : callable
        ``function(x) -> float`` for ``x`` of shape (p,), smooth around ``x``.
    x : array_like, shape (p,)
        The place.

    Returns
    -------
    ndarray, shape (p,)
        Derivatives.

    Raises
    ------
    StatsError
        If ``x`` is no vector of finite numbers, or the function has no value there.

    Notes
    -----
    Steps are those over which the function changes by about a thousandth of its value; halved
    steps are extrapolated [1]_ and the entry taken that its neighbours agree with best [2]_.

    References
    ----------
    .. [1] L. F. Richardson, "The approximate arithmetical solution by finite differences",
       Phil Trans R Soc A 210 (1911) 307-357.
    .. [2] C. J. F. Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", Advances in
       Engineering Software 4 (1982) 75-76.

    Examples
    --------
    >>> gradient(lambda x: x[0] ** 3 * x[1], [2.0, 1.0]).round(8)
    array([12.,  8.])
    """
    place = checked_place(x)
    surface = Surface(function, None, place)
    return surface.gradient(place, checked_value(surface, place), _LEVELS)


@np.errstate(all="ignore")
def hessian(function: Objective, x: ArrayLike, *, gradient: Slope | None = None) -> FloatArray:
    """Second derivatives by extrapolated central differences.

    Parameters
    ----------
    function : callable
        ``function(x) -> float`` for ``x`` of shape (p,), smooth around ``x``.
    x : array_like, shape (p,)
        The place.
    gradient : callable, optional
        First derivatives, shape (p,); their differences are used where given.

    Returns
    -------
    ndarray, shape (p, p)
        Derivatives, symmetric.

    Raises
    ------
    StatsError
        If ``x`` is no vector of finite numbers, or the function has no value there.

    Notes
    -----
    As `gradient`, which gives the references.

    Examples
    --------
    >>> hessian(lambda x: x[0] ** 3 * x[1], [2.0, 1.0]).round(6)
    array([[12., 12.],
           [12.,  0.]])
    """
    place = checked_place(x)
    surface = Surface(function, gradient, place)
    return surface.hessian(place, checked_value(surface, place))


def checked_place(x: ArrayLike) -> FloatArray:
    """Vector of finite numbers, copied."""
    place = np.array(float_array("x", x, may_be_empty=True))
    if place.ndim != 1 or not np.isfinite(place).all():
        raise StatsError(f"x={place.tolist()} is no vector of finite numbers")
    return place


def checked_value(surface: Surface, x: FloatArray) -> float:
    """Value at the start, which must exist."""
    value = surface.value(x)
    if not np.isfinite(value):
        raise StatsError(f"the function has no finite value at x={x.tolist()}; start elsewhere")
    return value
