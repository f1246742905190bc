"""Cluster-robust covariance of coefficients (CR0 to CR3) with small-sample tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import BoolArray, FloatArray, checked_level, chosen, float_array
from evsyn.stats._special import fdtrc
from evsyn.stats.models.clusters import CORRECTIONS, Bread, Sandwich, sandwich
from evsyn.stats.models.dependent_rows import IntArray
from evsyn.stats.models.mixed import MultilevelFit
from evsyn.stats.models.mixed_design import complete_rows, labelled, orthonormal
from evsyn.stats.models.mixed_likelihood import covariance_of_rows
from evsyn.stats.models.wald import JointTest, coefficient_tests, joint_test

__all__ = ["RobustFit", "cluster_robust", "robust", "robust_test"]

Correction = Literal["CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3"]
RobustTests = Literal["satterthwaite", "t", "z"]


_EXACT = 1e-14  # residuals below this share of the effects are rounding


class _Pooled(Protocol):
    """A fit with one variance between studies: of `pool` or `meta_regression`."""

    @property
    def tau2(self) -> Any:
        """Variance between studies."""


@dataclass(frozen=True, slots=True)
class RobustFit:
    """Coefficients with a cluster-robust covariance.

    Attributes
    ----------
    coef, se, statistic, df, p_value, ci_lb, ci_ub : ndarray, shape (p,)
        Coefficients, the intercept first, with their tests and limits; numbers where there is
        nothing but an intercept. ``df`` is ``nan`` for z.
    covariance : ndarray, shape (p, p)
        The sandwich.
    qm, qm_df, qm_df2, qm_pvalue : float
        Joint test of all coefficients but the intercept (of all without one): F on
        ``qm_df, qm_df2``, chi-squared for z.
    k, n_clusters : int
        Rows and clusters in the analysis.
    rows : ndarray of bool
        Which of the rows given are in the analysis.
    reason : str
        Why something is missing; empty where nothing is.
    type, test : str
        As asked for.
    level : float
        Confidence level.
    meat : Sandwich
        What tests of further contrasts need.
    """

    coef: FloatArray
    se: FloatArray
    statistic: FloatArray
    df: FloatArray
    p_value: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    covariance: FloatArray
    qm: float
    qm_df: int
    qm_df2: float
    qm_pvalue: float
    k: int
    n_clusters: int
    rows: BoolArray
    reason: str
    type: str
    test: str
    level: float
    meat: Sandwich = field(repr=False)

    @property
    def estimate(self) -> FloatArray:
        """The coefficients, or the pooled effect where there is nothing but an intercept."""
        return self.coef


def cluster_robust(
    yi: ArrayLike,
    V: ArrayLike,  # noqa: N803 - the usual name of the matrix
    cluster: ArrayLike,
    *,
    mods: ArrayLike | None = None,
    intercept: bool = True,
    weights: ArrayLike | None = None,
    type: Correction = "CR2",
    test: RobustTests = "satterthwaite",
    level: float = 0.95,
) -> RobustFit:
    """Weighted least squares with a covariance that is robust to dependence within clusters.

    Parameters
    ----------
    yi : array_like, shape (k,)
        Effect sizes, ratios on the log scale. ``nan`` marks a missing one, whose row is left out.
    V : array_like, shape (k,) or (k, k)
        Working covariance of the effects, heterogeneity included: what is believed, perhaps
        wrongly. It does not reach across clusters.
    cluster : array_like of labels, shape (k,)
        Cluster of each row (study).
    mods : array_like, shape (k,) or (k, p), optional
        Moderators.
    intercept : bool, default True
        Whether the design has an intercept.
    weights : array_like, shape (k,), optional
        Weights of the rows, above 0; the inverse of V by default.
    type : {"CR0", "CR1", "CR1p", "CR1S", "CR2", "CR3"}, default "CR2"
        Correction: none; times m / (m - 1); m / (m - p); m (k - 1) / ((m - 1) (k - p));
        unbiased where V is true; nearly the jackknife.
    test : {"satterthwaite", "t", "z"}, default "satterthwaite"
        t with Satterthwaite's degrees of freedom, and Hotelling's T² for several coefficients;
        t and F on m - p; normal and chi-squared.
    level : float, default 0.95
        Confidence level.

    Returns
    -------
    RobustFit
        Coefficients with robust tests.

    Raises
    ------
    StatsError
        If shapes do not fit, a value is impossible, V is singular or reaches across clusters,
        columns of the design repeat each other, or an option is unknown.

    Notes
    -----
    With residuals e, weights W and ``M = (X' W X)^-1`` the covariance is
    ``M (sum_i X_i' W_i A_i e_i e_i' A_i' W_i X_i) M`` [1]_, with ``A_i`` of CR2 and its degrees of
    freedom after [2]_ [3]_. Tests of several coefficients are approximate Hotelling tests (HTZ)
    [4]_. It takes clusters to be independent, and many: with CR2, tests are trustworthy where the
    degrees of freedom are 4 or more.

    References
    ----------
    .. [1] L. V. Hedges, E. Tipton, M. C. Johnson, "Robust variance estimation in meta-regression
       with dependent effect size estimates", Res Synth Methods 1 (2010) 39-65.
    .. [2] E. Tipton, "Small sample adjustments for robust variance estimation with
       meta-regression", Psychol Methods 20 (2015) 375-393.
    .. [3] J. E. Pustejovsky, E. Tipton, "Small-sample methods for cluster-robust variance
       estimation and hypothesis testing in fixed effects models", J Bus Econ Stat 36 (2018)
       672-683.
    .. [4] E. Tipton, J. E. Pustejovsky, "Small-sample adjustments for tests of moderators and
       model fit using robust variance estimation in meta-regression", J Educ Behav Stat 40 (2015)
       604-634.

    Examples
    --------
    The first four districts of Konstantopoulos (2011, Res Synth Methods 2:61-76), a variance of
    0.06 between schools taken for granted:

    >>> yi = [-0.18, -0.22, 0.23, -0.30, 0.13, -0.26, 0.19, 0.32, 0.45, 0.38, 0.29]
    >>> yi += [0.16, 0.65, 0.36, 0.60]
    >>> vi = [0.118, 0.118, 0.144, 0.144, 0.014, 0.014, 0.015, 0.024, 0.023, 0.043, 0.012]
    >>> vi += [0.020, 0.004, 0.004, 0.007]
    >>> district = [11] * 4 + [12] * 4 + [18] * 3 + [27] * 4
    >>> fit = cluster_robust(yi, [v + 0.06 for v in vi], district)
    >>> fit.estimate.round(4), fit.se.round(4), fit.df.round(2)
    (np.float64(0.2498), np.float64(0.1221), np.float64(2.59))
    """
    level = _checked(type, test, level)
    rows = complete_rows(yi, V, mods, intercept)
    codes = labelled("cluster", cluster, len(rows.kept))[0][rows.kept]
    scale = float(np.sqrt(np.mean(_diagonal(rows.sampling)))) or 1.0
    given = None if weights is None else _weights(weights, rows.kept) * scale**2
    sampling = rows.sampling / scale**2
    _refuse_reach(sampling, codes)

    def block(at: IntArray) -> FloatArray:
        return np.diag(sampling[at]) if sampling.ndim == 1 else sampling[np.ix_(at, at)]

    design, triangle = orthonormal(rows.design)
    bread = _bread(rows.yi / scale, design, codes, block, given)
    back = scale * _inverse(triangle)
    options = _Options(type, test, level, intercept)
    return _report(back @ bread.coef, sandwich(bread, type).contrasted(back), rows.kept, options)


def robust(
    fit: MultilevelFit | _Pooled,
    cluster: ArrayLike,
    *,
    yi: ArrayLike | None = None,
    vi: ArrayLike | None = None,
    mods: ArrayLike | None = None,
    intercept: bool = True,
    type: Correction = "CR2",
    test: RobustTests = "satterthwaite",
    level: float = 0.95,
) -> RobustFit:
    """Cluster-robust tests of a fitted model.

    Parameters
    ----------
    fit : MultilevelFit, PooledEffect or MetaRegression
        A fit of `multilevel`, whose covariance matrix of the effects is the working covariance;
        or one of `pool` or `meta_regression`, for which it is ``vi + tau2``.
    cluster : array_like of labels
        Cluster of each row that was given to the fit. No group of a multilevel fit may reach
        across clusters.
    yi, vi : array_like, shape (k,), optional
        The effects and sampling variances that `pool` or `meta_regression` was given; a
        multilevel fit has its own.
    mods : array_like, shape (k,) or (k, p), optional
        The moderators `meta_regression` was given.
    intercept : bool, default True
        Whether that design has an intercept.
    type, test, level
        As in `cluster_robust`.

    Returns
    -------
    RobustFit
        The fit's coefficients with robust tests.

    Raises
    ------
    StatsError
        As `cluster_robust`; if ``yi`` and ``vi`` are missing where they are needed, or given
        where they are not.

    Notes
    -----
    The estimates stay; the sandwich of `cluster_robust` replaces their covariance, with the
    inverse of the working covariance as weights [1]_.

    References
    ----------
    .. [1] J. E. Pustejovsky, E. Tipton, "Meta-analysis with robust variance estimation: expanding
       the range of working models", Prev Sci 23 (2022) 425-438.

    Examples
    --------
    The first four districts of Konstantopoulos (2011, Res Synth Methods 2:61-76):

    >>> from evsyn.stats.models.mixed import multilevel
    >>> yi = [-0.18, -0.22, 0.23, -0.30, 0.13, -0.26, 0.19, 0.32, 0.45, 0.38, 0.29]
    >>> yi += [0.16, 0.65, 0.36, 0.60]
    >>> vi = [0.118, 0.118, 0.144, 0.144, 0.014, 0.014, 0.015, 0.024, 0.023, 0.043, 0.012]
    >>> vi += [0.020, 0.004, 0.004, 0.007]
    >>> district = [11] * 4 + [12] * 4 + [18] * 3 + [27] * 4
    >>> fit = multilevel(yi, vi, groups=[district, list(range(15))])
    >>> robust(fit, district, type="CR0").se.round(4)
    np.float64(0.1081)
    """
    if not isinstance(fit, MultilevelFit):
        if yi is None or vi is None:
            raise StatsError("a fit of pool or meta_regression needs yi and vi again; give both")
        tau2 = float_array("fit.tau2", fit.tau2)
        if tau2.ndim:
            raise StatsError(f"fit holds {tau2.shape[0]} analyses; give one, with yi of shape (k,)")
        working = float_array("vi", vi) + np.nan_to_num(tau2)
        return cluster_robust(
            yi, working, cluster, mods=mods, intercept=intercept, type=type, test=test, level=level
        )
    if yi is not None or vi is not None or mods is not None:
        raise StatsError("a multilevel fit has its own yi, V and mods; leave them out")
    level = _checked(type, test, level)
    model = fit.model
    model, theta = fit.model, fit.theta
    codes = labelled("cluster", cluster, len(fit.rows))[0][fit.rows]
    _refuse_reach(model.sampling, codes)
    _refuse_groups(fit, codes)
    bread = _bread(
        model.yi, model.design, codes, lambda at: covariance_of_rows(model, theta, at), None
    )
    back = model.scale * _inverse(model.triangle)
    meat = sandwich(bread, type).contrasted(back)
    has_mean = np.ndim(fit.coef) == 0 or fit.qm_df < len(bread.coef)
    options = _Options(type, test, level, has_mean)
    return _report(back @ bread.coef, meat, fit.rows, options)


def robust_test(fit: RobustFit, contrast: ArrayLike) -> JointTest:
    """Robust test of several contrasts of coefficients at once.

    Parameters
    ----------
    fit : RobustFit
        Fit of `robust` or `cluster_robust`.
    contrast : array_like, shape (q, p) or (p,)
        Contrasts that are 0 under the hypothesis, linearly independent.

    Returns
    -------
    JointTest
        F with its degrees of freedom (of the approximate Hotelling test HTZ, or m - p for t);
        chi-squared for z.

    Raises
    ------
    StatsError
        If the contrasts do not fit the coefficients.

    Notes
    -----
    With ``Q`` the Wald statistic of q contrasts and ``eta`` chosen so that a Wishart variable has
    the total variance of the sandwich's entries, ``(eta - q + 1) / (eta q) Q`` is referred to F on
    q and ``eta - q + 1`` [1]_. Where that is 0 or less there is no p-value.

    References
    ----------
    .. [1] E. Tipton, J. E. Pustejovsky, "Small-sample adjustments for tests of moderators and
       model fit using robust variance estimation in meta-regression", J Educ Behav Stat 40 (2015)
       604-634.

    Examples
    --------
    The first four districts of Konstantopoulos (2011, Res Synth Methods 2:61-76), by district:

    >>> yi = [-0.18, -0.22, 0.23, -0.30, 0.13, -0.26, 0.19, 0.32, 0.45, 0.38, 0.29]
    >>> yi += [0.16, 0.65, 0.36, 0.60]
    >>> vi = [0.118, 0.118, 0.144, 0.144, 0.014, 0.014, 0.015, 0.024, 0.023, 0.043, 0.012]
    >>> vi += [0.020, 0.004, 0.004, 0.007]
    >>> district = [11] * 4 + [12] * 4 + [18] * 3 + [27] * 4
    >>> year = [1976] * 4 + [1989] * 4 + [1994] * 3 + [1976] * 4
    >>> fit = cluster_robust(yi, vi, district, mods=year)
    >>> test = robust_test(fit, [0, 1])
    >>> round(test.statistic, 6) == round(float(fit.statistic[1]) ** 2, 6)
    True
    """
    rows = float_array("contrast", contrast)
    rows = rows[None] if rows.ndim == 1 else rows
    coef = np.atleast_1d(fit.coef)
    if rows.ndim != 2 or rows.shape[1] != len(coef) or not rows.shape[0]:
        raise StatsError(f"contrast has shape {rows.shape}; give (q, {len(coef)})")
    if np.linalg.matrix_rank(rows) < len(rows):
        raise StatsError("contrast: a row follows from the others; leave it out")
    meat = fit.meat.contrasted(rows)
    wald = joint_test(rows @ coef, meat.covariance, np.nan)
    q = len(rows)
    if fit.test == "z":
        return wald
    if fit.test == "t":
        return joint_test(rows @ coef, meat.covariance, float(fit.n_clusters - len(coef)))
    with np.errstate(invalid="ignore", divide="ignore"):
        try:
            root = np.linalg.inv(np.linalg.cholesky(meat.expected))
        except np.linalg.LinAlgError:
            return JointTest(np.nan, q, np.nan, np.nan)
        total = meat.contrasted(root).total_variance() * meat.factor**2
    eta = q * (q + 1) / total
    df2 = eta - q + 1
    statistic = df2 / (eta * q) * wald.statistic
    p_value = float(fdtrc(q, df2, statistic)) if df2 > 0 else np.nan
    return JointTest(statistic if df2 > 0 else np.nan, q, df2, p_value)


@dataclass(frozen=True, slots=True)
class _Options:
    """What was asked for."""

    type: str
    test: str
    level: float
    intercept: bool


def _checked(type: str, test: str, level: float) -> float:
    """Refuse options that are unknown; the level as a float."""
    chosen("type", type, CORRECTIONS)
    chosen("test", test, ("satterthwaite", "t", "z"))
    return checked_level(level)


def _diagonal(sampling: FloatArray) -> FloatArray:
    """Variances of a vector or matrix of them."""
    return sampling if sampling.ndim == 1 else np.diagonal(sampling)


def _weights(weights: ArrayLike, kept: BoolArray) -> FloatArray:
    """Weights of the kept rows."""
    given = float_array("weights", weights)
    if given.shape != kept.shape:
        raise StatsError(f"weights has shape {given.shape}; give one a row, {kept.shape}")
    wrong = kept & ~((given > 0) & np.isfinite(given))
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise StatsError(f"row {row}: weights={given[row]:g}; give finite weights above 0")
    return given[kept]


def _inverse(matrix: FloatArray) -> FloatArray:
    """Inverse of a matrix."""
    return np.asarray(np.linalg.inv(matrix), dtype=np.float64)


def _refuse_reach(sampling: FloatArray, codes: IntArray) -> None:
    """Refuse covariances between rows of different clusters."""
    if sampling.ndim == 1:
        return
    across = (sampling != 0) & (codes[:, None] != codes)
    if across.any():
        row, column = (int(at) for at in np.argwhere(across)[0])
        raise StatsError(
            f"V[{row}, {column}] (of the complete rows) is not 0, yet these rows are in different "
            "clusters; clusters must be independent"
        )


def _refuse_groups(fit: MultilevelFit, codes: IntArray) -> None:
    """Refuse random effects that rows of different clusters share."""
    model = fit.model
    named = list(zip(fit.components, model.intercepts, strict=True))
    named = [pair for pair, sigma2 in zip(named, fit.sigma2, strict=True) if sigma2 > 0]
    if model.outer is not None and np.any(fit.g):
        named.append(("the structure's outer group", model.outer))
    for name, groups in named:
        first = np.unique(groups, return_index=True)[1][groups]
        if (codes != codes[first]).any():
            raise StatsError(f"groups of {name} reach across clusters; give a coarser cluster")


def _bread(
    y: FloatArray,
    design: FloatArray,
    codes: IntArray,
    block: Callable[[IntArray], FloatArray],
    weights: FloatArray | None,
) -> Bread:
    """Weighted least squares by cluster."""
    order = np.argsort(codes, kind="stable")
    rows = tuple(np.split(order, np.cumsum(np.bincount(codes))[:-1]))
    x = tuple(design[at] for at in rows)
    working = tuple(block(at) for at in rows)
    try:
        for phi in working:
            np.linalg.cholesky(phi)
    except np.linalg.LinAlgError as error:
        raise StatsError("V is not positive definite: its rows have no finite weights") from error
    if weights is None:
        w = tuple(_inverse(phi) for phi in working)
    else:
        w = tuple(np.diag(weights[at]) for at in rows)
    half = tuple(a @ b for a, b in zip(w, x, strict=True))
    inverse = _inverse(np.asarray(sum(a.T @ b for a, b in zip(x, half, strict=True))))
    coef = inverse @ sum(a.T @ y[at] for a, at in zip(half, rows, strict=True))
    noise = sum(a.T @ phi @ a for a, phi in zip(half, working, strict=True))
    residuals = tuple(y[at] - a @ coef for at, a in zip(rows, x, strict=True))
    if max(float(np.abs(one).max()) for one in residuals) <= _EXACT * float(np.abs(y).max()):
        residuals = tuple(np.zeros(len(one)) for one in residuals)
    return Bread(rows, x, working, w, residuals, coef, inverse, np.asarray(noise))


def _why_missing(enough: bool, covariance: FloatArray) -> str:
    """Why there is no robust variance; empty where there is one."""
    if not enough:
        return "too few clusters for the coefficients: no robust variance"
    if not np.any(covariance):
        return "the model fits the effects exactly: no robust variance"
    return ""


def _report(coef: FloatArray, meat: Sandwich, kept: BoolArray, options: _Options) -> RobustFit:
    """Tests of the coefficients."""
    p, m = len(coef), len(meat.own)
    df = np.full(p, np.nan)
    if options.test != "z":
        df = meat.satterthwaite() if options.test == "satterthwaite" else np.full(p, float(m - p))
        df = np.where(np.isnan(df), 0.0, df)
    enough = m > p  # else a cluster may identify a coefficient alone, and nothing tells its spread
    covariance = meat.covariance if enough else meat.covariance * np.nan
    tests = coefficient_tests(coef, covariance, df, options.level)
    only_mean = options.intercept and p == 1
    columns = {
        "coef": coef,
        "se": tests.se,
        "statistic": tests.statistic,
        "df": df,
        "p_value": tests.p_value,
        "ci_lb": tests.ci_lb,
        "ci_ub": tests.ci_ub,
    }
    found: dict[str, Any] = {name: one[0] if only_mean else one for name, one in columns.items()}
    fit = RobustFit(
        **found,
        covariance=covariance,
        qm=np.nan,
        qm_df=0,
        qm_df2=np.nan,
        qm_pvalue=np.nan,
        k=int(kept.sum()),
        n_clusters=m,
        rows=kept,
        reason=_why_missing(enough, covariance),
        type=options.type,
        test=options.test,
        level=options.level,
        meat=meat,
    )
    if not enough:
        return fit
    joint = robust_test(fit, np.eye(p)[options.intercept and not only_mean :])
    return replace(
        fit,
        qm=joint.statistic,
        qm_df=joint.df,
        qm_df2=joint.df2,
        qm_pvalue=joint.p_value,
    )
