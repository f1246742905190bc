"""Heterogeneity beyond the sampling errors: Q and I² of dependent effects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.models.dependent_rows import MixedModel
from evsyn.stats.models.mixed_likelihood import weighted

__all__ = ["FixedFit", "fixed_fit", "shares"]


@dataclass(frozen=True, slots=True)
class FixedFit:
    """The model without random effects.

    Attributes
    ----------
    q : float
        Cochran's Q about the coefficients; ``nan`` where V is singular.
    precision : ndarray, shape (k,)
        Diagonal of ``P = W - W X (X' W X)^-1 X' W``, ``W = V^-1``.
    freedom : ndarray, shape (k,)
        Diagonal of ``V P``: 1 minus the leverage of a row.
    """

    q: float
    precision: FloatArray
    freedom: FloatArray


def fixed_fit(model: MixedModel) -> FixedFit:
    """Fit with the sampling covariances alone, in the model's unit."""
    count = len(model.intercepts) + (len(model.structure.lower) if model.structure else 0)
    fit = weighted(model, np.zeros(count))
    k = len(model.yi)
    precision, freedom = np.full(k + 1, np.nan), np.full(k + 1, np.nan)
    if not np.isfinite(fit.value):
        return FixedFit(np.nan, precision[:k], freedom[:k])
    root = np.linalg.cholesky(fit.covariance)
    for stack in model.stacks:
        w = np.linalg.inv(stack.sampling)
        spread = stack.x @ root
        weighted_spread = w @ spread
        precision[stack.rows] = np.diagonal(w, axis1=1, axis2=2) - (weighted_spread**2).sum(axis=2)
        freedom[stack.rows] = 1.0 - (spread * weighted_spread).sum(axis=2)
    return FixedFit(fit.rss, precision[:k], freedom[:k])


def shares(
    model: MixedModel, fixed: FixedFit, sigma2: FloatArray, tau2: FloatArray
) -> tuple[FloatArray, float]:
    """I² of each component and of all together, percent.

    Parameters
    ----------
    model : MixedModel
        The model.
    fixed : FixedFit
        Its fit without random effects.
    sigma2, tau2 : ndarray
        Variances of the random intercepts and of the structure, in the model's unit.
    """
    typical = _typical(fixed, np.ones(len(model.yi), dtype=bool))
    intercepts = float(sigma2.sum())
    own = tau2
    if len(tau2) > 1 and model.inner is not None:
        of_level = np.array([_typical(fixed, model.inner == at) for at in range(len(tau2))])
        own = tau2 / (tau2 + intercepts + of_level)
        mean = float(tau2[model.inner].mean())
    else:
        mean = float(tau2.sum())
        own = tau2 / (mean + intercepts + typical)
    if not intercepts + mean:
        return np.zeros(len(sigma2) + len(tau2)), 0.0
    whole = intercepts + mean + typical
    share = np.concatenate([sigma2 / whole, own])
    return 100.0 * share, 100.0 * (intercepts + mean) / whole


def _typical(fixed: FixedFit, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """Typical sampling variance of some rows; ``nan`` where they leave no freedom."""
    freedom, precision = float(fixed.freedom[rows].sum()), float(fixed.precision[rows].sum())
    return freedom / precision if freedom > 1e-9 and precision > 0 else np.nan
