"""Network meta-analysis: all treatments of a connected network compared at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError, did_you_mean
from evsyn.literals import NetworkMethod, PredictionInterval, SmallValues, choices
from evsyn.stats._arrays import FloatArray, checked_level, chosen, float_array, normal_quantile
from evsyn.stats._special import chdtrc, ndtr, stdtrit
from evsyn.stats.models.network_rows import (
    Network,
    Rows,
    independent_rows,
    labels,
    read_network,
)
from evsyn.stats.pooling.regression import meta_regression

__all__ = ["Anchored", "NetworkEffects", "NetworkMeta", "anchored", "between", "network"]


@dataclass(frozen=True, slots=True)
class NetworkEffects:
    """Treatments relative to one reference; the reference itself has 0 and no test.

    Attributes
    ----------
    estimate, se, statistic, p_value : ndarray, shape (t,)
        Effect relative to the reference, its standard error, their ratio, two-sided p-value.
    ci_lb, ci_ub : ndarray, shape (t,)
        Confidence limits.
    pi_lb, pi_ub : ndarray, shape (t,)
        Prediction limits of the effect in a new study.
    """

    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray
    pi_ub: FloatArray


@dataclass(frozen=True, slots=True)
class NetworkMeta:
    """A network meta-analysis.

    In matrices row i and column j hold treatment i relative to treatment j.

    Attributes
    ----------
    treatments : tuple of str
        The t treatments, sorted.
    reference : str
        Treatment that those of ``versus`` are relative to.
    estimate, se, statistic, p_value : ndarray, shape (t, t)
        Network estimates, their standard errors, ratios and two-sided p-values; on the diagonal
        0, 0 and twice ``nan``.
    ci_lb, ci_ub, pi_lb, pi_ub : ndarray, shape (t, t)
        Confidence and prediction limits; prediction limits are ``nan`` for a common effect.
    versus : NetworkEffects
        The column of the reference.
    covariance : ndarray, shape (t, t)
        Covariance of the effects relative to the reference; its row and column are 0.
    p_score : ndarray, shape (t,)
        Mean certainty that a treatment is better than another, 0 to 1.
    tau2 : float
        Variance between studies of the effect of every pair; 0 for a common effect.
    i2, h2 : float
        I² in percent and H²: from tau² and the typical variance, for a common effect from Q.
    q, q_df, q_pvalue : float
        Cochran's Q of the whole network under a common effect, its degrees of freedom, p-value.
    k, comparisons, arms, designs : int
        Studies, rows used, arms of all studies, sets of treatments compared.
    left_out : tuple of int
        Rows without an effect or a variance.
    converged : bool
        Whether the search for tau² ended at a maximum.
    reason : str
        What could not be estimated and why; empty if nothing.
    method, small_values, pi : str
        Estimator of tau²; whether small effects are ``good`` or ``bad``; form of the prediction
        interval.
    level : float
        Confidence level.
    studies : Network
        The studies as contrasts, from which decomposition and splitting start.
    """

    treatments: tuple[str, ...]
    reference: str
    estimate: FloatArray
    se: FloatArray
    statistic: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    pi_lb: FloatArray
    pi_ub: FloatArray
    versus: NetworkEffects
    covariance: FloatArray
    p_score: FloatArray
    tau2: float
    i2: float
    h2: float
    q: float
    q_df: int
    q_pvalue: float
    k: int
    comparisons: int
    arms: int
    designs: int
    left_out: tuple[int, ...]
    converged: bool
    reason: str
    method: str
    small_values: str
    pi: str
    level: float
    studies: Network


@dataclass(frozen=True, slots=True)
class Anchored:
    """A weighted least-squares fit with one treatment held at 0.

    Attributes
    ----------
    theta : ndarray, shape (t,)
        Effects relative to the anchor.
    covariance : ndarray, shape (t, t)
        Their covariance.
    q : float
        Weighted sum of squared residuals.
    """

    theta: FloatArray
    covariance: FloatArray
    q: float


@dataclass(frozen=True, slots=True)
class _Heterogeneity:
    """Tau², what follows from it, and why it is not estimated."""

    tau2: float
    i2: float
    h2: float
    converged: bool
    reason: str


def network(
    yi: ArrayLike,
    vi: ArrayLike,
    *,
    treat_e: ArrayLike | Sequence[Any],
    treat_c: ArrayLike | Sequence[Any],
    study: ArrayLike | Sequence[Any],
    method: NetworkMethod = "REML",
    reference: str | None = None,
    small_values: SmallValues = "good",
    level: float = 0.95,
    pi: PredictionInterval = "test",
) -> NetworkMeta:
    """Compare all treatments of a network of studies (frequentist, from contrasts).

    Parameters
    ----------
    yi, vi : array_like, shape (m,)
        Effect of ``treat_e`` relative to ``treat_c``, ratios on the log scale, and its sampling
        variance, one row per pair; a study with p treatments has all p (p - 1) / 2 rows. Rows
        with ``nan`` in either are left out and listed in ``left_out``.
    treat_e, treat_c, study : array_like of str, shape (m,)
        Treatments of the pair and the study it is from.
    method : {"EE", "DL", "REML", "ML"}, default "REML"
        Common effect, or random effects with tau² by the generalised method of moments of
        DerSimonian and Laird, restricted maximum likelihood or maximum likelihood.
    reference : str, optional
        Treatment that ``versus`` is relative to; by default the first by name.
    small_values : {"good", "bad"}, default "good"
        Whether small effects are a benefit: the direction of P-scores.
    level : float, default 0.95
        Confidence level.
    pi : {"test", "hts"}, default "test"
        Prediction interval with the normal quantile, or with t on ``q_df - 1``.

    Returns
    -------
    NetworkMeta
        Estimates of all pairs, heterogeneity, P-scores.

    Raises
    ------
    StatsError
        If shapes differ, an effect is infinite or a variance not above zero, a label is missing,
        a row compares a treatment with itself, a study lacks a pair or has one twice, its
        effects contradict each other (by more than 5 % of a standard error, so that rounding
        passes) or its variances cannot come from one study, no row is left, the network falls
        into parts (the message names them), or an option or the reference is unknown.

    Notes
    -----
    With effects theta and a study s with contrasts ``y_s = X_s theta + u_s + e_s``, e_s has the
    sampling covariance that the variances of the pairs determine,
    ``cov(y_ab, y_ac) = (v_ab + v_ac - v_bc) / 2``, and u_s the covariance ``tau2 B``, one on the
    diagonal of B and one half off it: tau² is the same for all pairs [2]_ [3]_. The estimate is
    that of generalised least squares. Its normal equations are the reduced Laplacian of the
    graph of treatments whose edges weigh what is left after multi-arm studies are weighed down
    [1]_ [4]_; they are solved by Cholesky, without a pseudo-inverse. ``DL`` is
    ``(Q - df) / tr(P B)``, not below 0. I² is ``tau2 / (tau2 + s2)`` with
    ``s2 = df / tr(P B)``, hence ``(Q - df) / Q`` for DL and for a common effect. The P-score of
    i is the mean over j of ``Phi((theta_j - theta_i) / se_ij)`` where small is good [5]_. Two
    treatments give what `pool` gives with ``test="z"``.

    It is assumed that the studies of different pairs are alike in all that modifies effects
    (transitivity). `network_decomposition` and `network_splits` look for its failure; a network
    without closed loops has nothing to test it with.

    References
    ----------
    .. [1] G. Rücker, "Network meta-analysis, electrical networks and graph theory", Res Synth
       Methods 3 (2012) 312-324.
    .. [2] J. P. T. Higgins, A. Whitehead, "Borrowing strength from external trials in a
       meta-analysis", Stat Med 15 (1996) 2733-2749.
    .. [3] D. Jackson, I. R. White, R. D. Riley, "Quantifying the impact of between-study
       heterogeneity in multivariate meta-analyses", Stat Med 31 (2012) 3805-3820.
    .. [4] G. Rücker, G. Schwarzer, "Reduce dimension or reduce weights? Comparing two approaches
       to multi-arm studies in network meta-analysis", Stat Med 33 (2014) 4353-4369.
    .. [5] G. Rücker, G. Schwarzer, "Ranking treatments in frequentist network meta-analysis works
       without resampling methods", BMC Med Res Methodol 15 (2015) 58.

    Examples
    --------
    Three of the trials of Senn et al. 2013 (Stat Methods Med Res 22:169-189), change of HbA1c:

    >>> fit = network([-1.9, 0.16, -1.3], [0.0200, 0.0072, 0.0161], method="EE",
    ...               study=["De Fronzo 1995", "Hanefeld 2004", "Kipnes 2001"],
    ...               treat_e=["metformin", "pioglitazone", "pioglitazone"],
    ...               treat_c=["placebo", "metformin", "placebo"], reference="placebo")
    >>> fit.treatments, fit.versus.estimate.round(3)
    (('metformin', 'pioglitazone', 'placebo'), array([-1.697, -1.464,  0.   ]))
    """
    chosen("method", method, choices(NetworkMethod))
    chosen("small_values", small_values, choices(SmallValues))
    chosen("pi", pi, choices(PredictionInterval))
    level = checked_level(level)
    found = read_network(
        yi, vi, labels("treat_e", treat_e), labels("treat_c", treat_c), labels("study", study)
    )
    base = _reference(reference, found.treatments)
    rows = independent_rows(found)
    common = anchored(rows, 0.0, base)
    q_df = rows.y.size - len(found.treatments) + 1
    spread = _heterogeneity(rows, method, common.q, q_df)
    fit = anchored(rows, spread.tau2, base) if spread.tau2 > 0 else common
    estimate, se = between(fit)
    crit = _prediction_quantile(pi, q_df, level, method)
    effects = _effects(estimate, se, crit * np.sqrt(se * se + spread.tau2), level)
    sign = 1.0 if small_values == "good" else -1.0
    missing = np.isnan(float_array("yi", yi)) | np.isnan(float_array("vi", vi))
    return NetworkMeta(
        reference=found.treatments[base],
        **effects,
        versus=NetworkEffects(**{name: values[:, base] for name, values in effects.items()}),
        covariance=fit.covariance,
        p_score=_p_scores(effects["statistic"], sign),
        **_spread_fields(spread),
        q=common.q,
        q_df=q_df,
        q_pvalue=float(chdtrc(q_df, common.q)) if q_df else 1.0,
        **_size_fields(found),
        left_out=tuple(int(row) for row in np.flatnonzero(missing)),
        method=method,
        small_values=small_values,
        pi=pi,
        level=level,
    )


def _spread_fields(spread: _Heterogeneity) -> dict[str, Any]:
    """What the result says of heterogeneity."""
    return {field.name: getattr(spread, field.name) for field in fields(spread)}


def _size_fields(found: Network) -> dict[str, Any]:
    """What the result says of the studies."""
    return {
        "treatments": found.treatments,
        "studies": found,
        "k": len(found.studies),
        "comparisons": found.comparisons,
        "arms": sum(len(study.arms) for study in found.studies),
        "designs": len({study.arms for study in found.studies}),
    }


def _reference(reference: object, treatments: tuple[str, ...]) -> int:
    """Position of the reference."""
    if reference is None:
        return 0
    name = str(reference).strip()
    if name not in treatments:
        hint = did_you_mean(name, treatments)
        raise StatsError(
            f"reference={reference!r} is no treatment of the network; use one of "
            f"{', '.join(treatments)}{hint}"
        )
    return treatments.index(name)


def anchored(rows: Rows, tau2: float, base: int) -> Anchored:
    """Weighted least squares on the rows of a connected network, one treatment held at 0.

    Parameters
    ----------
    rows : Rows
        Independent rows.
    tau2 : float
        Variance added to that of each row.
    base : int
        Position of the treatment held at 0.

    Returns
    -------
    Anchored
        Effects relative to it.
    """
    count = rows.x.shape[1]
    others = np.delete(np.arange(count), base)
    root = 1.0 / np.sqrt(rows.v + tau2)
    x, y = rows.x[:, others] * root[:, None], rows.y * root
    lower = np.linalg.cholesky(x.T @ x)
    inverse = np.linalg.solve(lower, np.eye(others.size))
    theta, covariance = np.zeros(count), np.zeros((count, count))
    theta[others] = inverse.T @ (inverse @ (x.T @ y))
    # One step of refinement: the residual's own fit, which is 0 but for rounding.
    theta[others] += inverse.T @ (inverse @ (x.T @ (y - x @ theta[others])))
    covariance[np.ix_(others, others)] = inverse.T @ inverse
    residuals = y - x @ theta[others]
    return Anchored(theta, covariance, float(residuals @ residuals))


def between(fit: Anchored) -> tuple[FloatArray, FloatArray]:
    """Differences of all pairs of treatments and their standard errors.

    Parameters
    ----------
    fit : Anchored
        Effects relative to one treatment.

    Returns
    -------
    tuple of ndarray, shape (t, t)
        Row relative to column.
    """
    estimate = fit.theta[:, None] - fit.theta
    own = np.diag(fit.covariance)
    variance = own[:, None] + own - 2 * fit.covariance
    np.fill_diagonal(variance, 0.0)
    return estimate, np.sqrt(np.maximum(variance, 0.0))


def _heterogeneity(rows: Rows, method: Any, q: float, df: int) -> _Heterogeneity:
    """Tau² by the method named, with I² and H²."""
    if df == 0:
        return _Heterogeneity(0.0, 0.0, 1.0, True, _SATURATED if method != "EE" else "")
    if method == "EE":
        return _Heterogeneity(0.0, 100 * max(0.0, 1 - df / q) if q > 0 else 0.0, q / df, True, "")
    fit: Any = meta_regression(
        rows.y, rows.v, rows.x[:, 1:], method=method, test="z", intercept=False
    )
    converged = bool(fit.converged)
    return _Heterogeneity(float(fit.tau2), float(fit.i2), float(fit.h2), converged, "")


_SATURATED = "as many contrasts as effects: tau² cannot be estimated and is taken as 0"


def _prediction_quantile(pi: str, q_df: int, level: float, method: str) -> float:
    """Quantile of the prediction interval; ``nan`` where it has none."""
    if method == "EE":
        return float("nan")
    if pi == "test":
        return normal_quantile(level)
    return float(stdtrit(q_df - 1, (1 + level) / 2)) if q_df > 1 else float("nan")


def _effects(
    estimate: FloatArray, se: FloatArray, half: FloatArray, level: float
) -> dict[str, Any]:
    """Estimates with tests and limits; none on the diagonal."""
    same = np.eye(len(estimate), dtype=np.bool_)
    statistic = estimate / np.where(same, np.nan, se)
    crit = normal_quantile(level)
    return {
        "estimate": estimate,
        "se": se,
        "statistic": statistic,
        "p_value": 2 * np.asarray(ndtr(-np.abs(statistic)), dtype=np.float64),
        "ci_lb": estimate - crit * se,
        "ci_ub": estimate + crit * se,
        "pi_lb": np.where(same, np.nan, estimate - half),
        "pi_ub": np.where(same, np.nan, estimate + half),
    }


def _p_scores(statistic: FloatArray, sign: float) -> FloatArray:
    """Mean over the other treatments of the certainty of being better."""
    certainty = np.asarray(ndtr(-sign * statistic), dtype=np.float64)
    np.fill_diagonal(certainty, 0.0)
    return np.asarray(certainty.sum(axis=1) / (len(statistic) - 1), dtype=np.float64)
