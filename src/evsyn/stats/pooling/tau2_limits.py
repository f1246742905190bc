"""Confidence limits of the between-study variance: Q-profile and profile likelihood."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.literals import LikelihoodMethod, Tau2Method, choices
from evsyn.stats._arrays import (
    FloatArray,
    TextArray,
    checked_level,
    chosen,
    find_root,
    reasons,
)
from evsyn.stats._special import chdtri
from evsyn.stats.pooling._criteria import generalised_q
from evsyn.stats.pooling._design import Contrasts, contrasts_of, orthonormal
from evsyn.stats.pooling._fitted import fitted, log_likelihood, traces, weighted
from evsyn.stats.pooling._powers import Moments, moments
from evsyn.stats.pooling._residual_tau2 import (
    highest_likelihood,
    likelihood_falls_above,
    profile_root,
)
from evsyn.stats.pooling._single import Analysis
from evsyn.stats.pooling.studies import Studies, study_columns

__all__ = ["Tau2Interval", "tau2_interval"]

SCAN = 256  # points of the scan of a likelihood with several maxima
DOUBLINGS = 2000  # more than there are between the smallest and the largest number


@dataclass(frozen=True, slots=True)
class Tau2Interval:
    """Interval of tau² and, on the same typical variance, of I² and H².

    Attributes
    ----------
    tau2_lb, tau2_ub : ndarray, shape () or (n,)
        Limits of tau².
    tau_lb, tau_ub : ndarray, shape () or (n,)
        Limits of tau, on the scale of the effect sizes.
    i2_lb, i2_ub : ndarray, shape () or (n,)
        Limits of I², percent.
    h2_lb, h2_ub : ndarray, shape () or (n,)
        Limits of H².
    reason : ndarray of str, shape () or (n,)
        Why limits are missing, or why both are 0; empty otherwise.
    level : float
        Confidence level.
    method : str
        ``"QP"`` or ``"PL"``.
    estimator : str
        Likelihood that was profiled, ``"REML"`` or ``"ML"``; without meaning for ``"QP"``.
    """

    tau2_lb: FloatArray
    tau2_ub: FloatArray
    tau_lb: FloatArray
    tau_ub: FloatArray
    i2_lb: FloatArray
    i2_ub: FloatArray
    h2_lb: FloatArray
    h2_ub: FloatArray
    reason: TextArray
    level: float
    method: str
    estimator: str


def tau2_interval(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: Tau2Method = "QP",
    estimator: LikelihoodMethod = "REML",
    level: float = 0.95,
) -> Tau2Interval:
    """Confidence interval of the between-study variance.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes and sampling variances; ``nan`` marks an absent study.
    method : {"QP", "PL"}, default "QP"
        Q-profile, or profile likelihood.
    estimator : {"REML", "ML"}, default "REML"
        Likelihood to profile, for ``method="PL"``.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Tau2Interval
        Limits of tau², tau, I² (percent) and H². A limit is 0 where 0 itself lies in the interval;
        with the Q-profile both are 0 where the studies agree better than chance would have them.
        ``nan`` for fewer than two studies.

    Raises
    ------
    StatsError
        If a shape, variance, the method, estimator or level is outside what is allowed.

    Notes
    -----
    Q-profile: the tau² at which the generalised Q equals the two quantiles of chi-square on k - 1
    degrees of freedom; exact for normal effects with known variances [1]_. Profile likelihood: the
    smallest and the largest tau² whose log likelihood lies less than half the quantile of
    chi-square on 1 degree of freedom below the maximum [2]_; large-sample, and of less than its
    nominal coverage for few studies. Where a likelihood has two maxima the values between the
    limits need not all belong to the interval.

    References
    ----------
    .. [1] W. Viechtbauer, "Confidence intervals for the amount of heterogeneity in
       meta-analysis", Stat Med 26 (2007) 37-52, section 2.1.
    .. [2] R. J. Hardy, S. G. Thompson, "A likelihood approach to meta-analysis with random
       effects", Stat Med 15 (1996) 619-629.

    Examples
    --------
    >>> interval = tau2_interval([-0.9, -1.6, -0.2, -0.5], [0.1, 0.1, 0.05, 0.02])
    >>> interval.tau2_lb.round(3), interval.tau2_ub.round(3)
    (np.float64(0.042), np.float64(5.02))
    """
    chosen("method", method, choices(Tau2Method))
    chosen("estimator", estimator, choices(LikelihoodMethod))
    level = checked_level(level)
    studies = study_columns(yi, vi)
    with np.errstate(invalid="ignore"):
        lower, upper, typical = _limits(studies, level, (method, estimator))
    why = reasons(
        lower.shape,
        (studies.k == 0, "no study with an effect size and a variance"),
        (studies.k == 1, "one study says nothing of the variance between studies"),
        (upper == 0, "the studies agree better than chance would have them"),
    )
    shaped = studies.shaped
    ratio_lb, ratio_ub = lower / typical, upper / typical
    return Tau2Interval(
        tau2_lb=shaped(lower),
        tau2_ub=shaped(upper),
        tau_lb=shaped(np.sqrt(lower)),
        tau_ub=shaped(np.sqrt(upper)),
        i2_lb=shaped(100.0 * lower / (typical + lower)),
        i2_ub=shaped(100.0 * upper / (typical + upper)),
        h2_lb=shaped(1.0 + ratio_lb),
        h2_ub=shaped(1.0 + ratio_ub),
        reason=shaped(why),
        level=level,
        method=method,
        estimator=estimator,
    )


def _limits(
    studies: Studies, level: float, kind: tuple[str, str]
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Limits and typical variance of each column; ``nan`` for fewer than two studies."""
    if kind[0] == "QP" and studies.single and studies.regular and studies.k[0] > 1:
        found = _q_profile_of_one(studies.yi[:, 0], studies.vi[:, 0], level)
        if found is not None:
            return found
    n = studies.k.size
    several = np.flatnonzero(studies.k > 1)
    lower, upper, typical = np.full(n, np.nan), np.full(n, np.nan), np.full(n, np.nan)
    if several.size:
        present = studies.present[:, several]
        ones = orthonormal(np.ones((present.shape[0], 1, several.size)), present)
        data = contrasts_of(studies.yi[:, several], studies.vi[:, several], ones.z)
        method, estimator = kind
        if method == "QP":
            low, high = _q_profile(data, level)
        else:
            low, high = _likelihood_profile(data, level, full=estimator == "ML")
        square = data.scale**2
        lower[several], upper[several] = low * square, high * square
        typical[several] = (data.k - 1.0) / traces(data, weighted(data, 0.0)).tr * square
    return lower, upper, typical


