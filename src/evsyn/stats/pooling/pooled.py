"""What a meta-analysis gives: the pooled effect, its heterogeneity, its weights."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evsyn.stats._arrays import BoolArray, FloatArray, TextArray, reasons, unwrapped
from evsyn.stats._special import chdtrc
from evsyn.stats._student import p_value
from evsyn.stats.pooling._shown import TESTS, bounded, model, pooled_text

__all__ = ["PooledEffect", "joined"]


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """A pooled effect, its heterogeneity and its weights, on the scale of the effect sizes.

    For effect sizes of shape (k,) each value is a number, for (k, n) an array of shape (n,).
    p-values, weights and reasons are computed when they are asked for.

    Attributes
    ----------
    estimate, se : ndarray, shape () or (n,)
        Weighted mean and its standard error.
    df : ndarray, shape () or (n,)
        Degrees of freedom of the t distribution; ``nan`` where the normal is used.
    ci_lb, ci_ub : ndarray, shape () or (n,)
        Confidence limits of the mean.
    pi_lb, pi_ub : ndarray, shape () or (n,)
        Prediction limits of the effect in a new study; ``nan`` for a common effect.
    tau2, tau2_se : ndarray, shape () or (n,)
        Between-study variance and its standard error.
    i2, h2 : ndarray, shape () or (n,)
        I² in percent and H²: from tau² and the typical variance, for a common effect from Q.
    q, q_df : ndarray, shape () or (n,)
        Cochran's Q and its degrees of freedom.
    k : ndarray of int, shape () or (n,)
        Studies pooled.
    converged : ndarray of bool, shape () or (n,)
        Whether the search for tau² ended at a root.
    n_modes : ndarray of int, shape () or (n,)
        Local maxima of the likelihood over tau² >= 0 (REML and ML), of which the highest was
        taken; 1 for the other methods.
    method, test : str
        Estimator of tau² (``EE`` whichever of its names was given) and test.
    level : float
        Confidence level.
    pi : str
        Form of the prediction interval.
    """

    estimate: FloatArray
    se: FloatArray
    df: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray
    pi_ub: FloatArray
    tau2: FloatArray
    tau2_se: FloatArray
    i2: FloatArray
    h2: FloatArray
    q: FloatArray
    q_df: FloatArray
    k: FloatArray
    converged: BoolArray
    n_modes: FloatArray
    method: str
    test: str
    level: float
    pi: str
    _vi: FloatArray = field(repr=False, compare=False)
    _single: bool = field(repr=False, compare=False)

    @property
    def statistic(self) -> FloatArray:
        """Estimate over standard error."""
        return self.estimate / self.se

    @property
    def p_value(self) -> FloatArray:
        """Two-sided p-value of the mean."""
        return p_value(self.statistic, self.df)

    @property
    def q_pvalue(self) -> FloatArray:
        """p-value of Q; 1 for a single study."""
        p = np.where(self.k == 1, 1.0, chdtrc(np.maximum(self.q_df, 1), self.q))
        return np.asarray(p, dtype=np.float64)[()]

    @property
    def weights(self) -> FloatArray:
        """Share of each study, percent, shape (k,) or (k, n); ``nan`` where it is absent."""
        with np.errstate(all="ignore"):
            w = 1.0 / (self._vi + np.atleast_1d(self.tau2))
            shares = 100 * w / w.sum(axis=0)
        found: FloatArray = self._shaped(np.where(np.isfinite(self._vi), shares, np.nan))
        return found

    @property
    def reason(self) -> TextArray:
        """Why values are missing; empty where none is."""
        k, se = np.atleast_1d(self.k), np.atleast_1d(self.se)
        if not np.isnan(se).any():
            nothing: TextArray = self._shaped(np.full(se.shape, "", dtype=object))
            return nothing
        text = reasons(
            se.shape,
            (k == 0, "no study with an effect size and a variance"),
            ((k == 1) & (self.test != "z"), "one study: Hartung-Knapp needs two"),
            (
                np.isnan(np.atleast_1d(self.tau2)) | np.isnan(np.atleast_1d(self.estimate)),
                "variances of 0 leave the model without a value",
            ),
            (
                np.isnan(se) & (self.test == "z"),
                "a study with a variance of 0 has all the weight: no standard error",
            ),
            (np.isnan(se), "the effects agree exactly: Hartung-Knapp gives no standard error"),
        )
        found: TextArray = self._shaped(text)
        return found

    def __str__(self) -> str:
        return pooled_text(self, f"{model(self.method)}, {TESTS[self.test]}")

    def __repr__(self) -> str:
        return bounded(self)

    def _shaped(self, values: NDArray[Any]) -> Any:
        """Without the axis of analyses, where there is one analysis."""
        return unwrapped(values[..., 0]) if self._single else values


def joined(parts: list[PooledEffect]) -> PooledEffect:
    """Results of many analyses, put together from those of some; weights are left behind.

    Parameters
    ----------
    parts : list of PooledEffect
        Results for (k, n) arrays with the same options, one or more.

    Returns
    -------
    PooledEffect
        One result; its weights are ``nan``, of shape (1, n).

    Examples
    --------
    >>> from evsyn.stats.pooling.pool import pool
    >>> one = pool([[0.1], [0.3]], [[0.1], [0.1]], method="EE", test="z")
    >>> joined([one, one]).estimate
    array([0.2, 0.2])
    """
    values: dict[str, Any] = {}
    for entry in fields(PooledEffect):
        first = getattr(parts[0], entry.name)
        if isinstance(first, np.ndarray) and entry.name != "_vi":
            first = np.concatenate([getattr(part, entry.name) for part in parts], axis=-1)
        values[entry.name] = first
    return PooledEffect(**values | {"_vi": np.full((1, values["k"].size), np.nan)})
