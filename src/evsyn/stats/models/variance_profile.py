"""Profile-likelihood intervals of the variances and correlations of a multilevel fit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from evsyn.errors import StatsError, did_you_mean
from evsyn.stats._arrays import FloatArray, Intervals, checked_level, find_root, normal_quantile
from evsyn.stats.models.ascent import Maximum, maximise
from evsyn.stats.models.dependent_rows import IntArray, MixedModel, arranged
from evsyn.stats.models.mixed import MultilevelFit
from evsyn.stats.models.mixed_estimate import excess_variance
from evsyn.stats.models.mixed_likelihood import Derivatives, derivatives, log_likelihood

__all__ = ["variance_interval"]

_DOUBLINGS = 60


@dataclass(frozen=True, slots=True)
class _Slice:
    """A model whose parameters, for a value of one component, are ``base + plane @ z``.

    Attributes
    ----------
    model : MixedModel
        The model, its levels perhaps in another order.
    place : callable
        Value of the component -> ``base`` (q,) and ``plane`` (q, q - 1).
    free : ndarray, shape (q - 1,)
        z at the maximum of the likelihood.
    lower, upper : ndarray, shape (q - 1,)
        Bounds of z.
    estimate : float
        Value of the component at the maximum, in the model's unit.
    ends : (float, float)
        Smallest and largest possible value.
    scale : float
        Unit of the component.
    """

    model: MixedModel
    place: Callable[[float], tuple[FloatArray, FloatArray]]
    free: FloatArray
    lower: FloatArray
    upper: FloatArray
    estimate: float
    ends: tuple[float, float]
    scale: float


def variance_interval(
    fit: MultilevelFit, component: str, *, at: object = None, level: float = 0.95
) -> Intervals:
    """Profile-likelihood interval of a variance or correlation.

    Parameters
    ----------
    fit : MultilevelFit
        Fit of `multilevel`.
    component : str
        Name of a random intercept (one of ``fit.components``); ``"tau2"``; or ``"rho"``.
    at : label or (label, label), optional
        For a structure with a variance a level, the level of ``tau2``; for UN, the two levels of
        ``rho``.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Intervals
        Estimate and limits; a limit of 0 for a variance, or at the bound of a correlation, where
        the likelihood does not fall far enough before; ``nan`` with a reason where the component
        was not estimated.

    Raises
    ------
    StatsError
        If the fit has no such component.

    Notes
    -----
    The values whose likelihood, maximised over all other parameters, is less than half a
    chi-squared quantile (1 df) below the maximum [1]_. With REML the restricted likelihood takes
    its place. The interval is conservative near a bound.

    References
    ----------
    .. [1] R. J. Hardy, S. G. Thompson, "A likelihood approach to meta-analysis with random
       effects", Stat Med 15 (1996) 619-629.

    Examples
    --------
    The first four districts of Konstantopoulos (2011, Res Synth Methods 2:61-76):

    >>> from evsyn.stats.models.mixed import multilevel
    >>> yi = [-0.18, -0.22, 0.23, -0.30, 0.13, -0.26, 0.19, 0.32, 0.45, 0.38, 0.29]
    >>> yi += [0.16, 0.65, 0.36, 0.60]
    >>> vi = [0.118, 0.118, 0.144, 0.144, 0.014, 0.014, 0.015, 0.024, 0.023, 0.043, 0.012]
    >>> vi += [0.020, 0.004, 0.004, 0.007]
    >>> district = [11] * 4 + [12] * 4 + [18] * 3 + [27] * 4
    >>> groups = {"district": district, "school": list(range(15))}
    >>> found = variance_interval(multilevel(yi, vi, groups=groups), "district/school")
    >>> round(float(found.ci_lb), 4), round(float(found.ci_ub), 4)
    (0.0059, 0.1099)
    """
    level = checked_level(level)
    cut = _slice(fit, component, at)
    if isinstance(cut, str):
        nothing = np.float64(np.nan)
        return _interval(nothing, nothing, nothing, level, cut)
    drop = 0.5 * normal_quantile(level) ** 2
    profile = _Profile(cut)
    target = log_likelihood(fit.model, fit.theta) - drop
    low = _limit(profile, cut.estimate, target, up=False)
    high = _limit(profile, cut.estimate, target, up=True)
    unit = cut.scale
    return _interval(cut.estimate * unit, low * unit, high * unit, level, "")


def _interval(estimate: float, low: float, high: float, level: float, reason: str) -> Intervals:
    """Interval of one component."""
    return Intervals(
        np.float64(estimate),  # type: ignore[arg-type]
        np.float64(low),  # type: ignore[arg-type]
        np.float64(high),  # type: ignore[arg-type]
        "profile likelihood",
        level,
        reason,  # type: ignore[arg-type]
    )


class _Profile:
    """Likelihood maximised over all parameters but one, each climb starting from the last."""

    def __init__(self, cut: _Slice) -> None:
        self._cut = cut
        self._last = cut.free

    def __call__(self, value: float) -> float:
        """Log likelihood at a value of the component."""
        cut = self._cut
        base, plane = cut.place(value)

        def curve(z: FloatArray) -> Derivatives:
            whole = derivatives(cut.model, base + plane @ z)
            return Derivatives(
                whole.value,
                plane.T @ whole.gradient,
                plane.T @ whole.hessian @ plane,
                plane.T @ whole.information @ plane,
            )

        def height(z: FloatArray) -> float:
            return log_likelihood(cut.model, base + plane @ z)

        best: Maximum | None = None
        if not len(cut.free):
            return height(cut.free)
        for start in (self._last, cut.free):
            found = maximise(curve, height, start, lower=cut.lower, upper=cut.upper, known=best)
            if best is None or found.at.value > best.at.value:
                best = found
        assert best is not None
        if np.isfinite(best.at.value):
            self._last = best.theta
        return best.at.value


def _limit(profile: _Profile, estimate: float, target: float, *, up: bool) -> float:
    """Where the profile falls to the target, above or below the estimate."""
    cut = profile._cut
    end = cut.ends[1 if up else 0]
    if np.isfinite(end):
        if profile(end) >= target:
            return end
        far = end
    else:
        step = max(abs(estimate), excess_variance(cut.model))
        far = estimate + step
        for _ in range(_DOUBLINGS):
            if profile(far) < target:
                break
            step *= 2.0
            far += step
        else:
            return np.inf

    def over(values: FloatArray) -> FloatArray:
        heights = np.array([profile(float(value)) for value in values])
        return np.where(np.isneginf(heights), -1e300, heights - target)

    ends = np.array([min(estimate, far)]), np.array([max(estimate, far)])
    return float(find_root(over, *ends, rtol=1e-12)[0])


def _slice(fit: MultilevelFit, component: str, at: object) -> _Slice | str:
    """The component's slice, or why it has none."""
    model, count = fit.model, len(fit.components)
    unit = model.scale**2
    if component in fit.components:
        number = fit.components.index(component)
        if model.held[number]:
            return f"{component} was held at 0"
        return _boxed(model, fit.theta, number, power=1.0, scale=unit)
    if component not in ("tau2", "rho") or model.structure is None:
        known = (*fit.components, *(() if model.structure is None else ("tau2", "rho")))
        hint = did_you_mean(component, known)
        raise StatsError(f"component={component!r} is unknown; use {', '.join(known)}{hint}")
    structure = model.structure
    if component == "rho":
        if structure.name in ("ID", "DIAG"):
            raise StatsError(f"structure {structure.name} has no rho")
        if np.isnan(fit.rho).any():
            return "a variance is 0: no correlation with it"
        if structure.name == "UN":
            return _factored(fit, _pair(fit, at), correlation=True)
        place = len(fit.theta) - 1
        return _boxed(model, fit.theta, place, power=structure.unit, scale=1.0)
    if len(fit.tau2) == 1:
        return _boxed(model, fit.theta, count, power=1.0, scale=unit)
    if at not in fit.levels:
        raise StatsError(f"at={at!r} is no level; give one of {', '.join(map(repr, fit.levels))}")
    level = fit.levels.index(at)
    if structure.name == "UN":
        rest = [other for other in range(structure.size) if other != level]
        return _factored(fit, [level, *rest], correlation=False)
    power = 1.0 if structure.name == "DIAG" else 0.5
    return _boxed(model, fit.theta, count + level, power=power, scale=unit)