def _q_profile_of_one(
    yi: FloatArray, vi: FloatArray, level: float
) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """Limits and typical variance of one analysis in plain numbers; ``None`` for equal effects."""
    at, df = int(vi.argmin()), yi.size - 1
    scale = float(vi[at])
    d, v = (yi - yi[at]) / scale**0.5, vi / scale
    if not d.any():
        return None
    v[at] = np.inf
    analysis = Analysis(d, v, 1.0, generalised_q)
    first = moments(analysis.sums(0.0), 1.0)
    tail, limits, start = (1.0 - level) / 2.0, [], 0.0
    for target in (float(chdtri(df, tail)), float(chdtri(df, 1.0 - tail))):
        found = _root_of_q(analysis, first, target, start)
        if found is None:
            return None
        start = found
        limits.append(np.array([found * scale]))
    return limits[0], limits[1], np.array([df / first.tr * scale])


def _root_of_q(analysis: Analysis, first: Moments, target: float, start: float) -> float | None:
    """Tau² at which the generalised Q equals the target, or 0; ``None`` if the search fails.

    ``1 / Q`` is concave in tau², so that a Newton step on it from anywhere ends at or below the
    root; Halley's step, which bends with it, is taken from there on.
    """
    if first.rss <= target:
        return 0.0
    x = start
    here = moments(analysis.sums(x), 1.0 + x) if x > 0 else first
    for _ in range(100):
        z, over = here.rss / here.ypp, here.rss / target - 1.0
        step = z * over
        if abs(step) <= 4e-14 * (x + z):
            return x
        bend = step * (here.ypp / here.rss - here.yppp / here.ypp)  # 0 or less: Cauchy-Schwarz
        if over > 0:
            step /= max(1.0 + bend, 0.5)
        x = max(x + step, 0.0)
        here = moments(analysis.sums(x), 1.0 + x)
    return None


def _q_profile(data: Contrasts, level: float) -> tuple[FloatArray, FloatArray]:
    """Tau² at which Q equals its upper and its lower quantile."""
    tail, df = (1.0 - level) / 2.0, data.k - 1.0
    return (
        profile_root(data, chdtri(df, tail))[0],
        profile_root(data, chdtri(df, 1.0 - tail))[0],
    )


def _likelihood_profile(
    data: Contrasts, level: float, *, full: bool
) -> tuple[FloatArray, FloatArray]:
    """Smallest and largest tau² whose likelihood is not too far below the maximum."""
    n = data.k.size
    best = highest_likelihood(data, full=full)

    def height(x: FloatArray, columns: FloatArray, floor: FloatArray) -> FloatArray:
        part = data.taken(columns.astype(np.intp))
        at = weighted(part, x)
        return log_likelihood(part, at, fitted(part, at).rss, full=full) - floor

    every, zero = np.arange(n, dtype=np.float64), np.zeros(n)
    floor = height(best.tau2, every, zero) - float(chdtri(1.0, 1.0 - level))
    far = np.maximum(likelihood_falls_above(data, full=full), best.tau2)
    far = np.where(far > 0, far, data.pivot[0])
    for _ in range(DOUBLINGS):
        high = np.flatnonzero(height(far, every, floor) >= 0)
        if not high.size:
            break
        far[high] *= 2.0
    low = np.array([zero, best.tau2])
    up = np.array([best.tau2, far])
    for column in np.flatnonzero(best.n_modes > 1):
        grid = far[column] * np.concatenate([[0.0], np.logspace(-12.0, 0.0, SCAN)])
        grid = np.sort(np.append(grid, best.tau2[column]))
        inside = height(grid, np.full(grid.size, every[column]), floor[column]) >= 0
        first, last = np.flatnonzero(inside)[[0, -1]]
        low[:, column] = grid[max(first - 1, 0)], grid[first]
        up[:, column] = grid[last], grid[last + 1]
    lower = zero.copy()
    below = np.flatnonzero(height(zero, every, floor) < 0)
    lower[below] = find_root(height, *low[:, below], every[below], floor[below])
    return lower, find_root(height, *up, every, floor)
