"""Trim and fill: studies that a symmetrical funnel would have, and the mean with them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.literals import FillEstimator, FunnelSide, PoolMethodName, PoolTest, choices
from evsyn.stats._arrays import BoolArray, FloatArray, chosen
from evsyn.stats.bias._funnel import enough_studies, weighted_line
from evsyn.stats.pooling.pool import PooledEffect, pool
from evsyn.stats.pooling.regression import meta_regression
from evsyn.stats.pooling.studies import study_columns

__all__ = ["TrimAndFill", "trim_and_fill"]

CELLS = 64  # into which the range of tau² is cut to find the sign of a slope


@dataclass(frozen=True, slots=True)
class TrimAndFill:
    """Studies filled in, and the fit with them.

    The main values of the fit, ``estimate`` to ``k``, are attributes of this result as well.

    Attributes
    ----------
    k0 : float
        Number of studies estimated to be missing; ``nan`` for fewer than two studies, and where
        the search does not settle.
    side : str
        ``"left"`` or ``"right"``: where they are missing.
    k0_se : float
        Standard error of the estimate before it is rounded and cut at 0; ``nan`` where it is so
        far below 0 that the formula has no root.
    k0_pvalue : float
        One-sided p-value of the hypothesis that none is missing on this side, for ``"R0"``;
        ``nan`` for the other estimators.
    fit : PooledEffect
        Pooled effect of the observed and the filled studies.
    yi, vi : ndarray, shape (k + k0,)
        Effects and variances: the observed ones in the order given, then the filled ones.
    filled : ndarray of bool, shape (k + k0,)
        Which were filled in.
    iterations : int
        Rounds of trimming.
    reason : str
        Why values are missing; empty where none is.
    estimator : str
        ``"L0"``, ``"R0"`` or ``"Q0"``.
    """

    k0: float
    side: str
    k0_se: float
    k0_pvalue: float
    fit: PooledEffect
    yi: FloatArray
    vi: FloatArray
    filled: BoolArray
    iterations: int
    reason: str
    estimator: str

    @property
    def estimate(self) -> FloatArray:
        """Mean of the observed and the filled studies."""
        return self.fit.estimate

    @property
    def se(self) -> FloatArray:
        """Standard error of that mean."""
        return self.fit.se

    @property
    def statistic(self) -> FloatArray:
        """Mean over standard error."""
        return self.fit.statistic

    @property
    def p_value(self) -> FloatArray:
        """Two-sided p-value of the mean."""
        return self.fit.p_value

    @property
    def ci_lb(self) -> FloatArray:
        """Lower confidence limit of the mean."""
        return self.fit.ci_lb

    @property
    def ci_ub(self) -> FloatArray:
        """Upper confidence limit of the mean."""
        return self.fit.ci_ub

    @property
    def tau2(self) -> FloatArray:
        """Between-study variance, the filled studies among them."""
        return self.fit.tau2

    @property
    def i2(self) -> FloatArray:
        """I², percent, with the filled studies."""
        return self.fit.i2

    @property
    def q(self) -> FloatArray:
        """Cochran's Q with the filled studies."""
        return self.fit.q

    @property
    def k(self) -> FloatArray:
        """Studies pooled, the filled ones among them."""
        return self.fit.k


