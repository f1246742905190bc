"""What a multilevel fit reports, in the units of the effects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evsyn.errors import StatsError
from evsyn.stats._arrays import FloatArray, chosen, float_array
from evsyn.stats._special import chdtrc
from evsyn.stats.models.ascent import Maximum
from evsyn.stats.models.dependent_rows import MixedModel
from evsyn.stats.models.heterogeneity_shares import fixed_fit, shares
from evsyn.stats.models.mixed_design import RandomPart
from evsyn.stats.models.mixed_likelihood import weighted
from evsyn.stats.models.wald import coefficient_tests, joint_test

__all__ = [
    "Fitted",
    "coefficients",
    "criteria",
    "degrees_of_freedom",
    "group_counts",
    "heterogeneity",
    "variances",
    "why_missing",
]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model at its maximum.

    Attributes
    ----------
    model : MixedModel
        Data and structure.
    found : Maximum
        Parameters, in the model's unit.
    part : RandomPart
        Names of groups and levels.
    design : ndarray, shape (k, p)
        Design as given.
    """

    model: MixedModel
    found: Maximum
    part: RandomPart
    design: FloatArray


def degrees_of_freedom(fitted: Fitted, test: str, dfs: str | ArrayLike) -> FloatArray:
    """Degrees of freedom of each coefficient; ``nan`` for z.

    Raises
    ------
    StatsError
        If ``dfs`` is neither a known word nor a number above 0 for each coefficient.
    """
    model, design = fitted.model, fitted.design
    k, p = design.shape
    if test == "z":
        return np.full(p, np.nan)
    if isinstance(dfs, str):
        chosen("dfs", dfs, ("residual", "contain"))
        df = np.full(p, float(k - p))
        groupings = [*model.intercepts, *([] if model.outer is None else [model.outer])]
        for codes in groupings if dfs == "contain" else ():
            first = np.unique(codes, return_index=True)[1][codes]
            between = (design == design[first]).all(axis=0)
            df = np.where(between, np.minimum(df, codes.max() + 1 - p), df)
        return df
    given = float_array("dfs", dfs)
    if given.shape not in ((), (p,)) or not (given > 0).all():
        raise StatsError(f"dfs={dfs!r}; give residual, contain, or {p} numbers above 0")
    return np.full(p, given)


def coefficients(fitted: Fitted, df: FloatArray, level: float, intercept: bool) -> dict[str, Any]:
    """Coefficients of the design as given, their tests and the prediction limits."""
    model = fitted.model
    fit = weighted(model, fitted.found.theta)
    back = np.linalg.inv(model.triangle)
    coef = model.scale * (back @ fit.coef)
    covariance = model.scale**2 * (back @ fit.covariance @ back.T)
    tests = coefficient_tests(coef, covariance, df, level)
    only_mean = intercept and len(coef) == 1
    tested = slice(1, None) if intercept and not only_mean else slice(None)
    joint = joint_test(coef[tested], covariance[tested, tested], float(df[tested].min()))
    columns = {
        "coef": coef,
        "se": tests.se,
        "statistic": tests.statistic,
        "df": df,
        "p_value": tests.p_value,
        "ci_lb": tests.ci_lb,
        "ci_ub": tests.ci_ub,
    }
    found: dict[str, Any] = {
        name: column[0] if only_mean else column for name, column in columns.items()
    }
    found["covariance"] = covariance
    found["qm"], found["qm_df"] = joint.statistic, joint.df
    found["qm_df2"], found["qm_pvalue"] = joint.df2, joint.p_value
    between = variances(fitted)
    half = np.nan
    if only_mean and len(between["tau2"]) < 2:
        total = float(between["sigma2"].sum() + between["tau2"].sum())
        half = float(tests.quantile[0] * np.sqrt(covariance[0, 0] + total))
    found["pi_lb"], found["pi_ub"] = float(coef[0] - half), float(coef[0] + half)
    return found


def variances(fitted: Fitted) -> dict[str, Any]:
    """Variances and correlations in the units of the effects."""
    model, theta = fitted.model, fitted.found.theta
    count, unit = len(model.intercepts), model.scale**2
    if model.structure is None:
        nothing = np.zeros(0)
        g, tau2, rho = np.zeros((0, 0)), nothing, nothing
    else:
        own = theta[count:]
        g = unit * model.structure.matrix(own)
        tau2, rho = unit * model.structure.natural_tau2(own), model.structure.natural_rho(own)
    return {"sigma2": unit * theta[:count], "tau2": tau2, "rho": rho, "g": g}


def heterogeneity(fitted: Fitted) -> dict[str, Any]:
    """Q and I²."""
    model, theta = fitted.model, fitted.found.theta
    k, p = fitted.design.shape
    count = len(model.intercepts)
    fixed = fixed_fit(model)
    structure = model.structure
    tau2 = np.zeros(0) if structure is None else structure.natural_tau2(theta[count:])
    i2, i2_total = shares(model, fixed, theta[:count], tau2)
    q_pvalue = float(chdtrc(k - p, fixed.q)) if k > p else 1.0
    return {
        "q": fixed.q,
        "q_df": k - p,
        "q_pvalue": q_pvalue if np.isfinite(fixed.q) else np.nan,
        "i2": i2,
        "i2_total": i2_total,
    }


def criteria(fitted: Fitted) -> dict[str, Any]:
    """Log likelihood in the units of the effects, AIC and BIC."""
    model = fitted.model
    k, p = fitted.design.shape
    size = k - p if model.restricted else k
    value = fitted.found.at.value - size * np.log(model.scale)
    parameters = p + len(fitted.found.theta) - int(model.held.sum())
    bic = -2.0 * value + parameters * np.log(size) if size > 0 else np.nan
    return {
        "log_likelihood": float(value),
        "aic": float(-2.0 * value + 2.0 * parameters),
        "bic": float(bic),
    }


def group_counts(fitted: Fitted) -> tuple[int, ...]:
    """Groups of each random intercept, then of the structure."""
    part = fitted.part
    codes = [*part.intercepts, *([] if part.outer is None else [part.outer])]
    return tuple(int(one.max()) + 1 for one in codes)


def why_missing(fitted: Fitted) -> str:
    """Why something could not be estimated; empty where all could."""
    model, reasons = fitted.model, []
    k, p = fitted.design.shape
    if k <= p:
        reasons.append(f"{k} rows for {p} coefficients leave no variance to estimate: held at 0")
    else:
        for name, held in zip(fitted.part.names, model.held, strict=True):
            if held:
                reasons.append(f"{name} has one group: its variance is held at 0")
    if np.isnan(variances(fitted)["rho"]).any():
        reasons.append("a variance is 0: no correlation with it")
    if not fitted.found.converged:
        reasons.append("the likelihood has no maximum that could be reached")
    return "; ".join(reasons)
