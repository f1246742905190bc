"""Between-study variance: estimators of tau², its Q-profile interval, Q, I² and H².

Arrays are study-major: ``yi`` and ``vi`` have shape (k,) for one meta-analysis or (k, n) for n of
them side by side, ``nan`` where a study is absent. Inside, an absent study has an infinite
variance, hence no weight.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, checked_level, chosen, float_array, unwrapped
from evsyn.stats._special import chdtri

__all__ = [
    "Studies",
    "Tau2Estimate",
    "Tau2Interval",
    "cochran_q",
    "dersimonian_laird",
    "restricted_likelihood",
    "study_columns",
    "tau2_interval",
    "typical_variance",
]

GRID = 64  # points of the scan of the likelihood, the first at zero
CHUNK = 1_000_000  # elements of the largest temporary array of the scan


@dataclass(frozen=True, slots=True)
class Studies:
    """Effect sizes and variances as columns, one meta-analysis each.

    Attributes
    ----------
    yi : ndarray, shape (k, n)
        Effect sizes; 0 where absent.
    vi : ndarray, shape (k, n)
        Sampling variances; ``inf`` where absent.
    present : ndarray of bool, shape (k, n)
        Where a study has both.
    k : ndarray, shape (n,)
        Studies present.
    single : bool
        Whether the input had the shape (k,).
    """

    yi: FloatArray
    vi: FloatArray
    present: BoolArray
    k: FloatArray
    single: bool

    def shaped(self, values: NDArray[Any]) -> Any:
        """Give results of shape (..., n) the shape of the input: without n for one analysis."""
        return unwrapped(values[..., 0]) if self.single else values


@dataclass(frozen=True, slots=True)
class Tau2Estimate:
    """Between-study variance with its standard error.

    Attributes
    ----------
    tau2, tau2_se : ndarray, shape (n,)
        Estimate and standard error, on the squared scale of the effect sizes.
    converged : ndarray of bool, shape (n,)
        Whether the root was found to rounding; always true for closed forms.
    """

    tau2: FloatArray
    tau2_se: FloatArray
    converged: BoolArray


@dataclass(frozen=True, slots=True)
class Tau2Interval:
    """Interval of tau² and, on the same typical variance, of I² and H².

    Attributes
    ----------
    tau2_lb, tau2_ub : ndarray, shape () or (n,)
        Limits of tau².
    i2_lb, i2_ub : ndarray, shape () or (n,)
        Limits of I², percent.
    h2_lb, h2_ub : ndarray, shape () or (n,)
        Limits of H².
    level : float
        Confidence level.
    method : str
        ``"QP"``.
    """

    tau2_lb: FloatArray
    tau2_ub: FloatArray
    i2_lb: FloatArray
    i2_ub: FloatArray
    h2_lb: FloatArray
    h2_ub: FloatArray
    level: float
    method: str


def study_columns(yi: ArrayLike, vi: ArrayLike) -> Studies:
    """Check effect sizes and variances and lay them out as columns.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes and sampling variances; ``nan`` in either marks an absent study.

    Returns
    -------
    Studies
        Both as (k, n).

    Raises
    ------
    StatsError
        If the shapes differ or have neither one nor two axes, an effect is infinite, or a
        variance is not above zero; the message gives the position.

    Examples
    --------
    >>> study_columns([0.1, float("nan")], [0.2, 0.3]).k
    array([1.])
    """
    y, v = float_array("yi", yi), float_array("vi", vi)
    if y.shape != v.shape or y.ndim not in (1, 2):
        raise StatsError(
            f"yi has the shape {y.shape} and vi {v.shape}; both must be (k,) or (k, n) alike"
        )
    present = ~(np.isnan(y) | np.isnan(v))
    for name, values, allowed, bad in (
        ("yi", y, "finite, or nan for an absent study", np.isinf(y)),
        ("vi", v, "above 0 and finite, or nan for an absent study", (v <= 0) | np.isinf(v)),
    ):
        wrong = np.argwhere(present & bad)
        if wrong.size:
            at = tuple(int(i) for i in wrong[0])
            where = ", ".join(str(i) for i in at)
            raise StatsError(f"study {where}: {name}={values[at]:g} is not {allowed}")
    y, v = np.where(present, y, 0.0), np.where(present, v, np.inf)
    single = y.ndim == 1
    if single:
        y, v, present = y[:, None], v[:, None], present[:, None]
    return Studies(y, v, present, present.sum(axis=0).astype(float), single)


def cochran_q(yi: FloatArray, vi: FloatArray, tau2: FloatArray | float = 0.0) -> FloatArray:
    """Weighted sum of squares about the weighted mean: Cochran's Q where ``tau2`` is 0.

    Parameters
    ----------
    yi, vi : ndarray, shape (..., k, n)
        Effect sizes and sampling variances, as laid out by `study_columns`.
    tau2 : ndarray, shape (..., n), or float
        Between-study variance added to each sampling variance.

    Returns
    -------
    ndarray, shape (..., n)
        ``sum(w (yi - mean)²)`` with ``w = 1 / (vi + tau2)``.

    Examples
    --------
    >>> float(cochran_q(np.array([[0.0], [2.0]]), np.ones((2, 1)))[0])
    2.0
    """
    w = 1.0 / (vi + np.expand_dims(np.atleast_1d(tau2), -2))
    return cast(FloatArray, (w * _residuals(yi, w) ** 2).sum(axis=-2))


def typical_variance(studies: Studies) -> FloatArray:
    """Typical sampling variance of Higgins and Thompson, which turns tau² into I² and H².

    Parameters
    ----------
    studies : Studies
        Effect sizes and variances.

    Returns
    -------
    ndarray, shape (n,)
        ``(k - 1) / (sum w - sum w² / sum w)`` with ``w = 1 / vi``; ``nan`` for fewer than two
        studies.

    References
    ----------
    J. P. T. Higgins, S. G. Thompson, "Quantifying heterogeneity in a meta-analysis",
    Stat Med 21 (2002) 1539-1558, eq. 9.

    Examples
    --------
    >>> typical_variance(study_columns([0.0, 1.0, 3.0], [0.5, 0.5, 0.5]))
    array([0.5])
    """
    spread, _, _ = _traces(1.0 / studies.vi)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(studies.k > 1, (studies.k - 1) / spread, np.nan)


def dersimonian_laird(studies: Studies) -> Tau2Estimate:
    """Moment estimator of tau² of DerSimonian and Laird.

    Parameters
    ----------
    studies : Studies
        Effect sizes and variances.

    Returns
    -------
    Tau2Estimate
        Truncated at zero; 0 for a single study.

    References
    ----------
    R. DerSimonian, N. Laird, "Meta-analysis in clinical trials", Control Clin Trials 7 (1986)
    177-188. Standard error: B. J. Biggerstaff, R. L. Tweedie, Stat Med 16 (1997) 753-768, the
    variance of Q at the estimate.

    Examples
    --------
    >>> dersimonian_laird(study_columns([0.0, 1.0, 3.0], [0.5, 0.5, 0.5])).tau2.round(4)
    array([1.8333])
    """
    trace, trace_pp, _ = _traces(1.0 / studies.vi)
    excess = cochran_q(studies.yi, studies.vi) - (studies.k - 1)
    several = studies.k > 1
    with np.errstate(invalid="ignore", divide="ignore"):
        tau2 = np.where(several, np.maximum(0.0, excess / trace), 0.0)
        variance = 2 * (studies.k - 1) + 4 * tau2 * trace + 2 * tau2**2 * trace_pp
        se = np.where(several, np.sqrt(variance) / trace, np.nan)
    return Tau2Estimate(tau2, se, np.ones(tau2.shape, dtype=bool))


def restricted_likelihood(studies: Studies) -> Tau2Estimate:
    """Restricted maximum likelihood estimator of tau², at the highest of its maxima.

    Parameters
    ----------
    studies : Studies
        Effect sizes and variances.

    Returns
    -------
    Tau2Estimate
        0 for a single study. The standard error is that of the expected information.

    Notes
    -----
    The score is scanned from 0 to a bound above which it is negative, each change from rising to
    falling is narrowed by Newton steps held in their bracket, and the candidate of highest
    likelihood is taken. The bound is the root of ``x² = s² (x + max v)``, ``s²`` the variance
    of the effects, since ``y'PPy <= (k - 1) s² / x²`` and ``tr P >= (k - 1) / (x + max v)``.

    References
    ----------
    W. Viechtbauer, "Bias and efficiency of meta-analytic variance estimators in the
    random-effects model", J Educ Behav Stat 30 (2005) 261-293, eq. 15.

    Examples
    --------
    >>> restricted_likelihood(study_columns([0.0, 1.0, 3.0], [0.5, 0.5, 0.5])).tau2.round(4)
    array([1.8333])
    """
    columns = studies.yi.shape[1]
    tau2, converged = np.zeros(columns), np.ones(columns, dtype=bool)
    width = max(1, CHUNK // (GRID * max(1, studies.yi.shape[0])))
    several = np.flatnonzero(studies.k > 1)
    for start in range(0, several.size, width):
        part = several[start : start + width]
        tau2[part], converged[part] = _highest_maximum(studies.yi[:, part], studies.vi[:, part])
    _, trace_pp, _ = _traces(1.0 / (studies.vi + tau2))
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.where(studies.k > 1, np.sqrt(2.0 / trace_pp), np.nan)
    return Tau2Estimate(tau2, se, converged)


def tau2_interval(
    yi: ArrayLike, vi: ArrayLike, *, method: Literal["QP"] = "QP", level: float = 0.95
) -> Tau2Interval:
    """Confidence interval of the between-study variance.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes and sampling variances; ``nan`` marks an absent study.
    method : {"QP"}, default "QP"
        Q-profile.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    Tau2Interval
        Limits of tau², I² (percent) and H². A limit is 0 where Q at tau² = 0 already lies beyond
        its quantile; both are then 0 where the studies agree better than chance would have them.
        ``nan`` for fewer than two studies.

    Raises
    ------
    StatsError
        If a shape, variance, the method or the level is outside what is allowed.

    Notes
    -----
    The limits are the tau² at which the generalised Q equals the two quantiles of chi-square on
    k - 1 degrees of freedom [1]_.

    References
    ----------
    .. [1] W. Viechtbauer, "Confidence intervals for the amount of heterogeneity in
       meta-analysis", Stat Med 26 (2007) 37-52, section 2.1.

    Examples
    --------
    >>> interval = tau2_interval([-0.9, -1.6, -0.2, -0.5], [0.1, 0.1, 0.05, 0.02])
    >>> interval.tau2_lb.round(3), interval.tau2_ub.round(3)
    (np.float64(0.042), np.float64(5.02))
    """
    chosen("method", method, ("QP",))
    level = checked_level(level)
    studies = study_columns(yi, vi)
    df, tail = np.maximum(studies.k - 1, 1), (1 - level) / 2
    several = studies.k > 1
    limits = [np.where(several, _profile(studies, chdtri(df, p)), np.nan) for p in (tail, 1 - tail)]
    typical = typical_variance(studies)
    shares = [100 * limit / (typical + limit) for limit in limits]
    ratios = [1 + limit / typical for limit in limits]
    tau2_lb, tau2_ub, i2_lb, i2_ub, h2_lb, h2_ub = (
        studies.shaped(values) for values in (*limits, *shares, *ratios)
    )
    return Tau2Interval(tau2_lb, tau2_ub, i2_lb, i2_ub, h2_lb, h2_ub, level, method)


def _residuals(yi: FloatArray, w: FloatArray) -> FloatArray:
    """Distances from the weighted mean; zero weight everywhere gives zero."""
    total = w.sum(axis=-2, keepdims=True)
    mean = (w * yi).sum(axis=-2, keepdims=True) / np.where(total > 0, total, 1.0)
    return cast(FloatArray, yi - mean)


def _traces(w: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return tr P, tr PP and sum w of ``P = W - W 1 1'W / sum w``."""
    total, square = w.sum(axis=-2), (w * w).sum(axis=-2)
    safe = np.where(total > 0, total, 1.0)
    cube = (w * w * w).sum(axis=-2)
    return total - square / safe, square - 2 * cube / safe + (square / safe) ** 2, total