def trim_and_fill(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    estimator: FillEstimator = "L0",
    side: FunnelSide | None = None,
    method: PoolMethodName = "REML",
    test: PoolTest = "z",
    level: float = 0.95,
    force: bool = False,
) -> TrimAndFill:
    """Fill in the studies that would make the funnel symmetrical, and pool again.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes, ratios on the log scale, and sampling variances; ``nan`` marks an absent
        study, which keeps its row.
    estimator : {"L0", "R0", "Q0"}, default "L0"
        Estimator of the number missing.
    side : {"left", "right"}, optional
        Where studies are thought to be missing. By default opposite to where the small studies
        lie: right where the slope of the effects on their standard errors is negative (by
        meta-regression with the same estimator of tau²), else left.
    method, test, level
        As in `pool`: model while trimming and of the fit, its test, its confidence level.
    force : bool, default False
        Whether to compute it for fewer than ten studies too.

    Returns
    -------
    TrimAndFill
        The number filled in, its standard error, and the fit with them.

    Raises
    ------
    StatsError
        If shapes differ or are not (k,), a value or option is outside what is allowed, or there
        are fewer than ten studies and ``force`` is false.

    Notes
    -----
    Effects are oriented so that the missing ones lie to the left, and the k0 rightmost trimmed,
    beginning with none. Around the mean of the rest all k effects are ranked by distance, and
    k0 is estimated anew until it repeats: with S the sum of the ranks to the right and g the
    number of the largest ranks that are all to the right, ``L0 = (4 S - k (k + 1)) / (2 k - 1)``,
    ``R0 = g - 1``, ``Q0 = k - 1/2 - sqrt(2 k² - 4 S + 1/4)`` (0 under the root where it is
    negative), rounded and not below 0. The k0 trimmed effects are then mirrored at the mean
    [1]_ [2]_. Ties of distance keep the order of the effects, ties of effects the order given:
    of two effects equally far from the mean the trimmed side ranks higher, and a funnel that is
    its own mirror image to the last digit can get a study all the same.

    It supposes that what is missing are the most extreme results on one side. It is a
    sensitivity analysis under this one assumption, not a better estimate; it fills in studies
    where heterogeneity alone makes the funnel lopsided.

    References
    ----------
    .. [1] S. Duval, R. Tweedie, "A nonparametric 'trim and fill' method of accounting for
       publication bias in meta-analysis", J Am Stat Assoc 95 (2000) 89-98.
    .. [2] S. Duval, R. Tweedie, "Trim and fill: a simple funnel-plot-based method of testing and
       adjusting for publication bias in meta-analysis", Biometrics 56 (2000) 455-463.

    Examples
    --------
    The 13 trials of the BCG vaccine (Colditz et al. 1994, JAMA 271:698-702), log risk ratios:

    >>> from evsyn.stats import effect_sizes
    >>> cases_e = [4, 6, 3, 62, 33, 180, 8, 505, 29, 17, 186, 5, 27]
    >>> n_e = [123, 306, 231, 13598, 5069, 1541, 2545, 88391, 7499, 1716, 50634, 2498, 16913]
    >>> cases_c = [11, 29, 11, 248, 47, 372, 10, 499, 45, 65, 141, 3, 29]
    >>> n_c = [139, 303, 220, 12867, 5808, 1451, 629, 88391, 7277, 1665, 27338, 2341, 17854]
    >>> es = effect_sizes("RR", events_e=cases_e, n_e=n_e, events_c=cases_c, n_c=n_c)
    >>> filled = trim_and_fill(es.yi, es.vi)
    >>> print(f"{filled.k0:.0f} on the {filled.side}: {filled.fit.estimate:.4f}")
    1 on the right: -0.6571
    """
    chosen("estimator", estimator, choices(FillEstimator))
    if side is not None:
        chosen("side", side, choices(FunnelSide))
    studies = study_columns(yi, vi)
    if not studies.single:
        raise StatsError(f"yi has the shape {np.shape(yi)}; trim_and_fill takes one, (k,)")
    enough_studies(studies.k, force, "trim_and_fill")
    y, v = studies.yi[studies.present], studies.vi[studies.present]
    toward = side or _open_side(y, v, method)
    sign = -1.0 if toward == "right" else 1.0
    order = np.argsort(sign * y, kind="stable")
    y_sorted, v_sorted = (sign * y)[order], v[order]
    trimmed = _trim(y_sorted, v_sorted, estimator, method)
    rows_y = np.where(studies.present[:, 0], studies.yi[:, 0], np.nan)
    rows_v = np.where(studies.present[:, 0], studies.vi[:, 0], np.nan)
    last = y.size - trimmed.k0
    all_y = np.r_[rows_y, sign * (2 * trimmed.mean - y_sorted[last:])]
    all_v = np.r_[rows_v, v_sorted[last:]]
    nothing = np.full(all_y.shape, np.nan)
    settled = not trimmed.reason
    fit = pool(
        all_y if settled or y.size < 2 else nothing, all_v, method=method, test=test, level=level
    )
    return TrimAndFill(
        k0=float(trimmed.k0 if settled else np.nan),
        side=toward,
        k0_se=float(trimmed.k0_se),
        k0_pvalue=float(0.5 ** (trimmed.k0 + 1) if estimator == "R0" and settled else np.nan),
        fit=fit,
        yi=all_y,
        vi=all_v,
        filled=np.arange(all_y.size) >= rows_y.size,
        iterations=trimmed.iterations,
        reason=trimmed.reason,
        estimator=estimator,
    )


@dataclass(frozen=True, slots=True)
class _Trimmed:
    """Where trimming ended: studies trimmed, their standard error, mean of the rest."""

    k0: int
    k0_se: float
    mean: float
    iterations: int
    reason: str