def _pair(fit: MultilevelFit, at: object) -> list[int]:
    """Order of levels that puts a pair first."""
    size = len(fit.levels)
    if at is None and size == 2:
        return [0, 1]
    if not isinstance(at, tuple | list) or len(at) != 2 or at[0] == at[1]:
        raise StatsError(f"at={at!r}; give two different levels")
    for label in at:
        if label not in fit.levels:
            raise StatsError(f"at={at!r}: {label!r} is no level of {fit.levels!r}")
    first = [fit.levels.index(label) for label in at]
    return [*first, *(other for other in range(size) if other not in first)]


def _boxed(
    model: MixedModel, theta: FloatArray, number: int, *, power: float, scale: float
) -> _Slice:
    """Slice in which one parameter is the component to some power."""
    others = np.delete(np.arange(len(theta)), number)
    plane = np.eye(len(theta))[:, others]
    lowest = 0.0 if power == 0.5 else float(model.lower[number])

    def place(value: float) -> tuple[FloatArray, FloatArray]:
        base = np.zeros(len(theta))
        base[number] = np.sign(value) * abs(value) ** power
        return base, plane

    def natural(parameter: float) -> float:
        return float(np.sign(parameter) * np.abs(np.float64(parameter)) ** (1.0 / power))

    return _Slice(
        model=model,
        place=place,
        free=theta[others],
        lower=model.lower[others],
        upper=model.upper[others],
        estimate=natural(float(theta[number])),
        ends=(natural(lowest), natural(float(model.upper[number]))),
        scale=scale,
    )


