"""Likelihood of effects that were selected by their p-values, with its gradient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import BoolArray, FloatArray
from evsyn.stats._special import ndtr
from evsyn.stats.bias.selection_weights import LARGEST, PValues, Rule, Support

__all__ = ["SelectionLikelihood", "Transform"]

_LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class SelectionLikelihood:
    """Studies, weight function and where it is integrated.

    Parameters are ``mu, tau2, delta_1, ...``. A study with effect y and variance v has density
    ``w(p) N(y; mu, v + tau2) / A`` with A the integral of the numerator over y.

    Attributes
    ----------
    yi, vi : ndarray, shape (k,)
        Effects, signs turned so that selection favours positive ones, and variances.
    rule : Rule
        Weight function.
    support : Support
        Its pieces and nodes.
    observed : PValues, shape (k,)
        P-values of the studies.
    precision : ndarray, shape (k,)
        Factor of the first parameter in a study; 1 unless selection depends on precision.
    """

    yi: FloatArray
    vi: FloatArray
    rule: Rule
    support: Support
    observed: PValues
    precision: FloatArray

    def value(self, parameters: FloatArray) -> float:
        """Log-likelihood; -inf outside the domain."""
        return self.value_and_gradient(parameters)[0]

    def value_and_gradient(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        """Log-likelihood and its derivatives by all parameters."""
        mu, tau2, delta = float(parameters[0]), float(parameters[1]), parameters[2:]
        total = self.vi + tau2
        if not (np.isfinite(parameters).all() and total.min() > 0):
            return -np.inf, np.full(parameters.size, np.nan)
        with np.errstate(all="ignore"):
            residual = self.yi - mu
            log_weight, slopes = self._log_weight(delta, self.observed, self.precision)
            area, by_mu, by_tau2, by_delta = self._area(mu, total, delta)
            each = log_weight - 0.5 * (_LOG_2PI + np.log(total) + residual**2 / total)
            value = float(np.sum(each - np.log(area)))
            gradient = np.empty(parameters.size)
            gradient[0] = np.sum(residual / total - by_mu / area)
            gradient[1] = np.sum(0.5 * (residual**2 / total - 1) / total - by_tau2 / area)
            for at, slope in enumerate(slopes):
                gradient[2 + at] = np.sum(slope - by_delta[at] / area)
        return (value if np.isfinite(value) else -np.inf), gradient

    def _log_weight(
        self, delta: FloatArray, at: PValues, precision: FloatArray
    ) -> tuple[FloatArray, tuple[FloatArray, ...]]:
        """Logarithms of weights and slopes, 0 where selection is certain."""
        value, slopes = self.rule.log_weight(delta, at, precision)
        if at.free.any():
            value = np.where(at.free, 0.0, value)
            slopes = tuple(np.where(at.free, 0.0, slope) for slope in slopes)
        return value, slopes

    def _area(
        self, mu: float, total: FloatArray, delta: FloatArray
    ) -> tuple[FloatArray, FloatArray, FloatArray, list[FloatArray]]:
        """The integral for each study, and its derivatives."""
        sd = np.sqrt(self.vi)
        centre, spread = (mu / sd)[:, None], np.sqrt(total / self.vi)[:, None]
        shared = bool((self.precision == 1).all())
        factor = np.ones(1) if shared else self.precision[:, None]
        mass, by_centre, by_spread = _pieces(self.support, centre, spread)
        log_weight, slopes = self._log_weight(delta, self.support.constant, factor)
        weight = np.exp(log_weight)
        sums = [_sum(mass, weight), _sum(by_centre, weight), _sum(by_spread, weight)]
        by_delta = [_sum(mass, weight * slope) for slope in slopes]
        if self.support.nodes.size:
            u = (self.support.nodes - centre) / spread
            density = (
                np.exp(np.maximum(-0.5 * u * u, -650.0))
                * (self.support.shares / np.sqrt(2 * np.pi))
                / spread
            )
            log_weight, slopes = self._log_weight(delta, self.support.varying, factor)
            weight = np.exp(log_weight)
            tilted = density * u / spread
            sums[0] += _sum(density, weight)
            sums[1] += _sum(tilted, weight)
            sums[2] += _sum(tilted * u - density / spread, weight)
            by_delta = [
                have + _sum(density, weight * slope)
                for have, slope in zip(by_delta, slopes, strict=True)
            ]
        by_tau2 = sums[2] / (2 * spread[:, 0] * self.vi)
        return sums[0], sums[1] / sd, by_tau2, by_delta


def _sum(mass: FloatArray, weight: FloatArray) -> FloatArray:
    """Weighted sum over pieces or nodes; weights shared by the studies or one row each."""
    if weight.ndim == 1:
        return np.asarray(mass @ weight)
    return np.asarray(np.einsum("ij,ij->i", mass, weight))


def _pieces(
    support: Support, centre: FloatArray, spread: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Normal probabilities of the pieces, and derivatives by centre and spread, shape (k, j)."""
    a, b = (support.low - centre) / spread, (support.high - centre) / spread
    upper = a > 0  # from the tail that keeps the digits
    first, last = np.where(upper, -b, a), np.where(upper, -a, b)
    mass = ndtr(last) - ndtr(first)
    density_a, density_b = _density(a), _density(b)
    by_centre = (density_a - density_b) / spread
    finite_a, finite_b = np.where(np.isinf(a), 0.0, a), np.where(np.isinf(b), 0.0, b)
    by_spread = (density_a * finite_a - density_b * finite_b) / spread
    return mass, by_centre, by_spread


def _density(u: FloatArray) -> FloatArray:
    """Standard normal density."""
    return np.asarray(np.exp(-0.5 * u * u) / np.sqrt(2 * np.pi))


@dataclass(frozen=True, slots=True)
class Transform:
    """Free parameters without bounds, and the bounded ones they stand for.

    ``tau2`` is a square, and a parameter of selection goes between its bounds with the square of
    a sine, so that a maximum on a bound is an ordinary one.

    Attributes
    ----------
    fixed : ndarray, shape (2 + q,)
        Values of the parameters; ``nan`` where estimated.
    least : float
        Lower bound of the parameters of selection.
    """

    fixed: FloatArray
    least: float

    @property
    def free(self) -> BoolArray:
        """Which parameters are estimated."""
        return np.isnan(self.fixed)

    def bounded(self, x: FloatArray) -> FloatArray:
        """All parameters from the free ones."""
        return self._both(x)[0]

    def slope(self, x: FloatArray) -> FloatArray:
        """Derivatives of the estimated parameters by the free ones that stand for them."""
        return self._both(x)[1][self.free]

    def unbounded(self, parameters: FloatArray) -> FloatArray:
        """Free parameters that stand for these."""
        share = (parameters[2:] - self.least) / (LARGEST - self.least)
        angle = np.arcsin(np.sqrt(np.clip(share, 0.0, 1.0)))
        return np.concatenate([parameters[:1], np.sqrt(parameters[1:2]), angle])[self.free]

    def _both(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        raw = np.array(self.fixed)
        raw[self.free] = x
        values, slopes = np.array(self.fixed), np.ones(raw.size)
        if self.free[0]:
            values[0] = raw[0]
        if self.free[1]:
            values[1], slopes[1] = raw[1] ** 2, 2 * raw[1]
        for at in np.flatnonzero(self.free[2:]) + 2:
            width = LARGEST - self.least
            values[at] = self.least + width * np.sin(raw[at]) ** 2
            slopes[at] = width * np.sin(2 * raw[at])
        return values, slopes