def _open_side(y: FloatArray, v: FloatArray, method: PoolMethodName) -> FunnelSide:
    """Side away from the small studies; left where the effects have no slope."""
    sei = np.sqrt(v)
    if y.size < 3 or np.ptp(sei) <= 1e-15 * sei.max():
        return "left"
    sign = _slope_sign(y, v)
    if sign == 0:
        sign = float(meta_regression(y, v, sei, method=method, test="z").coef[1])
    return "right" if sign < 0 else "left"


def _slope_sign(y: FloatArray, v: FloatArray) -> float:
    """Sign of the slope on the standard error if it is the same for every tau², else 0.

    With ``u = log((tau² + min v) / (tau² + max v))`` the weights, scaled alike, change at a
    relative rate of at most 1/2. So does the square root c of the residual over the predictor's
    sum of squares, and by Cauchy and Schwarz the slope changes by no more than c / 2. A slope
    beyond ``c (exp(h / 4) - 1)`` hence keeps its sign within h / 2.
    """
    low, high = float(v.min()), float(v.max())
    if not low > 0:
        return 0.0
    span = np.log(high / low)
    u = span * ((np.arange(CELLS) + 0.5) / CELLS - 1)
    tau2 = np.maximum(0.0, (np.exp(u) * high - low) / -np.expm1(u))
    w = 1.0 / (v[:, None] + tau2)
    y_, x_ = (np.broadcast_to(column[:, None], w.shape) for column in (y, np.sqrt(v)))
    line = weighted_line(y_, x_, w, np.ones(w.shape, dtype=np.bool_))
    bound = line.slope_se * np.sqrt(line.df) * np.expm1(span / CELLS / 4)
    for sign in (1.0, -1.0):
        if (sign * line.slope > 1.000001 * bound).all():
            return sign
    return 0.0


def _trim(y: FloatArray, v: FloatArray, estimator: str, method: PoolMethodName) -> _Trimmed:
    """Trim the largest of the sorted effects until their estimated number repeats itself."""
    k, k0, seen = y.size, 0, [0]
    if k < 2:
        return _Trimmed(0, np.nan, np.nan, 0, "fewer than two studies, none to trim")
    while True:
        kept = k - k0
        mean = float(pool(y[:kept], v[:kept], method=method, test="z").estimate)
        away = y - mean
        order = np.argsort(np.abs(away), kind="stable")
        estimate, se = _missing(away[order] > 0, estimator)
        k0 = min(max(0, round(estimate)), k - 1)
        if k0 == seen[-1]:
            return _Trimmed(k0, se, mean, len(seen), "")
        if k0 in seen:
            turn = " and ".join(str(number) for number in sorted(seen[seen.index(k0) :]))
            return _Trimmed(0, np.nan, mean, len(seen), f"the number trimmed alternates: {turn}")
        seen.append(k0)


def _missing(right: BoolArray, estimator: str) -> tuple[float, float]:
    """Estimated number missing and its standard error, from the sides by rising distance."""
    k = right.size
    if estimator == "R0":
        wrong = np.flatnonzero(~right)
        estimate = k - (int(wrong[-1]) + 1 if wrong.size else 0) - 1.0
        return estimate, float(np.sqrt(2 * max(0.0, estimate) + 2))
    ranks = float((np.flatnonzero(right) + 1).sum())
    if estimator == "L0":
        estimate = (4 * ranks - k * (k + 1)) / (2 * k - 1)
        return estimate, 4 * _root(_rank_variance(k, estimate)) / (2 * k - 1)
    estimate = k - 0.5 - np.sqrt(max(0.0, 2 * k * k - 4 * ranks + 0.25))
    spread = (k - 0.5) ** 2 - estimate * (2 * k - estimate - 1)
    return estimate, 2 * _root(_rank_variance(k, estimate) / spread) if spread > 0 else np.nan


def _root(square: float) -> float:
    """Square root, ``nan`` of what is below zero."""
    return float(np.sqrt(square)) if square >= 0 else np.nan


def _rank_variance(k: int, k0: float) -> float:
    """Variance of the sum of ranks to the right where k0 of the leftmost are missing."""
    polynomial = (
        k * (k + 1) * (2 * k + 1)
        + 10 * k0**3
        + 27 * k0**2
        + 17 * k0
        - 18 * k * k0**2
        - 18 * k * k0
        + 6 * k * k * k0
    )
    return polynomial / 24