def _factored(fit: MultilevelFit, order: list[int], *, correlation: bool) -> _Slice:
    """Slice of an unstructured matrix, the levels in an order that frees the component."""
    model, count = fit.model, len(fit.components)
    assert model.structure is not None
    assert model.inner is not None
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    inner: IntArray = rank[model.inner]
    turned = replace(model, inner=inner)
    turned = replace(turned, stacks=arranged(turned))
    g = model.structure.matrix(fit.theta[count:])[np.ix_(order, order)]
    theta = np.concatenate([fit.theta[:count], _factor(g)[np.tril_indices(len(order))]])
    if not correlation:
        return _boxed(turned, theta, count, power=0.5, scale=model.scale**2)
    width = len(theta)
    pair = [count + 1, count + 2]  # entries (2, 1) and (2, 2) of the factor
    others = np.delete(np.arange(width), pair)

    def place(value: float) -> tuple[FloatArray, FloatArray]:
        plane = np.zeros((width, width - 1))
        plane[others, np.arange(width - 2)] = 1.0
        plane[pair, -1] = value, np.sqrt(max(1.0 - value * value, 0.0))
        return np.zeros(width), plane

    sd = float(np.hypot(*theta[pair]))
    return _Slice(
        model=turned,
        place=place,
        free=np.append(theta[others], sd),
        lower=np.append(np.where(others == count, 0.0, model.lower[others]), 0.0),
        upper=np.append(model.upper[others], np.inf),
        estimate=float(g[0, 1] / np.sqrt(g[0, 0] * g[1, 1])),
        ends=(-1.0, 1.0),
        scale=1.0,
    )


def _factor(g: FloatArray) -> FloatArray:
    """Lower triangle L with L L' = g, for a g that may be singular."""
    values, vectors = np.linalg.eigh(g)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    triangle = np.linalg.qr(root.T)[1].T
    signs = np.where(np.diagonal(triangle) < 0, -1.0, 1.0)
    return np.asarray(triangle * signs)
