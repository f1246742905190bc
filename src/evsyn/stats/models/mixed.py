"""Multilevel and multivariate meta-analysis: dependent effects with several variances."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, checked_level, chosen
from evsyn.stats.models.dependent_rows import MixedModel
from evsyn.stats.models.mixed_design import Groupings, complete_rows, mixed_model, random_part
from evsyn.stats.models.mixed_estimate import highest
from evsyn.stats.models.mixed_report import (
    Fitted,
    coefficients,
    criteria,
    degrees_of_freedom,
    group_counts,
    heterogeneity,
    variances,
    why_missing,
)
from evsyn.stats.models.structures import STRUCTURES

__all__ = ["MultilevelFit", "multilevel"]


@dataclass(frozen=True, slots=True)
class MultilevelFit:
    """A multilevel or multivariate meta-analysis.

    Attributes
    ----------
    coef, se, statistic, df, p_value, ci_lb, ci_ub : ndarray, shape (p,)
        Coefficients, the intercept first, with their tests and limits; numbers where there is
        nothing but an intercept. ``df`` is ``nan`` for z.
    covariance : ndarray, shape (p, p)
        Of the coefficients.
    sigma2 : ndarray, shape (c,)
        Variance of each random intercept, named by `components`.
    tau2 : ndarray, shape (1,) or (J,)
        Variance of the structure, or of each of its `levels`; empty without one.
    rho : ndarray
        Correlation of the structure; for UN of each pair of levels, (1, 2), (1, 3) ... (2, 3) ...;
        ``nan`` where the variances are 0; empty without one.
    g : ndarray, shape (J, J)
        Covariances of the true effects between levels.
    components, levels : tuple
        Names of the random intercepts; labels of the inner levels.
    log_likelihood, aic, bic : float
        (Restricted) log likelihood and criteria made of it.
    q, q_df, q_pvalue : float
        Cochran's Q about the coefficients with the sampling covariances alone, ``nan`` if these
        are singular.
    qm, qm_df, qm_df2, qm_pvalue : float
        Test of all coefficients but the intercept (of all without one): chi-squared, or F on
        ``qm_df, qm_df2``.
    i2 : ndarray
        Share of each entry of `sigma2`, then `tau2`, in the total variance, percent.
    i2_total : float
        Share of all of them; with a variance a level, of their mean over rows.
    pi_lb, pi_ub : float
        Prediction limits of a true effect in a new group; ``nan`` with moderators and where
        levels have variances of their own.
    k : int
        Rows in the analysis.
    n_groups : tuple of int
        Groups of each random intercept, then of the structure.
    rows : ndarray of bool
        Which of the rows given are in the analysis.
    converged : bool
        Whether the likelihood is at a maximum.
    reason : str
        Why something could not be estimated; empty where all could.
    structure, method, test : str
        As asked for.
    level : float
        Confidence level.
    model : MixedModel
        Data and structure, in units of ``model.scale``.
    theta : ndarray
        Parameters of the model in that unit.
    """

    coef: FloatArray
    se: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    covariance: FloatArray
    sigma2: FloatArray
    tau2: FloatArray
    rho: FloatArray
    g: FloatArray
    components: tuple[str, ...]
    levels: tuple[Any, ...]
    log_likelihood: float
    aic: float
    bic: float
    q: float
    q_df: int
    q_pvalue: float
    qm: float
    qm_df: int
    qm_df2: float
    qm_pvalue: float
    i2: FloatArray
    i2_total: float
    pi_lb: float
    pi_ub: float
    k: int
    n_groups: tuple[int, ...]
    rows: BoolArray
    converged: bool
    reason: str
    structure: str
    method: str
    test: str
    level: float
    model: MixedModel = field(repr=False)
    theta: FloatArray = field(repr=False)

    @property
    def estimate(self) -> FloatArray:
        """The coefficients, or the pooled effect where there is nothing but an intercept."""
        return self.coef


def multilevel(
    yi: ArrayLike,
    V: ArrayLike,  # noqa: N803 - the usual name of the matrix
    *,
    groups: Groupings,
    mods: ArrayLike | None = None,
    intercept: bool = True,
    structure: Literal[
        "nested", "crossed", "ID", "DIAG", "CS", "HCS", "UN", "AR", "HAR", "CAR"
    ] = "nested",
    inner: ArrayLike | None = None,
    intercepts: Groupings | None = None,
    method: Literal["REML", "ML"] = "REML",
    test: Literal["z", "t"] = "z",
    dfs: Literal["residual", "contain"] | ArrayLike = "residual",
    level: float = 0.95,
) -> MultilevelFit:
    """Pool dependent effects with random effects at several levels.

    Parameters
    ----------
    yi : array_like, shape (k,)
        Effect sizes, ratios on the log scale. ``nan`` marks a missing one, whose row is left out.
    V : array_like, shape (k,) or (k, k)
        Sampling variances, or their covariance matrix (see `sampling_covariance`).
    groups : array_like of labels, shape (k,); a sequence of them; or a mapping by name
        Group of each row. For ``nested`` from the outermost level inwards (district, school);
        for ``crossed`` each on its own; for the other structures the one outer group (study).
    mods : array_like, shape (k,) or (k, p), optional
        Moderators.
    intercept : bool, default True
        Whether the design has an intercept.
    structure : str, default "nested"
        Random intercepts, ``nested`` or ``crossed``; or the covariances of the true effects of
        one group's inner levels: ``ID`` one variance, ``DIAG`` one a level, ``CS`` one variance
        and one correlation, ``HCS`` one variance a level and one correlation, ``UN`` all free,
        ``AR`` one variance and an autocorrelation along the order of the levels, ``HAR`` the same
        with one variance a level, ``CAR`` an autocorrelation to the power of the time between.
    inner : array_like of labels, shape (k,), optional
        Level of each row within its group (outcome, arm, time), for these structures.
    intercepts : as groups, optional
        Further random intercepts beside a structure, each on its own.
    method : {"REML", "ML"}, default "REML"
        Restricted or full maximum likelihood.
    test : {"z", "t"}, default "z"
        Distribution of the tests and limits.
    dfs : {"residual", "contain"} or array_like, shape (p,), default "residual"
        Degrees of freedom of t: k - p; for a coefficient whose column does not vary within the
        groups of a level, at most the number of its groups minus p; or numbers given.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    MultilevelFit
        Coefficients, variances, likelihood, heterogeneity.

    Raises
    ------
    StatsError
        If shapes do not fit, a value is impossible, V is not a covariance matrix, columns of the
        design repeat each other, components cannot be told apart, or an option is unknown.

    Notes
    -----
    ``y ~ N(X b, M)``, ``M = V + sum_c sigma2_c Z_c Z_c' + G[inner, inner]`` within groups [1]_
    [2]_. The variances maximise the (restricted) likelihood; a variance of 0 or a correlation at
    its bound is exactly that, and several starts guard against a lower mode. A random intercept
    whose grouping has one group only is held at 0. I² is each variance over their sum plus a
    typical sampling variance, ``(k - p) / tr(P)`` with P of V alone; with a variance a level, its
    trace over the rows of the level [3]_ [4]_. The model takes V as known and the random effects
    as normal; the tests do not account for the variances being estimates (`robust` does).

    References
    ----------
    .. [1] S. Konstantopoulos, "Fixed effects and variance components estimation in three-level
       meta-analysis", Res Synth Methods 2 (2011) 61-76.
    .. [2] C. S. Berkey, D. C. Hoaglin, A. Antczak-Bouckoms, F. Mosteller, G. A. Colditz,
       "Meta-analysis of multiple outcomes by regression with random effects", Stat Med 17 (1998)
       2537-2550.
    .. [3] S. Nakagawa, E. S. A. Santos, "Methodological issues and advances in biological
       meta-analysis", Evol Ecol 26 (2012) 1253-1274.
    .. [4] M. W.-L. Cheung, "Modeling dependent effect sizes with three-level meta-analyses: a
       structural equation modeling approach", Psychol Methods 19 (2014) 211-229.

    Examples
    --------
    The first four districts of Konstantopoulos (2011), schools within districts:

    >>> yi = [-0.18, -0.22, 0.23, -0.30, 0.13, -0.26, 0.19, 0.32, 0.45, 0.38, 0.29]
    >>> yi += [0.16, 0.65, 0.36, 0.60]
    >>> vi = [0.118, 0.118, 0.144, 0.144, 0.014, 0.014, 0.015, 0.024, 0.023, 0.043, 0.012]
    >>> vi += [0.020, 0.004, 0.004, 0.007]
    >>> district = [11] * 4 + [12] * 4 + [18] * 3 + [27] * 4
    >>> school = [1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 1, 2, 3, 4]
    >>> fit = multilevel(yi, vi, groups={"district": district, "school": school})
    >>> fit.components, fit.sigma2.round(4)
    (('district', 'district/school'), array([0.0455, 0.0286]))
    """
    options = ("nested", "crossed", *STRUCTURES)
    chosen("structure", structure, options)
    chosen("method", method, ("REML", "ML"))
    chosen("test", test, ("z", "t"))
    level = checked_level(level)
    rows = complete_rows(yi, V, mods, intercept)
    part = random_part(groups, rows.kept, structure=structure, inner=inner, intercepts=intercepts)
    model = mixed_model(rows, part, method == "REML")
    found = highest(model)
    if not np.isfinite(found.at.value):
        raise StatsError("the covariance matrix of the effects is singular: V has variances of 0")
    fitted = Fitted(model, found, part, rows.design)
    df = degrees_of_freedom(fitted, test, dfs)
    return MultilevelFit(
        **coefficients(fitted, df, level, intercept),
        **variances(fitted),
        **heterogeneity(fitted),
        **criteria(fitted),
        components=part.names,
        levels=part.levels,
        k=len(rows.yi),
        n_groups=group_counts(fitted),
        rows=rows.kept,
        converged=found.converged,
        reason=why_missing(fitted),
        structure=structure,
        method=method,
        test=test,
        level=level,
        model=model,
        theta=found.theta,
    )
