"""Distributions fitted by least squares to a median, quartiles and a range.

A location or scale enters a quantile linearly, and so it is solved for exactly; what is left of
the log-normal, gamma and Weibull distributions is a search over one shape, first along a grid,
then for the root of the derivative. The beta distribution has two shapes: Levenberg-Marquardt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from evsyn.stats._arrays import FloatArray, TextArray, find_root
from evsyn.stats._special import betaincinv, gammaincinv, gammaln, ndtri

__all__ = ["Fit", "Summary", "fitted_moments"]

# Shape (its logarithm), probabilities -> quantiles up to scale, their derivative, log of the scale
# factor that was taken out, in the shape of the probabilities.
_Curve: TypeAlias = Callable[[FloatArray, FloatArray], tuple[FloatArray, FloatArray, FloatArray]]

_GRID = 60


@dataclass(frozen=True, slots=True)
class Summary:
    """Printed quantiles of some studies.

    Attributes
    ----------
    numbers : tuple of ndarray
        Minimum, first quartile, median, third quartile, maximum, each (m,); ``nan`` where absent.
    n : ndarray
        Participants, (m,).
    """

    numbers: tuple[FloatArray, ...]
    n: FloatArray


@dataclass(frozen=True, slots=True)
class Fit:
    """Moments of fitted distributions.

    Attributes
    ----------
    mean, sd : ndarray of float
        Mean and standard deviation, (m,); ``nan`` where no distribution could be fitted.
    distance : ndarray of float
        Root mean square distance of the numbers from the quantiles, in the unit of the data.
    family : ndarray of str
        The distribution; empty where there is none.
    """

    mean: FloatArray
    sd: FloatArray
    distance: FloatArray
    family: TextArray


def fitted_moments(summary: Summary) -> Fit:
    """Mean and standard deviation of the distribution nearest to printed quantiles.

    Parameters
    ----------
    summary : Summary
        Quantiles of m studies.

    Returns
    -------
    Fit
        Moments, distance and name, each (m,).
    """
    q = np.stack(summary.numbers, axis=-1).reshape(-1, 5)
    n = np.asarray(summary.n, dtype=np.float64).reshape(-1, 1)
    small = (n < 5) & ~np.isnan(q[:, [0, 4]]).any(axis=1, keepdims=True)
    with np.errstate(all="ignore"):
        inverse = np.where(n < 5, np.nan, 1 / n)
        p = np.concatenate([inverse, np.full((len(q), 3), (0.25, 0.5, 0.75)), 1 - inverse], axis=1)
        there = ~np.isnan(q)
        ends = there[:, 0] & there[:, 4]
        there[:, 0], there[:, 4] = ends, ends  # one end alone belongs to no scenario
        quartiles = there[:, 1] & there[:, 3]
        there[:, 1], there[:, 3] = quartiles, quartiles
        unit = np.where(there, np.abs(q), 0.0).max(axis=1, keepdims=True)
        unit = np.where(unit > 0, unit, 1.0)
        weights = np.where(small, np.nan, there.astype(np.float64))
        p = np.where(there, p, 0.5)
        scaled = np.where(there, q / unit, 0.0)
        fits = [_normal(p, scaled, weights)]
        fits += [_one_shape(name, p, scaled, weights) for name in _CURVES]
        fits.append(_beta(p, np.where(there, q, 0.5), weights, unit))
        table = np.stack(fits)
        beyond = ends & ((table[:, 0] < scaled[:, 0]) | (table[:, 0] > scaled[:, 4]))
        table[:, 2] = np.where(beyond, np.inf, table[:, 2])  # no sample has such a mean
    return _nearest(table, unit[:, 0], weights.sum(axis=1))


def _nearest(table: FloatArray, unit: FloatArray, count: FloatArray) -> Fit:
    """Of the fits (families, 3, m) with mean, sd, sum of squares, that of the least squares."""
    squares = np.where(np.isfinite(table).all(axis=1) & (table[:, 1] >= 0), table[:, 2], np.inf)
    # Sums that differ by rounding alone are equal, and then the first of the list is taken.
    floor = squares.min(axis=0) * (1 + 1e-9) + 1e-30
    best = (squares <= floor).argmax(axis=0)
    columns = np.arange(table.shape[2])
    none = np.isinf(squares.min(axis=0, initial=np.inf)) | np.isnan(count)
    mean, sd, chosen = (np.where(none, np.nan, table[best, at, columns]) for at in range(3))
    names = np.asarray(["normal", *_CURVES, "beta"], dtype=object)[best]
    names[none] = ""
    with np.errstate(invalid="ignore"):
        distance = np.sqrt(chosen / count) * unit
    return Fit(mean * unit, sd * unit, distance, names)


def _normal(p: FloatArray, q: FloatArray, w: FloatArray) -> FloatArray:
    """Regression of the numbers on normal quantiles, which are symmetric about 0."""
    z = np.asarray(ndtri(p), dtype=np.float64)
    total = w.sum(axis=1)
    mean = (w * q).sum(axis=1) / total
    sd = (w * z * (q - mean[:, None])).sum(axis=1) / (w * z * z).sum(axis=1)
    residual = q - mean[:, None] - sd[:, None] * z
    return np.stack([mean, sd, (w * residual**2).sum(axis=1)])


def _lognormal(t: FloatArray, p: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    z = np.asarray(ndtri(p), dtype=np.float64)
    top = z.max(axis=-1, keepdims=True)
    exponent = np.exp(t) * (z - top)
    curve = np.exp(exponent)
    return curve, exponent * curve, np.exp(t) * top


def _weibull(t: FloatArray, p: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    level = np.log(-np.log1p(-p))
    top = level.max(axis=-1, keepdims=True)
    exponent = np.exp(-t) * (level - top)
    curve = np.exp(exponent)
    return curve, -exponent * curve, np.exp(-t) * top


def _gamma(t: FloatArray, p: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    top = p.max(axis=-1, keepdims=True)

    def curve(at: FloatArray) -> FloatArray:
        shape = np.exp(at)
        return np.asarray(gammaincinv(shape, p) / gammaincinv(shape, top), dtype=np.float64)

    step = 1e-5
    derivative = (curve(t + step) - curve(t - step)) / (2 * step)
    return curve(t), derivative, np.log(gammaincinv(np.exp(t), top))


def _lognormal_moments(t: FloatArray) -> tuple[FloatArray, FloatArray]:
    variance = np.exp(2 * t)
    return variance / 2, np.sqrt(np.expm1(variance))


def _weibull_moments(t: FloatArray) -> tuple[FloatArray, FloatArray]:
    inverse = np.exp(-t)
    first, second = gammaln(1 + inverse), gammaln(1 + 2 * inverse)
    return np.asarray(first, dtype=np.float64), np.sqrt(np.expm1(second - 2 * first))


def _gamma_moments(t: FloatArray) -> tuple[FloatArray, FloatArray]:
    return t, np.exp(-t / 2)


_Moments: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

# Name: curve; log of the mean at scale 1 and coefficient of variation; log shape where the
# distribution is all but symmetric or flat, and where it is most skewed.
_CURVES: dict[str, tuple[_Curve, _Moments, tuple[float, float]]] = {
    "lognormal": (_lognormal, _lognormal_moments, (-9.0, 2.5)),
    "gamma": (_gamma, _gamma_moments, (14.0, -4.0)),
    "weibull": (_weibull, _weibull_moments, (7.0, -3.0)),
}


def _one_shape(name: str, p: FloatArray, q: FloatArray, w: FloatArray) -> FloatArray:
    """Least squares over the shape, with the best scale at each.

    A minimum at the most skewed end is none: the numbers say nothing of the tail.
    """
    curve, moments, (flat, skewed) = _CURVES[name]
    rows = len(q)

    def squares(t: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        v, dv, log_factor = curve(t[..., None], p)
        scale = (w * q * v).sum(axis=-1) / (w * v * v).sum(axis=-1)
        residual = w * (q - scale[..., None] * v)
        slope = -(residual * scale[..., None] * dv).sum(axis=-1)
        return (residual**2).sum(axis=-1), slope, scale, log_factor[..., 0]

    grid = np.linspace(flat, skewed, _GRID)
    along = np.stack([squares(np.full(rows, t))[0] for t in grid])
    best = np.where(np.isnan(along), np.inf, along).argmin(axis=0)
    left, right = grid[np.maximum(best - 1, 0)], grid[np.minimum(best + 1, _GRID - 1)]

    def slope(t: FloatArray, row: FloatArray) -> FloatArray:
        at = row.astype(np.int64)
        v, dv, _ = curve(t[:, None], p[at])
        scale = (w[at] * q[at] * v).sum(axis=1) / (w[at] * v * v).sum(axis=1)
        return np.asarray((w[at] * (scale[:, None] * v - q[at]) * dv).sum(axis=1))

    root = find_root(slope, left, right, np.arange(rows, dtype=np.float64))
    t = np.where(np.isnan(root), grid[best], root)
    endless = (best == _GRID - 1) & np.isnan(root)
    value, _, scale, log_factor = squares(t)
    log_mean, spread = moments(t)
    mean = np.exp(np.log(scale) - log_factor + log_mean)
    negative = (np.where(w > 0, q, 0.0) < 0).any(axis=1)
    value = np.where(negative | endless | (scale <= 0), np.inf, value)
    return np.stack([mean, mean * spread, value])


def _beta(p: FloatArray, q: FloatArray, w: FloatArray, unit: FloatArray) -> FloatArray:
    """Levenberg-Marquardt over the logarithms of both shapes, for numbers within 0..1."""
    outside = ((q < 0) | (q > 1)).any(axis=1) | np.isnan(w).any(axis=1)
    result = np.full((3, len(q)), np.nan)
    result[2] = np.inf
    rows = np.flatnonzero(~outside)
    if not rows.size:
        return result
    p, q, w = p[rows], q[rows], w[rows]
    mean, sd, _ = _normal(p, q, w)
    mean = np.clip(mean, 0.02, 0.98)
    total = np.clip(mean * (1 - mean) / np.maximum(sd, 1e-6) ** 2 - 1, 0.05, 1e6)
    t, squares = _marquardt(np.log(np.stack([mean * total, (1 - mean) * total])), p, q, w)
    a, b = np.exp(t)
    result[0, rows] = a / (a + b) / unit[rows, 0]
    result[1, rows] = np.sqrt(a * b / (a + b + 1)) / (a + b) / unit[rows, 0]
    result[2, rows] = squares / unit[rows, 0] ** 2
    return result


def _beta_residuals(t: FloatArray, p: FloatArray, q: FloatArray, w: FloatArray) -> FloatArray:
    a, b = np.exp(t)
    found = np.asarray(betaincinv(a[:, None], b[:, None], p), dtype=np.float64)
    return np.asarray(w * (found - q), dtype=np.float64)


def _marquardt(
    t: FloatArray, p: FloatArray, q: FloatArray, w: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Parameters (2, m) and sums of squares at the minimum reached from ``t``."""
    residual = _beta_residuals(t, p, q, w)
    squares = (residual**2).sum(axis=1)
    damping = np.full(len(q), 1e-3)
    for _ in range(200):
        step = 1e-5
        jacobian = np.stack(
            [
                (_beta_residuals(t + e, p, q, w) - _beta_residuals(t - e, p, q, w)) / (2 * step)
                for e in (np.array([[step], [0.0]]), np.array([[0.0], [step]]))
            ]
        )
        g = (jacobian * residual).sum(axis=2)
        aa, bb = ((jacobian**2).sum(axis=2) * (1 + damping)) + 1e-300
        ab = (jacobian[0] * jacobian[1]).sum(axis=1)
        determinant = aa * bb - ab**2
        move = -np.stack([bb * g[0] - ab * g[1], aa * g[1] - ab * g[0]]) / determinant
        move = np.clip(np.nan_to_num(move), -2.0, 2.0)
        trial = np.clip(t + move, -7.0, 14.0)
        trial_residual = _beta_residuals(trial, p, q, w)
        trial_squares = (trial_residual**2).sum(axis=1)
        better = trial_squares < squares
        t = np.where(better, trial, t)
        residual = np.where(better[:, None], trial_residual, residual)
        squares = np.where(better, trial_squares, squares)
        damping = np.clip(np.where(better, damping / 10, damping * 10), 1e-12, 1e12)
        still = np.abs(move).max(axis=0) > 1e-11
        if not (still & (better | (damping < 1e10))).any():
            break
    return t, squares
