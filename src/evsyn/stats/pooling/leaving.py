"""Leave-one-out: the pooled effect without each of the studies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, float_array
from evsyn.stats.pooling.pool import PooledEffect, pool

__all__ = ["RefittedEffects", "leave_one_out", "refitted_effects", "single_analysis"]

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
    method: str = "REML",
    test: Literal["z", "knha", "adhoc"] = "z",
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
    k = y.size
    every, one = np.arange(k), np.ones(k)
    without = np.multiply.outer(y, one)
    without[every, every] = np.nan
    fit = pool(without, np.multiply.outer(v, one), method=method, test=test, level=level)  # type: ignore[arg-type]
    return refitted_effects(fit, every, np.isnan(y) | np.isnan(v))


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
        If they are no numbers or not of one shape (k,).
    """
    y, v = float_array("yi", yi), float_array("vi", vi)
    if y.ndim != 1 or y.shape != v.shape:
        raise StatsError(
            f"yi has the shape {y.shape} and vi {v.shape}; both must be (k,): one meta-analysis"
        )
    return y, v


def refitted_effects(
    fit: PooledEffect, order: NDArray[np.intp], absent: BoolArray
) -> RefittedEffects:
    """Lay out k pooled effects; rows of absent studies are ``nan``.

    Parameters
    ----------
    fit : PooledEffect
        The k fits.
    order : ndarray of int, shape (k,)
        Position of the study that each row leaves out or adds.
    absent : ndarray of bool, shape (k,)
        Rows whose study is absent.

    Returns
    -------
    RefittedEffects
        The rows.
    """
    values: dict[str, Any] = {name: getattr(fit, name) for name in _VALUES}
    reason = fit.reason
    if absent.any():
        values = {name: np.where(absent, np.nan, value) for name, value in values.items()}
        reason = np.where(absent, "the study has no effect size or no variance", reason)
    return RefittedEffects(
        **values,
        k=fit.k.astype(np.intp),
        order=order,
        converged=fit.converged,
        reason=reason,
        method=fit.method,
        test=fit.test,
        level=fit.level,
    )
