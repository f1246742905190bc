"""(Restricted) log likelihood of a mixed model, with exact first and second derivatives.

``y ~ N(X b, M)``, ``M = V + sum_c sigma2_c Z_c Z_c' + G[inner, inner]``; with ``W = M^-1`` and
``P = W - W X (X' W X)^-1 X' W`` and ``D_a`` the derivative of M in the parameter a,

    l     = -1/2 (log|M| + [log|X' W X|] + y' P y + (k - [p]) log 2 pi)
    l_a   = -1/2 tr(P D_a) + 1/2 y' P D_a P y
    l_ab  = 1/2 tr(P D_a P D_b) - y' P D_a P D_b P y - 1/2 tr(P D_ab) + 1/2 y' P D_ab P y

(in brackets: only if restricted; else W stands for P in the traces).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.models.dependent_rows import IntArray, MixedModel, Stack

__all__ = [
    "Derivatives",
    "WeightedFit",
    "covariance_of_rows",
    "derivatives",
    "log_likelihood",
    "marginal",
    "weighted",
]

_LOG_2PI = float(np.log(2.0 * np.pi))


@dataclass(frozen=True, slots=True)
class WeightedFit:
    """Generalised least squares at given parameters.

    Attributes
    ----------
    value : float
        (Restricted) log likelihood; minus infinity where M is not positive definite.
    coef : ndarray, shape (p,)
        Coefficients of the orthonormal design.
    covariance : ndarray, shape (p, p)
        ``(X' W X)^-1``.
    rss : float
        ``y' P y``.
    matrices : tuple of ndarray, each (n, m, m)
        M of each stack.
    """

    value: float
    coef: FloatArray
    covariance: FloatArray
    rss: float
    matrices: tuple[FloatArray, ...]


@dataclass(frozen=True, slots=True)
class Derivatives:
    """Value, slope and curvature of the log likelihood.

    Attributes
    ----------
    value : float
        Log likelihood.
    gradient : ndarray, shape (q,)
        First derivatives.
    hessian : ndarray, shape (q, q)
        Second derivatives.
    information : ndarray, shape (q, q)
        Expected information.
    """

    value: float
    gradient: FloatArray
    hessian: FloatArray
    information: FloatArray


def marginal(model: MixedModel, stack: Stack, theta: FloatArray) -> FloatArray:
    """M of each block of a stack, shape (n, m, m)."""
    count = len(model.intercepts)
    total = stack.sampling
    if count:
        total = total + np.tensordot(theta[:count], stack.intercepts, axes=1)
    if model.structure is not None:
        g = model.structure.matrix(theta[count:])
        total = total + g[stack.inner[:, :, None], stack.inner[:, None, :]] * stack.outer
    return np.asarray(total)


def covariance_of_rows(model: MixedModel, theta: FloatArray, rows: IntArray) -> FloatArray:
    """M of some rows, shape (n, n)."""
    if model.sampling.ndim == 1:
        total = np.diag(model.sampling[rows])
    else:
        total = model.sampling[np.ix_(rows, rows)]
    for size, codes in zip(theta, model.intercepts, strict=False):
        total = total + size * (codes[rows][:, None] == codes[rows])
    if model.structure is not None and model.inner is not None and model.outer is not None:
        g = model.structure.matrix(theta[len(model.intercepts) :])
        inner, outer = model.inner[rows], model.outer[rows]
        total = total + g[inner[:, None], inner] * (outer[:, None] == outer)
    return np.asarray(total)


def weighted(model: MixedModel, theta: FloatArray) -> WeightedFit:
    """Generalised least squares and the log likelihood at ``theta``."""
    p, k = model.design.shape[1], len(model.yi)
    matrices = tuple(marginal(model, stack, theta) for stack in model.stacks)
    normal, right, log_det = np.zeros((p, p)), np.zeros(p), 0.0
    whitened = []
    try:
        for stack, matrix in zip(model.stacks, matrices, strict=True):
            factor = np.linalg.cholesky(matrix)
            both = np.concatenate([stack.x, stack.y[:, :, None]], axis=2)
            white = np.linalg.solve(factor, both).reshape(-1, p + 1)
            whitened.append(white)
            normal += white[:, :p].T @ white[:, :p]
            right += white[:, :p].T @ white[:, p]
            log_det += 2.0 * float(np.log(np.diagonal(factor, axis1=1, axis2=2)).sum())
        covariance: FloatArray = np.asarray(np.linalg.inv(normal), dtype=np.float64)
        root = np.linalg.cholesky(normal)
    except np.linalg.LinAlgError:
        nothing = np.full((p, p), np.nan)
        return WeightedFit(-np.inf, nothing[0], nothing, np.nan, matrices)
    coef = covariance @ right
    residuals = [white[:, p] - white[:, :p] @ coef for white in whitened]
    rss = float(sum(part @ part for part in residuals))
    value = log_det + rss + (k - p if model.restricted else k) * _LOG_2PI
    if model.restricted:
        value += 2.0 * float(np.log(np.diag(root)).sum())
    return WeightedFit(-0.5 * value, coef, covariance, rss, matrices)


def log_likelihood(model: MixedModel, theta: FloatArray) -> float:
    """(Restricted) log likelihood; minus infinity where M is not positive definite."""
    return weighted(model, theta).value


def _inverses(fit: WeightedFit) -> list[FloatArray] | None:
    """M^-1 of each stack; nothing where one is singular."""
    if not np.isfinite(fit.value):
        return None
    try:
        return [np.asarray(np.linalg.inv(matrix), dtype=np.float64) for matrix in fit.matrices]
    except np.linalg.LinAlgError:
        return None


def _changes(model: MixedModel, stack: Stack, first: FloatArray | None) -> FloatArray:
    """Derivatives of M in each parameter, shape (q, n, m, m)."""
    if first is None:
        return stack.intercepts
    inner = first[:, stack.inner[:, :, None], stack.inner[:, None, :]] * stack.outer
    if not len(model.intercepts):
        return np.asarray(inner)
    return np.concatenate([stack.intercepts, inner])


def derivatives(model: MixedModel, theta: FloatArray) -> Derivatives:
    """Log likelihood with its derivatives at ``theta``."""
    fit = weighted(model, theta)
    q, p, count = len(theta), model.design.shape[1], len(model.intercepts)
    inverses = _inverses(fit)
    if inverses is None:
        nothing = np.full((q, q), np.nan)
        return Derivatives(-np.inf, nothing[0], nothing, nothing)
    first, second, size = None, None, 0
    if model.structure is not None:
        first, second = model.structure.derivatives(theta[count:])
        second, size = None if model.structure.linear else second, model.structure.size
    sums = _Sums(np.zeros(q), np.zeros((q, q)), *_zeros(q, p + 1), np.zeros((size, size)))
    root = np.linalg.cholesky(fit.covariance)
    for stack, w in zip(model.stacks, inverses, strict=True):
        residual = stack.y - stack.x @ fit.coef
        u: FloatArray = w @ np.concatenate([stack.x @ root, residual[:, :, None]], axis=2)
        _add(sums, _changes(model, stack, first), w, u)
        if second is not None:
            both = u if model.restricted else u[:, :, -1:]
            _add_slope(sums.slope, stack, w, both)
    return _assembled(sums, fit.value, second, model.restricted)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Sums over blocks, with ``U = W (X root, y - X b)`` and ``root root' = (X' W X)^-1``.

    ``single`` has ``tr(W D_a)``, ``double`` ``tr(W D_a W D_b)``, ``inner`` ``U' D_a U``, ``outer``
    ``U' D_a W D_b U``, ``slope`` the derivative of the likelihood in G.
    """

    single: FloatArray
    double: FloatArray
    inner: FloatArray
    outer: FloatArray
    slope: FloatArray


def _zeros(q: int, width: int) -> tuple[FloatArray, FloatArray]:
    """Empty sums of products of U."""
    return np.zeros((q, width, width)), np.zeros((q, q, width, width))


def _add(sums: _Sums, change: FloatArray, w: FloatArray, u: FloatArray) -> None:
    """Add what a stack has to the sums."""
    q, width = change.shape[0], u.shape[2]
    moved = w @ change
    flat = moved.reshape(q, -1)
    sums.single[:] += np.trace(moved, axis1=2, axis2=3).sum(axis=1)
    sums.double[:] += flat @ moved.swapaxes(2, 3).reshape(q, -1).T
    f = (change @ u).reshape(q, -1, width)
    h = (moved @ u).reshape(q, -1, width)
    sums.inner[:] += u.reshape(-1, width).T @ f
    sums.outer[:] += f.swapaxes(1, 2)[:, None] @ h[None]


def _add_slope(slope: FloatArray, stack: Stack, w: FloatArray, u: FloatArray) -> None:
    """Add the derivative of the likelihood in each entry of G."""
    size = slope.shape[0]
    part = 0.5 * (u @ u.swapaxes(1, 2) - w) * stack.outer
    place = (stack.inner[:, :, None] * size + stack.inner[:, None, :]).ravel()
    slope += np.bincount(place, part.ravel(), size * size).reshape(size, size)


def _assembled(
    sums: _Sums, value: float, second: FloatArray | None, restricted: bool
) -> Derivatives:
    """Derivatives from the sums over blocks."""
    q = len(sums.single)
    core, cross = sums.inner[:, :-1, :-1], sums.inner[:, :-1, -1]
    single, double = sums.single, sums.double
    if restricted:
        single = single - np.trace(core, axis1=1, axis2=2)
        double = double - 2.0 * np.trace(sums.outer[:, :, :-1, :-1], axis1=2, axis2=3)
        double = double + core.reshape(q, -1) @ core.reshape(q, -1).T
    gradient = 0.5 * (sums.inner[:, -1, -1] - single)
    hessian = 0.5 * double - (sums.outer[:, :, -1, -1] - cross @ cross.T)
    if second is not None:
        at = q - second.shape[0]
        hessian[at:, at:] += np.tensordot(second, sums.slope, axes=2)
    return Derivatives(value, gradient, 0.5 * (hessian + hessian.T), 0.5 * double)