def _score(yi: FloatArray, vi: FloatArray, tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Derivative of twice the restricted log likelihood by tau², and its own derivative."""
    w = 1.0 / (vi + np.expand_dims(tau2, -2))
    py = w * _residuals(yi, w)
    trace, trace_pp, total = _traces(w)
    curvature = (w * py * py).sum(axis=-2) - (w * py).sum(axis=-2) ** 2 / total
    return (py * py).sum(axis=-2) - trace, trace_pp - 2 * curvature


def _log_likelihood(yi: FloatArray, vi: FloatArray, tau2: FloatArray) -> FloatArray:
    """Twice the restricted log likelihood, up to a constant."""
    w = 1.0 / (vi + tau2)
    logs = np.log(np.where(w > 0, w, 1.0)).sum(axis=0)
    return cast(FloatArray, logs - np.log(w.sum(axis=0)) - (w * _residuals(yi, w) ** 2).sum(axis=0))


def _highest_maximum(yi: FloatArray, vi: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Tau² of the highest maximum of the restricted likelihood of each column."""
    present = np.isfinite(vi)
    least, most = vi.min(axis=0), np.where(present, vi, 0.0).max(axis=0)
    spread = (present * _residuals(yi, present.astype(float)) ** 2).sum(axis=0)
    spread /= present.sum(axis=0) - 1
    bound = 1.001 * (spread + np.sqrt(spread * (spread + 4 * most))) / 2
    first = np.minimum(1e-3 * least, bound / 10)
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.exp(np.linspace(0.0, 1.0, GRID - 1)[:, None] * np.log(bound / first))
    grid = np.vstack([np.zeros((1, bound.size)), np.where(bound > 0, first * steps, 0.0)])
    rising = _score(yi, vi, grid)[0] > 0
    point, column = np.nonzero(rising[:-1] & ~rising[1:])
    roots, done = _descend(
        lambda x: _score(yi[:, column], vi[:, column], x),
        grid[point, column],
        grid[point + 1, column],
        1e-14 * least[column],
    )
    at_zero = np.flatnonzero(~rising[0])
    column = np.concatenate([at_zero, column])
    roots = np.concatenate([np.zeros(at_zero.size), roots])
    done = np.concatenate([np.ones(at_zero.size, dtype=bool), done])
    height = _log_likelihood(yi[:, column], vi[:, column], roots)
    order = np.lexsort((-roots, height, column))
    tau2, converged = np.zeros(bound.size), np.zeros(bound.size, dtype=bool)
    tau2[column[order]], converged[column[order]] = roots[order], done[order]
    return tau2, converged


def _profile(studies: Studies, quantile: FloatArray) -> FloatArray:
    """Tau² at which the generalised Q of each column equals its quantile, or 0."""

    def distance(tau2: FloatArray) -> tuple[FloatArray, FloatArray]:
        w = 1.0 / (vi + tau2)
        residuals = _residuals(yi, w)
        py = w * residuals
        return (py * residuals).sum(axis=0) - target, -(py * py).sum(axis=0)

    result = np.zeros(studies.k.shape)
    above = np.flatnonzero(cochran_q(studies.yi, studies.vi) > quantile)
    yi, vi, target = studies.yi[:, above], studies.vi[:, above], quantile[above]
    present = studies.present[:, above]
    squares = (present * _residuals(yi, present.astype(float)) ** 2).sum(axis=0)
    with np.errstate(invalid="ignore"):
        result[above], _ = _descend(
            distance, np.zeros(above.size), 1.001 * squares / target, 1e-14 * vi.min(axis=0)
        )
    return result


def _descend(
    function: Callable[[FloatArray], tuple[FloatArray, FloatArray]],
    low: FloatArray,
    high: FloatArray,
    floor: FloatArray,
) -> tuple[FloatArray, BoolArray]:
    """Root of a function that is above zero at ``low`` and not above it at ``high``.

    Newton steps, replaced by a halving of the bracket where they leave it or shrink too slowly.
    """
    low, high, x = low.copy(), high.copy(), (low + high) / 2
    before, done = high - low, np.zeros(low.shape, dtype=bool)
    for _ in range(200):
        value, slope = function(x)
        low, high = np.where(value > 0, x, low), np.where(value > 0, high, x)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = -value / slope
        small = np.abs(step) <= floor + 1e-14 * x
        inside = (x + step > low) & (x + step < high)
        newton = (slope < 0) & (small | (inside & (np.abs(step) < np.abs(before) / 2)))
        step = np.where(newton, step, (low + high) / 2 - x)
        step = np.where(done | (value == 0), 0.0, step)
        x, before = x + step, step
        done |= np.abs(step) <= floor + 1e-14 * x
        if done.all():
            break
    return x, done
