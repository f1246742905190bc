"""Leave-one-out: the pooled effect without each of the studies."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.literals import PoolMethodName, PoolTest
from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, float_array
from evsyn.stats.pooling._neighbours import roots_without_each
from evsyn.stats.pooling.between_studies import solve_one
from evsyn.stats.pooling.pool import checked_options, pooled_near
from evsyn.stats.pooling.pooled import PooledEffect, joined
from evsyn.stats.pooling.studies import study_columns

__all__ = [
    "RefittedEffects",
    "leave_one_out",
    "pooled_without_each",
    "refitted_effects",
    "single_analysis",
]

AT_ONCE = 4_000_000  # effects laid out at a time: of very many studies some are left out at once

_VALUES = (
    *("estimate", "se", "statistic", "p_value", "ci_lb", "ci_ub"),
    *("tau2", "i2", "h2", "q", "q_pvalue"),
)


@dataclass(frozen=True, slots=True)
class RefittedEffects:
    """Pooled effects of k subsets of k studies.

    Attributes
    ----------
    estimate, se, statistic, p_value, ci_lb, ci_ub : ndarray, shape (k,)
        Weighted mean, its standard error, their ratio, two-sided p-value and confidence limits.
    tau2, i2, h2 : ndarray, shape (k,)
        Between-study variance, I² in percent and H².
    q, q_pvalue : ndarray, shape (k,)
        Cochran's Q and its p-value.
    k : ndarray of int, shape (k,)
        Studies pooled.
    order : ndarray of int, shape (k,)
        Position of the study that each row leaves out, or adds.
    converged : ndarray of bool, shape (k,)
        Whether the search for tau² ended at a root.
    reason : ndarray of str, shape (k,)
        Why values are missing; empty where none is.
    method, test : str
        Estimator of tau² and test.
    level : float
        Confidence level.
    """

    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    tau2: FloatArray
    i2: FloatArray
    h2: FloatArray
    q: FloatArray
    q_pvalue: FloatArray
    k: NDArray[np.intp]
    order: NDArray[np.intp]
    converged: BoolArray
    reason: TextArray
    method: str
    test: str
    level: float


def leave_one_out(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    method: PoolMethodName = "REML",
    test: PoolTest = "z",
    level: float = 0.95,
) -> RefittedEffects:
    """Pool the studies k times, each time without one.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances; ``nan`` marks an absent study.
    method : str, default "REML"
        Estimator of tau², as in `pool`; it is estimated anew without each study.
    test : {"z", "knha", "adhoc"}, default "z"
        Test, as in `pool`.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    RefittedEffects
        Row i is the pooled effect without study i; for an absent study it is ``nan`` with a
        reason, for there is nothing to leave out.

    Raises
    ------
    StatsError
        If the shapes are not (k,) alike, and as `pool` raises.

    Notes
    -----
    All subsets are fitted in one call. That a study changes the answer shows on what the answer
    rests, not that the study is wrong.

    References
    ----------
    W. Viechtbauer, M. W.-L. Cheung, "Outlier and influence diagnostics for meta-analysis",
    Res Synth Methods 1 (2010) 112-125.

    Examples
    --------
    Trials 1 to 4 of the BCG vaccine data (Colditz et al. 1994, JAMA 271:698-702), log risk
    ratios; without trial 4 the standard error more than doubles:

    >>> yi, vi = [-0.8893, -1.5854, -1.3481, -1.4416], [0.3256, 0.1946, 0.4154, 0.0200]
    >>> found = leave_one_out(yi, vi, method="DL")
    >>> found.estimate.round(3), found.se.round(3)
    (array([-1.451, -1.407, -1.425, -1.33 ]), array([0.132, 0.134, 0.131, 0.307]))
    """
    y, v = single_analysis(yi, vi)
    present = ~np.isnan(y + v)
    fit = pooled_without_each(y[present], v[present], (method, test), level)
    return refitted_effects(fit, np.arange(y.size), present)


def pooled_without_each(
    yi: FloatArray, vi: FloatArray, options: tuple[PoolMethodName, PoolTest], level: float
) -> PooledEffect:
    """Pool studies once without each of them.

    Parameters
    ----------
    yi, vi : ndarray, shape (k,)
        Effect sizes and sampling variances, none missing.
    options : tuple of str
        Method and test.
    level : float
        Confidence level.

    Returns
    -------
    PooledEffect
        k analyses of k - 1 studies, tau² sought from that of all.

    Examples
    --------
    >>> two = np.array([0.1, 0.4]), np.array([0.2, 0.1])
    >>> pooled_without_each(*two, ("EE", "z"), 0.95).estimate
    array([0.4, 0.1])
    """
    k, test = yi.size, options[1]
    method, level = checked_options(options[0], test, "test", level)
    if k < 2:
        nothing = study_columns(*np.full((2, 1, k or 1), np.nan))
        return pooled_near(nothing, (method, test, "test"), level)
    near: FloatArray | float = 0.0
    if method == "REML" and vi.all() and k > 2:
        near = roots_without_each(yi, vi, solve_one(yi, vi, method).tau2)
    if k * k <= AT_ONCE:
        others = _others(k)
        studies = study_columns(yi[others], vi[others])
        return pooled_near(studies, (method, test, "test"), level, near=near)
    width, parts = max(1, AT_ONCE // k), []
    for at in range(0, k, width):
        left = np.arange(at, min(at + width, k))
        rows = np.arange(k - 1)[:, None]
        others = rows + (rows >= left)
        studies = study_columns(yi[others], vi[others])
        some = near[left] if isinstance(near, np.ndarray) else near
        fit = pooled_near(studies, (method, test, "test"), level, near=some)
        parts.append(joined([fit]))  # without the variances, of which there are k² in all
    return joined(parts)


@lru_cache(maxsize=4)
def _others(k: int) -> NDArray[np.intp]:
    """Positions of the studies but one, one column for each that is left out."""
    rows = np.arange(k - 1)[:, None]
    return np.asarray(rows + (rows >= np.arange(k)))


def single_analysis(yi: ArrayLike, vi: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Check that effects and variances are those of one meta-analysis.

    Parameters
    ----------
    yi, vi : array_like, shape (k,)
        Effect sizes and sampling variances.

    Returns
    -------
    tuple of ndarray
        Both as arrays of floats.

    Raises
    ------
    StatsError
        If they are no numbers, empty or not of one shape (k,), or a study's are not possible.
    """
    y, v = float_array("yi", yi), float_array("vi", vi)
    if y.ndim != 1 or y.shape != v.shape:
        raise StatsError(
            f"yi has the shape {y.shape} and vi {v.shape}; both must be (k,): one meta-analysis"
        )
    if not (v.min() >= 0 and v.max() < np.inf and y.max() < np.inf and y.min() > -np.inf):
        study_columns(y, v)  # names the study at fault; missing ones are none
    return y, v


def refitted_effects(
    fit: PooledEffect, order: NDArray[np.intp], present: BoolArray
) -> RefittedEffects:
    """Lay out pooled effects as rows; those of absent studies are ``nan``.

    Parameters
    ----------
    fit : PooledEffect
        The fits, one for each study that is present.
    order : ndarray of int, shape (k,)
        Position of the study that each row leaves out or adds.
    present : ndarray of bool, shape (k,)
        Rows whose study is present.

    Returns
    -------
    RefittedEffects
        The rows.
    """
    values: dict[str, Any] = {name: getattr(fit, name) for name in _VALUES}
    values |= {"k": fit.k.astype(np.intp), "converged": fit.converged, "reason": fit.reason}
    if not present.all():
        none = {"k": 0, "converged": True, "reason": "the study has no effect size or no variance"}
        for name, some in values.items():
            every = np.full(present.shape, none.get(name, np.nan), dtype=some.dtype)
            every[present] = some[: int(present.sum())]
            values[name] = every
    return RefittedEffects(**values, order=order, method=fit.method, test=fit.test, level=fit.level)
