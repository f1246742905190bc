"""Meta-regression: effect sizes that depend on moderators of their studies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evsyn.errors import StatsError
from evsyn.literals import PoolMethodName, PoolTest, choices
from evsyn.stats._arrays import (
    BoolArray,
    FloatArray,
    TextArray,
    checked_level,
    chosen,
    float_array,
    reasons,
    unwrapped,
)
from evsyn.stats._special import chdtrc, fdtrc, ndtr, stdtr
from evsyn.stats.pooling._coefficients import coefficients, omnibus, omnibus_test, studywise, wald
from evsyn.stats.pooling._design import (
    Orthonormal,
    collinear,
    contrasts_of,
    design_columns,
    orthonormal,
)
from evsyn.stats.pooling._fitted import fitted, traces, weighted
from evsyn.stats.pooling._regressed import EXACT, Model, Remainder, regressed
from evsyn.stats.pooling._residual_tau2 import residual_tau2
from evsyn.stats.pooling._shown import bounded, regression_text
from evsyn.stats.pooling.between_studies import solve_many, solve_one
from evsyn.stats.pooling.studies import TINY, VANISHING, Studies, study_columns

__all__ = ["MetaRegression", "meta_regression"]

METHODS = choices(PoolMethodName)
TESTS = choices(PoolTest)
CHUNK = 200_000  # elements of the largest array of designs worked on at a time
NOTHING = 1e-30  # a variance below this, as a share of the scale of the data, stands for 0


@dataclass(frozen=True, slots=True)
class MetaRegression:
    """A meta-regression, or n of them side by side.

    For effect sizes of shape (k,) and one design the last axis of each shape below is missing.
    p counts the coefficients, the intercept among them, which comes first.

    Attributes
    ----------
    coef, se, statistic, p_value, ci_lb, ci_ub : ndarray, shape (p, n)
        Coefficients, standard errors, their ratios, two-sided p-values and confidence limits.
    covariance : ndarray, shape (p, p, n)
        Covariance of the coefficients, with the factor of the test.
    qm, qm_df, qm_df2, qm_pvalue : ndarray, shape (n,)
        Omnibus test of the moderators (without an intercept: of all coefficients): chi-square, or
        F with ``qm_df2`` denominator degrees of freedom where the test is not z.
    qe, qe_df, qe_pvalue : ndarray, shape (n,)
        Residual heterogeneity.
    tau2, tau2_se : ndarray, shape (n,)
        Residual between-study variance and its standard error.
    tau2_null : ndarray, shape (n,)
        The same for the same studies without moderators.
    i2, h2 : ndarray, shape (n,)
        I² in percent and H² of the residual heterogeneity.
    r2 : ndarray, shape (n,)
        Share of tau² that the moderators explain, percent; ``nan`` where there is nothing to
        explain, or no constant in the design.
    k : ndarray of int, shape (n,)
        Studies with effect size, variance and all moderators.
    fitted, residuals, hat : ndarray, shape (k, n)
        Fitted effects, what they leave, and leverages; ``nan`` for studies left out.
    converged : ndarray of bool, shape (n,)
        Whether the search for tau² ended at a root.
    n_modes : ndarray of int, shape (n,)
        Local maxima of the likelihood over tau²; the highest is given.
    reason : ndarray of str, shape (n,)
        Why values are missing; empty where none is.
    method, test : str
        Estimator of tau² (``EE`` whichever of its names was given) and test.
    level : float
        Confidence level.
    """

    coef: FloatArray
    se: FloatArray
    ci_lb: FloatArray
    ci_ub: FloatArray
    covariance: FloatArray
    qe: FloatArray
    qe_df: FloatArray
    tau2: FloatArray
    tau2_se: FloatArray
    i2: FloatArray
    h2: FloatArray
    k: NDArray[np.intp]
    converged: BoolArray
    n_modes: NDArray[np.intp]
    method: str
    test: str
    level: float
    _intercept: bool = field(repr=False)
    _rest: dict[str, Any] | Remainder = field(repr=False, compare=False)

    @property
    def statistic(self) -> FloatArray:
        """Coefficients over their standard errors."""
        return self.coef / self.se

    @property
    def p_value(self) -> FloatArray:
        """Two-sided p-values of the coefficients."""
        below = -np.abs(self.statistic)
        return np.asarray(2.0 * (ndtr(below) if self.test == "z" else stdtr(self.qe_df, below)))

    @property
    def qe_pvalue(self) -> FloatArray:
        """p-value of the residual heterogeneity."""
        return np.asarray(chdtrc(self.qe_df, self.qe))[()]

    @property
    def qm(self) -> FloatArray:
        """Omnibus statistic: chi-square, or F where the test is not z."""
        return np.asarray(self._rest["qm"])[()]

    @property
    def qm_df(self) -> FloatArray:
        """Coefficients tested at once."""
        return np.where(np.isnan(self.qe_df), np.nan, len(self.coef) - self._intercept)[()]

    @property
    def qm_df2(self) -> FloatArray:
        """Denominator degrees of freedom of F; ``nan`` for chi-square."""
        return self.qe_df * np.nan if self.test == "z" else self.qe_df

    @property
    def qm_pvalue(self) -> FloatArray:
        """p-value of the omnibus test."""
        many = np.maximum(self.qm_df, 1.0)
        found = chdtrc(many, self.qm) if self.test == "z" else fdtrc(many, self.qe_df, self.qm)
        return np.asarray(found)[()]

    @property
    def tau2_null(self) -> FloatArray:
        """Between-study variance of the same studies without moderators."""
        return np.asarray(self._rest["tau2_null"])[()]

    @property
    def r2(self) -> FloatArray:
        """Share of tau² that the moderators explain, percent; ``nan`` where there is none."""
        return np.asarray(self._rest["r2"])[()]

    @property
    def fitted(self) -> FloatArray:
        """Fitted effects."""
        return np.asarray(self._rest["fitted"])

    @property
    def residuals(self) -> FloatArray:
        """What the fitted effects leave."""
        return np.asarray(self._rest["residuals"])

    @property
    def hat(self) -> FloatArray:
        """Leverages."""
        return np.asarray(self._rest["hat"])

    @property
    def reason(self) -> TextArray:
        """Why values are missing; empty where none is."""
        text: TextArray = self._rest["reason"]
        return text

    def __str__(self) -> str:
        return regression_text(self, self._intercept)

    def __repr__(self) -> str:
        return bounded(self)


@dataclass(frozen=True, slots=True)
class _Data:
    """Studies with all they need: arrays of shapes (k, n) and (k, p, n)."""

    yi: FloatArray
    vi: FloatArray
    design: FloatArray
    present: BoolArray


def meta_regression(
    yi: ArrayLike,
    vi: ArrayLike,
    mods: ArrayLike,
    *,
    method: PoolMethodName = "REML",
    test: PoolTest = "knha",
    level: float = 0.95,
    intercept: bool = True,
) -> MetaRegression:
    """Regress effect sizes on moderators, with residual heterogeneity between studies.

    Parameters
    ----------
    yi, vi : array_like, shape (k,) or (k, n)
        Effect sizes, ratios on the log scale, and sampling variances; with (k, n), n
        meta-analyses at once. ``nan`` marks an absent study.
    mods : array_like, shape (k,), (k, p) or (k, p, n)
        Moderators, numbers; groups as columns of 0 and 1, one fewer than there are groups. The
        third axis gives each analysis a design of its own. A study with a missing moderator
        (``nan``) is left out of the analysis that needs it; ``k`` counts the rest.
    method : {"REML", "EE", "DL", "HE", "HS", "SJ", "PM", "ML", "EB"}, default "REML"
        Estimator of the residual between-study variance; ``EE``, also ``FE`` and ``CE``, has none.
    test : {"z", "knha", "adhoc"}, default "knha"
        Normal; Knapp-Hartung, with t on k - p and F; or Knapp-Hartung with a factor of at least 1.
    level : float, default 0.95
        Confidence level.
    intercept : bool, default True
        Whether a column of ones is put before the moderators.

    Returns
    -------
    MetaRegression
        Numbers and arrays without the last axis for input of shape (k,) and one design. With no
        more studies than coefficients, or with moderators that are collinear among the studies
        present in a column, all is ``nan`` with a reason.

    Raises
    ------
    StatsError
        If shapes do not fit, an effect or moderator is infinite, a variance is negative, an option
        is unknown, or the design is collinear in every analysis; the message names the columns.

    Notes
    -----
    With ``W`` the diagonal of ``1 / (vi + tau²)`` the coefficients are ``(X'WX)^-1 X'W y`` with
    covariance ``(X'WX)^-1`` [1]_, for Knapp-Hartung times ``y'P y / (k - p)``,
    ``P = W - WX (X'WX)^-1 X'W`` [2]_. The likelihoods (ML, REML) are taken at their highest
    maximum, proved to be so. ``i2 = tau² / (tau² + (k - p) / tr P)`` with P at tau² = 0 [3]_, for
    EE ``1 - (k - p) / qe``; ``r2 = 1 - tau² / tau2_null``, not below 0 [4]_, for EE one less the
    ratio of ``Q / df`` with and without moderators. SJ starts from the variance of the effects
    about their mean; HS is ``(qe - k) / sum w``. Residuals are assumed normal and independent
    between studies; ten studies a moderator are a common rule, and moderators that differ between
    studies prove no cause.

    References
    ----------
    .. [1] C. S. Berkey, D. C. Hoaglin, F. Mosteller, G. A. Colditz, "A random-effects regression
       model for meta-analysis", Stat Med 14 (1995) 395-411.
    .. [2] G. Knapp, J. Hartung, "Improved tests for a random effects meta-regression with a
       single covariate", Stat Med 22 (2003) 2693-2710.
    .. [3] J. P. T. Higgins, S. G. Thompson, "Quantifying heterogeneity in a meta-analysis",
       Stat Med 21 (2002) 1539-1558.
    .. [4] S. W. Raudenbush, "Analyzing effect sizes: random-effects models", in The handbook of
       research synthesis and meta-analysis, 2nd ed. (2009) 295-315.

    Examples
    --------
    Log risk ratios of tuberculosis in 13 trials of BCG vaccine, and their latitudes (Berkey et
    al. 1995, table I):

    >>> yi = [-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209, 0.0120, -0.4694]
    >>> yi += [-1.3713, -0.3394, 0.4459, -0.0173]
    >>> vi = [0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230, 0.0040, 0.0564]
    >>> vi += [0.0730, 0.0124, 0.5325, 0.0714]
    >>> latitude = [44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33]
    >>> fit = meta_regression(yi, vi, latitude, test="z")
    >>> fit.coef.round(3), fit.se.round(3)
    (array([ 0.251, -0.029]), array([0.249, 0.007]))
    """
    chosen("method", method, METHODS)
    chosen("test", test, TESTS)
    name = "EE" if method in ("FE", "CE") else method
    model = Model(name, test, checked_level(level), intercept)
    studies = study_columns(yi, vi)
    if studies.single and studies.regular:
        one = _plainly(studies, mods, model)
        if one is not None:
            return one
    several = np.ndim(mods) == 3 and studies.single
    shape = (studies.yi.shape[0], np.shape(mods)[2] if several else studies.yi.shape[1])
    design, names = design_columns(mods, shape, intercept=intercept)
    complete = np.broadcast_to(np.isfinite(design).all(axis=1), shape)
    data = _Data(
        np.broadcast_to(studies.yi, shape),
        np.broadcast_to(studies.vi, shape),
        np.broadcast_to(design, (shape[0], len(names), shape[1])),
        studies.present & complete,
    )
    parts = _chunks(model, data, names)
    if studies.single and not several:
        parts = {key: unwrapped(values[..., 0]) for key, values in parts.items()}
    rest = {key: parts.pop(key) for key in _LATER}
    return MetaRegression(
        **parts, method=name, test=test, level=model.level, _intercept=intercept, _rest=rest
    )


_LATER = ("qm", "tau2_null", "r2", "fitted", "residuals", "hat", "reason")


def _plainly(studies: Studies, mods: ArrayLike, model: Model) -> MetaRegression | None:
    """One analysis of complete studies in plain numbers; ``None`` where arrays are safer."""
    moderators, k = float_array("mods", mods, may_be_empty=True), studies.yi.shape[0]
    if moderators.ndim == 1:
        moderators = moderators[:, None]
    if not moderators.size or moderators.ndim != 2 or moderators.shape[0] != k:
        return None
    design = np.empty((k, model.intercept + moderators.shape[1]))
    design[:, :1] = 1.0
    design[:, int(model.intercept) :] = moderators
    with np.errstate(all="ignore"):
        found = regressed(studies.yi[:, 0], studies.vi[:, 0], design, model)
    return None if found is None else MetaRegression(*found)


def _chunks(model: Model, data: _Data, names: tuple[str, ...]) -> dict[str, Any]:
    """Fit the analyses, so many at a time as fit in fast memory."""
    k, p, n = data.design.shape
    width = max(1, CHUNK // max(1, k * (p + 1)))
    parts = []
    unranked: list[str] = []
    for start in range(0, max(n, 1), width):
        at = slice(start, start + width)
        part = _Data(data.yi[:, at], data.vi[:, at], data.design[..., at], data.present[:, at])
        parts.append(_fit(model, part, names, unranked))
    count = parts[0]["k"] if len(parts) == 1 else np.concatenate([part["k"] for part in parts])
    if unranked and n and np.sum(count > p) == len(unranked):
        raise StatsError(f"the design is collinear: {unranked[0]}; leave one of them out")
    if len(parts) == 1:
        return parts[0]
    return {key: np.concatenate([part[key] for part in parts], axis=-1) for key in parts[0]}


def _fit(model: Model, data: _Data, names: tuple[str, ...], unranked: list[str]) -> dict[str, Any]:
    """Fit analyses side by side; those that cannot be are ``nan``."""
    design = orthonormal(data.design, data.present)
    count = data.present.sum(axis=0)
    p, n = len(names), count.size
    enough = count > p
    flat = enough & ~design.full_rank
    for column in np.flatnonzero(flat):
        unranked.append("" if unranked else collinear(design, names, data.design, int(column)))
    good = np.flatnonzero(enough & ~flat)
    if good.size < n:
        found = _solved(model, _taken(data, good), design.taken(good))
    else:
        found = _solved(model, data, design)
    result = {key: _spread(values, good, n) for key, values in found.items()}
    for key in ("fitted", "residuals", "hat"):
        result[key] = np.where(data.present, result[key], np.nan)
    result["k"] = count
    result["converged"] = np.where(np.isin(np.arange(n), good), result["converged"], True)
    result["converged"] = result["converged"].astype(np.bool_)
    result["n_modes"] = np.nan_to_num(result["n_modes"]).astype(np.intp)
    result["reason"] = reasons(
        (n,),
        (count == 0, "no study with an effect size, a variance and all moderators"),
        (~enough, f"no more studies than the {p} coefficients"),
        (flat, "the moderators are collinear among the studies present"),
        (
            np.isnan(result["se"]).any(axis=0) & (data.vi == 0).any(axis=0),
            "variances of 0 fix a coefficient: it has no standard error",
        ),
        (
            np.isnan(result["se"]).any(axis=0),
            "the effects are fitted exactly: Knapp-Hartung gives no standard error",
        ),
    )
    return result


def _solved(model: Model, data: _Data, design: Orthonormal) -> dict[str, Any]:
    """Everything about designs of full rank."""
    yi = np.where(data.present, data.yi, 0.0)
    vi = np.where(data.present, data.vi, np.inf)
    studies = contrasts_of(yi, vi, design.z)
    null = _without_moderators(model, yi, vi, studies.scale)
    square = studies.scale**2
    found = residual_tau2(studies, model.method, null["spread"])
    at, plain = weighted(studies, found.tau2), weighted(studies, 0.0)
    fit, q = fitted(studies, at), fitted(studies, plain).rss
    df = studies.k - design.z.shape[1]
    factor = np.ones(df.shape) if model.test == "z" else fit.rss / df
    factor = np.maximum(factor, 1.0) if model.test == "adhoc" else factor
    t_df = np.full(df.shape, np.nan) if model.test == "z" else df
    solved = coefficients(studies, design, at, fit, intercept=model.intercept)
    covariance = _known(solved.covariance * factor, design, square, (vi == 0).any(axis=0))
    typical = df / traces(studies, plain).tr
    tested = omnibus_test(omnibus(studies, at, fit, t_df, intercept=model.intercept), factor)
    constant = np.abs((design.z.sum(axis=0) ** 2).sum(axis=0) - studies.k) < 1e-8 * studies.k
    return {
        "coef": solved.own,
        **wald(solved.own, covariance, t_df, model.level),
        "covariance": covariance,
        "qm": tested["qm"],
        "qe": np.where(q > EXACT, np.inf, q),
        "qe_df": df,
        "tau2": found.tau2 * square,
        "tau2_se": found.se * square,
        "tau2_null": null["tau2"] * square,
        **_shares(model, (found.tau2, null["tau2"]), typical, (q / df, null["h2"]), constant),
        **studywise(studies, at, fit)._asdict(),
        "converged": found.converged,
        "n_modes": found.n_modes,
    }


def _known(
    covariance: FloatArray, design: Orthonormal, square: FloatArray, exact: BoolArray
) -> FloatArray:
    """Covariance, 0 for coefficients that variances of 0 fix: these are small numbers inside."""
    if not exact.any():
        return covariance
    size = np.einsum("aan->an", covariance) * (design.r**2).sum(axis=0)
    fixed = exact & (size < NOTHING * square)
    return np.where(fixed | fixed[:, None], 0.0, covariance)


def _without_moderators(
    model: Model, yi: FloatArray, vi: FloatArray, scale: FloatArray
) -> dict[str, FloatArray]:
    """Tau², H² from Q and mean square of the same studies without moderators, as scaled."""
    n = yi.shape[1]
    if not n:
        return dict.fromkeys(("tau2", "h2", "spread"), np.empty(0))
    same = n > 1 and not ((yi != yi[:, :1]) | (vi != vi[:, :1])).any()
    at = slice(0, 1) if same else slice(None)
    present = np.isfinite(vi[:, at])
    k = present.sum(axis=0).astype(np.float64)
    first = yi[present.argmax(axis=0), np.arange(k.size)]
    y = np.where(present, yi[:, at] - first, 0.0) / scale[at]
    v = vi[:, at] / scale[at] ** 2
    v = np.where(v < VANISHING, 0.0, v)
    with np.errstate(all="ignore"):
        if k.size == 1 and present.all() and v.min() > TINY:
            fit = solve_one(y[:, 0], v[:, 0], model.method)
        else:
            fit = solve_many(y, v, k, model.method)
    centred = np.where(present, y - y.sum(axis=0) / k, 0.0)
    values = {
        "tau2": np.asarray(fit.tau2),
        "h2": np.asarray(fit.q) / (k - 1.0),
        "spread": (centred * centred).sum(axis=0) / k,
    }
    return {key: np.broadcast_to(value, (n,)) for key, value in values.items()}


def _shares(
    model: Model,
    tau2: tuple[FloatArray, FloatArray],
    typical: FloatArray,
    h2: tuple[FloatArray, FloatArray],
    constant: BoolArray,
) -> dict[str, FloatArray]:
    """I², H² and R²: from tau², with and without moderators, or from Q for a common effect."""
    after, before = h2 if model.method == "EE" else tau2
    ratio = after / np.where(before > 0, before, np.nan)
    r2 = np.where(constant, 100.0 * np.maximum(0.0, 1.0 - ratio), np.nan)
    if model.method == "EE":
        i2 = 100.0 * np.maximum(0.0, 1.0 - 1.0 / np.where(after > 0, after, 1.0))
        return {"i2": i2, "h2": after, "r2": r2}
    return {"i2": 100.0 * after / (typical + after), "h2": 1.0 + after / typical, "r2": r2}


def _taken(data: _Data, at: NDArray[np.intp]) -> _Data:
    """Some of the analyses."""
    return _Data(data.yi[:, at], data.vi[:, at], data.design[..., at], data.present[:, at])


def _spread(values: NDArray[Any], good: NDArray[np.intp], n: int) -> NDArray[Any]:
    """Put results in their columns; ``nan`` in the others."""
    if good.size == n:
        return values
    result = np.full((*values.shape[:-1], n), np.nan)
    result[..., good] = values
    return result
