"""The global maximum of a mixed model's likelihood: a coarse look, then climbs from several points.

A restricted likelihood can have two modes, one of them at a variance of 0. The climb from 0 ends
there at once if that is a mode; the other climbs start where the coarse look finds the likelihood
high, and from its extremes.
"""

from __future__ import annotations

import numpy as np

from evsyn.stats._arrays import FloatArray
from evsyn.stats.models.ascent import Maximum, maximise
from evsyn.stats.models.dependent_rows import MixedModel
from evsyn.stats.models.mixed_likelihood import derivatives, log_likelihood

__all__ = ["excess_variance", "highest"]

_LARGE = 5e7  # products in one likelihood above which fewer points are looked at


def excess_variance(model: MixedModel) -> float:
    """Variance of the effects beyond their sampling variances, in the model's unit; above 0."""
    k, p = model.design.shape
    residual = model.yi - model.design @ (model.design.T @ model.yi)
    variances = model.sampling if model.sampling.ndim == 1 else np.diagonal(model.sampling)
    spread = float(residual @ residual) / max(k - p, 1)
    return float(max(spread - float(np.mean(variances)), 0.05 * spread, 1e-4))


def highest(model: MixedModel) -> Maximum:
    """Parameters of the highest likelihood."""
    fine = _decades(model)
    points = [*fine, *_points(model)]
    if not len(points[0]):
        return maximise(
            lambda at: derivatives(model, at),
            lambda at: log_likelihood(model, at),
            np.zeros(0),
            lower=np.zeros(0),
            upper=np.zeros(0),
        )
    cost = sum(stack.sampling.size * stack.sampling.shape[1] for stack in model.stacks)
    if cost > _LARGE:
        points = points[:: max(len(points) // 6, 1)]
    heights = np.array([log_likelihood(model, point) for point in points])
    order = np.argsort(-heights, kind="stable")
    top = int(order[0])
    chosen = [points[top]]
    linear = model.structure is None or model.structure.linear
    if cost <= _LARGE:
        ends = {len(points) - 1} if linear else {0, len(points) - 1}
        chosen += [points[at] for at in ends - {top}]
        chosen += [points[at] for at in order[1:] if at < len(fine)][:2]
    if linear:
        chosen.append(np.zeros(len(points[0])))
    best = _climbed(model, chosen)
    again = _beside_zero(model, best)
    return _climbed(model, again, best) if again else best


def _beside_zero(model: MixedModel, best: Maximum) -> list[FloatArray]:
    """Where to climb once more if a structure's variance vanished: small, all correlations.

    At a variance of 0 the correlation does not matter, and the climb stays with the last one.
    """
    structure, count = model.structure, len(model.intercepts)
    if structure is None or structure.linear or structure.name == "UN":
        return []
    if (best.theta[count:-1] > 0).all():
        return []
    points = []
    for rho in np.linspace(0.98 * structure.lower[-1], 0.98 * structure.upper[-1], 9):
        for size in (1e-6, 0.05):
            small = (size * excess_variance(model)) ** (0.5 * structure.power[:-1])
            points.append(np.concatenate([best.theta[:count], small, [rho]]))
    return points


def _climbed(model: MixedModel, starts: list[FloatArray], best: Maximum | None = None) -> Maximum:
    """Highest of the maxima reached from the starts."""
    for start in starts:
        found = maximise(
            lambda at: derivatives(model, at),
            lambda at: log_likelihood(model, at),
            start,
            lower=model.lower,
            upper=model.upper,
            known=best,
        )
        if best is None or _above(found, best):
            best = found
    assert best is not None
    return best


def _above(one: Maximum, other: Maximum) -> bool:
    """Whether a maximum is higher, beyond rounding, or as high and reached more surely."""
    margin = 1e-10 * max(abs(other.at.value), 1.0) if np.isfinite(other.at.value) else 0.0
    if one.converged and not other.converged:
        return one.at.value >= other.at.value - margin
    return one.at.value > other.at.value + margin


def _decades(model: MixedModel) -> list[FloatArray]:
    """Sizes of each component apart, where variances as small as the smallest effects' matter.

    A few effects of great precision among imprecise ones can make a mode of their own.
    """
    excess = excess_variance(model)
    variances = model.sampling if model.sampling.ndim == 1 else np.diagonal(model.sampling)
    least = max(float(variances.min(initial=np.inf)), 1e-12 * excess)
    if model.structure is not None or len(model.intercepts) > 2 or least > 1e-3 * excess:
        return []
    steps = np.arange(np.floor(np.log10(least / excess)), 1.0, 1.0)
    sizes = excess * np.concatenate([[0.0], 10.0**steps])
    grid = np.meshgrid(*(sizes for _ in model.intercepts), indexing="ij")
    count = len(model.intercepts)
    return list(np.minimum(np.stack(grid, axis=-1).reshape(-1, count), model.upper[:count]))


def _points(model: MixedModel) -> list[FloatArray]:
    """Parameters to look at: sizes and shares of the components."""
    excess, count = excess_variance(model), len(model.intercepts)
    upper = model.upper[:count]
    shares = [np.full(count, 1.0 / max(count, 1))]
    if count > 1:
        shares += [np.where(np.arange(count) == at, 0.9, 0.1 / (count - 1)) for at in range(count)]
    sizes = (0.03, 0.3, 1.0, 4.0) if count < 3 else (0.1, 1.0)
    if model.structure is None:
        return [np.minimum(size * excess * share, upper) for size in sizes for share in shares]
    inner = model.structure.starts(excess)
    if not count:
        return inner
    plain = [np.minimum(size * excess * shares[0], upper) for size in (0.05, 0.7)]
    return [np.concatenate([one, point]) for point in inner for one in plain]
