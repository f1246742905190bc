"""Likelihood of Copas' selection model for one pair of selection parameters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats._optimize import Optimum, minimize
from evsyn.stats._special import log_ndtr
from evsyn.stats.bias.selection_fit import Remembered

__all__ = ["CopasFit", "copas_log_likelihood", "fit_copas"]

LARGEST_RHO = 0.9999
_LOG_2PI = float(np.log(2 * np.pi))


@dataclass(frozen=True, slots=True)
class CopasFit:
    """The maximum for one pair of selection parameters.

    Attributes
    ----------
    estimate, se : float
        Effect and its standard error from the observed information.
    tau2, rho : float
        Between-study variance and correlation; ``rho`` is ``nan`` without selection.
    log_likelihood : float
        The maximum.
    residual : float
        Likelihood ratio statistic of a slope of the effect on the standard error.
    converged : bool
        Whether both maxima were found.
    on_bound : bool
        Whether rho ended on its bound.
    """

    estimate: float
    se: float
    tau2: float
    rho: float
    log_likelihood: float
    residual: float
    converged: bool
    on_bound: bool


def copas_log_likelihood(
    parameters: FloatArray, y: FloatArray, s: FloatArray, gamma: FloatArray
) -> tuple[float, FloatArray]:
    """Log-likelihood of published effects given their standard errors, and its gradient.

    Parameters
    ----------
    parameters : ndarray, shape (4,)
        Effect, slope on the standard error, tau² and rho.
    y, s : ndarray, shape (k,)
        Effects and standard errors.
    gamma : ndarray, shape (2,)
        gamma0, infinite without selection, and gamma1.

    Returns
    -------
    value : float
        -inf outside the domain.
    gradient : ndarray, shape (4,)
        Derivatives by the parameters.

    Examples
    --------
    >>> y, s = np.array([0.0, 1.0]), np.array([1.0, 1.0])
    >>> round(copas_log_likelihood(np.array([0.5, 0, 0, 0]), y, s, np.array([0.0, 1.0]))[0], 6)
    -2.087877
    """
    theta, beta, tau2, rho = (float(value) for value in parameters)
    selected = bool(np.isfinite(gamma[0]))
    u = gamma[0] + gamma[1] / s if selected else np.zeros(s.size)
    mills = _mills(u)
    steep = mills * (u + mills) if selected else np.zeros(s.size)
    sigma2 = s * s / (1 - rho**2 * steep)
    total = sigma2 + tau2
    if not (np.all(total > 0) and np.all(sigma2 > 0) and abs(rho) < 1):
        return -np.inf, np.full(4, np.nan)
    sd = np.sqrt(total)
    r = (y - theta - beta * s) / sd
    each = -0.5 * (_LOG_2PI + np.log(total) + r * r)
    by_r, by_total, by_rho = -r, -0.5 / total, np.zeros(s.size)
    if selected:
        tilt = rho * np.sqrt(sigma2) / sd
        rest = 1 - tilt**2
        shown = (u + tilt * r) / np.sqrt(rest)
        each = each + log_ndtr(shown) - log_ndtr(u)
        pull = _mills(shown)
        by_r = by_r + pull * tilt / np.sqrt(rest)
        by_tilt = pull * (r + tilt * (u + tilt * r) / rest) / np.sqrt(rest)
        by_total = by_total - by_tilt * tilt / (2 * total)
        growth = 2 * rho * steep * sigma2 / (1 - rho**2 * steep)  # of sigma2 with rho
        turn = np.sqrt(sigma2) / sd + rho * growth / (2 * np.sqrt(sigma2) * sd)
        by_rho = (by_total - by_r * r / (2 * total)) * growth + by_tilt * turn
    by_total = by_total - by_r * r / (2 * total)
    slopes = (-by_r / sd, -by_r * s / sd, by_total, by_rho)
    return float(np.sum(each)), np.array([np.sum(slope) for slope in slopes])


def _mills(u: FloatArray) -> FloatArray:
    """Normal density over distribution function."""
    return np.asarray(np.exp(-0.5 * (u * u + _LOG_2PI) - log_ndtr(u)))


def fit_copas(y: FloatArray, s: FloatArray, gamma: FloatArray) -> CopasFit:
    """Maximise over effect, tau² and rho, without and with a slope on the standard error.

    Parameters
    ----------
    y, s : ndarray, shape (k,)
        Effects and standard errors, in units in which the median standard error is about 1.
    gamma : ndarray, shape (2,)
        gamma0, infinite without selection, and gamma1, in these units.

    Returns
    -------
    CopasFit
        The highest maximum found.

    Notes
    -----
    tau² is a square and rho 0.9999 times a sine of what is searched, so that a maximum on a bound
    is an ordinary one; the information is taken in these terms, hence with what lies on a bound
    held there.
    """
    selected = bool(np.isfinite(gamma[0]))
    plain = _maximum(y, s, gamma, sloped=False)
    sloped = _maximum(y, s, gamma, sloped=True)
    theta, tau2 = float(plain.x[0]), float(plain.x[1]) ** 2
    rho = LARGEST_RHO * float(np.sin(plain.x[-1]))
    scale = np.sqrt(np.abs(np.diag(plain.hessian)))
    scale[scale == 0] = 1.0
    inside = plain.hessian / np.outer(scale, scale)
    sound = bool(np.isfinite(inside).all()) and float(np.linalg.eigvalsh(inside)[0]) > 1e-10
    se = float(np.sqrt(np.linalg.inv(inside)[0, 0]) / scale[0]) if sound else np.nan
    return CopasFit(
        estimate=theta,
        se=se,
        tau2=tau2 if tau2 > 1e-9 else 0.0,
        rho=rho if selected else np.nan,
        log_likelihood=-plain.value,
        residual=max(2 * (plain.value - sloped.value), 0.0),
        converged=plain.converged and sloped.converged,
        on_bound=selected and abs(rho) > LARGEST_RHO * (1 - 1e-9),
    )


def _maximum(y: FloatArray, s: FloatArray, gamma: FloatArray, *, sloped: bool) -> Optimum:
    """The highest of the maxima from a few starts: effect, root of tau², slope, angle of rho."""
    selected = bool(np.isfinite(gamma[0]))

    def both(x: FloatArray) -> tuple[float, FloatArray]:
        slope = float(x[2]) if sloped else 0.0
        rho = LARGEST_RHO * float(np.sin(x[-1])) if selected else 0.0
        parameters = np.array([float(x[0]), slope, float(x[1]) ** 2, rho])
        value, by = copas_log_likelihood(parameters, y, s, gamma)
        chain = [by[0], 2 * x[1] * by[2], *([by[1]] if sloped else [])]
        return -value, -np.array(
            [*chain, *([by[3] * LARGEST_RHO * np.cos(x[-1])] if selected else [])]
        )

    w = 1 / s**2
    mean = float(np.sum(w * y) / np.sum(w))
    root = max(float(np.var(y)) - float(np.median(s)) ** 2, 0.1) ** 0.5
    found: list[Optimum] = []
    for angle in (-0.6, 0.6) if selected else (0.0,):
        start = [mean, root, *([0.0] if sloped else []), *([angle] if selected else [])]
        last = Remembered(both)
        found.append(minimize(last.value, np.array(start), gradient=last.gradient))
    lowest = min(end.value for end in found)
    good = [end for end in found if end.value <= lowest + 1e-9]
    return max(good, key=lambda end: end.converged)
